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
	"testing"

	"madoguchi/bridge/jpki"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

// recording keeps every command and answer that a page has seen.
type recording struct {
	*page
	seen [][]byte
}

func (r *recording) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	r.seen = append(r.seen, append([]byte(nil), command...))
	answer, err := r.page.Transmit(ctx, command)
	r.seen = append(r.seen, append([]byte(nil), answer...))
	return answer, err
}

// The log of a login, a change of PIN and what goes wrong on the way, at the most talkative level, holds nothing that went to the card
// or came from it: no PIN, digest, signature, certificate or attribute, in no writing.
func TestLogHoldsNoData(t *testing.T) {
	log := &safeBuffer{}
	h := open(t, func(c *Config) {
		// Times are left out: their digits may be anybody's PIN.
		c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Value.Kind() == slog.KindDuration {
				return slog.Attr{}
			}
			return a
		}}))
	})
	lay(t, h, 0, "yamada-hanako")
	p := &recording{page: h.connect(t)}
	p.acquire()
	card, err := jpki.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	digest := sha256.Sum256([]byte("a challenge"))
	signature, err := card.SignDigest(t.Context(), jpki.AuthKey, "1234", digest)
	must("signing", err)
	certificate, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate)
	must("the certificate", err)
	must("the signing PIN", card.Verify(t.Context(), jpki.SignPIN, "ABC123"))
	signing, err := card.ReadCertificate(t.Context(), jpki.SignCertificate)
	must("the signing certificate", err)
	attributes, err := card.ReadAttributes(t.Context(), "5678")
	must("the attributes", err)
	must("a change", card.ChangePIN(t.Context(), jpki.AuthPIN, "1234", "7391"))
	if err := card.Verify(t.Context(), jpki.AuthPIN, "8642"); err == nil {
		t.Error("a wrong PIN is right")
	}

	// What is refused carries data as well.
	refusedSecret := "SECRETPINOFTHEPERSON"
	p.refused(transmitFrame(t, "0020008014"+hex.EncodeToString([]byte(refusedSecret)), false), bridgev1.ErrorCode_ERROR_CODE_NOT_ALLOWED)
	p.refused(transmitFrame(t, "802A008014"+hex.EncodeToString([]byte(refusedSecret))+"00", false), bridgev1.ErrorCode_ERROR_CODE_NOT_ALLOWED)
	p.refused(transmitFrame(t, "00200080FF"+hex.EncodeToString([]byte(refusedSecret)), false), bridgev1.ErrorCode_ERROR_CODE_NOT_ALLOWED)
	p.refused(acquireFrame(refusedSecret), bridgev1.ErrorCode_ERROR_CODE_NO_READER)
	p.refused(acquireFrame(strings.Repeat("x", 2000)+refusedSecret), bridgev1.ErrorCode_ERROR_CODE_NO_READER)

	secrets := map[string][]byte{
		"PIN": []byte("1234"), "new PIN": []byte("7391"), "wrong PIN": []byte("8642"), "text PIN": []byte("5678"), "signing PIN": []byte("ABC123"),
		"digest": digest[:], "signature": signature, "certificate": certificate, "signing certificate": signing,
		"name": []byte(attributes.Name), "address": []byte(attributes.Address), "date of birth": []byte(attributes.BirthDate),
		"refused": []byte(refusedSecret),
	}
	for i, b := range p.seen {
		if len(b) > 16 { // shorter ones are headers and status words, or stand above
			secrets[fmt.Sprintf("frame %d", i)] = b
		}
	}
	text := log.String()
	for name, secret := range secrets {
		if where := find(text, secret); where != "" {
			t.Errorf("the log holds the %s in %s:\n%s", name, where, text)
		}
	}
	if !strings.Contains(text, "name=VERIFY") || !strings.Contains(text, "name=SIGN") || !strings.Contains(text, "name=\"CHANGE REFERENCE DATA\"") {
		t.Errorf("the log does not say what happened:\n%s", text)
	}
	if find("x 31323334 x", []byte("1234")) == "" || find("[49 50 51 52]", []byte("1234")) == "" || find("MTIzNA", []byte("1234")) == "" {
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
			"numbers": strings.Trim(fmt.Sprintf("%d", piece), "[]"), "base64": base64.RawStdEncoding.EncodeToString(piece),
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
