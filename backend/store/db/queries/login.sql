-- name: ChallengeUse :execrows
INSERT INTO used_challenge (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING;

-- name: ChallengeSweep :execrows
DELETE FROM used_challenge WHERE expires_at < $1;
