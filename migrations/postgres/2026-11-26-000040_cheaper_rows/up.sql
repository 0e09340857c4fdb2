-- What a new row costs an import is mostly its indexes and foreign keys. One index of initiatives serves lists and reports alike
-- (docs/reports.md, "What it costs"), in the order of a neighbourhood's list and with all that the reports add up.
DROP INDEX initiatives_by_neighborhood;
DROP INDEX initiatives_sums;
CREATE INDEX initiatives_by_neighborhood ON initiatives (province_id, neighborhood_id, status, code_key)
  INCLUDE (domain, id, budget_planned_rial, budget_spent_rial, beneficiaries_planned, beneficiaries_reached);
-- Who takes part leads the initiative or has a responsibility in it, and both name the agency by keys of their own.
ALTER TABLE initiative_agencies DROP CONSTRAINT "initiative_agencies.agency_id";
