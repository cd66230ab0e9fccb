-- name: inquiryAdd :execrows
INSERT INTO inquiry (folder_id, id, number, office_id, subject, kind, state, attached, opened_at, moved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, sqlc.arg(now), sqlc.arg(now)) ON CONFLICT (number) DO NOTHING;

-- name: inquiryList :many
SELECT inquiry.id, inquiry.folder_id, inquiry.number, inquiry.office_id, inquiry.subject, inquiry.kind, inquiry.state, inquiry.attached,
  inquiry.opened_at, inquiry.moved_at, CAST(COALESCE(office.name, '') AS TEXT) AS office
FROM inquiry LEFT JOIN office ON office.id = inquiry.office_id
WHERE inquiry.folder_id = $1 ORDER BY inquiry.moved_at DESC, inquiry.id DESC LIMIT sqlc.arg(size);

-- name: inquiryGet :one
SELECT inquiry.id, inquiry.folder_id, inquiry.number, inquiry.office_id, inquiry.subject, inquiry.kind, inquiry.state, inquiry.attached,
  inquiry.opened_at, inquiry.moved_at, CAST(COALESCE(office.name, '') AS TEXT) AS office
FROM inquiry LEFT JOIN office ON office.id = inquiry.office_id
WHERE inquiry.folder_id = $1 AND inquiry.id = $2;

-- name: InquiryMove :execrows
UPDATE inquiry SET state = sqlc.arg(state), moved_at = sqlc.arg(now) WHERE folder_id = $1 AND id = $2;

-- name: InquiryOpenCount :one
SELECT COUNT(*) FROM inquiry WHERE folder_id = $1 AND state <> sqlc.arg(closed);

-- name: InquiryWrittenSince :one
SELECT COUNT(*) FROM inquiry_message WHERE folder_id = $1 AND written_at >= sqlc.arg(since) AND writer = sqlc.arg(writer);

-- name: inquiryWrite :exec
INSERT INTO inquiry_message (folder_id, inquiry_id, id, writer, reference, body, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: inquiryMessages :many
SELECT * FROM inquiry_message WHERE folder_id = $1 AND inquiry_id = $2 ORDER BY written_at, id;

-- name: InquiryOffices :many
SELECT office.id, office.name FROM pairwise JOIN office ON office.id = pairwise.office_id
WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '' AND office.active AND ' ' || office.duties || ' ' LIKE '% inquiry %'
ORDER BY office.name, office.id;

-- Those of an office, or '' of the operator, that wait.
-- name: inquiriesWaiting :many
SELECT inquiry.id, inquiry.folder_id, inquiry.number, inquiry.office_id, inquiry.subject, inquiry.kind, inquiry.state, inquiry.attached,
  inquiry.opened_at, inquiry.moved_at, CAST(COALESCE(pairwise.identifier, '') AS TEXT) AS person
FROM inquiry LEFT JOIN pairwise ON pairwise.office_id = inquiry.office_id AND pairwise.folder_id = inquiry.folder_id
WHERE inquiry.office_id = $1 AND inquiry.state = sqlc.arg(waiting)
  AND (inquiry.moved_at, inquiry.id) > (CAST(sqlc.arg(after) AS BIGINT), CAST(sqlc.arg(after_id) AS TEXT))
ORDER BY inquiry.moved_at, inquiry.id LIMIT sqlc.arg(size);

-- name: InquiryOfOffice :one
SELECT inquiry.folder_id FROM inquiry JOIN pairwise ON pairwise.office_id = inquiry.office_id AND pairwise.folder_id = inquiry.folder_id
WHERE inquiry.id = $1 AND inquiry.office_id = $2;

-- name: InquiryByNumber :one
SELECT folder_id, id, office_id FROM inquiry WHERE number = $1;

-- name: inquiriesOfFolder :many
SELECT id, number, office_id, subject, kind, state, opened_at, moved_at FROM inquiry WHERE folder_id = $1 ORDER BY opened_at, id;

-- name: inquiryMessagesOfFolder :many
SELECT inquiry_id, id, writer, body, written_at FROM inquiry_message WHERE folder_id = $1 ORDER BY written_at, id;
