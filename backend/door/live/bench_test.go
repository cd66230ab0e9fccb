package live

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// BenchmarkArrival tells one person that something arrived, while so many streams of other people are open in this
// process (BENCH_STREAMS to change the last): from the transaction to the person's stream. It must cost the same, and a
// stream must hold less than 10 KB, its goroutine included. The nation is told too, where each stream must hear.
func BenchmarkArrival(b *testing.B) {
	most := 100_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_STREAMS")); err == nil {
		most = n
	}
	municipality.Warm()
	for _, n := range []int{0, most / 100, most} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			d := newStore(b, dbtest.SQLite(b))
			h := New(d)
			ctx, stop := context.WithCancel(b.Context())
			var open sync.WaitGroup
			heard := new(atomic.Int64)
			before := used()
			for i := range n {
				s, err := h.enter(fmt.Sprint("other ", i), "session")
				if err != nil {
					b.Fatal(err)
				}
				h.mu.Lock()
				h.find(s, 0, []string{meguro})
				h.mu.Unlock()
				open.Go(func() {
					defer s.Close()
					for {
						if _, err := s.Next(ctx); err != nil {
							return
						}
						heard.Add(1)
					}
				})
			}
			a := float64(used()-before) / 1024 / float64(max(n, 1))
			if n > 0 && a >= 10 {
				b.Errorf("a stream holds %.1f KB", a)
			}
			s := subscribe(b, h, "hanako")
			look(b, h)
			arrive := func(whom string) {
				told(b, d, whom, notice, "")
				look(b, h)
				if whom == "hanako" && words(s.take()) != "NOTICE" {
					b.Error("it was not told")
				}
			}
			b.Run("person", func(b *testing.B) {
				begin := cpu()
				for b.Loop() {
					arrive("hanako")
				}
				b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(b.N), "cpu-µs/arrival")
				if n > 0 {
					b.ReportMetric(a, "KB/stream")
				}
			})
			if got := heard.Load(); got != 0 {
				b.Errorf("others heard %d times what is one person's", got)
			}
			b.Run("nation", func(b *testing.B) {
				for b.Loop() {
					arrive("@")
				}
			})
			stop()
			open.Wait()
		})
	}
}

// used is what this process holds: heap and stacks.
func used() uint64 {
	var m runtime.MemStats
	for range 4 { // each one halves stacks that are too large
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkLook is what each process does once a second while nothing happens, with a table of changes of others' that
// are told already.
func BenchmarkLook(b *testing.B) {
	d := newStore(b, dbtest.SQLite(b))
	h := New(d)
	subscribe(b, h, "hanako")
	tx(b, d, func(q *db.Queries) error {
		for i := range 10_000 {
			if err := Tell(b.Context(), q, "taro", todo, fmt.Sprint(i)); err != nil {
				return err
			}
		}
		return nil
	})
	look(b, h)
	for b.Loop() {
		look(b, h)
	}
}
