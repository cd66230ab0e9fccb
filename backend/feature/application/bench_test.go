package application

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// crowd are the people who send.
const crowd = 64

// BenchmarkStored measures what may not depend on how many applications of others there are: in a store with one of
// them, and with a million, on SQLite and on PostgreSQL (.ci/with-postgres).
func BenchmarkStored(b *testing.B) {
	for _, engine := range []struct {
		name, bytes string // how so many bytes are made
		id          string // how an identifier is, as devices draw them
		settled     string // has what was laid in be as in a store that is a day old
		open        func(testing.TB) *db.DB
	}{
		{"sqlite", "zeroblob(%d)", "lower(hex(randomblob(16)))", "PRAGMA wal_checkpoint(TRUNCATE)", dbtest.SQLite},
		{"postgres", "decode(repeat('00', %d), 'hex')", "replace(CAST(gen_random_uuid() AS TEXT), '-', '')", "ANALYZE",
			dbtest.Postgres},
	} {
		for _, stored := range []int{1, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s-%d", engine.name, stored), func(b *testing.B) {
				w := newWorld(b, engine.open(b))
				fill(b, w.db, stored, engine.bytes, engine.id)
				foldertest.Crowd(b, w.db, crowd)
				dbtest.Exec(b, w.db, "INSERT INTO application "+series(200)+rows("hanako", "'h' || i", "i % 4"))
				dbtest.Exec(b, w.db, engine.settled)
				b.Run("Send", w.benchSend)
				b.Run("OfficeList", w.benchOfficeList)
				b.Run("OwnList", w.benchOwnList)
				b.Run("Tend", w.benchTend)
			})
		}
	}
}

// cpu is what the process has taken of the processors: the same however busy the machine is.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measured runs something b.N times, and says what of the processors each took.
func measured(b *testing.B, do func()) {
	b.Helper()
	begin := cpu(b)
	for range b.N {
		do()
	}
	b.ReportMetric(float64((cpu(b)-begin).Microseconds())/float64(b.N), "cpu-µs/op")
}

// benchSend sends signed applications, 16 at once, each of another person; what is sent is signed beforehand.
func (w *world) benchSend(b *testing.B) {
	r := make([]*portalv1.SendApplicationRequest, b.N)
	for i := range r {
		r[i] = w.signed("yamada-hanako", w.filled(nil), nil)
	}
	w.knowSigner(r[0])
	begin, filed := cpu(b), int(w.filed.Load())
	b.ResetTimer()
	w.sendAtOnce(r)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "applications/s")
	b.ReportMetric(float64(int(w.filed.Load())-filed)/float64(b.N), "tries/op")
	b.ReportMetric(float64((cpu(b)-begin).Microseconds())/float64(b.N), "cpu-µs/op")
	b.StopTimer()
	// All of them end, so that everybody may send more.
	dbtest.Exec(b, w.db, "UPDATE application SET closed_at = 1 WHERE closed_at = 0 AND folder_id <> 'hanako'")
}

// benchOfficeList lists a page of a hundred of an office's, from the beginning of what it has: all of it was laid in as
// if one transaction had written it, as no real ones are, and from the middle of one SQLite walks what stands before.
func (w *world) benchOfficeList(b *testing.B) {
	w.list(meguro, "") // once what was laid in has settled
	ctx, token := w.from(meguro), page.Of("applications", meguro).Token("0", "")
	request := &officev1.ListApplicationsRequest{PageSize: 100, PageToken: token}
	measured(b, func() {
		list, err := w.offices.ListApplications(ctx, request)
		if err != nil || len(list.GetApplications()) != 100 {
			b.Fatal(len(list.GetApplications()), err)
		}
	})
}

// benchOwnList lists what a person has sent: 200, of which 50 are open.
func (w *world) benchOwnList(b *testing.B) {
	measured(b, func() {
		list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
		if err != nil || len(list.GetApplications()) != mostListed {
			b.Fatal(len(list.GetApplications()), err)
		}
	})
}

// benchTend looks what is due, where nothing is.
func (w *world) benchTend(b *testing.B) {
	measured(b, func() {
		if err := w.people.Tend(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
}

// documentOf is what a request of w.signed has signed.
func documentOf(w *world, r *portalv1.SendApplicationRequest) []byte {
	answers, err := w.form.ReadAnswers(r.GetAnswers())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.document(answers, r, "", "")
}

func series(count int) string {
	return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", count)
}

// rows are applications of a folder, of which the office has heard; id and closed are SQL: what each is called, and
// which have ended.
func rows(folder, id, closed string) string {
	return "SELECT '" + folder + "', " + id + ", 'n-" + folder + "-' || i, '" + meguro + "', '" + meguro +
		"', 'inu-toroku', '1', 'P0001', 2, 1, i, i, i, 1, 0, " + closed + ", 0, 0, FALSE, FALSE FROM n"
}

// fill lays so many applications of somebody else into the store, that have ended, and how long the
// office took for each; bytes and id are how the engine makes them.
func fill(b *testing.B, d *db.DB, count int, bytes, id string) {
	b.Helper()
	foldertest.Open(b, d, "earlier")
	dbtest.Exec(b, d, "INSERT INTO application "+series(count)+rows("earlier", id, "1"))
	dbtest.Exec(b, d, "INSERT INTO application_sent SELECT folder_id, id, 1, id, "+id+", sent_at, 0, sent_at, '', "+
		fmt.Sprintf(bytes, 200)+", NULL, NULL FROM application WHERE folder_id = 'earlier'")
	dbtest.Exec(b, d, "INSERT INTO application_step SELECT folder_id, id, 1, id || '/1', '', "+fmt.Sprintf(bytes, 40)+
		" FROM application WHERE folder_id = 'earlier'")
	dbtest.Exec(b, d, "INSERT INTO application_pace "+series(count)+fmt.Sprintf(
		"SELECT '%s', 'inu-toroku', %d + i, 'p' || i, i %% 30 FROM n", meguro, time.Now().UnixMilli()))
}
