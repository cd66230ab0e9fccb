// Package login lets people in with the user-authentication key of the My Number Card (ログイン): it gives challenges,
// checks what the card made of them, and begins sessions. How a session is kept and ended is backend/door/session's;
// folders are opened by backend/feature/account.
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

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// PurposeLogin is the purpose of a challenge for LogIn.
const PurposeLogin = "login"

// Authority is J-LIS, as backend/outside/jlis speaks to it.
type Authority interface {
	// Revocation answers nil, jlis.ErrRevoked or jlis.ErrUnknown.
	Revocation(ctx context.Context, cert, issuer *x509.Certificate) error
	// State answers the same about a card that was good before.
	State(ctx context.Context, of card.ID) error
	// Lineage says which other cards the holder had before and has got since.
	Lineage(ctx context.Context, of card.ID) (jlis.Lineage, error)
}

// Config is what the service stands on. All but Now are needed.
type Config struct {
	DB       *db.DB
	Sessions *session.Store
	JLIS     Authority
	// CAs issue the user-authentication certificates.
	CAs []*x509.Certificate
	// Origin is the portal's, as the browser has it; challenges are bound to it.
	Origin string
	// Purposes are those for which a card can be asked again (access.Rules.CardPurposes).
	Purposes func() []string
	// Challenges seal what cards sign, Cookies the cookie of a browser before the login; each has keys of its own.
	Challenges, Cookies Seals
	// Stopped ends what else a card opens that turns out to be revoked; it may be nil.
	Stopped func(ctx context.Context, of card.ID) error
	// Device is the device of a folder that makes a call, "" when it is none that is known; nil knows of none.
	Device func(ctx context.Context, q *db.Queries, folderID string) (id string, err error)
	// Countries say where an address is; nil knows of none.
	Countries Countries
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Service implements portal.v1's LoginService.
type Service struct {
	Config
	challenges challenges
	party      *party // nil where there can be no passkeys
	cookies    Seals
	pool       *x509.CertPool
	cards      *limit.Buckets // that have proved themselves
	addresses  *limit.Buckets // of proofs that failed
	openings   *limit.Buckets // of codes, by who opens them
	codes      *limit.Buckets // to show
	suspects   chan struct{}  // one place: whose address has sent too many bad proofs is checked one after another
}

// New makes the service.
func New(c Config) (*Service, error) {
	if c.DB == nil || c.Sessions == nil || c.JLIS == nil || len(c.CAs) == 0 || c.Origin == "" {
		return nil, errors.New("login: DB, Sessions, JLIS, CAs and Origin are needed")
	}
	if c.Challenges == nil || c.Cookies == nil {
		return nil, errors.New("login: Challenges and Cookies are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{
		Config:     c,
		challenges: challenges{origin: c.Origin, seals: c.Challenges},
		party:      newParty(c.Origin),
		cookies:    c.Cookies,
		pool:       x509.NewCertPool(),
		cards:      limit.NewBuckets("login_card", perCard, burstCard),
		addresses:  limit.NewBuckets("login_bad_proofs", perAddress, burstAddress),
		openings:   limit.NewBuckets("login_codes", perFolder, burstFolder),
		codes:      limit.NewBuckets("login_codes_shown", codesASecond, codesAtOnce),
		suspects:   make(chan struct{}, 1),
	}
	for _, ca := range c.CAs {
		s.pool.AddCert(ca)
	}
	return s, nil
}

// CreateChallenge gives a card something to sign, for this browser or this session alone. It writes nothing.
func (s *Service) CreateChallenge(
	ctx context.Context, request *portalv1.CreateChallengeRequest,
) (*portalv1.CreateChallengeResponse, error) {
	purpose := request.GetPurpose()
	if purpose != PurposeLogin && !slices.Contains(s.Purposes(), purpose) {
		return nil, access.Invalid(ctx, "purpose", nil)
	}
	var browser []byte
	if purpose == PurposeLogin {
		browser = s.knowBrowser(ctx)
	}
	binding := bound(ctx, purpose, browser)
	if len(binding) == 0 {
		return nil, access.LoggedOut(ctx, nil)
	}
	content := ""
	if procedure := request.GetProcedure(); procedure != "" {
		var err error
		if content, err = access.Content(procedure, request.GetRequest(), purpose); err != nil {
			return nil, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD,
				"procedure", err)
		}
	}
	text, seal, expires, err := s.challenges.make(purpose, binding, content, s.Now())
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	return &portalv1.CreateChallengeResponse{Challenge: text, Seal: seal, ExpiresAt: expires.UnixMilli()}, nil
}

// LogIn begins a session for whoever holds the card.
func (s *Service) LogIn(ctx context.Context, request *portalv1.LogInRequest) (*portalv1.LogInResponse, error) {
	shown, refused := s.judge(ctx, request.GetProof(), []string{PurposeLogin})
	if refused != nil {
		return nil, s.refuseCard(ctx, shown.card, *refused)
	}
	lineage, err := s.lineage(ctx, shown.card)
	if err != nil {
		return nil, err
	}
	var done begun
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		if done, err = s.begin(ctx, q, shown, lineage); err != nil || !request.GetSharedDevice() {
			return err
		}
		return session.Share(ctx, q, done.token)
	})
	if errors.Is(err, errUsed) {
		return nil, s.refuseCard(ctx, shown.card, refusal{
			connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, err, nil,
		})
	}
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("beginning a session: %w", err))
	}
	message, err := s.arrived(ctx, done, access.ByCard)
	return &portalv1.LogInResponse{Session: message}, err
}

// arrived writes down that a session was begun, gives the browser its cookie, and tells the page of it.
func (s *Service) arrived(ctx context.Context, done begun, means access.Means) (*portalv1.Session, error) {
	audit.Log(ctx, audit.LoggedIn, audit.Folder(done.folderID), slog.Bool("newcomer", done.folderID == ""),
		slog.String("means", string(means)))
	if done.replaced > 0 {
		noteEnd(ctx, done.folderID, "replaced", done.replaced)
		s.Sessions.Look(access.Actor(ctx))
		s.Sessions.Look(done.folderID)
	}
	state, err := s.Sessions.ByToken(ctx, done.token)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("finding the new session: %w", err))
	}
	message, err := s.message(ctx, state)
	if err != nil {
		return nil, err
	}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		session.SetCookie(call.ResponseHeader(), done.token)
	}
	return message, nil
}

// lineage asks J-LIS about cards that are new here: whichever of their cards people come with, they must find their
// folder, so that not knowing is no answer.
func (s *Service) lineage(ctx context.Context, of card.ID) (jlis.Lineage, error) {
	_, err := s.DB.Read().FolderOfCard(ctx, db.FolderOfCardParams(of))
	if err == nil {
		return jlis.Lineage{}, nil
	}
	if !errors.Is(err, db.ErrNotFound) {
		return jlis.Lineage{}, access.Internal(ctx, fmt.Errorf("finding the folder of a card: %w", err))
	}
	lineage, err := s.JLIS.Lineage(ctx, of)
	if err != nil {
		return jlis.Lineage{}, access.Error(ctx, connect.CodeUnavailable,
			portalv1.Reason_REASON_REVOCATION_UNKNOWN, "", err)
	}
	return lineage, nil
}

// begun is what a login has done.
type begun struct {
	token, folderID string // no folder: a newcomer's
	replaced        int64  // sessions that this one ended
}

// begin uses the challenge up and begins the session, in one transaction: of two answers to one challenge, one gets in.
func (s *Service) begin(ctx context.Context, q *db.Queries, shown proof, lineage jlis.Lineage) (begun, error) {
	if err := use(ctx, q, shown.challenge); err != nil {
		return begun{}, err
	}
	folder, replaced, err := s.folder(ctx, q, shown.card, lineage)
	if err != nil {
		return begun{}, err
	}
	done, err := s.enterFolder(ctx, q, folder, shown.card, shown.expires)
	done.replaced += replaced
	return done, err
}

// enterFolder begins a session in a folder, "" for a newcomer's, and has its person know.
func (s *Service) enterFolder(
	ctx context.Context, q *db.Queries, folder string, of card.ID, expires time.Time,
) (begun, error) {
	left, err := leaveSession(ctx, q)
	if err != nil {
		return begun{}, err
	}
	token, err := s.Sessions.Begin(ctx, q, folder, of, expires)
	if err != nil {
		return begun{}, err
	}
	done := begun{token: token, folderID: folder, replaced: left}
	return done, s.noteLogin(ctx, q, done, act.By{Means: access.ByCard.Message()}, tell.Login)
}

// noteLogin writes down within a transaction where a session goes on that was begun by some means, and into whose
// folder, and tells its owner.
func (s *Service) noteLogin(ctx context.Context, q *db.Queries, done begun, by act.By, kind tell.Kind) error {
	by, err := s.whence(ctx, q, done, by)
	if err != nil {
		return err
	}
	if err := session.At(ctx, q, done.token, by); err != nil || done.folderID == "" {
		return err
	}
	now := s.Now()
	err = q.FolderNoteLogin(ctx, db.FolderNoteLoginParams{ID: done.folderID, LastLoginAt: now.UnixMilli()})
	if err != nil {
		return fmt.Errorf("noting the login: %w", err)
	}
	act.From(ctx, by)
	if err := act.Note(ctx, q, done.folderID); err != nil {
		return err
	}
	about := tell.About{At: now, Line: act.Ref(ctx), Changes: unusual(by)}
	if len(about.Changes) > 0 {
		kind = tell.UnusualLogin
		err := q.FolderNoteUnusual(ctx, db.FolderNoteUnusualParams{
			FolderID: done.folderID, Line: about.Line, Session: act.Session(by.SessionHash), NotedAt: now.UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("noting an unusual login: %w", err)
		}
	}
	_, err = tell.Tell(ctx, q, done.folderID, kind, about) // ログイン通知
	return err
}

// whence adds to the means of a login where it comes from.
func (s *Service) whence(ctx context.Context, q *db.Queries, done begun, by act.By) (act.By, error) {
	var err error
	if by.SessionHash, err = session.Hash(done.token); err != nil {
		return by, err
	}
	by.Folder = done.folderID
	return s.from(ctx, q, by)
}

// unusual is what of a login is otherwise than people mostly come.
func unusual(by act.By) (what []mail.Change) {
	if by.Means == portalv1.Means_MEANS_PHONE {
		what = append(what, mail.ByCode)
	} else if by.NewDevice {
		what = append(what, mail.NewDevice)
	}
	if by.Place == act.Abroad {
		what = append(what, mail.FromAbroad)
	}
	return what
}

// leaveSession ends the session that somebody is in who logs in anew: its token is not worth anything any more.
func leaveSession(ctx context.Context, q *db.Queries) (ended int64, err error) {
	if old := access.FromContext(ctx).SessionHash; old != "" {
		return session.EndToken(ctx, q, old)
	}
	return 0, nil
}

// folder finds the folder of a card, or that of the same person's other cards, to which it is added then. ""
// is a newcomer's. It also tells how many sessions of the other cards have ended.
//
// An older card whose successor has opened the folder is let in to it: whether a certificate still counts is J-LIS's to
// say, by revoking it, and somebody who cannot use the new card yet is not to be locked out.
func (s *Service) folder(
	ctx context.Context, q *db.Queries, of card.ID, lineage jlis.Lineage,
) (folder string, ended int64, err error) {
	folder, err = q.FolderOfCard(ctx, db.FolderOfCardParams(of))
	if !errors.Is(err, db.ErrNotFound) {
		return folder, 0, err
	}
	if ended, err = s.leaveOtherCards(ctx, q, lineage); err != nil {
		return folder, 0, err
	}
	older := len(lineage.Predecessors)
	for i, other := range slices.Concat(lineage.Predecessors, lineage.Successors) {
		folder, err = q.FolderOfCard(ctx, db.FolderOfCardParams(other))
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return folder, 0, err
		}
		addedAt := s.Now().UnixMilli()
		if i >= older {
			addedAt = 0 // so that it is never taken for the newest
		}
		_, err = q.FolderAddCard(ctx, db.FolderAddCardParams{
			Issuer: of.Issuer, Serial: of.Serial, FolderID: folder, AddedAt: addedAt,
		})
		return folder, ended, err
	}
	return "", ended, nil
}

// leaveOtherCards ends what was begun with the cards before, and newcomers' sessions of those since: of a person
// without a folder one card at most has sessions, so that no two can each open one.
func (s *Service) leaveOtherCards(
	ctx context.Context, q *db.Queries, lineage jlis.Lineage,
) (ended int64, err error) {
	for _, before := range lineage.Predecessors {
		n, err := session.EndCard(ctx, q, before, "renewed", s.Now())
		if err != nil {
			return 0, err
		}
		ended += n
	}
	for _, since := range lineage.Successors {
		n, err := session.EndNewcomer(ctx, q, since)
		if err != nil {
			return 0, err
		}
		ended += n
	}
	return ended, nil
}

// ShowCard notes that the session's person holds the card now.
func (s *Service) ShowCard(ctx context.Context, request *portalv1.ShowCardRequest) (*portalv1.ShowCardResponse, error) {
	caller := access.FromContext(ctx)
	refuse := func(r refusal) error { return s.refuseIn(ctx, showCardRecord, caller.By(), r) }
	shown, refused := s.judge(ctx, request.GetProof(), s.Purposes())
	if refused != nil {
		return nil, refuse(*refused)
	}
	same, err := s.sameHolder(ctx, caller, shown.card)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("comparing cards: %w", err))
	}
	if !same {
		return nil, refuse(refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_OTHER_CARD, nil, nil})
	}
	var until time.Time
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		if err := use(ctx, q, shown.challenge); err != nil {
			return err
		}
		until, err = s.Sessions.ShowCardFor(ctx, q, caller.SessionHash, shown.challenge.purpose,
			shown.challenge.content)
		return err
	})
	switch {
	case errors.Is(err, errUsed):
		return nil, refuse(refusal{
			connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, err, nil,
		})
	case errors.Is(err, db.ErrNotFound):
		return nil, access.LoggedOut(ctx, nil)
	case err != nil:
		return nil, access.Internal(ctx, fmt.Errorf("noting that the card was shown: %w", err))
	}
	audit.Log(ctx, audit.CardShown, audit.Folder(access.Actor(ctx)), slog.String("purpose", shown.challenge.purpose))
	return &portalv1.ShowCardResponse{ValidUntil: until.UnixMilli()}, nil
}

func (s *Service) sameHolder(ctx context.Context, caller access.Caller, shown card.ID) (bool, error) {
	if shown == caller.Card {
		return true, nil
	}
	folder, err := s.DB.Read().FolderOfCard(ctx, db.FolderOfCardParams(shown))
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil && access.Actor(ctx) != "" && folder == access.Actor(ctx), err
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
func (s *Service) KeepSession(
	ctx context.Context, _ *portalv1.KeepSessionRequest,
) (*portalv1.KeepSessionResponse, error) {
	state, err := s.Sessions.Keep(ctx, access.FromContext(ctx).SessionHash)
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.LoggedOut(ctx, nil)
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
		caller, folder := access.FromContext(ctx), access.Actor(ctx)
		err := s.DB.Tx(ctx, func(q *db.Queries) error {
			ended, err := session.EndToken(ctx, q, hash)
			if err != nil || ended == 0 || folder == "" {
				return err
			}
			act.From(ctx, caller.By())
			return act.Note(ctx, q, folder)
		})
		if err != nil {
			return nil, access.Internal(ctx, fmt.Errorf("ending the session: %w", err))
		}
		s.Sessions.Look(folder)
		noteEnd(ctx, folder, "logout", 1)
	}
	clearCookie(ctx)
	return &portalv1.LogOutResponse{}, nil
}

// LogOutEverywhere ends all sessions of the person.
func (s *Service) LogOutEverywhere(
	ctx context.Context, _ *portalv1.LogOutEverywhereRequest,
) (*portalv1.LogOutEverywhereResponse, error) {
	ended, err := s.Sessions.EndFolder(ctx, access.Actor(ctx))
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("ending all sessions: %w", err))
	}
	noteEnd(ctx, access.Actor(ctx), "everywhere", ended)
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
		Owner:                state.Caller.Card.Owner(),
		SharedDevice:         state.Caller.SharedDevice,
		Means:                state.Caller.Means.Message(),
	}
	if state.Caller.FolderID == "" {
		return message, nil
	}
	shown, err := s.DB.Read().FolderGet(ctx, state.Caller.FolderID)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("reading what a session shows: %w", err))
	}
	message.Kind = portalv1.SessionKind_SESSION_KIND_CITIZEN
	message.DisplayName = shown.DisplayName
	message.LastLoginAt = shown.PriorLoginAt
	added, err := s.DB.Read().PasskeyNewest(ctx, state.Caller.FolderID)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("reading when a passkey was added: %w", err))
	}
	if added >= min(shown.PriorLoginAt, s.Now().Add(-passkeyIsNews).UnixMilli()) {
		message.PasskeyAddedAt = added
	}
	odd, err := s.DB.Read().FolderUnusual(ctx, state.Caller.FolderID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, access.Internal(ctx, fmt.Errorf("reading the last unusual login: %w", err))
	}
	if err == nil && odd.Session != act.Session(state.Caller.SessionHash) &&
		s.Now().Sub(time.UnixMilli(odd.NotedAt)) < unusualIsNews {
		message.UnusualLine = odd.Line
	}
	return message, nil
}

// Run sweeps used challenges away until ctx ends.
func (s *Service) Run(ctx context.Context) {
	var before time.Time
	for {
		if err := s.sweep(ctx, &before); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping used challenges", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(Lifetime):
		}
	}
}

// A used challenge is remembered for a day beyond its end, so that a clock set back does not make it answerable again.
const remembered = 24 * time.Hour

// passkeyIsNews is how long a new passkey is news to its person at least; it is until the second login after it, too.
const passkeyIsNews = 14 * 24 * time.Hour

// unusualIsNews is how long an unusual login is news that nobody has looked at.
const unusualIsNews = 14 * 24 * time.Hour

// keptAfter is how long a passkey stays on its person's list that has ended with the certificate of its card.
const keptAfter = 90 * 24 * time.Hour

// sweep forgets the challenges that were to be forgotten at the sweep before, too (before): a clock that jumps ahead
// has nothing forgotten that could be answered when it has jumped back, for a challenge's whole life has passed between
// two sweeps.
func (s *Service) sweep(ctx context.Context, before *time.Time) error {
	cutoff := s.Now().Add(-remembered)
	until := cutoff
	if before.Before(until) {
		until = *before
	}
	*before = cutoff
	if until.IsZero() {
		return nil
	}
	return s.DB.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.ChallengeSweep(ctx, until.UnixMilli()); err != nil {
			return err
		}
		if _, err := q.PasskeyOfferSweep(ctx, until.UnixMilli()); err != nil {
			return err
		}
		_, err := q.PasskeySweep(ctx, until.Add(-keptAfter).UnixMilli())
		return err
	})
}

var _ Authority = (*jlis.Client)(nil)
