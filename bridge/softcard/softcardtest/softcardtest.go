// Package softcardtest gives tests the test people of bridge/softcard with their cards, and authorities of which none
// of those cards is.
package softcardtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
)

// Person is the test person of that id.
func Person(t testing.TB, id string) softcard.Person {
	t.Helper()
	p, ok := softcard.PersonByID(id)
	if !ok {
		t.Fatalf("nobody is called %q", id)
	}
	return p
}

// Card is a test person's new card, whose state is kept in memory.
func Card(t testing.TB, id string) *softcard.Card { return CardAt(t, id, time.Now) }

// CardAt is the same by another clock.
func CardAt(t testing.TB, id string, now func() time.Time) *softcard.Card {
	t.Helper()
	card, err := softcard.NewCard(Person(t, id), softcard.MemoryState(), now)
	if err != nil {
		t.Fatalf("making the card of %s: %v", id, err)
	}
	return card
}

// Authority has a name, which may be another's, and a key of its own. It counts from an hour before now, for a year.
func Authority(t testing.TB, subject []byte, key *rsa.PrivateKey, now time.Time) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), RawSubject: subject,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatalf("making an authority: %v", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("making an authority: %v", err)
	}
	return certificate
}
