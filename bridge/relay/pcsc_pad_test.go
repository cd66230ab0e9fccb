//go:build linux && cgo && !nopcsc

package relay

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard/softcardtest"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// PINs typed on a reader's own keys, by PC/SC part 10 through the real pcscd and a driver that reads the structures by
// pcsc-lite's headers: typed right, wrong, cancelled, not at all; changed; and never told to the bridge.
func TestPINsTypedOnTheReaderThroughPCSCD(t *testing.T) {
	keypad := pcscdtest.StartKeypad(t)
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
	remove := keypad.InsertRaw(0, record.answer)
	p.until(func(r *bridgev2.Reader) bool { return r.GetPresence() == bridgev2.Presence_PRESENCE_CARD })

	// That it has keys is known when a card was looked at there.
	p.ask(lookFrame(h.place(0)))
	p.until(func(r *bridgev2.Reader) bool { return r.GetPinPad() && r.GetName() == pcscdtest.KeypadReader })
	at := h.place(0)
	tries := func() tries { return h.server.records.tries(at.GetReader(), at.GetInsertion(), 1) }

	// Digits that no date has, and nothing else on the card by chance.
	const wrong, fresh = "8697", "7396"
	keypad.Press("1234")
	checkSignature(t, p.ask(signFrame(at, onPad(), challenge(testOrigin))).GetSignature(), challenge(testOrigin))
	if n := len(p.steps); n < 2 || p.steps[n-1].GetStep() != bridgev2.Progress_STEP_PAD {
		t.Errorf("told of %v", p.steps)
	}
	for _, gone := range []string{pcscdtest.Cancel, pcscdtest.Nothing} {
		keypad.Press(gone)
		p.refused(signFrame(at, onPad(), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_DECLINED)
	}
	for _, form := range []string{"123", "12345"} {
		keypad.Press(form)
		p.refused(signFrame(at, onPad(), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	}
	if now := tries(); now.left != 3 || now.pause != 0 {
		t.Errorf("what did not go to the card counts as a wrong PIN: %+v", now)
	}
	keypad.Press(wrong)
	e := p.refused(signFrame(at, onPad(), challenge(testOrigin)), codeWrongPIN)
	if e.GetTries().GetLeft() != 2 || e.GetTries().GetPauseMs() == 0 {
		t.Errorf("after a wrong PIN: %v", e.GetTries())
	}
	p.refused(signFrame(at, onPad(), challenge(testOrigin)), codePause)
	clock.forward(time.Hour)
	keypad.Press("5678")
	if a := p.ask(attributesFrame(at, onPad())).GetAttributes(); a.GetName() != "山田 花子" {
		t.Errorf("%v", a)
	}

	// Changed on the keys: the old one once, the new one twice.
	change := changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, onPad(), "")
	keypad.Press("1234", fresh, wrong)
	p.refused(change, bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	keypad.Press("1234", fresh, pcscdtest.Cancel)
	p.refused(change, bridgev2.ErrorCode_ERROR_CODE_DECLINED)
	keypad.Press("1234")
	checkSignature(t, p.ask(signFrame(at, onPad(), challenge(testOrigin))).GetSignature(), challenge(testOrigin))
	shown := len(keypad.Shown())
	keypad.Press("1234", fresh, fresh)
	if p.ask(change).GetPinChanged() == nil {
		t.Error("not changed")
	}
	want := []string{
		"enter 4-4 digits, confirm 2, messages 1, language 0411, seconds 30",
		"enter the new PIN: 4-4 digits, confirm 2, messages 2, language 0411, seconds 30",
		"confirm the new PIN: 4-4 digits, confirm 2, messages 2, language 0411, seconds 30",
	}
	if got := keypad.Shown()[shown:]; !slices.Equal(got, want) {
		t.Errorf("the reader showed %q", got)
	}
	keypad.Press("1234")
	p.refused(signFrame(at, onPad(), challenge(testOrigin)), codeWrongPIN)
	clock.forward(time.Hour)
	keypad.Press(fresh)
	checkSignature(t, p.ask(signFrame(at, onPad(), challenge(testOrigin))).GetSignature(), challenge(testOrigin))
	if now := tries(); now.left != 3 {
		t.Errorf("after all: %+v", now)
	}

	// The PIN of the signing key has letters: the keys are not asked, nor the card.
	shown = len(keypad.Shown())
	p.refused(changeFrame(at, bridgev2.PINKind_PIN_KIND_SIGN, onPad(), ""),
		bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED)
	p.refused(documentsFrame(at, onPad(), 1), bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED)
	if n := len(keypad.Shown()); n != shown {
		t.Errorf("the reader asked for %d entries", n-shown)
	}

	// What was typed went from the reader to the card, as the whole data of VERIFY and CHANGE, and nowhere else.
	sent := map[byte]int{}
	for _, e := range record.all() {
		if find(string(e.command), []byte(fresh)) != "" {
			if !bytes.Equal(e.command[5:], []byte(fresh)) {
				t.Errorf("the card was sent %X", e.command)
			}
			sent[e.command[1]]++
		}
	}
	if sent[insChange] != 1 || sent[insVerify] != 1 || len(sent) != 2 {
		t.Errorf("the new PIN went to the card %v", sent)
	}
	for place, text := range map[string]string{"the page": string(p.heard), "the log": h.log.String()} {
		for _, pin := range []string{wrong, fresh} {
			if where := find(text, []byte(pin)); where != "" {
				t.Errorf("%s holds %s in %s", place, pin, where)
			}
		}
	}
	for _, c := range h.tap.since() {
		if len(c.Data) == 4 && (string(c.Data) == fresh || string(c.Data) == wrong) {
			t.Errorf("the bridge had a PIN in its hands: %X", c.Data)
		}
	}

	// The card is pulled out while somebody types.
	id := p.send(signFrame(at, onPad(), challenge(testOrigin)))
	for deadline := time.Now().Add(time.Minute); len(keypad.Shown()) == shown; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the reader asks for no PIN")
		}
	}
	remove()
	keypad.Press(fresh)
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
}
