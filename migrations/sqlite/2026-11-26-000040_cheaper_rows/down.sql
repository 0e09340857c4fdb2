PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'REFERENCES initiatives (province_id, id) ON DELETE CASCADE', 'REFERENCES initiatives (province_id, id) ON DELETE CASCADE,
  CONSTRAINT "initiative_agencies.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)')
  WHERE type = 'table' AND name = 'initiative_agencies';
PRAGMA writable_schema = RESET;
DROP INDEX initiatives_by_neighborhood;
CREATE INDEX initiatives_by_neighborhood ON initiatives (province_id, neighborhood_id, status, code_key);
CREATE INDEX initiatives_sums ON initiatives
  (province_id, neighborhood_id, status, domain, id, budget_planned_rial, budget_spent_rial, beneficiaries_planned, beneficiaries_reached);
