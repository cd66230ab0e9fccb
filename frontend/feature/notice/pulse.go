package notice

import "time"

const (
	// silence is how long a stream may bring nothing before the page asks: the portal sends something every 25 seconds.
	silence  = 30 * time.Second
	askEvery = time.Minute
	// lookEvery is how often the page looks whether it has to ask, giveUp how long a stream may bring nothing before another is opened.
	lookEvery  = 5 * time.Second
	giveUp     = 90 * time.Second
	askTimeout = 20 * time.Second
)

// pulse knows whether a stream lives and what it last brought. It is pure: whoever holds it does the calls.
type pulse struct {
	heardAt, askedAt time.Time
	newest           string
}

// mustAsk says whether the portal is to be asked, since no stream has brought anything.
func (p *pulse) mustAsk(now time.Time) bool {
	if now.Sub(p.heardAt) < silence || now.Sub(p.askedAt) < askEvery {
		return false
	}
	p.askedAt = now
	return true
}

// fresh takes the newest notice and says whether it arrived since one was known.
func (p *pulse) fresh(id string) bool {
	known := p.newest
	p.newest = id
	return known != "" && known != id
}
