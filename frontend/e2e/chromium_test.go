//go:build !js

package e2e_test

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromiums are the running Chromium programs, one a language: the language is a matter of the whole program.
var chromiums = struct {
	sync.Mutex
	dir  string // for their profiles
	of   map[string]context.Context
	ends []func()
}{of: map[string]context.Context{}}

// chromium starts the program at its first use.
func chromium(t testing.TB, language string) context.Context {
	t.Helper()
	chromiums.Lock()
	defer chromiums.Unlock()
	if ctx := chromiums.of[language]; ctx != nil && ctx.Err() == nil {
		return ctx
	}
	profile := filepath.Join(chromiums.dir, "chromium-"+language)
	if err := os.MkdirAll(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	options := append(chromiumOptions(profile, language), unoptimised, chromedp.ExecPath(shell()))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromiums.ends = append(chromiums.ends, func() { cancel(); cancelAllocator() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	chromiums.of[language] = ctx
	return ctx
}

// shell is the Chromium of the tests. The one without windows takes a third less of the processors for a page;
// E2E_CHROMIUM names another, such as chromium, which is also what a machine without that one has.
func shell() string {
	const lean = "chromium-headless-shell"
	if _, err := exec.LookPath(lean); err != nil {
		return cmp.Or(os.Getenv("E2E_CHROMIUM"), "chromium")
	}
	return cmp.Or(os.Getenv("E2E_CHROMIUM"), lean)
}

func stopChromiums() {
	chromiums.Lock()
	defer chromiums.Unlock()
	for _, end := range chromiums.ends {
		end()
	}
}

// unoptimised leaves the page's program as V8 compiles it first. Each context has processes of its own, which would all
// compile it a second time, for speed, and end before that pays; and a function is looked at when it is compiled, not
// all of them at each load. newProfile's Chromium and that of make bench are people's, and do as those do.
var unoptimised = chromedp.Flag("js-flags", "--no-wasm-tier-up --no-wasm-dynamic-tiering --wasm-lazy-validation")

func chromiumOptions(profile, language string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // CI runs as root
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// The first two are chromedp's own. The others are pages for Chromium's own address line, which nobody types
		// into here; each window would start processes for them.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup"),
		chromedp.Flag("lang", language), chromedp.Flag("accept-lang", language),
		chromedp.Env("LANGUAGE="+language),
		chromedp.UserDataDir(profile),
	)
}
