-- +goose Up

-- That somebody is the person whom a link asks to sign (連署): proven with the signing card, for one session.
CREATE TABLE application_proof (
  folder_id    TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE, -- of who opened the link
  session_hash TEXT NOT NULL,
  cosign_hash  TEXT NOT NULL,   -- of the link's secret
  challenge    TEXT NOT NULL,   -- what makes the challenge single; '' once it was answered
  answer       TEXT NOT NULL,   -- the hash of the signature by which it was; '' until then
  expires_at   BIGINT NOT NULL, -- of the challenge, and once it was answered of the proof
  PRIMARY KEY (folder_id, session_hash, cosign_hash)
);
CREATE INDEX application_proof_expires ON application_proof (expires_at);

-- +goose Down
DROP TABLE application_proof;
