// Package rpc is the page's way to the portal: the generated clients over a fetch transport of our own, and errors turned into
// words. It knows no page and keeps nothing; who is logged in is the session package's business.
//
// net/http's transport must stay unreachable from here: it alone weighs 5 MB of WebAssembly.
package rpc

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/frontend/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const (
	// callTimeout bounds a call whose context has no deadline of its own.
	callTimeout = 20 * time.Second
	// readAttempts is how often a read that changes nothing is tried in all.
	readAttempts = 3
)

// firstPause is the wait before the second attempt of a read; it doubles. A variable for tests.
var firstPause = 300 * time.Millisecond

type clients struct {
	login   portalv1connect.LoginServiceClient
	account portalv1connect.AccountServiceClient
	notices portalv1connect.NoticeServiceClient

	places     portalv1connect.PlaceServiceClient
	procedures portalv1connect.ProcedureServiceClient
	guide      portalv1connect.GuideServiceClient
}

var shared = sync.OnceValue(func() clients { return newClients(transport(), origin()) })

func newClients(client connect.HTTPClient, origin string) clients {
	options := connect.WithClientOptions(connect.WithGRPCWeb(), connect.WithInterceptors(connect.UnaryInterceptorFunc(patient)))
	return clients{
		login:   portalv1connect.NewLoginServiceClient(client, origin, options),
		account: portalv1connect.NewAccountServiceClient(client, origin, options),
		notices: portalv1connect.NewNoticeServiceClient(client, origin, options),

		places:     portalv1connect.NewPlaceServiceClient(client, origin, options),
		procedures: portalv1connect.NewProcedureServiceClient(client, origin, options),
		guide:      portalv1connect.NewGuideServiceClient(client, origin, options),
	}
}

// Login is the client of the login service.
func Login() portalv1connect.LoginServiceClient { return shared().login }

// Account is the client of the account service.
func Account() portalv1connect.AccountServiceClient { return shared().account }

// Notices is the client of the notice service.
func Notices() portalv1connect.NoticeServiceClient { return shared().notices }

// Places is the client of the place service.
func Places() portalv1connect.PlaceServiceClient { return shared().places }

// Procedures is the client of the procedure service.
func Procedures() portalv1connect.ProcedureServiceClient { return shared().procedures }

// Guide is the client of the guide service.
func Guide() portalv1connect.GuideServiceClient { return shared().guide }

// Local is a text that the portal sends in the languages of the page.
func Local(t *portalv1.LocalText) lang.Text { return lang.New(t.GetJa(), t.GetEn(), t.GetEasy()) }

var lapse struct {
	sync.Mutex
	told func()
}

// OnLapse sets what is called, on any goroutine, when the portal answers that nobody is logged in (any more).
func OnLapse(told func()) {
	lapse.Lock()
	defer lapse.Unlock()
	lapse.told = told
}

// patient gives each unary call a deadline, repeats reads that did not reach the portal, and tells of a session that ended.
func patient(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, callTimeout)
			defer cancel()
		}
		pause := firstPause
		for attempt := 1; ; attempt++ {
			response, err := next(ctx, request)
			if err == nil {
				return response, nil
			}
			TellLapse(err)
			if attempt == readAttempts || !isRead(request.Spec().Procedure) || !mayPass(err) {
				return nil, err
			}
			if !sleep(ctx, pause+rand.N(pause)) {
				return nil, err
			}
			pause *= 2
		}
	}
}

// TellLapse passes on that the session ended, if that is what err says. Streams call it; unary calls do so by themselves.
func TellLapse(err error) {
	if Info(err).GetReason() != portalv1.Reason_REASON_NOT_LOGGED_IN {
		return
	}
	lapse.Lock()
	told := lapse.told
	lapse.Unlock()
	if told != nil {
		told()
	}
}

// isRead tells from the name whether a procedure changes nothing: "/portal.v1.NoticeService/ListNotices".
func isRead(procedure string) bool {
	name := procedure[strings.LastIndexByte(procedure, '/')+1:]
	for _, verb := range []string{"Get", "List", "Find", "Search", "Compare", "Plan"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// mayPass says whether the same call may succeed a moment later. An error with a reason is an answer, and stays one.
func mayPass(err error) bool {
	return connect.CodeOf(err) == connect.CodeUnavailable && Info(err) == nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Info returns the detail that the portal sent with an error; nil when there is none.
func Info(err error) *portalv1.ErrorInfo {
	var failure *connect.Error
	if !errors.As(err, &failure) {
		return nil
	}
	for _, detail := range failure.Details() {
		value, err := detail.Value()
		if err != nil {
			continue
		}
		if info, ok := value.(*portalv1.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// Reason says why a call failed. What never reached the portal, or came back without a reason, gets the page's own.
func Reason(err error) portalv1.Reason {
	if info := Info(err); info != nil {
		return info.GetReason()
	}
	switch connect.CodeOf(err) {
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded, connect.CodeCanceled:
		return portalv1.Reason_REASON_UNREACHABLE
	case connect.CodeResourceExhausted:
		return portalv1.Reason_REASON_TOO_MANY_REQUESTS
	case connect.CodeUnauthenticated:
		return portalv1.Reason_REASON_NOT_LOGGED_IN
	case connect.CodePermissionDenied:
		return portalv1.Reason_REASON_NOT_ALLOWED
	case connect.CodeNotFound:
		return portalv1.Reason_REASON_NOT_FOUND
	}
	return portalv1.Reason_REASON_INTERNAL
}
