package kit

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/clock"
)

// Card groups what belongs together under a heading. With an Href the whole card leads there.
type Card struct {
	ID      string
	Heading lang.Text
	// Level is that of the heading, 2 to 4; 2 when 0.
	Level int
	Icon  IconName
	Href  string
	Body  []app.UI
}

// UI renders the card.
func (c Card) UI() app.UI {
	heading := []app.UI{iconOrNone(c.Icon), c.Heading.UI()}
	if c.Href != "" {
		heading = []app.UI{
			iconOrNone(c.Icon), app.A().Class("card-link").Href(c.Href).Body(c.Heading.UI()), Icon(IconChevron),
		}
	}
	class := "card"
	if c.Href != "" {
		class += " card-linked"
	}
	e := app.Section().Class(class)
	if c.ID != "" {
		e = e.ID(c.ID)
	}
	return e.Body(
		Heading(c.Level, "card-heading", heading...),
		app.Div().Class("card-body").Body(c.Body...),
	)
}

// Heading is a heading of level 2 to 4; 2 when level is 0.
func Heading(level int, class string, body ...app.UI) app.UI {
	switch level {
	case 3:
		return app.H3().Class(class).Body(body...)
	case 4:
		return app.H4().Class(class).Body(body...)
	}
	return app.H2().Class(class).Body(body...)
}

// List shows items, or what to do when there are none.
type List struct {
	Label lang.Text
	Items []app.UI // what goes into each li
	// Empty is what stands there when there are none.
	Empty Empty
}

// UI renders the list.
func (l List) UI() app.UI {
	if len(l.Items) == 0 {
		return l.Empty.UI()
	}
	items := make([]app.UI, len(l.Items))
	for i, item := range l.Items {
		items[i] = app.Li().Class("list-item").Body(item)
	}
	return app.Ul().Class("list").Aria("label", l.Label.String()).Body(items...)
}

// Empty is what stands where there is nothing: a picture, what it means, and the ways on.
type Empty struct {
	Picture app.UI // may be nil
	Text    lang.Text
	WayOn   []app.UI
}

// UI renders it, the picture beside the words, above them on phones.
func (e Empty) UI() app.UI {
	return app.Div().Class("empty").Body(
		e.Picture,
		app.Div().Class("empty-words").Body(append([]app.UI{e.Text.P("")}, e.WayOn...)...),
	)
}

// Row is a name with its value, for Facts.
type Row struct {
	Name  lang.Text
	Value app.UI
}

// Facts lists names with their values: the check page of a flow, a person's registration data.
func Facts(rows ...Row) app.UI {
	var body []app.UI
	for _, r := range rows {
		body = append(body, app.Div().Class("facts-row").Body(
			r.Name.Dt("facts-name"),
			app.Dd().Class("facts-value").Body(r.Value),
		))
	}
	return app.Dl().Class("facts").Body(body...)
}

// Disclosure folds away what not everyone needs.
type Disclosure struct {
	ID      string
	Summary lang.Text
	Open    bool
	Body    []app.UI
}

// UI renders the disclosure.
func (d Disclosure) UI() app.UI {
	e := app.Details().Class("disclosure").Open(d.Open)
	if d.ID != "" {
		e = e.ID(d.ID)
	}
	return e.Body(
		app.Summary().Class("disclosure-summary").Body(Icon(IconChevron), d.Summary.Span("")),
		app.Div().Class("disclosure-body").Body(d.Body...),
	)
}

// Pane says whether a list and one of its things have room beside each other (--pane in static/base.css).
func Pane() bool {
	return !app.IsServer && app.Window().Call("matchMedia", "(min-width: 80rem)").Get("matches").Bool()
}

// Stepper shows where one is in a flow: 1 入力 ─ 2 確認 ─ 3 完了. Current counts from 0; len(Steps) when all is done.
type Stepper struct {
	Steps   []lang.Text
	Current int
}

// UI renders the steps.
func (s Stepper) UI() app.UI {
	var items []app.UI
	for i, step := range s.Steps {
		item := app.Li().Class("step")
		sign := app.Span().Class("step-number").Text(strconv.Itoa(i + 1))
		state := app.Span()
		switch {
		case i < s.Current:
			item = app.Li().Class("step step-done")
			sign = app.Span().Class("step-number").Body(Icon(IconCheck))
			state = app.Span().Class("visually-hidden").Body(textStepDone.UI())
		case i == s.Current:
			item = app.Li().Class("step step-now").Aria("current", "step")
			state = app.Span().Class("visually-hidden").Body(textStepNow.UI())
		}
		items = append(items, item.Body(sign, step.Span("step-label"), state))
	}
	return app.Ol().Class("stepper").Aria("label", textSteps.String()).Body(items...)
}

// Crumb is a page on the way to this one. The last has no Href.
type Crumb struct {
	Label lang.Text
	Href  string
	// Link stands in the place of both where it leads elsewhere for different people.
	Link app.UI
}

// Breadcrumb shows the way to this page.
func Breadcrumb(trail ...Crumb) app.UI {
	var items []app.UI
	for _, c := range trail {
		link := c.Link
		switch {
		case link != nil:
		case c.Href == "":
			items = append(items, app.Li().Aria("current", "page").Body(c.Label.UI()))
			continue
		default:
			link = app.A().Class("link").Href(c.Href).Body(c.Label.UI())
		}
		items = append(items, app.Li().Body(link, Icon(IconChevron)))
	}
	return app.Nav().Class("breadcrumb").Aria("label", textBreadcrum.String()).Body(app.Ol().Body(items...))
}

// Tab is one of several views of the same thing.
type Tab struct {
	ID    string
	Label lang.Text
}

// Tabs switches between views. Body is that of the current one.
type Tabs struct {
	ID       string
	Label    lang.Text
	Tabs     []Tab
	Current  string
	OnSelect func(ctx app.Context, id string)
	Body     []app.UI
}

// UI renders the tabs. Arrow keys move between them.
func (t Tabs) UI() app.UI {
	var tabs []app.UI
	for i, tab := range t.Tabs {
		current := tab.ID == t.Current
		index := -1
		if current {
			index = 0
		}
		onSelect := t.OnSelect
		tabs = append(tabs, app.Button().Type("button").ID(t.ID+"-"+tab.ID).Attr("role", "tab").Class("tab").
			Aria("selected", current).Aria("controls", t.ID+"-panel").TabIndex(index).Body(tab.Label.UI()).
			OnClick(func(ctx app.Context, _ app.Event) { onSelect(ctx, tab.ID) }, app.EventScope(tab.ID)).
			OnKeyDown(func(ctx app.Context, e app.Event) {
				var next int
				switch e.Get("key").String() {
				case "ArrowRight":
					next = (i + 1) % len(t.Tabs)
				case "ArrowLeft":
					next = (i + len(t.Tabs) - 1) % len(t.Tabs)
				default:
					return
				}
				e.PreventDefault()
				onSelect(ctx, t.Tabs[next].ID)
				Focus(ctx, t.ID+"-"+t.Tabs[next].ID)
			}, app.EventScope(tab.ID)))
	}
	return app.Div().Class("tabs").Body(
		app.Div().Class("tab-list").Attr("role", "tablist").Aria("label", t.Label.String()).Body(tabs...),
		app.Div().ID(t.ID+"-panel").Class("tab-panel").Attr("role", "tabpanel").TabIndex(0).Aria("labelledby",
			t.ID+"-"+t.Current).Body(t.Body...),
	)
}

// Pager ends a list that comes in pages: how many are shown, and the button for more.
type Pager struct {
	ID     string
	Shown  int
	More   bool
	Busy   bool
	OnMore func(ctx app.Context)
}

// UI renders the pager.
func (p Pager) UI() app.UI {
	return app.Div().Class("pager").Body(
		app.P().Class("hint").Attr("role", "status").Body(textShown.F(p.Shown).UI()),
		app.If(p.More, func() app.UI {
			return Button{ID: p.ID, Label: textMore, Busy: p.Busy, OnPress: p.OnMore}.UI()
		}),
	)
}

// PageNavigation leads through a list that has pages with addresses of their own; Pager is for one that grows. Pages
// count from 1.
type PageNavigation struct {
	Current, Last int
	// Address is that of a page.
	Address func(page int) string
}

// UI renders the links; nothing where there is one page alone.
func (n PageNavigation) UI() app.UI {
	if n.Last < 2 {
		return app.Div()
	}
	items := []app.UI{n.step(n.Current-1, textPreviousPage, IconBack)}
	for _, page := range pagesInSight(n.Current, n.Last) {
		switch page {
		case gap:
			items = append(items, app.Li().Class("page-gap").Aria("hidden", "true").Text("…"))
		case n.Current:
			items = append(items, app.Li().Body(app.Span().Class("page-link").Aria("current", "page").Body(
				Hidden(textPageNow), app.Text(strconv.Itoa(page)))))
		default:
			items = append(items, app.Li().Body(app.A().Class("page-link").Href(n.Address(page)).
				Aria("label", textPage.F(page).String()).Text(strconv.Itoa(page))))
		}
	}
	items = append(items, n.step(n.Current+1, textNextPage, IconChevron))
	return app.Nav().Class("page-navigation no-print").Aria("label", textPages.String()).Body(app.Ul().Body(items...))
}

// step leads to the page before or after; beyond the ends it keeps its place, empty.
func (n PageNavigation) step(page int, label lang.Text, icon IconName) app.UI {
	if page < 1 || page > n.Last {
		return app.Li().Class("page-none")
	}
	link := app.A().Class("page-link").Href(n.Address(page)).Aria("label", label.String())
	return app.Li().Body(link.Body(Icon(icon)))
}

// gap stands for the pages that are left out.
const gap = 0

// pagesInSight are the first and the last page, and the current one with its neighbours. What would hide one page alone
// is that page.
func pagesInSight(current, last int) []int {
	var shown []int
	for page := 1; page <= last; page++ {
		switch {
		case page == 1, page == last, page >= current-1 && page <= current+1,
			page == 2 && current == 4, page == last-1 && current == last-3:
			shown = append(shown, page)
		case shown[len(shown)-1] != gap:
			shown = append(shown, gap)
		}
	}
	return shown
}

// DateText is a day as a person reads it, and as a machine does.
func DateText(t time.Time) app.UI {
	return app.Time().DateTime(t.In(clock.Japan).Format(time.DateOnly)).Body(lang.Date(t).UI())
}

// DateTimeText is a moment as a person reads it, and as a machine does.
func DateTimeText(t time.Time) app.UI {
	return app.Time().DateTime(t.In(clock.Japan).Format(time.RFC3339)).Body(lang.DateTime(t).UI())
}
