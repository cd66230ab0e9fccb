package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/bridge/softcard"
)

// settings of a portal as it is meant to be; each test spoils one.
func soundConfig(t *testing.T) (config, []*x509.Certificate, tls.Certificate) {
	t.Helper()
	c, err := parseConfig([]string{
		"--origin", "https://portal.example.jp", "--jlis", "https://jlis.example.jp", "--smtp", "mail.example.jp:587",
		"--mail-from", "madoguchi@city.example.jp",
	}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	pair := officetest.Certificate(t, "gateway.example.jp", time.Now().Add(time.Hour))
	ca := officetest.Certificate(t, "J-LIS", time.Now().Add(time.Hour)).Leaf
	return c, []*x509.Certificate{ca}, pair
}

// issuedBy makes a certificate with a name for its issuer, and a key of the cards for its own when one is given.
func issuedBy(t *testing.T, issuer string, key any, public any) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: issuer}, NotBefore: time.Now().AddDate(20, 0, 0),
		NotAfter: time.Now().AddDate(40, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestDevelopmentMaterialIsForThisMachineAlone(t *testing.T) {
	auth, authKey := softcard.AuthCA(time.Now())
	sign, _ := softcard.SignCA(time.Now())
	later := issuedBy(t, "JPKI", authKey, authKey.Public()) // of other dates and another name
	sandbox := officetest.Certificate(t, sandboxAuthority, time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		spoil func(*config, *[]*x509.Certificate, *tls.Certificate)
		want  string // "" passes
	}{
		"sound": {func(*config, *[]*x509.Certificate, *tls.Certificate) {}, ""},
		"http": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.origin = "http://portal.example.jp" },
			"PORTAL_ORIGIN",
		},
		"http in a network": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.origin = "http://192.168.1.9:8080" },
			"PORTAL_ORIGIN",
		},
		"a name like localhost": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.origin = "http://localhost.example.jp" },
			"PORTAL_ORIGIN",
		},
		"the cards' CA": {
			func(_ *config, cas *[]*x509.Certificate, _ *tls.Certificate) { *cas = append(*cas, auth) },
			"PORTAL_JPKI_CA",
		},
		"their other CA": {
			func(_ *config, cas *[]*x509.Certificate, _ *tls.Certificate) { *cas = append(*cas, sign) },
			"PORTAL_JPKI_CA",
		},
		"its key in another": {
			func(_ *config, cas *[]*x509.Certificate, _ *tls.Certificate) { *cas = append(*cas, later) },
			"PORTAL_JPKI_CA",
		},
		"J-LIS of the sandbox": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.jlis = "http://127.0.0.1:8090/jlis" },
			"PORTAL_JLIS",
		},
		"the sandbox's gateway": {
			func(_ *config, _ *[]*x509.Certificate, pair *tls.Certificate) { *pair = sandbox },
			"PORTAL_GATEWAY_CERTIFICATE",
		},
		"no mail server is set": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.smtp = defaultSMTP }, "PORTAL_SMTP",
		},
		"no sender is set": {
			func(c *config, _ *[]*x509.Certificate, _ *tls.Certificate) { c.mailFrom = defaultMailFrom },
			"PORTAL_MAIL_FROM",
		},
		"all of it, on localhost": {func(c *config, cas *[]*x509.Certificate, pair *tls.Certificate) {
			*c = config{
				origin: "http://localhost:8080", jlis: "http://127.0.0.1:8090/jlis", smtp: defaultSMTP,
				mailFrom: defaultMailFrom,
			}
			*cas, *pair = []*x509.Certificate{auth, sign, later}, sandbox
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			settings, authorities, pair := soundConfig(t)
			c.spoil(&settings, &authorities, &pair)
			err := settings.checkDevelopment(authorities, pair)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want an error that names %q", err, c.want)
			}
		})
	}
}

// The hashes are those of the keys, all of them.
func TestThePublicKeysAreKnown(t *testing.T) {
	data, err := os.ReadFile("../bridge/softcard/PUBLIC_TEST_KEYS.pem")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(der); !publicKeys[hex.EncodeToString(sum[:])] {
			t.Errorf("the key of %s is not known: %x", block.Headers["Use"], sum)
		}
		count++
	}
	if count != len(publicKeys) {
		t.Errorf("%d keys, %d known", count, len(publicKeys))
	}
	// The portal has no code of the sandbox's: its authority's name is held together here.
	if source, err := os.ReadFile("sandbox/credential/credential.go"); err != nil ||
		!bytes.Contains(source, []byte(`"`+sandboxAuthority+`"`)) {
		t.Errorf("the sandbox's authority has another name: %v", err)
	}
}

// The whole program does not start, and nothing is made.
func TestAPortalForPeopleDoesNotStartWithTheCardsCA(t *testing.T) {
	dir := t.TempDir()
	w := startWorld(t)
	c := w.config
	c.origin, c.database, c.jpkiCA = "https://portal.example.jp", filepath.Join(dir, "portal.sqlite"),
		filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(c.jpkiCA, softcard.CAPEM(time.Now()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := build(context.Background(), c); err == nil || !strings.Contains(err.Error(), "PORTAL_JPKI_CA") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(c.database); err == nil {
		t.Error("the store was made")
	}
}

func TestTheSandboxsOfficesStayOut(t *testing.T) {
	door := refuseSandbox(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
	)
	key := officetest.Certificate(t, "x", time.Now()).PrivateKey
	for issuer, want := range map[string]int{sandboxAuthority: http.StatusForbidden, "目黒区": http.StatusNoContent} {
		r := httptest.NewRequest(http.MethodPost, "/office.v1.PersonService/ListPersons", nil)
		r.TLS = &tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{issuedBy(t, issuer, key, key.(crypto.Signer).Public())},
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", issuer, w.Code)
		}
	}
}

func TestAStartWithoutANamedProxyIsToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		config config
		told   bool
	}{
		"nothing is set": {config{origin: "https://portal.example.jp"}, true},
		"TLS":            {config{origin: "https://portal.example.jp", certificate: "c.pem"}, false},
		"a proxy":        {config{origin: "https://portal.example.jp", trustedProxies: "10.0.0.1"}, false},
		"this machine":   {config{origin: "http://localhost:8080"}, false},
	} {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		c.config.warnOfProxies()
		slog.SetDefault(before)
		if told := strings.Contains(log.String(), "PORTAL_TRUSTED_PROXIES"); told != c.told {
			t.Errorf("%s: %s", name, log.String())
		}
	}
}
