package relay

import (
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/apdu"
)

// BenchmarkLogin measures a login through WebSocket and relay, with the card looked at before, against the same act
// straight to the card: frames of the page, commands to the card, and time. The log is written as in the program.
func BenchmarkLogin(b *testing.B) {
	h := open(b, func(c *Config) {
		c.FramesPerSecond, c.FramesAtOnce = 1e9, 1e9
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	})
	lay(b, h, 0, "yamada-hanako")
	p := h.connect(b)
	certificate := p.ask(lookFrame(h.place(0))).GetCard().GetCertificate()
	report := func(b *testing.B, login func()) {
		h.tap.since()
		frames := p.frames
		took := make([]time.Duration, 0, b.N)
		for b.Loop() {
			began := time.Now()
			login()
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		at := func(share float64) float64 {
			return float64(took[min(len(took)-1, int(float64(len(took))*share))].Nanoseconds()) / 1e6
		}
		b.ReportMetric(at(0.50), "p50-ms")
		b.ReportMetric(at(0.99), "p99-ms")
		commands := h.tap.since()
		b.ReportMetric(float64(countOf(commands, func(apdu.Command) bool { return true }))/float64(b.N), "APDUs/op")
		b.ReportMetric(float64(p.frames-frames)/float64(b.N), "frames/op")
	}
	b.Run("straight", func(b *testing.B) {
		report(b, func() {
			card, err := h.tap.Acquire(b.Context(), h.place(0).GetReader())
			if err != nil {
				b.Fatal(err)
			}
			defer card.Release(b.Context())
			challenge, err := act.ParseChallenge(challenge(testOrigin), testOrigin)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := act.Sign(b.Context(), card, act.Secret{PIN: []byte("1234")}, challenge,
				certificate); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("relayed", func(b *testing.B) {
		report(b, func() {
			if p.signIn("1234").GetSignature() == nil {
				b.Fatal("not signed")
			}
		})
	})
}
