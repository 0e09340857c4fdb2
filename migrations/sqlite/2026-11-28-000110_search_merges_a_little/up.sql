-- Each commit merges a few pages of what earlier ones have left in the search (src/db/search.rs); by itself the search does it rarely, and
-- then holds up all writes for some 30 ms.
INSERT INTO agencies_search (agencies_search, rank) VALUES ('automerge', 0);
INSERT INTO neighborhoods_search (neighborhoods_search, rank) VALUES ('automerge', 0);
INSERT INTO users_search (users_search, rank) VALUES ('automerge', 0);
INSERT INTO initiatives_search (initiatives_search, rank) VALUES ('automerge', 0);
INSERT INTO responsibilities_search (responsibilities_search, rank) VALUES ('automerge', 0);
