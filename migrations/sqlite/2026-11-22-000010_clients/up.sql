-- Service accounts (CONTRACT §2). The id is the OAuth client_id, which a token request names without a province.
CREATE TABLE clients (
  province_id INTEGER NOT NULL REFERENCES provinces (id),
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  name_sort BLOB NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('province','agency','neighborhood_manager','viewer')),
  agency_id BLOB,
  valid_to TEXT,
  active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "clients.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id),
  CHECK ((role = 'agency') = (agency_id IS NOT NULL))
) STRICT;
CREATE INDEX clients_by_id ON clients (id);
CREATE INDEX clients_by_name ON clients (province_id, name_sort, id);
CREATE INDEX clients_by_updated ON clients (province_id, updated_at, id);
CREATE INDEX clients_by_role ON clients (province_id, role);
CREATE INDEX clients_by_agency ON clients (province_id, agency_id);
CREATE INDEX clients_by_active ON clients (province_id, active);

-- The reach of those of role neighborhood_manager.
CREATE TABLE client_neighborhoods (
  province_id INTEGER NOT NULL,
  client_id BLOB NOT NULL,
  neighborhood_id BLOB NOT NULL,
  PRIMARY KEY (province_id, client_id, neighborhood_id),
  CONSTRAINT "client_neighborhoods.client_id" FOREIGN KEY (province_id, client_id) REFERENCES clients (province_id, id) ON DELETE CASCADE,
  CONSTRAINT "client_neighborhoods.neighborhood_id" FOREIGN KEY (province_id, neighborhood_id) REFERENCES neighborhoods (province_id, id)
) STRICT;
CREATE INDEX client_neighborhoods_by_neighborhood ON client_neighborhoods (province_id, neighborhood_id);

-- Hashes of secrets; the id is the `sid` claim of the tokens that a secret gave, so that they end with it.
CREATE TABLE client_secrets (
  province_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  secret_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (province_id, id),
  CONSTRAINT "client_secrets.client_id" FOREIGN KEY (province_id, client_id) REFERENCES clients (province_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX client_secrets_by_client ON client_secrets (province_id, client_id, created_at);
