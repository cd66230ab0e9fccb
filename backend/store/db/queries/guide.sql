-- name: TaskList :many
SELECT * FROM task WHERE folder_id = $1 ORDER BY added_at, id;

-- name: TaskCount :one
SELECT COUNT(*) FROM task WHERE folder_id = $1;

-- name: TaskGet :one
SELECT * FROM task WHERE folder_id = $1 AND id = $2;

-- name: TaskAdd :execrows
INSERT INTO task (folder_id, id, event, place_code, number, title, due, done_at, added_at, same, remembered, event_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING;

-- name: TaskUpdate :execrows
UPDATE task SET done_at = $3, due = $4, event_day = $5 WHERE folder_id = $1 AND id = $2;

-- name: TaskRemove :execrows
DELETE FROM task WHERE folder_id = $1 AND id = $2;
