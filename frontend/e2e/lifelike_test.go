//go:build !js

package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// What happens to vaults and outboxes on people's devices: tabs that die, clocks that are wrong, browsers that clear
// away, folders that are copied.

// dies has the tab's process end as soon as the portal has answered a call, before the page hears of it.
func (b *browser) dies(procedure string) (dead func()) {
	b.t.Helper()
	answered, once := make(chan struct{}), sync.Once{}
	b.heard = func(event any) {
		if _, held := event.(*fetch.EventRequestPaused); held {
			once.Do(func() { close(answered) })
		}
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{
		{URLPattern: "*/" + procedure, RequestStage: fetch.RequestStageResponse},
	}})
	return func() {
		b.t.Helper()
		select {
		case <-answered:
		case <-time.After(patience):
			b.t.Fatalf("the portal did not answer %s", procedure)
		}
		ctx, cancel := context.WithTimeout(b.ctx, time.Second)
		defer cancel()
		_ = chromedp.Do(ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, page.Crash, cdp.Empty{}) // nobody is there to answer
			return chromedp.Void{}, err
		})
	}
}

// hearsNothingOf keeps the calls of a procedure on their way, until the page hears again.
func (b *browser) hearsNothingOf(procedure string) (again func()) {
	b.t.Helper()
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/" + procedure}}})
	return func() {
		b.t.Helper()
		call(b, fetch.Disable, cdp.Empty{})
	}
}

// openVaultAt goes to a path within a page whose vault is open.
func (b *browser) openVaultAt(path string) {
	b.t.Helper()
	b.open("/notice")
	b.sees("残したお知らせからさがす")
	eval[bool](b, `{ const link = document.createElement('a'); link.href = `+quote(path)+`;
		document.body.append(link); link.click(); link.remove(); true }`)
	b.at(path)
}

// A tab dies while it is sending: what it sent is neither lost nor done twice. What was sent first more than six days
// ago by the portal's clock is not sent again by itself, and this device's own clock means nothing.
func TestATabThatDiesWhileSendingLosesAndDoublesNothing(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	// Its clock is a month ahead.
	b.early(`{ const D = Date, ahead = 30 * 864e5; globalThis.Date = class extends D {
		constructor(...of) { of.length ? super(...of) : super(D.now() + ahead) }
		static now() { return D.now() + ahead } } }`)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.openVaultAt("/procedures/131105/P0033")
	b.sees("転入届・転居届の来庁予約", "覚えておく")
	b.offline(true)
	b.sees("オフラインです")
	b.press("覚えておく") // a to-do is added without a network
	b.sees(oneWaits)
	dead := b.dies("portal.v1.GuideService/AddTasks")
	b.offline(false)
	dead()

	next := b.tab()
	next.open("/todo")
	next.sees(title)
	next.noneWaits()
	rows := next.rows()
	if at := slices.Index(rows, title); at < 0 || slices.Contains(rows[at+1:], title) {
		t.Errorf("the list has %q", rows)
	}
	if n := w.calls("GuideService/AddTasks"); n != 2 {
		t.Errorf("sent %d times", n)
	}

	// The same again; when the next tab opens, a week has gone by for the portal.
	next.cut()
	next.tickRow(title, 1)
	next.sees(oneWaits)
	dead = next.dies("portal.v1.GuideService/UpdateTask")
	next.offline(false)
	dead()
	before := w.calls("GuideService/UpdateTask")
	last := b.tab()
	last.early(`{ const get = Headers.prototype.get; Headers.prototype.get = function (name) { const value = get.call(this, name);
		return name === 'date' && value ? new Date(Date.parse(value) + 7 * 864e5).toUTCString() : value } }`)
	last.open("/outbox")
	last.sees("送ってから6日を過ぎても", "いまのまどぐちの内容", "1件は、どうするか決めてください")
	last.screenshot("outbox-unsure")
	if n := w.calls("GuideService/UpdateTask"); n != before {
		t.Errorf("sent by itself %d times", n-before)
	}
	last.press("まどぐちの内容のままにする")
	last.noneWaits()
	last.open("/todo")
	last.sees("終わった（1件）")
}

// A read mark that was set without a network, and one of two things that was changed of the account, arrive; of the
// other the person sees both sides. Who logs out everywhere meanwhile is asked first.
func TestTheAccountIsChangedWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	w.sendNotice(t, form("office", "131105", "person", "yamada-hanako", "title", "図書館の予約資料が届きました", "body", "一週間です"))
	b.openVaultAt("/notice")
	b.press("図書館の予約資料が届きました")
	b.sees("一週間です")
	b.offline(true)
	b.sees("オフラインです")
	b.press("未読に戻す")
	b.sees(oneWaits)
	b.offline(false)
	b.noneWaits()
	b.open("/notice")
	b.sees("未読")

	other := newBrowser(t, desktop, "ja")
	other.arrive("yamada-hanako", "1234", "花子", "目黒区")
	rename := func(b *browser, name, says string) {
		b.t.Helper()
		b.open("/account")
		b.press("変更する")
		b.fill("表示する名前", name)
		b.press("保存する")
		b.sees(says)
	}
	b.openVaultAt("/account")
	b.press("変更する")
	b.fill("表示する名前", "はな")
	b.offline(true)
	b.sees("オフラインです")
	b.press("保存する")
	b.sees("まだ送っていません", oneWaits, "はな", "送信待ち")
	b.seesNot("保存しました")
	b.screenshot("account-waits")
	b.press("すべての端末からログアウト")
	b.sees("送信待ちのままログアウトしますか")
	b.screenshot("account-leaving")
	b.press("ログインしたままにする")
	rename(other, "ハナコ", "ハナコ")
	b.offline(false)
	b.sees("1件は、どうするか決めてください")
	b.press("送信待ちを見る")
	b.sees("利用者登録を変える", "先に変えられていました", "はな", "ハナコ")
	b.screenshot("account-conflict")
	b.press("この端末の内容にする")
	b.noneWaits()
	b.open("/account")
	b.sees("はなさん")
}

// What waits is counted after the page began anew without a network, once the card has opened the vault.
// The browser clears away what the device had kept: it is said, and what is read then is kept again. It is asked to
// keep it, and what it says is shown. Who takes the key of the device away ends the vault.
func TestWhatBecomesOfTheVaultIsSaid(t *testing.T) {
	const title = "転入届・転居届の来庁予約"
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.until("a way in by the card", "("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("card")+"'))")
	b.follow("/procedures/131105/P0033")
	b.sees("花子さん", "覚えておく")
	// Nobody hears the list again before the network goes: that it was added is known of the answer to that alone.
	again := b.hearsNothingOf("portal.v1.GuideService/ListTasks")
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	b.follow("/todo")
	b.until("the service worker in charge", workerInCharge) // it opens a page without a network
	b.cut()
	b.tickRow(title, 1)
	b.sees(oneWaits)
	back := offPortal(t, w)
	b.open("/device/open?next=%2Ftodo")
	again()
	b.sees("あと3回")
	b.fill("暗証番号", "1234")
	b.press("カードで開く")
	b.at("/todo")
	b.sees(oneWaits, title)
	back()
	b.offline(false)
	b.open("/todo")
	b.noneWaits()

	call(b, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{
		Origin: w.origin, StorageTypes: "indexeddb,local_storage,cache_storage",
	})
	b.open("/device")
	b.sees("ブラウザが消していました")
	b.screenshot("vault-lost")
	b.press("消さないようにブラウザに頼む")
	b.until("the browser's answer",
		"navigator.storage.persisted().then(yes => document.getElementById('device-persist')"+
			".innerText.includes(yes ? 'ブラウザが約束しています' : 'ブラウザは、約束しませんでした'))")
	b.open("/todo")
	b.sees(title)
	b.until("the list kept again", "("+vaultRows("records")+").then(s => s.includes('\"kind\":\"todo\"'))")
	b.open("/device")
	b.press("鍵を外す")
	b.sees("鍵を外しました")
	b.until("no vault", "("+vaultRows("vaults")+").then(s => s === '[]')")
	b.until("no record", "("+vaultRows("records")+").then(s => !s.includes('\"kind\":\"todo\"'))")
	b.screenshot("vault-key-removed")
}

// A folder of a browser is copied, and nobody is logged in there: the copy opens nothing.
func TestACopiedProfileOpensNothing(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	profile, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	b, end := profileIn(t, profile)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.until("a way in by the card", "("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("card")+"'))")
	w.sendNotice(t, form("office", "131105", "person", "yamada-hanako", "title", "図書館の予約資料が届きました", "body", "一週間です"))
	b.open("/notice")
	b.press("図書館の予約資料が届きました")
	b.sees("一週間です")
	b.until("the notice in the vault", "("+vaultRows("records")+").then(s => s.includes('\"kind\":\"notice\"'))")
	w.take(t)
	end()
	for _, lock := range []string{"SingletonLock", "SingletonCookie", "SingletonSocket"} {
		_ = os.Remove(filepath.Join(profile, lock))
	}
	if err := os.CopyFS(copied, os.DirFS(profile)); err != nil {
		t.Fatal(err)
	}
	c, _ := profileIn(t, copied)
	offPortal(t, w)
	c.open("/notice")
	c.sees("鍵をかけてあります")
	c.seesNot("図書館")
	for _, store := range []string{"records", "vaults"} {
		if kept := eval[string](c, vaultRows(store)); len(kept) < 100 {
			t.Errorf("the copy has no %s: %s", store, kept)
		}
	}
	// There is no key that the browser would use for who holds the copy.
	keys := eval[int](c,
		`(async () => { let keys = 0; for (const { name } of await indexedDB.databases()) await new Promise(done => {
		const r = indexedDB.open(name); r.onsuccess = () => { const d = r.result, stores = [...d.objectStoreNames]; if (!stores.length) return done();
			const t = d.transaction(stores); t.oncomplete = () => { d.close(); done() };
			for (const s of stores) t.objectStore(s).getAll().onsuccess = e => JSON.stringify(e.target.result, (k, v) => { keys += v instanceof CryptoKey; return v }) } })
		return keys })()`)
	if keys != 0 {
		t.Errorf("%d keys lie in the copy", keys)
	}
}

// profileIn is a Chromium of its own over a folder, until end.
func profileIn(t *testing.T, dir string) (b *browser, end func()) {
	t.Helper()
	checkBuilt(t)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), chromiumOptions(dir, "ja")...)
	t.Cleanup(cancel)
	b = openBrowser(t, desktop, allocator)
	return b, func() {
		t.Helper()
		if err := chromedp.Cancel(b.ctx); err != nil { // it writes its folder, and ends
			t.Fatal(err)
		}
		cancel()
	}
}
