package db_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// Of those who take turns each gets an answer of its own: what one is refused for after it has written, or what the
// database refuses of one, or a panic, leaves nothing behind, and takes nothing from the others.
func TestWhoTakesTurnsSpoilsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, errRefused := t.Context(), errors.New("refused")
		const many = 120
		results := make([]error, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				results[i] = d.Turn(ctx, func(q *db.Queries) error {
					line := db.LedgerQueueParams{ID: fmt.Sprintf("%03d", i), Leaf: []byte{1}}
					if err := q.LedgerQueue(ctx, line); err != nil {
						return err
					}
					switch i % 12 {
					case 3:
						return errRefused
					case 5:
						_, err := q.LedgerWaits(ctx) // an answer is needed between
						return errors.Join(err, errRefused)
					case 7:
						return q.LedgerQueue(ctx, line) // one twice
					case 9:
						panic("in a turn")
					}
					return nil
				})
			})
		}
		all.Wait()
		wrong, written := 0, map[string]bool{}
		rows, err := d.Read().LedgerNumbered(ctx, db.LedgerNumberedParams{FromPosition: -1, Size: 2 * many})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			written[row.ID] = true
		}
		for i, err := range results {
			good := i%12 != 3 && i%12 != 5 && i%12 != 7 && i%12 != 9
			refused := i%12 == 3 || i%12 == 5
			there := written[fmt.Sprintf("%03d", i)]
			if (err == nil) != good || errors.Is(err, errRefused) != refused || there != good {
				wrong++
				t.Errorf("the %d-th: %v, written: %v", i, err, there)
			}
		}
		if wrong == 0 && len(written) != many/12*8 {
			t.Error(len(written))
		}
	})
}

// A transaction of which a statement failed is not committed, whatever its fn makes of the error.
func TestAnErrorThatIsPassedOverCommitsNothing(t *testing.T) {
	d := dbtest.Postgres(t)
	line := db.LedgerQueueParams{ID: "one", Leaf: []byte{1}}
	for name, tx := range map[string]func(fn func(q *db.Queries) error) error{
		"alone":    func(fn func(q *db.Queries) error) error { return d.Tx(t.Context(), fn) },
		"in turns": func(fn func(q *db.Queries) error) error { return d.Turn(t.Context(), fn) },
	} {
		err := tx(func(q *db.Queries) error {
			_ = q.LedgerQueue(t.Context(), line)
			_ = q.LedgerQueue(t.Context(), line)
			_, _ = q.LedgerWaits(t.Context()) // sends them
			return nil
		})
		if err == nil {
			t.Errorf("%s: it was committed", name)
		}
		if _, err := d.Read().LedgerWaits(t.Context()); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: something is there: %v", name, err)
		}
	}
}
