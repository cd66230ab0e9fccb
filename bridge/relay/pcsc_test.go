//go:build linux && cgo && !nopcsc

package relay

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// The whole way of an act: WebSocket, relay, PC/SC, pcscd, vpcd, card.
func TestThroughPCSCD(t *testing.T) {
	daemon := pcscdtest.Start(t)
	source, err := reader.NewPCSC(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		source.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	clock := &clock{at: time.Now()}
	h := open(t, func(c *Config) { c.Source, c.CommandTimeout, c.Now = source, 3*time.Second, clock.now })
	p := h.connect(t)
	is := func(presence bridgev2.Presence) func(*bridgev2.Reader) bool {
		return func(r *bridgev2.Reader) bool {
			return r.GetPresence() == presence && !r.GetHeldByYou() && r.GetHolderOrigin() == "" && !r.GetPinPad()
		}
	}
	const empty, present = bridgev2.Presence_PRESENCE_EMPTY, bridgev2.Presence_PRESENCE_CARD
	p.until(is(empty))

	// A login, after a look: five commands and the question.
	remove := daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))
	p.until(is(present))
	if p.ask(lookFrame(h.place(0))).GetCard().GetKind() != bridgev2.CardKind_CARD_KIND_MY_NUMBER {
		t.Fatal("the card is not recognised")
	}
	h.tap.since()
	checkSignature(t, p.signIn("1234").GetSignature(), challenge(testOrigin))
	if commands := h.tap.since(); len(commands) != 6 || countOf(commands, isPIN) != 1 {
		t.Errorf("a login took %d commands and %d VERIFY", len(commands), countOf(commands, isPIN))
	}

	// Both keys, judged by openssl; 20 documents by one PIN.
	opensslTakes(t, p, 0, "ABC123")
	if n := len(p.ask(documentsFrame(h.place(0), secret("ABC123"), 20)).GetSignedDocuments().GetDocuments()); n != 20 {
		t.Errorf("%d documents", n)
	}

	// No PIN is verified any more after an act; another page is told who has the card while one is under way.
	if a := p.ask(attributesFrame(h.place(0), secret("5678"))).GetAttributes(); a.GetName() != "山田 花子" {
		t.Errorf("%v", a)
	}
	taken, err := source.Acquire(t.Context(), pcscdtest.Readers[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jpki.Attach(taken).ReadAttributes(t.Context()); err == nil {
		t.Error("the PIN of the act before is still verified")
	}
	taken.Release(t.Context())
	other := h.connectAs(t, "https://portal.example", "")
	underWay, goOn := h.tap.stopAtPIN()
	id := p.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	reached(t, underWay)
	other.until(func(r *bridgev2.Reader) bool { return r.GetHolderOrigin() == testOrigin })
	h.tap.do(nil)
	other.refused(attributesFrame(h.place(0), secret("5678")), bridgev2.ErrorCode_ERROR_CODE_HELD)
	close(goOn)
	if p.answer(id).GetSignature() == nil {
		t.Error("not signed")
	}

	// PINs: changed, wrong, the last try only after the card was laid again.
	if p.ask(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876")).GetPinChanged() == nil {
		t.Error("not changed")
	}
	for range 2 {
		wantError(t, p.signIn("1234"), codeWrongPIN)
		wantError(t, p.signIn("9876"), codePause)
		clock.forward(time.Hour)
	}
	wantError(t, p.signIn("9876"), codeLayAgain)

	// The card is pulled out, and another one is laid.
	before := h.place(0)
	remove()
	p.until(is(empty))
	p.refused(lookFrame(before), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
	stuck, told := stuckCard()
	remove = daemon.InsertRaw(0, stuck)
	p.until(is(present))
	p.refused(lookFrame(before), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)

	// A command that the card does not answer ends when the card is pulled out, and when its time is over.
	id = p.send(lookFrame(h.place(0)))
	reached(t, told)
	remove()
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
	p.until(is(empty))
	remove = daemon.InsertRaw(0, stuck)
	p.until(is(present))
	p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_TIMEOUT)
	remove()
	p.until(is(empty))

	// pcscd goes in the middle of an act, and comes back.
	defer daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))()
	p.until(is(present))
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if isPIN(c) {
			daemon.Stop()
		}
		return send(ctx)
	})
	wantError(t, p.signIn("1234"), bridgev2.ErrorCode_ERROR_CODE_SERVICE_DOWN)
	h.tap.do(nil)
	daemon.Restart()
	p.until(is(empty))
	defer daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))()
	p.until(is(present))
	checkSignature(t, p.signIn("1234").GetSignature(), challenge(testOrigin))
}

// What was typed goes to the card in VERIFY and CHANGE REFERENCE DATA, as their whole data, and in nothing else that
// pcscd sends it; the card gives it back in no answer, and the bridge to no page: whichever act it was typed for, right
// or wrong, and with an answer that is lost.
func TestPINsAreInVerifyAndChangeAlone(t *testing.T) {
	daemon := pcscdtest.Start(t)
	source, err := reader.NewPCSC(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		source.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	clock := &clock{at: time.Now()}
	h := open(t, func(c *Config) { c.Source, c.Now = source, clock.now })
	p := h.connect(t)
	record := &recorder{card: softcardtest.Card(t, "yamada-hanako")}
	daemon.InsertRaw(0, record.answer)
	p.until(func(r *bridgev2.Reader) bool { return r.GetPresence() == bridgev2.Presence_PRESENCE_CARD })

	// Digits that no date has, and nothing else on the card by chance.
	const auth, text, sign, wrong = "7396", "9781", "QZ7X9KV4", "8697"
	change := func(kind bridgev2.PINKind, old, fresh string) {
		t.Helper()
		if a := p.ask(changeFrame(h.place(0), kind, secret(old), fresh)); a.GetPinChanged() == nil {
			t.Fatalf("not changed: %v", a)
		}
	}
	p.ask(lookFrame(h.place(0)))
	change(bridgev2.PINKind_PIN_KIND_AUTH, "1234", auth)
	change(bridgev2.PINKind_PIN_KIND_TEXT, "5678", text)
	change(bridgev2.PINKind_PIN_KIND_SIGN, "ABC123", sign)
	wantError(t, p.signIn(wrong), codeWrongPIN)
	clock.forward(time.Hour)
	checkSignature(t, p.signIn(auth).GetSignature(), challenge(testOrigin))
	if a := p.ask(attributesFrame(h.place(0), secret(text))).GetAttributes(); a.GetName() != "山田 花子" {
		t.Errorf("%v", a)
	}
	if n := len(p.ask(documentsFrame(h.place(0), secret(sign), 2)).GetSignedDocuments().GetDocuments()); n != 2 {
		t.Errorf("%d documents", n)
	}
	if p.ask(keyFrame(h.place(0), secret(auth), []byte("salt of the person's vault"))).GetDerivedKey() == nil {
		t.Error("no key")
	}
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		answer, err := send(ctx)
		if c.INS == insChange {
			h.tap.do(nil)
			return nil, errors.New("the answer is lost")
		}
		return answer, err
	})
	change(bridgev2.PINKind_PIN_KIND_AUTH, auth, wrong)

	carried := map[string]map[byte]int{}
	for _, e := range record.all() {
		for _, pin := range []string{auth, text, sign, wrong} {
			if find(string(e.answer), []byte(pin)) != "" {
				t.Errorf("the card answers %X with %s", e.command[:4], pin)
			}
			if find(string(e.command), []byte(pin)) == "" {
				continue
			}
			c, err := apdu.ParseCommand(e.command)
			if err != nil || c.INS != insVerify && c.INS != insChange || string(c.Data) != pin {
				t.Errorf("%X holds %s: %v", e.command, pin, err)
			}
			if carried[pin] == nil {
				carried[pin] = map[byte]int{}
			}
			carried[pin][c.INS]++
		}
	}
	// Each is verified where it is asked for, set once, and proven after that.
	for pin, want := range map[string]map[byte]int{
		auth: {insChange: 1, insVerify: 4}, text: {insChange: 1, insVerify: 2}, sign: {insChange: 1, insVerify: 3},
		wrong: {insChange: 1, insVerify: 2},
	} {
		if !maps.Equal(carried[pin], want) {
			t.Errorf("%s went to the card %v times, want %v", pin, carried[pin], want)
		}
		if where := find(string(p.heard), []byte(pin)); where != "" {
			t.Errorf("the bridge told the page %s in %s", pin, where)
		}
	}
}

const (
	insVerify = 0x20
	insChange = 0x24
)

// recorder is a card behind vpcd, with all that was said to it and by it.
type recorder struct {
	card *softcard.Card
	mu   sync.Mutex
	said []exchange
}

type exchange struct{ command, answer []byte }

func (r *recorder) answer(message []byte) []byte {
	if len(message) != 1 {
		answer, err := r.card.Transmit(context.Background(), message)
		if err != nil {
			return nil
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.said = append(r.said, exchange{bytes.Clone(message), bytes.Clone(answer)})
		return answer
	}
	switch message[0] { // the control messages of vpcd
	case 0:
		r.card.PowerOff()
	case 1:
		r.card.PowerOn()
	case 2:
		r.card.Reset()
	case 4:
		return r.card.ATR()
	}
	return nil
}

func (r *recorder) all() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.said)
}

// stuckCard has an ATR and answers no command; each is told of.
func stuckCard() (answer pcscdtest.Answer, underWay chan struct{}) {
	underWay = make(chan struct{}, 10)
	return func(message []byte) []byte {
		if len(message) == 1 && message[0] == 4 {
			return []byte("\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14")
		}
		if len(message) > 1 {
			underWay <- struct{}{}
		}
		return nil
	}, underWay
}
