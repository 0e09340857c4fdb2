-- Substring search (DESIGN §4, decision 9). A trusted extension: the owner of the database may make it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The tenants. Named exceptions to "every key has province_id" (DESIGN §4, decision 1):
-- provinces, signing_keys, login_failures.
CREATE TABLE provinces (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL CONSTRAINT "provinces.code_key" UNIQUE,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE signing_keys (
  kid TEXT NOT NULL PRIMARY KEY,
  public_key BYTEA NOT NULL,
  sealed_private_key BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  signs_from TIMESTAMPTZ NOT NULL
);
-- A failed login; `name` is "province/username" folded. Rows older than the window are dropped.
CREATE TABLE login_failures (
  id UUID NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  address TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_failures_by_name ON login_failures (name, at);
CREATE INDEX login_failures_by_at ON login_failures (at);
-- What `demo` began, so that it never touches a database that is somebody's own.
CREATE TABLE instance (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
