-- name: ApplicationOfficeName :one
-- Also of an office that takes none any more.
SELECT name FROM office WHERE id = $1;

-- name: ApplicationAdd :execrows
-- As it stands from the first on; none where the id or the number is another's.
INSERT INTO application (folder_id, id, number, office_id, place_code, form_id, version, procedure, state, revision, sent_at, arrived_at, moved_at,
  office_at, due_at, closed_at, gone_at, warned, late, tell)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12, $13, $14, 0, 0, 0, $15, $16) ON CONFLICT DO NOTHING;

-- name: ApplicationOpened :one
-- Counts one more that is open, writing first (as FolderLedgerStep does): of a person's two one waits for the other.
INSERT INTO application_open (folder_id, count) VALUES ($1, 1)
ON CONFLICT (folder_id) DO UPDATE SET count = application_open.count + 1
RETURNING count;

-- name: ApplicationEnded :exec
-- Counts one less.
UPDATE application_open SET count = count - 1 WHERE folder_id = $1;

-- name: ApplicationOpenSet :exec
UPDATE application_open SET count = $2 WHERE folder_id = $1;

-- name: ApplicationOpenOfFolder :many
SELECT folder_id, count AS open_applications FROM application_open WHERE folder_id = $1;

-- name: ApplicationSet :execrows
UPDATE application SET number = $3, version = $4, state = $5, revision = $6, arrived_at = $7, moved_at = $8, office_at = $9, due_at = $10,
  closed_at = $11, gone_at = $12, warned = $13, late = $14, tell = $15
WHERE folder_id = $1 AND id = $2;

-- name: ApplicationGet :one
SELECT * FROM application WHERE folder_id = $1 AND id = $2;

-- name: ApplicationList :many
SELECT * FROM application WHERE folder_id = $1 ORDER BY moved_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: ApplicationTwin :one
-- Others of the same form at the same office that are open.
SELECT id FROM application WHERE folder_id = $1 AND id <> $2 AND office_id = $3 AND form_id = $4 AND closed_at = 0 ORDER BY sent_at DESC LIMIT 1;

-- name: ApplicationOfOffice :one
SELECT * FROM application WHERE id = $1 AND office_id = $2 AND office_at > 0;

-- name: ApplicationsOfOffice :many
-- What moved since, in the order in which it did.
SELECT application.*, CAST(COALESCE(pairwise.identifier, '') AS TEXT) AS person
FROM application LEFT JOIN pairwise ON pairwise.office_id = application.office_id AND pairwise.folder_id = application.folder_id
WHERE application.office_id = $1 AND application.office_at > 0
  AND (application.office_at, application.id) > (CAST(sqlc.arg(after) AS BIGINT), CAST(sqlc.arg(after_id) AS TEXT))
  AND application.office_at < CAST(sqlc.arg(before) AS BIGINT)
ORDER BY application.office_at, application.id LIMIT sqlc.arg(size);

-- name: ApplicationSentAdd :execrows
-- None where its id, or its nonce, stands there already.
INSERT INTO application_sent (folder_id, application_id, revision, send_id, nonce, sent_at, stamped_at, leaf, cosign_hash, content)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9) ON CONFLICT DO NOTHING;

-- name: ApplicationSentUnder :one
-- Whosesoever it is.
SELECT folder_id, application_id FROM application_sent WHERE send_id = $1;

-- name: ApplicationSentGet :one
SELECT folder_id, application_id, revision, send_id, nonce, sent_at, stamped_at, leaf, cosign_hash, content, stamp FROM application_sent
WHERE folder_id = $1 AND application_id = $2 AND revision = $3;

-- name: ApplicationSentLeaf :execrows
UPDATE application_sent SET leaf = $4 WHERE folder_id = $1 AND application_id = $2 AND revision = $3;

-- name: ApplicationCosigned :execrows
UPDATE application_sent SET content = $4 WHERE folder_id = $1 AND application_id = $2 AND revision = $3;

-- name: ApplicationSentStamp :execrows
UPDATE application_sent SET stamped_at = $4, stamp = $5 WHERE folder_id = $1 AND application_id = $2 AND revision = $3 AND stamped_at = 0;

-- name: ApplicationPaperSet :execrows
UPDATE application_sent SET paper = $4 WHERE folder_id = $1 AND application_id = $2 AND revision = $3;

-- name: ApplicationPaper :one
SELECT send_id, paper FROM application_sent WHERE folder_id = $1 AND application_id = $2 AND revision = $3;

-- name: ApplicationOfCosign :one
SELECT folder_id, application_id, revision FROM application_sent WHERE cosign_hash = $1 AND cosign_hash <> '';

-- name: ApplicationNumberTaken :one
SELECT EXISTS (SELECT 1 FROM application WHERE number = $1);

-- name: ApplicationOpenCount :one
SELECT COUNT(*) FROM application WHERE folder_id = $1 AND closed_at = 0;

-- name: ApplicationStepAdd :exec
INSERT INTO application_step (folder_id, application_id, number, id, reference, detail) VALUES ($1, $2, $3, $4, $5, $6);

-- name: ApplicationSteps :many
SELECT * FROM application_step WHERE folder_id = $1 AND application_id = $2 ORDER BY number;

-- name: ApplicationStepCount :one
SELECT COUNT(*) FROM application_step WHERE folder_id = $1 AND application_id = $2;

-- name: ApplicationMessageAdd :exec
INSERT INTO application_message (folder_id, application_id, id, by_office, reference, body, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ApplicationMessages :many
SELECT * FROM application_message WHERE folder_id = $1 AND application_id = $2 ORDER BY written_at, id;

-- name: ApplicationWrittenSince :one
SELECT COUNT(*) FROM application_message WHERE folder_id = $1 AND written_at >= sqlc.arg(since) AND NOT by_office;

-- name: ApplicationSignerKnown :one
SELECT EXISTS (SELECT 1 FROM application_signer WHERE folder_id = $1 AND issuer = $2 AND serial = $3);

-- name: ApplicationSignerKnow :exec
INSERT INTO application_signer (folder_id, issuer, serial, known_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: ApplicationPaceAdd :exec
INSERT INTO application_pace (office_id, form_id, ended_at, id, days) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- name: ApplicationPace :many
SELECT days FROM application_pace WHERE office_id = $1 AND form_id = $2 AND ended_at >= sqlc.arg(since) ORDER BY ended_at DESC LIMIT sqlc.arg(size);

-- name: ApplicationPaceForget :execrows
DELETE FROM application_pace WHERE ended_at < sqlc.arg(before);

-- name: ApplicationsDue :many
SELECT * FROM application WHERE due_at > 0 AND due_at < sqlc.arg(now) ORDER BY due_at LIMIT sqlc.arg(size);

-- name: ApplicationsGoing :many
-- What is deleted before a time and was not announced as often.
SELECT * FROM application WHERE gone_at > 0 AND gone_at < sqlc.arg(before) AND (warned = 0 OR warned > CAST(sqlc.arg(warned) AS BIGINT))
ORDER BY gone_at LIMIT sqlc.arg(size);

-- name: ApplicationsGone :many
SELECT * FROM application WHERE gone_at > 0 AND gone_at < sqlc.arg(now) AND warned = sqlc.arg(warned) ORDER BY gone_at LIMIT sqlc.arg(size);

-- name: ApplicationDelete :execrows
DELETE FROM application WHERE folder_id = $1 AND id = $2;

-- name: ApplicationDeleteSent :exec
DELETE FROM application_sent WHERE folder_id = $1 AND application_id = $2;

-- name: ApplicationDeleteSteps :exec
DELETE FROM application_step WHERE folder_id = $1 AND application_id = $2;

-- name: ApplicationDeleteMessages :exec
DELETE FROM application_message WHERE folder_id = $1 AND application_id = $2;

-- name: ApplicationTicketAdd :exec
INSERT INTO application_ticket (ticket_hash, folder_id, session_hash, application_id, file, asked_at, cosign_hash, attachment)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: ApplicationTicketTake :one
DELETE FROM application_ticket WHERE ticket_hash = $1 AND folder_id = $2 AND session_hash = $3
RETURNING application_id, file, asked_at, cosign_hash, attachment;

-- name: ApplicationTicketsForget :execrows
DELETE FROM application_ticket WHERE asked_at < sqlc.arg(before);

-- name: ApplicationsOfFolder :many
SELECT id, number, office_id, place_code, form_id, version, procedure, state, revision, sent_at, arrived_at, moved_at, due_at, closed_at, gone_at,
  late FROM application WHERE folder_id = $1 ORDER BY sent_at, id;

-- name: ApplicationSentOfFolder :many
SELECT application_id, revision, send_id, nonce, sent_at, stamped_at, leaf, content, stamp FROM application_sent WHERE folder_id = $1
ORDER BY sent_at, application_id, revision;

-- name: ApplicationStepsOfFolder :many
SELECT * FROM application_step WHERE folder_id = $1 ORDER BY application_id, number;

-- name: ApplicationMessagesOfFolder :many
SELECT * FROM application_message WHERE folder_id = $1 ORDER BY written_at, id;

-- name: ApplicationSignersOfFolder :many
SELECT * FROM application_signer WHERE folder_id = $1 ORDER BY known_at, issuer, serial;

-- name: ApplicationTicketsOfFolder :many
SELECT application_id, file, asked_at FROM application_ticket WHERE folder_id = $1 ORDER BY asked_at;

-- name: ApplicationPerson :one
-- Whom an office knows somebody as.
SELECT identifier FROM pairwise WHERE office_id = $1 AND folder_id = $2;

-- name: ApplicationProofGet :one
SELECT challenge, answer, expires_at FROM application_proof WHERE folder_id = $1 AND session_hash = $2 AND cosign_hash = $3;

-- name: ApplicationProofAsk :exec
INSERT INTO application_proof (folder_id, session_hash, cosign_hash, challenge, answer, expires_at) VALUES ($1, $2, $3, $4, '', $5)
ON CONFLICT (folder_id, session_hash, cosign_hash) DO UPDATE SET challenge = excluded.challenge, answer = '', expires_at = excluded.expires_at;

-- name: ApplicationProofsOpen :many
-- The challenges of a link that can still be answered, the oldest first.
SELECT folder_id, session_hash FROM application_proof WHERE cosign_hash = $1 AND challenge <> '' AND expires_at >= sqlc.arg(now)
ORDER BY expires_at, folder_id, session_hash;

-- name: ApplicationProofEnd :exec
DELETE FROM application_proof WHERE folder_id = $1 AND session_hash = $2 AND cosign_hash = $3;

-- name: ApplicationProofAnswer :execrows
-- Only the first answer to a challenge counts.
UPDATE application_proof SET challenge = '', answer = sqlc.arg(answer), expires_at = sqlc.arg(expires_at)
WHERE folder_id = $1 AND session_hash = $2 AND cosign_hash = $3 AND challenge = $4 AND challenge <> '';

-- name: ApplicationProofNote :execrows
-- None where it was noted since. It makes no proof, and lets none last longer.
INSERT INTO application_proof (folder_id, session_hash, cosign_hash, challenge, answer, expires_at, noted_at)
VALUES ($1, $2, $3, '', '', sqlc.arg(expires_at), sqlc.arg(now))
ON CONFLICT (folder_id, session_hash, cosign_hash) DO UPDATE SET noted_at = excluded.noted_at
WHERE application_proof.noted_at <= CAST(sqlc.arg(since) AS BIGINT);

-- name: ApplicationCosignNote :execrows
-- None where it was noted so often already.
UPDATE application_sent SET cosign_notes = cosign_notes + 1
WHERE folder_id = $1 AND application_id = $2 AND revision = $3 AND cosign_notes < sqlc.arg(most);

-- name: ApplicationProofsForget :execrows
DELETE FROM application_proof WHERE expires_at < sqlc.arg(before);

-- name: ApplicationProofsOfFolder :many
SELECT answer <> '' AS proven, expires_at FROM application_proof WHERE folder_id = $1 ORDER BY expires_at;
