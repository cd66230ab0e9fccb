//go:build !js

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// watchShifts writes down what moves in a page from its first moment on, without anybody's doing.
const watchShifts = `{
	window.moved = ''
	new PerformanceObserver(list => {
		for (const e of list.getEntries()) for (const s of e.hadRecentInput ? [] : e.sources) {
			const at = s.node?.closest ? s.node : s.node?.parentElement
			const [before, after] = [s.previousRect, s.currentRect].map(r => [r.x, r.y, r.width, r.height].join(' '))
			if (before === after) continue
			window.moved += e.value + ': ' + (at?.className || at?.nodeName) + ' from ' +
				before + ' to ' + after + '; '
		}
	}).observe({ type: 'layout-shift', buffered: true })
}`

// staysPut fails where something moved; shifts are told a frame after they happen.
func (b *browser) staysPut(where string) {
	b.t.Helper()
	moved := eval[string](b, `new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() =>
		setTimeout(() => drawn(window.moved), 0))))`)
	if moved != "" {
		b.t.Errorf("%s: it moved by %s", where, moved)
	}
}

// What comes one after the other on the home page, and what 準備 finds out, has its place beforehand.
func TestHomeAndPreparingDoNotMove(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/todo") // who comes back finds what offices have sent by then; what they send on begins a row of its own
	b.until("what offices send to a new folder", "document.querySelectorAll('.todo-open .todo-title').length >= 7")
	b.open("/home")
	b.until("all of it kept", "document.querySelectorAll('.home-row').length >= 7")
	b.early(watchShifts)
	for _, s := range []size{phone, desktop} {
		b.resize(s)
		b.open("/home")
		b.until("all of the home page", `document.querySelector('.home-row') &&
			document.querySelector('.home-notice') && document.querySelector('#home-place') &&
			!document.querySelector('.skeleton')`)
		b.staysPut("home")
		b.open("/prepare")
		b.sees("準備ができました")
		b.staysPut("preparing with a card")
		w.take(t)
		b.open("/prepare")
		b.sees("カードを置いてください")
		b.staysPut("preparing without a card")
		w.lay(t, "yamada-hanako")
	}
}

// Who comes back finds the line on top and the ways that are theirs in their places from the first moment on: the
// device knows that somebody is likely in, before the portal says who. A device of many knows nothing.
func TestNothingJumpsForWhoIsLoggedIn(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	likely := func(yes bool) {
		t.Helper()
		b.until("what the document takes to be so", fmt.Sprintf(
			"document.documentElement.hasAttribute('data-likely') === %v && "+
				"(localStorage.getItem('likely') !== null) === %v",
			yes, yes))
	}
	b.open("/")
	b.sees("ログイン")
	likely(false)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	likely(true)
	b.until("the service worker in charge", workerInCharge)
	b.early(watchShifts)
	for _, s := range []size{phone, {1024, 800}, desktop} {
		b.resize(s)
		for _, page := range []string{"/", "/help", "/guide", "/procedures", "/todo"} {
			b.open(page)
			likely(true)
			b.until("who is in", "document.getElementById('person-button')")
			b.until("no loading", "!document.querySelector('[aria-busy=true], .skeleton')")
			b.staysPut(fmt.Sprintf("%s at %d px", page, s.width))
		}
	}
	// The document says so before the program runs.
	b.open("/home")
	b.until("the way to the notices, in the document itself", "document.querySelector('#bell').checkVisibility()")
	b.press("花子さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	likely(false)
	b.open("/help")
	b.until("the way in", "document.querySelector('#header-login')?.checkVisibility()")
	likely(false)
	w.lay(t, "yamada-hanako")
	b.open("/login")
	b.sees("あと3回")
	b.press("この端末は、ほかの人も使います（共用の端末）")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/home")
	b.until("who is in", "document.getElementById('person-button')")
	if b.holds("localStorage.getItem('likely') !== null") {
		t.Error("a device of many keeps that somebody was in")
	}
}

// A person puts on the home page what they use often. It is there after the page was loaded again, and for the same
// person after another login, and on another device.
func TestServicesOfOnesOwn(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	tiles := func(titles string) {
		t.Helper()
		b.until("the services "+titles,
			"[...document.querySelectorAll('.home-service-title')].map(e => e.textContent).join() === "+quote(titles))
	}
	tiles("お知らせ,わたしの情報,手続をさがす,申請状況")
	b.press("選び直す")
	b.inspect("choosing services")
	b.screenshot("home-services")
	b.press("使い方")
	b.sees("4つまで")
	b.until("the box of a fifth left empty", "!document.getElementById('home-service-help').checked")
	eval[chromedp.Void](b, "document.getElementById('home-service-application').click()") // the menu has the name, too
	b.press("使い方")
	b.press("これでよい")
	chosen := "お知らせ,わたしの情報,手続をさがす,使い方"
	tiles(chosen)
	b.open("/home")
	tiles(chosen)
	b.press("メニュー")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	tiles(chosen)
	b.press("使い方")
	b.at("/help")
	b = newBrowser(t, phone, "ja")
	b.open("/login")
	b.logIn("1234")
	b.at("/home")
	tiles(chosen)
}

// What was begun and not ended stands among what is to be done, with the way on; where a person lives is where the
// first page searches.
func TestWhatWasBegunStandsOnTheHomePage(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/")
	b.until("the place where the person lives", "document.querySelector('#ask-chip').textContent.includes('目黒区')")
	b.follow("/guide/move")
	b.press("同じ市区町村の中で")
	b.sees("4問のうち1問に答えました")
	b.until("the plan kept", "("+vaultRows("records")+").then(s => s.includes('\"kind\":\"answers\"'))")
	b.follow("/account")
	b.press("変更する")
	b.fill("表示する名前", "はなちゃん")
	b.follow("/home")
	b.sees("「引越し」の質問が途中です", "登録内容の変更が途中です")
	b.screenshot("home-begun")
	b.press("つづける：「引越し」")
	b.at("/guide/move")
	b.until("the answer", "document.querySelector('.guide-question input:checked')")
	b.follow("/home")
	b.press("つづける：登録内容")
	b.at("/account")
	b.until("what was typed", "document.getElementById('display-name')?.value === 'はなちゃん'")
	b.press("変更をやめる")
	b.follow("/home")
	b.sees("「引越し」の質問が途中です")
	b.seesNot("登録内容の変更が途中です")
}
