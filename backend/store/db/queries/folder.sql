-- Every statement about the person's own rows: folder, card, preference. Other rooms ask for a person by these alone.

-- name: folderGet :one
SELECT * FROM folder WHERE id = $1;

-- name: FolderOfCard :one
SELECT folder_id FROM card WHERE issuer = $1 AND serial = $2;

-- The confirmed mail address, and the language to write in.
-- name: folderMailbox :one
SELECT mail_address, language FROM folder WHERE id = $1 AND mail_confirmed_at > 0 AND mail_address <> '';

-- name: folderFollowing :many
SELECT id, municipality_code FROM folder WHERE id > sqlc.arg(after) ORDER BY id LIMIT sqlc.arg(size);

-- name: folderCreate :exec
INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, municipality_code, language, terms_version, opened_at, last_login_at,
  prior_login_at)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, 0);

-- name: folderUpdate :execrows
UPDATE folder SET display_name = $2, mail_address = $3, mail_confirmed_at = $4, municipality_code = $5, language = $6 WHERE id = $1;

-- name: folderSetMail :execrows
UPDATE folder SET mail_address = $2, mail_confirmed_at = $3 WHERE id = $1;

-- name: folderConfirmMail :execrows
UPDATE folder SET mail_confirmed_at = $3 WHERE id = $1 AND mail_address = $2;

-- name: FolderNoteLogin :exec
UPDATE folder SET prior_login_at = last_login_at, last_login_at = $2 WHERE id = $1;

-- name: folderDelete :execrows
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

-- name: folderPreferences :many
SELECT name, value FROM preference WHERE folder_id = $1 ORDER BY name;

-- name: folderPreference :one
SELECT value FROM preference WHERE folder_id = $1 AND name = $2;

-- name: folderPrefer :exec
INSERT INTO preference (folder_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (folder_id, name) DO UPDATE SET value = excluded.value;

-- Of a folder: whether something of it is sealed, and whether all is.
-- name: FolderSeal :one
SELECT whole FROM folder_seal WHERE folder_id = $1;

-- name: FolderExists :one
SELECT EXISTS (SELECT 1 FROM folder WHERE id = $1);

-- name: FolderSealsOf :many
SELECT * FROM folder_seal WHERE folder_id = $1;

-- name: folderSealed :exec
INSERT INTO folder_seal (folder_id, whole) VALUES ($1, $2)
ON CONFLICT (folder_id) DO UPDATE SET whole = excluded.whole OR folder_seal.whole;

-- name: folderUnsealedFollowing :many
SELECT folder.id FROM folder
WHERE folder.id > sqlc.arg(after) AND NOT EXISTS (SELECT 1 FROM folder_seal WHERE folder_seal.folder_id = folder.id AND folder_seal.whole)
ORDER BY folder.id LIMIT sqlc.arg(size);

-- name: FolderSealedFollowing :many
SELECT folder_id FROM folder_seal WHERE folder_id > sqlc.arg(after) ORDER BY folder_id LIMIT sqlc.arg(size);

-- name: FolderIDsFollowing :many
SELECT id FROM folder WHERE id > sqlc.arg(after) ORDER BY id LIMIT sqlc.arg(size);

-- name: FolderNoteUnusual :exec
INSERT INTO folder_unusual (folder_id, line, session, noted_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (folder_id) DO UPDATE SET line = excluded.line, session = excluded.session, noted_at = excluded.noted_at;

-- name: FolderUnusual :one
SELECT line, session, noted_at FROM folder_unusual WHERE folder_id = $1;

-- name: FolderSeenUnusual :execrows
DELETE FROM folder_unusual WHERE folder_id = $1 AND line = $2 AND session <> sqlc.arg(own);

-- name: FolderUnusualOf :many
SELECT line, session, noted_at FROM folder_unusual WHERE folder_id = $1;

-- name: FolderLedgerStep :one
-- Counts a line of a chain of the ledger and gives what stood before: writing first, so that of two who would write the same number one waits or tries again. None when
-- there is no such folder.
INSERT INTO ledger_chain (folder_id, chain, count, last, recorded_at)
SELECT folder.id, CAST(sqlc.arg(chain) AS BIGINT), 1, '', 0 FROM folder WHERE folder.id = sqlc.arg(folder_id)
ON CONFLICT (folder_id, chain) DO UPDATE SET count = ledger_chain.count + 1
RETURNING count, last, recorded_at;
