package notice

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// BenchmarkList reads the first page of a folder with 1,000 notices beside so many of other people (BENCH_NOTICES to
// change the last).
func BenchmarkList(b *testing.B) {
	others := 100_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_NOTICES")); err == nil {
		others = n
	}
	for _, n := range []int{0, others} {
		b.Run(fmt.Sprintf("others=%d", n), func(b *testing.B) {
			w := newWorld(b, dbtest.SQLite(b))
			w.fill("hanako", 1000)
			for i := range n / 1000 {
				folder := fmt.Sprintf("other%d", i)
				w.folder(folder, "011002")
				w.fill(folder, 1000)
			}
			for _, c := range []struct {
				name string
				r    *portalv1.ListNoticesRequest
			}{{"all", nil}, {"unread", &portalv1.ListNoticesRequest{UnreadOnly: true}}} {
				b.Run(c.name, func(b *testing.B) {
					begin := cpu()
					b.RunParallel(func(p *testing.PB) {
						for p.Next() {
							if _, err := w.pages.ListNotices(as("hanako"), c.r); err != nil {
								b.Error(err)
								return
							}
						}
					})
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
					b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(b.N), "cpu-µs/req")
				})
			}
		})
	}
}

// BenchmarkOpenAll opens every notice of somebody who has 10,000, title and text: what looking for words among them on
// the portal would take without an index.
func BenchmarkOpenAll(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	w.fill("hanako", 10_000)
	begin := cpu()
	for b.Loop() {
		all, err := w.db.Read().NoticesOfFolder(ctx, "hanako")
		if err != nil || len(all) != 10_000 {
			b.Fatal(len(all), err)
		}
	}
	b.ReportMetric(float64((cpu()-begin).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// fill gives a folder so many notices, a tenth of them unread.
func (w *world) fill(folder string, n int) {
	w.t.Helper()
	body := strings.Repeat("本文です。", 200)
	w.tx(func(q *db.Queries) error {
		for i := range n {
			at := w.clock.UnixMilli() + int64(i)
			id := fmt.Sprintf("n%s%04d", folder, i)
			_, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
				FolderID: folder, ID: id, OfficeID: "nenkin", Reference: folder + fmt.Sprint(i), Title: "題",
				Body: body, SentAt: at,
			})
			if err == nil && i%10 != 0 {
				_, err = q.NoticeMarkRead(ctx, db.NoticeMarkReadParams{FolderID: folder, ID: id, ReadAt: at})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
