package session

import (
	"testing"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestClock(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	var c clock
	if c.tick(start) != nothing || c.active(start) {
		t.Fatal("a clock without a session wants something")
	}
	full := &portalv1.Session{IdleLeftMs: (15 * time.Minute).Milliseconds(), AbsoluteLeftMs: (12 * time.Hour).Milliseconds()}
	c.hear(full, start)
	if c.tick(at(12*time.Minute)) != nothing {
		t.Error("a warning three minutes before the end")
	}
	// Near the end the portal is asked first, and the warning comes when it says the same.
	if got := c.tick(at(13 * time.Minute)); got != ask {
		t.Errorf("at 13 minutes: %v", got)
	}
	if got := c.tick(at(13*time.Minute + time.Second)); got != warn {
		t.Errorf("at 13:01: %v", got)
	}
	// Another tab was busy: the portal says so, and nothing is due.
	c.hear(full, at(13*time.Minute+2*time.Second))
	if got := c.tick(at(14 * time.Minute)); got != nothing {
		t.Errorf("after another tab kept the session: %v", got)
	}
	// Activity is told once a minute.
	if !c.active(at(14*time.Minute)) || c.active(at(14*time.Minute+59*time.Second)) || !c.active(at(15*time.Minute)) {
		t.Error("activity is not told once a minute")
	}
	if c.active(at(40 * time.Minute)) {
		t.Error("activity after the end")
	}
	c.hear(nil, at(40*time.Minute))
	if c.tick(at(41*time.Minute)) != nothing {
		t.Error("something is due after the end")
	}
}

func TestAbsoluteEnd(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var c clock
	c.hear(&portalv1.Session{IdleLeftMs: 900_000, AbsoluteLeftMs: 60_000}, start)
	if c.mayKeep() || !c.ends().Equal(start.Add(time.Minute)) {
		t.Error("the absolute end is not the end")
	}
	if c.tick(start) != ask || c.tick(start) != warn {
		t.Error("no warning before the absolute end")
	}
}
