-- Nothing: here the search is an index of the table, which takes many rows as fast as one by one.
SELECT 1;
