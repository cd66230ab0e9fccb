-- +goose Up

-- The portal's own keys have left the database for a file beside it. Here are their fingerprints alone, by which a portal knows whether
-- its key file is the one that this database was used with.
DROP TABLE secret;

CREATE TABLE key_fingerprint (
  id          TEXT PRIMARY KEY,
  purpose     TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  made_at     BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL -- 0 while it has no end
);
