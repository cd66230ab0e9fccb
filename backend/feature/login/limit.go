package login

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
)

// No limit may let one person lock another out. So a card is limited only by proofs that it made itself, and an address
// from which many bad proofs come is not refused: many people may sit behind it. What comes from there is checked one
// after another, and takes one processor's time at most.
const (
	perCard      = rate.Limit(1) // logins a second of one card
	burstCard    = 100
	perAddress   = rate.Limit(2) // bad proofs a second from one address
	burstAddress = 100

	// A code to show is drawn, and written down, at each asking, while a network has but few that live: whoever asks on
	// without end would keep the store from others.
	codesASecond = rate.Limit(2) // from one address
	codesAtOnce  = 100

	suspectsWait = 5 * time.Second
)

// enter lets a proof be checked; leave, which must be called once, says how it went.
func (s *Service) enter(ctx context.Context) (func(bad bool), error) {
	address := addressOf(ctx)
	note := func(bad bool) {
		if bad {
			s.addresses.Take(address, 1, s.Now())
		}
	}
	if !s.addresses.Empty(address, s.Now()) {
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

func addressOf(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	return limit.Address(call.Peer().Addr)
}
