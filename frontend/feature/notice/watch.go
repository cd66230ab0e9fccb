package notice

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	// steady is how long a stream must have lived for the pauses to begin anew.
	steady = 10 * time.Second
)

// watcher keeps the stream of news open while somebody is logged in and looks at the page.
type watcher struct {
	mu                sync.Mutex
	loggedIn, visible bool
	stop              context.CancelFunc // of the stream that runs
	pulse             pulse
	heard             map[int]func(*portalv1.Notice)
	last              int
}

var news = &watcher{visible: true, heard: map[int]func(*portalv1.Notice){}}

// begin watches from the start of the page on.
func begin(ctx app.Context) {
	if app.IsServer {
		return
	}
	session.OnChange(func(s shell.Session) { news.set(ctx, func() { news.loggedIn = s.State == shell.CitizenState }) })
	document := app.Window().Get("document")
	document.Call("addEventListener", "visibilitychange", app.FuncOf(func(app.Value, []app.Value) any {
		visible := document.Get("visibilityState").String() == "visible"
		go news.set(ctx, func() { news.visible = visible })
		return nil
	}))
}

// set changes what is wanted, and starts or ends the stream accordingly.
func (w *watcher) set(ctx app.Context, change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	switch want := w.loggedIn && w.visible; {
	case want && w.stop == nil:
		bounded, cancel := context.WithCancel(context.Background())
		w.stop = cancel
		go w.run(bounded, ctx)
	case !want && w.stop != nil:
		w.stop()
		w.stop = nil
	}
}

func (w *watcher) run(ctx context.Context, page app.Context) {
	w.note(func(p *pulse) { *p = pulse{heardAt: time.Now()} })
	go w.attend(ctx, page)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		w.listen(ctx, page)
		if time.Since(began) > steady {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause + rand.N(pause)):
		}
		pause = min(2*pause, lastPause)
	}
}

// attend asks now and then while no stream brings anything.
func (w *watcher) attend(ctx context.Context, page app.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
		due := false
		w.note(func(p *pulse) { due = p.mustAsk(time.Now()) })
		if due {
			w.ask(ctx, page)
		}
	}
}

func (w *watcher) listen(ctx context.Context, page app.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	patience := time.AfterFunc(giveUp, cancel) // its connection may have died without a word
	defer patience.Stop()
	stream, err := rpc.Notices().WatchNotices(ctx, &portalv1.WatchNoticesRequest{})
	if err != nil {
		rpc.TellLapse(err)
		return
	}
	defer stream.Close()
	for stream.Receive() {
		if ctx.Err() != nil {
			return
		}
		patience.Reset(giveUp)
		shell.SetReachable(true)
		shell.SetUnread(int(stream.Msg().GetUnreadCount()))
		arrived := stream.Msg().GetArrived()
		w.note(func(p *pulse) {
			p.heardAt = time.Now()
			if arrived != nil {
				p.fresh(arrived.GetId())
			}
		})
		if arrived != nil {
			w.tell(page, arrived, true)
		}
	}
	rpc.TellLapse(stream.Err())
	if rpc.Reason(stream.Err()) == portalv1.Reason_REASON_NOT_LOGGED_IN {
		w.note(func(p *pulse) { p.newest = "" }) // whoever logs in next may be somebody else
	}
}

// ask has the portal say what stands now, in an answer that ends and so comes through where a stream does not.
func (w *watcher) ask(ctx context.Context, page app.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stream, err := rpc.Notices().WatchNotices(ctx, &portalv1.WatchNoticesRequest{Once: true})
	if err != nil {
		rpc.TellLapse(err)
		return
	}
	defer stream.Close()
	if !stream.Receive() {
		rpc.TellLapse(stream.Err())
		return
	}
	if ctx.Err() != nil {
		return
	}
	shell.SetReachable(true)
	shell.SetUnread(int(stream.Msg().GetUnreadCount()))
	newest := stream.Msg().GetNewest()
	if newest == nil {
		return
	}
	fresh := false
	w.note(func(p *pulse) { fresh = p.fresh(newest.GetId()) })
	w.tell(page, newest, fresh)
}

func (w *watcher) note(do func(*pulse)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do(&w.pulse)
}

// tell passes a notice on; the pages know those that they have. One that has just arrived is announced.
func (w *watcher) tell(page app.Context, arrived *portalv1.Notice, announce bool) {
	if announce {
		page.Dispatch(func(ctx app.Context) { kit.Announce(ctx, textArrived.F(arrived.GetTitle())) })
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, heard := range w.heard {
		heard(arrived)
	}
}

// listenFor has heard called with each notice that arrives; heard must not block.
func (w *watcher) listenFor(heard func(*portalv1.Notice)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	id := w.last
	w.heard[id] = heard
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.heard, id)
	}
}
