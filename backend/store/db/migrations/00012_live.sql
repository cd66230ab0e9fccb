-- +goose Up

-- What changed lately, for the open pages of whom it concerns: written in the transaction that changes it, read by every instance, gone
-- after some minutes. It says that something changed, never what it is now.
CREATE TABLE live_change (
  position   BIGINT NOT NULL, -- the place of its transaction among all (order.go)
  id         TEXT NOT NULL,
  kind       BIGINT NOT NULL, -- portal.v1.ChangeKind
  folder_id  TEXT REFERENCES folder (id) ON DELETE CASCADE, -- NULL when it concerns everybody at a place
  place_code TEXT NOT NULL,   -- '' for the nation, and where there is a folder
  about      TEXT NOT NULL,   -- the id of what changed; '' when it may be anything of the kind
  written_at BIGINT NOT NULL,
  PRIMARY KEY (position, id)
);
CREATE INDEX live_change_folder ON live_change (folder_id, position);
CREATE INDEX live_change_place ON live_change (place_code, position) WHERE folder_id IS NULL;
CREATE INDEX live_change_written ON live_change (written_at);

INSERT INTO store_note (name, value) VALUES
  ('place', 0),      -- how many transactions have taken a place among all; of SQLite alone
  ('live_swept', 0); -- the highest position of a change that was swept away

-- Arrivals were looked for among all people's notices.
DROP INDEX notice_arrival;
DROP INDEX broadcast_arrival;
