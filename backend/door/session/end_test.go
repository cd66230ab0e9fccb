package session_test

import (
	"testing"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// With a passkey end the sessions that it began, and those that a phone let in from one of them; no others.
func TestWithAPasskeyEndsWhatItLetIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := session.New(d, session.Limits{}, newClock().now)
		begin := func(note func(q *db.Queries, token string) error) string {
			token := sessiontest.Begin(t, d, s, "f", shown, later)
			if err := d.Tx(t.Context(), func(q *db.Queries) error { return note(q, token) }); err != nil {
				t.Fatal(err)
			}
			return token
		}
		by := func(id string) string {
			return begin(func(q *db.Queries, token string) error {
				return session.By(t.Context(), q, token, access.ByPasskey, id)
			})
		}
		letIn := func(id string) string {
			return begin(func(q *db.Queries, token string) error {
				_, err := session.ByPhone(t.Context(), q, token, id, "Firefox, Linux")
				return err
			})
		}
		gone := []string{by("P1"), letIn("P1")}
		stay := []string{by("P2"), letIn("P2"), letIn(""), sessiontest.Begin(t, d, s, "f", shown, later)}
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			ended, err := session.EndBy(t.Context(), q, "f", access.ByPasskey, "P1")
			if ended != 2 {
				t.Errorf("%d sessions ended", ended)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range gone {
			if _, err := s.ByToken(t.Context(), token); err == nil {
				t.Error("a session of the passkey goes on")
			}
		}
		for _, token := range stay {
			if _, err := s.ByToken(t.Context(), token); err != nil {
				t.Errorf("another session ended: %v", err)
			}
		}
	})
}
