-- name: KeyFingerprints :many
SELECT * FROM key_fingerprint ORDER BY made_at, id;

-- name: KeyFingerprint :one
SELECT fingerprint FROM key_fingerprint WHERE id = $1;

-- name: KeyPut :exec
INSERT INTO key_fingerprint (id, purpose, fingerprint, made_at, ends_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at;

-- name: KeyForgetEnded :exec
DELETE FROM key_fingerprint WHERE ends_at > 0 AND ends_at <= $1;

-- name: KeyForgetAll :exec
DELETE FROM key_fingerprint;
