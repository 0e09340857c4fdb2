DROP TABLE import_batches;
DROP TABLE import_chunks;
DROP TABLE imports;
