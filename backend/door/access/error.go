package access

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

// Error builds an error that a person (or an office) meets: a reason that the page turns into words, the field at fault or "", and a
// reference that finds the log line. The cause is for the log and must hold no secret; of a text at fault the caller is told which character
// stands where. It is the one way to build such errors.
func Error(ctx context.Context, code connect.Code, reason portalv1.Reason, field string, cause error) *connect.Error {
	return build(ctx, code, &portalv1.ErrorInfo{Reason: reason, Field: field}, cause)
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

// Internal is the error of something that broke on our side. A store that cannot do its work now is told apart: nothing was done, and
// coming again later helps. Whatever else is asked over a network has a reason of its own.
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
	if code == connect.CodeInternal || code == connect.CodeUnavailable && info.Reason != portalv1.Reason_REASON_STARTING {
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
	var fault *plaintext.Fault
	if errors.As(cause, &fault) {
		message += ": " + fault.Error()
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
