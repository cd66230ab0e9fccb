//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

const (
	offlineWords = "変更はこの端末に封をして残し"
	oneWaits     = "1件が送信待ちです"
)

// calls counts how often the portal was called so.
func (w *world) calls(procedure string) int {
	return strings.Count(w.processes["portal"].output.String(), "path=/portal.v1."+procedure+" ")
}

// remembered is a to-do of the person's folder, which the page puts there from the page of a procedure.
func (b *browser) remembers(title string) {
	b.t.Helper()
	b.follow("/procedures/131105/P0033")
	b.sees("花子さん") // before that it would go onto the list of the device
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	since := eval[float64](b, "Date.now()")
	b.follow("/todo")
	b.sees(title)
	// A page waits for the device only so long before it shows what it heard; and without one of the two parts of the
	// list, tasks and what notices ask, nothing is known of it.
	b.until("both parts of the list kept on the device", fmt.Sprintf("(%s).then(s => JSON.parse(s || '[]')"+
		".filter(r => r.kind === 'todo' && r.at >= %.0f).length > 1)", vaultRows("records"), since))
}

// cut takes the network from the page as soon as its vault is open; the page says that changes are kept.
func (b *browser) cut() {
	b.t.Helper()
	b.cutOff(offlineWords)
}

// cutOff does so on a page that says something else of it.
func (b *browser) cutOff(says string) {
	b.t.Helper()
	b.until("what opens the vault of this page",
		"performance.getEntriesByType('resource').some(e => e.name.endsWith('/OpenVault') && e.responseEnd)")
	b.offline(true)
	b.sees(says)
	if !b.holds("fetch('/portal.v1.LoginService/GetSession', { method: 'POST' }).then(() => false, () => true)") {
		b.t.Fatal("a request comes through without a network")
	}
}

// noneWaits waits until everything was sent.
func (b *browser) noneWaits() {
	b.t.Helper()
	b.until("nothing in the outbox", "("+vaultRows("records")+
		").then(s => JSON.parse(s || '[]').filter(r => r.kind === 'outbox').length === 0)")
	b.until("no word of it on the bar",
		"!document.getElementById('unsent') || !document.getElementById('unsent').innerText")
}

// What was done without a network is kept through a reload and the end of the tab, shown as it will be, never as done,
// and arrives once.
func TestWhatWasDoneWithoutANetworkArrivesOnce(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.remembers(title)
	b.cut()
	b.tickRow(title, 1)
	b.sees("まだ送っていません。この端末に封をして残しました", oneWaits, "送信待ち")
	b.seesNot("を終わりにしました")
	b.screenshot("outbox-todo-offline")
	b.press("送信待ちを見る")
	b.at("/outbox")
	b.sees("「"+title+"」を済みにする", "送信待ち")
	b.screenshot("outbox-page")
	kept := eval[string](b, vaultRows("records"))
	for _, told := range []string{title, hexOf(title), hexOf("UpdateTask")} {
		if strings.Contains(kept, told) {
			t.Errorf("%q lies in clear", told)
		}
	}
	// What is not to be sent is brought back.
	b.press("送らない")
	b.sees("送らないことにしました")
	b.press("元に戻す")
	b.sees("送信待ちに戻しました", oneWaits)

	// Logging out asks first.
	b.press("メニュー")
	b.press("ログアウト")
	b.sees("送信待ちのままログアウトしますか", "封をしたままこの端末に残り")
	b.screenshot("outbox-logout")
	b.press("ログインしたままにする")

	// The page begins anew without a network, and is gone; another tab sends what it left.
	before := w.calls("GuideService/UpdateTask")
	b.open("/outbox")
	b.sees("封をして残しています")
	b.seesNot(title)
	b.gone()
	tab := b.tab()
	tab.open("/todo")
	tab.sees("終わった（1件）")
	tab.noneWaits()
	tab.open("/todo")
	tab.sees("終わった（1件）")
	if n := w.calls("GuideService/UpdateTask") - before; n != 1 {
		t.Errorf("sent %d times", n)
	}
	tab.screenshot("outbox-sent")
	other := newBrowser(t, desktop, "ja")
	other.arrive("yamada-hanako", "1234", "花子", "目黒区")
	other.follow("/todo")
	other.sees("終わった（1件）")
}

// Two tabs have the same writes before them: one of the two sends them.
func TestTwoTabsSendOnce(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.remembers(title)
	tab := b.tab()
	tab.open("/todo")
	tab.sees(title)
	b.cut()
	tab.offline(true)
	tab.sees(offlineWords)
	b.tickRow(title, 1)
	b.sees(oneWaits)
	tab.sees(oneWaits, "送信待ち")
	before := w.calls("GuideService/UpdateTask")
	b.offline(false)
	tab.offline(false)
	b.noneWaits()
	tab.noneWaits()
	b.sees("終わった（1件）")
	tab.sees("終わった（1件）")
	if n := w.calls("GuideService/UpdateTask") - before; n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// Another person at the same device neither sees nor sends what waits; it goes when its person is back.
func TestWhatWaitsIsItsPersonsAlone(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako", "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.remembers(title)
	b.cut()
	b.tickRow(title, 1)
	b.sees(oneWaits)
	before := w.calls("GuideService/UpdateTask")
	b.gone() // before it can be sent; and the session ends, as by time
	b.offline(false)
	call(b, network.DeleteCookies, network.DeleteCookiesParams{Name: "__Host-session", Domain: "localhost", Path: "/"})
	w.take(t)
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	b.follow("/outbox")
	b.sees("送信を待っているものはありません")
	b.seesNot(title)
	b.seesNot(oneWaits)
	b.follow("/todo")
	b.sees("やること")
	b.seesNot(title)
	if n := w.calls("GuideService/UpdateTask") - before; n != 0 {
		t.Errorf("sent %d times", n)
	}
	b.press("太郎さん")
	b.press("ログアウト")
	b.until("nobody in", "document.getElementById('header-login')?.checkVisibility()")
	b.sees(oneWaits) // of whom, and what, stays sealed
	b.seesNot(title)
	w.take(t)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/todo")
	b.sees("終わった（1件）")
	b.noneWaits()
	if n := w.calls("GuideService/UpdateTask") - before; n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// A day was set on this device without a network, and another one elsewhere meanwhile: both are shown, nothing is
// overwritten, and the person decides.
func TestAConflictShowsBothSides(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.remembers(title)
	other := newBrowser(t, desktop, "ja")
	other.arrive("yamada-hanako", "1234", "花子", "目黒区")
	other.follow("/todo")
	other.sees(title)
	day := func(b *browser, day, says string) {
		b.t.Helper()
		b.press("自分の日を決める: " + title)
		b.setDay("todo-day", day)
		b.press("この日にする")
		b.sees(says)
	}
	b.cut()
	day(b, "2030-01-10", oneWaits)
	b.sees("2030年1月10日(木)まで")
	day(other, "2030-01-21", "2030年1月21日(月)まで")
	b.offline(false)
	b.sees("1件は、どうするか決めてください", "2030年1月21日(月)まで")
	b.press("送信待ちを見る")
	b.sees("ほかの端末やタブで、先に変えられていました", "2030年1月10日(木)", "2030年1月21日(月)", "自分で決めた日")
	b.screenshot("outbox-conflict")
	b.press("この端末の内容にする")
	b.noneWaits()
	other.sees("2030年1月10日(木)まで")
	for i, language := range []string{"en", "easy"} {
		b.open(fmt.Sprintf("/outbox?lang=%s", language))
		b.screenshot(fmt.Sprintf("outbox-none-%d", i))
	}
}
