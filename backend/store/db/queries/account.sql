-- name: accountAddMailConfirmation :exec
INSERT INTO mail_confirmation (token_hash, folder_id, address, expires_at) VALUES ($1, $2, $3, $4);

-- name: accountMailConfirmation :one
SELECT folder_id, address, expires_at FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountDropMailConfirmation :exec
DELETE FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountSweepConfirmations :execrows
DELETE FROM mail_confirmation WHERE expires_at <= $1;

-- name: accountMailConfirmations :many
SELECT token_hash, address, expires_at FROM mail_confirmation WHERE folder_id = $1;

-- name: AccountMailsSent :many
SELECT sent_at FROM mail_sent WHERE who = $1 AND sent_at > sqlc.arg(after) ORDER BY sent_at;

-- name: AccountAddMailSent :exec
INSERT INTO mail_sent (who, id, sent_at) VALUES ($1, $2, $3);

-- name: AccountSweepMailsSent :execrows
DELETE FROM mail_sent WHERE sent_at <= $1;

-- name: accountAddMailChange :exec
INSERT INTO mail_change (folder_id, position, token_hash, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, language, changed_at, undone_at)
VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, 0);

-- name: accountMailChange :one
SELECT * FROM mail_change WHERE folder_id = $1 AND position = $2;

-- name: accountMailChanges :many
SELECT position, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, language, changed_at, undone_at
FROM mail_change WHERE folder_id = $1 ORDER BY position;

-- name: AccountLastMailChange :one
SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM mail_change WHERE folder_id = $1;

-- name: accountMailChangeByToken :one
SELECT * FROM mail_change WHERE token_hash = $1;

-- name: AccountGiveMailChangeToken :execrows
UPDATE mail_change SET token_hash = $3 WHERE folder_id = $1 AND position = $2;

-- name: AccountUndoMailChanges :execrows
UPDATE mail_change SET undone_at = sqlc.arg(now) WHERE folder_id = $1 AND position >= sqlc.arg(from_position) AND undone_at = 0;

-- name: AccountSweepMailChanges :execrows
DELETE FROM mail_change WHERE changed_at <= $1;
