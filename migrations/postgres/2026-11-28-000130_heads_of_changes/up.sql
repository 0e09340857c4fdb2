-- The last sealed change of the register, by which answers are remembered: one row by its key, where an index of all changes was asked,
-- which the planner left aside while it knew a small table.
ALTER TABLE event_heads ADD COLUMN register_seq BIGINT;
ALTER TABLE event_heads ADD COLUMN register_hash TEXT;
UPDATE event_heads SET (register_seq, register_hash) =
  (SELECT seq, hash FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1);
DROP INDEX events_register;
