-- name: ChallengeUse :execrows
INSERT INTO used_challenge (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING;

-- name: ChallengeSweep :execrows
DELETE FROM used_challenge WHERE expires_at < $1;

-- name: LoginFolder :one
SELECT folder.id, folder.mail_on_login, folder.mail_address, folder.mail_confirmed_at FROM card JOIN folder ON folder.id = card.folder_id WHERE card.issuer = $1 AND card.serial = $2;

-- name: LoginCardAdd :exec
INSERT INTO card (issuer, serial, folder_id, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, serial) DO NOTHING;

-- name: LoginStamp :exec
UPDATE folder SET prior_login_at = last_login_at, last_login_at = $2 WHERE id = $1;

-- name: LoginShown :one
SELECT display_name, prior_login_at FROM folder WHERE id = $1;
