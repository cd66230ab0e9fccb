// Package top is the first page: one question, and one field that answers as one types, from whatever features have
// (shell.Finder). Beneath are the events of life, the way to what is one's own, and a line of trust.
package top

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/helpline"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/words"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	fieldID = "ask"
	chipID  = "ask-chip"
	// typingPause is how long the field waits for another key before it asks.
	typingPause = 150 * time.Millisecond
	// distressPause is longer: who goes on typing may mean something else (DV, DVD).
	distressPause = 600 * time.Millisecond
	// begunPause is how long it waits for what may be words of distress that are not whole yet: they are sent to
	// nobody.
	begunPause = 1200 * time.Millisecond
	// longest is what the portal reads of what is typed.
	longest = 200
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/", Prerender: "top", Title: textTitle, New: func() app.Composer { return &page{} }},
	},
}

type page struct {
	app.Compo

	visit    ask.Visit
	asked    ask.Question
	typed    string
	words    string // typed, after a pause
	typings  int    // counts what was typed, so that what was typed before is not asked for after a pause
	at       *portalv1.Place
	home     ask.Question // for the place where the person lives
	anywhere bool         // they chose the whole country
	choosing bool         // the place
	arrived  bool
	found    []group
	answered string // the words that found answers
	lacking  bool   // some of it could not be had
	distress []distress.Kind
	insists  bool
}

// group is what one finder answered.
type group struct {
	title lang.Text
	hits  []shell.Hit
	all   string
}

// OnMount begins what OnNav goes on with.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.at = place.Remembered()
	shell.Watch(ctx, func(app.Context) { p.atHome() })
	p.atHome()
	ctx.Async(func() { // so that the first key need not wait for it
		shell.Idle(ctx)
		p.rehearse()
		shell.Turn(ctx)
		distress.Prepare(shell.InTurns(ctx))
		for _, typed := range []string{"あ", "a"} {
			shell.Turn(ctx)
			pauseAfter(typed)
		}
		for _, f := range shell.Finders() {
			if f.Ready != nil {
				shell.Turn(ctx)
				f.Ready()
			}
		}
	})
}

// rehearse has the field say that something was typed when nothing was: what runs at the first key is compiled then.
func (p *page) rehearse() {
	if field := app.Window().GetElementByID(fieldID); p.typings == 0 && field.Truthy() {
		field.Call("dispatchEvent", app.Window().Get("Event").New("input"))
	}
}

// atHome has who is logged in, and has chosen no place, search where they live. The device does not remember it.
func (p *page) atHome() {
	if app.IsServer || p.at != nil || p.anywhere || p.home.Busy || p.home.Failure.Is() ||
		shell.CurrentSession().State != shell.CitizenState {
		return
	}
	place.Registered(&p.visit, &p.home, func(m *portalv1.Municipality) {
		if p.at == nil && !p.anywhere {
			p.at = place.Of(m)
			p.again()
		}
	})
}

// OnDismount gives up what is asked for.
func (p *page) OnDismount() { p.visit.End() }

// OnNav reads the address: what was asked before one went on to an answer, or the place that the map leads back with.
func (p *page) OnNav(ctx app.Context) {
	if app.IsServer {
		return
	}
	here := ctx.Page().URL()
	query := here.Query()
	if here.Fragment == fieldID {
		kit.Focus(ctx, fieldID)
	}
	if p.arrived {
		return
	}
	p.arrived = true
	if code := query.Get("place"); code != "" && code != p.at.GetCode() {
		place.Resolve(&p.visit, &ask.Question{}, code, func(_ app.Context, at *portalv1.Place, err error) {
			if err == nil {
				p.at = at
				p.again()
			}
		})
	}
	if before := query.Get("q"); before != "" && p.typed == "" {
		p.typed, p.words = before, before
		p.run()
	}
}

// typing waits for a pause, then looks. The letter is seen before anything is thought about it.
func (p *page) typing(value string, composing bool) {
	p.typed = value
	now := words.Complete(value, composing)
	p.typings++
	if now == p.words {
		return
	}
	p.asked.Drop()
	turn := p.typings
	p.visit.Page.Async(func() {
		distress.Prepare(shell.InTurns(p.visit.Page))
		if turn != p.typings {
			return
		}
		kinds, wait := pauseAfter(now)
		time.Sleep(wait)
		p.visit.Page.Dispatch(func(ctx app.Context) {
			if turn != p.typings {
				ctx.PreventUpdate()
				return
			}
			p.words, p.insists = now, false
			p.look(kinds)
		})
	})
}

// pauseAfter is the distress that what is typed speaks of, and how long the field waits for more.
func pauseAfter(typed string) ([]distress.Kind, time.Duration) {
	switch kinds := distress.Find(typed); {
	case len(kinds) > 0:
		return kinds, distressPause
	case distress.Begun(typed):
		return nil, begunPause
	}
	return nil, typingPause
}

func (p *page) run() { p.look(distress.Find(p.words)) }

// look asks all who may have an answer, unless the words speak of distress.
func (p *page) look(kinds []distress.Kind) {
	p.typings++
	p.distress = kinds
	if p.words == "" || len(p.distress) > 0 && !p.insists {
		p.asked.Drop()
		p.found, p.answered = nil, ""
		p.remember()
		return
	}
	p.remember()
	ask.For(&p.visit, &p.asked, find, shell.Asked{Words: p.words, Place: p.at.GetCode()},
		func(_ app.Context, answers answers, _ error) {
			p.found, p.lacking, p.answered = answers.groups, answers.lacking, answers.to
		})
}

func (p *page) again() {
	if p.words != "" {
		p.run()
	}
}

// remember has the address say what was asked, for the way back from an answer; words of distress stand in none.
func (p *page) remember() {
	query := url.Values{}
	if p.words != "" && len(p.distress) == 0 {
		query.Set("q", p.words)
	}
	p.visit.Page.Page().ReplaceURL(&url.URL{Path: "/", RawQuery: query.Encode()})
}

type answers struct {
	to      string
	groups  []group
	lacking bool
}

// find asks the finders side by side, each in a turn of its own. What one lacks, the others may have.
func find(ctx context.Context, a shell.Asked) (answers, error) {
	finders := shell.Finders()
	groups, failed := make([]group, len(finders)), make([]bool, len(finders))
	if r := []rune(a.Words); len(r) > longest {
		a.Words = string(r[:longest])
	}
	var all sync.WaitGroup
	for i, f := range finders {
		all.Go(func() {
			shell.Turn(ctx)
			if ctx.Err() != nil {
				return // something else is asked meanwhile
			}
			hits, err := f.Find(ctx, a)
			groups[i], failed[i] = group{title: f.Title, hits: hits}, err != nil
			if f.All != nil && len(hits) > 0 {
				groups[i].all = f.All(a)
			}
		})
	}
	all.Wait()
	shell.Turn(ctx) // to be drawn in a task of its own
	found := answers{to: a.Words}
	for i, g := range groups {
		found.lacking = found.lacking || failed[i]
		if len(g.hits) > 0 {
			found.groups = append(found.groups, g)
		}
	}
	return found, ctx.Err()
}

// Render draws the question, then the answers or the ways to begin.
func (p *page) Render() app.UI {
	return app.Div().Class("top").Body(
		app.Div().Class("ask-head").Body(
			app.Div().Class("ask-words").Body(
				app.H1().ID("page-title").Class("ask-title").TabIndex(-1).Body(textTitle.UI()),
				p.form(),
				app.Div().Class("ask-place").Body(p.places()...),
			),
			app.Div().Class("ask-picture").Body(scene.Lit(scene.Large)),
		),
		app.Div().Attr("role", "status").Body(p.helpline()),
		app.P().ID("ask-count").Class("ask-count").Attr("role", "status").TabIndex(-1).Body(p.count().UI()),
		app.Div().Class("ask-body").Body(p.body()),
		p.band(),
		app.P().Class("top-trust").Body(kit.Icon(kit.IconShield), app.Span().Body(textTrust.UI(), app.Text(" "),
			kit.Link{ID: "top-promise", Label: textTrustMore, Href: "/help#promise"}.UI())),
	)
}

// form works before the program runs: the portal answers it with the procedures. What is posted stands in no address,
// no history and no log.
func (p *page) form() app.UI {
	input :=
		app.Input().ID(fieldID).Name("q").Type("search").Class("input ask-input").Value(p.typed).AutoComplete(false).
			Attr("enterkeyhint", "search").Attr("maxlength", longest).Aria("describedby", "ask-hint").
			OnInput(func(ctx app.Context, e app.Event) {
				p.typing(ctx.JSSrc().Get("value").String(), e.Get("isComposing").Truthy())
				ctx.PreventUpdate() // the field shows what is typed by itself; the page follows after the pause
			}).
			On("compositionend", func(ctx app.Context, _ app.Event) {
				p.typing(ctx.JSSrc().Get("value").String(), false)
			}).
			OnKeyDown(func(ctx app.Context, e app.Event) {
				if kit.OfInputMethod(e) || e.Get("key").String() != "ArrowDown" || len(p.found) == 0 {
					ctx.PreventUpdate() // a letter; what it comes to is another event
					return
				}
				e.PreventDefault()
				kit.Focus(ctx, "ask-hit-0-0")
			})
	chosen := textPlaceNone
	if p.at != nil {
		chosen = place.Name(p.at)
	}
	chip := app.A().ID(chipID).Class("ask-chip").Href("/places?next=%2F").Attr("role", "button").
		Aria("expanded", p.choosing).Aria("controls", "ask-places").
		Body(kit.Icon(kit.IconPlace), kit.Hidden(textPlace), chosen.Span("ask-chip-name"),
			app.Span().Class("ask-chip-more").Body(kit.Icon(kit.IconChevron))).
		OnClick(func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			e.Call("stopPropagation")
			if p.choosing = !p.choosing; p.choosing {
				kit.Focus(ctx, "ask-where")
			}
		})
	return app.Form().Class("ask-form").Attr("role", "search").Method("post").Action(catalog.SearchPath).Body(
		app.Label().For(fieldID).Class("visually-hidden").Body(textField.UI()),
		app.Div().Class("ask-box").Body(
			input,
			chip,
			app.Button().Type("submit").ID("ask-go").Class("button button-primary ask-go").Body(
				kit.Icon(kit.IconSearch), textGo.Span(""),
			),
		),
		app.P().ID("ask-hint").Class("hint").Body(textHint.UI()),
	).OnSubmit(func(ctx app.Context, e app.Event) {
		e.PreventDefault()
		p.submit(ctx)
	})
}

// submit leads to the procedures alone, all of them; what speaks of distress stays here.
func (p *page) submit(ctx app.Context) {
	p.words = p.typed
	if len(distress.Find(p.words)) > 0 {
		p.run()
		return
	}
	p.distress = nil
	query := url.Values{}
	if p.words != "" {
		query.Set("q", p.words)
	}
	if p.at != nil {
		query.Set("place", p.at.GetCode())
	}
	address := catalog.SearchPath
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	p.remember()
	ctx.Navigate(address)
}

func (p *page) places() []app.UI {
	if !p.choosing {
		return nil
	}
	closed := func(ctx app.Context) {
		p.choosing = false
		kit.Focus(ctx, chipID)
		p.again()
	}
	return []app.UI{app.Div().ID("ask-places").Class("ask-places").Body(
		&place.Chooser{
			ID: "ask-where", AllowPrefecture: true, Next: "/", OnChoose: func(ctx app.Context, at *portalv1.Place) {
				p.at = at
				closed(ctx)
			},
		},
		app.Div().Class("actions").Body(
			app.If(p.at != nil, func() app.UI {
				return kit.Button{ID: "ask-everywhere", Label: textEverywhere, OnPress: func(ctx app.Context) {
					p.at, p.anywhere = nil, true
					closed(ctx)
				}}.UI()
			}),
			kit.Button{ID: "ask-places-close", Label: textPlaceKeep, Kind: kit.TextOnly, OnPress: closed}.UI(),
		),
	)}
}

// helpline stands above every answer.
func (p *page) helpline() app.UI {
	answer := helpline.Answer{Kinds: p.distress, Erase: func(ctx app.Context) {
		p.typed, p.words = "", ""
		kit.SetValue(ctx, fieldID, "")
		kit.Focus(ctx, fieldID)
		p.run()
	}}
	if !p.insists {
		answer.More = func(ctx app.Context) {
			p.insists = true
			p.run()
			kit.Focus(ctx, "ask-count")
		}
	}
	return answer.UI()
}

func (p *page) count() lang.Text {
	if p.answered == "" || p.answered != p.words {
		return lang.Text{}
	}
	n := 0
	for _, g := range p.found {
		n += len(g.hits)
	}
	if n == 0 {
		return textNothing.F(p.answered)
	}
	return textFound.F(p.answered, n)
}

func (p *page) body() app.UI {
	switch {
	case p.words == "" || len(p.distress) > 0 && !p.insists:
		return app.Section().Class("top-events").Body(
			textEvents.H2("part-title"), tiles(),
			app.P().Class("top-more").Body(
				kit.Link{ID: "top-procedures", Label: textByProcedure, Href: catalog.SearchPath}.UI(),
				kit.Link{ID: "top-guide", Label: textAllEvents, Href: "/guide"}.UI(),
				kit.Link{ID: "top-help", Label: textHelp, Href: "/help"}.UI(),
			),
		)
	case p.answered == "":
		return app.Div().Class("ask-waiting").Body(p.asked.Waiting("ask", 4))
	}
	sections := make([]app.UI, 0, len(p.found)+1)
	for i, g := range p.found {
		sections = append(sections, g.ui(i))
	}
	return app.Div().Class("ask-answers").Aria("busy", p.asked.Busy).Body(append(sections, p.lack())...)
}

// lack says what is missing, or what else there is where nothing was found.
func (p *page) lack() app.UI {
	switch {
	case p.lacking:
		return app.Div().Class("ask-lack").Body(textLacking.P(""), kit.Button{
			ID: "ask-again", Label: textAgain, Icon: kit.IconRefresh, OnPress: func(app.Context) { p.run() },
		}.UI())
	case len(p.found) == 0:
		return app.Div().Class("ask-lack").Body(kit.Empty{
			Picture: scene.Empty(scene.Medium), Text: textNothingWays, WayOn: []app.UI{app.P().Class("top-more").Body(
				kit.Link{ID: "ask-none-procedures", Label: textByProcedure, Href: catalog.SearchPath}.UI(),
				kit.Link{ID: "ask-none-guide", Label: textAllEvents, Href: "/guide"}.UI(),
				kit.Link{ID: "ask-none-help", Label: textHelp, Href: "/help"}.UI(),
			)},
		}.UI())
	}
	return app.Div()
}

func (g group) ui(n int) app.UI {
	items := make([]app.UI, len(g.hits))
	for i, h := range g.hits {
		id := "ask-hit-" + lang.Number(int64(n)) + "-" + lang.Number(int64(i))
		items[i] = app.Li().Class("list-item").Body(app.A().ID(id).Class("entry ask-hit").Href(h.Href).Body(
			app.Span().Class("entry-title").Body(h.Title),
			app.Span().Class("ask-note").Body(h.Note),
		))
	}
	all := app.Div()
	if g.all != "" {
		all = all.Body(kit.Link{ID: "ask-all-" + lang.Number(int64(n)), Label: textAll.F(g.title), Href: g.all}.UI())
	}
	return app.Section().Class("ask-group").Body(
		g.title.H2("ask-group-title"), app.Ul().Class("list").Body(items...),
		all.Class("ask-all"),
	)
}

func tiles() app.UI {
	var items []app.UI
	for _, t := range shell.Tiles() {
		items = append(items, app.Li().Body(app.A().Class("tile-event").Href(t.Href).Body(
			t.Picture(), t.Title.Span(""),
		)))
	}
	return app.Ul().Class("tiles-events").Body(items...)
}

// band leads to what is one's own.
func (p *page) band() app.UI {
	words := shell.Either(textBandHome.UI, textBand.UI)
	way := shell.Either(kit.Link{
		ID: "top-home", Label: textToHome, Href: shell.HomePath, Kind: kit.Primary, Icon: kit.IconHome,
	}.UI, kit.Link{
		ID: "top-login", Label: textLogIn, Href: "/login", Kind: kit.Primary, Icon: kit.IconLogIn,
	}.UI)
	return app.Section().Class("top-band no-print").Aria("labelledby", "top-band-words").Body(
		app.P().ID("top-band-words").Class("top-band-words").Body(words),
		app.Div().Class("top-band-ways").Body(way,
			kit.Link{ID: "top-prepare", Label: textPrepare, Href: "/prepare", Icon: kit.IconPlug}.UI()),
		app.P().Class("top-phone if-handheld").Body(textPhone.UI(), app.Text(" "),
			kit.Link{Label: textPhoneMore, Href: "/login"}.UI()),
	)
}
