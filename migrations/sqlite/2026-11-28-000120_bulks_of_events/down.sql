DROP TABLE event_bulks;
DROP INDEX events_unsealed;
ALTER TABLE events DROP COLUMN bulk;
CREATE INDEX events_unsealed ON events (province_id, intake) WHERE seq IS NULL;
