package jlis

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

var today = time.Now().Truncate(time.Second)

// agency is a J-LIS whose answers a test makes. A nil answer is a 503.
type agency struct {
	ocsp, list, lineage, introductions func(body []byte) []byte
	lists                              map[string]func() []byte // by authority; list serves those that are not there
	asked, fetched                     atomic.Int64
	paths                              sync.Map
}

func (a *agency) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.paths.Store(r.URL.Path, true)
	answer := a.lineage
	issuer, isList := strings.CutPrefix(r.URL.Path, "/jlis/crl/")
	switch {
	case r.URL.Path == "/jlis/ocsp":
		a.asked.Add(1)
		answer = a.ocsp
	case isList:
		a.fetched.Add(1)
		answer = a.list
		if list := a.lists[strings.TrimSuffix(issuer, ".crl")]; list != nil {
			answer = func([]byte) []byte { return list() }
		}
	case r.URL.Path == "/jlis/introductions":
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
}

func (a *agency) client(t testing.TB, now func() time.Time) *Client {
	t.Helper()
	ca, _ := softcard.AuthCA(today)
	return a.clientWith(t, Config{CAs: []*x509.Certificate{ca}, DB: dbtest.SQLite(t), Now: now})
}

func (a *agency) clientWith(t testing.TB, c Config) *Client {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	c.Base = server.URL + "/jlis/"
	if c.Now == nil {
		c.Now = func() time.Time { return today }
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// revocation asks about a certificate of the authority for logins.
func revocation(c *Client, cert *x509.Certificate) error {
	ca, _ := softcard.AuthCA(today)
	return c.Revocation(context.Background(), cert, ca)
}

func certificateOf(t testing.TB, id string) *x509.Certificate {
	t.Helper()
	return softcardtest.Person(t, id).AuthCertificate(today)
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
	answer := ocsp.Response{
		SerialNumber: request.SerialNumber, Status: ocsp.Good, ThisUpdate: today.Add(-time.Minute),
		NextUpdate: today.Add(time.Hour),
	}
	if change != nil {
		change(&answer)
	}
	der, err := ocsp.CreateResponse(issuer, responder, answer, key)
	if err != nil {
		panic(err)
	}
	return der
}

// nonceOf is the nonce that a request carries.
func nonceOf(t testing.TB, request []byte) pkix.Extension {
	t.Helper()
	var parsed ocspRequest
	if rest, err := asn1.Unmarshal(request, &parsed); err != nil || len(rest) > 0 || len(parsed.TBS.Extensions) != 1 ||
		!parsed.TBS.Extensions[0].Id.Equal(oidNonce) {
		t.Fatalf("the request carries no nonce: %x", request)
	}
	return parsed.TBS.Extensions[0]
}

// extended puts extensions into a response and signs it anew, which x/crypto/ocsp cannot.
func extended(t testing.TB, response []byte, extensions ...pkix.Extension) []byte {
	t.Helper()
	_, key := softcard.AuthCA(today)
	var outer struct {
		Status asn1.Enumerated
		Answer struct {
			Type    asn1.ObjectIdentifier
			Content []byte
		} `asn1:"explicit,tag:0"`
	}
	var basic struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	must := func(_ []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(asn1.Unmarshal(response, &outer))
	must(asn1.Unmarshal(outer.Answer.Content, &basic))
	added, err := asn1.MarshalWithParams(extensions, "explicit,tag:1")
	must(nil, err)
	basic.TBS = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(basic.TBS.Bytes, added)}
	signed, err := asn1.Marshal(basic.TBS)
	must(nil, err)
	sum := sha256.Sum256(signed)
	basic.Signature.Bytes, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	must(nil, err)
	basic.Signature.BitLength = 8 * len(basic.Signature.Bytes)
	outer.Answer.Content, err = asn1.Marshal(basic)
	must(nil, err)
	made, err := asn1.Marshal(outer)
	must(nil, err)
	return made
}

// responder issues a certificate for an OCSP responder.
func responder(
	t *testing.T, usage []x509.ExtKeyUsage, issuerKey crypto.Signer, to time.Time, change ...func(*x509.Certificate),
) (*x509.Certificate, *rsa.PrivateKey) {
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
	template := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "responder"},
		NotBefore: today.Add(-time.Hour * 24), NotAfter: to, ExtKeyUsage: usage,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, c := range change {
		c(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, &parent, key.Public(), issuerKey)
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
	year := today.AddDate(1, 0, 0)
	lasting, lastingKey := responder(t, signing, nil, year)
	excused, excusedKey := responder(t, signing, nil, year, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: oidNoCheck, Value: []byte{5, 0}}}
	})
	sealing, sealingKey := responder(t, signing, nil, today.Add(time.Hour), func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageKeyEncipherment
	})
	odd, oddKey := responder(t, signing, nil, today.Add(time.Hour), func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
	})
	signCA, _ := softcard.SignCA(today)
	_, caKey := softcard.AuthCA(today)
	nonce := func(make func(asked pkix.Extension) []pkix.Extension) func([]byte) []byte {
		return func(b []byte) []byte { return extended(t, respond(nil)(b), make(nonceOf(t, b))...) }
	}
	by := func(cert *x509.Certificate, key crypto.Signer) func([]byte) []byte {
		return func(body []byte) []byte {
			return sign(body, ca, cert, key, func(r *ocsp.Response) { r.Certificate = cert })
		}
	}
	for name, c := range map[string]struct {
		answer func([]byte) []byte
		want   error
	}{
		"good": {respond(nil), nil},
		"revoked": {
			respond(func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, today.Add(-time.Hour) }), ErrRevoked,
		},
		"unknown there": {respond(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), ErrUnknown},
		"stale": {
			respond(func(r *ocsp.Response) { r.NextUpdate = today.Add(-time.Second) }), ErrUnknown,
		},
		"old, without an end": {
			respond(func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = today.Add(-time.Hour), time.Time{} }),
			ErrUnknown,
		},
		"good for years": {
			respond(func(r *ocsp.Response) {
				r.ThisUpdate, r.NextUpdate = today.AddDate(0, 0, -2), today.AddDate(1, 0, 0)
			}), ErrUnknown,
		},
		"from the future": {
			respond(func(r *ocsp.Response) {
				r.ThisUpdate, r.NextUpdate = today.Add(time.Hour), today.Add(2*time.Hour)
			}), ErrUnknown,
		},
		"about another": {
			respond(func(r *ocsp.Response) { r.SerialNumber = big.NewInt(5) }), ErrUnknown,
		},
		"signed by a stranger":          {func(b []byte) []byte { return sign(b, ca, ca, stranger, nil) }, ErrUnknown},
		"by a delegate":                 {by(delegated, delegatedKey), nil},
		"by any holder":                 {by(holder, holderKey), ErrUnknown},
		"by a delegate of old":          {by(late, lateKey), ErrUnknown},
		"by a foreign delegate":         {by(foreign, foreignKey), ErrUnknown},
		"by a delegate for a year":      {by(lasting, lastingKey), ErrUnknown},
		"by one not to be checked":      {by(excused, excusedKey), nil},
		"by one whose key is no signer": {by(sealing, sealingKey), ErrUnknown},
		"by one with odd conditions":    {by(odd, oddKey), ErrUnknown},
		"an hour old": {
			respond(func(r *ocsp.Response) { r.ThisUpdate = today.Add(-time.Hour) }), nil,
		},
		"an hour and a second old": {
			respond(func(r *ocsp.Response) { r.ThisUpdate = today.Add(-time.Hour - time.Second) }), ErrUnknown,
		},
		"signed with SHA-1": {
			respond(func(r *ocsp.Response) { r.SignatureAlgorithm = x509.SHA1WithRSA }), ErrUnknown,
		},
		"signed with SHA-512": {
			respond(func(r *ocsp.Response) { r.SignatureAlgorithm = x509.SHA512WithRSA }), nil,
		},
		"named by SHA-256": {respond(func(r *ocsp.Response) { r.IssuerHash = crypto.SHA256 }), nil},
		"of another authority's card": {func(b []byte) []byte {
			return sign(b, signCA, ca, caKey, nil) // the same serial number, the right signature
		}, ErrUnknown},
		"with the nonce": {nonce(func(n pkix.Extension) []pkix.Extension { return []pkix.Extension{n} }), nil},
		"with another nonce": {
			nonce(func(n pkix.Extension) []pkix.Extension { n.Value[9] ^= 1; return []pkix.Extension{n} }), ErrUnknown,
		},
		"with two nonces": {nonce(func(n pkix.Extension) []pkix.Extension {
			return []pkix.Extension{n, {Id: oidNonce, Value: []byte{4, 1, 1}}}
		}), ErrUnknown},
		"with an empty nonce": {
			nonce(func(pkix.Extension) []pkix.Extension { return []pkix.Extension{{Id: oidNonce, Value: []byte{}}} }),
			ErrUnknown,
		},
		"with a condition": {nonce(func(n pkix.Extension) []pkix.Extension {
			return []pkix.Extension{n, {Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}), ErrUnknown},
		"with something else said": {nonce(func(n pkix.Extension) []pkix.Extension {
			return []pkix.Extension{n, {Id: asn1.ObjectIdentifier{1, 2, 3}, Value: []byte{5, 0}}}
		}), nil},
		"truncated": {func(b []byte) []byte { a := respond(nil)(b); return a[:len(a)/2] }, ErrUnknown},
		"a byte changed": {
			func(b []byte) []byte { a := respond(nil)(b); a[len(a)-9] ^= 1; return a }, ErrUnknown,
		},
		"nothing":                {func([]byte) []byte { return []byte{} }, ErrUnknown},
		"a page":                 {func([]byte) []byte { return []byte("<html>") }, ErrUnknown},
		"huge":                   {func([]byte) []byte { return make([]byte, maxOCSP+1) }, ErrUnknown},
		"an error of theirs":     {func([]byte) []byte { return ocsp.TryLaterErrorResponse }, ErrUnknown},
		"an answer out of order": {func([]byte) []byte { return ocsp.UnauthorizedErrorResponse }, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{ocsp: c.answer}
			err := revocation(a.client(t, nil), certificateOf(t, "yamada-hanako"))
			if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestACertificateOfNobodyWeTrust(t *testing.T) {
	p := softcardtest.Person(t, "yamada-hanako")
	a := &agency{ocsp: respond(nil)}
	signCA, _ := softcard.SignCA(today)
	err := a.client(t, nil).Revocation(t.Context(), p.SignCertificate(today), signCA)
	if !errors.Is(err, ErrUnknown) || a.asked.Load() != 0 {
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
	template := &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: today.Add(-10 * time.Minute), NextUpdate: today.Add(time.Hour),
	}
	for _, serial := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: big.NewInt(serial), RevocationTime: today,
		})
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

// pointOf is the issuing distribution point of a list for certificates such as this one.
func pointOf(t *testing.T, cert *x509.Certificate) pkix.Extension {
	t.Helper()
	names, err := pointsOf(cert)
	if err != nil || len(names) != 1 {
		t.Fatalf("%x, %v", names, err)
	}
	return distribution(t, names[0])
}

func pointNamed(t *testing.T, name string) pkix.Extension {
	t.Helper()
	rdn, err := asn1.Marshal(pkix.Name{CommonName: name}.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	return distribution(t, tagged(t, 4, rdn))
}

func distribution(t *testing.T, generalName []byte) pkix.Extension {
	t.Helper()
	value, err := asn1.Marshal(asn1.RawValue{
		Tag: asn1.TagSequence, IsCompound: true, Bytes: tagged(t, 0, tagged(t, 0, generalName)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: oidDistribution, Critical: true, Value: value}
}

func tagged(t *testing.T, tag int, content []byte) []byte {
	t.Helper()
	made, err := asn1.Marshal(asn1.RawValue{
		Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// resigned changes the signed part of a list and signs it anew, with another scheme if need be: x509 makes none that
// are weak.
func resigned(
	t *testing.T, list []byte, algorithm asn1.ObjectIdentifier, hash crypto.Hash, change func(signed []byte) []byte,
) []byte {
	t.Helper()
	_, key := softcard.AuthCA(today)
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(list, &outer); err != nil {
		t.Fatal(err)
	}
	signed := change(outer.TBS.FullBytes)
	digest := hash.New()
	digest.Write(signed)
	signature, err := rsa.SignPKCS1v15(nil, key, hash, digest.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	outer.TBS = asn1.RawValue{FullBytes: signed}
	outer.Algorithm.Algorithm = algorithm
	outer.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	made, err := asn1.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var (
	oidSHA1WithRSA   = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5}
	oidSHA256WithRSA = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}
	oidCRLNumber     = []byte{0x06, 3, 0x55, 0x1d, 20}
)

func weakList(t *testing.T) []byte {
	return resigned(t, makeList(nil, nil), asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, crypto.SHA1,
		func(signed []byte) []byte {
			return bytes.Replace(signed, oidSHA256WithRSA, oidSHA1WithRSA, 1)
		})
}

// unnumbered calls the number something else.
func unnumbered(t *testing.T) []byte {
	return resigned(t, makeList(nil, nil), asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256,
		func(signed []byte) []byte {
			if !bytes.Contains(signed, oidCRLNumber) {
				t.Fatal("the list has no number anyway")
			}
			return bytes.Replace(signed, oidCRLNumber, []byte{0x06, 3, 0x55, 0x1d, 121}, 1)
		})
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
		"stale": {
			makeList(func(l *x509.RevocationList) { l.NextUpdate = today.Add(-time.Second) }, nil), ErrUnknown,
		},
		"from the future": {
			makeList(func(l *x509.RevocationList) { l.ThisUpdate = today.Add(30 * time.Minute) }, nil), ErrUnknown,
		},
		"a stranger's": {makeList(nil, stranger), ErrUnknown},
		"a year, but old": {makeList(func(l *x509.RevocationList) {
			l.ThisUpdate, l.NextUpdate = today.Add(-time.Hour-time.Second), today.AddDate(1, 0, 0)
		}, nil), ErrUnknown},
		"signed with SHA-1": {weakList(t), ErrUnknown},
		"without a number":  {unnumbered(t), ErrUnknown},
		"the largest number": {
			makeList(func(l *x509.RevocationList) { l.Number = new(big.Int).Sub(maxNumber, big.NewInt(1)) }, nil), nil,
		},
		"another point": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{pointNamed(t, "partition 7")}
		}, nil), ErrUnknown},
		"another point, and on it": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{pointNamed(t, "partition 7")}
		}, nil, mine), ErrUnknown},
		"the certificate's point": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{pointOf(t, cert)}
		}, nil), nil},
		"the certificate's point, and on it": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{pointOf(t, cert)}
		}, nil, mine), ErrRevoked},
		"a point relative to something": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{
				{Id: oidDistribution, Critical: true, Value: []byte{0x30, 4, 0xa0, 2, 0xa1, 0}},
			}
		}, nil), ErrUnknown},
		"a point without a name": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{
				{Id: oidDistribution, Critical: true, Value: []byte{0x30, 4, 0xa0, 2, 0xa0, 0}},
			}
		}, nil), ErrUnknown},
		"another's": {softcard.SignCRL(today), ErrUnknown},
		"a delta": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: oidDeltaCRL, Critical: true, Value: []byte{2, 1, 1}}}
		}, nil), ErrUnknown},
		"of CAs only": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{
				{Id: oidDistribution, Critical: true, Value: []byte{0x30, 3, 0x82, 1, 0xff}},
			}
		}, nil), ErrUnknown},
		"of users": {makeList(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{
				{Id: oidDistribution, Critical: true, Value: []byte{0x30, 3, 0x81, 1, 0xff}},
			}
		}, nil), nil},
		"truncated": {makeList(nil, nil)[:100], ErrUnknown},
		"garbage":   {[]byte("garbage"), ErrUnknown},
		"gone":      {nil, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{list: func([]byte) []byte { return c.list }}
			if err := revocation(a.client(t, nil), cert); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAListAtHandServesUntilItsEnd(t *testing.T) {
	var offset atomic.Int64
	var gone atomic.Bool
	for name, c := range map[string]struct {
		maxAge, counts, lasts time.Duration
	}{
		"until the end that it says": {0, 30 * time.Minute, 30 * time.Minute},
		// it was made ten minutes before
		"an hour, whatever it says":       {0, 100 * time.Hour, 50*time.Minute + time.Second},
		"as long as is configured":        {20 * time.Minute, 100 * time.Hour, 10*time.Minute + time.Second},
		"longer, if that is configured":   {90 * time.Minute, 100 * time.Hour, 80*time.Minute + time.Second},
		"no longer than it says, even so": {90 * time.Minute, time.Hour, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			offset.Store(0)
			gone.Store(false)
			a := &agency{list: func([]byte) []byte {
				if gone.Load() {
					return nil
				}
				return makeList(func(l *x509.RevocationList) { l.NextUpdate = today.Add(c.counts) }, nil, 1)
			}}
			ca, _ := softcard.AuthCA(today)
			client := a.clientWith(t,
				Config{CAs: []*x509.Certificate{ca}, DB: dbtest.SQLite(t), MaxAge: c.maxAge, Now: func() time.Time {
					return today.Add(time.Duration(offset.Load()))
				}})
			cert := certificateOf(t, "yamada-hanako")
			if err := revocation(client, cert); err != nil {
				t.Fatal(err)
			}
			gone.Store(true)
			for _, at := range []time.Duration{0, c.lasts / 2, c.lasts - time.Second} {
				offset.Store(int64(at))
				if err := revocation(client, cert); err != nil {
					t.Errorf("after %v: %v", at, err)
				}
			}
			offset.Store(int64(c.lasts))
			if err := revocation(client, cert); !errors.Is(err, ErrUnknown) {
				t.Errorf("after its end: %v", err)
			}
		})
	}
}

// An old list that comes back brings no revoked card back: not in a running portal, not after a restart, not from
// another instance.
func TestAnOlderListNeverReplacesANewer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ca, _ := softcard.AuthCA(today)
		cert := certificateOf(t, "yamada-hanako")
		mine := cert.SerialNumber.Int64()
		var offset atomic.Int64
		var served atomic.Pointer[[]byte]
		serve := func(number int64, age time.Duration, serials ...int64) {
			list := makeList(func(l *x509.RevocationList) {
				l.Number, l.ThisUpdate = big.NewInt(number), today.Add(time.Duration(offset.Load())-age)
				l.NextUpdate = today.AddDate(0, 0, 7)
			}, nil, serials...)
			served.Store(&list)
		}
		a := &agency{list: func([]byte) []byte { return *served.Load() }}
		start := func() *Client {
			return a.clientWith(t, Config{
				CAs: []*x509.Certificate{ca}, DB: d, Now: func() time.Time {
					return today.Add(time.Duration(offset.Load()))
				},
			})
		}
		c := start()
		ask := func(c *Client, want error) {
			t.Helper()
			offset.Add(int64(10 * time.Minute)) // the list at hand is fetched anew
			before := a.fetched.Load()
			if err := revocation(c, cert); !errors.Is(err, want) || (want == nil) != (err == nil) {
				t.Errorf("got %v, want %v", err, want)
			}
			if a.fetched.Load() == before {
				t.Error("no list was fetched")
			}
		}
		serve(8, 0)
		ask(c, nil)
		serve(9, 0, mine)
		ask(c, ErrRevoked)
		serve(8, 0)
		ask(c, ErrRevoked)
		serve(9, 30*time.Minute)
		ask(c, ErrRevoked)
		serve(8, 0)
		ask(start(), ErrUnknown)
		serve(10, 0)
		ask(start(), nil)
		serve(9, 0, mine)
		ask(start(), ErrUnknown)
		if c.atHand(c.authorities[card.Issuer(ca)]) == nil {
			t.Error("the one that runs has lost its list")
		}
	})
}

// Each authority has its own list, at its own address, and one that fails stands in no other's way.
func TestAListAnAuthority(t *testing.T) {
	one, _ := softcard.AuthCA(today)
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other := softcardtest.Authority(t, one.RawSubject, otherKey, today) // the same name, another key
	cert := certificateOf(t, "yamada-hanako")
	// the same serial number, another's
	twin := &x509.Certificate{SerialNumber: cert.SerialNumber, RawIssuer: other.RawSubject}
	lists := map[string]func() []byte{
		card.Issuer(one):   func() []byte { return makeList(nil, nil, cert.SerialNumber.Int64()) },
		card.Issuer(other): func() []byte { return makeList(nil, otherKey) },
	}
	a := &agency{lists: lists}
	c := a.clientWith(t, Config{CAs: []*x509.Certificate{one, other}, DB: dbtest.SQLite(t)})
	if err := c.Revocation(t.Context(), cert, one); !errors.Is(err, ErrRevoked) {
		t.Errorf("the one's: %v", err)
	}
	if err := c.Revocation(t.Context(), twin, other); err != nil {
		t.Errorf("the other's: %v", err)
	}
	for issuer := range lists {
		if _, ok := a.paths.Load("/jlis/crl/" + issuer + ".crl"); !ok {
			t.Errorf("the list of %s was not asked for", issuer)
		}
	}

	a = &agency{
		lists: map[string]func() []byte{card.Issuer(other): lists[card.Issuer(other)]}, list: func([]byte) []byte {
			return nil
		},
	}
	c = a.clientWith(t, Config{CAs: []*x509.Certificate{one, other}, DB: dbtest.SQLite(t)})
	for range failuresToOpen + 1 {
		if err := c.Revocation(t.Context(), cert, one); !errors.Is(err, ErrUnknown) {
			t.Errorf("without a list: %v", err)
		}
	}
	if err := c.Revocation(t.Context(), twin, other); err != nil {
		t.Errorf("the other's, after the one's failed: %v", err)
	}
	// A list signed by the right key at the other's address.
	a = &agency{list: func([]byte) []byte { return makeList(nil, nil) }}
	c = a.clientWith(t, Config{CAs: []*x509.Certificate{one, other}, DB: dbtest.SQLite(t)})
	if err := c.Revocation(t.Context(), twin, other); !errors.Is(err, ErrUnknown) {
		t.Errorf("by another's list: %v", err)
	}
}

// State asks anew, whatever is remembered; a list that is not for all certificates says nothing to it.
func TestTheStateOfACardIsAskedForAnew(t *testing.T) {
	ca, _ := softcard.AuthCA(today)
	cert := certificateOf(t, "yamada-hanako")
	of := card.Of(cert, ca)
	var revoked atomic.Bool
	a := &agency{ocsp: respond(func(r *ocsp.Response) {
		if revoked.Load() {
			r.Status, r.RevokedAt = ocsp.Revoked, today
		}
	})}
	c := a.client(t, nil)
	if err := revocation(c, cert); err != nil {
		t.Fatal(err)
	}
	if err := c.State(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	revoked.Store(true)
	if err := revocation(c, cert); err != nil {
		t.Errorf("a remembered answer: %v", err)
	}
	if err := c.State(t.Context(), of); !errors.Is(err, ErrRevoked) {
		t.Errorf("got %v", err)
	}
	if err := revocation(c, cert); !errors.Is(err, ErrRevoked) {
		t.Errorf("what was found out is not remembered: %v", err)
	}
	for _, stranger := range []card.ID{
		{}, {Issuer: of.Issuer}, {Serial: of.Serial}, {Issuer: strings.Repeat("0", 64), Serial: of.Serial},
	} {
		asked := a.asked.Load()
		if err := c.State(t.Context(), stranger); !errors.Is(err, ErrUnknown) || a.asked.Load() != asked {
			t.Errorf("%v: %v", stranger, err)
		}
	}
	for name, l := range map[string]struct {
		list []byte
		want error
	}{
		"of all":            {makeList(nil, nil), nil},
		"of all, and on it": {makeList(nil, nil, cert.SerialNumber.Int64()), ErrRevoked},
		"of its distribution point": {
			makeList(func(l *x509.RevocationList) { l.ExtraExtensions = []pkix.Extension{pointOf(t, cert)} }, nil),
			ErrUnknown,
		},
	} {
		a := &agency{list: func([]byte) []byte { return l.list }}
		if err := a.client(t, nil).State(t.Context(), of); !errors.Is(err, l.want) || (l.want == nil) != (err == nil) {
			t.Errorf("a list %s: %v", name, err)
		}
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
			if err := revocation(c, cert); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := a.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	offset.Store(int64(answerFor))
	if err := revocation(c, cert); err != nil || a.asked.Load() != 2 {
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
		if err := revocation(c, cert); !errors.Is(err, ErrUnknown) {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(start); took > 10*time.Second { // two, and a busy machine: the point is that it ends
			t.Errorf("call %d took %v", i, took)
		}
	}
	asked := a.asked.Load()
	if err := revocation(c, cert); !errors.Is(err, ErrUnknown) || a.asked.Load() != asked {
		t.Errorf("asked again at once: %v", err)
	}
}

// named writes a card as J-LIS does; the issuer is one letter, repeated.
func named(issuer, serial string) string {
	return `{"issuer":"` + strings.Repeat(issuer, 64) + `","serial":"` + serial + `"}`
}

func idOf(issuer, serial string) card.ID {
	return card.ID{Issuer: strings.Repeat(issuer, 64), Serial: serial}
}

func TestLineage(t *testing.T) {
	of, same, other := idOf("a", "2a"), func(s string) card.ID { return idOf("a", s) }, idOf("b", "2a")
	about := `{"card":` + named("a", "2a") + `,`
	for name, c := range map[string]struct {
		answer        string
		before, after []card.ID
		fails         bool
	}{
		"two before": {
			about + `"predecessors":[` + named("a", "29") + `,` + named("a", "1f") + `],"successors":[]}`,
			[]card.ID{same("29"), same("1f")}, nil, false,
		},
		"two after": {
			about + `"predecessors":[],"successors":[` + named("a", "2b") + `,` + named("a", "3f") + `]}`, nil,
			[]card.ID{same("2b"), same("3f")}, false,
		},
		"of other authority": {about + `"predecessors":[` + named("b", "2a") + `]}`, []card.ID{other}, nil, false},
		"none":               {about + `"predecessors":[]}`, nil, nil, false},
		"about another": {
			`{"card":` + named("a", "2b") + `,"predecessors":[` + named("a", "29") + `]}`, nil, nil, true,
		},
		"about another's": {`{"card":` + named("b", "2a") + `,"predecessors":[]}`, nil, nil, true},
		"about none":      {`{"predecessors":[]}`, nil, nil, true},
		"before itself":   {about + `"predecessors":[` + named("a", "2a") + `]}`, nil, nil, true},
		"after itself":    {about + `"successors":[` + named("a", "2a") + `]}`, nil, nil, true},
		"before and after": {
			about + `"predecessors":[` + named("a", "29") + `],"successors":[` + named("a", "29") + `]}`, nil, nil,
			true,
		},
		"serial numbers only": {about + `"predecessors":["29"]}`, nil, nil, true},
		"no issuer":           {about + `"predecessors":[` + named("", "29") + `]}`, nil, nil, true},
		"no serial":           {about + `"predecessors":[` + named("a", "../x") + `]}`, nil, nil, true},
		"no serial after":     {about + `"successors":[` + named("a", "'") + `]}`, nil, nil, true},
		"truncated":           {about + `"pre`, nil, nil, true},
		"something follows":   {about + `"predecessors":[]}x`, nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := &agency{lineage: func([]byte) []byte { return []byte(c.answer) }}
			got, err := a.client(t, nil).Lineage(t.Context(), of)
			if (err != nil) != c.fails || !slices.Equal(got.Predecessors, c.before) ||
				!slices.Equal(got.Successors, c.after) {
				t.Errorf("got %v, %v", got, err)
			}
			if _, asked := a.paths.Load("/jlis/lineage/" + of.Issuer + "/2a"); !asked {
				t.Error("the authority is not named")
			}
		})
	}
	c := (&agency{}).client(t, nil)
	for _, unknown := range []card.ID{
		{}, idOf("a", ""), idOf("a", "2A"), idOf("a", "../2a"), idOf("a", strings.Repeat("1", 41)), idOf("", "2a"),
	} {
		if _, err := c.Lineage(t.Context(), unknown); !errors.Is(err, ErrUnknownCard) {
			t.Errorf("%v: %v", unknown, err)
		}
		if _, err := c.Introductions(t.Context(), unknown, []string{"1"}); !errors.Is(err, ErrUnknownCard) {
			t.Errorf("%v: %v", unknown, err)
		}
	}
}

func TestIntroductions(t *testing.T) {
	a := &agency{introductions: func(body []byte) []byte {
		if !bytes.Contains(body, []byte(`"card":`+named("a", "2a"))) {
			return nil
		}
		return []byte(`{"introductions":{"131105":"AQI=","not-asked":"AQI=","empty":""}}`)
	}}
	got, err := a.client(t, nil).Introductions(t.Context(), idOf("a", "2a"), []string{"131105", "empty", "unknown"})
	if err != nil || len(got) != 1 || !bytes.Equal(got["131105"], []byte{1, 2}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAddresses(t *testing.T) {
	ca, _ := softcard.AuthCA(today)
	d := dbtest.SQLite(t)
	for base, good := range map[string]bool{
		"https://jlis.example.jp/x": true, "http://127.0.0.1:1/x": true, "http://[::1]:1": true,
		"http://localhost:8090/jlis": true,
		"http://jlis.example.jp":     false, "http://127.0.0.1.example.jp": false, "ftp://127.0.0.1": false,
		"": false, "jlis": false,
	} {
		if _, err := New(Config{Base: base, CAs: []*x509.Certificate{ca}, DB: d}); (err == nil) != good {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestSettings(t *testing.T) {
	d := dbtest.SQLite(t)
	one, _ := softcard.AuthCA(today)
	renewed, _ := softcard.AuthCA(today.AddDate(2, 0, 0))
	_, key := softcard.AuthCA(today)
	namesake := softcardtest.Authority(t, []byte{0x30, 0}, key, today)
	for name, c := range map[string]struct {
		config Config
		good   bool
	}{
		"one":                       {Config{CAs: []*x509.Certificate{one}, DB: d}, true},
		"renewed":                   {Config{CAs: []*x509.Certificate{one, renewed}, DB: d}, true},
		"two names of one key":      {Config{CAs: []*x509.Certificate{one, namesake}, DB: d}, false},
		"none":                      {Config{DB: d}, false},
		"nowhere to keep a number":  {Config{CAs: []*x509.Certificate{one}}, false},
		"a day":                     {Config{CAs: []*x509.Certificate{one}, DB: d, MaxAge: 24 * time.Hour}, true},
		"younger than can be":       {Config{CAs: []*x509.Certificate{one}, DB: d, MaxAge: time.Minute}, false},
		"younger than what is said": {Config{CAs: []*x509.Certificate{one}, DB: d, MaxAge: -time.Hour}, false},
	} {
		c.config.Base = "http://127.0.0.1:1/jlis"
		if _, err := New(c.config); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRememberedAnswersAreBounded(t *testing.T) {
	var a answers
	id := func(i int) card.ID { return idOf("a", big.NewInt(int64(i)).Text(16)) }
	for i := range maxAnswers + 10 {
		a.put(id(i), false, today.Add(time.Hour), today)
	}
	if n := len(a.kept); n > maxAnswers || n < maxAnswers*8/10 {
		t.Errorf("%d kept", n)
	}
	if _, ok := a.get(id(maxAnswers+9), today); !ok {
		t.Error("the newest is forgotten")
	}
	// Those that are over go first.
	a = answers{}
	a.put(id(0), true, today.Add(time.Hour), today)
	for i := range maxAnswers {
		a.put(id(i+1), false, today.Add(time.Minute), today)
	}
	for i := range 2 * maxAnswers / 10 {
		a.put(id(maxAnswers+i+1), false, today.Add(time.Hour), today.Add(time.Minute))
	}
	if revoked, ok := a.get(id(0), today.Add(time.Minute)); len(a.kept) > maxAnswers || ok && !revoked {
		t.Errorf("%d kept; %v, %v", len(a.kept), revoked, ok)
	}
	if _, ok := a.get(id(1), today.Add(time.Minute)); ok {
		t.Error("an answer outlives its time")
	}
}

func TestACircuitOpensAndHeals(t *testing.T) {
	var c circuit
	now := today
	for range failuresToOpen {
		if !c.allow(now) {
			t.Fatal("open too early")
		}
		c.note(false, now)
	}
	if c.allow(now) || c.allow(now.Add(openFor-time.Millisecond)) {
		t.Error("not open")
	}
	now = now.Add(openFor)
	if !c.allow(now) || c.allow(now) {
		t.Error("half open it lets one try, and one alone")
	}
	// The one that tries is never heard of again: after a while another does.
	now = now.Add(openFor)
	if !c.allow(now) {
		t.Fatal("open for ever, because one did not come back")
	}
	c.note(false, now)
	if c.allow(now) {
		t.Error("closed by a failure")
	}
	now = now.Add(openFor)
	if !c.allow(now) {
		t.Fatal("not half open again")
	}
	c.note(true, now)
	for range 100 {
		if !c.allow(now) {
			t.Fatal("not closed by a success")
		}
	}
}

// Whatever breaks while an answer is worked at, the process lives, all who wait hear of it, and the next one asks anew.
func TestAPanicIsAnErrorLikeAnyOther(t *testing.T) {
	c := (&agency{}).client(t, nil)
	synctest.Test(t, func(t *testing.T) { whatAPanicDoes(t, c) })
}

func whatAPanicDoes(t *testing.T, c *Client) {
	var breaker circuit
	started, release := make(chan struct{}), make(chan struct{})
	work := func(context.Context) (any, error) {
		close(started)
		<-release
		var nothing any
		return nothing.(bool), nil
	}
	var group sync.WaitGroup
	var failed atomic.Int64
	wait := func() {
		if result, err := c.once(context.Background(), &breaker, "k", time.Minute, work); err != nil && result == nil {
			failed.Add(1)
		}
	}
	group.Go(wait)
	<-started
	for range 5 {
		group.Go(wait)
	}
	synctest.Wait()
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.once(given, &breaker, "k", time.Minute, work); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up heard %v", err)
	}
	synctest.Wait() // all of them wait for the one that works
	close(release)
	group.Wait()
	if failed.Load() == 0 {
		t.Error("nobody heard of it")
	}
	if result, err := c.once(t.Context(), &breaker, "k", time.Minute, func(context.Context) (any, error) {
		return 7, nil
	}); err != nil || result != 7 {
		t.Errorf("afterwards: %v, %v", result, err)
	}
	for range failuresToOpen {
		_, _ = c.once(t.Context(), &breaker, "p", time.Minute, func(context.Context) (any, error) { panic("again") })
	}
	_, err := c.once(t.Context(), &breaker, "p", time.Minute, func(context.Context) (any, error) { return 7, nil })
	if !errors.Is(err, errLately) {
		t.Errorf("panics are no failures to the circuit: %v", err)
	}
}

// The state of the world in which the fuzz targets look: what passes was signed, and says what was signed.
func FuzzOCSP(f *testing.F) {
	cert := certificateOf(f, "yamada-hanako")
	ca, _ := softcard.AuthCA(today)
	of := card.Of(cert, ca)
	nonce := []byte{4, 4, 1, 2, 3, 4} // the same in every process of the fuzzer
	request, err := makeRequest(of, ca, nonce)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(respond(nil)(request))
	f.Add(extended(f, respond(nil)(request), nonceOf(f, request)))
	f.Add(ocsp.TryLaterErrorResponse)
	f.Fuzz(func(t *testing.T, body []byte) {
		revoked, until, err := parseOCSP(body, of, ca, nonce, today, MaxAge)
		if err == nil && (revoked || until.After(today.Add(answerFor))) {
			t.Error("nobody signed that")
		}
		// Without the signature in the way.
		if err := checkSubject(body, of, ca, nonce); err == nil && !bytes.Contains(body, of.Number().Bytes()) {
			t.Error("an answer about another card passes")
		}
	})
}

func FuzzNonce(f *testing.F) {
	nonce := []byte{4, 4, 1, 2, 3, 4} // the same in every process of the fuzzer
	f.Add(nonce, false)
	f.Add([]byte{4, 0}, true)
	f.Fuzz(func(t *testing.T, value []byte, critical bool) {
		err := checkExtensions([]pkix.Extension{{Id: oidNonce, Critical: critical, Value: value}}, nonce)
		if (err == nil) != bytes.Equal(value, nonce) {
			t.Errorf("%x for %x: %v", value, nonce, err)
		}
	})
}

func FuzzList(f *testing.F) {
	cert := certificateOf(f, "yamada-hanako")
	ca, _ := softcard.AuthCA(today)
	f.Add(softcard.CRL(today))
	f.Add(makeList(nil, nil, 1, 2))
	for _, extension := range cert.Extensions {
		f.Add(extension.Value)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, err := parseList(body, ca, today, MaxAge); err == nil {
			if on, err := l.has(cert.SerialNumber, nil); err == nil && on || l.number == nil ||
				!l.nextUpdate.After(today) {
				t.Error("nobody signed that")
			}
		}
		// The parsers behind the signature.
		points, err := scopeOf(&x509.RevocationList{
			Extensions: []pkix.Extension{{Id: oidDistribution, Critical: true, Value: body}},
		})
		if err == nil && slices.ContainsFunc(points, func(p []byte) bool { return len(p) == 0 }) {
			t.Error("a point without a name")
		}
		_, _ = pointsOf(&x509.Certificate{Extensions: []pkix.Extension{{Id: oidPoints, Value: body}}})
	})
}

func FuzzLineage(f *testing.F) {
	of := idOf("a", "2a")
	f.Add(
		[]byte(`{"card":` + named("a", "2a") + `,"predecessors":[` + named("a", "29") + `],"successors":[` +
			named("b", "2a") + `]}`),
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := parseLineage(body, of)
		if err != nil {
			return
		}
		for i, other := range slices.Concat(l.Predecessors, l.Successors) {
			if other == of || !other.Valid() ||
				slices.Contains(slices.Concat(l.Predecessors, l.Successors)[:i], other) {
				t.Errorf("%v", l)
			}
		}
	})
}

func FuzzIntroductions(f *testing.F) {
	f.Add([]byte(`{"introductions":{"131105":"AQI=","not-asked":"AQI=","empty":""}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseIntroductions(body, []string{"131105", "nenkin"})
		if err != nil {
			return
		}
		for office, sealed := range got {
			if office != "131105" && office != "nenkin" || len(sealed) == 0 {
				t.Errorf("%q: %x", office, sealed)
			}
		}
	})
}

func BenchmarkRevocationRemembered(b *testing.B) {
	a := &agency{ocsp: respond(nil)}
	c := a.client(b, nil)
	cert := certificateOf(b, "yamada-hanako")
	for b.Loop() {
		if err := revocation(c, cert); err != nil {
			b.Fatal(err)
		}
	}
}
