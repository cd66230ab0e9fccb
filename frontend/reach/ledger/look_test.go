//go:build !js

package ledger

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/ledger"
)

// fake is a portal over a log. Each test bends what it shows.
type fake struct {
	portalv1web.LedgerService
	log   *ledgertest.Log
	kept  map[string][]byte
	calls []string
	down  bool
	bend  func(*portalv1.ListLedgerLinesResponse)
	over  []string // handovers

	losses []loss
}

type loss struct {
	leaf  ledger.Leaf
	index uint64
}

var errDown = errors.New("out of reach")

func (f *fake) called(name string) error {
	f.calls = append(f.calls, name)
	if f.down {
		return errDown
	}
	return nil
}

func (f *fake) state() *portalv1.LedgerState {
	s := &portalv1.LedgerState{
		Checkpoint: f.log.Checkpoint(len(f.log.Witnesses)), LogKey: f.log.Signer.Key(),
		WitnessKeys: f.log.WitnessKeys(), Handovers: f.over,
	}
	for _, l := range f.losses {
		s.Losses = append(s.Losses, &portalv1.LedgerLoss{
			From: l.leaf.Lost.From, To: l.leaf.Lost.To, RecordedAt: l.leaf.At, Index: l.index,
			Inclusion: bytesOf(f.log.Inclusion(l.index)),
		})
	}
	for _, of := range []ledger.Chain{ledger.Exchanges, ledger.Usages} {
		if head := f.log.Head(of); head.Count > 0 {
			s.Heads = append(s.Heads, &portalv1.LedgerHead{
				Chain: uint32(of), Count: head.Count, Last: append([]byte(nil), head.Last[:]...),
			})
		}
	}
	return s
}

func bytesOf(hashes []ledger.Hash) (list [][]byte) {
	for _, h := range hashes {
		list = append(list, append([]byte(nil), h[:]...))
	}
	return list
}

func message(e ledgertest.Entry) *portalv1.LedgerLine {
	return &portalv1.LedgerLine{
		Kind: uint32(e.Kind), Chain: uint32(e.Chain), Number: e.Number, Previous: e.Previous[:], Salt: e.Salt[:],
		RecordedAt: e.RecordedAt, Content: e.Content, Index: e.Index,
	}
}

// shows is what a feature's answer has: the last lines.
func (f *fake) shows(most int) []*portalv1.LedgerLine {
	var list []*portalv1.LedgerLine
	lines := f.log.Lines(chain)
	for _, e := range lines[max(0, len(lines)-most):] {
		m := message(e)
		m.Inclusion = bytesOf(f.log.Inclusion(e.Index))
		list = append(list, m)
	}
	return list
}

func (f *fake) GetLedgerState(
	_ context.Context, r *portalv1.GetLedgerStateRequest,
) (*portalv1.GetLedgerStateResponse, error) {
	if err := f.called("state"); err != nil {
		return nil, err
	}
	s, to := f.state(), r.GetSize()
	if to == 0 {
		to = f.log.Size()
	}
	if from := r.GetOldSize(); from > 0 && from <= to {
		s.OldSize, s.Consistency = from, bytesOf(f.log.Consistency(from, to))
	}
	return &portalv1.GetLedgerStateResponse{State: s}, nil
}

func (f *fake) ListLedgerLines(
	_ context.Context, r *portalv1.ListLedgerLinesRequest,
) (*portalv1.ListLedgerLinesResponse, error) {
	if err := f.called("lines"); err != nil {
		return nil, err
	}
	answer := &portalv1.ListLedgerLinesResponse{}
	for _, e := range f.log.Lines(ledger.Chain(r.GetChain())) {
		if e.Number >= r.GetFrom() && e.Number <= r.GetTo() && len(answer.Lines) < atOnce {
			answer.Lines = append(answer.Lines, message(e))
		}
	}
	if f.bend != nil {
		f.bend(answer)
	}
	return answer, nil
}

func (f *fake) KeepLedgerHeads(
	_ context.Context, r *portalv1.KeepLedgerHeadsRequest,
) (*portalv1.KeepLedgerHeadsResponse, error) {
	if err := f.called("keep"); err != nil {
		return nil, err
	}
	f.kept[r.GetDevice()] = append([]byte(nil), r.GetHeads()...)
	return &portalv1.KeepLedgerHeadsResponse{}, nil
}

func (f *fake) GetLedgerHeads(
	context.Context, *portalv1.GetLedgerHeadsRequest,
) (*portalv1.GetLedgerHeadsResponse, error) {
	if err := f.called("heads"); err != nil {
		return nil, err
	}
	answer := &portalv1.GetLedgerHeadsResponse{}
	for device, heads := range f.kept {
		answer.Kept = append(answer.Kept, &portalv1.KeptHeads{Device: device, Heads: heads})
	}
	return answer, nil
}

// begin has a portal with a log, cosigned a moment ago.
func begin(t *testing.T) *fake {
	t.Helper()
	vault.Clear()
	f := &fake{log: ledgertest.New("log.example/ledger", 3), kept: map[string][]byte{}}
	f.log.Now = time.Now().Add(-time.Hour)
	before := portal
	portal = func() portalv1web.LedgerService { return f }
	t.Cleanup(func() {
		portal = before
		vault.Clear()
	})
	return f
}

// device lays the person's card on a device of theirs that is new.
func device(t *testing.T) {
	t.Helper()
	vault.Clear()
	certificate := []byte("certificate")
	salt, err := vault.CardSalt(t.Context(), certificate)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.OfferCard(t.Context(), certificate, salt, []byte(strings.Repeat("by the card", 3))); err != nil {
		t.Fatal(err)
	}
	open(t)
}

func open(t *testing.T) {
	t.Helper()
	if err := vault.OpenBySession(t.Context(), "vault", []byte(strings.Repeat("session", 5))[:32], false); err != nil {
		t.Fatal(err)
	}
}

func (f *fake) look(t *testing.T, most int) Report {
	t.Helper()
	return Look(t.Context(), chain, f.shows(most), f.state(), time.Time{}, true)
}

func TestADeviceLooksAndRemembers(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 30)
	r := f.look(t, 10)
	if !r.Good() || !r.Whole() || r.JoinUnknown || !r.Remembers || !r.Hands || !r.Before.IsZero() || r.Shown != 10 {
		t.Fatalf("at first sight: %+v", r)
	}
	f.log.Fill(chain, 3)
	f.calls = nil
	r = f.look(t, 2)
	if !r.Good() || !r.Whole() || r.JoinUnknown || r.Before.IsZero() || r.To != 33 || len(r.Confirmed) != 3 {
		t.Fatalf("later: %+v", r)
	}
	if got := strings.Join(f.calls, " "); got != "heads state lines keep" {
		t.Error("asked for:", got)
	}
	vault.Lock()
	open(t)
	f.bend = func(answer *portalv1.ListLedgerLinesResponse) { t.Error("what is known is asked for again") }
	if r = f.look(t, 33); !r.Good() || !r.Whole() {
		t.Errorf("with the vault opened anew: %+v", r)
	}
	f.bend = nil
	f.log.Fill(ledger.Usages, 2)
	if r = Look(t.Context(), ledger.Usages, nil, f.state(), time.Time{}, false); !r.Good() || r.Remembers || r.Hands {
		t.Errorf("on a shared device: %+v", r)
	}
}

// A long chain is learnt over some visits.
func TestALongChain(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 2*mostBehind+50)
	for visit, from := range []uint64{mostBehind + 51, 51, 1} {
		if r := f.look(t, 20); !r.Good() || r.From != from || r.Whole() != (from == 1) || r.JoinUnknown {
			t.Fatalf("visit %d: %+v", visit, r)
		}
	}
}

func TestWhatThePortalWithholds(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 30)
	drop := func(n uint64) func(*portalv1.ListLedgerLinesResponse) {
		return func(answer *portalv1.ListLedgerLinesResponse) {
			for i, line := range answer.GetLines() {
				if line.GetNumber() == n {
					answer.Lines = append(answer.Lines[:i:i], answer.Lines[i+1:]...)
					return
				}
			}
		}
	}
	f.bend = drop(12)
	if r := f.look(t, 10); !has(r.Faults, Missing) {
		t.Errorf("a line withheld: %+v", r)
	}
	f.bend = func(answer *portalv1.ListLedgerLinesResponse) { answer.Lines = nil }
	if r := f.look(t, 0); !has(r.Faults, Missing) {
		t.Errorf("all lines withheld: %+v", r)
	}
	f.bend = func(answer *portalv1.ListLedgerLinesResponse) { answer.Lines[3].Content = []byte("another") }
	if r := f.look(t, 10); !has(r.Faults, Altered) {
		t.Errorf("a line altered on the way: %+v", r)
	}
	f.bend, f.down = nil, true
	if r := f.look(t, 10); !r.Good() || !r.JoinUnknown || r.Hands {
		t.Errorf("without a network nothing is alleged: %+v", r)
	}
	f.down = false
	lines := f.shows(3)
	lines[0].Salt = nil
	if r := Look(t.Context(), chain, lines, f.state(), time.Time{}, true); !has(r.Faults, Unreadable) {
		t.Errorf("of another form: %+v", r)
	}
}

// The portal shows the person's computer one thing, and their phone another.
func TestDevicesCompare(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 10)
	honest, short := f.log, f.log.Clone()
	f.log.Fill(chain, 2)
	if r := f.look(t, 5); !r.Good() || r.Others != 0 || !r.Hands {
		t.Fatalf("the computer: %+v", r)
	}

	device(t)
	if r := f.look(t, 5); !r.Good() || r.Others != 1 {
		t.Errorf("the same on the phone: %+v", r)
	}

	device(t)
	f.log = short
	if r := f.look(t, 5); !has(r.Faults, Cut) {
		t.Errorf("the newest lines cut off for the phone: %+v", r)
	}

	device(t)
	f.log = ledgertest.New("log.example/ledger", 3)
	f.log.Now = honest.Now.Add(-time.Hour)
	f.log.Append(chain, f.log.Now, "another")
	f.log.Fill(chain, 14)
	if r := f.look(t, 5); !has(r.Faults, Forked) {
		t.Errorf("two chains: %+v", r)
	}

	// What the portal makes up says nothing, and what it withholds is not missed: that is no promise.
	device(t)
	f.log = short
	for name := range f.kept {
		f.kept[name] = append([]byte{0, 60}, make([]byte, 60)...)
	}
	if r := f.look(t, 5); !r.Good() || r.Others != 0 {
		t.Errorf("with words that the portal made up: %+v", r)
	}
}

// Another device saw a line more than this answer tells: it was recorded after the answer was given, and nothing is
// wrong.
func TestAnAnswerMayBeAMomentOld(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 10)
	lines, state := f.shows(5), f.state()
	f.log.Fill(chain, 2)
	if r := f.look(t, 5); !r.Good() {
		t.Fatal(r)
	}
	// Another page on the same device, and then another device.
	for name, r := range map[string]Report{"page": Look(t.Context(), chain, lines, state, time.Time{}, true)} {
		if !r.Good() || r.To != 12 || !r.Whole() {
			t.Errorf("another %s: %+v", name, r)
		}
	}
	device(t)
	if r := Look(t.Context(), chain, lines, state, time.Time{}, true); !r.Good() || r.Others != 1 || r.To != 12 {
		t.Errorf("another device: %+v", r)
	}
}

// A device that was away for long catches up over some visits.
func TestALongAbsence(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 3)
	f.look(t, 3)
	for range mostAhead + 10 {
		f.log.Append(chain, f.log.Now, "line")
	}
	if r := f.look(t, 3); !r.Good() || !r.JoinUnknown || r.To != mostAhead+3 {
		t.Fatalf("%+v", r)
	}
	if r := f.look(t, 3); !r.Good() || r.JoinUnknown || !r.Whole() {
		t.Errorf("%+v", r)
	}
}

// Other keys are loud, on every visit, until the person says that they were announced. The chains stay what they were.
func TestOtherKeys(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 10)
	if r := f.look(t, 3); !r.Good() {
		t.Fatal(r)
	}
	signer, err := ledger.NewSigner("log.example/ledger", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	f.log.Signer = signer
	f.log.Witnesses = f.log.Witnesses[:2]
	for range 2 {
		if r := f.look(t, 3); !has(r.Faults, LogKeyChanged) || !has(r.Faults, WitnessesChanged) || !r.Acceptable() {
			t.Fatalf("%+v", r)
		}
	}
	if err := Accept(t.Context(), f.state(), false); err != nil {
		t.Fatal(err)
	}
	if r := f.look(t, 3); !r.Good() || r.Before.IsZero() || r.Witnesses != 2 || r.Acceptable() {
		t.Errorf("%+v", r)
	}
	forked := ledgertest.New("log.example/ledger", 2)
	forked.Signer = signer
	forked.Now = f.log.Now.Add(-time.Hour)
	forked.Append(chain, forked.Now, "another")
	forked.Fill(chain, 30)
	f.log = forked
	if r := f.look(t, 3); !has(r.Faults, Forked) || r.Acceptable() {
		t.Errorf("a new key covers another chain: %+v", r)
	}
}

// The key came to be known, or the tree was lost: the page says what the operator says of it, and whether what it saw
// stands there still. A stolen key covers no other tree.
func TestTheLogIsHandedOver(t *testing.T) {
	for why, name := range map[ledger.Why]string{ledger.Stolen: "log.example/ledger", ledger.Lost: "log.example/two"} {
		t.Run(string(why), func(t *testing.T) {
			f := begin(t)
			device(t)
			f.log.Fill(chain, 10)
			if r := f.look(t, 3); !r.Good() {
				t.Fatal(r)
			}
			before := f.log.Signer
			now, err := ledger.NewSigner(name, make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			last := ledger.Checkpoint{Size: f.log.Size(), Root: f.log.Root(f.log.Size())}
			over := func(by *ledger.Signer) []string {
				signed, err := ledger.SignHandover(ledger.Handover{
					Before: before.Key(), Now: now.Key(), Why: why, At: f.log.Now, Last: last,
				}, now, by)
				if err != nil {
					t.Fatal(err)
				}
				return []string{signed}
			}
			if why == ledger.Lost {
				lines := f.log.Lines(chain)
				f.log = ledgertest.New(name, 3)
				f.log.Now = f.log.Now.Add(time.Hour)
				for _, e := range lines {
					f.log.Again(e.Line)
				}
			}
			f.log.Signer = now
			for _, by := range []*ledger.Signer{nil, before} {
				f.over = over(by)
				r := f.look(t, 3)
				if !has(r.Faults, LogKeyChanged) || !r.Acceptable() || r.Handed == nil || r.Handed.Why != why ||
					r.HandedByBoth != (by != nil) || r.Continues != (why == ledger.Stolen) {
					t.Fatalf("%+v", r)
				}
			}
			f.over = []string{strings.Replace(f.over[0], "size ", "size 9", 1)}
			if r := f.look(t, 3); r.Handed != nil || !r.Acceptable() {
				t.Errorf("a forged handover: %+v", r)
			}
			whole := f.log
			if why == ledger.Stolen { // whoever has the key makes another tree of the same chain
				f.log = ledgertest.New(name, 3)
				f.log.Signer, f.log.Now = now, whole.Now
				for range 30 {
					f.log.Put([]byte("another"))
				}
				for _, e := range whole.Lines(chain) {
					f.log.Again(e.Line)
				}
				f.over = over(before)
				if r := f.look(t, 3); !has(r.Faults, Rewritten) || r.Acceptable() {
					t.Errorf("another tree: %+v", r)
				}
			}
			f.log, f.over = whole, over(before)
			if err := Accept(t.Context(), f.state(), false); err != nil {
				t.Fatal(err)
			}
			f.log.Fill(chain, 2)
			if r := f.look(t, 3); !r.Good() || r.Before.IsZero() || !r.Whole() {
				t.Errorf("%+v", r)
			}
		})
	}
}

// The portal went back to an older copy of its database, and its log says so: the page says that lines are lost, and
// alleges no fork; what is cut off without that word is one.
func TestLinesAreLost(t *testing.T) {
	for name, more := range map[string]int{"fewer": 0, "as many": 4, "more": 9} {
		t.Run(name, func(t *testing.T) {
			f := begin(t)
			device(t)
			f.log.Fill(chain, 10)
			f.log.Fill(ledger.Usages, 2)
			earlier := f.log.Clone()
			f.log.Fill(chain, 4)
			if r := f.look(t, 20); !r.Good() {
				t.Fatal(r)
			}
			leaf, index := f.log.Restored(earlier)
			for range more {
				f.log.Append(chain, f.log.Now, "since then")
			}
			if r := f.look(t, 20); r.Good() || has(r.Faults, LinesLost) || r.Acceptable() {
				t.Errorf("without a word: %+v", r.Faults)
			}
			f.losses = []loss{{leaf, index - 1}}
			if r := f.look(t, 20); has(r.Faults, LinesLost) || r.Acceptable() {
				t.Errorf("a word that does not stand in the log: %+v", r.Faults)
			}
			f.losses = []loss{{leaf, index}}
			for range 2 {
				r := f.look(t, 20)
				if len(r.Faults) != 1 || r.Faults[0].Kind != LinesLost || !r.Acceptable() || !r.Lost {
					t.Fatalf("%+v", r.Faults)
				}
			}
			if err := Accept(t.Context(), f.state(), true); err != nil {
				t.Fatal(err)
			}
			if r := f.look(t, 20); !r.Good() || !r.Whole() || r.Count != 10+uint64(more) || r.Before.IsZero() {
				t.Errorf("%+v", r)
			}
			// The loss of then covers nothing that is cut off later.
			f.log.Fill(chain, 3)
			if r := f.look(t, 20); !r.Good() {
				t.Fatalf("%+v", r)
			}
			f.log.Cut(chain, 1)
			if r := f.look(t, 20); !has(r.Faults, Cut) || r.Acceptable() {
				t.Errorf("%+v", r.Faults)
			}
		})
	}
}

// What another device saw before the loss is its own matter; what it saw after it is not.
func TestAnotherDeviceHasSeenWhatWasLost(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 0)
	l.Fill(chain, 10)
	earlier := l.Clone()
	l.Fill(chain, 4)
	word := Word{map[ledger.Chain]ledger.Head{chain: l.Head(chain)}, l.Size()}
	leaf, index := l.Restored(earlier)
	a := answer(l)
	a.Losses = []Loss{{leaf, index, l.Inclusion(index)}}
	seen := Seen{others: []Word{word}}
	if r := Check(t.Context(), a, seen, Growth{}, pastOf(a, seen), l.Now).Report; !r.Good() || r.Others != 0 {
		t.Errorf("%+v", r)
	}
	for _, size := range []uint64{0, l.Size()} {
		seen.others[0].Size = size
		if r := Check(t.Context(), a, seen, Growth{}, pastOf(a, seen), l.Now).Report; !has(r.Faults, Cut) {
			t.Errorf("of size %d: %+v", size, r)
		}
	}
}

func TestTheLogIsRolledBack(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 10)
	backup := f.log.Clone()
	f.log.Fill(ledger.Usages, 5)
	if r := f.look(t, 5); !r.Good() {
		t.Fatal(r)
	}
	f.log = backup
	r := f.look(t, 5)
	if !has(r.Faults, RolledBack) || r.SeenBefore == "" {
		t.Errorf("the log is shorter: %+v", r)
	}
	f.log.Fill(ledger.Chain(9), 40) // it grows again, otherwise
	if r := f.look(t, 5); !has(r.Faults, Rewritten) {
		t.Errorf("the log is another one: %+v", r)
	}
	if r := f.look(t, 5); !has(r.Faults, Rewritten) {
		t.Errorf("it is got used to: %+v", r)
	}
}

func TestKeptAnswersAreLookedAtWithoutThePortal(t *testing.T) {
	f := begin(t)
	device(t)
	f.log.Fill(chain, 10)
	lines, state := f.shows(5), f.state()
	f.log.Fill(chain, 5)
	if r := f.look(t, 5); !r.Good() {
		t.Fatal(r)
	}
	f.calls = nil
	r := Look(t.Context(), chain, lines, state, f.log.Now, true)
	if !r.Good() || r.JoinUnknown || r.Kept.IsZero() || len(f.calls) != 0 {
		t.Errorf("%+v, asked for %v", r, f.calls)
	}
	lines[2].Content = []byte("bent on the device")
	if r := Look(t.Context(), chain, lines, state, f.log.Now, true); !has(r.Faults, Altered) {
		t.Errorf("%+v", r)
	}
}

func FuzzWhatAnAnswerSays(f *testing.F) {
	l := ledgertest.New("log.example/ledger", 1)
	l.Fill(chain, 3)
	p := &fake{log: l}
	line := p.shows(1)[0]
	f.Add(p.state().GetCheckpoint(), l.Signer.Key(), l.WitnessKeys()[0], line.GetContent(), line.GetPrevious(),
		line.GetNumber(), line.GetIndex(), line.GetInclusion()[0])
	f.Fuzz(func(
		t *testing.T, checkpoint, log, witness string, content, previous []byte, number, index uint64, proof []byte,
	) {
		m := p.shows(1)[0]
		honest := checkpoint == p.state().GetCheckpoint() && log == l.Signer.Key() &&
			string(content) == string(m.Content) &&
			string(previous) == string(m.Previous) && number == m.Number && index == m.Index &&
			string(proof) == string(m.Inclusion[0]) && witness == l.WitnessKeys()[0]
		m.Content, m.Previous, m.Number, m.Index, m.Inclusion[0] = content, previous, number, index, proof
		s := p.state()
		s.Checkpoint, s.LogKey, s.WitnessKeys = checkpoint, log, []string{witness}
		a, err := answerOf(chain, []*portalv1.LedgerLine{m}, s, time.Time{})
		if err != nil {
			return
		}
		r := Check(t.Context(), a, Seen{}, Growth{}, pastOf(a, Seen{}), l.Now).Report
		if r.Good() && !honest && log == l.Signer.Key() && checkpoint == p.state().GetCheckpoint() &&
			witness == l.WitnessKeys()[0] {
			t.Errorf("a bent line fits: %+v", m)
		}
	})
}

func FuzzWords(f *testing.F) {
	w := Word{map[ledger.Chain]ledger.Head{1: {Count: 3}}, 7}
	f.Add(w.packed())
	f.Add(joinSealed([][]byte{w.packed()}))
	f.Fuzz(func(t *testing.T, b []byte) {
		splitSealed(b)
		chainOf(b)
		_, _ = seenOf(b)
		const size = 8 // which the older form does not tell
		if w, err := wordOf(b); err == nil && len(w.packed()) > len(b)+size {
			t.Errorf("%x grows to %x", b, w.packed())
		}
	})
}
