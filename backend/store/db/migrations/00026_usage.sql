-- +goose Up

-- What was written down of an act besides its name: portal.v1.UsageLine; empty in lines from before.
ALTER TABLE usage_line ADD COLUMN facts TEXT NOT NULL DEFAULT '';

-- In which line of the folder's chain it stands (ledger_line.number); 0 until then.
ALTER TABLE usage_line ADD COLUMN leaf BIGINT NOT NULL DEFAULT 0;
CREATE INDEX usage_line_unproven ON usage_line (folder_id) WHERE leaf = 0;

-- The folders with such lines, and since when: a leaf is made of what came within a minute.
CREATE TABLE usage_unproven (
  folder_id TEXT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  since     BIGINT NOT NULL
);
CREATE INDEX usage_unproven_since ON usage_unproven (since);

-- Where a session goes on: on which device, in which browser (name), and in which country it began ('JP', 'abroad'; '' when nobody knows).
ALTER TABLE session ADD COLUMN device_id TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN place TEXT NOT NULL DEFAULT '';

-- What the person calls a device; '' while it is called as its browser says.
ALTER TABLE device ADD COLUMN own_name TEXT NOT NULL DEFAULT '';

-- That somebody said of a session that it was not them: the case that was opened then.
CREATE TABLE usage_disowned (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  line_id   TEXT NOT NULL,
  case_id   TEXT NOT NULL, -- inquiry
  said_at   BIGINT NOT NULL,
  PRIMARY KEY (folder_id, line_id)
);

-- Of what is taken along by itself: which part, and what of it; '' when it is all.
ALTER TABLE takeaway ADD COLUMN part TEXT NOT NULL DEFAULT '';
