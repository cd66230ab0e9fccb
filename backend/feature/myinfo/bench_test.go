package myinfo

import (
	"cmp"
	"fmt"
	"os"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// BenchmarkOpen reads the first page of the list, and opens one answer, of a person who has so many; beside nobody, and
// in a store of a million people (MYINFO_PEOPLE says another number) of whom each has an answer.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("answers=%d", n), func(b *testing.B) { newWorld(b, dbtest.SQLite(b)).read(b, "hanako", n) })
	}
	b.Run("people", func(b *testing.B) {
		w := newWorld(b, dbtest.SQLite(b))
		w.strangers(cmp.Or(os.Getenv("MYINFO_PEOPLE"), "1000000"))
		for _, n := range []int{1, 100, 10_000} {
			person := fmt.Sprint("hanako", n)
			w.folder(person)
			b.Run(fmt.Sprintf("answers=%d", n), func(b *testing.B) { w.read(b, person, n) })
		}
	})
}

func (w *world) read(b *testing.B, person string, n int) {
	id := w.fill(person, n)
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.people.ListInfoRequests(w.as(person), &portalv1.ListInfoRequestsRequest{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.people.GetInfoAnswer(w.as(person), &portalv1.GetInfoAnswerRequest{Id: id}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// strangers fills the store with people who have one answer each. What it says nobody opens.
func (w *world) strangers(n string) {
	w.t.Helper()
	began := time.Now()
	dbtest.Exec(w.t, w.db, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+n+`)
		INSERT INTO folder SELECT 'stranger-' || i, '', '', 0, '131105', 'ja', '1', 0, 0, 0 FROM n`)
	dbtest.Exec(w.t, w.db, `INSERT INTO myinfo_request SELECT id, id, '`+pension+`', '16.record', rowid, randomblob(60),
		3, rowid, 0, 0, 1, 1, 1, rowid, 0, 0, FALSE, randomblob(700) FROM folder WHERE id LIKE 'stranger-%'`)
	w.t.Logf("%s people were written in %s", n, time.Since(began).Round(time.Second))
}

// fill gives a person so many answers, of thirty values each, and names the last.
func (w *world) fill(folder string, n int) string {
	w.t.Helper()
	id := ""
	w.tx(func(q *db.Queries) error {
		answer := &portalv1.InfoAnswer{Outcome: portalv1.InfoOutcome_INFO_OUTCOME_DATA, AsOf: "2026-11-26"}
		for r := range 10 {
			answer.Records = append(answer.Records, &portalv1.InfoRecord{Reference: fmt.Sprint(r),
				Values: []*portalv1.InfoValue{
					{Item: "16.scheme", State: portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT, Text: "厚生年金"},
					{Item: "16.months", State: portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT, Text: "163"},
					{Item: "16.acquired", State: portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT, Text: "2013-04-01"},
				}})
		}
		for i := range n {
			id = fmt.Sprintf("%s%026d", folder, i)
			row := db.MyinfoLine{Person: folder, ID: id}
			asked, err := w.people.store.write(w.t.Context(), q, placeOfWish(row),
				&portalv1.InfoWish{Detail: "16.record"})
			if err != nil {
				return err
			}
			at := w.clock.Add(time.Duration(i-n) * time.Minute).UnixMilli()
			err = q.MyinfoAsk(w.t.Context(), db.MyinfoAskParams{FolderID: folder, ID: id, OfficeID: pension,
				Detail: "16.record", Asked: asked, Now: at})
			if err != nil {
				return err
			}
			clear, err := proto.Marshal(answer)
			if err != nil {
				return err
			}
			place := Place{Folder: folder, Table: tableRequest, Column: "answer", Row: id}
			sealed, err := w.people.store.writeBytes(w.t.Context(), q, place, append(make([]byte, 32), clear...))
			if err != nil {
				return err
			}
			err = q.MyinfoAnswer(w.t.Context(), db.MyinfoAnswerParams{FolderID: folder, ID: id, Now: at, Outcome: 1,
				Answer: sealed})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return id
}
