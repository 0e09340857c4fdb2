-- What a transaction adds, changes and removes goes into the search at its end, all at once (src/db/search.rs), not only what an import
-- does: row by row each write left the search a small piece of its own, and the pieces have to be merged while others wait.
-- waiting_search holds the number after which a table's rows are not in the search yet, changed_search the keys under which it knows
-- rows that were changed or removed. Both are emptied before a commit, and emptying them is what puts the rows into the search.
-- No conflict clause: that of the statement that fires a trigger would hold in its place.

DROP TRIGGER agencies_search_insert;
DROP TRIGGER agencies_search_update;
DROP TRIGGER agencies_search_change;
DROP TRIGGER agencies_search_delete;
CREATE TRIGGER agencies_search_insert AFTER INSERT ON agencies WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies' AND after < new.row_no) BEGIN
  UPDATE waiting_search SET after = new.row_no - 1 WHERE name = 'agencies';
  INSERT INTO waiting_search (name, after) SELECT 'agencies', new.row_no - 1 WHERE NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies');
END;
CREATE TRIGGER agencies_search_update AFTER UPDATE OF search_key ON agencies WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'agencies', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'agencies' AND row_no = old.row_no);
END;
CREATE TRIGGER agencies_search_delete AFTER DELETE ON agencies WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'agencies', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'agencies' AND row_no = old.row_no);
END;
CREATE TRIGGER agencies_search_changed AFTER DELETE ON changed_search WHEN old.name = 'agencies' BEGIN
  INSERT INTO agencies_search (agencies_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO agencies_search (rowid, search_key) SELECT row_no, search_key FROM agencies WHERE row_no = old.row_no AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'agencies' AND after < old.row_no);
END;
CREATE TRIGGER agencies_search_waited AFTER DELETE ON waiting_search WHEN old.name = 'agencies' BEGIN
  INSERT INTO agencies_search (rowid, search_key) SELECT row_no, search_key FROM agencies WHERE row_no > old.after ORDER BY row_no;
END;

DROP TRIGGER neighborhoods_search_insert;
DROP TRIGGER neighborhoods_search_update;
DROP TRIGGER neighborhoods_search_change;
DROP TRIGGER neighborhoods_search_delete;
CREATE TRIGGER neighborhoods_search_insert AFTER INSERT ON neighborhoods WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods' AND after < new.row_no) BEGIN
  UPDATE waiting_search SET after = new.row_no - 1 WHERE name = 'neighborhoods';
  INSERT INTO waiting_search (name, after) SELECT 'neighborhoods', new.row_no - 1 WHERE NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods');
END;
CREATE TRIGGER neighborhoods_search_update AFTER UPDATE OF search_key ON neighborhoods WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'neighborhoods', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'neighborhoods' AND row_no = old.row_no);
END;
CREATE TRIGGER neighborhoods_search_delete AFTER DELETE ON neighborhoods WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'neighborhoods', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'neighborhoods' AND row_no = old.row_no);
END;
CREATE TRIGGER neighborhoods_search_changed AFTER DELETE ON changed_search WHEN old.name = 'neighborhoods' BEGIN
  INSERT INTO neighborhoods_search (neighborhoods_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO neighborhoods_search (rowid, search_key) SELECT row_no, search_key FROM neighborhoods WHERE row_no = old.row_no AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'neighborhoods' AND after < old.row_no);
END;
CREATE TRIGGER neighborhoods_search_waited AFTER DELETE ON waiting_search WHEN old.name = 'neighborhoods' BEGIN
  INSERT INTO neighborhoods_search (rowid, search_key) SELECT row_no, search_key FROM neighborhoods WHERE row_no > old.after ORDER BY row_no;
END;

DROP TRIGGER users_search_insert;
DROP TRIGGER users_search_update;
DROP TRIGGER users_search_change;
DROP TRIGGER users_search_delete;
CREATE TRIGGER users_search_insert AFTER INSERT ON users WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users' AND after < new.row_no) BEGIN
  UPDATE waiting_search SET after = new.row_no - 1 WHERE name = 'users';
  INSERT INTO waiting_search (name, after) SELECT 'users', new.row_no - 1 WHERE NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users');
END;
CREATE TRIGGER users_search_update AFTER UPDATE OF search_key ON users WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'users', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'users' AND row_no = old.row_no);
END;
CREATE TRIGGER users_search_delete AFTER DELETE ON users WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'users', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'users' AND row_no = old.row_no);
END;
CREATE TRIGGER users_search_changed AFTER DELETE ON changed_search WHEN old.name = 'users' BEGIN
  INSERT INTO users_search (users_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO users_search (rowid, search_key) SELECT row_no, search_key FROM users WHERE row_no = old.row_no AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'users' AND after < old.row_no);
END;
CREATE TRIGGER users_search_waited AFTER DELETE ON waiting_search WHEN old.name = 'users' BEGIN
  INSERT INTO users_search (rowid, search_key) SELECT row_no, search_key FROM users WHERE row_no > old.after ORDER BY row_no;
END;

DROP TRIGGER initiatives_search_insert;
DROP TRIGGER initiatives_search_update;
DROP TRIGGER initiatives_search_change;
DROP TRIGGER initiatives_search_delete;
CREATE TRIGGER initiatives_search_insert AFTER INSERT ON initiatives WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives' AND after < new.row_no) BEGIN
  UPDATE waiting_search SET after = new.row_no - 1 WHERE name = 'initiatives';
  INSERT INTO waiting_search (name, after) SELECT 'initiatives', new.row_no - 1 WHERE NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives');
END;
CREATE TRIGGER initiatives_search_update AFTER UPDATE OF search_key ON initiatives WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'initiatives', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'initiatives' AND row_no = old.row_no);
END;
CREATE TRIGGER initiatives_search_delete AFTER DELETE ON initiatives WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'initiatives', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'initiatives' AND row_no = old.row_no);
END;
CREATE TRIGGER initiatives_search_changed AFTER DELETE ON changed_search WHEN old.name = 'initiatives' BEGIN
  INSERT INTO initiatives_search (initiatives_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO initiatives_search (rowid, search_key) SELECT row_no, search_key FROM initiatives WHERE row_no = old.row_no AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'initiatives' AND after < old.row_no);
END;
CREATE TRIGGER initiatives_search_waited AFTER DELETE ON waiting_search WHEN old.name = 'initiatives' BEGIN
  INSERT INTO initiatives_search (rowid, search_key) SELECT row_no, search_key FROM initiatives WHERE row_no > old.after ORDER BY row_no;
END;

DROP TRIGGER responsibilities_search_insert;
DROP TRIGGER responsibilities_search_update;
DROP TRIGGER responsibilities_search_change;
DROP TRIGGER responsibilities_search_delete;
CREATE TRIGGER responsibilities_search_insert AFTER INSERT ON responsibilities WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities' AND after < new.row_no) BEGIN
  UPDATE waiting_search SET after = new.row_no - 1 WHERE name = 'responsibilities';
  INSERT INTO waiting_search (name, after) SELECT 'responsibilities', new.row_no - 1 WHERE NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities');
END;
CREATE TRIGGER responsibilities_search_update AFTER UPDATE OF search_key ON responsibilities WHEN old.search_key <> new.search_key AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'responsibilities', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'responsibilities' AND row_no = old.row_no);
END;
CREATE TRIGGER responsibilities_search_delete AFTER DELETE ON responsibilities WHEN NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities' AND after < old.row_no) BEGIN
  INSERT INTO changed_search (name, row_no, search_key) SELECT 'responsibilities', old.row_no, old.search_key
    WHERE NOT EXISTS (SELECT 1 FROM changed_search WHERE name = 'responsibilities' AND row_no = old.row_no);
END;
CREATE TRIGGER responsibilities_search_changed AFTER DELETE ON changed_search WHEN old.name = 'responsibilities' BEGIN
  INSERT INTO responsibilities_search (responsibilities_search, rowid, search_key) VALUES ('delete', old.row_no, old.search_key);
  INSERT INTO responsibilities_search (rowid, search_key) SELECT row_no, search_key FROM responsibilities WHERE row_no = old.row_no AND NOT EXISTS (SELECT 1 FROM waiting_search WHERE name = 'responsibilities' AND after < old.row_no);
END;
CREATE TRIGGER responsibilities_search_waited AFTER DELETE ON waiting_search WHEN old.name = 'responsibilities' BEGIN
  INSERT INTO responsibilities_search (rowid, search_key) SELECT row_no, search_key FROM responsibilities WHERE row_no > old.after ORDER BY row_no;
END;
