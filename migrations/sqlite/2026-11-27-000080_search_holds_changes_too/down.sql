DROP TRIGGER agencies_search_change;
DROP TRIGGER agencies_search_update;
CREATE TRIGGER agencies_search_update AFTER UPDATE OF search_key ON agencies WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER neighborhoods_search_change;
DROP TRIGGER neighborhoods_search_update;
CREATE TRIGGER neighborhoods_search_update AFTER UPDATE OF search_key ON neighborhoods WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER users_search_change;
DROP TRIGGER users_search_update;
CREATE TRIGGER users_search_update AFTER UPDATE OF search_key ON users WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER initiatives_search_change;
DROP TRIGGER initiatives_search_update;
CREATE TRIGGER initiatives_search_update AFTER UPDATE OF search_key ON initiatives WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TRIGGER responsibilities_search_change;
DROP TRIGGER responsibilities_search_update;
CREATE TRIGGER responsibilities_search_update AFTER UPDATE OF search_key ON responsibilities WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
DROP TABLE changed_search;
