// Package officetest makes offices for tests: the certificates that they show, their places in the register, the people
// whom they know.
package officetest

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db"
)

// Sealed is what the offices are introduced to people with.
const Sealed = "sealed"

// Certificate is one that its holder made itself, which a client or a server on this machine may show.
func Certificate(t testing.TB, name string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making the key of %s: %v", name, err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatalf("making the certificate of %s: %v", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("reading the certificate of %s: %v", name, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// HashOf is how the register names a certificate.
func HashOf(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// Register enters offices as the gateway does when it has read the file of them. One without a name is called after its
// id, one without a certificate shows the id's bytes for one.
func Register(t testing.TB, d *db.DB, offices ...db.OfficeRegisterParams) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) error {
		for _, o := range offices {
			o.Name = cmp.Or(o.Name, "名"+o.ID)
			o.CertificateHash = cmp.Or(o.CertificateHash, HashOf([]byte(o.ID)))
			if err := q.OfficeRegister(t.Context(), o); err != nil {
				return fmt.Errorf("registering the office %s: %w", o.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Introduce has offices know a folder, each under the Identifier that nobody else has.
func Introduce(t testing.TB, d *db.DB, folder string, offices ...string) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) error {
		for _, o := range offices {
			position, err := q.OfficeLastPosition(t.Context(), o)
			if err != nil {
				return err
			}
			err = q.OfficeIntroduce(t.Context(), db.OfficeIntroduceParams{
				OfficeID: o, Identifier: Identifier(o, folder), FolderID: folder,
				Introduction: base64.StdEncoding.EncodeToString([]byte(Sealed)), Position: position + 1,
			})
			if err != nil {
				return fmt.Errorf("introducing %s to the office %s: %w", folder, o, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Identifier is an office's pairwise identifier of a folder that Introduce has it know.
func Identifier(office, folder string) string { return office + "-" + folder }

// Calling is the context of a call by a registered office, with the duties for which it is registered.
func Calling(t testing.TB, d *db.DB, id string) context.Context {
	t.Helper()
	o, err := d.Read().OfficeGet(t.Context(), id)
	if err != nil {
		t.Fatalf("reading the office %s: %v", id, err)
	}
	return accesstest.AsOffice(t.Context(), id, strings.Fields(o.Duties)...)
}
