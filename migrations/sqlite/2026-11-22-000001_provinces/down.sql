DROP TABLE instance;
DROP TABLE login_failures;
DROP TABLE signing_keys;
DROP TABLE provinces;
