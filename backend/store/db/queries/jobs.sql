-- name: jobEnqueue :exec
INSERT INTO job (id, kind, payload, run_at, lease_until, attempts, last_error, dead_at, folder_id)
VALUES ($1, $2, $3, $4, 0, 0, '', 0, NULLIF(CAST(sqlc.arg(folder_id) AS TEXT), ''));

-- name: JobWaiting :one
SELECT EXISTS (SELECT 1 FROM job WHERE dead_at = 0 AND run_at <= $1);

-- A leased job is due again when its lease ends: run_at moves along, so that no other worker looks at it before.
-- name: jobLease :one
UPDATE job SET run_at = sqlc.arg(until), lease_until = sqlc.arg(until), attempts = attempts + 1
WHERE id = (SELECT due.id FROM job AS due WHERE due.dead_at = 0 AND due.run_at <= sqlc.arg(now) ORDER BY due.run_at LIMIT 1)
  AND dead_at = 0 AND run_at <= sqlc.arg(now)
RETURNING *;

-- name: JobDone :execrows
DELETE FROM job WHERE id = $1 AND lease_until = $2;

-- name: JobRetry :execrows
UPDATE job SET run_at = sqlc.arg(run_at), lease_until = 0, last_error = sqlc.arg(last_error)
WHERE id = $1 AND lease_until = sqlc.arg(leased_until);

-- name: JobGiveBack :execrows
UPDATE job SET run_at = sqlc.arg(run_at), lease_until = 0, attempts = attempts - 1
WHERE id = $1 AND lease_until = sqlc.arg(leased_until);

-- name: JobBury :execrows
UPDATE job SET dead_at = sqlc.arg(dead_at), lease_until = 0, last_error = sqlc.arg(last_error)
WHERE id = $1 AND lease_until = sqlc.arg(leased_until);

-- name: JobsOfFolder :many
SELECT kind, run_at, attempts, dead_at FROM job WHERE folder_id = CAST(sqlc.arg(folder_id) AS TEXT) ORDER BY run_at;

-- name: JobDead :many
SELECT * FROM job WHERE dead_at > 0 ORDER BY dead_at DESC LIMIT $1;

-- name: JobDeadCount :one
SELECT COUNT(*) FROM job WHERE dead_at > 0;

-- name: JobRevive :execrows
UPDATE job SET dead_at = 0, attempts = 0, run_at = sqlc.arg(run_at), last_error = '' WHERE id = sqlc.arg(id) AND dead_at > 0;
