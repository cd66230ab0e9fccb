-- name: ChallengeUse :execrows
INSERT INTO used_challenge (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING;

-- name: ChallengeSweep :execrows
DELETE FROM used_challenge WHERE expires_at < $1;

-- name: QrDropOfBrowser :execrows
DELETE FROM qr_login WHERE browser_hash = $1;

-- Takes a place of a network, unless a code has it that goes on: that lives, and is in no state from over on.
-- name: QrTakePlace :execrows
INSERT INTO qr_login (token_hash, browser_hash, network, place, name, country, state, asked_at, expires_at, session_hash, number_seal, begun)
VALUES ($1, $2, $3, $4, $5, $6, $7, sqlc.arg(now), $8, '', '', '')
ON CONFLICT (network, place) DO UPDATE SET
  token_hash = excluded.token_hash, browser_hash = excluded.browser_hash, name = excluded.name, country = excluded.country,
  state = excluded.state, asked_at = excluded.asked_at, expires_at = excluded.expires_at, folder_id = NULL, session_hash = '',
  number_seal = '', begun = ''
WHERE qr_login.expires_at <= sqlc.arg(now) OR qr_login.state >= sqlc.arg(over);

-- name: QrNextEnd :one
SELECT CAST(COALESCE(MIN(expires_at), 0) AS BIGINT) FROM qr_login WHERE network = $1;

-- name: QrGet :one
SELECT * FROM qr_login WHERE token_hash = $1;

-- Goes from one state to another, if nobody was first.
-- name: QrMove :execrows
UPDATE qr_login SET state = sqlc.arg(state), expires_at = sqlc.arg(expires_at)
WHERE token_hash = $1 AND state = sqlc.arg(before) AND expires_at > sqlc.arg(now);

-- name: QrDecide :execrows
UPDATE qr_login SET state = sqlc.arg(state), expires_at = sqlc.arg(expires_at), folder_id = sqlc.arg(folder_id), session_hash = $2, number_seal = $3
WHERE token_hash = $1 AND state IN (sqlc.arg(shown), sqlc.arg(opened)) AND expires_at > sqlc.arg(now);

-- name: QrNoteBegun :exec
UPDATE qr_login SET begun = $2, number_seal = '' WHERE token_hash = $1;

-- name: QrSweep :execrows
DELETE FROM qr_login WHERE expires_at < $1;

-- name: QrLock :exec
INSERT INTO qr_lock (folder_id, browser_hash, until) VALUES ($1, $2, $3)
ON CONFLICT (folder_id, browser_hash) DO UPDATE SET until = excluded.until;

-- name: QrLockOfFolder :one
SELECT CAST(COALESCE(MAX(until), 0) AS BIGINT) FROM qr_lock WHERE folder_id = $1;

-- name: QrLockOfBrowser :one
SELECT CAST(COALESCE(MAX(until), 0) AS BIGINT) FROM qr_lock WHERE browser_hash = $1;

-- name: QrSweepLocks :execrows
DELETE FROM qr_lock WHERE until < $1;

-- name: QrLoginsOfFolder :many
SELECT name, country, state, asked_at, expires_at FROM qr_login WHERE folder_id = CAST(sqlc.arg(folder_id) AS TEXT) ORDER BY asked_at;

-- name: QrLocksOfFolder :many
SELECT folder_id, until FROM qr_lock WHERE folder_id = $1 ORDER BY until;
-- name: passkeyAdd :execrows
INSERT INTO passkey (folder_id, id, credential_id, public_key, user_handle, sign_count, backup_eligible, backed_up, name, issuer, serial,
  certificate_expires_at, added_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0) ON CONFLICT (credential_id) DO NOTHING;

-- name: passkeyByCredential :one
SELECT * FROM passkey WHERE credential_id = $1;

-- What has another count since was used meanwhile.
-- name: PasskeyUsed :execrows
UPDATE passkey SET sign_count = sqlc.arg(sign_count), backed_up = sqlc.arg(backed_up), used_at = sqlc.arg(used_at)
WHERE folder_id = sqlc.arg(folder_id) AND id = sqlc.arg(id) AND sign_count = sqlc.arg(before);

-- What tells an authenticator is not among it.
-- name: passkeyList :many
SELECT id, name, backup_eligible, backed_up, certificate_expires_at, added_at, used_at
FROM passkey WHERE folder_id = $1 ORDER BY added_at DESC, id;

-- name: PasskeyNewest :one
SELECT CAST(COALESCE(MAX(added_at), 0) AS BIGINT) FROM passkey WHERE folder_id = $1;

-- name: PasskeyCredentials :many
SELECT credential_id FROM passkey WHERE folder_id = $1;

-- name: passkeyRename :execrows
UPDATE passkey SET name = $3 WHERE folder_id = $1 AND id = $2;

-- name: PasskeyRemove :execrows
DELETE FROM passkey WHERE folder_id = $1 AND id = $2;

-- name: PasskeyRemoveOfCard :execrows
DELETE FROM passkey WHERE issuer = $1 AND serial = $2;

-- name: PasskeySweep :execrows
DELETE FROM passkey WHERE certificate_expires_at < $1;

-- name: PasskeyOfferMake :exec
INSERT INTO passkey_offer (folder_id, token_hash, session_hash, challenge, user_handle, expires_at, code, tries, added_at, device, sign_count,
  backup_eligible, backed_up)
VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0, '', 0, FALSE, FALSE)
ON CONFLICT (folder_id) DO UPDATE SET token_hash = excluded.token_hash, session_hash = excluded.session_hash, challenge = excluded.challenge,
  user_handle = excluded.user_handle, expires_at = excluded.expires_at, code = '', tries = 0, added_at = 0, device = '', credential_id = NULL,
  public_key = NULL, sign_count = 0, backup_eligible = FALSE, backed_up = FALSE;

-- name: PasskeyOfferByToken :one
SELECT * FROM passkey_offer WHERE token_hash = $1;

-- name: PasskeyOfferOf :one
SELECT * FROM passkey_offer WHERE folder_id = $1;

-- name: PasskeyOfferTake :execrows
UPDATE passkey_offer SET code = $2, device = $3, credential_id = $4, public_key = $5, sign_count = $6, backup_eligible = $7, backed_up = $8
WHERE token_hash = $1 AND code = '';

-- name: PasskeyOfferTried :execrows
UPDATE passkey_offer SET tries = tries + 1 WHERE folder_id = $1;

-- name: PasskeyOfferAdded :execrows
UPDATE passkey_offer SET added_at = $2 WHERE folder_id = $1 AND added_at = 0;

-- name: PasskeyOfferRemove :execrows
DELETE FROM passkey_offer WHERE folder_id = $1;

-- name: PasskeyOfferSweep :execrows
DELETE FROM passkey_offer WHERE expires_at < $1;

-- What a folder's owner may be told of it.
-- name: PasskeyOffersOfFolder :many
SELECT device, expires_at, added_at FROM passkey_offer WHERE folder_id = $1;
