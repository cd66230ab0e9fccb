// Package outbox keeps what a person did without a network until the portal has it. A write that may wait (the option
// access.may_wait says which) goes through rpc as any other; where the portal is out of reach it is kept here, sealed
// in the person's vault, and sent later under the key that it had from the beginning: in order, by one tab, in a
// session of the person who began it.
//
// Queue is the whole of it without a browser. It knows of a write what its Kind says: which objects it is about, so
// that one that is refused holds up what was done to the same object and nothing else, and what to do with the answer.
//
// A key counts for a week at the portal. What was sent, and not answered, is sent again by itself for six days; after
// that the person decides, with what the portal has before them.
package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// State is how far a write has come.
type State int32

const (
	// Waiting was not sent yet.
	Waiting State = iota
	// Sent was sent, and what became of it is not known.
	Sent
	// Refused was refused by the portal, for a Reason: the person decides.
	Refused
	// Unsure was sent too long ago to be sent again by itself: the person decides.
	Unsure
)

const (
	// Resend is for how long a write that was sent may be sent again by itself: a day less than its key counts.
	Resend = 6 * 24 * time.Hour
	// Most is how many writes are kept.
	Most = 200
	// failures is how often the portal may fail at a write before the person is asked.
	failures = 3
	// skew is how far the portal's own clock may have been set back meanwhile.
	skew = 5 * time.Minute
)

// Subject is what a write is about.
type Subject struct {
	// About names the objects: of two writes about the same, the first is sent first. Makes are those of them that the
	// write makes.
	About, Makes []string
	// Title is what the person knows them by, as the page called them.
	Title string
}

// Write is one thing that a person did.
type Write struct {
	ID string
	// Number orders writes as they were begun.
	Number    int64
	Procedure string
	Key       string
	Request   []byte
	Subject
	// Begun is by the clock of this device, for people.
	Begun time.Time
	State State
	// FirstSent is by the portal's clock; zero for never, and when that was not known.
	FirstSent time.Time
	// Failed counts the times that the portal failed at it.
	Failed int32
	// Reason is why it was refused, Field the one at fault, Reference what to quote.
	Reason           portalv1.Reason
	Field, Reference string
}

// Stuck tells that the person is to decide.
func (w Write) Stuck() bool { return w.State == Refused || w.State == Unsure }

func (w Write) touches(objects map[string]bool) bool {
	return slices.ContainsFunc(w.About, func(o string) bool { return objects[o] })
}

// Fault is why a write was not done, and which field is at fault.
type Fault struct {
	Reason portalv1.Reason
	Field  string
}

// Kind says what writes of a procedure mean.
type Kind struct {
	// Subject is what a request is about; about nothing, where this one does not wait.
	Subject func(request []byte) Subject
	// Fault is why the portal did nothing although it answered without an error, as where it says in the answer what is
	// wrong with what was filled in; the zero Fault where it did. Nil where every answer says that it did.
	Fault func(answer []byte) Fault
	// Settled hears the answer before the write is forgotten; nil when it was done and the answer is not kept any more.
	// It gives the names by which the portal knows what was made under another. An error has it called again later. Nil
	// where nobody needs to hear.
	Settled func(ctx context.Context, request, answer []byte) (renamed map[string]string, err error)
	// Rename puts other names into a request. Nil where nothing is renamed.
	Rename func(request []byte, renamed map[string]string) []byte
	// Over is the request that has its way whatever the portal has; nil where it is the same.
	Over func(request []byte) []byte
}

// Store keeps writes, those of one person. All that is put is there when Put returns, or not at all.
type Store interface {
	All(ctx context.Context) ([]Write, error)
	Put(ctx context.Context, w Write) error
	Remove(ctx context.Context, id string) error
}

var (
	// ErrFull says that no more writes are kept.
	ErrFull = errors.New("too many writes are waiting")
	// ErrGone says that a write is not there any more: it was sent, or dropped in another tab.
	ErrGone = errors.New("the write is not waiting any more")
)
