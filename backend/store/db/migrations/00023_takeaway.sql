-- +goose Up

-- The certificates of the keys that sign what people take along. They hold no secret, and stay for ever: what was signed is checked years later.
CREATE TABLE signing_certificate (
  key_id       TEXT NOT NULL, -- of the key file
  number       BIGINT NOT NULL, -- a key that stays gets the next one before the last ends
  certificate  BYTEA NOT NULL, -- DER
  made_at      BIGINT NOT NULL,
  withdrawn_at BIGINT NOT NULL DEFAULT 0, -- somebody came to know the key: what bears no time stamp from before counts no longer
  PRIMARY KEY (key_id, number)
);

-- Leave to download something once, within a minute, in the session that asked for it. The ticket itself is known to the page alone.
CREATE TABLE takeaway (
  folder_id    TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  ticket_hash  TEXT NOT NULL PRIMARY KEY,
  session_hash TEXT NOT NULL,
  language     TEXT NOT NULL,
  asked_at     BIGINT NOT NULL,
  begun_at     BIGINT NOT NULL DEFAULT 0,
  done         BIGINT NOT NULL DEFAULT 0, -- parts of all, while it is written
  parts        BIGINT NOT NULL DEFAULT 0,
  ended_at     BIGINT NOT NULL DEFAULT 0,
  stamped      BOOLEAN NOT NULL DEFAULT FALSE, -- a time stamp is in it
  failed       BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX takeaway_folder ON takeaway (folder_id, asked_at);
