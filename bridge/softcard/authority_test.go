package softcard_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	"madoguchi/proto/clock"
)

// On any day of many years each certificate is what its card is meant to be.
func TestCertificatesOnAnyDay(t *testing.T) {
	for day := time.Date(2026, 11, 22, 12, 0, 0, 0, clock.Japan); day.Year() < 2036; day = day.AddDate(0, 0, 41) {
		ca, _ := softcard.AuthCA(day)
		roots := x509.NewCertPool()
		roots.AddCert(ca)
		if day.Before(ca.NotBefore) || day.After(ca.NotAfter) {
			t.Fatalf("%s: the CA is valid from %s to %s", day, ca.NotBefore, ca.NotAfter)
		}
		for _, p := range softcard.People() {
			c := p.AuthCertificate(day)
			if c == nil {
				continue
			}
			_, err := c.Verify(x509.VerifyOptions{
				Roots: roots, CurrentTime: day, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
			})
			if p.ID == "kato-expired" {
				if !day.After(c.NotAfter) {
					t.Errorf("%s: the expired one is good until %s", day, c.NotAfter)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", day, p.ID, err)
			}
			if end := c.NotAfter.In(clock.Japan); end.Format("0102") != p.BirthDate[4:] && p.BirthDate[4:] != "0229" ||
				end.Hour() != 23 {
				t.Errorf("%s ends at %s, not with the birthday %s", p.ID, end, p.BirthDate)
			}
			if c.NotAfter.After(c.NotBefore.AddDate(5, 0, 1)) || c.NotAfter.After(ca.NotAfter) ||
				c.NotBefore.Before(ca.NotBefore) {
				t.Errorf("%s, %s: from %s to %s", day, p.ID, c.NotBefore, c.NotAfter)
			}
		}
	}
}

// Bridge, sandbox and tests share no state, so another process must make the same bytes: these were made by one.
func TestCertificatesAreTheSameEverywhere(t *testing.T) {
	day := time.Date(2026, 11, 22, 12, 0, 0, 0, clock.Japan)
	ca, _ := softcard.AuthCA(day)
	signCA, _ := softcard.SignCA(day)
	hash := sha256.New()
	hash.Write(ca.Raw)
	hash.Write(signCA.Raw)
	for _, p := range softcard.People() {
		for _, c := range []*x509.Certificate{p.AuthCertificate(day), p.SignCertificate(day)} {
			if c != nil {
				hash.Write(c.Raw)
			}
		}
	}
	hash.Write(softcard.CRL(day))
	const want = "ab50fbfc2bdda9e4e74eb6c2b45bae18ac827fa41fa8fa8cb0d49b460446c04c"
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		t.Errorf("the certificates of 22 November 2026 are %s, not %s: was that meant?", got, want)
	}
}

func TestSizes(t *testing.T) {
	for _, p := range softcard.People() {
		for _, c := range []*x509.Certificate{p.AuthCertificate(time.Now()), p.SignCertificate(time.Now())} {
			if c != nil && (len(c.Raw) < 1000 || len(c.Raw) > 1900) {
				t.Errorf("%s has a certificate of %d bytes", p.ID, len(c.Raw))
			}
		}
	}
}

func TestRevocationAndSuccession(t *testing.T) {
	now := time.Now()
	serial := func(id string) string { return softcard.SerialHex(softcardtest.Person(t, id).AuthSerial()) }
	ca, _ := softcard.AuthCA(now)
	list, err := x509.ParseRevocationList(softcard.CRL(now))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(ca); err != nil {
		t.Error(err)
	}
	if now.Before(list.ThisUpdate) || now.After(list.NextUpdate) {
		t.Errorf("the list is of %s to %s", list.ThisUpdate, list.NextUpdate)
	}
	if len(list.RevokedCertificateEntries) != 1 ||
		softcard.SerialHex(list.RevokedCertificateEntries[0].SerialNumber) != serial("ito-revoked") {
		t.Errorf("revoked are %v", list.RevokedCertificateEntries)
	}
	at, ok := softcard.Revoked(serial("ito-revoked"))
	if !ok || !at.Equal(list.RevokedCertificateEntries[0].RevocationTime) {
		t.Errorf("revoked at %s, %v", at, ok)
	}
	for _, s := range []string{serial("yamada-hanako"), "1", "", "zz"} {
		if _, ok := softcard.Revoked(s); ok {
			t.Errorf("%q is revoked", s)
		}
	}
	if got := softcard.Predecessors(serial("yamada-hanako-2")); len(got) != 1 || got[0] != serial("yamada-hanako") {
		t.Errorf("before the renewed card: %v", got)
	}
	hanako2 := softcard.SerialHex(softcardtest.Person(t, "yamada-hanako-2").SignSerial())
	got := softcard.Predecessors(hanako2)
	if len(got) != 1 || got[0] != softcard.SerialHex(softcardtest.Person(t, "yamada-hanako").SignSerial()) {
		t.Errorf("before the renewed signing certificate: %v", got)
	}
	if got := softcard.Successors(serial("yamada-hanako")); len(got) != 1 || got[0] != serial("yamada-hanako-2") {
		t.Errorf("after the first card: %v", got)
	}
	if got := softcard.Successors(serial("yamada-hanako-2")); len(got) != 0 {
		t.Errorf("after the renewed card: %v", got)
	}
	if got := softcard.Predecessors(serial("yamada-hanako")); len(got) != 0 {
		t.Errorf("before the first card: %v", got)
	}
	a, b := softcardtest.Person(t, "yamada-hanako").Holder(), softcardtest.Person(t, "yamada-hanako-2").Holder()
	if a != "yamada-hanako" || b != a {
		t.Errorf("the cards of one person are held by %s and %s", a, b)
	}
	if _, err := x509.ParseRevocationList(softcard.SignCRL(now)); err != nil {
		t.Error(err)
	}
}

func TestCAPEM(t *testing.T) {
	now := time.Now()
	auth, _ := softcard.AuthCA(now)
	sign, _ := softcard.SignCA(now)
	rest := softcard.CAPEM(now)
	for _, ca := range []*x509.Certificate{auth, sign} {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" || !bytes.Equal(block.Bytes, ca.Raw) {
			t.Fatal("the PEM is not the two authorities' certificates")
		}
	}
	if len(rest) > 0 {
		t.Error("there is more in the PEM")
	}
}

func TestPeople(t *testing.T) {
	var list strings.Builder
	if err := softcard.WritePeople(&list); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(list.String(), "\n"), "\n")
	people := softcard.People()
	if len(lines) != len(people) || len(people) < 15 {
		t.Fatalf("%d lines for %d people", len(lines), len(people))
	}
	seen := map[string]bool{}
	for i, p := range people {
		if columns := strings.Split(lines[i], "\t"); len(columns) != 6 || columns[0] != p.ID || columns[1] != p.Name {
			t.Errorf("line %q", lines[i])
		}
		serial := softcard.SerialHex(p.AuthSerial())
		if seen[p.ID] || seen[serial] {
			t.Errorf("%s is there twice, or its serial %s", p.ID, serial)
		}
		seen[p.ID], seen[serial] = true, true
		if again, ok := softcard.PersonBySerial(serial); ok != (p.AuthCertificate(time.Now()) != nil) ||
			ok && again.ID != p.ID {
			t.Errorf("%s by the serial is %q", p.ID, again.ID)
		}
		if p.ID == "transit" {
			continue
		}
		if !goodMunicipality(p.MunicipalityCode) {
			t.Errorf("%s: the municipality code %s has a wrong check digit", p.ID, p.MunicipalityCode)
		}
		born, err := time.Parse("20060102", p.BirthDate)
		if err != nil || born.After(time.Date(2026, 11, 22, 0, 0, 0, 0, clock.Japan)) {
			t.Errorf("%s was born on %s", p.ID, p.BirthDate)
		}
		if !strings.Contains(p.Address, "999") {
			t.Errorf("%s may live somewhere: %s", p.ID, p.Address)
		}
	}
}

// goodMunicipality checks the digit of 全国地方公共団体コード: weights 6 to 2, modulus 11.
func goodMunicipality(code string) bool {
	if len(code) != 6 {
		return false
	}
	sum := 0
	for i := range 5 {
		sum += int(code[i]-'0') * (6 - i)
	}
	return int(code[5]-'0') == (11-sum%11)%10
}
