-- +goose Up

-- Which lines of the history of use stand in no leaf yet the lines say themselves. A row for each folder with such ones said it before, which
-- everybody wrote who recorded something, and whoever made a leaf took away.
DROP TABLE usage_unproven;
CREATE INDEX usage_line_due ON usage_line (done_at, folder_id) WHERE leaf = 0;

-- +goose Down
DROP INDEX usage_line_due;
CREATE TABLE usage_unproven (
  folder_id TEXT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  since     BIGINT NOT NULL
);
CREATE INDEX usage_unproven_since ON usage_unproven (since);
INSERT INTO usage_unproven (folder_id, since) SELECT folder_id, MIN(done_at) FROM usage_line WHERE leaf = 0 GROUP BY folder_id;
