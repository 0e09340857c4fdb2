-- Reports group over these indexes alone, without the tables' rows (docs/reports.md, "What it costs").
-- The words of the conditions stand in src/reports/scope.rs too, where the planner must find them again.
CREATE INDEX responsibilities_live ON responsibilities
  (province_id, neighborhood_id, initiative_id, weight, status, baseline_due_on, due_on, verified_on, agency_id, initiative_status)
  WHERE status NOT IN ('declined', 'withdrawn') AND initiative_status IN ('approved', 'in_progress', 'blocked', 'completed');
CREATE INDEX responsibilities_word ON responsibilities
  (province_id, agency_id, status, initiative_status, due_on, baseline_due_on, reported_done_on, status_since);
DROP INDEX responsibilities_open;
CREATE INDEX responsibilities_open ON responsibilities
  (province_id, due_on, id, neighborhood_id, agency_id, initiative_id, status, initiative_status, "open") WHERE "open";
CREATE INDEX initiatives_weight ON initiatives (province_id, id, neighborhood_id, domain, weight);
CREATE INDEX initiatives_sums ON initiatives
  (province_id, neighborhood_id, status, domain, id, budget_planned_rial, budget_spent_rial, beneficiaries_planned, beneficiaries_reached);
-- How often an agency's work was sent back.
CREATE INDEX events_returned ON events (province_id, at, resource_id)
  WHERE resource_type = 'responsibility' AND action = 'transitioned' AND strpos(changes, '{"after":"returned","before":"reported","field":"status"}') > 0;
