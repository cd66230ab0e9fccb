package db_test

import (
	"errors"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// A transaction has one place, a later one a higher, and a reader is told of those alone that are committed.
func TestTransactionsTakeTheirPlaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		told := 0
		d.OnPlaced(func() { told++ })
		place := func(run func(q *db.Queries) error) (places []int64, err error) {
			err = d.Tx(t.Context(), func(q *db.Queries) error {
				places = nil
				for range 2 {
					place, err := q.Place(t.Context())
					if err != nil {
						return err
					}
					places = append(places, place)
				}
				return run(q)
			})
			return places, err
		}
		settled := func() int64 {
			t.Helper()
			settled, err := d.Settled(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return settled
		}
		first, err := place(func(*db.Queries) error { return nil })
		if err != nil || first[0] <= 0 || first[0] != first[1] {
			t.Fatalf("%v, %v", first, err)
		}
		failed := errors.New("no")
		if _, err := place(func(*db.Queries) error { return failed }); !errors.Is(err, failed) || told != 1 {
			t.Errorf("%v; told %d times", err, told)
		}
		if err := d.Tx(t.Context(), func(q *db.Queries) error {
			return q.StoreCount(t.Context(), "probe")
		}); err != nil || told != 1 {
			t.Errorf("of a transaction without a place: %v; told %d times", err, told)
		}
		second, err := place(func(q *db.Queries) error {
			own, err := q.Place(t.Context())
			if now := settled(); now > own { // from another connection
				t.Errorf("settled up to %d while %d runs", now, own)
			}
			return err
		})
		if err != nil || second[0] <= first[0] || told != 2 {
			t.Errorf("%v after %v, %v; told %d times", second, first, err, told)
		}
		if err := d.Erase(t.Context(), func(q *db.Queries) error {
			_, err := q.Place(t.Context())
			return err
		}); err != nil || told != 3 {
			t.Errorf("an erasure: %v; told %d times", err, told)
		}
		for settled() <= second[0] { // other databases of the server have their transactions
			if t.Context().Err() != nil {
				t.Fatal("never settled")
			}
		}
		if _, err := d.Read().Place(t.Context()); err == nil {
			t.Error("there is a place outside a transaction")
		}
	})
}
