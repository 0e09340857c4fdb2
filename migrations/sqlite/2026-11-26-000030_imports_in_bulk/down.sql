DROP TRIGGER agencies_search_insert;
CREATE TRIGGER agencies_search_insert AFTER INSERT ON agencies BEGIN
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER neighborhoods_search_insert;
CREATE TRIGGER neighborhoods_search_insert AFTER INSERT ON neighborhoods BEGIN
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER users_search_insert;
CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER initiatives_search_insert;
CREATE TRIGGER initiatives_search_insert AFTER INSERT ON initiatives BEGIN
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER responsibilities_search_insert;
CREATE TRIGGER responsibilities_search_insert AFTER INSERT ON responsibilities BEGIN
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TABLE waiting_search;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'province_id INTEGER NOT NULL,', 'province_id INTEGER NOT NULL REFERENCES provinces (id),')
  WHERE type = 'table' AND name IN ('initiatives', 'initiative_agencies', 'responsibilities', 'events');
PRAGMA writable_schema = RESET;
