package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// Proof proves a line that was written, by itself.
type Proof struct {
	ID   string
	Line ledger.Proof
}

// Wait returns once lines are in a signed checkpoint, with their proofs. The lines must have been committed. When ctx
// ends before, what was written is written all the same.
func (l *Log) Wait(ctx context.Context, ids ...string) ([]Proof, error) {
	look := time.NewTicker(lookAfter)
	defer look.Stop()
	positions := make([]int64, len(ids))
	for i := range positions {
		positions[i] = waits
	}
	for {
		changed := l.onChange()
		v, err := l.current(ctx)
		if err != nil {
			return nil, err
		}
		done, err := l.placed(ctx, ids, positions, int64(v.Size))
		if err != nil {
			return nil, err
		}
		if done {
			return l.prove(ctx, v, ids, positions)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the log: %w", context.Cause(ctx))
		case <-changed:
		case <-look.C:
		}
	}
}

func (l *Log) placed(ctx context.Context, ids []string, positions []int64, size int64) (bool, error) {
	for i, id := range ids {
		if positions[i] == waits {
			position, err := l.placeOf(ctx, id)
			if err != nil {
				return false, err
			}
			positions[i] = position
		}
		if positions[i] == waits || positions[i] >= size {
			return false, nil
		}
	}
	return true, nil
}

// placesAtHand is how many places a generation holds: more than come within the time that somebody waits.
const placesAtHand = 8 * batchSize

// notePlaces remembers where lines stand that this process has written.
func (l *Log) notePlaces(rows []db.LedgerNumberedRow) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.placedNow == nil || len(l.placedNow) >= placesAtHand {
		l.placedNow, l.placedOld = make(map[string]int64, placesAtHand), l.placedNow
	}
	for _, row := range rows {
		l.placedNow[row.ID] = row.Position
	}
}

// placeOf is where a line stands; waits while it does not. Of one that another process has written the database knows.
func (l *Log) placeOf(ctx context.Context, id string) (int64, error) {
	l.lock.Lock()
	position, known := l.placedNow[id]
	if !known {
		position, known = l.placedOld[id]
	}
	l.lock.Unlock()
	if known {
		return position, nil
	}
	position, err := l.DB.Read().LedgerPosition(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("asking where a line stands in the log: %w", err)
	}
	return position, nil
}

func (l *Log) prove(ctx context.Context, v *view, ids []string, positions []int64) ([]Proof, error) {
	proofs := make([]Proof, len(ids))
	for i, id := range ids {
		inclusion, err := l.tiles.inclusion(ctx, v.Checkpoint, uint64(positions[i]))
		if err != nil {
			return nil, err
		}
		proofs[i] = Proof{id, ledger.Proof{Index: uint64(positions[i]), Inclusion: inclusion, Checkpoint: v.signed}}
	}
	return proofs, nil
}

// MaxLines is how many lines are given at once.
const MaxLines = 500

// ErrHidden: the chain is shown to nobody.
var ErrHidden = errors.New("the undisclosed chain is not shown")

// Lines reads lines of a chain, from a number up to and including another, with their proofs against the newest
// checkpoint, which stands in the state. to is 0 for the end of the chain; of more than MaxLines the last are given.
// What was recorded this very moment is marked as pending. oldSize is the size of the log that the reader saw last.
func (l *Log) Lines(
	ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, from, to, oldSize uint64,
) ([]*portalv1.LedgerLine, *portalv1.LedgerState, error) {
	if chain == ledger.Undisclosed {
		return nil, nil, ErrHidden
	}
	v, state, err := l.state(ctx, q, folderID, oldSize)
	if err != nil {
		return nil, nil, err
	}
	// No further than the head that is told: what came since is the next answer's.
	last := uint64(0)
	for _, head := range state.GetHeads() {
		if head.GetChain() == uint32(chain) {
			last = head.GetCount()
		}
	}
	if to == 0 || to > last {
		to = last
	}
	if to >= MaxLines {
		from = max(from, to-MaxLines+1)
	}
	rows, err := q.LedgerLines(ctx, db.LedgerLinesParams{
		FolderID: folderID, Chain: int64(chain), FromNumber: int64(from), ToNumber: int64(to), Size: MaxLines,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading lines of the ledger: %w", err)
	}
	lines := make([]*portalv1.LedgerLine, len(rows))
	for i, row := range rows {
		if lines[i], err = l.line(ctx, v, row); err != nil {
			return nil, nil, err
		}
	}
	return lines, state, nil
}

// LinesOf is Lines for lines with these numbers, in the order of their numbers. Those that are not there are left out.
func (l *Log) LinesOf(
	ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, numbers []uint64,
) ([]*portalv1.LedgerLine, *portalv1.LedgerState, error) {
	if chain == ledger.Undisclosed {
		return nil, nil, ErrHidden
	}
	v, state, err := l.state(ctx, q, folderID, 0)
	if err != nil {
		return nil, nil, err
	}
	rows, err := rowsOf(ctx, q, folderID, chain, numbers)
	if err != nil {
		return nil, nil, err
	}
	lines := make([]*portalv1.LedgerLine, len(rows))
	for i, row := range rows {
		if lines[i], err = l.line(ctx, v, row); err != nil {
			return nil, nil, err
		}
	}
	return lines, state, nil
}

// rowsOf reads lines of a chain by their numbers, those that follow one another at once.
func rowsOf(
	ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, numbers []uint64,
) (rows []db.LedgerLine, err error) {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	for len(numbers) > 0 {
		together := 1
		for together < len(numbers) && together < MaxLines && numbers[together] == numbers[together-1]+1 {
			together++
		}
		found, err := q.LedgerLines(ctx, db.LedgerLinesParams{
			FolderID: folderID, Chain: int64(chain), FromNumber: int64(numbers[0]),
			ToNumber: int64(numbers[together-1]), Size: MaxLines,
		})
		if err != nil {
			return nil, fmt.Errorf("reading lines of the ledger: %w", err)
		}
		rows, numbers = append(rows, found...), numbers[together:]
	}
	return rows, nil
}

// Read reads lines of a chain by their numbers, in their order, without proof; also of the undisclosed chain, which
// whoever reads it shows to nobody.
func Read(
	ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, numbers ...uint64,
) ([]ledger.Line, error) {
	rows, err := rowsOf(ctx, q, folderID, chain, numbers)
	if err != nil {
		return nil, err
	}
	lines := make([]ledger.Line, len(rows))
	for i, row := range rows {
		if len(row.Body) < ledger.SaltSize {
			return nil, fmt.Errorf("the line %s of the ledger is damaged", row.ID)
		}
		lines[i] = ledger.Line{
			Kind: ledger.Kind(row.Kind), Chain: chain, Number: uint64(row.Number), RecordedAt: row.RecordedAt,
			Salt: [ledger.SaltSize]byte(row.Body), Content: row.Body[ledger.SaltSize:],
		}
		copy(lines[i].Previous[:], row.Previous)
	}
	return lines, nil
}

// ErrNoSuchSize: the log never had it, or not yet.
var ErrNoSuchSize = errors.New("the log has no such size")

// Grown proves that the log, when it had a size, went on from when it had a smaller one.
func (l *Log) Grown(ctx context.Context, from, to uint64) ([][]byte, error) {
	v, err := l.current(ctx)
	if err != nil {
		return nil, err
	}
	if from > to || to > v.Size {
		return nil, ErrNoSuchSize
	}
	grown, err := l.tiles.consistency(ctx, v.Size, from, to)
	return raw(grown), err
}

func (l *Log) line(ctx context.Context, v *view, row db.LedgerLine) (*portalv1.LedgerLine, error) {
	if len(row.Body) < ledger.SaltSize {
		return nil, fmt.Errorf("the line %s of the ledger is damaged", row.ID)
	}
	line := &portalv1.LedgerLine{
		Kind: uint32(row.Kind), Chain: uint32(row.Chain), Number: uint64(row.Number), Previous: row.Previous,
		Salt: row.Body[:ledger.SaltSize], Content: row.Body[ledger.SaltSize:], RecordedAt: row.RecordedAt,
	}
	if row.Position == waits || uint64(row.Position) >= v.Size {
		line.Pending = true
		return line, nil
	}
	inclusion, err := l.tiles.inclusion(ctx, v.Checkpoint, uint64(row.Position))
	if err != nil {
		return nil, err
	}
	line.Index, line.Inclusion = uint64(row.Position), raw(inclusion)
	return line, nil
}

func raw(hashes []ledger.Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	return list
}

// State tells of the log as it is, and of the heads of a folder's chains that are shown.
func (l *Log) State(
	ctx context.Context, q *db.Queries, folderID string, oldSize uint64,
) (*portalv1.LedgerState, error) {
	_, state, err := l.state(ctx, q, folderID, oldSize)
	return state, err
}

func (l *Log) state(
	ctx context.Context, q *db.Queries, folderID string, oldSize uint64,
) (*view, *portalv1.LedgerState, error) {
	v, err := l.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	state := &portalv1.LedgerState{Checkpoint: v.signed, LogKey: l.Signer.Key(), Handovers: l.handovers}
	for _, w := range l.Witnesses {
		state.WitnessKeys = append(state.WitnessKeys, w.Key())
	}
	if oldSize <= v.Size {
		state.OldSize = oldSize
		grown, err := l.tiles.consistency(ctx, v.Size, oldSize, v.Size)
		if err != nil {
			return nil, nil, err
		}
		state.Consistency = raw(grown)
	}
	if err := l.tellWitnessed(ctx, v, state); err != nil {
		return nil, nil, err
	}
	if err := l.tellLosses(ctx, q, v, state); err != nil {
		return nil, nil, err
	}
	months, err := q.LedgerMonths(ctx, monthOf(l.Now()))
	if err != nil {
		return nil, nil, fmt.Errorf("counting undisclosed lines: %w", err)
	}
	for _, m := range months {
		state.Months = append(state.Months, &portalv1.LedgerMonth{Month: m.Month, Undisclosed: m.Lines})
	}
	heads, err := q.LedgerHeads(ctx, folderID)
	if err != nil {
		return nil, nil, fmt.Errorf("reading where chains end: %w", err)
	}
	for _, h := range heads {
		if ledger.Chain(h.Chain) != ledger.Undisclosed {
			state.Heads = append(state.Heads, &portalv1.LedgerHead{
				Chain: uint32(h.Chain), Count: uint64(h.Count), Last: h.Last,
			})
		}
	}
	return v, state, nil
}

func (l *Log) tellLosses(ctx context.Context, q *db.Queries, v *view, state *portalv1.LedgerState) error {
	losses, err := q.LedgerLosses(ctx)
	if err != nil {
		return fmt.Errorf("reading what the log lost: %w", err)
	}
	for _, lost := range losses {
		if uint64(lost.Position) >= v.Size {
			continue
		}
		inclusion, err := l.tiles.inclusion(ctx, v.Checkpoint, uint64(lost.Position))
		if err != nil {
			return err
		}
		state.Losses = append(state.Losses, &portalv1.LedgerLoss{
			From: uint64(lost.FromPosition), To: uint64(lost.ToPosition), RecordedAt: lost.RecordedAt,
			Index: uint64(lost.Position), Inclusion: raw(inclusion),
		})
	}
	return nil
}

// tellWitnessed adds the newest checkpoint that witnesses have cosigned, and how the log grew from there.
func (l *Log) tellWitnessed(ctx context.Context, v *view, state *portalv1.LedgerState) error {
	signed, c, err := l.cosigned(ctx)
	if err != nil || signed == "" {
		return err
	}
	if c.Size > v.Size {
		return nil // published since this view was read
	}
	grown, err := l.tiles.consistency(ctx, v.Size, c.Size, v.Size)
	if err != nil {
		return err
	}
	state.Witnessed, state.WitnessedConsistency = signed, raw(grown)
	return nil
}

// Checkpoint is what everybody is shown: the newest, with the cosignatures that it has.
func (l *Log) Checkpoint(ctx context.Context) (string, error) {
	v, err := l.current(ctx)
	if err != nil {
		return "", err
	}
	signed, c, err := l.cosigned(ctx)
	if err == nil && signed != "" && c.Size == v.Size && c.Root == v.Root {
		return signed, nil
	}
	return v.signed, err
}
