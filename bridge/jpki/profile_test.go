//go:build !js

package jpki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"
	"time"
	"unicode/utf8"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

func TestOwnCertificatesKeepTheProfile(t *testing.T) {
	now := time.Now()
	for _, p := range softcard.People() {
		if c := p.AuthCertificate(now); c != nil {
			if err := jpki.CheckAuthCertificate(c); err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
			if err := jpki.CheckSignCertificate(c); err == nil {
				t.Errorf("%s: the authentication certificate passes for a signing one", p.ID)
			}
		}
		c := p.SignCertificate(now)
		if c == nil {
			continue
		}
		if err := jpki.CheckSignCertificate(c); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		if err := jpki.CheckAuthCertificate(c); err == nil {
			t.Errorf("%s: the signing certificate passes for authentication", p.ID)
		}
		a, err := jpki.AttributesOf(c)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		want := jpki.Attributes{Name: p.Name, Address: p.Address, BirthDate: p.BirthDate, Sex: p.Sex}
		if p.CertificateName != "" {
			want.Name = p.CertificateName
		}
		if a.Attributes != want || a.NameSubstitutions != p.CertificateNameMarks || a.Era < 3 {
			t.Errorf("%s: %+v, want %+v", p.ID, a, want)
		}
	}
}

// forgery is what a test changes in a certificate that is good otherwise.
type forgery struct {
	leaf    x509.Certificate
	issuer  pkix.Name
	key     any
	signing x509.SignatureAlgorithm
}

// One test a rule: each certificate is good but for one thing.
func TestProfileRules(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*forgery)
		want   jpki.Rule
	}{
		"good":                  {func(*forgery) {}, ""},
		"country of the issuer": {func(f *forgery) { f.issuer.Country = []string{"US"} }, jpki.RuleIssuer},
		"organisation":          {func(f *forgery) { f.issuer.Organization = []string{"JPKI2"} }, jpki.RuleIssuer},
		"unit of the other CA": {
			func(f *forgery) { f.issuer.OrganizationalUnit = []string{"JPKI for digital signature"} }, jpki.RuleIssuer,
		},
		"scheme":       {func(f *forgery) { f.signing = x509.SHA384WithRSA }, jpki.RuleSignatureScheme},
		"short key":    {func(f *forgery) { f.key = rsaKey(t, 1024) }, jpki.RuleKey},
		"long key":     {func(f *forgery) { f.key = rsaKey(t, 3072) }, jpki.RuleKey},
		"elliptic key": {func(f *forgery) { f.key = ecKey(t) }, jpki.RuleKey},
		"exponent": {
			func(f *forgery) { f.key = &rsa.PublicKey{N: rsaKey(t, 2048).N, E: 3} }, jpki.RuleKey,
		},
		"CA": {
			func(f *forgery) { f.leaf.IsCA, f.leaf.BasicConstraintsValid = true, true }, jpki.RuleNotCA,
		},
		"no key usage": {func(f *forgery) { f.leaf.KeyUsage = 0 }, jpki.RuleKeyUsage},
		"another key usage": {
			func(f *forgery) { f.leaf.KeyUsage = x509.KeyUsageKeyEncipherment }, jpki.RuleKeyUsage,
		},
		"more key usages": {
			func(f *forgery) { f.leaf.KeyUsage |= x509.KeyUsageContentCommitment }, jpki.RuleKeyUsage,
		},
		"no policy": {func(f *forgery) { f.leaf.Policies = nil }, jpki.RulePolicy},
		"policy of signing": {
			func(f *forgery) { f.leaf.Policies = []x509.OID{policy(t, 1, 1, 20)} }, jpki.RulePolicy,
		},
		"policy of another level": {
			func(f *forgery) { f.leaf.Policies = []x509.OID{policy(t, 1, 3, 31)} }, jpki.RulePolicy,
		},
		"country of the subject": {func(f *forgery) { f.leaf.Subject.Country = nil }, jpki.RuleSubject},
		"a name in the subject": {
			func(f *forgery) { f.leaf.Subject.Locality = []string{"Meguro-ku"} }, jpki.RuleSubject,
		},
		"no common name": {func(f *forgery) { f.leaf.Subject.CommonName = "" }, jpki.RuleSubject},
		"both policies": {func(f *forgery) {
			f.leaf.Policies = []x509.OID{policy(t, 1, 3, 30), policy(t, 1, 1, 20)}
		}, jpki.RulePolicy},
		"any policy beside": {
			func(f *forgery) { f.leaf.Policies = append(f.leaf.Policies, anyPolicy(t)) }, jpki.RulePolicy,
		},
		"signs certificates": {
			func(f *forgery) { f.leaf.KeyUsage |= x509.KeyUsageCertSign }, jpki.RuleKeyUsage,
		},
		"for clients": {usage(x509.ExtKeyUsageClientAuth), ""},
		"for servers": {usage(x509.ExtKeyUsageServerAuth), jpki.RuleExtendedKeyUsage},
		"for clients and servers": {
			usage(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth), jpki.RuleExtendedKeyUsage,
		},
		"for code":     {usage(x509.ExtKeyUsageCodeSigning), jpki.RuleExtendedKeyUsage},
		"for OCSP":     {usage(x509.ExtKeyUsageOCSPSigning), jpki.RuleExtendedKeyUsage},
		"for anything": {usage(x509.ExtKeyUsageAny), jpki.RuleExtendedKeyUsage},
		"for what nobody knows": {
			func(f *forgery) { f.leaf.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} },
			jpki.RuleExtendedKeyUsage,
		},
		"for clients, critically": {
			extension(true, "300A06082B06010505070302", 2, 5, 29, 37), jpki.RuleCriticalExtension,
		},
		"ten years": {func(f *forgery) { f.leaf.NotAfter = f.leaf.NotBefore.AddDate(10, 0, 0) }, ""},
		"eleven years": {
			func(f *forgery) { f.leaf.NotAfter = f.leaf.NotBefore.AddDate(11, 0, 0) }, jpki.RuleValidity,
		},
		"for ever": {
			func(f *forgery) { f.leaf.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }, jpki.RuleValidity,
		},
		"ends before it begins": {
			func(f *forgery) { f.leaf.NotAfter = f.leaf.NotBefore.Add(-time.Second) }, jpki.RuleValidity,
		},
		"an end entity, said":        {func(f *forgery) { f.leaf.BasicConstraintsValid = true }, ""},
		"unknown critical extension": {extension(true, "0500", 1, 2, 3), jpki.RuleCriticalExtension},
		"unknown extension":          {extension(false, "0500", 1, 2, 3), jpki.RuleExtension},
		// crypto/x509 reads these and so does not call them unknown.
		"critical name constraints": {
			extension(true, "300AA00830068204612E6A70", 2, 5, 29, 30), jpki.RuleCriticalExtension,
		},
		"name constraints":            {extension(false, "300AA00830068204612E6A70", 2, 5, 29, 30), jpki.RuleExtension},
		"critical policy constraints": {extension(true, "3003800100", 2, 5, 29, 36), jpki.RuleCriticalExtension},
		"a name besides the subject": {
			func(f *forgery) { f.leaf.DNSNames = []string{"portal.example.jp"} }, jpki.RuleExtension,
		},
		"long serial number": {
			func(f *forgery) { f.leaf.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 160) }, jpki.RuleSerial,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := jpki.CheckAuthCertificate(forge(t, c.change))
			var broken *jpki.ProfileError
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &broken) || broken.Rule != c.want):
				t.Errorf("%v, want the rule %q", err, c.want)
			}
		})
	}
	t.Run("version", func(t *testing.T) {
		old := *forge(t, func(*forgery) {})
		old.Version = 1
		var broken *jpki.ProfileError
		if err := jpki.CheckAuthCertificate(&old); !errors.As(err, &broken) || broken.Rule != jpki.RuleVersion {
			t.Errorf("%v", err)
		}
	})
}

func TestAttributesOfHostileCertificates(t *testing.T) {
	good := softcardtest.Person(t, "yamada-hanako").SignCertificate(time.Now())
	if _, err := jpki.AttributesOf(softcardtest.Person(t, "yamada-hanako").AuthCertificate(time.Now())); err == nil {
		t.Error("an authentication certificate has attributes")
	}
	var san []byte
	for _, e := range good.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			san = e.Value
		}
	}
	if san == nil {
		t.Fatal("no alternative name")
	}
	attributes := func(value []byte) error {
		_, err := jpki.AttributesOf(&x509.Certificate{
			Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}},
		})
		return err
	}
	if err := attributes(san); err != nil {
		t.Fatal(err)
	}
	for cut := range san {
		if attributes(san[:cut]) == nil {
			t.Errorf("cut to %d of %d bytes it still has attributes", cut, len(san))
		}
	}
}

// A signing certificate comes from a card that anybody may have made.
func FuzzAttributesOf(f *testing.F) {
	for _, id := range []string{"yamada-hanako", "watanabe-gaiji"} {
		for _, e := range softcardtest.Person(f, id).SignCertificate(time.Now()).Extensions {
			f.Add(e.Value)
		}
	}
	f.Fuzz(func(t *testing.T, san []byte) {
		a, err := jpki.AttributesOf(&x509.Certificate{
			Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: san}},
		})
		if err == nil && (!utf8.ValidString(a.Name+a.Address) || a.Name == "" || len(a.BirthDate) != 8) {
			t.Fatalf("%+v", a)
		}
	})
}

// A certificate for login comes from anybody too; what passes holds what the profile names and nothing else.
func FuzzCheckAuthCertificate(f *testing.F) {
	for _, id := range []string{"yamada-hanako", "kato-expired"} {
		f.Add(softcardtest.Person(f, id).AuthCertificate(time.Now()).Raw)
		f.Add(softcardtest.Person(f, id).SignCertificate(time.Now()).Raw)
	}
	ca, _ := softcard.AuthCA(time.Now())
	f.Add(ca.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		auth, sign := jpki.CheckAuthCertificate(c) == nil, jpki.CheckSignCertificate(c) == nil
		if auth && sign || (auth || sign) &&
			(c.IsCA || len(c.Policies) != 1 || len(c.UnhandledCriticalExtensions) > 0) {
			t.Errorf("passes as auth: %v, sign: %v", auth, sign)
		}
	})
}

func forge(t *testing.T, change func(*forgery)) *x509.Certificate {
	t.Helper()
	good := softcardtest.Person(t, "yamada-hanako").AuthCertificate(time.Now())
	f := &forgery{
		leaf: x509.Certificate{
			SerialNumber: big.NewInt(7), NotBefore: good.NotBefore, NotAfter: good.NotAfter,
			Subject:  pkix.Name{Country: []string{"JP"}, CommonName: "00000000000000000000000A"},
			KeyUsage: x509.KeyUsageDigitalSignature, Policies: []x509.OID{policy(t, 1, 3, 30)},
		},
		issuer: pkix.Name{
			Country: []string{"JP"}, Organization: []string{"JPKI"}, OrganizationalUnit: []string{
				"JPKI for user authentication",
			},
		},
		key:     good.PublicKey,
		signing: x509.SHA256WithRSA,
	}
	change(f)
	f.leaf.SignatureAlgorithm = f.signing
	_, caKey := softcard.AuthCA(time.Now())
	b, err := x509.CreateCertificate(rand.Reader, &f.leaf,
		&x509.Certificate{Subject: f.issuer, PublicKey: caKey.Public()}, f.key, caKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func usage(usages ...x509.ExtKeyUsage) func(*forgery) {
	return func(f *forgery) { f.leaf.ExtKeyUsage = usages }
}

func extension(critical bool, value string, id ...int) func(*forgery) {
	return func(f *forgery) {
		content, err := hex.DecodeString(value)
		if err != nil {
			panic(err)
		}
		f.leaf.ExtraExtensions = []pkix.Extension{{Id: id, Critical: critical, Value: content}}
	}
}

func anyPolicy(t *testing.T) x509.OID {
	t.Helper()
	oid, err := x509.ParseOID("2.5.29.32.0")
	if err != nil {
		t.Fatal(err)
	}
	return oid
}

func policy(t *testing.T, last ...uint64) x509.OID {
	t.Helper()
	oid, err := x509.OIDFromInts(append([]uint64{1, 2, 392, 200149, 8, 5}, last...))
	if err != nil {
		t.Fatal(err)
	}
	return oid
}

func rsaKey(t *testing.T, bits int) *rsa.PublicKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

func ecKey(t *testing.T) *ecdsa.PublicKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}
