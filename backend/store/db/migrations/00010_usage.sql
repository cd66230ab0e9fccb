-- +goose Up

-- 利用履歴: what was done in a folder, when, by whom; one line a call, written in the call's own transaction. Where somebody acts for
-- another, it stands in both histories.
CREATE TABLE usage_line (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE, -- whose history
  done_at    BIGINT NOT NULL,
  id         TEXT NOT NULL, -- of the call
  act        TEXT NOT NULL, -- access.v1.Access.record: 'notice.read'
  actor_id   TEXT NOT NULL, -- the folder of who did it
  subject_id TEXT NOT NULL, -- the folder that it was about
  session    TEXT NOT NULL, -- tells sessions apart, and lets nobody into one; '' when there was none
  PRIMARY KEY (folder_id, done_at, id)
);
