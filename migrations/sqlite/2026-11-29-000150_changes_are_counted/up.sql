-- How many changes the register has seen, by which reports are remembered. The place of the last one is no such number: what changes
-- nothing, a login say, moves it when both are sealed.
ALTER TABLE event_heads ADD COLUMN register_changes INTEGER NOT NULL DEFAULT 0;
UPDATE event_heads SET register_changes =
  (SELECT count(*) FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL);
ALTER TABLE event_heads DROP COLUMN register_seq;
