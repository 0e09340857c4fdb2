DROP INDEX responsibilities_open;
DROP INDEX responsibilities_live;
ALTER TABLE responsibilities DROP COLUMN initiative_domain;
ALTER TABLE responsibilities DROP COLUMN initiative_weight;
CREATE INDEX responsibilities_open ON responsibilities
  (province_id, due_on, id, neighborhood_id, agency_id, initiative_id, status, initiative_status, "open") WHERE "open";
CREATE INDEX responsibilities_live ON responsibilities
  (province_id, neighborhood_id, initiative_id, weight, status, baseline_due_on, due_on, verified_on, agency_id, initiative_status)
  WHERE status NOT IN ('declined', 'withdrawn') AND initiative_status IN ('approved', 'in_progress', 'blocked', 'completed');
CREATE INDEX initiatives_weight ON initiatives (province_id, id, neighborhood_id, domain, weight);
