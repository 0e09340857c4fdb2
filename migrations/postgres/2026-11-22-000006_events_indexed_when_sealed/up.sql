-- An event is read by these only once it is sealed: until then a write pays for none of them.
DROP INDEX events_by_resource;
DROP INDEX events_by_type;
DROP INDEX events_by_actor;
DROP INDEX events_by_action;
DROP INDEX events_by_at;
DROP INDEX events_by_user;
CREATE INDEX events_by_resource ON events (province_id, resource_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_type ON events (province_id, resource_type, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_actor ON events (province_id, actor_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_action ON events (province_id, action, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_at ON events (province_id, at) WHERE seq IS NOT NULL;
CREATE INDEX events_by_user ON events (province_id, user_id, seq) WHERE user_id IS NOT NULL AND seq IS NOT NULL;
