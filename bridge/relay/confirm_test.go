package relay

import (
	"errors"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/ask"
	"madoguchi/bridge/peer"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// asking has the bridge ask by a script in place of zenity, which writes its question down and ends as told.
func asking(t *testing.T, mode ask.Mode, end string) (change func(*Config), asked func() string) {
	t.Helper()
	dir := t.TempDir()
	program, question := filepath.Join(dir, "zenity"), filepath.Join(dir, "question")
	script := "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done >>" + question + "\n" + end + "\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	a := ask.New(ask.Config{
		Mode: mode, Patience: 5 * time.Second, Variable: func(string) string { return ":0" },
		Look: func(name string) (string, error) {
			if name != "zenity" {
				return "", os.ErrNotExist
			}
			return program, nil
		},
	})
	return func(c *Config) { c.Ask = a }, func() string {
		b, err := os.ReadFile(question)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		_ = os.Remove(question)
		return string(b)
	}
}

func TestAsksBeforeDocuments(t *testing.T) {
	change, asked := asking(t, ask.Auto, "exit 0")
	h := open(t, change)
	lay(t, h, 0, "yamada-hanako")
	p := h.dial(t, testOrigin)
	if w := p.ask(hello("")).GetWelcome(); !w.GetConfirmsDocuments() || w.GetConfirmsAll() {
		t.Errorf("%v", w)
	}
	if p.ask(documentsFrame(h.place(0), secret("ABC123"), 2)).GetSignedDocuments() == nil {
		t.Fatal("not signed")
	}
	if p.steps[0].GetStep() != bridgev2.Progress_STEP_CONFIRM || p.steps[1].GetStep() != bridgev2.Progress_STEP_CARD {
		t.Errorf("told of %v", p.steps)
	}
	text := asked()
	at := -1
	for _, want := range []string{testOrigin, "次の文書（2件）", "1. 申請書 1（application/pdf、12345 バイト）", "2. 申請書 2"} {
		next := strings.Index(text, want)
		if next <= at {
			t.Errorf("%q is not there, or not in its place:\n%s", want, text)
		}
		at = next
	}
	if p.signIn("1234").GetSignature() == nil || asked() != "" {
		t.Error("asked before a login")
	}
}

func TestAnswersOfThePerson(t *testing.T) {
	for end, want := range map[string]bridgev2.ErrorCode{
		"exit 1": bridgev2.ErrorCode_ERROR_CODE_DECLINED, "exit 255": bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED,
	} {
		change, asked := asking(t, ask.All, end)
		h := open(t, change)
		lay(t, h, 0, "yamada-hanako")
		p := h.connect(t)
		p.ask(lookFrame(h.place(0)))
		if asked() != "" {
			t.Error("asked before a look")
		}
		h.tap.since()
		for _, r := range []*bridgev2.Request{
			signFrame(h.place(0), secret("1234"), challenge(testOrigin)),
			documentsFrame(h.place(0), secret("ABC123"), 1),
			attributesFrame(h.place(0), secret("5678")),
			changeFrame(h.place(0), bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "9876"),
			keyFrame(h.place(0), secret("1234"), make([]byte, 16)),
		} {
			p.refused(r, want)
			if text := asked(); !strings.Contains(text, testOrigin) {
				t.Errorf("%T: asked %q", r.GetBody(), text)
			}
		}
		// What cannot be is refused without a question.
		p.refused(signFrame(h.place(0), secret("12"), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
		p.refused(signFrame(h.place(0), secret("1234"), challenge("https://evil.example")),
			bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN)
		if asked() != "" || len(h.tap.since()) != 0 {
			t.Errorf("%s: asked in vain, or the card was used", end)
		}
	}
}

func TestNobodyToAsk(t *testing.T) {
	h := open(t, func(c *Config) {
		c.Ask = ask.New(ask.Config{Mode: ask.Documents, Variable: func(string) string { return "" }})
	})
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.refused(documentsFrame(h.place(0), secret("ABC123"), 1), bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED)
	if p.signIn("1234").GetSignature() == nil {
		t.Error("a login is not asked about")
	}
}

// While the person thinks, the card is free, and the page may give up.
func TestGivenUpWhileAsking(t *testing.T) {
	change, _ := asking(t, ask.All, "exec sleep 60")
	h := open(t, change)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	id := p.send(signFrame(h.place(0), secret("1234"), challenge(testOrigin)))
	other := h.connect(t)
	if other.ask(lookFrame(h.place(0))).GetCard() == nil {
		t.Error("the card is held while the person is asked")
	}
	p.send(cancelFrame(id))
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CANCELLED)
}

// The card that the person was asked about is the one that signs.
func TestSwappedWhileAsking(t *testing.T) {
	dir := t.TempDir()
	change, _ := asking(t, ask.Documents, "until [ -e "+dir+"/go ]; do sleep 0.01; done; exit 0")
	h := open(t, change)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	id := p.send(documentsFrame(h.place(0), secret("ABC123"), 1))
	lay(t, h, 0, "kobayashi-ren")
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, p.answer(id), bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED)
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands went to the other card", n)
	}
}

func TestPeersOfAnotherUser(t *testing.T) {
	asked := make(chan netip.AddrPort, 6)
	h := open(t, func(c *Config) {
		c.Peer = func(local, remote netip.AddrPort) error {
			asked <- local
			asked <- remote
			return peer.ErrAnotherUser
		}
	})
	for _, path := range []string{"/v2", "/health", "/v1"} {
		request, err := http.NewRequest(http.MethodGet, "http://"+h.address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", testOrigin)
		request.Header.Set("Sec-WebSocket-Protocol", Subprotocol)
		request.Close = true // a client asks again only on a connection that it has used before
		if response, err := new(http.Transport).RoundTrip(request); err == nil {
			response.Body.Close()
			t.Errorf("%s: another user hears %s", path, response.Status)
		}
	}
	for range 3 {
		if local, remote := <-asked, <-asked; local.String() != h.address || !remote.Addr().IsLoopback() {
			t.Errorf("asked about %v and %v", local, remote)
		}
	}
	if !strings.Contains(h.log.String(), "another user") {
		t.Errorf("the log does not tell of it:\n%s", h.log)
	}
}
