-- name: UsageForget :execrows
DELETE FROM usage_line WHERE folder_id = $1 AND done_at < sqlc.arg(before);

-- name: UsageDisown :execrows
INSERT INTO usage_disowned (folder_id, line_id, case_id, said_at) VALUES ($1, $2, $3, $4) ON CONFLICT (folder_id, line_id) DO NOTHING;

-- name: UsageCaseOf :one
SELECT case_id FROM usage_disowned WHERE folder_id = $1 AND line_id = $2;

-- name: UsageDisownedBy :one
SELECT line_id FROM usage_disowned WHERE folder_id = $1 AND case_id = $2;

-- name: UsageDisownedOfFolder :many
SELECT line_id, case_id, said_at FROM usage_disowned WHERE folder_id = $1 ORDER BY said_at;

-- name: UsageDue :many
-- The folders of lines that stand in no leaf, and since when; those of the oldest first. More lines than so many are not looked at at once.
SELECT due.folder_id, CAST(MIN(due.done_at) AS BIGINT) AS since
FROM (SELECT folder_id, done_at FROM usage_line WHERE leaf = 0 AND done_at <= sqlc.arg(until) ORDER BY done_at LIMIT 50000) AS due
GROUP BY due.folder_id ORDER BY since LIMIT sqlc.arg(size);

-- name: usageUnproven :many
SELECT * FROM usage_line WHERE folder_id = $1 AND leaf = 0 ORDER BY done_at, id LIMIT sqlc.arg(size);

-- name: UsageProven :exec
-- Of those that stand in no leaf, all up to one.
UPDATE usage_line SET leaf = sqlc.arg(leaf) WHERE folder_id = $1 AND leaf = 0
  AND (done_at, id) <= (CAST(sqlc.arg(last_at) AS BIGINT), CAST(sqlc.arg(last_id) AS TEXT));
