-- name: onceTake :execrows
INSERT INTO done_once (folder_id, actor_id, procedure, key, request, call_id, answered, answer, forgotten, done_at)
SELECT folder.id, CAST(sqlc.arg(actor_id) AS TEXT), CAST(sqlc.arg(procedure) AS TEXT), CAST(sqlc.arg(key) AS TEXT), CAST(sqlc.arg(request) AS TEXT),
  CAST(sqlc.arg(call_id) AS TEXT), FALSE, NULL, FALSE, CAST(sqlc.arg(done_at) AS BIGINT)
FROM folder WHERE folder.id = sqlc.arg(folder_id)
ON CONFLICT (folder_id, actor_id, procedure, key) DO NOTHING;

-- name: onceFind :one
SELECT request, answered, answer, forgotten FROM done_once WHERE folder_id = $1 AND actor_id = $2 AND procedure = $3 AND key = $4;

-- name: onceAnswer :execrows
UPDATE done_once SET answered = sqlc.arg(answered), answer = sqlc.arg(answer), forgotten = sqlc.arg(forgotten)
WHERE folder_id = $1 AND actor_id = $2 AND procedure = $3 AND key = $4 AND call_id = $5 AND NOT forgotten;

-- name: OnceDrop :execrows
DELETE FROM done_once WHERE folder_id = $1 AND actor_id = $2 AND procedure = $3 AND key = $4 AND call_id = $5;

-- name: OnceForget :execrows
UPDATE done_once SET answered = FALSE, answer = NULL, forgotten = TRUE WHERE folder_id = $1 AND call_id <> sqlc.arg(but) AND NOT forgotten;

-- name: OnceSweep :execrows
DELETE FROM done_once WHERE done_at < $1;

-- name: OnceOfFolder :many
SELECT procedure, done_at FROM done_once WHERE folder_id = $1 ORDER BY done_at, procedure, key;
