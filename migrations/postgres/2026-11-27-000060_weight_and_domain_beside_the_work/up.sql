-- An initiative's weight and domain stand beside its responsibilities, as its neighbourhood and status do: reports add them up without a
-- look at each initiative, and initiatives have an index less to keep.
ALTER TABLE responsibilities ADD COLUMN initiative_weight INTEGER, ADD COLUMN initiative_domain TEXT COLLATE "C";
UPDATE responsibilities SET initiative_weight = i.weight, initiative_domain = i.domain
  FROM initiatives AS i WHERE i.province_id = responsibilities.province_id AND i.id = initiative_id;
ALTER TABLE responsibilities ALTER COLUMN initiative_weight SET NOT NULL, ALTER COLUMN initiative_domain SET NOT NULL;
DROP INDEX initiatives_weight;
DROP INDEX responsibilities_live;
CREATE INDEX responsibilities_live ON responsibilities (province_id, neighborhood_id, initiative_id)
  INCLUDE (weight, status, baseline_due_on, due_on, verified_on, agency_id, initiative_status, initiative_weight, initiative_domain)
  WHERE status NOT IN ('declined', 'withdrawn') AND initiative_status IN ('approved', 'in_progress', 'blocked', 'completed');
DROP INDEX responsibilities_open;
CREATE INDEX responsibilities_open ON responsibilities (province_id, due_on, id)
  INCLUDE (neighborhood_id, agency_id, initiative_id, status, initiative_status, "open", initiative_domain) WHERE "open";
