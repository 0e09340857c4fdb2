-- What goes without saying costs an import a check a row: the province of an initiative, of who takes part in it and of a
-- responsibility is that of the neighbourhood, agency and initiative which their other keys name; an event has no foreign keys
-- (DESIGN §4, decision 8). This is SQLite's own way to drop a constraint (its documentation of ALTER TABLE); the tables' rows
-- stay as they are.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'province_id INTEGER NOT NULL REFERENCES provinces (id),', 'province_id INTEGER NOT NULL,')
  WHERE type = 'table' AND name IN ('initiatives', 'initiative_agencies', 'responsibilities', 'events');
PRAGMA writable_schema = RESET;

-- What an import adds goes into the search all at once, at the end of its transaction (src/db/search.rs): row by row it cost more
-- than everything else. A table's name stands here in between, which nobody else ever sees.
CREATE TABLE waiting_search (
  name TEXT NOT NULL PRIMARY KEY,
  after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TRIGGER agencies_search_insert;
CREATE TRIGGER agencies_search_insert AFTER INSERT ON agencies
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies') BEGIN
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER neighborhoods_search_insert;
CREATE TRIGGER neighborhoods_search_insert AFTER INSERT ON neighborhoods
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods') BEGIN
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER users_search_insert;
CREATE TRIGGER users_search_insert AFTER INSERT ON users
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users') BEGIN
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER initiatives_search_insert;
CREATE TRIGGER initiatives_search_insert AFTER INSERT ON initiatives
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives') BEGIN
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER responsibilities_search_insert;
CREATE TRIGGER responsibilities_search_insert AFTER INSERT ON responsibilities
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities') BEGIN
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
