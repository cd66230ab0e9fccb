package exchange

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

// BenchmarkList reads the first page and one in the middle of the list, of a person who has so many exchanges.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{20, 1_000, 10_000} {
		b.Run(fmt.Sprintf("exchanges=%d", n), func(b *testing.B) {
			w := newWorld(b, dbtest.SQLite(b))
			w.fill("hanako", n)
			first, err := w.people.ListExchanges(w.as("hanako"), &portalv1.ListExchangesRequest{})
			if err != nil {
				b.Fatal(err)
			}
			for name, request := range map[string]*portalv1.ListExchangesRequest{
				"first":  {},
				"next":   {PageToken: first.GetNextPageToken()},
				"office": {Office: "日本年金機構"},
			} {
				b.Run(name, func(b *testing.B) {
					burnt := cpuTime()
					for b.Loop() {
						if _, err := w.people.ListExchanges(w.as("hanako"), request); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64((cpuTime()-burnt).Microseconds())/float64(b.N), "cpu-us/op")
				})
			}
		})
	}
}

// cpuTime is what this process burnt, whoever else is at work on the machine.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// fill gives a person so many exchanges, of two lines each, an hour apart.
func (w *world) fill(folder string, n int) {
	w.t.Helper()
	var last ledger.Ref
	for begun := 0; begun < n; begun += 500 {
		w.tx(func(q *db.Queries) error {
			for i := begun; i < min(n, begun+500); i++ {
				row := db.Exchange{FolderID: folder, Number: fmt.Sprintf("B%06d", i)}
				for _, side := range []portalv1.ExchangeSide{1, 2} {
					at := w.clock.Add(time.Duration(i-n) * time.Hour).UnixMilli()
					record := &portalv1.ExchangeRecord{
						Act: 1, Side: side, Office: meguro, Report: row.Number, Number: row.Number,
						Asker:    &portalv1.ExchangeParty{Office: meguro, Name: "目黒区長"},
						Provider: &portalv1.ExchangeParty{Office: matsumoto, Name: "松本市長"}, Duty: "child-allowance",
						Procedure: "claim", Info: "tax", Items: []string{"income"}, AskedAt: at, ProvidedAt: at + 1,
						Result: 1,
					}
					if i%50 == 0 {
						record.Provider = &portalv1.ExchangeParty{Office: pension, Name: "日本年金機構"}
					}
					ref, err := write(w.t.Context(), q, folder, chains.Exchanges, record, w.clock)
					if err != nil {
						return err
					}
					last = ref
					fill(&row, record, int64(ref.Number))
				}
				if err := put(w.t.Context(), q, row, true); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if _, err := w.people.needs.Log.Wait(w.t.Context(), last.ID); err != nil {
		w.t.Fatal(err)
	}
}
