package stamp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"madoguchi/backend/outside/stamp"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/signing"
)

// authority is openssl: it answers as its own programs and standards have it.
type authority struct {
	t    *testing.T
	dir  string
	root *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	caKey, key := newKey(t), newKey(t)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stamps CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(30, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "stamps"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if a.root, err = x509.ParseCertificate(caDER); err != nil {
		t.Fatal(err)
	}
	a.put("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}))
	a.put("tsa.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	a.put("tsa.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	a.put("serial", []byte("01\n"))
	a.put("tsa.cnf", []byte(`[tsa]
default_tsa = one
[one]
serial = `+a.path("serial")+`
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`))
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) put(name string, data []byte) string {
	a.t.Helper()
	if err := os.WriteFile(a.path(name), data, 0o600); err != nil {
		a.t.Fatal(err)
	}
	return a.path(name)
}

func openssl(args ...string) (string, error) {
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("openssl %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
		return
	}
	if _, err := openssl("ts", "-reply", "-config", a.path("tsa.cnf"), "-queryfile", a.put("q.tsq", question),
		"-signer", a.path("tsa.pem"), "-inkey", a.path("tsa.key"), "-out", a.path("a.tsr")); err != nil {
		a.t.Error(err)
		return
	}
	answer, err := os.ReadFile(a.path("a.tsr"))
	if err != nil {
		a.t.Error(err)
		return
	}
	w.Write(answer)
}

func asked(t *testing.T, h http.Handler, roots ...*x509.Certificate) *stamp.Authority {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &stamp.Authority{URL: server.URL, Roots: roots, Now: time.Now}
}

// What was signed once is accepted by openssl, offline and years after its certificate has ended, at the time that the
// stamp says; and the stamp itself is, too.
func TestStampedSignaturesAreAcceptedYearsLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newAuthority(t)
		file, err := keys.Make(a.path("keys"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		s := &signing.Signer{
			DB: d, Keys: file.Ring(keys.Export), Name: "portal.example.jp",
			Stamp: asked(t, a, a.root).Stamp, Now: time.Now,
		}
		content := []byte("すべての私のデータ")
		signature, err := s.Sign(t.Context(), content)
		if err != nil || !signature.Stamped {
			t.Fatal(signature.Stamped, err)
		}
		list, err := s.Certificates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		verify := func(content []byte, at time.Time) error {
			_, err := openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", a.put("x.p7s", signature.DER),
				"-content", a.put("x", content), "-CAfile", a.put("portal.pem", signing.PEM(list)), "-out", os.DevNull,
				"-attime", strconv.FormatInt(at.Unix(), 10))
			return err
		}
		if err := verify(content, time.Now()); err != nil {
			t.Error(err)
		}
		later := time.Now().AddDate(20, 0, 0)
		if verify(content, later) == nil {
			t.Error("the certificate ended long ago, and nobody notices")
		}
		token, signed := parts(t, signature.DER)
		stampAt := func(data []byte) error {
			_, err := openssl("ts", "-verify", "-token_in", "-in", a.put("x.tst", token), "-data", a.put("x.sig", data),
				"-CAfile", a.path("ca.pem"), "-attime", strconv.FormatInt(later.Unix(), 10))
			return err
		}
		if err := stampAt(signed); err != nil {
			t.Error(err)
		}
		if stampAt(append(bytes.Clone(signed), 0)) == nil {
			t.Error("the stamp is taken for anything's")
		}
		if err := verify(content, timeOf(t, a, token)); err != nil {
			t.Errorf("at the stamp's time: %v", err)
		}
		if verify(append(bytes.Clone(content), 0), timeOf(t, a, token)) == nil {
			t.Error("one byte more is accepted")
		}
	})
}

// parts are a signature's time stamp, and what it is a stamp of.
func parts(t *testing.T, der []byte) (token, signed []byte) {
	t.Helper()
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	signer := p7.Signers[0]
	for _, attribute := range signer.UnauthenticatedAttributes {
		if attribute.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}) {
			return attribute.Value.Bytes, signer.EncryptedDigest
		}
	}
	t.Fatal("there is no time stamp in it")
	return nil, nil
}

// timeOf is the time of a stamp, as openssl reads it.
func timeOf(t *testing.T, a *authority, token []byte) time.Time {
	t.Helper()
	out, err := openssl("ts", "-reply", "-token_in", "-in", a.put("y.tst", token), "-token_out", "-text")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(out, "Time stamp: ")
	line, _, _ := strings.Cut(rest, "\n")
	at, err := time.Parse("Jan _2 15:04:05 2006 MST", line)
	if err != nil {
		t.Fatalf("%q: %v\n%s", line, err, out)
	}
	return at
}

// What an authority must not be believed.
func TestAnswersThatAreRefused(t *testing.T) {
	good := newAuthority(t)
	another := newAuthority(t)
	old := httptest.NewRecorder()
	sum := sha256.Sum256([]byte("x"))
	if _, err := openssl("ts", "-query", "-digest", hex.EncodeToString(sum[:]), "-sha256", "-cert", "-out",
		good.path("old.tsq")); err != nil {
		t.Fatal(err)
	}
	question, err := os.ReadFile(good.path("old.tsq"))
	if err != nil {
		t.Fatal(err)
	}
	good.ServeHTTP(old, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(question)))
	answers := func(b []byte) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(b) })
	}
	for name, c := range map[string]struct {
		answer http.Handler
		root   *x509.Certificate
	}{
		"of a stranger":             {another, good.root},
		"an older one":              {answers(old.Body.Bytes()), good.root},
		"half of one":               {answers(old.Body.Bytes()[:old.Body.Len()/2]), good.root},
		"nothing":                   {answers(nil), good.root},
		"deeply nested":             {answers(bytes.Repeat([]byte{0x30, 0x80}, 20_000)), good.root},
		"longer than anybody needs": {answers(bytes.Repeat([]byte{0x30}, 1<<20)), good.root},
		"an error": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no", http.StatusInternalServerError)
		}), good.root},
	} {
		t.Run(name, func(t *testing.T) {
			if token, err := asked(t, c.answer, c.root).Stamp(t.Context(), []byte("x")); err == nil || token != nil {
				t.Errorf("it is believed: %d bytes", len(token))
			}
		})
	}
	late := asked(t, good, good.root)
	late.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if _, err := late.Stamp(t.Context(), []byte("x")); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("an authority whose clock is an hour behind: %v", err)
	}
}

// Whoever says nothing is not waited for once the caller has gone.
func TestNobodyWaitsForAnAuthorityThatSaysNothing(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the caller goes
		leave()
		<-r.Context().Done()
	})
	if _, err := asked(t, silent).Stamp(ctx, []byte("x")); err == nil {
		t.Error("an answer came from nobody")
	}
}
