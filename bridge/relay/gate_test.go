package relay

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// The gate itself takes no PIN in a pause, whoever has let an act come that far.
func TestGateKeepsThePause(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	name := h.place(0).GetReader()
	card, err := h.tap.Acquire(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Release(t.Context())
	g := &gate{
		card: card, reader: name, policy: policy{scope: scopeSign}, records: h.server.records,
		log: slog.New(slog.DiscardHandler), limit: time.Second, padLimit: time.Second,
	}
	h.server.records.spend(name, card.Insertion(), jpki.AuthPIN)
	var r *refusal
	err = jpki.Attach(g).Verify(t.Context(), jpki.AuthPIN, []byte("1234"))
	if !errors.As(err, &r) || r.code != bridgev2.ErrorCode_ERROR_CODE_PAUSE {
		t.Errorf("%v", err)
	}
	if n := countOf(h.tap.since(), isPIN); n != 0 {
		t.Errorf("%d PINs reached the card", n)
	}
}

// A command that the policy refuses reaches no card, though the bridge's own code has sent it.
func TestGateRefusesItsOwnSide(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	card, err := h.tap.Acquire(t.Context(), h.place(0).GetReader())
	if err != nil {
		t.Fatal(err)
	}
	defer card.Release(t.Context())
	for name, c := range deny {
		g := &gate{
			card: card, reader: h.place(0).GetReader(), records: h.server.records, log: slog.New(slog.DiscardHandler),
			limit: time.Second,
		}
		for _, within := range []scope{
			scopeLook, scopeSign, scopeDocuments(1), scopeAttributes, scopeChange(jpki.AuthPIN, 1),
		} {
			g.policy = policy{scope: within}
			if _, err := g.Transmit(t.Context(), unhex(t, c[1])); err == nil {
				t.Errorf("%s goes through", name)
			}
		}
	}
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands reached the card", n)
	}
}
