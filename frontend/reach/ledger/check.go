// Package ledger finds out whether what the portal shows of a person's history is all that there is, and as it was
// recorded: each line stands in the public log, the lines follow one another without a gap, the log has only grown
// since this device saw it last, and no device of the person has seen anything else. How a line becomes a leaf, and
// what a proof is, says proto/ledger; here it is put to what the portal answers, to what the device remembers, and
// to what the person's other devices say.
package ledger

import (
	"context"
	"errors"
	"slices"
	"time"

	"madoguchi/proto/ledger"
)

// Entry is a line with its proof.
type Entry struct {
	ledger.Line
	Index     uint64
	Inclusion []ledger.Hash
	// Pending: it was recorded a moment ago, and the log does not have it yet.
	Pending bool
}

// Answer is what the portal shows: lines of a chain, and the log that they are to stand in.
type Answer struct {
	Chain   ledger.Chain
	Entries []Entry // in any order, some of the chain or all
	Heads   map[ledger.Chain]ledger.Head
	// Checkpoint is signed by the log with the key LogKey; Witnessed is the last one that witnesses have signed, too,
	// with the proof that the log goes on from it. Empty while there is none.
	Checkpoint     string
	Witnessed      string
	WitnessedProof []ledger.Hash
	LogKey         string
	WitnessKeys    []string
	// Later is a checkpoint that was fetched since, with the proof that the log goes on from Checkpoint.
	Later      string
	LaterProof []ledger.Hash
	// Losses are what the portal says that it lost.
	Losses []Loss
	// Handovers are how the log came from one key to the next, as they were signed.
	Handovers []string
	// Kept is when the device kept the answer; zero for one that the portal has just given. What is kept may be older
	// than what was seen.
	Kept time.Time
}

// Loss is a leaf that says what was lost, with its proof.
type Loss struct {
	ledger.Leaf
	Index     uint64
	Inclusion []ledger.Hash
}

// Past is what was fetched of the chain beside what is shown, so that all of it is known: Run are its last lines up
// to the head, from the one after the last that this device knows, or from some line where it knows none; Earlier
// go up to the first that it knows. What is nil was not asked for; what is empty was, and there was none.
type Past struct {
	Run, Earlier []ledger.Line
	// More: Run does not reach the head yet; the rest comes with the next visits.
	More bool
}

// Growth proves that the log of the size To goes on from that of the size From.
type Growth struct {
	From, To uint64
	Proof    []ledger.Hash
}

// Fault is something that does not fit.
type Fault struct {
	Kind FaultKind
	// Number is the line's, zero where it is no single one's.
	Number uint64
}

// FaultKind is what does not fit, as a person can be told.
type FaultKind int

// What may not fit.
const (
	// Unreadable: the answer is not of the form that it must have.
	Unreadable FaultKind = iota + 1
	// LogKeyChanged: the log has another key than when this device first saw it.
	LogKeyChanged
	// WitnessesChanged: other witnesses are named than when this device first saw them.
	WitnessesChanged
	// Unsigned: the log has not signed what is said to be it, or a witness's signature is forged.
	Unsigned
	// RolledBack: the log is shorter than it was.
	RolledBack
	// Rewritten: the log is not a continuation of what it was.
	Rewritten
	// NotInLog: a line does not stand in the log.
	NotInLog
	// Missing: a line is missing, between two or at the end.
	Missing
	// Altered: a line is not as it was recorded.
	Altered
	// Disordered: lines are out of order, or one is there twice.
	Disordered
	// BackDated: a line bears a time at which it cannot have been recorded.
	BackDated
	// Foreign: a line is of another chain.
	Foreign
	// Cut: the newest lines are gone that this device, or another one of the person, has seen.
	Cut
	// Forked: there are other lines than this device, or another one of the person, has seen.
	Forked
	// LinesLost: lines that this device, or another one of the person, has seen are gone or others, and the log itself
	// says since then that the portal lost lines.
	LinesLost
)

var faultOf = map[error]FaultKind{
	ledger.ErrGap: Missing, ledger.ErrAltered: Altered, ledger.ErrOrder: Disordered, ledger.ErrBackdated: BackDated,
	ledger.ErrForeign: Foreign, ledger.ErrCut: Cut, ledger.ErrForked: Forked, ledger.ErrNotIncluded: NotInLog,
	ledger.ErrRewritten: Rewritten, ledger.ErrRolledBack: RolledBack,
}

// Report is what came of it.
type Report struct {
	// Faults are what does not fit: of the log, then of lines, then of what was seen before. None when all does.
	Faults []Fault
	// Shown is how many lines were looked at, Unlinked how many of them lie before From.
	Shown, Unlinked int
	// From and To are the numbers of the lines of the chain between which none is missing, Count how many it has.
	From, To, Count uint64
	// Size is that of the log.
	Size uint64
	// Witnesses is how many there are, Confirmed those that have signed within the last hour, At when the last one did;
	// zero when none ever did.
	Witnesses int
	Confirmed []string
	At        time.Time
	// Before is when this device first saw the log of this person; zero: it remembers nothing from before this.
	Before time.Time
	// Handed is the last step by which the log came from the key that this device knows to the one that it has; nil
	// where nobody says. HandedByBoth tells whether the keys before signed it, too; Continues whether what this device
	// saw stands in the log as it is.
	Handed       *ledger.Handover
	HandedByBoth bool
	Continues    bool
	// SeenBefore is the checkpoint that the device remembers, signed; empty when it remembers none.
	SeenBefore string
	// Remembers tells whether the device will know this one the next time.
	Remembers bool
	// JoinUnknown: whether all goes on from what was seen before could not be looked at now.
	JoinUnknown bool
	// Pending is how many lines are too new to stand in the log; Lost tells that the portal says that it lost lines of
	// some people.
	Pending int
	Lost    bool
	// Others is how many other devices of the person agree; Hands tells whether this one hands on what it saw.
	Others int
	Hands  bool
	// Kept is when the device kept the answer, zero for a fresh one.
	Kept time.Time
}

// Acceptable tells whether nothing is wrong but what may have been announced: that the log, or its witnesses, have
// other keys than they had, or that the portal lost lines.
func (r Report) Acceptable() bool {
	return len(r.Faults) > 0 && !slices.ContainsFunc(r.Faults, func(f Fault) bool {
		return f.Kind != LogKeyChanged && f.Kind != WitnessesChanged && f.Kind != LinesLost
	})
}

// Has tells whether something of a kind is wrong.
func (r Report) Has(kind FaultKind) bool {
	return slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Kind == kind })
}

// Good tells whether everything fits that could be looked at.
func (r Report) Good() bool { return len(r.Faults) == 0 }

// Whole tells whether the whole chain is there, from its first line to its last.
func (r Report) Whole() bool { return r.To == r.Count && (r.From == 1 || r.Count == 0) }

const (
	// confirmedFor is for how long a witness's word is fresh.
	confirmedFor = time.Hour
	// pendingFor is how long a line may take into the log.
	pendingFor = 10 * time.Minute
	// slice is for how long the page may be kept from anything else.
	slice = 8 * time.Millisecond
)

// Checked is an answer that was looked at, for who wants to remember it.
type Checked struct {
	Report     Report
	checkpoint ledger.Checkpoint
	joined     bool // the log goes on from what was seen
	chain      Known
}

// Check looks at an answer, with what the device remembers (the zero Seen for nothing), the proof that the log went
// on from there, and what else was fetched of the chain. It rests now and then, so that the page goes on.
func Check(ctx context.Context, a Answer, seen Seen, growth Growth, past Past, now time.Time) Checked {
	c := &checker{answer: a, seen: seen, now: now, rested: time.Now()}
	c.report.Kept, c.report.Count, c.report.Shown = a.Kept, a.Heads[a.Chain].Count, len(a.Entries)
	c.keys()
	if c.open() {
		c.grown(growth)
		c.losses() // before anything is called a fork
		c.past(ctx, past)
		c.shown(ctx)
		c.heads()
	}
	return Checked{c.report, c.newest, c.joined, c.chain}
}

type checker struct {
	answer     Answer
	seen       Seen
	now        time.Time
	rested     time.Time
	report     Report
	checkpoint ledger.Checkpoint // that the lines are proven against
	newest     ledger.Checkpoint
	joined     bool
	chain      Known  // all that is known of the chain by now
	lost       []Loss // as the log itself says
}

func (c *checker) fault(kind FaultKind, number uint64) {
	f := Fault{kind, number}
	if !slices.Contains(c.report.Faults, f) {
		c.report.Faults = append(c.report.Faults, f)
	}
}

// differs notes that something is not as this device saw it: that was lost, if the log itself says so since then.
func (c *checker) differs(kind FaultKind, number uint64) {
	if c.lostSince(c.seen.Size) {
		kind, number = LinesLost, 0
	}
	c.fault(kind, number)
}

// lostSince tells whether the log says that lines were lost that were there when it had a size, and said it later.
func (c *checker) lostSince(size uint64) bool {
	return slices.ContainsFunc(c.lost, func(l Loss) bool { return l.Index >= size && l.Lost.From < size })
}

// failed notes what a check of proto/ledger found.
func (c *checker) failed(err error, number uint64) {
	for is, kind := range faultOf {
		if errors.Is(err, is) {
			c.fault(kind, number)
			return
		}
	}
	c.fault(Unreadable, number)
}

// rest lets the page go on; false when nobody wants to know any more.
func (c *checker) rest(ctx context.Context) bool {
	if time.Since(c.rested) > slice {
		pause(ctx)
		c.rested = time.Now()
	}
	if ctx.Err() != nil {
		c.report.JoinUnknown = true
	}
	return ctx.Err() == nil
}

// keys are those that this device goes by: what it saw first.
func (c *checker) keys() {
	if c.seen.Empty() {
		return
	}
	if c.answer.LogKey != c.seen.LogKey {
		c.fault(LogKeyChanged, 0)
		if way, both := ledger.Handed(c.answer.Handovers, c.seen.LogKey, c.answer.LogKey); way != nil {
			c.report.Handed, c.report.HandedByBoth = &way[len(way)-1], both
		}
	}
	if !sameSet(c.answer.WitnessKeys, c.seen.WitnessKeys) {
		c.fault(WitnessesChanged, 0)
	}
}

func sameSet(a, b []string) bool {
	for _, one := range a {
		if !slices.Contains(b, one) {
			return false
		}
	}
	return len(a) == len(b)
}

// open opens the checkpoint. With a changed key it goes by what the portal says now, so that the rest is known, too.
func (c *checker) open() bool {
	log, err := ledger.NewLog(c.answer.LogKey)
	if err != nil {
		c.fault(Unreadable, 0)
		return false
	}
	var witnesses []*ledger.Witness
	for _, key := range c.answer.WitnessKeys {
		w, err := ledger.NewWitness(key)
		if err != nil {
			c.fault(Unreadable, 0)
			return false
		}
		witnesses = append(witnesses, w)
	}
	if c.checkpoint, err = ledger.OpenCheckpoint(c.answer.Checkpoint, log, witnesses); err != nil {
		c.fault(Unsigned, 0)
		return false
	}
	witnessed := c.checkpoint
	if c.answer.Witnessed != "" {
		if witnessed, err = ledger.OpenCheckpoint(c.answer.Witnessed, log, witnesses); err != nil {
			c.fault(Unsigned, 0)
			return false
		}
		if err := ledger.CheckConsistency(witnessed, c.checkpoint, c.answer.WitnessedProof); err != nil {
			c.failed(err, 0)
			return false
		}
	}
	c.newest = c.checkpoint
	if c.answer.Later != "" {
		if c.newest, err = ledger.OpenCheckpoint(c.answer.Later, log, witnesses); err != nil {
			c.fault(Unsigned, 0)
			return false
		}
		if err := ledger.CheckConsistency(c.checkpoint, c.newest, c.answer.LaterProof); err != nil {
			c.failed(err, 0)
			return false
		}
	}
	c.report.Size, c.report.Witnesses = c.newest.Size, len(witnesses)
	c.report.Confirmed = witnessed.Confirmed(c.now, confirmedFor)
	for _, by := range witnessed.Cosigned {
		if by.At.After(c.report.At) {
			c.report.At = by.At
		}
	}
	return true
}

// grown looks whether the log goes on from what was seen. An answer that the device kept may be older than that: then
// the log has gone on from the answer, which was looked at when it did.
func (c *checker) grown(g Growth) {
	before := ledger.Checkpoint{Size: c.seen.Size, Root: c.seen.root()}
	switch {
	case c.seen.Empty() || c.seen.LogKey != c.answer.LogKey && c.seen.origin() != c.newest.Origin:
		return // of a log of another name nothing was seen; under another key a tree goes on all the same
	case !c.answer.Kept.IsZero() && before.Size > c.newest.Size:
		return
	case before.Size < c.newest.Size && before.Size != 0 && (g.From != before.Size || g.To != c.newest.Size):
		c.report.JoinUnknown = true
		return
	}
	if err := ledger.CheckConsistency(before, c.newest, g.Proof); err != nil {
		c.failed(err, 0)
		return
	}
	c.joined, c.report.Continues = true, true
}

// past looks whether the chain has no gap, from what this device knows of it to its head.
func (c *checker) past(ctx context.Context, p Past) {
	head := c.answer.Heads[c.answer.Chain]
	known := c.seen.chain
	c.chain = known
	defer func() { c.report.From, c.report.To = c.chain.From, c.chain.To() }()
	if known.To() > head.Count {
		return // heads says so
	}
	end := head
	if n := len(p.Run); p.More && n > 0 {
		end = ledger.Head{Count: p.Run[n-1].Number, Last: p.Run[n-1].Commitment()}
		c.report.JoinUnknown = true
	}
	if !c.follows(ctx, p.Run, end) {
		return
	}
	switch {
	case len(p.Run) > 0 && known.Empty():
		c.chain = knownOf(p.Run)
	case p.Run != nil && (len(p.Run) == 0 || p.Run[0].Number != known.To()+1) && known.To() < head.Count:
		c.fault(Missing, known.To()+1)
		return
	case len(p.Run) > 0 && p.Run[0].Before() != known.head():
		c.differs(Forked, known.To())
		return
	case len(p.Run) > 0:
		c.chain = known.with(p.Run)
	case known.To() < head.Count:
		c.report.JoinUnknown = true
		return
	case !known.Empty() && known.head() != head:
		c.differs(Forked, head.Count)
		return
	}
	if p.Earlier != nil && len(p.Earlier) == 0 && c.chain.From > 1 {
		c.fault(Missing, c.chain.From-1)
	}
	if len(p.Earlier) > 0 && c.follows(ctx, p.Earlier, ledger.Head{Count: c.chain.From - 1, Last: c.chain.before()}) {
		c.chain = knownOf(p.Earlier).joined(c.chain)
	}
}

// follows looks whether lines come after one another, up to a head. No lines at all are no fault: none was fetched.
func (c *checker) follows(ctx context.Context, lines []ledger.Line, head ledger.Head) bool {
	for i, line := range lines {
		if !c.rest(ctx) {
			return false
		}
		if line.Chain != c.answer.Chain {
			c.fault(Foreign, line.Number)
			return false
		}
		end := ledger.Head{Count: line.Number, Last: line.Commitment()}
		if i == len(lines)-1 {
			end = head
		}
		if err := ledger.CheckChain(lines[max(0, i-1):i+1], end); err != nil {
			c.failed(err, line.Number)
			return false
		}
	}
	return true
}

// shown looks at each line that is shown: that it is the one of its number, and stands in the log.
func (c *checker) shown(ctx context.Context) {
	numbers := map[uint64]bool{}
	head, told := c.answer.Heads[c.answer.Chain]
	if !told && len(c.answer.Entries) > 0 {
		c.fault(Unreadable, 0)
		return
	}
	for _, e := range c.answer.Entries {
		if !c.rest(ctx) {
			return
		}
		known, within := c.chain.at(e.Number)
		switch {
		case e.Chain != c.answer.Chain || e.Number == 0:
			c.fault(Foreign, e.Number)
			continue
		case numbers[e.Number] || e.Number > head.Count:
			c.fault(Disordered, e.Number)
			continue
		case within && known != e.Commitment():
			c.differs(Altered, e.Number)
		case !within:
			c.report.Unlinked++
		}
		numbers[e.Number] = true
		c.included(e)
	}
}

func (c *checker) included(e Entry) {
	if e.Pending {
		c.report.Pending++
		by := c.report.At // a witness's clock, which is neither the portal's nor this device's
		if by.IsZero() {
			by = c.now
		}
		if by.Sub(time.UnixMilli(e.RecordedAt)) > pendingFor && c.answer.Kept.IsZero() {
			c.fault(NotInLog, e.Number)
		}
		return
	}
	if err := ledger.CheckInclusion(c.checkpoint, e.Index, e.Leaf(), e.Inclusion); err != nil {
		c.failed(err, e.Number)
	}
	if err := ledger.CheckRecorded(e.Line, e.Index, c.seen.Size, c.seen.Cosigned); err != nil {
		c.failed(err, e.Number)
	}
}

// heads looks whether the chains go on from what this device saw, and from what others say that they saw.
func (c *checker) heads() {
	for chain, before := range c.seen.heads() {
		if kind := c.head(chain, before); kind > 0 {
			c.differs(kind, before.Count)
		}
	}
	for _, other := range c.seen.others {
		ok := true
		for chain, before := range other.Heads {
			kind := c.head(chain, before)
			// What was lost since then is that device's matter: it tells of it when it looks again.
			if kind > 0 && !c.lostSince(other.Size) {
				c.fault(kind, before.Count)
			}
			ok = ok && kind == 0
		}
		if ok && len(other.Heads) > 0 {
			c.report.Others++
		}
	}
	if !c.seen.Empty() {
		c.report.Before = time.UnixMilli(c.seen.Since)
	}
}

// unknown is of a head of which it cannot be said now whether the chain goes on from it.
const unknown FaultKind = -1

// head says what does not fit a head that was seen before; 0 when it fits.
func (c *checker) head(chain ledger.Chain, before ledger.Head) FaultKind {
	now, told := c.answer.Heads[chain]
	known, within := ledger.Hash{}, false
	if chain == c.answer.Chain {
		known, within = c.chain.at(before.Count)
	}
	switch {
	case before.Count == 0 || !told && chain != c.answer.Chain: // the answer does not tell of it
	case !c.answer.Kept.IsZero() && now.Count < before.Count: // it was so when it was kept
	case now.Count < before.Count:
		return Cut
	case now.Count == before.Count && now.Last != before.Last, within && known != before.Last:
		return Forked
	case chain == c.answer.Chain && !within && now.Count > before.Count:
		c.report.JoinUnknown = true
		return unknown
	}
	return 0
}

func (c *checker) losses() {
	for _, l := range c.answer.Losses {
		c.report.Lost = true
		if err := ledger.CheckInclusion(c.checkpoint, l.Index, l.Bytes(), l.Inclusion); err != nil {
			c.failed(err, 0)
			continue
		}
		c.lost = append(c.lost, l)
	}
}
