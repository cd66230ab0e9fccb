package rpc

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	keyHeader   = "idempotency-key"
	ownerHeader = "x-owner"
)

// Write is a call that may wait for a network (access.may_wait), as it is sent.
type Write struct {
	Procedure, Key string
	Request        []byte
}

// errKept is the error of a write that was not done, and is kept on the device until it can be.
var errKept = &Error{Code: CodeUnavailable, Text: "kept on this device until it can be sent"}

// ErrKept is what a keeper says of a write that it has taken.
func ErrKept() error { return errKept }

// Kept tells that a write was not done yet, and will be: it is kept on this device.
func Kept(err error) bool { return errors.Is(err, errKept) }

var keeping struct {
	sync.Mutex
	keep func(ctx context.Context, w Write, send func(context.Context) error) error
}

// KeepWrites sets who sees to every write that may wait: it has it sent, or keeps it and says so (ErrKept).
func KeepWrites(keep func(ctx context.Context, w Write, send func(context.Context) error) error) {
	keeping.Lock()
	defer keeping.Unlock()
	keeping.keep = keep
}

func keeper() func(ctx context.Context, w Write, send func(context.Context) error) error {
	keeping.Lock()
	defer keeping.Unlock()
	return keeping.keep
}

// Send sends a write that was kept, once, in the name of its owner (Session.owner), and gives the answer. The portal
// refuses it in a session of anybody else.
func Send(ctx context.Context, w Write, owner string) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	headers := map[string]string{keyHeader: w.Key}
	err = shared().exchange(As(ByItself(ctx), owner), w.Procedure, headers, w.Request, func(came []byte) error {
		answer = came
		return nil
	})
	if err != nil {
		TellLapse(err)
	}
	return answer, err
}

// portalTime is the time by the portal's clock, as its answers told last.
type portalTime struct {
	mu    sync.Mutex
	said  time.Time
	heard time.Time // by the clock of this device that cannot be set
}

var clock portalTime

func (p *portalTime) hear(date string) {
	said, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", date)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said, p.heard = said, time.Now()
}

func (p *portalTime) now() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.said.IsZero() {
		return time.Time{}, false
	}
	return p.said.Add(time.Since(p.heard)), true
}

// Now is the time by the portal's clock, not by this device's, which may be wrong; false while the portal has not told
// it. A device that slept since may take it for earlier than it is.
func Now() (time.Time, bool) { return clock.now() }
