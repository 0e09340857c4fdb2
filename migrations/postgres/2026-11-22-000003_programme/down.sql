DROP TABLE deferrals;
DROP TABLE responsibilities;
DROP TABLE initiative_agencies;
DROP TABLE initiatives;
