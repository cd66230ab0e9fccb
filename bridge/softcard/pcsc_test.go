//go:build linux

package softcard_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/softcard/softcardtest"
)

// pcscCard is a Transmitter over PC/SC without anything that the bridge adds.
type pcscCard struct{ *scard.Card }

func (c pcscCard) Transmit(_ context.Context, command []byte) ([]byte, error) {
	return c.Card.Transmit(command)
}

func connect(t testing.TB, reader string) *scard.Card {
	t.Helper()
	pcsc, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pcsc.Release() })
	card, err := pcsc.Connect(reader, scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Disconnect(scard.UnpowerCard) })
	return card
}

// What jpki does goes through the real pcscd: the longest reading form, five commands to sign, and the PIN that
// outlives a reset.
func TestThroughPCSC(t *testing.T) {
	daemon := pcscdtest.Start(t)
	hanako := softcardtest.Person(t, "yamada-hanako")
	daemon.Insert(1, softcardtest.Card(t, hanako.ID))
	handle := connect(t, pcscdtest.Readers[1])
	card, err := jpki.Open(t.Context(), pcscCard{handle})
	if err != nil {
		t.Fatal(err)
	}
	want := hanako.AuthCertificate(time.Now())
	if got, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate); err != nil || !bytes.Equal(got, want.Raw) {
		t.Errorf("the certificate: %d bytes, %v", len(got), err)
	}
	digest := sha256.Sum256([]byte("challenge"))
	signature, err := card.SignDigest(t.Context(), jpki.AuthKey, []byte(hanako.AuthPIN), digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(want.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
	if err := card.Verify(t.Context(), jpki.SignPIN, []byte(hanako.SignPIN)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		init     scard.Disposition
		readable bool
	}{{"a warm reset", scard.ResetCard, true}, {"the loss of power", scard.UnpowerCard, false}} {
		if err := handle.Reconnect(scard.ShareExclusive, scard.ProtocolAny, c.init); err != nil {
			t.Fatal(err)
		}
		if _, err := card.ReadCertificate(t.Context(), jpki.SignCertificate); (err == nil) != c.readable {
			t.Errorf("the signing certificate after %s: %v", c.name, err)
		}
	}
}

func BenchmarkLoginThroughPCSC(b *testing.B) {
	daemon := pcscdtest.Start(b)
	hanako := softcardtest.Person(b, "yamada-hanako")
	daemon.Insert(0, softcardtest.Card(b, hanako.ID))
	card := jpki.Attach(pcscCard{connect(b, pcscdtest.Readers[0])})
	digest := sha256.Sum256([]byte("challenge"))
	for b.Loop() {
		if _, err := card.SignDigest(b.Context(), jpki.AuthKey, []byte(hanako.AuthPIN), digest); err != nil {
			b.Fatal(err)
		}
	}
}
