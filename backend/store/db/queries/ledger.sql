-- name: LedgerHead :one
SELECT count, last, recorded_at FROM ledger_chain WHERE folder_id = $1 AND chain = $2;

-- name: LedgerHeads :many
SELECT chain, count, last FROM ledger_chain WHERE folder_id = $1 ORDER BY chain;

-- name: LedgerSetHead :exec
-- Of a chain that FolderLedgerStep has counted. It is written as if it were not there: to look for a row, as UPDATE does, is to PostgreSQL to have
-- read its page of the index, and whoever begins a chain there meanwhile would be in the way.
INSERT INTO ledger_chain (folder_id, chain, count, last, recorded_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (folder_id, chain) DO UPDATE SET count = excluded.count, last = excluded.last, recorded_at = excluded.recorded_at;

-- name: LedgerUnstep :exec
-- A chain that FolderLedgerStep has begun and that got no line.
DELETE FROM ledger_chain WHERE folder_id = $1 AND chain = $2;

-- name: ledgerAdd :exec
INSERT INTO ledger_line (folder_id, chain, number, id, kind, recorded_at, previous, body, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, -1);

-- name: ledgerLines :many
SELECT * FROM ledger_line WHERE folder_id = $1 AND chain = $2 AND number >= sqlc.arg(from_number) AND number <= sqlc.arg(to_number)
ORDER BY number LIMIT sqlc.arg(size);

-- name: LedgerPosition :one
-- Of one line: -1 while it is on its way.
SELECT position FROM ledger_line WHERE id = $1;

-- name: LedgerQueue :exec
INSERT INTO ledger_queue (id, leaf, position, recorded_at, hidden) VALUES ($1, $2, -1, $3, $4);

-- name: LedgerWaits :one
-- The first leaf that waits.
SELECT id FROM ledger_queue WHERE position = -1 ORDER BY id LIMIT 1;

-- name: LedgerNumber :execrows
-- Gives leaves that wait their positions, from one on, in the order in which they came.
UPDATE ledger_queue SET position = CAST(sqlc.arg(next) AS BIGINT) + numbered.row_number - 1
FROM (SELECT waiting.id, ROW_NUMBER() OVER (ORDER BY waiting.id) AS row_number FROM ledger_queue AS waiting
  WHERE waiting.position = -1 ORDER BY waiting.id LIMIT sqlc.arg(size)) AS numbered
WHERE ledger_queue.id = numbered.id;

-- name: LedgerNumbered :many
SELECT id, position, leaf FROM ledger_queue WHERE position >= sqlc.arg(from_position) ORDER BY position LIMIT sqlc.arg(size);

-- name: LedgerPlace :exec
-- Tells lines where in the log their leaves stand.
UPDATE ledger_line SET position = ledger_queue.position FROM ledger_queue
WHERE ledger_queue.id = ledger_line.id AND ledger_queue.position >= 0 AND ledger_queue.position < sqlc.arg(size);

-- name: LedgerGive :exec
UPDATE ledger_queue SET position = sqlc.arg(position) WHERE id = $1;

-- name: LedgerLose :exec
INSERT INTO ledger_loss (id, from_position, to_position, recorded_at, position) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING;

-- name: LedgerPlaceLoss :exec
UPDATE ledger_loss SET position = ledger_queue.position FROM ledger_queue
WHERE ledger_queue.id = ledger_loss.id AND ledger_queue.position >= 0 AND ledger_queue.position < sqlc.arg(size);

-- name: LedgerLosses :many
SELECT * FROM ledger_loss WHERE position >= 0 ORDER BY position DESC LIMIT 20;

-- name: LedgerHidden :many
SELECT recorded_at FROM ledger_queue WHERE hidden AND position >= 0 AND position < sqlc.arg(size);

-- name: LedgerUnqueue :exec
DELETE FROM ledger_queue WHERE position >= 0 AND position < sqlc.arg(size);

-- name: LedgerCountMonth :exec
INSERT INTO ledger_month (month, lines) VALUES ($1, $2) ON CONFLICT (month) DO UPDATE SET lines = ledger_month.lines + excluded.lines;

-- name: LedgerMonths :many
SELECT month, lines FROM ledger_month WHERE month < sqlc.arg(before) ORDER BY month DESC LIMIT 120;

-- name: LedgerSequencer :one
SELECT * FROM ledger_sequencer WHERE name = $1;

-- name: LedgerNames :many
-- Of the logs that the database was used with: one.
SELECT name FROM ledger_sequencer ORDER BY name;

-- name: LedgerBegin :exec
INSERT INTO ledger_sequencer (name, next, size, holder, until) VALUES ($1, 0, 0, '', 0) ON CONFLICT (name) DO NOTHING;

-- name: LedgerLease :execrows
UPDATE ledger_sequencer SET holder = sqlc.arg(holder), until = sqlc.arg(until)
WHERE name = $1 AND (holder = sqlc.arg(holder) OR until < sqlc.arg(now));

-- name: LedgerRelease :exec
UPDATE ledger_sequencer SET until = 0 WHERE name = $1 AND holder = $2;

-- name: LedgerSetNext :execrows
UPDATE ledger_sequencer SET next = sqlc.arg(next) WHERE name = $1 AND next = sqlc.arg(before) AND holder = sqlc.arg(holder);

-- name: LedgerSetSize :exec
-- How far the log has come, with what was signed of it.
UPDATE ledger_sequencer SET size = sqlc.arg(size), signed = sqlc.arg(signed) WHERE name = $1 AND size <= sqlc.arg(size);

-- name: LedgerSetKey :exec
UPDATE ledger_sequencer SET vkey = sqlc.arg(vkey) WHERE name = $1 AND vkey <> sqlc.arg(vkey);

-- name: LedgerHandovers :many
SELECT signed FROM ledger_handover ORDER BY number;

-- name: LedgerKeepHandover :exec
INSERT INTO ledger_handover (number, signed) VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET signed = excluded.signed;

-- name: LedgerKeep :exec
INSERT INTO ledger_kept (folder_id, device, heads, kept_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (folder_id, device) DO UPDATE SET heads = excluded.heads, kept_at = excluded.kept_at;

-- name: LedgerKept :many
SELECT device, heads, kept_at FROM ledger_kept WHERE folder_id = $1 ORDER BY kept_at DESC, device;

-- name: LedgerForget :exec
DELETE FROM ledger_kept WHERE folder_id = $1 AND device = $2;

-- name: ledgerLinesOfFolder :many
-- Those that may be shown.
SELECT * FROM ledger_line WHERE folder_id = $1 AND chain <> 2 ORDER BY chain, number;

-- name: LedgerHeadsOfFolder :many
SELECT chain, count, last, recorded_at FROM ledger_chain WHERE folder_id = $1 AND chain <> 2 ORDER BY chain;

-- name: LedgerAllLines :many
-- Of everybody, after one of them, as far as a log that begins anew has to know them.
SELECT folder_id, chain, number, id, recorded_at, previous, position FROM ledger_line
WHERE (folder_id, chain, number) > (CAST(sqlc.arg(folder_id) AS TEXT), CAST(sqlc.arg(chain) AS BIGINT), CAST(sqlc.arg(number) AS BIGINT))
ORDER BY folder_id, chain, number LIMIT sqlc.arg(size);

-- name: LedgerUnplaceAll :exec
UPDATE ledger_line SET position = -1;

-- name: LedgerUnqueueAll :exec
DELETE FROM ledger_queue;

-- name: LedgerUnloseAll :exec
DELETE FROM ledger_loss;

-- name: LedgerEndLog :exec
DELETE FROM ledger_sequencer WHERE name = $1;
