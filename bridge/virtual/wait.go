package virtual

import (
	"context"
	"time"
)

// longPoll is shorter than what browsers and servers take for a dead connection.
const longPoll = 25 * time.Second

// changedSince returns when the readers are not as the fingerprint says.
func (r *Readers) changedSince(ctx context.Context, drawn string) {
	timer := time.NewTimer(longPoll)
	defer timer.Stop()
	for {
		state, changed := r.State()
		if drawn == "" || fingerprint(state) != drawn {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
