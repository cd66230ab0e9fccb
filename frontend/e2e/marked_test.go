//go:build !js

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A notice with headings, lists and links is read at every width; beside the list where there is room for both. What an
// office wrote stays its own: its links say where they lead, and nothing of it is the portal's.
func TestAMarkedNoticeAtEveryWidth(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	b := newBrowser(t, desktop, "ja")
	b.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	w.sendNotice(t, form(
		"office", "131105", "person", "kobayashi-ren", "title", "図書館からのお願い", "marked", "on",
		"action", "本を返す", "due", "2030-12-06", "url", "https://www.lib.example.jp/return",
		"body", "蓮 様\n\n# 返すもの\n\n- **本**　2冊\n  - 図鑑\n- CD\n\n## 返し方\n\n1. 開館時間を確かめる\n2. 窓口に返す\n\n"+
			"くわしくは[開館時間のご案内](https://www.lib.example.jp/hours)をご覧ください。",
	))
	b.follow("/notice")
	b.sees("図書館からのお願い", "本を返す", "2030年12月6日")
	b.until("a dot for what is unread", `[...document.querySelectorAll('.entry-unread')].some(e =>
		e.textContent.includes('図書館からのお願い') && e.querySelector('.entry-dot').checkVisibility())`)
	b.inspect("the list")
	b.press("図書館からのお願い")
	b.until("one notice", "location.pathname.startsWith('/notice/') && document.querySelector('.written h2')")
	b.sees("目黒区が書いた文章です", "返すもの", "（www.lib.example.jp）")
	b.until("the list beside it, in which it is read now", `(e => e && e.checkVisibility() && !e.classList.contains('entry-unread'))(
		document.querySelector('.notices-column a[aria-current=page]'))`)
	b.until("headings, lists and a link of its own", `(e => e.querySelectorAll('h2').length === 1 && e.querySelectorAll('h3').length === 1 &&
		e.querySelectorAll('ul ul li').length === 1 && e.querySelectorAll('ol li').length === 2 &&
		e.querySelector('a[target=_blank][rel~=noopener]').href === 'https://www.lib.example.jp/hours' &&
		!e.querySelector('button, .button, img, [style]'))(document.querySelector('.written'))`)
	b.inspect("beside the list")
	b.screenshot("marked-1280")
	// Another one of the list: the list stays.
	eval[chromedp.Void](b, "window.column = document.querySelector('.notices-column'); "+
		"document.querySelector('.notices-column .notice-entry:not([aria-current])').click()")
	b.until("the other", "document.querySelector('.notices-column a[aria-current=page]')?.pathname === location.pathname && "+
		"!document.querySelector('.page-title').textContent.includes('図書館')")
	if !b.holds("window.column === document.querySelector('.notices-column')") {
		t.Error("the list was made anew")
	}
	eval[chromedp.Void](b, "history.back()")
	b.until("the first again", "document.querySelector('.page-title').textContent.includes('図書館')")
	for _, width := range []int64{1920, 1024, 768, 360} {
		b.resize(size{width, 900})
		b.until("the new width", fmt.Sprintf("innerWidth === %d", width))
		if beside := b.holds("!!document.querySelector('.notices-column')?.checkVisibility()"); beside != (width >= 1280) {
			t.Errorf("%d px: the list is beside it: %v", width, beside)
		}
		b.inspect(fmt.Sprintf("%d px", width))
		b.screenshot(fmt.Sprintf("marked-%d", width))
	}
	b.twiceAsLarge()
	b.inspect("large text")
	b.screenshot("marked-large")
	b.dark()
	b.follow("/notice")
	b.sees("図書館からのお願い")
	b.inspect("the list, dark")
	if !b.holds("document.documentElement.scrollWidth <= 360") {
		t.Error("the list in large text goes sideways")
	}
	b.screenshot("notices-dark-360")
	b.resize(desktop)
	b.inspect("the list in a wide window, dark")
	b.screenshot("notices-dark-1280")
	b.light()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
	})
	b.screenshot("notices-forced-1280")
}
