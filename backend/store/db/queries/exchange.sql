-- name: ExchangeGet :one
SELECT * FROM exchange WHERE folder_id = $1 AND number = $2;

-- name: ExchangeOfNumber :one
-- Whosesoever it is.
SELECT * FROM exchange WHERE number = $1;

-- name: ExchangeOfNumbers :many
-- Of eight numbers, whosesoever they are.
SELECT * FROM exchange WHERE number IN (
  sqlc.arg(name1), sqlc.arg(name2), sqlc.arg(name3), sqlc.arg(name4), sqlc.arg(name5), sqlc.arg(name6), sqlc.arg(name7), sqlc.arg(name8));

-- name: ExchangeNumbersHidden :many
-- Which of eight numbers are of something that is not told, or was not.
SELECT number FROM exchange_hidden WHERE number IN (
  sqlc.arg(name1), sqlc.arg(name2), sqlc.arg(name3), sqlc.arg(name4), sqlc.arg(name5), sqlc.arg(name6), sqlc.arg(name7), sqlc.arg(name8));

-- name: ExchangeReportsKnown :many
-- Which of eight reports an office has sent before.
SELECT report FROM exchange_report WHERE exchange_report.office_id = sqlc.arg(office_id) AND exchange_report.report IN (
  sqlc.arg(name1), sqlc.arg(name2), sqlc.arg(name3), sqlc.arg(name4), sqlc.arg(name5), sqlc.arg(name6), sqlc.arg(name7), sqlc.arg(name8))
UNION ALL
SELECT report FROM exchange_hidden WHERE exchange_hidden.office_id = sqlc.arg(office_id) AND exchange_hidden.report IN (
  sqlc.arg(name1), sqlc.arg(name2), sqlc.arg(name3), sqlc.arg(name4), sqlc.arg(name5), sqlc.arg(name6), sqlc.arg(name7), sqlc.arg(name8));

-- name: ExchangeAdd :exec
INSERT INTO exchange (folder_id, number, asker, provider, asker_id, provider_id, duty, result, asked_at, recorded_at, is_first, by_asker,
  by_provider, by_portal, cancelled, year)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15);

-- name: ExchangeSet :exec
UPDATE exchange SET asker = $3, provider = $4, asker_id = $5, provider_id = $6, duty = $7, result = $8, asked_at = $9, by_asker = $10,
  by_provider = $11, cancelled = $12, year = $13
WHERE folder_id = $1 AND number = $2;

-- name: ExchangeKnowsAsker :one
SELECT EXISTS (SELECT 1 FROM exchange WHERE folder_id = $1 AND asker = $2);

-- name: ExchangeList :many
-- The last first. What is empty, or 0, narrows nothing.
SELECT * FROM exchange
WHERE folder_id = sqlc.arg(folder_id)
  AND (asked_at, number) < (CAST(sqlc.arg(before) AS BIGINT), CAST(sqlc.arg(before_number) AS TEXT))
  AND asked_at >= CAST(sqlc.arg(since) AS BIGINT)
  AND (CAST(sqlc.arg(office) AS TEXT) = '' OR asker = CAST(sqlc.arg(office) AS TEXT) OR provider = CAST(sqlc.arg(office) AS TEXT))
  AND (CAST(sqlc.arg(duty) AS TEXT) = '' OR duty = CAST(sqlc.arg(duty) AS TEXT))
  AND (CAST(sqlc.arg(result) AS BIGINT) = 0 OR result = CAST(sqlc.arg(result) AS BIGINT))
ORDER BY asked_at DESC, number DESC LIMIT sqlc.arg(size);

-- name: ExchangeFound :one
-- How many ExchangeList goes through, from its first page on.
SELECT COUNT(*) FROM exchange
WHERE folder_id = sqlc.arg(folder_id)
  AND asked_at >= CAST(sqlc.arg(since) AS BIGINT) AND asked_at < CAST(sqlc.arg(before) AS BIGINT)
  AND (CAST(sqlc.arg(office) AS TEXT) = '' OR asker = CAST(sqlc.arg(office) AS TEXT) OR provider = CAST(sqlc.arg(office) AS TEXT))
  AND (CAST(sqlc.arg(duty) AS TEXT) = '' OR duty = CAST(sqlc.arg(duty) AS TEXT))
  AND (CAST(sqlc.arg(result) AS BIGINT) = 0 OR result = CAST(sqlc.arg(result) AS BIGINT));

-- name: ExchangeFacts :many
-- By what all of a person's can be narrowed, and to how many.
SELECT year, asker, provider, duty, result, COUNT(*) AS count FROM exchange WHERE folder_id = $1
GROUP BY asker, provider, duty, result, year;

-- name: ExchangeCome :one
-- How many of a period were recorded since a time.
SELECT COUNT(*) FROM exchange WHERE folder_id = $1 AND recorded_at > sqlc.arg(since)
  AND asked_at >= sqlc.arg(from_time) AND asked_at < sqlc.arg(to_time);

-- name: ExchangesAll :many
SELECT * FROM exchange WHERE folder_id = $1 ORDER BY asked_at, number;

-- name: ExchangeReportGet :one
SELECT * FROM exchange_report WHERE office_id = $1 AND report = $2;

-- name: ExchangeReportAdd :exec
INSERT INTO exchange_report (folder_id, office_id, report, line, line_id) VALUES ($1, $2, $3, $4, $5);

-- name: ExchangeReportsAll :many
SELECT exchange_report.office_id, exchange_report.report, exchange_report.line, CAST(COALESCE(office.name, '') AS TEXT) AS office
FROM exchange_report LEFT JOIN office ON office.id = exchange_report.office_id
WHERE exchange_report.folder_id = $1 ORDER BY exchange_report.line;

-- name: ExchangeHiddenGet :one
SELECT * FROM exchange_hidden WHERE office_id = $1 AND report = $2;

-- name: ExchangeHiddenAdd :exec
INSERT INTO exchange_hidden (office_id, report, identifier, number, line, line_id, may_say, own, released)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE);

-- name: ExchangeHiddenOf :many
-- Of one number, whichever office reported it.
SELECT exchange_hidden.office_id, exchange_hidden.report, exchange_hidden.identifier, exchange_hidden.number, exchange_hidden.line,
  exchange_hidden.may_say, exchange_hidden.own, exchange_hidden.released, CAST(COALESCE(pairwise.folder_id, '') AS TEXT) AS person
FROM exchange_hidden LEFT JOIN pairwise ON pairwise.office_id = exchange_hidden.office_id AND pairwise.identifier = exchange_hidden.identifier
WHERE exchange_hidden.number = $1 ORDER BY exchange_hidden.line;

-- name: ExchangeHiddenSet :exec
UPDATE exchange_hidden SET own = $3, released = $4 WHERE office_id = $1 AND report = $2;

-- name: ExchangeMaySay :one
-- Whether a person may be told that some are not told.
SELECT EXISTS (SELECT 1 FROM pairwise
  JOIN exchange_hidden ON exchange_hidden.office_id = pairwise.office_id AND exchange_hidden.identifier = pairwise.identifier
  WHERE pairwise.folder_id = $1 AND exchange_hidden.may_say AND NOT exchange_hidden.released);

-- name: ExchangeHiddenErase :exec
-- Those of a person, while offices know whose they are.
DELETE FROM exchange_hidden WHERE (office_id, identifier) IN (SELECT pairwise.office_id, pairwise.identifier FROM pairwise
  WHERE pairwise.folder_id = $1 AND pairwise.folder_id <> '');

-- name: ExchangeReporting :many
-- The offices that report.
SELECT id, name FROM office WHERE active AND (' ' || duties || ' ') LIKE '% exchange %' ORDER BY id;

-- name: ExchangeOfficeIs :one
-- Whether there is such an office.
SELECT EXISTS (SELECT 1 FROM office WHERE id = $1 AND active);

-- name: ExchangeOffices :many
-- The offices that report, and know a person.
SELECT office.id, office.name FROM office JOIN pairwise ON pairwise.office_id = office.id
WHERE pairwise.folder_id = $1 AND office.active AND (' ' || office.duties || ' ') LIKE '% exchange %' ORDER BY office.id;

-- name: ExchangeInquire :exec
INSERT INTO exchange_inquiry (folder_id, id, from_day, to_day, asked_at) VALUES ($1, $2, $3, $4, $5);

-- name: ExchangeInquireOffice :exec
INSERT INTO exchange_inquired (folder_id, inquiry_id, office_id, asked_at, taken_at, answered_at) VALUES ($1, $2, $3, $4, 0, 0);

-- name: ExchangeInquiries :many
SELECT * FROM exchange_inquiry WHERE folder_id = $1 ORDER BY asked_at DESC, id LIMIT 50;

-- name: ExchangeInquired :many
SELECT exchange_inquired.inquiry_id, exchange_inquired.office_id, exchange_inquired.taken_at, exchange_inquired.answered_at,
  CAST(COALESCE(office.name, '') AS TEXT) AS name
FROM exchange_inquired LEFT JOIN office ON office.id = exchange_inquired.office_id
WHERE exchange_inquired.folder_id = $1 ORDER BY exchange_inquired.office_id;

-- name: ExchangeInquiriesAll :many
SELECT id, from_day, to_day, asked_at FROM exchange_inquiry WHERE folder_id = $1 ORDER BY asked_at, id;

-- name: ExchangeInquiredAll :many
SELECT exchange_inquired.inquiry_id, exchange_inquired.office_id, CAST(COALESCE(office.name, '') AS TEXT) AS office,
  exchange_inquired.asked_at, exchange_inquired.taken_at, exchange_inquired.answered_at
FROM exchange_inquired LEFT JOIN office ON office.id = exchange_inquired.office_id
WHERE exchange_inquired.folder_id = $1 ORDER BY exchange_inquired.asked_at, exchange_inquired.office_id;

-- name: ExchangeTasksInquiries :many
-- What an office is asked, and has not answered, of people whom it knows.
SELECT exchange_inquiry.folder_id, exchange_inquiry.id, exchange_inquiry.from_day, exchange_inquiry.to_day, exchange_inquired.taken_at,
  pairwise.identifier
FROM exchange_inquired
JOIN exchange_inquiry ON exchange_inquiry.folder_id = exchange_inquired.folder_id AND exchange_inquiry.id = exchange_inquired.inquiry_id
JOIN pairwise ON pairwise.office_id = exchange_inquired.office_id AND pairwise.folder_id = exchange_inquired.folder_id
WHERE exchange_inquired.office_id = $1 AND exchange_inquired.answered_at = 0 AND exchange_inquired.asked_at > sqlc.arg(after)
  AND pairwise.position > 0
ORDER BY exchange_inquired.asked_at LIMIT 100;

-- name: ExchangeInquiryTaken :exec
UPDATE exchange_inquired SET taken_at = $4 WHERE folder_id = $1 AND inquiry_id = $2 AND office_id = $3 AND taken_at = 0;

-- name: ExchangeInquiryOfOffice :one
SELECT exchange_inquired.folder_id, exchange_inquired.answered_at FROM exchange_inquired
WHERE exchange_inquired.office_id = $1 AND exchange_inquired.inquiry_id = $2 ORDER BY exchange_inquired.asked_at LIMIT 1;

-- name: ExchangeInquiryAnswer :exec
UPDATE exchange_inquired SET answered_at = $4 WHERE folder_id = $1 AND inquiry_id = $2 AND office_id = $3 AND answered_at = 0;

-- name: ExchangeClaimAdd :exec
INSERT INTO exchange_claim (folder_id, id, number, office_id, side, sent_at, due, state, since, claim)
VALUES ($1, $2, $3, $4, $5, sqlc.arg(now), $6, 1, sqlc.arg(now), $7);

-- name: ExchangeClaimsOf :many
-- Of one exchange, the last first.
SELECT * FROM exchange_claim WHERE folder_id = $1 AND number = $2 ORDER BY sent_at DESC, id LIMIT 50;

-- name: ExchangeClaimsAll :many
SELECT * FROM exchange_claim WHERE folder_id = $1 ORDER BY sent_at, id;

-- name: ExchangeTasksClaims :many
SELECT exchange_claim.folder_id, exchange_claim.id, exchange_claim.number, exchange_claim.office_id, exchange_claim.side,
  exchange_claim.sent_at, exchange_claim.due, exchange_claim.state, exchange_claim.claim, pairwise.identifier
FROM exchange_claim JOIN pairwise ON pairwise.office_id = exchange_claim.office_id AND pairwise.folder_id = exchange_claim.folder_id
WHERE exchange_claim.office_id = $1 AND exchange_claim.state < 4 AND pairwise.position > 0
ORDER BY exchange_claim.sent_at LIMIT 100;

-- name: ExchangeClaimTaken :exec
UPDATE exchange_claim SET state = 2, since = sqlc.arg(now) WHERE folder_id = $1 AND id = $2 AND state = 1;

-- name: ExchangeClaimOfOffice :one
SELECT * FROM exchange_claim WHERE id = $1 AND office_id = $2;

-- name: ExchangeClaimAnswer :exec
UPDATE exchange_claim SET state = $3, since = $4, due = $5, reply = $6 WHERE folder_id = $1 AND id = $2;

-- name: ExchangeFirsts :many
-- Of offices that asked for the first time, since a time.
SELECT number, asker FROM exchange WHERE folder_id = $1 AND is_first AND by_portal = 0 AND asked_at >= sqlc.arg(since)
ORDER BY asked_at DESC, number LIMIT 3;

-- name: ExchangeMass :exec
INSERT INTO exchange_mass (office_id, rule, day, people, content) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (office_id, rule, day) DO UPDATE SET people = excluded.people, content = excluded.content;

-- name: ExchangeMassAll :many
-- Of all offices, since a day: they are public, and few a year.
SELECT * FROM exchange_mass WHERE day >= sqlc.arg(since) ORDER BY day DESC, office_id, rule LIMIT 2000;
