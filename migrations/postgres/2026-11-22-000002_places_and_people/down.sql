DROP TABLE idempotency_keys;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE mandates;
DROP TABLE users;
DROP TABLE neighborhoods;
DROP TABLE agencies;
DROP TABLE domains;
