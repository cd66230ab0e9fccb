package place

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: placesPath, Prerender: "places", Title: textTitle, New: func() app.Composer { return &country{} }},
		{
			Pattern: "^/places/(0[1-9]|[1-3][0-9]|4[0-7])$", Title: textTitle, Parent: placesPath, Document: "places",
			New: func() app.Composer { return &municipalities{} },
		},
	},
}

// country is the page with all prefectures: the field, the tile map and the list.
type country struct {
	app.Compo
	ctx    app.Context
	errand errand
	active int // the tile that the Tab key leads to
}

// OnMount follows the language.
func (c *country) OnMount(ctx app.Context) {
	c.ctx = ctx
	shell.Follow(ctx)
}

// OnNav reads from the address where the person is to be taken afterwards.
func (c *country) OnNav(ctx app.Context) { c.errand = errandOf(ctx.Page().URL()) }

// Render draws the page.
func (c *country) Render() app.UI {
	return app.Div().Class("page page-places").Body(
		shell.Heading(textTitle),
		&Chooser{
			ID: "places-chooser", Label: textAnyLabel, AllowPrefecture: !c.errand.narrow, Elsewhere: c.errand.adds,
			AtMap: true, Next: c.errand.next, Adds: c.errand.adds, OnChoose: c.choose,
		},
		tileMap{active: c.active, href: c.href, onKey: c.onTileKey, onFocus: c.onTileFocus}.ui(),
		c.list(),
	)
}

func (c *country) href(i int) string { return c.errand.at(placesPath + "/" + digits(i)) }

func (c *country) choose(_ app.Context, p *portalv1.Place) {
	c.ctx.Navigate(c.errand.with(p.GetCode()))
}

func (c *country) onTileFocus(i int) app.EventHandler {
	return func(app.Context, app.Event) { c.active = i }
}

func (c *country) onTileKey(i int) app.EventHandler {
	return func(_ app.Context, e app.Event) {
		if e.Get("altKey").Bool() || e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() {
			return // the browser's own: back, to the end of the line
		}
		next := neighbour(i, e.Get("key").String())
		if next == i {
			return
		}
		e.PreventDefault()
		c.active = next
		kit.Focus(c.ctx, tileID(next))
	}
}

func (c *country) list() app.UI {
	var regions [regionCount][]app.UI
	for i, p := range prefectures {
		regions[p.region] = append(regions[p.region], nameLink(c.href(i), p.both()))
	}
	sections := make([]app.UI, regionCount)
	for r, links := range regions {
		id := regionClasses[r] + "-title"
		sections[r] = app.Section().Class("place-region "+regionClasses[r]).Aria("labelledby", id).Body(
			app.H3().ID(id).Class("place-region-title").Body(regionNames[r].UI()),
			app.Ul().Class("place-names").Body(links...),
		)
	}
	return app.Nav().Class("part").Aria("labelledby", "places-list-title").Body(
		app.H2().ID("places-list-title").Class("part-title").Body(textList.UI()),
		app.Div().Class("place-regions").Body(sections...),
	)
}

// nameLink is a place in a list.
func nameLink(href string, name lang.Text) app.UI { return app.Li().Body(nameAnchor(href, name)) }

func nameAnchor(href string, name lang.Text) app.HTMLA {
	return app.A().Class("link place-name").Href(href).Body(name.UI())
}
