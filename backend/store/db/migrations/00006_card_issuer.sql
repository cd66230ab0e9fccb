-- +goose Up

-- A card is known by the authority that gave its certificate and the serial number: two authorities may give the same number. Two columns,
-- so that statements compare columns and the key's beginning finds all cards of one authority. Rows from before name no authority; the
-- portal fills it in when it starts with the one that gave them all.
CREATE TABLE card_of_issuer (
  issuer    TEXT NOT NULL, -- hex of SHA-256 of the authority's public key; '' in rows from before
  serial    TEXT NOT NULL, -- lower-case hex of the certificate's serial number
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  added_at  BIGINT NOT NULL,
  PRIMARY KEY (issuer, serial)
);
INSERT INTO card_of_issuer (issuer, serial, folder_id, added_at) SELECT '', serial, folder_id, added_at FROM card;
DROP TABLE card;
ALTER TABLE card_of_issuer RENAME TO card;
CREATE INDEX card_folder ON card (folder_id);

-- Whether a card with open sessions is still good is asked again and again.
ALTER TABLE session ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN card_good_at BIGINT NOT NULL DEFAULT 0; -- when J-LIS last said that the card is good
ALTER TABLE session ADD COLUMN card_due_at BIGINT NOT NULL DEFAULT 0;  -- when it is asked next
UPDATE session SET card_good_at = seen_at;
DROP INDEX session_serial;
CREATE INDEX session_card ON session (issuer, serial);
CREATE INDEX session_card_due ON session (card_due_at);
CREATE INDEX session_card_good ON session (card_good_at);

-- The highest number of a revocation list seen of each authority: an older list never replaces a newer one, also after a restart.
CREATE TABLE revocation_list (
  issuer TEXT PRIMARY KEY,
  number TEXT NOT NULL -- decimal
);
