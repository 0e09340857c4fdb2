-- An initiative that is over rejects its open requests, and one that is removed must have none.
CREATE INDEX deferrals_by_initiative ON deferrals (province_id, initiative_id);
