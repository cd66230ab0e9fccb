package card_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/card"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

func TestTwoAuthoritiesNameTwoCards(t *testing.T) {
	now := time.Now()
	ca, _ := softcard.AuthCA(now)
	other, _ := softcard.SignCA(now)
	certificate := softcardtest.Person(t, "yamada-hanako").AuthCertificate(now)
	a, b := card.Of(certificate, ca), card.Of(certificate, other)
	if a == b || a.Serial != b.Serial || a.String() == b.String() || !a.Valid() || !b.Valid() {
		t.Errorf("%v, %v", a, b)
	}
	if a.Serial != softcard.SerialHex(certificate.SerialNumber) || a.Number().Cmp(certificate.SerialNumber) != 0 {
		t.Errorf("%v is not %v", a, certificate.SerialNumber)
	}
	renewed, _ := softcard.AuthCA(now.AddDate(2, 0, 0))
	if renewed.Equal(ca) || card.Issuer(renewed) != card.Issuer(ca) {
		t.Error("an authority whose certificate was renewed is another")
	}
}

func TestWhatNamesNobody(t *testing.T) {
	issuer := strings.Repeat("a1", 32)
	for _, good := range []string{"1", "2a51c001", strings.Repeat("f", 40)} {
		if id := (card.ID{Issuer: issuer, Serial: good}); !id.Valid() || id.Number().Text(16) != good {
			t.Errorf("%v", id)
		}
	}
	for _, id := range []card.ID{
		{}, {issuer, ""}, {"", "1"}, {issuer, "01"}, {issuer, "0"}, {issuer, "2A"}, {issuer, "-1"}, {issuer, "../1"},
		{issuer, strings.Repeat("1", 41)},
		{issuer[1:], "1"}, {issuer + "00", "1"}, {strings.ToUpper(issuer), "1"},
		{issuer, new(big.Int).Lsh(big.NewInt(1), 160).Text(16)},
	} {
		if id.Valid() || id.Number() != nil {
			t.Errorf("%v names somebody", id)
		}
	}
}
