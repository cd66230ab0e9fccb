-- +goose Up

-- 利用者フォルダ: one a person.
CREATE TABLE folder (
  id                TEXT PRIMARY KEY,
  display_name      TEXT NOT NULL,
  mail_address      TEXT NOT NULL,   -- '' when none
  mail_confirmed_at BIGINT NOT NULL, -- 0 until confirmed
  mail_on_login     BOOLEAN NOT NULL,
  mail_on_notice    BOOLEAN NOT NULL,
  municipality_code TEXT NOT NULL,
  language          TEXT NOT NULL,   -- 'ja', 'en', 'easy': the language of mails
  terms_version     TEXT NOT NULL,
  opened_at         BIGINT NOT NULL,
  last_login_at     BIGINT NOT NULL, -- the login that runs now
  prior_login_at    BIGINT NOT NULL  -- the one before it; 0 at the first
);

-- The user-authentication certificates under which a person has come: the first, and those of renewed cards.
CREATE TABLE card (
  serial    TEXT PRIMARY KEY, -- lower-case hex of the certificate's serial number
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  added_at  BIGINT NOT NULL
);
CREATE INDEX card_folder ON card (folder_id);

CREATE TABLE mail_confirmation (
  token_hash TEXT PRIMARY KEY, -- hex of SHA-256
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  address    TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX mail_confirmation_folder ON mail_confirmation (folder_id);

-- Keys of our own that all instances share, made at the first start.
CREATE TABLE secret (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL -- base64
);

-- Nonces of challenges already answered, kept until they would have expired.
CREATE TABLE used_challenge (
  nonce      TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX used_challenge_expiry ON used_challenge (expires_at);

CREATE TABLE session (
  token_hash             TEXT PRIMARY KEY, -- hex of SHA-256
  folder_id              TEXT NOT NULL,    -- '' for a newcomer
  serial                 TEXT NOT NULL,
  certificate_expires_at BIGINT NOT NULL,
  started_at             BIGINT NOT NULL,
  seen_at                BIGINT NOT NULL,
  card_shown_at          BIGINT NOT NULL,  -- 0: not again since the login
  card_purpose           TEXT NOT NULL
);
CREATE INDEX session_folder ON session (folder_id);
CREATE INDEX session_serial ON session (serial);
CREATE INDEX session_started ON session (started_at);

-- Offices as registered with the portal; written at start from the registry file.
CREATE TABLE office (
  id                TEXT PRIMARY KEY,
  name              TEXT NOT NULL,
  certificate_hash  TEXT NOT NULL UNIQUE, -- hex of SHA-256 of the client certificate
  duties            TEXT NOT NULL,        -- separated by blanks
  municipality_code TEXT NOT NULL,        -- '' for a national office
  active            BOOLEAN NOT NULL
);

-- 機関別符号: who is who to which office.
CREATE TABLE pairwise (
  office_id    TEXT NOT NULL,
  identifier   TEXT NOT NULL,
  folder_id    TEXT NOT NULL, -- '' once the person has left
  introduction TEXT NOT NULL, -- base64; '' once the person has left
  position     BIGINT NOT NULL, -- rises within the office with each change; the office's cursor
  PRIMARY KEY (office_id, identifier)
);
CREATE UNIQUE INDEX pairwise_position ON pairwise (office_id, position);
CREATE INDEX pairwise_folder ON pairwise (folder_id, office_id);

-- A notice to one person.
CREATE TABLE notice (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id         TEXT NOT NULL,
  office_id  TEXT NOT NULL,
  reference  TEXT NOT NULL,
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  action     TEXT NOT NULL,
  action_due TEXT NOT NULL,
  action_url TEXT NOT NULL,
  sent_at    BIGINT NOT NULL,
  read_at    BIGINT NOT NULL, -- 0 while unread
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX notice_reference ON notice (office_id, reference);
CREATE INDEX notice_sent ON notice (folder_id, sent_at, id);
CREATE INDEX notice_unread ON notice (folder_id, read_at, sent_at, id);
CREATE INDEX notice_arrival ON notice (sent_at);

-- A notice to everyone, or everyone of a municipality: one row and a rule, whoever reads it.
CREATE TABLE broadcast (
  id                TEXT PRIMARY KEY,
  office_id         TEXT NOT NULL,
  reference         TEXT NOT NULL,
  municipality_code TEXT NOT NULL, -- '' for the nation
  title             TEXT NOT NULL,
  body              TEXT NOT NULL,
  action            TEXT NOT NULL,
  action_due        TEXT NOT NULL,
  action_url        TEXT NOT NULL,
  sent_at           BIGINT NOT NULL
);
CREATE UNIQUE INDEX broadcast_reference ON broadcast (office_id, reference);
CREATE INDEX broadcast_sent ON broadcast (municipality_code, sent_at, id);
CREATE INDEX broadcast_arrival ON broadcast (sent_at);

CREATE TABLE broadcast_read (
  folder_id    TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  broadcast_id TEXT NOT NULL,
  read_at      BIGINT NOT NULL,
  PRIMARY KEY (folder_id, broadcast_id)
);

-- What happens later; enqueued in the transaction that causes it.
CREATE TABLE job (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  payload      TEXT NOT NULL, -- JSON
  run_at       BIGINT NOT NULL,
  lease_until  BIGINT NOT NULL,
  attempts     BIGINT NOT NULL,
  last_error   TEXT NOT NULL,
  dead_at      BIGINT NOT NULL -- 0 while it is still tried
);
CREATE INDEX job_due ON job (dead_at, run_at);

-- +goose Down
DROP TABLE job;
DROP TABLE broadcast_read;
DROP TABLE broadcast;
DROP TABLE notice;
DROP TABLE pairwise;
DROP TABLE office;
DROP TABLE session;
DROP TABLE used_challenge;
DROP TABLE secret;
DROP TABLE mail_confirmation;
DROP TABLE card;
DROP TABLE folder;
