//go:build !js

package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// hears keeps what the browser says of each press and key: how long it was until the next frame that shows what came of
// it (Event Timing). It tells only of what took longer than a frame.
const hears = `window.interactions = new Map()
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (e.interactionId)
    interactions.set(e.interactionId, Math.max(e.duration, interactions.get(e.interactionId) || 0))
}).observe({ type: 'event', durationThreshold: 16, buffered: true })`

// BenchmarkInteraction tells how long it takes from a press or a key to the frame that answers it, on a phone with a
// quarter of this machine's speed: the median and the worst of typing into the field of the first page, of opening a
// notice, and of the tabs of their list.
func BenchmarkInteraction(b *testing.B) {
	p := newProfile(b, phone, "ja")
	p.arrive("yamada-hanako", "1234", "花子", "目黒区")
	for i := range 20 {
		p.world.sendNotice(b, form("office", "131105", "person", "yamada-hanako",
			"title", fmt.Sprintf("図書館の予約資料 %d", i+1), "body", "七日以内においでください。"))
	}
	p.early(hears)
	var typing, opening, tabs []float64
	take := func(into *[]float64) {
		eval[chromedp.Void](p, "new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
		*into = append(*into, eval[[]float64](p,
			"(a => { interactions.clear(); return a })([...interactions.values()])")...)
	}
	for b.Loop() {
		p.slowly(1)
		p.open("/")
		p.atWork()
		p.click("#ask")
		p.slowly(poorCPU)
		eval[chromedp.Void](p, "interactions.clear()")
		for range 3 {
			for _, letter := range "hoikuen" {
				p.keys(string(letter))
				take(&typing)
			}
			eval[chromedp.Void](p, "document.getElementById('ask').select()")
		}

		p.slowly(1)
		p.open("/notice")
		p.until("the notices", listed)
		p.slowly(poorCPU)
		eval[chromedp.Void](p, "interactions.clear()")
		for i := range 10 {
			p.click(map[bool]string{true: "#notices-unread", false: "#notices-all"}[i%2 == 0])
			take(&tabs)
		}
		for i := range 8 {
			p.click(fmt.Sprintf(".notices-column li:nth-of-type(%d) a[href^='/notice/']", i+1))
			p.until("a notice", "location.pathname !== '/notice'")
			take(&opening)
			eval[chromedp.Void](p, "history.back()")
			p.until("their list", "location.pathname === '/notice' && "+listed)
		}
	}
	for name, all := range map[string][]float64{"typing": typing, "opening": opening, "tabs": tabs} {
		if len(all) == 0 {
			all = []float64{0} // none took longer than a frame
		}
		slices.Sort(all)
		b.ReportMetric(all[len(all)/2], "ms-"+name+"-median")
		b.ReportMetric(all[len(all)-1], "ms-"+name+"-worst")
	}
	b.ReportMetric(0, "ns/op")
}

// listed says that there are notices to press on.
const listed = `document.querySelectorAll('.notices-column a[href^="/notice/"]').length > 5`

// slowly has the page's processor be so many times slower.
func (b *browser) slowly(rate float64) {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		params := emulation.SetCPUThrottlingRateParams{Rate: rate}
		_, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, params)
		return chromedp.Void{}, err
	})
}
