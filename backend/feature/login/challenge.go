package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/store/db"
)

// Lifetime is how long a challenge can be answered.
const Lifetime = 2 * time.Minute

const (
	firstLine = "madoguchi-challenge-v1"
	nonceSize = 32
	maxText   = 1 << 10
)

var (
	errUsed    = errors.New("the challenge was answered already")
	errExpired = errors.New("the challenge has expired")
)

// challenges makes challenges and knows its own again by their seal, so that giving one costs no row. The seal covers what the challenge
// is bound to (bound), which does not stand in it.
type challenges struct {
	origin string
	seals  Seals
}

// Seals makes and checks the seals of one purpose: keys.Ring.
type Seals interface {
	Sum(parts ...[]byte) []byte
	Verify(mac []byte, parts ...[]byte) bool
}

// challenge is the text of login.proto.
type challenge struct {
	origin, purpose, nonce string
	expires                time.Time
}

func (c challenge) String() string {
	return fmt.Sprintf("%s\norigin: %s\npurpose: %s\nnonce: %s\nexpires: %d\n", firstLine, c.origin, c.purpose, c.nonce, c.expires.UnixMilli())
}

func (c challenges) make(purpose string, to []byte, now time.Time) (text, seal []byte, expires time.Time) {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	made := challenge{
		origin: c.origin, purpose: purpose, nonce: base64.RawURLEncoding.EncodeToString(nonce), expires: now.Add(Lifetime),
	}
	text = []byte(made.String())
	return text, c.seals.Sum(text, to), made.expires
}

// open checks that a challenge is our own, bound to who answers it (to says to what, by its purpose), for this origin and one of these
// purposes, and not expired (errExpired).
func (c challenges) open(
	text, seal []byte, to func(purpose string) []byte, purposes []string, now time.Time,
) (challenge, error) {
	if len(text) > maxText {
		return challenge{}, errors.New("the challenge is too long")
	}
	found, err := parseChallenge(string(text))
	if err != nil {
		return challenge{}, err
	}
	binding := to(found.purpose)
	if len(binding) == 0 {
		return challenge{}, errors.New("the caller has nothing that a challenge could be bound to")
	}
	if !c.seals.Verify(seal, text, binding) {
		return challenge{}, errors.New("the challenge does not carry our seal for this browser or session")
	}
	if found.origin != c.origin {
		return challenge{}, errors.New("the challenge is of another origin")
	}
	for _, purpose := range purposes {
		if found.purpose != purpose {
			continue
		}
		// One that lives longer than any does comes from a time when this clock was ahead.
		if !now.Before(found.expires) || found.expires.After(now.Add(Lifetime)) {
			return challenge{}, errExpired
		}
		return found, nil
	}
	return challenge{}, errors.New("the challenge is for another purpose")
}

func parseChallenge(text string) (challenge, error) {
	malformed := errors.New("the challenge is malformed")
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != firstLine {
		return challenge{}, malformed
	}
	var values [4]string
	for i, name := range []string{"origin: ", "purpose: ", "nonce: ", "expires: "} {
		value, ok := strings.CutPrefix(lines[i+1], name)
		if !ok {
			return challenge{}, malformed
		}
		values[i] = value
	}
	expires, err := strconv.ParseInt(values[3], 10, 64)
	if err != nil {
		return challenge{}, malformed
	}
	found := challenge{origin: values[0], purpose: values[1], nonce: values[2], expires: time.UnixMilli(expires)}
	if nonce, err := base64.RawURLEncoding.Strict().DecodeString(found.nonce); err != nil || len(nonce) != nonceSize || found.String() != text {
		return challenge{}, malformed
	}
	return found, nil
}

// use notes within a transaction that a challenge has been answered; errUsed when it had been.
func use(ctx context.Context, q *db.Queries, c challenge) error {
	fresh, err := q.ChallengeUse(ctx, db.ChallengeUseParams{Nonce: c.nonce, ExpiresAt: c.expires.UnixMilli()})
	if err != nil {
		return fmt.Errorf("using the challenge up: %w", err)
	}
	if fresh == 0 {
		return errUsed
	}
	return nil
}
