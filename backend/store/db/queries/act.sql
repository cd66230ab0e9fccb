-- name: actNote :exec
INSERT INTO usage_line (folder_id, done_at, id, act, actor_id, subject_id, session, facts, leaf)
SELECT folder.id, CAST(sqlc.arg(done_at) AS BIGINT), CAST(sqlc.arg(call_id) AS TEXT), CAST(sqlc.arg(act) AS TEXT), CAST(sqlc.arg(actor_id) AS TEXT),
  CAST(sqlc.arg(subject_id) AS TEXT), CAST(sqlc.arg(session) AS TEXT), CAST(sqlc.arg(facts) AS TEXT), 0
FROM folder WHERE folder.id = sqlc.arg(folder_id)
ON CONFLICT (folder_id, done_at, id) DO NOTHING;

-- name: actLines :many
SELECT * FROM usage_line
WHERE folder_id = sqlc.arg(folder_id) AND (done_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND done_at >= sqlc.arg(since)
ORDER BY done_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: actLine :one
SELECT * FROM usage_line WHERE folder_id = $1 AND done_at = $2 AND id = $3;

-- How many tries of a folder were refused since then: they are written down up to a limit (act.Refused).
-- name: ActRefusals :one
SELECT COUNT(*) FROM usage_line WHERE folder_id = $1 AND done_at >= sqlc.arg(since) AND id LIKE 'r0%';

-- name: ActFirst :one
SELECT CAST(COALESCE(MIN(done_at), 0) AS BIGINT) FROM usage_line WHERE folder_id = $1;

-- name: actsOfFolder :many
SELECT id, done_at, act, actor_id, subject_id FROM usage_line WHERE folder_id = $1 ORDER BY done_at, id;
