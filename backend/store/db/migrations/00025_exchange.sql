-- +goose Up

-- やりとり履歴: what offices reported that they asked one another about a person, a row a number of theirs. What was reported stands in the lines of
-- the ledger (chain 1); here is what lists go by.
CREATE TABLE exchange (
  folder_id   TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  number      TEXT NOT NULL, -- by which both offices know it
  asker       TEXT NOT NULL, -- by their names in the records
  provider    TEXT NOT NULL,
  asker_id    TEXT NOT NULL, -- as registered; empty when it is not
  provider_id TEXT NOT NULL,
  duty        TEXT NOT NULL, -- proto/exchangelist
  result      BIGINT NOT NULL, -- portal.v1.ExchangeResult; 0 when it was cancelled
  asked_at    BIGINT NOT NULL,
  year        BIGINT NOT NULL, -- of asking, in Japan
  recorded_at BIGINT NOT NULL, -- the first report of it
  is_first    BOOLEAN NOT NULL, -- of this asker about the person
  by_asker    BIGINT NOT NULL, -- lines of the ledger; 0 when there is none
  by_provider BIGINT NOT NULL,
  by_portal   BIGINT NOT NULL,
  cancelled   BIGINT NOT NULL,
  PRIMARY KEY (folder_id, number)
);
CREATE UNIQUE INDEX exchange_number ON exchange (number);
CREATE INDEX exchange_asked ON exchange (folder_id, asked_at, number);
CREATE INDEX exchange_recorded ON exchange (folder_id, recorded_at);
CREATE INDEX exchange_asker ON exchange (folder_id, asker);

-- The reports of offices, by their own names, and where they stand.
CREATE TABLE exchange_report (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  office_id TEXT NOT NULL,
  report    TEXT NOT NULL,
  line      BIGINT NOT NULL,
  line_id   TEXT NOT NULL,
  PRIMARY KEY (office_id, report)
);
CREATE INDEX exchange_report_folder ON exchange_report (folder_id);

-- What is not told (不開示). Whose it is says only the office's identifier, so that it stands in nothing that is told of a folder: whoever may
-- look there must not learn that there is one. The lines are those of the ledger's chain 2.
CREATE TABLE exchange_hidden (
  office_id  TEXT NOT NULL,
  report     TEXT NOT NULL,
  identifier TEXT NOT NULL,
  number     TEXT NOT NULL,
  line       BIGINT NOT NULL,
  line_id    TEXT NOT NULL,
  may_say    BOOLEAN NOT NULL, -- that there is such a record
  own        BOOLEAN NOT NULL, -- there is a ground of its own, not only that of the other side
  released   BOOLEAN NOT NULL,
  PRIMARY KEY (office_id, report)
);
CREATE INDEX exchange_hidden_number ON exchange_hidden (number);
CREATE INDEX exchange_hidden_person ON exchange_hidden (office_id, identifier);

-- 提供要求: a person had offices asked to report what is missing of a period, and each office that is.
CREATE TABLE exchange_inquiry (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id        TEXT NOT NULL,
  from_day  TEXT NOT NULL,
  to_day    TEXT NOT NULL,
  asked_at  BIGINT NOT NULL,
  PRIMARY KEY (folder_id, id)
);
CREATE INDEX exchange_inquiry_asked ON exchange_inquiry (folder_id, asked_at);

CREATE TABLE exchange_inquired (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  inquiry_id TEXT NOT NULL,
  office_id  TEXT NOT NULL,
  asked_at   BIGINT NOT NULL,
  taken_at   BIGINT NOT NULL, -- 0 while the office has not come for it
  answered_at BIGINT NOT NULL,
  PRIMARY KEY (folder_id, inquiry_id, office_id)
);
CREATE UNIQUE INDEX exchange_inquired_id ON exchange_inquired (inquiry_id, office_id);
CREATE INDEX exchange_inquired_open ON exchange_inquired (office_id, asked_at) WHERE answered_at = 0;

-- 「間違いを知らせる」, and what the office says to it.
CREATE TABLE exchange_claim (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id        TEXT NOT NULL,
  number    TEXT NOT NULL,
  office_id TEXT NOT NULL,
  side      BIGINT NOT NULL, -- portal.v1.ExchangeSide
  sent_at   BIGINT NOT NULL,
  due       TEXT NOT NULL, -- the day by which the office must have answered
  state     BIGINT NOT NULL, -- portal.v1.ExchangeClaimState; below 4 while it is open
  since     BIGINT NOT NULL,
  claim     BYTEA NOT NULL,
  reply     BYTEA,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX exchange_claim_id ON exchange_claim (id);
CREATE INDEX exchange_claim_number ON exchange_claim (folder_id, number, sent_at);
CREATE INDEX exchange_claim_open ON exchange_claim (office_id, sent_at) WHERE state < 4;

-- Transfers of many people's data at once: public, and nobody's in particular.
CREATE TABLE exchange_mass (
  office_id TEXT NOT NULL,
  rule      TEXT NOT NULL, -- the office's own name of it
  day       TEXT NOT NULL,
  people    BIGINT NOT NULL,
  content   BYTEA NOT NULL, -- office.v1.ReportMassTransferRequest
  PRIMARY KEY (office_id, rule, day)
);
CREATE INDEX exchange_mass_day ON exchange_mass (day);

-- +goose Down
DROP TABLE exchange_mass;
DROP TABLE exchange_claim;
DROP TABLE exchange_inquired;
DROP TABLE exchange_inquiry;
DROP TABLE exchange_hidden;
DROP TABLE exchange_report;
DROP TABLE exchange;
