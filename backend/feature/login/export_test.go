package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"madoguchi/backend/store/db"
)

// CodesAtOnce is how many codes an address may ask for at once.
const CodesAtOnce = codesAtOnce

// SetOrigin makes it a portal of another origin, with the same keys.
func (s *Service) SetOrigin(origin string) { s.challenges.origin = origin }

// Sweep is one round of Run.
func (s *Service) Sweep(ctx context.Context, before *time.Time) error { return s.sweep(ctx, before) }

// Fresh tells whether a challenge is not among those that were answered.
func (s *Service) Fresh(t *testing.T, text []byte) bool {
	t.Helper()
	found, err := parseChallenge(string(text))
	if err == nil {
		err = s.DB.Tx(t.Context(), func(q *db.Queries) error { return use(t.Context(), q, found) })
	}
	return err == nil
}

// CreatePasskey reads and checks what a device made.
func CreatePasskey(origin string, response, challenge, handle []byte) (db.Passkey, error) {
	got, refused := newParty(origin).create(response, challenge, handle)
	if refused != nil {
		return db.Passkey{}, fmt.Errorf("%v: %w", refused.reason, refused.cause)
	}
	return db.Passkey{CredentialID: got.credentialID, PublicKey: got.publicKey}, nil
}

// CheckPasskey reads and checks an answer.
func CheckPasskey(origin string, response []byte, of db.Passkey, handle []byte) error {
	read, refused := readShown(response)
	if refused == nil && bytes.Equal(read.credentialID, of.CredentialID) {
		of.UserHandle = handle
		_, refused = newParty(origin).check(read, of)
	} else if refused == nil {
		return errors.New("another passkey")
	}
	if refused != nil {
		return fmt.Errorf("%v: %w", refused.reason, refused.cause)
	}
	return nil
}

// TokenHash is what the store keeps of a code.
var TokenHash = tokenHash
