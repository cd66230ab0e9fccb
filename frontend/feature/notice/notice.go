// Package notice shows a person what offices sent (お知らせ): the list, one notice, the number at the bell, and what
// arrives while one looks. What was read is kept in the person's vault, and found there without a network.
package notice

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/notice", Title: textTitle, For: shell.Citizen, New: func() app.Composer {
			return &inbox{}
		}},
		{
			Pattern: "^/notice/[^/]+$", Title: textTitle, Parent: "/notice", For: shell.Citizen,
			New: func() app.Composer { return &detail{} },
		},
	},
	Entries: []shell.Entry{{Path: "/notice", Label: textTitle, Icon: kit.IconBell, For: shell.Citizen, Order: 20}},
	Services: []shell.Service{{
		ID: "notice", Path: "/notice", Title: textTitle, Text: textService, Sign: scene.SignNotices, Order: 10,
	}},
	Finders: []shell.Finder{{Title: textTitle, Order: 30, For: shell.Citizen, Find: find}},
	Start:   begin,
}

// inbox is the page of all: their list, and where there is room, a place beside it for the one that is read.
type inbox struct {
	app.Compo
}

// Render draws the page.
func (b *inbox) Render() app.UI {
	return app.Div().Class("page page-notices notices-beside").Body(
		app.Div().Class("notices-reading").Body(
			shell.Heading(textTitle),
			app.Div().Class("notices-none").Aria("hidden", "true").Body(
				scene.Lit(scene.Medium), textChoose.P("")),
		),
		&column{},
	)
}

// column is the list. It is the page of all, and stands beside one notice where there is room for both.
type column struct {
	app.Compo

	// Current is the notice beside it; empty when there is none.
	Current string

	visit  ask.Visit
	list   list
	page   ask.Question // the next of the list
	aged   bool         // some of the list comes from the device
	marked ask.Question
	finder finder
}

// OnMount shows the list as it was seen last, asks for what it is now, and listens for news.
func (b *column) OnMount(ctx app.Context) {
	b.visit.Begin(ctx)
	b.page.Keeps = true
	b.visit.Until(followVault(ctx))
	b.visit.Until(news.listenFor(func(n *portalv1.Notice) {
		ctx.Dispatch(func(app.Context) { b.list.arrive(n) })
	}))
	if b.Current != "" && seen.loaded {
		b.list = seen
		return
	}
	b.list = list{filter: all}
	b.load(ctx)
}

// OnDismount stops listening.
func (b *column) OnDismount() {
	b.visit.End()
	if b.list.loaded && !b.aged {
		seen = b.list
	}
}

// seen is the list as it stood when somebody turned from it to one of its notices; it ends with the session.
var seen list

func (b *column) load(app.Context) {
	b.marked.Failure = trouble.Message{}
	request := b.list.request()
	ask.For(&b.visit, &b.page, rpc.To(portalv1web.NewNoticeService).ListNotices, request,
		func(ctx app.Context, page *portalv1.ListNoticesResponse, err error) {
			if rpc.ListChanged(err) && request.GetPageToken() != "" {
				b.list = list{filter: b.list.filter}
				b.load(ctx)
				return
			}
			if err != nil {
				nothingKept(&b.page)
				return
			}
			if fresh := b.page.Age.Kept.IsZero(); fresh && b.aged {
				b.list, b.aged = list{filter: b.list.filter}, false
				if request.GetPageToken() != "" {
					b.load(ctx)
					return
				}
			} else if !fresh {
				b.aged = true
			}
			b.list.add(page)
			shell.SetUnread(int(page.GetUnreadCount()))
		})
}

// nothingKept says why there is nothing to be seen without a network.
func nothingKept(q *ask.Question) {
	if q.Cut && !q.Age.Locked {
		q.Failure.Means = textOffline
	}
}

func (b *column) choose(ctx app.Context, id string) {
	if filter(id) == b.list.filter {
		return
	}
	b.list = list{filter: filter(id)}
	b.load(ctx)
}

func (b *column) markAll(app.Context) {
	ids := b.list.unreadIDs()
	request := &portalv1.MarkNoticesRequest{Ids: ids, Read: true}
	ask.Do(&b.visit, &b.marked, rpc.To(portalv1web.NewNoticeService).MarkNotices, request,
		func(ctx app.Context, now *portalv1.MarkNoticesResponse, err error) {
			if rpc.Kept(err) {
				b.list.markRead(ids)
				shell.SetUnread(max(0, shell.Unread()-len(ids)))
				kit.Announce(ctx, waiting.Told())
				return
			}
			if err != nil {
				nothingKept(&b.marked)
				return
			}
			b.list.markRead(ids)
			shell.SetUnread(int(now.GetUnreadCount()))
		})
}

// Render draws the list.
func (b *column) Render() app.UI {
	return app.Div().Class("notices-column").Body(
		app.P().Class("notices-count").Attr("role", "status").Body(textCount.F(shell.Unread()).UI()),
		app.P().Class("notices-todo").Body(kit.Link{
			ID: "notices-todo", Label: textTodo, Href: "/todo", Icon: kit.IconTask,
		}.UI()),
		trouble.First(b.page.Failure, b.marked.Failure).Banner("notices-failure"),
		b.page.AsOf("notices"),
		b.finder.form(b.visit.Page),
		kit.Tabs{ID: "notices", Label: textShow, Current: string(b.list.filter), OnSelect: b.choose,
			Tabs: []kit.Tab{{ID: string(all), Label: textAll}, {ID: string(unread), Label: textUnread}},
			Body: b.body()}.UI(),
	)
}

func (b *column) body() []app.UI {
	if b.finder.asked && vault.Now().IsOpen() {
		return b.finder.result()
	}
	if !b.list.loaded {
		return []app.UI{b.page.Waiting("notices", 6)}
	}
	items := make([]app.UI, len(b.list.notices))
	for i, n := range b.list.notices {
		items[i] = entry(n, b.Current)
	}
	return []app.UI{
		app.Div().Body(b.empty(items)),
		app.Div().Body(app.If(len(items) > 0, func() app.UI {
			return kit.Pager{
				ID: "notices-more", Shown: len(items), More: b.list.next != "", Busy: b.page.Busy, OnMore: b.load,
			}.UI()
		})),
		app.Div().Class("actions").Body(app.If(len(b.list.unreadIDs()) > 0, func() app.UI {
			return kit.Button{
				ID: "notices-mark", Label: textMarkAll, Kind: kit.TextOnly, Busy: b.marked.Busy, OnPress: b.markAll,
			}.UI()
		})),
	}
}

func (b *column) empty(items []app.UI) app.UI {
	none := kit.Empty{Picture: scene.Empty(scene.Medium), Text: textNone}
	if b.list.filter != all {
		none.Text = textNoUnread
		none.WayOn = []app.UI{kit.Button{
			ID: "notices-all", Label: textShowAll, OnPress: func(ctx app.Context) { b.choose(ctx, string(all)) },
		}.UI()}
	}
	return kit.List{Label: textTitle, Items: items, Empty: none}.UI()
}

// entry is a notice in a list: a dot while it is unread, whose it is at a glance, the title, one plain line, and by
// when something is to be done. current is the one that is read beside the list.
func entry(n *portalv1.Notice, current string) app.UI {
	class, sign := "entry notice-entry", kit.Hidden(textRead)
	if !n.GetRead() {
		class += " entry-unread"
		sign = app.Span().Class("entry-dot").Body(kit.Hidden(textUnread))
	}
	due := app.Span().Class("entry-chip").Hidden(!n.GetActionRequired())
	if n.GetActionRequired() {
		due = due.Body(kit.Icon(kit.IconTask), dueText(n))
	}
	line := []app.UI{app.Span().Class("entry-office").Text(n.GetOffice()), app.Text("・")}
	if n.GetActionRequired() {
		line = []app.UI{
			app.Span().Class("visually-hidden").Text(n.GetOffice()), app.Span().Lang("ja").Text(n.GetAction()),
			app.Text("・"),
		}
	}
	link := app.A().Class(class).Href("/notice/" + n.GetId())
	if n.GetId() == current {
		link = link.Aria("current", "page")
	}
	return link.Body(
		app.Span().Class("entry-sign-place").Body(sign),
		kit.Monogram(n.GetOffice()),
		app.Span().Class("entry-words").Body(
			app.Span().Class("entry-title").Lang("ja").Text(n.GetTitle()),
			app.Span().Class("entry-line").Body(append(line,
				kit.DateText(time.UnixMilli(n.GetSentAt())), markOf(n))...),
			due,
		),
	)
}

func dueText(n *portalv1.Notice) app.UI {
	if n.GetActionDue() == "" {
		return textToDo.UI()
	}
	return textDue.F(lang.Day(n.GetActionDue())).UI()
}
