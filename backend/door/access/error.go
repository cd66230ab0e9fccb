package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

// Error builds an error that a person (or an office) meets: a reason that the page turns into words, the field at fault
// or "", and a reference that finds the log line. The cause is for the log and must hold no secret; of a text at fault
// the caller is told which character stands where. What is met often has a name of its own below.
func Error(ctx context.Context, code connect.Code, reason portalv1.Reason, field string, cause error) *connect.Error {
	return build(ctx, code, &portalv1.ErrorInfo{Reason: reason, Field: field}, cause)
}

// Invalid is the error of a field that cannot be understood; why is for the log, and may be nil.
func Invalid(ctx context.Context, field string, why error) *connect.Error {
	return Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, why)
}

// TooLong is the error of a field that holds more than it may.
func TooLong(ctx context.Context, field string, why error) *connect.Error {
	return Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_FIELD_TOO_LONG, field, why)
}

// NotFound is the error of what a field names and is not there, or not there for the caller.
func NotFound(ctx context.Context, field string, why error) *connect.Error {
	return Error(ctx, connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, field, why)
}

// Told marks a cause as one that the caller is told in words, too: it holds nothing that they did not send, and nothing
// of a person.
type Told struct{ Cause error }

// Error is the words.
func (t *Told) Error() string { return t.Cause.Error() }

// Unwrap is the cause.
func (t *Told) Unwrap() error { return t.Cause }

// Changed is the error of a field that is not any more what the caller took it to be: nothing was done.
func Changed(ctx context.Context, field string) *connect.Error {
	return Error(ctx, connect.CodeAborted, portalv1.Reason_REASON_CHANGED, field, nil)
}

// Forbidden is the error of what a field asks for and the caller may not have.
func Forbidden(ctx context.Context, field string, why error) *connect.Error {
	return Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, field, why)
}

// LoggedOut is the error of a call without a session, or in one that has ended.
func LoggedOut(ctx context.Context, why error) *connect.Error {
	return Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", why)
}

// Gone tells a caller whose folder or session was ended elsewhere a moment ago, so that the store does not find it,
// from a fault of ours.
func Gone(ctx context.Context, doing string, err error) *connect.Error {
	err = fmt.Errorf("%s: %w", doing, err)
	if errors.Is(err, db.ErrNotFound) {
		return LoggedOut(ctx, err)
	}
	return Internal(ctx, err)
}

// TooMany is the error of a rate limit; retryAfter says when to try again.
func TooMany(ctx context.Context, retryAfter time.Duration, cause error) *connect.Error {
	return TooManyAt(ctx, "", retryAfter, cause)
}

// TooManyAt is TooMany for what one field asks for.
func TooManyAt(ctx context.Context, field string, retryAfter time.Duration, cause error) *connect.Error {
	return build(ctx, connect.CodeResourceExhausted, &portalv1.ErrorInfo{
		Reason:       portalv1.Reason_REASON_TOO_MANY_REQUESTS,
		Field:        field,
		RetryAfterMs: retryAfter.Milliseconds(),
	}, cause)
}

// Wait is the error of what cannot be had before some time is over, for a reason of its own.
func Wait(ctx context.Context, reason portalv1.Reason, retryAfter time.Duration) *connect.Error {
	return build(ctx, connect.CodeResourceExhausted, &portalv1.ErrorInfo{
		Reason: reason, RetryAfterMs: retryAfter.Milliseconds(),
	}, nil)
}

// ShowCardAgain is the error of a call for which the card must be shown again first.
func ShowCardAgain(ctx context.Context, purpose string) *connect.Error {
	return build(ctx, connect.CodePermissionDenied, &portalv1.ErrorInfo{
		Reason:      portalv1.Reason_REASON_CARD_AGAIN,
		CardPurpose: purpose,
	}, nil)
}

// Starting is the error of what is made ready after a start and serves in a moment.
func Starting(ctx context.Context, retryAfter time.Duration) *connect.Error {
	return build(ctx, connect.CodeUnavailable, &portalv1.ErrorInfo{
		Reason:       portalv1.Reason_REASON_STARTING,
		RetryAfterMs: retryAfter.Milliseconds(),
	}, nil)
}

// storePause is when to come again after the store could not do its work.
const storePause = 10 * time.Second

// Internal is the error of something that broke on our side. A store that cannot do its work now is told apart: nothing
// was done, and coming again later helps. Whatever else is asked over a network has a reason of its own.
func Internal(ctx context.Context, cause error) *connect.Error {
	if other, ok := errors.AsType[instead](cause); ok {
		return other.answer
	}
	if db.Unavailable(cause) {
		return build(ctx, connect.CodeUnavailable, &portalv1.ErrorInfo{
			Reason:       portalv1.Reason_REASON_STORE_UNAVAILABLE,
			RetryAfterMs: storePause.Milliseconds(),
		}, cause)
	}
	return Error(ctx, connect.CodeInternal, portalv1.Reason_REASON_INTERNAL, "", cause)
}

func build(ctx context.Context, code connect.Code, info *portalv1.ErrorInfo, cause error) *connect.Error {
	info.Reference = rand.Text()[:8]
	level := slog.LevelInfo
	if code == connect.CodeInternal ||
		code == connect.CodeUnavailable && info.Reason != portalv1.Reason_REASON_STARTING {
		level = slog.LevelError
	}
	attributes := []any{"reference", info.Reference, "reason", info.Reason.String()}
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		attributes = append(attributes, "procedure", call.Spec().Procedure)
	}
	if info.Field != "" {
		attributes = append(attributes, "field", info.Field)
	}
	if cause != nil {
		attributes = append(attributes, "cause", cause.Error())
	}
	slog.Log(ctx, level, "refused", attributes...)

	message := info.Reason.String()
	if fault, ok := errors.AsType[*plaintext.Fault](cause); ok {
		message += ": " + fault.Error()
	} else if told, ok := errors.AsType[*Told](cause); ok {
		message += ": " + told.Error()
	}
	err := connect.NewError(code, errors.New(message))
	detail, detailErr := connect.NewErrorDetail(info)
	if detailErr != nil {
		slog.ErrorContext(ctx, "an error could not be described", "reference", info.Reference, "cause", detailErr)
		return err
	}
	err.AddDetail(detail)
	return err
}
