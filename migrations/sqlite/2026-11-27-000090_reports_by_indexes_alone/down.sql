DROP INDEX responsibilities_word;
CREATE INDEX responsibilities_word ON responsibilities
  (province_id, agency_id, status, initiative_status, due_on, baseline_due_on, reported_done_on, status_since);
DROP INDEX responsibilities_open;
CREATE INDEX responsibilities_open ON responsibilities
  (province_id, due_on, id, neighborhood_id, agency_id, initiative_id, status, initiative_status, "open", initiative_domain) WHERE "open";
