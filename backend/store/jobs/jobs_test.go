package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

func enqueue(t *testing.T, d *db.DB, kind string, payloads ...any) {
	t.Helper()
	err := d.Tx(context.Background(), func(q *db.Queries) error {
		for _, p := range payloads {
			if err := Enqueue(context.Background(), q, "", kind, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start runs workers until the test ends.
func start(t *testing.T, r *Runner, workers int) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx, workers); close(done) }()
	t.Cleanup(func() { stop(); <-done })
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 20 s: %s", what)
		}
	}
}

func newRunner(d *db.DB) *Runner {
	r := New(d)
	r.every = 10 * time.Millisecond
	r.pause = func(int64) time.Duration { return time.Millisecond }
	return r
}

func empty(t *testing.T, d *db.DB) func() bool {
	return func() bool {
		waiting, err := d.Read().JobWaiting(context.Background(), time.Now().Add(24*time.Hour).UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		return !waiting
	}
}

func TestEachJobRunsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const count = 200
		var mu sync.Mutex
		ran := map[int]int{}
		var payloads []any
		for i := range count {
			payloads = append(payloads, i)
		}
		enqueue(t, d, "count", payloads...)
		for range 2 { // two instances
			r := newRunner(d)
			r.Handle("count", func(_ context.Context, payload []byte) error {
				var n int
				if err := json.Unmarshal(payload, &n); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				ran[n]++
				return nil
			})
			start(t, r, 3)
		}
		until(t, "every job done", empty(t, d))
		mu.Lock()
		defer mu.Unlock()
		if len(ran) != count {
			t.Errorf("%d of %d jobs ran", len(ran), count)
		}
		for n, times := range ran {
			if times != 1 {
				t.Errorf("job %d ran %d times", n, times)
			}
		}
	})
}

func TestFailedJobIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var tries atomic.Int64
		r := newRunner(d)
		r.Handle("flaky", func(context.Context, []byte) error {
			if n := tries.Add(1); n == 1 {
				return errors.New("not yet")
			} else if n == 2 {
				panic("worse")
			}
			return nil
		})
		enqueue(t, d, "flaky", nil)
		start(t, r, 2)
		until(t, "the job done", empty(t, d))
		if tries.Load() != 3 {
			t.Errorf("%d tries, want 3", tries.Load())
		}
	})
}

func TestHopelessJobIsBuried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var tries atomic.Int64
		r := newRunner(d)
		r.Handle("broken", func(context.Context, []byte) error { tries.Add(1); return errors.New("always") })
		r.Handle("hopeless", func(context.Context, []byte) error { return Permanent(errors.New("never")) })
		enqueue(t, d, "broken", nil)
		enqueue(t, d, "hopeless", nil)
		enqueue(t, d, "unknown", nil)
		start(t, r, 2)
		until(t, "all given up", empty(t, d))
		dead, err := Dead(context.Background(), d, 10)
		if err != nil || len(dead) != 3 {
			t.Fatalf("%d dead, %v", len(dead), err)
		}
		if tries.Load() != maxAttempts {
			t.Errorf("tried %d times, want %d", tries.Load(), maxAttempts)
		}
		for _, j := range dead {
			if j.LastError == "" || j.Kind == "hopeless" && j.Attempts != 1 {
				t.Errorf("%+v", j)
			}
		}
	})
}

func TestARevivedJobIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var mended atomic.Bool
		r := newRunner(d)
		r.Handle("broken", func(context.Context, []byte) error {
			if mended.Load() {
				return nil
			}
			return Permanent(errors.New("never"))
		})
		enqueue(t, d, "broken", nil)
		start(t, r, 1)
		until(t, "given up", empty(t, d))
		dead, err := Dead(ctx, d, 10)
		if err != nil || len(dead) != 1 {
			t.Fatalf("%v, %v", dead, err)
		}
		mended.Store(true)
		for i, want := range []bool{true, false} { // the second time it is not given up any more, and then gone
			if found, err := Revive(ctx, d, dead[0].ID); err != nil || found != want {
				t.Errorf("attempt %d: %v, %v", i, found, err)
			}
		}
		until(t, "done", empty(t, d))
		if dead, err := Dead(ctx, d, 10); err != nil || len(dead) != 0 {
			t.Errorf("%v, %v", dead, err)
		}
	})
}

func TestJobOfARolledBackTransactionIsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		undone := errors.New("undone")
		err := d.Tx(context.Background(), func(q *db.Queries) error {
			if err := Enqueue(context.Background(), q, "", "x", nil); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) || !empty(t, d)() {
			t.Errorf("%v, or a job is left", err)
		}
	})
}

func TestJobOfADeadWorkerIsTakenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		enqueue(t, d, "x", nil)
		ctx := context.Background()
		var job db.Job
		lease := func(now, until time.Time) error {
			return d.Tx(ctx, func(q *db.Queries) error {
				var err error
				job, err = q.JobLease(ctx, db.JobLeaseParams{Until: until.UnixMilli(), Now: now.UnixMilli()})
				return err
			})
		}
		now := time.Now()
		if err := lease(now, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		first := job
		if err := lease(now.Add(time.Second), now.Add(time.Hour)); !errors.Is(err, db.ErrNotFound) {
			t.Fatalf("a leased job was leased again: %v", err)
		}
		if err := lease(now.Add(2*time.Minute), now.Add(time.Hour)); err != nil || job.Attempts != 2 {
			t.Fatalf("%v, attempts %d", err, job.Attempts)
		}
		// The worker that was thought dead comes back: its lease counts no more.
		if err := New(d).settle(ctx, first, nil, false); err != nil {
			t.Fatal(err)
		}
		if empty(t, d)() {
			t.Error("a worker settled a job that is another's")
		}
	})
}

func TestStoppingGivesTheJobBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		enqueue(t, d, "slow", nil)
		started := make(chan struct{})
		r := newRunner(d)
		r.Handle("slow", func(ctx context.Context, _ []byte) error { close(started); <-ctx.Done(); return ctx.Err() })
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { r.Run(ctx, 1); close(done) }()
		<-started
		stop()
		<-done
		var job db.Job
		err := d.Tx(context.Background(), func(q *db.Queries) error {
			var err error
			job, err = q.JobLease(context.Background(), db.JobLeaseParams{
				Until: time.Now().Add(time.Minute).UnixMilli(), Now: time.Now().UnixMilli(),
			})
			return err
		})
		if err != nil || job.Attempts != 1 {
			t.Errorf("%v, attempts %d: the interrupted attempt should not count", err, job.Attempts)
		}
	})
}

func TestPausesGrow(t *testing.T) {
	for attempt, least := range map[int64]time.Duration{1: firstPause, 3: 4 * firstPause, 60: longPause} {
		if p := backoff(attempt); p < least || p > least*5/4+1 {
			t.Errorf("attempt %d waits %v", attempt, p)
		}
	}
}

// A job goes with the folder it is about, whether it waits, runs or was given up; who runs it then writes nothing back.
func TestJobsGoWithTheirFolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		tx := func(fn func(q *db.Queries) error) {
			t.Helper()
			if err := d.Tx(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		foldertest.Open(t, d, "F1")
		tx(func(q *db.Queries) error { return Enqueue(ctx, q, "F1", "hopeless", "F1") })
		outcomes := map[string]error{
			"done": nil, "failed": errors.New("not yet"), "given up": Permanent(errors.New("never")),
		}
		for kind := range outcomes {
			tx(func(q *db.Queries) error { return Enqueue(ctx, q, "F1", kind, "F1") })
		}
		tx(func(q *db.Queries) error { return Enqueue(ctx, q, "", "nobody's", nil) })
		r := newRunner(d)
		r.Handle("hopeless", func(context.Context, []byte) error { return Permanent(errors.New("never")) })
		for i := range outcomes {
			r.Handle(i, func(context.Context, []byte) error { return nil })
		}
		// The first is given up; the others are under way while the folder is closed.
		var under []db.Job
		tx(func(q *db.Queries) error {
			under = nil
			for range len(outcomes) + 2 {
				job, err := q.JobLease(ctx, db.JobLeaseParams{
					Until: time.Now().Add(time.Hour).UnixMilli(), Now: time.Now().UnixMilli(),
				})
				if err != nil {
					return err
				}
				under = append(under, job)
			}
			return nil
		})
		for _, job := range under {
			if job.Kind == "hopeless" {
				if err := r.settle(ctx, job, Permanent(errors.New("never")), false); err != nil {
					t.Fatal(err)
				}
			}
		}
		if dead, err := Dead(ctx, d, 10); err != nil || len(dead) != 1 {
			t.Fatalf("%v, %v", dead, err)
		}
		if err := d.Erase(ctx, func(q *db.Queries) error {
			_, err := q.FolderDelete(ctx, "F1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, stopping := range []bool{false, true} {
			for _, job := range under {
				if job.Kind == "nobody's" {
					continue
				}
				if err := r.settle(ctx, job, outcomes[job.Kind], stopping); err != nil {
					t.Error(err)
				}
			}
		}
		if dead, err := Dead(ctx, d, 10); err != nil || len(dead) != 0 {
			t.Errorf("given up and kept: %v, %v", dead, err)
		}
		var left []string
		tx(func(q *db.Queries) error {
			left = nil
			for {
				job, err := q.JobLease(ctx, db.JobLeaseParams{
					Until: time.Now().Add(9 * time.Hour).UnixMilli(), Now: time.Now().Add(2 * time.Hour).UnixMilli(),
				})
				if errors.Is(err, db.ErrNotFound) {
					return nil
				}
				if err != nil {
					return err
				}
				left = append(left, job.Kind)
			}
		})
		slices.Sort(left)
		if !slices.Equal(left, []string{"nobody's", db.DestroyKeyKind}) {
			t.Errorf("left: %v", left)
		}
		err := d.Tx(ctx, func(q *db.Queries) error { return Enqueue(ctx, q, "F1", "done", "F1") })
		if err == nil {
			t.Error("a closed folder gets jobs")
		}
	})
}

// A handler that takes longer than its lease is told to stop before the lease ends; another worker has the job then,
// and the first one's result counts no more.
func TestAHandlerOverrunsItsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var mu sync.Mutex
		enqueue(t, d, "slow", nil)
		clock := time.Now()
		now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
		slow, quick := newRunner(d), newRunner(d)
		slow.now, quick.now = now, now
		entered, leave := make(chan time.Time), make(chan struct{})
		slow.Handle("slow", func(ctx context.Context, _ []byte) error {
			end, _ := ctx.Deadline()
			entered <- end
			<-leave
			return errors.New("too late to count")
		})
		ran := 0
		quick.Handle("slow", func(context.Context, []byte) error { ran++; return nil })
		done := make(chan error)
		go func() { _, err := slow.one(ctx); done <- err }()
		select {
		case end := <-entered:
			if left := time.Until(end); left > lease-leaseMargin || left < time.Second {
				t.Errorf("it may take %v", left)
			}
		case err := <-done:
			t.Fatalf("nothing was run: %v", err)
		}
		if busy, err := quick.one(ctx); busy || err != nil {
			t.Errorf("a leased job was leased again: %v, %v", busy, err)
		}
		mu.Lock()
		clock = clock.Add(lease + time.Second)
		mu.Unlock()
		if busy, err := quick.one(ctx); !busy || err != nil || ran != 1 {
			t.Errorf("after the lease: %v, %v, ran %d times", busy, err, ran)
		}
		close(leave)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if !empty(t, d)() {
			t.Error("the job came back")
		}
	})
}
