//go:build !js

package e2e_test

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// atCounter is a form that somebody fills in at a counter's computer.
const atCounter = `schema: 1
id: madoguchi
version: "2026.1"
procedure: P0001
valid_from: 2026-04-01
laws: [児童手当法第7条]
sign: card
applicant: [self]
retention_years: 3
title: 窓口《まどぐち》での届出《とどけで》 | A notice at the counter
decision: {outcomes: [accept, reject]}
sections:
- id: who
  label: 届《とど》け出《で》る方《かた》 | You
  fields:
  - {use: person, id: me, without: [sex]}
- id: what
  label: 届出《とどけで》 | The notice
  fields:
  - {id: words, type: line, required: true, max: 60, label: 事情《じじょう》 | Why}
  - {id: paper, type: file, min: 1, max: 1, accept: [jpg, png], label: 写《うつ》し | Copy}
`

// whatItHolds is all that a device keeps of a site, as text: both storages, each database, and what is kept of answers.
// Bytes stand there as hex.
const whatItHolds = `(async () => {
  const told = {local: {...localStorage}, tab: {...sessionStorage}, databases: {}, caches: {}}
  for (const {name} of await indexedDB.databases()) {
    const open = indexedDB.open(name)
    const db = await new Promise((done, failed) => { open.onsuccess = () => done(open.result); open.onerror = failed })
    for (const store of db.objectStoreNames) {
      const of = db.transaction(store).objectStore(store)
      const all = kind => new Promise((done, failed) => {
      const r = of[kind]()
      r.onsuccess = () => done(r.result)
      r.onerror = failed
    })
      told.databases[name + "/" + store] = [await all("getAllKeys"), await all("getAll")]
    }
    db.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    told.caches[name] = await Promise.all((await cache.keys()).map(async r => {
      const answer = await cache.match(r)
      return [r.url, (answer.headers.get("Content-Type") || "").startsWith("text/html") ? await answer.text() : ""]
    }))
  }
  const hex = b => Array.from(new Uint8Array(b.buffer ?? b), x => x.toString(16).padStart(2, "0")).join("")
  return JSON.stringify(told, (_, v) => v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? hex(v) : v)
})()`

// comesToACounter logs a person in at a device that others use, too.
func (b *browser) comesToACounter(person, pin, name, municipality string) {
	b.t.Helper()
	b.world.lay(b.t, person)
	b.open("/login")
	b.sees("あと3回")
	b.press("この端末は、ほかの人も使います（共用の端末）")
	b.typePIN(pin)
	b.press("ログイン")
	b.until("the folder or the top page", "['/account/open', '/home'].includes(location.pathname)")
	if strings.HasPrefix(b.path(), "/account/open") {
		b.openFolder(name, "", municipality)
		b.press("ホームへ")
	}
	b.at("/home")
	b.sees(name + "さん")
}

// tellsNothingOf fails the test when the device keeps any of some words, in whatever form.
func (b *browser) tellsNothingOf(when string, words ...string) {
	b.t.Helper()
	held := eval[string](b, whatItHolds)
	for _, word := range words {
		if strings.Contains(held, word) || strings.Contains(held, hex.EncodeToString([]byte(word))) {
			b.t.Errorf("%s: the device keeps %q: %.3000s", when, word, held)
		}
	}
}

// keepsNothingOf is tellsNothingOf, and fails when the device keeps anything at all of a person's, also which form or
// page was opened.
func (b *browser) keepsNothingOf(when string, words ...string) {
	b.t.Helper()
	b.tellsNothingOf(when, words...)
	for what, expression := range map[string]string{
		"the lasting storage": "Object.keys(localStorage).join()",
		"the tab":             "Object.keys(sessionStorage).filter(k => !k.startsWith('wipes/')).join()",
	} {
		if kept := eval[string](b, expression); kept != "" {
			b.t.Errorf("%s: %s keeps %s", when, what, kept)
		}
	}
	b.until("no page that was read: "+when, "caches.has('madoguchi-app-visited').then(has => !has)")
	for _, store := range []string{"records", "vaults"} {
		if kept := eval[string](b, vaultRows(store)); kept != "" && kept != "[]" {
			b.t.Errorf("%s: %s: %s", when, store, kept)
		}
	}
}

// cookieNames are those of the portal.
func (b *browser) cookieNames() (names []string) {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		got, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{URLs: []string{b.world.origin}})
		if err == nil {
			for _, c := range got.Cookies {
				names = append(names, c.Name)
			}
		}
		return chromedp.Void{}, err
	})
	slices.Sort(names)
	return names
}

// fillsInAtACounter goes through the form up to its end, and leaves words and a file; again says that the folder has a
// draft of it already.
func (b *browser) fillsInAtACounter(words, file string, again bool) {
	b.t.Helper()
	b.follow("/procedures/131105/P0001")
	b.sees("目黒区")
	b.follow("/apply/131105/madoguchi")
	if again {
		b.sees("下書きの続きから始める")
	}
	b.press("白紙から始める")
	b.answer("me_name", "山田 花子")
	b.answer("me_kana", "ヤマダ　ハナコ")
	b.day("me_birth", "1990", "4", "15")
	b.press("次へ")
	b.answer("words", words)
	b.sees("選んだファイルは残りません")
	b.upload("paper", file)
	b.sees("通帳.jpg")
	b.sees("下書きを保存しました")
	b.reload() // by now the worker has pages to keep
	b.until("what was typed", "document.getElementById('f-words')?.value === "+quote(words))
}

// At a counter's computer a person fills in a form, signs it, sees and prints the receipt, and logs out: the device has
// nothing of it, neither while they fill in, but in this tab, nor afterwards, in whatever way they came to the end.
func TestACounterKeepsNothingOfAnApplication(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	w.publish(t, "131105", atCounter)
	b := newBrowser(t, desktop, "ja")
	b.comesToACounter("yamada-hanako", "1234", "花子", "目黒区")
	const words = "窓口で聞いた事情"
	of := []string{"山田", "花子", "ハナコ", "1990", words, "通帳"}
	b.fillsInAtACounter(words, photo(t), false)
	b.inspect("a form at a counter")
	b.bothSizes("counter-form")
	b.press("次へ")
	b.sees("まだ送られていません", words, "山田 花子")
	b.press("署名に進む")
	b.sign("ABC123")
	b.sees("受付番号は", "二度送る必要はありません")
	number := eval[string](b, "document.getElementById('application-number').innerText")
	id := strings.TrimPrefix(b.path(), "/applications/")
	of = append(of, number, id)

	// The receipt is to be seen, and to be had on paper: a file would stay.
	b.sees("ファイルはこの端末に残ります")
	b.until("a way to print", "document.getElementById('application-print')?.checkVisibility()")
	eval[chromedp.Void](b, "window.print = () => { window.printed = true }")
	b.press("印刷する")
	b.until("the printer", "window.printed")
	b.inspect("a receipt at a counter")
	b.bothSizes("counter-receipt")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.until("the number, on paper", "document.getElementById('application-number').checkVisibility()")
	b.until("what was sent, on paper", "document.getElementById('application-answers').innerText.includes("+
		quote(words)+")")
	b.screenshot("counter-receipt-paper")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})

	b.press("花子さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.keepsNothingOf("after the logout", of...)
	if names := b.cookieNames(); slices.ContainsFunc(names, func(name string) bool {
		return name != "lang" && name != "__Host-browser"
	}) {
		t.Errorf("cookies that stay: %v", names)
	}
	// Whoever comes next goes back, and opens what was open.
	for range 3 {
		b.back()
		b.atWork()
	}
	for _, address := range []string{"/applications/" + id, "/applications", "/apply/131105/madoguchi"} {
		b.open(address)
		b.atWork()
		b.sees("ログイン")
		for _, word := range of {
			if word != id && strings.Contains(b.text(), word) {
				t.Errorf("%s shows %q", address, word)
			}
		}
	}
	b.tellsNothingOf("after who came next looked around", of...)
}

// Who walks away in the middle of a form leaves nothing once the session has ended: neither on the page, nor in the
// tab, whether the page is open then, or was closed and is brought back.
func TestACounterThatIsLeftKeepsNothing(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.publish(t, "131105", atCounter)
	b := newBrowser(t, desktop, "ja")
	const words = "途中まで書いた事情"
	of := []string{"山田", "花子", "ハナコ", "1990", words, "通帳"}
	for n, what := range []string{"the page is open", "the page is brought back"} {
		b.comesToACounter("yamada-hanako", "1234", "花子", "目黒区")
		b.fillsInAtACounter(words, photo(t), n > 0)
		if n == 0 {
			call(b, network.ClearBrowserCookies, cdp.Empty{})
			b.answer("words", words+"と") // what is typed next is refused
		} else {
			b.do(chromedp.Navigate("about:blank"))
			call(b, network.ClearBrowserCookies, cdp.Empty{})
			b.back()
		}
		b.until("the page without what was typed: "+what, `!document.getElementById("f-words") &&
			document.getElementById("header-login")?.checkVisibility()`)
		b.sees("ログイン")
		b.until("what the tab had to go, once the portal has said that nobody is logged in: "+what,
			"Object.keys(sessionStorage).every(k => k.startsWith('wipes/'))")
		for _, word := range of {
			if text := b.text(); strings.Contains(text, word) {
				t.Errorf("%s: the page shows %q: %s", what, word, text)
			}
		}
		b.keepsNothingOf(what, of...)
	}
}
