//go:build !js

package e2e_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"madoguchi/proto/edition"
)

// Two minutes before the session ends the person is asked; the answer keeps it, and nothing typed is lost.
func TestIdleWarningLosesNothing(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	w.lay(t, "suzuki-umeko")
	w.startBrief(t)
	b := newBrowser(t, phone, "ja")
	b.open(w.brief + "/login")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/account/open")
	b.press("利用規約に同意")
	b.press("次へ")
	b.fill("表示する名前", "梅")
	b.sees("続ける")
	b.screenshot("idle-warning")
	b.press("続ける")
	b.until("the dialog gone", "!document.querySelector('dialog[open]')")
	if name := eval[string](b, find("表示する名前")+".value"); name != "梅" {
		t.Errorf("of the name there is left: %q", name)
	}
}

// What was typed is there again after the session ended under it and the person logged in anew.
func TestEndOfSessionKeepsWhatWasTyped(t *testing.T) {
	w := ownWorld(t, "yamada-minato")
	w.lay(t, "yamada-minato")
	b := newBrowser(t, phone, "ja")
	b.logIn("1234")
	b.at("/account/open")
	b.press("利用規約に同意")
	b.press("次へ")
	b.fill("表示する名前", "みなと")
	b.fill("お住まいの市区町村", "目黒区")
	b.press("目黒区")
	b.press("次へ")
	b.sees("みなと", "目黒区")
	call(b, network.ClearBrowserCookies, cdp.Empty{})
	b.press("開設する")
	b.sees("ログアウトしました")
	b.screenshot("session-ended")
	b.logIn("1234")
	b.step("check", "みなと") // where it was left off
	b.press("もどる")
	b.step("form", "目黒区")
	b.holdsValue("表示する名前", "みなと")
	b.press("もどる")
	b.step("terms", "利用規約に同意")
	b.until("the consent", agreed)
}

// A browser may install the page as an app.
func TestInstallable(t *testing.T) {
	ownWorld(t)
	b := newProfile(t, desktop, "ja")
	b.open("/")
	b.until("the service worker in charge", "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx,
		func(ctx context.Context, target *chromedp.Target) (page.GetInstallabilityErrorsResult, error) {
			return cdp.Call(ctx, target, page.GetInstallabilityErrors, cdp.Empty{})
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.InstallabilityErrors {
		t.Errorf("not installable: %s", e.ErrorID)
	}
}

// A new version is told, waits while something is half filled in, and comes when the person says so.
func TestUpdateWaitsForTheForm(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	web := filepath.Join(t.TempDir(), "web")
	if err := os.CopyFS(web, os.DirFS(built("web"))); err != nil {
		t.Fatal(err)
	}
	portal := w.startBrief(t, "PORTAL_WEB="+web, "PORTAL_SESSION_IDLE=15m")
	w.lay(t, "yamada-taro")
	b := newBrowser(t, phone, "ja")
	b.open(w.brief + "/login")
	b.until("the service worker in charge", "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/account/open")
	b.press("利用規約に同意")
	b.press("次へ")
	b.fill("表示する名前", "太郎")

	worker := filepath.Join(web, "app-worker.js")
	old, err := os.ReadFile(worker)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(worker, bytes.Replace(old, []byte(`const version = "`), []byte(`const version = "next-`), 1),
		0o644); err != nil {
		t.Fatal(err)
	}
	for _, packed := range []string{".br", ".gz"} {
		if err := os.Remove(worker + packed); err != nil {
			t.Fatal(err)
		}
	}
	portal.stop()
	if err := portal.start(); err != nil {
		t.Fatal(err)
	}
	eval[chromedp.Void](b, "navigator.serviceWorker.getRegistration().then(r => r.update()).then(() => true)")
	b.sees("新しい版があります", "入力が終わってから更新できます")
	b.screenshot("update-waits")
	if name := eval[string](b, find("表示する名前")+".value"); name != "太郎" {
		t.Errorf("of the name there is left: %q", name)
	}
	b.press("まどぐち") // away from the form
	b.press("更新する")
	b.until("the new version",
		"caches.keys().then(names => names.some(n => n.includes('next-')) && names.filter(n => "+
			"/^madoguchi-app-[0-9a-f]{16}$/.test(n)).length === 0)")
}

// A page that the portal no longer understands says so, and what was typed goes on where it was after loading anew.
func TestAPageThatIsTooOldIsLoadedAnewAndTheFormGoesOn(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	w.startBrief(t, "PORTAL_OLDEST_PAGE="+strconv.Itoa(edition.Now))
	w.lay(t, "yamada-taro")
	b := newBrowser(t, phone, "ja")
	b.open(w.brief + "/login")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.step("terms", "利用規約に同意")
	b.press("利用規約に同意")
	b.press("次へ")
	b.fill("表示する名前", "太郎")
	b.fill("お住まいの市区町村", "目黒区")
	b.press("目黒区")
	b.press("次へ")
	b.step("check", "この内容で開設します")

	// From here on this document is one of long ago.
	eval[chromedp.Void](b, `void (window.fetch = (old => (address, how) => {
  const headers = new Headers(how?.headers)
  headers.delete('`+edition.Header+`')
  return old(address, {...how, headers})
})(window.fetch))`)
	b.press("開設する")
	b.sees("このページは古くなったため、使えません", "入力した内容は、更新のあとも残ります", "操作は行われていません")
	b.inspect("a page that is too old")
	b.screenshot("too-old")
	b.press("更新する")
	b.until("a page loaded anew", "!String(window.fetch).includes('old(')")
	b.step("check", "この内容で開設します")
	b.sees("太郎", "目黒区")
	b.press("開設する")
	b.sees("利用者フォルダを開設しました")
}
