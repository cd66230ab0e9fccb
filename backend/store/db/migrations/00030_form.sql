-- +goose Up

-- Versions of application forms, as their offices publish them. None is ever changed: what was filled in and signed under one is read by it.
CREATE TABLE form_definition (
  place_code    TEXT NOT NULL, -- of which municipality it is
  form_id       TEXT NOT NULL,
  version       TEXT NOT NULL,
  valid_from    TEXT NOT NULL, -- YYYY-MM-DD, the first day of arrival for which it holds
  definition    BYTEA NOT NULL, -- canonical JSON
  registered_at BIGINT NOT NULL,
  PRIMARY KEY (place_code, form_id, version)
);
