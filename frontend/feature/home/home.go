// Package home is the first page of a person who is logged in: what is to be done, what is new, and the services there
// are. Showing a notice, or the whole to-do list, is the business of their features.
package home

import (
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/home", Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &page{} }},
	},
	Entries: []shell.Entry{{Path: "/home", Label: textTitle, Icon: kit.IconHome, For: shell.Citizen, Order: 10}},
}

// shown is how many things to do, and how many notices, the page lists.
const shown = 5

// services are what can be used today, by what one wants to do.
var services = []struct {
	path        string
	icon        kit.IconName
	title, text lang.Text
}{
	{"/notice", kit.IconBell, textReadNotices, textFromOffices},
	{"/procedures", kit.IconSearch, textFindAProcedure, textInEveryMunicipality},
	{"/guide", kit.IconTask, textSearchByEventOfLife, textMovingBirthLeavingAJob},
	{"/account", kit.IconPerson, textCheckYourRegistration, textNameMailMunicipality},
	{"/prepare", kit.IconPlug, textCheckCardAndReader, textHowToMendWhatDoes},
	{"/help", kit.IconHelp, textSeeHowToUseIt, textAlsoWhenSomethingGoesWrong},
}

type page struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	loaded  bool
	unread  int // as of the last load
	latest  []*portalv1.Notice
	missing bool // the to-do list was asked for and did not come
}

// OnMount loads, and again whenever a notice came or was read.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	shell.Watch(ctx, func(app.Context) { p.follow() })
	p.follow()
	p.visit.Until(todo.Follow(ctx, p.heard))
}

// heard notes whether the to-do list came; its own page tells why it did not.
func (p *page) heard(_ app.Context, err error) {
	_, known := todo.Open()
	p.missing = err != nil && !known
}

// OnDismount stops listening.
func (p *page) OnDismount() { p.visit.End() }

// follow loads what may be out of date.
func (p *page) follow() {
	switch {
	case p.asked.Busy || p.asked.Failure.Is() || shell.CurrentSession().State != shell.CitizenState:
	case !p.loaded || p.unread != shell.Unread():
		p.load()
	}
}

func (p *page) load() {
	unread, request := shell.Unread(), &portalv1.ListNoticesRequest{PageSize: shown}
	ask.For(&p.visit, &p.asked, rpc.To(portalv1web.NewNoticeService).ListNotices, request,
		func(_ app.Context, latest *portalv1.ListNoticesResponse, err error) {
			if err != nil {
				return
			}
			p.loaded, p.unread, p.latest = true, unread, latest.GetNotices()
			p.follow() // one came meanwhile
		})
}

// Render draws the page.
func (p *page) Render() app.UI {
	session := shell.CurrentSession()
	hello := textHelloYou
	if session.Name != "" {
		hello = textHello.F(session.Name)
	}
	return app.Div().Class("home").Body(
		app.Div().Class("greeting").Body(shell.Heading(hello), lastLogin(session)),
		app.Div().Class("home-columns").Body(
			app.Section().Class("home-part home-part-todo").Body(p.todoPart()...),
			app.Section().Class("home-part").Body(p.latestPart()...),
		),
		app.Section().Class("part").Body(
			app.H2().Class("part-title").Body(textServices.UI()),
			app.Div().Class("cards").Body(serviceCards()...),
		),
	)
}

func lastLogin(session shell.Session) app.UI {
	switch {
	case session.State != shell.CitizenState:
		return app.Span()
	case session.LastLogin.IsZero():
		return app.P().Class("last-login").Body(textFirst.UI())
	}
	return app.P().Class("last-login").Body(textLastLogin.F(lang.DateTime(session.LastLogin)).UI())
}

func (p *page) todoPart() []app.UI {
	open, known := todo.Open()
	title := textTodo
	if open > 0 && known {
		title = textTodoCount.F(open)
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconTask), app.Span().Body(title.UI()))
	if !known {
		return []app.UI{heading, waiting("home-todo-again", p.missing, textTodoFailed, func(app.Context) {
			p.missing = false
			todo.List(p.visit.Page, func(ctx app.Context, _ []*portalv1.Task, err error) { p.heard(ctx, err) })
		})}
	}
	return []app.UI{
		heading,
		todo.Brief{Most: shown, Empty: textTodoNone}.UI(),
		app.P().Class("home-part-more").Body(kit.Link{ID: "home-todo", Label: textTodoList, Href: "/todo"}.UI()),
	}
}

func (p *page) latestPart() []app.UI {
	title := textNew
	if n := shell.Unread(); n > 0 {
		title = textNewCount.F(n)
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconBell), app.Span().Body(title.UI()))
	if !p.loaded {
		return []app.UI{heading, waiting("home-notices-again", p.asked.Failure.Is(), textFailed, p.asked.Again)}
	}
	var items []app.UI
	for _, n := range p.latest {
		chip := app.UI(app.Span())
		if !n.GetRead() {
			chip = kit.ChipLabel(kit.Info, textUnread)
		}
		items = append(items, app.A().Class("entry").Href("/notice/"+url.PathEscape(n.GetId())).Body(
			app.Span().Class("entry-top").Body(app.Span().Text(n.GetOffice()),
				kit.DateText(time.UnixMilli(n.GetSentAt())), chip),
			app.Span().Class("entry-title").Text(n.GetTitle()),
		))
	}
	return []app.UI{
		heading,
		kit.List{
			Label: textNew, Items: items, Empty: kit.Empty{Picture: scene.Empty(scene.Medium), Text: textNewNone},
		}.UI(),
		app.P().Class("home-part-more").Body(kit.Link{Label: textAll, Href: "/notice"}.UI()),
	}
}

// waiting is what a part shows before it is loaded.
func waiting(id string, failed bool, why lang.Text, again func(ctx app.Context)) app.UI {
	switch {
	case !shell.Online():
		return app.P().Class("empty").Body(textOffline.UI())
	case failed:
		return kit.Empty{Text: why, WayOn: []app.UI{
			kit.Button{ID: id, Label: textAgain, Icon: kit.IconRefresh, OnPress: again}.UI(),
		}}.UI()
	}
	return kit.Skeleton(3, nil)
}

func serviceCards() []app.UI {
	var cards []app.UI
	for _, s := range services {
		cards = append(cards, kit.Card{
			Heading: s.title, Level: 3, Icon: s.icon, Href: s.path, Body: []app.UI{app.P().Body(s.text.UI())},
		}.UI())
	}
	return cards
}
