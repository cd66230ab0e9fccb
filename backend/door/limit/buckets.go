package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds how many buckets one limit keeps.
const maxKeys = 50_000

// Buckets keep a bucket a key. Each is full at first, and fills again with time.
type Buckets struct {
	mu      sync.Mutex
	limit   rate.Limit
	burst   int
	buckets map[string]*rate.Limiter
	teller  teller
}

// NewBuckets makes buckets of burst, which get so much a second back; name is the limit's in the security log.
func NewBuckets(name string, aSecond rate.Limit, burst int) *Buckets {
	return &Buckets{limit: aSecond, burst: burst, buckets: map[string]*rate.Limiter{}, teller: teller{limit: name}}
}

// Take takes n from the key's bucket; when it holds less it takes nothing and tells how long until it does. More than
// the burst is never there: such an n waits for a full bucket, and is not to be asked for.
func (b *Buckets) Take(key string, n int, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, ok := b.buckets[key]
	if !ok {
		b.makeRoom(now)
		bucket = rate.NewLimiter(b.limit, b.burst)
		b.buckets[key] = bucket
	}
	if bucket.AllowN(now, n) {
		return 0
	}
	b.teller.tell(key, now)
	missing := float64(n) - bucket.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(b.limit)*float64(time.Second)))
}

// Widen has each bucket hold more from now on; less is no change. A full one is full then, too.
func (b *Buckets) Widen(burst int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if burst <= b.burst {
		return
	}
	b.dropFull(now)
	b.burst = burst
	for _, bucket := range b.buckets {
		bucket.SetBurstAt(now, burst)
	}
}

// Empty says whether the key's bucket holds less than one.
func (b *Buckets) Empty(key string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, ok := b.buckets[key]
	return ok && bucket.TokensAt(now) < 1
}

// makeRoom drops full buckets, which a new one equals; when there are none, any: forgetting errs on the side of letting
// people in.
func (b *Buckets) makeRoom(now time.Time) {
	if len(b.buckets) < maxKeys {
		return
	}
	b.dropFull(now)
	for key := range b.buckets {
		if len(b.buckets) < maxKeys*9/10 {
			return
		}
		delete(b.buckets, key)
	}
}

func (b *Buckets) dropFull(now time.Time) {
	for key, bucket := range b.buckets {
		if bucket.TokensAt(now) >= float64(b.burst) {
			delete(b.buckets, key)
		}
	}
}
