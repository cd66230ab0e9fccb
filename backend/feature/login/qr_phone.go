package login

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// A person opens few codes: 20 at once, and one more in three seconds. Whoever guesses at them is slowed to that.
const (
	perFolder   = 1.0 / 3
	burstFolder = 20
)

// OpenQr says who asks to be let in.
func (s *Service) OpenQr(ctx context.Context, request *portalv1.OpenQrRequest) (*portalv1.OpenQrResponse, error) {
	row, err := s.asked(ctx, request.GetToken())
	if err != nil {
		return nil, err
	}
	now := s.Now()
	left := time.UnixMilli(row.ExpiresAt).Sub(now)
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		moved, err := q.QrMove(ctx, db.QrMoveParams{
			TokenHash: row.TokenHash, Before: qrShown, State: qrOpened, Now: now.UnixMilli(),
			ExpiresAt: now.Add(codeLife).UnixMilli(),
		})
		if moved > 0 {
			left = codeLife
		}
		return err
	})
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("noting that a code was opened: %w", err))
	}
	return &portalv1.OpenQrResponse{
		Name: row.Name, Place: placeOf(row.Country), Network: s.sameNetwork(ctx, row.Network),
		AgeMs: max(0, now.Sub(time.UnixMilli(row.AskedAt)).Milliseconds()), LeftMs: left.Milliseconds(),
	}, nil
}

func placeOf(country string) portalv1.QrPlace {
	switch country {
	case "":
		return portalv1.QrPlace_QR_PLACE_UNSPECIFIED
	case "JP":
		return portalv1.QrPlace_QR_PLACE_JAPAN
	}
	return portalv1.QrPlace_QR_PLACE_ABROAD
}

// asked finds the code that a phone opened, if the person may decide on it.
func (s *Service) asked(ctx context.Context, token string) (db.QrLogin, error) {
	caller := access.FromContext(ctx)
	if caller.Means == access.ByPhone {
		return db.QrLogin{}, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_QR_BY_PHONE, "",
			nil)
	}
	now := s.Now()
	if wait := s.openings.Take(access.Actor(ctx), 1, now); wait > 0 {
		return db.QrLogin{}, access.TooMany(ctx, wait, errors.New("one person opens codes too often"))
	}
	locked, err := s.DB.Read().QrLockOfFolder(ctx, access.Actor(ctx))
	if err != nil {
		return db.QrLogin{}, access.Internal(ctx, fmt.Errorf("looking whether a computer was reported: %w", err))
	}
	if wait := time.UnixMilli(locked).Sub(now); wait > 0 {
		return db.QrLogin{}, access.Wait(ctx, portalv1.Reason_REASON_QR_LOCKED, wait)
	}
	row, err := s.code(ctx, token)
	if err != nil {
		return db.QrLogin{}, s.noCode(ctx, err)
	}
	if row.State != qrShown && row.State != qrOpened {
		return db.QrLogin{}, codeUsed(ctx)
	}
	return row, nil
}

func codeUsed(ctx context.Context) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_QR_USED, "", nil)
}

// AllowQr lets the computer in, for whoever types the number there.
func (s *Service) AllowQr(ctx context.Context, request *portalv1.AllowQrRequest) (*portalv1.AllowQrResponse, error) {
	row, err := s.asked(ctx, request.GetToken())
	if err != nil {
		return nil, err
	}
	caller := access.FromContext(ctx)
	switch err := s.JLIS.State(ctx, caller.Card); {
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, caller.Card)
		return nil, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, "", err)
	case err != nil:
		return nil, access.Error(ctx, connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, "", err)
	}
	number, seal, err := s.newNumber(row)
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	if err := s.decide(ctx, row, qrAllowed, seal, func(*db.Queries) error { return nil }); err != nil {
		return nil, err
	}
	audit.Log(ctx, audit.PhoneAllowed, audit.Folder(access.Actor(ctx)))
	return &portalv1.AllowQrResponse{Number: number, LeftMs: codeLife.Milliseconds()}, nil
}

// RefuseQr does not let it in. What was refused may be reported afterwards, too.
func (s *Service) RefuseQr(
	ctx context.Context, request *portalv1.RefuseQrRequest,
) (*portalv1.RefuseQrResponse, error) {
	response, folder := &portalv1.RefuseQrResponse{}, access.Actor(ctx)
	row, err := s.code(ctx, request.GetToken())
	again := err == nil && row.State == qrRefused && row.FolderID.String == folder
	if !again {
		if row, err = s.asked(ctx, request.GetToken()); err != nil {
			return nil, err
		}
	}
	lock := func(q *db.Queries) error { return nil }
	if request.GetReport() {
		response.LockedMs = reported.Milliseconds()
		lock = func(q *db.Queries) error {
			return q.QrLock(ctx, db.QrLockParams{
				FolderID: folder, BrowserHash: row.BrowserHash, Until: s.Now().Add(reported).UnixMilli(),
			})
		}
	}
	if again {
		err = s.DB.Tx(ctx, lock)
	} else {
		err = s.decide(ctx, row, qrRefused, "", lock)
	}
	if err != nil {
		return nil, err
	}
	audit.Log(ctx, audit.PhoneRefused, audit.Folder(folder), slog.Bool("reported", request.GetReport()))
	return response, nil
}

// decide notes what a person decided, once; with it, what else is to be written.
func (s *Service) decide(
	ctx context.Context, row db.QrLogin, state int64, seal string, also func(q *db.Queries) error,
) error {
	caller, now := access.FromContext(ctx), s.Now()
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		decided, err := q.QrDecide(ctx, db.QrDecideParams{
			TokenHash: row.TokenHash, SessionHash: caller.SessionHash, NumberSeal: seal, State: state,
			ExpiresAt: now.Add(codeLife).UnixMilli(), Now: now.UnixMilli(), Shown: qrShown, Opened: qrOpened,
			FolderID: sql.NullString{String: access.Actor(ctx), Valid: true},
		})
		if err != nil {
			return err
		}
		if decided == 0 {
			return errNoCode // somebody was first, or it has just ended
		}
		return also(q)
	})
	if errors.Is(err, errNoCode) {
		return codeUsed(ctx)
	}
	if err != nil {
		return access.Internal(ctx, fmt.Errorf("noting what was decided: %w", err))
	}
	return nil
}

// ListQrSessions tells which computers are in.
func (s *Service) ListQrSessions(
	ctx context.Context, _ *portalv1.ListQrSessionsRequest,
) (*portalv1.ListQrSessionsResponse, error) {
	rows, err := s.Sessions.AllByPhone(ctx, access.Actor(ctx))
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	response := &portalv1.ListQrSessionsResponse{}
	for _, row := range rows {
		response.Sessions = append(response.Sessions, &portalv1.QrSession{
			Id: act.Session(row.TokenHash), Name: row.Name, BeganAt: row.StartedAt, SeenAt: row.SeenAt,
			Here: row.TokenHash == access.FromContext(ctx).SessionHash,
		})
	}
	return response, nil
}

// EndQrSession ends one.
func (s *Service) EndQrSession(
	ctx context.Context, request *portalv1.EndQrSessionRequest,
) (*portalv1.EndQrSessionResponse, error) {
	rows, err := s.Sessions.AllByPhone(ctx, access.Actor(ctx))
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	for _, row := range rows {
		if act.Session(row.TokenHash) != request.GetId() {
			continue
		}
		if err := s.Sessions.End(ctx, row.TokenHash); err != nil {
			return nil, access.Internal(ctx, fmt.Errorf("ending a session: %w", err))
		}
		noteEnd(ctx, access.Actor(ctx), "phone", 1)
	}
	return &portalv1.EndQrSessionResponse{}, nil
}
