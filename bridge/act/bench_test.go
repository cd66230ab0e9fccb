package act_test

import (
	"context"
	"testing"

	"madoguchi/bridge/act"
	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// A PIN changed there and back: verified, set, and proven by the card, powered anew.
func BenchmarkChangePIN(b *testing.B) {
	w, _ := insert(b, "yamada-hanako")
	again := func(context.Context) (apdu.Transmitter, error) {
		w.card.PowerOff()
		return w, nil
	}
	from, to := "1234", "9876"
	for b.Loop() {
		if err := act.ChangePIN(b.Context(), w, jpki.AuthPIN, pin(from), []byte(to), again); err != nil {
			b.Fatal(err)
		}
		from, to = to, from
	}
	b.ReportMetric(float64(len(w.commands))/float64(b.N), "APDUs/op")
}
