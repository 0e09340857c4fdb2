DROP TABLE client_secrets;
DROP TABLE client_neighborhoods;
DROP TABLE clients;
