package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// The order of transactions. Whoever writes down what happened, for others to read on from where they were, needs a
// number that rises. A sequence does not do: a transaction that drew a lower number may commit after one that drew a
// higher, and a reader who has gone on never sees it. So a transaction takes its place here, and a reader goes on to
// where all have ended (Settled), never further.

// placed is a transaction that may take its place.
type placed struct {
	DBTX
	with  *seals
	take  func(ctx context.Context, tx DBTX) (int64, error)
	place int64 // 0 before it was asked for
}

// Place is the place of this transaction among all: the same however often it asks, another's never, but of those that
// went together in their Turn. Only within Tx and
// Erase.
func (q *Queries) Place(ctx context.Context) (int64, error) {
	tx, ok := q.db.(*placed)
	if !ok {
		return 0, errors.New("taking a place among the transactions: this is none")
	}
	if tx.place > 0 {
		return tx.place, nil
	}
	place, err := tx.take(ctx, tx.DBTX)
	if err != nil {
		return 0, fmt.Errorf("taking a place among the transactions: %w", err)
	}
	tx.place = place
	return place, nil
}

// Settled is a place below which every transaction has ended: who reads after having asked sees all that those wrote
// which were committed.
func (d *DB) Settled(ctx context.Context) (int64, error) {
	place, err := d.order.settled(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking which transactions have ended: %w", err)
	}
	return place, nil
}

// OnPlaced has told called after each transaction of this process that took a place and was committed. It must not
// block.
func (d *DB) OnPlaced(told func()) {
	d.toldLock.Lock()
	defer d.toldLock.Unlock()
	d.told = append(d.told, told)
}

func (d *DB) transact(ctx context.Context, run runner, fn func(q *Queries) error) error {
	var last *placed
	err := run(ctx, func(q *Queries) error {
		last = &placed{DBTX: q.db, with: d.seals, take: d.order.take}
		return fn(New(last))
	})
	if err != nil || last.place == 0 {
		return err
	}
	d.toldLock.Lock()
	told := d.told
	d.toldLock.Unlock()
	for _, t := range told {
		t()
	}
	return nil
}

// order is how an engine counts.
type order struct {
	take    func(ctx context.Context, tx DBTX) (int64, error)
	settled func(ctx context.Context) (int64, error)
}

// sqliteOrder counts: there is one writer, so that transactions are committed in the order in which they count.
func sqliteOrder(reading DBTX) order {
	return order{
		take: func(ctx context.Context, tx DBTX) (int64, error) { return New(tx).StoreNextPlace(ctx) },
		settled: func(ctx context.Context) (int64, error) {
			last, err := New(reading).StoreNote(ctx, "place")
			return last + 1, err
		},
	}
}

// postgresOrder takes the server's own numbers of transactions (64 bits, which never come round again), and its word
// for which of them still run. A transaction that runs for long holds Settled back, also one on another database of the
// same server. Whoever reads what stands above it, too, and remembers what was there, waits for nobody.
func postgresOrder(pool *sql.DB) order {
	return order{
		take: func(ctx context.Context, tx DBTX) (place int64, err error) {
			whole, ok := tx.(*pipeline)
			if ok && whole.place > 0 { // of those who go together one has asked before
				return whole.place, nil
			}
			err = tx.QueryRowContext(ctx, "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)").Scan(&place)
			if ok && err == nil {
				whole.place = place
			}
			return place, err
		},
		settled: func(ctx context.Context) (place int64, err error) {
			const oldest = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
			err = pool.QueryRowContext(ctx, oldest).Scan(&place)
			return place, err
		},
	}
}
