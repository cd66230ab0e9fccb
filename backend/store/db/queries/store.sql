-- name: StoreNote :one
SELECT value FROM store_note WHERE name = $1;

-- name: StoreCount :exec
UPDATE store_note SET value = value + 1 WHERE name = $1;

-- name: StoreSwept :exec
UPDATE store_note SET value = sqlc.arg(swept) WHERE name = 'swept' AND value < sqlc.arg(swept);

-- name: StoreEndSessions :exec
DELETE FROM session;

-- name: StoreNextPlace :one
UPDATE store_note SET value = value + 1 WHERE name = 'place' RETURNING value;
