package cms_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"testing"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/cms"
	"madoguchi/bridge/softcard/softcardtest"
)

const origin = "https://portal.example.jp"

var document = []byte(`{"answers":{}}`)

// signed is what the bridge gives, and what a page makes of it.
func signed(t testing.TB) (certificate []byte, by act.SignedDocument, der []byte) {
	t.Helper()
	who := softcardtest.Person(t, "yamada-hanako")
	card := softcardtest.Card(t, who.ID)
	certificate, all, err := act.SignDocuments(context.Background(), card, act.Secret{PIN: []byte(who.SignPIN)}, origin,
		[]act.Document{{Digest: sha256.Sum256(document)}}, act.Expect{}, time.Now(), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if der, err = cms.Write(certificate, all[0].Attributes, all[0].Signature); err != nil {
		t.Fatal(err)
	}
	return certificate, all[0], der
}

func TestASignatureIsOfOneDocumentForOnePage(t *testing.T) {
	_, _, der := signed(t)
	s, err := cms.Read(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(document, origin); err != nil {
		t.Error(err)
	}
	if s.Verify([]byte("{}"), origin) == nil || s.Verify(document, "https://another.example.jp") == nil {
		t.Error("it is good for something else")
	}
	if time.Since(s.SignedAt) > time.Hour || s.Origin != origin {
		t.Errorf("%v, %q", s.SignedAt, s.Origin)
	}
}

// Whatever byte is changed, it is refused: nothing in it is without a meaning.
func TestEachByteCounts(t *testing.T) {
	_, _, der := signed(t)
	good, err := cms.Read(der)
	if err != nil {
		t.Fatal(err)
	}
	for i := range der {
		bent := bytes.Clone(der)
		bent[i] ^= 1
		s, err := cms.Read(bent)
		if err != nil || s.Verify(document, origin) != nil {
			continue
		}
		if bytes.Equal(s.Certificate.RawTBSCertificate, good.Certificate.RawTBSCertificate) &&
			!bytes.Equal(s.Certificate.Signature, good.Certificate.Signature) {
			t.Errorf("byte %d, of the authority's signature, is not bound by the attributes", i)
		} else {
			t.Errorf("byte %d may be another", i)
		}
	}
	for _, cut := range [][]byte{nil, der[:1], der[:len(der)-1], append(bytes.Clone(der), 0)} {
		if _, err := cms.Read(cut); !errors.Is(err, cms.ErrForm) {
			t.Errorf("%d bytes: %v", len(cut), err)
		}
	}
}

// A certificate that somebody made, with a key so long that to look at the signature would take a second, is refused
// before anybody calculates with it.
func TestLongKeysAreRefused(t *testing.T) {
	certificate, by, _ := signed(t)
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	long := new(big.Int).SetBit(big.NewInt(1), 200_000, 1)
	for _, n := range []*big.Int{long, new(big.Int).Rsh(own.N, 1000)} {
		template := &x509.Certificate{SerialNumber: parsed.SerialNumber, RawSubject: parsed.RawIssuer}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &rsa.PublicKey{N: n, E: 1<<31 - 1}, own)
		if err != nil {
			t.Fatal(err)
		}
		hostile, err := cms.Write(der, by.Attributes, by.Signature)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cms.Read(hostile); !errors.Is(err, cms.ErrForm) {
			t.Errorf("a key of %d bits: %v", n.BitLen(), err)
		}
	}
}

// FuzzCMS: nothing that is sent for a signature ends who reads it, and nothing but what was signed counts as signed.
func FuzzCMS(f *testing.F) {
	_, _, der := signed(f)
	f.Add(der)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, hostile []byte) {
		s, err := cms.Read(hostile)
		if err == nil && s.Verify(document, origin) == nil && !bytes.Equal(hostile, der) {
			t.Error("something else counts as signed")
		}
	})
}
