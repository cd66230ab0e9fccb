//go:build !js

package rpc

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

type portal struct {
	portalv1connect.UnimplementedLoginServiceHandler
	portalv1connect.UnimplementedNoticeServiceHandler
	calls  atomic.Int32
	answer func(call int32) error
}

func (p *portal) GetSession(context.Context, *portalv1.GetSessionRequest) (*portalv1.GetSessionResponse, error) {
	if err := p.answer(p.calls.Add(1)); err != nil {
		return nil, err
	}
	return &portalv1.GetSessionResponse{Session: &portalv1.Session{DisplayName: "花子"}}, nil
}

func (p *portal) LogIn(context.Context, *portalv1.LogInRequest) (*portalv1.LogInResponse, error) {
	return &portalv1.LogInResponse{}, p.answer(p.calls.Add(1))
}

func (p *portal) KeepSession(context.Context, *portalv1.KeepSessionRequest) (*portalv1.KeepSessionResponse, error) {
	return nil, p.answer(p.calls.Add(1))
}

func (p *portal) WatchNotices(
	_ context.Context, _ *portalv1.WatchNoticesRequest, stream *connect.ServerStream[portalv1.WatchNoticesResponse],
) error {
	for i := range 3 {
		if err := stream.Send(&portalv1.WatchNoticesResponse{UnreadCount: int32(i)}); err != nil {
			return err
		}
	}
	return nil
}

// calls are the clients under test.
type calls struct {
	login   portalv1web.LoginService
	notices portalv1web.NoticeService
}

func newCalls(client *http.Client, origin string) calls {
	c := caller{sender: httpSender{client}, origin: origin, acts: new(acts), time: new(portalTime)}
	return calls{login: portalv1web.NewLoginService(c), notices: portalv1web.NewNoticeService(c)}
}

// httpSender does for tests what fetch does in a page.
type httpSender struct{ client *http.Client }

func (s httpSender) send(ctx context.Context, address string, headers map[string]string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	return answer{status: response.StatusCode, header: response.Header.Get, body: response.Body}, nil
}

func (httpSender) compressions() string { return "gzip" }

func (httpSender) inflate(_ context.Context, data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func serve(t *testing.T, answer func(call int32) error) (*portal, calls) {
	t.Helper()
	before := firstPause
	firstPause = time.Millisecond
	t.Cleanup(func() { firstPause = before })
	p := &portal{answer: answer}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewLoginServiceHandler(p))
	mux.Handle(portalv1connect.NewNoticeServiceHandler(p))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return p, newCalls(server.Client(), server.URL)
}

func failure(t *testing.T, code connect.Code, info *portalv1.ErrorInfo) error {
	t.Helper()
	err := connect.NewError(code, errors.New("no"))
	if info != nil {
		detail, bad := connect.NewErrorDetail(info)
		if bad != nil {
			t.Fatal(bad)
		}
		err.AddDetail(detail)
	}
	return err
}

func TestReadsAreRepeatedUntilTheyReachThePortal(t *testing.T) {
	p, c := serve(t, func(call int32) error {
		if call < 3 {
			return failure(t, connect.CodeUnavailable, nil)
		}
		return nil
	})
	response, err := c.login.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if err != nil || response.GetSession().GetDisplayName() != "花子" || p.calls.Load() != 3 {
		t.Fatalf("%v, %v after %d calls", response, err, p.calls.Load())
	}
}

// A portal that has just been started is asked again until it has the answer, however often; not to log in, which it
// may have done.
func TestReadsWaitForAPortalThatStarts(t *testing.T) {
	starting := failure(t, connect.CodeUnavailable, &portalv1.ErrorInfo{
		Reason: portalv1.Reason_REASON_STARTING, RetryAfterMs: 1,
	})
	p, c := serve(t, func(call int32) error {
		if call < 3*attempts {
			return starting
		}
		return nil
	})
	_, err := c.login.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if err != nil || p.calls.Load() != 3*attempts {
		t.Errorf("%v after %d calls", err, p.calls.Load())
	}
	p, c = serve(t, func(int32) error { return starting })
	if _, err := c.login.LogIn(t.Context(), &portalv1.LogInRequest{}); Reason(err) != portalv1.Reason_REASON_STARTING ||
		p.calls.Load() != 1 {
		t.Errorf("a login: %v after %d calls", err, p.calls.Load())
	}
	patience, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.login.GetSession(patience, &portalv1.GetSessionRequest{}); err == nil {
		t.Error("it never starts, and yet there is an answer")
	}
}

func TestWhatIsNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		call func(context.Context, calls) error
	}{
		"a login": {failure(t, connect.CodeUnavailable, nil), func(ctx context.Context, c calls) error {
			_, err := c.login.LogIn(ctx, &portalv1.LogInRequest{})
			return err
		}},
		"an answer with a reason": {failure(t, connect.CodeUnavailable, &portalv1.ErrorInfo{
			Reason: portalv1.Reason_REASON_REVOCATION_UNKNOWN,
		}), func(ctx context.Context, c calls) error {
			_, err := c.login.GetSession(ctx, &portalv1.GetSessionRequest{})
			return err
		}},
		"another kind of error": {failure(t, connect.CodeInternal, nil), func(ctx context.Context, c calls) error {
			_, err := c.login.GetSession(ctx, &portalv1.GetSessionRequest{})
			return err
		}},
	} {
		p, clients := serve(t, func(int32) error { return c.err })
		if err := c.call(t.Context(), clients); err == nil || p.calls.Load() != 1 {
			t.Errorf("%s: %v after %d calls", name, err, p.calls.Load())
		}
	}
}

func TestLapseIsTold(t *testing.T) {
	told := 0
	OnLapse(func() { told++ })
	t.Cleanup(func() { OnLapse(nil) })
	_, c := serve(t, func(int32) error {
		return failure(t, connect.CodeUnauthenticated, &portalv1.ErrorInfo{
			Reason: portalv1.Reason_REASON_NOT_LOGGED_IN,
		})
	})
	if _, err := c.login.KeepSession(t.Context(), &portalv1.KeepSessionRequest{}); err == nil || told != 1 {
		t.Errorf("%v, told %d times", err, told)
	}
}

func TestStreamsPass(t *testing.T) {
	_, c := serve(t, nil)
	stream, err := c.notices.WatchNotices(t.Context(), &portalv1.WatchNoticesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var counts []int32
	for stream.Receive() {
		counts = append(counts, stream.Msg().GetUnreadCount())
	}
	if stream.Err() != nil || len(counts) != 3 || counts[2] != 2 {
		t.Errorf("%v, %v", counts, stream.Err())
	}
}

func TestNobodyThere(t *testing.T) {
	before := firstPause
	firstPause = time.Millisecond
	defer func() { firstPause = before }()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := newCalls(server.Client(), server.URL).login.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if got := Reason(err); got != portalv1.Reason_REASON_UNREACHABLE {
		t.Errorf("%v for %v", got, err)
	}
}

// Who does not want an answer any more ends the call at the portal, too, and it is not made again.
func TestACallThatIsGivenUpEndsAtThePortal(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
		close(ended)
	}))
	t.Cleanup(server.Close)
	c := newCalls(server.Client(), server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := c.login.GetSession(ctx, &portalv1.GetSessionRequest{})
		failed <- err
	}()
	<-asked
	cancel()
	if err := <-failed; CodeOf(err) != CodeCanceled {
		t.Errorf("%v", err)
	}
	<-ended
	if n := calls.Load(); n != 1 {
		t.Errorf("called %d times", n)
	}
}

// Every call says whom the page shows, a stream and a read, too; what is done in somebody's name says that.
func TestEveryCallSaysWhomThePageShows(t *testing.T) {
	var said []string
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		said = append(said, r.Header.Get("X-Owner"))
		w.WriteHeader(http.StatusTeapot)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c := newCalls(server.Client(), server.URL)
	whom := ""
	Shows(func() string { return whom })
	t.Cleanup(func() { shown.Store(nil) })
	for _, whom = range []string{"", "hanako"} {
		said = nil
		read := func(ctx context.Context) {
			if _, err := c.notices.ListNotices(ctx, &portalv1.ListNoticesRequest{}); err == nil {
				t.Error("there was an answer")
			}
		}
		read(t.Context())
		read(As(t.Context(), ""))
		if _, err := c.notices.WatchNotices(t.Context(), &portalv1.WatchNoticesRequest{}); err == nil {
			t.Error("there was a stream")
		}
		read(As(t.Context(), "taro"))
		if want := []string{whom, whom, whom, "taro"}; !slices.Equal(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
}

// That another is logged in is passed on; that a field names another is not.
func TestThatAnotherIsLoggedInIsPassedOn(t *testing.T) {
	told := 0
	OnOther(func() { told++ })
	t.Cleanup(func() { OnOther(nil) })
	for _, field := range []string{"signature", ""} {
		TellLapse(&Error{Code: CodePermissionDenied, Info: &portalv1.ErrorInfo{
			Reason: portalv1.Reason_REASON_OTHER_PERSON, Field: field,
		}})
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
