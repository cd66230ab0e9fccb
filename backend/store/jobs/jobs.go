// Package jobs does later what a request causes: a job is a row, written in the transaction that causes it, leased by a
// worker of any instance, retried with growing pauses, and kept where a person can look at it when it is given up. It
// is not a scheduler, and knows nothing of what a job does.
//
// A job runs at least once. It runs twice only when a worker dies, or overruns its lease, between doing the work and
// saying so; a handler must bear that.
package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/seal"
)

const (
	lease       = 2 * time.Minute
	leaseMargin = 10 * time.Second // a handler is told to stop this much before its lease ends
	firstPause  = 2 * time.Second  // doubles with each attempt
	longPause   = time.Hour
	maxAttempts = 12 // about six hours in all
	lookEvery   = time.Second
	errorLength = 500
)

// Handler does one job. An error means: again later.
type Handler func(ctx context.Context, payload []byte) error

// Permanent marks an error that trying again does not mend.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells whether an error was so marked.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Enqueue writes a job into the transaction of q, to be run at once. A job that is about a person names their folder,
// with which it is erased; folderID is "" for one that is about nobody. The payload says where to look, never what is
// found there: a job may lie for long, and what it is about may have changed or gone when it is done.
func Enqueue(ctx context.Context, q *db.Queries, folderID, kind string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("writing a job of kind %s: %w", kind, err)
	}
	err = q.JobEnqueue(ctx, db.JobEnqueueParams{
		ID: rand.Text(), Kind: kind, Payload: string(data), RunAt: time.Now().UnixMilli(), FolderID: folderID,
	})
	if err != nil {
		return fmt.Errorf("enqueueing a job of kind %s: %w", kind, err)
	}
	return nil
}

var errSealed = errors.New("what the job says does not open")

// Runner leases jobs and runs them.
type Runner struct {
	db       *db.DB
	handlers map[string]Handler
	wake     chan struct{}
	now      func() time.Time
	pause    func(attempt int64) time.Duration
	every    time.Duration
}

// New makes a runner without handlers.
func New(d *db.DB) *Runner {
	return &Runner{
		db: d, handlers: map[string]Handler{}, wake: make(chan struct{}, 1), now: time.Now, pause: backoff,
		every: lookEvery,
	}
}

// Handle says who does the jobs of a kind. Call it before Run.
func (r *Runner) Handle(kind string, h Handler) {
	if _, twice := r.handlers[kind]; twice {
		panic("jobs: two handlers for " + kind)
	}
	r.handlers[kind] = h
}

// Wake makes an idle worker look at once; to be called after a transaction that enqueued something.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works with so many workers until ctx ends, and returns when the jobs under way have ended.
func (r *Runner) Run(ctx context.Context, workers int) {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() { r.work(ctx) })
	}
	running.Wait()
}

func (r *Runner) work(ctx context.Context) {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for ctx.Err() == nil {
		busy, err := r.one(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("jobs: the queue cannot be read", "error", err)
		}
		if busy && err == nil {
			r.Wake() // there may be more than one worker's worth
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// one leases a job and runs it; false when nothing is due.
func (r *Runner) one(ctx context.Context) (bool, error) {
	now := r.now().UnixMilli()
	waiting, err := r.db.Read().JobWaiting(ctx, now)
	if err != nil || !waiting {
		return false, err
	}
	var job db.Job
	err = r.db.Tx(ctx, func(q *db.Queries) error {
		var err error
		job, err = q.JobLease(ctx, db.JobLeaseParams{Until: r.now().Add(lease).UnixMilli(), Now: now})
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return false, nil // another worker was quicker
	}
	if err != nil {
		return false, fmt.Errorf("leasing a job: %w", err)
	}
	err = r.run(ctx, job)
	// What a job came to is written down even when the program is told to end.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := r.settle(settle, job, err, ctx.Err() != nil); err != nil {
		return true, fmt.Errorf("settling job %s: %w", job.ID, err)
	}
	return true, nil
}

func (r *Runner) run(ctx context.Context, job db.Job) (err error) {
	handler, ok := r.handlers[job.Kind]
	if !ok {
		return fmt.Errorf("nobody does jobs of kind %q", job.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			slog.Error("jobs: a handler panicked", "kind", job.Kind, "job", job.ID, "panic", p,
				"stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, lease-leaseMargin)
	defer cancel()
	if seal.IsSealedText(job.Payload) {
		return errSealed
	}
	return handler(ctx, []byte(job.Payload))
}

// settle writes down what a job came to. The end of the lease names the attempt: a worker that overran it changes
// nothing. Nor does one whose job was erased with its folder meanwhile: it is not written back.
func (r *Runner) settle(ctx context.Context, job db.Job, failure error, stopping bool) error {
	return r.db.Tx(ctx, func(q *db.Queries) error {
		var rows int64
		var err error
		now := r.now()
		switch {
		case failure == nil:
			rows, err = q.JobDone(ctx, db.JobDoneParams{ID: job.ID, LeaseUntil: job.LeaseUntil})
		case stopping:
			rows, err = q.JobGiveBack(ctx, db.JobGiveBackParams{
				ID: job.ID, LeasedUntil: job.LeaseUntil, RunAt: now.UnixMilli(),
			})
		case IsPermanent(failure) || job.Attempts >= maxAttempts:
			slog.Error("jobs: given up", "kind", job.Kind, "job", job.ID, "attempts", job.Attempts, "error", failure)
			rows, err = q.JobBury(ctx, db.JobBuryParams{
				ID: job.ID, LeasedUntil: job.LeaseUntil, DeadAt: now.UnixMilli(), LastError: short(failure),
			})
		default:
			pause := r.pause(job.Attempts)
			slog.Warn("jobs: failed, to be tried again", "kind", job.Kind, "job", job.ID, "attempts", job.Attempts,
				"in", pause, "error", failure)
			rows, err = q.JobRetry(ctx, db.JobRetryParams{
				ID: job.ID, LeasedUntil: job.LeaseUntil, RunAt: now.Add(pause).UnixMilli(), LastError: short(failure),
			})
		}
		if err == nil && rows == 0 {
			slog.Warn("jobs: a job outlived its lease or its folder", "kind", job.Kind, "job", job.ID)
		}
		return err
	})
}

// ReportDead says in the log how many jobs were given up, if any.
func (r *Runner) ReportDead(ctx context.Context) error {
	dead, err := r.db.Read().JobDeadCount(ctx)
	if err != nil {
		return fmt.Errorf("counting the jobs given up: %w", err)
	}
	if dead > 0 {
		slog.Warn("jobs were given up: `portal jobs` lists them, `portal jobs retry ID` has one tried again",
			"count", dead)
	}
	return nil
}

// Dead returns the jobs given up, the latest first.
func Dead(ctx context.Context, d *db.DB, limit int32) ([]db.Job, error) {
	return d.Read().JobDead(ctx, limit)
}

// Revive has a job that was given up tried again, from the beginning; false when there is no such job.
func Revive(ctx context.Context, d *db.DB, id string) (found bool, err error) {
	err = d.Tx(ctx, func(q *db.Queries) error {
		rows, err := q.JobRevive(ctx, db.JobReviveParams{ID: id, RunAt: time.Now().UnixMilli()})
		found = rows > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("having a job tried again: %w", err)
	}
	return found, nil
}

func backoff(attempt int64) time.Duration {
	pause := min(firstPause<<min(attempt-1, 20), longPause)
	return pause + mathrand.N(pause/4+1)
}

func short(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), errorLength)])
}
