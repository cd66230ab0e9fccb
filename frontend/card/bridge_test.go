package card

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

const (
	empty   = bridgev1.CardState_CARD_STATE_EMPTY
	present = bridgev1.CardState_CARD_STATE_PRESENT
	mute    = bridgev1.CardState_CARD_STATE_MUTE
	busy    = bridgev1.CardState_CARD_STATE_BUSY
)

// scene is a watched bridge in surroundings of the test's.
type scene struct {
	t      *testing.T
	fake   *fakeBridge
	around *around
	bridge *Bridge

	mu   sync.Mutex
	seen []Phase
}

func watch(t *testing.T) *scene {
	t.Helper()
	fake := newFake(t)
	s := &scene{t: t, fake: fake, around: &around{address: fake.address(), health: Alive}}
	s.bridge = NewBridge(s.around)
	s.bridge.retry, s.bridge.retryAtMost = 2*time.Millisecond, 5*time.Millisecond
	stop := s.bridge.Watch("a test", func(status Status) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, status.Phase)
	})
	t.Cleanup(func() {
		stop()
		s.bridge.mu.Lock()
		s.bridge.stop()
		s.bridge.mu.Unlock()
	})
	return s
}

func (s *scene) until(want Phase) Status {
	s.t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		status := s.bridge.Status()
		if status.Phase == want {
			return status
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("phase %d, want %d (%v)", status.Phase, want, status.Err)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTheStateIsLive(t *testing.T) {
	s := watch(t)
	s.until(NoReader)
	s.fake.become(false)
	s.until(ServiceDown)
	s.fake.become(true, reader("R", empty, 0))
	if status := s.until(NoCard); !status.Virtual || status.Version != "test" || status.Reader != "R" {
		t.Errorf("%+v", status)
	}
	s.fake.become(true, reader("R", mute, 1))
	s.until(MuteCard)
	s.fake.become(true, reader("R", busy, 2))
	s.until(BusyCard)
	s.fake.become(true, &bridgev1.Reader{Name: "R", Card: present, Insertion: 2, HolderOrigin: "https://other.example", HolderPurpose: "申請"})
	if status := s.until(HeldCard); status.HolderOrigin != "https://other.example" || status.HolderPurpose != "申請" {
		t.Errorf("%+v", status)
	}
	s.fake.lay("yamada-hanako", 3)
	status := s.until(Ready)
	if status.Card.TriesLeft != 3 || status.Card.Kind != jpki.MyNumberCard || len(status.Card.Certificate) < 500 || status.Insertion != 3 {
		t.Errorf("%d tries, %v, a certificate of %d bytes, insertion %d", status.Card.TriesLeft, status.Card.Kind, len(status.Card.Certificate), status.Insertion)
	}
	s.fake.become(true, reader("R", empty, 3))
	s.until(NoCard)
}

func TestKindsOfCards(t *testing.T) {
	s := watch(t)
	for i, c := range []struct {
		person string
		want   Phase
	}{
		{"sato-locked", Locked}, {"old-juki", OldCard}, {"transit", NotMyNumber}, {"nakamura-nocert", NoCertificate}, {"yamada-hanako", Ready},
	} {
		s.fake.lay(c.person, uint64(i+1))
		s.until(c.want)
	}
	if acquired, released := s.fake.count("Acquire"), s.fake.count("Release"); acquired != 5 || released != 5 {
		t.Errorf("acquired %d times, released %d times", acquired, released)
	}
}

func TestTheReaderWithTheCardCounts(t *testing.T) {
	s := watch(t)
	s.fake.become(true, reader("A", empty, 0), reader("B", mute, 1), reader("C", empty, 0))
	if status := s.until(MuteCard); status.Reader != "B" {
		t.Errorf("%+v", status)
	}
}

func TestWhyThereIsNoBridge(t *testing.T) {
	for name, c := range map[string]struct {
		around func(*around)
		want   Phase
	}{
		"not running":    {func(a *around) { a.health = Silent }, NotRunning},
		"another site's": {func(a *around) { a.health = Foreign }, Refused},
		"denied":         {func(a *around) { a.health, a.permission = Silent, PermissionDeniedByPerson }, PermissionDenied},
		"blocked":        {func(a *around) { a.health, a.blocks = Silent, "brave" }, Blocked},
	} {
		t.Run(name, func(t *testing.T) {
			s := watch(t)
			s.until(NoReader)
			s.around.set(func() { c.around(s.around) })
			s.fake.mu.Lock()
			for _, conn := range s.fake.conns {
				conn.Close()
			}
			s.fake.mu.Unlock()
			s.until(c.want)
			// It comes back by itself.
			s.around.set(func() { s.around.health, s.around.permission, s.around.blocks = Alive, PermissionUnknown, "" })
			s.until(NoReader)
		})
	}
}

func TestWorkSignsWithFiveCommands(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	before := s.fake.count("Transmit")
	err := s.bridge.Work(t.Context(), at.Reader, at.Insertion, func(session *Session) error {
		signature, err := jpki.Attach(session).SignDigest(t.Context(), jpki.AuthKey, "1234", sha256.Sum256([]byte("x")))
		if err == nil && len(signature) != 256 {
			t.Errorf("a signature of %d bytes", len(signature))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.fake.count("Transmit") - before; n != 5 {
		t.Errorf("%d commands", n)
	}
	if n := s.fake.count("Release"); n != 2 {
		t.Errorf("released %d times", n)
	}
}

func TestWrongPINIsKnownAtOnce(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	err := s.bridge.Work(t.Context(), at.Reader, at.Insertion, func(session *Session) error {
		return jpki.Attach(session).Verify(t.Context(), jpki.AuthPIN, "0000")
	})
	if !errors.Is(err, jpki.ErrWrongPIN) {
		t.Fatal(err)
	}
	s.bridge.SetTries(at.Reader, at.Insertion, 2)
	if status := s.until(Ready); status.Card.TriesLeft != 2 {
		t.Errorf("%d tries", status.Card.TriesLeft)
	}
	s.bridge.SetTries(at.Reader, at.Insertion, 0)
	s.until(Locked)
	s.bridge.SetTries(at.Reader, at.Insertion+1, 3)
	s.until(Locked)
}

func TestWhatTheBridgeRefuses(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	for code, want := range map[bridgev1.ErrorCode]error{
		bridgev1.ErrorCode_ERROR_CODE_HELD:         ErrHeld,
		bridgev1.ErrorCode_ERROR_CODE_BUSY:         ErrBusy,
		bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED: jpki.ErrCardRemoved,
		bridgev1.ErrorCode_ERROR_CODE_CARD_CHANGED: ErrCardChanged,
		bridgev1.ErrorCode_ERROR_CODE_LAST_TRY:     ErrLastTry,
		bridgev1.ErrorCode_ERROR_CODE_MUTE:         ErrMute,
		bridgev1.ErrorCode_ERROR_CODE_READER_GONE:  ErrNoReader,
	} {
		s.fake.mu.Lock()
		s.fake.refuse["Transmit"] = code
		s.fake.mu.Unlock()
		err := s.bridge.Work(t.Context(), at.Reader, at.Insertion, func(session *Session) error {
			return jpki.Attach(session).Verify(t.Context(), jpki.AuthPIN, "1234")
		})
		var refusal *Refusal
		if !errors.Is(err, want) || !errors.As(err, &refusal) || refusal.HolderOrigin != "https://other.example" {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestSwappedCardIsNotUsed(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	s.fake.lay("yamada-taro", 2)
	err := s.bridge.Work(t.Context(), at.Reader, at.Insertion, func(*Session) error {
		t.Error("work began on another card")
		return nil
	})
	if !errors.Is(err, ErrCardChanged) {
		t.Error(err)
	}
}

func TestCancelReachesTheBridge(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	slow := make(chan struct{})
	s.fake.mu.Lock()
	s.fake.slow = slow
	s.fake.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	err := s.bridge.Work(ctx, at.Reader, at.Insertion, func(session *Session) error {
		go cancel()
		return jpki.Attach(session).Verify(ctx, jpki.AuthPIN, "1234")
	})
	close(slow)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for s.fake.count("Cancel") != 1 {
		if time.Now().After(deadline) {
			t.Fatal("the bridge did not hear of it")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestBridgeGoneMidWork(t *testing.T) {
	s := watch(t)
	s.fake.lay("yamada-hanako", 1)
	at := s.until(Ready)
	slow := make(chan struct{})
	defer close(slow)
	s.fake.mu.Lock()
	s.fake.slow = slow
	conns := s.fake.conns
	s.fake.mu.Unlock()
	err := s.bridge.Work(t.Context(), at.Reader, at.Insertion, func(session *Session) error {
		for _, conn := range conns {
			conn.Close()
		}
		return jpki.Attach(session).Verify(t.Context(), jpki.AuthPIN, "1234")
	})
	if !errors.Is(err, ErrBridgeGone) {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	for list, want := range map[string]string{
		"":                                "127.0.0.1:41729",
		"127.0.0.1:5000":                  "127.0.0.1:5000",
		" 127.0.0.1:5000 , [::1]:5000 ":   "127.0.0.1:5000 [::1]:5000",
		"10.0.0.1:5000":                   "127.0.0.1:41729",
		"evil.example:80, 127.0.0.1:5000": "127.0.0.1:5000",
		"{{bridge}}":                      "127.0.0.1:41729",
	} {
		got := ""
		for _, a := range parseAddresses(list) {
			if got != "" {
				got += " "
			}
			got += a
		}
		if got != want {
			t.Errorf("%q: %s", list, got)
		}
	}
}
