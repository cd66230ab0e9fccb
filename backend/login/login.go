// Package login lets people in with the user-authentication key of the My Number Card (ログイン): it gives challenges, checks what the card
// made of them, and begins sessions. How a session is kept and ended is backend/session's; folders are opened by backend/account.
package login

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/db"
	"madoguchi/backend/jlis"
	"madoguchi/backend/limit"
	"madoguchi/backend/session"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// PurposeLogin is the purpose of a challenge for LogIn.
const PurposeLogin = "login"

// Authority is J-LIS, as backend/jlis speaks to it.
type Authority interface {
	// Revocation answers nil, jlis.ErrRevoked or jlis.ErrUnknown.
	Revocation(ctx context.Context, cert *x509.Certificate) error
	// Lineage says which other certificates the holder had before and has got since.
	Lineage(ctx context.Context, serial string) (jlis.Lineage, error)
}

// Config is what the service stands on. All but OnLogin and Now are needed.
type Config struct {
	DB       *db.DB
	Sessions *session.Store
	JLIS     Authority
	// CAs issue the user-authentication certificates.
	CAs []*x509.Certificate
	// Origin is the portal's, as the browser has it; challenges are bound to it.
	Origin string
	// Purposes are those for which a card can be asked again (access.Rules.CardPurposes).
	Purposes []string
	// OnLogin is called in the transaction of a login when the person wants mail at each login and has a confirmed address.
	OnLogin func(ctx context.Context, q *db.Queries, folderID string) error
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Service implements portal.v1's LoginService.
type Service struct {
	Config
	challenges challenges
	pool       *x509.CertPool
	serials    *limit.Buckets // of cards that have proved themselves
	addresses  *limit.Buckets // of proofs that failed
	suspects   chan struct{}  // one place: whose address has sent too many bad proofs is checked one after another
}

// New makes the service; the key of its seals is made in the database at the first start.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.DB == nil || c.Sessions == nil || c.JLIS == nil || len(c.CAs) == 0 || c.Origin == "" {
		return nil, errors.New("login: DB, Sessions, JLIS, CAs and Origin are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnLogin == nil {
		c.OnLogin = func(context.Context, *db.Queries, string) error { return nil }
	}
	key, err := sealKey(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	s := &Service{
		Config:     c,
		challenges: challenges{origin: c.Origin, key: key},
		pool:       x509.NewCertPool(),
		serials:    limit.NewBuckets("login_card", perSerial, burstSerial),
		addresses:  limit.NewBuckets("login_bad_proofs", perAddress, burstAddress),
		suspects:   make(chan struct{}, 1),
	}
	for _, ca := range c.CAs {
		s.pool.AddCert(ca)
	}
	return s, nil
}

// CreateChallenge gives a card something to sign. It writes nothing.
func (s *Service) CreateChallenge(ctx context.Context, request *portalv1.CreateChallengeRequest) (*portalv1.CreateChallengeResponse, error) {
	purpose := request.GetPurpose()
	if purpose != PurposeLogin && !slices.Contains(s.Purposes, purpose) {
		return nil, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, "purpose", nil)
	}
	text, seal, expires := s.challenges.make(purpose, s.Now())
	return &portalv1.CreateChallengeResponse{Challenge: text, Seal: seal, ExpiresAt: expires.UnixMilli()}, nil
}

// LogIn begins a session for whoever holds the card.
func (s *Service) LogIn(ctx context.Context, request *portalv1.LogInRequest) (*portalv1.LogInResponse, error) {
	shown, err := s.check(ctx, request.GetProof(), []string{PurposeLogin})
	if err != nil {
		return nil, err
	}
	lineage, err := s.lineage(ctx, shown.serial)
	if err != nil {
		return nil, access.Error(ctx, connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, "", err)
	}
	var token string
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		token, err = s.begin(ctx, q, shown, lineage)
		return err
	})
	if errors.Is(err, errUsed) {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, "", err)
	}
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("beginning a session: %w", err))
	}
	state, err := s.Sessions.ByToken(ctx, token)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("finding the new session: %w", err))
	}
	message, err := s.message(ctx, state)
	if err != nil {
		return nil, err
	}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.SetCookie(call.ResponseHeader(), token)
	}
	return &portalv1.LogInResponse{Session: message}, nil
}

// lineage asks J-LIS about cards that are new here: whichever of their cards people come with, they must find their folder, so that not
// knowing is no answer.
func (s *Service) lineage(ctx context.Context, serial string) (jlis.Lineage, error) {
	_, err := s.DB.Read().LoginFolder(ctx, serial)
	if !errors.Is(err, db.ErrNotFound) {
		return jlis.Lineage{}, err
	}
	return s.JLIS.Lineage(ctx, serial)
}

// begin uses the challenge up and begins the session, in one transaction: of two answers to one challenge, one gets in.
func (s *Service) begin(ctx context.Context, q *db.Queries, shown proof, lineage jlis.Lineage) (token string, err error) {
	if err := use(ctx, q, shown.challenge); err != nil {
		return "", err
	}
	folder, err := s.folder(ctx, q, shown.serial, lineage)
	if err != nil {
		return "", err
	}
	if folder.ID != "" {
		if err := q.LoginStamp(ctx, db.LoginStampParams{ID: folder.ID, LastLoginAt: s.Now().UnixMilli()}); err != nil {
			return "", fmt.Errorf("noting the login: %w", err)
		}
		if folder.MailOnLogin && folder.MailAddress != "" && folder.MailConfirmedAt != 0 {
			if err := s.OnLogin(ctx, q, folder.ID); err != nil {
				return "", err
			}
		}
	}
	// Who logs in over a running session leaves that one: its token is not worth anything any more.
	if old := access.FromContext(ctx).SessionHash; old != "" {
		if _, err := q.SessionEnd(ctx, old); err != nil {
			return "", fmt.Errorf("ending the session before: %w", err)
		}
	}
	return s.Sessions.Begin(ctx, q, folder.ID, shown.serial, shown.expires)
}

// folder finds the folder of a card, or that of the same person's other cards, to which it is added then. The zero row is a newcomer's.
//
// An older card whose successor has opened the folder is let in to it: whether a certificate still counts is J-LIS's to say, by revoking
// it, and somebody who cannot use the new card yet is not to be locked out.
func (s *Service) folder(ctx context.Context, q *db.Queries, serial string, lineage jlis.Lineage) (db.LoginFolderRow, error) {
	folder, err := q.LoginFolder(ctx, serial)
	if !errors.Is(err, db.ErrNotFound) {
		return folder, err
	}
	if err := leaveOtherCards(ctx, q, lineage); err != nil {
		return folder, err
	}
	older := len(lineage.Predecessors)
	for i, other := range slices.Concat(lineage.Predecessors, lineage.Successors) {
		folder, err = q.LoginFolder(ctx, other)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return folder, err
		}
		addedAt := s.Now().UnixMilli()
		if i >= older {
			addedAt = 0 // so that it is never taken for the newest
		}
		return folder, q.LoginCardAdd(ctx, db.LoginCardAddParams{Serial: serial, FolderID: folder.ID, AddedAt: addedAt})
	}
	return db.LoginFolderRow{}, nil
}

// leaveOtherCards ends what was begun with the cards before, and newcomers' sessions of those since: of a person without a folder one
// card at most has sessions, so that no two can each open one.
func leaveOtherCards(ctx context.Context, q *db.Queries, lineage jlis.Lineage) error {
	for _, before := range lineage.Predecessors {
		if _, err := q.SessionEndSerial(ctx, before); err != nil {
			return fmt.Errorf("ending the sessions of a card before: %w", err)
		}
	}
	for _, since := range lineage.Successors {
		if err := q.SessionEndNewcomer(ctx, since); err != nil {
			return fmt.Errorf("ending the newcomer's sessions of a card since: %w", err)
		}
	}
	return nil
}

// ShowCard notes that the session's person holds the card now.
func (s *Service) ShowCard(ctx context.Context, request *portalv1.ShowCardRequest) (*portalv1.ShowCardResponse, error) {
	caller := access.FromContext(ctx)
	shown, err := s.check(ctx, request.GetProof(), s.Purposes)
	if err != nil {
		return nil, err
	}
	same, err := s.sameHolder(ctx, caller, shown.serial)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("comparing cards: %w", err))
	}
	if !same {
		return nil, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_OTHER_CARD, "", nil)
	}
	var until time.Time
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		if err := use(ctx, q, shown.challenge); err != nil {
			return err
		}
		until, err = s.Sessions.ShowCard(ctx, q, caller.SessionHash, shown.challenge.purpose)
		return err
	})
	switch {
	case errors.Is(err, errUsed):
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, "", err)
	case errors.Is(err, db.ErrNotFound):
		return nil, access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", nil)
	case err != nil:
		return nil, access.Internal(ctx, fmt.Errorf("noting that the card was shown: %w", err))
	}
	return &portalv1.ShowCardResponse{ValidUntil: until.UnixMilli()}, nil
}

func (s *Service) sameHolder(ctx context.Context, caller access.Caller, serial string) (bool, error) {
	if serial == caller.Serial {
		return true, nil
	}
	folder, err := s.DB.Read().LoginFolder(ctx, serial)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil && caller.FolderID != "" && folder.ID == caller.FolderID, err
}

// GetSession tells what the cookie is worth.
func (s *Service) GetSession(ctx context.Context, _ *portalv1.GetSessionRequest) (*portalv1.GetSessionResponse, error) {
	caller := access.FromContext(ctx)
	if caller.SessionHash == "" {
		return &portalv1.GetSessionResponse{}, nil
	}
	state, err := s.Sessions.ByHash(ctx, caller.SessionHash)
	if errors.Is(err, db.ErrNotFound) {
		return &portalv1.GetSessionResponse{}, nil
	}
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("finding the session: %w", err))
	}
	message, err := s.message(ctx, state)
	return &portalv1.GetSessionResponse{Session: message}, err
}

// KeepSession begins the idle time anew.
func (s *Service) KeepSession(ctx context.Context, _ *portalv1.KeepSessionRequest) (*portalv1.KeepSessionResponse, error) {
	state, err := s.Sessions.Keep(ctx, access.FromContext(ctx).SessionHash)
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", nil)
	}
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("keeping the session: %w", err))
	}
	message, err := s.message(ctx, state)
	return &portalv1.KeepSessionResponse{Session: message}, err
}

// LogOut ends the session, if there is one.
func (s *Service) LogOut(ctx context.Context, _ *portalv1.LogOutRequest) (*portalv1.LogOutResponse, error) {
	if hash := access.FromContext(ctx).SessionHash; hash != "" {
		if err := s.Sessions.End(ctx, hash); err != nil {
			return nil, access.Internal(ctx, fmt.Errorf("ending the session: %w", err))
		}
	}
	clearCookie(ctx)
	return &portalv1.LogOutResponse{}, nil
}

// LogOutEverywhere ends all sessions of the person.
func (s *Service) LogOutEverywhere(ctx context.Context, _ *portalv1.LogOutEverywhereRequest) (*portalv1.LogOutEverywhereResponse, error) {
	ended, err := s.Sessions.EndFolder(ctx, access.FromContext(ctx).FolderID)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("ending all sessions: %w", err))
	}
	clearCookie(ctx)
	return &portalv1.LogOutEverywhereResponse{EndedSessions: int32(min(ended, 1<<30))}, nil
}

func clearCookie(ctx context.Context) {
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.ClearCookie(call.ResponseHeader())
	}
}

func (s *Service) message(ctx context.Context, state session.State) (*portalv1.Session, error) {
	message := &portalv1.Session{
		Kind:                 portalv1.SessionKind_SESSION_KIND_NEWCOMER,
		IdleLeftMs:           state.IdleLeft.Milliseconds(),
		AbsoluteLeftMs:       state.AbsoluteLeft.Milliseconds(),
		CertificateExpiresAt: state.Caller.CertificateExpiresAt.UnixMilli(),
	}
	if state.Caller.FolderID == "" {
		return message, nil
	}
	shown, err := s.DB.Read().LoginShown(ctx, state.Caller.FolderID)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("reading what a session shows: %w", err))
	}
	message.Kind = portalv1.SessionKind_SESSION_KIND_CITIZEN
	message.DisplayName = shown.DisplayName
	message.LastLoginAt = shown.PriorLoginAt
	return message, nil
}

// Run sweeps used challenges away until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		err := s.DB.Tx(ctx, func(q *db.Queries) error {
			_, err := q.ChallengeSweep(ctx, s.Now().Add(-Lifetime).UnixMilli())
			return err
		})
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping used challenges", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(Lifetime):
		}
	}
}

// revoked ends what was begun with a certificate that turns out to be revoked.
func (s *Service) revoked(ctx context.Context, serial string) {
	if _, err := s.Sessions.EndSerial(ctx, serial); err != nil {
		slog.ErrorContext(ctx, "ending the sessions of a revoked card", "cause", err)
	}
}

var _ Authority = (*jlis.Client)(nil)
