DROP INDEX deferrals_by_initiative;
