package live

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	notice = portalv1.ChangeKind_CHANGE_KIND_NOTICE
	todo   = portalv1.ChangeKind_CHANGE_KIND_TODO
)

// rig is a watcher with one who listens for notices, and what came to them.
type rig struct {
	*watcher
	t    *testing.T
	came chan News
	say  chan error // what the listener answers
}

func newRig(t *testing.T) *rig {
	r := &rig{watcher: &watcher{loggedIn: true}, t: t, came: make(chan News), say: make(chan error)}
	r.listeners = []*listener{{kinds: []portalv1.ChangeKind{notice}, look: func(_ context.Context, n News) error {
		r.came <- n
		return <-r.say
	}}}
	return r
}

func (r *rig) message(position int64, everything bool, changes ...*portalv1.Change) {
	r.hear(r.t.Context(), &portalv1.WatchResponse{Position: position, Everything: everything, Changes: changes}, true)
}

// idle waits until the listener has nothing to do.
func (r *rig) idle() {
	for {
		r.mu.Lock()
		busy := r.listeners[0].busy
		r.mu.Unlock()
		if !busy {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWhoListensHearsTheirKindAndIsAskedOneAtATime(t *testing.T) {
	r := newRig(t)
	r.message(1, false, &portalv1.Change{Kind: todo}, &portalv1.Change{Kind: 99, About: "of a later portal"})
	r.idle()
	r.message(2, false, &portalv1.Change{Kind: notice, About: "a"}, &portalv1.Change{Kind: notice, About: "a"})
	if n := <-r.came; !slices.Equal(n.About, []string{"a"}) || n.Anything {
		t.Errorf("%+v", n)
	}
	// What comes while it looks waits, together.
	r.message(3, false, &portalv1.Change{Kind: notice, About: "b"})
	r.message(4, true, &portalv1.Change{Kind: notice})
	r.say <- nil
	if n := <-r.came; !slices.Equal(n.About, []string{"b", ""}) || !n.Anything {
		t.Errorf("%+v", n)
	}
	r.say <- nil
	r.idle()
	if r.heardLast() != 4 {
		t.Errorf("at %d", r.heardLast())
	}
}

// What could not be looked at is not lost: the next message brings it again, if only the heartbeat.
func TestWhoCouldNotLookIsToldAgain(t *testing.T) {
	r := newRig(t)
	r.message(1, false, &portalv1.Change{Kind: notice, About: "a"})
	<-r.came
	r.say <- errors.New("no network")
	r.idle()
	r.message(2, false)
	if n := <-r.came; !slices.Equal(n.About, []string{"a"}) {
		t.Errorf("%+v", n)
	}
	r.say <- errors.New("no network")
	r.idle()
	r.set(func() { r.loggedIn = false })
	r.message(3, false) // is late
	r.idle()
	if r.listeners[0].busy || !r.listeners[0].waiting.none() {
		t.Error("what was somebody's is told to the next")
	}
}

// Who logs in anew begins anew, and a message of the stream before is not heard any more.
func TestTheNextLoginBeginsAnew(t *testing.T) {
	r := newRig(t)
	r.message(7, false)
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	r.set(func() { r.loggedIn = false })
	r.hear(ctx, &portalv1.WatchResponse{Position: 8, Everything: true}, true)
	if r.heardLast() != 0 || ctx.Err() == nil || r.listeners[0].busy {
		t.Errorf("at %d", r.heardLast())
	}
}

func TestAPageWithoutAStreamAsksNowAndThen(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	p := pulse{}
	p.begin(start)
	asked := func(from, to time.Duration) (at []time.Duration) {
		for now := from; now < to; now += time.Second {
			if p.mustAsk(start.Add(now)) {
				at = append(at, now)
			}
		}
		return at
	}
	// The stream brings nothing: first after half a minute, then once a minute.
	got := asked(0, 4*time.Minute)
	if len(got) != 4 || got[0] != 30*time.Second || got[1] != 90*time.Second || got[3] != 210*time.Second {
		t.Errorf("asked at %v", got)
	}
	// Who comes back then need not wait for a stream that never came.
	p.begin(start.Add(time.Hour))
	if got := asked(time.Hour, time.Hour+time.Second); len(got) != 1 {
		t.Errorf("who comes back asks at %v", got)
	}
	// One that lives brings something every 25 seconds, and nothing is asked.
	for n := range 10 {
		from := 2*time.Hour + time.Duration(n)*25*time.Second
		p.heard(start.Add(from))
		if got := asked(from, from+25*time.Second); got != nil {
			t.Errorf("asked at %v beside a stream that lives", got)
		}
	}
	// It dies again.
	from := p.heardAt.Sub(start)
	if got := asked(from, from+time.Minute); len(got) != 1 || got[0] != from+30*time.Second {
		t.Errorf("asked at %v after the stream died at %v", got, from)
	}
	// Who goes away from one that lives waits for it on coming back.
	p.heard(start.Add(3 * time.Hour))
	p.begin(start.Add(4 * time.Hour))
	if got := asked(4*time.Hour, 4*time.Hour+30*time.Second); got != nil {
		t.Errorf("asked at %v", got)
	}
}
