-- name: noticeList :many
SELECT * FROM notice_line
WHERE audience = sqlc.arg(folder_id) AND (sent_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY sent_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: noticeListUnread :many
SELECT * FROM notice_line
WHERE audience = sqlc.arg(folder_id) AND read_at = 0
  AND (sent_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY sent_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: noticeListActions :many
SELECT * FROM notice_line
WHERE audience = sqlc.arg(folder_id) AND (sent_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND action <> '' AND (action_due = '' OR action_due >= CAST(sqlc.arg(today) AS TEXT))
  AND NOT EXISTS (SELECT 1 FROM notice_action
    WHERE notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.notice_id = notice_line.id AND notice_action.done_at > 0)
ORDER BY sent_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: noticeListUnreadActions :many
SELECT * FROM notice_line
WHERE audience = sqlc.arg(folder_id) AND read_at = 0
  AND (sent_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND action <> '' AND (action_due = '' OR action_due >= CAST(sqlc.arg(today) AS TEXT))
  AND NOT EXISTS (SELECT 1 FROM notice_action
    WHERE notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.notice_id = notice_line.id AND notice_action.done_at > 0)
ORDER BY sent_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: BroadcastList :many
SELECT broadcast_line.*, CAST(COALESCE(broadcast_read.read_at, 0) AS BIGINT) AS read_at
FROM broadcast_line
LEFT JOIN broadcast_read ON broadcast_read.folder_id = sqlc.arg(folder_id) AND broadcast_read.broadcast_id = broadcast_line.id
WHERE broadcast_line.audience = sqlc.arg(municipality_code) AND broadcast_line.sent_at >= sqlc.arg(since)
  AND (broadcast_line.sent_at, broadcast_line.id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND (CAST(sqlc.arg(unread_only) AS BIGINT) = 0 OR broadcast_read.read_at IS NULL)
  AND (CAST(sqlc.arg(action_only) AS BIGINT) = 0
    OR (broadcast_line.action <> '' AND (broadcast_line.action_due = '' OR broadcast_line.action_due >= CAST(sqlc.arg(today) AS TEXT))
      AND NOT EXISTS (SELECT 1 FROM notice_action
        WHERE notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.notice_id = broadcast_line.id AND notice_action.done_at > 0)))
ORDER BY broadcast_line.sent_at DESC, broadcast_line.id DESC LIMIT sqlc.arg(size);

-- name: NoticeUnreadCount :one
SELECT CAST((SELECT COUNT(*) FROM notice WHERE notice.folder_id = sqlc.arg(folder_id) AND notice.read_at = 0)
  + (SELECT COUNT(*) FROM broadcast
    WHERE broadcast.municipality_code IN (CAST(sqlc.arg(municipality) AS TEXT), CAST(sqlc.arg(city) AS TEXT), '')
      AND broadcast.sent_at >= sqlc.arg(since)
      AND NOT EXISTS (SELECT 1 FROM broadcast_read
        WHERE broadcast_read.folder_id = sqlc.arg(folder_id) AND broadcast_read.broadcast_id = broadcast.id)) AS BIGINT) AS unread;

-- name: noticeGet :one
SELECT * FROM notice_line WHERE audience = sqlc.arg(folder_id) AND id = sqlc.arg(id);

-- name: noticeBody :one
SELECT body, marked FROM notice WHERE folder_id = $1 AND id = $2;

-- name: BroadcastGet :one
SELECT broadcast_line.*, CAST(COALESCE(broadcast_read.read_at, 0) AS BIGINT) AS read_at
FROM broadcast_line
LEFT JOIN broadcast_read ON broadcast_read.folder_id = sqlc.arg(folder_id) AND broadcast_read.broadcast_id = broadcast_line.id
WHERE broadcast_line.id = sqlc.arg(id) AND broadcast_line.sent_at >= sqlc.arg(since)
  AND broadcast_line.audience IN (CAST(sqlc.arg(municipality) AS TEXT), CAST(sqlc.arg(city) AS TEXT), '');

-- name: BroadcastBody :one
SELECT body, marked FROM broadcast WHERE id = $1;

-- name: noticeActions :many
-- What is not ticked off, sent to the person or to everybody. First what has the first day, its own or the person's; last what has none.
SELECT notice_line.*, CAST(0 AS BIGINT) AS done_at, CAST(COALESCE(notice_action.own_due, '') AS TEXT) AS own_due,
  CAST(COALESCE(NULLIF(CASE WHEN notice_action.own_due <> '' AND (notice_line.action_due = '' OR notice_action.own_due < notice_line.action_due)
    THEN notice_action.own_due ELSE notice_line.action_due END, ''), '9999') AS TEXT) AS by_day
FROM notice_line
LEFT JOIN notice_action ON notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.notice_id = notice_line.id
WHERE notice_line.audience = sqlc.arg(folder_id) AND notice_line.action <> '' AND COALESCE(notice_action.done_at, 0) = 0
  AND (notice_line.action_due = '' OR notice_line.action_due >= CAST(sqlc.arg(first_day) AS TEXT))
UNION ALL
SELECT broadcast_line.*, CAST(COALESCE(broadcast_read.read_at, 0) AS BIGINT) AS read_at,
  CAST(0 AS BIGINT) AS done_at, CAST(COALESCE(notice_action.own_due, '') AS TEXT) AS own_due,
  CAST(COALESCE(NULLIF(CASE WHEN notice_action.own_due <> '' AND (broadcast_line.action_due = '' OR notice_action.own_due < broadcast_line.action_due)
    THEN notice_action.own_due ELSE broadcast_line.action_due END, ''), '9999') AS TEXT) AS by_day
FROM broadcast_line
LEFT JOIN notice_action ON notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.notice_id = broadcast_line.id
LEFT JOIN broadcast_read ON broadcast_read.folder_id = sqlc.arg(folder_id) AND broadcast_read.broadcast_id = broadcast_line.id
WHERE broadcast_line.audience IN (CAST(sqlc.arg(municipality) AS TEXT), CAST(sqlc.arg(city) AS TEXT), '')
  AND broadcast_line.sent_at >= sqlc.arg(since) AND broadcast_line.action <> '' AND COALESCE(notice_action.done_at, 0) = 0
  AND (broadcast_line.action_due = '' OR broadcast_line.action_due >= CAST(sqlc.arg(first_day) AS TEXT))
ORDER BY by_day, sent_at LIMIT sqlc.arg(size);

-- name: noticeActionsDone :many
-- What was ticked off, the last first.
SELECT notice_line.*, notice_action.done_at AS done_at, notice_action.own_due AS own_due, CAST('' AS TEXT) AS by_day
FROM notice_action
JOIN notice_line ON notice_line.audience = notice_action.folder_id AND notice_line.id = notice_action.notice_id
WHERE notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.done_at > 0
UNION ALL
SELECT broadcast_line.*, CAST(COALESCE(broadcast_read.read_at, 0) AS BIGINT) AS read_at,
  notice_action.done_at AS done_at, notice_action.own_due AS own_due, CAST('' AS TEXT) AS by_day
FROM notice_action
JOIN broadcast_line ON broadcast_line.id = notice_action.notice_id
LEFT JOIN broadcast_read ON broadcast_read.folder_id = sqlc.arg(folder_id) AND broadcast_read.broadcast_id = broadcast_line.id
WHERE notice_action.folder_id = sqlc.arg(folder_id) AND notice_action.done_at > 0
  AND broadcast_line.audience IN (CAST(sqlc.arg(municipality) AS TEXT), CAST(sqlc.arg(city) AS TEXT), '')
  AND broadcast_line.sent_at >= sqlc.arg(since)
ORDER BY done_at DESC LIMIT sqlc.arg(size);

-- name: NoticeActionGet :one
SELECT done_at, own_due FROM notice_action WHERE folder_id = $1 AND notice_id = $2;

-- name: NoticeActionSet :exec
INSERT INTO notice_action (folder_id, notice_id, done_at, own_due) VALUES ($1, $2, $3, $4)
ON CONFLICT (folder_id, notice_id) DO UPDATE SET done_at = excluded.done_at, own_due = excluded.own_due;

-- name: noticesOfFolder :many
SELECT notice.id, notice.office_id, CAST(COALESCE(office.name, '') AS TEXT) AS office, notice.title, notice.body, notice.marked, notice.action,
  notice.action_due, notice.action_url, notice.sent_at, notice.read_at
FROM notice LEFT JOIN office ON office.id = notice.office_id WHERE notice.folder_id = $1 ORDER BY notice.sent_at, notice.id;

-- name: NoticeActionsOfFolder :many
SELECT notice_id, done_at, own_due FROM notice_action WHERE folder_id = $1 ORDER BY notice_id;

-- name: BroadcastsReadByFolder :many
SELECT broadcast_id, read_at FROM broadcast_read WHERE folder_id = $1 ORDER BY read_at, broadcast_id;

-- name: NoticeMarkRead :execrows
UPDATE notice SET read_at = sqlc.arg(read_at) WHERE folder_id = $1 AND id = $2 AND read_at = 0;

-- name: NoticeMarkUnread :execrows
UPDATE notice SET read_at = 0 WHERE folder_id = $1 AND id = $2 AND read_at <> 0;

-- name: BroadcastMarkRead :execrows
INSERT INTO broadcast_read (folder_id, broadcast_id, read_at) VALUES ($1, $2, $3) ON CONFLICT (folder_id, broadcast_id) DO NOTHING;

-- name: BroadcastMarkUnread :execrows
DELETE FROM broadcast_read WHERE folder_id = $1 AND broadcast_id = $2;

-- name: noticeCreate :execrows
INSERT INTO notice (folder_id, id, office_id, reference, title, body, marked, action, action_due, action_url, sent_at, read_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)
ON CONFLICT (office_id, reference) DO NOTHING;

-- name: noticeByReference :one
SELECT id, folder_id, title, body, marked, action, action_due, action_url FROM notice WHERE office_id = $1 AND reference = $2;

-- name: BroadcastCreate :execrows
INSERT INTO broadcast (id, office_id, reference, municipality_code, title, body, marked, action, action_due, action_url, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (office_id, reference) DO NOTHING;

-- name: BroadcastByReference :one
SELECT id, municipality_code, title, body, marked, action, action_due, action_url FROM broadcast WHERE office_id = $1 AND reference = $2;
