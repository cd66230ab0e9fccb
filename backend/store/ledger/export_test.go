package ledger

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/proto/ledger"
)

// Writer writes a log by hand, a batch at a time.
type Writer = writer

func NewWriter(l *Log) *Writer { return &writer{Log: l} }

func (w *writer) Turn(ctx context.Context) (bool, error) { return w.turn(ctx) }

// StopAt has step called after each step of a batch.
func (l *Log) StopAt(step func(string)) { l.step = step }

func (l *Log) LeaseFor(d time.Duration) { l.lease = d }

func (l *Log) AskWitnesses(ctx context.Context) error { return l.askWitnesses(ctx) }

// Fill makes a log of so many leaves in a folder, as if it had grown there.
func Fill(ctx context.Context, dir string, l *Log, leaves uint64, leaf func(uint64) []byte) error {
	at := edge{}
	for at.size < leaves {
		var list [][]byte
		for i := at.size; i < min(leaves, at.size+tileWidth); i++ {
			list = append(list, leaf(i))
		}
		next, made := at.grown(list)
		for _, m := range made {
			if m.width < tileWidth && next.size < leaves {
				continue
			}
			path := filepath.Join(dir, m.name())
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(path, m.data, 0o600); err != nil {
				return err
			}
			if m.paths != nil {
				if err := l.tiles.writePaths(ctx, m.level, m.n, m.paths); err != nil {
					return err
				}
			}
		}
		at = next
	}
	for _, m := range at.open() { // also those that the last leaves did not touch
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(m.name())), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, m.name()), m.data, 0o600); err != nil {
			return err
		}
	}
	signed, err := l.sign(at)
	if err != nil {
		return err
	}
	for _, name := range []string{newest, published} {
		if err := os.WriteFile(filepath.Join(dir, name), signed, 0o600); err != nil {
			return err
		}
	}
	return l.DB.Tx(ctx, func(q *db.Queries) error {
		if err := q.LedgerSetSize(ctx, db.LedgerSetSizeParams{Name: l.name, Size: int64(leaves)}); err != nil {
			return err
		}
		_, err := q.LedgerSetNext(ctx, db.LedgerSetNextParams{Name: l.name, Next: int64(leaves)})
		return err
	})
}

// Prove proves a leaf by its index, in the log as it is.
func (l *Log) Prove(ctx context.Context, index uint64) ([]ledger.Hash, ledger.Checkpoint, error) {
	v, err := l.current(ctx)
	if err != nil {
		return nil, ledger.Checkpoint{}, err
	}
	proof, err := l.tiles.inclusion(ctx, v.Checkpoint, index)
	return proof, v.Checkpoint, err
}

// KeepAtHand has it keep no more than so many tiles.
func (l *Log) KeepAtHand(tiles int) { l.tiles.room = tiles }

// Forget has it ask the place for every tile anew.
func (l *Log) Forget() { l.tiles.forget() }
