-- +goose Up

-- わたしの情報: what a person asked of an office about themselves, and its answer. What SQL goes by stands in clear; by which period was asked
-- and what the office answered is a blob (backend/feature/myinfo/seal.go).
CREATE TABLE myinfo_request (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id          TEXT NOT NULL, -- by which the office knows it, too
  office_id   TEXT NOT NULL,
  detail      TEXT NOT NULL, -- proto/selfinfo: '13.income'
  asked_at    BIGINT NOT NULL,
  asked       BYTEA NOT NULL,
  state       BIGINT NOT NULL, -- portal.v1.InfoState; below 3 while it is open
  since       BIGINT NOT NULL, -- that it is so
  due_at      BIGINT NOT NULL, -- when the office is given it, or is given it again
  lease_until BIGINT NOT NULL, -- until when the office has it; 0 while it has not
  tries       BIGINT NOT NULL, -- how often the office was given it
  trouble     BIGINT NOT NULL, -- portal.v1.InfoTrouble, as far as the office brought it about
  outcome     BIGINT NOT NULL, -- portal.v1.InfoOutcome
  answered_at BIGINT NOT NULL, -- 0 while it is not
  seen_at     BIGINT NOT NULL, -- 0 while it is not
  keep_until  BIGINT NOT NULL, -- 0: until the person erases it; -1: until the logout
  in_session  BOOLEAN NOT NULL, -- the answer came while the person was logged in
  answer      BYTEA,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX myinfo_request_id ON myinfo_request (id);
CREATE INDEX myinfo_request_asked ON myinfo_request (folder_id, asked_at, id);
CREATE INDEX myinfo_request_detail ON myinfo_request (folder_id, detail, asked_at, id);
CREATE INDEX myinfo_request_open ON myinfo_request (folder_id, asked_at) WHERE state < 3;
CREATE INDEX myinfo_request_unseen ON myinfo_request (folder_id) WHERE state = 3 AND seen_at = 0;
CREATE INDEX myinfo_request_due ON myinfo_request (office_id, due_at) WHERE state < 3;
CREATE INDEX myinfo_request_leased ON myinfo_request (office_id, lease_until) WHERE state < 3;
CREATE INDEX myinfo_request_old ON myinfo_request (asked_at) WHERE state < 3;
CREATE INDEX myinfo_request_kept ON myinfo_request (keep_until) WHERE keep_until > 0;
CREATE INDEX myinfo_request_logout ON myinfo_request (folder_id, id) WHERE keep_until = -1;

-- The same without the answers, which are long.
CREATE VIEW myinfo_line AS SELECT folder_id AS person, id, office_id, detail, asked_at, asked, state, since, due_at, lease_until, tries, trouble,
  outcome, answered_at, seen_at, keep_until, in_session FROM myinfo_request;

-- 訂正請求: that a value is wrong, and what the office says to it. It stays when the answer that held the value has gone by itself.
CREATE TABLE myinfo_correction (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id          TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  office_id   TEXT NOT NULL,
  detail      TEXT NOT NULL,
  sent_at     BIGINT NOT NULL,
  due         TEXT NOT NULL, -- the day by which the office must have answered
  state       BIGINT NOT NULL, -- portal.v1.InfoCorrectionState; below 4 while it is open
  since       BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  tries       BIGINT NOT NULL,
  claim       BYTEA NOT NULL, -- which value, and what it should be
  reply       BYTEA,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX myinfo_correction_id ON myinfo_correction (id);
CREATE INDEX myinfo_correction_sent ON myinfo_correction (folder_id, sent_at, id);
CREATE INDEX myinfo_correction_request ON myinfo_correction (folder_id, request_id, sent_at);
CREATE INDEX myinfo_correction_due ON myinfo_correction (office_id, due_at) WHERE state < 4;

-- What a person chose.
CREATE TABLE myinfo_setting (
  folder_id TEXT NOT NULL PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  keep      BIGINT NOT NULL, -- portal.v1.InfoKeep
  notice    BOOLEAN NOT NULL,
  edition   BIGINT NOT NULL, -- rises when something is erased
  told_at   BIGINT NOT NULL  -- when a mail or a notice last told that an answer is there
);

-- The notes before asking that a person confirmed.
CREATE TABLE myinfo_note (
  folder_id    TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  category     BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL,
  PRIMARY KEY (folder_id, category)
);

-- What protects a person from others who may look. Whose it is says only the office's identifier, so that it stands in nothing that is told of
-- a folder: whoever may look there must not learn that there is one.
CREATE TABLE myinfo_flag (
  office_id  TEXT NOT NULL,
  identifier TEXT NOT NULL,
  flag       BIGINT NOT NULL, -- office.v1.Protection
  set_at     BIGINT NOT NULL,
  PRIMARY KEY (office_id, identifier, flag)
);

-- How long the last answers of an office took, of nobody in particular.
CREATE TABLE myinfo_pace (
  office_id TEXT NOT NULL,
  detail    TEXT NOT NULL,
  slot      BIGINT NOT NULL,
  took      BIGINT NOT NULL,
  PRIMARY KEY (office_id, detail, slot)
);

-- When an office last came for its requests.
CREATE TABLE myinfo_office (
  office_id TEXT NOT NULL PRIMARY KEY,
  seen_at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE myinfo_office;
DROP TABLE myinfo_pace;
DROP TABLE myinfo_flag;
DROP TABLE myinfo_note;
DROP TABLE myinfo_setting;
DROP TABLE myinfo_correction;
DROP VIEW myinfo_line;
DROP TABLE myinfo_request;
