-- name: OfficeRetireAll :exec
UPDATE office SET active = FALSE, certificate_hash = 'retired:' || id;

-- name: OfficeRegister :exec
INSERT INTO office (id, name, certificate_hash, duties, municipality_code, active) VALUES ($1, $2, $3, $4, $5, TRUE)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, certificate_hash = excluded.certificate_hash, duties = excluded.duties,
  municipality_code = excluded.municipality_code, active = TRUE;

-- name: OfficePersons :many
SELECT identifier, introduction, folder_id, position FROM pairwise WHERE office_id = $1 AND position > $2 ORDER BY position LIMIT $3;

-- name: OfficeFolderOf :one
SELECT folder_id FROM pairwise WHERE office_id = $1 AND identifier = $2 AND folder_id <> '';

-- name: OfficeOfFolder :many
SELECT pairwise.office_id, pairwise.identifier, CAST(COALESCE(office.municipality_code, '') AS TEXT) AS municipality_code
FROM pairwise LEFT JOIN office ON office.id = pairwise.office_id
WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '';

-- name: OfficesKnowingFolder :many
SELECT pairwise.office_id, CAST(COALESCE(office.name, '') AS TEXT) AS office
FROM pairwise LEFT JOIN office ON office.id = pairwise.office_id
WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '' ORDER BY pairwise.office_id;

-- name: OfficeLastPosition :one
SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) AS position FROM pairwise WHERE office_id = $1 AND position > 0;

-- name: OfficeIntroduce :exec
INSERT INTO pairwise (office_id, identifier, folder_id, introduction, position, changed_at, patience) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- Whom the office was never told of is forgotten, not ended.
-- name: OfficeForget :execrows
DELETE FROM pairwise WHERE office_id = $1 AND identifier = $2 AND position < 0;

-- name: OfficeLeave :exec
UPDATE pairwise SET folder_id = '', introduction = '', changed_at = $3, patience = $4 WHERE office_id = $1 AND identifier = $2;

-- In the order of the identifiers, which says nothing, for what comes after the limit.
-- name: OfficeWaiting :many
SELECT identifier FROM pairwise
WHERE office_id = sqlc.arg(office_id) AND changed_at > 0
  AND changed_at + patience * CAST(sqlc.arg(within) AS BIGINT) / 1000000 <= CAST(sqlc.arg(now) AS BIGINT)
ORDER BY identifier LIMIT sqlc.arg(size);

-- name: OfficeTell :exec
UPDATE pairwise SET position = $3, changed_at = 0, patience = 0 WHERE office_id = $1 AND identifier = $2;

-- name: OfficeGet :one
SELECT * FROM office WHERE id = $1 AND active;

-- name: OfficesConcerned :many
SELECT * FROM office
WHERE active AND municipality_code IN (CAST(sqlc.arg(municipality) AS TEXT), CAST(sqlc.arg(city) AS TEXT), CAST(sqlc.arg(prefecture) AS TEXT), '')
ORDER BY id;

-- name: OfficeKnowsFolder :one
SELECT EXISTS (SELECT 1 FROM pairwise WHERE folder_id = $1 AND office_id = $2);

-- name: OfficesActive :many
SELECT * FROM office WHERE active;
