//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take to show what a test waits for, on a busy machine.
const patience = 60 * time.Second

// browser is one person's browser: what it stores is its own, and it has a tab. It finds things as a person does, by
// what they say.
type browser struct {
	t     testing.TB
	world *world
	size  size
	ctx   context.Context

	mu    sync.Mutex
	over  bool // the test is: nothing can be reported any more
	hurry page.ScriptIdentifier
	// heard is told everything that the tab tells, too; nil when nobody listens.
	heard func(event any)
}

type size struct{ width, height int64 }

var (
	phone   = size{360, 740}
	desktop = size{1280, 900}
)

// newBrowser gives the test a browser with empty storage, in the test's world. It is a context of the one Chromium,
// which keeps its cookies, databases, caches, service workers and permissions apart from those of the others.
func newBrowser(t testing.TB, s size, language string) *browser {
	t.Helper()
	checkBuilt(t)
	return openBrowser(t, s, chromium(t, language), chromedp.WithNewBrowserContext())
}

// newProfile gives the test a Chromium of its own: for what a context refuses, since it counts as a private window.
func newProfile(t testing.TB, s size, language string) *browser {
	t.Helper()
	checkBuilt(t)
	// What lies outside of the window is never drawn: it must hold the largest of the sizes.
	window := chromedp.WindowSize(int(desktop.width), int(desktop.height))
	options := append(chromiumOptions(t.TempDir(), language), window)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	return openBrowser(t, s, allocator)
}

// checkBuilt looks within the test, so that the go command knows what its result depends on and does not repeat an old
// one.
func checkBuilt(t testing.TB) {
	t.Helper()
	for _, name := range []string{"portal", "bridge", "sandbox", "web/routes.json"} {
		if _, err := os.Stat(built(name)); err != nil {
			t.Fatalf("%v (run `make build` first)", err)
		}
	}
}

// openBrowser opens a tab that ends with the test and leaves what it saw if that failed.
func openBrowser(t testing.TB, s size, parent context.Context, options ...chromedp.ContextOption) *browser {
	t.Helper()
	b := &browser{t: t, world: worldOf(t), size: s}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.listen))...)
	b.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			b.evidence()
		}
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.over = true
	})
	// The first call may start Chromium, which lives as long as its context: no deadline here.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("opening a tab of Chromium: %v", err)
	}
	b.resize(s)
	// Several tests type at once, and a page that is not in front hears nothing of the focus in it.
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.watchPolicy()
	b.beInAHurry()
	return b
}

// beInAHurry has somebody touch each page as soon as it is there, so that the program starts. See patient.
func (b *browser) beInAHurry() {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		added, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{
				Source: `addEventListener('load', () => document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true })))`,
			})
		b.hurry = added.Identifier
		return chromedp.Void{}, err
	})
}

// watchPolicy has the console tell of everything that the pages' policy refuses; a test that tries it on says so
// (refusalsExpected).
func (b *browser) watchPolicy() {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: `addEventListener('securitypolicyviolation', e => {
  if (!window.refusalsExpected)
    console.error('Content Security Policy: ' + e.effectiveDirective + ' refused ' + e.blockedURI + ' ' + e.sample)
})`})
}

func (b *browser) resize(s size) {
	b.t.Helper()
	b.size = s
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.width < 600,
	})
}

// offline tells the page what a device without a network tells it, and lets no request of the page through to the
// portal; the card bridge is of the device. What the service worker asks for goes through still: where that matters the
// test stops the portal itself.
func (b *browser) offline(is bool) {
	b.t.Helper()
	var nothing []*network.Conditions
	for _, origin := range []string{b.world.origin, b.world.brief} {
		if is {
			nothing = append(nothing, &network.Conditions{
				URLPattern: origin + "/*", Offline: true, DownloadThroughput: -1, UploadThroughput: -1,
			})
		}
	}
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: nothing,
	})
	call(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: is, DownloadThroughput: -1, UploadThroughput: -1,
	})
}

// gone ends an offline page, as when its tab is closed. What has it offline ends a moment before the page does, and
// must not let it reach the portal then.
func (b *browser) gone() {
	b.t.Helper()
	eval[chromedp.Void](b, `globalThis.fetch = () => new Promise(() => {})`)
	b.do(chromedp.Navigate("about:blank"))
}

func (b *browser) dark()  { b.prefer("dark") }
func (b *browser) light() { b.prefer("light") }

func (b *browser) prefer(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, command, params)
		return chromedp.Void{}, err
	})
}

// tab opens another tab of the same browser.
func (b *browser) tab() *browser {
	b.t.Helper()
	return b.tabFor(b.t)
}

// tabFor opens a tab for a part of the test.
func (b *browser) tabFor(t testing.TB) *browser {
	t.Helper()
	return openBrowser(t, b.size, b.ctx)
}

// listen fails the test when the page throws, or when the console tells of a panic or of something that the CSP
// refused.
func (b *browser) listen(event any) {
	if b.heard != nil {
		b.heard(event)
	}
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.report("the page threw: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		text := strings.Join(words, " ")
		if strings.Contains(text, "panic:") || strings.Contains(text, "Content Security Policy") {
			b.report("console: %s", text)
		}
	}
}

// report fails the test, unless it is over and its tab closing.
func (b *browser) report(format string, of ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.t.Errorf(format, of...)
	}
}

func (b *browser) do(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// open goes to a path of the portal, or to a whole address.
func (b *browser) open(path string) {
	b.t.Helper()
	address := path
	if !strings.HasPrefix(path, "http") {
		address = b.world.origin + path
	}
	b.do(chromedp.Navigate(address))
}

// follow goes to a path of the portal as by a link in the page that is open: the program draws the other page, which
// takes a tenth of what loading it would.
func (b *browser) follow(path string) {
	b.t.Helper()
	b.atWork()
	before := eval[string](b, `(() => {
  const link = document.createElement('a')
  link.href = `+quote(path)+`
  document.body.append(link)
  const before = link.href === location.href ? "" : location.href
  link.click()
  link.remove()
  return before
})()`)
	b.until("another address", "location.href !== "+quote(before)) // which comes once the press is drawn
	path, _, _ = strings.Cut(path, "?")
	b.at(path)
	// The page of it is drawn after that; a tab out of sight draws nothing.
	eval[chromedp.Void](b, `Promise.race([
  new Promise(done => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))),
  new Promise(done => setTimeout(done, 500)),
]).then(() => {})`)
}

// eval runs JavaScript; a promise is awaited.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
		if err == nil {
			return value
		}
		if !between(err) || ctx.Err() != nil {
			b.t.Fatalf("running %s: %v", script, err)
		}
	}
}

// between tells whether a script failed only because one page was just giving way to the next.
func between(err error) bool {
	for _, words := range []string{
		"navigated or closed", "Cannot find context", "context was destroyed", "Promise was collected",
	} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

func (b *browser) holds(condition string) bool {
	b.t.Helper()
	return eval[bool](b, "(async () => !!(await ("+condition+")))()")
}

// until waits for a JavaScript condition. The page itself looks, so that nobody else is busy meanwhile; every few
// seconds it says that it still waits.
func (b *browser) until(what, condition string) {
	b.t.Helper()
	soon := fmt.Sprintf(`(async () => {
  for (const end = performance.now() + 5000; performance.now() < end;) {
    if (await (%s)) return true
    await new Promise(go => setTimeout(go, 50))
  }
  return false
})()`, condition)
	b.wait(what, func() bool { return eval[bool](b, soon) })
}

func (b *browser) wait(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			b.t.Fatalf("waited in vain for %s; the page at %s says:\n%s", what, b.path(), b.text())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (b *browser) sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.until(fmt.Sprintf("%q", text), visibleText+".includes("+quote(text)+")")
	}
}

func (b *browser) seesNot(text string) {
	b.t.Helper()
	if b.holds(visibleText + ".includes(" + quote(text) + ")") {
		b.t.Errorf("the page says %q", text)
	}
}

// visibleText is the page's text without ruby readings.
const visibleText = `(() => { if (!document.body) return ''; const c = document.body.cloneNode(true); c.querySelectorAll('rt,rp,script').forEach(e => e.remove()); return document.body.innerText + "\n" + c.textContent })()`

func (b *browser) text() string {
	return eval[string](b, "document.body ? document.body.innerText : ''")
}

func (b *browser) path() string {
	return eval[string](b, "location.pathname + location.search")
}

func (b *browser) at(path string) {
	b.t.Helper()
	b.until("the page "+path, "location.pathname === "+quote(path))
}

// find is a JavaScript expression: the first visible, enabled element that a person would name so.
func find(name string) string {
	return `(() => {
  const name = ` + quote(name) + `;
  const clean = e => { const c = e.cloneNode(true); c.querySelectorAll('rt,rp').forEach(x => x.remove()); return c.textContent.trim().replace(/\s+/g, ' ') };
  const label = e => e.getAttribute('aria-label') || (e.labels && e.labels.length ? clean(e.labels[0]) : '') || clean(e) || e.getAttribute('title') || '';
  const shown = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]');
  const open = [...document.querySelectorAll('dialog[open], [role=dialog]')].filter(shown).pop() || document;
  const kinds = 'button, a[href], input, select, textarea, summary, ' +
    '[role=button], [role=option], [role=tab], [role=menuitem]';
  const all = [...open.querySelectorAll(kinds)]
    .filter(shown)
    .sort((a, b) => !!b.closest('main') - !!a.closest('main')); // what the page is about before what is around it
  const exactly = all.find(e => label(e) === name);
  if (exactly && exactly.disabled) return undefined; // it is awaited, and not another whose name begins like it
  const able = all.filter(e => !e.disabled);
  return exactly || able.find(e => label(e).startsWith(name)) || able.find(e => label(e).includes(name));
})()`
}

// press clicks what is called so.
func (b *browser) press(name string) {
	b.t.Helper()
	b.onceFound(fmt.Sprintf("something to press called %q", name), name, "e.click()")
}

// onceFound does something to an element e as soon as it is there, before the page can draw itself anew.
func (b *browser) onceFound(what, name, do string) {
	b.t.Helper()
	script := "(e => { if (e) { " + do + " } return !!e })(" + find(name) + ")"
	b.wait(what, func() bool { return eval[bool](b, script) })
}

// fill types a text into the field called so, as keys, replacing what was there.
func (b *browser) fill(name, text string) {
	b.t.Helper()
	b.onceFound(fmt.Sprintf("a field called %q", name), name, "e.focus(); if (e.select) e.select()")
	if text == "" {
		b.keys(kb.Backspace)
		return
	}
	b.keys(text)
}

func (b *browser) keys(text string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(text))
}

func (b *browser) screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("E2E_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// evidence leaves what a failed test saw in build/e2e.
func (b *browser) evidence() {
	dir := built("e2e")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
		name := filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "-")+".png")
		if os.WriteFile(name, png, 0o644) == nil {
			b.t.Logf("screenshot: %s", name)
		}
	}
	for name, p := range b.world.processes {
		lines := strings.Split(p.output.String(), "\n")
		b.t.Logf("the last words of %s:\n%s", name, strings.Join(lines[max(0, len(lines)-15):], "\n"))
	}
}

func quote(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(out)
}
