-- +goose Up

-- Mails that went to addresses which nobody had confirmed yet: one row for the address and one for the card on whose behalf it went. They
-- belong to no folder, so that closing one forgets nothing, and say nothing of whom without the key they are counted under.
CREATE TABLE mail_sent (
  who     TEXT NOT NULL, -- HMAC of the address or of the card
  id      TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  PRIMARY KEY (who, id)
);
CREATE INDEX mail_sent_time ON mail_sent (sent_at);

-- Tokens that have expired are swept away with the addresses they were for.
CREATE INDEX mail_confirmation_expiry ON mail_confirmation (expires_at);

-- What was registered before a confirmed mail address was replaced or removed, or login mails were switched off: kept for as long as the
-- old address may put it back.
CREATE TABLE mail_change (
  folder_id         TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  position          BIGINT NOT NULL, -- rises within the folder
  token_hash        TEXT NOT NULL,   -- hex of SHA-256; '' until the mail with the token goes out
  mail_address      TEXT NOT NULL,
  mail_confirmed_at BIGINT NOT NULL,
  mail_on_login     BOOLEAN NOT NULL,
  mail_on_notice    BOOLEAN NOT NULL,
  language          TEXT NOT NULL,
  changed_at        BIGINT NOT NULL,
  undone_at         BIGINT NOT NULL, -- 0 while it holds
  PRIMARY KEY (folder_id, position)
);
CREATE INDEX mail_change_token ON mail_change (token_hash);
CREATE INDEX mail_change_time ON mail_change (changed_at);
