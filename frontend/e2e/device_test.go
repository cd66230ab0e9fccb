//go:build !js

package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// offlinePlaces is a JavaScript expression: how many places the device keeps for when there is no network.
var offlinePlaces = "(" + vaultRows("records") +
	").then(s => JSON.parse(s || '[]').filter(r => r.kind === 'procedures').length)"

// documentTick is the box at the first thing that a procedure asks for.
const documentTick = "document.querySelector('[id^=procedure-document-], [id^=procedure-bring-]')"

// Somebody at a shared computer finds a procedure without a login, and takes everything along when they go.
func TestDeviceForgets(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/device")
	b.sees("この端末には何も残っていません")
	b.inspect("/device, empty")
	b.follow("/procedures")
	b.fill("お住まいの市区町村", "153-0061")
	b.press("目黒区")
	b.sees("目黒区に当てはまる手続")
	b.until("the place on the device", offlinePlaces+".then(n => n === 1)")
	b.follow("/procedures/131105/P0012")
	b.sees("必要な書類")
	b.until("something to tick", documentTick)
	eval[chromedp.Void](b, documentTick+".click()")
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	b.follow("/guide/birth")
	b.press("赤ちゃんが生まれた")
	b.sees("赤ちゃんが生まれた日")
	b.setDay("guide-q-birthday", "2026-11-20")
	b.sees("2026年12月3日")
	b.press("この端末に残っているものを見る・消す")
	b.at("/device")
	b.sees("お住まいの市区町村", "目黒区（東京都）", "やることリスト", "できごとの答えと結果", "書類のチェック", "オフラインで見られる市区町村の手続")
	b.seesNot("書きかけの入力")
	b.inspect("/device")
	b.screenshot("device")

	// One thing goes, the others stay.
	b.press("消す: 書類のチェック（手続ごと）")
	b.sees("「書類のチェック（手続ごと）」を消しました")
	b.until("the focus at what was done", "document.activeElement.id === 'device-done'")
	b.until("one line less",
		"!document.getElementById('device-remove-ticks') && document.getElementById('device-remove-tasks')")

	// Another tab has a page open that could bring it all back.
	other := b.tab()
	other.open("/guide/birth")
	other.press("赤ちゃんが生まれた")
	other.setDay("guide-q-birthday", "2026-11-20")
	other.sees("2026年12月3日")

	b.press("すべて消す")
	b.sees("元に戻せません")
	b.until("the question", "document.getElementById('device-ask').open")
	b.inspect("/device, asking")
	b.screenshot("device-ask")
	b.press("消さない")
	b.until("the question gone", "!document.getElementById('device-ask').open")
	b.sees("目黒区（東京都）")
	b.press("すべて消す")
	b.until("the question", "document.getElementById('device-ask').open")
	b.press("すべて消す")
	b.sees("すべて消しました", "この端末には何も残っていません")
	b.until("the focus at what was done", "document.activeElement.id === 'device-done'")
	b.until("nothing in the database", offlinePlaces+".then(n => n === 0)")
	if kept := eval[string](b, "Object.keys(localStorage).join()"); kept != "" {
		t.Errorf("the device keeps %s", kept)
	}
	if kept := eval[string](b, "Object.keys(sessionStorage).filter(k => !k.startsWith('wipes/')).join()"); kept != "" {
		t.Errorf("the tab keeps %s", kept)
	}
	other.until("no answers in the other tab",
		"!document.getElementById('guide-q-birthday') && document.querySelector('.guide-questions "+
			"input:not(:checked)')")
	other.seesNot("2026年12月3日")

	b.open("/todo")
	b.sees("やることはまだありません")
	b.open("/procedures")
	b.until("the field for the place", "document.getElementById('procedure-place')?.checkVisibility()")
	b.until("nothing in the address", "location.search === ''")
	b.open("/procedures?place=131105") // the way back through the history
	b.sees("目黒区に当てはまる手続")
	b.open("/procedures")
	b.until("the field for the place again", "document.getElementById('procedure-place')?.checkVisibility()")
	b.open("/procedures/131105/P0012")
	b.until("no tick", documentTick+"?.checked === false")
}

// Whose place it is: an address of a friend does not change it, a choice on the map does.
func TestDeviceRemembersOnesOwnPlace(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	own := func(name string) {
		t.Helper()
		b.until("the device's place: "+name, "JSON.parse(localStorage.getItem('place') || '{}').name === "+quote(name))
	}
	b.open("/procedures?place=131105")
	b.sees("目黒区に当てはまる手続")
	own("目黒区")
	b.open("/procedures?place=131130")
	b.sees("渋谷区に当てはまる手続")
	b.open("/guide/move?place=131130")
	b.sees("渋谷区（東京都）")
	own("目黒区")
	b.open("/procedures")
	b.sees("目黒区に当てはまる手続")
	b.open("/places/13")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.press("渋谷区")
	b.sees("渋谷区に当てはまる手続")
	own("渋谷区")
}

// What is of the login stays, and so does the folder's list.
func TestDeviceLeavesTheLoginAlone(t *testing.T) {
	ownWorld(t, "watanabe-gaiji")
	b := newBrowser(t, desktop, "ja")
	b.arrive("watanabe-gaiji", "1234", "渡邉", "目黒区")
	b.follow("/procedures/131105/P0012")
	b.sees("渡邉さん", "必要な書類")
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	b.follow("/procedures?place=131105")
	b.sees("目黒区に当てはまる手続")
	b.follow("/device")
	b.sees("目黒区（東京都）")
	if strings.Contains(b.text(), "やることリスト\n") {
		t.Error("the folder's list is told as the device's")
	}
	b.press("すべて消す")
	b.until("the question", "document.getElementById('device-ask').open")
	b.press("すべて消す")
	b.sees("すべて消しました")
	b.open("/home")
	b.at("/home")
	b.sees("渡邉さん")
	b.follow("/todo")
	b.until("the folder's list", "document.querySelectorAll('.todo-item [id$=-remove]').length === 1")
}

// A browser that is told to keep nothing says so calmly.
func TestDeviceThatKeepsNothing(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	call(b, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: `for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
		Object.defineProperty(window, name, { configurable: true,
			get() { throw new DOMException('refused', 'SecurityError') } })`})
	b.open("/device")
	b.sees("何も残さない設定")
	b.open("/procedures?place=131105")
	b.sees("目黒区に当てはまる手続")
	// Nothing is said to be kept that is not.
	b.open("/procedures/131105/P0012")
	b.sees("印は残りません")
	b.open("/guide/birth")
	b.sees("この端末にも残りません")
}

func TestDeviceInEveryLanguage(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, size{320, 640}, "ja")
	for _, language := range languages {
		b.open("/procedures?place=131105")
		b.until("a place", "localStorage.getItem('place')")
		b.open("/device?lang=" + language)
		b.until("the list", "document.getElementById('device-remove-place')")
		b.dark()
		b.inspect("/device " + language)
		b.screenshot("device-" + language)
	}
}
