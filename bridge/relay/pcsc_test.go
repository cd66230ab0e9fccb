//go:build linux && cgo && !nopcsc

package relay

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"log/slog"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/reader/readertest"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

// The whole way of a command: WebSocket, relay, PC/SC, pcscd, vpcd, card.
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
	h := open(t, func(c *Config) { c.Source, c.CommandTimeout = source, 3*time.Second })
	p := h.connect(t)
	is := func(state bridgev1.CardState) func(*bridgev1.Reader) bool {
		return func(r *bridgev1.Reader) bool { return r.GetCard() == state && !r.GetHeldByYou() }
	}
	const empty, present = bridgev1.CardState_CARD_STATE_EMPTY, bridgev1.CardState_CARD_STATE_PRESENT
	p.until(is(empty))

	// A login.
	remove := daemon.Insert(0, readertest.Card(t, "yamada-hanako"))
	p.until(is(present))
	p.acquire()
	signs(t, p)

	// Another page is told who has the card; when the first one leaves without a word no PIN is verified any more.
	other := h.connect(t)
	other.until(func(r *bridgev1.Reader) bool { return r.GetHolderOrigin() == testOrigin })
	other.refused(acquireFrame(pcscdtest.Readers[0]), bridgev1.ErrorCode_ERROR_CODE_HELD)
	verifyText(p)
	p.socket.Close()
	other.until(func(r *bridgev1.Reader) bool { return r.GetHolderOrigin() == "" })
	other.acquire()
	other.status(selectText, false)
	other.status("00A4020C020002", false)
	if s := other.status("00B0000004", false); s != "6982" {
		t.Errorf("the PIN of the page before is still verified: %s", s)
	}

	// The card is pulled out, and another one is laid.
	remove()
	other.until(is(empty))
	other.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED)
	stuck, underWay := stuckCard()
	remove = daemon.InsertRaw(0, stuck)
	other.until(is(present))
	other.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_CARD_CHANGED)

	// A command that the card does not answer ends when its time is over, and when the card is pulled out.
	other.acquire()
	id := other.send(transmitFrame(t, selectJPKI, false))
	<-underWay
	remove()
	if e := other.answer(id).GetError(); e.GetCode() != bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED {
		t.Errorf("pulled out in the middle of a command: %v", e)
	}
	other.until(is(empty))
	remove = daemon.InsertRaw(0, stuck)
	other.until(is(present))
	other.acquire()
	other.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_TIMEOUT)
	remove()
	other.until(is(empty))
	other.refused(acquireFrame(""), bridgev1.ErrorCode_ERROR_CODE_NO_CARD)

	// pcscd goes and comes back.
	defer daemon.Insert(0, readertest.Card(t, "yamada-hanako"))()
	other.until(is(present))
	other.acquire()
	daemon.Stop()
	other.refusedSoon(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_SERVICE_DOWN)
	daemon.Restart()
	other.until(is(empty))
	defer daemon.Insert(0, readertest.Card(t, "yamada-hanako"))()
	other.until(is(present))
	other.acquire()
	signs(t, other)
}

// signs logs in as hanako and checks the signature.
func signs(t *testing.T, p *page) {
	t.Helper()
	card, err := jpki.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	der, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("challenge"))
	signature, err := card.SignDigest(t.Context(), jpki.AuthKey, "1234", digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
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

// refusedSoon repeats a request until the answer is an error.
func (p *page) refusedSoon(r *bridgev1.Request, want bridgev1.ErrorCode) {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		reply := p.ask(r)
		if reply.GetError().GetCode() == want {
			return
		}
		if reply.GetError() != nil || time.Now().After(deadline) {
			p.t.Fatalf("%v, want %v", reply, want)
		}
	}
}
