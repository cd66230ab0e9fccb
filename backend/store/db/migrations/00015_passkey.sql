-- +goose Up

-- The passkeys with which a person logs in without the card (スマホでログイン). Each was born under a card, and ends with it.
CREATE TABLE passkey (
  folder_id              TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id                     TEXT NOT NULL,
  credential_id          BYTEA NOT NULL, -- as the authenticator calls it
  public_key             BYTEA NOT NULL, -- COSE
  user_handle            BYTEA NOT NULL,
  sign_count             BIGINT NOT NULL,
  backup_eligible        BOOLEAN NOT NULL, -- may be copied to the person's other devices
  backed_up              BOOLEAN NOT NULL, -- was, when it was used last
  name                   TEXT NOT NULL,
  issuer                 TEXT NOT NULL, -- of the card that signed for it: when it is stopped, the row goes
  serial                 TEXT NOT NULL,
  certificate_expires_at BIGINT NOT NULL,
  added_at               BIGINT NOT NULL,
  used_at                BIGINT NOT NULL, -- 0 before the first time
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id);
CREATE INDEX passkey_card ON passkey (issuer, serial);
CREATE INDEX passkey_certificate ON passkey (certificate_expires_at);

-- What a person at a computer offers to a phone: to make a passkey. One a person; what the phone has made is worth nothing until the card signed.
CREATE TABLE passkey_offer (
  folder_id       TEXT NOT NULL PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,
  token_hash      TEXT NOT NULL, -- of what stands in the picture that the phone takes
  session_hash    TEXT NOT NULL, -- of the computer
  challenge       BYTEA NOT NULL,
  user_handle     BYTEA NOT NULL,
  expires_at      BIGINT NOT NULL,
  code            TEXT NOT NULL, -- which the phone shows and the person types; '' until a phone has made its passkey
  tries           BIGINT NOT NULL, -- of the code, that were wrong
  added_at        BIGINT NOT NULL, -- when the card had signed; 0 before
  device          TEXT NOT NULL, -- 'Safari, iPhone'
  credential_id   BYTEA,
  public_key      BYTEA,
  sign_count      BIGINT NOT NULL,
  backup_eligible BOOLEAN NOT NULL,
  backed_up       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX passkey_offer_token ON passkey_offer (token_hash);
CREATE INDEX passkey_offer_expires ON passkey_offer (expires_at);

-- By which means a session was begun, and of several which one.
ALTER TABLE session ADD COLUMN means TEXT NOT NULL DEFAULT 'card';
ALTER TABLE session ADD COLUMN means_id TEXT NOT NULL DEFAULT '';
