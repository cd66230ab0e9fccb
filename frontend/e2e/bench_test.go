//go:build !js

package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// BenchmarkBoot tells how long the first page takes: `paint` until something can be read, `ready` until the program
// runs; cold with an empty browser, warm from its caches.
func BenchmarkBoot(b *testing.B) {
	for _, warm := range []bool{false, true} {
		name := "cold"
		if warm {
			name = "warm"
		}
		b.Run(name, func(b *testing.B) {
			var paint, ready float64
			for range b.N {
				p, r := boot(b, warm)
				paint, ready = paint+p, ready+r
			}
			b.ReportMetric(paint/float64(b.N), "paint-ms")
			b.ReportMetric(ready/float64(b.N), "ready-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func boot(b *testing.B, warm bool) (paint, ready float64) {
	b.Helper()
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(b.TempDir()))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancelAllocator()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	visit := func(address string) {
		if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
			b.Fatal(err)
		}
	}
	measure := func(script string) float64 {
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		value, err := chromedp.Run(limited, chromedp.Evaluate[float64](script, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return value
	}
	const untilReady = `new Promise(done => { const look = () => document.documentElement.dataset.ready ? done(performance.now()) : requestAnimationFrame(look); look() })`
	visit(shared.origin + "/login")
	if warm {
		measure(untilReady)
		measure(`navigator.serviceWorker.ready.then(() => 1)`)
		visit("about:blank")
		visit(shared.origin + "/login")
	}
	ready = measure(untilReady)
	paint = measure(`(performance.getEntriesByName('first-contentful-paint')[0] || {startTime: -1}).startTime`)
	return paint, ready
}
