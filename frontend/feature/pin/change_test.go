package pin

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/reach/card"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What became of the PIN is told as far as it is known: who lost the bridge in the middle is not told that nothing
// changed.
func TestWhatIsToldOfAFailure(t *testing.T) {
	for err, known := range map[error]bool{
		card.ErrCardRemoved: true, card.ErrDeclined: true, card.ErrCardChanged: true, card.ErrPause: true,
		card.ErrLayAgain: true, card.ErrBusy: true, card.ErrBridgeGone: false, context.DeadlineExceeded: false,
		card.ErrChangeUnknown: false,
	} {
		message := failure(fmt.Errorf("changing a PIN: %w", err))
		told := message.Means.String()
		if strings.Contains(told, "暗証番号は変わっていません") != known {
			t.Errorf("%v: %s", err, told)
		}
		if !known && !strings.Contains(message.What.String(), "分かりません") {
			t.Errorf("%v: %s", err, message.What)
		}
	}
}

func TestALockedPINLeadsToWhereItIsReset(t *testing.T) {
	locked := card.Status{Lying: card.Lying{Phase: card.Locked}}
	for _, of := range all {
		c := &change{of: of, status: locked}
		if c.phase() != card.NoCertificate {
			t.Errorf("%s: a card that says nothing of it: %d", of.path, c.phase())
		}
	}
	c := &change{of: auth}
	if message := c.locked(); !strings.Contains(message.Do.String(), "窓口") || message.Code != "PN-03" {
		t.Errorf("%+v", message)
	}
	c.of = sign
	if message := c.locked(); !strings.Contains(message.Do.String(), "コンビニ") {
		t.Errorf("%+v", message)
	}
}

// On a reader with keys no PIN of digits is typed on the page, unless the person wants to; the tries stand once.
func TestOnTheReadersKeysNothingIsTypedHere(t *testing.T) {
	c := &change{of: auth, status: card.Status{Lying: card.Lying{Phase: card.Ready, PINPad: true}}}
	html := app.HTMLString(c.form())
	pagetest.Has(t, html, "リーダーのキーで入力する", "1234のような番号や誕生日は避けてください")
	if !c.byReader() || strings.Count(html, `id="pin-tries"`) != 1 {
		t.Errorf("by the reader: %v: %s", c.byReader(), html)
	}
	c.onScreen = true
	if html := app.HTMLString(c.form()); c.byReader() || strings.Count(html, `id="pin-tries"`) != 1 {
		t.Errorf("typed here: %s", html)
	}
	c = &change{of: sign, status: c.status}
	html = app.HTMLString(c.form())
	pagetest.Has(t, html, "リーダーのキーでは入力できません")
	pagetest.HasNot(t, html, `id="pin-on-reader"`)
	if c.byReader() {
		t.Error("letters on keys that have digits alone")
	}
}

func TestTheThreeAreToldApart(t *testing.T) {
	html := app.HTMLString((&overview{}).Render())
	pagetest.Has(t, html, "数字4桁", "6〜16文字", "続けて3回間違えると", "続けて5回間違えると", `href="/pin/auth"`, `href="/pin/sign"`,
		`href="/pin/text"`, "0120-95-0178", "idreset")
	form := app.HTMLString((&change{of: sign}).form())
	pagetest.Has(t, form, `type="password"`, `autocomplete="one-time-code"`, "小文字は大文字", "英字と数字の両方")
	pagetest.HasNot(t, form, `value=`)
	pagetest.HasNot(t, app.HTMLString((&change{of: auth}).form()), "英字と数字の両方")
	if got := stepText(bridgev2.Progress_STEP_PAD).String(); !strings.Contains(got, "キー") {
		t.Error(got)
	}
}

// Where the municipality's desk is known it stands on the page, with its telephone and hours.
func TestTheCounterOfOnesOwnMunicipality(t *testing.T) {
	c := &counter{found: &portalv1.GetProcedureResponse{
		Place: &portalv1.Place{Code: "131105", Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"},
		Content: &portalv1.ProcedureContent{Number: "C-7", Desk: &portalv1.ProcedureDesk{
			Department: "戸籍住民課", Phone: "03-5722-9645", Hours: "8:30〜17:00",
		}},
	}}
	html := app.HTMLString(c.Render())
	pagetest.Has(t, html, "目黒区の窓口", "戸籍住民課", `href="tel:0357229645"`, "8:30〜17:00", `href="/procedures/131105/C-7"`)
	pagetest.HasNot(t, html, "住所")
	c.found.Content.Desk = nil
	pagetest.HasNot(t, app.HTMLString(c.Render()), "窓口")
	pagetest.HasNot(t, app.HTMLString((&counter{}).Render()), "窓口")
}
