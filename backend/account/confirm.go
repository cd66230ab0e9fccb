package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/db"
	"madoguchi/backend/jobs"
	"madoguchi/backend/mail"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Mailer hands one letter to the mail server.
type Mailer interface {
	Send(ctx context.Context, l mail.Letter) error
}

// JobConfirm is the kind of the jobs that send confirmation mails; Service.ConfirmJob does them.
const JobConfirm = "account.confirm"

// The token is made when the mail is sent and only its hash is kept: no row, and no job, ever holds what opens the door.
type confirmJob struct {
	FolderID string `json:"folder_id"`
}

const (
	tokenLife     = 24 * time.Hour
	resendPause   = time.Minute
	mailsADay     = 10
	tokenBytes    = 32
	maxTokenInput = 100
)

// tooManyMails says that no further confirmation mail is sent yet: the portal is not to be used to flood somebody's mailbox.
type tooManyMails struct{ after time.Duration }

func (t *tooManyMails) Error() string { return "too many confirmation mails" }

// SendMailConfirmation sends the mail again.
func (s *Service) SendMailConfirmation(ctx context.Context, _ *portalv1.SendMailConfirmationRequest) (*portalv1.SendMailConfirmationResponse, error) {
	id := access.FromContext(ctx).FolderID
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		folder, err := q.AccountFolder(ctx, id)
		if err != nil {
			return err
		}
		if folder.MailAddress == "" {
			return errNoAddress
		}
		if folder.MailConfirmedAt > 0 {
			return nil
		}
		return s.askConfirmation(ctx, q, id, folder.MailAddress)
	})
	var refused *tooManyMails
	switch {
	case errors.As(err, &refused):
		return nil, access.TooMany(ctx, refused.after, refused)
	case errors.Is(err, errNoAddress):
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_INVALID_FIELD, "mail_address", err)
	case err != nil:
		return nil, gone(ctx, "asking for a confirmation mail", err)
	}
	s.wake()
	return &portalv1.SendMailConfirmationResponse{}, nil
}

var errNoAddress = errors.New("no mail address is registered")

func (s *Service) askConfirmation(ctx context.Context, q *db.Queries, folderID, address string) error {
	if err := s.mayMail(ctx, q, folderID, address); err != nil {
		return err
	}
	return enqueueConfirmation(ctx, q, folderID)
}

func enqueueConfirmation(ctx context.Context, q *db.Queries, folderID string) error {
	return jobs.Enqueue(ctx, q, folderID, JobConfirm, confirmJob{FolderID: folderID})
}

// mayMail counts the tokens of the last day: each stands for a mail.
func (s *Service) mayMail(ctx context.Context, q *db.Queries, folderID, address string) error {
	now := s.now()
	all, err := q.AccountMailConfirmations(ctx, folderID)
	if err != nil {
		return fmt.Errorf("counting confirmation mails: %w", err)
	}
	recent := 0
	for _, c := range all {
		sent := time.UnixMilli(c.ExpiresAt).Add(-tokenLife)
		if now.Sub(sent) < tokenLife {
			recent++
		}
		if c.Address == address && now.Sub(sent) < resendPause {
			return &tooManyMails{sent.Add(resendPause).Sub(now)}
		}
	}
	if recent >= mailsADay {
		return &tooManyMails{tokenLife / 2}
	}
	return nil
}

// ConfirmJob makes a token and mails it.
func (s *Service) ConfirmJob(ctx context.Context, payload []byte) error {
	var job confirmJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret)
	var language, address string
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		language = ""
		folder, err := q.AccountFolder(ctx, job.FolderID)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if address = folder.MailAddress; address == "" || folder.MailConfirmedAt > 0 {
			return nil // removed or confirmed meanwhile
		}
		var refused *tooManyMails
		if err := s.mayMail(ctx, q, job.FolderID, address); errors.As(err, &refused) {
			return nil // asked for twice at once
		} else if err != nil {
			return err
		}
		language = folder.Language
		now := s.now()
		if err := q.AccountDropExpiredConfirmations(ctx, db.AccountDropExpiredConfirmationsParams{FolderID: job.FolderID, ExpiresAt: now.UnixMilli()}); err != nil {
			return err
		}
		return q.AccountAddMailConfirmation(ctx, db.AccountAddMailConfirmationParams{
			TokenHash: hashToken(token), FolderID: job.FolderID, Address: address, ExpiresAt: now.Add(tokenLife).UnixMilli(),
		})
	})
	if err != nil || language == "" {
		return err
	}
	err = s.mail.Send(ctx, mail.Letter{Kind: mail.ConfirmAddress, To: address, Language: language, Token: token})
	if err == nil {
		return nil
	}
	// What was not sent does not count, and the next attempt makes its own.
	forget, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.db.Tx(forget, func(q *db.Queries) error {
		return q.AccountDropMailConfirmation(forget, hashToken(token))
	}))
}

// ConfirmMailAddress takes the token of a mail. It may come again while it lasts: pages are loaded anew, and mail programs look at links
// before people do. It never says more than that the mailbox is the person's.
func (s *Service) ConfirmMailAddress(ctx context.Context, request *portalv1.ConfirmMailAddressRequest) (*portalv1.ConfirmMailAddressResponse, error) {
	token := request.GetToken()
	err := errTokenInvalid
	if token != "" && len(token) <= maxTokenInput {
		err = s.db.Tx(ctx, func(q *db.Queries) error { return s.confirm(ctx, q, token) })
	}
	if errors.Is(err, errTokenInvalid) {
		return nil, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token", err)
	}
	if err != nil {
		return nil, internal(ctx, "confirming a mail address", err)
	}
	return &portalv1.ConfirmMailAddressResponse{}, nil
}

var errTokenInvalid = errors.New("the token is unknown or too old, or the address has been changed")

func (s *Service) confirm(ctx context.Context, q *db.Queries, token string) error {
	row, err := q.AccountMailConfirmation(ctx, hashToken(token))
	if errors.Is(err, db.ErrNotFound) {
		return errTokenInvalid
	}
	if err != nil {
		return err
	}
	now := s.now().UnixMilli()
	if row.ExpiresAt <= now {
		return errTokenInvalid
	}
	confirmed, err := q.AccountConfirmMail(ctx, db.AccountConfirmMailParams{ID: row.FolderID, MailAddress: row.Address, MailConfirmedAt: now})
	if err == nil && confirmed == 0 {
		return errTokenInvalid // the address was changed since
	}
	return err
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
