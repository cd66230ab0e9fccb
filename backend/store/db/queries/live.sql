-- name: LiveAdd :exec
INSERT INTO live_change (position, id, kind, folder_id, place_code, about, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: LiveChanges :many
-- What everybody is told, from a position on.
SELECT * FROM live_change
WHERE (position, id) > (CAST(sqlc.arg(after) AS BIGINT), CAST(sqlc.arg(after_id) AS TEXT))
ORDER BY position, id LIMIT sqlc.arg(size);

-- name: LiveChangesOf :many
-- What one person is told, from a position on; LiveChangesAt is for everybody at a place.
SELECT position, kind, about FROM live_change WHERE folder_id = CAST(sqlc.arg(folder_id) AS TEXT) AND position >= sqlc.arg(since)
ORDER BY position LIMIT sqlc.arg(size);

-- name: LiveChangesAt :many
SELECT position, kind, about FROM live_change WHERE folder_id IS NULL AND place_code = sqlc.arg(place_code) AND position >= sqlc.arg(since)
ORDER BY position LIMIT sqlc.arg(size);

-- name: LiveChangesOfFolder :many
SELECT kind, about, written_at FROM live_change WHERE folder_id = CAST(sqlc.arg(folder_id) AS TEXT) ORDER BY position, id;

-- name: LiveLastBefore :one
SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) AS position FROM live_change WHERE written_at < $1 AND position < sqlc.arg(below);

-- name: LiveSweep :execrows
DELETE FROM live_change WHERE written_at < $1 AND position < sqlc.arg(below);

-- name: LiveNoteSwept :exec
UPDATE store_note SET value = sqlc.arg(swept) WHERE name = 'live_swept' AND value < sqlc.arg(swept);

-- name: LiveBeginAnew :exec
UPDATE store_note SET value = 0 WHERE name = 'live_swept';
