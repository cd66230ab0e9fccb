// Package account keeps the user folder (利用者フォルダ) and its registration data (利用者登録): opening, changing, closing it, the
// confirmation of a mail address, and putting one back that somebody else replaced. Who the caller is comes from the
// session; which offices know the person is backend/door/office's.
package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/office"
	"madoguchi/backend/door/session"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/once"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Config is what the service stands on; all are needed.
type Config struct {
	DB   *db.DB
	Mail Mailer
	// Counts hides whom mails to unconfirmed addresses are counted for (keys.Ring): the same in all instances, and
	// under a key that is kept apart from the database. Under another key the count begins anew.
	Counts interface{ Sum(parts ...[]byte) []byte }
	// Wake is called when a job was written.
	Wake func()
	// Ended is called when somebody's sessions were ended.
	Ended func(folderID string)
	// Erase removes what the portal keeps of a person beside the folder's row and what goes with it (mount.House).
	Erase func(ctx context.Context, q *db.Queries, folderID string) (after func(context.Context), err error)
}

// Service implements portal.v1's AccountService.
type Service struct {
	Config
	now func() time.Time
}

// New makes the service. Its jobs (JobConfirm, JobChanged) must be given to a runner, and Run be run.
func New(c Config) *Service { return &Service{Config: c, now: time.Now} }

// ListMunicipalities gives the whole table.
func (s *Service) ListMunicipalities(
	context.Context, *portalv1.ListMunicipalitiesRequest,
) (*portalv1.ListMunicipalitiesResponse, error) {
	return nation(), nil
}

// OpenAccount opens the folder of the card that the session was begun with. The session gets a new cookie with it.
// Should the answer be lost on its way, the person logs in again, or sends again, and finds the folder open. Who has a
// folder is told so, and nothing of what was sent is kept; a session that is not yet the folder's becomes it.
func (s *Service) OpenAccount(
	ctx context.Context, request *portalv1.OpenAccountRequest,
) (*portalv1.OpenAccountResponse, error) {
	caller := access.FromContext(ctx)
	if caller.Subject() != "" {
		return nil, alreadyOpen(ctx)
	}
	if request.GetTermsVersion() != rule.TermsVersion {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TERMS_NOT_AGREED,
			"terms_version", nil)
	}
	entry := entryOf(request)
	var account folder.Folder
	var token string
	var folderNow opened
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		folderNow, err = s.openFolder(ctx, q, caller, entry)
		if err != nil {
			return err
		}
		token, err = session.Adopt(ctx, q, caller, folderNow.id)
		if errors.Is(err, db.ErrNotFound) {
			return errSessionEnded
		}
		if err == nil && folderNow.now {
			err = noteOpened(ctx, q, caller, folderNow.id, token)
		}
		if err != nil {
			return err
		}
		account, err = folder.Get(ctx, q, folderNow.id)
		return err
	})
	if errors.Is(err, errSessionEnded) {
		return nil, access.LoggedOut(ctx, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening a folder: %w", err)
	}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.SetCookie(call.ResponseHeader(), token)
	}
	if !folderNow.now {
		return nil, alreadyOpen(ctx)
	}
	audit.Log(ctx, audit.FolderOpened, audit.Folder(account.ID))
	logAddress(ctx, account.ID, "", account.MailAddress)
	s.Wake()
	return &portalv1.OpenAccountResponse{
		Account: message(account), ConfirmationRetryAfterMs: folderNow.mailAfter.Milliseconds(),
	}, nil
}

func alreadyOpen(ctx context.Context) error {
	return access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_OPEN, "", nil)
}

var errSessionEnded = errors.New("the session ended meanwhile")

// opened is a folder that there is now.
type opened struct {
	id        string
	now       bool          // it was not there before
	mailAfter time.Duration // above 0 when the mail to confirm its address may not go yet
}

// openFolder gives the folder of the caller's card, which it makes if there is none.
func (s *Service) openFolder(ctx context.Context, q *db.Queries, caller access.Caller, e entry) (opened, error) {
	id, err := q.FolderOfCard(ctx, db.FolderOfCardParams(caller.Card))
	if !errors.Is(err, db.ErrNotFound) {
		return opened{id: id}, err
	}
	id = rand.Text()
	now := s.now().UnixMilli()
	made := e.in(folder.Folder{
		Folder: db.Folder{ID: id, TermsVersion: rule.TermsVersion, OpenedAt: now, LastLoginAt: now},
	})
	if err := folder.Open(ctx, q, made, caller.Card); err != nil {
		return opened{}, err
	}
	if err := office.Introduce(ctx, q, id); err != nil {
		return opened{}, err
	}
	o := opened{id: id, now: true}
	if e.mailAddress == "" {
		return o, nil
	}
	// A folder is not refused for a mail's sake: the mail can be asked for later.
	err = s.askConfirmation(ctx, q, caller, id, e.mailAddress)
	if refused, ok := errors.AsType[*tooManyMails](err); ok {
		o.mailAfter = refused.after
		return o, nil
	}
	return o, err
}

// noteOpened writes the opening into the history, as done in the session that goes on: the newcomer's is no more.
func noteOpened(ctx context.Context, q *db.Queries, caller access.Caller, id, token string) error {
	by, err := caller.By(), error(nil)
	if by.SessionHash, err = session.Hash(token); err != nil {
		return err
	}
	act.From(ctx, by)
	return act.Note(ctx, q, id)
}

// GetAccount gives the registration data.
func (s *Service) GetAccount(ctx context.Context, _ *portalv1.GetAccountRequest) (*portalv1.GetAccountResponse, error) {
	account, err := s.read(ctx, access.Subject(ctx))
	return &portalv1.GetAccountResponse{Account: account}, err
}

// UpdateAccount sets the registration data. Who moves leaves the old municipality's offices and is introduced to the
// new one's.
func (s *Service) UpdateAccount(
	ctx context.Context, request *portalv1.UpdateAccountRequest,
) (*portalv1.UpdateAccountResponse, error) {
	caller := access.FromContext(ctx)
	id := caller.Subject()
	act.About(ctx, request.GetUpdateMask().GetPaths()...)
	var account, old folder.Folder
	var changes []mail.Change
	err := s.DB.Erase(ctx, func(q *db.Queries) (err error) { // the old name and address, too, are to be gone
		entry := entryOf(request)
		old, err = folder.Get(ctx, q, id)
		if err != nil {
			return err
		}
		if err := once.Forget(ctx, q, id); err != nil {
			return err
		}
		if entry, err = entry.masked(request.GetUpdateMask(), entryIn(old)); err != nil {
			return err
		}
		if field := changedSince(request.GetWas(), entry, entryIn(old)); field != "" {
			return changedElsewhere{field}
		}
		account = entry.in(old)
		if entry.mailAddress != old.MailAddress {
			account.MailConfirmedAt = 0
			if entry.mailAddress != "" {
				if err := s.askConfirmation(ctx, q, caller, id, entry.mailAddress); err != nil {
					return err
				}
			}
		}
		if changes = grave(old, entry); len(changes) > 0 {
			if err := s.keepForUndo(ctx, q, caller, old, changes); err != nil {
				return err
			}
		}
		if err := folder.Update(ctx, q, account); err != nil {
			return err
		}
		if entry.municipalityCode != old.MunicipalityCode {
			if err := office.Leave(ctx, q, id, entry.municipalityCode); err != nil {
				return err
			}
			if err := office.Introduce(ctx, q, id); err != nil {
				return err
			}
		}
		if account, err = folder.Get(ctx, q, id); err != nil {
			return err
		}
		if err := s.tellChanges(ctx, q, id, old, account, len(changes) > 0); err != nil {
			return err
		}
		return changed(ctx, q, id)
	})
	if refused, ok := errors.AsType[*tooManyMails](err); ok {
		return nil, access.TooManyAt(ctx, "mail_address", refused.after, refused)
	}
	if errors.Is(err, errCardAgain) {
		return nil, access.ShowCardAgain(ctx, purposeMail)
	}
	if errors.Is(err, errMask) {
		return nil, access.Invalid(ctx, "update_mask", err)
	}
	if elsewhere, ok := errors.AsType[changedElsewhere](err); ok {
		return nil, access.Changed(ctx, elsewhere.field)
	}
	if err != nil {
		return nil, access.Gone(ctx, "changing a folder", err)
	}
	logAddress(ctx, id, old.MailAddress, account.MailAddress)
	if slices.Contains(changes, mail.LoginMailOff) {
		audit.Log(ctx, audit.LoginMailOff, audit.Folder(id))
	}
	s.Wake()
	return &portalv1.UpdateAccountResponse{Account: message(account)}, nil
}

// tellChanges tells a person what was changed of what is registered, never what it is now. Of what a letter with a way
// back tells they are not told twice.
func (s *Service) tellChanges(
	ctx context.Context, q *db.Queries, id string, old, now folder.Folder, told bool,
) error {
	what := differences(old, now)
	if told || len(what) == 0 {
		return nil
	}
	_, err := tell.Tell(ctx, q, id, tell.Registered, tell.About{At: s.now(), Changes: what})
	return err
}

// differences are what differs between two registrations. The language follows the page that is read, and is no
// change that anybody made on purpose.
func differences(old, now folder.Folder) (what []mail.Change) {
	for _, field := range []struct {
		change  mail.Change
		differs bool
	}{
		{mail.NameChanged, old.DisplayName != now.DisplayName},
		{mail.AddressChanged, old.MailAddress != now.MailAddress},
		{mail.PlaceChanged, old.MunicipalityCode != now.MunicipalityCode},
		{mail.LoginMails, old.Prefers[mailOnLogin] != now.Prefers[mailOnLogin]},
		{mail.NoticeMails, old.Prefers[mailOnNotice] != now.Prefers[mailOnNotice]},
	} {
		if field.differs {
			what = append(what, field.change)
		}
	}
	return what
}

// changed has the person's open pages told, in the transaction that changes the registration data.
func changed(ctx context.Context, q *db.Queries, folderID string) error {
	return live.Tell(ctx, q, folderID, portalv1.ChangeKind_CHANGE_KIND_ACCOUNT, "")
}

// logAddress notes what became of a mail address.
func logAddress(ctx context.Context, folderID, before, after string) {
	what := "replaced"
	switch {
	case before == after:
		return
	case before == "":
		what = "registered"
	case after == "":
		what = "removed"
	}
	audit.Log(ctx, audit.AddressChanged, audit.Folder(folderID), slog.String("what", what))
}

// CloseAccount erases the folder and everything in it, and ends every session of the person: each feature erases what
// it keeps of them.
func (s *Service) CloseAccount(
	ctx context.Context, _ *portalv1.CloseAccountRequest,
) (*portalv1.CloseAccountResponse, error) {
	id := access.Subject(ctx)
	var after func(context.Context)
	err := s.DB.Erase(ctx, func(q *db.Queries) (err error) {
		if after, err = s.Erase(ctx, q, id); err != nil {
			return err
		}
		if _, err := q.FolderDelete(ctx, id); err != nil {
			return fmt.Errorf("erasing the folder: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("closing a folder: %w", err)
	}
	audit.Log(ctx, audit.FolderClosed, audit.Folder(id))
	after(ctx)
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.ClearCookie(call.ResponseHeader())
	}
	return &portalv1.CloseAccountResponse{}, nil
}

func (s *Service) read(ctx context.Context, id string) (*portalv1.Account, error) {
	account, err := folder.Get(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, access.Gone(ctx, "reading the registration", err)
	}
	return message(account), nil
}

func message(f folder.Folder) *portalv1.Account {
	m, _ := municipality.ByCode(f.MunicipalityCode)
	return &portalv1.Account{
		DisplayName: f.DisplayName, MailAddress: f.MailAddress, MailConfirmed: f.MailConfirmedAt > 0,
		Municipality: municipalityMessage(m),
		MailOnLogin:  f.Prefers[mailOnLogin], MailOnNotice: f.Prefers[mailOnNotice], OpenedAt: f.OpenedAt,
		TermsVersion: f.TermsVersion, Services: servicesIn(f),
	}
}
