-- The cards that are due, of which no other instance asks until next.
-- name: CardsDue :many
UPDATE session SET card_due_at = sqlc.arg(next)
WHERE (issuer, serial) IN (
  SELECT due.issuer, due.serial FROM session AS due WHERE due.card_due_at <= sqlc.arg(now) ORDER BY due.card_due_at LIMIT sqlc.arg(size))
RETURNING issuer, serial;

-- name: CardGood :execrows
UPDATE session SET card_good_at = sqlc.arg(good_at), card_due_at = sqlc.arg(due_at)
WHERE issuer = sqlc.arg(issuer) AND serial = sqlc.arg(serial);

-- name: CardEndUnknown :many
DELETE FROM session WHERE card_good_at < $1 RETURNING *;

-- name: RevocationListNumber :one
SELECT number FROM revocation_list WHERE issuer = $1;

-- name: RevocationListSeen :exec
INSERT INTO revocation_list (issuer, number) VALUES ($1, $2) ON CONFLICT (issuer) DO UPDATE SET number = excluded.number;
