package ask_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// begun is a visit, and the engine that has what was asked answered.
func begun(t *testing.T) (*ask.Visit, app.TestEngine) {
	t.Helper()
	ctx, engine := pagetest.Context(t)
	visit := &ask.Visit{}
	visit.Begin(ctx)
	t.Cleanup(visit.End)
	return visit, engine
}

// portal answers when the test lets it.
type portal struct {
	calls   int
	answers chan string
	given   chan error // why a call was given up
}

func newPortal() *portal { return &portal{answers: make(chan string), given: make(chan error, 10)} }

func (p *portal) call(ctx context.Context, question string) (string, error) {
	p.calls++
	select {
	case answer := <-p.answers:
		return question + ": " + answer, nil
	case <-ctx.Done():
		p.given <- ctx.Err()
		return "", ctx.Err()
	}
}

var unreachable = &rpc.Error{Code: rpc.CodeUnavailable, Text: "no network"}

func TestAnAnswerIsHeard(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	var heard string
	p := newPortal()
	ask.For(visit, &q, p.call, "how many", func(_ app.Context, answer string, err error) { heard = answer })
	if !q.Busy {
		t.Error("nobody waits")
	}
	p.answers <- "three"
	engine.ConsumeAll()
	if heard != "how many: three" || q.Busy || q.Failure.Is() {
		t.Errorf("%q, %+v", heard, q)
	}
}

func TestAnEarlierQuestionIsGivenUp(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	var heard []string
	hear := func(_ app.Context, answer string, _ error) { heard = append(heard, answer) }
	before, now := newPortal(), newPortal()
	ask.For(visit, &q, before.call, "before", hear)
	ask.For(visit, &q, now.call, "now", hear)
	if err := <-before.given; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	now.answers <- "yes"
	engine.ConsumeAll()
	if strings.Join(heard, " ") != "now: yes" {
		t.Errorf("heard: %q", heard)
	}
}

// The answer to an earlier question may be on the page already when the next one is asked.
func TestALateAnswerIsLeftOut(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	var heard []string
	hear := func(_ app.Context, answer string, _ error) { heard = append(heard, answer) }
	at := func(_ context.Context, question string) (string, error) { return question, nil }
	ask.For(visit, &q, at, "before", hear)
	ask.For(visit, &q, at, "now", hear)
	engine.ConsumeAll()
	if strings.Join(heard, " ") != "now" {
		t.Errorf("heard: %q", heard)
	}
	ask.For(visit, &q, at, "dropped", hear)
	q.Drop()
	engine.ConsumeAll()
	if len(heard) != 1 || q.Busy {
		t.Errorf("heard: %q, %+v", heard, q)
	}
}

func TestLeavingGivesUpWhatIsAskedFor(t *testing.T) {
	visit, _ := begun(t)
	var q ask.Question
	p := newPortal()
	ended := false
	visit.Until(func() { ended = true })
	ask.For(visit, &q, p.call, "", func(app.Context, string, error) {})
	visit.End()
	if err := <-p.given; !errors.Is(err, context.Canceled) || !ended {
		t.Error(err, ended)
	}
}

func TestWhatIsToBeDoneIsDoneOnceAndAfterLeaving(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	left, calls := make(chan struct{}), 0
	save := func(ctx context.Context, _ string) (string, error) {
		calls++
		<-left
		return "saved", ctx.Err()
	}
	var heard []error
	for range 3 {
		ask.Do(visit, &q, save, "", func(_ app.Context, _ string, err error) { heard = append(heard, err) })
	}
	visit.End()
	close(left)
	engine.ConsumeAll()
	if calls != 1 || len(heard) != 1 || heard[0] != nil {
		t.Errorf("called %d times, heard %v", calls, heard)
	}
}

// What could not be done is done again when the person wants it, and not by itself.
func TestWhatCouldNotBeDone(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	calls := 0
	save := func(context.Context, string) (string, error) {
		calls++
		return "", unreachable
	}
	hear := func(app.Context, string, error) {}
	ask.For(visit, &q, func(context.Context, string) (string, error) { return "", nil }, "", hear)
	engine.ConsumeAll()
	ask.Do(visit, &q, save, "", hear)
	engine.ConsumeAll()
	shell.SetReachable(false)
	shell.SetReachable(true)
	engine.ConsumeAll()
	if calls != 1 || !q.Cut {
		t.Errorf("called %d times: %+v", calls, q)
	}
	q.Again(visit.Page)
	engine.ConsumeAll()
	if calls != 2 {
		t.Errorf("called %d times", calls)
	}
}

func TestAFailureHasWordsAndAWayOn(t *testing.T) {
	pagetest.In(t, lang.English)
	visit, engine := begun(t)
	var q ask.Question
	fails := true
	call := func(context.Context, string) (string, error) {
		if fails {
			return "", &rpc.Error{
				Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND},
			}
		}
		return "there", nil
	}
	pagetest.Has(t, app.HTMLString(q.Waiting("thing", 3)), "skeleton", `id="thing-slow"`)
	answers := 0
	ask.For(visit, &q, call, "", func(_ app.Context, _ string, err error) {
		if err == nil {
			answers++
		}
	})
	engine.ConsumeAll()
	if !q.Failure.Is() || q.Cut || q.Busy || answers != 0 {
		t.Errorf("%+v, %d answers", q, answers)
	}
	html := app.HTMLString(q.Waiting("thing", 3))
	pagetest.Has(t, html, `id="thing-again"`, "Load again")
	pagetest.HasNot(t, html, "skeleton")
	fails = false
	q.Again(visit.Page)
	engine.ConsumeAll()
	if q.Failure.Is() || answers != 1 {
		t.Errorf("asked again: %+v, %d answers", q, answers)
	}
}

// What could not be had for want of a network comes by itself once there is one; who has left is not troubled.
func TestTheNetworkIsBack(t *testing.T) {
	visit, engine := begun(t)
	var q ask.Question
	var calls []string
	call := func(_ context.Context, question string) (string, error) {
		calls = append(calls, question)
		return "", unreachable
	}
	hear := func(app.Context, string, error) {}
	ask.For(visit, &q, call, "list", hear)
	engine.ConsumeAll()
	if !q.Cut {
		t.Fatalf("%+v", q)
	}
	shell.SetReachable(false)
	engine.ConsumeAll()
	if len(calls) != 1 {
		t.Errorf("asked without a network: %q", calls)
	}
	shell.SetReachable(true)
	engine.ConsumeAll()
	if strings.Join(calls, " ") != "list list" {
		t.Errorf("asked: %q", calls)
	}
	visit.End()
	shell.SetReachable(false)
	shell.SetReachable(true)
	engine.ConsumeAll()
	if len(calls) != 2 {
		t.Errorf("asked after leaving: %q", calls)
	}
}
