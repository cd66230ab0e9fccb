package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

// PurposePasskey is the purpose of a challenge for LogInByPasskey.
const PurposePasskey = "passkey"

var (
	errEnded = errors.New("the passkey was ended")
	errMoved = errors.New("the passkey was used beside, with another count")
)

// BeginPasskeyLogin gives a device something to sign, for this browser alone. It writes nothing.
func (s *Service) BeginPasskeyLogin(
	ctx context.Context, _ *portalv1.BeginPasskeyLoginRequest,
) (*portalv1.BeginPasskeyLoginResponse, error) {
	if s.party == nil {
		return nil, noPasskeys(ctx)
	}
	text, seal, _, err := s.challenges.make(PurposePasskey, s.knowBrowser(ctx), "", s.Now())
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	options, err := s.party.request(text)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("writing what a device is asked: %w", err))
	}
	return &portalv1.BeginPasskeyLoginResponse{Options: options, Seal: seal}, nil
}

// passkeyProof is a passkey's answer that has been found good.
type passkeyProof struct {
	challenge challenge
	passkey   db.Passkey
	checked
}

func (p passkeyProof) card() card.ID {
	return card.ID{Issuer: p.passkey.Issuer, Serial: p.passkey.Serial}
}

// LogInByPasskey begins a session for whoever holds a passkey, and has shown their device that it is theirs.
func (s *Service) LogInByPasskey(
	ctx context.Context, request *portalv1.LogInByPasskeyRequest,
) (*portalv1.LogInByPasskeyResponse, error) {
	if s.party == nil {
		return nil, noPasskeys(ctx)
	}
	proven, refused := s.judgePasskey(ctx, request)
	if refused == nil && proven.copied {
		refused = s.endCopied(ctx, proven.passkey)
	}
	if refused != nil {
		return nil, s.refusePasskey(ctx, proven.passkey, *refused)
	}
	var done begun
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		if done, err = s.beginByPasskey(ctx, q, proven); err != nil || !request.GetSharedDevice() {
			return err
		}
		return session.Share(ctx, q, done.token)
	})
	switch {
	case errors.Is(err, errUsed), errors.Is(err, errMoved):
		return nil, s.refusePasskey(ctx, proven.passkey, refusal{
			connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, err, nil,
		})
	case errors.Is(err, errEnded):
		return nil, s.refusePasskey(ctx, proven.passkey, unknownPasskey(err))
	case err != nil:
		return nil, access.Internal(ctx, fmt.Errorf("beginning a session: %w", err))
	}
	message, err := s.arrived(ctx, done, access.ByPasskey)
	return &portalv1.LogInByPasskeyResponse{Session: message}, err
}

func unknownPasskey(err error) refusal {
	return refusal{connect.CodeNotFound, portalv1.Reason_REASON_PASSKEY_UNKNOWN, err, nil}
}

// judgePasskey goes from cheap to dear, as judge does for cards. Of a proof that is refused the passkey is there when
// it is known.
func (s *Service) judgePasskey(
	ctx context.Context, request *portalv1.LogInByPasskeyRequest,
) (passkeyProof, *refusal) {
	leave, err := s.enter(ctx)
	if err != nil {
		return passkeyProof{}, tooMany(err)
	}
	bad := true
	defer func() { leave(bad) }()
	proven, refused := s.checkPasskey(ctx, request)
	if bad = refused != nil; bad {
		return proven, refused
	}
	return proven, s.cardOf(ctx, proven)
}

// checkPasskey checks what can be checked without asking anybody.
func (s *Service) checkPasskey(
	ctx context.Context, request *portalv1.LogInByPasskeyRequest,
) (passkeyProof, *refusal) {
	shown, refused := readShown(request.GetResponse())
	if refused != nil {
		return passkeyProof{}, refused
	}
	browser, _ := s.browserOf(ctx)
	found, err := s.challenges.open(shown.challenge, request.GetSeal(), func(string) []byte { return browser },
		[]string{PurposePasskey}, s.Now())
	if errors.Is(err, errExpired) {
		return passkeyProof{}, &refusal{
			connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, err, nil,
		}
	}
	if err != nil {
		return passkeyProof{}, &refusal{
			connect.CodeInvalidArgument, portalv1.Reason_REASON_CHALLENGE_INVALID, err, nil,
		}
	}
	passkey, err := s.DB.Read().PasskeyByCredential(ctx, shown.credentialID)
	if errors.Is(err, db.ErrNotFound) {
		gone := unknownPasskey(err)
		return passkeyProof{}, &gone
	}
	if err != nil {
		return passkeyProof{}, &refusal{made: access.Internal(ctx, fmt.Errorf("finding a passkey: %w", err))}
	}
	checked, refused := s.party.check(shown, passkey)
	return passkeyProof{found, passkey, checked}, refused
}

// cardOf asks about the card that signed for a passkey as a login with it does.
func (s *Service) cardOf(ctx context.Context, p passkeyProof) *refusal {
	if s.Now().UnixMilli() >= p.passkey.CertificateExpiresAt {
		return &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_EXPIRED, nil, nil}
	}
	if wait := s.cards.Take(p.card().String(), 1, s.Now()); wait > 0 {
		return tooMany(access.TooMany(ctx, wait, errors.New("one card logs in too often")))
	}
	switch err := s.JLIS.State(ctx, p.card()); {
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, p.card())
		return &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, err, nil}
	case err != nil:
		return &refusal{connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, err, nil}
	}
	return nil
}

// beginByPasskey uses the challenge up and begins the session, in one transaction, unless the passkey was ended
// meanwhile.
func (s *Service) beginByPasskey(ctx context.Context, q *db.Queries, p passkeyProof) (begun, error) {
	if err := use(ctx, q, p.challenge); err != nil {
		return begun{}, err
	}
	now, folder := s.Now(), p.passkey.FolderID
	is, err := q.PasskeyByCredential(ctx, p.passkey.CredentialID)
	if errors.Is(err, db.ErrNotFound) || err == nil && is.ID != p.passkey.ID {
		return begun{}, errEnded
	}
	if err != nil {
		return begun{}, fmt.Errorf("reading a passkey: %w", err)
	}
	counted, err := q.PasskeyUsed(ctx, db.PasskeyUsedParams{
		FolderID: folder, ID: p.passkey.ID, SignCount: p.count, BackedUp: p.backedUp, UsedAt: now.UnixMilli(),
		Before: p.passkey.SignCount,
	})
	if err != nil {
		return begun{}, fmt.Errorf("noting that a passkey was used: %w", err)
	}
	if counted == 0 {
		return begun{}, errMoved
	}
	replaced, err := leaveSession(ctx, q)
	if err != nil {
		return begun{}, err
	}
	token, err := s.Sessions.Begin(ctx, q, folder, p.card(), time.UnixMilli(p.passkey.CertificateExpiresAt))
	if err != nil {
		return begun{}, err
	}
	done := begun{token, folder, replaced}
	if err := session.By(ctx, q, token, access.ByPasskey, p.passkey.ID); err != nil {
		return begun{}, err
	}
	return done, s.noteLogin(ctx, q, done,
		act.By{Means: access.ByPasskey.Message(), MeansID: p.passkey.ID}, tell.PasskeyLogin)
}

// endCopied ends a passkey whose counter went back, with what was begun by it: of two devices with the same passkey
// nobody knows which is the person's.
func (s *Service) endCopied(ctx context.Context, p db.Passkey) *refusal {
	ended, alone := int64(0), db.Alone(ctx)
	err := s.DB.Tx(alone, func(q *db.Queries) (err error) {
		if ended, err = EndPasskey(alone, q, p.FolderID, p.ID); err != nil || ended < 0 {
			return err
		}
		_, err = tell.Tell(alone, q, p.FolderID, tell.PasskeyCopied, tell.About{At: s.Now()})
		return err
	})
	if err != nil {
		return &refusal{made: access.Internal(ctx, fmt.Errorf("ending a passkey that was copied: %w", err))}
	}
	s.ended(ctx, p.FolderID, "copied", ended)
	return &refusal{
		connect.CodePermissionDenied, portalv1.Reason_REASON_PASSKEY_COPIED, errors.New("its counter went back"), nil,
	}
}

// EndPasskey ends a passkey within a transaction, and tells how many sessions ended with it; -1 when there was no such
// one.
func EndPasskey(ctx context.Context, q *db.Queries, folderID, id string) (sessions int64, err error) {
	removed, err := q.PasskeyRemove(ctx, db.PasskeyRemoveParams{FolderID: folderID, ID: id})
	if err != nil {
		return 0, fmt.Errorf("ending a passkey: %w", err)
	}
	if removed == 0 {
		return -1, nil
	}
	if sessions, err = session.EndBy(ctx, q, folderID, access.ByPasskey, id); err != nil {
		return 0, err
	}
	return sessions, live.Tell(ctx, q, folderID, portalv1.ChangeKind_CHANGE_KIND_PASSKEY, "")
}

// ended notes it once that stands.
func (s *Service) ended(ctx context.Context, folderID, why string, sessions int64) {
	if sessions < 0 {
		return
	}
	notePasskeysEnd(ctx, folderID, why, 1)
	if sessions > 0 {
		noteEnd(ctx, folderID, "passkey", sessions)
		s.Sessions.Look(folderID)
	}
}

func notePasskeysEnd(ctx context.Context, folderID, why string, passkeys int64) {
	if passkeys > 0 {
		audit.Log(ctx, audit.PasskeyEnded, audit.Folder(folderID), slog.String("why", why),
			slog.Int64("passkeys", passkeys))
	}
}

// ListPasskeys tells the person's passkeys.
func (s *Service) ListPasskeys(
	ctx context.Context, _ *portalv1.ListPasskeysRequest,
) (*portalv1.ListPasskeysResponse, error) {
	caller := access.FromContext(ctx)
	rows, err := s.DB.Read().PasskeyList(ctx, access.Actor(ctx))
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("reading the passkeys: %w", err))
	}
	response := &portalv1.ListPasskeysResponse{Most: MostPasskeys}
	for _, row := range rows {
		response.Passkeys = append(response.Passkeys, &portalv1.Passkey{
			Id: row.ID, Name: row.Name, Synced: row.BackupEligible, BackedUp: row.BackedUp, AddedAt: row.AddedAt,
			UsedAt: row.UsedAt, EndsAt: row.CertificateExpiresAt,
			Here: caller.Means == access.ByPasskey && caller.MeansID == row.ID,
		})
	}
	return response, nil
}

// RenamePasskey gives a passkey another name.
func (s *Service) RenamePasskey(
	ctx context.Context, request *portalv1.RenamePasskeyRequest,
) (*portalv1.RenamePasskeyResponse, error) {
	folder, named := access.Actor(ctx), int64(0)
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		named, err = q.PasskeyRename(ctx, db.PasskeyRenameParams{
			FolderID: folder, ID: request.GetId(), Name: plaintext.Clean(request.GetName()),
		})
		if err != nil {
			return fmt.Errorf("naming a passkey: %w", err)
		}
		if named == 0 {
			return access.NotFound(ctx, "id", nil)
		}
		return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_PASSKEY, "")
	})
	return &portalv1.RenamePasskeyResponse{}, err
}

// EndPasskey ends a passkey of the person's.
func (s *Service) EndPasskey(
	ctx context.Context, request *portalv1.EndPasskeyRequest,
) (*portalv1.EndPasskeyResponse, error) {
	folder, ended := access.Actor(ctx), int64(0)
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		ended, err = EndPasskey(ctx, q, folder, request.GetId())
		return err
	})
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	s.ended(ctx, folder, "asked", ended)
	return &portalv1.EndPasskeyResponse{}, nil
}
