CREATE INDEX events_register ON events (province_id, seq) WHERE register AND seq IS NOT NULL;
ALTER TABLE event_heads DROP COLUMN register_hash;
ALTER TABLE event_heads DROP COLUMN register_seq;
