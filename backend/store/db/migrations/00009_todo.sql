-- +goose Up

-- What a task takes along from where it was remembered (portal.v1.Task: deadline, deadline_rule, where), and the day that its deadline
-- counts from: YYYY-MM-DD, '' while it is not known. Its last day is not kept: it is computed anew whenever it is shown.
ALTER TABLE task ADD COLUMN remembered BYTEA; -- NULL for nothing
ALTER TABLE task ADD COLUMN event_day TEXT NOT NULL DEFAULT '';

-- What a person has to say to what a notice asks for, one to the person or one to everybody.
CREATE TABLE notice_action (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  notice_id TEXT NOT NULL,
  done_at   BIGINT NOT NULL, -- 0 while it is to be done
  own_due   TEXT NOT NULL,   -- a day of one's own, YYYY-MM-DD; '' when there is none
  PRIMARY KEY (folder_id, notice_id)
);
CREATE INDEX notice_asking ON notice (folder_id, action_due) WHERE action <> '';
