-- +goose Up

-- Leave to download what is attached to something that one is asked to sign, too: by the hash of the link's secret.
ALTER TABLE application_ticket ADD COLUMN cosign_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE application_ticket ADD COLUMN attachment TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE application_ticket DROP COLUMN attachment;
ALTER TABLE application_ticket DROP COLUMN cosign_hash;
