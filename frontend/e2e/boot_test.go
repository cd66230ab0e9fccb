//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// gate stands before the program, or before calls: nothing of it passes until it is opened.
type gate struct {
	b      *browser
	mu     sync.Mutex
	open   bool
	asked  int
	before []fetch.RequestID
}

// hold closes a gate before the program of every page of this tab.
func (b *browser) hold() *gate { return b.holdAt("*/assets/app.*.wasm") }

// holdAt closes one before what this tab asks for at some addresses.
func (b *browser) holdAt(addresses string) *gate {
	b.t.Helper()
	g := &gate{b: b}
	b.heard = func(event any) {
		paused, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.asked++
		if g.open {
			go g.pass(paused.RequestID)
			return
		}
		g.before = append(g.before, paused.RequestID)
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: addresses}}})
	return g
}

// pass lets a request through; its page may be gone.
func (g *gate) pass(id fetch.RequestID) {
	type void = chromedp.Void
	var through chromedp.Action[void] = func(ctx context.Context, target *chromedp.Target) (void, error) {
		_, err := cdp.Call(ctx, target, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: id})
		return void{}, err
	}
	_ = chromedp.Do(g.b.ctx, through)
}

// count is how much came to the gate.
func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *gate) lift() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
	for _, id := range g.before {
		go g.pass(id)
	}
	g.before = nil
}

// wanted tells whether the program was asked for.
func (g *gate) wanted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked > 0
}

const ready = "!!document.documentElement?.dataset.ready"

// notYet fails the test when the program runs already.
func (b *browser) notYet() {
	b.t.Helper()
	if b.holds(ready) {
		b.t.Fatal("the program runs already")
	}
}

// A person with a slow line reads, finds and looks up before anything of the program is there.
func TestPagesAreUsedBeforeTheProgramRuns(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.patient()
	b.hold()
	b.open("/")
	b.press("メニュー")
	b.until("the menu", "document.getElementById('menu-drawer').open && document.activeElement.closest('#menu-drawer')")
	b.screenshot("boot-menu")
	b.press("閉じる")
	b.until("no menu", "!document.getElementById('menu-drawer').open")
	b.press("メニュー")
	b.keys(kb.Escape)
	b.until("no menu after Esc", "!document.getElementById('menu-drawer').open")
	b.press("メニュー")
	b.press("手続をさがす")
	b.at("/procedures")
	b.notYet()
	b.fill("どんな手続ですか", "ほいくえん")
	b.keys("\r")
	b.until("the results", "document.querySelector('main a[href$=\"/P0012\"]')")
	b.notYet()
	b.chooseLanguage("English")
	b.until("English", "document.documentElement?.lang === 'en'")
	if !b.holds("new URLSearchParams(location.search).get('q') === 'ほいくえん'") {
		t.Errorf("another language forgot what was asked: %s", b.path())
	}
	b.chooseLanguage("日本語")
	b.until("Japanese", "document.documentElement?.lang === 'ja'")
	eval[string](b, "document.querySelector('main a[href$=\"/P0012\"]').click(); ''")
	b.at("/procedures/nation/P0012")
	b.until("the procedure", "document.querySelector('main .facts, main h1')")
	eval[chromedp.Void](b, "history.back()")
	b.until("the results again", "document.querySelector('main a[href$=\"/P0012\"]')")

	b.open("/places")
	b.press("東京都")
	b.at("/places/13")
	b.press("目黒区")
	b.until("the place", "location.search === '?place=131105'")
	b.sees("目黒区")
	b.open("/guide")
	b.press("引越し")
	b.at("/guide/move")
	b.open("/help")
	b.until("a question unfolds",
		`(e => { if (!e.open) e.firstElementChild.click(); return e.open })(document.querySelector('main details'))`)
	b.notYet()
}

// Where scripts are switched off the menu stands in the page, also on a phone.
func TestTheMenuWithoutScripts(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open("/")
	b.screenshot("boot-no-scripts")
	if !b.drawn("class", "nav") || b.drawn("id", "menu-button") {
		t.Error("the menu is not in the page, or a button that opens nothing")
	}
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	b.open("/")
	if b.drawn("class", "nav") || !b.drawn("id", "menu-button") {
		t.Error("with scripts a phone shows the menu in the page")
	}
}

// drawn tells, without a script, whether the element with an attribute takes up room.
func (b *browser) drawn(attribute, value string) bool {
	b.t.Helper()
	var drawn bool
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		whole := int64(-1)
		all, err := cdp.Call(ctx, target, dom.GetDocument, dom.GetDocumentParams{Depth: &whole})
		if err != nil {
			return chromedp.Void{}, err
		}
		found := with(all.Root, attribute, value)
		if found == nil {
			return chromedp.Void{}, fmt.Errorf("no element has %s=%q", attribute, value)
		}
		// By the number that lasts as long as the element: others are void as soon as anybody asks for the document.
		_, err = cdp.Call(ctx, target, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: found.BackendNodeID})
		drawn = err == nil
		if err != nil && !strings.Contains(err.Error(), "Could not compute box model") {
			return chromedp.Void{}, err
		}
		return chromedp.Void{}, nil
	})
	return drawn
}

// with is the first element that has the attribute.
func with(node *cdp.Node, attribute, value string) *cdp.Node {
	for i := 0; i+1 < len(node.Attributes); i += 2 { // names and values in turn
		if node.Attributes[i] == attribute && node.Attributes[i+1] == value {
			return node
		}
	}
	for _, child := range node.Children {
		if found := with(child, attribute, value); found != nil {
			return found
		}
	}
	return nil
}

// What is typed while the program loads stays, with the caret where it was, and the program hears it.
func TestWhatIsTypedDuringTheStartIsKept(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.patient()
	g := b.hold()
	b.open("/procedures")
	b.click("#procedure-query")
	b.wait("a start at the first need", g.wanted)
	b.keys("ほいくえん")
	b.keys(kb.ArrowLeft)
	b.until("the caret before the last letter", "document.activeElement.selectionStart === 4")
	b.notYet()
	g.lift()
	b.atWork()
	const field = "(e => [e.id, e.value, e.selectionStart].join(' '))(document.activeElement)"
	if now := eval[string](b, field); now != "procedure-query ほいくえん 4" {
		t.Errorf("the field, what it holds, the caret: %s", now)
	}
	b.until("what was typed is searched for", "new URLSearchParams(location.search).get('q') === 'ほいくえん'")
	b.sees("「ほいくえん」に当てはまる手続")
}

// An input method would lose its word with the field in which it stands: the program waits until the word is whole.
func TestAnInputMethodKeepsItsWordDuringTheStart(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.patient()
	b.early(`{
		const instantiate = WebAssembly.instantiate
		WebAssembly.instantiate = (...of) => instantiate(...of).finally(() => setTimeout(() => setTimeout(() => { window.atHand = true }, 50)))
		Object.defineProperty(window, 'Go', { configurable: true, set(Go) {
			const run = Go.prototype.run
			Go.prototype.run = function (...of) { window.ran = true; return run.apply(this, of) }
			Object.defineProperty(window, 'Go', { value: Go })
		} })
	}`)
	g := b.hold()
	b.open("/procedures")
	b.click("#procedure-query")
	call(b, input.ImeSetComposition, input.ImeSetCompositionParams{
		Text: "ほいく", SelectionStart: 3, SelectionEnd: 3,
	})
	g.lift()
	b.until("the program at hand", "window.atHand")
	if b.holds("window.ran") {
		t.Error("the program took the page over in the midst of a word")
	}
	call(b, input.InsertText, input.InsertTextParams{Text: "保育"})
	b.atWork()
	if !b.holds("document.activeElement.value === '保育'") {
		t.Errorf("the field holds %q", eval[string](b, "document.activeElement.value"))
	}
}

// Who goes by the keyboard or by ear is where they were, among the same landmarks; nothing on the page moves.
func TestTheProgramTakesThePageOverUnnoticed(t *testing.T) {
	ownWorld(t)
	for _, address := range []string{
		"/", "/guide", "/help", "/places", "/terms", "/procedures/131105/P0012", "/guide/move",
	} {
		t.Run(strings.ReplaceAll(strings.Trim(address, "/"), "/", "-"), func(t *testing.T) {
			b := newBrowser(t, desktop, "ja")
			b.patient()
			b.early(`window.shifts = []
				new PerformanceObserver(list => { for (const e of list.getEntries()) { const moved = e.sources.map(s => [s.previousRect, s.currentRect].map(r => JSON.stringify(r)).join(' to ')).filter(s => new Set(s.split(' to ')).size > 1); if (moved.length) window.shifts.push(e.value + ' at ' + e.startTime + ': ' + moved + e.sources.map(s => s.node?.outerHTML?.slice(0, 90) ?? s.node?.nodeName + s.node?.textContent)) } }).observe({ type: 'layout-shift', buffered: true })`)
			g := b.hold()
			b.open(address)
			b.tabTo("準備")
			landmarks, at := b.landmarks(), eval[string](b, places)
			before := eval[int](b, "window.shifts.length")
			b.notYet()
			b.wait("a start at the first key", g.wanted)
			g.lift()
			b.atWork()
			if !b.holds("document.activeElement.matches('a[href=\"/prepare\"]:focus-visible')") {
				t.Errorf("the focus is at %s", eval[string](b, "document.activeElement.outerHTML.slice(0, 99)"))
			}
			if now := b.landmarks(); !slices.Equal(now, landmarks) {
				t.Errorf("landmarks before: %v, after: %v", landmarks, now)
			}
			if shifts := eval[[]string](b, "window.shifts"); len(shifts) > before {
				t.Errorf("the page shifted: %v", shifts[before:])
			}
			if now := eval[string](b, places); now != at {
				t.Errorf("what stands where, before: %s, after: %s", at, now)
			}
		})
	}
}

// places are where the frame of the page stands.
const places = `JSON.stringify([...document.querySelectorAll('header, .breadcrumb-place, main, h1')].map(e => {
	const r = e.getBoundingClientRect()
	return [e.tagName, Math.round(r.left), Math.round(r.top)]
}))`

// landmarks are those that a screen reader goes by, with their names.
func (b *browser) landmarks() []string {
	b.t.Helper()
	var found []string
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		tree, err := cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			return chromedp.Void{}, err
		}
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil {
				continue
			}
			role := strings.Trim(string(node.Role.Value), `"`)
			if !slices.Contains([]string{"banner", "navigation", "main", "contentinfo", "search"}, role) {
				continue
			}
			var name string
			if node.Name != nil {
				if err := json.Unmarshal([]byte(node.Name.Value), &name); err != nil {
					return chromedp.Void{}, fmt.Errorf("reading a landmark's name: %w", err)
				}
			}
			found = append(found, role+" "+name)
		}
		return chromedp.Void{}, nil
	})
	return found
}

// The menu that stands open stays so, and where one was in it.
func TestTheMenuStaysOpenDuringTheStart(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.patient()
	g := b.hold()
	b.open("/help")
	b.press("メニュー")
	b.tabTo("準備")
	b.wait("a start", g.wanted)
	g.lift()
	b.atWork()
	b.until("the menu with its focus", `document.getElementById('menu-drawer').open
		&& document.activeElement.matches('#menu-drawer a[href="/prepare"]')`)
	b.press("閉じる")
	b.until("no menu", "!document.getElementById('menu-drawer').open && document.activeElement.id === 'menu-button'")
}

// A press that begins on the document and ends on what the program drew is a press; so is one while it starts.
func TestAPressDuringTheStartCounts(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.patient()
	g := b.hold()
	b.open("/help")
	x, y := b.middle("header a[href='/procedures']")
	b.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	b.keys("\t") // a start
	b.wait("a start", g.wanted)
	g.lift()
	b.atWork()
	b.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	b.at("/procedures")
	eval[chromedp.Void](b, "history.back()")
	b.at("/help")

	// A link pressed before the program is there is the browser's, and stands in the history once.
	again := b.tab()
	again.patient()
	again.hold()
	again.open("/help")
	depth := eval[int](again, "history.length")
	again.keys("\t")
	again.click("header a[href='/procedures']")
	again.at("/procedures")
	again.notYet()
	if now := eval[int](again, "history.length"); now != depth+1 {
		t.Errorf("one press made %d entries of the history", now-depth)
	}
}

// A page that can be read is read for a while before the program starts; one that cannot starts it with the document.
// It starts in turns, between which the browser answers.
func TestWhenTheProgramStarts(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.patient()
	b.early(`Object.defineProperty(window, 'Go', { configurable: true, set(Go) {
		const run = Go.prototype.run
		Go.prototype.run = function (...of) {
			window.turns = 0
			const turn = () => { if (!document.documentElement?.dataset.ready) { window.turns++; setTimeout(turn) } }
			setTimeout(turn)
			return run.apply(this, of)
		}
		Object.defineProperty(window, 'Go', { value: Go })
	} })
	{
		const asks = () => { window.askedAt ??= performance.now() }
		const get = window.fetch
		window.fetch = (...of) => { if (String(of[0]).endsWith('.wasm')) asks(); return get(...of) }
		window.Worker = class extends Worker { constructor(...of) { asks(); super(...of) } }
	}`)
	asked := func(address string) (of, loaded float64) {
		b.open(address)
		b.until("the page at work", ready)
		if turns := eval[int](b, "window.turns"); turns < 3 {
			t.Errorf("%s: the browser had %d turns while the program started", address, turns)
		}
		return eval[float64](b, "window.askedAt"),
			eval[float64](b, "performance.getEntriesByType('navigation')[0].loadEventStart")
	}
	if of, loaded := asked("/help"); of < loaded+2000 {
		t.Errorf("/help: the program was asked for at %.0f ms, the document was there at %.0f", of, loaded)
	}
	for _, address := range []string{"/login", "/prepare", "/notice", "/todo"} {
		if of, loaded := asked(address); of > loaded {
			t.Errorf("%s: the program was asked for at %.0f ms, the document was there at %.0f", address, of, loaded)
		}
	}
}

// patient has the person of this tab touch nothing but what the test does.
func (b *browser) patient() {
	b.t.Helper()
	call(b, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams{
		Identifier: b.hurry,
	})
}

// early has a script run in every page of this tab before those of the page.
func (b *browser) early(script string) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// middle is where the middle of an element is drawn.
func (b *browser) middle(selector string) (x, y float64) {
	b.t.Helper()
	b.until(selector, "document.querySelector("+quote(selector)+")")
	at := eval[[]float64](b,
		`(e => { e.scrollIntoView({ block: 'nearest' }); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2] })(document.querySelector(`+quote(selector)+`))`)
	return at[0], at[1]
}

// click presses the mouse on an element, as a hand does.
func (b *browser) click(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	b.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
}

func (b *browser) mouse(kind input.DispatchMouseEventType, x, y float64) {
	b.t.Helper()
	call(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{
		Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1,
	})
}
