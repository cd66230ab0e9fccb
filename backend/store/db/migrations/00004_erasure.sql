-- +goose Up

-- A job that is about a person goes with their folder.
ALTER TABLE job ADD COLUMN folder_id TEXT REFERENCES folder (id) ON DELETE CASCADE; -- NULL when it is about nobody
CREATE INDEX job_folder ON job (folder_id);

-- Of the jobs written so far, two kinds begin with the folder's id, and one held an address and says nothing of a folder.
DELETE FROM job WHERE kind = 'mail';
UPDATE job SET folder_id = (SELECT folder.id FROM folder WHERE folder.id = SUBSTR(job.payload, 15, 26))
WHERE kind IN ('account.confirm', 'office.introduce');
DELETE FROM job WHERE kind IN ('account.confirm', 'office.introduce') AND folder_id IS NULL;
UPDATE job SET payload = SUBSTR(payload, 1, 41) || '}' WHERE kind = 'account.confirm';

-- What the store notes about itself.
CREATE TABLE store_note (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO store_note (name, value) VALUES
  ('erased', 0), -- how often something was erased that must stand in no file any more
  ('swept', -1), -- up to which of these the files are clean; -1 before what was there earlier has been swept, too
  ('probe', 0);  -- counts the writes that only ask whether writing works
