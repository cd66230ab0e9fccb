-- +goose Up

-- 電子申請 from the moment it is sent. What SQL goes by stands in clear; what was sent, signed, said and decided is sealed
-- (backend/feature/application/store.go).
CREATE TABLE application (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id         TEXT NOT NULL, -- chosen by the device
  number     TEXT NOT NULL, -- 受付番号; the id until it has arrived
  office_id  TEXT NOT NULL,
  place_code TEXT NOT NULL,
  form_id    TEXT NOT NULL,
  version    TEXT NOT NULL,
  procedure  TEXT NOT NULL,
  state      BIGINT NOT NULL, -- portal.v1.ApplicationState
  revision   BIGINT NOT NULL, -- how often it was sent
  sent_at    BIGINT NOT NULL,
  arrived_at BIGINT NOT NULL, -- 0 until then
  moved_at   BIGINT NOT NULL,
  office_at  BIGINT NOT NULL, -- the place (db.Queries.Place) of what the office was last to learn of; 0 until it has arrived
  due_at     BIGINT NOT NULL, -- until when a return is to be answered; 0 while it is not returned
  closed_at  BIGINT NOT NULL, -- 0 while it is open
  gone_at    BIGINT NOT NULL, -- when it is deleted; 0 while that is not known
  warned     BIGINT NOT NULL, -- how many days before that was said last; 0 while it was not
  late       BOOLEAN NOT NULL,
  tell       BOOLEAN NOT NULL,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX application_id ON application (id);
CREATE UNIQUE INDEX application_number ON application (number);
CREATE INDEX application_moved ON application (folder_id, moved_at, id);
CREATE INDEX application_office ON application (office_id, office_at, id) WHERE office_at > 0;
CREATE INDEX application_due ON application (due_at) WHERE due_at > 0;
CREATE INDEX application_gone ON application (gone_at) WHERE gone_at > 0;

-- What was sent, once and at each correction.
CREATE TABLE application_sent (
  folder_id      TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  application_id TEXT NOT NULL,
  revision       BIGINT NOT NULL, -- from 1
  send_id        TEXT NOT NULL,   -- under which it is sent once
  nonce          TEXT NOT NULL,
  sent_at        BIGINT NOT NULL,
  stamped_at     BIGINT NOT NULL, -- 0 until it is
  leaf           BIGINT NOT NULL, -- the number of its line in the ledger; 0 until it has arrived
  cosign_hash    TEXT NOT NULL,   -- of the link's secret; the nonce where nobody else signs
  content        BYTEA NOT NULL,
  stamp          BYTEA,           -- time stamps
  paper          BYTEA,           -- the receipt as PDF
  PRIMARY KEY (folder_id, application_id, revision)
);
CREATE UNIQUE INDEX application_sent_send ON application_sent (send_id);
CREATE UNIQUE INDEX application_sent_nonce ON application_sent (nonce);
CREATE UNIQUE INDEX application_sent_cosign ON application_sent (cosign_hash);

CREATE TABLE application_step (
  folder_id      TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  application_id TEXT NOT NULL,
  number         BIGINT NOT NULL, -- from 1
  id             TEXT NOT NULL,
  reference      TEXT NOT NULL, -- the office's own number of it; '' else
  detail         BYTEA NOT NULL, -- portal.v1.ApplicationStep
  PRIMARY KEY (folder_id, application_id, number)
);

CREATE TABLE application_message (
  folder_id      TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  application_id TEXT NOT NULL,
  id             TEXT NOT NULL,
  by_office      BOOLEAN NOT NULL,
  reference      TEXT NOT NULL, -- the office's own number of it; '' else
  body           BYTEA NOT NULL,
  written_at     BIGINT NOT NULL,
  PRIMARY KEY (folder_id, application_id, id)
);
CREATE INDEX application_message_written ON application_message (folder_id, written_at);

-- Signing certificates of which J-LIS has said that they are this person's.
CREATE TABLE application_signer (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  issuer    TEXT NOT NULL,
  serial    TEXT NOT NULL,
  known_at  BIGINT NOT NULL,
  PRIMARY KEY (folder_id, issuer, serial)
);

-- How long an office took, of nobody in particular.
CREATE TABLE application_pace (
  office_id TEXT NOT NULL,
  form_id   TEXT NOT NULL,
  ended_at  BIGINT NOT NULL,
  id        TEXT NOT NULL,
  days      BIGINT NOT NULL,
  PRIMARY KEY (office_id, form_id, ended_at, id)
);
CREATE INDEX application_pace_ended ON application_pace (ended_at);

-- Files of a receipt that may be downloaded, once.
CREATE TABLE application_ticket (
  ticket_hash    TEXT NOT NULL PRIMARY KEY,
  folder_id      TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  session_hash   TEXT NOT NULL,
  application_id TEXT NOT NULL,
  file           BIGINT NOT NULL, -- portal.v1.ApplicationFile
  asked_at       BIGINT NOT NULL
);
CREATE INDEX application_ticket_asked ON application_ticket (asked_at);
CREATE INDEX application_ticket_folder ON application_ticket (folder_id, asked_at);

-- +goose Down
DROP TABLE application_ticket;
DROP TABLE application_pace;
DROP TABLE application_signer;
DROP TABLE application_message;
DROP TABLE application_step;
DROP TABLE application_sent;
DROP TABLE application;
