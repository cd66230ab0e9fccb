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

-- name: storeFolderKeys :many
SELECT id FROM folder_key_store;

-- name: storeSetFolderKeys :exec
INSERT INTO folder_key_store (id) VALUES ($1) ON CONFLICT (id) DO NOTHING;

-- name: storeAllSealed :exec
UPDATE store_note SET value = 1 WHERE name = 'sealed';
