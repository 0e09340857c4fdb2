CREATE TABLE domains (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT,
  position INTEGER NOT NULL,
  active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "domains.code_key" UNIQUE (province_id, code_key),
  CONSTRAINT "domains.code" UNIQUE (province_id, code)
) STRICT;
CREATE INDEX domains_by_position ON domains (province_id, position, id);

CREATE TABLE agencies (
  row_no INTEGER PRIMARY KEY,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  name TEXT NOT NULL,
  name_sort BLOB NOT NULL,
  name_en TEXT,
  search_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('education','sport','health','labour','welfare','municipality','culture','charity','university','other')),
  phone TEXT,
  email TEXT,
  active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (province_id, id),
  CONSTRAINT "agencies.code_key" UNIQUE (province_id, code_key)
) STRICT;
CREATE INDEX agencies_by_name ON agencies (province_id, name_sort, id);
CREATE INDEX agencies_by_updated ON agencies (province_id, updated_at, id);
CREATE INDEX agencies_by_kind ON agencies (province_id, kind);
CREATE INDEX agencies_by_active ON agencies (province_id, active);
CREATE VIRTUAL TABLE agencies_search USING fts5 (search_key, content='agencies', content_rowid='row_no', tokenize='trigram');
CREATE TRIGGER agencies_search_insert AFTER INSERT ON agencies BEGIN
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER agencies_search_delete AFTER DELETE ON agencies BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER agencies_search_update AFTER UPDATE OF search_key ON agencies WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;

CREATE TABLE neighborhoods (
  row_no INTEGER PRIMARY KEY,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  name TEXT NOT NULL,
  name_sort BLOB NOT NULL,
  name_en TEXT,
  search_key TEXT NOT NULL,
  county TEXT,
  county_key TEXT,
  city TEXT NOT NULL,
  city_key TEXT NOT NULL,
  district TEXT,
  district_key TEXT,
  population INTEGER CHECK (population >= 0),
  population_order INTEGER NOT NULL,
  households INTEGER CHECK (households >= 0),
  profile_as_of TEXT,
  boundary TEXT,
  location TEXT,
  longitude REAL,
  latitude REAL,
  designation TEXT NOT NULL CHECK (designation IN ('none','model','expansion')),
  designated_on TEXT,
  closed_on TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (province_id, id),
  CONSTRAINT "neighborhoods.code_key" UNIQUE (province_id, code_key)
) STRICT;
CREATE INDEX neighborhoods_by_name ON neighborhoods (province_id, name_sort, id);
CREATE INDEX neighborhoods_by_population ON neighborhoods (province_id, population_order, id);
CREATE INDEX neighborhoods_by_updated ON neighborhoods (province_id, updated_at, id);
CREATE INDEX neighborhoods_by_city ON neighborhoods (province_id, city_key);
CREATE INDEX neighborhoods_by_county ON neighborhoods (province_id, county_key);
CREATE INDEX neighborhoods_by_district ON neighborhoods (province_id, district_key);
CREATE INDEX neighborhoods_by_designation ON neighborhoods (province_id, designation);
CREATE INDEX neighborhoods_by_closed ON neighborhoods (province_id, closed_on);
CREATE INDEX neighborhoods_by_location ON neighborhoods (province_id, longitude, latitude);
CREATE VIRTUAL TABLE neighborhoods_search USING fts5 (search_key, content='neighborhoods', content_rowid='row_no', tokenize='trigram');
CREATE TRIGGER neighborhoods_search_insert AFTER INSERT ON neighborhoods BEGIN
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER neighborhoods_search_delete AFTER DELETE ON neighborhoods BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER neighborhoods_search_update AFTER UPDATE OF search_key ON neighborhoods WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;

CREATE TABLE users (
  row_no INTEGER PRIMARY KEY,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL,
  display_name TEXT NOT NULL,
  search_key TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('province','agency','neighborhood_manager','viewer')),
  agency_id BLOB,
  active INTEGER NOT NULL,
  password_hash TEXT,
  must_change_password INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (province_id, id),
  CONSTRAINT "users.username_key" UNIQUE (province_id, username_key),
  CONSTRAINT "users.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id),
  CHECK ((role = 'agency') = (agency_id IS NOT NULL))
) STRICT;
CREATE INDEX users_by_updated ON users (province_id, updated_at, id);
CREATE INDEX users_by_role ON users (province_id, role, active);
CREATE INDEX users_by_agency ON users (province_id, agency_id);
CREATE INDEX users_by_active ON users (province_id, active);
CREATE VIRTUAL TABLE users_search USING fts5 (search_key, content='users', content_rowid='row_no', tokenize='trigram');
CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER users_search_update AFTER UPDATE OF search_key ON users WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;

CREATE TABLE mandates (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  neighborhood_id BLOB NOT NULL,
  order_no TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "mandates.user_id" FOREIGN KEY (province_id, user_id) REFERENCES users (province_id, id),
  CONSTRAINT "mandates.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CHECK (valid_to IS NULL OR valid_from <= valid_to)
) STRICT;
CREATE INDEX mandates_by_from ON mandates (province_id, valid_from, id);
CREATE INDEX mandates_by_user ON mandates (province_id, user_id, valid_from);
CREATE INDEX mandates_by_neighborhood ON mandates (province_id, neighborhood_id, valid_from);

-- A session is a family of refresh tokens; its id is the `sid` claim.
CREATE TABLE sessions (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "sessions.user_id" FOREIGN KEY (province_id, user_id) REFERENCES users (province_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_by_user ON sessions (province_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE refresh_tokens (
  province_id INTEGER NOT NULL,
  token_hash BLOB NOT NULL,
  session_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (province_id, token_hash),
  CONSTRAINT "refresh_tokens.session_id" FOREIGN KEY (province_id, session_id) REFERENCES sessions (province_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (province_id, session_id);

-- The finished answer to a request that carried an Idempotency-Key; kept 24 hours.
CREATE TABLE idempotency_keys (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  user_id BLOB NOT NULL,
  key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT "idempotency_keys.key" PRIMARY KEY (province_id, user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
