-- +goose Up

-- The last login of a person that was unusual, until they have looked at it: which line of the history of use tells of it (AT-ID), and of
-- which session, as the history names it.
CREATE TABLE folder_unusual (
  folder_id TEXT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  line      TEXT NOT NULL,
  session   TEXT NOT NULL,
  noted_at  BIGINT NOT NULL
);
