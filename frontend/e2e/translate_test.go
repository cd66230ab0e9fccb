//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// translate does to the page what a browser that translates does, now and whenever something changes: each text is
// replaced by two elements <font> with the translation, here the same words and a mark that nobody sees; the old text
// node is left without a parent.
const translate = `(() => {
  const over = node => {
    if (!node.nodeValue.trim() || !node.parentElement ||
      node.parentElement.closest('font, script, style, textarea')) return;
    const outer = document.createElement('font'), inner = document.createElement('font');
    inner.textContent = node.nodeValue + '\u2063';
    outer.append(inner);
    node.parentNode.replaceChild(outer, node);
  };
  const within = root => {
    if (root.nodeType === Node.TEXT_NODE) return over(root);
    const texts = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode);
    texts.forEach(over);
  };
  within(document.body);
  new MutationObserver(records => {
    for (const r of records) r.type === 'characterData' ? over(r.target) : r.addedNodes.forEach(within);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()`

// said is the text of what the page is about, without the mark, with blanks made one.
const said = `(document.querySelector('main')?.textContent ?? '').replaceAll('\u2063', '').replace(/\s+/g, ' ').trim()`

// rests is a promise of whether the page says the same for half a second, and works at nothing.
const rests = `(async () => {
  const said = () => document.querySelector('main')?.textContent;
  for (let i = 0, before = said(); i < 10; i++) {
    await new Promise(go => setTimeout(go, 50));
    if (said() !== before || document.querySelector('main [aria-busy=true]')) return false;
  }
  return true;
})()`

// walker goes the same way twice: in a page as it is, noting what it says at each step, and in a translated one, which
// must say the same.
type walker struct {
	*browser
	translated bool
	noted      map[string]string
}

func (w *walker) goTo(path string) {
	w.t.Helper()
	w.open(path)
	if w.translated {
		eval[chromedp.Void](w.browser, translate)
	}
}

// step is reached when the page says text.
func (w *walker) step(name, text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%q", text), said+".includes("+quote(text)+")")
	if !w.translated {
		w.until("a page at rest at "+name, rests)
		w.noted[name] = eval[string](w.browser, said)
		return
	}
	w.until("the translation at "+name, "document.querySelector('main font')")
	deadline := time.Now().Add(patience)
	for now := ""; now != w.noted[name]; time.Sleep(50 * time.Millisecond) {
		if now = eval[string](w.browser, said); now != w.noted[name] && time.Now().After(deadline) {
			w.t.Fatalf("%s: the translated page says other words:\n%s", name,
				cmp.Diff(strings.Fields(w.noted[name]), strings.Fields(now)))
		}
	}
}

// choose clicks what has that id.
func (w *walker) choose(id string) {
	w.t.Helper()
	w.until("the field "+id, "document.getElementById("+quote(id)+")")
	eval[chromedp.Void](w.browser, "document.getElementById("+quote(id)+").click()")
}

func TestATranslatedPageLivesOnAndSaysTheTruth(t *testing.T) {
	ownWorld(t)
	for name, walk := range map[string]func(w *walker){
		"an event of life": func(w *walker) {
			w.goTo("/guide/birth")
			w.step("open", "当てはまるかもしれない手続")
			w.press("赤ちゃんが生まれた")
			w.step("a question more", "赤ちゃんが生まれた日")
			w.setDay("guide-q-birthday", "2026-11-20")
			w.step("a day", "2026年12月3日")
			w.press("国民健康保険")
			w.press("ひとりで育てる")
			w.step("all answered", "4問のうち4問")
			w.press("妊娠中")
			w.step("another answer", "母子健康手帳を受け取りましたか")
			w.press("赤ちゃんが生まれた")
			w.step("and back", "4問のうち4問")
			w.press("やることリストに入れる")
			w.step("remembered", "件をやることリストに入れました")
			w.press("やることリストを見る")
			w.at("/todo")
			w.step("the list", "出生届")
			w.press("削除")
			w.step("removed", "を削除しました")
			w.press("元に戻す")
			w.step("put back", "元に戻しました")
			eval[chromedp.Void](w.browser, "document.querySelector('.todo-item input').click()")
			w.step("done", "終わった（1件）")
		},
		"a search": func(w *walker) {
			w.goTo("/procedures?place=131130") // whose procedures nobody changes meanwhile
			w.step("open", "渋谷区に当てはまる手続")
			w.fill("どんな手続ですか", "保育園")
			w.step("found", "「保育園」に当てはまる手続")
			w.choose("procedure-online")
			w.step("online", "「保育園」に当てはまる手続")
			w.choose("procedure-online")
			w.fill("どんな手続ですか", "ほんやらどうでもよい")
			w.step("nothing", "「ほんやらどうでもよい」に当てはまる手続")
			w.fill("どんな手続ですか", "児童手当")
			w.step("found again", "「児童手当」に当てはまる手続")
			w.press("児童手当")
			w.step("a procedure", "今日できること")
		},
		"help and back": func(w *walker) {
			w.goTo("/help")
			w.step("open", "使い方")
			w.until("the program", "document.documentElement?.dataset.ready") // before it a link loads a page anew
			eval[chromedp.Void](w.browser, "document.querySelector('header a[href=\"/procedures\"]').click()")
			w.at("/procedures")
			w.step("search", "分類からさがす")
			eval[chromedp.Void](w.browser, "history.back()")
			w.at("/help")
			w.step("back", "使い方")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noted := map[string]string{}
			for _, translated := range []bool{false, true} {
				walk(&walker{newBrowser(t, desktop, "ja"), translated, noted})
			}
		})
	}
}
