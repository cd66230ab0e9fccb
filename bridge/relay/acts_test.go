package relay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard/softcardtest"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

const (
	codeWrongPIN = bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN
	codePause    = bridgev2.ErrorCode_ERROR_CODE_PAUSE
	codeLayAgain = bridgev2.ErrorCode_ERROR_CODE_LAY_AGAIN
	codeLocked   = bridgev2.ErrorCode_ERROR_CODE_LOCKED
)

// clock is one that tests put forward.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func withClock(c *clock) func(*Config) {
	c.at = time.Now()
	return func(config *Config) { config.Now = c.now }
}

// A login: three frames of the page, five commands and the bridge's question for the tries, one VERIFY.
func TestLogin(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	card := p.ask(lookFrame(h.place(0))).GetCard()
	hanako := softcardtest.Person(t, "yamada-hanako")
	certificate := hanako.AuthCertificate(time.Now())
	if card.GetKind() != bridgev2.CardKind_CARD_KIND_MY_NUMBER ||
		!bytes.Equal(card.GetCertificate(), certificate.Raw) || len(card.GetTries()) != 3 ||
		card.GetTries()[0].GetLeft() != 3 || len(card.GetAuthCa()) == 0 || len(card.GetSignCa()) == 0 ||
		card.GetPlace().GetInsertion() != 1 {
		t.Errorf("looked at: %v", card)
	}
	h.tap.since()
	signature := p.signIn("1234").GetSignature()
	checkSignature(t, signature, challenge(testOrigin))
	if !bytes.Equal(signature.GetCertificate(), certificate.Raw) {
		t.Error("another certificate")
	}
	commands := h.tap.since()
	if len(commands) != 6 || countOf(commands, isPIN) != 1 || countOf(commands, isQuestion) != 1 {
		t.Errorf("%d commands, %d VERIFY, %d questions; want 6, 1, 1", len(commands), countOf(commands, isPIN),
			countOf(commands, isQuestion))
	}
	if p.frames != 3 {
		t.Errorf("%d frames", p.frames)
	}
	if len(p.steps) != 1 || p.steps[0].GetStep() != bridgev2.Progress_STEP_CARD || p.steps[0].GetRequest() != 3 {
		t.Errorf("told of %v", p.steps)
	}
	if !strings.Contains(h.log.String(), "name=VERIFY") || !strings.Contains(h.log.String(), "status=9000") {
		t.Errorf("the log does not say what happened:\n%s", h.log)
	}
}

func checkSignature(t testing.TB, s *bridgev2.Signature, text []byte) {
	t.Helper()
	certificate, err := x509.ParseCertificate(s.GetCertificate())
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(text)
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:],
		s.GetSignature()); err != nil {
		t.Error(err)
	}
}

// The card is looked at once an insertion, for all pages; a page that asks at once for an act gets it too.
func TestLooksOnceAnInsertion(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p, other := h.connect(t), h.connectAs(t, "https://portal.example", "")
	if p.signIn("1234").GetSignature() == nil {
		t.Fatal("no signature without a look")
	}
	if n := len(h.tap.since()); n < 10 {
		t.Errorf("%d commands", n)
	}
	for _, p := range []*page{p, other} {
		if p.ask(lookFrame(h.place(0))).GetCard().GetKind() != bridgev2.CardKind_CARD_KIND_MY_NUMBER {
			t.Error("not looked at")
		}
	}
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("looked again with %d commands", n)
	}
	before := h.place(0)
	if err := h.readers.Take(0); err != nil {
		t.Fatal(err)
	}
	p.refused(lookFrame(before), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, known := h.server.records.looked(before.GetReader(), before.GetInsertion()); !known {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the certificate of a card that is gone is remembered")
		}
	}
	lay(t, h, 0, "yamada-taro")
	p.refused(lookFrame(before), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)
	taro := softcardtest.Person(t, "yamada-taro")
	if !bytes.Equal(p.ask(lookFrame(h.place(0))).GetCard().GetCertificate(), taro.AuthCertificate(time.Now()).Raw) {
		t.Error("the card before is shown")
	}
}

func TestKindsOfCards(t *testing.T) {
	h := open(t, nil)
	p := h.connect(t)
	for person, want := range map[string]struct {
		kind bridgev2.CardKind
		sign bridgev2.ErrorCode
	}{
		"old-juki":        {bridgev2.CardKind_CARD_KIND_OLD_RESIDENT, bridgev2.ErrorCode_ERROR_CODE_OLD_CARD},
		"transit":         {bridgev2.CardKind_CARD_KIND_OTHER, bridgev2.ErrorCode_ERROR_CODE_NOT_MY_NUMBER_CARD},
		"nakamura-nocert": {bridgev2.CardKind_CARD_KIND_MY_NUMBER, bridgev2.ErrorCode_ERROR_CODE_NO_CERTIFICATE},
		"sato-locked":     {bridgev2.CardKind_CARD_KIND_MY_NUMBER, codeLocked},
	} {
		lay(t, h, 0, person)
		if kind := p.ask(lookFrame(h.place(0))).GetCard().GetKind(); kind != want.kind {
			t.Errorf("%s is %s", person, kind)
		}
		wantError(t, p.signIn("1234"), want.sign)
		if n := countOf(h.tap.since(), isPIN); n != 0 {
			t.Errorf("%s: %d PINs were given", person, n)
		}
	}
	lay(t, h, 0, "upside-down")
	p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_MUTE)
	// A child's card has no signing certificate, and its PIN was never set.
	lay(t, h, 0, "yamada-sakura")
	p.refused(documentsFrame(h.place(0), secret("ABC123"), 1), codeLocked)
}

func TestSignsChallengesOfThePagesOriginAlone(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	a, b := h.connect(t), h.connectAs(t, "https://portal.example", "")
	at := h.place(0)
	for name, c := range map[string]struct {
		p    *page
		text []byte
		want bridgev2.ErrorCode
	}{
		"a challenge for B on A's page": {
			a, challenge("https://portal.example"), bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN,
		},
		"a challenge for A on B's page": {b, challenge(testOrigin), bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN},
		"a digest":                      {a, make([]byte, 32), bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE},
		"nothing":                       {a, nil, bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE},
		"a vault's text": {
			a, []byte("madoguchi-vault-v1\n" + testOrigin + "\nAAAAAAAAAAAAAAAAAAAAAA\n"),
			bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE,
		},
		"a challenge and more": {
			a, append(challenge(testOrigin), 'x'), bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE,
		},
	} {
		e := c.p.refused(signFrame(at, secret("1234"), c.text), c.want)
		if strings.Contains(e.GetDetail(), "origin: ") {
			t.Errorf("%s: %v", name, e)
		}
	}
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands went to the card", n)
	}
	checkSignature(t, b.signIn("1234").GetSignature(), challenge("https://portal.example"))
}

func TestFieldsAreChecked(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	at := h.place(0)
	const invalid, form = bridgev2.ErrorCode_ERROR_CODE_INVALID, bridgev2.ErrorCode_ERROR_CODE_PIN_FORM
	documents := func(change func(*bridgev2.SignDocument)) *bridgev2.Request {
		r := documentsFrame(at, secret("ABC123"), 2)
		change(r.GetSignDocument())
		return r
	}
	title := func(s string) *bridgev2.Request {
		return documents(func(d *bridgev2.SignDocument) { d.Documents[1].Title = s })
	}
	for name, c := range map[string]struct {
		r    *bridgev2.Request
		want bridgev2.ErrorCode
	}{
		"no place": {signFrame(nil, secret("1234"), challenge(testOrigin)), invalid},
		"no reader of that name": {
			lookFrame(&bridgev2.Place{Reader: "x", Insertion: 1}), bridgev2.ErrorCode_ERROR_CODE_NO_READER,
		},
		"a long name": {
			lookFrame(&bridgev2.Place{Reader: strings.Repeat("x", 300), Insertion: 1}), invalid,
		},
		"an insertion to come": {
			lookFrame(&bridgev2.Place{Reader: at.GetReader(), Insertion: 2}),
			bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED,
		},
		"an empty reader": {lookFrame(h.place(1)), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED},
		"no secret":       {signFrame(at, nil, challenge(testOrigin)), invalid},
		"an empty secret": {signFrame(at, &bridgev2.Secret{}, challenge(testOrigin)), invalid},
		"pad that is not": {
			signFrame(at, &bridgev2.Secret{How: &bridgev2.Secret_Pad{}}, challenge(testOrigin)), form,
		},
		"no PIN":         {signFrame(at, secret(""), challenge(testOrigin)), form},
		"three digits":   {signFrame(at, secret("123"), challenge(testOrigin)), form},
		"a letter":       {attributesFrame(at, secret("12A4")), form},
		"a small letter": {documentsFrame(at, secret("abc123"), 1), form},
		"no keys on the reader": {
			signFrame(at, onPad(), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED,
		},
		"letters on keys":      {documentsFrame(at, onPad(), 1), bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED},
		"no kind":              {changeFrame(at, 0, secret("1234"), "9876"), invalid},
		"a kind that is none":  {changeFrame(at, 9, secret("1234"), "9876"), invalid},
		"a new PIN too short":  {changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "987"), form},
		"no new PIN":           {changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), ""), form},
		"a short salt":         {keyFrame(at, secret("1234"), make([]byte, 15)), invalid},
		"a long salt":          {keyFrame(at, secret("1234"), make([]byte, 65)), invalid},
		"no documents":         {documentsFrame(at, secret("ABC123"), 0), invalid},
		"too many documents":   {documentsFrame(at, secret("ABC123"), 21), invalid},
		"no title":             {title(""), invalid},
		"a title of two lines": {title("a\nb"), invalid},
		"a long title":         {title(strings.Repeat("題", 61)), invalid},
		"a title that turns":   {title("申請\u202Egpj.exe"), invalid},
		"a title with nothing": {title("\u3164"), invalid},
		"no media type": {
			documents(func(d *bridgev2.SignDocument) { d.Documents[0].MediaType = "" }), invalid,
		},
		"media type with markup": {
			documents(func(d *bridgev2.SignDocument) { d.Documents[0].MediaType = "text/<b>" }), invalid,
		},
		"a long media type": {
			documents(func(d *bridgev2.SignDocument) { d.Documents[0].MediaType = "text/" + strings.Repeat("a", 96) }),
			invalid,
		},
		"an impossible size": {
			documents(func(d *bridgev2.SignDocument) { d.Documents[0].Size = 1 << 60 }), invalid,
		},
		"a digest of 20 bytes": {
			documents(func(d *bridgev2.SignDocument) { d.Documents[1].Digest = make([]byte, 20) }), invalid,
		},
		"no birth date": {
			documents(func(d *bridgev2.SignDocument) { d.Expect = &bridgev2.Expect{BirthDate: "1990-04-15"} }), invalid,
		},
		"an expectation too long": {
			documents(func(d *bridgev2.SignDocument) { d.Expect = &bridgev2.Expect{Name: strings.Repeat("x", 1025)} }),
			invalid,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.refused(c.r, c.want)
		})
	}
	if n := countOf(h.tap.since(), isPIN); n != 0 {
		t.Errorf("%d PINs were given", n)
	}
}

func TestDocuments(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	h.tap.since()
	signed := p.ask(documentsFrame(h.place(0), secret("ABC123"), 20)).GetSignedDocuments()
	if len(signed.GetDocuments()) != 20 || len(p.steps) != 21 || p.steps[20].GetDone() != 20 {
		t.Fatalf("%d signed, told of %v", len(signed.GetDocuments()), p.steps)
	}
	commands := h.tap.since()
	if pins, questions := countOf(commands, isPIN), countOf(commands, isQuestion); pins != 20 || questions != 20 {
		t.Errorf("%d PINs and %d questions for 20 documents", pins, questions)
	}
	for _, d := range signed.GetDocuments() {
		checkSignature(t, &bridgev2.Signature{Signature: d.GetSignature(), Certificate: signed.GetCertificate()},
			d.GetSignedAttributes())
		if !bytes.Contains(d.GetSignedAttributes(), []byte(testOrigin)) {
			t.Error("the attributes do not name the page's origin")
		}
	}
	expecting := documentsFrame(h.place(0), secret("ABC123"), 1)
	expecting.GetSignDocument().Expect = &bridgev2.Expect{Name: "山田 太郎", BirthDate: "19900415"}
	p.refused(expecting, bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON)
	if n := countOf(h.tap.since(), func(c apdu.Command) bool { return c.INS == 0x2A }); n != 0 {
		t.Error("somebody else's documents were signed")
	}
	expecting.GetSignDocument().Expect.Name = "山田　花子"
	if p.ask(expecting).GetSignedDocuments() == nil {
		t.Error("the expected person's were not")
	}
}

// The largest frames: twenty documents with the longest titles and types, from the longest origin.
func TestLargestFrames(t *testing.T) {
	origin := "https://" + strings.Repeat("a", maxOrigin-8)
	h := open(t, func(c *Config) { c.Origins = append(c.Origins, origin) })
	lay(t, h, 0, "yamada-hanako")
	p := h.connectAs(t, origin, strings.Repeat("目", 60))
	r := documentsFrame(h.place(0), secret("ABC123"), 20)
	for _, d := range r.GetSignDocument().GetDocuments() {
		d.Title, d.MediaType, d.Size = strings.Repeat("題", 60), "application/"+strings.Repeat("a", 88), maxSize
	}
	if n := len(p.ask(r).GetSignedDocuments().GetDocuments()); n != 20 {
		t.Errorf("%d signed", n)
	}
}

func TestAttributesAndKey(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p, other := h.connect(t), h.connectAs(t, "https://portal.example", "")
	a := p.ask(attributesFrame(h.place(0), secret("5678"))).GetAttributes()
	if a.GetName() != "山田 花子" || a.GetBirthDate() != "19900415" || a.GetSex() != "2" || a.GetAddress() == "" {
		t.Errorf("%v", a)
	}
	salt := bytes.Repeat([]byte{7}, 32)
	key := func(p *page) string {
		t.Helper()
		k := p.ask(keyFrame(h.place(0), secret("1234"), salt)).GetDerivedKey().GetKey()
		if len(k) != 32 {
			t.Fatalf("%d bytes", len(k))
		}
		return string(k)
	}
	h.tap.since()
	first := key(p)
	if commands := h.tap.since(); countOf(commands, isPIN) != 1 || len(commands) != 6 {
		t.Errorf("%d commands", len(commands))
	}
	if key(p) != first {
		t.Error("another key the second time")
	}
	if key(other) == first {
		t.Error("another origin gets the same key")
	}
}

func TestChangePIN(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	if p.ask(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876")).GetPinChanged() == nil {
		t.Fatal("not changed")
	}
	wantError(t, p.signIn("1234"), codeWrongPIN)
	h2 := h.connect(t)
	e := wantError(t, h2.ask(signFrame(h.place(0), secret("9876"), challenge(testOrigin))), codePause)
	if e.GetTries().GetKind() != bridgev2.PINKind_PIN_KIND_AUTH || e.GetTries().GetPauseMs() == 0 {
		t.Errorf("%v", e)
	}
	if p.ask(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_TEXT, secret("5678"), "1111")).GetPinChanged() == nil {
		t.Error("the pause of another PIN holds this one up")
	}
}

// A change whose answer is lost is found out by the new PIN, with the card powered anew; the guess is not counted as
// the person's.
func TestChangeFoundOut(t *testing.T) {
	for _, done := range []bool{true, false} {
		t.Run(fmt.Sprintf("done %t", done), func(t *testing.T) {
			h := open(t, func(c *Config) { c.CommandTimeout = 200 * time.Millisecond })
			lay(t, h, 0, "yamada-hanako")
			p := h.connect(t)
			p.ask(lookFrame(h.place(0)))
			h.tap.since()
			h.tap.do(func(
				ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error),
			) ([]byte, error) {
				if c.INS != 0x24 {
					return send(ctx)
				}
				if done {
					if _, err := send(ctx); err != nil {
						return nil, err
					}
				}
				<-ctx.Done()
				return nil, ctx.Err()
			})
			r := p.ask(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876"))
			if n := countOf(h.tap.since(), isPIN); n != 2 {
				t.Errorf("%d PINs, want the old one and one guess", n)
			}
			if done {
				if r.GetPinChanged() == nil {
					t.Fatalf("%v", r)
				}
			} else {
				wantError(t, r, bridgev2.ErrorCode_ERROR_CODE_TIMEOUT)
			}
			got := h.server.records.tries(h.place(0).GetReader(), 1, pinKinds[bridgev2.PINKind_PIN_KIND_AUTH])
			if got.pause != 0 {
				t.Errorf("the guess is counted as the person's: %+v", got)
			}
			want := map[bool]string{true: "9876", false: "1234"}[done]
			if p.signIn(want).GetSignature() == nil {
				t.Errorf("the PIN is not %s", want)
			}
		})
	}
	t.Run("pulled out", func(t *testing.T) {
		h := open(t, nil)
		lay(t, h, 0, "yamada-hanako")
		p := h.connect(t)
		h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
			if c.INS == 0x24 {
				if err := h.readers.Take(0); err != nil {
					return nil, err
				}
			}
			return send(ctx)
		})
		e := p.refused(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876"),
			bridgev2.ErrorCode_ERROR_CODE_CHANGE_UNKNOWN)
		if e.GetTries().GetKind() != bridgev2.PINKind_PIN_KIND_AUTH {
			t.Errorf("%v", e)
		}
	})
}

func TestPausesGrowAndBelongToTheCard(t *testing.T) {
	clock := &clock{}
	h := open(t, withClock(clock))
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	wrongSigning := func(p *page) *bridgev2.Reply { return p.ask(documentsFrame(h.place(0), secret("WRONG1"), 1)) }
	for i, pause := range []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second} {
		e := wantError(t, wrongSigning(p), codeWrongPIN)
		left, ms := e.GetTries().GetLeft(), time.Duration(e.GetTries().GetPauseMs())*time.Millisecond
		if left != uint32(4-i) || ms != pause {
			t.Errorf("wrong for the %d. time: %d left, pause %s, want %s", i+1, left, ms, pause)
		}
		h.tap.since()
		clock.forward(pause - time.Millisecond)
		// Another page of another origin, connected anew, waits as well, with the right PIN too; and no try is spent.
		other := h.connectAs(t, "https://portal.example", "")
		e = other.refused(documentsFrame(h.place(0), secret("ABC123"), 1), codePause)
		if e.GetTries().GetPauseMs() != 1 || e.GetTries().GetLeft() != uint32(4-i) {
			t.Errorf("%v", e)
		}
		if n := len(h.tap.since()); n != 0 {
			t.Errorf("%d commands in the pause", n)
		}
		clock.forward(time.Millisecond)
	}
	// A right one ends it.
	if p.ask(documentsFrame(h.place(0), secret("ABC123"), 1)).GetSignedDocuments() == nil {
		t.Fatal("the right PIN after the pause")
	}
	e := wantError(t, wrongSigning(p), codeWrongPIN)
	if e.GetTries().GetLeft() != 4 || e.GetTries().GetPauseMs() != 2000 {
		t.Errorf("after a right one: %v", e)
	}
	// A card laid anew begins anew.
	lay(t, h, 0, "yamada-hanako")
	if r := wrongSigning(p); r.GetError().GetCode() != codeWrongPIN {
		t.Errorf("%v", r)
	}
}

func TestLastTryWantsTheCardLaidAgain(t *testing.T) {
	clock := &clock{}
	h := openKeeping(t, withClock(clock))
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	for range 2 {
		wantError(t, p.signIn("9999"), codeWrongPIN)
		clock.forward(time.Hour)
	}
	h.tap.since()
	for _, pin := range []string{"9999", "1234"} {
		other := h.connectAs(t, "https://portal.example", "")
		e := wantError(t, other.signIn(pin), codeLayAgain)
		if e.GetTries().GetLeft() != 1 || !e.GetTries().GetLayAgain() {
			t.Errorf("%v", e)
		}
	}
	p.refused(changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876"), codeLayAgain)
	p.refused(keyFrame(h.place(0), secret("1234"), make([]byte, 16)), codeLayAgain)
	if n := countOf(h.tap.since(), isPIN); n != 0 {
		t.Errorf("%d PINs were given at the last try", n)
	}
	tries := p.ask(lookFrame(h.place(0))).GetCard().GetTries()[0]
	if tries.GetLeft() != 1 || !tries.GetLayAgain() {
		t.Errorf("looked at: %v", tries)
	}
	if p.ask(attributesFrame(h.place(0), secret("5678"))).GetAttributes() == nil {
		t.Error("another PIN has its own tries")
	}
	if err := h.readers.Take(0); err != nil {
		t.Fatal(err)
	}
	lay(t, h, 0, "yamada-hanako")
	if tries := p.ask(lookFrame(h.place(0))).GetCard().GetTries()[0]; tries.GetLeft() != 1 || tries.GetLayAgain() {
		t.Errorf("laid again: %v", tries)
	}
	if p.signIn("1234").GetSignature() == nil {
		t.Error("the last try after the card was laid again")
	}
}

// openKeeping is open with cards that remember their tries.
func openKeeping(t testing.TB, change func(*Config)) *house {
	t.Helper()
	return openIn(t, t.TempDir(), change)
}

// Many pages of two origins, at once, with wrong PINs and no pause to hold them up: the last try is never taken.
func TestRaceForTheLastTry(t *testing.T) {
	h := openKeeping(t, func(c *Config) {
		c.Pauses, c.HoldPatience = []time.Duration{time.Nanosecond}, 5*time.Second
	})
	lay(t, h, 0, "yamada-hanako")
	var pages []*page
	for i := range 8 {
		pages = append(pages, h.connectAs(t, []string{testOrigin, "https://portal.example"}[i%2], ""))
	}
	codes := make(chan bridgev2.ErrorCode, len(pages)*3)
	var all sync.WaitGroup
	for _, p := range pages {
		all.Go(func() {
			for range 3 {
				codes <- p.signIn("9999").GetError().GetCode()
			}
		})
	}
	all.Wait()
	close(codes)
	counts := map[bridgev2.ErrorCode]int{}
	for c := range codes {
		counts[c]++
	}
	if counts[codeWrongPIN] != 2 || counts[codeLayAgain] != 22 {
		t.Errorf("%v", counts)
	}
	if n := countOf(h.tap.since(), isPIN); n != 2 {
		t.Errorf("%d PINs reached the card", n)
	}
}

// Two pages at once: whether the second is heard while the first one's wrong PIN is on its way or after it, it waits
// for the pause.
func TestRaceIntoAPause(t *testing.T) {
	h := open(t, func(c *Config) { c.HoldPatience = 10 * time.Second })
	lay(t, h, 0, "yamada-hanako")
	first, second := h.connect(t), h.connectAs(t, "https://portal.example", "")
	first.ask(lookFrame(h.place(0)))
	h.tap.since()
	underWay, goOn := h.tap.stopAtPIN()
	a := first.send(signFrame(h.place(0), secret("9999"), challenge(testOrigin)))
	reached(t, underWay)
	b := second.send(signFrame(h.place(0), secret("9999"), challenge("https://portal.example")))
	close(goOn)
	wantError(t, first.answer(a), codeWrongPIN)
	wantError(t, second.answer(b), codePause)
	if n := countOf(h.tap.since(), isPIN); n != 1 {
		t.Errorf("%d PINs reached the card", n)
	}
}

// Who lets go before the answer comes has spent the try all the same: the pause holds.
func TestGivingUpHidesNoWrongPIN(t *testing.T) {
	for name, giveUp := range map[string]func(p *page, id uint32){
		"cancelled": func(p *page, id uint32) { p.send(cancelFrame(id)) },
		"left":      func(p *page, _ uint32) { p.socket.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			lay(t, h, 0, "yamada-hanako")
			p := h.connect(t)
			p.ask(lookFrame(h.place(0)))
			underWay, goOn := make(chan struct{}), make(chan struct{})
			h.tap.do(func(
				ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error),
			) ([]byte, error) {
				if isPIN(c) {
					close(underWay)
					<-goOn
				}
				return send(ctx)
			})
			id := p.send(signFrame(h.place(0), secret("9999"), challenge(testOrigin)))
			reached(t, underWay)
			giveUp(p, id)
			h.tap.do(nil)
			close(goOn)
			other := h.connect(t)
			other.until(func(r *bridgev2.Reader) bool { return r.GetHolderOrigin() == "" })
			e := wantError(t, other.signIn("1234"), codePause)
			if e.GetTries().GetLeft() != 2 {
				t.Errorf("%v", e)
			}
		})
	}
}

// Who lets go while a right PIN is under way has spent nothing: the answer is waited for.
func TestGivingUpSpendsNoRightPIN(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	underWay, goOn := h.tap.stopAtPIN()
	id := p.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	reached(t, underWay)
	p.send(cancelFrame(id))
	p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_TOO_FAST) // by now it has been cancelled
	h.tap.do(nil)
	close(goOn)
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CANCELLED)
	if p.signIn("1234").GetSignature() == nil {
		t.Error("a right PIN counts as a wrong one")
	}
}

// An answer that never comes counts as a wrong PIN.
func TestLostAnswerOfVerifyCounts(t *testing.T) {
	h := open(t, func(c *Config) { c.CommandTimeout = 100 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if isPIN(c) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return send(ctx)
	})
	wantError(t, p.signIn("1234"), bridgev2.ErrorCode_ERROR_CODE_TIMEOUT)
	h.tap.do(nil)
	wantError(t, p.signIn("1234"), codePause)
}

func TestOnePageAtATime(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	lay(t, h, 1, "yamada-taro")
	first, second := h.connect(t), h.connectAs(t, "https://portal.example", "申請")
	first.ask(lookFrame(h.place(0)))
	underWay, goOn := h.tap.stopAtPIN()
	id := first.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	reached(t, underWay)
	second.until(func(r *bridgev2.Reader) bool {
		return r.GetHolderOrigin() == testOrigin && r.GetHolderPurpose() == "ログイン" && !r.GetHeldByYou()
	})
	h.tap.do(nil)
	e := second.refused(attributesFrame(h.place(0), secret("5678")), bridgev2.ErrorCode_ERROR_CODE_HELD)
	if e.GetHolderOrigin() != testOrigin || e.GetHolderPurpose() != "ログイン" {
		t.Errorf("the holder is told as %v", e)
	}
	if second.ask(lookFrame(h.place(0))).GetCard() == nil {
		t.Error("what is known already is not told while another page works")
	}
	if second.ask(signFrame(h.place(1), secret("1234"), challenge("https://portal.example"))).GetSignature() == nil {
		t.Error("the other reader is free")
	}
	close(goOn)
	if first.answer(id).GetSignature() == nil {
		t.Error("the first page's act")
	}
	first.until(func(r *bridgev2.Reader) bool { return r.GetHeldByYou() })
	second.until(func(r *bridgev2.Reader) bool { return r.GetHolderOrigin() == "" })
	if second.ask(attributesFrame(h.place(0), secret("5678"))).GetAttributes() == nil {
		t.Error("the card is not free again")
	}
}

// stopAtPIN stops the next VERIFY until goOn is closed.
func (t *tap) stopAtPIN() (underWay, goOn chan struct{}) {
	underWay, goOn = make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(underWay) })
	t.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if isPIN(c) {
			once()
			<-goOn
		}
		return send(ctx)
	})
	return underWay, goOn
}

// Another page's short turn is no error.
func TestWaitsForAnotherPagesTurn(t *testing.T) {
	h := open(t, func(c *Config) { c.HoldPatience = 10 * time.Second })
	lay(t, h, 0, "yamada-hanako")
	first, second := h.connect(t), h.connect(t)
	first.ask(lookFrame(h.place(0)))
	underWay, goOn := h.tap.stopAtPIN()
	a := first.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	reached(t, underWay)
	b := second.send(attributesFrame(h.place(0), secret("5678")))
	close(goOn)
	if first.answer(a).GetSignature() == nil || second.answer(b).GetAttributes() == nil {
		t.Error("one of the two was refused")
	}
	// Giving up the wait.
	underWay, goOn = h.tap.stopAtPIN()
	a = first.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	reached(t, underWay)
	b = second.send(attributesFrame(h.place(0), secret("5678")))
	second.send(cancelFrame(b))
	wantError(t, second.answer(b), bridgev2.ErrorCode_ERROR_CODE_CANCELLED)
	close(goOn)
	first.answer(a)
}

// Whatever becomes of an act, the card is without power afterwards.
func TestPoweredDownAfterEachAct(t *testing.T) {
	h := open(t, func(c *Config) { c.CommandTimeout = 200 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	acts := 1
	check := func(what string) {
		t.Helper()
		h.tap.mu.Lock()
		released := h.tap.released
		h.tap.mu.Unlock()
		if released != acts {
			t.Errorf("%s: released %d times, want %d", what, released, acts)
		}
		card, err := h.readers.Acquire(t.Context(), h.place(0).GetReader())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		defer card.Release(t.Context())
		for _, c := range []string{selectText, "00A4020C020002"} {
			if _, err := card.Transmit(t.Context(), unhex(t, c)); err != nil {
				t.Fatal(err)
			}
		}
		if answer, err := card.Transmit(t.Context(), unhex(t, "00B0000004")); err != nil ||
			!bytes.Equal(answer, unhex(t, "6982")) {
			t.Errorf("%s: the PIN is still verified: %X, %v", what, answer, err)
		}
	}
	if p.ask(attributesFrame(h.place(0), secret("5678"))).GetAttributes() == nil {
		t.Fatal("no attributes")
	}
	acts++
	check("an act")
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if c.INS == 0xB0 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return send(ctx)
	})
	p.refused(attributesFrame(h.place(0), secret("5678")), bridgev2.ErrorCode_ERROR_CODE_TIMEOUT)
	acts++
	check("a card that stops after the PIN")
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if c.INS == 0xB0 {
			return []byte{1}, nil
		}
		return send(ctx)
	})
	p.refused(attributesFrame(h.place(0), secret("5678")), bridgev2.ErrorCode_ERROR_CODE_MALFORMED)
	acts++
	check("a card that talks nonsense after the PIN")
	reading := make(chan struct{})
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		if c.INS == 0xB0 {
			close(reading)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return send(ctx)
	})
	p.send(attributesFrame(h.place(0), secret("5678")))
	reached(t, reading)
	p.socket.Close()
	h.connect(t).until(func(r *bridgev2.Reader) bool { return r.GetHolderOrigin() == "" })
	acts++
	check("a page that left in the middle")
}

// A card swapped for another within a moment is not touched, whichever moment it was.
func TestSwappedCards(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	before := h.place(0)
	h.tap.since()
	lay(t, h, 0, "suzuki-umeko")
	p.refused(signFrame(before, secret("1234"), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands went to the other card", n)
	}
	// Between the look at what lies there and the taking.
	lay(t, h, 0, "yamada-hanako")
	h.tap.mu.Lock()
	h.tap.before = func() { lay(t, h, 0, "suzuki-umeko") }
	h.tap.mu.Unlock()
	wantError(t, p.signIn("1234"), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)
	h.tap.mu.Lock()
	h.tap.before = nil
	h.tap.mu.Unlock()
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands went to the card that was laid in between", n)
	}
	for _, instruction := range []byte{0xA4, 0x20, 0x2A} {
		lay(t, h, 0, "yamada-hanako")
		p.ask(lookFrame(h.place(0)))
		h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
			if c.INS == instruction {
				h.tap.do(nil)
				if err := h.readers.Lay(0, "suzuki-umeko"); err != nil {
					return nil, err
				}
			}
			return send(ctx)
		})
		wantError(t, p.signIn("1234"), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)
		if tries := p.ask(lookFrame(h.place(0))).GetCard().GetTries()[0].GetLeft(); tries != 3 {
			t.Errorf("the other card has %d tries", tries)
		}
	}
}

// A reader that does not tell of a swap: what is signed by another card's key does not leave the bridge.
func TestSignatureOfAnotherCard(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	other := softcardtest.Card(t, "yamada-taro")
	h.tap.do(func(ctx context.Context, c apdu.Command, _ func(context.Context) ([]byte, error)) ([]byte, error) {
		b, err := c.Bytes()
		if err != nil {
			return nil, err
		}
		return other.Transmit(ctx, b)
	})
	wantError(t, p.signIn("1234"), bridgev2.ErrorCode_ERROR_CODE_MALFORMED)
}

func TestRemovedAndUnplugged(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	at := h.place(0)
	if err := h.readers.Take(0); err != nil {
		t.Fatal(err)
	}
	p.until(func(r *bridgev2.Reader) bool { return r.GetPresence() == bridgev2.Presence_PRESENCE_EMPTY })
	p.refused(signFrame(at, secret("1234"), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
	lay(t, h, 0, "yamada-hanako")
	for _, c := range []struct {
		do   func() error
		want bridgev2.ErrorCode
	}{
		{func() error { return h.readers.Take(0) }, bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED},
		{func() error { return h.readers.Plug(0, false) }, bridgev2.ErrorCode_ERROR_CODE_READER_GONE},
	} {
		if err := errors.Join(h.readers.Plug(0, true), h.readers.Lay(0, "yamada-hanako")); err != nil {
			t.Fatal(err)
		}
		h.tap.do(func(
			ctx context.Context, cmd apdu.Command, send func(context.Context) ([]byte, error),
		) ([]byte, error) {
			h.tap.do(nil)
			if err := c.do(); err != nil {
				return nil, err
			}
			return send(ctx)
		})
		p.refused(lookFrame(h.place(0)), c.want)
	}
	p.refused(lookFrame(at), bridgev2.ErrorCode_ERROR_CODE_NO_READER)
}

func TestCancelAndTimeout(t *testing.T) {
	h := open(t, func(c *Config) { c.CommandTimeout = 300 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	h.readers.SetLatency(time.Minute)
	p := h.connect(t)
	id := p.send(lookFrame(h.place(0)))
	p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_TOO_FAST)
	p.send(cancelFrame(id))
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CANCELLED)
	p.send(cancelFrame(999))
	p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_TIMEOUT)
}

// fakePads are readers with keys, on which somebody types.
type fakePads struct {
	reader.Source
	typed chan string // the digits, or "cancel", or "nobody"
}

func (f *fakePads) Acquire(ctx context.Context, name string) (reader.Card, error) {
	card, err := f.Source.Acquire(ctx, name)
	if err != nil {
		return nil, err
	}
	return &fakePad{card, f.typed}, nil
}

type fakePad struct {
	reader.Card
	typed chan string
}

func (f *fakePad) HasPad() bool { return true }

func (f *fakePad) EnterPIN(ctx context.Context, command []byte) ([]byte, error) {
	switch digits := <-f.typed; digits {
	case "nobody":
		return []byte{0x64, 0x00}, nil
	case "cancel":
		return []byte{0x64, 0x01}, nil
	case "differently":
		return []byte{0x64, 0x02}, nil
	default:
		return f.Transmit(ctx, append(bytes.Clone(command[:5]), digits...))
	}
}

func TestPINsTypedOnTheReader(t *testing.T) {
	typed := make(chan string, 10)
	h := open(t, func(c *Config) { c.Source = &fakePads{c.Source, typed} })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	at := h.place(0)
	typed <- "1234"
	checkSignature(t, p.ask(signFrame(at, onPad(), challenge(testOrigin))).GetSignature(), challenge(testOrigin))
	if len(p.steps) != 2 || p.steps[1].GetStep() != bridgev2.Progress_STEP_PAD {
		t.Errorf("told of %v", p.steps)
	}
	for _, answer := range []string{"cancel", "nobody"} {
		typed <- answer
		p.refused(signFrame(at, onPad(), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_DECLINED)
	}
	if got := h.server.records.tries(at.GetReader(), at.GetInsertion(), 1); got.pause != 0 || got.left != 3 {
		t.Errorf("a cancelled PIN counts as a wrong one: %+v", got)
	}
	typed <- "5678"
	if p.ask(attributesFrame(at, onPad())).GetAttributes() == nil {
		t.Error("no attributes")
	}
	typed <- "1234"
	typed <- "differently"
	p.refused(changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, onPad(), ""), bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	typed <- "1234"
	typed <- "4321"
	if p.ask(changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, onPad(), "")).GetPinChanged() == nil {
		t.Error("not changed")
	}
	p.refused(changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, onPad(), "9999"), bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	typed <- "1234"
	p.refused(signFrame(at, onPad(), challenge(testOrigin)), codeWrongPIN)
	p.refused(signFrame(at, onPad(), challenge(testOrigin)), codePause)
}
