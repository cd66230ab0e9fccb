-- name: taskList :many
SELECT * FROM task WHERE folder_id = $1 ORDER BY added_at, id;

-- name: TaskCount :one
SELECT COUNT(*) FROM task WHERE folder_id = $1;

-- name: taskGet :one
SELECT * FROM task WHERE folder_id = $1 AND id = $2;

-- name: taskAdd :execrows
INSERT INTO task (folder_id, id, event, place_code, number, title, due, done_at, added_at, same, remembered, event_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING;

-- name: taskUpdate :execrows
UPDATE task SET done_at = $3, due = $4, event_day = $5 WHERE folder_id = $1 AND id = $2;

-- name: TaskRemove :execrows
DELETE FROM task WHERE folder_id = $1 AND id = $2;

-- name: taskSame :one
SELECT EXISTS (SELECT 1 FROM task WHERE folder_id = $1 AND same = $2);
