-- +goose Up

-- What a log needs to go on once its tree, or its key, is lost: what was signed of it last, by what key, and how it came to that key. The same
-- stands outside, with the tree, for everybody; here it outlives it.
ALTER TABLE ledger_sequencer ADD COLUMN vkey TEXT NOT NULL DEFAULT '';   -- by which others know the log
ALTER TABLE ledger_sequencer ADD COLUMN signed TEXT NOT NULL DEFAULT ''; -- its last checkpoint

CREATE TABLE ledger_handover (
  number BIGINT PRIMARY KEY, -- from 0 on, the first one first
  signed TEXT NOT NULL       -- ledger.Handover
);

-- +goose Down
DROP TABLE ledger_handover;
ALTER TABLE ledger_sequencer DROP COLUMN signed;
ALTER TABLE ledger_sequencer DROP COLUMN vkey;
