package login

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"

	"madoguchi/backend/access"
)

// No limit may let one person lock another out. So a card is limited only by proofs that it made itself, and an address from which many
// bad proofs come is not refused: many people may sit behind it. What comes from there is checked one after another, and takes
// one processor's time at most.
const (
	perCard      = rate.Limit(1) // logins a second of one card
	burstCard    = 100
	perAddress   = rate.Limit(2) // bad proofs a second from one address
	burstAddress = 100

	maxKeys      = 50_000
	suspectsWait = 5 * time.Second
)

// enter lets a proof be checked; leave, which must be called once, says how it went.
func (s *Service) enter(ctx context.Context) (func(bad bool), error) {
	address := addressOf(ctx)
	note := func(bad bool) {
		if bad {
			s.addresses.take(address, s.Now())
		}
	}
	if !s.addresses.empty(address, s.Now()) {
		return note, nil
	}
	timeout := time.NewTimer(suspectsWait)
	defer timeout.Stop()
	select {
	case s.suspects <- struct{}{}:
		return func(bad bool) {
			note(bad)
			<-s.suspects
		}, nil
	case <-timeout.C:
		return nil, access.TooMany(ctx, suspectsWait, errors.New("too many bad proofs"))
	case <-ctx.Done():
		return nil, connect.NewError(connect.CodeCanceled, ctx.Err())
	}
}

// addressOf is the caller's address, of IPv6 its /64: that is what one subscriber has.
func addressOf(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	host, _, err := net.SplitHostPort(call.Peer().Addr)
	if err != nil {
		return ""
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	if address = address.Unmap(); address.Is4() {
		return address.String()
	}
	network, err := address.WithZone("").Prefix(64)
	if err != nil {
		return ""
	}
	return network.String()
}

// limiter keeps a bucket a key, of bounded number.
type limiter struct {
	mu      sync.Mutex
	limit   rate.Limit
	burst   int
	buckets map[string]*rate.Limiter
}

func newLimiter(limit rate.Limit, burst int) *limiter {
	return &limiter{limit: limit, burst: burst, buckets: map[string]*rate.Limiter{}}
}

// take takes one from the key's bucket; when it is empty it takes nothing and tells how long until there is one.
func (l *limiter) take(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.buckets[key]
	if !ok {
		l.makeRoom(now)
		bucket = rate.NewLimiter(l.limit, l.burst)
		l.buckets[key] = bucket
	}
	if bucket.AllowN(now, 1) {
		return 0
	}
	missing := 1 - bucket.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(l.limit)*float64(time.Second)))
}

func (l *limiter) empty(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.buckets[key]
	return ok && bucket.TokensAt(now) < 1
}

// makeRoom drops full buckets, which a new one equals; when there are none, any: forgetting errs on the side of letting people in.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < maxKeys {
		return
	}
	for key, bucket := range l.buckets {
		if bucket.TokensAt(now) >= float64(l.burst) {
			delete(l.buckets, key)
		}
	}
	for key := range l.buckets {
		if len(l.buckets) < maxKeys*9/10 {
			return
		}
		delete(l.buckets, key)
	}
}
