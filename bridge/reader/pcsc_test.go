//go:build linux && cgo && !nopcsc

package reader_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/reader/readertest"
	"madoguchi/bridge/softcard/softcardtest"

	"github.com/ebfe/scard"
)

func TestPCSC(t *testing.T) {
	daemon := pcscdtest.Start(t)
	readertest.Test(t, func(t *testing.T) readertest.World {
		return readertest.World{
			Source: run(t), Readers: pcscdtest.Readers,
			Insert: func(t *testing.T, slot int, person string) func() {
				remove := daemon.Insert(slot, softcardtest.Card(t, person))
				t.Cleanup(remove) // the daemon's own clean-up comes only after the whole suite
				return remove
			},
			Disappear: func(t *testing.T) func() {
				daemon.Stop()
				return daemon.Restart
			},
			Lost: []error{reader.ErrServiceDown},
		}
	})
	t.Run("held by another program", func(t *testing.T) { heldByAnother(t, daemon) })
	t.Run("pcscd starts later", func(t *testing.T) { startsLater(t, daemon) })
}

func run(t *testing.T) reader.Source {
	t.Helper()
	source, err := reader.NewPCSC(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		source.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("Run did not end with its context")
		}
	})
	return source
}

func heldByAnother(t *testing.T, daemon *pcscdtest.Daemon) {
	source := run(t)
	defer daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))()
	until(t, source, reader.Present)
	other, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	card, err := other.Connect(pcscdtest.Readers[0], scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		t.Fatal(err)
	}
	until(t, source, reader.Busy)
	if _, err := source.Acquire(t.Context(), pcscdtest.Readers[0]); !errors.Is(err, reader.ErrBusy) {
		t.Errorf("a card that another program holds: %v", err)
	}
	if err := card.Disconnect(scard.UnpowerCard); err != nil {
		t.Fatal(err)
	}
	until(t, source, reader.Present)
	taken, err := source.Acquire(t.Context(), pcscdtest.Readers[0])
	if err != nil {
		t.Fatal(err)
	}
	taken.Release(t.Context())
}

func startsLater(t *testing.T, daemon *pcscdtest.Daemon) {
	daemon.Stop()
	source := run(t)
	if s, _ := source.State(); s.Available {
		t.Fatalf("without pcscd: %+v", s)
	}
	if _, err := source.Acquire(t.Context(), pcscdtest.Readers[0]); !errors.Is(err, reader.ErrServiceDown) {
		t.Errorf("without pcscd: %v", err)
	}
	daemon.Restart()
	until(t, source, reader.Empty)
}

func until(t *testing.T, source reader.Source, want reader.CardState) {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		s, changed := source.State()
		if r, ok := s.Find(pcscdtest.Readers[0]); ok && r.Card == want {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the reader is not %s: %+v", want, s)
		}
	}
}
