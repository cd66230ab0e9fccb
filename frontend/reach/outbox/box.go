package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	firstPause = 2 * time.Second
	lastPause  = time.Minute
	news       = "madoguchi-outbox"
)

// Surroundings is what the outbox must know of the page.
type Surroundings struct {
	// Online says whether there seems to be a way to the portal.
	Online func() bool
	// Owner is who is logged in (Session.owner); "" for nobody.
	Owner func() string
	// Ask asks the portal who is logged in; false when it did not answer. What it answers tells its clock, too.
	Ask func(ctx context.Context) bool
}

// box is the outbox of this tab.
var box struct {
	sync.Mutex
	around  Surroundings
	kinds   map[string]Kind
	queue   *Queue // of the vault that is open; nil when none is
	all     []Write
	risk    int // how many writes are neither sent nor kept yet
	busy    map[string]chan struct{}
	told    map[int]func()
	next    int
	post    func()
	wake    chan struct{} // something may wait
	hurry   chan struct{} // what waits may be sent now
	reading sync.Mutex
}

// Declare says what the writes of a procedure mean, at start. Those of others do not wait.
func Declare(procedure string, k Kind) {
	box.Lock()
	defer box.Unlock()
	if box.kinds == nil {
		box.kinds = map[string]Kind{}
	}
	box.kinds[procedure] = k
}

func kind(procedure string) Kind {
	box.Lock()
	defer box.Unlock()
	return box.kinds[procedure]
}

func init() { vault.Declare(vault.Sort{Kind: vault.Outbox, Sealed: true, Unsent: true}) }

// Begin has writes that may wait go through the outbox from now on. Once, at start.
func Begin(around Surroundings) {
	box.Lock()
	box.around, box.busy = around, map[string]chan struct{}{}
	box.wake, box.hurry = make(chan struct{}, 1), make(chan struct{}, 1)
	box.Unlock()
	rpc.KeepWrites(through)
	vault.OnChange(turnTo)
	turnTo(vault.Now())
	listenToTabs()
	go run()
}

// turnTo takes up what waits in the vault that was opened.
func turnTo(s vault.State) {
	var queue *Queue
	if s.IsOpen() {
		queue = &Queue{Store: sealed{s.Vault}, Send: send, Kind: kind, Now: rpc.Now, Alone: browser.Alone}
	}
	box.Lock()
	box.queue, box.all = queue, nil
	box.Unlock()
	if queue == nil {
		tell()
		return
	}
	go func() {
		reread(context.Background(), queue)
		Hurry()
	}()
}

// reread takes what is kept now.
func reread(ctx context.Context, queue *Queue) {
	box.reading.Lock()
	all, err := queue.All(ctx)
	box.Lock()
	stands := box.queue == queue && err == nil
	if stands {
		box.all = all
	}
	box.Unlock()
	box.reading.Unlock()
	if stands {
		tell()
		signal(box.wake)
	}
}

func current() *Queue {
	box.Lock()
	defer box.Unlock()
	return box.queue
}

// Known are the writes of the person whose vault is open, in their order.
func Known() []Write {
	box.Lock()
	defer box.Unlock()
	return box.all
}

// AtRisk tells that something is neither at the portal nor kept yet.
func AtRisk() bool {
	box.Lock()
	defer box.Unlock()
	return box.risk > 0
}

// OnChange has told called, on any goroutine, whenever what waits changes.
func OnChange(told func()) (stop func()) {
	box.Lock()
	defer box.Unlock()
	if box.told == nil {
		box.told = map[int]func(){}
	}
	at := box.next
	box.next++
	box.told[at] = told
	return func() {
		box.Lock()
		defer box.Unlock()
		delete(box.told, at)
	}
}

func tell() {
	box.Lock()
	told := make([]func(), 0, len(box.told))
	for _, t := range box.told {
		told = append(told, t)
	}
	box.Unlock()
	for _, t := range told {
		t()
	}
}

// changed has this tab and the others look again.
func changed(ctx context.Context, queue *Queue) {
	reread(ctx, queue)
	box.Lock()
	post := box.post
	box.Unlock()
	if post != nil {
		post()
	}
}

// through sees to a write that may wait. It is sent, unless there is no network, nobody is logged in (the card has
// opened the vault), or something about the same object waits already. What is not sent, or of what nothing is heard,
// is kept, where there is a vault to keep it in.
func through(ctx context.Context, w rpc.Write, send func(context.Context) error) error {
	k := kind(w.Procedure)
	if k.Subject == nil {
		return send(ctx)
	}
	about := k.Subject(w.Request).About
	if len(about) == 0 { // this one does not wait
		return send(ctx)
	}
	defer turnFor(about)()
	queue := current()
	if queue == nil {
		return send(ctx)
	}
	defer atRisk()()
	if waits := behind(about); waits || !box.around.Online() || box.around.Owner() == "" {
		err := keep(ctx, queue, w, false)
		if waits || rpc.Kept(err) { // what came after must not go before
			return err
		}
	}
	err := send(ctx)
	if err == nil || rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE || queue != current() {
		return err
	}
	if kept := keep(context.WithoutCancel(ctx), queue, w, true); rpc.Kept(kept) {
		return kept
	}
	return err
}

// keep keeps a write and says so, or why not.
func keep(ctx context.Context, queue *Queue, w rpc.Write, lost bool) error {
	if err := queue.Begin(ctx, w.Procedure, w.Key, w.Request, lost); err != nil {
		app.Log("keeping a write: ", err)
		return err
	}
	changed(ctx, queue)
	if box.around.Online() {
		Hurry()
	}
	return rpc.ErrKept()
}

func behind(about []string) bool {
	return slices.ContainsFunc(Known(), func(w Write) bool {
		return slices.ContainsFunc(about, func(o string) bool { return slices.Contains(w.About, o) })
	})
}

// turnFor waits until nothing about the same objects is on its way from this tab: of two, the first must be known to be
// done or to wait before the second is sent.
func turnFor(about []string) (done func()) {
	mine := make(chan struct{})
	for {
		box.Lock()
		var before chan struct{}
		for _, object := range about {
			if other := box.busy[object]; other != nil {
				before = other
			}
		}
		if before == nil {
			break // locked still
		}
		box.Unlock()
		<-before
	}
	for _, object := range about {
		box.busy[object] = mine
	}
	box.Unlock()
	return func() {
		box.Lock()
		defer box.Unlock()
		for _, object := range about {
			delete(box.busy, object)
		}
		close(mine)
	}
}

func atRisk() (over func()) {
	change := func(by int) {
		box.Lock()
		defer box.Unlock()
		box.risk += by
	}
	change(1)
	return func() { change(-1) }
}

// errNobody ends the sending: the person whose vault is open is not logged in, or there is no network to ask that.
var errNobody = errors.New("whose writes these are is not known to be logged in")

// send sends a write in the name of who is logged in, whose vault is open.
func send(ctx context.Context, w Write) ([]byte, error) {
	owner := box.around.Owner()
	if owner == "" || vault.Now().By != vault.BySession {
		return nil, &rpc.Error{Code: rpc.CodeUnauthenticated, Info: &portalv1.ErrorInfo{
			Reason: portalv1.Reason_REASON_NOT_LOGGED_IN,
		}}
	}
	return rpc.Send(ctx, rpc.Write{Procedure: w.Procedure, Key: w.Key, Request: w.Request}, owner)
}

// Hurry has what waits be sent now, if it can be: there is a network again, somebody logged in.
func Hurry() { signal(box.hurry) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run sends what waits, whenever there is reason to think that it can be sent; and again after a pause as long as
// something is left that may go by itself.
func run() {
	pause := firstPause
	for {
		select {
		case <-box.wake:
		case <-box.hurry:
		}
		for len(Coming(Known())) > 0 {
			if err := drain(context.Background()); err == nil {
				pause = firstPause
			}
			if len(Coming(Known())) == 0 {
				break
			}
			select {
			case <-box.hurry:
			case <-time.After(pause + rand.N(pause)):
				pause = min(2*pause, lastPause)
			}
		}
	}
}

func drain(ctx context.Context) error {
	queue := current()
	if queue == nil || vault.Now().By != vault.BySession || unplugged() {
		return errNobody
	}
	if !box.around.Ask(ctx) || box.around.Owner() == "" || queue != current() {
		return errNobody
	}
	err := queue.Drain(ctx)
	changed(ctx, queue)
	return err
}

// Drop has a write not be sent, and gives what was dropped with it.
func Drop(ctx context.Context, id string) (dropped []Write, err error) {
	err = onQueue(ctx, func(q *Queue) error {
		dropped, err = q.Drop(ctx, id)
		return err
	})
	return dropped, err
}

// Restore brings back what was dropped.
func Restore(ctx context.Context, dropped []Write) error {
	return onQueue(ctx, func(q *Queue) error { return q.Restore(ctx, dropped) })
}

// Insist has a write be sent over what the portal has.
func Insist(ctx context.Context, id string) error {
	return onQueue(ctx, func(q *Queue) error { return q.Insist(ctx, id) })
}

func onQueue(ctx context.Context, do func(q *Queue) error) error {
	queue := current()
	if queue == nil {
		return vault.ErrLocked
	}
	err := do(queue)
	changed(ctx, queue)
	Hurry()
	return err
}

// listenToTabs has this tab look again when another one changed something.
func listenToTabs() {
	if app.IsServer {
		return
	}
	sort := app.Window().Get("BroadcastChannel")
	if !sort.Truthy() {
		return
	}
	channel := sort.New(news)
	channel.Set("onmessage", app.FuncOf(func(app.Value, []app.Value) any {
		if queue := current(); queue != nil {
			go reread(context.Background(), queue)
		}
		return nil
	}))
	box.Lock()
	defer box.Unlock()
	box.post = func() { channel.Call("postMessage", "changed") }
}
