package prepare

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/card"
)

func TestChecks(t *testing.T) {
	seen := map[card.Phase]bool{}
	for _, c := range []struct {
		phase card.Phase
		want  string // one letter a check: fine, waiting, wrong (x), later (-)
	}{
		{card.Searching, "f-w---"},
		{card.AwaitingPermission, "fw----"},
		{card.PermissionDenied, "fx----"},
		{card.Blocked, "x-----"},
		{card.Handheld, "w-----"},
		{card.NotRunning, "f-x---"},
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
		{card.Expired, "fffffx"},
		{card.Rejected, "fffffx"},
		{card.NotMyNumber, "fffffx"},
		{card.OldCard, "fffffx"},
		{card.NoCertificate, "fffffx"},
		{card.Unreadable, "fffffx"},
	} {
		got := ""
		seen[c.phase] = true
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
	for phase := card.Searching; phase <= card.Unreadable; phase++ {
		if !seen[phase] {
			t.Errorf("phase %d is not here", phase)
		}
	}
}

// Of the browser's permission the page says what it knows: given when the person gave it, else that it was not asked
// for.
func TestNoPermissionIsToldThatNobodyGave(t *testing.T) {
	for _, c := range []struct {
		phase      card.Phase
		permission card.Permission
		state      state
		says       string
	}{
		{card.Searching, card.PermissionUnknown, later, "まだ尋ねられていません"},
		{card.NotRunning, card.PermissionUnknown, later, "まだ尋ねられていません"},
		{card.NotRunning, card.PermissionPrompt, later, "まだ尋ねられていません"},
		{card.NotRunning, card.PermissionGranted, fine, "許可しています"},
		{card.NoCard, card.PermissionUnknown, fine, "許可を求められずに"},
		{card.Ready, card.PermissionGranted, fine, "許可しています"},
		{card.Refused, card.PermissionUnknown, fine, "許可を求められずに"},
		{card.AwaitingPermission, card.PermissionPrompt, waiting, "ブラウザの確認に答えて"},
		{card.PermissionDenied, card.PermissionDeniedByPerson, wrong, "許可していません"},
	} {
		s := status(c.phase)
		s.Permission = c.permission
		got := checks(s)[1]
		if got.state != c.state || !strings.Contains(got.message.What.In(lang.Japanese), c.says) {
			t.Errorf("phase %d, permission %d: %d, %s", c.phase, c.permission, got.state, got.message.What)
		}
	}
}

// Without a bridge the way to one comes first, and what is for a terminal is folded away in it.
func TestTheWayToABridgeComesFirst(t *testing.T) {
	html := func(phase card.Phase) string { return app.HTMLString((&page{status: status(phase)}).withCard()) }
	missing := html(card.NotRunning)
	how, list, terminal := strings.Index(missing, textBridge.String()), strings.Index(missing, "check-list"),
		strings.Index(missing, "bridge --origins")
	if how < 0 || how > list || terminal > list {
		t.Errorf("the steps at %d, the list at %d, the line at %d", how, list, terminal)
	}
	if fold := strings.LastIndex(missing[:terminal], "<details"); fold < how ||
		strings.Contains(missing[fold:terminal], "</details>") ||
		strings.Contains(missing[fold:terminal], `open="true"`) {
		t.Errorf("the line for a terminal is not folded away: %s", missing[fold:terminal])
	}
	if there := html(card.NoCard); strings.Index(there, textBridge.String()) < strings.Index(there, "check-list") {
		t.Error("a bridge that runs is explained first")
	}
	if phone := app.HTMLString((&page{}).withoutCard()); strings.Contains(phone, "--origins") ||
		strings.Contains(phone, "check-list") {
		t.Errorf("a phone is told of a bridge: %s", phone)
	}
}

func status(phase card.Phase) card.Status { return card.Status{Lying: card.Lying{Phase: phase}} }

func TestWhatIsToBeUpdatedIsShown(t *testing.T) {
	draw := func(phase card.Phase) string {
		return strings.Join(strings.Fields(app.HTMLString((&page{status: status(phase)}).withCard())), " ")
	}
	old := draw(card.OldBridge)
	for _, want := range []string{"カードブリッジを新しくしてください", "上の「カードブリッジを新しくするとき」", "build/bridge"} {
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

// Where the browser offers no button, the way of that browser is told.
func TestHowToInstall(t *testing.T) {
	draw := func(p *page) string { return app.HTMLString(app.Div().Body(p.install()...)) }
	for want, p := range map[string]*page{
		"共有ボタン": {browser: browser{maker: safariPhone}}, "ブラウザのメニュー": {}, `id="install"`: {installable: true},
		"アプリとして開いています": {installed: true, browser: browser{maker: safariPhone}},
		"2年以上前": {
			browser: browser{safariPhone, 16}, now: time.Date(2026, time.November, 26, 0, 0, 0, 0, time.UTC),
		},
	} {
		if html := draw(p); !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
}

// A card that cannot be used is told so here, before any PIN, and nothing says that all is well.
func TestACardThatCannotBeUsedIsNotReady(t *testing.T) {
	for _, phase := range []card.Phase{card.Expired, card.Rejected, card.Locked} {
		html := app.HTMLString((&page{status: status(phase)}).withCard())
		if strings.Contains(html, textAll.String()) || strings.Contains(html, "picture-success") ||
			!strings.Contains(html, "picture-failure") {
			t.Errorf("phase %d: all is said to be well", phase)
		}
	}
}
