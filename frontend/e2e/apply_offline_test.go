//go:build !js

package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What is typed without a network lies on the device, sealed; it is there after the tab is gone, meets what another
// device wrote meanwhile field by field, and goes to the folder.
func TestADraftTypedWithoutANetworkOutlivesTheTab(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/apply/131105/jido-teate-gaku")
	b.press("白紙から始める")
	b.answer("kind", "up")
	b.sees("下書きを保存しました")
	draft := eval[string](b, `JSON.parse(sessionStorage.getItem("draft/apply-131105-jido-teate-gaku")).Draft`)

	b.offline(true)
	b.answer("reason_up", "birth")
	b.day("event_date", "2026", "11", "20")
	b.sees("鍵をかけて残っています")
	b.inspect("typed without a network")
	b.screenshot("apply-offline-phone")
	b.until("the draft in the vault", "("+vaultRows("records")+").then(s => s.includes('\"kind\":\"filling\"'))")
	kept := eval[string](b, "("+vaultRows("records")+
		").then(s => JSON.stringify(JSON.parse(s).filter(r => r.kind === 'filling')))")
	for _, told := range []string{"event_date", hexOf("event_date"), hexOf("2026-11-20"), draft} {
		if strings.Contains(kept, told) {
			t.Errorf("%q lies there in clear", told)
		}
	}
	// The tab is gone, and all that it kept by itself.
	eval[chromedp.Void](b, `sessionStorage.removeItem("draft/apply-131105-jido-teate-gaku")`)
	b.gone()

	// Another device answers one of the same questions otherwise.
	other := newBrowser(t, desktop, "ja")
	other.world.lay(t, "yamada-hanako")
	other.logIn("1234")
	other.at("/home")
	other.follow("/apply/131105/jido-teate-gaku?draft=" + draft)
	other.answer("reason_up", "adopt")
	other.until("the folder to have it", `(k => k.Seen?.reason_up > 0 && !k.Dirty?.reason_up)(
		JSON.parse(sessionStorage.getItem("draft/apply-131105-jido-teate-gaku") || "{}"))`)

	b.offline(false)
	b.open("/apply/131105/jido-teate-gaku?draft=" + draft)
	b.sees("違う内容が1つあります", "この画面", "ほかの端末")
	b.until("what only this device had", `document.getElementById("f-event_date")?.value === "2026"`)
	b.inspect("two devices' answers")
	b.screenshot("apply-met-phone")
	b.press("この画面の内容にする")
	b.sees("下書きを保存しました")
	other.reload()
	other.until("what the first device had", `document.getElementById("f-event_date")?.value === "2026" &&
		(document.getElementById("f-reason_up")?.value === "birth" ||
		document.querySelector('input[name="f-reason_up"][value="birth"]')?.checked)`)
}
