//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

var languages = []string{"ja", "en", "easy"}

// inspect looks at a page as a tester of accessibility does: axe-core without a violation, nothing wider than the
// screen, one heading of the first level, a title, a language.
func (b *browser) inspect(name string) {
	b.t.Helper()
	b.until("a heading", "document.querySelector('h1')")
	b.until("no loading", "!document.querySelector('[aria-busy=true]')")
	if n := eval[int](b, "document.querySelectorAll('h1').length"); n != 1 {
		b.t.Errorf("%s: %d headings of the first level", name, n)
	}
	if !b.holds("document.title.length > 3 && document.documentElement.lang") {
		b.t.Errorf("%s: no title or language", name)
	}
	if wide := eval[string](b, `[...document.querySelectorAll('body *')]
		.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility() && getComputedStyle(e).position !== 'fixed')
		.filter(e => { for (let p = e.parentElement; p; p = p.parentElement) { if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)) return false } return true })
		.slice(0, 3).map(e => e.tagName + '.' + e.className).join(', ')`); wide != "" {
		b.t.Errorf("%s: wider than the screen: %s", name, wide)
	}
	for _, violation := range b.axe() {
		b.t.Errorf("%s: %s", name, violation)
	}
}

// axe runs axe-core over the page and returns what it finds, a line each.
func (b *browser) axe() []string {
	b.t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		b.t.Fatalf("%v (run `make setup` first)", err)
	}
	if !b.holds("window.axe") {
		eval[string](b, string(source)+"; ''")
	}
	found := eval[string](b,
		`axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
		.then(r => JSON.stringify(r.violations.map(v => v.id + ' (' + v.help + '): ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + (n.any[0] ? ' — ' + n.any[0].message : '')).join(' | '))))`)
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatal(err)
	}
	return violations
}

// The line on top holds at every width that devices have, in every language, with and without a person.
func TestTheHeaderFitsEveryWidth(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	look := func(who string) {
		b.openIn("ja", "/help")
		for _, language := range languages {
			if language != "ja" {
				b.speak(language)
			}
			for _, width := range []int64{
				320, 360, 375, 390, 412, 430, 480, 540, 600, 768, 820, 991, 1024, 1199, 1200,
				1280, 1366, 1440, 1600, 1920,
			} {
				b.resize(size{width, 800})
				b.until("the new width", fmt.Sprintf("innerWidth === %d", width))
				if got := eval[string](b, `(() => {
					const line = document.querySelector('.header-line').getBoundingClientRect()
					const out = [...document.querySelectorAll('.header *')].filter(e => e.checkVisibility() && !e.closest('.tool-label') && e.getBoundingClientRect().right > innerWidth + 1)
					const name = document.createRange()
					name.selectNodeContents(document.querySelector('.brand-name'))
					const parts = [name, ...document.querySelectorAll('.nav .nav-link, .header-tools')].map(e =>
						e.getBoundingClientRect()).filter(r => r.width)
					const over = parts.findIndex((r, i) => i && r.left < parts[i - 1].right - 1)
					return line.height > 90 ? 'two lines: ' + line.height
						: out.length ? 'wider: ' + out[0].className
						: over > 0 ? 'one over the other: ' + over : ''
				})()`); got != "" {
					t.Errorf("%s, %s, %d px: %s", who, language, width, got)
				}
			}
		}
	}
	look("nobody")
	b.open("/?lang=ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	look("a person")
}

// Every page for anyone; those that help to find what to do are TestProcedurePages's.
func TestPublicPages(t *testing.T) {
	ownWorld(t)
	pages := addresses(t, func(r route) bool { return r.isFor("") && !r.isOfProcedures() })
	newBrowser(t, phone, "ja").inspectAll(append(pages, noSuchPage), looksAt())
}

func TestPersonalPages(t *testing.T) {
	ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "目黒区")
	b.follow("/notice")
	b.sees("年金")
	b.until("the service worker in charge", workerInCharge)
	both := []look{{size: phone}, {size: desktop}}
	b.inspectAll(
		addresses(t, func(r route) bool { return r.isFor("citizen") }),
		map[string][]look{"ja": both, "en": both, "easy": both},
	)
}

// A page for anyone is readable before any WebAssembly runs, in the language asked for, and nothing personal is ever in
// it.
func TestPublicPagesAreHTML(t *testing.T) {
	w := ownWorld(t)
	for _, r := range routes(t, route.isWritten) {
		page := r.Path
		for language, word := range map[string]string{"ja": "ログイン", "en": "Log in"} {
			response, err := http.Get(w.origin + page + "?lang=" + language)
			if err != nil {
				t.Fatal(err)
			}
			var body strings.Builder
			if err := copyText(&body, response); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != 200 || !r.Alone && !strings.Contains(body.String(), word) ||
				!strings.Contains(body.String(), "<h1") {
				t.Errorf("%s in %s: %s, %d bytes, without %q or a heading", page, language, response.Status,
					body.Len(), word)
			}
			csp, from := response.Header.Get("Content-Security-Policy"), "default-src 'self'"
			if r.Alone {
				from = "connect-src 'none'"
			}
			if !strings.Contains(csp, from) || strings.Contains(csp, "unsafe-inline") {
				t.Errorf("%s: CSP %q", page, csp)
			}
		}
	}
}

func TestLanguages(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.sees("ログイン")
	b.chooseLanguage("English")
	b.sees("Log in")
	b.press("Log in")
	b.at("/login")
	b.sees("card")
	if !b.holds("document.documentElement.lang === 'en'") {
		t.Error("the page does not say that it is English")
	}
	b.open("/")
	b.sees("Log in")
	b.chooseLanguage("やさしい")
	b.until("furigana", "document.querySelector('main ruby rt')")
}

func TestOffline(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.until("the service worker in charge", "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
	portal := w.processes["portal"]
	portal.stop()
	back := false
	restart := func() {
		if !back {
			back = true
			if err := portal.start(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(restart)
	b.offline(true)
	for _, page := range []string{"/", "/help", "/notice/01ABC?from=mail", "/home"} {
		b.open(page)
		b.offline(true) // some versions of Chromium forget it with the page before
		b.sees("オフライン")
		b.screenshot(fmt.Sprintf("offline%s", strings.NewReplacer("/", "_", "?", "_").Replace(page)))
	}
	b.offline(false)
	restart()
	b.open("/")
	b.sees("ログイン")
	b.seesNot("オフラインです")
}

func TestKeyboardAlone(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	w.lay(t, "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.open("/login")
	b.sees("あと3回")
	b.tabTo("暗証番号")
	b.keys("1234")
	b.tabTo("ログイン")
	b.keys("\r")
	b.until("the folder", "location.pathname !== '/login'")
}

// tabTo presses Tab until what is called so has the focus.
func (b *browser) tabTo(name string) {
	b.t.Helper()
	for range 60 {
		if b.holds("(e => e && e === document.activeElement)(" + find(name) + ")") {
			return
		}
		b.keys("\t")
	}
	b.t.Fatalf("60 times Tab do not lead to %q", name)
}

func TestTwoTabsLogOutTogether(t *testing.T) {
	ownWorld(t, "takahashi-shacho")
	b := newBrowser(t, desktop, "ja")
	b.arrive("takahashi-shacho", "1234", "社長", "目黒区")
	other := b.tab()
	other.open("/notice")
	other.until("who is in", "document.getElementById('person-button')") // who comes later hears nothing of the first
	b.press("社長さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	other.sees("ログアウトしました")
}

// A tab that shows one person, and has heard nothing of it that another is logged in since, does nothing in that one's
// name: what is pressed there goes nowhere, and the page is that one's then.
func TestATabActsForNobodyElse(t *testing.T) {
	w := ownWorld(t, "yamada-hanako", "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.open("/account")
	b.press("変更する")
	b.fill("表示する名前", "花子の新しい名")
	elsewhere := newBrowser(t, desktop, "ja")
	elsewhere.arrive("yamada-taro", "1234", "太郎", "目黒区")
	// The cookie alone comes from elsewhere: a login here would tell the first tab.
	elsewhere.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		got, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{URLs: []string{w.origin}})
		for _, c := range got.Cookies {
			call(b, network.SetCookie, network.SetCookieParams{
				Name: c.Name, Value: c.Value, URL: w.origin, Path: c.Path, Secure: &c.Secure, HTTPOnly: &c.HTTPOnly,
			})
		}
		return chromedp.Void{}, err
	})
	second := b.tab()
	second.open("/account")
	second.sees("太郎さん")
	if !b.holds("document.body.innerText.includes('花子さん')") {
		t.Fatal("the first tab has heard of it")
	}
	b.press("保存する")
	b.sees("太郎さん")
	b.screenshot("another-is-in")
	for _, tab := range []*browser{b, second, elsewhere} {
		tab.open("/account")
		tab.sees("変更する", "太郎さん")
		tab.seesNot("花子")
	}
}

func TestClosingTheFolderErasesIt(t *testing.T) {
	ownWorld(t, "watanabe-gaiji")
	b := newBrowser(t, phone, "ja")
	b.arrive("watanabe-gaiji", "1234", "渡邉", "目黒区")
	b.follow("/account/close")
	b.sees("消去", "あと3回")
	b.typePIN("1234")
	b.press("閉鎖する")
	b.sees("閉鎖しました")
	b.logIn("1234")
	b.at("/account/open")
}

// A notice sent while the person looks at the list shows without a reload.
func TestNoticeArrivesWithoutReload(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	b := newBrowser(t, desktop, "ja")
	b.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	b.follow("/notice")
	b.until("the list", "document.querySelector('h1')")
	w.sendNotice(t, form(
		"office", "131105", "person", "kobayashi-ren", "title", "図書館の予約資料が届きました", "body", "七日以内においでください。",
	))
	b.sees("図書館の予約資料が届きました")
	b.screenshot("notice-arrived")
}

func copyText(to *strings.Builder, response *http.Response) error {
	defer response.Body.Close()
	_, err := io.Copy(to, response.Body)
	return err
}
