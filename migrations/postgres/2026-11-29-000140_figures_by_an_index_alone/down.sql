ALTER TABLE responsibilities DROP CONSTRAINT "responsibilities.code_key";
ALTER TABLE responsibilities ADD CONSTRAINT "responsibilities.code_key" UNIQUE (province_id, initiative_id, code_key);
