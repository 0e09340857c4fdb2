-- Who took a responsibility and declined it is looked for when an agency is removed, and tokens that ran out are forgotten while their
-- family lives on.
CREATE INDEX responsibilities_by_decliner ON responsibilities (province_id, declined_by) WHERE declined_by IS NOT NULL;
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
