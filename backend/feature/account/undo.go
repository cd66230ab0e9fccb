package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/once"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// purposeMail is the card_purpose_for_some of UpdateAccount.
	purposeMail = "account.mail"

	undoLife   = 72 * time.Hour
	sweepEvery = time.Hour
)

// JobChanged is the kind of the jobs that tell an old address what was changed, JobUndone of those that tell an address
// that it was taken away by an undoing; Service.ChangedJob and UndoneJob do them.
const (
	JobChanged = "account.changed"
	JobUndone  = "account.undone"
)

type changedJob struct {
	FolderID string        `json:"folder_id"`
	Position int64         `json:"position"` // of the change
	Changes  []mail.Change `json:"changes"`
}

var errCardAgain = errors.New("the card was not shown again")

// grave names what an entry changes that only the holder of the card may change: somebody who found an open session, or
// got hold of one, must not be able to keep the person from hearing of logins.
func grave(old folder.Folder, e entry) []mail.Change {
	if old.MailConfirmedAt == 0 {
		return nil
	}
	var changes []mail.Change
	switch {
	case e.mailAddress == "":
		changes = append(changes, mail.AddressRemoved)
	case e.mailAddress != old.MailAddress:
		changes = append(changes, mail.AddressReplaced)
	}
	if old.Prefers[mailOnLogin] && !e.mailOnLogin {
		changes = append(changes, mail.LoginMailOff)
	}
	return changes
}

// keepForUndo uses up the showing of the card, keeps what is registered so that it can be put back, and has its address
// told.
func (s *Service) keepForUndo(
	ctx context.Context, q *db.Queries, caller access.Caller, old folder.Folder, changes []mail.Change,
) error {
	now := s.now()
	shown, err := access.SpendCard(ctx, q, purposeMail, now)
	if err != nil {
		return err
	}
	if !shown {
		return errCardAgain
	}
	last, err := q.AccountLastMailChange(ctx, old.ID)
	if err != nil {
		return fmt.Errorf("looking for changes before: %w", err)
	}
	position := max(last+1, now.UnixMilli()) // never that of a change that has been forgotten
	err = q.AccountAddMailChange(ctx, db.AccountAddMailChangeParams{
		FolderID: old.ID, Position: position, MailAddress: old.MailAddress, MailConfirmedAt: old.MailConfirmedAt,
		MailOnLogin: old.Prefers[mailOnLogin], MailOnNotice: old.Prefers[mailOnNotice], Language: old.Language,
		ChangedAt: now.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("keeping what was registered: %w", err)
	}
	return jobs.Enqueue(ctx, q, old.ID, JobChanged, changedJob{FolderID: old.ID, Position: position, Changes: changes})
}

// ChangedJob makes the token that undoes a change and mails it to the address of before. As with confirmations, only
// its hash is kept; an attempt after one that failed makes another.
func (s *Service) ChangedJob(ctx context.Context, payload []byte) error {
	var job changedJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	token := newToken()
	var change db.MailChange
	send := false
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		send = false
		var err error
		change, err = q.AccountMailChange(ctx, db.AccountMailChangeParams{
			FolderID: job.FolderID, Position: job.Position,
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil // the folder was closed
		}
		if err != nil {
			return fmt.Errorf("reading a change: %w", err)
		}
		if change.UndoneAt > 0 || !s.now().Before(undoableUntil(change)) {
			return nil
		}
		send = true
		_, err = q.AccountGiveMailChangeToken(ctx, db.AccountGiveMailChangeTokenParams{
			FolderID: job.FolderID, Position: job.Position, TokenHash: hashToken(token),
		})
		return err
	})
	if err != nil || !send {
		return err
	}
	return s.Mail.Send(ctx, mail.Letter{
		Kind: mail.AccountChanged, To: change.MailAddress, Language: change.Language, Token: token,
		Changes: job.Changes,
		At:      change.ChangedAt, Until: undoableUntil(change).UnixMilli(),
	})
}

func undoableUntil(change db.MailChange) time.Time {
	return time.UnixMilli(change.ChangedAt).Add(undoLife)
}

// UndoMailChange puts back what was registered before a change, and ends every session: whoever made the change was in
// one. What was changed after it is undone with it; what was changed before stays, and can be undone by its own mail.
// An undoing is final: the address that loses by it hears of it and gets no token, only the card changes anything
// again.
func (s *Service) UndoMailChange(
	ctx context.Context, request *portalv1.UndoMailChangeRequest,
) (*portalv1.UndoMailChangeResponse, error) {
	token := request.GetToken()
	var u undoing
	err := errTokenInvalid
	if token != "" && len(token) <= maxTokenInput {
		err = s.DB.Erase(ctx, func(q *db.Queries) error { // the address that it takes away is to be gone
			u, err = s.undo(ctx, q, token)
			return err
		})
	}
	if errors.Is(err, errTokenInvalid) {
		return nil, access.Error(ctx, connect.CodeInvalidArgument,
			portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token", err)
	}
	if err != nil {
		return nil, fmt.Errorf("undoing a change: %w", err)
	}
	if u.already {
		return &portalv1.UndoMailChangeResponse{Already: true}, nil
	}
	audit.Log(ctx, audit.AddressChanged, audit.Folder(u.folderID), slog.String("what", "undone"))
	audit.Log(ctx, audit.SessionEnded, audit.Folder(u.folderID), slog.String("why", "undone"),
		slog.Int64("sessions", u.sessions))
	s.Ended(u.folderID)
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok && access.Actor(ctx) == u.folderID {
		session.ClearCookie(call.ResponseHeader())
	}
	s.Wake()
	return &portalv1.UndoMailChangeResponse{}, nil
}

type undoing struct {
	folderID string
	already  bool
	sessions int64 // ended
}

func (s *Service) undo(ctx context.Context, q *db.Queries, token string) (undoing, error) {
	change, err := q.AccountMailChangeByToken(ctx, hashToken(token))
	if errors.Is(err, db.ErrNotFound) {
		return undoing{}, errTokenInvalid
	}
	if err != nil {
		return undoing{}, fmt.Errorf("looking for the change: %w", err)
	}
	now := s.now()
	if !now.Before(undoableUntil(change)) {
		return undoing{}, errTokenInvalid
	}
	u := undoing{folderID: change.FolderID, already: change.UndoneAt > 0}
	if u.already {
		return u, nil // the page was loaded anew
	}
	account, err := folder.Get(ctx, q, u.folderID)
	if err != nil {
		return u, err
	}
	lost := account.MailConfirmedAt != 0 && account.MailAddress != change.MailAddress
	if lost {
		if err := s.tellLost(ctx, q, account, now); err != nil {
			return u, err
		}
	}
	_, err = q.AccountUndoMailChanges(ctx, db.AccountUndoMailChangesParams{
		FolderID: u.folderID, FromPosition: change.Position, Now: now.UnixMilli(),
	})
	if err != nil {
		return u, fmt.Errorf("noting that changes are undone: %w", err)
	}
	_, err = q.FolderSetMail(ctx, db.FolderSetMailParams{
		ID: u.folderID, MailAddress: change.MailAddress, MailConfirmedAt: change.MailConfirmedAt,
	})
	if err != nil {
		return u, fmt.Errorf("putting the mail address back: %w", err)
	}
	before := map[folder.Preference]bool{mailOnLogin: change.MailOnLogin, mailOnNotice: change.MailOnNotice}
	if err := folder.Prefer(ctx, q, u.folderID, before); err != nil {
		return u, err
	}
	if u.sessions, err = session.EndFolder(ctx, q, u.folderID); err != nil {
		return u, err
	}
	if err := changed(ctx, q, u.folderID); err != nil {
		return u, err
	}
	if err := act.Note(ctx, q, u.folderID); err != nil {
		return u, err
	}
	if err := once.Forget(ctx, q, u.folderID); err != nil {
		return u, err
	}
	return u, mail.Enqueue(ctx, q, u.folderID, mail.Letter{Kind: mail.ChangeUndone, At: now.UnixMilli()})
}

// tellLost has the address told that an undoing takes away. No job holds an address: it is kept as a change that is
// undone already, and forgotten as those are.
func (s *Service) tellLost(ctx context.Context, q *db.Queries, of folder.Folder, now time.Time) error {
	last, err := q.AccountLastMailChange(ctx, of.ID)
	if err != nil {
		return fmt.Errorf("looking for changes before: %w", err)
	}
	position := max(last+1, now.UnixMilli()) // as in keepForUndo
	err = q.AccountAddMailChange(ctx, db.AccountAddMailChangeParams{
		FolderID: of.ID, Position: position, MailAddress: of.MailAddress, MailConfirmedAt: of.MailConfirmedAt,
		MailOnLogin: of.Prefers[mailOnLogin], MailOnNotice: of.Prefers[mailOnNotice], Language: of.Language,
		ChangedAt: now.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("keeping the address that is lost: %w", err)
	}
	return jobs.Enqueue(ctx, q, of.ID, JobUndone, changedJob{FolderID: of.ID, Position: position})
}

// UndoneJob tells an address that an undoing has taken it away.
func (s *Service) UndoneJob(ctx context.Context, payload []byte) error {
	var job changedJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	lost, err := s.DB.Read().AccountMailChange(ctx, db.AccountMailChangeParams{
		FolderID: job.FolderID, Position: job.Position,
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // the folder was closed, or it is too long ago
	}
	if err != nil {
		return fmt.Errorf("reading the address that is lost: %w", err)
	}
	return s.Mail.Send(ctx, mail.Letter{
		Kind: mail.ChangeUndone, To: lost.MailAddress, Language: lost.Language, At: lost.ChangedAt,
	})
}

// Run forgets what was kept for long enough, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping what was kept of mails", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}

// Sweep forgets mails that no longer count, tokens that have expired, and what can no longer be put back.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	var addresses int64
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.AccountSweepMailsSent(ctx, now.Add(-countLife).UnixMilli()); err != nil {
			return err
		}
		tokens, err := q.AccountSweepConfirmations(ctx, now.UnixMilli())
		if err != nil {
			return err
		}
		changes, err := q.AccountSweepMailChanges(ctx, now.Add(-undoLife).UnixMilli())
		addresses = tokens + changes
		return err
	})
	if err != nil || addresses == 0 {
		return err
	}
	// What was deleted is erased; looking through the whole store is worth it only then.
	return s.DB.Erase(ctx, func(*db.Queries) error { return nil })
}
