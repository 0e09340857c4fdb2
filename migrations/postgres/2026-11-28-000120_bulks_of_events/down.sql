ALTER TABLE events RESET (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, vacuum_index_cleanup);
DROP TABLE event_bulks;
DROP INDEX events_unsealed;
DROP INDEX events_register;
ALTER TABLE events DROP COLUMN bulk;
CREATE INDEX events_unsealed ON events (province_id, intake) WHERE seq IS NULL;
CREATE INDEX events_register ON events (province_id, seq) WHERE register;
