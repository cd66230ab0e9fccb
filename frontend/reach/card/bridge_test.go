//go:build !js

package card

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/frontend/reach/certificate/certificatetest"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

const (
	empty   = bridgev2.Presence_PRESENCE_EMPTY
	present = bridgev2.Presence_PRESENCE_CARD
	mute    = bridgev2.Presence_PRESENCE_MUTE
	busy    = bridgev2.Presence_PRESENCE_BUSY
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

// watch makes a scene in which another page's turn is news at once, so that tests need not wait for it.
func watch(t *testing.T) *scene {
	t.Helper()
	fake := newFake(t)
	return watchFrom(t, fake, &around{address: fake.address(), health: Alive})
}

// watchFrom is watch in surroundings of the test's, with a bridge that it may change before it is watched.
func watchFrom(t *testing.T, fake *fakeBridge, around *around, change ...func(*Bridge)) *scene {
	t.Helper()
	s := &scene{t: t, fake: fake, around: around}
	s.bridge = NewBridge(s.around)
	s.bridge.retry, s.bridge.retryAtMost = 2*time.Millisecond, 5*time.Millisecond
	s.bridge.heldPause, s.bridge.heldNews, s.bridge.promptNews = time.Millisecond, 0, 0
	for _, c := range change {
		c(s.bridge)
	}
	stop := s.bridge.Watch("a test", func(status Status) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, status.Phase)
	})
	t.Cleanup(func() {
		stop()
		s.bridge.mu.Lock()
		defer s.bridge.mu.Unlock()
		if s.bridge.stop != nil {
			s.bridge.stop()
		}
	})
	return s
}

// eventually waits for a condition that others bring about.
func (s *scene) eventually(what string, is func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !is() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s; it stands at %+v", what, s.bridge.Status())
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *scene) until(want Phase) Status {
	s.t.Helper()
	var status Status
	s.eventually("another phase", func() bool {
		status = s.bridge.Status()
		return status.Phase == want
	})
	return status
}

// ready lays a good card.
func (s *scene) ready() Status {
	s.t.Helper()
	s.fake.lay(goodCard(), 1)
	return s.until(Ready)
}

func typing(at Status, pin string) Act { return Act{At: at.Place, Secret: Secret{PIN: []byte(pin)}} }

func TestTheBridgeIsLookedForAfterWhatComesFirst(t *testing.T) {
	fake := newFake(t)
	first := make(chan struct{})
	early := &patient{around: &around{address: fake.address(), health: Alive}, first: first}
	bridge := NewBridge(early)
	bridge.after = first
	bridge.Watch("given up at once", func(Status) {})()
	alive := make(chan struct{})
	known := sync.OnceFunc(func() { close(alive) })
	stop := bridge.Watch("a test", func(s Status) {
		if s.Phase != Searching {
			known()
		}
	})
	defer stop()
	close(first)
	<-alive
	if early.tooEarly {
		t.Error("a bridge was looked for before what comes first")
	}
}

// patient notes who looks for a bridge before the first.
type patient struct {
	*around
	first    chan struct{}
	tooEarly bool
}

func (p *patient) Addresses() []string {
	select {
	case <-p.first:
	default:
		p.tooEarly = true
	}
	return p.around.Addresses()
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
	held := reader("R", present, 2)
	held.HolderOrigin, held.HolderPurpose = "https://other.example", "申請"
	s.fake.become(true, held)
	if status := s.until(HeldCard); status.HolderOrigin != "https://other.example" || status.HolderPurpose != "申請" {
		t.Errorf("%+v", status)
	}
	s.fake.lay(goodCard(), 3)
	status := s.until(Ready)
	c := status.Contents
	if c.Tries(authPIN).Left != 3 || c.Tries(signPIN).Left != 5 || status.Insertion != 3 {
		t.Errorf("%+v", status)
	}
	if c.Kind != bridgev2.CardKind_CARD_KIND_MY_NUMBER || string(c.Certificate) != "a certificate" || status.PINPad {
		t.Errorf("%+v", status)
	}
	if string(c.AuthCA) != "auth CA" || string(c.SignCA) != "sign CA" {
		t.Errorf("%+v", c)
	}
	s.fake.become(true, reader("R", empty, 3))
	s.until(NoCard)
}

func TestKindsOfCards(t *testing.T) {
	s := watch(t)
	for i, c := range []struct {
		card *fakeCard
		want Phase
	}{
		{&fakeCard{kind: bridgev2.CardKind_CARD_KIND_MY_NUMBER, certificate: []byte{1}}, Locked},
		{&fakeCard{kind: bridgev2.CardKind_CARD_KIND_OLD_RESIDENT}, OldCard},
		{&fakeCard{kind: bridgev2.CardKind_CARD_KIND_OTHER}, NotMyNumber},
		{&fakeCard{}, NotMyNumber},
		{&fakeCard{kind: bridgev2.CardKind_CARD_KIND_MY_NUMBER, left: 3}, NoCertificate},
		{&fakeCard{kind: bridgev2.CardKind_CARD_KIND_PHONE, certificate: []byte{1}, left: 3}, Ready},
		{goodCard(), Ready},
	} {
		s.fake.lay(c.card, uint64(i+1))
		s.eventually("the card's phase", func() bool {
			status := s.bridge.Status()
			return status.Phase == c.want && status.Insertion == uint64(i+1)
		})
	}
	if looks := len(s.fake.requests("Look")); looks != 7 {
		t.Errorf("looked %d times at seven cards", looks)
	}
}

// A bridge may as well say by an error what the card is.
func TestCardsThatCannotBeLookedAt(t *testing.T) {
	s := watch(t)
	insertion := uint64(0)
	for code, want := range map[bridgev2.ErrorCode]Phase{
		bridgev2.ErrorCode_ERROR_CODE_NOT_MY_NUMBER_CARD: NotMyNumber,
		bridgev2.ErrorCode_ERROR_CODE_OLD_CARD:           OldCard,
		bridgev2.ErrorCode_ERROR_CODE_NO_CERTIFICATE:     NoCertificate,
		bridgev2.ErrorCode_ERROR_CODE_MUTE:               MuteCard,
		bridgev2.ErrorCode_ERROR_CODE_MALFORMED:          Unreadable,
		bridgev2.ErrorCode_ERROR_CODE_TIMEOUT:            Unreadable,
	} {
		insertion++
		s.fake.answerWith("Look", refused{code: code})
		s.fake.lay(goodCard(), insertion)
		s.eventually("the card's phase", func() bool {
			status := s.bridge.Status()
			return status.Phase == want && status.Insertion == insertion && status.Err != nil
		})
	}
	// What comes from the moment alone is tried again.
	s.fake.answerWith("Look", refused{code: bridgev2.ErrorCode_ERROR_CODE_BUSY, times: 2})
	s.fake.lay(goodCard(), insertion+1)
	s.until(Ready)
}

func TestTheReaderWithTheCardCounts(t *testing.T) {
	s := watch(t)
	s.fake.become(true, reader("A", empty, 0), reader("B", mute, 1), reader("C", empty, 0))
	if status := s.until(MuteCard); status.Reader != "B" {
		t.Errorf("%+v", status)
	}
	// A key that is always plugged in is a card of another kind; a badly laid card is meant sooner.
	s.fake.set(func() { s.fake.cards["K"] = &fakeCard{kind: bridgev2.CardKind_CARD_KIND_OTHER} })
	s.fake.become(true, reader("K", present, 1), reader("R", empty, 0))
	s.until(NotMyNumber)
	s.fake.become(true, reader("K", present, 1), reader("R", mute, 1))
	s.until(MuteCard)
	s.fake.set(func() { s.fake.cards["R"] = goodCard() })
	s.fake.become(true, reader("K", present, 1), reader("R", present, 2))
	if status := s.until(Ready); status.Reader != "R" || len(status.Cards) > 0 {
		t.Errorf("%+v", status)
	}
}

func TestOfSeveralCardsThePersonChooses(t *testing.T) {
	s := watch(t)
	s.fake.set(func() {
		s.fake.cards["A"], s.fake.cards["B"] = goodCard(), &fakeCard{kind: 1, certificate: []byte{1}, left: 2}
	})
	s.fake.become(true, reader("A", present, 1), reader("B", empty, 0))
	if status := s.until(Ready); status.Reader != "A" || len(status.Cards) > 0 {
		t.Errorf("%+v", status)
	}
	s.fake.become(true, reader("A", present, 1), reader("B", present, 7))
	status := s.until(SeveralCards)
	if len(status.Cards) != 2 || status.Place != (Place{}) || status.Cards[1].Contents.Tries(authPIN).Left != 2 {
		t.Errorf("%+v", status)
	}
	s.bridge.Choose(Place{"B", 7})
	if status := s.until(Ready); status.Place != (Place{"B", 7}) || len(status.Cards) != 2 {
		t.Errorf("%+v", status)
	}
	// The choice is for that card alone.
	s.fake.become(true, reader("A", present, 1), reader("B", present, 8))
	s.until(SeveralCards)
	s.bridge.Choose(Place{"A", 1})
	s.fake.become(true, reader("A", present, 1), reader("B", present, 9))
	s.eventually("the third card", func() bool {
		status := s.bridge.Status()
		newest := len(status.Cards) == 2 && status.Cards[1].Insertion == 9
		return newest && status.Phase == Ready && status.Place == Place{"A", 1}
	})
	// Without the chosen card it is asked anew, also where one alone is left: that may be somebody else's.
	s.fake.become(true, reader("A", empty, 1), reader("B", present, 9))
	s.eventually("the card that is left", func() bool {
		status := s.bridge.Status()
		left := len(status.Cards) == 1 && status.Cards[0].Place == Place{"B", 9}
		return status.Phase == SeveralCards && left && status.Place == Place{}
	})
	s.fake.become(true, reader("A", present, 2), reader("B", present, 9))
	s.eventually("both", func() bool {
		status := s.bridge.Status()
		return status.Phase == SeveralCards && len(status.Cards) == 2
	})
	s.fake.become(true, reader("A", empty, 2), reader("B", present, 9))
	s.eventually("one", func() bool { return len(s.bridge.Status().Cards) == 1 })
	s.bridge.Choose(Place{"B", 9})
	if status := s.until(Ready); status.Place != (Place{"B", 9}) || len(status.Cards) > 0 {
		t.Errorf("%+v", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := slices.Index(s.seen, SeveralCards); slices.Contains(s.seen[last:], NoCard) {
		t.Errorf("seen on the way: %v", s.seen)
	}
}

func TestWhyThereIsNoBridge(t *testing.T) {
	for name, c := range map[string]struct {
		around func(*around)
		want   Phase
	}{
		"not running":    {func(a *around) { a.health = Silent }, NotRunning},
		"another site's": {func(a *around) { a.health = Foreign }, Refused},
		"an old one":     {func(a *around) { a.health = Older }, OldBridge},
		"a newer one":    {func(a *around) { a.health = Newer }, OldPage},
		"denied": {
			func(a *around) { a.health, a.permission = Silent, PermissionDeniedByPerson }, PermissionDenied,
		},
		"blocked": {func(a *around) { a.health, a.blocks = Silent, "brave" }, Blocked},
	} {
		t.Run(name, func(t *testing.T) {
			s := watch(t)
			s.until(NoReader)
			s.around.set(func() { c.around(s.around) })
			s.fake.set(func() {
				for _, conn := range s.fake.conns {
					conn.Close()
				}
			})
			s.until(c.want)
			// It comes back by itself.
			s.around.set(func() {
				s.around.health, s.around.permission, s.around.blocks = Alive, PermissionUnknown, ""
			})
			s.until(NoReader)
		})
	}
}

func TestWhatBridgesSayOfThemselves(t *testing.T) {
	for body, want := range map[string]Health{
		`{"status":"ok","version":"1","virtual":false}`: Older, // the first bridges
		`{"protocols":[]}`:                                                  Older,
		`{"protocols":["madoguchi.bridge.v1"]}`:                             Older,
		`{"protocols":["madoguchi.bridge.v2"]}`:                             Alive,
		`{"protocols":["madoguchi.bridge.v1","madoguchi.bridge.v2"]}`:       Alive,
		`{"protocols":["madoguchi.bridge.v3","madoguchi.bridge.v2"]}`:       Alive,
		`{"protocols":["madoguchi.bridge.v3"]}`:                             Newer,
		`{"protocols":["madoguchi.bridge.v1","madoguchi.bridge.v10"]}`:      Newer,
		`{"protocols":["madoguchi.bridge.vX","another.v9",""],"version":2}`: Older,
		`<!doctype html>`:              Foreign,
		``:                             Foreign,
		`{"protocols":"all of them"}`:  Foreign,
		`["madoguchi.bridge.v2"]`:      Foreign,
		`{"protocols":[3]}`:            Foreign,
		`{"protocols":null,"x":"y"}  `: Older,
	} {
		if got := healthOf([]byte(body)); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
}

func TestEveryAct(t *testing.T) {
	s := watch(t)
	at := s.ready()
	ctx := t.Context()
	signature, err := s.bridge.Sign(ctx, typing(at, "1234"), []byte("x"))
	if err != nil || string(signature.GetSignature())+string(signature.GetCertificate()) != "signed xa certificate" {
		t.Errorf("%v, %v", signature, err)
	}
	documents, err := s.bridge.SignDocuments(ctx, typing(at, "1234"),
		[]*bridgev2.Document{{Digest: []byte("one")}, {Digest: []byte("two")}}, &bridgev2.Expect{Name: "花子"})
	if err != nil || len(documents.GetDocuments()) != 2 || string(documents.GetCertificate()) != "花子" ||
		string(documents.GetDocuments()[1].GetSignedAttributes()) != "two" {
		t.Errorf("%v, %v", documents, err)
	}
	attributes, err := s.bridge.VerifyAttributes(ctx, typing(at, "1234"))
	if err != nil || attributes.GetName() != "山田花子" {
		t.Errorf("%v, %v", attributes, err)
	}
	fresh := []byte("5678")
	if err := s.bridge.ChangePIN(ctx, typing(at, "1234"), authPIN, fresh); err != nil || !gone(fresh) {
		t.Errorf("%v, the new PIN is %q", err, fresh)
	}
	change := s.fake.requests("ChangePin")[0].GetChangePin()
	if string(change.GetNew()) != "5678" || change.GetKind() != authPIN {
		t.Errorf("%v", change)
	}
	key, err := s.bridge.DeriveKey(ctx, typing(at, "1234"), []byte("salt"))
	if err != nil || string(key) != "salt" {
		t.Errorf("%q, %v", key, err)
	}
	// On the reader's keys.
	if _, err := s.bridge.Sign(ctx, Act{At: at.Place, Secret: Secret{Pad: true}}, []byte("x")); err != nil {
		t.Error(err)
	}
	if last := s.fake.requests("Sign")[1].GetSign().GetSecret(); !last.GetPad() || last.GetPin() != nil {
		t.Errorf("%v", last)
	}
	// Given up there, or at the question on the machine, is told apart.
	for _, c := range []struct {
		code  bridgev2.ErrorCode
		step  bridgev2.Progress_Step
		typed bool
	}{
		{bridgev2.ErrorCode_ERROR_CODE_DECLINED, bridgev2.Progress_STEP_PAD, false},
		{bridgev2.ErrorCode_ERROR_CODE_PIN_FORM, bridgev2.Progress_STEP_PAD, false},
		{bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN, bridgev2.Progress_STEP_PAD, true},
		{bridgev2.ErrorCode_ERROR_CODE_DECLINED, bridgev2.Progress_STEP_CONFIRM, true},
	} {
		s.fake.answerWith("DeriveKey", refused{code: c.code, step: c.step, times: 1})
		_, err := s.bridge.DeriveKey(ctx, Act{At: at.Place, Secret: Secret{Pad: true}}, []byte("salt"))
		if err == nil || errors.Is(err, ErrNotTyped) == c.typed {
			t.Errorf("%s after %s: %v", c.code, c.step, err)
		}
	}
	// One frame an act, and no PIN on its own.
	for kind, want := range map[string]int{
		"Sign": 2, "SignDocument": 1, "VerifyAttributes": 1, "ChangePin": 1, "DeriveKey": 5,
	} {
		if n := len(s.fake.requests(kind)); n != want {
			t.Errorf("%s: %d frames, want %d", kind, n, want)
		}
	}
}

func gone(secret []byte) bool {
	return len(secret) > 0 && bytes.Equal(secret, make([]byte, len(secret)))
}

// Whatever becomes of an act: nothing of its PIN stays in the page's memory, neither in what the caller gave nor in the
// frame.
func TestPINsAreCleared(t *testing.T) {
	for name, prepare := range map[string]func(*scene){
		"done": func(*scene) {},
		"held": func(s *scene) { s.fake.answerWith("Sign", refused{code: bridgev2.ErrorCode_ERROR_CODE_HELD}) },
		"refused": func(s *scene) {
			s.fake.answerWith("Sign", refused{code: bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED})
		},
		"gone": func(s *scene) {
			s.fake.set(func() {
				for _, conn := range s.fake.conns {
					conn.Close()
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := watch(t)
			at := s.ready()
			socket := s.around.socket
			prepare(s)
			act := typing(at, "1234")
			message := act.Secret.message()
			_, err := s.bridge.Sign(t.Context(), act, []byte("x"))
			if (err == nil) != (name == "done") {
				t.Error(err)
			}
			if !gone(act.Secret.PIN) || !gone(message.GetPin()) {
				t.Errorf("the PIN stayed: %q, %q", act.Secret.PIN, message.GetPin())
			}
			socket.mu.Lock()
			defer socket.mu.Unlock()
			if len(socket.sent) == 0 {
				t.Error("no frame was sent")
			}
			for _, frame := range socket.sent {
				if !gone(frame) {
					t.Errorf("a frame stayed: %q", frame)
				}
			}
		})
	}
	t.Run("nobody watches", func(t *testing.T) {
		act := typing(Status{}, "1234")
		_, err := NewBridge(&around{}).Sign(t.Context(), act, nil)
		if !errors.Is(err, ErrBridgeGone) || !gone(act.Secret.PIN) {
			t.Errorf("%v, %q", err, act.Secret.PIN)
		}
	})
}

func TestFramesAreBounded(t *testing.T) {
	s := watch(t)
	at := s.ready()
	act := typing(at, "1234")
	_, err := s.bridge.Sign(t.Context(), act, make([]byte, maxRequest))
	if err == nil || errors.Is(err, ErrBridgeGone) || !gone(act.Secret.PIN) {
		t.Errorf("%v, %q", err, act.Secret.PIN)
	}
	// The next one goes.
	if _, err := s.bridge.Sign(t.Context(), typing(at, "1234"), make([]byte, maxRequest-500)); err != nil {
		t.Error(err)
	}
}

func TestWrongPINIsKnownAtOnce(t *testing.T) {
	s := watch(t)
	card := goodCard()
	card.pause = 60_000
	s.fake.lay(card, 1)
	at := s.until(Ready)
	for left := 2; left >= 1; left-- {
		before := time.Now()
		_, err := s.bridge.Sign(t.Context(), typing(at, "0000"), []byte("x"))
		var refusal *Refusal
		if !errors.Is(err, ErrWrongPIN) || !errors.As(err, &refusal) || refusal.Tries == nil ||
			refusal.Tries.Left != left {
			t.Fatalf("%d left: %v", left, err)
		}
		tries := s.bridge.Status().Contents.Tries(authPIN)
		if tries.Left != left || tries.Until.Before(before.Add(time.Minute)) || tries.LayAgain != (left == 1) {
			t.Errorf("%+v", tries)
		}
	}
	// The last try wants the card laid again; what was told before is not what is told now.
	s.until(LayAgain)
	if at.Contents.Tries(authPIN).Left != 3 {
		t.Errorf("an older status changed: %+v", at.Contents)
	}
	s.fake.lay(card, 2)
	if status := s.until(Ready); status.Contents.Tries(authPIN).Left != 1 || status.Insertion != 2 {
		t.Errorf("%+v", status)
	}
	_, err := s.bridge.Sign(t.Context(), typing(s.bridge.Status(), "0000"), []byte("x"))
	if !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	s.until(Locked)
}

// After the right PIN all tries are there again; after another page's turn they may be fewer.
func TestTriesAreAskedForAgain(t *testing.T) {
	s := watch(t)
	card := goodCard()
	card.left = 2
	s.fake.lay(card, 1)
	at := s.until(Ready)
	if _, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	left := func(n int) func() bool {
		return func() bool { return s.bridge.Status().Contents.Tries(authPIN).Left == n }
	}
	s.eventually("three tries", left(3))
	held := reader("R", present, 1)
	held.HolderOrigin = "https://other.example"
	s.fake.become(true, held)
	s.until(HeldCard)
	s.fake.set(func() { card.left = 1 })
	s.fake.become(true, reader("R", present, 1))
	s.eventually("one try", left(1))
	s.until(Ready)
}

// A chosen card that another program takes stays the chosen one.
func TestTheChosenCardStaysChosen(t *testing.T) {
	s := watch(t)
	s.fake.set(func() { s.fake.cards["A"], s.fake.cards["B"] = goodCard(), goodCard() })
	s.fake.become(true, reader("A", present, 1), reader("B", present, 2))
	s.until(SeveralCards)
	s.bridge.Choose(Place{"A", 1})
	s.until(Ready)
	s.fake.become(true, reader("A", busy, 1), reader("B", present, 2))
	if status := s.until(BusyCard); status.Place != (Place{"A", 1}) {
		t.Errorf("%+v", status)
	}
	s.fake.become(true, reader("A", present, 1), reader("B", present, 2))
	if status := s.until(Ready); status.Place != (Place{"A", 1}) {
		t.Errorf("%+v", status)
	}
}

// What the portal refused is not told as good until the card is lifted.
func TestARefusedCardIsNoneUntilItIsLifted(t *testing.T) {
	s := watch(t)
	at := s.ready()
	why := errors.New("revoked")
	s.bridge.Reject(at.Place, why)
	s.until(Rejected)
	held := reader("R", present, 1)
	held.HolderOrigin = "https://other.example"
	s.fake.become(true, held)
	s.until(HeldCard)
	s.fake.become(true, reader("R", present, 1))
	if status := s.until(Rejected); !errors.Is(status.Err, why) {
		t.Errorf("%+v", status)
	}
	s.fake.lay(goodCard(), 2)
	at = s.until(Ready)
	withdraw := s.bridge.Reject(at.Place, why)
	s.until(Rejected)
	withdraw()
	s.until(Ready)
	// The bridge counts anew when it was started again.
	s.bridge.Reject(at.Place, why)
	s.until(Rejected)
	s.fake.set(func() {
		for _, conn := range s.fake.conns {
			conn.Close()
		}
	})
	s.until(Ready)
}

func TestACertificateThatHasEnded(t *testing.T) {
	ends := time.Date(2026, 10, 1, 14, 59, 59, 0, time.UTC)
	der := certificatetest.Until(t, ends)
	var now atomic.Pointer[time.Time]
	fake := newFake(t)
	s := watchFrom(t, fake, &around{address: fake.address(), health: Alive}, func(b *Bridge) {
		b.now = func() time.Time { return *now.Load() }
	})
	for i, c := range []struct {
		now  time.Time
		left uint32
		want Phase
	}{{ends, 3, Ready}, {ends.Add(time.Second), 3, Expired}, {ends.Add(time.Second), 0, Expired}, {ends, 0, Locked}} {
		now.Store(&c.now)
		s.fake.lay(&fakeCard{kind: bridgev2.CardKind_CARD_KIND_MY_NUMBER, certificate: der, left: c.left}, uint64(i+1))
		s.eventually("the card's phase", func() bool {
			status := s.bridge.Status()
			return status.Phase == c.want && status.Insertion == uint64(i+1)
		})
	}
}

// On a phone nothing is looked for: a browser would ask the person to permit what cannot be.
func TestAPhoneLooksForNoBridge(t *testing.T) {
	fake := newFake(t)
	s := watchFrom(t, fake, &around{address: fake.address(), health: Alive, handheld: true})
	s.until(Handheld)
	s.bridge.mu.Lock()
	looks := s.bridge.stop != nil
	s.bridge.mu.Unlock()
	s.around.set(func() { looks = looks || s.around.knocks > 0 })
	if looks {
		t.Error("it looks for a bridge")
	}
}

// A browser that would ask the person does so only when something listens: before that nobody was asked.
func TestNobodyWasAskedForPermission(t *testing.T) {
	fake := newFake(t)
	alone := &around{address: fake.address(), health: Silent, permission: PermissionPrompt}
	s := watchFrom(t, fake, alone, func(b *Bridge) { b.promptNews = time.Hour })
	s.until(NotRunning)
	s.eventually("more knocks", func() bool {
		n := 0
		s.around.set(func() { n = s.around.knocks })
		return n > 5
	})
	if status := s.bridge.Status(); status.Phase != NotRunning || status.Permission != PermissionPrompt {
		t.Errorf("%+v", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.seen, AwaitingPermission) {
		t.Errorf("told: %v", s.seen)
	}
}

// Something listens, and the browser keeps its answer back until the person has answered.
func TestABrowserAsksForPermission(t *testing.T) {
	fake, asking := newFake(t), make(chan struct{})
	s := watchFrom(t, fake, &around{
		address: fake.address(), health: Alive, permission: PermissionPrompt, asking: asking,
	})
	s.until(AwaitingPermission)
	s.around.set(func() { s.around.permission = PermissionGranted })
	close(asking)
	if status := s.until(NoReader); status.Permission != PermissionGranted {
		t.Errorf("%+v", status)
	}
}

// Another page's turn of a moment is neither told nor an error.
func TestAnotherPagesShortTurnIsNoNews(t *testing.T) {
	s := watch(t)
	s.bridge.heldNews = time.Hour
	at := s.ready()
	held := reader("R", present, 1)
	held.HolderOrigin = "https://other.example"
	s.fake.become(true, held)
	s.fake.become(true, reader("R", present, 1))
	s.eventually("another look", func() bool { return len(s.fake.requests("Look")) == 2 })
	s.fake.become(true, reader("R", busy, 1))
	s.fake.become(true, reader("R", present, 1))
	s.eventually("a third look", func() bool { return len(s.fake.requests("Look")) == 3 })
	s.fake.answerWith("Sign", refused{code: bridgev2.ErrorCode_ERROR_CODE_HELD, times: heldTries - 1})
	if _, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("x")); err != nil {
		t.Error(err)
	}
	s.fake.answerWith("Sign", refused{code: bridgev2.ErrorCode_ERROR_CODE_HELD})
	var refusal *Refusal
	_, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("x"))
	if !errors.Is(err, ErrHeld) || !errors.As(err, &refusal) || refusal.HolderOrigin != "https://other.example" {
		t.Error(err)
	}
	if n := len(s.fake.requests("Sign")); n != 2*heldTries {
		t.Errorf("%d frames", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	after := s.seen[slices.Index(s.seen, Ready):]
	if slices.ContainsFunc(after, func(p Phase) bool { return p != Ready }) {
		t.Errorf("told: %v", s.seen)
	}
	if heldNews < 2*time.Second || (heldTries-1)*heldPause < 2*time.Second {
		t.Error("what lasts less than two seconds is told")
	}
}

func TestWhatTheBridgeRefuses(t *testing.T) {
	s := watch(t)
	at := s.ready()
	for code, want := range meanings() {
		s.fake.answerWith("Sign", refused{code: code})
		_, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("x"))
		var refusal *Refusal
		if !errors.Is(err, want) || !errors.As(err, &refusal) || refusal.Code != code || refusal.Detail != "as told" {
			t.Errorf("%s: %v", code, err)
		}
	}
	for number, name := range bridgev2.ErrorCode_name {
		code := bridgev2.ErrorCode(number)
		switch code {
		case bridgev2.ErrorCode_ERROR_CODE_UNSPECIFIED, bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME,
			bridgev2.ErrorCode_ERROR_CODE_INVALID, bridgev2.ErrorCode_ERROR_CODE_TOO_FAST,
			bridgev2.ErrorCode_ERROR_CODE_INTERNAL:
		default:
			if meanings()[code] == nil {
				t.Errorf("%s means nothing to the page", name)
			}
		}
	}
}

func TestSwappedCardIsNotUsed(t *testing.T) {
	s := watch(t)
	at := s.ready()
	s.fake.lay(goodCard(), 2)
	if _, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("x")); !errors.Is(err, ErrCardChanged) {
		t.Error(err)
	}
}

func TestCancelReachesTheBridge(t *testing.T) {
	s := watch(t)
	at := s.ready()
	s.fake.set(func() { s.fake.slow["Sign"] = make(chan struct{}) })
	ctx, cancel := context.WithCancel(t.Context())
	act := typing(at, "1234")
	act.Told = func(p *bridgev2.Progress) {
		if p.GetStep() == bridgev2.Progress_STEP_CARD {
			cancel()
		}
	}
	if _, err := s.bridge.Sign(ctx, act, []byte("x")); !errors.Is(err, context.Canceled) || !gone(act.Secret.PIN) {
		t.Errorf("%v, %q", err, act.Secret.PIN)
	}
	// The next act waits until the bridge is done with the one before.
	s.fake.set(func() { delete(s.fake.slow, "Sign") })
	if _, err := s.bridge.Sign(t.Context(), typing(at, "1234"), []byte("y")); err != nil {
		t.Error(err)
	}
	cancels := s.fake.requests("Cancel")
	if signs := s.fake.requests("Sign"); len(cancels) != 1 || cancels[0].GetCancel().GetRequest() != signs[0].GetId() {
		t.Errorf("%v after %v", cancels, signs)
	}
}

func TestOneRequestAtATime(t *testing.T) {
	s := watch(t)
	at := s.ready()
	first := make(chan struct{})
	s.fake.set(func() { s.fake.slow["VerifyAttributes"] = first })
	begun, done := make(chan struct{}), make(chan error, 1)
	act := typing(at, "1234")
	act.Told = func(*bridgev2.Progress) { close(begun) }
	go func() {
		_, err := s.bridge.VerifyAttributes(t.Context(), act)
		done <- err
	}()
	<-begun
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.bridge.Sign(short, typing(at, "1234"), []byte("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := len(s.fake.requests("Sign")); n != 0 {
		t.Errorf("%d frames before the turn came", n)
	}
	close(first)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBridgeGoneMidAct(t *testing.T) {
	s := watch(t)
	at := s.ready()
	slow := make(chan struct{})
	defer close(slow)
	s.fake.set(func() { s.fake.slow["Sign"] = slow })
	act := typing(at, "1234")
	act.Told = func(*bridgev2.Progress) {
		s.fake.set(func() {
			for _, conn := range s.fake.conns {
				conn.Close()
			}
		})
	}
	if _, err := s.bridge.Sign(t.Context(), act, []byte("x")); !errors.Is(err, ErrBridgeGone) {
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
		if got := strings.Join(parseAddresses(list), " "); got != want {
			t.Errorf("%q: %s", list, got)
		}
	}
}
