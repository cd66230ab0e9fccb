//go:build !js

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// One field answers as one types, from all features at once; what speaks of distress is answered above all, and stands
// in no address; the place is remembered.
func TestTheFirstPageAnswers(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.openIn("ja", "/")
	watchShifts := `window.moved = ''; new PerformanceObserver(list => {
		for (const e of list.getEntries()) if (!e.hadRecentInput) window.moved += e.value + ': ' + e.sources.map(s =>
			(s.node?.className || s.node?.nodeName) + ' ' + s.previousRect.y + ' to ' + s.currentRect.y) + '; '
	}).observe({ type: 'layout-shift' }); ''`
	eval[string](b, watchShifts)
	b.fill("困っていること", "引っ越しました")
	b.until("answers of several kinds", "document.querySelectorAll('.ask-group').length >= 2")
	b.sees("くらしのできごと", "引越し", "手続をすべて見る")
	b.until("the event of life", "document.querySelector('.ask-answers a[href^=\"/guide/move\"]')")
	b.inspect("answers")
	b.screenshot("top-answers")
	if moved := eval[string](b, "window.moved"); moved != "" {
		t.Errorf("what stood there moved by %s", moved)
	}

	// The way back from an answer leads to the answers.
	b.press("引越し")
	b.at("/guide/move")
	eval[string](b, "history.back(); ''")
	b.at("/")
	b.until("the answers again",
		"document.querySelector('.ask-answers') && document.getElementById('ask').value === '引っ越しました'")

	b.press("さがす場所")
	b.fill("お住まいの市区町村", "目黒区")
	b.until("the place to take", "document.querySelector('#ask-where-option-0')")
	b.keys("\r")
	b.until("the place in the chip", "document.querySelector('#ask-chip').textContent.includes('目黒区')")
	b.until("answers there", "document.querySelector('.ask-answers a[href*=\"/131105\"]')")
	b.openIn("ja", "/")
	b.until("the place remembered", "document.querySelector('#ask-chip').textContent.includes('目黒区')")

	b.fill("困っていること", "もう死にたい")
	b.until("who helps", "document.getElementById('helpline')")
	if b.holds("document.querySelector('.ask-group')") || strings.Contains(eval[string](b, "location.href"), "q=") {
		t.Error("the words were searched for, or stand in the address")
	}
}

// Before the program runs, and without it, the field is a form that the portal answers.
func TestTheFirstPageWithoutScripts(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open("/")
	if !b.drawn("id", "ask") || !b.drawn("class", "tiles-events") || !b.drawn("id", "ask-go") {
		t.Fatal("the field or the events are not in the page")
	}
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	b.patient()
	g := b.hold()
	b.open("/")
	b.fill("困っていること", "保育園")
	b.press("さがす")
	b.at("/procedures")
	b.sees("保育園")
	g.lift()
}

// The municipality that runs the portal stands in the header from the first byte on, in every language, and its colour
// is that of the page; the header stays one row.
func TestWhosePortalItIs(t *testing.T) {
	w := ownWorld(t)
	crest := filepath.Join(t.TempDir(), "crest.svg")
	drawing :=
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#7a1f4b"/>` +
			`<path d="M8 22l8-14 8 14z" fill="#fff"/></svg>`
	if err := os.WriteFile(crest, []byte(drawing), 0o600); err != nil {
		t.Fatal(err)
	}
	w.startBrief(t, "PORTAL_OPERATOR_NAME=目黒区", "PORTAL_OPERATOR_NAME_EN=Meguro City",
		"PORTAL_OPERATOR_NAME_EASY=目黒区《めぐろく》", "PORTAL_OPERATOR_CREST="+crest, "PORTAL_OPERATOR_ACCENT=#7a1f4b")
	b := newBrowser(t, desktop, "ja")
	b.openIn("ja", w.brief+"/help")
	shown :=
		`(() => { const i = document.querySelector('.brand .crest'); return i && i.complete && i.naturalWidth > 0 })()`
	for _, language := range languages {
		if language != "ja" {
			b.speak(language)
		}
		b.until("the crest", shown)
		name := eval[string](b, `(() => { const n = document.querySelector('.operator-name').cloneNode(true);
			n.querySelectorAll('rt, rp').forEach(r => r.remove()); return n.textContent })()`)
		if want := map[string]string{"ja": "目黒区", "en": "Meguro City", "easy": "目黒区"}[language]; name != want {
			t.Errorf("in %s it is %q", language, name)
		}
		for _, width := range []int64{360, 768, 1024, 1280} {
			b.resize(size{width, 800})
			height := eval[float64](b, "document.querySelector('.header-line').getBoundingClientRect().height")
			if height > 90 ||
				b.holds("document.documentElement.scrollWidth > innerWidth") {
				t.Errorf("%s at %d px: the header is %v high, or wider than the screen", language, width, height)
			}
		}
	}
	got := eval[string](b, "getComputedStyle(document.documentElement).getPropertyValue('--key').trim()")
	if got != "#7a1f4b" {
		t.Errorf("the colour is %s", got)
	}
	b.screenshot("operator")
	b.inspect("with an operator")
	b.dark()
	b.inspect("with an operator, dark")
	b.light()
	b.openIn("en", w.brief+"/")
	b.screenshot("operator-top")
}
