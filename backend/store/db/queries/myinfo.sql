-- name: MyinfoAsk :exec
INSERT INTO myinfo_request (folder_id, id, office_id, detail, asked_at, asked, state, since, due_at, lease_until, tries, trouble, outcome,
  answered_at, seen_at, keep_until, in_session)
VALUES ($1, $2, $3, $4, sqlc.arg(now), $5, 1, sqlc.arg(now), sqlc.arg(now), 0, 0, 1, 0, 0, 0, 0, FALSE);

-- name: MyinfoOpen :many
-- What a person waits for.
SELECT * FROM myinfo_line WHERE person = $1 AND state < 3 ORDER BY asked_at DESC LIMIT sqlc.arg(size);

-- name: MyinfoGet :one
SELECT * FROM myinfo_line WHERE person = $1 AND id = $2;

-- name: MyinfoAnswerOf :one
SELECT answer FROM myinfo_request WHERE folder_id = $1 AND id = $2;

-- name: MyinfoLatest :one
-- The last answer with data to a detail.
SELECT * FROM myinfo_line WHERE person = $1 AND detail = $2 AND state = 3 AND outcome = 1 ORDER BY asked_at DESC, id DESC LIMIT 1;

-- name: MyinfoEarlier :many
-- Answers of one office to a detail that were asked for before another.
SELECT * FROM myinfo_line
WHERE person = $1 AND detail = $2 AND office_id = $3 AND state = 3
  AND (asked_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY asked_at DESC, id DESC LIMIT 20;

-- name: MyinfoList :many
SELECT * FROM myinfo_line
WHERE person = sqlc.arg(folder_id) AND (asked_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY asked_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: MyinfoListDetail :many
SELECT * FROM myinfo_line
WHERE person = sqlc.arg(folder_id) AND detail = sqlc.arg(detail)
  AND (asked_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY asked_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: MyinfoWaitingCount :one
-- A folder has no more than a few hundred of them.
SELECT COUNT(*) FROM myinfo_request WHERE folder_id = $1 AND state < 3;

-- name: MyinfoUnseen :many
SELECT id FROM myinfo_request WHERE folder_id = $1 AND state = 3 AND seen_at = 0 LIMIT sqlc.arg(size);

-- name: MyinfoSeen :execrows
UPDATE myinfo_request SET seen_at = sqlc.arg(now) WHERE folder_id = $1 AND id = $2 AND state = 3 AND seen_at = 0;

-- name: MyinfoErase :execrows
DELETE FROM myinfo_request WHERE folder_id = $1 AND id = $2;

-- name: MyinfoEraseAll :execrows
DELETE FROM myinfo_request WHERE folder_id = $1;

-- name: MyinfoEraseDetail :execrows
-- Answers alone: what is being waited for stays.
DELETE FROM myinfo_request WHERE folder_id = $1 AND detail = $2 AND state = 3;

-- name: MyinfoOfOffice :one
-- As the office that is asked names it.
SELECT * FROM myinfo_line WHERE id = $1 AND office_id = $2;

-- name: MyinfoIsDue :one
SELECT EXISTS (SELECT 1 FROM myinfo_request
    JOIN pairwise ON pairwise.office_id = myinfo_request.office_id AND pairwise.folder_id = myinfo_request.folder_id
    WHERE myinfo_request.office_id = $1 AND myinfo_request.state < 3 AND myinfo_request.due_at <= sqlc.arg(now) AND pairwise.position > 0)
  OR EXISTS (SELECT 1 FROM myinfo_correction
    JOIN pairwise ON pairwise.office_id = myinfo_correction.office_id AND pairwise.folder_id = myinfo_correction.folder_id
    WHERE myinfo_correction.office_id = $1 AND myinfo_correction.state < 4 AND myinfo_correction.due_at <= sqlc.arg(now)
      AND pairwise.position > 0);

-- name: MyinfoInHand :one
SELECT COUNT(*) FROM myinfo_request WHERE office_id = $1 AND state < 3 AND lease_until > sqlc.arg(now);

-- name: MyinfoDue :many
SELECT myinfo_request.folder_id, myinfo_request.id, myinfo_request.detail, myinfo_request.asked, myinfo_request.asked_at, myinfo_request.tries,
  pairwise.identifier
FROM myinfo_request JOIN pairwise ON pairwise.office_id = myinfo_request.office_id AND pairwise.folder_id = myinfo_request.folder_id
WHERE myinfo_request.office_id = $1 AND myinfo_request.state < 3 AND myinfo_request.due_at <= sqlc.arg(now) AND pairwise.position > 0
ORDER BY myinfo_request.due_at LIMIT sqlc.arg(size);

-- name: MyinfoLease :exec
UPDATE myinfo_request SET state = 2, since = CASE WHEN state = 2 THEN since ELSE CAST(sqlc.arg(now) AS BIGINT) END, tries = tries + 1, trouble = 1,
  lease_until = sqlc.arg(lease_until), due_at = sqlc.arg(due_at)
WHERE folder_id = $1 AND id = $2;

-- name: MyinfoPutOff :exec
-- The office cannot answer, or not so that it can be read.
UPDATE myinfo_request SET trouble = sqlc.arg(trouble), lease_until = 0, due_at = sqlc.arg(due_at) WHERE folder_id = $1 AND id = $2;

-- name: MyinfoAnswer :exec
UPDATE myinfo_request SET state = 3, since = sqlc.arg(now), trouble = 1, lease_until = 0, outcome = sqlc.arg(outcome),
  answered_at = sqlc.arg(now), keep_until = sqlc.arg(keep_until), in_session = sqlc.arg(in_session), answer = sqlc.arg(answer)
WHERE folder_id = $1 AND id = $2;

-- name: MyinfoEnd :exec
UPDATE myinfo_request SET state = 4, since = sqlc.arg(now), lease_until = 0 WHERE folder_id = $1 AND id = $2 AND state < 3;

-- name: MyinfoOld :many
SELECT folder_id, id FROM myinfo_request WHERE state < 3 AND asked_at < sqlc.arg(before) LIMIT sqlc.arg(size);

-- name: MyinfoExpired :many
SELECT folder_id, id FROM myinfo_request WHERE keep_until > 0 AND keep_until < sqlc.arg(now) LIMIT sqlc.arg(size);

-- name: MyinfoUntilLogout :many
SELECT folder_id, id, in_session, answered_at FROM myinfo_request
WHERE keep_until = -1 AND (folder_id, id) > (CAST(sqlc.arg(after) AS TEXT), CAST(sqlc.arg(after_id) AS TEXT))
ORDER BY folder_id, id LIMIT sqlc.arg(size);

-- name: MyinfoKeep :exec
-- For how long what is there already is kept: so many milliseconds from its answer; or as said, when that is 0.
UPDATE myinfo_request SET keep_until = CASE WHEN CAST(sqlc.arg(span) AS BIGINT) > 0 THEN answered_at + CAST(sqlc.arg(span) AS BIGINT)
  ELSE CAST(sqlc.arg(keep_until) AS BIGINT) END, in_session = TRUE
WHERE folder_id = $1 AND state = 3;

-- name: MyinfoExpireOf :execrows
DELETE FROM myinfo_request WHERE folder_id = $1 AND state = 3 AND keep_until > 0 AND keep_until < sqlc.arg(now);

-- name: MyinfoAll :many
SELECT * FROM myinfo_request WHERE folder_id = $1 ORDER BY asked_at, id;

-- name: MyinfoCorrect :exec
INSERT INTO myinfo_correction (folder_id, id, request_id, office_id, detail, sent_at, due, state, since, due_at, lease_until, tries, claim)
VALUES ($1, $2, $3, $4, $5, sqlc.arg(now), $6, 1, sqlc.arg(now), sqlc.arg(now), 0, 0, $7);

-- name: MyinfoCorrectionsOf :many
-- Of one answer, the last first.
SELECT * FROM myinfo_correction WHERE folder_id = $1 AND request_id = $2 ORDER BY sent_at DESC LIMIT 100;

-- name: MyinfoCorrections :many
SELECT * FROM myinfo_correction
WHERE folder_id = sqlc.arg(folder_id) AND (sent_at, id) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY sent_at DESC, id DESC LIMIT sqlc.arg(size);

-- name: MyinfoCorrectionsAll :many
SELECT * FROM myinfo_correction WHERE folder_id = $1 ORDER BY sent_at, id;

-- name: MyinfoCorrectionOfOffice :one
SELECT * FROM myinfo_correction WHERE id = $1 AND office_id = $2;

-- name: MyinfoCorrectionsDue :many
SELECT myinfo_correction.folder_id, myinfo_correction.id, myinfo_correction.detail, myinfo_correction.claim, myinfo_correction.sent_at,
  myinfo_correction.due, myinfo_correction.tries, myinfo_correction.state, myinfo_correction.since, pairwise.identifier
FROM myinfo_correction JOIN pairwise ON pairwise.office_id = myinfo_correction.office_id AND pairwise.folder_id = myinfo_correction.folder_id
WHERE myinfo_correction.office_id = $1 AND myinfo_correction.state < 4 AND myinfo_correction.due_at <= sqlc.arg(now) AND pairwise.position > 0
ORDER BY myinfo_correction.due_at LIMIT sqlc.arg(size);

-- name: MyinfoCorrectionLease :exec
UPDATE myinfo_correction SET state = sqlc.arg(state), since = sqlc.arg(since), tries = tries + 1, lease_until = sqlc.arg(lease_until), due_at = sqlc.arg(due_at)
WHERE folder_id = $1 AND id = $2;

-- name: MyinfoCorrectionAnswer :exec
UPDATE myinfo_correction SET state = sqlc.arg(state), since = sqlc.arg(now), due = sqlc.arg(due), due_at = sqlc.arg(due_at), lease_until = 0,
  reply = sqlc.arg(reply)
WHERE folder_id = $1 AND id = $2;

-- name: MyinfoCorrectionsErase :execrows
DELETE FROM myinfo_correction WHERE folder_id = $1 AND request_id = $2;

-- name: MyinfoCorrectionsEraseDetail :execrows
DELETE FROM myinfo_correction WHERE folder_id = $1 AND detail = $2;

-- name: MyinfoCorrectionsEraseAll :execrows
DELETE FROM myinfo_correction WHERE folder_id = $1;

-- name: MyinfoSetting :one
SELECT * FROM myinfo_setting WHERE folder_id = $1;

-- name: MyinfoSet :exec
INSERT INTO myinfo_setting (folder_id, keep, notice, edition, told_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (folder_id) DO UPDATE SET keep = excluded.keep, notice = excluded.notice, edition = excluded.edition, told_at = excluded.told_at;

-- name: MyinfoSettings :many
SELECT keep, notice, told_at FROM myinfo_setting WHERE folder_id = $1;

-- name: MyinfoNote :exec
INSERT INTO myinfo_note (folder_id, category, version, confirmed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (folder_id, category) DO UPDATE SET version = excluded.version, confirmed_at = excluded.confirmed_at;

-- name: MyinfoNotes :many
SELECT category, version, confirmed_at FROM myinfo_note WHERE folder_id = $1 ORDER BY category;

-- name: MyinfoFlagSet :execrows
INSERT INTO myinfo_flag (office_id, identifier, flag, set_at) VALUES ($1, $2, $3, $4) ON CONFLICT (office_id, identifier, flag) DO NOTHING;

-- name: MyinfoFlagLift :execrows
DELETE FROM myinfo_flag WHERE office_id = $1 AND identifier = $2 AND flag = $3;

-- name: MyinfoFlagsOfOffice :many
SELECT identifier, flag, set_at FROM myinfo_flag
WHERE office_id = sqlc.arg(office_id) AND (identifier, flag) > (CAST(sqlc.arg(after) AS TEXT), CAST(sqlc.arg(after_flag) AS BIGINT))
ORDER BY identifier, flag LIMIT sqlc.arg(size);

-- name: MyinfoFlags :many
-- Those that any office has set of a person.
SELECT DISTINCT myinfo_flag.flag FROM pairwise
JOIN myinfo_flag ON myinfo_flag.office_id = pairwise.office_id AND myinfo_flag.identifier = pairwise.identifier
WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '';

-- name: MyinfoProtected :many
-- The same, with the office of each.
SELECT myinfo_flag.office_id, myinfo_flag.flag FROM pairwise
JOIN myinfo_flag ON myinfo_flag.office_id = pairwise.office_id AND myinfo_flag.identifier = pairwise.identifier
WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '' ORDER BY myinfo_flag.office_id, myinfo_flag.flag;

-- name: MyinfoFlagsErase :execrows
-- Those of a person, while offices know whose they are.
DELETE FROM myinfo_flag WHERE (office_id, identifier) IN (SELECT pairwise.office_id, pairwise.identifier FROM pairwise
  WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '');

-- name: MyinfoPace :many
SELECT took FROM myinfo_pace WHERE office_id = $1 AND detail = $2 ORDER BY took;

-- name: MyinfoPaceNote :exec
INSERT INTO myinfo_pace (office_id, detail, slot, took) VALUES ($1, $2, $3, $4) ON CONFLICT (office_id, detail, slot) DO UPDATE SET took = excluded.took;

-- name: MyinfoOfficeSeen :exec
INSERT INTO myinfo_office (office_id, seen_at) VALUES ($1, $2) ON CONFLICT (office_id) DO UPDATE SET seen_at = excluded.seen_at;

-- name: MyinfoOfficeState :one
-- The office's name, of which municipality it is, and when it last came for its requests; 0 when never.
SELECT CAST(COALESCE(office.name, '') AS TEXT) AS name, CAST(COALESCE(office.municipality_code, '') AS TEXT) AS municipality_code,
  CAST(COALESCE(myinfo_office.seen_at, 0) AS BIGINT) AS seen_at
FROM office LEFT JOIN myinfo_office ON myinfo_office.office_id = office.id WHERE office.id = $1;
