package ledger

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
)

// TestHundredLines runs in a browser: frontend/e2e builds it and has Chromium run it (BenchmarkLedger). It tells the
// median and the shortest time that the check of a hundred lines takes, and for how long the page stands still at most.
func TestHundredLines(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 3)
	l.Fill(chain, 100)
	for range 1 << 14 {
		l.Put([]byte("somebody else's"))
	}
	a := answer(l)
	const times = 9
	var all []time.Duration
	still, last := time.Duration(0), time.Now()
	done := make(chan bool)
	go func() {
		for range times {
			began := time.Now()
			r := Check(t.Context(), a, Seen{}, Growth{}, pastOf(a, Seen{}), l.Now).Report
			all = append(all, time.Since(began))
			if !r.Good() || !r.Whole() {
				t.Error(r)
			}
			pause(t.Context())
		}
		close(done)
	}()
	for {
		select {
		case <-done:
			slices.Sort(all)
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			fmt.Printf("ledger %.1f %.1f %.1f\n", ms(all[times/2]), ms(all[0]), ms(still))
			return
		case <-time.After(time.Millisecond):
			still, last = max(still, time.Since(last)), time.Now()
		}
	}
}
