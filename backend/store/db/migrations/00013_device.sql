-- +goose Up

-- The devices on which something of a person is kept, sealed. What opens it is made of seed under a key of the portal's: neither alone does.
CREATE TABLE device (
  folder_id  TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  id         TEXT NOT NULL,
  token_hash TEXT NOT NULL, -- of the folder and the browser's cookie: two people's rows of one browser have nothing in common
  seed       BYTEA NOT NULL,
  name       TEXT NOT NULL, -- 'Firefox, Linux'; '' when the browser says nothing that is known
  issuer     TEXT NOT NULL, -- of the card that was used there last: when it is stopped, the row goes
  serial     TEXT NOT NULL,
  first_at   BIGINT NOT NULL,
  last_at    BIGINT NOT NULL,
  PRIMARY KEY (folder_id, id)
);
CREATE UNIQUE INDEX device_token ON device (folder_id, token_hash);
CREATE INDEX device_card ON device (issuer, serial);

-- It was said at the login that others use the device, too: nothing is kept there.
ALTER TABLE session ADD COLUMN shared_device BOOLEAN NOT NULL DEFAULT FALSE;
