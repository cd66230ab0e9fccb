package session_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// shown is the card with which people log in.
var shown = cardtest.ID("2a51c001")

// byItself is called by a page without its person.
const byItself = "/by-itself"

// ofAnother is called by a page that shows another person than who is logged in.
const ofAnother = "/of-another"

// call goes through the door and tells who came out.
func call(t testing.TB, s *session.Store, path, cookie string) access.Caller {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, nil)
	switch path {
	case byItself:
		r.Header.Set("X-Unattended", "1")
	case ofAnother:
		r.Header.Set(access.OwnerHeader, cardtest.ID("2a51c002").Owner())
	}
	if cookie != "" {
		r.Header.Set("Cookie", session.CookieName+"="+cookie)
	}
	var caller access.Caller
	reached := false
	s.Door(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached, caller = true, access.FromContext(r.Context())
	})).ServeHTTP(httptest.NewRecorder(), r)
	if !reached {
		t.Fatal("the door is shut")
	}
	return caller
}

func TestTheDoorSaysWhoIsCalling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{}, c.now)
		newcomer := sessiontest.Begin(t, d, s, "", shown, c.now().Add(time.Hour))
		citizen := sessiontest.Begin(t, d, s, "f1", shown, c.now().Add(time.Hour))
		for name, want := range map[string]struct {
			cookie string
			kind   access.Kind
			folder string
		}{
			"no cookie":    {"", access.Nobody, ""},
			"newcomer":     {newcomer, access.Newcomer, ""},
			"citizen":      {citizen, access.Citizen, "f1"},
			"garbage":      {"!!!", access.Nobody, ""},
			"too short":    {citizen[:20], access.Nobody, ""},
			"too long":     {citizen + citizen, access.Nobody, ""},
			"never given":  {base64.RawURLEncoding.EncodeToString(make([]byte, 32)), access.Nobody, ""},
			"other ending": {citizen[:42] + "_", access.Nobody, ""},
		} {
			got := call(t, s, "/x", want.cookie)
			if got.Kind != want.kind || got.FolderID != want.folder {
				t.Errorf("%s: got %v %q", name, got.Kind, got.FolderID)
			}
			if got.SessionHash != "" && strings.Contains(got.SessionHash, want.cookie) {
				t.Errorf("%s: the caller holds the secret", name)
			}
		}
	})
}

func TestASessionEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const unattended = portalv1connect.LoginServiceGetSessionProcedure
		alive := func(t *testing.T, s *session.Store, path, token string) bool {
			return call(t, s, path, token).Kind != access.Nobody
		}
		t.Run("idle", func(t *testing.T) {
			c := newClock()
			s := session.New(d, session.Limits{}, c.now)
			token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
			c.advance(session.Idle - time.Second)
			if !alive(t, s, "/x", token) {
				t.Fatal("ended too early")
			}
			c.advance(session.Idle - time.Second) // the call before was a sign of the person
			if !alive(t, s, "/x", token) {
				t.Fatal("a call is no sign of the person")
			}
			c.advance(session.Idle)
			if alive(t, s, "/x", token) {
				t.Fatal("never ends")
			}
		})
		t.Run("what the page does by itself keeps nobody in", func(t *testing.T) {
			for _, path := range []string{
				unattended, portalv1connect.NoticeServiceWatchNoticesProcedure,
				portalv1connect.LiveServiceWatchProcedure, byItself, ofAnother,
			} {
				c := newClock()
				s := session.New(d, session.Limits{}, c.now)
				token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
				for range 3 {
					c.advance(session.Idle/3 - time.Second)
					if !alive(t, s, path, token) {
						t.Fatal("ended too early")
					}
				}
				c.advance(3 * time.Second)
				if alive(t, s, path, token) {
					t.Errorf("%s keeps the session", path)
				}
			}
		})
		t.Run("absolute", func(t *testing.T) {
			c := newClock()
			s := session.New(d, session.Limits{}, c.now)
			token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
			end := c.now().Add(session.Longest)
			for c.now().Add(10 * time.Minute).Before(end) {
				c.advance(10 * time.Minute)
				if err := s.CardGood(t.Context(), shown); err != nil {
					t.Fatal(err)
				}
				if !alive(t, s, "/x", token) {
					t.Fatal("ended too early")
				}
			}
			c.advance(10 * time.Minute)
			if alive(t, s, "/x", token) {
				t.Fatal("never ends")
			}
		})
		t.Run("with the certificate", func(t *testing.T) {
			c := newClock()
			s := session.New(d, session.Limits{}, c.now)
			token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(time.Minute))
			c.advance(time.Minute)
			if alive(t, s, "/x", token) {
				t.Fatal("outlives the certificate")
			}
		})
		t.Run("when told", func(t *testing.T) {
			c := newClock()
			s := session.New(d, session.Limits{}, c.now)
			mine, mineToo := sessiontest.Begin(t, d, s, "mine", shown, c.now().Add(time.Hour)),
				sessiontest.Begin(t, d, s, "mine", shown, c.now().Add(time.Hour))
			other := sessiontest.Begin(t, d, s, "other", shown, c.now().Add(time.Hour))
			err := s.End(t.Context(), call(t, s, "/x", mine).SessionHash)
			if err != nil || alive(t, s, "/x", mine) || !alive(t, s, "/x", mineToo) {
				t.Fatalf("ending one: %v", err)
			}
			if n, err := s.EndFolder(t.Context(), "mine"); err != nil || n != 1 || alive(t, s, "/x", mineToo) ||
				!alive(t, s, "/x", other) {
				t.Fatalf("ending a person's: %d, %v", n, err)
			}
			if _, err := s.EndFolder(t.Context(), ""); err == nil {
				t.Fatal("all newcomers were put out")
			}
			if _, err := s.EndCard(t.Context(), shown, nil); err != nil || alive(t, s, "/x", other) {
				t.Fatalf("ending a card's: %v", err)
			}
		})
	})
}

func TestLimitsCanBeSet(t *testing.T) {
	d := dbtest.SQLite(t)
	c := newClock()
	s := session.New(d, session.Limits{Idle: 125 * time.Second, Longest: 10 * time.Minute}, c.now)
	token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(time.Hour))
	for range 5 {
		c.advance(115 * time.Second) // each call is noted, though it comes soon after the one before
		if call(t, s, "/x", token).Kind != access.Citizen {
			t.Fatal("ended too early")
		}
		c.advance(5 * time.Second)
		call(t, s, "/x", token)
	}
	if call(t, s, "/x", token).Kind != access.Nobody {
		t.Error("outlives its longest time")
	}
	idle := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(time.Hour))
	c.advance(125 * time.Second)
	if call(t, s, "/x", idle).Kind != access.Nobody {
		t.Error("outlives its idle time")
	}
	c.advance(time.Millisecond)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.EndFolder(t.Context(), "f"); err != nil || n != 0 {
		t.Errorf("%d rows are left, %v", n, err)
	}
	for limits, good := range map[session.Limits]bool{
		{}: true, {Idle: session.LeastIdle}: true, {Idle: 2 * time.Minute}: false,
		{Idle: time.Hour, Longest: time.Minute}: false,
		{Longest: time.Minute}:                  false, {Idle: -time.Hour}: false,
		{CardUnknown: 15 * time.Minute}: true,
		{CardUnknown: 14 * time.Minute}: false,
	} {
		if err := limits.Check(); (err == nil) != good {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

func TestAdoptChangesTheToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{}, c.now)
		old := sessiontest.Begin(t, d, s, "", shown, c.now().Add(time.Hour))
		newcomer := call(t, s, "/x", old)
		adopt := func(caller access.Caller) (token string, err error) {
			err = d.Tx(t.Context(), func(q *db.Queries) error {
				token, err = session.Adopt(t.Context(), q, caller, "f")
				return err
			})
			return token, err
		}
		token, err := adopt(newcomer)
		if err != nil {
			t.Fatal(err)
		}
		if got := call(t, s, "/x", token); got.Kind != access.Citizen || got.FolderID != "f" ||
			got.Card != newcomer.Card {
			t.Errorf("the new token is worth %+v", got)
		}
		if call(t, s, "/x", old).Kind != access.Nobody {
			t.Error("the token of before is worth something")
		}
		for name, caller := range map[string]access.Caller{
			"twice": newcomer, "a citizen's": call(t, s, "/x", token),
			"of another card": {SessionHash: newcomer.SessionHash, Card: card.ID{Issuer: shown.Issuer, Serial: "ff"}},
			"of another authority's card": {
				SessionHash: newcomer.SessionHash, Card: card.ID{
					Issuer: strings.Repeat("b2", 32), Serial: shown.Serial,
				},
			},
		} {
			if _, err := adopt(caller); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestKeep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{}, c.now)
		token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
		c.advance(10 * time.Second) // less than what is written by itself
		state, err := s.ByToken(t.Context(), token)
		if err != nil || state.IdleLeft != session.Idle-10*time.Second ||
			state.AbsoluteLeft != session.Longest-10*time.Second {
			t.Fatalf("%+v, %v", state, err)
		}
		if state, err = s.Keep(t.Context(), state.Caller.SessionHash); err != nil || state.IdleLeft != session.Idle {
			t.Fatalf("%+v, %v", state, err)
		}
		c.advance(session.Idle)
		if _, err = s.Keep(t.Context(), state.Caller.SessionHash); !errors.Is(err, db.ErrNotFound) {
			t.Fatalf("an ended session came back: %v", err)
		}
	})
}

func TestSweepRemovesTheEndedOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{}, c.now)
		ended := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
		hash := call(t, s, "/x", ended).SessionHash
		c.advance(session.Idle + time.Second)
		living := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(100*time.Hour))
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().SessionByToken(t.Context(), hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the ended one is there: %v", err)
		}
		if call(t, s, "/x", living).Kind != access.Citizen {
			t.Error("the living one is gone")
		}
	})
}

// stream opens one through the door, until the test ends.
func stream(t *testing.T, s *session.Store, token string) context.Context {
	t.Helper()
	opened := make(chan context.Context, 1)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, portalv1connect.LiveServiceWatchProcedure, nil)
	r.Header.Set("Cookie", session.CookieName+"="+token)
	go s.Door(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		opened <- r.Context()
		<-r.Context().Done()
	})).ServeHTTP(httptest.NewRecorder(), r)
	return <-opened
}

func TestWhoEndsASessionEndsItsStreams(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, end := range map[string]func(s *session.Store, c *clock, hash string, of card.ID) error{
			"one session": func(s *session.Store, _ *clock, hash string, _ card.ID) error {
				return s.End(t.Context(), hash)
			},
			"a person's": func(s *session.Store, _ *clock, _ string, _ card.ID) error {
				_, err := s.EndFolder(t.Context(), "f")
				return err
			},
			"a stopped card's": func(s *session.Store, _ *clock, _ string, of card.ID) error {
				_, err := s.EndCard(t.Context(), of, nil)
				return err
			},
			"those of unknown cards": func(s *session.Store, c *clock, _ string, _ card.ID) error {
				c.advance(2 * time.Hour)
				_, err := s.EndUnknown(t.Context())
				return err
			},
			"in a transaction of one's own": func(s *session.Store, _ *clock, hash string, _ card.ID) error {
				err := d.Tx(t.Context(), func(q *db.Queries) error {
					_, err := q.SessionEnd(t.Context(), hash)
					return err
				})
				s.Look("f")
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				c := newClock()
				s := session.New(d, session.Limits{Idle: 3 * time.Hour}, c.now)
				token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(5*time.Hour))
				state, err := s.ByToken(t.Context(), token)
				if err != nil {
					t.Fatal(err)
				}
				ended := stream(t, s, token)
				if ended.Err() != nil {
					t.Fatal("the stream ended by itself")
				}
				if err := end(s, c, state.Caller.SessionHash, state.Caller.Card); err != nil {
					t.Fatal(err)
				}
				// Whoever ends a session has ended its streams when that returns: nobody waits for the next look.
				if cause := context.Cause(ended); cause == nil || errors.Is(cause, context.Canceled) {
					t.Errorf("the stream goes on, or ended with %v", cause)
				}
			})
		}
	})
}

func TestAStreamEndsWithASessionThatAnotherInstanceEnds(t *testing.T) {
	d := dbtest.SQLite(t)
	c := newClock()
	here, there := session.New(d, session.Limits{}, c.now), session.New(d, session.Limits{}, c.now)
	ended := stream(t, here, sessiontest.Begin(t, d, here, "f", shown, c.now().Add(time.Hour)))
	if _, err := there.EndFolder(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended.Done():
	case <-time.After(20 * time.Second):
		t.Error("the stream went on")
	}
}

func TestAStoreThatFailsDoesNotLogOut(t *testing.T) {
	d := dbtest.SQLite(t)
	c := newClock()
	s := session.New(d, session.Limits{}, c.now)
	token := sessiontest.Begin(t, d, s, "f", shown, c.now().Add(time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/x", nil)
	r.Header.Set("Cookie", session.CookieName+"="+token)
	r.Header.Set("Content-Type", "application/proto")
	w := httptest.NewRecorder()
	s.Door(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in as nobody") })).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", w.Code)
	}
}

func TestTheCookie(t *testing.T) {
	h := http.Header{}
	session.SetCookie(h, "abc")
	session.ClearCookie(h)
	got := h.Values("Set-Cookie")
	if want := "__Host-session=abc; Path=/; HttpOnly; Secure; SameSite=Strict"; got[0] != want {
		t.Errorf("got %s", got[0])
	}
	if want := "__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"; got[1] != want {
		t.Errorf("got %s", got[1])
	}
}

func FuzzCookie(f *testing.F) {
	d := dbtest.SQLite(f)
	s := session.New(d, session.Limits{}, time.Now)
	f.Add("abc")
	f.Add(strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, value string) {
		if _, err := s.ByToken(context.Background(), value); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q: %v", value, err)
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	d := dbtest.SQLite(b)
	s := session.New(d, session.Limits{}, time.Now)
	token := sessiontest.Begin(b, d, s, "f", shown, time.Now().Add(time.Hour))
	for b.Loop() {
		if _, err := s.ByToken(context.Background(), token); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
}

// A clock that jumps ahead and comes back neither stretches a session nor ends one that was begun in order.
func TestAClockThatJumps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := session.New(d, session.Limits{}, c.now)
		year := c.now().AddDate(1, 0, 0)
		before := sessiontest.Begin(t, d, s, "f", shown, year)
		c.advance(24 * time.Hour)
		ahead := sessiontest.Begin(t, d, s, "f", shown, year)
		if call(t, s, "/x", ahead).Kind != access.Citizen {
			t.Fatal("who logs in while the clock is wrong is not let in")
		}
		c.advance(-24 * time.Hour)
		if call(t, s, "/x", ahead).Kind != access.Nobody {
			t.Error("a session from the future goes on")
		}
		if call(t, s, "/x", before).Kind != access.Citizen {
			t.Error("one that was begun in order has ended")
		}
		c.advance(10 * time.Minute)
		call(t, s, "/x", before) // seen ahead of the time
		c.advance(-10 * time.Minute)
		if state, err := s.ByToken(t.Context(), before); err != nil || state.IdleLeft > session.Idle ||
			state.AbsoluteLeft > session.Longest {
			t.Errorf("%+v, %v", state, err)
		}
		c.advance(-2 * time.Minute)
		if call(t, s, "/x", before).Kind != access.Nobody {
			t.Error("set back behind its beginning, the session goes on")
		}
	})
}
