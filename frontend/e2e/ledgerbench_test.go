//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// The checks do in a real browser what they do in other tests: whatever is dropped, altered, moved, dated back,
// doubled, rolled back or forked is seen there.
func TestTheChecksOfTheLogInABrowser(t *testing.T) {
	run, _ := testPage(t, "ledger")
	run("TestAnHonestLogFits|TestTheChainIsLearntBackwards|TestWhatIsBentIsSeen|TestADeviceRemembers|" +
		"TestALineOfLaterIsDatedBack|TestWitnesses|TestOtherDevices|TestAKeptAnswerMayBeOld")
}

// BenchmarkLedger tells how long a page takes to check a hundred lines of somebody's history, with three witnesses
// and a log of 16,584 leaves (twice as many cost one hash a line), and for how long it stands still at most; on a
// processor that is four times as slow, too.
func BenchmarkLedger(b *testing.B) {
	run, throttle := testPage(b, "ledger")
	for _, rate := range []float64{1, 4} {
		throttle(rate)
		out := run("TestHundredLines")
		fmt.Printf("CPU ÷ %.0f\n%s\n", rate, out)
		_, told, _ := strings.Cut(out, "ledger ")
		var median, shortest, still float64
		if _, err := fmt.Sscan(told, &median, &shortest, &still); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(median, fmt.Sprintf("ms-check-CPU/%.0f", rate))
		b.ReportMetric(shortest, fmt.Sprintf("ms-at-best-CPU/%.0f", rate))
		b.ReportMetric(still, fmt.Sprintf("ms-still-CPU/%.0f", rate))
	}
	b.ReportMetric(0, "ns/op")
}
