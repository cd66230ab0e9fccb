-- +goose Up

-- A notice as a line of a list: all but its body. Whose it is stands in `audience`: the folder.
CREATE VIEW notice_line AS
SELECT notice.folder_id AS audience, notice.id, CAST(COALESCE(office.name, '') AS TEXT) AS office, notice.title, notice.action, notice.action_due,
  notice.action_url, notice.sent_at, notice.read_at
FROM notice LEFT JOIN office ON office.id = notice.office_id;

-- The same of one to everybody, whose `audience` is the municipality, '' for the nation. Whether it was read, the reader's broadcast_read says.
CREATE VIEW broadcast_line AS
SELECT broadcast.municipality_code AS audience, broadcast.id, CAST(COALESCE(office.name, '') AS TEXT) AS office, broadcast.title, broadcast.action,
  broadcast.action_due, broadcast.action_url, broadcast.sent_at
FROM broadcast LEFT JOIN office ON office.id = broadcast.office_id;

-- What a person has chosen, a row a choice: what is to be chosen in time to come needs no column.
CREATE TABLE preference (
  folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  name      TEXT NOT NULL, -- 'mail.login', 'mail.notice': by which channel to be told of what
  value     TEXT NOT NULL, -- of these 'on', 'off'
  PRIMARY KEY (folder_id, name)
);
INSERT INTO preference (folder_id, name, value)
SELECT id, 'mail.login', CASE WHEN mail_on_login THEN 'on' ELSE 'off' END FROM folder
UNION ALL
SELECT id, 'mail.notice', CASE WHEN mail_on_notice THEN 'on' ELSE 'off' END FROM folder;
ALTER TABLE folder DROP COLUMN mail_on_login;
ALTER TABLE folder DROP COLUMN mail_on_notice;
