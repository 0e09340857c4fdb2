-- The figures of an initiative (src/responsibilities/sums.rs) by the index of its codes alone; without these columns each responsibility
-- was a row to be looked up.
ALTER TABLE responsibilities DROP CONSTRAINT "responsibilities.code_key";
ALTER TABLE responsibilities ADD CONSTRAINT "responsibilities.code_key"
  UNIQUE (province_id, initiative_id, code_key) INCLUDE (status, weight, baseline_due_on, "open", due_on);
