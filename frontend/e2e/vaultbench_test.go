//go:build !js

package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// testPage serves the tests of a package of frontend/reach as a page, and opens it in a browser of its own.
func testPage(tb testing.TB, of string) (run func(tests string) string, throttle func(rate float64)) {
	tb.Helper()
	dir := tb.TempDir()
	build := exec.Command("go", "test", "-c", "-o", filepath.Join(dir, "tests.wasm"), "../reach/"+of)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building the tests: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		tb.Fatal(err)
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec.js"))
	if err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/tests.wasm", http.FileServer(http.Dir(dir)))
	mux.HandleFunc("/wasm_exec.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(support)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>tests</title><script src="/wasm_exec.js"></script><script>
const compiled = fetch('/tests.wasm').then(r => r.arrayBuffer()).then(b => WebAssembly.compile(b));
async function run(tests) {
  const lines = [], log = console.log;
  console.log = line => lines.push(line);
  const go = new Go();
  go.argv = ['tests', '-test.run', tests, '-test.timeout', '10m'];
  await go.run(await WebAssembly.instantiate(await compiled, go.importObject));
  console.log = log;
  return lines.join('\n');
}</script>`))
	})
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(tb.TempDir()))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	tb.Cleanup(cancelAllocator)
	ctx, cancel := chromedp.NewContext(allocator)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL)); err != nil {
		tb.Fatal(err)
	}
	run = func(tests string) string {
		tb.Helper()
		limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		out, err := chromedp.Run(limited, chromedp.Evaluate[string]("run('^("+tests+")$')", chromedp.EvalAwaitPromise))
		if err != nil || !strings.HasSuffix(strings.TrimSpace(out), "PASS") {
			tb.Fatalf("%v\n%s", err, out)
		}
		return out
	}
	throttle = func(rate float64) {
		tb.Helper()
		slow := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			params := emulation.SetCPUThrottlingRateParams{Rate: rate}
			_, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, params)
			return chromedp.Void{}, err
		}
		if err := chromedp.Do(ctx, slow); err != nil {
			tb.Fatal(err)
		}
	}
	return run, throttle
}

// The database and the keys of a real browser do what their stand-ins do in other tests.
func TestTheVaultInABrowser(t *testing.T) {
	run, _ := testPage(t, "vault")
	run("TestInBrowser.*")
}

// BenchmarkVault tells how long it takes to open a vault with 10,000 notices and to search them, on a processor that is
// four times as slow: the median of as many rounds as there are, and the best.
func BenchmarkVault(b *testing.B) {
	run, throttle := testPage(b, "vault")
	fmt.Println(run("TestFillMany"))
	for _, rate := range []float64{1, 4} {
		throttle(rate)
		medians, best := make([]float64, b.N), make([]float64, b.N)
		for i := range b.N {
			out := run("TestSearchMany")
			fmt.Printf("CPU ÷ %.0f\n%s\n", rate, out)
			_, worst, _ := strings.Cut(out, "worst ")
			if _, err := fmt.Sscan(worst, &medians[i], &best[i]); err != nil {
				b.Fatal(err)
			}
		}
		slices.Sort(medians)
		b.ReportMetric(medians[b.N/2], fmt.Sprintf("ms-open-and-search-CPU/%.0f", rate))
		b.ReportMetric(slices.Min(best), fmt.Sprintf("ms-at-best-CPU/%.0f", rate))
	}
	fmt.Println(run("TestGatherMany"))
	b.ReportMetric(0, "ns/op")
}
