package application

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// BenchmarkSend sends signed applications, 16 at once, each of another person; what is sent is signed beforehand. The
// store holds as many before as the name says.
func BenchmarkSend(b *testing.B) {
	for _, stored := range []int{1, 1_000_000} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			w := newWorld(b, dbtest.SQLite(b))
			fill(b, w.db, stored)
			people := max(16, b.N/50)
			foldertest.Crowd(b, w.db, people)
			r := make([]*portalv1.SendApplicationRequest, b.N)
			for i := range r {
				r[i] = w.signed("yamada-hanako", w.filled(nil), nil)
			}
			who, err := w.people.examine(context.Background(), documentOf(w, r[0]), r[0].GetSignature())
			if err != nil {
				b.Fatal(err)
			}
			err = w.db.Tx(context.Background(), func(q *db.Queries) error {
				for n := range people {
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
				b.Fatal(err)
			}
			b.ResetTimer()
			var all sync.WaitGroup
			for lane := range 16 {
				all.Go(func() {
					for i := lane; i < b.N; i += 16 {
						folder, _ := foldertest.Nth(i % people)
						answer, err := w.people.SendApplication(w.as(folder), r[i])
						if err != nil || len(answer.GetFaults()) > 0 {
							b.Error(answer.GetFaults(), err)
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "applications/s")
		})
	}
}

// documentOf is what a request of w.signed has signed.
func documentOf(w *world, r *portalv1.SendApplicationRequest) []byte {
	answers, err := w.form.ReadAnswers(r.GetAnswers())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.document(answers, r, "", "")
}

// fill lays so many applications of somebody else's into the store.
func fill(b *testing.B, d *db.DB, count int) {
	b.Helper()
	foldertest.Open(b, d, "earlier")
	series := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", count)
	dbtest.Exec(b, d, "INSERT INTO application "+series+`SELECT 'earlier', 'a' || i, 'n' || i, '`+meguro+`', '`+meguro+
		`', 'inu-toroku', '1', 'P0001', 2, 1, i, i, i, i, 0, 1, 0, 0, FALSE, FALSE FROM n`)
	dbtest.Exec(b, d, "INSERT INTO application_sent "+series+`SELECT 'earlier', 'a' || i, 1, 's' || i, 'o' || i, i, 0,
		i, 'c' || i, zeroblob(2000), NULL, NULL FROM n`)
	dbtest.Exec(b, d, "INSERT INTO application_step "+series+`SELECT 'earlier', 'a' || i, 1, 'a' || i || '/1', '', zeroblob(40)
		FROM n`)
}
