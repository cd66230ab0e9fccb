package session

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

// A card may be stopped while a session that it began goes on. So the state of each card with open sessions is asked
// for again and again (backend/feature/login does the asking); a session whose card nobody vouches for any more ends.
const (
	// CardUnknown is how long a session lives on after J-LIS last said that its card is good, unless Limits say
	// otherwise.
	CardUnknown = time.Hour

	askEvery     = 9 * time.Minute  // with what is added and what asking takes well below a quarter of an hour
	askSpread    = time.Minute      // is added by chance, so that those who come together are not asked for together
	askAgain     = time.Minute      // after an asking that came to nothing
	leastUnknown = 15 * time.Minute // below, one missed asking would put everybody out
)

func nextAsk(now time.Time) time.Time {
	return now.Add(askEvery + time.Duration(rand.Int64N(int64(askSpread))))
}

// cardKnown tells whether the last word on the card is young enough. One from the future is of a clock that was wrong
// then or is now, and counts for no longer.
func (s *Store) cardKnown(row db.Session, now time.Time) bool {
	return now.Sub(time.UnixMilli(row.CardGoodAt)).Abs() < s.limits.CardUnknown
}

// CardsDue gives cards with open sessions whose state is to be asked for now, at most so many. Nobody else gets them
// for a minute; then they are due again, unless CardGood or EndCard has come.
func (s *Store) CardsDue(ctx context.Context, most int32) ([]card.ID, error) {
	var due []card.ID
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		now := s.now()
		rows, err := q.CardsDue(ctx, db.CardsDueParams{
			Now: now.UnixMilli(), Next: now.Add(askAgain).UnixMilli(), Size: most,
		})
		if err != nil {
			return err
		}
		due = make([]card.ID, len(rows)) // a row a session
		for i, row := range rows {
			due[i] = card.ID(row)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("finding the cards to ask for: %w", err)
	}
	slices.SortFunc(due, func(a, b card.ID) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(due), nil
}

// CardGood notes that J-LIS has just said that a card is good.
func (s *Store) CardGood(ctx context.Context, good card.ID) error {
	return s.db.Tx(ctx, func(q *db.Queries) error {
		now := s.now()
		_, err := q.CardGood(ctx, db.CardGoodParams{
			Issuer: good.Issuer, Serial: good.Serial, GoodAt: now.UnixMilli(), DueAt: nextAsk(now).UnixMilli(),
		})
		return err
	})
}

// EndCard ends every session that was begun with a card, for one that was revoked; and in the same transaction what
// else ends with it, which may be nil.
func (s *Store) EndCard(
	ctx context.Context, revoked card.ID, also func(q *db.Queries) error,
) (ended int64, err error) {
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		if ended, err = EndCard(ctx, q, revoked, "revoked", s.now()); err != nil || also == nil {
			return err
		}
		return also(q)
	})
	s.look(func(c access.Caller) bool { return c.Card == revoked })
	return ended, err
}

// EndUnknown removes the sessions of whose cards nothing has been heard for too long.
func (s *Store) EndUnknown(ctx context.Context) (ended int64, err error) {
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		now := s.now()
		rows, err := q.CardEndUnknown(ctx, now.Add(-s.limits.CardUnknown).UnixMilli())
		if ended = int64(len(rows)); err != nil {
			return err
		}
		return noteEnds(ctx, q, rows, func(db.Session) (string, time.Time) { return "unknown", now })
	})
	if ended > 0 {
		s.look(func(access.Caller) bool { return true })
	}
	return ended, err
}
