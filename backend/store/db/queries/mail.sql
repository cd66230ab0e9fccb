-- name: MailReader :one
SELECT mail_address, language FROM folder WHERE id = $1 AND mail_confirmed_at > 0 AND mail_address <> '';
