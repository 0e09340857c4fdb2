-- Nothing: here the search is an index of the table, which needs no telling when to merge.
SELECT 1;
