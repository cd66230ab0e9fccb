package myinfo

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
)

// answers is 回答一覧: what was asked for, what came, and what is waited for.
type answers struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	acted ask.Question
	requests
	waitingOnly bool
	erasing     string // the id of the request about whose erasing the person is asked
}

// requests are those that a list shows, put together from pages.
type requests struct {
	catalog *catalog
	all     []*portalv1.InfoRequest
	next    string
	waiting int
	loaded  bool
}

// inList is a page of the list with the catalogue that has its words.
type inList struct {
	catalog *catalog
	page    *portalv1.ListInfoRequestsResponse
}

func listWithWords(ctx context.Context, request *portalv1.ListInfoRequestsRequest) (l inList, err error) {
	if l.page, err = listed(ctx, request); err != nil { // first: whether it is kept here is what the page tells
		return l, err
	}
	l.catalog, err = catalogued(ctx)
	return l, err
}

// take adds a page, or begins anew with it.
func (r *requests) take(l inList, more bool) {
	if !more {
		r.all = nil
	}
	for _, one := range l.page.GetRequests() {
		same := func(other *portalv1.InfoRequest) bool { return other.GetId() == one.GetId() }
		if !slices.ContainsFunc(r.all, same) {
			r.all = append(r.all, one)
		}
	}
	r.catalog, r.next = l.catalog, l.page.GetNextPageToken()
	r.waiting, r.loaded = int(l.page.GetWaitingCount()), true
}

// OnMount lists what there is, and again whenever something changed.
func (a *answers) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	a.asked.Keeps = true
	a.visit.Until(listen(func(about []string) {
		ctx.Dispatch(func(ctx app.Context) { a.changed(ctx, about) })
	}))
	a.load("")
}

// OnDismount stops listening.
func (a *answers) OnDismount() { a.visit.End() }

// changed looks again, with as much in sight as before.
func (a *answers) changed(ctx app.Context, about []string) {
	if a.asked.Busy {
		return
	}
	before := a.waiting
	a.load("", func() {
		if len(about) > 0 && a.waiting < before {
			kit.Announce(ctx, textArrived)
		}
	})
}

func (a *answers) load(token string, then ...func()) {
	request := &portalv1.ListInfoRequestsRequest{PageToken: token, WaitingOnly: a.waitingOnly}
	if n := len(a.all); token == "" && n > 20 {
		request.PageSize = int32(min(n, portalv1limit.ListInfoRequestsRequestPageSize))
	}
	ask.For(&a.visit, &a.asked, listWithWords, request, func(_ app.Context, l inList, err error) {
		if rpc.ListChanged(err) && token != "" {
			a.load("")
			return
		}
		if err != nil {
			nothingKept(&a.asked)
			return
		}
		a.take(l, token != "")
		for _, t := range then {
			t()
		}
	})
}

func (a *answers) choose(_ app.Context, id string) {
	if waiting := id == "waiting"; waiting != a.waitingOnly {
		a.waitingOnly, a.requests = waiting, requests{catalog: a.catalog}
		a.load("")
	}
}

func (a *answers) askAgain(id string) {
	ask.Do(&a.visit, &a.acted, portal().AskInfoAgain, &portalv1.AskInfoAgainRequest{Id: id},
		func(ctx app.Context, _ *portalv1.AskInfoAgainResponse, err error) {
			if err == nil {
				kit.Announce(ctx, textAskedAgain)
				a.load("")
			}
		})
}

func (a *answers) erase(app.Context) {
	id := a.erasing
	a.erasing = ""
	ask.Do(&a.visit, &a.acted, portal().EraseInfo, &portalv1.EraseInfoRequest{Ids: []string{id}},
		func(ctx app.Context, _ *portalv1.EraseInfoResponse, err error) {
			if err == nil {
				kit.Announce(ctx, textErased)
				a.load("")
			}
		})
}

// Render draws the list.
func (a *answers) Render() app.UI {
	current := "all"
	if a.waitingOnly {
		current = "waiting"
	}
	return app.Div().Class("page column page-info").Body(
		shell.Heading(textAnswers),
		app.P().Class("info-count").Attr("role", "status").Body(app.If(a.loaded && a.waiting > 0, func() app.UI {
			return textWaitingCount.F(a.waiting).UI()
		})),
		trouble.First(a.asked.Failure, a.acted.Failure).Banner("info-failure"),
		a.asked.AsOf("info"),
		kit.Tabs{ID: "info-show", Label: textShow, Current: current, OnSelect: a.choose, Tabs: []kit.Tab{
			{ID: "all", Label: textAll}, {ID: "waiting", Label: textWaiting},
		}, Body: a.body()}.UI(),
		a.eraser(),
	)
}

func (a *answers) body() []app.UI {
	if !a.loaded {
		return []app.UI{a.asked.Waiting("info", 6)}
	}
	var items, covered []app.UI
	for _, r := range a.all {
		e, _ := a.catalog.detail(r.GetWish().GetDetail())
		if e.covered() {
			covered = append(covered, app.Li().Class("list-item").Body(e.row(r, a.acts(r)...)))
			continue
		}
		items = append(items, e.row(r, a.acts(r)...))
	}
	none := kit.Empty{Picture: scene.Empty(scene.Medium), Text: textNoneAsked, WayOn: []app.UI{
		kit.Link{ID: "info-ask", Label: textAsk, Href: askPath, Kind: kit.Primary}.UI(),
	}}
	if a.waitingOnly {
		none.Text = textNoneWaiting
	}
	list := app.Div()
	if len(items) > 0 || len(covered) == 0 {
		list = list.Body(kit.List{Label: textAnswers, Items: items, Empty: none}.UI())
	}
	return []app.UI{
		list,
		app.Div().Body(app.If(len(covered) > 0, func() app.UI {
			return kit.Disclosure{
				ID: "info-covered", Summary: textCovered, Body: []app.UI{app.Ul().Class("list").Body(covered...)},
			}.UI()
		})),
		app.Div().Body(app.If(len(a.all) > 0, func() app.UI {
			return kit.Pager{ID: "info-more", Shown: len(a.all), More: a.next != "", Busy: a.asked.Busy,
				OnMore: func(app.Context) { a.load(a.next) }}.UI()
		})),
		app.Div().Class("actions no-print").Body(app.If(len(a.all) > 0, func() app.UI {
			return kit.Link{ID: "info-ask", Label: textAsk, Href: askPath, Kind: kit.Primary}.UI()
		})),
	}
}

// acts are what can be done with a request in the list.
func (a *answers) acts(r *portalv1.InfoRequest) []app.UI {
	id := r.GetId()
	label := textErase
	if waits(r) {
		label = textTakeBack
	}
	erase := kit.Button{ID: "info-erase-" + id, Label: label, Kind: kit.TextOnly, Icon: kit.IconDelete,
		OnPress: func(app.Context) { a.erasing = id }}.UI()
	if waits(r) {
		return []app.UI{erase}
	}
	return []app.UI{kit.Button{ID: "info-again-" + id, Label: textAskAgain, Kind: kit.TextOnly,
		Icon: kit.IconRefresh, Busy: a.acted.Busy, OnPress: func(app.Context) { a.askAgain(id) }}.UI(), erase}
}

func (a *answers) eraser() app.UI {
	return eraser{ID: "info-eraser", Open: a.erasing != "", Do: a.erase, Not: func(ctx app.Context) {
		kit.Focus(ctx, "info-erase-"+a.erasing)
		a.erasing = ""
	}}.ui()
}

// eraser asks before something is erased.
type eraser struct {
	ID      string
	Open    bool
	All     bool
	Do, Not func(ctx app.Context)
}

func (e eraser) ui() app.UI {
	title, means := textEraseTitle, textEraseMeans
	if e.All {
		title, means = textEraseAllTitle, textEraseAllMeans
	}
	return &kit.Dialog{
		ID: e.ID, Open: e.Open, Alert: true, Title: title, OnClose: e.Not,
		Body: func() []app.UI { return []app.UI{means.P("")} },
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: e.ID + "-not", Label: textEraseNot, OnPress: e.Not}.UI(),
				kit.Button{ID: e.ID + "-do", Label: textEraseDo, Kind: kit.Danger, OnPress: e.Do}.UI(),
			}
		},
	}
}
