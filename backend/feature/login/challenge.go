package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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
	// what follows the MAC in the seal of a challenge for a request: random bytes, content
	boundSize = nonceSize + sha256.Size
	maxText   = 1 << 10
)

var (
	errUsed    = errors.New("the challenge was answered already")
	errExpired = errors.New("the challenge has expired")
)

// challenges makes challenges and knows its own again by their seal, so that giving one costs no row. The seal covers
// what the challenge is bound to (bound), which does not stand in it.
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
	// does not stand in it but for the nonce: the request that it is for (access.Content), or ""
	content string
}

func (c challenge) String() string {
	return fmt.Sprintf("%s\norigin: %s\npurpose: %s\nnonce: %s\nexpires: %d\n", firstLine, c.origin, c.purpose, c.nonce,
		c.expires.UnixMilli())
}

// make makes a challenge. With a content, it is for a request of that content alone: the nonce hides it, the seal
// brings it back.
func (c challenges) make(
	purpose string, to []byte, content string, now time.Time,
) (text, seal []byte, expires time.Time, err error) {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	var request []byte
	if content != "" {
		digest, err := hex.DecodeString(content)
		if err != nil || len(digest) != sha256.Size {
			return nil, nil, time.Time{}, errors.New("a challenge for what is no digest")
		}
		request = append(nonce, digest...)
		nonce = nonceOf(request)
	}
	made := challenge{
		origin: c.origin, purpose: purpose, nonce: base64.RawURLEncoding.EncodeToString(nonce),
		expires: now.Add(Lifetime),
	}
	text = []byte(made.String())
	return text, append(c.seals.Sum(sealed(text, to, request)...), request...), made.expires, nil
}

// sealed are the parts under the seal.
func sealed(text, to, request []byte) [][]byte {
	if request == nil {
		return [][]byte{text, to}
	}
	return [][]byte{text, to, request}
}

// nonceOf is the nonce of a challenge for a request.
func nonceOf(request []byte) []byte {
	sum := sha256.Sum256(append([]byte("madoguchi-request-v1\x00"), request...))
	return sum[:]
}

// contentOf takes a seal apart. A challenge is for a request when its nonce says so, too.
func contentOf(seal []byte, nonce string) (mac, request []byte, content string, err error) {
	if len(seal) <= boundSize {
		return seal, nil, "", nil
	}
	mac, request = seal[:len(seal)-boundSize], seal[len(seal)-boundSize:]
	if base64.RawURLEncoding.EncodeToString(nonceOf(request)) != nonce {
		return nil, nil, "", errors.New("the challenge is not for the request in its seal")
	}
	return mac, request, hex.EncodeToString(request[nonceSize:]), nil
}

// open checks that a challenge is our own, bound to who answers it (to says to what, by its purpose), for this origin
// and one of these purposes, and not expired (errExpired).
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
	mac, request, content, err := contentOf(seal, found.nonce)
	if err != nil {
		return challenge{}, err
	}
	found.content = content
	if !c.seals.Verify(mac, sealed(text, binding, request)...) {
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
	if nonce, err := base64.RawURLEncoding.Strict().DecodeString(found.nonce); err != nil || len(nonce) != nonceSize ||
		found.String() != text {
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
