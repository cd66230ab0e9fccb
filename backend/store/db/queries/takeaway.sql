-- name: TakeawayAsk :exec
INSERT INTO takeaway (folder_id, ticket_hash, session_hash, language, asked_at, part) VALUES ($1, $2, $3, $4, $5, $6);

-- name: TakeawayForget :execrows
DELETE FROM takeaway WHERE folder_id = $1 AND asked_at < sqlc.arg(before);

-- Whoever begins has it: a second finds nothing.
-- name: TakeawayBegin :one
UPDATE takeaway SET begun_at = sqlc.arg(now), parts = sqlc.arg(parts)
WHERE ticket_hash = $1 AND folder_id = $2 AND session_hash = $3 AND begun_at = 0 AND asked_at >= sqlc.arg(since)
RETURNING language, part;

-- name: TakeawayProgress :exec
UPDATE takeaway SET done = $2 WHERE ticket_hash = $1;

-- name: TakeawayEnd :exec
UPDATE takeaway SET ended_at = sqlc.arg(now), stamped = sqlc.arg(stamped), failed = sqlc.arg(failed) WHERE ticket_hash = $1;

-- name: TakeawayState :one
SELECT asked_at, begun_at, done, parts, ended_at, stamped, failed FROM takeaway
WHERE ticket_hash = $1 AND folder_id = $2 AND session_hash = $3;

-- name: TakeawaysOfFolder :many
SELECT language, part, asked_at, begun_at, ended_at, stamped, failed FROM takeaway WHERE folder_id = $1 ORDER BY asked_at;
