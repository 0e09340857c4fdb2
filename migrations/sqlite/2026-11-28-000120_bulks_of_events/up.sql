-- As on PostgreSQL, so that a register can be copied; here nothing is written in bulk, since nobody meets what is not committed.
-- Until it is sealed, the bulk with which an event was written.
ALTER TABLE events ADD COLUMN bulk INTEGER;
DROP INDEX events_unsealed;
CREATE INDEX events_unsealed ON events (province_id, intake) WHERE seq IS NULL AND bulk IS NULL;
-- Without what waits, or it would be gone through for the very question that the index before is for.
DROP INDEX events_register;
CREATE INDEX events_register ON events (province_id, seq) WHERE register AND seq IS NOT NULL;
CREATE TABLE event_bulks (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  intake INTEGER NOT NULL,
  first_id BLOB NOT NULL,
  last_id BLOB NOT NULL,
  events INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  actor_id BLOB,
  PRIMARY KEY (province_id, intake)
) STRICT;
