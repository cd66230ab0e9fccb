package ledger_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// reporters is how many offices report at once, each waiting for the proof of what it reported.
const reporters = 256

const people = 500

const near = 100_000

// BenchmarkExchanges writes a line, waits until it stands in a signed checkpoint outside of the database, and has its
// proof, on either engine.
func BenchmarkExchanges(b *testing.B) {
	for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			d := open(b)
			foldertest.Crowd(b, d, people)
			exchanges(b, d, b.TempDir(), 0)
		})
	}
}

// BenchmarkLeaves does the same where the log has so many leaves already, and proves leaves drawn by lot. LEAVES names
// other numbers, separated by commas.
func BenchmarkLeaves(b *testing.B) {
	sizes := os.Getenv("LEAVES")
	if sizes == "" {
		sizes = "100000"
	}
	for size := range strings.SplitSeq(sizes, ",") {
		leaves, err := strconv.ParseUint(size, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		d, dir := dbtest.SQLite(b), b.TempDir()
		foldertest.Crowd(b, d, people)
		fill(b, open(b, d, inFolder(b, dir)), dir, leaves) // once, however often it is measured
		b.Run(size, func(b *testing.B) { exchanges(b, d, dir, leaves) })
	}
}

func exchanges(b *testing.B, d *db.DB, dir string, leaves uint64) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	l := open(b, d, inFolder(b, dir))
	ctx, stop := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() { l.Run(ctx) })
	defer writing.Wait()
	defer stop()
	content := make([]byte, 600)
	report := func(n int64) time.Duration {
		folder, _ := foldertest.Nth(int(n % people))
		began := time.Now()
		var ref store.Ref
		err := d.Tx(ctx, func(q *db.Queries) (err error) {
			ref, err = store.Append(ctx, q, folder, ledger.Exchanges, ledger.Exchange, time.Now(), content)
			return err
		})
		if err == nil {
			_, err = l.Wait(ctx, ref.ID)
		}
		if err != nil {
			b.Error(err)
		}
		return time.Since(began)
	}
	report(0)
	b.ResetTimer()
	began, burnt := time.Now(), cpuTime()
	var next atomic.Int64
	var reporting sync.WaitGroup
	took := make([][]time.Duration, reporters)
	for i := range reporters {
		reporting.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				took[i] = append(took[i], report(n))
			}
		})
	}
	reporting.Wait()
	b.StopTimer()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "exchanges/s")
	b.ReportMetric(float64((cpuTime()-burnt).Microseconds())/float64(b.N), "cpu-us/exchange") // whoever else is at work
	b.ReportMetric(float64(all[len(all)/2].Milliseconds()), "ms-p50")
	b.ReportMetric(float64(all[len(all)*95/100].Milliseconds()), "ms-p95")
	stop()
	writing.Wait()
	if leaves > 0 {
		b.ReportMetric(prove(b, l, leaves), "cpu-us/proof")
		// The same, of leaves that lie near one another: without what it costs to reach into much memory.
		b.ReportMetric(prove(b, l, min(leaves, near)), "cpu-us/proof-near")
	}
	b.ReportMetric(0, "ns/op")
}

func prove(b *testing.B, l *store.Log, leaves uint64) float64 {
	const proofs = 50000
	runtime.GC()
	burnt := cpuTime()
	for range proofs {
		if _, _, err := l.Prove(context.Background(), rand.Uint64N(leaves)); err != nil {
			b.Fatal(err)
		}
	}
	return float64((cpuTime() - burnt).Nanoseconds()) / 1000 / proofs
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fill(b *testing.B, l *store.Log, dir string, leaves uint64) {
	b.Helper()
	begun := time.Now()
	err := store.Fill(context.Background(), dir, l, leaves, func(n uint64) []byte {
		leaf := ledger.Leaf{At: int64(n)}
		copy(leaf.Commitment[:], fmt.Sprintf("%032d", n))
		return leaf.Bytes()
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d leaves in %v, in %s", leaves, time.Since(begun).Round(time.Second), filepath.Base(dir))
}
