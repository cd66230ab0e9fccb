-- name: ProcedureRevision :one
SELECT revision FROM procedure_revision WHERE id = 1;

-- name: ProcedureNextRevision :one
UPDATE procedure_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision;

-- name: ProcedureInsert :exec
INSERT INTO procedure_version (place_code, number, version, definition, effective_from, ended, content, office_id, registered_at, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: ProcedureOfPlace :many
SELECT number, version, definition, effective_from, ended, content, office_id, registered_at FROM procedure_version
WHERE place_code = $1 ORDER BY number, effective_from, version;

-- All versions of so many of a place's numbers, those that follow one.
-- name: ProcedureOfPlaceAfter :many
SELECT shown.number, shown.version, shown.definition, shown.effective_from, shown.ended, shown.content, shown.office_id, shown.registered_at
FROM procedure_version AS shown
WHERE shown.place_code = sqlc.arg(place) AND shown.number IN (
  SELECT following.number FROM procedure_version AS following
  WHERE following.place_code = sqlc.arg(place) AND following.number > sqlc.arg(after)
  GROUP BY following.number ORDER BY following.number LIMIT sqlc.arg(size))
ORDER BY shown.number, shown.effective_from, shown.version;

-- name: ProcedureVersions :many
SELECT version, definition, effective_from, ended, content, office_id, registered_at FROM procedure_version
WHERE place_code = $1 AND number = $2 ORDER BY effective_from, version;

-- name: ProcedurePlacesChanged :many
SELECT place_code FROM procedure_version WHERE revision > $1 ORDER BY revision, place_code;

-- name: ProcedurePlacesTurned :many
SELECT DISTINCT place_code FROM procedure_version WHERE effective_from > sqlc.arg(after_day) AND effective_from <= sqlc.arg(until_day);

-- name: ProcedureScan :many
SELECT place_code, number, version, definition, effective_from, ended, content FROM procedure_version
WHERE (place_code, number, version) > (CAST(sqlc.arg(place) AS TEXT), CAST(sqlc.arg(after_number) AS TEXT), CAST(sqlc.arg(after_version) AS BIGINT))
ORDER BY place_code, number, version LIMIT sqlc.arg(size);

-- name: ProcedureOfRevision :many
SELECT place_code, number, version, registered_at FROM procedure_version WHERE revision = $1 ORDER BY place_code, number, version;
