-- An initiative's weight and domain stand beside its responsibilities, as its neighbourhood and status do: reports add them up without a
-- look at each initiative, and initiatives have an index less to keep.
ALTER TABLE responsibilities ADD COLUMN initiative_weight INTEGER NOT NULL DEFAULT 0;
ALTER TABLE responsibilities ADD COLUMN initiative_domain TEXT NOT NULL DEFAULT '';
UPDATE responsibilities SET (initiative_weight, initiative_domain) =
  (SELECT weight, domain FROM initiatives AS i WHERE i.province_id = responsibilities.province_id AND i.id = initiative_id);
-- The defaults served the rows that were there; a new row that forgets one is a mistake.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, 'initiative_weight INTEGER NOT NULL DEFAULT 0', 'initiative_weight INTEGER NOT NULL'),
  'initiative_domain TEXT NOT NULL DEFAULT ''''', 'initiative_domain TEXT NOT NULL')
  WHERE type = 'table' AND name = 'responsibilities';
PRAGMA writable_schema = RESET;
DROP INDEX initiatives_weight;
DROP INDEX responsibilities_live;
CREATE INDEX responsibilities_live ON responsibilities
  (province_id, neighborhood_id, initiative_id, weight, status, baseline_due_on, due_on, verified_on, agency_id, initiative_status,
   initiative_weight, initiative_domain)
  WHERE status NOT IN ('declined', 'withdrawn') AND initiative_status IN ('approved', 'in_progress', 'blocked', 'completed');
DROP INDEX responsibilities_open;
CREATE INDEX responsibilities_open ON responsibilities
  (province_id, due_on, id, neighborhood_id, agency_id, initiative_id, status, initiative_status, "open", initiative_domain) WHERE "open";
