// Package edition turns away pages that are too old for the portal (proto/edition), before anything is done. It says so
// with a reason that the page has words and a button for; what the person has typed stays there.
package edition

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/proto/edition"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Check says what is wrong with oldest as a setting.
func Check(oldest int) error {
	if oldest < edition.First || oldest > edition.Now {
		return fmt.Errorf("pages are of the editions %d to %d, not %d", edition.First, edition.Now, oldest)
	}
	return nil
}

// NewInterceptor refuses the calls of pages from before an edition.
func NewInterceptor(oldest int) connect.Interceptor { return interceptor{oldest: oldest} }

type interceptor struct{ oldest int }

func (i interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if err := i.judge(ctx, request.Header()); err != nil {
			return nil, err
		}
		return next(ctx, request)
	}
}

func (i interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if err := i.judge(ctx, conn.RequestHeader()); err != nil {
			return err
		}
		return next(ctx, conn)
	}
}

func (i interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// judge takes what is no number for a page of the first edition: it names none of ours.
func (i interceptor) judge(ctx context.Context, header http.Header) error {
	of, err := strconv.Atoi(header.Get(edition.Header))
	if err != nil {
		of = edition.First
	}
	if of >= i.oldest {
		return nil
	}
	why := fmt.Errorf("a page of edition %d, the oldest answered is %d", of, i.oldest)
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_PAGE_TOO_OLD, "", why)
}
