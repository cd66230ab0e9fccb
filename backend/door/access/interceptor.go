package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	accessv1 "madoguchi/proto/gen/access/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// NewInterceptor enforces the rules on every call, unary or stream, has what is to be recorded of it written beside
// what it writes itself, and turns what a handler did not mean to say (a panic, a plain error) into an internal error
// with a reference.
func NewInterceptor(rules Rules, store *db.DB, now func() time.Time) connect.Interceptor {
	return &interceptor{rules: rules, db: store, now: now}
}

type interceptor struct {
	rules Rules
	db    *db.DB
	now   func() time.Time
}

func (i *interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (response connect.AnyResponse, err error) {
		defer recoverInto(ctx, &err)
		if request.HTTPMethod() != http.MethodPost {
			// What is asked for would stand in an address, and from there in logs.
			return nil, Error(ctx, connect.CodeUnimplemented, portalv1.Reason_REASON_NOT_ALLOWED, "",
				errors.New("a call that is no POST"))
		}
		procedure := request.Spec().Procedure
		verdict, refused := i.enforce(ctx, procedure, request.Header())
		if refused != nil && verdict != CardAgain {
			return nil, refused
		}
		c, err := begin(ctx, i.rules[procedure], request, i.now)
		if err != nil {
			return nil, err
		}
		// Before a proof is spent: for what was done already the card was shown.
		if response, settled, err := c.earlier(ctx, i.db); settled {
			return response, err
		}
		if refused != nil {
			return nil, refused
		}
		if shown := c.caller.CardContent; c.purpose != "" && shown != "" && shown != c.content {
			return nil, ShowCardAgain(ctx, c.purpose) // it was shown for something else
		}
		return c.do(ctx, i.db, next, request)
	}
}

func (i *interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) (err error) {
		defer recoverInto(ctx, &err)
		if _, refused := i.enforce(ctx, conn.Spec().Procedure, conn.RequestHeader()); refused != nil {
			return refused
		}
		return meant(ctx, next(ctx, conn))
	}
}

func (i *interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// enforce gives the verdict, and the answer to a call that is not allowed. What a page of another person's asks for is
// neither done nor read out, and leaves no line; but what anyone may call is answered: what is public, who is logged
// in, and a login.
func (i *interceptor) enforce(ctx context.Context, procedure string, header http.Header) (Verdict, error) {
	rule, ok := i.rules[procedure]
	if !ok {
		return NotAllowed, Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, "",
			fmt.Errorf("no rule for %s", procedure))
	}
	caller := FromContext(ctx)
	if !rule.GetAnyone() && OfAnother(header, caller) {
		return NotAllowed, Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_OTHER_PERSON, "", nil)
	}
	verdict := Judge(rule, caller, i.now())
	switch verdict {
	case Allowed:
		return verdict, nil
	case NotLoggedIn:
		return verdict, Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", nil)
	case CardAgain:
		return verdict, ShowCardAgain(ctx, rule.GetCardPurpose())
	default:
		i.noteRefusal(ctx, caller, rule, procedure)
		return verdict, Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, "",
			fmt.Errorf("the caller is %s", caller.Kind))
	}
}

// noteRefusal writes down that a call was not allowed; in the person's own history, too, when it would have stood
// there.
func (i *interceptor) noteRefusal(ctx context.Context, caller Caller, rule *accessv1.Access, procedure string) {
	what := []slog.Attr{slog.String("procedure", procedure), slog.String("reason", "not_allowed")}
	if caller.Kind == Office {
		audit.Log(ctx, audit.OfficeRefused, append(what, slog.String("office", caller.OfficeID))...)
		return
	}
	audit.Log(ctx, audit.CallRefused, append(what, audit.Folder(caller.FolderID))...)
	if caller.FolderID == "" || rule.GetRecord() == "" {
		return
	}
	err := act.Refused(ctx, i.db, caller.FolderID, rule.GetRecord(), "not_allowed", caller.By(), i.now())
	if err != nil {
		slog.ErrorContext(ctx, "noting a call that was refused", "cause", err)
	}
}

// meant lets errors through that a handler built for its caller, and hides all others behind a reference.
func meant(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ours := new(connect.Error); errors.As(err, &ours) {
		return err
	}
	if ctx.Err() != nil {
		return connect.NewError(connect.CodeCanceled, context.Cause(ctx))
	}
	return Internal(ctx, err)
}

func recoverInto(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		*err = Internal(ctx, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	}
}
