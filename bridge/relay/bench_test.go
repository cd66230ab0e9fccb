package relay

import (
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"
)

// BenchmarkRelayRoundTrip measures what WebSocket and relay add to one command (empty VERIFY, which the card answers at once), against
// the same command straight to the transmitter. The log is written as in the program.
func BenchmarkRelayRoundTrip(b *testing.B) {
	h := open(b, func(c *Config) {
		c.FramesPerSecond, c.FramesAtOnce = 1e9, 1e9
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	})
	lay(b, h, 0, "yamada-hanako")
	command := unhex(b, "00200080")
	measure := func(b *testing.B, transmit func()) {
		took := make([]time.Duration, 0, b.N)
		for b.Loop() {
			began := time.Now()
			transmit()
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		at := func(share float64) float64 {
			return float64(took[min(len(took)-1, int(float64(len(took))*share))].Nanoseconds()) / 1e6
		}
		b.ReportMetric(at(0.50), "p50-ms")
		b.ReportMetric(at(0.99), "p99-ms")
	}
	b.Run("straight", func(b *testing.B) {
		card, err := h.readers.Acquire(b.Context(), "仮想カードリーダー 1")
		if err != nil {
			b.Fatal(err)
		}
		defer card.Release(b.Context())
		measure(b, func() {
			if _, err := card.Transmit(b.Context(), command); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("relayed", func(b *testing.B) {
		p := h.connect(b)
		p.acquire()
		measure(b, func() {
			if _, err := p.Transmit(b.Context(), command); err != nil {
				b.Fatal(err)
			}
		})
		p.ask(releaseFrame())
	})
}
