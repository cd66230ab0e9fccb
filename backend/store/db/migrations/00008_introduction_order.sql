-- +goose Up

-- What an office is to hear of waits for a while of its own, so that two offices cannot match their lists line by line. Meanwhile a person who is
-- new has a position below 0.
ALTER TABLE pairwise ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0; -- since when it waits; 0 when the office was told all
ALTER TABLE pairwise ADD COLUMN patience BIGINT NOT NULL DEFAULT 0;   -- how long, in millionths of the time that the portal is set to
CREATE INDEX pairwise_waiting ON pairwise (office_id, changed_at) WHERE changed_at > 0;
