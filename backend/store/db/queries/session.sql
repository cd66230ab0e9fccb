-- name: SessionBegin :exec
INSERT INTO session (token_hash, folder_id, issuer, serial, certificate_expires_at, started_at, seen_at, card_shown_at, card_purpose,
  card_good_at, card_due_at)
VALUES ($1, $2, $3, $4, $5, sqlc.arg(now), sqlc.arg(now), 0, '', sqlc.arg(now), sqlc.arg(card_due_at));

-- name: SessionShare :execrows
UPDATE session SET shared_device = TRUE WHERE token_hash = $1;

-- name: SessionBy :execrows
UPDATE session SET means = $2, means_id = $3 WHERE token_hash = $1;

-- name: SessionEndBy :execrows
DELETE FROM session WHERE folder_id = $1 AND means IN ($2, sqlc.arg(let_in)) AND means_id = $3;

-- name: SessionAt :execrows
UPDATE session SET device_id = $2, name = $3, place = $4 WHERE token_hash = $1;

-- name: SessionOnDevice :execrows
UPDATE session SET device_id = $2 WHERE token_hash = $1;

-- name: SessionByPhone :execrows
UPDATE session SET means = $2, means_id = $3, name = $4, shared_device = TRUE WHERE token_hash = $1;

-- name: SessionAdopt :execrows
UPDATE session SET token_hash = sqlc.arg(new_hash), folder_id = sqlc.arg(folder_id)
WHERE token_hash = sqlc.arg(token_hash) AND issuer = sqlc.arg(issuer) AND serial = sqlc.arg(serial) AND folder_id = '';

-- name: SessionByToken :one
SELECT * FROM session WHERE token_hash = $1;

-- name: SessionSeen :execrows
UPDATE session SET seen_at = $2 WHERE token_hash = $1;

-- name: SessionCardShown :execrows
UPDATE session SET card_shown_at = $2, card_purpose = $3, card_content = $4 WHERE token_hash = $1;

-- name: SessionEnd :execrows
DELETE FROM session WHERE token_hash = $1;

-- name: SessionEndFolder :execrows
DELETE FROM session WHERE folder_id = $1;

-- Those, too, that were begun with one of the person's cards before there was a folder.
-- name: SessionEndCardsOfFolder :execrows
DELETE FROM session WHERE (issuer, serial) IN (SELECT card.issuer, card.serial FROM card WHERE card.folder_id = $1);

-- name: SessionsOfFolder :many
SELECT certificate_expires_at, started_at, seen_at, card_shown_at, card_purpose, card_good_at, means, name, place
FROM session WHERE folder_id = $1 ORDER BY started_at;

-- name: SessionsLive :many
SELECT * FROM session WHERE folder_id = $1 ORDER BY started_at DESC, token_hash;

-- name: SessionEndOthers :many
DELETE FROM session WHERE folder_id = $1 AND token_hash <> sqlc.arg(but) RETURNING token_hash;

-- name: SessionEndDevice :many
DELETE FROM session WHERE folder_id = $1 AND device_id = $2 AND token_hash <> sqlc.arg(but) RETURNING token_hash;

-- name: SessionsOfNoIssuer :one
SELECT EXISTS (SELECT 1 FROM session WHERE issuer = '');

-- name: SessionsGiveIssuer :execrows
UPDATE session SET issuer = $1 WHERE issuer = '';

-- name: SessionEndCard :many
DELETE FROM session WHERE issuer = $1 AND serial = $2 RETURNING *;

-- name: SessionEndNewcomer :execrows
DELETE FROM session WHERE issuer = $1 AND serial = $2 AND folder_id = '';

-- name: SessionSweep :many
DELETE FROM session WHERE token_hash IN (
  SELECT over.token_hash FROM session AS over
  WHERE over.started_at < sqlc.arg(started_before) OR over.seen_at < sqlc.arg(seen_before)
  LIMIT sqlc.arg(size)
) RETURNING *;

-- name: SessionSpendCard :execrows
UPDATE session SET card_shown_at = 0, card_purpose = '', card_content = ''
WHERE token_hash = $1 AND card_purpose = $2 AND card_shown_at >= sqlc.arg(since) AND card_content IN ('', sqlc.arg(content));
