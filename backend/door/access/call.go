package access

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	accessv1 "madoguchi/proto/gen/access/v1"
)

// call is one that goes on, with what is written beside it: it is the companion of its transactions.
type call struct {
	caller  Caller
	act     *act.Act // nil for what is unrecorded
	about   string   // the folder; "" when the feature is to find out which
	written atomic.Bool
}

func begin(rule *accessv1.Access, caller Caller, now time.Time) *call {
	c := &call{caller: caller}
	if rule.GetRecord() == "" {
		return c
	}
	if rule.GetAnyone() { // who is logged in may not be whom it is about
		c.act = act.Begin(rule.GetRecord(), "", "", now)
		return c
	}
	c.act, c.about = act.Begin(rule.GetRecord(), caller.FolderID, caller.SessionHash, now), caller.Subject()
	return c
}

func (c *call) within(ctx context.Context) context.Context {
	if c.act == nil {
		return ctx
	}
	return db.Beside(act.With(ctx, c.act), c)
}

// Before writes beside the first transaction of the call that comes to something.
func (c *call) Before(ctx context.Context, q *db.Queries) error {
	if c.written.Load() || c.about == "" {
		return nil
	}
	return c.act.Note(ctx, q, c.about)
}

// Committed ends that.
func (c *call) Committed() { c.written.Store(true) }

// end writes after a call that went well what no transaction of its own has: that something was read. Of what a person reads in their own
// folder the line may be missing when the store cannot write; what somebody reads for another is not given out then.
func (c *call) end(ctx context.Context, store *db.DB) error {
	if c.about == "" || c.written.Load() {
		return nil
	}
	unbroken := context.WithoutCancel(ctx)
	err := store.Tx(unbroken, func(q *db.Queries) error { return c.Before(unbroken, q) })
	if err == nil {
		return nil
	}
	err = fmt.Errorf("noting what was read: %w", err)
	if c.caller.For != "" {
		return Internal(ctx, err)
	}
	slog.ErrorContext(ctx, "the history of use", "cause", err)
	return nil
}
