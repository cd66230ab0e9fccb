package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/db"
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

// challenges makes challenges and knows its own again by their seal, so that giving one costs no row.
type challenges struct {
	origin string
	key    []byte
}

// challenge is the text of login.proto.
type challenge struct {
	origin, purpose, nonce string
	expires                time.Time
}

func (c challenge) String() string {
	return fmt.Sprintf("%s\norigin: %s\npurpose: %s\nnonce: %s\nexpires: %d\n", firstLine, c.origin, c.purpose, c.nonce, c.expires.UnixMilli())
}

func (c challenges) make(purpose string, now time.Time) (text, seal []byte, expires time.Time) {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	made := challenge{
		origin: c.origin, purpose: purpose, nonce: base64.RawURLEncoding.EncodeToString(nonce), expires: now.Add(Lifetime),
	}
	text = []byte(made.String())
	return text, c.seal(text), made.expires
}

func (c challenges) seal(text []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte("madoguchi seal of a challenge\x00"))
	mac.Write(text)
	return mac.Sum(nil)
}

// open checks that a challenge is our own, for this origin and one of these purposes, and not expired (errExpired).
func (c challenges) open(text, seal []byte, purposes []string, now time.Time) (challenge, error) {
	if len(text) > maxText || !hmac.Equal(seal, c.seal(text)) {
		return challenge{}, errors.New("the challenge does not carry our seal")
	}
	found, err := parseChallenge(string(text))
	if err != nil {
		return challenge{}, err
	}
	if found.origin != c.origin {
		return challenge{}, errors.New("the challenge is of another origin")
	}
	for _, purpose := range purposes {
		if found.purpose != purpose {
			continue
		}
		if !now.Before(found.expires) {
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

// sealKey gives the key that all instances share, made by whichever starts first.
func sealKey(ctx context.Context, d *db.DB) ([]byte, error) {
	const name = "challenge"
	made := make([]byte, sha256.Size)
	rand.Read(made)
	var value string
	err := d.Tx(ctx, func(q *db.Queries) error {
		if err := q.SecretPut(ctx, db.SecretPutParams{Name: name, Value: base64.StdEncoding.EncodeToString(made)}); err != nil {
			return err
		}
		var err error
		value, err = q.SecretGet(ctx, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("getting the key of challenges: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(key) != sha256.Size {
		return nil, errors.New("the key of challenges in the database is damaged")
	}
	return key, nil
}
