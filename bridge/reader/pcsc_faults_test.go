//go:build linux && cgo && !nopcsc

package reader_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard/softcardtest"

	"github.com/ebfe/scard"
)

// TestPCSCFaults is what a good card does not do: to be mute, to stop in the middle of a command, to be shared.
func TestPCSCFaults(t *testing.T) {
	daemon := pcscdtest.Start(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *pcscdtest.Daemon, reader.Source)
	}{
		{"a card without an ATR", withoutATR},
		{"a card that says nothing at all", silentFromTheStart},
		{"a garbled answer", garbledAnswer},
		{"pulled out while a command is under way", pulledOutMidCommand},
		{"gone just now", goneJustNow},
		{"a blocking command given up", givenUp},
		{"shared with another program", shared},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := run(t)
			until(t, source, reader.Empty)
			c.test(t, daemon, source)
		})
	}
}

var goodATR = []byte("\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14")

// stuck answers with a good ATR, and never to a command; each command is told of.
func stuck() (answer pcscdtest.Answer, underWay chan struct{}) {
	underWay = make(chan struct{}, 10)
	return func(message []byte) []byte {
		switch {
		case len(message) == 1 && message[0] == 4:
			return goodATR
		case len(message) > 1:
			underWay <- struct{}{}
		}
		return nil
	}, underWay
}

func withoutATR(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	for name, atr := range map[string][]byte{
		"garbage": bytes.Repeat([]byte{0xFF}, 7), "too long": bytes.Repeat([]byte{0x3B}, 60),
	} {
		t.Run(name, func(t *testing.T) {
			remove := daemon.InsertRaw(0, func(message []byte) []byte {
				if len(message) == 1 && message[0] == 4 {
					return atr
				}
				return nil
			})
			defer remove()
			until(t, source, reader.Mute)
			if _, err := acquire(t, source); !errors.Is(err, reader.ErrMute) {
				t.Errorf("taken: %v", err)
			}
			remove()
			until(t, source, reader.Empty)
			worksAgain(t, daemon, source)
		})
	}
}

func silentFromTheStart(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	for name, says := range map[string][]byte{"nothing": nil, "an empty ATR": {}} {
		t.Run(name, func(t *testing.T) {
			remove := daemon.InsertRaw(0, func([]byte) []byte { return says })
			defer remove()
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if card, err := source.Acquire(ctx, pcscdtest.Readers[0]); err == nil {
				card.Release(t.Context())
				t.Error("a card that never spoke was taken")
			}
			remove()
			worksAgain(t, daemon, source)
		})
	}
}

func garbledAnswer(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	for name, garbage := range map[string][]byte{"one byte": {0x90}, "no status word": {1, 2, 3, 4}} {
		t.Run(name, func(t *testing.T) {
			remove := daemon.InsertRaw(0, func(message []byte) []byte {
				switch {
				case len(message) == 1 && message[0] == 4:
					return goodATR
				case len(message) > 1:
					return garbage
				}
				return nil
			})
			defer remove()
			until(t, source, reader.Present)
			card := mustAcquire(t, source)
			if _, err := jpki.Open(t.Context(), card); err == nil {
				t.Error("opened")
			}
			card.Release(t.Context())
			remove()
			until(t, source, reader.Empty)
			worksAgain(t, daemon, source)
		})
	}
}

func pulledOutMidCommand(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	answer, underWay := stuck()
	remove := daemon.InsertRaw(0, answer)
	defer remove()
	until(t, source, reader.Present)
	card := mustAcquire(t, source)
	died := transmit(t.Context(), card)
	<-underWay
	remove()
	if err := soon(t, died); !errors.Is(err, reader.ErrCardRemoved) {
		t.Errorf("the command ended with %v", err)
	}
	card.Release(t.Context())
	until(t, source, reader.Empty)
	worksAgain(t, daemon, source)
}

// goneJustNow takes a card that pcscd believes to be there still; sometimes it lets that happen, and the first command
// tells.
func goneJustNow(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	remove := daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))
	until(t, source, reader.Present)
	remove()
	card, err := acquire(t, source)
	if err == nil {
		err = soon(t, transmit(t.Context(), card))
		card.Release(t.Context())
	}
	if !errors.Is(err, reader.ErrNoCard) && !errors.Is(err, reader.ErrCardRemoved) {
		t.Errorf("%v", err)
	}
	until(t, source, reader.Empty)
}

func givenUp(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	answer, underWay := stuck()
	remove := daemon.InsertRaw(0, answer)
	defer remove()
	until(t, source, reader.Present)
	card := mustAcquire(t, source)
	ctx, cancel := context.WithCancel(t.Context())
	died := transmit(ctx, card)
	<-underWay
	cancel()
	if err := soon(t, died); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	short, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer end()
	if _, err := card.Transmit(short, []byte{0, 0x20, 0, 0x80}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("behind a command that does not end: %v", err)
	}
	card.Release(short)
	if _, err := acquire(t, source); !errors.Is(err, reader.ErrBusy) {
		t.Errorf("taken though the command before has not ended: %v", err)
	}
	remove()
	until(t, source, reader.Empty)
	worksAgain(t, daemon, source)
}

func shared(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	defer daemon.Insert(0, softcardtest.Card(t, "yamada-hanako"))()
	until(t, source, reader.Present)
	other, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	card, err := other.Connect(pcscdtest.Readers[0], scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		t.Fatal(err)
	}
	until(t, source, reader.Busy)
	if _, err := acquire(t, source); !errors.Is(err, reader.ErrBusy) {
		t.Errorf("shared: %v", err)
	}
	if err := card.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if _, err := acquireWithin(t, source, time.Second); !errors.Is(err, reader.ErrBusy) &&
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in the other's transaction: %v", err)
	}
	if err := card.EndTransaction(scard.LeaveCard); err != nil {
		t.Fatal(err)
	}
	if err := card.Disconnect(scard.LeaveCard); err != nil {
		t.Fatal(err)
	}
	// The attempt that was given up is ended by pcscd only now.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if card, err := acquire(t, source); err == nil {
			card.Release(t.Context())
			return
		} else if !errors.Is(err, reader.ErrBusy) || time.Now().After(deadline) {
			t.Fatalf("free again: %v", err)
		}
	}
}

// worksAgain lays a good card into the empty reader and speaks to it.
func worksAgain(t *testing.T, daemon *pcscdtest.Daemon, source reader.Source) {
	t.Helper()
	remove := daemon.Insert(0, softcardtest.Card(t, "suzuki-umeko"))
	defer remove()
	until(t, source, reader.Present)
	card := mustAcquire(t, source)
	if _, err := jpki.Open(t.Context(), card); err != nil {
		t.Errorf("a good card afterwards: %v", err)
	}
	card.Release(t.Context())
	remove()
	until(t, source, reader.Empty)
}

func acquire(t *testing.T, source reader.Source) (reader.Card, error) {
	t.Helper()
	return acquireWithin(t, source, time.Minute)
}

func acquireWithin(t *testing.T, source reader.Source, patience time.Duration) (reader.Card, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	card, err := source.Acquire(ctx, pcscdtest.Readers[0])
	if err == nil {
		t.Cleanup(func() { card.Release(context.Background()) })
	}
	return card, err
}

func mustAcquire(t *testing.T, source reader.Source) reader.Card {
	t.Helper()
	card, err := acquire(t, source)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// transmit sends a command in the background.
func transmit(ctx context.Context, card reader.Card) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := card.Transmit(ctx, []byte{0, 0x20, 0, 0x80})
		done <- err
	}()
	return done
}

func soon(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("the command hangs")
		return nil
	}
}
