// Package waiting shows what a person did without a network, and what is to be sent yet (送信待ち): how many on the bar of
// every page, each on a page of its own, with what the portal has beside it where the person is to decide. It brings
// the outbox (reach/outbox) together with the session and the shell.
//
// A part or feature whose writes may wait declares what they mean: Declare. It draws things as they will be by what
// Coming tells, and marks them (Mark).
package waiting

import (
	"context"
	"slices"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/vault"
)

const path = "/outbox"

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{Path: path, Title: textTitle, New: func() app.Composer { return &page{} }}},
	Start: begin,
}

// Sort says what the writes of a procedure mean, to the outbox and in words.
type Sort struct {
	outbox.Kind
	// Words say what is to be done to what is called so.
	Words func(request []byte, title string) lang.Text
	// Sides ask the portal for what it has, and put it beside what was asked for. Nil where the portal has nothing to
	// compare.
	Sides func(ctx context.Context, w outbox.Write) ([]Side, error)
	// Mend leads to where what was refused is put right and done anew, as what was signed: to send the same again would
	// be refused again. It is left out where the same may be sent over what the portal has; then MendAs is empty, too.
	// The write is dropped when Mend says that what it held is safe.
	Mend   func(ctx app.Context, w outbox.Write) (safe bool)
	MendAs lang.Text
	// Why says why what waits was refused, better than the words of a failed press would; it may be empty. May be nil.
	Why func(w outbox.Write) lang.Text
}

// Side is one thing that differs, or might.
type Side struct {
	Name, Mine, Theirs lang.Text
}

var sorts struct {
	sync.Mutex
	of map[string]Sort
}

// Declare says what the writes of a procedure mean, at start.
func Declare(procedure string, s Sort) {
	sorts.Lock()
	if sorts.of == nil {
		sorts.of = map[string]Sort{}
	}
	sorts.of[procedure] = s
	sorts.Unlock()
	outbox.Declare(procedure, s.Kind)
}

func sortOf(procedure string) Sort {
	sorts.Lock()
	defer sorts.Unlock()
	return sorts.of[procedure]
}

// begin brings the outbox to life.
func begin(ctx app.Context) {
	if app.IsServer {
		return
	}
	outbox.OnChange(count)
	outbox.Begin(outbox.Surroundings{Online: shell.Online, Owner: owner, Ask: session.Refresh})
	online, whose := shell.Online(), owner()
	shell.Watch(ctx, func(app.Context) {
		was, before := online, whose
		online, whose = shell.Online(), owner()
		if whose != before {
			count()
		}
		if online && !was || whose != before {
			outbox.Hurry()
		}
	})
	app.Window().Call("addEventListener", "beforeunload", app.FuncOf(func(_ app.Value, args []app.Value) any {
		if outbox.AtRisk() {
			args[0].Call("preventDefault")
			args[0].Set("returnValue", "wait")
		}
		return nil
	}))
}

// owner is who is logged in; "" for nobody.
func owner() string {
	if s := shell.CurrentSession(); s.State == shell.CitizenState {
		return s.Owner
	}
	return ""
}

// count tells the shell how many wait. Nobody who is logged in sees another's.
func count() {
	if !Open() && owner() == "" {
		go countSealed()
		return
	}
	waiting, stuck := 0, 0
	for _, w := range outbox.Known() {
		waiting++
		if w.Stuck() {
			stuck++
		}
	}
	shell.SetWaiting(waiting, stuck)
}

// countSealed tells how many wait in vaults that nobody has opened: what they are stays sealed.
func countSealed() {
	<-shell.Shown()
	waiting, err := vault.Count(context.Background(), vault.Outbox)
	if err == nil && !Open() && owner() == "" {
		shell.SetWaiting(waiting, 0)
	}
}

// Coming are the writes of a procedure that will be sent by themselves, in their order.
func Coming() []outbox.Write { return outbox.Coming(outbox.Known()) }

// State is how it stands with what was done to an object.
type State int

const (
	// Nothing waits.
	Nothing State = iota
	// Coming things will be sent by themselves.
	Waits
	// Stuck things want the person to decide.
	Stuck
)

// Of tells how it stands with an object.
func Of(object string) State {
	state := Nothing
	for _, w := range outbox.Known() {
		switch {
		case !slices.Contains(w.About, object):
		case w.Stuck():
			return Stuck
		default:
			state = Waits
		}
	}
	return state
}

// Mark stands at what is shown as it will be. Nothing is marked where nothing waits.
func Mark(s State) app.UI {
	switch s {
	case Waits:
		return app.Span().Class("waits").Body(kit.Icon(kit.IconOffline), kit.ChipLabel(kit.Info, textWaits))
	case Stuck:
		return app.A().Class("waits link").Href(path).Body(kit.Icon(kit.IconWarning), textDecide.UI())
	}
	return app.Span()
}

// Told is said of what was done and waits: never that it is done.
func Told() lang.Text { return textKept }

// Open tells whether what is done now can wait, and what waits be seen.
func Open() bool { return vault.Now().IsOpen() }
