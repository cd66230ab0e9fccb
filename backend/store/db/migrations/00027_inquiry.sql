-- +goose Up

-- お問い合わせ: what a person asks of the operator or of an office.
CREATE TABLE inquiry (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id        TEXT NOT NULL,
  number    TEXT NOT NULL,   -- for people to quote
  office_id TEXT NOT NULL,   -- '' for the operator
  subject   TEXT NOT NULL,
  kind      BIGINT NOT NULL, -- portal.v1.InquiryKind
  state     BIGINT NOT NULL, -- portal.v1.InquiryState
  attached  BYTEA,           -- portal.v1.InquiryAttachment
  opened_at BIGINT NOT NULL,
  moved_at  BIGINT NOT NULL,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX inquiry_number ON inquiry (number);
CREATE INDEX inquiry_moved ON inquiry (folder_id, moved_at, id);
CREATE INDEX inquiry_office ON inquiry (office_id, state, moved_at, id);

CREATE TABLE inquiry_message (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  inquiry_id TEXT NOT NULL,
  id         TEXT NOT NULL,
  writer     BIGINT NOT NULL, -- portal.v1.InquiryWriter
  reference  TEXT NOT NULL,   -- the office's own number of it; '' else
  body       TEXT NOT NULL,
  written_at BIGINT NOT NULL,
  PRIMARY KEY (folder_id, inquiry_id, id)
);
CREATE INDEX inquiry_message_written ON inquiry_message (folder_id, written_at);
