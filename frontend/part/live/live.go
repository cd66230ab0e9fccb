// Package live hears on the page's one stream that something changed on the portal, by another tab, another device or
// an office, and has the features look again that said so (On). It runs while somebody is logged in and looks at the
// page; when they come back it goes on from where it was. Where no stream comes through it asks instead, now and then.
// What changed it neither hears nor keeps.
package live

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	// steady is how long a stream must have lived for the pauses to begin anew.
	steady = 10 * time.Second
)

// Feature hangs the stream into the house.
var Feature = shell.Feature{Start: func(app.Context) { begin() }}

// News is what changed of the kinds that somebody listens for.
type News struct {
	// About are the ids of what changed; "" among them stands for any of the kind.
	About []string
	// Anything says that nothing is known of what may have changed: the page has just begun to listen, or could not for
	// long.
	Anything bool
}

func (n News) none() bool { return len(n.About) == 0 && !n.Anything }

func (n News) and(more News) News {
	for _, id := range more.About {
		if !slices.Contains(n.About, id) {
			n.About = append(n.About, id)
		}
	}
	n.Anything = n.Anything || more.Anything
	return n
}

// listener is called by one goroutine at a time.
type listener struct {
	kinds   []portalv1.ChangeKind
	look    func(context.Context, News) error
	waiting News
	busy    bool
}

// watcher keeps the stream open while it is wanted.
type watcher struct {
	mu                sync.Mutex
	loggedIn, visible bool
	stop              context.CancelFunc // of the stream that runs
	pulse             pulse
	position          int64 // heard last
	listeners         []*listener
}

var page = &watcher{visible: true}

// On has look called, on a goroutine of its own, whenever something of the kinds changed. What it asks for it asks
// under the context that it is given, since no person asked. With an error it is called again later. Call On at start;
// a page's part asks its package.
func On(look func(ctx context.Context, n News) error, kinds ...portalv1.ChangeKind) {
	page.mu.Lock()
	defer page.mu.Unlock()
	page.listeners = append(page.listeners, &listener{kinds: kinds, look: look})
}

// begin listens from the start of the page on.
func begin() {
	if app.IsServer {
		return
	}
	On(func(ctx context.Context, n News) error {
		if len(n.About) > 0 { // the name, for one
			session.Refresh(ctx)
		}
		return nil
	}, portalv1.ChangeKind_CHANGE_KIND_ACCOUNT)
	session.OnChange(func(s shell.Session) { page.set(func() { page.loggedIn = s.State == shell.CitizenState }) })
	document := app.Window().Get("document")
	document.Call("addEventListener", "visibilitychange", app.FuncOf(func(app.Value, []app.Value) any {
		visible := document.Get("visibilityState").String() == "visible"
		go page.set(func() { page.visible = visible })
		return nil
	}))
}

// set changes what is wanted, and starts or ends the stream accordingly. Whoever logs in next may be somebody else.
func (w *watcher) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	if !w.loggedIn {
		w.position = 0
		for _, l := range w.listeners {
			l.waiting = News{}
		}
	}
	switch want := w.loggedIn && w.visible; {
	case want && w.stop == nil:
		bounded, cancel := context.WithCancel(context.Background())
		w.stop = cancel
		w.pulse.begin(time.Now())
		go w.run(bounded)
	case !want && w.stop != nil:
		w.stop()
		w.stop = nil
	}
}

func (w *watcher) run(ctx context.Context) {
	go w.attend(ctx)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		w.listen(ctx)
		if time.Since(began) > steady {
			pause = firstPause
		}
		wait(ctx, pause+rand.N(pause))
		pause = min(2*pause, lastPause)
	}
}

// attend asks now and then while no stream brings anything.
func (w *watcher) attend(ctx context.Context) {
	for {
		w.mu.Lock()
		due := w.pulse.mustAsk(time.Now())
		w.mu.Unlock()
		if due {
			w.ask(ctx)
		}
		wait(ctx, lookEvery)
		if ctx.Err() != nil {
			return
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (w *watcher) listen(ctx context.Context) {
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	patience := time.AfterFunc(giveUp, cancel) // its connection may have died without a word
	defer patience.Stop()
	stream, err := rpc.To(portalv1web.NewLiveService).Watch(bounded, &portalv1.WatchRequest{Since: w.heardLast()})
	if err != nil {
		rpc.TellLapse(err)
		return
	}
	defer stream.Close()
	for stream.Receive() {
		patience.Reset(giveUp)
		w.hear(ctx, stream.Msg(), true)
	}
	rpc.TellLapse(stream.Err())
}

// ask has the portal say what changed, in an answer that ends and so comes through where a stream does not.
func (w *watcher) ask(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request := &portalv1.WatchRequest{Since: w.heardLast(), Once: true}
	stream, err := rpc.To(portalv1web.NewLiveService).Watch(bounded, request)
	if err != nil {
		rpc.TellLapse(err)
		return
	}
	defer stream.Close()
	if !stream.Receive() {
		rpc.TellLapse(stream.Err())
		return
	}
	w.hear(ctx, stream.Msg(), false)
}

func (w *watcher) heardLast() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.position
}

// hear takes a message, and has those look whom it concerns, or to whom something came before that they could not look
// at.
func (w *watcher) hear(ctx context.Context, m *portalv1.WatchResponse, byStream bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	shell.SetReachable(true)
	w.position = m.GetPosition()
	if byStream {
		w.pulse.heard(time.Now())
	}
	for _, l := range w.listeners {
		l.waiting = l.waiting.and(newsFor(l, m))
		if !l.busy && !l.waiting.none() {
			l.busy = true
			go w.pass(l)
		}
	}
}

func newsFor(l *listener, m *portalv1.WatchResponse) (n News) {
	n.Anything = m.GetEverything()
	for _, c := range m.GetChanges() {
		if slices.Contains(l.kinds, c.GetKind()) {
			n.About = append(n.About, c.GetAbout())
		}
	}
	return News{}.and(n)
}

// pass has a listener look at what waits for it, until nothing does or it cannot.
func (w *watcher) pass(l *listener) {
	for {
		w.mu.Lock()
		news := l.waiting
		l.waiting = News{}
		if l.busy = !news.none(); !l.busy {
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		if err := l.look(rpc.ByItself(context.Background()), news); err != nil {
			w.mu.Lock()
			l.busy = false
			if w.loggedIn {
				l.waiting = news.and(l.waiting)
			}
			w.mu.Unlock()
			return
		}
	}
}
