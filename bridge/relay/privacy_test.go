package relay

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"

	"madoguchi/bridge/apdu"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// The log of every act, of wrong PINs and of what is refused, at the most talkative level, holds nothing that went to
// the card or came from it, nor what a page has written: no PIN, digest, signature, certificate, attribute, challenge,
// title or key, in no writing.
func TestLogHoldsNoData(t *testing.T) {
	log := &safeBuffer{}
	h := open(t, func(c *Config) {
		// Times are left out: their digits may be anybody's PIN.
		c.Log = slog.New(slog.NewTextHandler(log,
			&slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Value.Kind() == slog.KindDuration {
					return slog.Attr{}
				}
				return a
			}}))
	})
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	at := h.place(0)
	card := p.ask(lookFrame(at)).GetCard() // beside the certificate, what is read here is everybody's
	var mu sync.Mutex
	var seen [][]byte
	h.tap.do(func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error) {
		answer, err := send(ctx)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, append([]byte(nil), c.Data...), append([]byte(nil), answer...))
		return answer, err
	})
	signature := p.signIn("1234").GetSignature()
	signed := p.ask(documentsFrame(at, secret("ABC123"), 2)).GetSignedDocuments()
	attributes := p.ask(attributesFrame(at, secret("5678"))).GetAttributes()
	salt := []byte("salt of the person's vault")
	key := p.ask(keyFrame(at, secret("1234"), salt)).GetDerivedKey()
	if p.ask(changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, secret("1234"), "7391")).GetPinChanged() == nil {
		t.Error("not changed")
	}
	if card == nil || signature == nil || signed == nil || attributes == nil || key == nil {
		t.Fatal("an act failed")
	}
	wantError(t, p.signIn("8642"), codeWrongPIN)

	// What is refused carries data as well.
	refusedSecret := "SECRETPINOFTHEPERSON"
	p.refused(signFrame(at, secret(refusedSecret), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	p.refused(signFrame(at, secret("1234"), []byte(refusedSecret)), bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE)
	p.refused(signFrame(at, secret("1234"), challenge("https://"+refusedSecret)),
		bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN)
	p.refused(changeFrame(at, bridgev2.PINKind_PIN_KIND_AUTH, secret(refusedSecret), refusedSecret),
		bridgev2.ErrorCode_ERROR_CODE_PIN_FORM)
	p.refused(lookFrame(&bridgev2.Place{Reader: refusedSecret, Insertion: 1}), bridgev2.ErrorCode_ERROR_CODE_NO_READER)
	p.refused(lookFrame(&bridgev2.Place{Reader: strings.Repeat("x", 2000) + refusedSecret}),
		bridgev2.ErrorCode_ERROR_CODE_INVALID)
	titled := documentsFrame(at, secret("ABC123"), 1)
	titled.GetSignDocument().Documents[0].Title = refusedSecret + "\n"
	p.refused(titled, bridgev2.ErrorCode_ERROR_CODE_INVALID)
	expecting := documentsFrame(at, secret("ABC123"), 1)
	expecting.GetSignDocument().Expect = &bridgev2.Expect{Name: refusedSecret}
	p.refused(expecting, bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON)

	digest := sha256.Sum256(challenge(testOrigin))
	secrets := map[string][]byte{
		"PIN": []byte("1234"), "new PIN": []byte("7391"), "wrong PIN": []byte("8642"), "text PIN": []byte("5678"),
		"signing PIN": []byte("ABC123"),
		"digest":      digest[:], "signature": signature.GetSignature(), "certificate": card.GetCertificate(),
		"signing certificate":      signed.GetCertificate(),
		"signature of a document":  signed.GetDocuments()[1].GetSignature(),
		"attributes of a document": signed.GetDocuments()[1].GetSignedAttributes(),
		"name":                     []byte(attributes.GetName()), "address": []byte(attributes.GetAddress()),
		"date of birth": []byte(attributes.GetBirthDate()),
		"key":           key.GetKey(), "salt": salt, "title": []byte("申請書"), "challenge": challenge(testOrigin),
		"refused": []byte(refusedSecret),
	}
	mu.Lock()
	defer mu.Unlock()
	for i, b := range seen {
		if len(b) > 16 { // shorter ones are headers and status words, or stand above
			secrets[fmt.Sprintf("exchange %d", i)] = b
		}
	}
	text := log.String()
	for name, secret := range secrets {
		if where := find(text, secret); where != "" {
			t.Errorf("the log holds the %s in %s:\n%s", name, where, text)
		}
	}
	if !strings.Contains(text, "name=VERIFY") || !strings.Contains(text, "name=SIGN") ||
		!strings.Contains(text, "name=\"CHANGE REFERENCE DATA\"") ||
		!strings.Contains(text, "act=SignDocument") {
		t.Errorf("the log does not say what happened:\n%s", text)
	}
	if find("x 31323334 x", []byte("1234")) == "" || find("[49 50 51 52]", []byte("1234")) == "" ||
		find("MTIzNA", []byte("1234")) == "" {
		t.Error("this test finds nothing")
	}
}

// find looks for b, or its first or middle 12 bytes when it is longer, in the writings that a log may have it in.
func find(text string, b []byte) string {
	pieces := [][]byte{b}
	if len(b) > 24 {
		pieces = [][]byte{b[:12], b[len(b)/2 : len(b)/2+12]}
	}
	lower := strings.ToLower(text)
	for _, piece := range pieces {
		for writing, s := range map[string]string{
			"clear": string(piece), "quoted": strings.Trim(strconv.Quote(string(piece)), `"`),
			"numbers":         strings.Trim(fmt.Sprintf("%d", piece), "[]"),
			"base64":          base64.RawStdEncoding.EncodeToString(piece),
			"base64 for URLs": base64.RawURLEncoding.EncodeToString(piece),
		} {
			if strings.Contains(text, s) {
				return writing
			}
		}
		if strings.Contains(lower, hex.EncodeToString(piece)) {
			return "hexadecimal"
		}
	}
	return ""
}
