package jlis

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/bridge/softcard"
)

// What is kept with a signature is J-LIS's own answer of now; a remembered one does not do.
func TestEvidenceIsOfNow(t *testing.T) {
	ca, _ := softcard.AuthCA(today)
	a := &agency{ocsp: respond(func(r *ocsp.Response) {})}
	c := a.client(t, nil)
	cert := certificateOf(t, "yamada-hanako")
	if err := revocation(c, cert); err != nil {
		t.Fatal(err)
	}
	asked := a.asked.Load()
	got, err := c.Evidence(t.Context(), cert, ca)
	if err != nil || !got.At.Equal(today) {
		t.Fatal(got, err)
	}
	if a.asked.Load() != asked+1 {
		t.Error("it was not asked anew")
	}
	if answer, err := ocsp.ParseResponse(got.OCSP, ca); err != nil || answer.SerialNumber.Cmp(cert.SerialNumber) != 0 {
		t.Errorf("%v, %v", answer, err)
	}
	a.ocsp = respond(func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, today })
	if _, err := c.Evidence(t.Context(), cert, ca); !errors.Is(err, ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	a.ocsp = nil
	if _, err := c.Evidence(t.Context(), cert, ca); !errors.Is(err, ErrUnknown) {
		t.Errorf("neither can be had: %v", err)
	}
}

func TestWhoHoldsASigningCertificate(t *testing.T) {
	now := today
	sign, _ := softcard.SignCA(now)
	person, _ := softcard.PersonByID("yamada-hanako")
	of := card.Of(person.SignCertificate(now), sign)
	its := card.ID{Issuer: card.Issuer(sign), Serial: "abc"}
	body := ""
	agency := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/holder/"+of.Issuer+"/"+of.Serial {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	defer agency.Close()
	c, err := New(Config{Base: agency.URL, CAs: []*x509.Certificate{sign}, DB: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	good := fmt.Sprintf(`{"certificate":{"issuer":%q,"serial":%q},"cards":[{"issuer":%q,"serial":"abc"}]}`,
		of.Issuer, of.Serial, of.Issuer)
	for name, c2 := range map[string]struct {
		body string
		of   card.ID
		ok   bool
	}{
		"good":      {good, of, true},
		"no JSON":   {good[1:], of, false},
		"another":   {fmt.Sprintf(`{"certificate":{"issuer":%q,"serial":"1"},"cards":[]}`, of.Issuer), of, false},
		"no card":   {fmt.Sprintf(`{"certificate":{"issuer":%q,"serial":%q},"cards":[{"issuer":"x"}]}`, of.Issuer, of.Serial), of, false},
		"unknown":   {good, its, false},
		"no number": {good, card.ID{}, false},
	} {
		body = c2.body
		cards, err := c.Holder(context.Background(), c2.of)
		if (err == nil) != c2.ok || c2.ok && (len(cards) != 1 || cards[0] != its) {
			t.Errorf("%s: %v, %v", name, cards, err)
		}
	}
}
