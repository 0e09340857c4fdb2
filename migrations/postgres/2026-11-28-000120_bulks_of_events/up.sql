-- Nobody sees what an import has written before its end, and until then PostgreSQL would look at each of its events in vain whenever
-- somebody asks what waits to be sealed. So many events at once have one row that says where they are, and are in no index of what waits.
-- Until it is sealed, the bulk with which an event was written.
ALTER TABLE events ADD COLUMN bulk BIGINT;
DROP INDEX events_unsealed;
CREATE INDEX events_unsealed ON events (province_id, intake) WHERE seq IS NULL AND bulk IS NULL;
-- Without what waits, or it would be gone through for the very question that the index before is for.
DROP INDEX events_register;
CREATE INDEX events_register ON events (province_id, seq) WHERE register AND seq IS NOT NULL;
CREATE TABLE event_bulks (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  -- Its place in the sealer's order, before all of its events.
  intake BIGINT NOT NULL DEFAULT nextval('events_intake_seq'),
  -- The lowest and the highest id of its events.
  first_id UUID NOT NULL,
  last_id UUID NOT NULL,
  -- How many events it has, and how many of them change the register.
  events INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  actor_id UUID,
  PRIMARY KEY (province_id, intake)
);
-- Each event that is sealed leaves an entry in the index of what waits, which is gone through until somebody finds that nobody can see
-- it any more, or the table is vacuumed: by default when a fifth of it has changed, of a long record after years.
ALTER TABLE events SET (autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_scale_factor = 0.01, vacuum_index_cleanup = on);
