-- name: deviceByToken :one
SELECT * FROM device WHERE folder_id = $1 AND token_hash = $2;

-- name: deviceAdd :exec
INSERT INTO device (folder_id, id, token_hash, seed, name, issuer, serial, first_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, sqlc.arg(now), sqlc.arg(now));

-- name: deviceUsed :execrows
UPDATE device SET name = $3, issuer = $4, serial = $5, last_at = $6 WHERE folder_id = $1 AND id = $2;

-- What opens anything, or tells a browser, is not among it.
-- name: deviceList :many
SELECT id, name, own_name, first_at, last_at FROM device WHERE folder_id = $1 ORDER BY last_at DESC, id;

-- name: DeviceRemove :execrows
DELETE FROM device WHERE folder_id = $1 AND id = $2;

-- name: DeviceRemoveOfCard :execrows
DELETE FROM device WHERE issuer = $1 AND serial = $2;

-- name: deviceRename :execrows
UPDATE device SET own_name = $3 WHERE folder_id = $1 AND id = $2;
