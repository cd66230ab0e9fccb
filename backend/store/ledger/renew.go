package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/backend/store/db"
	"madoguchi/proto/ledger"
)

// handovers are the object with all handovers of a log, as JSON, the first one first.
const handovers = "handovers"

// ReadHandovers reads what everybody is told of how a log came to its key; none where none was renewed.
func ReadHandovers(ctx context.Context, place Place) (list []string, version string, err error) {
	data, version, err := place.Read(ctx, handovers)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading how the log came to its key: %w", err)
	}
	return list, version, nil
}

// Handovers tells, as everybody may know, how the log came to the key that it has.
func (l *Log) Handovers() []string { return l.handovers }

// keepHandovers has the database know them, too: they outlive a tree that is lost.
func keepHandovers(ctx context.Context, q *db.Queries, list []string) error {
	known, err := q.LedgerHandovers(ctx)
	if err != nil {
		return fmt.Errorf("reading how the log came to its key: %w", err)
	}
	if slices.Equal(known, list) || len(known) > len(list) {
		return nil
	}
	for i, signed := range list {
		if err := q.LedgerKeepHandover(ctx, db.LedgerKeepHandoverParams{Number: int64(i), Signed: signed}); err != nil {
			return fmt.Errorf("keeping how the log came to its key: %w", err)
		}
	}
	return nil
}

// Renewal is what a log needs to go on under another key. No portal may write it meanwhile.
type Renewal struct {
	DB    *db.DB
	Place Place // of a lost tree: where the log begins anew
	// Before is the key by which others know the log; By signs with it, nil when it is gone.
	Before note.Verifier
	Key    string // Before, as at /log/vkey
	By     *ledger.Signer
	Now    *ledger.Signer
	// Last is the log as somebody outside still has it of a lost tree. What the database knows of it is known anyhow.
	Last *ledger.Checkpoint
	// Earlier are the handovers of a lost tree that the database does not know, where somebody still has them.
	Earlier []string
	At      time.Time
}

// Known is what a database knows of the log that its lines stand in: the key by which others know it, and the last
// checkpoint, each "" when it never was told.
func Known(ctx context.Context, d *db.DB, name string) (key, signed string, err error) {
	state, err := d.Read().LedgerSequencer(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("asking what is known of the log: %w", err)
	}
	return state.Vkey, state.Signed, nil
}

// ErrRuns: a portal writes the log.
var ErrRuns = errors.New("a portal still writes the log: stop all of them, and wait for ten seconds")

// GoOn has the tree go on under a new key, after the one before came to be known to somebody, or was lost. What broke
// off is done to its end when it is begun again with the same keys.
func (r Renewal) GoOn(ctx context.Context) error {
	name := r.Before.Name()
	holder := rand.Text()
	err := r.DB.Tx(ctx, func(q *db.Queries) error {
		rows, err := q.LedgerLease(ctx, db.LedgerLeaseParams{
			Name: name, Holder: holder, Until: r.At.Add(time.Minute).UnixMilli(), Now: r.At.UnixMilli(),
		})
		if err == nil && rows != 1 {
			err = ErrRuns
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("taking the log over: %w", err)
	}
	if err := r.signAnew(ctx); err != nil {
		return err
	}
	return r.DB.Tx(ctx, func(q *db.Queries) error {
		return q.LedgerRelease(ctx, db.LedgerReleaseParams{Name: name, Holder: holder})
	})
}

func (r Renewal) signAnew(ctx context.Context) error {
	last, bound, err := r.read(ctx, newest)
	if err != nil {
		return err
	}
	before, shown, err := r.read(ctx, published)
	if err != nil {
		return err
	}
	if before.Size != last.Size {
		return errors.New("the log is in the middle of a step: start a portal once, so that it ends it, and stop it")
	}
	why := ledger.Stolen
	if r.By == nil {
		why = ledger.LostKey
	}
	if err := r.declare(ctx, why, last); err != nil {
		return err
	}
	text := ledger.FormatCheckpoint(ledger.Checkpoint{Origin: last.Origin, Size: last.Size, Root: last.Root})
	signed, err := note.Sign(&note.Note{Text: text}, r.Now)
	if err != nil {
		return fmt.Errorf("signing a checkpoint: %w", err)
	}
	if _, err := r.Place.Swap(ctx, newest, signed, bound); err != nil {
		return err
	}
	if err := r.Place.Remove(ctx, witnessed); err != nil { // witnesses cosigned it under the key before
		return err
	}
	if _, err = r.Place.Swap(ctx, published, signed, shown); err != nil {
		return err
	}
	return r.DB.Tx(ctx, func(q *db.Queries) error {
		err := q.LedgerSetKey(ctx, db.LedgerSetKeyParams{Name: r.Now.Name(), Vkey: r.Now.Key()})
		if err != nil {
			return err
		}
		return q.LedgerSetSize(ctx, db.LedgerSetSizeParams{
			Name: r.Now.Name(), Size: int64(last.Size), Signed: string(signed),
		})
	})
}

// ShownBy tells whether a log is shown under a key.
func ShownBy(ctx context.Context, place Place, by note.Verifier) (bool, error) {
	signed, _, err := place.Read(ctx, published)
	if err != nil {
		return false, err
	}
	_, err = ledger.OpenCheckpoint(string(signed), by, nil)
	return err == nil, nil
}

// read opens a checkpoint that one of the two keys has signed.
func (r Renewal) read(ctx context.Context, name string) (c ledger.Checkpoint, version string, err error) {
	signed, version, err := r.Place.Read(ctx, name)
	if err != nil {
		return c, "", err
	}
	if c, err = ledger.OpenCheckpoint(string(signed), r.Now, nil); err == nil {
		return c, version, nil
	}
	if c, err = ledger.OpenCheckpoint(string(signed), r.Before, nil); err != nil {
		return c, "", fmt.Errorf("the log outside of the database was not signed by the key before: %w", err)
	}
	return c, version, nil
}

// declare writes down for everybody that and why the key changes, unless that was done.
func (r Renewal) declare(ctx context.Context, why ledger.Why, last ledger.Checkpoint) error {
	list, version, err := ReadHandovers(ctx, r.Place)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if list, err = r.earlier(ctx); err != nil {
			return err
		}
	}
	if way, _ := ledger.Handed(list, r.Key, r.Now.Key()); way == nil {
		signed, err := ledger.SignHandover(ledger.Handover{
			Before: r.Key, Now: r.Now.Key(), Why: why, At: r.At, Last: last,
		}, r.Now, r.By)
		if err != nil {
			return fmt.Errorf("signing that the key changes: %w", err)
		}
		list = append(list, signed)
		data, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("writing that the key changes: %w", err)
		}
		if _, err := r.Place.Swap(ctx, handovers, data, version); err != nil {
			return err
		}
	}
	return r.DB.Tx(ctx, func(q *db.Queries) error { return keepHandovers(ctx, q, list) })
}

// earlier are the handovers by which the lost tree came to its key.
func (r Renewal) earlier(ctx context.Context) ([]string, error) {
	known, err := r.DB.Read().LedgerHandovers(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading how the log came to its key: %w", err)
	}
	if len(r.Earlier) > len(known) {
		return r.Earlier, nil
	}
	return known, nil
}

// BeginAnew has a log of another name begin, after the tree of the one before was lost: with all lines that are there,
// in the order of their time. What broke off is done to its end when it is begun again with the same keys.
func (r Renewal) BeginAnew(ctx context.Context) error {
	if name, err := NameOf(ctx, r.Place); err != nil || name != "" {
		return errors.Join(err, fmt.Errorf("there is a log already, %q: a new one begins where none is", name))
	}
	known, err := r.DB.Read().LedgerSequencer(ctx, r.Before.Name())
	given := errors.Is(err, db.ErrNotFound) // it was begun before, and the database is the new log's already
	if err != nil && !given {
		return fmt.Errorf("asking how far the database has come: %w", err)
	}
	if known.Until > r.At.UnixMilli() {
		return ErrRuns
	}
	if err := r.declare(ctx, ledger.Lost, r.last(known)); err != nil {
		return err
	}
	if !given {
		err := r.DB.Tx(ctx, func(q *db.Queries) error {
			if err := q.LedgerEndLog(ctx, r.Before.Name()); err != nil {
				return err
			}
			if err := requeue(ctx, q); err != nil {
				return err
			}
			return q.LedgerBegin(ctx, r.Now.Name())
		})
		if err != nil {
			return fmt.Errorf("giving the lines to the new log: %w", err)
		}
	}
	_, err = Open(ctx, Config{DB: r.DB, Place: r.Place, Signer: r.Now, Now: time.Now})
	return err
}

// last is the lost log as it is known: as the database has it, or as somebody outside does, if that is later.
func (r Renewal) last(known db.LedgerSequencer) ledger.Checkpoint {
	last, err := ledger.OpenCheckpoint(known.Signed, r.Before, nil)
	if err != nil { // signed by an earlier key yet, or by a portal that did not note it
		last = ledger.Checkpoint{Size: uint64(known.Size)}
	}
	if r.Last != nil && r.Last.Size >= last.Size {
		return *r.Last
	}
	return last
}

// requeue has the leaves of all lines wait. The commitment of a line is what the one after it has of it, or the head of
// the chain: no key is needed. What was counted of the undisclosed ones is not counted again.
func requeue(ctx context.Context, q *db.Queries) error {
	const atOnce = 1000
	if err := errors.Join(q.LedgerUnqueueAll(ctx), q.LedgerUnloseAll(ctx)); err != nil {
		return err
	}
	queue := func(line db.LedgerAllLinesRow, commitment []byte) error {
		leaf := ledger.Leaf{At: line.RecordedAt}
		copy(leaf.Commitment[:], commitment)
		return q.LedgerQueue(ctx, db.LedgerQueueParams{
			ID: line.ID, Leaf: leaf.Bytes(), RecordedAt: line.RecordedAt,
			Hidden: line.Chain == int64(ledger.Undisclosed) && line.Position == waits,
		})
	}
	var before *db.LedgerAllLinesRow
	end := func() error { // of a chain
		if before == nil {
			return nil
		}
		head, err := q.LedgerHead(ctx, db.LedgerHeadParams{FolderID: before.FolderID, Chain: before.Chain})
		if err != nil {
			return err
		}
		return queue(*before, head.Last)
	}
	for after := (db.LedgerAllLinesParams{Size: atOnce}); ; {
		rows, err := q.LedgerAllLines(ctx, after)
		if err != nil {
			return err
		}
		for i, row := range rows {
			if before != nil && before.FolderID == row.FolderID && before.Chain == row.Chain {
				err = queue(*before, row.Previous)
			} else {
				err = end()
			}
			if err != nil {
				return err
			}
			before = &rows[i]
		}
		if len(rows) < atOnce {
			break
		}
		after.FolderID, after.Chain, after.Number = before.FolderID, before.Chain, before.Number
	}
	if err := end(); err != nil {
		return err
	}
	return q.LedgerUnplaceAll(ctx)
}
