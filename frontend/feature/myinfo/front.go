package myinfo

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// front is the page that everything of わたしの情報 begins at: what one wants to know, and what came.
type front struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	requests
	unseen int
	typed  string
}

// shownLatest is how many requests the page lists.
const shownLatest = 3

// OnMount loads the catalogue and the newest requests.
func (f *front) OnMount(ctx app.Context) {
	f.visit.Begin(ctx)
	f.asked.Keeps = true
	f.visit.Until(listen(func([]string) { ctx.Dispatch(func(app.Context) { f.load() }) }))
	f.load()
}

// OnDismount stops listening.
func (f *front) OnDismount() { f.visit.End() }

func (f *front) load() {
	ask.For(&f.visit, &f.asked, listWithWords, &portalv1.ListInfoRequestsRequest{},
		func(_ app.Context, l inList, err error) {
			if err != nil {
				nothingKept(&f.asked)
				return
			}
			f.unseen = int(l.page.GetUnseenCount())
			f.take(l, false)
		})
}

// Render draws the page.
func (f *front) Render() app.UI {
	return app.Div().Class("page page-info").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		f.asked.Failure.Banner("info-failure"),
		f.asked.AsOf("info"),
		app.Div().Class("info-front").Body(f.body()...),
	)
}

func (f *front) body() []app.UI {
	if !f.loaded {
		return []app.UI{f.asked.Waiting("info", 8)}
	}
	fields := make([]app.UI, len(f.catalog.fields))
	for i, field := range f.catalog.fields {
		var names []lang.Text
		for _, c := range field.GetCategories() {
			if len(names) < 3 && !(entry{category: c}).covered() {
				names = append(names, lang.Local(c.GetName()))
			}
		}
		fields[i] = app.Li().Body(app.A().Class("info-field").Href(askPath+"?field="+field.GetKey()).Body(
			kit.Icon(fieldIcon(field.GetKey())),
			app.Span().Class("info-field-words").Body(
				lang.Local(field.GetName()).Span("info-field-name"),
				listOf(names).Span("info-field-of"),
			),
		))
	}
	return []app.UI{
		app.Section().Class("info-part").Aria("labelledby", "info-want").Body(
			app.H2().ID("info-want").Class("part-title").Body(textWant.UI()),
			searchField("info-search", f.typed, func(_ app.Context, typed string) { f.typed = typed }),
			app.Div().Class("info-found").Body(f.found()),
			app.Ul().Class("info-fields").Body(fields...),
		),
		app.Section().Class("info-part").Aria("labelledby", "info-came").Body(f.came()...),
	}
}

// found are the answers to what is typed, or nothing while nothing is.
func (f *front) found() app.UI {
	if f.typed == "" {
		return app.Div()
	}
	var items []app.UI
	for _, e := range f.catalog.find(f.typed) {
		items = append(items, app.A().Class("entry").Href(askPath+"?want="+e.detail.GetKey()).Body(
			e.name().Span("entry-title"),
			lang.Local(e.category.GetLead()).Span("entry-line"),
		))
	}
	return app.Div().Body(
		app.P().Class("hint").Attr("role", "status").Body(textFound.F(len(items)).UI()),
		kit.List{Label: textSearch, Items: items, Empty: kit.Empty{Text: textFoundNone}}.UI(),
	)
}

// came tells what was asked for last, and leads to the rest.
func (f *front) came() []app.UI {
	items := make([]app.UI, 0, shownLatest)
	for _, r := range f.all {
		if e, _ := f.catalog.detail(r.GetWish().GetDetail()); !e.covered() && len(items) < shownLatest {
			items = append(items, e.row(r))
		}
	}
	var count lang.Text
	switch {
	case f.unseen > 0:
		count = textArrivedCount.F(f.unseen)
	case f.waiting > 0:
		count = textWaitingCount.F(f.waiting)
	}
	body := app.UI(app.Div().Body(textNoneAsked.P("hint")))
	if len(f.all) > 0 {
		body = app.Div().Body(
			count.P("info-count"),
			kit.List{Label: textAnswers, Items: items, Empty: kit.Empty{Picture: scene.Empty(scene.Small)}}.UI(),
		)
	}
	return []app.UI{
		app.H2().ID("info-came").Class("part-title").Body(textAnswers.UI()),
		body,
		kit.MenuList{Label: textTitle, Items: []kit.MenuItem{
			{Label: textAnswers, Href: answersPath, Icon: kit.IconInbox},
			{Label: textCorrections, Href: correctionsPath, Icon: kit.IconEdit},
			{Label: textSettings, Href: settingsPath, Icon: kit.IconSettings},
		}}.UI(),
	}
}

// searchField is where one types what one wants to know; the answers follow as one types.
func searchField(id, typed string, onInput func(ctx app.Context, typed string)) app.UI {
	return app.Div().Class("info-search").Attr("role", "search").Body(kit.Field{
		ID: id, Label: textSearch, Hint: textSearchHint, Type: "search", Value: typed, OnInput: onInput,
	}.UI())
}

func fieldIcon(key string) kit.IconName {
	switch key {
	case "health":
		return kit.IconHeart
	case "tax":
		return kit.IconYen
	case "pension":
		return kit.IconWallet
	case "child":
		return kit.IconFamily
	case "household":
		return kit.IconHome
	case "welfare":
		return kit.IconAccessibility
	case "work":
		return kit.IconBuilding
	}
	return kit.IconFolder
}

// listOf is a few names in a line.
func listOf(names []lang.Text) lang.Text {
	switch len(names) {
	case 0:
		return lang.Text{}
	case 1:
		return names[0]
	}
	return textAnd.F(listOf(names[:len(names)-1]), names[len(names)-1])
}
