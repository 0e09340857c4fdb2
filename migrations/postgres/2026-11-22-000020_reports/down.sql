DROP INDEX events_returned;
DROP INDEX initiatives_sums;
DROP INDEX initiatives_weight;
DROP INDEX responsibilities_open;
CREATE INDEX responsibilities_open ON responsibilities (province_id, due_on, id) WHERE "open";
DROP INDEX responsibilities_word;
DROP INDEX responsibilities_live;
