-- Which state the register is in, by which lists and reports are remembered: how many changes it has seen, and the greatest of their ids.
-- The place of the last change is no such name: what changes nothing, a login say, moves it when both are sealed. Nor is a number
-- alone, which a register that was restored from a copy reaches a second time.
ALTER TABLE event_heads ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event_heads ADD COLUMN last_change_id BLOB;
UPDATE event_heads SET
  changes = (SELECT count(*) FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL),
  last_change_id = (SELECT id FROM events WHERE events.province_id = event_heads.province_id AND register AND seq IS NOT NULL ORDER BY id DESC LIMIT 1);
ALTER TABLE event_heads DROP COLUMN register_seq;
ALTER TABLE event_heads DROP COLUMN register_hash;
