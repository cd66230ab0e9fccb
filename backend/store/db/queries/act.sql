-- name: ActNote :exec
INSERT INTO usage_line (folder_id, done_at, id, act, actor_id, subject_id, session)
SELECT folder.id, CAST(sqlc.arg(done_at) AS BIGINT), CAST(sqlc.arg(call_id) AS TEXT), CAST(sqlc.arg(act) AS TEXT), CAST(sqlc.arg(actor_id) AS TEXT),
  CAST(sqlc.arg(subject_id) AS TEXT), CAST(sqlc.arg(session) AS TEXT)
FROM folder WHERE folder.id = sqlc.arg(folder_id)
ON CONFLICT (folder_id, done_at, id) DO NOTHING;

-- name: ActLines :many
SELECT * FROM usage_line
WHERE folder_id = sqlc.arg(folder_id) AND (done_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY done_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: ActsOfFolder :many
SELECT done_at, act, actor_id, subject_id FROM usage_line WHERE folder_id = $1 ORDER BY done_at, id;
