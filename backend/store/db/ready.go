package db

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// How long the answer of a probe holds, and how long a probe may take.
const (
	probeHolds   = 5 * time.Second
	probeTimeout = 5 * time.Second
)

// probe is the last try whether the store can write. Whoever asks while it runs, or soon after, shares what it came to.
type probe struct {
	mu    sync.Mutex
	began time.Time
	done  chan struct{} // closed when err holds; nil before the first
	err   error
	now   func() time.Time // nil is time.Now
}

// Ready tells whether the store can do its work now, by a write that means nothing: at most one in five seconds,
// however many ask.
func (d *DB) Ready(ctx context.Context) error {
	current := d.probe.current(func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
		defer cancel()
		return d.tx(ctx, func(q *Queries) error { return q.StoreCount(ctx, noteProbe) })
	})
	select {
	case <-current:
	case <-ctx.Done():
		return fmt.Errorf("waiting for a write: %w", ctx.Err())
	}
	d.probe.mu.Lock()
	defer d.probe.mu.Unlock()
	return d.probe.err
}

// current begins a try unless one runs or the last one still holds.
func (p *probe) current(try func() error) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now
	if p.now != nil {
		now = p.now
	}
	if p.done != nil {
		select {
		case <-p.done:
			if now().Sub(p.began) < probeHolds {
				return p.done
			}
		default:
			return p.done
		}
	}
	p.began = now()
	done := make(chan struct{})
	p.done = done
	go func() {
		err := try()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(done)
	}()
	return done
}
