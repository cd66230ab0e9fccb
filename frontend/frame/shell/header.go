package shell

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/order"
)

func (f *frame) header() app.UI {
	session := CurrentSession()
	home := "/"
	if session.State == CitizenState {
		home = HomePath
	}
	return app.Header().Class("header").Body(
		app.Div().Class("header-line").Body(
			app.A().Class("brand").Href(home).Body(
				Mark(), textProduct.Span("brand-name"), operator(),
			),
			app.Nav().Class("nav").Aria("label", textMainMenu.String()).Body(app.Ul().Body(
				f.entries(session, false)...,
			)),
			app.Div().Class("header-tools").Body(
				app.A().ID("header-search").Class("tool header-search").Href(SearchPath).
					Aria("label", textSearch.String()).Body(kit.Icon(kit.IconSearch)),
				languages(),
				f.bell(session),
				f.person(session),
				app.Button().Type("button").ID("menu-button").Class("tool menu-button").Aria("haspopup", "dialog").
					Aria("expanded", f.drawer).
					Body(kit.Icon(kit.IconMenu), textMenu.Span("tool-label")).
					OnClick(func(app.Context, app.Event) { f.drawer = true }),
			),
		),
	)
}

// languages are a menu of links, which open and lead on before the program runs.
func languages() app.UI {
	var items []app.UI
	for _, c := range lang.All {
		l := lang.Describe(c)
		e := app.A().ID("language-"+string(c)).Class("nav-link language").Href("?lang="+string(c)).Lang(l.HTML).
			HrefLang(l.HTML).Text(l.Name).
			OnClick(func(ctx app.Context, e app.Event) {
				e.PreventDefault()
				e.Call("stopPropagation")
				SetLanguage(c)
				kit.Focus(ctx, languagesID)
			}, app.EventScope(string(c)))
		if c == lang.Current() {
			e = e.Aria("current", "true")
		}
		items = append(items, app.Li().Body(e))
	}
	return app.Details().Class("languages popup").Body(
		app.Summary().ID(languagesID).Class("tool").
			Aria("label", textLanguages.F(lang.Describe(lang.Current()).Name).String()).
			Body(kit.Icon(kit.IconLanguage), app.Span().Class("tool-label").Text(lang.Describe(lang.Current()).Name)),
		app.Ul().Class("popup-menu").Body(items...),
	)
}

const languagesID = "languages"

// menu are the entries in order.
func menu() []Entry {
	all := slices.Clone(house.entries)
	order.By(all, func(a, b Entry) int { return a.Order - b.Order })
	return all
}

// sees says whether a person in this state sees an entry; all while it is not known who is there.
func (s Session) sees(e Entry) bool {
	return s.State == CitizenState || s.State == Unknown || e.For == Anyone ||
		e.For == Newcomer && s.State == NewcomerState
}

// aside is the order from which entries have their place elsewhere for who is logged in, in the person's menu and among
// the services of the home page: the header has four.
const aside = 50

func (f *frame) entries(session Session, all bool) []app.UI {
	var items []app.UI
	for _, e := range menu() {
		in := all || e.Order < aside // of the menu of who is in
		class := ""
		switch {
		case !session.sees(e), session.State == CitizenState && !in, session.State == Unknown && e.For == Newcomer,
			session.State == Unknown && e.For == Citizen && !in:
			items = append(items, app.Li().Class("tool-none")) // a place kept: likely.go
			continue
		case session.State == Unknown && e.For == Citizen:
			class = ifIn
		case session.State == Unknown && !in:
			class = ifOut
		}
		link := app.A().Class("nav-link").Href(e.Path).Body(kit.Icon(e.Icon), e.Label.Span(""))
		if f.isCurrent(e.Path) {
			link = link.Aria("current", "page")
		}
		items = append(items, app.Li().Class(class).Body(link))
	}
	return items
}

func (f *frame) isCurrent(path string) bool {
	if f.Route < 0 {
		return false
	}
	p := house.pages[f.Route]
	return p.Path == path || p.Parent == path && path != ""
}

func (f *frame) bell(session Session) app.UI {
	class := "tool bell"
	switch session.State {
	case Unknown:
		class += " " + ifIn
	case CitizenState:
	default:
		return app.Span().Class("tool-none")
	}
	n := Unread()
	label := textBellNone
	count := app.Span().Class("tool-none")
	if n > 0 {
		label = textBell.F(n)
		count = app.Span().Class("bell-dot").Aria("hidden", "true")
	}
	return app.A().ID("bell").Class(class).Href("/notice").Aria("label", label.String()).
		Body(kit.Icon(kit.IconBell), count)
}

// person is the way in, or who is in and the way out.
func (f *frame) person(session Session) app.UI {
	if kept := CurrentKept(); kept.Open && session.State != CitizenState {
		name := textReadingNobody
		if kept.Name != "" {
			name = textReading.F(kept.Name)
		}
		return app.Div().Class("person").Body(kit.Link{
			ID: "person-kept", Label: name, Href: "/device", Kind: kit.TextOnly, Icon: kit.IconPerson,
		}.UI())
	}
	if session.State == Unknown && !Online() {
		// Who is in this tab only the portal knows, and ログイン would say that nobody is.
		return app.Div().Class("person").Body(app.Span().ID("person-unknown").Class("tool person-unknown").Body(
			kit.Icon(kit.IconPerson), textWhenBack.Span("")))
	}
	if session.State != CitizenState && session.State != NewcomerState {
		if f.path == "/login" {
			return app.Div().Class("person") // one ログイン a page
		}
		way := kit.Link{
			ID: "header-login", Label: textLogIn, Href: "/login", Kind: kit.Primary, Icon: kit.IconLogIn,
		}.UI()
		if session.State == Unknown {
			return app.Div().Class("person").Body(
				app.Div().Class(ifOut).Body(way),
				app.Div().Class("person-in "+ifIn).Body(
					app.Span().Class("tool person-tool").Aria("hidden", "true").Body(
						kit.Icon(kit.IconPerson), app.Span().Class("person-name")),
				),
			)
		}
		return app.Div().Class("person").Body(way)
	}
	name := textNoName
	if session.Name != "" {
		name = textAccountMenu.F(session.Name)
	}
	list := "person-menu"
	if !f.account {
		list += " person-menu-closed"
	}
	var items []app.UI
	if p, ok := find("/account"); ok && session.State == CitizenState {
		items = append(items, app.Li().Body(
			app.A().Class("nav-link").Href("/account").Body(kit.Icon(kit.IconPerson), p.Title.UI()),
		))
	}
	items = append(items, app.Li().
		Body(app.Button().Type("button").Class("nav-link").Body(kit.Icon(kit.IconLogOut), textLogOut.UI()).
			OnClick(func(ctx app.Context, e app.Event) { kit.Once(ctx, e, f.logOut) })))
	return app.Div().Class("person person-in").Body(
		app.Button().Type("button").ID("person-button").Class("tool person-tool").Aria("expanded", f.account).
			Aria("controls", "person-menu").
			Body(kit.Icon(kit.IconPerson), name.Span("person-name")).
			OnClick(func(ctx app.Context, e app.Event) {
				kit.Once(ctx, e, func(app.Context) { f.account = !f.account })
			}),
		app.Ul().ID("person-menu").Class(list).Body(items...),
	).OnKeyDown(func(ctx app.Context, e app.Event) {
		if e.Get("key").String() == "Escape" && f.account {
			f.account = false
			kit.Focus(ctx, "person-button")
		}
	})
}

// logOut asks first where something is not sent yet.
func (f *frame) logOut(ctx app.Context) {
	f.account, f.drawer, f.warning = false, false, false
	store.Lock()
	out, waiting := store.logOut, store.waiting
	store.Unlock()
	if waiting > 0 && !f.leaving {
		f.leaving = true
		return
	}
	if f.leaving = false; out != nil {
		out(ctx)
	}
}

func (f *frame) leavingDialog() app.UI {
	return Leaving("leaving", f.leaving, func(app.Context) { f.leaving = false }, f.logOut)
}

// Waiting is how many things wait to be sent.
func Waiting() int {
	store.Lock()
	defer store.Unlock()
	return store.waiting
}

// Leaving is the dialog before a logout, which says what becomes of what is not sent yet.
func Leaving(id string, open bool, stay, leave func(app.Context)) app.UI {
	return &kit.Dialog{
		ID: id, Open: open, Title: textLeaveTitle, Alert: true, OnClose: stay,
		Body: func() []app.UI { return []app.UI{textLeaveBody.F(Waiting()).P("")} },
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: id + "-not", Label: textLeaveNot, Kind: kit.Primary, OnPress: stay}.UI(),
				kit.Button{ID: id + "-do", Label: textLeaveDo, Icon: kit.IconLogOut, OnPress: leave}.UI(),
			}
		},
	}
}

func (f *frame) menuDrawer() app.UI {
	return &kit.Dialog{
		ID: "menu-drawer", Open: f.drawer, Title: textMenu, Drawer: true,
		OnClose: func(app.Context) { f.drawer = false },
		Body: func() []app.UI {
			session := CurrentSession()
			class := ""
			if session.State == Unknown {
				class = ifOut
			}
			var last app.UI = app.Li().Class(class).Body(app.A().Class("nav-link").Href("/login").Body(
				kit.Icon(kit.IconLogIn), textLogIn.Span(""),
			))
			if session.State == CitizenState || session.State == NewcomerState {
				last = app.Li().Body(app.Button().Type("button").Class("nav-link").Body(kit.Icon(kit.IconLogOut),
					textLogOut.Span("")).
					OnClick(func(ctx app.Context, e app.Event) { kit.Once(ctx, e, f.logOut) }))
			}
			return []app.UI{
				app.Nav().Aria("label", textMenu.String()).Body(app.Ul().Class("drawer-list").Body(
					append(f.entries(session, true), last)...,
				)),
			}
		},
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{
					ID: "menu-close", Label: textClose, Icon: kit.IconClose, OnPress: func(app.Context) {
						f.drawer = false
					},
				}.UI(),
			}
		},
	}
}

// stillTyped reassures who has something half filled in.
func stillTyped(half bool) app.UI {
	if !half {
		return app.Span()
	}
	return app.Span().Body(app.Text(" "), textKept.UI())
}

func (f *frame) bars() []app.UI {
	store.Lock()
	offline, reachable, update, half, stays := store.offline, store.reachable, store.update,
		len(store.holds) > 0, store.stayed
	waits := half || store.half
	tooOld, away, waiting, stuck := store.tooOld, store.languageAway, store.waiting, store.stuck
	store.Unlock()
	network, version, stayed, language := app.Div(), app.Div(), app.Div(), app.Div()
	unsent, age := app.Div(), app.Div()
	if waiting > 0 {
		unsent = app.Div().ID("unsent").Class("bar bar-update").Body(kit.Icon(kit.IconClock), app.P().Body(
			textWaiting.F(waiting).UI(), app.Text(" "), app.If(stuck > 0, func() app.UI {
				return app.Span().Body(textStuck.F(stuck).UI(), app.Text(" "))
			}), app.A().ID("unsent-see").Class("link").Href("/outbox").Body(textSeeWaiting.UI()),
		))
	}
	when, kept := f.asOf()
	barred = waiting > 0 || offline || !reachable || update || tooOld || away || stays || since() != ""
	if kept {
		age = app.Div().ID("as-of").Class("bar bar-offline").Body(kit.Icon(kit.IconClock),
			textAsOf.F(lang.DateTime(when)).P(""))
	}
	if away {
		language = app.Div().ID("language-away").Class("bar bar-offline").Attr("role", "alert").
			Body(kit.Icon(kit.IconLanguage), textLanguageAway.P(""))
	}
	if stays {
		stayed = app.Div().Class("bar bar-offline").Attr("role", "alert").Body(kit.Icon(kit.IconWarning),
			textStayed.P(""))
	}
	switch {
	case offline:
		network = app.Div().Class("bar bar-offline").Body(kit.Icon(kit.IconOffline),
			app.P().Body(textOffline.UI(), stillTyped(half)))
	case !reachable:
		network = app.Div().Class("bar bar-offline").Body(kit.Icon(kit.IconOffline),
			app.P().Body(textUnreachable.UI(), stillTyped(half)))
	}
	switch {
	case tooOld:
		version = app.Div().Class("bar bar-offline").Attr("role", "alert").Body(kit.Icon(kit.IconWarning),
			app.P().Body(textTooOld.UI(), app.If(half, func() app.UI {
				return app.Span().Body(app.Text(" "), textTooOldKept.UI())
			})),
			kit.Button{ID: "update-now", Label: textUpdateNow, OnPress: func(app.Context) { Update() }}.UI())
	case update && waits:
		version = app.Div().Class("bar bar-update").Body(kit.Icon(kit.IconRefresh),
			app.P().Body(textUpdate.UI(), app.Text(" "), textUpdateHeld.UI()))
	case update:
		version = app.Div().Class("bar bar-update").Body(kit.Icon(kit.IconRefresh), textUpdate.P(""),
			kit.Button{ID: "update-now", Label: textUpdateNow, OnPress: func(app.Context) { Update() }}.UI())
	}
	return []app.UI{network, unsent, version, stayed, language, age}
}

// asOf is when the page that is shown was opened, where the service worker had it from then; until one goes on from it.
func (f *frame) asOf() (when time.Time, kept bool) {
	mark := since()
	if mark == "" || f.opened == "" || app.Window().URL().RequestURI() != f.opened {
		return time.Time{}, false
	}
	when, err := time.Parse(time.RFC3339, mark)
	return when, err == nil
}

// since is the mark of the service worker on a document that it kept, when it had it; empty on others.
func since() string {
	if app.IsServer {
		return ""
	}
	mark := app.Window().Get("document").Get("documentElement").Get("dataset").Get("asOf")
	if !mark.Truthy() {
		return ""
	}
	return mark.String()
}

func (f *frame) footer() app.UI {
	var items []app.UI
	for _, l := range footer {
		items = append(items, app.Li().Body(app.A().Class("link").Href(l.path).Body(l.label.UI())))
	}
	return app.Footer().Class("footer").Body(app.Div().Class("footer-inside").Body(
		app.A().ID("to-start").Class("link to-start no-print").Href("#").Body(
			kit.Icon(kit.IconBack), textToStart.Span(""),
		).OnClick(func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			e.Call("stopPropagation")
			app.Window().Call("scrollTo", 0, 0)
			kit.Focus(ctx, headingID)
		}),
		app.Nav().Aria("label", textFooterNav.String()).Body(app.Ul().Class("footer-links").Body(items...)),
		textIndependent.P("footer-notice"),
	))
}
