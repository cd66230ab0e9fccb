//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// BenchmarkMemory tells what a tab holds after some steps within the program, and after 2,000: about an hour of use. Of
// somebody who is not logged in; and of somebody who is, reads notices, and has a vault open, where what is read is
// kept.
func BenchmarkMemory(b *testing.B) {
	b.Run("anybody", func(b *testing.B) {
		p := newProfile(b, desktop, "ja")
		p.early(holding)
		p.open("/guide")
		steps(b, p, "/", "/guide", "/guide/move", "/procedures", "/todo", "/device", "/news", "/help",
			"/procedures/131105/P0033")
	})
	b.Run("loggedIn", func(b *testing.B) {
		p := newProfile(b, desktop, "ja")
		p.early(holding)
		p.arrive("yamada-hanako", "1234", "花子", "目黒区")
		for i := range 5 {
			p.world.sendNotice(b, form("office", "131105", "person", "yamada-hanako",
				"title", fmt.Sprintf("検診のご案内 %d", i+1), "body", "検診を受けてください。"))
		}
		p.open("/notice")
		p.sees("検診のご案内 5")
		p.until("an open vault", "document.getElementById('notices-words')")
		read := eval[[]string](p, `[...document.querySelectorAll('.notices-column a[href^="/notice/"]')]
	.slice(0, 5).map(a => a.pathname)`)
		steps(b, p, append(read,
			"/home", "/notice", "/todo", "/procedures", "/account", "/device", "/procedures/131105/P0033")...)
	})
}

// holding lets whoever measures see the program's memory.
const holding = `{ const instantiate = WebAssembly.instantiate; WebAssembly.instantiate = async (...of) => {
	const made = await instantiate.apply(WebAssembly, of); window.held = (made.instance || made).exports.mem
	return made } }`

// steps goes from page to page, and tells what is held early and late; it must not be much more.
func steps(b *testing.B, p *browser, paths ...string) {
	b.Helper()
	const early, late = 200, 2000
	p.atWork()
	evaluate := func(script string) float64 {
		b.Helper()
		limited, cancel := context.WithTimeout(p.ctx, 15*time.Minute)
		defer cancel()
		value, err := chromedp.Run(limited, chromedp.Evaluate[float64](script, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return value
	}
	holds := func() (script, program float64) {
		b.Helper()
		p.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			if _, err := cdp.Call(ctx, target, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
				return chromedp.Void{}, err
			}
			used, err := cdp.Call(ctx, target, runtime.GetHeapUsage, cdp.Empty{})
			script = used.UsedSize / 1e6
			return chromedp.Void{}, err
		})
		return script, evaluate("window.held.buffer.byteLength / 1e6")
	}
	walk := func(steps int) float64 {
		b.Helper()
		where, err := json.Marshal(paths)
		if err != nil {
			b.Fatal(err)
		}
		return evaluate(fmt.Sprintf(`(async () => {
	const paths = %s;
	const frame = () => new Promise(requestAnimationFrame);
	const went = performance.now();
	for (let i = 0; i < %d; i++) {
		const link = document.createElement('a'); link.href = paths[i %% paths.length];
		document.body.append(link); link.click(); link.remove();
		const began = performance.now();
		while (location.pathname !== paths[i %% paths.length] || !document.querySelector('h1')) {
			if (performance.now() - began > 60000) throw new Error('never at ' + link.href);
			await frame();
		}
		await frame(); await frame();
	}
	if (performance.getEntriesByType('navigation').length !== 1) throw new Error('the page was loaded anew');
	return performance.now() - went })()`, where, steps))
	}
	for b.Loop() {
		walk(early)
		script, program := holds()
		walk(late - early)
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
