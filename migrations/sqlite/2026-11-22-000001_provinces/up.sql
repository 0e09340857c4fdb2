-- The tenants. Named exceptions to "every key has province_id" (DESIGN §4, decision 1):
-- provinces, signing_keys, login_failures.
CREATE TABLE provinces (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL CONSTRAINT "provinces.code_key" UNIQUE,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE signing_keys (
  kid TEXT NOT NULL PRIMARY KEY,
  public_key BLOB NOT NULL,
  sealed_private_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  signs_from INTEGER NOT NULL
) STRICT;
-- A failed login; `name` is "province/username" folded. Rows older than the window are dropped.
CREATE TABLE login_failures (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failures_by_name ON login_failures (name, at);
CREATE INDEX login_failures_by_at ON login_failures (at);
-- What `demo` began, so that it never touches a database that is somebody's own.
CREATE TABLE instance (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
