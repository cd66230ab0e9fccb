// Package application is where a person sees what they have applied for (申請状況): the drafts that are to be gone on with,
// every application with its steps, what an office sent back, messages, the receipt; and where a second person signs.
package application

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const path = "/applications"

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: path, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &list{} }},
		{
			Pattern: "^/applications/[0-9a-f]{32}$", Title: textTitle, Parent: path, For: shell.Citizen,
			New: func() app.Composer { return &detail{} },
		},
		{Path: "/cosign", Title: textCosignTitle, For: shell.Citizen, New: func() app.Composer { return &cosign{} }},
	},
	Services: []shell.Service{{
		ID: "application", Path: path, Title: textTitle, Text: textService, Sign: scene.SignApply, Order: 25,
	}},
	Timelines: []shell.Timeline{{Rows: dues, Follow: follow, Again: look}},
	Start:     begin,
}

// portal and drafts answer; tests have ones of their own.
var (
	portal = func() portalv1web.ApplicationService { return rpc.To(portalv1web.NewApplicationService) }
	drafts = func() portalv1web.DraftService { return rpc.To(portalv1web.NewDraftService) }
)

// open are the pages that are told when an application moved.
var open struct {
	sync.Mutex
	heard map[int]func()
	last  int
}

func begin(app.Context) {
	if app.IsServer {
		return
	}
	live.On(func(context.Context, live.News) error {
		open.Lock()
		defer open.Unlock()
		for _, heard := range open.heard {
			heard()
		}
		return nil
	}, portalv1.ChangeKind_CHANGE_KIND_APPLICATION, portalv1.ChangeKind_CHANGE_KIND_DRAFT)
}

// listen has heard called when an application or a draft moved; heard must not block.
func listen(heard func()) (stop func()) {
	open.Lock()
	defer open.Unlock()
	if open.heard == nil {
		open.heard = map[int]func(){}
	}
	open.last++
	id := open.last
	open.heard[id] = heard
	return func() {
		open.Lock()
		defer open.Unlock()
		delete(open.heard, id)
	}
}

// titled is a draft or an application.
type titled interface {
	GetName() *portalv1.LocalText
	GetTitle() string
}

// titleOf is its title in the language of the page; of what an older portal told, or the device keeps from then, the
// one that there is.
func titleOf(of titled) lang.Text {
	if of.GetName() != nil {
		return lang.Local(of.GetName())
	}
	return lang.Plain(of.GetTitle())
}

func moment(ms int64) time.Time { return time.UnixMilli(ms) }

// state is a state in words, with who acts now.
type state struct {
	tone      kit.Tone
	name, now lang.Text
}

func stateOf(s portalv1.ApplicationState) state {
	switch s {
	case portalv1.ApplicationState_APPLICATION_STATE_COSIGN:
		return state{kit.Warning, textCosign, textNowSecond}
	case portalv1.ApplicationState_APPLICATION_STATE_ARRIVED:
		return state{kit.Info, textArrived, textNowOffice}
	case portalv1.ApplicationState_APPLICATION_STATE_CHECKING:
		return state{kit.Info, textChecking, textNowOffice}
	case portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED:
		return state{kit.Info, textAccepted, textNowOffice}
	case portalv1.ApplicationState_APPLICATION_STATE_REVIEW:
		return state{kit.Info, textReview, textNowOffice}
	case portalv1.ApplicationState_APPLICATION_STATE_RETURNED:
		return state{kit.Warning, textReturned, textNowYou}
	case portalv1.ApplicationState_APPLICATION_STATE_RESENT:
		return state{kit.Info, textResent, textNowOffice}
	case portalv1.ApplicationState_APPLICATION_STATE_APPROVED:
		return state{kit.Success, textApproved, textNowNobody}
	case portalv1.ApplicationState_APPLICATION_STATE_PARTLY:
		return state{kit.Success, textPartly, textNowNobody}
	case portalv1.ApplicationState_APPLICATION_STATE_REJECTED:
		return state{kit.Failure, textRejected, textNowNobody}
	case portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN:
		return state{kit.Neutral, textWithdrawn, textNowNobody}
	case portalv1.ApplicationState_APPLICATION_STATE_LAPSED:
		return state{kit.Failure, textLapsed, textNowNobody}
	}
	return state{kit.Success, textDone, textNowNobody}
}

// list is what the person has begun, and what they have sent.
type list struct {
	app.Compo
	visit             ask.Visit
	asked, draft, act ask.Question
	all               []*portalv1.Application
	begun, gone       []*portalv1.Draft
	loaded, known     bool
	chosen            ask.Question
	settings          *portalv1.ApplicationSettings
	done              lang.Text
}

// OnMount asks for them, and again whenever one moved.
func (l *list) OnMount(ctx app.Context) {
	l.visit.Begin(ctx)
	l.asked.Keeps, l.draft.Keeps = true, true
	l.visit.Until(listen(func() { ctx.Dispatch(func(app.Context) { l.load() }) }))
	l.load()
	l.askTelling()
}

// OnDismount stops listening.
func (l *list) OnDismount() { l.visit.End() }

func (l *list) load() {
	ask.For(&l.visit, &l.asked, portal().ListApplications, &portalv1.ListApplicationsRequest{},
		func(_ app.Context, got *portalv1.ListApplicationsResponse, err error) {
			if err == nil {
				l.all, l.loaded = got.GetApplications(), true
			}
		})
	ask.For(&l.visit, &l.draft, drafts().ListDrafts, &portalv1.ListDraftsRequest{},
		func(_ app.Context, got *portalv1.ListDraftsResponse, err error) {
			if err != nil {
				return
			}
			l.begun, l.gone, l.known = nil, nil, true
			for _, d := range got.GetDrafts() {
				if d.GetState() == portalv1.DraftState_DRAFT_STATE_OPEN {
					l.begun = append(l.begun, d)
				} else {
					l.gone = append(l.gone, d)
				}
			}
		})
}

func (l *list) drop(id string) {
	ask.Do(&l.visit, &l.act, drafts().DropDraft, &portalv1.DropDraftRequest{Id: id},
		func(ctx app.Context, _ *portalv1.DropDraftResponse, err error) {
			if err == nil {
				l.done = textDropped
				kit.Focus(ctx, "applications-done")
				l.load()
			}
		})
}

func (l *list) restore(id string) {
	ask.Do(&l.visit, &l.act, drafts().RestoreDraft, &portalv1.RestoreDraftRequest{Id: id},
		func(ctx app.Context, _ *portalv1.RestoreDraftResponse, err error) {
			if err == nil {
				l.done = textRestored
				kit.Focus(ctx, "applications-done")
				l.load()
			}
		})
}

// Render draws them, the drafts first.
func (l *list) Render() app.UI {
	return app.Div().Class("page page-applications").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(textTitle), textLead.P("lead"),
				trouble.First(l.asked.Failure, l.draft.Failure, l.act.Failure).Banner("applications-failure"),
				l.asked.AsOf("applications"),
				kit.NotificationBanner{ID: "applications-done", Tone: kit.Success, Title: l.done}.UI(),
			},
			Rail: l.rail(),
			Body: []app.UI{app.Div().Body(l.drafts()...), app.Div().Body(l.sent()...)},
		}.UI(),
	)
}

// rail leads to what else can be applied for; where nothing was sent yet the list itself does.
func (l *list) rail() kit.Rail {
	more := []app.UI{l.telling()}
	if len(l.all) > 0 {
		more = []app.UI{kit.MenuList{Label: textTitle, Items: []kit.MenuItem{
			{Href: "/procedures", Label: textFind, Icon: kit.IconSearch},
		}}.UI(), more[0]}
	}
	return kit.Rail{After: true, More: more}
}

func (l *list) drafts() []app.UI {
	if !l.known || len(l.begun)+len(l.gone) == 0 {
		return nil
	}
	items := make([]app.UI, len(l.begun))
	for i, d := range l.begun {
		items[i] = app.Div().Class("entry").Body(
			app.Div().Class("entry-words").Body(
				app.A().Class("entry-title link").ID("draft-"+d.GetId()).Href(draftAddress(d)).Body(titleOf(d).UI()),
				app.P().Class("entry-line").Body(
					place.Named(d.GetPlaceName(), d.GetPlaceEnglish()).UI(), app.Text("　"),
					textSavedAt.F(lang.DateTime(moment(d.GetChangedAt()))).UI(),
				),
				textKeptUntil.F(lang.Date(moment(d.GetGoneAt()))).P("hint"),
			),
			kit.Button{
				ID: "drop-" + d.GetId(), Label: textDrop, Kind: kit.TextOnly, Icon: kit.IconDelete, Busy: l.act.Busy,
				OnPress: func(app.Context) { l.drop(d.GetId()) },
			}.UI(),
		)
	}
	body := []app.UI{textDrafts.F(len(items)).H2("part-title")}
	if len(items) > 0 {
		body = append(body, kit.List{Label: textDraftsName, Items: items}.UI())
	}
	if len(l.gone) > 0 {
		again := make([]app.UI, len(l.gone))
		for i, d := range l.gone {
			again[i] = app.Div().Body(
				app.P().Body(titleOf(d).UI(), app.Text("　"), textGoneAt.F(lang.Date(moment(d.GetGoneAt()))).UI()),
				kit.Button{
					ID: "restore-" + d.GetId(), Label: textRestore, Icon: kit.IconUndo, Busy: l.act.Busy,
					OnPress: func(app.Context) { l.restore(d.GetId()) },
				}.UI(),
			)
		}
		body = append(body, kit.Disclosure{ID: "dropped", Summary: textGone.F(len(again)), Body: again}.UI())
	}
	return []app.UI{app.Section().Class("part").Body(body...)}
}

func draftAddress(d *portalv1.Draft) string {
	return "/apply/" + d.GetPlace() + "/" + d.GetForm() + "?draft=" + d.GetId()
}

func (l *list) sent() []app.UI {
	if !l.loaded {
		return []app.UI{l.asked.Waiting("applications", 4)}
	}
	items := make([]app.UI, len(l.all))
	for i, a := range l.all {
		s := stateOf(a.GetState())
		due := app.Span()
		if a.GetDueAt() > 0 {
			due = due.Body(app.Text("　"), textDue.F(lang.Date(moment(a.GetDueAt()))).UI())
		}
		items[i] = app.A().Class("entry usage-entry").Href(path + "/" + a.GetId()).Body(
			app.Span().Class("entry-words").Body(
				titleOf(a).Span("entry-title"),
				app.Span().Class("entry-line").Body(
					app.Text(strings.TrimRight(a.GetOfficeName()+"　"+a.GetNumber(), "　")+"　"),
					kit.DateTimeText(moment(a.GetMovedAt())),
				),
				app.Span().Body(kit.ChipLabel(s.tone, s.name), app.Text(" "), s.now.UI(), due),
			),
		)
	}
	return []app.UI{app.Section().Class("part").Body(textSent.H2("part-title"), kit.List{
		Label: textSent, Items: items, Empty: kit.Empty{
			Picture: scene.Empty(scene.Medium), Text: textNone,
			WayOn: []app.UI{kit.Link{Label: textFind, Href: "/procedures", Kind: kit.Primary}.UI()},
		},
	}.UI())}
}
