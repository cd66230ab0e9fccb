package live

import "time"

const (
	// silence is how long a stream may bring nothing before the page asks: the portal sends something every 25 seconds.
	silence  = 30 * time.Second
	askEvery = time.Minute
	// lookEvery is how often the page looks whether it has to ask, giveUp how long a stream may bring nothing before
	// another is opened.
	lookEvery  = 5 * time.Second
	giveUp     = 90 * time.Second
	askTimeout = 20 * time.Second
)

// pulse knows whether a stream lives. It is pure: whoever holds it does the calls.
type pulse struct {
	heardAt, askedAt time.Time
	silent           bool // the page had to ask: streams do not come through
}

// begin notes that somebody looks at the page again. Where streams came through one is waited for.
func (p *pulse) begin(now time.Time) {
	if !p.silent {
		p.heardAt = now
	}
}

// heard notes that a stream brought something.
func (p *pulse) heard(now time.Time) { p.heardAt, p.silent = now, false }

// mustAsk says whether the portal is to be asked, since no stream has brought anything.
func (p *pulse) mustAsk(now time.Time) bool {
	if now.Sub(p.heardAt) < silence || now.Sub(p.askedAt) < askEvery {
		return false
	}
	p.askedAt, p.silent = now, true
	return true
}
