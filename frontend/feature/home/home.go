// Package home is the first page of a person who is logged in: one timeline of what is to be done, from whatever
// features have (shell.Timeline), the newest notices, the services that the person chose, and the municipality. Showing
// a notice, or the whole to-do list, is the business of their features.
package home

import (
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: shell.HomePath, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &page{} }},
	},
	Entries: []shell.Entry{
		{Path: shell.HomePath, Label: textTitle, Icon: kit.IconHome, For: shell.Citizen, Order: 10},
	},
}

// shownNotices is how many notices the page lists.
const shownNotices = 3

type page struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	account ask.Question
	loaded  bool
	unread  int // as of the last load
	latest  []*portalv1.Notice
	missing bool // what is to be done was asked for and did not come
	place   *portalv1.Municipality
	services
}

// OnMount loads, and again whenever a notice came or was read.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.account.Keeps = true
	p.services.load()
	shell.Watch(ctx, func(app.Context) { p.follow() })
	p.follow()
	for _, t := range shell.Timelines() {
		if t.Follow != nil {
			p.visit.Until(t.Follow(ctx, p.heard))
		}
	}
}

// heard notes whether what is to be done came; the page of each feature tells why it did not.
func (p *page) heard(_ app.Context, err error) {
	_, _, _, known := shell.Dues()
	p.missing = err != nil && !known
}

// OnDismount stops listening.
func (p *page) OnDismount() { p.visit.End() }

// follow loads what may be out of date.
func (p *page) follow() {
	if shell.CurrentSession().State != shell.CitizenState {
		return
	}
	if p.place == nil && !p.account.Busy && !p.account.Failure.Is() {
		ask.For(&p.visit, &p.account, rpc.To(portalv1web.NewAccountService).GetAccount, &portalv1.GetAccountRequest{},
			func(_ app.Context, response *portalv1.GetAccountResponse, err error) {
				p.place = response.GetAccount().GetMunicipality() // without an answer there is no line
				if err == nil && p.account.Age.Kept.IsZero() {    // what was kept here may be older than the choice
					p.hear(&p.visit, response.GetAccount().GetServices())
				}
			})
	}
	if !p.asked.Busy && !p.asked.Failure.Is() && (!p.loaded || p.unread != shell.Unread()) {
		p.load()
	}
}

func (p *page) load() {
	unread, request := shell.Unread(), &portalv1.ListNoticesRequest{PageSize: shownNotices}
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
		newPasskey(session),
		app.Div().Class("home-columns").Body(
			app.Section().Class("home-timeline").Aria("labelledby", "home-timeline").Body(p.timeline()...),
			app.Div().Class("home-beside").Body(p.beside()...),
		),
	)
}

// beside are the other parts, each as soon as those before it have come, or will not: nothing is pushed away.
func (p *page) beside() []app.UI {
	if _, _, _, known := dues(); !known && !p.missing && shell.Online() {
		return nil
	}
	notices := app.Section().Class("home-part").Body(p.notices()...)
	if !p.loaded && !p.asked.Failure.Is() && shell.Online() || !p.services.heard && !p.account.Failure.Is() {
		return []app.UI{notices}
	}
	return []app.UI{
		notices,
		app.Section().Class("home-part").Body(p.ui(&p.visit)...),
		app.Div().Class("home-part home-place").Body(p.municipality()...),
	}
}

func lastLogin(session shell.Session) app.UI {
	switch {
	case session.State != shell.CitizenState:
		return app.Div().Class("last-login").Text("\u00a0") // its place
	case session.LastLogin.IsZero():
		return textFirst.P("last-login")
	}
	return textLastLogin.F(lang.DateTime(session.LastLogin)).P("last-login")
}

// newPasskey tells of a passkey more that opens the folder: who did not add it ends it there.
func newPasskey(session shell.Session) app.UI {
	if session.PasskeyAdded.IsZero() {
		return app.Div()
	}
	return app.P().ID("home-passkey").Class("last-login").Body(kit.Link{
		Label: textNewPasskey.F(lang.DateTime(session.PasskeyAdded)), Href: "/login/phone",
	}.UI())
}

func (p *page) notices() []app.UI {
	title := textNew
	if n := shell.Unread(); n > 0 {
		title = textNewCount.F(n)
	}
	heading := title.H2("home-part-title")
	if !p.loaded {
		return []app.UI{heading, waiting("home-notices-again", p.asked.Failure.Is(), textFailed, p.asked.Again)}
	}
	var items []app.UI
	for _, n := range p.latest {
		sign, class := app.UI(app.Span()), "entry home-notice"
		if !n.GetRead() {
			sign, class = kit.Hidden(textUnread), "entry home-notice home-notice-unread"
		}
		items = append(items, app.A().Class(class).Href("/notice/"+url.PathEscape(n.GetId())).Body(
			app.Span().Class("entry-title").Body(sign, lang.Plain(n.GetTitle()).UI()),
			app.Span().Class("entry-top").Body(
				lang.Plain(n.GetOffice()).UI(), kit.DateText(time.UnixMilli(n.GetSentAt())),
			),
		))
	}
	return []app.UI{
		heading,
		kit.List{Label: textNew, Items: items, Empty: kit.Empty{Text: textNewNone}}.UI(),
		app.P().Class("home-part-more").Body(kit.Link{Label: textAll, Href: "/notice"}.UI()),
	}
}

// municipality is the registered one, as one line.
func (p *page) municipality() []app.UI {
	if p.place == nil {
		return nil
	}
	return []app.UI{
		kit.Icon(kit.IconPlace),
		app.Span().Class("home-place-name").Body(
			kit.Hidden(textPlace), place.Named(p.place.GetName(), p.place.GetEnglish()).UI(),
		),
		kit.Link{
			ID: "home-place", Label: textPlaceSee, Href: "/procedures?place=" + url.QueryEscape(p.place.GetCode()),
		}.UI(),
		kit.Link{ID: "home-place-change", Label: textPlaceChange, Href: "/account?step=edit"}.UI(),
	}
}

// waiting is what a part shows before it is loaded.
func waiting(id string, failed bool, why lang.Text, again func(ctx app.Context)) app.UI {
	switch {
	case !shell.Online():
		return textOffline.P("empty")
	case failed:
		return kit.Empty{Text: why, WayOn: []app.UI{
			kit.Button{ID: id, Label: textAgain, Icon: kit.IconRefresh, OnPress: again}.UI(),
		}}.UI()
	}
	// Another element than what comes in its place, so that no line of it becomes a part of that, and moves.
	return app.Section().Body(kit.Skeleton(3, nil))
}
