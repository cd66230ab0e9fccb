package prepare

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/card"
)

func TestChecks(t *testing.T) {
	for _, c := range []struct {
		phase card.Phase
		want  string // one letter a check: fine, waiting, wrong (x), later (-)
	}{
		{card.Searching, "ffw---"},
		{card.AwaitingPermission, "fw----"},
		{card.PermissionDenied, "fx----"},
		{card.Blocked, "x-----"},
		{card.NotRunning, "ffx---"},
		{card.Refused, "ffx---"},
		{card.OldBridge, "ffx---"},
		{card.OldPage, "ffx---"},
		{card.ServiceDown, "ffx---"},
		{card.NoReader, "fffx--"},
		{card.NoCard, "ffffw-"},
		{card.MuteCard, "ffffx-"},
		{card.BusyCard, "ffffx-"},
		{card.HeldCard, "ffffx-"},
		{card.Reading, "fffffw"},
		{card.SeveralCards, "ffffw-"},
		{card.Ready, "ffffff"},
		{card.LayAgain, "fffffx"},
		{card.Locked, "fffffx"},
		{card.NotMyNumber, "fffffx"},
		{card.OldCard, "fffffx"},
		{card.NoCertificate, "fffffx"},
		{card.Unreadable, "fffffx"},
	} {
		got := ""
		for _, check := range checks(status(c.phase), time.Now()) {
			got += map[state]string{fine: "f", waiting: "w", wrong: "x", later: "-"}[check.state]
			if check.message.What.In(lang.Easy) == "" || check.name.In(lang.English) == "" {
				t.Errorf("phase %d: %v says nothing", c.phase, check.name)
			}
		}
		if got != c.want {
			t.Errorf("phase %d: %s, want %s", c.phase, got, c.want)
		}
	}
}

func status(phase card.Phase) card.Status { return card.Status{Lying: card.Lying{Phase: phase}} }

func TestWhatIsToBeUpdatedIsShown(t *testing.T) {
	draw := func(phase card.Phase) string {
		p := &page{status: status(phase)}
		return strings.Join(strings.Fields(app.HTMLString(app.Div().Body(p.list(), app.Div().Body(p.howTo()...)))), " ")
	}
	old := draw(card.OldBridge)
	for _, want := range []string{"カードブリッジを新しくしてください", "下の「カードブリッジを新しくするとき」", "build/bridge"} {
		if !strings.Contains(old, want) {
			t.Errorf("%s is not in %s", want, old)
		}
	}
	for _, want := range []string{"新しいページを読み込んでください", `id="page-reload"`} {
		if html := draw(card.OldPage); !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
	if html := draw(card.NotRunning); strings.Contains(html, "page-reload") {
		t.Errorf("%s", html)
	}
}

// A card whose certificate has ended is told so here, before any PIN, and nothing says that all is well.
func TestAnEndedCertificateIsToldBeforeThePIN(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Date(2016, 10, 1, 14, 59, 59, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s := status(card.Ready)
	s.Contents.Certificate = der
	kind := func(now time.Time) check { return checks(s, now)[5] }
	if got := kind(ends); got.state != fine {
		t.Errorf("%v while it is in force", got.state)
	}
	if got := kind(ends.Add(time.Second)); got.state != wrong || !strings.Contains(got.message.What.In(lang.Japanese), "有効期限が切れています") {
		t.Errorf("%v, %s", got.state, got.message.What)
	}
	if html := app.HTMLString((&page{status: s}).Render()); strings.Contains(html, textAll.String()) {
		t.Error("all is said to be well")
	}
}
