//go:build !js

package e2e_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// vaultRows is a JavaScript expression: what lies in the database of a store, as text, bytes as hex.
func vaultRows(store string) string {
	return `new Promise(done => { const r = indexedDB.open('madoguchi'); r.onerror = () => done(''); r.onsuccess = () => { const d = r.result;
	if (!d.objectStoreNames.contains('` + store + `')) { d.close(); return done('') }
	const g = d.transaction('` + store + `').objectStore('` + store + `').getAll(); g.onsuccess = () => { d.close();
		done(JSON.stringify(g.result, (k, v) => v instanceof Uint8Array ? Array.from(v, b => b.toString(16).padStart(2, '0')).join('') : v)) } } })`
}

func hexOf(text string) string { return hex.EncodeToString([]byte(text)) }

// offPortal ends the portal of a world, until back.
func offPortal(t *testing.T, w *world) (back func()) {
	t.Helper()
	portal := w.processes["portal"]
	portal.stop()
	stopped := true
	back = func() {
		if !stopped {
			return
		}
		stopped = false
		if err := portal.start(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(back)
	return back
}

// What was read is there without a network, with its age, for who holds the card; nobody else opens it, and nothing of
// it lies in clear.
func TestWhatWasReadIsThereWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	b := newBrowser(t, phone, "ja")
	b.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	// The page that the card was shown to keeps what it gave: who goes on to another before, has it at the next login.
	b.until("a way in by the card", "("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("card")+"'))")
	w.sendNotice(t, form("office", "131105", "person", "kobayashi-ren", "title", "図書館の予約資料が届きました",
		"body", "七日以内に、二階の窓口においでください。"))
	w.sendNotice(t, form("office", "131105", "person", "kobayashi-ren", "title", "国民健康保険のお知らせ",
		"body", "保険料の額が決まりました。"))
	b.open("/notice")
	b.sees("残したお知らせからさがす", "図書館の予約資料が届きました") // the vault is open
	b.press("図書館の予約資料が届きました")
	b.sees("二階の窓口")
	b.do(chromedp.Navigate("about:blank")) // at once: what was seen is kept
	b.open("/notice")
	b.sees("残したお知らせからさがす")
	b.press("国民健康保険のお知らせ")
	b.sees("保険料の額が決まりました")
	b.until("what was read in the vault", "("+vaultRows("records")+").then(s => JSON.parse(s || '[]')"+
		".filter(r => r.kind === 'notice/find').length === 2)")
	b.until("the list and both notices", "("+vaultRows("records")+").then(s => JSON.parse(s || '[]')"+
		".filter(r => r.kind === 'notice').length >= 3)")
	for _, store := range []string{"records", "vaults"} {
		kept := eval[string](b, vaultRows(store))
		for _, told := range []string{"図書館", hexOf("図書館"), hexOf("窓口"), hexOf("蓮"), hexOf("GetNotice")} {
			if strings.Contains(kept, told) {
				t.Errorf("%s holds %q in clear", store, told)
			}
		}
	}
	b.open("/notice")
	b.fill("残したお知らせからさがす", "窓口 二階")
	b.press("さがす")
	b.sees("図書館の予約資料が届きました")
	b.until("one alone", "!document.body.innerText.includes('国民健康保険のお知らせ')")
	b.screenshot("vault-search")
	b.press("すべてのお知らせに戻る")
	b.sees("国民健康保険のお知らせ")

	// The network goes while the person is in: what was read stays.
	b.until("whose it is in the vault", "("+vaultRows("records")+").then(s => JSON.parse(s || '[]')"+
		".some(r => r.kind === 'account'))")
	back := offPortal(t, w)
	b.press("国民健康保険のお知らせ")
	b.sees("保険料の額が決まりました", "この端末に残したもの")
	b.screenshot("vault-offline")

	// A page that begins without a network, as on a device that was started anew: only the card opens.
	b.open("/notice")
	b.sees("鍵をかけてあります")
	b.seesNot("図書館")
	b.screenshot("vault-locked")
	b.press("カードで開く")
	b.sees("あと3回")
	b.fill("暗証番号", "1234")
	b.press("カードで開く")
	b.at("/notice")
	b.sees("図書館の予約資料が届きました", "この端末に残したもの", "蓮さん")
	b.press("図書館の予約資料が届きました")
	b.sees("二階の窓口")
	b.screenshot("vault-by-card")

	// The card is lifted: it is locked again.
	w.take(t)
	b.open("/notice")
	b.sees("鍵をかけてあります")
	b.seesNot("図書館")
	back()
}

// On a device that is shared nothing is kept: no vault, no record, no cookie of the device.
func TestASharedDeviceKeepsNothing(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	b := newBrowser(t, desktop, "ja")
	w.lay(t, "kobayashi-ren")
	b.open("/login")
	b.sees("あと3回")
	b.press("この端末は、ほかの人も使います（共用の端末）")
	b.screenshot("login-shared")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/account/open")
	b.openFolder("蓮", "", "目黒区")
	b.press("ホームへ")
	w.sendNotice(t, form("office", "131105", "person", "kobayashi-ren", "title", "図書館の予約資料が届きました", "body", "一週間です"))
	b.follow("/notice")
	b.press("図書館の予約資料が届きました")
	b.sees("一週間です")
	b.follow("/device")
	b.sees("共用の端末としてログインしているので、何も残していません")
	for _, store := range []string{"records", "vaults"} {
		if kept := eval[string](b, vaultRows(store)); kept != "" && kept != "[]" {
			t.Errorf("%s: %s", store, kept)
		}
	}
	if kept := eval[string](b, "Object.keys(localStorage).join()"); kept != "" {
		t.Errorf("kept: %s", kept)
	}
	w.take(t)
}

// vaultStock is a JavaScript expression: how many vaults there are.
var vaultStock = "(" + vaultRows("vaults") + ").then(s => JSON.parse(s || '[]').length)"

// Two tabs hear of a login at the same moment, on a device that the portal does not know: it is one device, with one
// vault, and both tabs have it open.
func TestTwoTabsAtALoginOpenOneVault(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	elsewhere := newBrowser(t, desktop, "ja")
	elsewhere.arrive("yamada-hanako", "1234", "花子", "目黒区")
	w.take(t)
	b := newBrowser(t, desktop, "ja")
	b.open("/")
	b.sees("ログイン")
	tab := b.tab()
	tab.open("/device")
	tab.sees("この端末")
	const opens = "*/portal.v1.DeviceService/OpenVault"
	first, second := b.holdAt(opens), tab.holdAt(opens)
	w.lay(t, "yamada-hanako")
	b.logIn("1234")
	b.at("/home")
	tab.sees("花子さん")
	// One asks the portal, and the other waits for it.
	tab.until("the other tab to be at it", "navigator.locks.query().then(q => [q.held, q.pending].every("+
		"of => of.some(l => l.name === 'madoguchi-vault')))")
	if n := first.count() + second.count(); n != 1 {
		t.Errorf("%d ask at the same time", n)
	}
	first.lift()
	second.lift()
	for _, one := range []*browser{b, tab} {
		one.follow("/device")
		one.sees("開いています")
	}
	if n := eval[int](b, vaultStock); n != 1 {
		t.Errorf("%d vaults", n)
	}
	b.open("/device") // what it lists is from before otherwise
	b.until("the devices", "document.querySelectorAll('[id^=device-key-]').length > 0")
	if n := eval[int](b, "document.querySelectorAll('[id^=device-key-]').length"); n != 2 {
		t.Errorf("%d devices", n)
	}
}

// A browser is killed while something waits to be sent: it is there in the next one, after a login, and arrives once.
func TestWhatWaitsOutlivesABrowserThatIsKilled(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako")
	dir := t.TempDir()
	b := inProfile(t, dir, phone)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.remembers(title)
	b.known()
	b.cut()
	before := w.calls("GuideService/UpdateTask")
	b.tickRow(title, 1)
	b.sees(oneWaits)
	b.killed() // at once: what is said to be kept is

	next := inProfile(t, dir, phone)
	next.open("/")
	next.sees(oneWaits) // whose, and what, nobody sees who is not in
	next.seesNot(title)
	next.comesBack("yamada-hanako", "花子")
	next.follow("/todo")
	next.sees("終わった（1件）")
	next.noneWaits()
	if n := w.calls("GuideService/UpdateTask") - before; n != 1 {
		t.Errorf("sent %d times", n)
	}
}
