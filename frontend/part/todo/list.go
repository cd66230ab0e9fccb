package todo

import (
	"cmp"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	path        = "/todo"
	guidePath   = "/guide"
	searchPath  = "/procedures"
	devicePath  = "/device"
	noticesPath = "/notice"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages:   []shell.Page{{Path: path, Title: textTodo, New: func() app.Composer { return &page{} }}},
	Entries: []shell.Entry{{Path: path, Label: textTodo, Icon: kit.IconTask, For: shell.Anyone, Order: 17}},
	Services: []shell.Service{{
		ID: "todo", Path: path, Title: textTodo, Text: textService, Sign: scene.SignTodo, Order: 40,
	}},
	Timelines: []shell.Timeline{{Rows: dues, Follow: Follow, Again: again}},
	Finders:   []shell.Finder{{Title: textTodo, Order: 25, Find: findEntries}},
	Start:     func(app.Context) { listen() },
}

// page is the whole list.
type page struct {
	app.Compo

	ctx     app.Context
	stop    func()
	loading bool
	failure trouble.Message

	// told is what was done last, and undo what takes it back; nil when nothing does.
	told lang.Text
	undo func()

	declined bool // to move what lies on the device
	taking   bool
	taken    lang.Text

	working map[string]bool // the entries that are being changed
	editing edit
}

// edit is the day that is being changed, one at a time.
type edit struct {
	id    string // of the entry
	from  bool   // the day that the deadline counts from, not one of one's own
	value string
	bad   bool
}

// OnMount follows the list wherever it is changed.
func (p *page) OnMount(ctx app.Context) {
	p.ctx, p.working = ctx, map[string]bool{}
	if app.IsServer {
		shell.Follow(ctx)
		return
	}
	p.loading = InFolder()
	p.stop = Follow(ctx, func(_ app.Context, err error) {
		if p.loading = false; !InFolder() { // what was told is of the one who was logged in
			*p = page{Compo: p.Compo, ctx: p.ctx, stop: p.stop, working: map[string]bool{}}
			return
		}
		p.failure = trouble.Message{}
		if _, known := Entries(); err != nil && !known {
			p.failure = trouble.Words(err)
		}
	})
}

// OnDismount stops listening.
func (p *page) OnDismount() {
	if p.stop != nil {
		p.stop()
	}
}

func (p *page) load(app.Context) {
	p.loading, p.failure = true, trouble.Message{}
	List(p.ctx, func(_ app.Context, _ []*portalv1.Task, err error) {
		p.loading = false
		if _, known := Entries(); err != nil && !known {
			p.failure = trouble.Words(err)
		}
	})
}

// done tells of a change that was made, or of its failure.
func (p *page) done(err error, told lang.Text, undo func()) {
	p.told, p.undo, p.failure = lang.Text{}, nil, trouble.Message{}
	if rpc.Kept(err) {
		err, told = nil, waiting.Told()
	}
	if err != nil {
		p.failure = Words(err)
		kit.Focus(p.ctx, "todo-failure")
		if InFolder() { // somebody else may have changed it: another tab, another device
			List(p.ctx, func(app.Context, []*portalv1.Task, error) {})
		}
	} else {
		p.told, p.undo = told, undo
	}
	p.syncTicks()
}

// went says that a change was made, or waits.
func went(err error) bool { return err == nil || rpc.Kept(err) }

// syncTicks has the boxes show what the list says: one that was clicked stays ticked in a browser even if the change
// failed.
func (p *page) syncTicks() {
	p.ctx.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		entries, _ := Entries()
		for _, e := range entries {
			if box := app.Window().GetElementByID(tickID(e)); box.Truthy() {
				box.Set("checked", e.done())
			}
		}
	})
}

func tickID(e Entry) string { return "todo-" + e.ID() }

// works takes an entry to work on; false while it is worked on already: what is pressed meanwhile is left out.
func (p *page) works(e Entry) bool {
	if p.working[e.ID()] {
		p.syncTicks()
		return false
	}
	p.working[e.ID()] = true
	return true
}

func (p *page) change(e Entry, change Change, done func(ctx app.Context, err error)) {
	if !p.works(e) {
		return
	}
	Update(p.ctx, e, change, func(ctx app.Context, _ Entry, err error) {
		delete(p.working, e.ID())
		done(ctx, err)
	})
}

func (p *page) tick(e Entry, on bool) {
	next := p.after(e)
	p.change(e, Change{Done: &on}, func(ctx app.Context, err error) {
		told, off := textTicked.Open, !on
		if !on {
			told = textUnticked.Open
		}
		p.done(err, told.Fill(e.Title()), func() { p.back(e, Change{Done: &off}) })
		if went(err) {
			kit.Focus(ctx, next)
		}
	})
}

// back takes something back, and leads to it.
func (p *page) back(e Entry, change Change) {
	p.change(e, change, func(ctx app.Context, err error) {
		p.done(err, textUndone, nil)
		if went(err) {
			kit.Focus(ctx, tickID(e))
		}
	})
}

// after is the box of what follows in the list, to go on with when this one goes; the heading when there is none.
func (p *page) after(e Entry) string {
	entries, _ := Entries()
	for i, other := range entries {
		if other.ID() == e.ID() && i+1 < len(entries) && entries[i+1].done() == e.done() {
			return tickID(entries[i+1])
		}
	}
	return "page-title"
}

func (p *page) remove(e Entry) {
	if !p.works(e) {
		return
	}
	Remove(p.ctx, e.ID(), func(ctx app.Context, removed *portalv1.Task, err error) {
		delete(p.working, e.ID())
		p.done(err, textRemoved.F(e.Title()), func() {
			Add(p.ctx, []*portalv1.Task{removed}, func(_ app.Context, _ int, err error) {
				p.done(err, textUndone, nil)
			})
		})
		if went(err) {
			kit.Focus(ctx, "todo-undo")
		}
	})
}

func (p *page) edit(e Entry, from bool) {
	p.editing = edit{id: e.ID(), from: from, value: e.OwnDue()}
	if from {
		p.editing.value = e.Task.GetEventDay()
	}
	kit.Focus(p.ctx, dayID)
}

func (p *page) endEdit(e Entry) {
	button := ownButton(e)
	if p.editing.from {
		button = fromButton(e)
	}
	p.editing = edit{}
	kit.Focus(p.ctx, button)
}

// save sets another day; an empty one takes it back.
func (p *page) save(e Entry, day string) {
	before, change := e.OwnDue(), Change{OwnDue: &day}
	undo := Change{OwnDue: &before}
	if p.editing.from {
		before, change = e.Task.GetEventDay(), Change{EventDay: &day}
		undo = Change{EventDay: &before}
	}
	p.change(e, change, func(_ app.Context, err error) {
		told := textDayNow.Open
		if day == "" {
			told = textDayGone.Open
		}
		p.done(err, told.Fill(e.Title()), func() { p.back(e, undo) })
		if went(err) {
			p.endEdit(e)
		}
	})
}

// act does what was pressed at an entry.
func (p *page) act(e Entry, do action, value string) {
	switch do {
	case doTick:
		p.tick(e, true)
	case doUntick:
		p.tick(e, false)
	case doRemove:
		p.remove(e)
	case doOwn, doFrom:
		p.edit(e, do == doFrom)
	case doType:
		p.editing.value, p.editing.bad = value, false
	case doKeep:
		p.endEdit(e)
	case doNoDay:
		p.save(e, "")
	case doSave:
		if p.editing.bad = !IsDay(p.editing.value); p.editing.bad {
			kit.Focus(p.ctx, dayID)
			return
		}
		p.save(e, p.editing.value)
	}
}

func (p *page) take(app.Context) {
	p.taking, p.failure = true, trouble.Message{}
	TakeOver(p.ctx, func(ctx app.Context, added int, err error) {
		p.taking = false
		p.done(err, lang.Text{}, nil)
		switch {
		case added > 0:
			p.taken = textTaken.F(added)
		case err == nil:
			p.taken = textTakenAll
		}
		if went(err) {
			kit.Focus(ctx, "todo-taken")
		}
	})
}

// Render draws the list by when things are to be done.
func (p *page) Render() app.UI {
	entries, known := Entries()
	// Until the portal has said who is there, the list may be the folder's.
	known = known && (shell.CurrentSession().State != shell.Unknown || !shell.Online())
	g := groupBy(entries, clock.Day(time.Now()))
	return app.Div().Class("page page-todo").Body(kit.Detail{
		Head: []app.UI{
			shell.Heading(textTodoTitle),
			app.P().Class("todo-count").Attr("role", "status").Body(count(g, known).UI()),
			p.asOf(),
			app.Div().Class("todo-banners no-print").Body(p.banners(known)...),
		},
		Rail: rail(g, known),
		Body: []app.UI{app.Div().Class("todo-groups").Body(p.groups(g, known)...)},
	}.UI())
}

// rail has what comes first, and the way to more.
func rail(g groups, known bool) kit.Rail {
	if !known || g.count()+len(g.done) == 0 {
		return kit.Rail{}
	}
	r := kit.Rail{
		ID: "todo-rail",
		Action: kit.Link{
			ID: "todo-more", Label: textTodoMore, Href: guidePath, Icon: kit.IconTask, Kind: kit.Secondary,
		}.UI(),
		More: []app.UI{app.Div().Class("no-print").Body(kit.PrintButton("todo-print"))}, After: true,
	}
	if len(g.open) == 0 {
		return r
	}
	first := g.open[0].entries[0]
	if first.Due() == "" {
		return r
	}
	r.Until = lang.Day(first.Due()).UI()
	r.Next = app.A().Class("link").Href(cmp.Or(first.path(), path)).Body(lang.Plain(first.Title()).UI())
	return r
}

// asOf says how old the folder's list is, where it comes from the device.
func (p *page) asOf() app.UI {
	list.Lock()
	age := list.age
	list.Unlock()
	if !InFolder() {
		age = rpc.Age{Locked: shell.CurrentSession().State == shell.Unknown && !shell.Online()}
	}
	return ask.AsOf(age, "todo", path)
}

func count(g groups, known bool) lang.Text {
	open := g.count() + unlisted()
	switch {
	case !known || open+len(g.done) == 0:
		return lang.Text{}
	case open == 0:
		return textTodoAllDone
	case g.overdue > 0:
		return textTodoOverdue.F(open, g.overdue)
	}
	return textTodoCount.F(open)
}

func (p *page) banners(known bool) []app.UI {
	here, told := app.UI(app.Div()), app.UI(app.Div())
	switch {
	case !known:
	case !InFolder():
		here = app.Div().Class("todo-here").Body(
			textHere.P("hint"),
			kit.Link{
				ID: "todo-login", Label: textHereLogIn, Href: shell.WithNext("/login", path), Icon: kit.IconLogIn,
			}.UI(),
			kit.Link{ID: "todo-device", Label: textDevice, Href: devicePath}.UI(),
		)
	case !shell.Online():
		means := textNotHere
		if waiting.Open() {
			means = textKeptHere
		}
		here = app.Div().Class("todo-here").Body(app.P().Class("hint").Body(
			kit.Icon(kit.IconOffline), app.Text(" "), means.UI(),
		))
	}
	if p.undo != nil {
		told = app.Div().Class("todo-undo").
			Body(kit.Button{ID: "todo-undo", Label: textUndo, Icon: kit.IconBack, OnPress: func(app.Context) {
				if undo := p.undo; undo != nil {
					p.undo = nil
					undo()
				}
			}}.UI())
	}
	return []app.UI{
		app.Div().Body(here),
		app.Div().Body(p.offer()),
		kit.NotificationBanner{ID: "todo-taken", Tone: kit.Success, Title: p.taken}.UI(),
		p.failure.Banner("todo-failure"),
		app.Div().Class("todo-told").Body(
			app.P().Class("todo-told-text").Attr("role", "status").Body(p.told.UI()),
			app.Div().Body(told),
		),
	}
}

func (p *page) offers() bool { return InFolder() && !p.declined && OnDevice() > 0 }

// offer asks whether what lies on the device is to go into the folder.
func (p *page) offer() app.UI {
	if !p.offers() {
		return app.Div()
	}
	return kit.NotificationBanner{ID: "todo-take", Tone: kit.Info, Title: textTake.F(OnDevice()), Body: []app.UI{
		textTakeBody.P(""),
		app.Div().Class("actions").Body(
			kit.Button{ID: "todo-take-do", Label: textTakeDo, Kind: kit.Primary, Busy: p.taking, OnPress: p.take}.UI(),
			kit.Button{ID: "todo-take-not", Label: textTakeNot, OnPress: func(app.Context) { p.declined = true }}.UI(),
		),
	}}.UI()
}

func (p *page) groups(g groups, known bool) []app.UI {
	if !known {
		if p.failure.Is() {
			return []app.UI{
				kit.Button{
					ID: "todo-again", Label: textAgain, Icon: kit.IconRefresh, Busy: p.loading, OnPress: p.load,
				}.UI(),
			}
		}
		return []app.UI{kit.Skeleton(6, kit.Button{ID: "todo-slow", Label: textAgain, OnPress: p.load}.UI())}
	}
	if g.count()+len(g.done) == 0 {
		return []app.UI{p.empty()}
	}
	var parts []app.UI
	for _, part := range g.open {
		parts = append(parts, p.section(part))
	}
	more := app.UI(app.Div())
	if n := unlisted(); n > 0 {
		more = app.P().Class("todo-unlisted").Body(kit.Link{
			ID: "todo-unlisted", Label: textUnlisted.F(n), Href: noticesPath,
		}.UI())
	}
	return []app.UI{
		app.Div().Class("todo-open").Body(parts...),
		more,
		app.Div().Class("todo-done").Body(app.If(len(g.done) > 0, func() app.UI {
			return kit.Disclosure{
				ID: "todo-done", Summary: textGroup.F(textDone, len(g.done)), Body: []app.UI{p.items(textDone, g.done)},
			}.UI()
		})),
	}
}

func (p *page) empty() app.UI {
	first := kit.Primary
	if p.offers() { // what lies on the device comes first
		first = kit.Secondary
	}
	return kit.Empty{Picture: scene.Lit(scene.Medium), Text: textTodoEmpty, WayOn: []app.UI{
		app.Div().Class("actions").Body(
			kit.Link{ID: "todo-guide", Label: textTodoEvent, Href: guidePath, Kind: first}.UI(),
			kit.Link{ID: "todo-search", Label: textTodoFind, Href: searchPath, Kind: kit.Secondary}.UI(),
		),
	}}.UI()
}

func (p *page) section(g group) app.UI {
	return app.Section().Class("todo-group todo-group-"+g.id).Body(
		app.H2().ID("todo-title-"+g.id).Class("part-title").Body(textGroup.F(g.title, len(g.entries)).UI()),
		p.items(g.title, g.entries),
	)
}

func (p *page) items(title lang.Text, entries []Entry) app.UI {
	items := make([]app.UI, len(entries))
	for i, e := range entries {
		shown := &item{Entry: e, Today: clock.Day(time.Now()), Act: p.act, Waits: Waits(e)}
		if p.editing.id == e.ID() {
			shown.Edit = p.editing
		}
		items[i] = shown
	}
	return app.Ul().Class("todo-list").Aria("label", title.String()).Body(items...)
}
