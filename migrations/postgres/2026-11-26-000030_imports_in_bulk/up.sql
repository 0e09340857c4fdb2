-- What goes without saying costs an import a check a row: the province of an initiative, of who takes part in it and of a
-- responsibility is that of the neighbourhood, agency and initiative which their other keys name; an event has no foreign keys
-- (DESIGN §4, decision 8).
ALTER TABLE initiatives DROP CONSTRAINT initiatives_province_id_fkey;
ALTER TABLE initiative_agencies DROP CONSTRAINT initiative_agencies_province_id_fkey;
ALTER TABLE responsibilities DROP CONSTRAINT responsibilities_province_id_fkey;
ALTER TABLE events DROP CONSTRAINT events_province_id_fkey;
