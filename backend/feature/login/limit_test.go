package login

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/limit"
	"madoguchi/backend/store/keys"
)

func testKeys(t testing.TB) keys.Ring {
	t.Helper()
	file, err := keys.Make(filepath.Join(t.TempDir(), "portal.keys"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return file.Ring(keys.Challenge)
}

// Whoever waits for the suspects' turn gets it when it is given back, is told to come again when it is not, and holds
// nothing when they have gone away.
func TestTheTurnOfSuspects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{
			Config: Config{Now: time.Now}, addresses: limit.NewBuckets("login_bad_proofs", perAddress, burstAddress),
			suspects: make(chan struct{}, 1),
		}
		enter := func(ctx context.Context) func(bool) {
			t.Helper()
			leave, err := s.enter(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		drain := func() {
			for s.addresses.Take("", 1, time.Now()) == 0 {
			}
		}
		for range burstAddress {
			enter(t.Context())(true)
		}
		for range 3 { // given back each time, after a good proof as after a bad one
			enter(t.Context())(false)
			enter(t.Context())(true)
		}
		leave := enter(t.Context())
		started := time.Now()
		if _, err := s.enter(t.Context()); connect.CodeOf(err) != connect.CodeResourceExhausted ||
			time.Since(started) != suspectsWait {
			t.Errorf("after %v: %v", time.Since(started), err)
		}
		drain()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.enter(gone); connect.CodeOf(err) != connect.CodeCanceled {
			t.Errorf("who has gone away: %v", err)
		}
		drain()
		waiting := make(chan error)
		go func() {
			next, err := s.enter(t.Context())
			if err == nil {
				next(false)
			}
			waiting <- err
		}()
		synctest.Wait()
		leave(true)
		if err := <-waiting; err != nil {
			t.Errorf("the next in turn: %v", err)
		}
		time.Sleep(time.Minute) // the bucket fills again: nobody waits for the turn
		s.suspects <- struct{}{}
		enter(t.Context())(false)
	})
}

func FuzzChallenge(f *testing.F) {
	c := challenges{origin: "https://portal.example.jp", seals: testKeys(f)}
	browser := []byte("a browser")
	text, seal, _, err := c.make("login", browser, "", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, seal)
	f.Add([]byte(strings.Replace(string(text), "login", "other", 1)), seal)
	f.Add([]byte(firstLine), []byte{})
	if text, seal, _, err = c.make("account.close", browser, strings.Repeat("a1", 32), time.Now()); err != nil {
		f.Fatal(err)
	}
	f.Add(text, seal)
	f.Fuzz(func(t *testing.T, text, seal []byte) {
		// With the right seal, so that the parser is reached; what it takes is written the one way there is.
		found, err := parseChallenge(string(text))
		if err == nil && found.String() != string(text) {
			t.Errorf("%q is taken for %q", text, found)
		}
		to := func(string) []byte { return browser }
		if _, err := c.open(text, seal, to, []string{"login"}, time.Now()); err == nil &&
			!c.seals.Verify(seal, text, browser) {
			t.Error("opened without the seal")
		}
	})
}
