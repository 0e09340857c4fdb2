-- A file on its way into the register. A worker claims a job with a lease; whoever finds the lease run out takes it over.
CREATE TABLE imports (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  dataset TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('atomic','per_row')),
  dry_run INTEGER NOT NULL,
  calendar TEXT NOT NULL,
  format TEXT NOT NULL,
  request_id TEXT,
  bytes INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','running','succeeded','rejected','failed','cancelled')),
  attempts INTEGER NOT NULL,
  lease_owner BLOB,
  lease_until INTEGER,
  rows_total INTEGER,
  rows_done INTEGER NOT NULL,
  last_row INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  error_code TEXT,
  error_args TEXT,
  error_row INTEGER,
  started_at INTEGER,
  finished_at INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, id)
) STRICT;
CREATE INDEX imports_by_created ON imports (province_id, created_at, id);
CREATE INDEX imports_by_user ON imports (province_id, user_id, created_at);
CREATE INDEX imports_by_dataset ON imports (province_id, dataset, created_at);
CREATE INDEX imports_by_state ON imports (province_id, state, created_at);
CREATE INDEX imports_waiting ON imports (created_at) WHERE state IN ('queued','running');
CREATE INDEX imports_by_updated ON imports (province_id, updated_at, id);
CREATE INDEX imports_by_age ON imports (finished_at);

-- The file as it was sent. Written while it arrives, before its job is there: no foreign key. Removed when the job has ended.
CREATE TABLE import_chunks (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  import_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, import_id, number)
) STRICT;
CREATE INDEX import_chunks_by_age ON import_chunks (created_at);

-- The report, a batch of rows a row; kept 30 days.
CREATE TABLE import_batches (
  province_id INTEGER NOT NULL,
  import_id BLOB NOT NULL,
  first_row INTEGER NOT NULL,
  last_row INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  report TEXT NOT NULL,
  PRIMARY KEY (province_id, import_id, first_row),
  CONSTRAINT "import_batches.import_id" FOREIGN KEY (province_id, import_id) REFERENCES imports (province_id, id) ON DELETE CASCADE
) STRICT;
