-- Append only. `intake` is the sealer's order; seq, prev_hash and hash are given when the event is sealed
-- (DESIGN §4). No foreign keys: an event outlives what it speaks of.
CREATE TABLE events (
  intake INTEGER PRIMARY KEY AUTOINCREMENT,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  seq INTEGER,
  at INTEGER NOT NULL,
  actor_id BLOB,
  actor_username TEXT,
  actor_display_name TEXT,
  role TEXT,
  action TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_id BLOB,
  version INTEGER,
  changes TEXT NOT NULL,
  reason TEXT,
  request_id TEXT,
  neighborhood_id BLOB,
  initiative_id BLOB,
  user_id BLOB,
  register INTEGER NOT NULL,
  prev_hash TEXT,
  hash TEXT,
  UNIQUE (province_id, id)
) STRICT;
CREATE UNIQUE INDEX "events.seq" ON events (province_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_unsealed ON events (province_id, intake) WHERE seq IS NULL;
CREATE INDEX events_register ON events (province_id, seq) WHERE register;
CREATE INDEX events_by_resource ON events (province_id, resource_id, seq);
CREATE INDEX events_by_type ON events (province_id, resource_type, seq);
CREATE INDEX events_by_actor ON events (province_id, actor_id, seq);
CREATE INDEX events_by_action ON events (province_id, action, seq);
CREATE INDEX events_by_at ON events (province_id, at);
CREATE INDEX events_by_user ON events (province_id, user_id, seq) WHERE user_id IS NOT NULL;

CREATE TABLE event_heads (
  province_id INTEGER NOT NULL PRIMARY KEY REFERENCES provinces (id),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
