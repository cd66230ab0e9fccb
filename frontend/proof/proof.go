// Package proof is how a person proves with the card who they are: the live picture of the reader, the pad for the four digits, and
// the way from a fresh challenge to a signature over it. What the proof is used for (to log in, to close a folder) is the page's.
//
// The PIN goes to the card and nowhere else: it is never logged, stored, or sent to the portal.
package proof

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"madoguchi/bridge/jpki"
	"madoguchi/frontend/card"
	"madoguchi/frontend/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// PurposeLogin is the purpose of a login's challenge.
const PurposeLogin = "login"

// Step is how far a proof has come.
type Step int

const (
	// StepChallenge: asking the portal for something to sign.
	StepChallenge Step = iota + 1
	// StepCard: the card checks the PIN and signs.
	StepCard
	// StepPortal: the portal checks the signature.
	StepPortal
)

// Steps is how many there are.
const Steps = 3

// ErrChallenge: the portal's challenge is not for this site and purpose; the card was not asked.
var ErrChallenge = errors.New("the challenge is not ours")

// Make has the card that `at` describes sign a fresh challenge for the purpose. The PIN is four digits; Make clears it. warned says
// that the person knows that this is the last try. progress is called at each step, on the caller's goroutine.
func Make(ctx context.Context, bridge *card.Bridge, at card.Status, origin, purpose string, pin []byte, warned bool, progress func(Step)) (*portalv1.CardProof, error) {
	defer clear(pin)
	progress(StepChallenge)
	challenge, err := rpc.Login().CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: purpose})
	if err != nil {
		return nil, fmt.Errorf("asking for a challenge: %w", err)
	}
	if err := checkChallenge(challenge.GetChallenge(), origin, purpose); err != nil {
		return nil, err
	}
	progress(StepCard)
	var signature []byte
	err = bridge.Work(ctx, at.Reader, at.Insertion, func(session *card.Session) error {
		session.Warned = warned
		var err error
		signature, err = jpki.Attach(session).SignDigest(ctx, jpki.AuthKey, string(pin), sha256.Sum256(challenge.GetChallenge()))
		return err
	})
	noteTries(bridge, at, err)
	if err != nil {
		return nil, err
	}
	progress(StepPortal)
	return &portalv1.CardProof{
		Challenge:   challenge.GetChallenge(),
		Seal:        challenge.GetSeal(),
		Signature:   signature,
		Certificate: at.Card.Certificate,
	}, nil
}

// noteTries keeps the picture of the card true after its PIN was tried.
func noteTries(bridge *card.Bridge, at card.Status, err error) {
	if err == nil {
		bridge.SetTries(at.Reader, at.Insertion, jpki.AuthPIN.MaxTries())
		return
	}
	var failure *jpki.Error
	if errors.As(err, &failure) && failure.TriesLeft >= 0 && (failure.Cause == jpki.WrongPIN || failure.Cause == jpki.Locked) {
		bridge.SetTries(at.Reader, at.Insertion, failure.TriesLeft)
	}
}

// checkChallenge refuses what is not exactly a challenge of this origin for this purpose, so that no other site can have a card
// sign here what opens a door there. Its end is the portal's to judge: this device's clock may be wrong.
func checkChallenge(challenge []byte, origin, purpose string) error {
	lines := strings.Split(string(challenge), "\n")
	if len(lines) != 6 || lines[5] != "" || lines[0] != "madoguchi-challenge-v1" {
		return fmt.Errorf("%w: it has another form", ErrChallenge)
	}
	if lines[1] != "origin: "+origin {
		return fmt.Errorf("%w: it names another origin", ErrChallenge)
	}
	if lines[2] != "purpose: "+purpose {
		return fmt.Errorf("%w: it names another purpose", ErrChallenge)
	}
	nonce, ok := strings.CutPrefix(lines[3], "nonce: ")
	if !ok || !isNonce(nonce) {
		return fmt.Errorf("%w: its nonce is malformed", ErrChallenge)
	}
	expires, ok := strings.CutPrefix(lines[4], "expires: ")
	if _, err := strconv.ParseUint(expires, 10, 63); !ok || err != nil {
		return fmt.Errorf("%w: its end is malformed", ErrChallenge)
	}
	return nil
}

// isNonce: base64url of 32 bytes, without padding.
func isNonce(s string) bool {
	if len(s) != 43 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
