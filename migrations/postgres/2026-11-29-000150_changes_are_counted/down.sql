ALTER TABLE event_heads ADD COLUMN register_seq BIGINT;
UPDATE event_heads SET register_seq =
  (SELECT max(seq) FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL);
ALTER TABLE event_heads DROP COLUMN register_changes;
