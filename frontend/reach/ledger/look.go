package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/chance"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/ledger"
)

// Evidence is the kind of what the device remembers of the log and of a person's chains.
const Evidence vault.Kind = "evidence"

func init() { vault.Declare(vault.Sort{Kind: Evidence, Sealed: true}) }

const (
	seenID  = "seen"
	chainID = "chain/"
	// ofWord is what devices hand one another.
	ofWord = "madoguchi ledger word 1"
	// vaultPatience is how long a vault is waited for that the session is about to open.
	vaultPatience = 30 * time.Second
	// atOnce is how many lines one call fetches, mostAhead how many are fetched after those that are known, and
	// mostBehind before them in one visit.
	atOnce     = 200
	mostAhead  = 4000
	mostBehind = 400
)

// portal answers; tests have one of their own.
var portal = func() portalv1web.LedgerService { return rpc.To(portalv1web.NewLedgerService) }

// Look checks lines of a chain against what stands in the same answer of the portal, what this device remembers, and
// what the person's other devices say; and remembers what it saw. kept is when the device kept the answer, zero for a
// fresh one. remembers tells that this device may keep something for the person: it is not shared.
func Look(
	ctx context.Context, chain ledger.Chain, lines []*portalv1.LedgerLine, state *portalv1.LedgerState, kept time.Time,
	remembers bool,
) Report {
	answer, err := answerOf(chain, lines, state, kept)
	if err != nil {
		return Report{Faults: []Fault{{Kind: Unreadable}}, Shown: len(lines), Kept: kept}
	}
	ctx = rpc.ByItself(ctx)
	l := &looker{answer: answer, era: vault.Era()}
	if remembers {
		l.load(ctx)
	}
	if kept.IsZero() {
		l.hear(ctx)
	}
	checked := l.check(ctx)
	if kept.IsZero() && ahead(answer, l.seen) && ctx.Err() == nil {
		// Another device, or another page here, has seen more than this answer tells. It may only be newer.
		if l.renew(ctx) {
			checked = l.check(ctx)
		}
	}
	checked.Report.Remembers, checked.Report.SeenBefore = l.open, l.seen.Checkpoint
	if l.open && kept.IsZero() && checked.Report.Good() && ctx.Err() == nil {
		checked.Report.Hands = l.keep(ctx, checked)
	}
	return checked.Report
}

type looker struct {
	answer Answer
	seen   Seen
	growth Growth
	past   Past
	era    int
	open   bool // the vault is, and what was seen is known
}

func answerOf(
	chain ledger.Chain, lines []*portalv1.LedgerLine, state *portalv1.LedgerState, kept time.Time,
) (a Answer, err error) {
	a = Answer{
		Chain: chain, Checkpoint: state.GetCheckpoint(), Witnessed: state.GetWitnessed(), LogKey: state.GetLogKey(),
		WitnessKeys: state.GetWitnessKeys(), Kept: kept, Handovers: state.GetHandovers(),
	}
	if a.Heads, err = headsOf(state); err != nil {
		return a, err
	}
	if a.WitnessedProof, err = ledger.Hashes(state.GetWitnessedConsistency()); err != nil {
		return a, err
	}
	for _, line := range lines {
		e := Entry{Index: line.GetIndex(), Pending: line.GetPending()}
		if e.Line, err = lineOf(line); err != nil {
			return a, err
		}
		if e.Inclusion, err = ledger.Hashes(line.GetInclusion()); err != nil {
			return a, err
		}
		a.Entries = append(a.Entries, e)
	}
	for _, loss := range state.GetLosses() {
		l := Loss{Index: loss.GetIndex(), Leaf: ledger.Leaf{
			At: loss.GetRecordedAt(), Lost: &ledger.Loss{From: loss.GetFrom(), To: loss.GetTo()},
		}}
		if l.Inclusion, err = ledger.Hashes(loss.GetInclusion()); err != nil {
			return a, err
		}
		a.Losses = append(a.Losses, l)
	}
	return a, nil
}

var errForm = errors.New("what the portal shows of the log is not of its form")

func headsOf(state *portalv1.LedgerState) (map[ledger.Chain]ledger.Head, error) {
	heads := map[ledger.Chain]ledger.Head{}
	for _, head := range state.GetHeads() {
		if len(head.GetLast()) != hashSize || head.GetChain() == 0 || head.GetChain() > 255 {
			return nil, errForm
		}
		heads[ledger.Chain(head.GetChain())] = ledger.Head{Count: head.GetCount(), Last: ledger.Hash(head.GetLast())}
	}
	return heads, nil
}

func lineOf(line *portalv1.LedgerLine) (l ledger.Line, err error) {
	previous := line.GetPrevious()
	if len(previous) == 0 {
		previous = make([]byte, hashSize) // of the first
	}
	if len(previous) != hashSize || len(line.GetSalt()) != ledger.SaltSize || line.GetKind() > 255 ||
		line.GetChain() > 255 {
		return l, errForm
	}
	return ledger.Line{
		Kind: ledger.Kind(line.GetKind()), Chain: ledger.Chain(line.GetChain()), Number: line.GetNumber(),
		Previous: ledger.Hash(previous), Salt: [ledger.SaltSize]byte(line.GetSalt()), RecordedAt: line.GetRecordedAt(),
		Content: line.GetContent(),
	}, nil
}

// ProofOf is what proves that a line stands in the log, with all that the line is; an error where it does not yet.
func ProofOf(line *portalv1.LedgerLine, state *portalv1.LedgerState) (ledger.Line, ledger.Proof, error) {
	if line.GetPending() || state.GetCheckpoint() == "" {
		return ledger.Line{}, ledger.Proof{}, ledger.ErrNotIncluded
	}
	own, err := lineOf(line)
	if err != nil {
		return own, ledger.Proof{}, err
	}
	inclusion, err := ledger.Hashes(line.GetInclusion())
	return own, ledger.Proof{
		Index: line.GetIndex(), Inclusion: inclusion, Checkpoint: confirmed(state), Extra: own.Opening(),
	}, err
}

// confirmed is the checkpoint with what witnesses signed of it, where they have seen that very one.
func confirmed(state *portalv1.LedgerState) string {
	text, _, _ := strings.Cut(state.GetCheckpoint(), "\n\n")
	if seen, _, signed := strings.Cut(state.GetWitnessed(), "\n\n"); signed && seen == text {
		return state.GetWitnessed()
	}
	return state.GetCheckpoint()
}

func chainIDOf(chain ledger.Chain) string { return chainID + string(rune('0'+chain)) }

// load reads what this device remembers. A vault that is not open yet is waited for; where there is none, nothing is
// remembered.
func (l *looker) load(ctx context.Context) {
	if !vault.Now().IsOpen() {
		awaitVault(ctx)
	}
	record, err := vault.Get(ctx, Evidence, seenID)
	switch {
	case errors.Is(err, vault.ErrNone), errors.Is(err, vault.ErrNotOurs):
		l.open = true // the device says by itself that something was put in its place
		return
	case err != nil:
		return
	}
	if l.seen, err = seenOf(record.Data); err != nil {
		app.Log("reading what was seen of the log: ", err)
		l.seen = Seen{}
	}
	if record, err = vault.Get(ctx, Evidence, chainIDOf(l.answer.Chain)); err == nil {
		l.seen.chain = chainOf(record.Data)
	}
	l.open = true
}

func awaitVault(ctx context.Context) {
	opened := make(chan struct{}, 1)
	defer vault.OnChange(func(vault.State) {
		select {
		case opened <- struct{}{}:
		default:
		}
	})()
	if vault.Now().IsOpen() {
		return
	}
	select {
	case <-opened:
	case <-ctx.Done():
	case <-time.After(vaultPatience):
	}
}

// hear asks what the person's other devices saw. What cannot be opened is none's: sealed by a card that was renewed
// since, or made up.
func (l *looker) hear(ctx context.Context) {
	l.seen.others = nil
	if !l.open {
		return
	}
	if !vault.HasOwn() {
		return // nothing could be opened
	}
	kept, err := portal().GetLedgerHeads(ctx, &portalv1.GetLedgerHeadsRequest{})
	if err != nil {
		app.Log("asking what other devices saw of the log: ", err)
		return
	}
	own := l.slot()
	for _, k := range kept.GetKept() {
		if k.GetDevice() == own {
			continue
		}
		for _, sealed := range splitSealed(k.GetHeads()) {
			plain, err := vault.OpenFromOwn(ctx, sealed, ofWord)
			if err != nil {
				continue
			}
			if word, err := wordOf(plain); err == nil {
				l.seen.others = append(l.seen.others, word)
			}
			break
		}
	}
}

// slot is by what name this device hands on what it saw.
func (l *looker) slot() string {
	if len(l.seen.Slot) == 0 {
		l.seen.Slot = chance.Bytes(16)
	}
	return hex.EncodeToString(l.seen.Slot)
}

// Accept has the device go by the keys that the portal names now, and by the chains as they are: the person was told
// that keys change, or that lines were lost. A log with another name is another log; one that goes on under another key
// is not. Where lines were lost, what was known of the chains is forgotten, and learnt anew.
func Accept(ctx context.Context, state *portalv1.LedgerState, lost bool) error {
	record, err := vault.Get(ctx, Evidence, seenID)
	if err != nil {
		return fmt.Errorf("reading what was seen of the log: %w", err)
	}
	seen, err := seenOf(record.Data)
	if err != nil {
		return fmt.Errorf("reading what was seen of the log: %w", err)
	}
	if name, _, _ := strings.Cut(state.GetCheckpoint(), "\n"); name != seen.origin() {
		seen.Size, seen.Root, seen.Checkpoint, seen.Cosigned = 0, nil, "", 0
	}
	seen.LogKey, seen.WitnessKeys = state.GetLogKey(), state.GetWitnessKeys()
	if lost {
		seen.Heads = nil
		for _, of := range []ledger.Chain{ledger.Exchanges, ledger.Usages} {
			if err := vault.Delete(ctx, Evidence, chainIDOf(of)); err != nil {
				return fmt.Errorf("forgetting what was known of a chain: %w", err)
			}
		}
	}
	packed, err := seen.packed()
	if err != nil {
		return fmt.Errorf("writing what was seen of the log: %w", err)
	}
	return vault.Put(ctx, Evidence, seenID, packed)
}

// newest is the last checkpoint that is known.
func (a Answer) newest() string {
	if a.Later != "" {
		return a.Later
	}
	return a.Checkpoint
}

func (l *looker) check(ctx context.Context) Checked {
	if l.answer.Kept.IsZero() {
		l.growth = l.grown(ctx, l.seen.Size)
		l.past = l.fetch(ctx)
	}
	return Check(ctx, l.answer, l.seen, l.growth, l.past, time.Now())
}

// grown asks for the proof that the log goes on from a size to that of the answer.
func (l *looker) grown(ctx context.Context, from uint64) Growth {
	now, err := ledger.ParseCheckpoint(l.answer.newest())
	if err != nil || from == 0 || from >= now.Size {
		return Growth{}
	}
	got, err := portal().GetLedgerState(ctx, &portalv1.GetLedgerStateRequest{OldSize: from, Size: now.Size})
	if err != nil {
		app.Log("asking how the log has grown: ", err)
		return Growth{}
	}
	proof, err := ledger.Hashes(got.GetState().GetConsistency())
	if err != nil {
		return Growth{}
	}
	return Growth{From: from, To: now.Size, Proof: proof}
}

// fetch fetches what lies between what is known of the chain and its head, and some of what lies before.
func (l *looker) fetch(ctx context.Context) (p Past) {
	head, known := l.answer.Heads[l.answer.Chain], l.seen.chain
	from := known.To() + 1
	if known.Empty() && head.Count > mostBehind {
		from = head.Count - mostBehind + 1
	}
	if head.Count >= from {
		to := min(head.Count, from+mostAhead-1)
		p.Run, p.More = l.span(ctx, from, to), to < head.Count
	}
	if !known.Empty() && known.From > 1 {
		begin := uint64(1)
		if known.From > mostBehind {
			begin = known.From - mostBehind
		}
		p.Earlier = l.span(ctx, begin, known.From-1)
	}
	return p
}

// span are lines of the chain: those that are shown anyhow are not asked for. None when some
// cannot be asked for; what the portal does not give although it was asked is missing.
func (l *looker) span(ctx context.Context, from, to uint64) []ledger.Line {
	there := map[uint64]ledger.Line{}
	for _, e := range l.answer.Entries {
		if e.Chain == l.answer.Chain {
			there[e.Number] = e.Line
		}
	}
	for begin := from; begin <= to; begin++ {
		if _, is := there[begin]; is {
			continue
		}
		end := min(begin+atOnce-1, to)
		got, err := portal().ListLedgerLines(ctx, &portalv1.ListLedgerLinesRequest{
			Chain: uint32(l.answer.Chain), From: begin, To: end,
		})
		if err != nil {
			app.Log("asking for lines of a chain: ", err)
			return nil
		}
		for _, line := range got.GetLines() {
			if one, err := lineOf(line); err == nil && one.Number >= begin && one.Number <= end {
				if _, shown := there[one.Number]; !shown {
					there[one.Number] = one
				}
			}
		}
		begin = end
	}
	lines := []ledger.Line{}
	for n := from; n <= to; n++ {
		if line, is := there[n]; is {
			lines = append(lines, line)
		}
	}
	return lines
}

// ahead tells whether somebody of the person's has seen more lines than the answer tells of, or a longer log.
func ahead(a Answer, s Seen) bool {
	now, err := ledger.ParseCheckpoint(a.Checkpoint)
	if err != nil {
		return false
	}
	if s.Size > now.Size {
		return true
	}
	all := []map[ledger.Chain]ledger.Head{s.heads()}
	for _, other := range s.others {
		all = append(all, other.Heads)
	}
	for _, heads := range all {
		for chain, head := range heads {
			if told, is := a.Heads[chain]; (is || chain == a.Chain) && head.Count > told.Count {
				return true
			}
		}
	}
	return false
}

// renew takes the state of the log and the heads as they are now, if the log goes on from that of the answer.
func (l *looker) renew(ctx context.Context) bool {
	before, err := ledger.ParseCheckpoint(l.answer.Checkpoint)
	if err != nil {
		return false
	}
	got, err := portal().GetLedgerState(ctx, &portalv1.GetLedgerStateRequest{OldSize: before.Size})
	if err != nil {
		app.Log("asking how the log is now: ", err)
		return false
	}
	now, err := answerOf(l.answer.Chain, nil, got.GetState(), time.Time{})
	if err != nil {
		return false
	}
	after, err := ledger.ParseCheckpoint(now.Checkpoint)
	if err != nil || after.Size < before.Size {
		return false
	}
	proof, err := ledger.Hashes(got.GetState().GetConsistency())
	if err != nil {
		return false // what the answer says stands, and is found wanting
	}
	l.answer.Heads, l.answer.Later, l.answer.LaterProof = now.Heads, now.Checkpoint, proof
	return true
}

// keep remembers what was seen, unless somebody else is at the page by now, and hands it to the person's other devices;
// false when there is no key for that.
func (l *looker) keep(ctx context.Context, checked Checked) (handed bool) {
	after := l.seen.after(l.answer, checked, time.Now().UnixMilli())
	packed, err := after.packed()
	if err != nil {
		return false
	}
	for id, data := range map[string][]byte{seenID: packed, chainIDOf(l.answer.Chain): after.chain.packed()} {
		if id != seenID && after.chain.Empty() {
			continue
		}
		if err := vault.PutIn(ctx, l.era, Evidence, id, data); err != nil {
			app.Log("remembering what was seen of the log: ", err)
			return false
		}
	}
	sealed, err := vault.SealForOwn(ctx, Word{after.heads(), after.Size}.packed(), ofWord)
	if err != nil {
		return false
	}
	if _, err = portal().KeepLedgerHeads(ctx, &portalv1.KeepLedgerHeadsRequest{
		Device: l.slot(), Heads: joinSealed(sealed),
	}); err != nil {
		app.Log("handing on what was seen of the log: ", err)
	}
	return err == nil
}
