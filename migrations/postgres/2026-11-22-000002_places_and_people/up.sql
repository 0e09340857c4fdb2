CREATE TABLE domains (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT,
  position INTEGER NOT NULL,
  active BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "domains.code_key" UNIQUE (province_id, code_key),
  CONSTRAINT "domains.code" UNIQUE (province_id, code)
);
CREATE INDEX domains_by_position ON domains (province_id, position, id);

CREATE TABLE agencies (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  name_sort BYTEA NOT NULL,
  name_en TEXT,
  search_key TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('education','sport','health','labour','welfare','municipality','culture','charity','university','other')),
  phone TEXT,
  email TEXT,
  active BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "agencies.code_key" UNIQUE (province_id, code_key)
);
CREATE INDEX agencies_by_name ON agencies (province_id, name_sort, id);
CREATE INDEX agencies_by_updated ON agencies (province_id, updated_at, id);
CREATE INDEX agencies_by_kind ON agencies (province_id, kind);
CREATE INDEX agencies_by_active ON agencies (province_id, active);
CREATE INDEX agencies_search ON agencies USING gin (search_key gin_trgm_ops);

CREATE TABLE neighborhoods (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  name_sort BYTEA NOT NULL,
  name_en TEXT,
  search_key TEXT COLLATE "C" NOT NULL,
  county TEXT,
  county_key TEXT COLLATE "C",
  city TEXT NOT NULL,
  city_key TEXT COLLATE "C" NOT NULL,
  district TEXT,
  district_key TEXT COLLATE "C",
  population BIGINT CHECK (population >= 0),
  population_order BIGINT NOT NULL,
  households BIGINT CHECK (households >= 0),
  profile_as_of DATE,
  boundary JSONB,
  location JSONB,
  longitude DOUBLE PRECISION,
  latitude DOUBLE PRECISION,
  designation TEXT NOT NULL CHECK (designation IN ('none','model','expansion')),
  designated_on DATE,
  closed_on DATE,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "neighborhoods.code_key" UNIQUE (province_id, code_key)
);
CREATE INDEX neighborhoods_by_name ON neighborhoods (province_id, name_sort, id);
CREATE INDEX neighborhoods_by_population ON neighborhoods (province_id, population_order, id);
CREATE INDEX neighborhoods_by_updated ON neighborhoods (province_id, updated_at, id);
CREATE INDEX neighborhoods_by_city ON neighborhoods (province_id, city_key);
CREATE INDEX neighborhoods_by_county ON neighborhoods (province_id, county_key);
CREATE INDEX neighborhoods_by_district ON neighborhoods (province_id, district_key);
CREATE INDEX neighborhoods_by_designation ON neighborhoods (province_id, designation);
CREATE INDEX neighborhoods_by_closed ON neighborhoods (province_id, closed_on);
CREATE INDEX neighborhoods_by_location ON neighborhoods (province_id, longitude, latitude);
CREATE INDEX neighborhoods_search ON neighborhoods USING gin (search_key gin_trgm_ops);

CREATE TABLE users (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  username TEXT NOT NULL,
  username_key TEXT COLLATE "C" NOT NULL,
  display_name TEXT NOT NULL,
  search_key TEXT COLLATE "C" NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('province','agency','neighborhood_manager','viewer')),
  agency_id UUID,
  active BOOLEAN NOT NULL,
  password_hash TEXT,
  must_change_password BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "users.username_key" UNIQUE (province_id, username_key),
  CONSTRAINT "users.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id),
  CHECK ((role = 'agency') = (agency_id IS NOT NULL))
);
CREATE INDEX users_by_updated ON users (province_id, updated_at, id);
CREATE INDEX users_by_role ON users (province_id, role, active);
CREATE INDEX users_by_agency ON users (province_id, agency_id);
CREATE INDEX users_by_active ON users (province_id, active);
CREATE INDEX users_search ON users USING gin (search_key gin_trgm_ops);

CREATE TABLE mandates (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  neighborhood_id UUID NOT NULL,
  order_no TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "mandates.user_id" FOREIGN KEY (province_id, user_id) REFERENCES users (province_id, id),
  CONSTRAINT "mandates.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX mandates_by_from ON mandates (province_id, valid_from, id);
CREATE INDEX mandates_by_user ON mandates (province_id, user_id, valid_from);
CREATE INDEX mandates_by_neighborhood ON mandates (province_id, neighborhood_id, valid_from);

-- A session is a family of refresh tokens; its id is the `sid` claim.
CREATE TABLE sessions (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  revoked_at TIMESTAMPTZ,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "sessions.user_id" FOREIGN KEY (province_id, user_id) REFERENCES users (province_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (province_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE refresh_tokens (
  province_id INTEGER NOT NULL,
  token_hash BYTEA NOT NULL,
  session_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ,
  PRIMARY KEY (province_id, token_hash),
  CONSTRAINT "refresh_tokens.session_id" FOREIGN KEY (province_id, session_id) REFERENCES sessions (province_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (province_id, session_id);

-- The finished answer to a request that carried an Idempotency-Key; kept 24 hours.
CREATE TABLE idempotency_keys (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  user_id UUID NOT NULL,
  key TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  CONSTRAINT "idempotency_keys.key" PRIMARY KEY (province_id, user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
