//go:build !js

package rpc

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

func frame(flags byte, content string) string {
	return string(binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(content)))) + content
}

func packed(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	fine = "grpc-status: 0\r\n"
	// named is a GetSessionResponse whose session's display_name is A.
	named = "\n\x03\x12\x01A"
)

// What a portal, or whatever sits before it, may answer.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		kind   string
		fields map[string]string
		body   string
		want   Code // 0 is an answer
	}{
		"a message and the end": {
			200, "application/grpc-web+proto", nil, frame(0, named) + frame(flagTrailer, fine), 0,
		},
		"both compressed": {
			200, "application/grpc-web+proto", nil,
			frame(1, packed(t, named)) + frame(flagTrailer|1, packed(t, fine)), 0,
		},
		"upper-case names": {
			200, "application/grpc-web", nil, frame(0, named) + frame(flagTrailer, "Grpc-Status:0\r\n"), 0,
		},
		"a refusal": {
			200, "application/grpc-web+proto", nil, frame(flagTrailer, "grpc-status: 7\r\ngrpc-message: no%20way\r\n"),
			CodePermissionDenied,
		},
		"a refusal in the header": {
			200, "application/grpc-web+proto", map[string]string{"grpc-status": "5"}, "", CodeNotFound,
		},
		"a message, then an error": {
			200, "application/grpc-web+proto", nil, frame(0, named) + frame(flagTrailer, "grpc-status: 8\r\n"),
			CodeResourceExhausted,
		},
		"a code nobody knows": {
			200, "application/grpc-web+proto", nil, frame(flagTrailer, "grpc-status: 99\r\n"), 99,
		},
		"no message": {200, "application/grpc-web+proto", nil, frame(flagTrailer, fine), CodeInternal},
		"two messages": {
			200, "application/grpc-web+proto", nil,
			frame(0, named) + frame(0, named) + frame(flagTrailer, fine), CodeInternal,
		},
		"no status": {
			200, "application/grpc-web+proto", nil, frame(0, named) + frame(flagTrailer, "a: b\r\n"), CodeInternal,
		},
		"no end":         {200, "application/grpc-web+proto", nil, frame(0, named), CodeUnavailable},
		"cut in a frame": {200, "application/grpc-web+proto", nil, frame(0, named)[:7], CodeUnavailable},
		"cut in a head":  {200, "application/grpc-web+proto", nil, "\x00\x00", CodeUnavailable},
		"a huge frame": {
			200, "application/grpc-web+proto", nil, "\x00\xff\xff\xff\xff", CodeResourceExhausted,
		},
		"not gzip":          {200, "application/grpc-web+proto", nil, frame(1, "xx"), CodeInternal},
		"not the message":   {200, "application/grpc-web+proto", nil, frame(0, "\xff\xff"), CodeInternal},
		"a page of a hotel": {200, "text/html", nil, "<h1>Welcome to our Wi-Fi</h1>", CodeUnknown},
		"a gateway":         {503, "text/html", nil, "<h1>Maintenance</h1>", CodeUnavailable},
		"a gateway's limit": {429, "", nil, "", CodeUnavailable},
		"a wall":            {403, "", nil, "", CodePermissionDenied},
		"nothing there":     {404, "text/html", nil, "", CodeUnimplemented},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/portal.v1.LoginService/KeepSession" || r.Header.Get("grpc-timeout") == "" ||
					r.Header.Get("content-type") != "application/grpc-web+proto" {
					t.Errorf("asked %s with %v", r.URL, r.Header)
				}
				w.Header().Set("content-type", c.kind)
				for name, value := range c.fields {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
				if _, err := io.WriteString(w, c.body); err != nil {
					t.Error(err)
				}
			}))
			defer server.Close()
			var response portalv1.GetSessionResponse
			err := caller{
				httpSender{server.Client()}, server.URL, new(acts), new(portalTime),
			}.Call(t.Context(), "/portal.v1.LoginService/KeepSession", portalv1web.RepeatNever,
				&portalv1.KeepSessionRequest{}, &response)
			switch {
			case c.want == 0 && (err != nil || response.GetSession().GetDisplayName() != "A"):
				t.Errorf("%v, %v", &response, err)
			case c.want != 0 && (err == nil || CodeOf(err) != c.want):
				t.Errorf("%v, want %v", err, c.want)
			case name == "a refusal" && !strings.Contains(err.Error(), "no way"):
				t.Error(err)
			}
		})
	}
}

// The portal's own answers: compressed, with its detail, by connect-go as it runs there.
func TestAnswersOfThePortal(t *testing.T) {
	long := strings.Repeat("花子", 5000)
	info := &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_INVALID_FIELD, Field: "名前", Reference: "K7Q2"}
	_, c := serve(t, func(call int32) error {
		if call == 1 {
			return nil
		}
		err := connect.NewError(connect.CodeInvalidArgument, errors.New("入力が 違います"))
		if other, bad := connect.NewErrorDetail(&portalv1.GetSessionRequest{}); bad == nil {
			err.AddDetail(other)
		}
		if detail, bad := connect.NewErrorDetail(info); bad == nil {
			err.AddDetail(detail)
		}
		return err
	})
	response, err := c.login.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if err != nil || response.GetSession().GetDisplayName() != "花子" {
		t.Errorf("%v, %v", response, err)
	}
	_, err = c.login.KeepSession(t.Context(), &portalv1.KeepSessionRequest{})
	if got := Info(err); CodeOf(err) != CodeInvalidArgument || got.GetField() != "名前" || got.GetReference() != "K7Q2" ||
		!strings.Contains(err.Error(), "入力が 違います") {
		t.Errorf("%v with %v", err, got)
	}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewLoginServiceHandler(namer{name: long}))
	server := httptest.NewServer(mux)
	defer server.Close()
	response, err = newCalls(server.Client(), server.URL).login.GetSession(t.Context(), &portalv1.GetSessionRequest{})
	if err != nil || response.GetSession().GetDisplayName() != long {
		t.Errorf("%d bytes, %v", len(response.GetSession().GetDisplayName()), err)
	}
}

type namer struct {
	portalv1connect.UnimplementedLoginServiceHandler
	name string
}

func (n namer) GetSession(context.Context, *portalv1.GetSessionRequest) (*portalv1.GetSessionResponse, error) {
	return &portalv1.GetSessionResponse{Session: &portalv1.Session{DisplayName: n.name}}, nil
}

// A call that is called off ends at once, also while its answer is on the way; so does one whose time is up.
func TestCallingOff(t *testing.T) {
	arrived := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("content-type", "application/grpc-web+proto")
		w.WriteHeader(http.StatusOK)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	c := newCalls(server.Client(), server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := c.login.GetSession(ctx, &portalv1.GetSessionRequest{})
	if CodeOf(err) != CodeCanceled || Reason(err) != portalv1.Reason_REASON_UNREACHABLE {
		t.Error(err)
	}
	late, cancelLate := context.WithTimeout(t.Context(), 1)
	defer cancelLate()
	if _, err := c.login.GetSession(late, &portalv1.GetSessionRequest{}); CodeOf(err) != CodeDeadlineExceeded ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// No answer, whatever is in it, does more than fail.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		frame(0, named) + frame(flagTrailer, fine), frame(1, packed(f, named)),
		frame(flagTrailer, "grpc-status: 3\r\ngrpc-status-details-bin: CAMSAk5vGgA"),
		frame(flagTrailer, "grpc-status:\xff\r\n:::"), "\x80\x00\x00\x00\x00", "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &receiver{ctx: t.Context(), sender: httpSender{}, body: io.NopCloser(bytes.NewReader(body))}
		for range len(body) + 1 {
			if err := r.Receive(&portalv1.GetSessionResponse{}); err != nil {
				return
			}
		}
		t.Error("more messages than bytes")
	})
}
