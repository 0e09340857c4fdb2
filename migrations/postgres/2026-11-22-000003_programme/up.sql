CREATE TABLE initiatives (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL,
  neighborhood_id UUID NOT NULL,
  domain TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  title_sort BYTEA NOT NULL,
  search_key TEXT COLLATE "C" NOT NULL,
  description TEXT,
  objective TEXT,
  status TEXT NOT NULL CHECK (status IN ('draft','proposed','approved','in_progress','blocked','completed','cancelled')),
  status_since TIMESTAMPTZ NOT NULL,
  starts_on DATE,
  due_on DATE,
  due_order DATE NOT NULL,
  completed_on DATE,
  lead_agency_id UUID,
  weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 100),
  budget_planned_rial BIGINT CHECK (budget_planned_rial >= 0),
  budget_spent_rial BIGINT CHECK (budget_spent_rial >= 0),
  beneficiaries_planned BIGINT CHECK (beneficiaries_planned >= 0),
  beneficiaries_reached BIGINT CHECK (beneficiaries_reached >= 0),
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "initiatives.code_key" UNIQUE (province_id, code_key),
  CONSTRAINT "initiatives.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "initiatives.domain" FOREIGN KEY (province_id, domain) REFERENCES domains (province_id, code) ON UPDATE CASCADE,
  CONSTRAINT "initiatives.lead_agency_id" FOREIGN KEY (province_id, lead_agency_id) REFERENCES agencies (province_id, id),
  CHECK (starts_on IS NULL OR due_on IS NULL OR starts_on <= due_on)
);
CREATE INDEX initiatives_by_title ON initiatives (province_id, title_sort, id);
CREATE INDEX initiatives_by_due ON initiatives (province_id, due_order, id);
CREATE INDEX initiatives_by_updated ON initiatives (province_id, updated_at, id);
CREATE INDEX initiatives_by_created ON initiatives (province_id, created_at, id);
CREATE INDEX initiatives_by_neighborhood ON initiatives (province_id, neighborhood_id, status, code_key);
CREATE INDEX initiatives_by_domain ON initiatives (province_id, domain);
CREATE INDEX initiatives_by_status ON initiatives (province_id, status, code_key);
CREATE INDEX initiatives_by_lead ON initiatives (province_id, lead_agency_id, code_key);
CREATE INDEX initiatives_by_start ON initiatives (province_id, starts_on);
CREATE INDEX initiatives_search ON initiatives USING gin (search_key gin_trgm_ops);

-- Who takes part (DESIGN §2), kept by the write functions.
CREATE TABLE initiative_agencies (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  initiative_id UUID NOT NULL,
  agency_id UUID NOT NULL,
  PRIMARY KEY (province_id, initiative_id, agency_id),
  CONSTRAINT "initiative_agencies.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id) ON DELETE CASCADE,
  CONSTRAINT "initiative_agencies.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)
);
CREATE INDEX initiative_agencies_by_agency ON initiative_agencies (province_id, agency_id, initiative_id);

-- neighborhood_id, initiative_status and "open" are copied from the initiative by the write functions,
-- so that lists, reach and lateness need no join (DESIGN §4, decision 10).
CREATE TABLE responsibilities (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  initiative_id UUID NOT NULL,
  neighborhood_id UUID NOT NULL,
  initiative_status TEXT NOT NULL,
  code TEXT NOT NULL,
  code_key TEXT COLLATE "C" NOT NULL,
  agency_id UUID NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('lead','support')),
  title TEXT NOT NULL,
  search_key TEXT COLLATE "C" NOT NULL,
  deliverable TEXT,
  acceptance_criterion TEXT,
  weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 100),
  due_on DATE NOT NULL,
  baseline_due_on DATE,
  status TEXT NOT NULL CHECK (status IN ('proposed','accepted','declined','reported','verified','returned','withdrawn')),
  status_since TIMESTAMPTZ NOT NULL,
  "open" BOOLEAN NOT NULL,
  reported_done_on DATE,
  report_note TEXT,
  verified_at TIMESTAMPTZ,
  verified_on DATE,
  verified_by UUID,
  verification_note TEXT,
  declined_by UUID,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "responsibilities.code_key" UNIQUE (province_id, initiative_id, code_key),
  CONSTRAINT "responsibilities.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id),
  CONSTRAINT "responsibilities.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "responsibilities.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id),
  CONSTRAINT "responsibilities.verified_by" FOREIGN KEY (province_id, verified_by) REFERENCES users (province_id, id),
  CONSTRAINT "responsibilities.declined_by" FOREIGN KEY (province_id, declined_by) REFERENCES agencies (province_id, id)
);
CREATE INDEX responsibilities_by_due ON responsibilities (province_id, due_on, id);
CREATE INDEX responsibilities_by_code ON responsibilities (province_id, code_key, id);
CREATE INDEX responsibilities_by_updated ON responsibilities (province_id, updated_at, id);
CREATE INDEX responsibilities_by_neighborhood ON responsibilities (province_id, neighborhood_id, due_on);
CREATE INDEX responsibilities_by_agency ON responsibilities (province_id, agency_id, due_on);
CREATE INDEX responsibilities_by_status ON responsibilities (province_id, status, due_on);
CREATE INDEX responsibilities_open ON responsibilities (province_id, due_on, id) WHERE "open";
CREATE INDEX responsibilities_by_verifier ON responsibilities (province_id, verified_by) WHERE verified_by IS NOT NULL;
CREATE INDEX responsibilities_search ON responsibilities USING gin (search_key gin_trgm_ops);

-- agency_id, neighborhood_id and initiative_id are copied from the responsibility.
CREATE TABLE deferrals (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id UUID NOT NULL,
  responsibility_id UUID NOT NULL,
  initiative_id UUID NOT NULL,
  neighborhood_id UUID NOT NULL,
  agency_id UUID NOT NULL,
  requested_due_on DATE NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requested','accepted','rejected')),
  decision_note TEXT,
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "deferrals.responsibility_id" FOREIGN KEY (province_id, responsibility_id) REFERENCES responsibilities (province_id, id),
  CONSTRAINT "deferrals.initiative_id" FOREIGN KEY (province_id, initiative_id) REFERENCES initiatives (province_id, id),
  CONSTRAINT "deferrals.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id),
  CONSTRAINT "deferrals.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)
);
-- One open deferral at a time.
CREATE UNIQUE INDEX "deferrals.responsibility_id" ON deferrals (province_id, responsibility_id) WHERE status = 'requested';
CREATE INDEX deferrals_by_created ON deferrals (province_id, created_at, id);
CREATE INDEX deferrals_by_responsibility ON deferrals (province_id, responsibility_id, created_at);
CREATE INDEX deferrals_by_agency ON deferrals (province_id, agency_id, created_at);
CREATE INDEX deferrals_by_status ON deferrals (province_id, status, created_at);
CREATE INDEX deferrals_by_neighborhood ON deferrals (province_id, neighborhood_id, created_at);
