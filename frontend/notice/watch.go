package notice

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/session"
	"madoguchi/frontend/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	// steady is how long a stream must have lived for the pauses to begin anew.
	steady = 10 * time.Second
)

var textArrived = lang.New("新しいお知らせが届きました: %s", "A new notice arrived: %s", "新《あたら》しい｜お知らせ《おしらせ》が来《き》ました: %s")

// watcher keeps the stream of news open while somebody is logged in and looks at the page.
type watcher struct {
	mu                sync.Mutex
	loggedIn, visible bool
	stop              context.CancelFunc // of the stream that runs
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

func (w *watcher) listen(ctx context.Context, page app.Context) {
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
		shell.SetReachable(true)
		shell.SetUnread(int(stream.Msg().GetUnreadCount()))
		if arrived := stream.Msg().GetArrived(); arrived != nil {
			w.tell(page, arrived)
		}
	}
	rpc.TellLapse(stream.Err())
}

func (w *watcher) tell(page app.Context, arrived *portalv1.Notice) {
	page.Dispatch(func(ctx app.Context) { kit.Announce(ctx, textArrived.F(arrived.GetTitle())) })
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
