-- A file on its way into the register. A worker claims a job with a lease; whoever finds the lease run out takes it over.
CREATE TABLE imports (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('atomic','per_row')),
  dry_run BOOLEAN NOT NULL,
  calendar TEXT COLLATE "C" NOT NULL,
  format TEXT COLLATE "C" NOT NULL,
  request_id TEXT,
  bytes BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued','running','succeeded','rejected','failed','cancelled')),
  attempts INTEGER NOT NULL,
  lease_owner UUID,
  lease_until TIMESTAMPTZ,
  rows_total BIGINT,
  rows_done BIGINT NOT NULL,
  last_row BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  error_code TEXT,
  error_args TEXT,
  error_row BIGINT,
  started_at TIMESTAMPTZ,
  finished_at TIMESTAMPTZ,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id)
);
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
  import_id UUID NOT NULL,
  number INTEGER NOT NULL,
  bytes BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, import_id, number)
);
CREATE INDEX import_chunks_by_age ON import_chunks (created_at);

-- The report, a batch of rows a row; kept 30 days.
CREATE TABLE import_batches (
  province_id INTEGER NOT NULL,
  import_id UUID NOT NULL,
  first_row BIGINT NOT NULL,
  last_row BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  report TEXT NOT NULL,
  PRIMARY KEY (province_id, import_id, first_row),
  CONSTRAINT "import_batches.import_id" FOREIGN KEY (province_id, import_id) REFERENCES imports (province_id, id) ON DELETE CASCADE
);
-- Files are compressed badly or already: spend no time on it.
ALTER TABLE import_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
