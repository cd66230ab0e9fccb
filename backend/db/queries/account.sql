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

-- name: AccountEndSessions :exec
DELETE FROM session WHERE folder_id = $1;

-- name: AccountEndSessionsOfCards :exec
DELETE FROM session WHERE (issuer, serial) IN (SELECT card.issuer, card.serial FROM card WHERE card.folder_id = $1);

-- name: AccountAddMailConfirmation :exec
INSERT INTO mail_confirmation (token_hash, folder_id, address, expires_at) VALUES ($1, $2, $3, $4);

-- name: AccountMailConfirmation :one
SELECT folder_id, address, expires_at FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountDropMailConfirmation :exec
DELETE FROM mail_confirmation WHERE token_hash = $1;

-- name: AccountDropExpiredConfirmations :exec
DELETE FROM mail_confirmation WHERE folder_id = $1 AND expires_at <= $2;

-- name: AccountMailConfirmations :many
SELECT address, expires_at FROM mail_confirmation WHERE folder_id = $1;

-- name: AccountConfirmMail :execrows
UPDATE folder SET mail_confirmed_at = $3 WHERE id = $1 AND mail_address = $2;

-- name: AccountNewestCard :one
SELECT issuer, serial FROM card WHERE folder_id = $1 ORDER BY added_at DESC, serial, issuer LIMIT 1;
