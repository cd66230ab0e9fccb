-- +goose Up

-- Which challenges of a link can still be answered: it keeps few of them.
CREATE INDEX application_proof_open ON application_proof (cosign_hash, expires_at) WHERE challenge <> '';

-- +goose Down
DROP INDEX application_proof_open;
