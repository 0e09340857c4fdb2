DROP INDEX refresh_tokens_by_expiry;
DROP INDEX responsibilities_by_decliner;
