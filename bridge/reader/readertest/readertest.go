// Package readertest is the one suite of tests that every reader.Source must pass, whatever the readers are made of.
package readertest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/reader"
)

// patience is how long anything may take that is waited for.
const patience = 15 * time.Second

// World is a Source under test, running, with two empty readers, and the hands that lay cards on them.
type World struct {
	Source  reader.Source
	Readers [2]string
	// Insert lays a person's new card into a reader; the returned function takes it out.
	Insert func(t *testing.T, slot int, person string) (remove func())
	// Disappear takes away all readers, or the service; the returned function brings them back. Lost is what a card
	// taken dies of.
	Disappear func(t *testing.T) (back func())
	Lost      []error
}

// Test runs the suite; world makes a fresh World for each test.
func Test(t *testing.T, world func(t *testing.T) World) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w World)
	}{
		{"tells of cards that come and go", comeAndGo},
		{"counts a swap", swap},
		{"signs", signs},
		{"holds a card for one", exclusive},
		{"powers down", powersDown},
		{"a card pulled out", pulledOut},
		{"a card swapped in a session", swapped},
		{"nothing there", nothing},
		{"a context that has ended", ended},
		{"readers that disappear", disappear},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			w.wait(t, "both readers are there and empty", func(s reader.State) bool {
				a, okA := s.Find(w.Readers[0])
				b, okB := s.Find(w.Readers[1])
				return s.Available && okA && okB && a.Card == reader.Empty && b.Card == reader.Empty
			})
			c.test(t, w)
		})
	}
}

func comeAndGo(t *testing.T, w World) {
	before := w.reader(t, 1)
	remove := w.Insert(t, 1, "yamada-hanako")
	r := w.until(t, 1, reader.Present)
	if len(r.ATR) < 2 || r.ATR[0] != 0x3B || r.Insertion != before.Insertion+1 {
		t.Errorf("after the insertion: %+v, before: %+v", r, before)
	}
	if other := w.reader(t, 0); other.Card != reader.Empty || other.ATR != nil {
		t.Errorf("the other reader: %+v", other)
	}
	remove()
	if r = w.until(t, 1, reader.Empty); r.Insertion != before.Insertion+1 || r.ATR != nil {
		t.Errorf("after the removal: %+v", r)
	}
}

func swap(t *testing.T, w World) {
	remove := w.Insert(t, 0, "yamada-hanako")
	first := w.until(t, 0, reader.Present)
	remove()
	w.until(t, 0, reader.Empty)
	w.Insert(t, 0, "yamada-taro")
	second := w.until(t, 0, reader.Present)
	if second.Insertion != first.Insertion+1 || bytes.Equal(first.ATR, second.ATR) {
		t.Errorf("first %+v, second %+v", first, second)
	}
}

func signs(t *testing.T, w World) {
	w.Insert(t, 0, "yamada-hanako")
	r := w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	if card.Insertion() != r.Insertion || !bytes.Equal(card.ATR(), r.ATR) {
		t.Errorf("taken: insertion %d, ATR %X; shown: %+v", card.Insertion(), card.ATR(), r)
	}
	opened, err := jpki.Open(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := opened.SignDigest(t.Context(), jpki.AuthKey, []byte("1234"), [32]byte{1, 2, 3})
	if err != nil || len(signature) != 256 {
		t.Fatalf("a signature of %d bytes, %v", len(signature), err)
	}
	if _, err := opened.ReadCertificate(t.Context(), jpki.AuthCertificate); err != nil {
		t.Error(err)
	}
}

func exclusive(t *testing.T, w World) {
	w.Insert(t, 0, "yamada-hanako")
	w.Insert(t, 1, "suzuki-umeko")
	w.until(t, 0, reader.Present)
	w.until(t, 1, reader.Present)
	first := w.acquire(t, 0)
	if _, err := w.Source.Acquire(t.Context(), w.Readers[0]); !errors.Is(err, reader.ErrBusy) {
		t.Errorf("taken twice: %v", err)
	}
	w.acquire(t, 1) // the other reader is free
	if r := w.reader(t, 0); r.Card != reader.Present {
		t.Errorf("our own card is shown as %s", r.Card)
	}
	first.Release(t.Context())
	again := w.acquire(t, 0)
	if again.Insertion() != first.Insertion() {
		t.Error("releasing counted as an insertion")
	}
}

func powersDown(t *testing.T, w World) {
	w.Insert(t, 0, "yamada-hanako")
	w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	if err := jpki.Attach(card).Verify(t.Context(), jpki.TextPIN, []byte("5678")); err != nil {
		t.Fatal(err)
	}
	if s := attributes(t, card); s != apdu.StatusOK {
		t.Fatalf("with the PIN: %s", s)
	}
	card.Release(t.Context())
	card.Release(t.Context())
	if _, err := card.Transmit(t.Context(), []byte{0, 0x20, 0, 0x80}); !errors.Is(err, reader.ErrReleased) {
		t.Errorf("a command after the release: %v", err)
	}
	if s := attributes(t, w.acquire(t, 0)); s != apdu.StatusNotVerified {
		t.Errorf("after the release the PIN is still verified: %s", s)
	}
}

// attributes reads the start of the four attributes and gives the status word.
func attributes(t *testing.T, card reader.Card) apdu.Status {
	t.Helper()
	var last apdu.Response
	for _, c := range []apdu.Command{
		{INS: 0xA4, P1: 4, P2: 0x0C, Data: []byte(jpki.ApplicationText)},
		{INS: 0xA4, P1: 2, P2: 0x0C, Data: []byte{0, 2}},
		{INS: 0xB0, Le: 4},
	} {
		r, err := apdu.Send(t.Context(), card, c)
		if err != nil {
			t.Fatal(err)
		}
		last = r
	}
	return last.Status
}

func pulledOut(t *testing.T, w World) {
	remove := w.Insert(t, 0, "yamada-hanako")
	w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	remove()
	w.dies(t, card, reader.ErrCardRemoved)
	card.Release(t.Context())
	w.until(t, 0, reader.Empty)
	w.Insert(t, 0, "yamada-hanako")
	w.until(t, 0, reader.Present)
	w.acquire(t, 0)
}

func swapped(t *testing.T, w World) {
	remove := w.Insert(t, 0, "yamada-hanako")
	w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	remove()
	w.until(t, 0, reader.Empty)
	w.Insert(t, 0, "suzuki-umeko")
	w.dies(t, card, reader.ErrCardChanged)
	card.Release(t.Context())
	w.acquire(t, 0)
}

func nothing(t *testing.T, w World) {
	for name, want := range map[string]error{
		w.Readers[0]: reader.ErrNoCard, "キーボード": reader.ErrNoReader, "": reader.ErrNoReader,
	} {
		if _, err := w.Source.Acquire(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
	}
}

func ended(t *testing.T, w World) {
	w.Insert(t, 0, "yamada-hanako")
	w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := card.Transmit(ctx, []byte{0, 0x20, 0, 0x80}); !errors.Is(err, context.Canceled) {
		t.Errorf("Transmit: %v", err)
	}
	if _, err := jpki.Open(t.Context(), card); err != nil {
		t.Errorf("the card after a command given up: %v", err)
	}
}

func disappear(t *testing.T, w World) {
	w.Insert(t, 0, "yamada-hanako")
	before := w.until(t, 0, reader.Present)
	card := w.acquire(t, 0)
	back := w.Disappear(t)
	w.wait(t, "no reader is left", func(s reader.State) bool { return len(s.Readers) == 0 })
	w.dies(t, card, w.Lost...)
	card.Release(t.Context())
	_, err := w.Source.Acquire(t.Context(), w.Readers[0])
	if !errors.Is(err, reader.ErrNoReader) && !errors.Is(err, reader.ErrServiceDown) {
		t.Errorf("a card of a reader that is gone: %v", err)
	}
	back()
	w.wait(t, "the readers are back", func(s reader.State) bool { return s.Available && len(s.Readers) == 2 })
	w.Insert(t, 0, "yamada-hanako")
	if r := w.until(t, 0, reader.Present); r.Insertion <= before.Insertion {
		t.Errorf("insertions fell from %d to %d", before.Insertion, r.Insertion)
	}
	if _, err := jpki.Open(t.Context(), w.acquire(t, 0)); err != nil {
		t.Error(err)
	}
}

// dies waits until a command fails with one of the errors; one of a change that is still under way may come before.
func (w World) dies(t *testing.T, card reader.Card, want ...error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err = card.Transmit(t.Context(), []byte{0, 0x20, 0, 0x80}); err == nil {
			continue
		}
		for _, e := range want {
			if errors.Is(err, e) {
				return
			}
		}
	}
	t.Fatalf("the command ended with %v, want one of %v", err, want)
}

func (w World) acquire(t *testing.T, slot int) reader.Card {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	card, err := w.Source.Acquire(ctx, w.Readers[slot])
	if err != nil {
		t.Fatalf("taking the card in %s: %v", w.Readers[slot], err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		card.Release(ctx)
	})
	return card
}

func (w World) reader(t *testing.T, slot int) reader.Reader {
	t.Helper()
	s, _ := w.Source.State()
	r, ok := s.Find(w.Readers[slot])
	if !ok {
		t.Fatalf("there is no %s: %+v", w.Readers[slot], s)
	}
	return r
}

func (w World) until(t *testing.T, slot int, want reader.CardState) (r reader.Reader) {
	t.Helper()
	w.wait(t, w.Readers[slot]+" is "+want.String(), func(s reader.State) bool {
		r, _ = s.Find(w.Readers[slot])
		return r.Card == want
	})
	return r
}

func (w World) wait(t *testing.T, what string, done func(reader.State) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		s, changed := w.Source.State()
		if done(s) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("not in %s: %s; last: %+v", patience, what, s)
		}
	}
}
