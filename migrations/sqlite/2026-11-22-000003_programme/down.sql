DROP TABLE deferrals;
DROP TABLE responsibilities_search;
DROP TABLE initiatives_search;
DROP TABLE responsibilities;
DROP TABLE initiative_agencies;
DROP TABLE initiatives;
