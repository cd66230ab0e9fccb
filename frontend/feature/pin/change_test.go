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
