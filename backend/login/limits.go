package login

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// A card may log in ten times at once and then every six seconds.
	loginBurst = 10
	loginEvery = 6 * time.Second
	// More cards than this in a minute are not remembered one by one.
	maxLimits = 200_000
)

// limits counts logins by card, and only those whose signature was good: nobody can use up the tries of a card they do not hold.
type limits struct {
	now   func() time.Time
	mu    sync.Mutex
	cards map[string]*rate.Limiter
	since time.Time
}

// take counts one login of a card and tells how long to wait if it is one too many.
func (l *limits) take(serial string) (wait time.Duration) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	// A limiter left alone for loginBurst × loginEvery is full again, so the map can begin anew.
	if l.cards == nil || len(l.cards) >= maxLimits || now.Sub(l.since) > 10*loginBurst*loginEvery {
		l.cards, l.since = map[string]*rate.Limiter{}, now
	}
	limiter, ok := l.cards[serial]
	if !ok {
		limiter = rate.NewLimiter(rate.Every(loginEvery), loginBurst)
		l.cards[serial] = limiter
	}
	reservation := limiter.ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}
