ALTER TABLE initiatives ADD CONSTRAINT initiatives_province_id_fkey FOREIGN KEY (province_id) REFERENCES provinces (id);
ALTER TABLE initiative_agencies ADD CONSTRAINT initiative_agencies_province_id_fkey FOREIGN KEY (province_id) REFERENCES provinces (id);
ALTER TABLE responsibilities ADD CONSTRAINT responsibilities_province_id_fkey FOREIGN KEY (province_id) REFERENCES provinces (id);
ALTER TABLE events ADD CONSTRAINT events_province_id_fkey FOREIGN KEY (province_id) REFERENCES provinces (id);
