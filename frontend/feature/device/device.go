// Package device is the page この端末に残っているもの: whoever is at a device sees what it keeps of those who used it without a
// login, in their own words, and can have it wiped. What is kept, and how it goes, is the vault's.
package device

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/keeping"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/reach/vault"
)

// patience is how long the browser may take for what lies in its database.
const patience = 5 * time.Second

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{
			Path: "/device", Prerender: "device", AtOnce: true, Title: textTitle,
			New: func() app.Composer { return &page{} },
		},
		{
			Path: "/device/open", Prerender: "unlock", AtOnce: true, Title: textUnlockTitle, Parent: "/device",
			New: func() app.Composer { return &unlock{} },
		},
	},
	Start: func(ctx app.Context) {
		vault.ListenToTabs(func(kinds []vault.Kind) { ctx.Dispatch(func(ctx app.Context) { begin(ctx, kinds) }) })
		keep()
	},
}

// copies are the kinds of which pages hold copies, by where those pages lie.
var copies = map[string][]vault.Kind{
	"/guide":      {vault.Answers, vault.Place, vault.Drafts},
	"/procedures": {vault.Place, vault.Days, vault.Ticks, vault.Procedures},
	"/todo":       {vault.Tasks},
}

// begin has the page of this tab begin anew, after another tab wiped what it holds a copy of. Most that is wiped is no
// person's doing: who is logged in has a tab forget what was erased in the folder, and what is pressed in another one
// meanwhile is not to be lost.
func begin(ctx app.Context, wiped []vault.Kind) {
	if shown != nil {
		shown.look(func() {})
	}
	if holdsCopy(ctx.Page().URL().Path, wiped) {
		ctx.Reload()
	}
}

// holdsCopy says whether the page at a path holds a copy of something that was wiped.
func holdsCopy(here string, wiped []vault.Kind) bool {
	for path, kinds := range copies {
		if here != path && !strings.HasPrefix(here, path+"/") {
			continue
		}
		return slices.ContainsFunc(wiped, func(k vault.Kind) bool { return slices.Contains(kinds, k) })
	}
	return false
}

var (
	textStaysList = []lang.Text{
		textALoginItGoesOn,
		textTheLanguageThatWasChosen,
		textMadoguchiSOwnFilesWhich,
		textYourBrowserSHistoryIn,
	}
)

// names say what a kind is, in the order of the list.
var names = []struct {
	kind vault.Kind
	name lang.Text
}{
	{vault.Place, textYourMunicipality},
	{vault.Tasks, textTheToDoList},
	{vault.Answers, textAnswersAboutEventsOfLife},
	{vault.Days, textDatesEnteredForProcedures},
	{vault.Ticks, textTicksOfDocumentsByProcedure},
	{vault.Services, textServicesChosen},
	{vault.LoginWay, textWayOfLogin},
	{vault.Drafts, textFormsHalfFilledIn},
	{vault.Procedures, textProceduresThatOpenOfflineOf},
	{vault.Pages, textPagesVisited},
	{vault.Rest, textOtherRecords},
}

// item is something that the device keeps.
type item struct {
	kind         vault.Kind
	name, detail lang.Text
	// oldest is when the oldest of it was kept, where that is known; else 0.
	oldest int64
}

// items are what the device keeps, given what the vault found.
func items(left map[vault.Kind][]string, heads []vault.PlaceHead, pages int, stocks []vault.Stock) []item {
	var all []item
	for _, n := range names {
		count := len(left[n.kind])
		switch n.kind {
		case vault.Procedures:
			count = len(heads)
		case vault.Pages:
			count = pages
		case vault.Answers: // in this tab, and what came of them
			for _, s := range stocks {
				if s.Kind == n.kind {
					count = max(count, s.Count)
				}
			}
		}
		if count > 0 {
			all = append(all, item{kind: n.kind, name: n.name, detail: detail(n.kind, count, heads)})
		}
	}
	return all
}

// stored are the kinds that are declared, as the device has them, but for those that the list above has by their names.
func stored(stocks []vault.Stock) []item {
	var all []item
	for _, sort := range vault.Declared() {
		for _, s := range stocks {
			if s.Kind != sort.Kind || slices.Contains(vault.Kinds, sort.Kind) {
				continue
			}
			size, days := (s.Bytes+1023)/1024, int(sort.For/(24*time.Hour))
			how := textOpenly.F(s.Count, size, days)
			switch {
			case sort.Kind == vault.Outbox:
				how = textUntilSent.F(s.Count, size)
			case sort.Sealed && days == 0:
				how = textUntilRemoved.F(s.Count, size)
			case sort.Sealed:
				how = textSealed.F(s.Count, size, days)
			}
			all = append(all, item{s.Kind, keeping.Name(s.Kind), how, s.Oldest})
		}
	}
	return all
}

func detail(kind vault.Kind, count int, heads []vault.PlaceHead) lang.Text {
	switch kind {
	case vault.Place:
		if p := place.Remembered(); p != nil {
			return place.FullName(p)
		}
		return textNoSense
	case vault.Tasks:
		if n := todo.OnDevice(); n > 0 {
			return textCount.F(n)
		}
		return textNoSense
	case vault.Drafts:
		return textCountTab.F(count)
	case vault.Procedures:
		places := make([]string, len(heads))
		for i, h := range heads {
			places[i] = h.Name
		}
		slices.Sort(places)
		ja := strings.Join(places, "、")
		return lang.New(ja, strings.Join(places, ", "), ja)
	}
	return textCount.F(count)
}

type page struct {
	app.Compo

	ctx     app.Context
	turn    int // counts the looks, so that a late one is left out
	looked  bool
	refuses bool
	items   []item
	busy    bool
	asking  bool
	done    lang.Text
	failed  bool
	box     strongbox
}

// shown is the page while it is open, to look again when another tab wipes something.
var shown *page

// OnMount looks at what is there.
func (p *page) OnMount(ctx app.Context) {
	p.ctx = ctx
	shell.Follow(ctx)
	if !app.IsServer {
		shown = p
		p.box.gone = func() { p.look(func() {}) }
		p.box.begin(ctx)
		p.look(func() {})
	}
}

// OnDismount stops listening.
func (p *page) OnDismount() {
	if shown == p {
		shown = nil
	}
	p.box.visit.End()
}

// look lists what is there, then calls done.
func (p *page) look(done func()) {
	p.turn++
	turn := p.turn
	p.ctx.Async(func() {
		bg, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		heads, err := vault.KeptPlaces(bg)
		if err != nil {
			heads = nil // what the browser does not let us see, it does not keep
		}
		stocks, err := vault.Stocks(bg)
		if err != nil {
			stocks = nil
		}
		pages, err := vault.KeptPages(bg)
		if err != nil {
			pages = 0
		}
		p.ctx.Dispatch(func(app.Context) {
			if turn != p.turn {
				return
			}
			p.items = append(items(vault.Left(), heads, pages, stocks), stored(stocks)...)
			p.refuses, p.looked = vault.Refuses(), true
			done()
		})
	})
}

// wipe takes away some kinds, and tells of it when they are gone.
func (p *page) wipe(told lang.Text, kinds ...vault.Kind) {
	if p.busy {
		return
	}
	p.asking, p.busy, p.done, p.failed = false, true, lang.Text{}, false
	began := time.Now()
	p.ctx.Async(func() {
		bg, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := vault.Wipe(bg, kinds...)
		p.ctx.Dispatch(func(app.Context) {
			if len(kinds) == len(allKinds()) && shell.CurrentSession().State == shell.LoggedOut {
				vault.DropAll() // whose drafts they were is of no use without a login
			}
			p.look(func() { p.tell(told, err, kinds, began) })
		})
	})
}

// tell says that it is gone, unless something is there still. What was kept since is not that: whoever is logged in
// goes on hearing from offices.
func (p *page) tell(told lang.Text, err error, kinds []vault.Kind, began time.Time) {
	p.busy = false
	if err != nil {
		app.Log("wiping the device: ", err)
	}
	if slices.ContainsFunc(p.items, func(i item) bool {
		return slices.Contains(kinds, i.kind) && i.oldest < began.UnixMilli()
	}) {
		p.failed = true
		kit.Focus(p.ctx, "device-failed")
		return
	}
	p.done = told
	kit.Focus(p.ctx, "device-done")
}

// Render draws what there is, and what can be done about it.
func (p *page) Render() app.UI {
	failed := kit.NotificationBanner{ID: "device-failed", Tone: kit.Failure}
	if p.failed {
		failed.Title, failed.Body = textFailed, []app.UI{textFailedDo.P("")}
	}
	return app.Div().Class("page page-device").Body(kit.Detail{
		Head: []app.UI{
			shell.Heading(textTitle),
			textLead.P("lead"),
			kit.NotificationBanner{ID: "device-done", Tone: kit.Success, Title: p.done}.UI(),
			failed.UI(),
		},
		Rail: kit.Rail{More: []app.UI{p.picture(), contents()}},
		Body: []app.UI{p.now(), p.box.ui(), logins(), p.others()},
	}.UI(), p.dialog())
}

// picture is the window: open while the vault is, its blind down while that is locked, empty where nothing is kept.
func (p *page) picture() app.UI {
	shown := scene.Locked(scene.Medium)
	switch {
	case p.looked && len(p.items) == 0:
		shown = scene.Empty(scene.Medium)
	case vault.Now().IsOpen():
		shown = scene.Lit(scene.Medium)
	}
	return app.Div().Class("device-picture").Body(shown)
}

// contents leads to the parts of the page.
func contents() app.UI {
	var links []app.UI
	for _, part := range []struct {
		id    string
		title lang.Text
	}{{"device-now", textNow}, {"device-vault", textVault}, {"device-stays", textStays}} {
		links = append(links, app.Li().Body(app.A().Class("link").Href("#"+part.id).Body(part.title.UI())))
	}
	return app.Nav().Class("contents").Aria("label", textContents.String()).Body(app.Ul().Body(links...))
}

// logins leads who is logged in to where else they are.
func logins() app.UI {
	return app.Div().Class("part").Body(app.If(shell.CurrentSession().State == shell.CitizenState, func() app.UI {
		return kit.Link{ID: "device-logins", Label: textLogins, Href: "/usage/devices"}.UI()
	}))
}

func (p *page) now() app.UI {
	return app.Section().Class("part").Aria("labelledby", "device-now").Body(
		app.H2().ID("device-now").Class("part-title").Body(textNow.UI()),
		app.Div().Body(p.list()...),
	)
}

// others are what stays whatever is removed here.
func (p *page) others() app.UI {
	stays := make([]app.UI, len(textStaysList))
	for i, text := range textStaysList {
		stays[i] = text.Li("")
	}
	return app.Section().Class("part").Aria("labelledby", "device-stays").Body(
		app.H2().ID("device-stays").Class("part-title").Body(textStays.UI()),
		app.Ul().Class("dots").Body(stays...),
	)
}

// allKinds are those of the list and those that are declared.
func allKinds() []vault.Kind {
	all := slices.Clone(vault.Kinds)
	for _, sort := range vault.Declared() {
		if !slices.Contains(all, sort.Kind) {
			all = append(all, sort.Kind)
		}
	}
	return all
}

func (p *page) list() []app.UI {
	switch {
	case !p.looked:
		return []app.UI{kit.Skeleton(4, nil)}
	case len(p.items) == 0 && p.refuses:
		return []app.UI{textRefuses.P("empty")}
	case len(p.items) == 0:
		return []app.UI{kit.Empty{Text: textNothing}.UI()}
	}
	lines := make([]app.UI, len(p.items))
	for i, it := range p.items {
		lines[i] = app.Li().Class("list-item device-item").Body(
			app.Div().Class("device-what").Body(
				app.P().ID("device-name-"+string(it.kind)).Class("device-name").Body(it.name.UI()),
				it.detail.P(""),
			),
			p.remove(it),
		)
	}
	return []app.UI{
		app.Ul().Class("list device-list").Aria("label", textNow.String()).Body(lines...),
		app.Div().Class("actions").Body(kit.Button{
			ID: "device-all", Label: textAll, Kind: kit.Danger, Busy: p.busy, OnPress: func(app.Context) {
				p.asking = true
			},
		}.UI()),
	}
}

// remove is the button at one thing; for those who do not see what it stands beside, it says of what.
func (p *page) remove(it item) app.UI {
	return app.Button().Type("button").ID("device-remove-"+string(it.kind)).Class("button button-secondary").Body(
		app.Span().Class("button-label").Body(textRemove.UI(), kit.Hidden(textOf.F(it.name))),
	).OnClick(func(ctx app.Context, e app.Event) {
		kit.Once(ctx, e, func(app.Context) { p.wipe(textGone.F(it.name), it.kind) })
	}, app.EventScope(it.kind))
}

func (p *page) dialog() app.UI {
	tasks := slices.ContainsFunc(p.items, func(i item) bool { return i.kind == vault.Tasks })
	not := func(app.Context) {
		p.asking = false
		kit.Focus(p.ctx, "device-all")
	}
	return &kit.Dialog{
		ID: "device-ask", Alert: true, Open: p.asking, Title: textAsk, OnClose: not,
		Body: func() []app.UI {
			return []app.UI{
				textAskBody.P(""),
				app.P().Body(app.If(tasks, func() app.UI {
					return app.Span().Body(textAskTasks.UI(), app.Text(" "), kit.Link{
						Label: textOwn, Href: "/todo",
					}.UI())
				})),
			}
		},
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: "device-not", Label: textNot, OnPress: not}.UI(),
				kit.Button{
					ID: "device-sure", Label: textAll, Kind: kit.Danger, OnPress: func(app.Context) {
						p.wipe(textGoneAll, allKinds()...)
					},
				}.UI(),
			}
		},
	}
}
