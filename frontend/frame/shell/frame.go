package shell

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
)

// gapBody stands in a prerendered frame where the portal writes a document.
const gapBody = "{{body}}"

// frame is the root of every page; it stays mounted from one to the next.
type frame struct {
	app.Compo

	// Route is the index of the page in house.pages.
	Route int
	// gap draws the place for what the portal writes instead of the page.
	gap bool

	drawer  bool
	account bool
	warning bool // the dialog before the session's end is open
	leaving bool // the dialog before a logout that leaves something unsent is open
	path    string
	arrived bool   // the first page is there; later ones take the focus
	opened  string // the address of the first page, with its query
	stop    []func()
}

// OnMount starts what runs as long as the page does.
func (f *frame) OnMount(ctx app.Context) {
	f.opened = ctx.Page().URL().RequestURI()
	Follow(ctx)
	f.watchNetwork(ctx)
	f.watchClock(ctx)
	f.watchUpdates(ctx)
	f.stop = append(f.stop, kit.PressesStay(), kit.PopupsClose())
	for _, start := range house.starts {
		start(ctx)
	}
	ready(ctx)
}

// OnDismount ends the watches.
func (f *frame) OnDismount() {
	for _, stop := range f.stop {
		stop()
	}
}

// OnNav shows a new page from its beginning and gives its heading the focus.
func (f *frame) OnNav(ctx app.Context) {
	path := ctx.Page().URL().Path
	samePath := path == f.path
	f.path, f.drawer, f.account = path, false, false
	if !samePath {
		store.Lock()
		store.title = lang.Text{}
		store.Unlock()
	}
	f.setTitle(ctx)
	if !f.arrived {
		f.arrived = true
		return
	}
	if samePath || ctx.Page().URL().Fragment != "" {
		return
	}
	app.Window().Call("scrollTo", 0, 0)
	kit.Focus(ctx, headingID)
}

// OnAppUpdate is called when a new version lies ready.
func (f *frame) OnAppUpdate(app.Context) {
	half := halfFilled()
	store.Lock()
	first := !store.update
	store.update, store.half = true, half
	store.Unlock()
	if first && app.IsClient {
		f.watchTyping()
	}
}

// OnPreRender sets the title of the file that is made.
func (f *frame) OnPreRender(ctx app.Context) { f.setTitle(ctx) }

func (f *frame) setTitle(ctx app.Context) {
	title := f.title()
	if f.Route >= 0 && house.pages[f.Route].Path == "/" {
		ctx.Page().SetTitle("%s", textProduct.String()+" — "+title.String())
		return
	}
	ctx.Page().SetTitle("%s", title.String()+" — "+textProduct.String())
}

func (f *frame) title() lang.Text {
	store.Lock()
	refined := store.title
	store.Unlock()
	switch {
	case !refined.Empty():
		return refined
	case f.Route < 0:
		return textNotFound
	}
	return house.pages[f.Route].Title
}

// Render draws the page in its frame.
func (f *frame) Render() app.UI {
	if app.IsClient {
		app.Window().Get("document").Set("title", f.documentTitle())
	}
	return app.Div().Class("shell").Body(
		app.A().Class("skip").Href("#main").Body(textSkip.UI()).OnClick(func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			e.Call("stopPropagation")
			kit.Focus(ctx, "main")
		}),
		f.header(),
		app.Div().Class("bars").Attr("role", "status").Body(f.bars()...),
		f.breadcrumbs(),
		app.Main().ID("main").Class("main").TabIndex(-1).Body(f.content()...),
		f.footer(),
		f.menuDrawer(),
		f.warningDialog(),
		f.leavingDialog(),
		kit.LiveRegion(),
	)
}

func (f *frame) documentTitle() string {
	if f.Route >= 0 && house.pages[f.Route].Path == "/" {
		return textProduct.String() + " — " + f.title().String()
	}
	return f.title().String() + " — " + textProduct.String()
}

// comingBreadcrumb has the room of the trail that the program draws, on whichever page the frame was sent for.
func comingBreadcrumb() app.UI {
	blank := app.A().Class("link").Text("\u00a0")
	return app.Div().Class("breadcrumb-place breadcrumb-coming").Body(kit.Breadcrumb(kit.Crumb{Link: blank}))
}

func (f *frame) breadcrumbs() app.UI {
	if f.Route >= 0 && app.IsServer && house.pages[f.Route].Prerender == "" && !f.gap {
		return comingBreadcrumb()
	}
	if f.Route < 0 || house.pages[f.Route].Path == "/" || house.pages[f.Route].Path == "/home" {
		return app.Div().Class("breadcrumb-none")
	}
	trail := []kit.Crumb{{Label: f.title()}}
	seen := map[string]bool{}
	for parent := house.pages[f.Route].Parent; parent != "" && !seen[parent]; {
		seen[parent] = true
		p, ok := find(parent)
		if !ok {
			break
		}
		trail = append([]kit.Crumb{{Label: p.Title, Href: parent}}, trail...)
		parent = p.Parent
	}
	start := kit.Crumb{Label: textHome, Href: "/home"}
	if house.pages[f.Route].For != Citizen {
		link := func(label lang.Text, href string) func() app.UI {
			return func() app.UI { return app.A().Class("link").Href(href).Body(label.UI()) }
		}
		start = kit.Crumb{Link: Either(link(textHome, "/home"), link(textTop, "/"))}
	}
	return app.Div().Class("breadcrumb-place").Body(kit.Breadcrumb(append([]kit.Crumb{start}, trail...)...))
}

// content is the page, or what stands in its place. A page with something half filled in stays, out of sight, when the
// session lapses.
func (f *frame) content() []app.UI {
	store.Lock()
	session := store.session
	store.Unlock()
	instead := f.instead(session)
	if session.State == LoggedOut && CurrentKept().Open {
		instead = nil // it is read offline
	}
	if instead == nil {
		return []app.UI{app.Div().Class("stand-in"), app.Div().Class("slot").Body(&slot{Route: f.Route})}
	}
	standIn := app.Div().Class("stand-in").Body(instead)
	if f.keepsPage(session) {
		return []app.UI{standIn, app.Div().Class("slot").Hidden(true).Body(&slot{Route: f.Route})}
	}
	return []app.UI{standIn}
}

func (f *frame) keepsPage(session Session) bool {
	ended := session.State == LoggedOut && session.Ended != EndedByPerson && !session.LeavesNothing
	return f.Route >= 0 && ended && Held()
}

// instead is what is shown in place of the page, nil when the page may be.
func (f *frame) instead(session Session) app.UI {
	switch {
	case f.Route < 0:
		return notFoundPage()
	case f.gap:
		return app.Div().Class("document").Text(gapBody)
	case app.IsServer && house.pages[f.Route].Prerender == "":
		return waitingPage()
	}
	needs := house.pages[f.Route].For
	switch {
	case needs == Anyone || session.State == CitizenState || session.State == Unknown:
		return nil
	case session.State == NewcomerState && needs == Newcomer:
		return nil
	case session.State == NewcomerState:
		return standIn(textNeedsFolder, lang.Text{}, kit.Link{
			Label: textNeedsFolderWay, Href: WithNext("/account/open", f.path), Kind: kit.Primary,
		}.UI())
	}
	way := kit.Link{Label: textLogIn, Href: WithNext("/login", f.path), Kind: kit.Primary}.UI()
	if CurrentKept().Opens && !Online() {
		way = kit.Link{Label: textReadKept, Href: WithNext("/device/open", f.path), Kind: kit.Primary}.UI()
	}
	if f.keepsPage(session) {
		return standIn(textTimedOut, textKept, kit.Link{
			Label: textOtherTab, Href: "/login", Kind: kit.Primary, External: true,
		}.UI())
	}
	switch session.Ended {
	case EndedByPerson:
		return standIn(textLoggedOut, textLoggedOutBody, kit.Link{
			Label: textLogIn, Href: "/login", Kind: kit.Primary,
		}.UI(), kit.Link{Label: textToTop, Href: "/", Kind: kit.Secondary}.UI())
	case EndedByTime, EndedByPortal:
		return standIn(textTimedOut, textTimedOutBody, way)
	}
	return standIn(textNeedsLogin, textNeedsLoginBody, way)
}

// slot holds the page itself. Its identity is the route, so that going to another page always makes that page anew.
type slot struct {
	app.Compo
	Route int
	page  app.Composer
}

// CompoID makes go-app mount a new slot for another route.
func (s *slot) CompoID() string { return strconv.Itoa(s.Route) }

// OnInit makes the page.
func (s *slot) OnInit() { s.page = house.pages[s.Route].New() }

// Render draws the page.
func (s *slot) Render() app.UI { return s.page }

// Apart says that the frame need not be drawn anew with the page (frontend/pack/slim): it follows what the shell knows.
// Its bars also show what the page does by itself, such as that something is half filled in, or another address.
func (s *slot) Apart() bool { return !barred }

// barred says that there was a bar when the frame was drawn last, or may be one at another address.
var barred bool

func (f *frame) watchNetwork(ctx app.Context) {
	set := func(offline bool) func(app.Value, []app.Value) any {
		return func(app.Value, []app.Value) any {
			go change(func() { store.offline = offline })
			return nil
		}
	}
	window := app.Window()
	off, on := app.FuncOf(set(true)), app.FuncOf(set(false))
	window.Call("addEventListener", "offline", off)
	window.Call("addEventListener", "online", on)
	store.Lock()
	store.offline = !window.Get("navigator").Get("onLine").Bool()
	store.Unlock()
	f.stop = append(f.stop, func() {
		window.Call("removeEventListener", "offline", off)
		window.Call("removeEventListener", "online", on)
		off.Release()
		on.Release()
	})
}

// updateInterval is how often a page that stays open asks for a new version.
const updateInterval = 30 * time.Minute

func (f *frame) watchUpdates(ctx app.Context) {
	if ctx.AppUpdateAvailable() {
		f.OnAppUpdate(ctx)
	}
	ticker := time.NewTicker(updateInterval)
	f.stop = append(f.stop, ticker.Stop)
	go func() {
		for range ticker.C {
			app.TryUpdate()
		}
	}()
}

var (
	shown   = make(chan struct{})
	nowSeen = sync.OnceFunc(func() { close(shown) })
)

// Shown is closed when the first page is drawn and can be used. What is not seen on it waits until then: what runs
// before, the person waits for.
func Shown() <-chan struct{} { return shown }

// ready tells the boot script, and whoever waits, that the program draws the page now, and hears what is pressed: not
// in the frame itself, after which go-app rests. A link pressed in that rest is the browser's still, and nothing but.
func ready(ctx app.Context) {
	ctx.Defer(func(ctx app.Context) {
		ctx.Dispatch(func(app.Context) {
			app.Window().Get("document").Get("documentElement").Get("dataset").Set("ready", "true")
			if told := app.Window().Get("madoguchiReady"); told.Truthy() {
				told.Invoke()
			}
			nowSeen()
		})
	})
}

// idleWithin is how long what is for an idle moment waits for one, in milliseconds; idleElsewhere is the pause instead
// of one, where a browser does not tell of any.
const (
	idleWithin    = 2000
	idleElsewhere = 200
)

// Idle waits until the browser has nothing to do for the person: what nobody waits for goes after what they press. Not
// for the goroutine of an event handler.
func Idle(ctx context.Context) {
	called(ctx, func(window app.BrowserWindow, now app.Func) {
		if window.Get("requestIdleCallback").Truthy() {
			window.Call("requestIdleCallback", now, map[string]any{"timeout": idleWithin})
			return
		}
		window.Call("setTimeout", now, idleElsewhere)
	})
}

// Turn waits until the browser has done what waits for it, such as to draw, or to hear a key. What runs after it
// belongs to no event. Not for the goroutine of an event handler.
func Turn(ctx context.Context) {
	called(ctx, func(window app.BrowserWindow, now app.Func) { window.Call("setTimeout", now) })
}

// called waits until the browser calls what it is asked to; on the server there is none, and nothing to wait for.
func called(ctx context.Context, ask func(window app.BrowserWindow, now app.Func)) {
	if app.IsServer {
		return
	}
	come := make(chan struct{})
	var now app.Func
	now = app.FuncOf(func(app.Value, []app.Value) any {
		now.Release()
		close(come)
		return nil
	})
	ask(app.Window(), now)
	select {
	case <-come:
	case <-ctx.Done():
	}
}

// longestTurn is how long what takes long keeps the browser from what the person does, on a fast machine; on a phone it
// is about two frames.
const longestTurn = 8 * time.Millisecond

// InTurns gives what long work calls between its parts, as often as it likes: when the browser has waited for long, it
// has its turn.
func InTurns(ctx context.Context) (rest func()) {
	from := time.Now()
	return func() {
		if time.Since(from) < longestTurn {
			return
		}
		Turn(ctx)
		from = time.Now()
	}
}
