ALTER TABLE event_heads ADD COLUMN register_seq BIGINT;
ALTER TABLE event_heads ADD COLUMN register_hash TEXT;
UPDATE event_heads SET (register_seq, register_hash) =
  (SELECT seq, hash FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1);
ALTER TABLE event_heads DROP COLUMN last_change_id;
ALTER TABLE event_heads DROP COLUMN changes;
