package ledger

import (
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
	"madoguchi/proto/ledger"
)

const chain = ledger.Exchanges

// answer is what an honest portal shows.
func answer(l *ledgertest.Log) Answer {
	a := Answer{
		Chain: chain, Checkpoint: l.Checkpoint(len(l.Witnesses)), LogKey: l.Signer.Key(), WitnessKeys: l.WitnessKeys(),
		Heads: map[ledger.Chain]ledger.Head{chain: l.Head(chain), ledger.Usages: l.Head(ledger.Usages)},
	}
	for _, e := range l.Lines(chain) {
		a.Entries = append(a.Entries, Entry{Line: e.Line, Index: e.Index, Inclusion: l.Inclusion(e.Index)})
	}
	return a
}

func growth(l *ledgertest.Log, from uint64) Growth {
	return Growth{From: from, To: l.Size(), Proof: l.Consistency(from, l.Size())}
}

// faults checks what a device sees that has seen the log at sight before.
func faults(t *testing.T, a Answer, seen Seen, g Growth, now time.Time) []Fault {
	t.Helper()
	return Check(t.Context(), a, seen, g, pastOf(a, seen), now).Report.Faults
}

// pastOf is what a page has of the chain where all of it is shown.
func pastOf(a Answer, seen Seen) (p Past) {
	p.Run = []ledger.Line{}
	for _, e := range a.Entries {
		if e.Number > seen.chain.To() {
			p.Run = append(p.Run, e.Line)
		}
	}
	slices.SortStableFunc(p.Run, func(a, b ledger.Line) int { return int(a.Number) - int(b.Number) })
	return p
}

func remembered(t *testing.T, l *ledgertest.Log) Seen {
	t.Helper()
	a := answer(l)
	c := Check(t.Context(), a, Seen{}, Growth{}, pastOf(a, Seen{}), l.Now)
	if !c.Report.Good() {
		t.Fatal(c.Report.Faults)
	}
	s := Seen{}.after(a, c, l.Now.UnixMilli())
	packed, err := s.packed()
	if err != nil {
		t.Fatal(err)
	}
	known := chainOf(s.chain.packed())
	if s, err = seenOf(packed); err != nil || s.Empty() {
		t.Fatal(s, err)
	}
	s.chain = known
	return s
}

func has(all []Fault, kind FaultKind) bool {
	return slices.ContainsFunc(all, func(f Fault) bool { return f.Kind == kind })
}

func TestAnHonestLogFits(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 3)
	first := Check(t.Context(), answer(l), Seen{}, Growth{}, Past{}, l.Now).Report
	if !first.Good() || !first.Whole() || first.JoinUnknown {
		t.Errorf("a chain without lines: %+v", first)
	}
	l.Fill(chain, 40)
	l.Fill(ledger.Usages, 3)
	seen := remembered(t, l)
	a := answer(l)
	r := Check(t.Context(), a, seen, Growth{}, Past{}, l.Now).Report
	if !r.Good() || r.From != 1 || r.To != 40 || r.Count != 40 || r.Size != l.Size() || len(r.Confirmed) != 3 ||
		r.JoinUnknown || !r.Whole() || r.Before.IsZero() {
		t.Errorf("%+v", r)
	}
	size := l.Size()
	l.Fill(chain, 5)
	a = answer(l)
	r = Check(t.Context(), a, seen, growth(l, size), pastOf(a, seen), l.Now).Report
	if !r.Good() || r.JoinUnknown || !r.Whole() || r.To != 45 {
		t.Errorf("grown: %+v", r)
	}
	// Without the proof it cannot be said whether the log goes on, and without the new lines not whether the chain
	// does; nothing is promised then, and nothing alleged.
	for name, c := range map[string]struct {
		g Growth
		p Past
	}{"no proof": {Growth{}, pastOf(a, seen)}, "no lines": {growth(l, size), Past{}}} {
		r = Check(t.Context(), a, seen, c.g, c.p, l.Now).Report
		if !r.Good() || !r.JoinUnknown {
			t.Errorf("%s: %+v", name, r)
		}
	}
	// Some lines are shown: each is the one of its number in the chain that is known.
	a.Entries = []Entry{a.Entries[40], a.Entries[3], a.Entries[17]}
	r = Check(t.Context(), a, seen, growth(l, size), pastOf(answer(l), seen), l.Now).Report
	if !r.Good() || r.Shown != 3 || r.Unlinked != 0 || !r.Whole() {
		t.Errorf("some: %+v", r)
	}
	a.Entries[1].Content = []byte("another")
	r = Check(t.Context(), a, seen, growth(l, size), pastOf(answer(l), seen), l.Now).Report
	if got := r.Faults; !has(got, Altered) {
		t.Errorf("an altered one among some: %v", got)
	}
}

// At first sight the last lines are looked at; those before come at later visits, until all is known.
func TestTheChainIsLearntBackwards(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 1)
	l.Fill(chain, 30)
	a := answer(l)
	lines := func(from, to int) (all []ledger.Line) {
		for _, e := range l.Lines(chain)[from-1 : to] {
			all = append(all, e.Line)
		}
		return all
	}
	c := Check(t.Context(), a, Seen{}, Growth{}, Past{Run: lines(21, 30)}, l.Now)
	if r := c.Report; !r.Good() || r.From != 21 || r.To != 30 || r.Unlinked != 20 || r.Whole() {
		t.Fatalf("%+v", r)
	}
	seen := Seen{}.after(a, c, 1)
	bent := lines(11, 20)
	bent[4].Content = []byte("another")
	if got := Check(t.Context(), a, seen, Growth{}, Past{Earlier: bent}, l.Now).Report.Faults; !has(got, Altered) {
		t.Errorf("a bent line before: %v", got)
	}
	short := Past{Earlier: lines(11, 19)}
	if got := Check(t.Context(), a, seen, Growth{}, short, l.Now).Report.Faults; !has(got, Missing) {
		t.Errorf("a missing line before: %v", got)
	}
	c = Check(t.Context(), a, seen, Growth{}, Past{Earlier: lines(1, 20)}, l.Now)
	if r := c.Report; !r.Good() || !r.Whole() || r.Unlinked != 0 {
		t.Fatalf("%+v", r)
	}
	seen = seen.after(a, c, 2)
	if seen.chain.To() != 30 || seen.chain.From != 1 || chainOf(seen.chain.packed()).To() != 30 {
		t.Errorf("%+v", seen)
	}
}

func TestWhatIsBentIsSeen(t *testing.T) {
	drop := func(i int) func(*Answer) {
		return func(a *Answer) { a.Entries = slices.Delete(a.Entries, i, i+1) }
	}
	for name, c := range map[string]struct {
		bend func(*Answer)
		want FaultKind
	}{
		"a line dropped":          {drop(4), Missing},
		"the newest line dropped": {drop(9), Missing},
		"all lines dropped":       {func(a *Answer) { a.Entries = nil }, Missing},
		"a line twice":            {func(a *Answer) { a.Entries = slices.Insert(a.Entries, 3, a.Entries[3]) }, Disordered},
		"two lines changed places": {func(a *Answer) {
			a.Entries[3].Number, a.Entries[4].Number = a.Entries[4].Number, a.Entries[3].Number
		}, Altered},
		"a line of another content": {func(a *Answer) { a.Entries[4].Content = []byte("nobody asked") }, Altered},
		"the newest one altered":    {func(a *Answer) { a.Entries[9].Content = []byte("nobody asked") }, Altered},
		"altered, and not included": {func(a *Answer) { a.Entries[4].Content = []byte("nobody asked") }, NotInLog},
		"another salt":              {func(a *Answer) { a.Entries[4].Salt[0] ^= 1 }, NotInLog},
		"another time":              {func(a *Answer) { a.Entries[4].RecordedAt += 1 }, NotInLog},
		"dated back":                {func(a *Answer) { a.Entries[4].RecordedAt -= int64(time.Hour / time.Millisecond) }, BackDated},
		"another number":            {func(a *Answer) { a.Entries[4].Number = 40 }, Disordered},
		"a number of none":          {func(a *Answer) { a.Entries[0].Number = 0 }, Foreign},
		"another chain":             {func(a *Answer) { a.Entries[4].Chain = ledger.Usages }, Foreign},
		"pending for long":          {func(a *Answer) { a.Entries[0].Pending = true; a.Entries[0].RecordedAt -= 1e7 }, NotInLog},
		"another index":             {func(a *Answer) { a.Entries[4].Index++ }, NotInLog},
		"an index beyond":           {func(a *Answer) { a.Entries[4].Index = 1 << 62 }, NotInLog},
		"no proof":                  {func(a *Answer) { a.Entries[4].Inclusion = nil }, NotInLog},
		"another proof":             {func(a *Answer) { a.Entries[4].Inclusion = a.Entries[5].Inclusion }, NotInLog},
		"no head":                   {func(a *Answer) { a.Heads = nil }, Unreadable},
		"another head": {func(a *Answer) {
			a.Heads[chain] = ledger.Head{Count: 10, Last: ledger.Hash{1}}
		}, Altered},
		"a head of fewer": {func(a *Answer) {
			a.Heads[chain] = ledger.Head{Count: 9, Last: a.Entries[9].Previous}
		}, Disordered},
		"a checkpoint that nobody signed": {func(a *Answer) {
			a.Checkpoint = strings.Replace(a.Checkpoint, "\n20\n", "\n21\n", 1)
		}, Unsigned},
		"no checkpoint":      {func(a *Answer) { a.Checkpoint = "" }, Unsigned},
		"no key":             {func(a *Answer) { a.LogKey = "log.example+x" }, Unreadable},
		"a broken witness":   {func(a *Answer) { a.WitnessKeys[0] = a.LogKey }, Unreadable},
		"a forged signature": {func(a *Answer) { a.Checkpoint = forgeWitness(a.Checkpoint) }, Unsigned},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledgertest.New("log.example/ledger", 2)
			l.Fill(chain, 10)
			a := answer(l)
			if got := faults(t, a, Seen{}, Growth{}, l.Now); len(got) != 0 {
				t.Fatal("honest:", got)
			}
			c.bend(&a)
			if got := faults(t, a, Seen{}, Growth{}, l.Now); !has(got, c.want) {
				t.Errorf("found %v, not %d", got, c.want)
			}
		})
	}
}

// forgeWitness turns a bit of a witness's signature.
func forgeWitness(signed string) string {
	lines := strings.Split(signed, "\n")
	last := lines[len(lines)-2]
	at := len(last) - 12
	other := byte('A')
	if last[at] == 'A' {
		other = 'B'
	}
	lines[len(lines)-2] = last[:at] + string(other) + last[at+1:]
	return strings.Join(lines, "\n")
}

// What hangs together in itself, but is not what this device saw.
func TestADeviceRemembers(t *testing.T) {
	begin := func() *ledgertest.Log {
		l := ledgertest.New("log.example/ledger", 2)
		l.Fill(chain, 10)
		return l
	}
	for name, c := range map[string]struct {
		now  func(l *ledgertest.Log) *ledgertest.Log // what the portal shows later, in place of l
		want FaultKind
	}{
		"the log rolled back": {func(*ledgertest.Log) *ledgertest.Log {
			l := ledgertest.New("log.example/ledger", 2)
			l.Fill(chain, 8)
			return l
		}, RolledBack},
		"the newest lines cut off": {func(*ledgertest.Log) *ledgertest.Log {
			l := ledgertest.New("log.example/ledger", 2)
			l.Fill(chain, 8)
			return l
		}, Cut},
		"the log rewritten, of the same size": {func(*ledgertest.Log) *ledgertest.Log {
			l := ledgertest.New("log.example/ledger", 2)
			l.Append(chain, l.Now, "another")
			for l.Size() < 20 {
				l.Append(chain, l.Now, "another")
			}
			return l
		}, Rewritten},
		"the log rewritten, and longer": {func(*ledgertest.Log) *ledgertest.Log {
			l := ledgertest.New("log.example/ledger", 2)
			l.Append(chain, l.Now.Add(-time.Hour), "another")
			l.Fill(chain, 12)
			return l
		}, Rewritten},
		"two chains": {func(*ledgertest.Log) *ledgertest.Log {
			l := ledgertest.New("log.example/ledger", 2)
			l.Append(chain, l.Now.Add(-time.Hour), "another")
			l.Fill(chain, 12)
			return l
		}, Forked},
		"a line recorded later, dated back": {func(l *ledgertest.Log) *ledgertest.Log {
			later := l.Clone()
			later.Append(chain, l.Now.Add(-20*time.Minute), "late")
			return later
		}, BackDated},
		"another key of the log": {func(l *ledgertest.Log) *ledgertest.Log {
			later := l.Clone()
			signer, err := ledger.NewSigner("log.example/ledger", make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			later.Signer = signer
			return later
		}, LogKeyChanged},
		"another witness": {func(l *ledgertest.Log) *ledgertest.Log {
			later := l.Clone()
			later.Witnesses = later.Witnesses[:1]
			return later
		}, WitnessesChanged},
	} {
		t.Run(name, func(t *testing.T) {
			l := begin()
			seen := remembered(t, l)
			now := c.now(l)
			a, g := answer(now), Growth{}
			if now.Size() > seen.Size {
				g = growth(now, seen.Size)
			}
			first := faults(t, a, Seen{}, Growth{}, l.Now)
			if c.want != BackDated && len(first) != 0 {
				t.Errorf("at first sight nothing is wrong with it, but: %v", first)
			}
			got := Check(t.Context(), a, seen, g, pastOf(a, seen), l.Now)
			if !has(got.Report.Faults, c.want) {
				t.Errorf("found %v, not %d", got.Report.Faults, c.want)
			}
			if after := seen.after(a, got, 0); after.Size != seen.Size || after.LogKey != seen.LogKey {
				t.Error("what does not fit takes the place of what was seen")
			}
		})
	}
}

// A line that joined the log after a witness had signed it, but bears an earlier time: the time of the chain goes on
// there, so that the chain alone does not tell.
func TestALineOfLaterIsDatedBack(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 1)
	l.Append(chain, l.Now.Add(-48*time.Hour), "old")
	seen := remembered(t, l)
	size := l.Size()
	l.Append(chain, l.Now.Add(-24*time.Hour), "said to be of yesterday")
	if got := faults(t, answer(l), seen, growth(l, size), l.Now); !has(got, BackDated) {
		t.Error(got)
	}
	if got := faults(t, answer(l), Seen{}, Growth{}, l.Now); len(got) != 0 {
		t.Errorf("at first sight it cannot be seen, but: %v", got)
	}
}

func TestWitnesses(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 3)
	l.Fill(chain, 3)
	a := answer(l)
	a.Checkpoint = l.Checkpoint(2)
	for name, c := range map[string]struct {
		later time.Duration
		want  int
	}{"now": {0, 2}, "within the hour": {59 * time.Minute, 2}, "an hour later": {61 * time.Minute, 0},
		"before it was": {-time.Hour, 0}} {
		r := Check(t.Context(), a, Seen{}, Growth{}, Past{}, l.Now.Add(c.later)).Report
		if !r.Good() || len(r.Confirmed) != c.want || r.Witnesses != 3 || r.At.Unix() != l.Now.Unix() {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// What other devices of the person have seen counts as what this one has.
func TestOtherDevices(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 1)
	l.Fill(chain, 10)
	phone := remembered(t, l)
	short := ledgertest.New("log.example/ledger", 1)
	short.Fill(chain, 8)
	forked := ledgertest.New("log.example/ledger", 1)
	forked.Append(chain, l.Now.Add(-time.Hour), "another")
	forked.Fill(chain, 20)
	word, err := wordOf(Word{phone.heads(), phone.Size}.packed())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		shown *ledgertest.Log
		want  FaultKind
	}{"the same": {l, 0}, "fewer lines": {short, Cut}, "others": {forked, Forked}} {
		seen := Seen{}
		seen.others = []Word{word}
		shown := answer(c.shown)
		r := Check(t.Context(), shown, seen, Growth{}, pastOf(shown, seen), l.Now).Report
		if c.want == 0 && (!r.Good() || r.Others != 1) || c.want != 0 && (!has(r.Faults, c.want) || r.Others != 0) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// An answer that the device kept is older than what it saw since, and no fault of the portal's.
func TestAKeptAnswerMayBeOld(t *testing.T) {
	l := ledgertest.New("log.example/ledger", 1)
	l.Fill(chain, 5)
	old := answer(l)
	l.Fill(chain, 5)
	seen := remembered(t, l)
	if got := faults(t, old, seen, Growth{}, l.Now); !has(got, RolledBack) || !has(got, Cut) {
		t.Error("given as new:", got)
	}
	old.Kept = l.Now.Add(-time.Hour)
	c := Check(t.Context(), old, seen, Growth{}, Past{}, l.Now)
	if !c.Report.Good() || c.Report.Kept.IsZero() {
		t.Errorf("%+v", c.Report)
	}
	if after := seen.after(old, c, 0); after.Size != seen.Size || after.Heads[chain].Count != 10 {
		t.Errorf("what is older takes the place of what is newer: %+v", after)
	}
}

func TestWords(t *testing.T) {
	for _, b := range [][]byte{nil, {2}, make([]byte, headSize+1), append([]byte{1}, make([]byte, headSize+1)...)} {
		if _, err := wordOf(b); err == nil {
			t.Errorf("read: %v", b)
		}
	}
	all := splitSealed(append(joinSealed([][]byte{[]byte("one"), []byte("two")}), 9, 9, 9))
	if len(all) != 2 || string(all[1]) != "two" {
		t.Errorf("%q", all)
	}
}

// A hundred lines are checked in slices.
func BenchmarkCheck(b *testing.B) {
	l := ledgertest.New("log.example/ledger", 3)
	l.Fill(chain, 100)
	for range 10_000 {
		l.Put([]byte("somebody else's"))
	}
	a := answer(l)
	for b.Loop() {
		if r := Check(b.Context(), a, Seen{}, Growth{}, pastOf(a, Seen{}), l.Now).Report; !r.Good() || !r.Whole() {
			b.Fatal(r.Faults)
		}
	}
}
