ALTER TABLE initiative_agencies ADD CONSTRAINT "initiative_agencies.agency_id"
  FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id);
DROP INDEX initiatives_by_neighborhood;
CREATE INDEX initiatives_by_neighborhood ON initiatives (province_id, neighborhood_id, status, code_key);
CREATE INDEX initiatives_sums ON initiatives
  (province_id, neighborhood_id, status, domain, id, budget_planned_rial, budget_spent_rial, beneficiaries_planned, beneficiaries_reached);
