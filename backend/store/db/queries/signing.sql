-- name: SigningPut :exec
INSERT INTO signing_certificate (key_id, number, certificate, made_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (key_id, number) DO NOTHING;

-- name: SigningGet :one
SELECT * FROM signing_certificate WHERE key_id = $1 AND number = $2;

-- name: SigningAll :many
SELECT * FROM signing_certificate ORDER BY made_at, key_id, number;

-- name: SigningWithdraw :execrows
UPDATE signing_certificate SET withdrawn_at = sqlc.arg(at) WHERE withdrawn_at = 0;
