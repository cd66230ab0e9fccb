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
	"log/slog"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Mailer hands one letter to the mail server.
type Mailer interface {
	Send(ctx context.Context, l mail.Letter) error
}

// JobConfirm is the kind of the jobs that send confirmation mails; Service.ConfirmJob does them.
const JobConfirm = "account.confirm"

// The token is made when the mail is sent and only its hash is kept: no row, and no job, ever holds what opens the
// door.
type confirmJob struct {
	FolderID string `json:"folder_id"`
}

const (
	tokenLife     = 24 * time.Hour
	tokenBytes    = 32
	maxTokenInput = 100
)

// SendMailConfirmation sends the mail again, or says that there is nothing left to confirm.
func (s *Service) SendMailConfirmation(
	ctx context.Context, _ *portalv1.SendMailConfirmationRequest,
) (*portalv1.SendMailConfirmationResponse, error) {
	caller := access.FromContext(ctx)
	var confirmed bool
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		folder, err := q.FolderGet(ctx, caller.Subject())
		if err != nil {
			return err
		}
		if folder.MailAddress == "" {
			return errNoAddress
		}
		if confirmed = folder.MailConfirmedAt > 0; confirmed {
			return nil
		}
		return s.askConfirmation(ctx, q, caller, caller.Subject(), folder.MailAddress)
	})
	refused, tooMany := errors.AsType[*tooManyMails](err)
	switch {
	case tooMany:
		return nil, access.TooMany(ctx, refused.after, refused)
	case errors.Is(err, errNoAddress):
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_INVALID_FIELD,
			"mail_address", err)
	case err != nil:
		return nil, access.Gone(ctx, "asking for a confirmation mail", err)
	}
	s.Wake()
	return &portalv1.SendMailConfirmationResponse{AlreadyConfirmed: confirmed}, nil
}

var errNoAddress = errors.New("no mail address is registered")

// askConfirmation has a mail sent to an address that nobody has confirmed yet. There is no other way to send one.
func (s *Service) askConfirmation(
	ctx context.Context, q *db.Queries, caller access.Caller, folderID, address string,
) error {
	if err := s.countMail(ctx, q, caller.Card, address); err != nil {
		return err
	}
	return jobs.Enqueue(ctx, q, folderID, JobConfirm, confirmJob{FolderID: folderID})
}

// ConfirmJob makes a token and mails it.
func (s *Service) ConfirmJob(ctx context.Context, payload []byte) error {
	var job confirmJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	token := newToken()
	var language, address string
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		language = ""
		folder, err := q.FolderGet(ctx, job.FolderID)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if address = folder.MailAddress; address == "" || folder.MailConfirmedAt > 0 {
			return nil // removed or confirmed meanwhile
		}
		now := s.now()
		if just, err := sentJustNow(ctx, q, job.FolderID, address, now); just || err != nil {
			return err
		}
		language = folder.Language
		return q.AccountAddMailConfirmation(ctx, db.AccountAddMailConfirmationParams{
			TokenHash: hashToken(token), FolderID: job.FolderID, Address: address,
			ExpiresAt: now.Add(tokenLife).UnixMilli(),
		})
	})
	if err != nil || language == "" {
		return err
	}
	err = s.Mail.Send(ctx, mail.Letter{Kind: mail.ConfirmAddress, To: address, Language: language, Token: token})
	if err == nil {
		return nil
	}
	// What was not sent does not count, and the next attempt makes its own.
	forget, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.DB.Tx(forget, func(q *db.Queries) error {
		return q.AccountDropMailConfirmation(forget, hashToken(token))
	}))
}

// sentJustNow tells of jobs that waited together for a mail server: one mail is enough.
func sentJustNow(ctx context.Context, q *db.Queries, folderID, address string, now time.Time) (bool, error) {
	tokens, err := q.AccountMailConfirmations(ctx, folderID)
	if err != nil {
		return false, fmt.Errorf("looking for confirmation mails: %w", err)
	}
	return slices.ContainsFunc(tokens, func(c db.AccountMailConfirmationsRow) bool {
		return c.Address == address && now.Sub(time.UnixMilli(c.ExpiresAt).Add(-tokenLife)) < resendPause
	}), nil
}

// ConfirmMailAddress takes the token of a mail. It may come again while it lasts: pages are loaded anew, and mail
// programs look at links before people do. It never says more than that the mailbox is the person's.
func (s *Service) ConfirmMailAddress(
	ctx context.Context, request *portalv1.ConfirmMailAddressRequest,
) (*portalv1.ConfirmMailAddressResponse, error) {
	token := request.GetToken()
	confirmed := ""
	err := errTokenInvalid
	if token != "" && len(token) <= maxTokenInput {
		err = s.DB.Tx(ctx, func(q *db.Queries) error {
			if confirmed, err = s.confirm(ctx, q, token); err != nil || confirmed == "" {
				return err
			}
			return changed(ctx, q, confirmed)
		})
	}
	if errors.Is(err, errTokenInvalid) {
		return nil, access.Error(ctx, connect.CodeInvalidArgument,
			portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token", err)
	}
	if err != nil {
		return nil, fmt.Errorf("confirming a mail address: %w", err)
	}
	if confirmed != "" {
		audit.Log(ctx, audit.AddressChanged, audit.Folder(confirmed), slog.String("what", "confirmed"))
	}
	return &portalv1.ConfirmMailAddressResponse{}, nil
}

var errTokenInvalid = errors.New("the token is unknown or too old, or the address has been changed")

// confirm gives the folder whose address is confirmed now and was not before, or "".
func (s *Service) confirm(ctx context.Context, q *db.Queries, token string) (string, error) {
	row, err := q.AccountMailConfirmation(ctx, hashToken(token))
	if errors.Is(err, db.ErrNotFound) {
		return "", errTokenInvalid
	}
	if err != nil {
		return "", err
	}
	now := s.now().UnixMilli()
	if row.ExpiresAt <= now {
		return "", errTokenInvalid
	}
	folder, err := q.FolderGet(ctx, row.FolderID)
	if err != nil {
		return "", err
	}
	if folder.MailAddress != row.Address {
		return "", errTokenInvalid // changed since
	}
	if folder.MailConfirmedAt > 0 {
		return "", nil
	}
	_, err = q.FolderConfirmMail(ctx, db.FolderConfirmMailParams{
		ID: row.FolderID, MailAddress: row.Address, MailConfirmedAt: now,
	})
	if err != nil {
		return "", err
	}
	return row.FolderID, act.Note(ctx, q, row.FolderID)
}

func newToken() string {
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret)
	return base64.RawURLEncoding.EncodeToString(secret)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
