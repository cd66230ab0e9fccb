-- Every statement about the person's own rows: folder, card, preference. Other rooms ask for a person by these alone.

-- name: FolderGet :one
SELECT * FROM folder WHERE id = $1;

-- name: FolderOfCard :one
SELECT folder_id FROM card WHERE issuer = $1 AND serial = $2;

-- The confirmed mail address, and the language to write in.
-- name: FolderMailbox :one
SELECT mail_address, language FROM folder WHERE id = $1 AND mail_confirmed_at > 0 AND mail_address <> '';

-- name: FolderFollowing :many
SELECT id, municipality_code FROM folder WHERE id > sqlc.arg(after) ORDER BY id LIMIT sqlc.arg(size);

-- name: FolderCreate :exec
INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, municipality_code, language, terms_version, opened_at, last_login_at,
  prior_login_at)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, 0);

-- name: FolderUpdate :execrows
UPDATE folder SET display_name = $2, mail_address = $3, mail_confirmed_at = $4, municipality_code = $5, language = $6 WHERE id = $1;

-- name: FolderSetMail :execrows
UPDATE folder SET mail_address = $2, mail_confirmed_at = $3 WHERE id = $1;

-- name: FolderConfirmMail :execrows
UPDATE folder SET mail_confirmed_at = $3 WHERE id = $1 AND mail_address = $2;

-- name: FolderNoteLogin :exec
UPDATE folder SET prior_login_at = last_login_at, last_login_at = $2 WHERE id = $1;

-- name: FolderDelete :execrows
DELETE FROM folder WHERE id = $1;

-- name: FolderAddCard :execrows
INSERT INTO card (issuer, serial, folder_id, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, serial) DO NOTHING;

-- name: FolderCards :many
SELECT issuer, serial, added_at FROM card WHERE folder_id = $1 ORDER BY added_at, issuer, serial;

-- name: FolderNewestCard :one
SELECT issuer, serial FROM card WHERE folder_id = $1 ORDER BY added_at DESC, serial, issuer LIMIT 1;

-- name: FolderCardsOfNoIssuer :one
SELECT EXISTS (SELECT 1 FROM card WHERE issuer = '');

-- name: FolderCardsGiveIssuer :execrows
UPDATE card SET issuer = $1 WHERE issuer = '';

-- name: FolderPreferences :many
SELECT name, value FROM preference WHERE folder_id = $1 ORDER BY name;

-- name: FolderPreference :one
SELECT value FROM preference WHERE folder_id = $1 AND name = $2;

-- name: FolderPrefer :exec
INSERT INTO preference (folder_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (folder_id, name) DO UPDATE SET value = excluded.value;
