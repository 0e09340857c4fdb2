INSERT INTO agencies_search (agencies_search, rank) VALUES ('automerge', 4);
INSERT INTO neighborhoods_search (neighborhoods_search, rank) VALUES ('automerge', 4);
INSERT INTO users_search (users_search, rank) VALUES ('automerge', 4);
INSERT INTO initiatives_search (initiatives_search, rank) VALUES ('automerge', 4);
INSERT INTO responsibilities_search (responsibilities_search, rank) VALUES ('automerge', 4);
