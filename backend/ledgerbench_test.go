package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/feature/exchange"
	"madoguchi/backend/feature/usage"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/ledger/ledgertest"
	officev1 "madoguchi/proto/gen/office/v1"
)

const (
	readsASecond = 3000
	// The history of use goes into the ledger by a leaf a folder and minute. Here a second stands for the minute, so
	// that few seconds show what goes on for ever: so many people who read six things a second are as many leaves as
	// sixty times as many people who read six things a minute.
	aMinute, readers = time.Second, 500
	// So many calls of offices are under way, each with the reports of one application.
	reporters, inACall = 64, 5
)

// BenchmarkExchangesBesideReads has offices report exchanges as fast as they are answered with their proofs, the one
// that asked and the one that answered each for itself, while 3,000 reads a second are recorded, and proven a little
// later. A read is timed from when it was due.
func BenchmarkExchangesBesideReads(b *testing.B) {
	quiet(b)
	for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) { exchangesBesideReads(b, open(b)) })
	}
}

func exchangesBesideReads(b *testing.B, d *db.DB) {
	w := newBusy(b, d)
	w.report(0, 0) // the first waits for a log that begins
	aRead := w.readAlone()
	ctx, stop := context.WithCancel(b.Context())
	var beside sync.WaitGroup
	var reads []time.Duration
	leaves := 0
	beside.Go(func() { leaves = w.prove(ctx) })
	b.ResetTimer()
	began, burnt, alone := time.Now(), cpuTime(), w.recorded.Load()
	beside.Go(func() { reads = w.read(ctx) })
	reports := w.reportAll(b.N)
	took, recorded := time.Since(began), w.recorded.Load()-alone // what is under way is timed, and not counted
	stop()
	beside.Wait()
	b.StopTimer()
	b.ReportMetric(0, "ns/op")
	all := cpuTime() - burnt
	b.ReportMetric(all.Seconds()/took.Seconds(), "processors") // that it had of a shared machine
	// What this process burns, whoever else is at work on the machine; of PostgreSQL that is the portal's side alone.
	exchanges := float64(len(reports) * inACall / 2)
	b.ReportMetric(float64(aRead.Nanoseconds())/1000, "cpu-us/read")
	b.ReportMetric(float64((all-time.Duration(recorded)*aRead).Microseconds())/exchanges, "cpu-us/exchange")
	b.ReportMetric(exchanges/took.Seconds(), "exchanges/s")
	b.ReportMetric(float64(recorded)/took.Seconds(), "reads/s")
	b.ReportMetric(float64(leaves)/took.Seconds(), "leaves-of-reads/s")
	b.ReportMetric(w.behind().Seconds(), "s-unproven")
	for name, all := range map[string][]time.Duration{"report": reports, "read": reads} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-"+name+"-p50")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-"+name+"-p99")
	}
}

// readAlone is what a recorded read burns of a processor, with its share of the leaves that prove it, while nobody
// reports anything.
func (w *busy) readAlone() time.Duration {
	ctx, stop := context.WithTimeout(w.b.Context(), 4*time.Second)
	defer stop()
	var beside sync.WaitGroup
	burnt, before := cpuTime(), w.recorded.Load()
	beside.Go(func() { w.prove(ctx) })
	w.read(ctx)
	beside.Wait()
	return (cpuTime() - burnt) / time.Duration(max(1, w.recorded.Load()-before))
}

// busy is a portal's store with people, and offices that know all of them.
type busy struct {
	b       *testing.B
	db      *db.DB
	intake  *exchange.Intake
	usage   *usage.Service
	offices []string
	calling map[string]context.Context

	recorded atomic.Int64 // reads
}

func newBusy(b *testing.B, d *db.DB) *busy {
	b.Helper()
	log := ledgertest.New(b, d)
	w := &busy{b: b, db: d, calling: map[string]context.Context{}}
	_, w.intake = exchange.New(d, exchange.Needs{Log: log, Protected: protected}, time.Now)
	w.usage = usage.New(d, usage.Needs{Log: log}, time.Now)
	foldertest.Crowd(b, d, readers)
	for i := range 8 {
		id := fmt.Sprintf("office%d", i)
		officetest.Register(b, d, db.OfficeRegisterParams{ID: id, Duties: "person exchange"})
		w.offices, w.calling[id] = append(w.offices, id), officetest.Calling(b, d, id)
	}
	for i := range readers {
		folder, _ := foldertest.Nth(i)
		officetest.Introduce(b, d, folder, w.offices...)
	}
	return w
}

// reportAll has so many exchanges reported by both sides, and tells how long each call took.
func (w *busy) reportAll(exchanges int) []time.Duration {
	took := make([][]time.Duration, reporters)
	var next atomic.Int64
	var reporting sync.WaitGroup
	for i := range reporters {
		reporting.Go(func() {
			for n := next.Add(1); (n-1)*inACall < int64(exchanges); n = next.Add(1) {
				for side := range 2 {
					took[i] = append(took[i], w.report(int(n), side))
				}
			}
		})
	}
	reporting.Wait()
	return slices.Concat(took...)
}

// report is a call of the office that asked (0) or of the one that answered (1), about the exchanges for an
// application.
func (w *busy) report(application, side int) time.Duration {
	asker, provider := w.offices[application%8], w.offices[(application+1)%8]
	folder, _ := foldertest.Nth(application % readers)
	own, other := asker, provider
	if side == 1 {
		own, other = provider, asker
	}
	request := &officev1.ReportExchangesRequest{}
	at := time.Now().Add(-time.Minute).UnixMilli()
	for n := range inACall {
		request.Reports = append(request.Reports, &officev1.ExchangeReport{
			Report: fmt.Sprintf("R%d-%d", application, n), Number: fmt.Sprintf("B%d-%d", application, n),
			Person: officetest.Identifier(own, folder),
			Of: &officev1.ExchangeReport_Event{Event: &officev1.ExchangeEvent{
				Side: officev1.ExchangeSide(side + 1), OwnName: own,
				Other: &officev1.ExchangeOffice{Office: other, Name: other},
				Duty:  "child-allowance", Procedure: "claim", Info: "tax", Items: []string{"income", "dependants"},
				AskedAt: at, ProvidedAt: at + 2000, Result: officev1.ExchangeResult_EXCHANGE_RESULT_GIVEN,
				Condition: "令和7年度",
			}},
		})
	}
	began := time.Now()
	answer, err := w.intake.ReportExchanges(w.calling[own], request)
	if err != nil || len(answer.GetReports()) != inACall {
		w.b.Error(answer, err)
	}
	return time.Since(began)
}

// read has reads recorded by the clock until ctx ends, and tells how long each took from when it was due.
func (w *busy) read(ctx context.Context) []time.Duration {
	const hands = 256
	whole := context.WithoutCancel(ctx) // what was due is read
	due := make(chan time.Time, 10*readsASecond)
	took := make([][]time.Duration, hands)
	var next atomic.Int64
	var reading sync.WaitGroup
	for i := range hands {
		reading.Go(func() {
			for at := range due {
				folder, _ := foldertest.Nth(int(next.Add(1) % readers))
				by := act.By{Folder: folder, SessionHash: "s", Device: "D1", Browser: "Firefox, Linux"}
				err := w.db.Tx(whole, func(q *db.Queries) error {
					return act.Begin("notice.read", by, at).Note(whole, q, folder)
				})
				if err != nil {
					w.b.Error(err)
				}
				took[i] = append(took[i], time.Since(at))
				w.recorded.Add(1)
			}
		})
	}
	tick := time.NewTicker(time.Second / 100)
	defer tick.Stop()
	at := time.Now()
	for ctx.Err() == nil {
		for now := time.Now(); !at.After(now); at = at.Add(time.Second / readsASecond) {
			select {
			case due <- at:
			case <-ctx.Done():
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	close(due)
	reading.Wait()
	return slices.Concat(took...)
}

// prove makes leaves of what was read until ctx ends, and tells how many.
func (w *busy) prove(ctx context.Context) (leaves int) {
	look := time.NewTicker(aMinute / 10)
	defer look.Stop()
	for ctx.Err() == nil {
		n, err := w.usage.ProveDue(ctx, time.Now().Add(-aMinute))
		if err != nil && ctx.Err() == nil {
			w.b.Error(err)
		}
		if leaves += n; n > 0 {
			continue
		}
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	return leaves
}

// behind is for how long the oldest read that stands in no leaf has waited beyond its time.
func (w *busy) behind() time.Duration {
	now := time.Now()
	due, err := w.db.Read().UsageDue(w.b.Context(), db.UsageDueParams{Until: now.UnixMilli(), Size: 1})
	if err != nil || len(due) == 0 {
		w.b.Fatal("nothing was read: ", err)
	}
	return max(0, now.Sub(time.UnixMilli(due[0].Since))-aMinute)
}
