-- +goose Up

-- What offices have registered in the catalogue (手続). Nothing is overwritten: each change is a version that holds from a day on.
CREATE TABLE procedure_version (
  place_code     TEXT NOT NULL,   -- six digits; '000000' for the nation
  number         TEXT NOT NULL,   -- the office's own
  version        BIGINT NOT NULL, -- from 1
  definition     TEXT NOT NULL,   -- '' for the place's own
  effective_from TEXT NOT NULL,   -- YYYY-MM-DD
  ended          BOOLEAN NOT NULL, -- from that day on there is no such procedure any more
  content        BYTEA NOT NULL,  -- portal.v1.ProcedureContent
  office_id      TEXT NOT NULL,   -- '' when the portal's operator registered it
  registered_at  BIGINT NOT NULL,
  revision       BIGINT NOT NULL, -- of the catalogue, by which instances learn what is new
  PRIMARY KEY (place_code, number, version)
);
CREATE INDEX procedure_version_revision ON procedure_version (revision, place_code);
CREATE INDEX procedure_version_effect ON procedure_version (effective_from, place_code);

-- One row: how often the catalogue has changed.
CREATE TABLE procedure_revision (
  id       BIGINT PRIMARY KEY,
  revision BIGINT NOT NULL
);
INSERT INTO procedure_revision (id, revision) VALUES (1, 0);

-- The to-do list of a person.
CREATE TABLE task (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id         TEXT NOT NULL,
  event      TEXT NOT NULL,   -- of life; '' when remembered from a page
  place_code TEXT NOT NULL,
  number     TEXT NOT NULL,   -- of the procedure; '' for something else to do
  title      TEXT NOT NULL,
  due        TEXT NOT NULL,   -- YYYY-MM-DD; '' when there is none
  done_at    BIGINT NOT NULL, -- 0 while it is to be done
  added_at   BIGINT NOT NULL,
  same       TEXT NOT NULL,   -- what makes it the same thing as another: place and number, or the title
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX task_same ON task (folder_id, same);

-- +goose Down
DROP TABLE task;
DROP TABLE procedure_revision;
DROP TABLE procedure_version;
