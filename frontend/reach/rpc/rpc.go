// Package rpc is the page's way to the portal: the generated clients over gRPC-Web on the browser's fetch, and what
// their errors carry (part/trouble has the words for them). It knows no page; what it keeps on the device says
// the contract, and who is logged in is the session package's business.
//
// net/http and whatever imports it (connect-go) stay out of the page: they are a quarter of its weight.
package rpc

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	// callTimeout bounds a call whose context has no deadline of its own.
	callTimeout = 20 * time.Second
	// attempts is how often a call is tried in all that may be repeated.
	attempts = 3
)

// firstPause is the wait before the second attempt; it doubles. A variable for tests.
var firstPause = 300 * time.Millisecond

var shared = sync.OnceValue(func() caller {
	return caller{sender: transport(), origin: origin(), acts: new(acts), time: &clock}
})

// To is the client of a service: rpc.To(portalv1web.NewNoticeService).
func To[Service any](client func(portalv1web.Caller) Service) Service { return client(shared()) }

type byItself struct{}

// ByItself marks what is called under it as the page's own doing: it is no sign of the person, and keeps no session
// alive.
func ByItself(ctx context.Context) context.Context { return context.WithValue(ctx, byItself{}, true) }

// shown tells whom the page shows; see Shows.
var shown atomic.Pointer[func() string]

// Shows sets who says whose page this is (Session.owner), "" when it is nobody's yet. Every call says so: the portal
// refuses what is a person's own (OnOther) when another has logged in meanwhile, in another tab.
func Shows(whom func() string) { shown.Store(&whom) }

type owner struct{}

// As has what is called under it be done in the name of who is logged in now (Session.owner), or not at all: the portal
// refuses it in a session of anybody else, who may have logged in meanwhile, in another tab. For what takes longer than
// a moment, and what is sent without being pressed: the page may be another's by then. "" is for whom the page shows.
func As(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, owner{}, name)
}

// Owner is in whose name something is called; "" when that is not known.
func Owner(ctx context.Context) string {
	if name, _ := ctx.Value(owner{}).(string); name != "" {
		return name
	}
	if whom := shown.Load(); whom != nil {
		return (*whom)()
	}
	return ""
}

// told are those who hear what any call may be answered with.
var told struct {
	sync.Mutex
	of map[portalv1.Reason]func()
}

// OnLapse sets what is called, on any goroutine, when the portal answers that nobody is logged in (any more).
func OnLapse(hear func()) { on(portalv1.Reason_REASON_NOT_LOGGED_IN, hear) }

// OnOther sets what is called, on any goroutine, when the portal answers that somebody else is logged in than whom a
// call was for.
func OnOther(hear func()) { on(portalv1.Reason_REASON_OTHER_PERSON, hear) }

// OnTooOld sets what is called, on any goroutine, when the portal answers that it does not understand a page as old as
// this one.
func OnTooOld(hear func()) { on(portalv1.Reason_REASON_PAGE_TOO_OLD, hear) }

func on(reason portalv1.Reason, hear func()) {
	told.Lock()
	defer told.Unlock()
	if told.of == nil {
		told.of = map[portalv1.Reason]func(){}
	}
	told.of[reason] = hear
}

// patient gives a unary call a deadline, tells of a session that ended, and repeats what may be repeated when it did
// not reach the portal, or when the portal will answer in a moment.
func patient(ctx context.Context, repeatable bool, call func(context.Context) error) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := call(ctx)
		if err == nil {
			return nil
		}
		TellLapse(err)
		if soon := startsIn(err); soon > 0 && repeatable {
			if !sleep(ctx, soon+rand.N(soon)) {
				return err
			}
			attempt--
			continue
		}
		if attempt == attempts || !repeatable || !mayPass(err) {
			return err
		}
		if !sleep(ctx, pause+rand.N(pause)) {
			return err
		}
		pause *= 2
	}
}

// TellLapse passes on that the session ended or is another's, or that the page is too old, if that is what err says.
// Streams call it; unary calls do so by themselves.
func TellLapse(err error) {
	told.Lock()
	hear := told.of[Info(err).GetReason()]
	told.Unlock()
	if hear != nil && Info(err).GetField() == "" { // what is wrong with a field is no word of the session
		hear()
	}
}

// mayPass says whether the same call may succeed a moment later. An error with a reason is an answer, and stays one.
func mayPass(err error) bool {
	return CodeOf(err) == CodeUnavailable && Info(err) == nil
}

// startsIn is after what time the portal, which has just been started, will have the answer; 0 when that is not why the
// call failed.
func startsIn(err error) time.Duration {
	if info := Info(err); info.GetReason() == portalv1.Reason_REASON_STARTING {
		return time.Duration(min(max(info.GetRetryAfterMs(), 1), callTimeout.Milliseconds())) * time.Millisecond
	}
	return 0
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
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Info
	}
	return nil
}

// ListChanged tells that a list is not what it was when its page before was given, or that the portal was replaced
// since: whoever asks begins again at the first page.
func ListChanged(err error) bool {
	info := Info(err)
	return info.GetReason() == portalv1.Reason_REASON_INVALID_FIELD && info.GetField() == "page_token"
}

// Reason says why a call failed. What never reached the portal, or came back without a reason, gets the page's own.
func Reason(err error) portalv1.Reason {
	if info := Info(err); info != nil {
		return info.GetReason()
	}
	switch CodeOf(err) {
	case CodeUnavailable, CodeDeadlineExceeded, CodeCanceled:
		return portalv1.Reason_REASON_UNREACHABLE
	case CodeResourceExhausted:
		return portalv1.Reason_REASON_TOO_MANY_REQUESTS
	case CodeUnauthenticated:
		return portalv1.Reason_REASON_NOT_LOGGED_IN
	case CodePermissionDenied:
		return portalv1.Reason_REASON_NOT_ALLOWED
	case CodeNotFound:
		return portalv1.Reason_REASON_NOT_FOUND
	}
	return portalv1.Reason_REASON_INTERNAL
}
