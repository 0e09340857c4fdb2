-- Nothing: a unique key has no other columns here, and an index beside it saved less of a page than it cost to keep.
SELECT 1;
