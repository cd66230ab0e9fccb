-- name: SessionBegin :exec
INSERT INTO session (token_hash, folder_id, serial, certificate_expires_at, started_at, seen_at, card_shown_at, card_purpose)
VALUES ($1, $2, $3, $4, sqlc.arg(now), sqlc.arg(now), 0, '');

-- name: SessionAdopt :execrows
UPDATE session SET token_hash = sqlc.arg(new_hash), folder_id = sqlc.arg(folder_id)
WHERE token_hash = sqlc.arg(token_hash) AND serial = sqlc.arg(serial) AND folder_id = '';

-- name: SessionByToken :one
SELECT * FROM session WHERE token_hash = $1;

-- name: SessionSeen :execrows
UPDATE session SET seen_at = $2 WHERE token_hash = $1;

-- name: SessionCardShown :execrows
UPDATE session SET card_shown_at = $2, card_purpose = $3 WHERE token_hash = $1;

-- name: SessionEnd :execrows
DELETE FROM session WHERE token_hash = $1;

-- name: SessionEndFolder :execrows
DELETE FROM session WHERE folder_id = $1;

-- name: SessionEndSerial :execrows
DELETE FROM session WHERE serial = $1;

-- name: SessionEndNewcomer :exec
DELETE FROM session WHERE serial = $1 AND folder_id = '';

-- name: SessionSweep :execrows
DELETE FROM session WHERE started_at < sqlc.arg(started_before) OR seen_at < sqlc.arg(seen_before);

-- name: SessionSpendCard :execrows
UPDATE session SET card_shown_at = 0, card_purpose = '' WHERE token_hash = $1 AND card_purpose = $2 AND card_shown_at >= sqlc.arg(since);
