-- What a new row costs an import is mostly its indexes: one of initiatives serves lists and reports alike (docs/reports.md, "What it
-- costs"), in the order of a neighbourhood's list and with all that the reports add up.
DROP INDEX initiatives_by_neighborhood;
DROP INDEX initiatives_sums;
CREATE INDEX initiatives_by_neighborhood ON initiatives
  (province_id, neighborhood_id, status, code_key, domain, id, budget_planned_rial, budget_spent_rial, beneficiaries_planned, beneficiaries_reached);
-- Who takes part leads the initiative or has a responsibility in it, and both name the agency by keys of their own.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ',
  CONSTRAINT "initiative_agencies.agency_id" FOREIGN KEY (province_id, agency_id) REFERENCES agencies (province_id, id)', '')
  WHERE type = 'table' AND name = 'initiative_agencies';
PRAGMA writable_schema = RESET;
