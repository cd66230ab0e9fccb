-- name: AccountFolder :one
SELECT * FROM folder WHERE id = $1;

-- name: AccountFolderOfCard :one
SELECT folder_id FROM card WHERE issuer = $1 AND serial = $2;

-- name: AccountCreateFolder :exec
INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, municipality_code, language,
  terms_version, opened_at, last_login_at, prior_login_at)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, 0);

-- name: AccountAddCard :execrows
INSERT INTO card (issuer, serial, folder_id, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, serial) DO NOTHING;

-- name: AccountUpdateFolder :execrows
UPDATE folder SET display_name = $2, mail_address = $3, mail_confirmed_at = $4, mail_on_login = $5, mail_on_notice = $6,
  municipality_code = $7, language = $8
WHERE id = $1;

-- name: AccountDeleteFolder :execrows
DELETE FROM folder WHERE id = $1;

-- name: AccountEndSessions :execrows
DELETE FROM session WHERE folder_id = $1;

-- name: AccountAddMailConfirmation :exec
INSERT INTO mail_confirmation (token_hash, folder_id, address, expires_at) VALUES ($1, $2, $3, $4);

-- name: AccountMailConfirmation :one
SELECT folder_id, address, expires_at FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountDropMailConfirmation :exec
DELETE FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountSweepConfirmations :execrows
DELETE FROM mail_confirmation WHERE expires_at <= $1;

-- name: AccountMailConfirmations :many
SELECT address, expires_at FROM mail_confirmation WHERE folder_id = $1;

-- name: AccountConfirmMail :execrows
UPDATE folder SET mail_confirmed_at = $3 WHERE id = $1 AND mail_address = $2;

-- name: AccountCards :many
SELECT issuer, serial, added_at FROM card WHERE folder_id = $1 ORDER BY added_at, issuer, serial;

-- name: AccountNewestCard :one
SELECT issuer, serial FROM card WHERE folder_id = $1 ORDER BY added_at DESC, serial, issuer LIMIT 1;

-- name: AccountMailsSent :many
SELECT sent_at FROM mail_sent WHERE who = $1 AND sent_at > sqlc.arg(after) ORDER BY sent_at;

-- name: AccountAddMailSent :exec
INSERT INTO mail_sent (who, id, sent_at) VALUES ($1, $2, $3);

-- name: AccountSweepMailsSent :execrows
DELETE FROM mail_sent WHERE sent_at <= $1;

-- name: AccountAddMailChange :exec
INSERT INTO mail_change (folder_id, position, token_hash, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, language, changed_at, undone_at)
VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, 0);

-- name: AccountMailChange :one
SELECT * FROM mail_change WHERE folder_id = $1 AND position = $2;

-- name: AccountMailChanges :many
SELECT mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, language, changed_at, undone_at
FROM mail_change WHERE folder_id = $1 ORDER BY position;

-- name: AccountLastMailChange :one
SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM mail_change WHERE folder_id = $1;

-- name: AccountMailChangeByToken :one
SELECT * FROM mail_change WHERE token_hash = $1;

-- name: AccountGiveMailChangeToken :execrows
UPDATE mail_change SET token_hash = $3 WHERE folder_id = $1 AND position = $2;

-- name: AccountUndoMailChanges :execrows
UPDATE mail_change SET undone_at = sqlc.arg(now) WHERE folder_id = $1 AND position >= sqlc.arg(from_position) AND undone_at = 0;

-- name: AccountSweepMailChanges :execrows
DELETE FROM mail_change WHERE changed_at <= $1;

-- name: AccountPutMailBack :execrows
UPDATE folder SET mail_address = $2, mail_confirmed_at = $3, mail_on_login = $4, mail_on_notice = $5 WHERE id = $1;
