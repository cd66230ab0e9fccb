package virtual_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/reader/readertest"
	"madoguchi/bridge/virtual"
)

func run(t *testing.T, dir string) *virtual.Readers {
	t.Helper()
	readers := virtual.New(dir, 2, time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		readers.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return readers
}

func names(r reader.Source) (names [2]string) {
	s, _ := r.State()
	for i := range names {
		names[i] = s.Readers[i].Name
	}
	return names
}

func TestVirtualReaders(t *testing.T) {
	readertest.Test(t, func(t *testing.T) readertest.World {
		readers := run(t, t.TempDir())
		return readertest.World{
			Source: readers, Readers: names(readers),
			Insert: func(t *testing.T, slot int, person string) func() {
				must(t, readers.Lay(slot, person))
				return func() { must(t, readers.Take(slot)) }
			},
			Disappear: func(t *testing.T) func() {
				plug := func(in bool) {
					for i := range 2 {
						must(t, readers.Plug(i, in))
					}
				}
				plug(false)
				return func() { plug(true) }
			},
			Lost: []error{reader.ErrReaderGone},
		}
	})
}

func TestLockedCardStaysLockedUntilReset(t *testing.T) {
	dir := t.TempDir()
	readers := run(t, dir)
	must(t, readers.Lay(0, "yamada-hanako"))
	card := acquire(t, readers)
	for range 3 {
		if err := jpki.Attach(card).Verify(t.Context(), jpki.AuthPIN, []byte("9999")); err == nil {
			t.Fatal("a wrong PIN was taken")
		}
	}
	must(t, readers.Take(0))

	readers = run(t, dir)
	must(t, readers.Lay(1, "yamada-hanako"))
	must(t, readers.Lay(0, "yamada-hanako")) // moves it
	if s, _ := readers.State(); s.Readers[1].Card != reader.Empty {
		t.Errorf("one card on two readers: %+v", s)
	}
	if tries := triesLeft(t, readers); tries != 0 {
		t.Errorf("%d tries left on a locked card", tries)
	}
	must(t, readers.Reset("yamada-hanako"))
	if tries := triesLeft(t, readers); tries != 3 {
		t.Errorf("%d tries left after the reset", tries)
	}
	must(t, readers.Take(0))
	must(t, readers.Reset("yamada-hanako"))
}

func TestMuteCard(t *testing.T) {
	readers := run(t, "")
	must(t, readers.Lay(0, virtual.UpsideDown))
	if s, _ := readers.State(); s.Readers[0].Card != reader.Mute || s.Readers[0].ATR != nil {
		t.Errorf("%+v", s)
	}
	if _, err := readers.Acquire(t.Context(), names(readers)[0]); !errors.Is(err, reader.ErrMute) {
		t.Errorf("taking it: %v", err)
	}
}

func TestTakenMidCommand(t *testing.T) {
	readers := run(t, "")
	readers.SetLatency(time.Minute)
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"removed":    {func() error { return readers.Take(0) }, reader.ErrCardRemoved},
		"reader out": {func() error { return readers.Plug(0, false) }, reader.ErrReaderGone},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, readers.Plug(0, true))
			must(t, readers.Lay(0, "yamada-taro"))
			card := acquire(t, readers)
			ended := make(chan error, 1)
			go func() {
				_, err := card.Transmit(t.Context(), []byte{0, 0x20, 0, 0x80})
				ended <- err
			}()
			must(t, c.do())
			if err := <-ended; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestHandsRefuse(t *testing.T) {
	readers := run(t, "")
	for name, c := range map[string]struct{ err, want error }{
		"no such reader":    {readers.Lay(2, "yamada-taro"), virtual.ErrNoReader},
		"below zero":        {readers.Take(-1), virtual.ErrNoReader},
		"plug what is not":  {readers.Plug(7, true), virtual.ErrNoReader},
		"nobody":            {readers.Lay(0, "../yamada"), virtual.ErrNoPerson},
		"nobody to reset":   {readers.Reset("nobody"), virtual.ErrNoPerson},
		"nothing to take":   {readers.Take(0), nil},
		"pulled out before": {readers.Plug(1, false), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if err := readers.Lay(1, "yamada-taro"); err == nil {
		t.Error("a card was laid on a reader that is not plugged in")
	}
}

func acquire(t *testing.T, readers *virtual.Readers) reader.Card {
	t.Helper()
	s, _ := readers.State()
	card, err := readers.Acquire(t.Context(), s.Readers[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func triesLeft(t *testing.T, readers *virtual.Readers) int {
	t.Helper()
	card := acquire(t, readers)
	defer card.Release(t.Context())
	tries, err := jpki.Attach(card).TriesLeft(t.Context(), jpki.AuthPIN)
	must(t, err)
	return tries
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
