package rpc

import (
	"errors"
	"strconv"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Code is a status of gRPC (https://grpc.io/docs/guides/status-codes).
type Code uint8

// The codes that the page tells apart.
const (
	CodeCanceled          Code = 1
	CodeUnknown           Code = 2
	CodeInvalidArgument   Code = 3
	CodeDeadlineExceeded  Code = 4
	CodeNotFound          Code = 5
	CodePermissionDenied  Code = 7
	CodeResourceExhausted Code = 8
	CodeUnimplemented     Code = 12
	CodeInternal          Code = 13
	CodeUnavailable       Code = 14
	CodeUnauthenticated   Code = 16
)

var codeNames = [...]string{
	"ok", "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
	"permission_denied", "resource_exhausted",
	"failed_precondition", "aborted", "out_of_range", "unimplemented", "internal", "unavailable", "data_loss",
	"unauthenticated",
}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "code_" + strconv.Itoa(int(c))
}

// Error is a call that failed: on the way, or because the portal said so.
type Error struct {
	Code Code
	// Text is technical, English.
	Text string
	// Info is what the portal says of the reason; nil for what never reached it.
	Info *portalv1.ErrorInfo

	cause error
}

func (e *Error) Error() string {
	text := e.Code.String()
	if e.Text != "" {
		text += ": " + e.Text
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of an error; CodeUnknown for what is no Error.
func CodeOf(err error) Code {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Code
	}
	return CodeUnknown
}

// codeOfStatus is the code for an HTTP status that came without one of gRPC's
// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
func codeOfStatus(status int) Code {
	switch status {
	case 400:
		return CodeInternal
	case 401:
		return CodeUnauthenticated
	case 403:
		return CodePermissionDenied
	case 404:
		return CodeUnimplemented
	case 429, 502, 503, 504:
		return CodeUnavailable
	}
	return CodeUnknown
}
