// Package search finds procedures as one types, in the whole country or in a place; without a network it looks in what
// the device keeps.
package search

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/helpline"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/words"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	// typingPause is how long the field waits for another key before it asks.
	typingPause = 150 * time.Millisecond
	// distressPause is longer: who goes on typing may mean something else (DV, DVD).
	distressPause = 600 * time.Millisecond
	// begunPause is how long it waits for what may be words of distress that are not whole yet: they are sent to
	// nobody.
	begunPause = 1200 * time.Millisecond
	// fewCategories need not be folded away.
	fewCategories = 8
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{
			Path: catalog.SearchPath, Prerender: "procedures", Document: "search", Title: textTitle,
			New: func() app.Composer { return &page{} },
		},
	},
	Entries: []shell.Entry{
		{Path: catalog.SearchPath, Label: textTitle, Icon: kit.IconSearch, For: shell.Anyone, Order: 15},
	},
	Services: []shell.Service{{
		ID: "procedures", Path: catalog.SearchPath, Title: textTitle, Text: textService,
		Sign: scene.SignFind, Order: 20,
	}},
	Finders: []shell.Finder{
		{Title: textFinderEvents, Order: 10, Find: findEvents},
		{Title: textFinder, Order: 20, Find: findProcedures, All: func(a shell.Asked) string {
			return state{place: a.Place, query: a.Words}.address()
		}},
	},
}

// page is /procedures.
type page struct {
	app.Compo

	visit   ask.Visit
	asked   ask.Question
	named   ask.Question // the place of the address
	forms   ask.Question // which of the procedures can be filed here
	state   state
	text    string          // in the field; state.query follows when one pauses
	at      *portalv1.Place // of state.place
	results results
	grid    []*portalv1.CategoryCount // for the page before anything is asked
	// counts what was typed, so that what was typed before is not asked for after a pause
	typings int
	opened  bool          // the categories stay unfolded once one was chosen
	kept    *catalog.Kept // what the results come from then
	others  []vault.PlaceHead
	anew    bool // the list changed while it was read, and is shown from its beginning
	sent    bool // what is shown came with the document
	arrived bool // the address was read once
	// distress is what the words speak of; nothing is asked then, unless the person wants to all the same (insists).
	distress []distress.Kind
	insists  bool
}

// OnInit draws what the portal wrote into the document, from the first moment on.
func (s *page) OnInit() {
	if app.IsServer {
		return
	}
	asked := parse(app.Window().URL().Query())
	response := &portalv1.SearchProceduresResponse{}
	if asked.asks() && len(distress.Find(asked.query)) == 0 && rpc.Sent(asked.request(""), response) {
		s.state, s.text, s.at, s.sent = asked, asked.query, response.GetPlace(), true
		s.results.take(response, asked, false)
	}
}

// OnMount begins what OnNav goes on with. Where the categories have a column of their own, they stand open in it.
func (s *page) OnMount(ctx app.Context) {
	s.visit.Begin(ctx)
	s.opened = s.opened || kit.Pane()
}

// OnDismount gives up what is asked for.
func (s *page) OnDismount() { s.visit.End() }

// OnNav reads the address: at the first view, and when one comes back to it.
func (s *page) OnNav(ctx app.Context) {
	if app.IsServer {
		return
	}
	asked := parse(ctx.Page().URL().Query())
	if !asked.asks() {
		if p := place.Remembered(); p != nil {
			asked.place, s.at = p.GetCode(), p
			defer s.show()
		}
	}
	hurried := s.text // typed before the program knew its own address
	s.state, s.text = asked, asked.query
	switch {
	case s.arrived:
		kit.SetValue(ctx, "procedure-query", asked.query)
	case hurried != "" && hurried != asked.query:
		defer s.typed(hurried, false)
	}
	s.arrived = true
	if s.sent && s.results.place.GetCode() == s.state.place {
		s.sent = false
		if s.at != nil {
			place.RememberFirst(s.at)
			catalog.Keep(ctx, s.at)
		}
		return
	}
	s.sent, s.insists = false, false
	if len(distress.Find(asked.query)) > 0 {
		s.show() // such words do not stay in the address
	}
	s.locate()
	s.run("")
}

// locate finds out how the place of the address is called, and remembers it unless another is remembered.
func (s *page) locate() {
	switch {
	case s.state.place == "":
		s.at = nil
		s.named.Drop()
	case s.at.GetCode() != s.state.place:
		s.at = nil
		code := s.state.place
		place.Resolve(&s.visit, &s.named, code, func(_ app.Context, p *portalv1.Place, err error) {
			if err != nil {
				if rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND { // an address typed by hand
					s.state.place = ""
					s.show()
					s.run("")
				}
				return
			}
			s.at = p
			place.RememberFirst(p)
		})
	}
}

// show puts the state into the address without a new step in the history.
func (s *page) show() {
	u := *s.visit.Page.Page().URL()
	u.RawQuery = s.state.values().Encode()
	s.visit.Page.Page().ReplaceURL(&u)
}

// typed waits for a pause, then searches.
func (s *page) typed(value string, composing bool) {
	s.text = value
	query := words.Complete(value, composing)
	if query == s.state.query {
		return
	}
	s.typings++
	if s.asked.Busy {
		s.asked.Drop()
	}
	typing, wait := s.typings, typingPause
	switch {
	case len(distress.Find(query)) > 0:
		wait = distressPause
	case distress.Begun(query):
		wait = begunPause
	}
	s.visit.Page.After(wait, func(app.Context) {
		if typing == s.typings {
			s.state.query, s.insists = query, false
			s.changed()
		}
	})
}

// changed takes over a new state.
func (s *page) changed() {
	s.show()
	s.run("")
}

func (s *page) choosePlace(_ app.Context, p *portalv1.Place) {
	s.at, s.state.place = p, p.GetCode()
	s.changed()
}

func (s *page) everywhere(app.Context) {
	s.at, s.state.place = nil, ""
	s.changed()
	s.focusCount()
}

// focusCount has the focus stay near the results when the button that had it goes.
func (s *page) focusCount() { kit.Focus(s.visit.Page, "procedure-count") }

func (s *page) toggle(category string) {
	s.state, s.opened = s.state.toggled(category), true
	s.changed()
}

// run asks the portal, for the first page or the one after token.
func (s *page) run(token string) {
	s.typings++
	s.anew = false
	if s.distress = distress.Find(s.state.query); len(s.distress) > 0 && !s.insists {
		s.asked.Drop()
		s.results = results{}
		return
	}
	ask.For(&s.visit, &s.asked, look, wanted{s.state, token}, s.take)
}

// wanted is a page of what is to be found.
type wanted struct {
	state state
	token string // empty for the first
}

// found is the portal's answer; where that is out of reach, the device's, or else the places that it could answer for.
type found struct {
	wanted
	response *portalv1.SearchProceduresResponse
	kept     *catalog.Kept
	others   []vault.PlaceHead
}

func look(ctx context.Context, w wanted) (found, error) {
	response, err := rpc.To(portalv1web.NewProcedureService).SearchProcedures(ctx, w.state.request(w.token))
	return orKept(ctx, found{wanted: w, response: response}, err)
}

// orKept looks into what the device keeps when the portal is out of reach. What is there stays when only more of it
// could not be had.
func orKept(ctx context.Context, f found, err error) (found, error) {
	if rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE || f.token != "" {
		return f, err
	}
	if f.kept = catalog.Find(ctx, f.state.place); f.kept != nil {
		f.response = inKept(f.kept, f.state)
		return f, err
	}
	f.others = catalog.List(ctx)
	return f, err
}

func (s *page) take(ctx app.Context, f found, err error) {
	switch {
	case rpc.ListChanged(err) && f.token != "": // to go on would be to repeat, or to leave out
		s.run("")
		s.anew = true
		s.focusCount()
		kit.Announce(ctx, textAnew)
		return
	case err != nil && f.kept == nil && f.token != "":
		return
	case err != nil && f.kept == nil:
		if s.kept, s.others = nil, f.others; s.asked.Cut {
			s.results = results{}
			s.asked.Failure.What, s.asked.Failure.Means = textNotKept, lang.Text{}
		}
		return
	}
	s.kept, s.others, s.asked.Failure = f.kept, nil, trouble.Message{}
	if !f.state.asks() {
		s.grid, s.results = f.response.GetCategories(), results{}
		return
	}
	s.results.take(f.response, f.state, f.token != "")
	offered.Ask(&s.visit, &s.forms, s.results.place.GetCode(), func(app.Context) {})
	if p := f.response.GetPlace(); p != nil {
		s.at = p
		if f.kept == nil {
			catalog.Keep(ctx, p)
		}
	}
}

// offline says that the portal was out of reach.
func (s *page) offline() bool { return s.asked.Cut }

// Render draws the form, then the results or the ways to begin.
func (s *page) Render() app.UI {
	return app.Div().Class("page page-search").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		app.Div().Class("search-own").Body(&offered.Resume{}),
		app.Div().Class("search-form").Body(
			&place.Chooser{
				ID: "procedure-place", Current: s.at, OnChoose: s.choosePlace, AllowPrefecture: true,
				Next: s.state.address(),
			},
			app.Div().Class("search-everywhere").Body(app.If(s.at != nil, func() app.UI {
				return kit.Button{
					ID: "procedure-everywhere", Label: textWithout, Kind: kit.TextOnly, OnPress: s.everywhere,
				}.UI()
			})),
			s.field(),
		),
		app.Div().Attr("role", "status").Body(s.helpline()),
		s.asked.Failure.Banner("procedure-failure"),
		s.count(),
		app.Div().Class("search-body").Body(s.body()...),
	)
}

// helpline stands above every hit.
func (s *page) helpline() app.UI {
	answer := helpline.Answer{Kinds: s.distress, Erase: func(ctx app.Context) {
		s.text, s.state.query = "", ""
		kit.SetValue(ctx, "procedure-query", "")
		kit.Focus(ctx, "procedure-query")
		s.changed()
	}}
	if !s.insists {
		answer.More = func(app.Context) {
			s.insists = true
			s.run("")
			s.focusCount()
		}
	}
	return answer.UI()
}

// count is there from the beginning, so that it is announced when it changes.
func (s *page) count() app.UI {
	line := app.P().ID("procedure-count").Attr("role", "status").TabIndex(-1)
	if !s.results.loaded || !s.state.asks() {
		return line.Class("visually-hidden").Body(app.Span())
	}
	return line.Class("results-count").Body(s.results.count().UI())
}

// field is a form of its own, so that it works before the program runs: the portal answers POST /procedures. What is
// posted stands in no address, no history and no log; the portal sends a browser on to the address of an ordinary
// search.
func (s *page) field() app.UI {
	input :=
		app.Input().ID("procedure-query").Name("q").Type("search").Class("input").Value(s.text).AutoComplete(false).
			Attr("enterkeyhint", "search").Attr("maxlength", maxSearch).Aria("describedby", "procedure-query-hint").
			OnInput(func(ctx app.Context, e app.Event) {
				s.typed(ctx.JSSrc().Get("value").String(), e.Get("isComposing").Truthy())
			}).
			On("compositionend", func(ctx app.Context, _ app.Event) {
				s.typed(ctx.JSSrc().Get("value").String(), false)
			})
	return app.Form().Class("field search-field").Attr("role", "search").Method("post").Action(catalog.SearchPath).Body(
		app.Label().For("procedure-query").Class("label").Body(textWhat.UI()),
		app.P().ID("procedure-query-hint").Class("hint").Body(textWhatHint.UI()),
		app.Div().Class("search-line").Body(
			input,
			app.Button().Type("submit").ID("procedure-go").Class("button button-primary").Body(
				kit.Icon(kit.IconSearch), textGo.Span(""),
			),
		),
	).OnSubmit(func(_ app.Context, e app.Event) {
		e.PreventDefault()
		s.insists = s.insists && s.state.query == s.text
		s.state.query = s.text
		s.changed()
	})
}

func (s *page) body() []app.UI {
	if len(s.distress) > 0 && !s.insists {
		return []app.UI{app.Div()}
	}
	if !s.state.asks() {
		return []app.UI{app.Div().Body(app.If(s.offline(), s.unreachable)), s.begin()}
	}
	if !s.results.loaded {
		if s.offline() {
			return []app.UI{s.unreachable()}
		}
		if s.asked.Failure.Is() {
			return []app.UI{s.again()}
		}
		return []app.UI{s.asked.Waiting("procedure", 6)}
	}
	return []app.UI{
		app.Div().Class("search-found").Body(
			s.filters(),
			app.Div().Class("search-hits").Body(s.keptNote(), s.results.ui(s)),
		),
	}
}

// begin is what there is before anything is asked: categories, events of life, the map.
func (s *page) begin() app.UI {
	counts := map[string]int32{}
	for _, c := range s.grid {
		counts[c.GetCategory()] = c.GetCount()
	}
	var tiles []app.UI
	for _, name := range catalog.Categories {
		count := app.UI(app.Span().Class("category-count"))
		if n := counts[name]; n > 0 {
			count = textKinds.F(int(n)).Span("category-count")
		}
		tiles = append(tiles, app.Li().Body(
			app.A().Class("category").Href(catalog.SearchPath+"?"+url.Values{"category": {name}}.Encode()).Body(
				catalog.Category(name).Span(""), count,
			),
		))
	}
	return app.Div().Body(
		app.Section().Class("part").Body(
			textByCategory.H2("part-title"),
			app.Ul().Class("categories").Body(tiles...),
		),
		app.Section().Class("part").Body(
			app.Div().Class("cards").Body(
				kit.Card{
					Heading: textByEvent, Icon: kit.IconTask, Href: "/guide", Body: []app.UI{
						textByEventBody.P(""),
					},
				}.UI(),
				kit.Card{
					Heading: textByMap, Icon: kit.IconPlace, Href: "/places", Body: []app.UI{
						textByMapBody.P(""),
					},
				}.UI(),
			),
		),
	)
}

// filters are the categories with their live counts, and whether only what is online is wanted.
func (s *page) filters() app.UI {
	var chips []app.UI
	shown := map[string]bool{}
	chip := func(name string, count int32) {
		shown[name] = true
		pressed := slices.Contains(s.state.categories, name)
		sign := app.UI(app.Span().Class("chip-sign"))
		if pressed {
			sign = kit.Icon(kit.IconCheck)
		}
		chips = append(chips, app.Li().Body(
			app.Button().Type("button").Class("filter-chip").ID("category-"+name).Aria("pressed", pressed).Body(
				sign, catalog.Category(name).Span(""), app.Span().Class("category-count").Body(
					textEntries.F(int(count)).UI(),
				),
			).OnClick(func(ctx app.Context, e app.Event) {
				kit.Once(ctx, e, func(app.Context) { s.toggle(name) })
			}, app.EventScope(name)),
		))
	}
	for _, c := range s.results.counts {
		chip(c.GetCategory(), c.GetCount())
	}
	for _, c := range s.state.categories { // chosen, and nothing fits there now
		if !shown[c] {
			chip(c, 0)
		}
	}
	summary := textNarrow
	if n := len(s.state.categories); n > 0 {
		summary = textNarrowed.F(n)
	}
	open := s.opened || len(chips) <= fewCategories || len(s.state.categories) > 0
	return app.Div().Class("search-filters").Body(
		kit.Checkbox{ID: "procedure-online", Label: textOnlineOnly, Checked: s.state.online,
			OnChange: func(_ app.Context, checked bool) {
				s.state.online = checked
				s.changed()
			}}.UI(),
		app.Div().Body(app.If(len(chips) > 1 || len(s.state.categories) > 0, func() app.UI {
			return kit.Disclosure{
				ID: "procedure-categories", Summary: summary, Open: open, Body: []app.UI{
					app.Ul().Class("filter-chips").Body(chips...),
				},
			}.UI()
		})),
	)
}
