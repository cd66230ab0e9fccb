package notice

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"madoguchi/proto/wire"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// detail is one notice.
type detail struct {
	app.Compo
	visit   ask.Visit
	ctx     app.Context
	id      string
	notice  *portalv1.Notice
	era     int // in which it was asked for
	asked   ask.Question
	marked  ask.Question
	ticking bool
	wide    bool            // there is room for the list beside it
	failure trouble.Message // of the ticking
}

// OnMount opens the notice of the address.
func (d *detail) OnMount(ctx app.Context) {
	d.visit.Begin(ctx)
	d.asked.Keeps = true
	d.ctx = ctx
	d.OnResize(ctx)
	d.open(ctx)
}

// OnResize sees whether there is room for the list.
func (d *detail) OnResize(app.Context) { d.wide = kit.Pane() }

// OnNav opens the notice of the address, also when one leads to another.
func (d *detail) OnNav(ctx app.Context) { d.open(ctx) }

// OnDismount gives up what is asked for.
func (d *detail) OnDismount() { d.visit.End() }

func (d *detail) open(ctx app.Context) {
	id := idOf(ctx.Page().URL().Path)
	if id == d.id {
		return
	}
	d.id, d.notice, d.failure, d.era = id, nil, trouble.Message{}, vault.Era()
	d.marked.Drop() // of another notice
	ask.For(&d.visit, &d.asked, read(d.era), &portalv1.GetNoticeRequest{Id: id}, d.take)
}

// idOf takes the notice's id from the path; empty when there is none.
func idOf(path string) string {
	id, found := strings.CutPrefix(path, "/notice/")
	if !found || strings.Contains(id, "/") {
		return ""
	}
	return id
}

func (d *detail) take(_ app.Context, response *portalv1.GetNoticeResponse, err error) {
	if err != nil {
		nothingKept(&d.asked)
		return
	}
	d.notice = response.GetNotice()
	shell.SetTitle(lang.Plain(d.notice.GetTitle()))
	if !d.notice.GetRead() && d.asked.Age.Kept.IsZero() {
		d.mark(true)
	}
}

// mark tells the portal. That a notice could not be marked as read on opening is nothing to trouble the person with.
func (d *detail) mark(read bool) {
	request := &portalv1.MarkNoticesRequest{Ids: []string{d.id}, Read: read}
	ask.Do(&d.visit, &d.marked, rpc.To(portalv1web.NewNoticeService).MarkNotices, request,
		func(ctx app.Context, now *portalv1.MarkNoticesResponse, err error) {
			switch {
			case rpc.Kept(err):
				d.notice.Read = read
				news.changed(d.notice)
				if !read {
					kit.Announce(ctx, waiting.Told())
				}
			case err != nil && read:
				d.marked.Failure = trouble.Message{}
			case err != nil:
				nothingKept(&d.marked)
			default:
				shell.SetUnread(int(now.GetUnreadCount()))
				d.notice.Read = read
				news.changed(d.notice)
				if !read {
					kit.Announce(ctx, textMarked)
				}
			}
		})
}

// tick says that what the notice asks for is done, or takes that back.
func (d *detail) tick(on bool) {
	d.ticking, d.failure = true, trouble.Message{}
	id := d.id
	todo.Update(d.ctx, todo.Entry{Notice: d.notice}, todo.Change{Done: &on},
		func(ctx app.Context, now todo.Entry, err error) {
			d.ticking = false
			if id != d.id || d.notice == nil {
				return
			}
			if err != nil && !rpc.Kept(err) {
				d.failure = trouble.Words(err)
				kit.Focus(ctx, "notice-failure")
				return
			}
			if rpc.Kept(err) { // as it will be; the list may not be known here
				d.notice = wire.Clone(d.notice)
				if d.notice.DoneAt = 0; on {
					d.notice.DoneAt = time.Now().UnixMilli()
				}
				kit.Announce(ctx, waiting.Told())
				return
			}
			d.notice.DoneAt, d.notice.OwnDue = now.Notice.GetDoneAt(), now.Notice.GetOwnDue()
			told := textTicked
			if !on {
				told = textUnticked
			}
			kit.Announce(ctx, told)
		})
}

// Render draws the notice: what to do, by when, from whom, then the rest.
func (d *detail) Render() app.UI {
	title := textTitle
	if d.notice != nil {
		title = lang.Plain(d.notice.GetTitle())
	}
	beside := app.Aside().Class("notices-aside no-print").Aria("label", textTitle.String())
	if d.wide {
		beside = beside.Body(&column{Current: d.id})
	}
	return app.Div().Class("page page-notice notices-beside").Body(
		app.Article().Class("notices-reading").Body(d.read(title)...), beside)
}

func (d *detail) read(title lang.Text) []app.UI {
	head := app.Div().Body(shell.Heading(title))
	if d.notice != nil {
		head = head.Lang("ja") // the office's words, whatever the page speaks
	}
	return []app.UI{kit.Detail{
		Head: []app.UI{
			head,
			trouble.First(d.asked.Failure, d.marked.Failure, d.failure).Banner("notice-failure"),
			d.asked.AsOf("notice"),
		},
		Rail: d.rail(),
		Body: []app.UI{
			app.Div().Class("notice-body").Body(d.body()...),
			app.Div().Class("actions no-print").Body(d.ways()...),
		},
	}.UI()}
}

// rail says what is to be done, by when, and from whom that comes.
func (d *detail) rail() kit.Rail {
	n := d.notice
	if n == nil {
		return kit.Rail{}
	}
	rail := kit.Rail{ID: "notice-rail", Contact: app.Span().Class("notice-from").Body(
		kit.Monogram(n.GetOffice()), app.Span().Text(n.GetOffice()))}
	if !n.GetActionRequired() {
		return rail
	}
	rail.Next = app.Span().Lang("ja").Text(n.GetAction())
	if rail.Until = textNoDue.UI(); n.GetActionDue() != "" {
		rail.Until = lang.Day(n.GetActionDue()).UI()
	}
	if kit.Host(n.GetActionUrl()) != "" {
		rail.Action = kit.Elsewhere{Label: textGo, Address: n.GetActionUrl(), Kind: kit.Primary, Wide: true}.UI()
	}
	return rail
}

func (d *detail) body() []app.UI {
	n := d.notice
	if n == nil {
		if d.asked.Failure.Is() {
			return nil // the buttons below lead on
		}
		return []app.UI{d.asked.Waiting("notice", 5)}
	}
	var body []app.UI
	if n.GetActionRequired() {
		body = append(body, app.Section().Class("notice-todo").Aria("label", textWhat.String()).Body(d.ticked()))
	}
	to := textToYou
	if n.GetBroadcast() {
		to = textToAll
	}
	return append(body,
		kit.Facts(
			kit.Row{Name: textFrom, Value: app.Span().Text(n.GetOffice())},
			kit.Row{Name: textSent, Value: kit.DateTimeText(time.UnixMilli(n.GetSentAt()))},
			kit.Row{Name: textTo, Value: to.UI()},
		),
		written(n),
	)
}

// ticked tells whether it is done, and leads to the list where it stands.
func (d *detail) ticked() app.UI {
	done := d.notice.GetDoneAt()
	label, icon, since := textTick, kit.IconCheck, app.P()
	if done > 0 {
		label, icon = textUntick, kit.IconBack
		since = app.P().Class("notice-done").Body(kit.Icon(kit.IconCheck),
			textDoneOn.F(lang.Date(time.UnixMilli(done))).Span(""))
	}
	return app.Div().Class("notice-ticked").Body(
		since, waiting.Mark(todo.Waits(todo.Entry{Notice: d.notice})),
		app.Div().Class("actions no-print").Body(
			kit.Button{
				ID: "notice-tick", Label: label, Icon: icon, Busy: d.ticking,
				OnPress: func(app.Context) { d.tick(done == 0) }, Scope: done == 0,
			}.UI(),
		),
	)
}

func (d *detail) ways() []app.UI {
	list := kit.Link{ID: "notice-list", Label: textToList, Href: "/notice", Kind: kit.Secondary}.UI()
	if d.notice == nil {
		if d.asked.Failure.Is() {
			return []app.UI{list, d.asked.Retry("notice")}
		}
		return []app.UI{list}
	}
	ways := []app.UI{list, kit.PrintButton("notice-print")}
	if d.notice.GetRead() {
		ways = append(ways, kit.Button{
			ID: "notice-unread", Label: textMarkAgain, Kind: kit.TextOnly, Busy: d.marked.Busy,
			OnPress: func(app.Context) { d.mark(false) },
		}.UI())
	}
	if !d.notice.GetBroadcast() {
		ways = append(ways, kit.Link{ID: "notice-strange", Label: textStrange, Href: "/usage/notice/" + d.id}.UI())
	}
	return ways
}
