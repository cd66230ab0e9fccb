package session

import (
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// warnBefore is how long before the idle end a person is asked whether they are still there.
	warnBefore = 2 * time.Minute
	// keepEvery is how often activity is told to the portal at most.
	keepEvery = time.Minute
	// askEvery is how often the portal is asked for the truth while the end is near.
	askEvery = 20 * time.Second
)

// clock knows when the session ends, by this device's monotonic time alone. It is pure: whoever holds it does the calls.
type clock struct {
	session      *portalv1.Session
	idleEnds     time.Time
	absoluteEnds time.Time
	keptAt       time.Time
	askedAt      time.Time
}

// deed is what the clock asks for.
type deed int

const (
	nothing deed = iota
	// ask: fetch the session, since another tab may have kept it.
	ask
	// warn: tell the person that the end is near.
	warn
)

// hear takes what the portal says now; nil means that nobody is logged in.
func (c *clock) hear(session *portalv1.Session, now time.Time) {
	c.session = session
	if session == nil {
		return
	}
	c.idleEnds = now.Add(time.Duration(session.GetIdleLeftMs()) * time.Millisecond)
	c.absoluteEnds = now.Add(time.Duration(session.GetAbsoluteLeftMs()) * time.Millisecond)
}

// ends is when the session ends if nobody does anything.
func (c *clock) ends() time.Time {
	if c.absoluteEnds.Before(c.idleEnds) {
		return c.absoluteEnds
	}
	return c.idleEnds
}

// mayKeep says whether activity now can still move the end.
func (c *clock) mayKeep() bool { return c.idleEnds.Before(c.absoluteEnds) }

// active notes that the person did something, and says whether the portal should hear of it.
func (c *clock) active(now time.Time) bool {
	if c.session == nil || now.Sub(c.keptAt) < keepEvery || now.After(c.ends()) {
		return false
	}
	c.keptAt = now
	return true
}

// tick says what is due.
func (c *clock) tick(now time.Time) deed {
	if c.session == nil || now.Before(c.ends().Add(-warnBefore)) {
		return nothing
	}
	if now.Sub(c.askedAt) >= askEvery || now.After(c.ends()) && now.Sub(c.askedAt) >= time.Second {
		c.askedAt = now
		return ask
	}
	return warn
}
