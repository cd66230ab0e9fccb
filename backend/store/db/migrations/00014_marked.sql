-- +goose Up

-- Whether the body of a notice is to be read with its marks (headings, lists, links), or as it stands.
ALTER TABLE notice ADD COLUMN marked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE broadcast ADD COLUMN marked BOOLEAN NOT NULL DEFAULT FALSE;
