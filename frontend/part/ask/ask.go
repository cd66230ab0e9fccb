// Package ask is how a page asks the portal. It says what it wants to know (For) or to have done (Do) and what becomes
// of the answer; the rest is here: that somebody waits, an answer that comes too late, the failure in words
// (part/trouble), loading again by hand, and by itself once there is a network again.
//
// What is asked for ends with the page: who leaves it, or asks for something else meanwhile, wants no answer any more,
// and the call is given up. What is to be done is done once, however often a button is pressed, and goes on when the
// page is left.
package ask

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Visit is the time that a component is on the screen: Begin it in OnMount and End it in OnDismount.
type Visit struct {
	// Page is the component's own context, which lives longer than that of a button.
	Page app.Context

	life context.Context
	ends []func()
	cut  []*Question // what was asked for in vain without a network
}

// Begin begins the visit with the component's own context, which it has drawn again whenever what the shell knows
// changes.
func (v *Visit) Begin(ctx app.Context) {
	life, end := context.WithCancel(ctx)
	v.Page, v.life, v.ends = ctx, life, append(v.ends, end)
	shell.Watch(ctx, func(app.Context) { v.online() })
}

// Until has something done when the visit ends: to stop listening, say.
func (v *Visit) Until(end func()) { v.ends = append(v.ends, end) }

// End ends the visit, and with it what is being asked for.
func (v *Visit) End() {
	for _, end := range v.ends {
		end()
	}
	v.ends = nil
}

// online asks again for what could not be had without a network.
func (v *Visit) online() {
	if !shell.Online() || v.life.Err() != nil {
		return
	}
	cut := v.cut
	v.cut = nil
	for _, q := range cut {
		if q.Cut {
			q.Again(v.Page)
		}
	}
}

// Question is what one place of a page asks the portal; the zero Question has not been asked. Its fields are to be
// read, Failure to be put in better words by who hears the answer.
type Question struct {
	// Busy says that the answer is awaited.
	Busy bool
	// Failure says why there is none; the zero Message when nothing went wrong.
	Failure trouble.Message
	// Cut says that the portal was out of reach.
	Cut bool
	// Keeps says that an answer from the device will do when the portal is out of reach. The page shows AsOf then.
	Keeps bool
	// Age says how old the answer is, or that there may be one in the vault.
	Age rpc.Age

	turn  int
	here  string // the path of the page
	stop  context.CancelFunc
	again func()
	loads bool // it asks for something, and may do so again by itself
}

// For asks for something, as it is now: an earlier question in the same place is given up, and its answer left out.
// heard gets the answer, or the error that Failure has the words for.
func For[Request, Answer any](
	v *Visit, q *Question, call func(context.Context, Request) (Answer, error), request Request,
	heard func(ctx app.Context, answer Answer, err error),
) {
	v.load(q, asked(call, request, heard))
}

// Do asks for something to be done. While it is, it is not asked for again.
func Do[Request, Answer any](
	v *Visit, q *Question, call func(context.Context, Request) (Answer, error), request Request,
	heard func(ctx app.Context, answer Answer, err error),
) {
	v.do(q, asked(call, request, heard))
}

// asking asks, and gives the error and what hears the answer.
type asking func(life context.Context) (heard func(app.Context), err error)

// asked is a call of any types as an asking: all the rest of this package is there once and not for each of them, by
// which the page's program is lighter.
func asked[Request, Answer any](
	call func(context.Context, Request) (Answer, error), request Request,
	heard func(ctx app.Context, answer Answer, err error),
) asking {
	return func(life context.Context) (func(app.Context), error) {
		answer, err := call(life, request)
		return func(ctx app.Context) { heard(ctx, answer, err) }, err
	}
}

func (v *Visit) load(q *Question, ask asking) {
	q.again, q.loads = func() { v.load(q, ask) }, true
	q.Drop()
	life, stop := context.WithCancel(v.life)
	q.stop = stop
	v.run(q, life, ask)
}

func (v *Visit) do(q *Question, ask asking) {
	if q.Busy {
		return
	}
	q.again, q.loads = func() { v.do(q, ask) }, false
	v.run(q, context.WithoutCancel(v.life), ask)
}

func (v *Visit) run(q *Question, life context.Context, ask asking) {
	turn, age := q.begin(), &rpc.Age{}
	q.here = v.Page.Page().URL().Path
	if q.Keeps && q.loads {
		life, age = rpc.OrKept(life)
	}
	v.Page.Async(func() {
		heard, err := ask(life)
		v.Page.Dispatch(func(ctx app.Context) { // left out once the component is gone
			if turn != q.turn {
				return
			}
			q.Age = *age
			q.end(v, err)
			heard(ctx)
		})
	})
}

func (q *Question) begin() int {
	q.turn++
	q.Busy, q.Cut, q.Failure = true, false, trouble.Message{}
	return q.turn
}

func (q *Question) end(v *Visit, err error) {
	q.Busy = false
	if q.stop != nil {
		q.stop()
	}
	if err == nil {
		if !q.Age.Kept.IsZero() { // it is asked for again once there is a network
			q.Cut = true
			v.cut = append(v.cut, q)
		}
		return
	}
	if rpc.Kept(err) { // who hears it says that it waits
		return
	}
	q.Failure = trouble.Words(err)
	if q.Cut = rpc.Reason(err) == portalv1.Reason_REASON_UNREACHABLE; q.Cut && q.loads {
		v.cut = append(v.cut, q)
	}
}

// Drop gives up what is being asked for.
func (q *Question) Drop() {
	q.turn++
	q.Busy, q.Cut, q.Failure = false, false, trouble.Message{}
	if q.stop != nil {
		q.stop()
	}
}

// Again asks for the same again, when the person wants to.
func (q *Question) Again(app.Context) {
	if q.again != nil {
		q.again()
	}
}

// AsOf says that what is shown comes from the device, and of when; or that there may be something in the vault, and how
// to open it. Empty when neither is so.
func (q *Question) AsOf(name string) app.UI { return AsOf(q.Age, name, q.here) }

// AsOf says the same of an answer that was asked for in another way, on the page of a path.
func AsOf(age rpc.Age, name, here string) app.UI {
	place := app.Div().Class("as-of")
	switch {
	case !age.Kept.IsZero():
		return place.Body(kit.NotificationBanner{
			ID: name + "-kept", Tone: kit.Warning, Title: textAsOf.F(lang.DateTime(age.Kept)),
			Body: []app.UI{textAsOfBody.P("")},
		}.UI())
	case age.Locked && shell.CurrentKept().Opens:
		return place.Body(kit.NotificationBanner{
			ID: name + "-locked", Tone: kit.Info, Title: textLocked, Body: []app.UI{
				textLockedBody.P(""),
				app.P().Body(kit.Link{
					ID: name + "-unlock", Label: textUnlock, Href: shell.WithNext("/device/open", here),
					Kind: kit.Secondary,
				}.UI()),
			},
		}.UI())
	}
	return place
}

// Waiting stands where nothing is shown yet: grey lines, and after a while, or when it failed, a button that loads
// again. name begins the ids of the buttons.
func (q *Question) Waiting(name string, lines int) app.UI {
	if q.Failure.Is() {
		return q.Retry(name)
	}
	return kit.Skeleton(lines, kit.Button{ID: name + "-slow", Label: textAgain, OnPress: q.Again}.UI())
}

// Retry is the button that loads again.
func (q *Question) Retry(name string) app.UI {
	return kit.Button{ID: name + "-again", Label: textAgain, Kind: kit.Primary, OnPress: q.Again}.UI()
}
