package login

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/agent"
	"madoguchi/backend/door/live"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

// A passkey is born in an offer: see proto/portal/v1/passkey.proto for the way, and why it is so.
const (
	// OfferLife is how long an offer lasts: as long as it takes to fetch the phone.
	OfferLife = 10 * time.Minute
	// MostPasskeys is how many a person has.
	MostPasskeys = 5

	offerTokenSize = 16
	wrongCodes     = 3

	purposePasskeyAdd = "login.passkey"
	// phonePage is where the phone goes; what follows # stays with the phone.
	phonePage = "/login/phone/new#"
)

var (
	errOfferGone  = errors.New("the offer is over, or was never there")
	errOfferTaken = errors.New("another phone has taken the offer")
	errCodeWrong  = errors.New("the code is not the one that the phone shows")
	errMany       = errors.New("the person has as many passkeys as there may be")
	errOther      = errors.New("the card signed for another passkey than the one of the offer")
	errKnown      = errors.New("the passkey is somebody's already")
)

// offerFault gives what went wrong with an offer its words.
func offerFault(ctx context.Context, err error) error {
	failed := func(code connect.Code, reason portalv1.Reason, field string) error {
		return access.Error(ctx, code, reason, field, err)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errOfferGone):
		return failed(connect.CodeFailedPrecondition, portalv1.Reason_REASON_PASSKEY_OFFER_GONE, "")
	case errors.Is(err, errOfferTaken):
		return failed(connect.CodeAlreadyExists, portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN, "")
	case errors.Is(err, errCodeWrong):
		return failed(connect.CodeInvalidArgument, portalv1.Reason_REASON_PASSKEY_CODE_WRONG, "code")
	case errors.Is(err, errMany):
		return failed(connect.CodeResourceExhausted, portalv1.Reason_REASON_TOO_MANY, "")
	case errors.Is(err, errOther):
		return failed(connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, "digest")
	case errors.Is(err, errKnown):
		return failed(connect.CodeAlreadyExists, portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN, "")
	}
	return access.Internal(ctx, err)
}

// noPasskeys is the answer of a portal at whose address there can be none.
func noPasskeys(ctx context.Context) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_PASSKEY_NOT_HERE, "", nil)
}

// OfferPasskey offers a passkey to a phone.
func (s *Service) OfferPasskey(
	ctx context.Context, _ *portalv1.OfferPasskeyRequest,
) (*portalv1.OfferPasskeyResponse, error) {
	if s.party == nil {
		return nil, noPasskeys(ctx)
	}
	caller, token := access.FromContext(ctx), randomBytes(offerTokenSize)
	shown := base64url(token)
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		if err := roomForPasskey(ctx, q, access.Actor(ctx)); err != nil {
			return err
		}
		return q.PasskeyOfferMake(ctx, db.PasskeyOfferMakeParams{
			FolderID: access.Actor(ctx), TokenHash: offerHash(token), SessionHash: caller.SessionHash,
			Challenge: randomBytes(nonceSize), UserHandle: randomBytes(nonceSize),
			ExpiresAt: s.Now().Add(OfferLife).UnixMilli(),
		})
	})
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	size, path, err := picture(s.Origin + phonePage + shown)
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	return &portalv1.OfferPasskeyResponse{
		Token: shown, LeftMs: OfferLife.Milliseconds(), Size: size, Path: path,
	}, nil
}

func roomForPasskey(ctx context.Context, q *db.Queries, folderID string) error {
	there, err := q.PasskeyCredentials(ctx, folderID)
	if err != nil {
		return fmt.Errorf("counting the passkeys: %w", err)
	}
	if len(there) >= MostPasskeys {
		return errMany
	}
	return nil
}

// ownOffer is the offer of the caller's session, while it lasts.
func (s *Service) ownOffer(ctx context.Context, q *db.Queries) (db.PasskeyOffer, error) {
	caller := access.FromContext(ctx)
	offer, err := q.PasskeyOfferOf(ctx, access.Actor(ctx))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return offer, errOfferGone
	case err != nil:
		return offer, fmt.Errorf("reading an offer: %w", err)
	case offer.SessionHash != caller.SessionHash || !s.lasts(offer):
		return offer, errOfferGone
	}
	return offer, nil
}

// lasts tells whether an offer does. One that lasts longer than any comes from a clock that was ahead.
func (s *Service) lasts(offer db.PasskeyOffer) bool {
	left := s.left(offer)
	return left > 0 && left <= OfferLife
}

func (s *Service) left(offer db.PasskeyOffer) time.Duration {
	return time.UnixMilli(offer.ExpiresAt).Sub(s.Now())
}

// GetPasskeyOffer tells how far the offer of this session is.
func (s *Service) GetPasskeyOffer(
	ctx context.Context, _ *portalv1.GetPasskeyOfferRequest,
) (*portalv1.GetPasskeyOfferResponse, error) {
	offer, err := s.ownOffer(ctx, s.DB.Read())
	if errors.Is(err, errOfferGone) {
		return &portalv1.GetPasskeyOfferResponse{}, nil
	}
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	state := portalv1.GetPasskeyOfferResponse_STATE_OPEN
	switch {
	case offer.AddedAt > 0:
		state = portalv1.GetPasskeyOfferResponse_STATE_ADDED
	case offer.Code != "":
		state = portalv1.GetPasskeyOfferResponse_STATE_MADE
	}
	return &portalv1.GetPasskeyOfferResponse{State: state, LeftMs: s.left(offer).Milliseconds()}, nil
}

// offerOf is the offer of a token, while it lasts.
func (s *Service) offerOf(ctx context.Context, q *db.Queries, token string) (db.PasskeyOffer, error) {
	random, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(random) != offerTokenSize {
		return db.PasskeyOffer{}, errOfferGone
	}
	offer, err := q.PasskeyOfferByToken(ctx, offerHash(random))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return offer, errOfferGone
	case err != nil:
		return offer, fmt.Errorf("finding an offer: %w", err)
	case !s.lasts(offer):
		return offer, errOfferGone
	}
	return offer, nil
}

// OpenPasskeyOffer tells a phone what to make.
func (s *Service) OpenPasskeyOffer(
	ctx context.Context, request *portalv1.OpenPasskeyOfferRequest,
) (*portalv1.OpenPasskeyOfferResponse, error) {
	if s.party == nil {
		return nil, noPasskeys(ctx)
	}
	offer, err := s.offerOf(ctx, s.DB.Read(), request.GetToken())
	if err == nil && offer.Code != "" {
		err = errOfferTaken
	}
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	there, err := s.DB.Read().PasskeyCredentials(ctx, offer.FolderID)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("reading the passkeys: %w", err))
	}
	// Who sees the device's list of passkeys learns when, and not whose.
	label := partyName + " " + s.Now().In(clock.Japan).Format("2006-01-02 15:04")
	options, err := s.party.creation(offer.Challenge, offer.UserHandle, label, there)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("writing what a phone is to make: %w", err))
	}
	return &portalv1.OpenPasskeyOfferResponse{Options: options, LeftMs: s.left(offer).Milliseconds()}, nil
}

// MakePasskey takes what a phone made; the first has the offer.
func (s *Service) MakePasskey(
	ctx context.Context, request *portalv1.MakePasskeyRequest,
) (*portalv1.MakePasskeyResponse, error) {
	if s.party == nil {
		return nil, noPasskeys(ctx)
	}
	offer, err := s.offerOf(ctx, s.DB.Read(), request.GetToken())
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	passkey, refused := s.party.create(request.GetResponse(), offer.Challenge, offer.UserHandle)
	if refused != nil {
		return nil, refuse(ctx, *refused)
	}
	code, err := newCode()
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		taken, err := q.PasskeyOfferTake(ctx, db.PasskeyOfferTakeParams{
			TokenHash: offer.TokenHash, Code: code, Device: agent.Name(ctx), CredentialID: passkey.credentialID,
			PublicKey: passkey.publicKey, SignCount: passkey.count, BackupEligible: passkey.eligible,
			BackedUp: passkey.backedUp,
		})
		if err != nil {
			return fmt.Errorf("noting what a phone made: %w", err)
		}
		if taken == 0 {
			before, err := s.offerOf(ctx, q, request.GetToken())
			if err != nil {
				return err
			}
			if !bytes.Equal(before.CredentialID, passkey.credentialID) {
				return errOfferTaken
			}
			code = before.Code // the answer was lost
			return nil
		}
		return live.Tell(ctx, q, offer.FolderID, portalv1.ChangeKind_CHANGE_KIND_PASSKEY, "")
	})
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	return &portalv1.MakePasskeyResponse{Code: code}, nil
}

// WatchPasskeyOffer tells the phone whether the card has signed.
func (s *Service) WatchPasskeyOffer(
	ctx context.Context, request *portalv1.WatchPasskeyOfferRequest,
) (*portalv1.WatchPasskeyOfferResponse, error) {
	offer, err := s.offerOf(ctx, s.DB.Read(), request.GetToken())
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	return &portalv1.WatchPasskeyOfferResponse{Added: offer.AddedAt > 0}, nil
}

// CheckPasskeyCode checks the code before the card is asked.
func (s *Service) CheckPasskeyCode(
	ctx context.Context, request *portalv1.CheckPasskeyCodeRequest,
) (*portalv1.CheckPasskeyCodeResponse, error) {
	var offer db.PasskeyOffer
	var wrong error
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		offer, wrong, err = s.tryCode(ctx, q, request.GetCode())
		return err
	})
	if err = errors.Join(err, wrong); err != nil {
		return nil, offerFault(ctx, err)
	}
	return &portalv1.CheckPasskeyCodeResponse{
		Digest: offered(offer).digest(), Device: offer.Device, Synced: offer.BackupEligible,
	}, nil
}

// tryCode checks a code; that it was wrong is counted, and stands (wrong, not err).
func (s *Service) tryCode(ctx context.Context, q *db.Queries, code string) (offer db.PasskeyOffer, wrong, err error) {
	offer, err = s.ownOffer(ctx, q)
	if errors.Is(err, errOfferGone) {
		return offer, err, nil
	}
	if err != nil {
		return offer, nil, err
	}
	if offer.Code == "" || offer.AddedAt > 0 {
		return offer, errOfferGone, nil
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(offer.Code)) == 1 {
		return offer, nil, nil
	}
	if offer.Tries+1 >= wrongCodes {
		_, err = q.PasskeyOfferRemove(ctx, offer.FolderID)
		return offer, errOfferGone, err
	}
	_, err = q.PasskeyOfferTried(ctx, offer.FolderID)
	return offer, errCodeWrong, err
}

// offered is the passkey of an offer.
func offered(o db.PasskeyOffer) made {
	return made{o.CredentialID, o.PublicKey, o.SignCount, o.BackupEligible, o.BackedUp}
}

// AddPasskey makes the passkey of the offer one of the person's: the card has signed for this request.
func (s *Service) AddPasskey(
	ctx context.Context, request *portalv1.AddPasskeyRequest,
) (*portalv1.AddPasskeyResponse, error) {
	caller := access.FromContext(ctx)
	if caller.CardContent == "" {
		// The card was shown for some request of the purpose, as pages from before do: not for this passkey.
		return nil, access.ShowCardAgain(ctx, purposePasskeyAdd)
	}
	var added db.PasskeyAddParams
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		offer, wrong, err := s.tryCode(ctx, q, request.GetCode())
		if err = errors.Join(err, wrong); err != nil {
			return err // not even the try is counted: nothing was done, and the card signed for this code alone
		}
		if !bytes.Equal(offered(offer).digest(), request.GetDigest()) {
			return errOther
		}
		if err := roomForPasskey(ctx, q, offer.FolderID); err != nil {
			return err
		}
		added = s.bornUnder(caller, offer, plaintext.Clean(request.GetName()))
		fresh, err := q.PasskeyAdd(ctx, added)
		if err != nil {
			return fmt.Errorf("adding a passkey: %w", err)
		}
		if fresh == 0 {
			return errKnown
		}
		_, err = q.PasskeyOfferAdded(ctx, db.PasskeyOfferAddedParams{FolderID: offer.FolderID, AddedAt: added.AddedAt})
		if err != nil {
			return fmt.Errorf("noting that an offer was taken up: %w", err)
		}
		if _, err = tell.Tell(ctx, q, offer.FolderID, tell.PasskeyAdded, tell.About{At: s.Now()}); err != nil {
			return err
		}
		return live.Tell(ctx, q, offer.FolderID, portalv1.ChangeKind_CHANGE_KIND_PASSKEY, "")
	})
	if err != nil {
		return nil, offerFault(ctx, err)
	}
	audit.Log(ctx, audit.PasskeyAdded, audit.Folder(access.Actor(ctx)), slog.Bool("synced", added.BackupEligible))
	return &portalv1.AddPasskeyResponse{Passkey: &portalv1.Passkey{
		Id: added.ID, Name: added.Name, Synced: added.BackupEligible, BackedUp: added.BackedUp, AddedAt: added.AddedAt,
		EndsAt: added.CertificateExpiresAt,
	}}, nil
}

// bornUnder is the row of a passkey that lives as long as the card of the session.
func (s *Service) bornUnder(caller access.Caller, o db.PasskeyOffer, name string) db.PasskeyAddParams {
	return db.PasskeyAddParams{
		FolderID: o.FolderID, ID: rand.Text(), CredentialID: o.CredentialID, PublicKey: o.PublicKey,
		UserHandle: o.UserHandle, SignCount: o.SignCount, BackupEligible: o.BackupEligible, BackedUp: o.BackedUp,
		Name: name, Issuer: caller.Card.Issuer, Serial: caller.Card.Serial,
		CertificateExpiresAt: caller.CertificateExpiresAt.UnixMilli(), AddedAt: s.Now().UnixMilli(),
	}
}

func randomBytes(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b)
	return b
}

func offerHash(token []byte) string {
	sum := sha256.Sum256(append([]byte("passkey offer\x00"), token...))
	return hex.EncodeToString(sum[:])
}

// newCode is six digits, each as likely as any.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("drawing a code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}
