//go:build !js

package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// BenchmarkMemory tells what a tab holds after some steps within the program, and after 2,000: about an hour of use.
func BenchmarkMemory(b *testing.B) {
	const early, late = 200, 2000
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), chromiumOptions(b.TempDir(), "ja")...)
	defer cancelAllocator()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	evaluate := func(script string) float64 {
		b.Helper()
		limited, cancel := context.WithTimeout(ctx, 15*time.Minute)
		defer cancel()
		value, err := chromedp.Run(limited, chromedp.Evaluate[float64](script, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return value
	}
	do := func(action chromedp.Action[chromedp.Void]) {
		b.Helper()
		if err := chromedp.Do(ctx, action); err != nil {
			b.Fatal(err)
		}
	}
	do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		early := page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `{ const instantiate = WebAssembly.instantiate; WebAssembly.instantiate = async (...of) => {
	const made = await instantiate.apply(WebAssembly, of); window.held = (made.instance || made).exports.mem
	return made } }
addEventListener('load', () => document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true })))`,
		}
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, early)
		return chromedp.Void{}, err
	})
	do(chromedp.Navigate(shared.origin + "/guide"))
	evaluate(
		`new Promise(done => { const look = () => document.documentElement.dataset.ready && window.held ? done(1) : requestAnimationFrame(look); look() })`,
	)
	holds := func() (script, program float64) {
		b.Helper()
		do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			if _, err := cdp.Call(ctx, target, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
				return chromedp.Void{}, err
			}
			used, err := cdp.Call(ctx, target, runtime.GetHeapUsage, cdp.Empty{})
			script = used.UsedSize / 1e6
			return chromedp.Void{}, err
		})
		return script, evaluate("window.held.buffer.byteLength / 1e6")
	}
	walk := func(steps string) float64 {
		b.Helper()
		return evaluate(`(async () => {
	const paths = ['/', '/guide', '/guide/move', '/procedures', '/todo', '/device', '/news', '/help',
		'/procedures/131105/P0033'];
	const frame = () => new Promise(requestAnimationFrame);
	const went = performance.now();
	for (let i = 0; i < ` + steps + `; i++) {
		const link = document.createElement('a'); link.href = paths[i % paths.length];
		document.body.append(link); link.click(); link.remove();
		const began = performance.now();
		while (location.pathname !== paths[i % paths.length] || !document.querySelector('h1')) {
			if (performance.now() - began > 60000) throw new Error('never at ' + link.href);
			await frame();
		}
		await frame(); await frame();
	}
	if (performance.getEntriesByType('navigation').length !== 1) throw new Error('the page was loaded anew');
	return performance.now() - went })()`)
	}
	for b.Loop() {
		walk("200")
		script, program := holds()
		walk("1800")
		scriptLate, programLate := holds()
		b.ReportMetric(script, "MB-scripts-at-200")
		b.ReportMetric(scriptLate, "MB-scripts-at-2000")
		b.ReportMetric(program, "MB-program-at-200")
		b.ReportMetric(programLate, "MB-program-at-2000")
		b.ReportMetric(0, "ns/op")
		if scriptLate > 1.5*script || programLate > 1.5*program {
			b.Errorf("after %d steps a tab holds %.1f and %.1f MB, after %d %.1f and %.1f",
				early, script, program, late, scriptLate, programLate)
		}
	}
}
