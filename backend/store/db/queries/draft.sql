-- name: draftAdd :exec
INSERT INTO draft (folder_id, id, application, state, revision, began_at, changed_at, gone_at, warned, about, fields)
VALUES ($1, $2, $3, $4, $5, sqlc.arg(now), sqlc.arg(now), $6, FALSE, $7, $8);

-- name: draftGet :one
SELECT * FROM draft WHERE folder_id = $1 AND id = $2;

-- name: draftSave :exec
UPDATE draft SET state = $3, revision = $4, changed_at = $5, gone_at = $6, warned = FALSE, about = $7, fields = $8
WHERE folder_id = $1 AND id = $2;

-- name: DraftState :execrows
UPDATE draft SET state = sqlc.arg(state), gone_at = sqlc.arg(gone_at), warned = FALSE WHERE folder_id = $1 AND id = $2;

-- Its answers are the application's from now on.
-- name: DraftSent :execrows
UPDATE draft SET state = 3, application = sqlc.arg(application), fields = NULL, gone_at = sqlc.arg(gone_at)
WHERE folder_id = $1 AND id = $2;

-- Without what was filled in.
-- name: draftList :many
SELECT folder_id, id, application, state, revision, began_at, changed_at, gone_at, about FROM draft
WHERE folder_id = $1 AND state < 3 ORDER BY changed_at DESC, id;

-- name: DraftCount :one
SELECT COUNT(*) FROM draft WHERE folder_id = $1 AND state <= sqlc.arg(state);

-- name: DraftOfApplication :one
SELECT id, state FROM draft WHERE folder_id = $1 AND application = $2 AND application <> '' AND state < 3;

-- name: DraftsUnwarned :many
SELECT folder_id, id, gone_at FROM draft WHERE state = 1 AND NOT warned AND gone_at <= sqlc.arg(before)
ORDER BY gone_at LIMIT sqlc.arg(size);

-- name: DraftWarned :exec
UPDATE draft SET warned = TRUE, gone_at = sqlc.arg(gone_at) WHERE folder_id = $1 AND id = $2;

-- name: DraftsEnded :many
SELECT folder_id, id, state FROM draft WHERE gone_at <= sqlc.arg(now) AND (state > 1 OR warned)
ORDER BY gone_at LIMIT sqlc.arg(size);

-- name: DraftErase :execrows
DELETE FROM draft WHERE folder_id = $1 AND id = $2;

-- name: draftsOfFolder :many
SELECT id, about, fields, state, revision, began_at, changed_at, gone_at, application FROM draft
WHERE folder_id = $1 ORDER BY began_at, id;

-- name: attachmentAdd :exec
INSERT INTO draft_attachment (folder_id, id, draft_id, application, size, come, finished, began_at, about)
VALUES ($1, $2, $3, '', $4, 0, FALSE, $5, $6);

-- name: attachmentGet :one
SELECT * FROM draft_attachment WHERE folder_id = $1 AND id = $2;

-- name: attachmentsOfDraft :many
SELECT * FROM draft_attachment WHERE folder_id = $1 AND draft_id = $2 AND draft_id <> '' ORDER BY began_at, id;

-- name: attachmentsOfApplication :many
SELECT * FROM draft_attachment WHERE folder_id = $1 AND application = $2 AND application <> '' ORDER BY began_at, id;

-- What the drafts of a folder hold.
-- name: AttachmentSize :one
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS size FROM draft_attachment WHERE folder_id = $1 AND application = '';

-- name: AttachmentCame :exec
UPDATE draft_attachment SET come = sqlc.arg(come) WHERE folder_id = $1 AND id = $2;

-- name: attachmentFinish :exec
UPDATE draft_attachment SET size = $3, come = $3, finished = TRUE, about = $4 WHERE folder_id = $1 AND id = $2;

-- name: AttachmentSent :exec
UPDATE draft_attachment SET application = sqlc.arg(application) WHERE folder_id = $1 AND id = $2;

-- name: AttachmentMove :exec
UPDATE draft_attachment SET draft_id = sqlc.arg(draft_id) WHERE folder_id = $1 AND id = $2;

-- name: AttachmentErase :execrows
DELETE FROM draft_attachment WHERE folder_id = $1 AND id = $2;

-- name: AttachmentsUnfinished :many
SELECT folder_id, id FROM draft_attachment WHERE NOT finished AND began_at < sqlc.arg(before) ORDER BY began_at LIMIT sqlc.arg(size);

-- name: attachmentsOfFolder :many
SELECT id, draft_id, application, about, size, come, finished, began_at FROM draft_attachment WHERE folder_id = $1 ORDER BY began_at, id;

-- Two devices, or a call and its repetition, may bring the same part at once: PostgreSQL has the later one begin again
-- (Tx), and find that it is there.
-- name: partAdd :exec
INSERT INTO draft_part (folder_id, attachment_id, position, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: partList :many
SELECT position, body FROM draft_part WHERE folder_id = $1 AND attachment_id = $2 ORDER BY position;

-- name: PartsErase :execrows
DELETE FROM draft_part WHERE folder_id = $1 AND attachment_id = $2;

-- How large what is kept of each is, sealed.
-- name: PartsOfFolder :many
SELECT attachment_id, position, LENGTH(body) AS bytes FROM draft_part WHERE folder_id = $1 ORDER BY attachment_id, position;

-- name: DraftTicketAdd :exec
INSERT INTO draft_ticket (folder_id, ticket_hash, session_hash, attachment_id, asked_at) VALUES ($1, $2, $3, $4, $5);

-- Whoever takes it has it: a second finds nothing.
-- name: DraftTicketTake :one
DELETE FROM draft_ticket WHERE ticket_hash = $1 AND folder_id = $2 AND session_hash = $3 AND asked_at >= sqlc.arg(since)
RETURNING attachment_id;

-- name: DraftTicketForget :execrows
DELETE FROM draft_ticket WHERE folder_id = $1 AND asked_at < sqlc.arg(before);

-- name: DraftTicketsOfFolder :many
SELECT attachment_id, asked_at FROM draft_ticket WHERE folder_id = $1 ORDER BY asked_at;
