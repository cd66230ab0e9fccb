//go:build !js

package rpc

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// marking notes the key of each call that comes in, and loses the answers that it is told to lose.
type marking struct {
	portalv1connect.UnimplementedNoticeServiceHandler
	mu    sync.Mutex
	keys  []string
	lose  int
	fails error
}

func (m *marking) MarkNotices(
	ctx context.Context, _ *portalv1.MarkNoticesRequest,
) (*portalv1.MarkNoticesResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys = append(m.keys, call.RequestHeader().Get("Idempotency-Key"))
	return &portalv1.MarkNoticesResponse{UnreadCount: int32(len(m.keys))}, m.fails
}

func (m *marking) ListNotices(
	ctx context.Context, _ *portalv1.ListNoticesRequest,
) (*portalv1.ListNoticesResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	if call.RequestHeader().Get("Idempotency-Key") != "" {
		return nil, errors.New("a read with a key")
	}
	return &portalv1.ListNoticesResponse{}, nil
}

// through answers through a connection that breaks off as often as it is told to, after the portal has done its work.
func (m *marking) through(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		lost := m.lose > 0
		m.lose--
		m.mu.Unlock()
		if !lost {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

func serveMarking(t *testing.T) (*marking, calls) {
	t.Helper()
	before := firstPause
	firstPause = time.Millisecond
	t.Cleanup(func() { firstPause = before })
	m := &marking{}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewNoticeServiceHandler(m))
	server := httptest.NewServer(m.through(mux))
	// Go's client, too, sends again what has a key when a connection that it kept breaks off
	server.Config.SetKeepAlivesEnabled(false)
	t.Cleanup(server.Close)
	return m, newCalls(server.Client(), server.URL)
}

func mark(t *testing.T, c calls, id string) error {
	t.Helper()
	_, err := c.notices.MarkNotices(t.Context(), &portalv1.MarkNoticesRequest{Ids: []string{id}})
	return err
}

// A write whose answer was lost is sent again under the same key, without the person's doing.
func TestALostWriteIsRepeatedUnderItsKey(t *testing.T) {
	m, c := serveMarking(t)
	m.lose = attempts - 1
	if err := mark(t, c, "a"); err != nil {
		t.Fatal(err)
	}
	if len(m.keys) != attempts || m.keys[0] == "" || len(slices.Compact(m.keys)) != 1 {
		t.Errorf("keys %v", m.keys)
	}
	if _, err := c.notices.ListNotices(t.Context(), &portalv1.ListNoticesRequest{}); err != nil {
		t.Error(err)
	}
}

// Who presses again after nothing was heard means the same act; after an answer, or after something else, another.
func TestWhatIsTheSameAct(t *testing.T) {
	m, c := serveMarking(t)
	last := func() string { return m.keys[len(m.keys)-1] }
	m.lose = attempts
	if err := mark(t, c, "a"); Reason(err) != portalv1.Reason_REASON_UNREACHABLE {
		t.Fatal(err)
	}
	unheard := last()
	if err := mark(t, c, "a"); err != nil || last() != unheard {
		t.Errorf("pressed again: %v, key %q after %q", err, last(), unheard)
	}
	if err := mark(t, c, "a"); err != nil || last() == unheard {
		t.Errorf("after the answer: %v, key %q again", err, last())
	}

	m.lose = attempts
	if err := mark(t, c, "a"); err == nil {
		t.Fatal("there was an answer")
	}
	unheard = last()
	if err := mark(t, c, "b"); err != nil || last() == unheard {
		t.Errorf("something else: %v, key %q again", err, last())
	}
	if err := mark(t, c, "a"); err != nil || last() == unheard {
		t.Errorf("after something else: %v, key %q again", err, last())
	}

	m.fails = failure(t, connect.CodeInvalidArgument, &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_INVALID_FIELD})
	if err := mark(t, c, "a"); err == nil {
		t.Fatal("it was not refused")
	}
	refused := last()
	m.fails = nil
	if err := mark(t, c, "a"); err != nil || last() == refused {
		t.Errorf("after a refusal: %v, key %q again", err, last())
	}
}

// Two calls for the same that are under way together are one act: a button was pressed twice.
func TestADoubleClickHasOneKey(t *testing.T) {
	var a acts
	first, second := a.begin("/s/Do", []byte("x")), a.begin("/s/Do", []byte("x"))
	other := a.begin("/s/Do", []byte("y"))
	if first != second || other == first {
		t.Errorf("%q, %q, %q", first, second, other)
	}
	a.settle(first) // late: the act is not the last any more
	if got := a.begin("/s/Do", []byte("y")); got != other {
		t.Errorf("%q, want %q", got, other)
	}
}
