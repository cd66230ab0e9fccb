package session

import (
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// nearEnd is a little more than the two minutes before the end at which the shell asks whether the person is still
	// there, so that it asks only who has not been busy in another tab.
	nearEnd = 2*time.Minute + 5*time.Second
	// keepEvery is how often activity is told to the portal at most.
	keepEvery = time.Minute
	// askEvery is how often the portal is asked for the truth while the end is near.
	askEvery = 20 * time.Second
	// askAtEnd is the same once it is past.
	askAtEnd = 2 * time.Second
)

// clock knows when the session ends, by this device's monotonic time alone. It is pure: whoever holds it does the
// calls.
type clock struct {
	session      *portalv1.Session
	idleEnds     time.Time
	absoluteEnds time.Time
	keptAt       time.Time
	askedAt      time.Time
	words        int // counts what the portal said, so that an answer is known that was overtaken on its way
}

// hear takes what the portal says now; nil means that nobody is logged in.
func (c *clock) hear(session *portalv1.Session, now time.Time) {
	c.words++
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

// active notes that the person did something, and says whether the portal should hear of it.
func (c *clock) active(now time.Time) bool {
	if c.session == nil || now.Sub(c.keptAt) < keepEvery || now.After(c.ends()) {
		return false
	}
	c.keptAt = now
	return true
}

// mustAsk says whether the portal is to be asked for the truth: the end is near or past, and another tab may have moved
// it.
func (c *clock) mustAsk(now time.Time) bool {
	if c.session == nil || now.Before(c.ends().Add(-nearEnd)) {
		return false
	}
	pause := askEvery
	if now.After(c.ends()) {
		pause = askAtEnd
	}
	if now.Sub(c.askedAt) < pause {
		return false
	}
	c.askedAt = now
	return true
}
