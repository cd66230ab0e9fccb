//go:build !js

package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

const (
	workerInCharge = "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')"
	shellCaches    = "caches.keys().then(names => names.filter(n => n.startsWith('madoguchi-app-') && n !== " +
		"'madoguchi-app-visited'))"
	// visitedPages are the addresses of what is kept, each after its language.
	visitedPages = "caches.open('madoguchi-app-visited').then(c => c.keys()).then(all => all.map(r => new " +
		"URL(r.url)).map(u => u.pathname + u.search))"
	waiting = "navigator.serviceWorker.getRegistration().then(r => !!r.waiting)"
)

// lookForUpdate asks the portal for a new worker; what comes of it the test waits for.
func (b *browser) lookForUpdate() {
	b.t.Helper()
	eval[chromedp.Void](b, "navigator.serviceWorker.getRegistration().then(r => r.update()).then(() => {}, () => {})")
}

// deploy has the test's portal serve other files, or the same with other settings, from now on until the test is over.
func (w *world) deploy(t *testing.T, settings ...string) *process {
	t.Helper()
	portal := w.processes["portal"]
	if len(portal.own) == 0 {
		portal.own = portal.environment
		t.Cleanup(func() {
			portal.stop()
			portal.environment, portal.own = portal.own, nil
			if err := portal.start(); err != nil {
				t.Error(err)
			}
		})
	}
	portal.stop()
	portal.environment = append(slices.Clone(portal.own), settings...)
	if err := portal.start(); err != nil {
		t.Fatal(err)
	}
	return portal
}

// away stops the portal, so that nobody answers, until the test is over or deploys.
func (w *world) away(t *testing.T) {
	t.Helper()
	w.deploy(t) // which has it come back
	w.processes["portal"].stop()
}

// status is how the portal answers a GET.
func (w *world) status(t *testing.T, path string) int {
	t.Helper()
	response, err := http.Get(w.origin + path)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// release packs another version of the page into a folder of releases: change alters the styles and texts that it is
// made of, and other says whether its program is another, too.
func release(t *testing.T, dir string, other bool, change func(static string), flags ...string) string {
	t.Helper()
	static := filepath.Join(t.TempDir(), "static")
	if err := os.CopyFS(static, os.DirFS(filepath.Join("..", "..", "static"))); err != nil {
		t.Fatal(err)
	}
	change(static)
	wasm, err := os.ReadFile(built("app.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if other {
		wasm = append(wasm, 0, 2, 1, 'x') // a section that says nothing
	}
	program := filepath.Join(t.TempDir(), "app.wasm")
	if err := os.WriteFile(program, wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	pack := exec.Command(built("pack-web"), append(flags, "--fast", "--wasm", program, "--out", dir, "--static", static,
		"--text", filepath.Join(static, "text"))...)
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s(run `make build` first)", pack, err, out)
	}
	return dir
}

// appendTo changes a file of static.
func appendTo(t *testing.T, file, text string) {
	t.Helper()
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(old, text...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reword changes what the first link of every page says, in every language, so that all files of texts are others.
func reword(t *testing.T, static string) {
	t.Helper()
	for _, name := range []string{"ja.pot", "en.po", "easy.po"} {
		file := filepath.Join(static, "text", "shell", name)
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("本文へ進む", "本文へ行く", "Skip to main content", "Go to main content",
			"内容《ないよう》へ", "本文《ほんぶん》へ").Replace(string(old))
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

type request struct {
	path  string
	bytes int
}

var requestLine = regexp.MustCompile(`msg=request method=GET path=(\S+) status=(\d+) bytes=(\d+)`)

// requests are what a portal was asked for since a place in its log, with what went out.
func requests(p *process, since int) []request {
	var found []request
	for _, m := range requestLine.FindAllStringSubmatch(p.output.String()[since:], -1) {
		bytes, _ := strconv.Atoi(m[3])
		found = append(found, request{m[1], bytes})
	}
	return found
}

func sum(all []request) (bytes int) {
	for _, r := range all {
		bytes += r.bytes
	}
	return bytes
}

// ofFiles leaves out what other pages and the probes of the test ask for.
func ofFiles(all []request) []request {
	return slices.DeleteFunc(slices.Clone(all), func(r request) bool {
		return r.path == "/healthz" || r.path == "/sitemap.xml"
	})
}

// The worker keeps what everybody's page is made of, in the language that is read, and of pages those that were
// visited; nothing that says whom it was or what they looked for. With that every address opens without a network.
func TestTheWorkerKeepsTheShellAndWhatWasVisited(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/procedures/131105/P0001")
	b.until("the service worker in charge", workerInCharge)
	b.until("the first page kept", visitedPages+".then(all => all.length === 1)")
	for _, address := range []string{
		"/procedures?place=131105", "/procedures?q=" + "離婚", "/procedures/131105/P0012?day=2026-11-02", "/help",
		"/notice/01ABC", "/account/confirm?token=secret", "/login?next=%2Fnotice%2F01ABC", "/places/14",
	} {
		b.open(address)
		b.until("the page at work", "document.documentElement?.dataset.ready")
	}
	b.until("the last page kept", visitedPages+".then(all => all.includes('/ja/places/14'))")
	kept := eval[[]string](b, visitedPages)
	slices.Sort(kept)
	want := []string{"/ja/places/14", "/ja/procedures/131105/P0001", "/ja/procedures?place=131105"}
	if !slices.Equal(kept, want) {
		t.Errorf("of what was visited there is kept %q, want %q", kept, want)
	}
	everything := eval[string](b, everythingKept)
	for _, never := range []string{"01ABC", "secret", "%E9%9B%A2", "離婚", "2026-11-02", "text-en", "text-easy"} {
		if strings.Contains(everything, never) {
			t.Errorf("the worker keeps %s: %s", never, everything)
		}
	}

	w.away(t)
	b.offline(true)
	for _, r := range routes(t, func(r route) bool { return r.Alone }) { // without the program
		b.open(r.Path)
		b.until(r.Path, "document.querySelector('main h1')")
	}
	for _, address := range append(addresses(t, func(r route) bool { return !r.Alone }), noSuchPage) {
		b.open(address)
		b.offline(true) // some versions of Chromium forget it with the page before
		b.until(address+" at work",
			"document.documentElement?.dataset.ready && document.querySelector('main h1, main h2')")
		b.sees("オフライン")
	}
	b.open("/procedures/131105/P0001?lang=ja")
	b.offline(true)
	b.sees("児童手当", "に開いたときのページを表示しています", "窓口")
	b.screenshot("page-as-of")
	b.inspect("a page as it was")
	b.press("手続をさがす")
	b.at("/procedures")
	b.until("no word of its age", "!document.getElementById('as-of')")
	b.open("/guide/death?lang=en") // never read here
	b.offline(true)
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.sees("オフライン")
}

// everythingKept are the addresses of all that the worker keeps.
const everythingKept = `caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(c => c.keys())
	.then(all => all.map(r => decodeURIComponent(r.url)))))).then(JSON.stringify)`

// Of many visited pages the oldest leave, by number and by weight.
func TestVisitedPagesAreBounded(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	visit := func(address string) {
		t.Helper()
		eval[chromedp.Void](b, "navigator.serviceWorker.ready.then(r => r.active.postMessage({type: "+
			"'visited', address: "+
			quote(address)+"}))")
		b.until(address+" kept", visitedPages+".then(all => all.includes("+quote("/ja"+address)+"))")
	}
	for prefecture := 1; prefecture <= 47; prefecture++ {
		visit(fmt.Sprintf("/places/%02d", prefecture))
	}
	b.until("40 pages", visitedPages+".then(all => all.length === 40)")
	if kept := eval[[]string](b, visitedPages); slices.Contains(kept, "/ja/places/07") {
		t.Errorf("one of the oldest is still there: %q", kept)
	}

	// One that is as long as all the others may be together: the next finds room again when the older have left.
	eval[chromedp.Void](b,
		`caches.open('madoguchi-app-visited').then(c => c.put('/ja/long', new Response('', {headers: {
	'X-Kept-At': new Date().toISOString(), 'X-Kept-Bytes': String(1 << 20) }})))`)
	visit("/places/02")
	b.until("the newest alone", visitedPages+".then(all => all.join() === '/ja/places/02')")
}

// An update fetches what changed, and no more; one that does not come through leaves what there is, and goes on where
// it stopped.
func TestAnUpdateFetchesOnlyWhatChanged(t *testing.T) {
	w := ownWorld(t)
	releases := t.TempDir()
	next := release(t, filepath.Join(releases, "next"), false, func(static string) {
		appendTo(t, filepath.Join(static, "base.css"), "\n.next-version { color: inherit }\n")
		reword(t, static)
	})
	portal := w.processes["portal"]
	begun := len(portal.output.String())
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.until("the service worker in charge", workerInCharge)
	b.until("the program", "document.documentElement?.dataset.ready")
	first := ofFiles(requests(portal, begun))
	t.Logf("a first visit with the worker's install: %d requests, %d bytes", len(first), sum(first))
	old := eval[[]string](b, shellCaches)

	// The style sheet is missing: this version cannot be had whole.
	styles, err := filepath.Glob(filepath.Join(next, "assets", "style.*.css"))
	if err != nil || len(styles) != 1 {
		t.Fatal(styles, err)
	}
	style, err := os.ReadFile(styles[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(styles[0]); err != nil {
		t.Fatal(err)
	}
	portal = w.deploy(t, "PORTAL_WEB="+next)
	eval[chromedp.Void](b, `navigator.serviceWorker.getRegistration().then(r => new Promise(done => {
	r.addEventListener('updatefound', () => { const w = r.installing;
		w.addEventListener('statechange', () => { if (w.state === 'redundant') done() }) });
	r.update().catch(() => {}) }))`)
	if b.holds(waiting) {
		t.Error("a version with a file missing lies ready")
	}
	portal.stop()
	b.offline(true)
	b.open("/help")
	b.offline(true)
	b.until("the program", "document.documentElement?.dataset.ready")
	b.sees("オフライン")
	b.offline(false)

	if err := os.WriteFile(styles[0], style, 0o600); err != nil {
		t.Fatal(err)
	}
	portal = w.deploy(t, "PORTAL_WEB="+next)
	before := len(portal.output.String())
	b.lookForUpdate()
	b.until("the next version ready", waiting)
	fetched := ofFiles(requests(portal, before))
	t.Logf("an update of styles and texts: %d requests, %d bytes: %v", len(fetched), sum(fetched), fetched)
	style0 := "/assets/" + filepath.Base(styles[0])
	if !slices.ContainsFunc(fetched, func(r request) bool { return r.path == style0 }) {
		t.Errorf("the style sheet that had been missing was not fetched: %v", fetched)
	}
	for _, r := range fetched {
		if regexp.MustCompile(`wasm|text-(en|easy)`).MatchString(r.path) {
			t.Errorf("an update fetched %s", r.path)
		}
	}
	if total := sum(fetched); total > 80<<10 {
		t.Errorf("an update of styles and texts took %d bytes", total)
	}
	eval[chromedp.Void](b, "void madoguchiUpdate()")
	b.until("the new version alone", shellCaches+".then(names => names.length === 1 && names[0] !== "+quote(old[0])+")")
	w.away(t)
	b.offline(true)
	b.open("/guide")
	b.offline(true)
	b.until("the program", "document.documentElement?.dataset.ready")
	b.sees("オフライン", "本文へ行く")
}

// A file that is gone from the cache comes from the portal, and is there again.
func TestAMissingFileComesBack(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.until("the service worker in charge", workerInCharge)
	const wasm = "document.querySelector('script[data-wasm]').dataset.wasm"
	if !b.holds("caches.match(" + wasm + ")") {
		t.Fatal("the program is not kept")
	}
	eval[chromedp.Void](
		b, shellCaches+".then(([name]) => caches.open(name)).then(c => c.delete("+wasm+")).then(() => {})",
	)
	b.reload()
	b.until("the program kept again", "caches.match("+wasm+")")
	if names := eval[[]string](b, shellCaches); len(names) != 1 {
		t.Errorf("caches: %q", names)
	}
}

// What is about to be done on the page is done beside it before, on nothing: to the end, whatever the page is.
func TestTheStartIsRehearsed(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	for _, address := range []string{
		"/", "/help", "/login", "/home", "/device", "/guide/death", "/apply/131105/P0012",
	} {
		b.open(address)
		b.until(address+" at work", ready)
		b.until("the end of its rehearsal", "performance.getEntriesByName('rehearsed').length === 1")
		if how := eval[string](b, "performance.getEntriesByName('rehearsed')[0].detail"); how != "well" {
			t.Errorf("the rehearsal of %s went so: %s", address, how)
		}
	}

	// Who has one processor has no use for it.
	b.early("Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 })")
	b.open("/help")
	b.until("the page at work", ready)
	b.open("/login")
	b.until("the page at work", ready)
	if n := eval[int](b, "performance.getEntriesByName('rehearsed').length"); n != 0 {
		t.Error("there was a rehearsal on the page's own processor")
	}
}

// A rehearsal that does not end, or ends badly, is nothing to the page.
func TestARehearsalThatFails(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	for _, change := range []struct{ of, to, says string }{
		{"const enough = 20_000", "const enough = 100", "asks for ever"},
		{"const enough = 100", "const enough = 20_000", "well"},
		{"get: () => -1", "get: () => '-1'", "panic"},
		{"importScripts(policy ? policy.createScriptURL(exec) : exec)", "importScripts(exec)", "TypeError"},
	} {
		changed := eval[bool](b, fmt.Sprintf(`(async () => {
			const path = document.querySelector('script[data-compiler]').dataset.compiler
			const [name] = await %s
			const cache = await caches.open(name)
			const kept = await cache.match(path)
			const source = await kept.text()
			await cache.put(path, new Response(source.replace(%s, %s), { headers: kept.headers }))
			return source.includes(%[2]s)
		})()`, shellCaches, quote(change.of), quote(change.to)))
		if !changed {
			t.Fatalf("the compiler has no %q", change.of)
		}
		b.open("/login")
		b.until("the page at work", ready)
		b.until("the end of its rehearsal", "performance.getEntriesByName('rehearsed').length === 1")
		how := eval[string](b, "performance.getEntriesByName('rehearsed')[0].detail")
		if !strings.Contains(how, change.says) {
			t.Errorf("the rehearsal with %q went so: %s", change.to, how)
		}
		b.press("使い方")
		b.at("/help")
	}
}

// pageKept says when a page of the shell was kept that is shown before the portal is asked; "" if it is not kept.
func (b *browser) pageKept(page string) string {
	b.t.Helper()
	return eval[string](b, "caches.match('/page/ja/"+page+"').then(r => r ? r.headers.get('X-Kept-At') : '')")
}

// A page that is the same for everybody is shown as it is kept, while the portal is asked for it anew: who has a poor
// line waits for nothing. One that is a day old, or of a time to come, is not.
func TestAPageOfTheShellIsShownAtOnce(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	b.until("the first page kept", "caches.match('/page/ja/help')")
	b.open("/login")
	b.until("the page kept", "caches.match('/page/ja/login')")

	// The portal says something else in its pages now.
	const bridge = "document.querySelector('meta[name=bridge]').content"
	before := eval[string](b, bridge)
	w.deploy(t, "PORTAL_BRIDGE=127.0.0.1:41730")
	for _, page := range []string{"login", "help"} {
		kept := b.pageKept(page)
		b.open("/" + page)
		if now := eval[string](b, bridge); now != before {
			t.Errorf("/%s was not shown as it was kept, but with the bridge at %s", page, now)
		}
		b.until("the page kept anew", "caches.match('/page/ja/"+page+"').then(r => r.headers.get('X-Kept-At') !== "+
			quote(kept)+")")
		b.open("/" + page)
		if now := eval[string](b, bridge); now != "127.0.0.1:41730" {
			t.Errorf("/%s is still shown with the bridge at %s", page, now)
		}
	}

	// A day later, and where a clock went wrong.
	for _, days := range []int{-2, 2} {
		eval[chromedp.Void](b, fmt.Sprintf(`caches.match('/page/ja/login').then(async r => {
			const headers = new Headers(r.headers)
			headers.set('X-Kept-At', new Date(Date.now() + %d * 86400000).toISOString())
			const page = (await r.text()).replace('127.0.0.1:41730', 'another day')
			const [name] = await %s
			await (await caches.open(name)).put('/page/ja/login', new Response(page, { headers }))
		})`, days, shellCaches))
		b.open("/login")
		if now := eval[string](b, bridge); now != "127.0.0.1:41730" {
			t.Errorf("a page that is %d days of age was shown, with the bridge at %s", -days, now)
		}
	}

	// What was visited here is forgotten with the rest; what stands for every page stays.
	b.until("the page kept", "caches.match('/page/ja/login')")
	eval[chromedp.Void](b, "navigator.serviceWorker.controller.postMessage({ type: 'forget' })")
	b.until("nothing of the pages visited", "caches.match('/page/ja/login').then(r => !r)")
	b.open("/pin")
	b.until("the page at work", ready)
	if b.pageKept("pin") != "" || b.pageKept("help") != "" {
		t.Error("pages are kept that were to be forgotten")
	}
	if b.pageKept("shell") == "" || b.pageKept("check") == "" {
		t.Error("what stands for every page was forgotten, too")
	}
}

// Where what compiles the program beside the page cannot, the page compiles it itself.
func TestAProgramThatIsNotCompiledBesideThePageStarts(t *testing.T) {
	w := ownWorld(t)
	w.deploy(t, "PORTAL_WEB="+release(t, filepath.Join(t.TempDir(), "next"), false, func(static string) {
		refuses := "caches.open('asked').then(() => postMessage({error: 'no room'}));"
		if err := os.WriteFile(filepath.Join(static, "compile.js"), []byte(refuses), 0o600); err != nil {
			t.Fatal(err)
		}
	}))
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	b.reload()
	b.until("the compiler asked", "caches.has('asked')")
	b.until("the program", "document.documentElement?.dataset.ready")
}

// Where the browser has no room, or gives none, the page works as without a worker.
func TestAFullDiskKeepsNobodyOut(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/healthz")
	room := 100_000.0
	call(b, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: w.origin, QuotaSize: &room})
	b.open("/procedures/131105/P0001")
	b.until("the install given up",
		`navigator.serviceWorker.getRegistration().then(r => !r || !r.installing && !r.waiting && !r.active)`)
	b.until("the program", "document.documentElement?.dataset.ready")
	b.sees("児童手当")
	b.open("/procedures?place=131105")
	b.until("the program", "document.documentElement?.dataset.ready")
	b.sees("目黒区に当てはまる手続")
}

// What is typed and not yet sent holds an update, in the tab where it stands: another tab takes the new version, and
// this one goes on as it is.
func TestAnUpdateReloadsNoHalfFilledForm(t *testing.T) {
	w := ownWorld(t)
	next := release(t, filepath.Join(t.TempDir(), "next"), true, func(static string) { reword(t, static) })
	b := newBrowser(t, phone, "ja")
	b.open("/procedures/compare")
	b.until("the service worker in charge", workerInCharge)
	b.fill("手続を選ぶ", "住民")
	other := b.tab()
	other.open("/help")
	other.until("the program", "document.documentElement?.dataset.ready")

	w.deploy(t, "PORTAL_WEB="+next)
	other.lookForUpdate()
	for _, tab := range []*browser{b, other} {
		tab.sees("新しい版があります")
	}
	b.sees("入力が終わってから更新できます")
	b.inspect("an update that waits")
	b.screenshot("update-waits-for-what-is-typed")
	eval[chromedp.Void](b, "void (window.sameDocument = true)")
	other.press("更新する")
	other.sees("本文へ行く")

	// The other tab has taken over; nothing happens here until what is typed is done with.
	b.until("the new worker in charge here, too", shellCaches+".then(names => names.length === 1)")
	b.holdsValue("手続を選ぶ", "住民")
	b.sees("入力が終わってから更新できます")
	if !b.holds("window.sameDocument") {
		t.Error("the tab with something typed was loaded anew")
	}
	b.fill("手続を選ぶ", "")
	b.press("更新する")
	b.sees("本文へ行く")
	if b.holds("window.sameDocument") {
		t.Error("the tab is the old one")
	}
}

// Pages live on through a deploy: one of the release before finds its files on the portal of the next, and one of the
// next on a portal that still is of the release before.
func TestOldAndNewPagesThroughADeploy(t *testing.T) {
	w := ownWorld(t)
	releases := t.TempDir()
	now := filepath.Join(releases, "now")
	if err := os.CopyFS(now, os.DirFS(built("web"))); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(releases, "next")
	w.deploy(t, "PORTAL_WEB="+now, "PORTAL_RELEASES="+releases)
	old := newBrowser(t, phone, "ja")
	old.open("/procedures?place=131105")
	old.until("the service worker in charge", workerInCharge)
	old.sees("目黒区に当てはまる手続")

	// The next release is laid beside the portal that runs: it can serve its files before it is one of it.
	release(t, next, true, func(static string) {
		reword(t, static)
		appendTo(t, filepath.Join(static, "base.css"), "\n.next-version { color: inherit }\n")
	})
	for _, dir := range []string{now, next} {
		assets, err := filepath.Glob(filepath.Join(dir, "assets", "*.[a-z]*"))
		if err != nil || len(assets) == 0 {
			t.Fatal(assets, err)
		}
		for _, file := range assets {
			if strings.HasSuffix(file, ".br") || strings.HasSuffix(file, ".gz") {
				continue
			}
			if status := old.world.status(t, "/assets/"+filepath.Base(file)); status != 200 {
				t.Errorf("%s of %s: %d", filepath.Base(file), filepath.Base(dir), status)
			}
		}
	}

	w.deploy(t, "PORTAL_WEB="+next, "PORTAL_RELEASES="+releases)
	fresh := newBrowser(t, phone, "ja")
	fresh.open("/procedures?place=131105")
	fresh.until("the service worker in charge", workerInCharge)
	fresh.sees("本文へ行く", "目黒区に当てはまる手続")
	// The old page: a language that it has not shown, and questions to the portal.
	old.chooseLanguage("English")
	old.sees("Log in")

	// The portal of before once more: the page of the next release goes on.
	w.deploy(t, "PORTAL_WEB="+now, "PORTAL_RELEASES="+releases)
	fresh.chooseLanguage("English")
	fresh.sees("Log in")
	fresh.fill("What are you looking for?", "child")
	fresh.until("an answer", "location.search.includes('q=child')")
	fresh.seesNot("could not be loaded")

	// What is not kept is refused as what it is, not answered with a page.
	if status := w.status(t, "/assets/app.0000000000000000.wasm"); status != 404 {
		t.Errorf("a program of nobody: %d", status)
	}
}

// second builds the program of pack's testdata, as the Makefile builds those of PROGRAMS, and packs it.
func second(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root := filepath.Join("..", "..")
	static := filepath.Join("..", "..", "static")
	source := "./frontend/pack/testdata/second"
	run := func(in string, environment []string, name string, of ...string) {
		t.Helper()
		command := exec.Command(name, of...)
		command.Dir, command.Env = in, append(os.Environ(), environment...)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s(run `make build` first)", command, err, out)
		}
	}
	wasm, pack := filepath.Join(dir, "second.wasm"), filepath.Join(dir, "pack")
	run(root, []string{"GOOS=js", "GOARCH=wasm"}, "go", "build", "-modfile=build/page.mod", "-trimpath",
		"-gcflags=all=-l", "-ldflags", "-s -w", "-o", wasm, source)
	run(root, nil, "go", "build", "-o", pack, source)
	run(".", nil, pack, "--fast", "--wasm", wasm, "--out", filepath.Join(dir, "web"), "--static", static,
		"--text", filepath.Join(static, "text"), "--programs", "/ /second/")
	return filepath.Join(dir, "web")
}

// A second program has a path and a worker of its own, and neither keeps what is the other's.
func TestASecondProgramLivesBesideTheFirst(t *testing.T) {
	w := ownWorld(t)
	first := release(t, filepath.Join(t.TempDir(), "web"), false, func(string) {}, "--programs", "/ /second/")
	w.deploy(t, "PORTAL_WEB="+first+","+second(t))
	b := newBrowser(t, phone, "ja")
	b.open("/help")
	b.until("the service worker in charge", workerInCharge)
	b.open("/second/")
	b.until("the program", "document.documentElement?.dataset.ready")
	b.sees("The second program", "is at work")
	b.until("a worker of its own",
		// ready goes on naming the first's, if that was the page's own when it was first asked.
		"navigator.serviceWorker.getRegistration().then(r => r?.active?.state === 'activated' && new "+
			"URL(r.scope).pathname === '/second/')")
	kept := eval[string](b,
		`caches.keys().then(names => Promise.all(names.filter(n => n.startsWith('madoguchi-second-'))
	.map(name => caches.open(name).then(c => c.keys()).then(all => all.map(r => new URL(r.url).pathname))))).then(lists => lists.flat().join(' '))`)
	if !strings.Contains(kept, "/second/assets/second.") || strings.Contains(kept, "/assets/app.") {
		t.Errorf("the second's worker keeps %s", kept)
	}
	for path := range strings.FieldsSeq(kept) {
		if !strings.HasPrefix(path, "/second/") && !strings.HasPrefix(path, "/page/") && path != "/whole" {
			t.Errorf("the second's worker keeps %s", path)
		}
	}
	if all := eval[[]string](b, shellCaches); len(all) != 1 {
		t.Errorf("of the first there is kept %q", all)
	}
	if status := w.status(t, "/second/no-such-page"); status != 404 {
		t.Errorf("an address that is nobody's: %d", status)
	}
	w.away(t)
	b.offline(true)
	for address, says := range map[string]string{
		"/second/": "is at work", "/second/about?x=1": "is at work", "/help": "オフライン",
	} {
		b.open(address)
		b.offline(true)
		b.until(address+" at work", "document.documentElement?.dataset.ready")
		b.sees(says)
	}
}
