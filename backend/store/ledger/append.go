// Package ledger keeps the lines of what happened to people, and the log that proves that none of them was altered,
// left out or put in later: one append-only log for all folders (proto/ledger), of which everybody may have a copy.
//
// A line is written in the transaction of what it tells of (Append). Some hundred milliseconds later its leaf stands in
// the log: one portal of those on a database, the one with the lease, numbers the leaves that wait, writes them outside
// of the database, and only then signs how far the log has come. What is signed leaves the process only when the place
// outside has taken it in exchange for what was there before, so that neither an older copy of the database nor a
// portal that slept through its lease makes a second log of the same name.
package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/proto/ledger"
)

// Ref names a line that was written.
type Ref struct {
	ID     string
	Number uint64 // in its chain
}

// ErrNoFolder: there is no such folder, or no more.
var ErrNoFolder = errors.New("there is no such folder to write a line of")

// MaxContent bounds what one line records.
const MaxContent = 64 << 10

// Append adds a line to a chain of a folder within the caller's transaction. Its leaf stands in the log soon after that
// is committed: Wait waits for it.
func Append(
	ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, kind ledger.Kind, at time.Time,
	content []byte,
) (Ref, error) {
	a := NewAppender(q)
	ref, err := a.Append(ctx, folderID, chain, kind, at, content)
	if err == nil {
		err = a.End(ctx)
	}
	return ref, err
}

// Appender adds lines within one transaction. However many a chain gets, it is counted and ended once.
type Appender struct {
	q    *db.Queries
	ends map[Chain]*end
}

// end is where a chain ends, with the lines that were added.
type end struct {
	ledger.Head
	recordedAt int64
}

// NewAppender begins with a transaction's first line.
func NewAppender(q *db.Queries) *Appender { return &Appender{q: q, ends: map[Chain]*end{}} }

// Append adds a line; each follows the one before.
func (a *Appender) Append(
	ctx context.Context, folderID string, chain ledger.Chain, kind ledger.Kind, at time.Time, content []byte,
) (Ref, error) {
	if len(content) > MaxContent {
		return Ref{}, fmt.Errorf("writing a line of the ledger: %d bytes are too many", len(content))
	}
	before, err := a.step(ctx, Chain{folderID, chain})
	if err != nil {
		return Ref{}, err
	}
	line := ledger.Line{
		Kind: kind, Chain: chain, Number: before.Count, Previous: before.Last,
		// A clock that was set back makes no line older than the one before.
		RecordedAt: max(at.UnixMilli(), before.recordedAt), Content: content,
	}
	_, _ = rand.Read(line.Salt[:])
	id := lineID(line.RecordedAt)
	if before.Last, err = write(ctx, a.q, folderID, id, line); err != nil {
		return Ref{}, fmt.Errorf("writing a line of the ledger: %w", err)
	}
	before.recordedAt = line.RecordedAt
	return Ref{ID: id, Number: line.Number}, nil
}

// Chain names a chain of a folder.
type Chain struct {
	FolderID string
	ledger.Chain
}

// Ahead asks where chains end that lines will probably be added to: of all together, and together with what else fn
// asks (db.Queries.Ahead).
func (a *Appender) Ahead(ctx context.Context, chains []Chain, fn func(q *db.Queries)) error {
	err := a.q.Ahead(ctx, func(q *db.Queries) {
		for _, of := range chains {
			_, _ = count(ctx, q, of)
		}
		fn(q)
	})
	if err != nil {
		return fmt.Errorf("counting lines of the ledger: %w", err)
	}
	for _, of := range chains {
		before, err := count(ctx, a.q, of)
		if err != nil {
			return err
		}
		before.Count-- // there is no line of it yet
		a.ends[of] = before
	}
	return nil
}

// step counts a line, and gives the chain as it was before it but for the count.
func (a *Appender) step(ctx context.Context, of Chain) (known *end, err error) {
	if known, ok := a.ends[of]; ok {
		known.Count++
		return known, nil
	}
	if known, err = count(ctx, a.q, of); err == nil {
		a.ends[of] = known
	}
	return known, err
}

func count(ctx context.Context, q *db.Queries, of Chain) (*end, error) {
	before, err := q.FolderLedgerStep(ctx, db.FolderLedgerStepParams{FolderID: of.FolderID, Chain: int64(of.Chain)})
	if errors.Is(err, db.ErrNotFound) {
		return nil, ErrNoFolder
	}
	if err != nil {
		return nil, fmt.Errorf("counting a line of the ledger: %w", err)
	}
	known := &end{recordedAt: before.RecordedAt}
	known.Count = uint64(before.Count)
	copy(known.Last[:], before.Last)
	return known, nil
}

// End writes where the chains end now. It belongs to the transaction, after its last line.
func (a *Appender) End(ctx context.Context) error {
	for of, at := range a.ends {
		if at.Count == 0 { // none was added
			unstep := db.LedgerUnstepParams{FolderID: of.FolderID, Chain: int64(of.Chain)}
			if err := a.q.LedgerUnstep(ctx, unstep); err != nil {
				return fmt.Errorf("taking back that a chain of the ledger begins: %w", err)
			}
			continue
		}
		err := a.q.LedgerSetHead(ctx, db.LedgerSetHeadParams{
			FolderID: of.FolderID, Chain: int64(of.Chain), Count: int64(at.Count), Last: at.Last[:],
			RecordedAt: at.recordedAt,
		})
		if err != nil {
			return fmt.Errorf("writing where a chain of the ledger ends: %w", err)
		}
	}
	return nil
}

func write(
	ctx context.Context, q *db.Queries, folderID, id string, line ledger.Line,
) (commitment ledger.Hash, err error) {
	commitment = line.Commitment()
	err = q.LedgerAdd(ctx, db.LedgerAddParams{
		FolderID: folderID, Chain: int64(line.Chain), Number: int64(line.Number), ID: id, Kind: int64(line.Kind),
		RecordedAt: line.RecordedAt, Previous: line.Previous[:], Body: append(line.Salt[:], line.Content...),
	})
	if err != nil {
		return commitment, err
	}
	return commitment, q.LedgerQueue(ctx, db.LedgerQueueParams{
		ID: id, Leaf: ledger.Leaf{At: line.RecordedAt, Commitment: commitment}.Bytes(), RecordedAt: line.RecordedAt,
		Hidden: line.Chain == ledger.Undisclosed,
	})
}

// lineID makes a name for a line. Those of later come later, so that what was written lately lies together.
func lineID(at int64) string {
	b := make([]byte, 18)
	_, _ = rand.Read(b[6:])
	for i := range 6 {
		b[i] = byte(at >> (8 * (5 - i)))
	}
	return hex.EncodeToString(b)
}
