-- name: FormInsert :exec
INSERT INTO form_definition (place_code, form_id, version, valid_from, definition, registered_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: FormVersions :many
SELECT version, valid_from, definition, registered_at FROM form_definition
WHERE place_code = $1 AND form_id = $2 ORDER BY valid_from, registered_at, version;

-- name: FormsOfPlace :many
-- Without what they say, which is long and never changes.
SELECT form_id, version FROM form_definition WHERE place_code = $1 ORDER BY form_id, valid_from, version;

-- name: FormDefinition :one
SELECT definition FROM form_definition WHERE place_code = $1 AND form_id = $2 AND version = $3;
