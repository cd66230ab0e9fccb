package session_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// later is when the certificates of these cards end.
var later = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// Each card is due once in its time, to one of those who ask, and again soon when nothing came of it.
func TestCardsAreDue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		one, other := session.New(d, session.Limits{}, c.now), session.New(d, session.Limits{}, c.now)
		const cards = 20
		for i := range cards {
			of := cardtest.ID(fmt.Sprintf("%x", i+1))
			sessiontest.Begin(t, d, one, "f", of, later)
			sessiontest.Begin(t, d, one, "f", of, later) // two sessions, one card
		}
		// The same serial number, another authority.
		twin := card.ID{Issuer: strings.Repeat("b2", 32), Serial: "1"}
		sessiontest.Begin(t, d, one, "f", twin, later)
		due := func(s *session.Store, most int32) []card.ID {
			t.Helper()
			found, err := s.CardsDue(t.Context(), most)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		c.advance(9*time.Minute - time.Second)
		if got := due(one, 1000); len(got) != 0 {
			t.Fatalf("%d are due before their time", len(got))
		}
		c.advance(time.Minute + time.Second)
		var mu sync.Mutex
		times := map[card.ID]int{}
		var group sync.WaitGroup
		for _, s := range []*session.Store{one, other, one, other} {
			group.Go(func() {
				for {
					found, err := s.CardsDue(context.Background(), 4)
					if err != nil {
						t.Error(err)
						return
					}
					if len(found) == 0 {
						return
					}
					mu.Lock()
					for _, id := range found {
						times[id]++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if len(times) != cards+1 {
			t.Errorf("%d of %d cards were due", len(times), cards+1)
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%v was asked for %d times", id, n)
			}
		}
		if err := one.CardGood(t.Context(), twin); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		if got := due(other, 1000); len(got) != cards {
			t.Errorf("after an asking that came to nothing %d are due, of %d", len(got), cards)
		}
		c.advance(9 * time.Minute)
		if got := due(other, 1000); len(got) != cards+1 {
			t.Errorf("later %d are due, of %d", len(got), cards+1)
		}
	})
}

// A session of whose card nothing is heard ends, whoever looks or does not look after it.
func TestWithoutWordOfItsCardASessionEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{CardUnknown: 30 * time.Minute}, c.now)
		token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
		other := sessiontest.Begin(t, d, s, "f", card.ID{Issuer: strings.Repeat("b2", 32), Serial: shown.Serial}, later)
		alive := func(token string) bool { return call(t, s, "/x", token).Kind != access.Nobody }
		for range 5 {
			c.advance(10 * time.Minute)
			if err := s.CardGood(t.Context(), shown); err != nil {
				t.Fatal(err)
			}
			if !alive(token) {
				t.Fatal("ended though its card is good")
			}
			alive(other)
		}
		if alive(other) {
			t.Error("word of one card is taken for that of another's")
		}
		if n, err := s.EndUnknown(t.Context()); err != nil || n != 1 {
			t.Errorf("%d rows were removed, %v", n, err)
		}
		c.advance(14 * time.Minute)
		alive(token)
		c.advance(14 * time.Minute)
		if !alive(token) {
			t.Error("ended too early")
		}
		c.advance(2 * time.Minute)
		if alive(token) {
			t.Error("goes on without word of its card")
		}
		// A clock that was ahead when the word came, and was set back.
		c.advance(2 * time.Hour)
		ahead := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
		c.advance(-time.Hour)
		if alive(ahead) {
			t.Error("a word from the future counts")
		}
	})
}
