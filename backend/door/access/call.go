package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/once"
	accessv1 "madoguchi/proto/gen/access/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// KeyHeader is the header under which a page gives each act of a person a key.
const KeyHeader = "Idempotency-Key"

// OwnerHeader is the header under which a page says whom it shows, or whose act it sends (Session.owner): another
// person may have logged in since, in another tab. Pages from before send it with few calls.
const OwnerHeader = "X-Owner"

// OfAnother tells that a page means somebody else than the person who is calling.
func OfAnother(header http.Header, caller Caller) bool {
	owner := header.Get(OwnerHeader)
	return owner != "" && caller.SessionHash != "" && owner != caller.Card.Owner()
}

// UnattendedHeader is set by a page on a call that it makes by itself, to draw again what changed, and that is
// otherwise a sign of the person. What is read so was not opened by anybody, and the history of use says so.
const UnattendedHeader = "X-Unattended"

const (
	minKey, maxKey = 16, 128
	// writeTime is for how long a write goes on whose caller has gone: what was begun under a key is brought to its
	// end, so that who asks again has the answer.
	writeTime = 30 * time.Second
)

type callKey struct{}

// call is one that goes on, with what is written beside it: it is the companion of its transactions.
type call struct {
	caller  Caller
	content string // stands for what is asked for (digest)
	purpose string // for which the card was shown; "" when it need not be
	now     func() time.Time
	act     *act.Act    // nil for what is unrecorded
	about   string      // the folder that act is noted for; "" when the feature is to find out which
	claim   *once.Claim // nil for what has no key
	taken   atomic.Bool // another call has the key
	written atomic.Bool // a transaction holds, and with it what is written beside
}

// begin takes up a call that is allowed. A key that is none is refused.
func begin(
	ctx context.Context, rule *accessv1.Access, request connect.AnyRequest, clock func() time.Time,
) (*call, error) {
	caller, now, procedure := FromContext(ctx), clock(), request.Spec().Procedure
	c := &call{caller: caller, purpose: rule.GetCardPurpose(), now: clock}
	write := request.Spec().IdempotencyLevel == connect.IdempotencyUnknown
	if message, ok := request.Any().(proto.Message); ok && write {
		c.content = digest(procedure, message)
	}
	switch record := rule.GetRecord(); {
	case record == "":
	case rule.GetAnyone(): // who is logged in may not be whom it is about
		c.act = act.Begin(record, act.By{}, now)
	default:
		c.act, c.about = act.Begin(record, caller.By(), now), caller.Subject()
	}
	reads := request.Spec().IdempotencyLevel == connect.IdempotencyNoSideEffects
	if c.act != nil && reads && request.Header().Get(UnattendedHeader) != "" {
		c.act.Ahead()
	}
	key := request.Header().Get(KeyHeader)
	// Without a subject there is nobody to keep an answer for: a newcomer's calls, and offices', are not keyed.
	if key == "" || !write || rule.GetSecretAnswer() || caller.Subject() == "" {
		return c, nil
	}
	if !isKey(key) {
		return nil, Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, KeyHeader, nil)
	}
	c.claim = once.New(once.Claim{
		Folder: caller.Subject(), Actor: caller.FolderID, Procedure: procedure, Key: key, Request: c.content, At: now,
	})
	return c, nil
}

func isKey(s string) bool {
	return len(s) >= minKey && len(s) <= maxKey &&
		strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// earlier answers a call whose act was done before under its key; settled is false when it was not.
func (c *call) earlier(ctx context.Context, store *db.DB) (response connect.AnyResponse, settled bool, err error) {
	if c.claim == nil {
		return nil, false, nil
	}
	encoded, err := c.claim.Earlier(ctx, store)
	switch {
	case errors.Is(err, once.ErrNew):
		return nil, false, nil
	case errors.Is(err, once.ErrOther):
		return nil, true, Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_KEY_REUSED, "", err)
	case errors.Is(err, once.ErrNoAnswer):
		return nil, true, Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "", err)
	case err != nil:
		return nil, true, meant(ctx, err)
	}
	method := methodOf(c.claim.Procedure)
	answer := dynamicpb.NewMessage(method.Output())
	if err := proto.Unmarshal(encoded, answer); err != nil {
		return nil, true, Internal(ctx, fmt.Errorf("reading a kept answer of %s: %w", c.claim.Procedure, err))
	}
	return connect.NewResponse(answer), true, nil
}

// do has the handler do the call, unless another call has done it meanwhile.
func (c *call) do(
	ctx context.Context, store *db.DB, next connect.UnaryFunc, request connect.AnyRequest,
) (connect.AnyResponse, error) {
	for {
		c.taken.Store(false)
		response, err := c.handle(ctx, next, request)
		if c.taken.Load() {
			answer, settled, err := c.earlier(ctx, store)
			if !settled {
				continue // and has taken it back since
			}
			return answer, err
		}
		if ending := c.end(ctx, store, response, err); err == nil {
			err = ending
		}
		return response, err
	}
}

func (c *call) handle(
	ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest,
) (response connect.AnyResponse, err error) {
	defer recoverInto(ctx, &err)
	if c.act != nil {
		ctx = act.With(ctx, c.act)
	}
	if c.claim != nil {
		unbroken, end := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
		defer end()
		ctx = once.With(unbroken, c.claim)
	}
	if c.act != nil || c.claim != nil || c.purpose != "" {
		ctx = db.Beside(ctx, c)
	}
	ctx = context.WithValue(ctx, callKey{}, c)
	response, err = next(ctx, request)
	return response, meant(ctx, err)
}

// Before writes beside the first transaction of the call that comes to something. That the key is another call's ends
// it before anything was done.
func (c *call) Before(ctx context.Context, q *db.Queries) error {
	if c.written.Load() {
		return nil
	}
	if c.claim != nil {
		err := c.claim.Take(ctx, q)
		if errors.Is(err, once.ErrTaken) {
			c.taken.Store(true)
			return instead{connect.NewError(connect.CodeAborted, err)}
		}
		if err != nil {
			return err
		}
	}
	if c.purpose != "" {
		shown, err := SpendCard(ctx, q, c.purpose, c.now())
		if err != nil {
			return err
		}
		if !shown {
			return instead{ShowCardAgain(ctx, c.purpose)}
		}
	}
	if c.about == "" {
		return nil
	}
	return c.act.Note(ctx, q, c.about)
}

// Committed ends that.
func (c *call) Committed() { c.written.Store(true) }

// end writes after a call what is known only then: the answer, or that it failed after all; and for a call that went
// well without a transaction of its own what would have been written beside it. Of what a person reads in their own
// folder the line may be missing when the store cannot write; what somebody reads for another is not given out then.
func (c *call) end(ctx context.Context, store *db.DB, response connect.AnyResponse, failed error) error {
	ctx = context.WithoutCancel(ctx)
	switch {
	case failed != nil && (c.claim == nil || !c.written.Load()):
		return nil
	case failed != nil:
		return c.log(ctx, store.Tx(ctx, func(q *db.Queries) error { return c.claim.Drop(ctx, q) }))
	case c.claim == nil && (c.about == "" || c.written.Load()):
		return nil
	}
	err := store.Tx(ctx, func(q *db.Queries) error {
		if err := c.Before(ctx, q); err != nil {
			return err
		}
		if c.claim == nil {
			return nil
		}
		message, _ := response.Any().(proto.Message)
		answer, err := proto.Marshal(message)
		if err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
		return c.claim.Keep(ctx, q, answer)
	})
	if err != nil && c.caller.For != "" && !c.written.Load() {
		return Internal(ctx, fmt.Errorf("noting what was done for another: %w", err))
	}
	return c.log(ctx, err)
}

func (c *call) log(ctx context.Context, err error) error {
	if err != nil {
		slog.ErrorContext(ctx, "what is written after a call was not", "cause", err)
	}
	return nil
}

// instead is what a call is answered when its transaction was ended by what is written beside it, whatever the feature
// makes of that.
type instead struct{ answer *connect.Error }

func (i instead) Error() string { return i.answer.Error() }
