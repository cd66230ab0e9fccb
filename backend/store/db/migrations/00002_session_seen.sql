-- +goose Up

-- Sweeping ended sessions looks for those not seen for long.
CREATE INDEX session_seen ON session (seen_at);

-- +goose Down
DROP INDEX session_seen;
