CREATE TABLE initiatives (
  row_no INTEGER PRIMARY KEY,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  neighborhood_id BLOB NOT NULL,
  domain TEXT NOT NULL,
  title TEXT NOT NULL,
  title_sort BLOB NOT NULL,
  search_key TEXT NOT NULL,
  description TEXT,
  objective TEXT,
  status TEXT NOT NULL CHECK (status IN ('draft','proposed','approved','in_progress','blocked','completed','cancelled')),
  status_since INTEGER NOT NULL,
  starts_on TEXT,
  due_on TEXT,
  due_order TEXT NOT NULL,
  completed_on TEXT,
  lead_agency_id BLOB,
  weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 100),
  budget_planned_rial INTEGER CHECK (budget_planned_rial >= 0),
  budget_spent_rial INTEGER CHECK (budget_spent_rial >= 0),
  beneficiaries_planned INTEGER CHECK (beneficiaries_planned >= 0),
  beneficiaries_reached INTEGER CHECK (beneficiaries_reached >= 0),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (province_id, id),
  CONSTRAINT "initiatives.code_key" UNIQUE (province_id, code_key),
  CONSTRAINT "initiatives.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "initiatives.domain" FOREIGN KEY (province_id, domain) REFERENCES domains (province_id, code) ON UPDATE CASCADE,
  CONSTRAINT "initiatives.lead_agency_id" FOREIGN KEY (province_id, lead_agency_id) REFERENCES agencies (province_id, id),
  CHECK (starts_on IS NULL OR due_on IS NULL OR starts_on <= due_on)
) STRICT;
CREATE INDEX initiatives_by_title ON initiatives (province_id, title_sort, id);
CREATE INDEX initiatives_by_due ON initiatives (province_id, due_order, id);
CREATE INDEX initiatives_by_updated ON initiatives (province_id, updated_at, id);
CREATE INDEX initiatives_by_created ON initiatives (province_id, created_at, id);
CREATE INDEX initiatives_by_neighborhood ON initiatives (province_id, neighborhood_id, status, code_key);
CREATE INDEX initiatives_by_domain ON initiatives (province_id, domain);
CREATE INDEX initiatives_by_status ON initiatives (province_id, status, code_key);
CREATE INDEX initiatives_by_lead ON initiatives (province_id, lead_agency_id, code_key);
CREATE INDEX initiatives_by_start ON initiatives (province_id, starts_on);
CREATE VIRTUAL TABLE initiatives_search USING fts5 (search_key, content='initiatives', content_rowid='row_no', tokenize='trigram');
CREATE TRIGGER initiatives_search_insert AFTER INSERT ON initiatives BEGIN
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER initiatives_search_delete AFTER DELETE ON initiatives BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER initiatives_search_update AFTER UPDATE OF search_key ON initiatives WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;

-- Who takes part (DESIGN §2), kept by the write functions.
CREATE TABLE initiative_agencies (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  initiative_id BLOB NOT NULL,
  agency_id BLOB NOT NULL,
  PRIMARY KEY (province_id, initiative_id, agency_id),
  CONSTRAINT "initiative_agencies.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id) ON DELETE CASCADE,
  CONSTRAINT "initiative_agencies.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)
) STRICT;
CREATE INDEX initiative_agencies_by_agency ON initiative_agencies (province_id, agency_id, initiative_id);

-- neighborhood_id, initiative_status and "open" are copied from the initiative by the write functions,
-- so that lists, reach and lateness need no join (DESIGN §4, decision 10).
CREATE TABLE responsibilities (
  row_no INTEGER PRIMARY KEY,
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  initiative_id BLOB NOT NULL,
  neighborhood_id BLOB NOT NULL,
  initiative_status TEXT NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL,
  agency_id BLOB NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('lead','support')),
  title TEXT NOT NULL,
  search_key TEXT NOT NULL,
  deliverable TEXT,
  acceptance_criterion TEXT,
  weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 100),
  due_on TEXT NOT NULL,
  baseline_due_on TEXT,
  status TEXT NOT NULL CHECK (status IN ('proposed','accepted','declined','reported','verified','returned','withdrawn')),
  status_since INTEGER NOT NULL,
  "open" INTEGER NOT NULL,
  reported_done_on TEXT,
  report_note TEXT,
  verified_at INTEGER,
  verified_on TEXT,
  verified_by BLOB,
  verification_note TEXT,
  declined_by BLOB,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (province_id, id),
  CONSTRAINT "responsibilities.code_key" UNIQUE (province_id, initiative_id, code_key),
  CONSTRAINT "responsibilities.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id),
  CONSTRAINT "responsibilities.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "responsibilities.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id),
  CONSTRAINT "responsibilities.verified_by" FOREIGN KEY (province_id, verified_by) REFERENCES users (province_id, id),
  CONSTRAINT "responsibilities.declined_by" FOREIGN KEY (province_id, declined_by) REFERENCES agencies (province_id, id)
) STRICT;
CREATE INDEX responsibilities_by_due ON responsibilities (province_id, due_on, id);
CREATE INDEX responsibilities_by_code ON responsibilities (province_id, code_key, id);
CREATE INDEX responsibilities_by_updated ON responsibilities (province_id, updated_at, id);
CREATE INDEX responsibilities_by_neighborhood ON responsibilities (province_id, neighborhood_id, due_on);
CREATE INDEX responsibilities_by_agency ON responsibilities (province_id, agency_id, due_on);
CREATE INDEX responsibilities_by_status ON responsibilities (province_id, status, due_on);
CREATE INDEX responsibilities_open ON responsibilities (province_id, due_on, id) WHERE "open";
CREATE INDEX responsibilities_by_verifier ON responsibilities (province_id, verified_by) WHERE verified_by IS NOT NULL;
CREATE VIRTUAL TABLE responsibilities_search USING fts5 (search_key, content='responsibilities', content_rowid='row_no', tokenize='trigram');
CREATE TRIGGER responsibilities_search_insert AFTER INSERT ON responsibilities BEGIN
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER responsibilities_search_delete AFTER DELETE ON responsibilities BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER responsibilities_search_update AFTER UPDATE OF search_key ON responsibilities WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;

-- agency_id, neighborhood_id and initiative_id are copied from the responsibility.
CREATE TABLE deferrals (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  responsibility_id BLOB NOT NULL,
  initiative_id BLOB NOT NULL,
  neighborhood_id BLOB NOT NULL,
  agency_id BLOB NOT NULL,
  requested_due_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requested','accepted','rejected')),
  decision_note TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "deferrals.responsibility_id" FOREIGN KEY (province_id, responsibility_id) REFERENCES responsibilities (province_id, id),
  CONSTRAINT "deferrals.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id),
  CONSTRAINT "deferrals.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "deferrals.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)
) STRICT;
-- One open deferral at a time.
CREATE UNIQUE INDEX "deferrals.responsibility_id" ON deferrals (province_id, responsibility_id) WHERE status = 'requested';
CREATE INDEX deferrals_by_created ON deferrals (province_id, created_at, id);
CREATE INDEX deferrals_by_responsibility ON deferrals (province_id, responsibility_id, created_at);
CREATE INDEX deferrals_by_agency ON deferrals (province_id, agency_id, created_at);
CREATE INDEX deferrals_by_status ON deferrals (province_id, status, created_at);
CREATE INDEX deferrals_by_neighborhood ON deferrals (province_id, neighborhood_id, created_at);
