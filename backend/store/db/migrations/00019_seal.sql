-- +goose Up

-- What a folder holds lies sealed under a key of the folder, in the columns where it was (backend/store/seal). Here is of which folders
-- something is sealed, and of which all is: the portal seals what was there before while it runs.
CREATE TABLE folder_seal (
  folder_id TEXT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  whole     BOOLEAN NOT NULL -- nothing that is to be sealed is left plain
);

-- The store in which the folders' keys lie: a portal does not start with another one, or with none.
CREATE TABLE folder_key_store (
  id TEXT PRIMARY KEY
);

INSERT INTO store_note (name, value) VALUES
  ('sealed', 0); -- 1 once all folders are whole: from then on a plain value where a sealed one belongs is refused
