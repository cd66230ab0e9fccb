package edition

import (
	"context"
	"errors"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/proto/edition"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestPagesThatAreTooOldAreTold(t *testing.T) {
	for _, c := range []struct {
		oldest int
		header string
		passes bool
	}{
		{edition.First, "", true}, {edition.First, "1", true}, {edition.First, "2", true}, {edition.First, "x", true},
		{edition.First, "99", true},
		{edition.Now, "", false}, {edition.Now, "1", false}, {edition.Now, "2", true}, {edition.Now, "-1", false},
		{edition.Now, "3", true},
	} {
		calls := 0
		call := NewInterceptor(c.oldest).
			WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
				calls++
				return connect.NewResponse(&portalv1.GetSessionResponse{}), nil
			})
		request := connect.NewRequest(&portalv1.GetSessionRequest{})
		if c.header != "" {
			request.Header().Set(edition.Header, c.header)
		}
		_, err := call(t.Context(), request)
		if (err == nil) != c.passes || (calls == 1) != c.passes {
			t.Errorf("%+v: %v, %d calls", c, err, calls)
		}
		if err != nil && reason(t, err) != portalv1.Reason_REASON_PAGE_TOO_OLD {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func reason(t *testing.T, err error) portalv1.Reason {
	t.Helper()
	var failure *connect.Error
	if !errors.As(err, &failure) || failure.Code() != connect.CodeFailedPrecondition || len(failure.Details()) != 1 {
		t.Fatalf("not as a page understands it: %v", err)
	}
	detail, err := failure.Details()[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	info, ok := detail.(*portalv1.ErrorInfo)
	if !ok {
		t.Fatalf("a detail of another kind: %T", detail)
	}
	return info.GetReason()
}

func TestCheck(t *testing.T) {
	for oldest, good := range map[int]bool{0: false, edition.First: true, edition.Now: true, edition.Now + 1: false} {
		if err := Check(oldest); (err == nil) != good {
			t.Errorf("%d: %v", oldest, err)
		}
	}
}
