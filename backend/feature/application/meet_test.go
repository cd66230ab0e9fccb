package application

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// knowSigner has J-LIS have said of everybody in the crowd that a signer is they.
func (w *world) knowSigner(r *portalv1.SendApplicationRequest) {
	w.t.Helper()
	who, err := w.people.examine(context.Background(), documentOf(w, r), r.GetSignature())
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Tx(context.Background(), func(q *db.Queries) error {
		for n := range crowd {
			folder, _ := foldertest.Nth(n)
			err := q.ApplicationSignerKnow(context.Background(), db.ApplicationSignerKnowParams{
				FolderID: folder, Issuer: who.card.Issuer, Serial: who.card.Serial,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// sendAtOnce has the crowd send, 16 at once.
func (w *world) sendAtOnce(r []*portalv1.SendApplicationRequest) {
	w.t.Helper()
	const lanes = 16
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			for i := lane; i < len(r); i += lanes {
				folder, _ := foldertest.Nth(i % crowd)
				answer, err := w.people.SendApplication(w.as(folder), r[i])
				if err != nil || len(answer.GetFaults()) > 0 {
					w.t.Error(answer.GetFaults(), err)
				}
			}
		})
	}
	all.Wait()
}

// PostgreSQL counts as read the whole page of an index in which a row was looked for, and lets one of two begin again
// that write where the other has read. So who sends has read nothing where others who send write.
func TestWhoSendsReadsNothingThatOthersWrite(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d := dbtest.Open(t, address)
	w := newWorld(t, d)
	pool, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	ctx := w.as("hanako")
	for range 2 { // the first of a person, and one more
		p, err := w.people.prepare(ctx, "hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		err = d.Tx(ctx, func(q *db.Queries) error {
			if err := w.people.put(ctx, q, p); err != nil {
				return err
			}
			// Of who writes applications alone: the log is written beside it.
			rows, err := pool.QueryContext(ctx, `SELECT relation::regclass, locktype FROM pg_locks
				WHERE mode = 'SIReadLock' AND pid = (SELECT pid FROM pg_locks
					WHERE relation = 'application'::regclass AND mode = 'RowExclusiveLock')`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var relation, kind string
				if err := rows.Scan(&relation, &kind); err != nil {
					return err
				}
				read++
				for _, written := range []string{"application", "job", "ledger_chain", "ledger_line", "live_"} {
					if strings.HasPrefix(relation, written) {
						t.Errorf("it has read of %s (%s)", relation, kind)
					}
				}
			}
			return rows.Err()
		})
		if err != nil || read == 0 {
			t.Fatalf("%d locks, %v", read, err)
		}
	}
}

// However many send at once, hardly one of them has to begin again.
func TestManySendAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		foldertest.Crowd(t, w.db, crowd)
		r := make([]*portalv1.SendApplicationRequest, 96)
		for i := range r {
			r[i] = w.signed("yamada-hanako", w.filled(nil), nil)
		}
		w.knowSigner(r[0])
		w.sendAtOnce(r)
		if tried := int(w.filed.Load()); tried > len(r)+len(r)/8 {
			t.Errorf("%d were tried %d times", len(r), tried)
		}
	})
}

// A person has so many open, and no more, however many are sent at once; what has ended makes room.
func TestOnlySoManyAreOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dbtest.Exec(t, w.db, "INSERT INTO application "+series(mostOpen-3)+rows("hanako", "'h' || i", "0"))
		dbtest.Exec(t, w.db, fmt.Sprintf("INSERT INTO application_open VALUES ('hanako', %d)", mostOpen-3))
		var all sync.WaitGroup
		var taken, refused atomic.Int64
		ids := make([]string, 8)
		for i := range ids {
			r := w.signed("yamada-hanako", w.filled(nil), nil)
			all.Go(func() {
				answer, err := w.people.SendApplication(w.as("hanako"), r)
				switch {
				case err == nil && len(answer.GetFaults()) == 0:
					taken.Add(1)
					ids[i] = answer.GetApplication().GetId()
				case reason(err) == portalv1.Reason_REASON_TOO_MANY:
					refused.Add(1)
				default:
					t.Error(answer.GetFaults(), err)
				}
			})
		}
		all.Wait()
		if taken.Load() != 3 || refused.Load() != 5 {
			t.Fatalf("%d are taken, %d refused", taken.Load(), refused.Load())
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: ids[0],
		}); err != nil {
			t.Fatal(err)
		}
		if err := w.decides(ids[1], "1", approved); err != nil {
			t.Fatal(err)
		}
		again := w.signed("yamada-hanako", w.filled(nil), nil)
		w.send("hanako", again)
		w.send("hanako", again) // the same counts once
		w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		_, err := w.people.SendApplication(w.as("hanako"), w.signed("yamada-hanako", w.filled(nil), nil))
		if reason(err) != portalv1.Reason_REASON_TOO_MANY {
			t.Errorf("one more than may be: %v", err)
		}
		// A count that is wrong keeps nobody out.
		dbtest.Exec(t, w.db, "UPDATE application SET closed_at = 1 WHERE id = '"+again.GetId()+"'")
		w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
	})
}
