// Package compare lays places side by side: one procedure, or all those of an event of life, as each of them has
// registered it.
package compare

import (
	"context"
	"net/url"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{Path: catalog.ComparePath, Title: textTitle, Parent: catalog.SearchPath, New: newPage}},
}

const (
	// pages bounds how much of the catalogue is offered to choose from: far more than it holds.
	pages    = 5
	pageSize = 100

	chooserID = "compare-place"
	resultID  = "compare-result"
	placesID  = "compare-places"
)

// page lays places side by side.
type page struct {
	app.Compo

	visit   ask.Visit
	asked   ask.Question
	listed  ask.Question // what there is to choose from
	opened  bool
	query   query
	name    lang.Text // of what is compared; empty until it is known
	places  map[string]*portalv1.Place
	answer  *portalv1.CompareProceduresResponse
	nothing bool // the event has no procedures to compare

	choices []kit.Item
	events  []*portalv1.LifeEvent
}

func newPage() app.Composer { return &page{places: map[string]*portalv1.Place{}} }

// OnMount follows the shell and compares what the address asks for.
func (c *page) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.open(ctx)
}

// OnNav compares anew after a place was added or removed.
func (c *page) OnNav(ctx app.Context) { c.open(ctx) }

// OnDismount gives up what is asked for.
func (c *page) OnDismount() { c.visit.End() }

func (c *page) open(ctx app.Context) {
	query := parse(ctx.Page().URL().Query())
	if c.opened && query.equal(c.query) {
		c.query = query
		return
	}
	before := c.query
	if c.opened && len(query.places) < len(before.places) {
		kit.Focus(ctx, placesID+"-title") // the link that was pressed is gone
	}
	if query.definition != before.definition || query.event != before.event {
		c.name = lang.Text{}
	}
	c.opened, c.query, c.answer, c.nothing = true, query, nil, false
	c.load()
}

func (c *page) load() {
	if c.query.chosen() {
		c.listed.Drop()
		ask.For(&c.visit, &c.asked, look, c.query, c.take)
		return
	}
	c.asked.Drop()
	shell.SetTitle(textTitle)
	c.resolve()
	if !c.listed.Busy && (len(c.choices) == 0 || len(c.events) == 0) {
		ask.For(&c.visit, &c.listed, list, struct{}{}, c.choose)
	}
}

// outcome is what the portal says.
type outcome struct {
	name    lang.Text
	answer  *portalv1.CompareProceduresResponse
	nothing bool
}

// look fetches the comparison; without a place only the name of what is to be compared.
func look(ctx context.Context, query query) (outcome, error) {
	procedures := rpc.To(portalv1web.NewProcedureService)
	definitions := []string{query.definition}
	var result outcome
	switch {
	case query.event != "":
		request := &portalv1.PlanLifeEventRequest{Event: query.event}
		plan, err := rpc.To(portalv1web.NewGuideService).PlanLifeEvent(ctx, request)
		if err != nil {
			return outcome{}, err
		}
		result.name = lang.Local(plan.GetEvent().GetTitle())
		if definitions = definitionsOf(plan.GetSteps()); len(definitions) == 0 {
			result.nothing = true
			return result, nil
		}
	case len(query.places) == 0:
		request := &portalv1.GetProcedureRequest{Number: query.definition}
		procedure, err := procedures.GetProcedure(ctx, request)
		return outcome{name: catalog.Title(procedure)}, err
	}
	if len(query.places) == 0 {
		return result, nil
	}
	var err error
	result.answer, err = procedures.CompareProcedures(ctx, &portalv1.CompareProceduresRequest{
		PlaceCodes: query.places, Definitions: definitions,
	})
	if compared := result.answer.GetProcedures(); query.definition != "" && len(compared) == 1 {
		result.name = lang.Local(compared[0].GetName())
	}
	return result, err
}

// definitionsOf are the procedures among the steps of a life event, each once.
func definitionsOf(steps []*portalv1.PlanStep) []string {
	var numbers []string
	for _, s := range steps {
		if n := s.GetNumber(); rule.ProcedureNumber(n) && !slices.Contains(numbers, n) &&
			len(numbers) < portalv1limit.CompareProceduresRequestDefinitions {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (c *page) take(_ app.Context, result outcome, err error) {
	if err != nil {
		if rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND {
			c.asked.Failure.What, c.asked.Failure.Means, c.asked.Failure.Do = textLost, lang.Text{}, textLostDo
		}
		c.resolve()
		return
	}
	c.answer, c.nothing = result.answer, result.nothing
	for _, p := range result.answer.GetPlaces() {
		c.places[p.GetCode()] = p
	}
	if !result.name.Empty() {
		c.name = result.name
		shell.SetTitle(textOf.F(c.name))
	}
}

// resolve finds the names of the places where no comparison brings them. A code that is no place's stays a code, to be
// removed.
func (c *page) resolve() {
	for _, code := range c.query.places {
		if c.places[code] != nil {
			continue
		}
		place.Resolve(&c.visit, &ask.Question{}, code, func(_ app.Context, p *portalv1.Place, err error) {
			if err == nil {
				c.places[code] = p
			}
		})
	}
}

// choice is what there is to choose from.
type choice struct {
	procedures []kit.Item
	events     []*portalv1.LifeEvent
}

func list(ctx context.Context, _ struct{}) (choice, error) {
	procedures, err := everything(ctx)
	events, without := rpc.To(portalv1web.NewGuideService).ListLifeEvents(ctx, &portalv1.ListLifeEventsRequest{})
	if without != nil && ctx.Err() == nil {
		app.Log("listing the events of life: ", without) // procedures can be compared all the same
	}
	return choice{procedures, events.GetEvents()}, err
}

func (c *page) choose(_ app.Context, from choice, _ error) {
	if len(from.procedures) > 0 {
		c.choices = from.procedures
	}
	c.events = from.events
}

// everything are the definitions of the whole country.
func everything(ctx context.Context) ([]kit.Item, error) {
	var items []kit.Item
	request := &portalv1.SearchProceduresRequest{PageSize: pageSize}
	for range pages {
		found, err := rpc.To(portalv1web.NewProcedureService).SearchProcedures(ctx, request)
		if rpc.ListChanged(err) && request.GetPageToken() != "" {
			items, request.PageToken = nil, ""
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, h := range found.GetHits() {
			if h.GetDefinition() == "" {
				continue
			}
			name := h.GetTitle()
			if h.GetName() != nil {
				name = lang.Local(h.GetName()).String()
			}
			items = append(items, kit.Item{
				Value: h.GetDefinition(), Label: name, Note: h.GetCategory(), Keys: h.GetTitle(),
			})
		}
		if request.PageToken = found.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	return items, nil
}

func (c *page) add(ctx app.Context, p *portalv1.Place) {
	c.places[p.GetCode()] = p
	if slices.Contains(c.query.places, p.GetCode()) {
		kit.Announce(ctx, textTwice.F(place.Name(p)))
		kit.Focus(ctx, chooserID)
		return
	}
	next := c.query.with(p.GetCode())
	ctx.Navigate(next.address())
	if len(next.places) < portalv1limit.CompareProceduresRequestPlaceCodes {
		kit.Focus(ctx, chooserID)
		return
	}
	kit.Focus(ctx, placesID+"-title")
}

func (c *page) chooseProcedure(_ app.Context, item kit.Item) {
	if item.Value != "" {
		c.visit.Page.Navigate(c.query.of(item.Value, "").address()) // not the field's: it goes
		kit.Focus(c.visit.Page, "page-title")
	}
}

func (c *page) chooseEvent(_ app.Context, id string) {
	if id != "" {
		c.visit.Page.Navigate(c.query.of("", id).address()) // as above
		kit.Focus(c.visit.Page, "page-title")
	}
}

func (c *page) showDiffering(ctx app.Context, only bool) {
	c.query.differing = only
	if address, err := url.Parse(c.query.address()); err == nil {
		ctx.Page().ReplaceURL(address)
	}
}

// Render draws what is compared, the places, and the table.
func (c *page) Render() app.UI {
	title := textTitle
	if !c.name.Empty() {
		title = textOf.F(c.name)
	}
	return app.Div().Class("page page-compare").Body(
		shell.Heading(title),
		app.Div().Body(c.what()...),
		c.where(),
		trouble.First(c.asked.Failure, c.listed.Failure).Banner("compare-failure"),
		app.Section().ID(resultID).Class("compare-result").Aria("label", title.String()).Body(c.result()...),
	)
}

// what chooses the procedure, or leads to choosing another.
func (c *page) what() []app.UI {
	if c.query.chosen() {
		return []app.UI{
			app.P().Class("no-print").Body(kit.Link{
				ID: "compare-other", Label: textOther, Href: c.query.of("", "").address(),
			}.UI()),
		}
	}
	fields := []app.UI{c.listed.Waiting("compare-list", 3)}
	if len(c.choices) > 0 {
		fields = []app.UI{
			&kit.Combobox{
				ID: "compare-procedure", Label: textOne, Hint: textOneHint, Items: c.choices,
				OnSelect: c.chooseProcedure,
			},
		}
		if len(c.events) > 0 {
			options := []kit.Option{{Label: textNone}}
			for _, e := range c.events {
				options = append(options, kit.Option{Value: e.GetId(), Label: lang.Local(e.GetTitle())})
			}
			fields = append(fields, kit.Select{
				ID: "compare-event", Label: textEvent, Hint: textEventIn, Options: options, OnChange: c.chooseEvent,
			}.UI())
		}
	}
	return []app.UI{
		textLead.P("lead"),
		app.Section().Class("part").Aria("labelledby", "compare-what").Body(
			app.H2().ID("compare-what").Class("part-title").Body(textWhat.UI()),
			app.Div().Class("compare-choice").Body(fields...),
		),
	}
}

func (c *page) placeName(code string) lang.Text {
	if p := c.places[code]; p != nil {
		return place.FullName(p)
	}
	return lang.Plain(code)
}

// where adds and removes places.
func (c *page) where() app.UI {
	items := make([]app.UI, len(c.query.places))
	for i, code := range c.query.places {
		items[i] = app.Li().Class("compare-place").Body(
			c.placeName(code).Span(""),
			app.A().Class("compare-remove").Href(c.query.without(code).address()).Aria("label",
				textRemove.F(c.placeName(code)).String()).Body(kit.Icon(kit.IconClose)),
		)
	}
	chooser := app.Div().Body(textFull.P("hint"))
	label := textAdd
	switch len(c.query.places) {
	case 0:
		label = textFirst
	case 1:
		label = textSecond
	}
	if len(c.query.places) < portalv1limit.CompareProceduresRequestPlaceCodes {
		chooser = app.Div().Body(&place.Chooser{
			ID: chooserID, Label: label, Elsewhere: true, Adds: true, OnChoose: c.add,
		})
	}
	return app.Section().ID(placesID).Class("part compare-places no-print").Aria("labelledby", placesID+"-title").Body(
		app.H2().ID(placesID+"-title").Class("part-title").TabIndex(-1).Body(textPlaces.UI()),
		app.Ul().Class("compare-place-list").Body(items...),
		chooser,
	)
}

func (c *page) result() []app.UI {
	switch {
	case c.asked.Busy:
		return []app.UI{c.asked.Waiting("compare", 8)}
	case c.asked.Failure.Is():
		return []app.UI{app.Div().Class("actions").Body(c.asked.Retry("compare"))}
	case c.nothing:
		return []app.UI{
			kit.Empty{Picture: scene.Empty(scene.Medium), Text: textEmpty, WayOn: []app.UI{
				kit.Link{Label: textOther, Href: c.query.of("", "").address()}.UI(),
			}}.UI(),
		}
	case c.answer == nil:
		return nil
	}
	shown, all, differ := rows(c.answer.GetProcedures(), c.query.differing)
	status := textSame.F(all)
	switch {
	case len(c.answer.GetPlaces()) < 2:
		status = textOneMore
	case differ > 0:
		status = textCount.F(all, differ)
	}
	shownTable := app.Div()
	if len(shown) > 0 {
		shownTable = app.Div().Class("compare-scroll").Attr("role", "region").Aria("label", textTable.String()).
			TabIndex(0).Body(
			table(c.answer.GetPlaces(), shown, c.query))
	}
	legend := app.Div()
	if differ > 0 {
		legend = app.Div().Class("compare-legend").Body(textLegend.P(""), textOwnNote.P(""))
	}
	return []app.UI{
		app.P().Class("compare-count").Attr("role", "status").Body(status.UI()),
		app.Div().Class("no-print").Body(kit.Checkbox{
			ID: "compare-only", Label: textOnly, Checked: c.query.differing, OnChange: c.showDiffering,
		}.UI()),
		shownTable,
		legend,
		app.Div().Class("actions no-print").Body(kit.PrintButton("compare-print")),
	}
}
