package login

import (
	"context"
	"testing"
	"time"

	"madoguchi/backend/store/db"
)

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
