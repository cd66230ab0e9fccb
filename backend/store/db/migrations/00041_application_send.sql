-- +goose Up

-- How many applications of a person are open: counted by who sends and who ends one. To count the rows would be to read
-- what others write, and of two that send at once one would have to begin again.
CREATE TABLE application_open (
  folder_id TEXT NOT NULL PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  count     BIGINT NOT NULL
);
INSERT INTO application_open (folder_id, count) SELECT folder_id, COUNT(*) FROM application WHERE closed_at = 0 GROUP BY folder_id;

-- What nobody else signs has no link, and stands in no index of links: each entry there is a page more to write.
UPDATE application_sent SET cosign_hash = '' WHERE cosign_hash = nonce;
DROP INDEX application_sent_cosign;
CREATE UNIQUE INDEX application_sent_cosign ON application_sent (cosign_hash) WHERE cosign_hash <> '';

-- +goose Down
DROP INDEX application_sent_cosign;
UPDATE application_sent SET cosign_hash = nonce WHERE cosign_hash = '';
CREATE UNIQUE INDEX application_sent_cosign ON application_sent (cosign_hash);
DROP TABLE application_open;
