-- +goose Up

-- The lines of what happened to a person (backend/store/ledger), each with its number and the commitment of the line before. The log that
-- proves them lies outside of the database; here is what stands behind its leaves.
CREATE TABLE ledger_chain (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  chain       BIGINT NOT NULL, -- ledger.Chain
  count       BIGINT NOT NULL, -- of its lines
  last        BYTEA NOT NULL,  -- commitment of the last
  recorded_at BIGINT NOT NULL, -- of the last
  PRIMARY KEY (folder_id, chain)
);

CREATE TABLE ledger_line (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  chain       BIGINT NOT NULL,
  number      BIGINT NOT NULL, -- within the chain, from 1 on
  id          TEXT NOT NULL,
  kind        BIGINT NOT NULL, -- ledger.Kind
  recorded_at BIGINT NOT NULL,
  previous    BYTEA NOT NULL,  -- commitment of the line before
  body        BYTEA NOT NULL,  -- salt and content
  position    BIGINT NOT NULL, -- of its leaf in the log; -1 until it has one
  PRIMARY KEY (folder_id, chain, number)
);
CREATE UNIQUE INDEX ledger_line_id ON ledger_line (id);

-- Leaves on their way into the log. They are nobody's: a folder that is closed meanwhile leaves no hole.
CREATE TABLE ledger_queue (
  id          TEXT PRIMARY KEY, -- of the line
  leaf        BYTEA NOT NULL,
  position    BIGINT NOT NULL,  -- -1 until it has one
  recorded_at BIGINT NOT NULL,
  hidden      BOOLEAN NOT NULL  -- of the undisclosed chain: to be counted
);
CREATE INDEX ledger_queue_position ON ledger_queue (position, id);

-- Who of several portals writes the log, and how far it has come.
CREATE TABLE ledger_sequencer (
  name   TEXT PRIMARY KEY, -- of the log
  next   BIGINT NOT NULL,  -- the position that the next leaf gets
  size   BIGINT NOT NULL,  -- of the log, as it was last signed
  holder TEXT NOT NULL,
  until  BIGINT NOT NULL   -- when others may take it from the holder
);

-- Which leaves have nothing behind them any more, because an older copy of the database was put in place. The log says the same.
CREATE TABLE ledger_loss (
  id            TEXT PRIMARY KEY, -- of the leaf that says so
  from_position BIGINT NOT NULL,
  to_position   BIGINT NOT NULL,  -- not included
  recorded_at   BIGINT NOT NULL,
  position      BIGINT NOT NULL   -- of the leaf that says so; -1 until it has one
);
CREATE INDEX ledger_loss_position ON ledger_loss (position);

-- How many undisclosed lines all folders together got in a month.
CREATE TABLE ledger_month (
  month TEXT PRIMARY KEY, -- '2026-11', in Japan
  lines BIGINT NOT NULL
);

-- What the devices of a person hand one another of the heads that they saw, sealed by them.
CREATE TABLE ledger_kept (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  device    TEXT NOT NULL,
  heads     BYTEA NOT NULL,
  kept_at   BIGINT NOT NULL,
  PRIMARY KEY (folder_id, device)
);

-- +goose Down
DROP TABLE ledger_kept;
DROP TABLE ledger_month;
DROP TABLE ledger_loss;
DROP TABLE ledger_sequencer;
DROP TABLE ledger_queue;
DROP TABLE ledger_line;
DROP TABLE ledger_chain;
