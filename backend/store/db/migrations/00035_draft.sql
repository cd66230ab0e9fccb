-- +goose Up

-- Applications (電子申請) that are being filled in. What is filled in, of which form and where it goes is sealed.
CREATE TABLE draft (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id          TEXT NOT NULL,
  application TEXT NOT NULL,    -- that is corrected by it, or that it became; '' else
  state       BIGINT NOT NULL,  -- portal.v1.DraftState; 3 when it was sent
  revision    BIGINT NOT NULL,  -- counts what was saved
  began_at    BIGINT NOT NULL,
  changed_at  BIGINT NOT NULL,
  gone_at     BIGINT NOT NULL,  -- when it is dropped, or, once dropped or sent, gone
  warned      BOOLEAN NOT NULL, -- the person was told that it will be dropped
  about       BYTEA NOT NULL,   -- portal.v1.Draft: place, form, version, device
  fields      BYTEA,            -- portal.v1.Draft: fields
  PRIMARY KEY (folder_id, id)
);
CREATE INDEX draft_application ON draft (folder_id, application) WHERE application <> '';
CREATE INDEX draft_gone ON draft (gone_at);
CREATE INDEX draft_unwarned ON draft (gone_at) WHERE state = 1 AND NOT warned;

-- Files that are attached to drafts, and to the applications that came of them.
CREATE TABLE draft_attachment (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id          TEXT NOT NULL,
  draft_id    TEXT NOT NULL,    -- '' when it is an application's alone
  application TEXT NOT NULL,    -- '' until it was sent
  size        BIGINT NOT NULL,  -- as announced; once finished, of what is kept
  come        BIGINT NOT NULL,
  finished    BOOLEAN NOT NULL, -- was checked
  began_at    BIGINT NOT NULL,
  about       BYTEA NOT NULL,   -- portal.v1.Attachment: field, name, type, digest, doubtful
  PRIMARY KEY (folder_id, id)
);
CREATE INDEX draft_attachment_draft ON draft_attachment (folder_id, draft_id, began_at);
CREATE INDEX draft_attachment_application ON draft_attachment (folder_id, application) WHERE application <> '';
CREATE INDEX draft_attachment_unfinished ON draft_attachment (began_at) WHERE NOT finished;

-- Their content, part by part.
CREATE TABLE draft_part (
  folder_id     TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  attachment_id TEXT NOT NULL,
  position      BIGINT NOT NULL, -- of its first byte
  body          BYTEA NOT NULL,
  PRIMARY KEY (folder_id, attachment_id, position)
);

-- Leave to download one, once.
CREATE TABLE draft_ticket (
  folder_id     TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  ticket_hash   TEXT NOT NULL PRIMARY KEY,
  session_hash  TEXT NOT NULL,
  attachment_id TEXT NOT NULL,
  asked_at      BIGINT NOT NULL
);
CREATE INDEX draft_ticket_folder ON draft_ticket (folder_id, asked_at);

-- +goose Down
DROP TABLE draft_ticket;
DROP TABLE draft_part;
DROP TABLE draft_attachment;
DROP TABLE draft;
