// Package account keeps the user folder (利用者フォルダ) and its registration data (利用者登録): opening, changing, closing it, and the
// confirmation of a mail address. Who the caller is comes from the session; which offices know the person is backend/office's.
package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/db"
	"madoguchi/backend/municipality"
	"madoguchi/backend/office"
	"madoguchi/backend/session"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// TermsVersion is the version of the terms of use in force. Only who agreed to it may open a folder.
const TermsVersion = "2026-11-22"

// Service implements portal.v1's AccountService.
type Service struct {
	db   *db.DB
	mail Mailer
	now  func() time.Time
	wake func()
	// changed tells the person's open pages that the folder changed.
	changed func(folderID string)
}

// New makes the service. Its jobs (JobConfirm) must be given to a runner; wake is called when one was written, changed when somebody's
// registration data are other than they were.
func New(d *db.DB, mail Mailer, wake func(), changed func(folderID string)) *Service {
	return &Service{db: d, mail: mail, now: time.Now, wake: wake, changed: changed}
}

// ListMunicipalities gives the whole table.
func (s *Service) ListMunicipalities(context.Context, *portalv1.ListMunicipalitiesRequest) (*portalv1.ListMunicipalitiesResponse, error) {
	return nation(), nil
}

// OpenAccount opens the folder of the card that the session was begun with. The session gets a new cookie with it. Should the answer be
// lost on its way, the person logs in again and finds the folder open.
func (s *Service) OpenAccount(ctx context.Context, request *portalv1.OpenAccountRequest) (*portalv1.OpenAccountResponse, error) {
	caller := access.FromContext(ctx)
	if caller.FolderID != "" {
		account, err := s.read(ctx, caller.FolderID)
		return &portalv1.OpenAccountResponse{Account: account}, err
	}
	if request.GetTermsVersion() != TermsVersion {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TERMS_NOT_AGREED, "terms_version", nil)
	}
	entry, err := check(ctx, request)
	if err != nil {
		return nil, err
	}
	var folder db.Folder
	var token string
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		id, err := s.openFolder(ctx, q, caller, entry)
		if err != nil {
			return err
		}
		token, err = session.Adopt(ctx, q, caller, id)
		if errors.Is(err, db.ErrNotFound) {
			return errSessionEnded
		}
		if err != nil {
			return err
		}
		folder, err = q.AccountFolder(ctx, id)
		return err
	})
	if errors.Is(err, errSessionEnded) {
		return nil, access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", err)
	}
	if err != nil {
		return nil, internal(ctx, "opening a folder", err)
	}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.SetCookie(call.ResponseHeader(), token)
	}
	s.wake()
	return &portalv1.OpenAccountResponse{Account: message(folder)}, nil
}

var errSessionEnded = errors.New("the session ended meanwhile")

// openFolder returns the folder of the caller's card, which it makes if there is none.
func (s *Service) openFolder(ctx context.Context, q *db.Queries, caller access.Caller, e entry) (string, error) {
	id, err := q.AccountFolderOfCard(ctx, caller.Serial)
	if !errors.Is(err, db.ErrNotFound) {
		return id, err
	}
	id = rand.Text()
	now := s.now().UnixMilli()
	err = q.AccountCreateFolder(ctx, db.AccountCreateFolderParams{
		ID: id, DisplayName: e.displayName, MailAddress: e.mailAddress, MailOnLogin: e.mailOnLogin, MailOnNotice: e.mailOnNotice,
		MunicipalityCode: e.municipalityCode, Language: e.language, TermsVersion: TermsVersion, OpenedAt: now, LastLoginAt: now,
	})
	if err != nil {
		return "", fmt.Errorf("writing the folder: %w", err)
	}
	added, err := q.AccountAddCard(ctx, db.AccountAddCardParams{Serial: caller.Serial, FolderID: id, AddedAt: now})
	if err != nil {
		return "", fmt.Errorf("writing the card: %w", err)
	}
	if added == 0 {
		return "", errors.New("the card has a folder that was not there a moment ago")
	}
	if err := office.Introduce(ctx, q, id); err != nil {
		return "", err
	}
	if e.mailAddress == "" {
		return id, nil
	}
	return id, enqueueConfirmation(ctx, q, id)
}

// GetAccount gives the registration data.
func (s *Service) GetAccount(ctx context.Context, _ *portalv1.GetAccountRequest) (*portalv1.GetAccountResponse, error) {
	account, err := s.read(ctx, access.FromContext(ctx).FolderID)
	return &portalv1.GetAccountResponse{Account: account}, err
}

// UpdateAccount sets the registration data. Who moves leaves the old municipality's offices and is introduced to the new one's.
func (s *Service) UpdateAccount(ctx context.Context, request *portalv1.UpdateAccountRequest) (*portalv1.UpdateAccountResponse, error) {
	entry, err := check(ctx, request)
	if err != nil {
		return nil, err
	}
	id := access.FromContext(ctx).FolderID
	var folder db.Folder
	var sent error
	err = s.db.Erase(ctx, func(q *db.Queries) error { // the old name and address, too, are to be gone
		old, err := q.AccountFolder(ctx, id)
		if err != nil {
			return err
		}
		confirmedAt := old.MailConfirmedAt
		sent = nil
		if entry.mailAddress != old.MailAddress {
			confirmedAt = 0
			if entry.mailAddress != "" {
				if sent = s.askConfirmation(ctx, q, id, entry.mailAddress); sent != nil {
					return sent
				}
			}
		}
		_, err = q.AccountUpdateFolder(ctx, db.AccountUpdateFolderParams{
			ID: id, DisplayName: entry.displayName, MailAddress: entry.mailAddress, MailConfirmedAt: confirmedAt, MailOnLogin: entry.mailOnLogin,
			MailOnNotice: entry.mailOnNotice, MunicipalityCode: entry.municipalityCode, Language: entry.language,
		})
		if err != nil {
			return fmt.Errorf("writing the folder: %w", err)
		}
		if entry.municipalityCode != old.MunicipalityCode {
			if err := office.Leave(ctx, q, id, entry.municipalityCode); err != nil {
				return err
			}
			if err := office.Introduce(ctx, q, id); err != nil {
				return err
			}
		}
		folder, err = q.AccountFolder(ctx, id)
		return err
	})
	var refused *tooManyMails
	if errors.As(sent, &refused) {
		return nil, access.TooMany(ctx, refused.after, refused)
	}
	if err != nil {
		return nil, gone(ctx, "changing a folder", err)
	}
	s.wake()
	s.changed(id)
	return &portalv1.UpdateAccountResponse{Account: message(folder)}, nil
}

// CloseAccount erases the folder and everything in it, and ends every session of the person. What stays: the dead identifiers at the
// offices, without anything that says whose they were.
func (s *Service) CloseAccount(ctx context.Context, _ *portalv1.CloseAccountRequest) (*portalv1.CloseAccountResponse, error) {
	id := access.FromContext(ctx).FolderID
	err := s.db.Erase(ctx, func(q *db.Queries) error {
		if err := office.Leave(ctx, q, id, ""); err != nil {
			return err
		}
		if err := q.AccountEndSessionsOfCards(ctx, id); err != nil {
			return fmt.Errorf("ending the sessions: %w", err)
		}
		if err := q.AccountEndSessions(ctx, id); err != nil {
			return fmt.Errorf("ending the sessions: %w", err)
		}
		if _, err := q.AccountDeleteFolder(ctx, id); err != nil {
			return fmt.Errorf("erasing the folder: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, internal(ctx, "closing a folder", err)
	}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.ClearCookie(call.ResponseHeader())
	}
	return &portalv1.CloseAccountResponse{}, nil
}

func (s *Service) read(ctx context.Context, id string) (*portalv1.Account, error) {
	folder, err := s.db.Read().AccountFolder(ctx, id)
	if err != nil {
		return nil, gone(ctx, "reading a folder", err)
	}
	return message(folder), nil
}

// gone tells a folder that was closed elsewhere a moment ago from a fault of ours.
func gone(ctx context.Context, doing string, err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", err)
	}
	return internal(ctx, doing, err)
}

func internal(ctx context.Context, doing string, err error) error {
	return access.Internal(ctx, fmt.Errorf("%s: %w", doing, err))
}

func message(f db.Folder) *portalv1.Account {
	m, _ := municipality.ByCode(f.MunicipalityCode)
	return &portalv1.Account{
		DisplayName: f.DisplayName, MailAddress: f.MailAddress, MailConfirmed: f.MailConfirmedAt > 0, Municipality: municipalityMessage(m),
		MailOnLogin: f.MailOnLogin, MailOnNotice: f.MailOnNotice, OpenedAt: f.OpenedAt, TermsVersion: f.TermsVersion,
	}
}
