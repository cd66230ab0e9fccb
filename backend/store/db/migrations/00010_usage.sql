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

-- What was done under which key, so that the same request sent again is answered, not done again. The answer is personal: it goes with the
-- folder, and after some days.
CREATE TABLE done_once (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE, -- that it was about
  actor_id  TEXT NOT NULL,    -- the folder of who did it
  procedure TEXT NOT NULL,
  key       TEXT NOT NULL,    -- the page's, one an act of the person
  request   TEXT NOT NULL,    -- digest of what was asked for, proofs of the card left out
  call_id   TEXT NOT NULL,    -- of the call that did it
  answered  BOOLEAN NOT NULL, -- answer is what it was
  answer    BYTEA,
  forgotten BOOLEAN NOT NULL, -- no answer is to be kept
  done_at   BIGINT NOT NULL,
  PRIMARY KEY (folder_id, actor_id, procedure, key)
);
CREATE INDEX done_once_time ON done_once (done_at);

-- The very request that the card was shown again for, as a digest; '' for pages from before, which do not say it.
ALTER TABLE session ADD COLUMN card_content TEXT NOT NULL DEFAULT '';
