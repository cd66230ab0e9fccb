package signing_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/signing"
)

func signer(t *testing.T, d *db.DB, now func() time.Time) *signing.Signer {
	t.Helper()
	file, err := keys.Make(filepath.Join(t.TempDir(), "keys"), now)
	if err != nil {
		t.Fatal(err)
	}
	return &signing.Signer{DB: d, Keys: file.Ring(keys.Export), Name: "portal.example.jp", Now: now}
}

// folder holds files for openssl.
type folder struct {
	t   *testing.T
	dir string
}

func (f folder) put(name string, data []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// verify has openssl check a signature, offline.
func (f folder) verify(content, signature, cas []byte, more ...string) error {
	f.t.Helper()
	args := append([]string{
		"cms", "-verify", "-binary", "-inform", "DER", "-in", f.put("a.p7s", signature), "-content",
		f.put("a", content),
		"-CAfile", f.put("ca.pem", cas), "-out", os.DevNull,
	}, more...)
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func TestOpensslAcceptsASignatureAndNotOneByteElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, f := signer(t, d, time.Now), folder{t, t.TempDir()}
		content := []byte("髙橋,0012\r\n")
		signature, err := s.Sign(t.Context(), content)
		if err != nil || signature.Stamped {
			t.Fatal(signature, err)
		}
		list, err := s.Certificates(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		cas := signing.PEM(list)
		if err := f.verify(content, signature.DER, cas); err != nil {
			t.Error(err)
		}
		for i := range content {
			bent := bytes.Clone(content)
			bent[i] ^= 1
			if f.verify(bent, signature.DER, cas) == nil {
				t.Errorf("with byte %d changed it is accepted", i)
			}
		}
		// Another portal's certificate is none for it, although the signature brings its own along.
		foreign, err := signer(t, d, time.Now).Certificates(t.Context())
		if err != nil || len(foreign) != 2 {
			t.Fatal(foreign, err)
		}
		if f.verify(content, signature.DER, signing.PEM(foreign[1:])) == nil {
			t.Error("it is accepted under the certificate of another")
		}
	})
}

// The key goes, its certificates stay; a key that stays gets the next certificate in time.
func TestCertificatesOutliveTheirKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		file, err := keys.Make(filepath.Join(t.TempDir(), "keys"), func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		s := &signing.Signer{DB: d, Keys: file.Ring(keys.Export), Name: "a", Now: func() time.Time { return now }}
		first, err := s.Sign(t.Context(), []byte("1"))
		if err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(4, 1, 0)
		if _, err := s.Sign(t.Context(), []byte("2")); err != nil {
			t.Fatal(err)
		}
		at := now
		if err := d.Tx(t.Context(), func(q *db.Queries) error {
			return signing.Withdraw(t.Context(), q, at)
		}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
		if err := file.Replace(keys.Export); err != nil {
			t.Fatal(err)
		}
		list, err := s.Certificates(t.Context())
		if err != nil || len(list) != 3 {
			t.Fatal(list, err)
		}
		if list[0].Withdrawn.UnixMilli() != at.UnixMilli() || list[1].Withdrawn.IsZero() ||
			!list[2].Withdrawn.IsZero() {
			t.Errorf("withdrawn: %v %v %v", list[0].Withdrawn, list[1].Withdrawn, list[2].Withdrawn)
		}
		for i, c := range list {
			parsed, err := x509.ParseCertificate(c.DER)
			if err != nil || i == 1 && now.AddDate(0, 11, 0).After(parsed.NotAfter) {
				t.Errorf("certificate %d: %v, %v", i, parsed.NotAfter, err)
			}
		}
		f := folder{t, t.TempDir()}
		if err := f.verify([]byte("1"), first.DER, signing.PEM(list)); err != nil {
			t.Error(err)
		}
	})
}

// stamper is an authority whose tokens need be none.
func stamper(token []byte, err error) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) { return token, err }
}

func TestWithoutTheAuthorityItIsSignedAndSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, f := signer(t, d, time.Now), folder{t, t.TempDir()}
		s.Stamp = stamper(nil, errors.New("nobody is there"))
		signature, err := s.Sign(t.Context(), []byte("x"))
		if err != nil || signature.Stamped {
			t.Fatal(signature.Stamped, err)
		}
		list, err := s.Certificates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := f.verify([]byte("x"), signature.DER, signing.PEM(list)); err != nil {
			t.Error(err)
		}
	})
}
