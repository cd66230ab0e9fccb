package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"strconv"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	"madoguchi/proto/ledger"
)

// writer is what the portal with the lease knows of the log that it writes. The steps of a batch, after each of which
// the process may end, or sleep for long:
//
//	numbered   the leaves that wait have their positions, in the database
//	staged     they lie outside, under the name of the tree that they make
//	bound      the tree is signed, in exchange for the one before: from here on there is no other
//	tiled      their tiles are written
//	published  the checkpoint is shown
//	settled    the database has noted where the lines stand
//
// Whoever comes next goes on from what is bound. What was numbered and not bound is done again with the same positions.
type writer struct {
	*Log
	ready    bool // edge, bound and shown are those of the place
	edge     edge
	bound    string // version of newest
	shown    string // version of published
	leaseEnd time.Time
	full     bool // the last batch was as large as one may be: there is more
}

var errNotHolder = errors.New("another portal writes the log")

// turn writes one batch, if this portal is the one to write. busy says that there was something.
func (w *writer) turn(ctx context.Context) (busy bool, err error) {
	w.full = false
	now := w.Now()
	if now.After(w.leaseEnd.Add(-w.lease * 2 / 3)) {
		held, err := w.takeLease(ctx, now)
		if err != nil || !held {
			w.ready = false
			return false, err
		}
	}
	if !w.ready {
		if err := w.goOn(ctx); err != nil {
			return false, err
		}
		w.ready = true
	}
	err = w.batch(ctx, &busy)
	if errors.Is(err, ErrSwapped) || errors.Is(err, errNotHolder) {
		slog.WarnContext(ctx, "another portal has written the log; this one begins anew from there")
		w.ready, w.leaseEnd = false, time.Time{}
		return true, nil
	}
	return busy, err
}

func (w *writer) takeLease(ctx context.Context, now time.Time) (held bool, err error) {
	until := now.Add(w.lease)
	err = w.DB.Tx(ctx, func(q *db.Queries) error {
		rows, err := q.LedgerLease(ctx, db.LedgerLeaseParams{
			Name: w.name, Holder: w.holder, Until: until.UnixMilli(), Now: now.UnixMilli(),
		})
		held = rows == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("asking who writes the log: %w", err)
	}
	if held {
		w.leaseEnd = until
	}
	return held, nil
}

func (w *writer) batch(ctx context.Context, busy *bool) error {
	if err := w.number(ctx); err != nil {
		return err
	}
	w.step("numbered")
	rows, err := w.DB.Read().LedgerNumbered(ctx, db.LedgerNumberedParams{
		FromPosition: int64(w.edge.size), Size: batchSize,
	})
	if err != nil {
		return fmt.Errorf("reading the leaves that have their positions: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	*busy = true
	leaves := make([][]byte, len(rows))
	for i, row := range rows {
		if uint64(row.Position) != w.edge.size+uint64(i) {
			return fmt.Errorf("the leaf %d of the log is missing in the database", w.edge.size+uint64(i))
		}
		leaves[i] = row.Leaf
	}
	next, tiles := w.edge.grown(leaves)
	signed, err := w.sign(next)
	if err != nil {
		return err
	}
	if err := w.Place.Write(ctx, stage(next), bundle(leaves)); err != nil {
		return err
	}
	w.step("staged")
	version, err := w.Place.Swap(ctx, newest, signed, w.bound)
	if err != nil {
		w.ready = false // whether it was taken is not known: what is there says it
		return err
	}
	w.bound = version
	w.step("bound")
	if err := w.publish(ctx, next, tiles, signed); err != nil {
		return err
	}
	if err := w.settle(ctx, next.size, signed); err != nil {
		w.ready = false
		return err
	}
	w.step("settled")
	w.notePlaces(rows)
	w.show(&view{ledger.Checkpoint{Origin: w.name, Size: next.size, Root: next.root()}, string(signed), w.Now()})
	w.tidy(ctx, next, tiles)
	w.full = len(rows) == batchSize
	return nil
}

// stage names the leaves of a tree that may become the next.
func stage(next edge) string {
	root := next.root()
	return pending + strconv.FormatUint(next.size, 10) + "-" + hex.EncodeToString(root[:])
}

// number gives the leaves that wait their positions.
func (w *writer) number(ctx context.Context) error {
	_, err := w.DB.Read().LedgerWaits(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for leaves that wait: %w", err)
	}
	// Of two portals that do it at once both write how far it has come.
	err = w.DB.Snapshot(ctx, func(q *db.Queries) error {
		state, err := q.LedgerSequencer(ctx, w.name)
		if err != nil {
			return err
		}
		if state.Holder != w.holder {
			return errNotHolder
		}
		if uint64(state.Next) < w.edge.size { // an older copy of the database was put in place meanwhile
			return errNotHolder
		}
		count, err := q.LedgerNumber(ctx, db.LedgerNumberParams{Next: state.Next, Size: batchSize})
		if err != nil {
			return err
		}
		rows, err := q.LedgerSetNext(ctx, db.LedgerSetNextParams{
			Name: w.name, Next: state.Next + count, Before: state.Next, Holder: w.holder,
		})
		if err == nil && rows != 1 {
			err = errNotHolder
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("giving leaves their positions: %w", err)
	}
	return nil
}

// publish does what is to be done once a tree binds, however often: tiles first, then the checkpoint.
func (w *writer) publish(ctx context.Context, next edge, tiles []tile, signed []byte) error {
	for _, t := range tiles {
		if err := w.tiles.write(ctx, t); err != nil {
			return err
		}
		if t.width == tileWidth {
			w.tiles.keep(spot{t.level, t.n, t.width}, t.data)
		}
	}
	w.step("tiled")
	version, err := w.Place.Swap(ctx, published, signed, w.shown)
	if err != nil {
		w.ready = false
		return err
	}
	w.shown, w.edge = version, next
	w.step("published")
	return nil
}

// settle has the database note where the lines stand that are in the log now, and what was signed of it.
func (w *writer) settle(ctx context.Context, size uint64, signed []byte) error {
	err := w.DB.Snapshot(ctx, func(q *db.Queries) error { // who does it too takes the same leaves out of the queue
		if err := q.LedgerPlace(ctx, int64(size)); err != nil {
			return err
		}
		if err := q.LedgerPlaceLoss(ctx, int64(size)); err != nil {
			return err
		}
		hidden, err := q.LedgerHidden(ctx, int64(size))
		if err != nil {
			return err
		}
		months := map[string]int64{}
		for _, at := range hidden {
			months[monthOf(time.UnixMilli(at))]++
		}
		for month, lines := range months {
			if err := q.LedgerCountMonth(ctx, db.LedgerCountMonthParams{Month: month, Lines: lines}); err != nil {
				return err
			}
		}
		if err := q.LedgerUnqueue(ctx, int64(size)); err != nil {
			return err
		}
		return q.LedgerSetSize(ctx, db.LedgerSetSizeParams{Name: w.name, Size: int64(size), Signed: string(signed)})
	})
	if err != nil {
		return fmt.Errorf("noting where lines stand in the log: %w", err)
	}
	return nil
}

func monthOf(at time.Time) string { return at.In(clock.Japan).Format("2006-01") }

// tidy removes what nobody needs any more: what was staged, and the tiles that were not full of those that are now.
// Readers of an older tree are given a part of the full one.
func (w *writer) tidy(ctx context.Context, next edge, tiles []tile) {
	names := []string{stage(next)}
	for _, t := range tiles {
		if t.width == tileWidth {
			names = append(names, t.name()+".p")
		}
	}
	for _, name := range names {
		if err := w.Place.Remove(ctx, name); err != nil {
			slog.WarnContext(ctx, "something that nobody needs stays with the log", "cause", err)
		}
	}
}

// goOn finds out how far the log has come, finishes what whoever wrote before has bound, and brings the database up to
// it.
func (w *writer) goOn(ctx context.Context) error {
	last, version, err := w.newest(ctx)
	if err != nil {
		return err
	}
	signed, _, err := w.Place.Read(ctx, newest)
	if err != nil {
		return err
	}
	before, err := w.readPublished(ctx)
	if err != nil {
		return err
	}
	if w.edge, err = w.tiles.edgeOf(ctx, before); err != nil {
		return err
	}
	w.bound = version
	if before.Size < last.Size {
		if err := w.finishBound(ctx, last, signed); err != nil {
			return err
		}
	}
	return w.catchUp(ctx, last.Size, signed)
}

func (w *writer) readPublished(ctx context.Context) (c ledger.Checkpoint, err error) {
	signed, version, err := w.Place.Read(ctx, published)
	if errors.Is(err, fs.ErrNotExist) { // the process ended between the two of an empty log
		w.shown = ""
		return ledger.Checkpoint{Origin: w.name, Root: edge{}.root()}, nil
	}
	if err != nil {
		return c, err
	}
	w.shown = version
	return w.open(signed)
}

func (w *writer) finishBound(ctx context.Context, last ledger.Checkpoint, signed []byte) error {
	data, _, err := w.Place.Read(ctx, pending+strconv.FormatUint(last.Size, 10)+"-"+hex.EncodeToString(last.Root[:]))
	if err != nil {
		return fmt.Errorf("finishing what another began: %w", err)
	}
	leaves, err := unbundle(data)
	if err != nil {
		return err
	}
	next, tiles := w.edge.grown(leaves)
	if next.size != last.Size || next.root() != last.Root {
		return errors.New("what was staged of the log does not come to what was signed")
	}
	slog.InfoContext(ctx, "the log goes on from what was signed last", "size", last.Size)
	if err := w.publish(ctx, next, tiles, signed); err != nil {
		return err
	}
	w.tidy(ctx, next, tiles)
	return nil
}

// catchUp brings the database up to a log that has come further: what it knows of it is settled; and where it is an
// older copy, what it does not know is said to be lost, in the log itself.
func (w *writer) catchUp(ctx context.Context, size uint64, signed []byte) error {
	state, err := w.DB.Read().LedgerSequencer(ctx, w.name)
	if err != nil {
		return fmt.Errorf("asking how far the database has come: %w", err)
	}
	if uint64(state.Size) > size {
		return fmt.Errorf("%w: it has %d leaves there, and was signed with %d", ErrBehind, size, state.Size)
	}
	var there [][]byte // from state.Size on
	for from := uint64(state.Size); from < size; {
		list, err := w.tiles.entriesFrom(ctx, from, size)
		if err != nil {
			return err
		}
		there, from = append(there, list...), from+uint64(len(list))
	}
	err = w.DB.Tx(ctx, func(q *db.Queries) error { return w.compare(ctx, q, uint64(state.Size), there) })
	if err != nil {
		return fmt.Errorf("bringing the database up to the log: %w", err)
	}
	return w.settle(ctx, size, signed)
}

// compare looks, for each leaf of the log from one on, whether it is one of those that the database has on their way.
// What has a position that the log gave to another waits anew.
func (w *writer) compare(ctx context.Context, q *db.Queries, from uint64, there [][]byte) error {
	state, err := q.LedgerSequencer(ctx, w.name)
	if err != nil {
		return err
	}
	if state.Holder != w.holder {
		return errNotHolder
	}
	if uint64(state.Size) != from || len(there) == 0 {
		return nil // somebody was quicker, or all is said
	}
	rows, err := q.LedgerNumbered(ctx, db.LedgerNumberedParams{FromPosition: waits, Size: math.MaxInt32})
	if err != nil {
		return err
	}
	byLeaf := map[string]db.LedgerNumberedRow{}
	for _, row := range rows {
		byLeaf[string(row.Leaf)] = row
	}
	lost, size := ledger.Loss{}, int64(from)+int64(len(there))
	positions := map[string]int64{} // of the rows that the log has
	for i, leaf := range there {
		position := int64(from) + int64(i)
		if row, ok := byLeaf[string(leaf)]; ok {
			positions[row.ID] = position
			continue
		}
		if said, err := ledger.ParseLeaf(leaf); err == nil && said.Lost != nil { // an earlier loss, lost itself
			if err := lose(ctx, q, fmt.Sprintf("leaf-%d", position), said, position); err != nil {
				return err
			}
			continue
		}
		if lost.To == 0 {
			lost.From = uint64(position)
		}
		lost.To = uint64(position) + 1
	}
	next := size
	for _, row := range rows {
		position, inLog := positions[row.ID]
		switch {
		case inLog:
		case row.Position == next: // numbered, and not yet written
			position, next = next, next+1
		default:
			position = waits
		}
		if position == row.Position {
			continue
		}
		if err := q.LedgerGive(ctx, db.LedgerGiveParams{ID: row.ID, Position: position}); err != nil {
			return err
		}
	}
	if lost.To > 0 {
		if err := w.confess(ctx, q, lost); err != nil {
			return err
		}
	}
	_, err = q.LedgerSetNext(ctx, db.LedgerSetNextParams{
		Name: w.name, Next: next, Before: state.Next, Holder: w.holder,
	})
	return err
}

// waits is the position of a leaf that has none.
const waits = -1

// confess has the log itself say that it has leaves behind which nothing stands any more.
func (w *writer) confess(ctx context.Context, q *db.Queries, lost ledger.Loss) error {
	now := w.Now().UnixMilli()
	slog.WarnContext(ctx, "the database is an older copy: leaves of the log have nothing behind them any more, and "+
		"the log says so", "from", lost.From, "to", lost.To)
	leaf, id := ledger.Leaf{At: now, Lost: &lost}, lineID(now)
	if err := lose(ctx, q, id, leaf, waits); err != nil {
		return err
	}
	return q.LedgerQueue(ctx, db.LedgerQueueParams{ID: id, Leaf: leaf.Bytes(), RecordedAt: now})
}

func lose(ctx context.Context, q *db.Queries, id string, leaf ledger.Leaf, position int64) error {
	return q.LedgerLose(ctx, db.LedgerLoseParams{
		ID: id, FromPosition: int64(leaf.Lost.From), ToPosition: int64(leaf.Lost.To), RecordedAt: leaf.At,
		Position: position,
	})
}
