package jlis

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"madoguchi/bridge/softcard"
)

var today = time.Now().Truncate(time.Second)

// agency is a J-LIS whose answers a test makes. A nil answer is a 503.
type agency struct {
	ocsp, list, lineage, introductions func(body []byte) []byte
	asked                              atomic.Int64
}

func (a *agency) client(t testing.TB, now func() time.Time) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := a.lineage
		switch r.URL.Path {
		case "/jlis/ocsp":
			a.asked.Add(1)
			answer = a.ocsp
		case "/jlis/crl/auth.crl":
			answer = a.list
		case "/jlis/introductions":
			answer = a.introductions
		}
		body, _ := io.ReadAll(r.Body)
		if answer != nil {
			if content := answer(body); content != nil {
				w.Write(content)
				return
			}
		}
		http.Error(w, "down", http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	if now == nil {
		now = func() time.Time { return today }
	}
	ca, _ := softcard.AuthCA(today)
	c, err := New(Config{Base: server.URL + "/jlis/", CAs: []*x509.Certificate{ca}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func certificateOf(t testing.TB, id string) *x509.Certificate {
	t.Helper()
	p, ok := softcard.PersonByID(id)
	if !ok {
		t.Fatalf("no person %s", id)
	}
	return p.AuthCertificate(today)
}

// respond makes an answer about the certificate asked for, changed as the test wants.
func respond(change func(r *ocsp.Response)) func([]byte) []byte {
	return func(body []byte) []byte {
		ca, key := softcard.AuthCA(today)
		return sign(body, ca, ca, key, change)
	}
}

func sign(body []byte, issuer, responder *x509.Certificate, key crypto.Signer, change func(r *ocsp.Response)) []byte {
	request, err := ocsp.ParseRequest(body)
	if err != nil {
		return nil
	}
	answer := ocsp.Response{SerialNumber: request.SerialNumber, Status: ocsp.Good, ThisUpdate: today.Add(-time.Minute), NextUpdate: today.Add(time.Hour)}
	if change != nil {
		change(&answer)
	}
	der, err := ocsp.CreateResponse(issuer, responder, answer, key)
	if err != nil {
		panic(err)
	}
	return der
}

// responder issues a certificate for an OCSP responder.
func responder(t *testing.T, usage []x509.ExtKeyUsage, issuerKey crypto.Signer, to time.Time) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ca, caKey := softcard.AuthCA(today)
	parent := *ca
	if issuerKey == nil {
		issuerKey = caKey
	}
	parent.PublicKey = issuerKey.Public()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "responder"}, NotBefore: today.Add(-time.Hour * 24), NotAfter: to, ExtKeyUsage: usage,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}, &parent, key.Public(), issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// Without a list to fall back on, an answer that is not good is an unknown, never a good.
func TestAnswersOfOCSP(t *testing.T) {
	ca, _ := softcard.AuthCA(today)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signing := []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	delegated, delegatedKey := responder(t, signing, nil, today.Add(time.Hour))
	holder, holderKey := responder(t, nil, nil, today.Add(time.Hour))
	late, lateKey := responder(t, signing, nil, today.Add(-time.Hour))
	foreign, foreignKey := responder(t, signing, stranger, today.Add(time.Hour))
	by := func(cert *x509.Certificate, key crypto.Signer) func([]byte) []byte {
		return func(body []byte) []byte {
			return sign(body, ca, cert, key, func(r *ocsp.Response) { r.Certificate = cert })
		}
	}
	for name, c := range map[string]struct {
		answer func([]byte) []byte
		want   error
	}{
		"good":                   {respond(nil), nil},
		"revoked":                {respond(func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, today.Add(-time.Hour) }), ErrRevoked},
		"unknown there":          {respond(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), ErrUnknown},
		"stale":                  {respond(func(r *ocsp.Response) { r.NextUpdate = today.Add(-time.Second) }), ErrUnknown},
		"old, without an end":    {respond(func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = today.Add(-time.Hour), time.Time{} }), ErrUnknown},
		"good for years":         {respond(func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = today.AddDate(0, 0, -2), today.AddDate(1, 0, 0) }), ErrUnknown},
		"from the future":        {respond(func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = today.Add(time.Hour), today.Add(2*time.Hour) }), ErrUnknown},
		"about another":          {respond(func(r *ocsp.Response) { r.SerialNumber = big.NewInt(5) }), ErrUnknown},
		"signed by a stranger":   {func(b []byte) []byte { return sign(b, ca, ca, stranger, nil) }, ErrUnknown},
		"by a delegate":          {by(delegated, delegatedKey), nil},
		"by any holder":          {by(holder, holderKey), ErrUnknown},
		"by a delegate of old":   {by(late, lateKey), ErrUnknown},
		"by a foreign delegate":  {by(foreign, foreignKey), ErrUnknown},
		"truncated":              {func(b []byte) []byte { a := respond(nil)(b); return a[:len(a)/2] }, ErrUnknown},
		"a byte changed":         {func(b []byte) []byte { a := respond(nil)(b); a[len(a)-9] ^= 1; return a }, ErrUnknown},
		"nothing":                {func([]byte) []byte { return []byte{} }, ErrUnknown},
		"a page":                 {func([]byte) []byte { return []byte("<html>") }, ErrUnknown},
		"huge":                   {func([]byte) []byte { return make([]byte, maxOCSP+1) }, ErrUnknown},
		"an error of theirs":     {func([]byte) []byte { return ocsp.TryLaterErrorResponse }, ErrUnknown},
		"an answer out of order": {func([]byte) []byte { return ocsp.UnauthorizedErrorResponse }, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{ocsp: c.answer}
			if err := a.client(t, nil).Revocation(t.Context(), certificateOf(t, "yamada-hanako")); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestACertificateOfNobodyWeTrust(t *testing.T) {
	p, _ := softcard.PersonByID("yamada-hanako")
	a := &agency{ocsp: respond(nil)}
	if err := a.client(t, nil).Revocation(t.Context(), p.SignCertificate(today)); !errors.Is(err, ErrUnknown) || a.asked.Load() != 0 {
		t.Errorf("got %v", err)
	}
}

func makeList(change func(*x509.RevocationList), key crypto.Signer, serials ...int64) []byte {
	ca, caKey := softcard.AuthCA(today)
	issuer := *ca
	if key == nil {
		key = caKey
	} else {
		issuer.PublicKey = key.Public()
	}
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: today.Add(-time.Hour), NextUpdate: today.Add(time.Hour)}
	for _, serial := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: today})
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, &issuer, key)
	if err != nil {
		panic(err)
	}
	return der
}

func TestTheListWhenOCSPIsGone(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert := certificateOf(t, "yamada-hanako")
	mine := cert.SerialNumber.Int64()
	for name, c := range map[string]struct {
		list []byte
		want error
	}{
		"not on it":       {makeList(nil, nil, 1, 2, 3), nil},
		"empty":           {makeList(nil, nil), nil},
		"on it":           {makeList(nil, nil, 1, mine, 3), ErrRevoked},
		"of the softcard": {softcard.CRL(today), nil},
		"stale":           {makeList(func(l *x509.RevocationList) { l.NextUpdate = today.Add(-time.Second) }, nil), ErrUnknown},
		"from the future": {makeList(func(l *x509.RevocationList) { l.ThisUpdate = today.Add(30 * time.Minute) }, nil), ErrUnknown},
		"a stranger's":    {makeList(nil, stranger), ErrUnknown},
		"another's":       {softcard.SignCRL(today), ErrUnknown},
		"a delta": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: oidDeltaCRL, Critical: true, Value: []byte{2, 1, 1}}}
		}, nil), ErrUnknown},
		"of CAs only": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: oidDistribution, Critical: true, Value: []byte{0x30, 3, 0x82, 1, 0xff}}}
		}, nil), ErrUnknown},
		"of users": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: oidDistribution, Critical: true, Value: []byte{0x30, 3, 0x81, 1, 0xff}}}
		}, nil), nil},
		"truncated": {makeList(nil, nil)[:100], ErrUnknown},
		"garbage":   {[]byte("garbage"), ErrUnknown},
		"gone":      {nil, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{list: func([]byte) []byte { return c.list }}
			if err := a.client(t, nil).Revocation(t.Context(), cert); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAListAtHandServesUntilItsEnd(t *testing.T) {
	var offset atomic.Int64
	var gone atomic.Bool
	a := &agency{list: func([]byte) []byte {
		if gone.Load() {
			return nil
		}
		return makeList(nil, nil, 1)
	}}
	c := a.client(t, func() time.Time { return today.Add(time.Duration(offset.Load())) })
	if err := c.refreshList(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone.Store(true)
	cert := certificateOf(t, "yamada-hanako")
	for _, at := range []time.Duration{0, 30 * time.Minute, 59 * time.Minute} {
		offset.Store(int64(at))
		if err := c.Revocation(t.Context(), cert); err != nil {
			t.Errorf("after %v: %v", at, err)
		}
	}
	offset.Store(int64(time.Hour))
	if err := c.Revocation(t.Context(), cert); !errors.Is(err, ErrUnknown) {
		t.Errorf("after its end: %v", err)
	}
}

func TestAnAnswerIsAskedForOnce(t *testing.T) {
	var offset atomic.Int64
	a := &agency{ocsp: func(b []byte) []byte {
		time.Sleep(50 * time.Millisecond) // so that they meet
		return respond(nil)(b)
	}}
	c := a.client(t, func() time.Time { return today.Add(time.Duration(offset.Load())) })
	cert := certificateOf(t, "yamada-hanako")
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := c.Revocation(t.Context(), cert); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := a.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	offset.Store(int64(answerFor))
	if err := c.Revocation(t.Context(), cert); err != nil || a.asked.Load() != 2 {
		t.Errorf("after its time: asked %d times, %v", a.asked.Load(), err)
	}
}

// A J-LIS that takes for ever costs a person two seconds, and after three of them nothing.
func TestASilentAgencyIsLeftAlone(t *testing.T) {
	release := make(chan struct{})
	silent := func([]byte) []byte { <-release; return nil }
	a := &agency{ocsp: silent, list: silent}
	c := a.client(t, time.Now)
	defer close(release)
	cert := certificateOf(t, "yamada-hanako")
	for i := range 3 {
		start := time.Now()
		if err := c.Revocation(t.Context(), cert); !errors.Is(err, ErrUnknown) {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(start); took > 2500*time.Millisecond {
			t.Errorf("call %d took %v", i, took)
		}
	}
	asked := a.asked.Load()
	if err := c.Revocation(t.Context(), cert); !errors.Is(err, ErrUnknown) || a.asked.Load() != asked {
		t.Errorf("asked again at once: %v", err)
	}
}

func TestLineage(t *testing.T) {
	for name, c := range map[string]struct {
		answer        string
		before, after []string
		fails         bool
	}{
		"two before":        {`{"serial":"2a","predecessors":["29","1f"],"successors":[]}`, []string{"29", "1f"}, nil, false},
		"two after":         {`{"serial":"2a","predecessors":[],"successors":["2b","3f"]}`, nil, []string{"2b", "3f"}, false},
		"none":              {`{"serial":"2a","predecessors":[]}`, nil, nil, false},
		"about another":     {`{"serial":"2b","predecessors":["29"]}`, nil, nil, true},
		"before itself":     {`{"serial":"2a","predecessors":["2a"]}`, nil, nil, true},
		"after itself":      {`{"serial":"2a","successors":["2a"]}`, nil, nil, true},
		"before and after":  {`{"serial":"2a","predecessors":["29"],"successors":["29"]}`, nil, nil, true},
		"not a serial":      {`{"serial":"2a","predecessors":["../x"]}`, nil, nil, true},
		"no serial after":   {`{"serial":"2a","successors":["'"]}`, nil, nil, true},
		"truncated":         {`{"serial":"2a","pre`, nil, nil, true},
		"something follows": {`{"serial":"2a","predecessors":[]}x`, nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{lineage: func([]byte) []byte { return []byte(c.answer) }}
			got, err := a.client(t, nil).Lineage(t.Context(), "2a")
			if (err != nil) != c.fails || !slices.Equal(got.Predecessors, c.before) || !slices.Equal(got.Successors, c.after) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	c := (&agency{}).client(t, nil)
	for _, serial := range []string{"", "2A", "../2a", strings.Repeat("1", 41)} {
		if _, err := c.Lineage(t.Context(), serial); !errors.Is(err, ErrUnknownSerial) {
			t.Errorf("%q: %v", serial, err)
		}
	}
}

func TestIntroductions(t *testing.T) {
	a := &agency{introductions: func(body []byte) []byte {
		if !bytes.Contains(body, []byte(`"serial":"2a"`)) {
			return nil
		}
		return []byte(`{"introductions":{"131105":"AQI=","not-asked":"AQI=","empty":""}}`)
	}}
	got, err := a.client(t, nil).Introductions(t.Context(), "2a", []string{"131105", "empty", "unknown"})
	if err != nil || len(got) != 1 || !bytes.Equal(got["131105"], []byte{1, 2}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAddresses(t *testing.T) {
	ca, _ := softcard.AuthCA(today)
	for base, good := range map[string]bool{
		"https://jlis.example.jp/x": true, "http://127.0.0.1:1/x": true, "http://[::1]:1": true, "http://localhost:8090/jlis": true,
		"http://jlis.example.jp": false, "http://127.0.0.1.example.jp": false, "ftp://127.0.0.1": false, "": false, "jlis": false,
	} {
		if _, err := New(Config{Base: base, CAs: []*x509.Certificate{ca}}); (err == nil) != good {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestRememberedAnswersAreBounded(t *testing.T) {
	var a answers
	for i := range maxAnswers + 10 {
		a.put(big.NewInt(int64(i)).Text(16), false, today.Add(time.Hour), today)
	}
	if len(a.kept) > maxAnswers {
		t.Errorf("%d kept", len(a.kept))
	}
}

func FuzzAnswers(f *testing.F) {
	cert := certificateOf(f, "yamada-hanako")
	ca, key := softcard.AuthCA(today)
	request, err := ocsp.CreateRequest(cert, ca, nil)
	if err != nil {
		f.Fatal(err)
	}
	good := sign(request, ca, ca, key, nil)
	f.Add(good)
	f.Add(softcard.CRL(today))
	f.Add([]byte(`{"serial":"2a","predecessors":["29"],"successors":["2b"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if revoked, until, err := parseOCSP(body, cert, ca, today); err == nil && (revoked || until.After(today.Add(answerFor))) {
			t.Error("nobody signed that")
		}
		if l, err := parseList(body, []*x509.Certificate{ca}, today); err == nil && l.has(cert.SerialNumber) {
			t.Error("nobody signed that")
		}
		if l, err := parseLineage(body, "2a"); err == nil && slices.Contains(slices.Concat(l.Predecessors, l.Successors), "2a") {
			t.Error("its own relative")
		}
		_, _ = parseIntroductions(body, []string{"131105"})
	})
}

func BenchmarkRevocationRemembered(b *testing.B) {
	a := &agency{ocsp: respond(nil)}
	c := a.client(b, nil)
	cert := certificateOf(b, "yamada-hanako")
	for b.Loop() {
		if err := c.Revocation(context.Background(), cert); err != nil {
			b.Fatal(err)
		}
	}
}
