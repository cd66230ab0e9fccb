-- +goose Up

-- When it was last noted, in the history of who asks, that the one who has proven themself has read; and how often that was of one link.
ALTER TABLE application_proof ADD COLUMN noted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE application_sent ADD COLUMN cosign_notes BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE application_sent DROP COLUMN cosign_notes;
ALTER TABLE application_proof DROP COLUMN noted_at;
