// Package sessiontest logs people in for tests, past the card.
package sessiontest

import (
	"net/http"
	"testing"
	"time"

	"madoguchi/backend/door/session"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

// Begin begins a session of a folder, or of a newcomer for "", with a card whose certificate counts until then. It
// gives what the browser keeps.
func Begin(t testing.TB, d *db.DB, s *session.Store, folder string, of card.ID, until time.Time) (token string) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) (err error) {
		token, err = s.Begin(t.Context(), q, folder, of, until)
		return err
	})
	if err != nil {
		t.Fatalf("beginning a session of %q: %v", folder, err)
	}
	return token
}

// ShowCard has the card shown again in a session.
func ShowCard(t testing.TB, d *db.DB, s *session.Store, token, purpose string) {
	t.Helper()
	state, err := s.ByToken(t.Context(), token)
	if err != nil {
		t.Fatalf("finding the session in which the card is shown: %v", err)
	}
	err = d.Tx(t.Context(), func(q *db.Queries) error {
		_, err := s.ShowCard(t.Context(), q, state.Caller.SessionHash, purpose)
		return err
	})
	if err != nil {
		t.Fatalf("showing the card: %v", err)
	}
}

// Cookie is how a browser shows a token.
func Cookie(token string) *http.Cookie { return &http.Cookie{Name: session.CookieName, Value: token} }
