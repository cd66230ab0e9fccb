package prepare

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/card"
	"madoguchi/frontend/lang"
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
		for _, check := range checks(status(c.phase)) {
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
