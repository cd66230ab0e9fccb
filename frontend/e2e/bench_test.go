//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// A phone on a poor line, as Lighthouse has it.
const (
	poorLine      = 1.6e6 // bits a second
	poorRoundTrip = 150 * time.Millisecond
	poorCPU       = 4 // so many times slower than this machine
)

// BenchmarkBoot tells how long the first page takes: `paint` until something can be read, `ready` until the program
// runs, `task` the longest that the browser answered nothing meanwhile, `main` what the page's main thread had of the
// processor until it ran. Cold is an empty browser, warm one with filled caches. Beside it stands the smallest program
// of go-app, under the same conditions, and how many times its time the page's is.
//
// Warm, it takes its time for what of the program runs and for what of it is compiled first. Until it is ready the
// browser compiles 1,550 functions at their first call and more (850 of the smallest program: the runtime), and is
// called by the program 1,800 times (100). What the service worker keeps is therefore fetched, compiled and rehearsed
// by a worker beside the page (static/compile.js), which begins before the document is read (static/boot.js); and the
// page itself comes from the service worker, as no line is as fast. Begun on the page's own thread it gained nothing to
// be seen.
//
// Neither of the two has here what Chromium keeps of compiled code: V8 writes it two seconds after the first function
// that it compiled for speed, unless others followed; then so many seconds later as milliseconds were missing (264, and
// up to 2,000), and through the thread that asked for the program, for which boot.js lets the worker live. Who stays
// so long has it compiled beside the start the next time: 258 functions at their first call instead of 2,166. At once
// with --js-flags=--wasm-caching-timeout-ms=1, where ready was a quarter earlier with a quarter of the processor.
// A trace shows it (disabled-by-default-devtools.timeline: v8.wasm.cachedModule, v8.wasm.moduleCacheHit).
// Functions and calls are what does not depend on who else uses the machine: --js-flags=--trace-wasm-compilation-times
// lists the former.
func BenchmarkBoot(b *testing.B) {
	hello := serveHello(b)
	for _, poor := range []bool{false, true} {
		for _, warm := range []bool{false, true} {
			name := map[bool]string{false: "cold", true: "warm"}[warm]
			if poor {
				name += "Poor"
			}
			b.Run(name, func(b *testing.B) {
				var page, least started
				for range b.N {
					page = page.plus(boot(b, shared.origin, "/login", poor, warm))
					least = least.plus(boot(b, hello, "/", poor, warm))
				}
				n := float64(b.N)
				b.ReportMetric(page.paint/n, "paint-ms")
				b.ReportMetric(page.ready/n, "ready-ms")
				b.ReportMetric(page.task/n, "task-ms")
				b.ReportMetric(least.ready/n, "hello-ready-ms")
				b.ReportMetric(least.task/n, "hello-task-ms")
				b.ReportMetric(page.ready/least.ready, "times-hello")
				if !poor { // what makes the processor slower lets the thread itself run in vain
					b.ReportMetric(page.main/n, "main-ms")
					b.ReportMetric(least.main/n, "hello-main-ms")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

type started struct{ paint, ready, task, main float64 }

func (s started) plus(o started) started {
	return started{s.paint + o.paint, s.ready + o.ready, s.task + o.task, s.main + o.main}
}

// serveHello serves build/hello.wasm as the portal serves the page's: compressed as well, to be kept for good.
func serveHello(b *testing.B) string {
	b.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Fatal(err)
	}
	packed := func(file string) []byte {
		content, err := exec.Command("brotli", "--quality=11", "--lgwin=24", "--stdout", file).Output()
		if err != nil {
			b.Fatalf("compressing %s: %v (run `make build/hello.wasm` first)", file, err)
		}
		return content
	}
	mux := http.NewServeMux()
	asset := func(path, kind string, content []byte) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Encoding", "br")
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			_, _ = w.Write(content) // whoever went away is measured no more
		})
	}
	script := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	asset("/wasm_exec.js", "text/javascript", packed(script))
	asset("/hello.wasm", "application/wasm", packed(built("hello.wasm")))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><title>Hello</title><body><div><p>Loading</p></div>
<script src="/wasm_exec.js"></script>
<script>
const go = new Go()
WebAssembly.instantiateStreaming(fetch('/hello.wasm'), go.importObject).then(({ instance }) => go.run(instance))
</script>`)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server.URL
}

func boot(b *testing.B, origin, path string, poor, warm bool) started {
	b.Helper()
	options := chromiumOptions(b.TempDir(), "ja")
	if poor {
		at, err := url.Parse(origin)
		if err != nil {
			b.Fatal(err)
		}
		// The page keeps its address, and with it its origin; only the way there is another.
		port := at.Port()
		line := slowLine(b, net.JoinHostPort("127.0.0.1", port), poorLine, poorRoundTrip)
		options = append(options, chromedp.Flag("host-resolver-rules", fmt.Sprintf("MAP %s %s", at.Host, line)))
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancelAllocator()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	do := func(action chromedp.Action[chromedp.Void]) {
		if err := chromedp.Do(ctx, action); err != nil {
			b.Fatal(err)
		}
	}
	measure := func(script string) float64 {
		limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		value, err := chromedp.Run(limited, chromedp.Evaluate[float64](script, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return value
	}
	do(chromedp.Navigate("about:blank"))
	const (
		// Not at each frame: to be asked for frames keeps a page busy.
		untilReady = `new Promise(done => { const page = document.documentElement
			const look = () => { if (page.dataset.ready) done(performance.now()) }
			new MutationObserver(look).observe(page, { attributes: true, attributeFilter: ['data-ready'] }); look() })`
		longest = `new Promise(done => { new PerformanceObserver(list => done(Math.max(...list.getEntries().map(e => e.duration)))).observe({ type: 'longtask', buffered: true }); setTimeout(() => done(0), 500) })`
		// The worker fills its caches one after the other, and is at work until then.
		keptByWorker = `new Promise(done => { const wasm = document.querySelector('script[data-wasm]').dataset.wasm
			const look = async () => await caches.match(wasm) && await caches.match('/page/ja/login') ? done(1) : setTimeout(look, 100)
			look() })`
	)
	if warm {
		do(chromedp.Navigate(origin + path))
		measure(untilReady)
		if path != "/" {
			measure(`navigator.serviceWorker.ready.then(() => 1)`)
			measure(keptByWorker)
		}
		do(chromedp.Navigate("about:blank"))
	}
	if poor {
		do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate,
				emulation.SetCPUThrottlingRateParams{Rate: poorCPU})
			return chromedp.Void{}, err
		})
	}
	main := func() (ms float64) {
		do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			params := performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}
			if _, err := cdp.Call(ctx, target, performance.Enable, params); err != nil {
				return chromedp.Void{}, err
			}
			got, err := cdp.Call(ctx, target, performance.GetMetrics, cdp.Empty{})
			for _, m := range got.Metrics {
				if m.Name == "ThreadTime" {
					ms = 1000 * m.Value
				}
			}
			return chromedp.Void{}, err
		})
		return ms
	}
	before := main()
	do(chromedp.Navigate(origin + path))
	s := started{ready: measure(untilReady)}
	s.main = main() - before
	s.task = measure(longest)
	s.paint = measure(`(performance.getEntriesByName('first-contentful-paint')[0] || {startTime: -1}).startTime`)
	return s
}

// BenchmarkLighthouse tells what Lighthouse says of a phone, in points of a hundred.
func BenchmarkLighthouse(b *testing.B) {
	program, err := filepath.Abs(built("lighthouse/node_modules/lighthouse/cli/index.js"))
	if err != nil {
		b.Fatal(err)
	}
	for name, address := range map[string]string{
		"top": "/", "procedures": "/procedures", "procedure": "/procedures/131105/P0012",
		"results": "/procedures?place=131105&q=" + url.QueryEscape("保育園"),
	} {
		b.Run(name, func(b *testing.B) {
			out := filepath.Join(b.TempDir(), "report.json")
			for range b.N {
				command := exec.Command("node", program, shared.origin+address, "--quiet", "--output=json",
					"--output-path="+out, "--only-categories=performance,accessibility,best-practices,seo",
					"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking")
				if said, err := command.CombinedOutput(); err != nil {
					b.Fatalf("%s: %v\n%s(run `make build/lighthouse/.done` first)", command, err, said)
				}
				data, err := os.ReadFile(out)
				if err != nil {
					b.Fatal(err)
				}
				var report struct {
					Categories map[string]struct{ Score float64 }
					Audits     map[string]struct{ NumericValue float64 }
				}
				if err := json.Unmarshal(data, &report); err != nil {
					b.Fatal(err)
				}
				for name, category := range report.Categories {
					b.ReportMetric(100*category.Score, name)
				}
				b.ReportMetric(report.Audits["total-blocking-time"].NumericValue, "blocked-ms")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
