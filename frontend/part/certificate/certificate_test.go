package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/card"
)

func issue(t testing.TB, until time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: strings.Repeat("名", 20), Country: []string{"JP"}},
		NotBefore: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestEnds(t *testing.T) {
	for _, want := range []time.Time{
		time.Date(2026, 10, 1, 14, 59, 59, 0, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2051, 2, 28, 0, 0, 0, 0, time.UTC),
	} {
		der := issue(t, want)
		if got, ok := Ends(der); !ok || !got.Equal(want) {
			t.Errorf("%s, %v; want %s", got, ok, want)
		}
		if got, ok := Ends(der[:60]); ok {
			t.Errorf("half a certificate ends %s", got)
		}
	}
}

func TestWhatHasEndedIsTold(t *testing.T) {
	ends := time.Date(2026, 10, 1, 14, 59, 59, 0, time.UTC)
	status := func(phase card.Phase, certificate []byte) card.Status {
		return card.Status{Lying: card.Lying{Phase: phase, Contents: card.Contents{Certificate: certificate}}}
	}
	der := issue(t, ends)
	told := Over(status(card.Ready, der), ends.Add(time.Second))
	for _, code := range lang.All {
		if told.What.In(code) == "" || told.Means.In(code) == "" || told.Do.In(code) == "" {
			t.Errorf("no words in %s", code)
		}
	}
	if what := told.What.In(lang.Japanese); !strings.Contains(what, "2026年10月1日") {
		t.Error(what)
	}
	for name, quiet := range map[string]bool{
		"in force": Over(status(card.Ready, der), ends).Is(), "no card": Over(status(card.NoCard, nil), ends.Add(time.Hour)).Is(),
		"no certificate": Over(status(card.Ready, []byte("x")), ends.Add(time.Hour)).Is(),
	} {
		if quiet {
			t.Errorf("%s: told as over", name)
		}
	}
}

// Whatever a card sends does no harm, and what the library takes for a certificate ends here as there.
func FuzzEnds(f *testing.F) {
	f.Add(issue(f, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
	f.Add(issue(f, time.Date(2060, 1, 2, 3, 4, 5, 0, time.UTC)))
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, der []byte) {
		got, ok := Ends(der)
		parsed, err := x509.ParseCertificate(der)
		if err == nil && (!ok || !got.Equal(parsed.NotAfter)) {
			t.Errorf("%s, %v; want %s", got, ok, parsed.NotAfter)
		}
	})
}
