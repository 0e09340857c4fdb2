DELETE FROM changed_search;
DELETE FROM waiting_search;

DROP TRIGGER agencies_search_insert;
DROP TRIGGER agencies_search_update;
DROP TRIGGER agencies_search_delete;
DROP TRIGGER agencies_search_changed;
DROP TRIGGER agencies_search_waited;
CREATE TRIGGER agencies_search_insert AFTER INSERT ON agencies
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies') BEGIN
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER agencies_search_delete AFTER DELETE ON agencies BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER agencies_search_update AFTER UPDATE OF search_key ON agencies
WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies') BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO agencies_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER agencies_search_change AFTER UPDATE OF search_key ON agencies
WHEN old.search_key <> new.search_key AND old.row_no <= (SELECT after FROM waiting_search WHERE name = 'agencies') BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'agencies', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'agencies' AND row_no = old.row_no);
END;

DROP TRIGGER neighborhoods_search_insert;
DROP TRIGGER neighborhoods_search_update;
DROP TRIGGER neighborhoods_search_delete;
DROP TRIGGER neighborhoods_search_changed;
DROP TRIGGER neighborhoods_search_waited;
CREATE TRIGGER neighborhoods_search_insert AFTER INSERT ON neighborhoods
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods') BEGIN
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER neighborhoods_search_delete AFTER DELETE ON neighborhoods BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER neighborhoods_search_update AFTER UPDATE OF search_key ON neighborhoods
WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods') BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO neighborhoods_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER neighborhoods_search_change AFTER UPDATE OF search_key ON neighborhoods
WHEN old.search_key <> new.search_key AND old.row_no <= (SELECT after FROM waiting_search WHERE name = 'neighborhoods') BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'neighborhoods', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'neighborhoods' AND row_no = old.row_no);
END;

DROP TRIGGER users_search_insert;
DROP TRIGGER users_search_update;
DROP TRIGGER users_search_delete;
DROP TRIGGER users_search_changed;
DROP TRIGGER users_search_waited;
CREATE TRIGGER users_search_insert AFTER INSERT ON users
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users') BEGIN
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER users_search_update AFTER UPDATE OF search_key ON users
WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users') BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO users_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER users_search_change AFTER UPDATE OF search_key ON users
WHEN old.search_key <> new.search_key AND old.row_no <= (SELECT after FROM waiting_search WHERE name = 'users') BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'users', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'users' AND row_no = old.row_no);
END;

DROP TRIGGER initiatives_search_insert;
DROP TRIGGER initiatives_search_update;
DROP TRIGGER initiatives_search_delete;
DROP TRIGGER initiatives_search_changed;
DROP TRIGGER initiatives_search_waited;
CREATE TRIGGER initiatives_search_insert AFTER INSERT ON initiatives
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives') BEGIN
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER initiatives_search_delete AFTER DELETE ON initiatives BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER initiatives_search_update AFTER UPDATE OF search_key ON initiatives
WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives') BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO initiatives_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER initiatives_search_change AFTER UPDATE OF search_key ON initiatives
WHEN old.search_key <> new.search_key AND old.row_no <= (SELECT after FROM waiting_search WHERE name = 'initiatives') BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'initiatives', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'initiatives' AND row_no = old.row_no);
END;

DROP TRIGGER responsibilities_search_insert;
DROP TRIGGER responsibilities_search_update;
DROP TRIGGER responsibilities_search_delete;
DROP TRIGGER responsibilities_search_changed;
DROP TRIGGER responsibilities_search_waited;
CREATE TRIGGER responsibilities_search_insert AFTER INSERT ON responsibilities
WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities') BEGIN
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER responsibilities_search_delete AFTER DELETE ON responsibilities BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
END;
CREATE TRIGGER responsibilities_search_update AFTER UPDATE OF search_key ON responsibilities
WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities') BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO responsibilities_search (rowid, search_key) VALUES (new.row_no, new.search_key);
END;
CREATE TRIGGER responsibilities_search_change AFTER UPDATE OF search_key ON responsibilities
WHEN old.search_key <> new.search_key AND old.row_no <= (SELECT after FROM waiting_search WHERE name = 'responsibilities') BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'responsibilities', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'responsibilities' AND row_no = old.row_no);
END;
