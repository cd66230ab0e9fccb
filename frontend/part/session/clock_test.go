package session

import (
	"testing"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

func TestClock(t *testing.T) {
	var c clock
	if c.mustAsk(start) || c.active(start) {
		t.Fatal("a clock without a session wants something")
	}
	full := &portalv1.Session{
		IdleLeftMs: (15 * time.Minute).Milliseconds(), AbsoluteLeftMs: (12 * time.Hour).Milliseconds(),
	}
	c.hear(full, start)
	if c.mustAsk(at(12 * time.Minute)) {
		t.Error("asked three minutes before the end")
	}
	// The portal is asked before the shell warns, and again every twenty seconds.
	warned := at(13 * time.Minute)
	if !c.mustAsk(warned.Add(-4*time.Second)) || c.mustAsk(warned) || c.mustAsk(warned.Add(15*time.Second)) ||
		!c.mustAsk(warned.Add(16*time.Second)) {
		t.Error("not asked just before the warning, or too often")
	}
	// Past the end it is asked soon again.
	if over := at(15*time.Minute + time.Second); !c.mustAsk(over) || c.mustAsk(over.Add(time.Second)) ||
		!c.mustAsk(over.Add(2*time.Second)) {
		t.Error("not asked past the end, or too often")
	}
	// Another tab was busy: the portal says so, and nothing is due.
	c.hear(full, at(13*time.Minute+2*time.Second))
	if c.mustAsk(at(14 * time.Minute)) {
		t.Error("asked after another tab kept the session")
	}
	// Activity is told once a minute.
	if !c.active(at(14*time.Minute)) || c.active(at(14*time.Minute+59*time.Second)) || !c.active(at(15*time.Minute)) {
		t.Error("activity is not told once a minute")
	}
	if c.active(at(40 * time.Minute)) {
		t.Error("activity after the end")
	}
	c.hear(nil, at(40*time.Minute))
	if c.mustAsk(at(41 * time.Minute)) {
		t.Error("asked after the end was told")
	}
}

func TestAbsoluteEnd(t *testing.T) {
	var c clock
	c.hear(&portalv1.Session{IdleLeftMs: 900_000, AbsoluteLeftMs: 60_000}, start)
	if !c.ends().Equal(at(time.Minute)) || !c.mustAsk(start) {
		t.Error("the absolute end is not the end")
	}
}
