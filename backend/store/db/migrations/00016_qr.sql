-- +goose Up

-- Computers that ask to be let in by a phone (2次元バーコード). Each row lives for some minutes. Neither the code, the number, the browser nor
-- the address can be read off it.
CREATE TABLE qr_login (
  token_hash   TEXT PRIMARY KEY, -- of what the code holds
  browser_hash TEXT NOT NULL,    -- of the cookie before the login
  network      TEXT NOT NULL,    -- whose (limit.Address), under a key of the portal's, with the family of the address before it
  place        BIGINT NOT NULL,  -- 0 to 2: so many are there a network at most
  name         TEXT NOT NULL,    -- 'Firefox, Linux'; '' when the browser says nothing that is known
  country      TEXT NOT NULL,    -- 'JP'; '' when it is not known
  state        BIGINT NOT NULL,  -- portal.v1.QrState
  asked_at     BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  folder_id    TEXT REFERENCES folder (id) ON DELETE CASCADE, -- who decided; NULL until then
  session_hash TEXT NOT NULL,    -- in which session
  number_seal  TEXT NOT NULL,    -- what is to be typed, under a key of the portal's
  begun        TEXT NOT NULL     -- the session that began, as the history names it
);
CREATE UNIQUE INDEX qr_login_place ON qr_login (network, place);
CREATE INDEX qr_login_browser ON qr_login (browser_hash);
CREATE INDEX qr_login_folder ON qr_login (folder_id);
CREATE INDEX qr_login_end ON qr_login (expires_at);

-- Whom no computer can ask, after one was reported.
CREATE TABLE qr_lock (
  folder_id    TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  browser_hash TEXT NOT NULL, -- the one that was reported, which cannot ask anybody
  until        BIGINT NOT NULL,
  PRIMARY KEY (folder_id, browser_hash)
);
CREATE INDEX qr_lock_browser ON qr_lock (browser_hash);
CREATE INDEX qr_lock_end ON qr_lock (until);

-- On what a session was begun that a phone let in (means): as qr_login.name.
ALTER TABLE session ADD COLUMN name TEXT NOT NULL DEFAULT '';
