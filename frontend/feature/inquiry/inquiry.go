// Package inquiry is where a person asks the portal's operator or an office (お問い合わせ), and reads what they answered.
package inquiry

import (
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/plaintext"
)

const (
	path    = "/inquiry"
	newPath = "/inquiry/new"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: path, Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &list{} }},
		{
			Path: newPath, Title: textNew, Parent: path, For: shell.Citizen,
			New: newAsking,
		},
		{
			Pattern: "^/inquiry/[A-Z0-9]+$", Title: textTitle, Parent: path, For: shell.Citizen,
			New: func() app.Composer { return &detail{} },
		},
	},
	Entries: []shell.Entry{{Path: path, Label: textTitle, Icon: kit.IconHelp, For: shell.Citizen, Order: 58}},
	Services: []shell.Service{{
		ID: "inquiry", Path: path, Title: textTitle, Text: textService, Sign: scene.SignHelp, Order: 70,
	}},
	Start: begin,
}

// portal answers; tests have one of their own.
var portal = func() portalv1web.InquiryService { return rpc.To(portalv1web.NewInquiryService) }

// open are the pages that look again when an inquiry moved on.
var open live.Pages

func begin(app.Context) { open.Begin(portalv1.ChangeKind_CHANGE_KIND_INQUIRY) }

var states = map[portalv1.InquiryState]struct {
	tone kit.Tone
	text lang.Text
}{
	portalv1.InquiryState_INQUIRY_STATE_WAITING:  {kit.Info, textWaiting},
	portalv1.InquiryState_INQUIRY_STATE_ANSWERED: {kit.Success, textAnswered},
	portalv1.InquiryState_INQUIRY_STATE_CLOSED:   {kit.Info, textClosed},
}

func state(of *portalv1.Inquiry) app.UI {
	s := states[of.GetState()]
	return kit.ChipLabel(s.tone, s.text)
}

// whom is who is asked.
func whom(i *portalv1.Inquiry) lang.Text {
	if i.GetOfficeId() == "" {
		return textOperator
	}
	return lang.Plain(i.GetOffice())
}

func moment(ms int64) time.Time { return time.UnixMilli(ms) }

// fault is what is wrong with what was typed, by the rules of the portal; empty when nothing is.
func fault(typed string, most int, missing lang.Text) lang.Text {
	switch n := plaintext.Count(plaintext.Clean(typed)); {
	case n == 0:
		return missing
	case n > most:
		return textLong.F(most)
	}
	return lang.Text{}
}

// list is what the person has asked.
type list struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	all    []*portalv1.Inquiry
	loaded bool
}

// OnMount asks for them, and again whenever one moved on.
func (l *list) OnMount(ctx app.Context) {
	l.visit.Begin(ctx)
	l.asked.Keeps = true
	l.visit.Until(open.Listen(func() { ctx.Dispatch(func(app.Context) { l.load() }) }))
	l.load()
}

// OnDismount stops listening.
func (l *list) OnDismount() { l.visit.End() }

func (l *list) load() {
	ask.For(&l.visit, &l.asked, portal().ListInquiries, &portalv1.ListInquiriesRequest{},
		func(_ app.Context, got *portalv1.ListInquiriesResponse, err error) {
			if err == nil {
				l.all, l.loaded = got.GetInquiries(), true
			}
		})
}

// Render draws them.
func (l *list) Render() app.UI {
	return app.Div().Class("page column page-inquiry").Body(
		shell.Heading(textTitle), textLead.P("lead"),
		l.asked.Failure.Banner("inquiry-failure"), l.asked.AsOf("inquiry"),
		app.Div().Body(l.body()...),
	)
}

func (l *list) body() []app.UI {
	if !l.loaded {
		return []app.UI{l.asked.Waiting("inquiry", 4)}
	}
	items := make([]app.UI, len(l.all))
	for i, one := range l.all {
		items[i] = app.A().Class("entry usage-entry").Href(path + "/" + one.GetId()).Body(
			app.Span().Class("entry-words").Body(
				app.Span().Class("entry-title").Text(one.GetSubject()),
				app.Span().Class("entry-line").Body(
					whom(one).UI(), app.Text("・"), textNumber.F(one.GetNumber()).UI(), app.Text("・"),
					kit.DateTimeText(moment(one.GetMovedAt())),
				),
				app.Span().Body(state(one)),
			),
		)
	}
	write := kit.Link{ID: "inquiry-new", Label: textNew, Href: newPath, Kind: kit.Primary}.UI()
	if len(items) == 0 {
		return []app.UI{kit.Empty{
			Picture: scene.Empty(scene.Medium), Text: textNone, WayOn: []app.UI{write},
		}.UI()}
	}
	return []app.UI{kit.List{Label: textTitle, Items: items}.UI(), app.Div().Class("actions").Body(write)}
}

// detail is one, with what was written.
type detail struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	acted   ask.Question
	id      string
	inquiry *portalv1.Inquiry
	more    string // as it is typed
	wrong   lang.Text
	done    lang.Text
}

// OnMount asks for the one of the address, and again whenever it moved on.
func (d *detail) OnMount(ctx app.Context) {
	d.visit.Begin(ctx)
	d.asked.Keeps = true
	d.visit.Until(open.Listen(func() { ctx.Dispatch(func(app.Context) { d.load() }) }))
	d.OnNav(ctx)
}

// OnNav opens the one of the address.
func (d *detail) OnNav(ctx app.Context) {
	if id := strings.TrimPrefix(ctx.Page().URL().Path, path+"/"); id != d.id {
		d.id, d.inquiry, d.more, d.done = id, nil, "", lang.Text{}
		d.load()
	}
}

// OnDismount stops listening.
func (d *detail) OnDismount() { d.visit.End() }

func (d *detail) load() {
	ask.For(&d.visit, &d.asked, portal().GetInquiry, &portalv1.GetInquiryRequest{Id: d.id},
		func(_ app.Context, got *portalv1.GetInquiryResponse, err error) {
			if err == nil {
				d.take(got.GetInquiry())
			}
		})
}

func (d *detail) take(now *portalv1.Inquiry) {
	d.inquiry = now
	shell.SetTitle(lang.Plain(now.GetSubject()))
}

func (d *detail) write(ctx app.Context) {
	d.done = lang.Text{}
	if d.wrong = fault(d.more, portalv1limit.WriteInquiryRequestText, textMissing); !d.wrong.Empty() {
		kit.Focus(ctx, "inquiry-more")
		return
	}
	request := &portalv1.WriteInquiryRequest{Id: d.id, Text: plaintext.Clean(d.more)}
	ask.Do(&d.visit, &d.acted, portal().WriteInquiry, request,
		func(ctx app.Context, got *portalv1.WriteInquiryResponse, err error) {
			if err != nil {
				return // what was typed stays
			}
			d.take(got.GetInquiry())
			d.more, d.done = "", textSentMore
			kit.SetValue(ctx, "inquiry-more", "")
			kit.Focus(ctx, "inquiry-done")
		})
}

func (d *detail) end(app.Context) {
	ask.Do(&d.visit, &d.acted, portal().CloseInquiry, &portalv1.CloseInquiryRequest{Id: d.id},
		func(ctx app.Context, got *portalv1.CloseInquiryResponse, err error) {
			if err == nil {
				d.take(got.GetInquiry())
				d.done = textEnded
				kit.Focus(ctx, "inquiry-done")
			}
		})
}

// Render draws it.
func (d *detail) Render() app.UI {
	title := textTitle
	if d.inquiry != nil {
		title = lang.Plain(d.inquiry.GetSubject())
	}
	return app.Div().Class("page column page-inquiry").Body(
		shell.Heading(title),
		trouble.First(d.asked.Failure, d.acted.Failure).Banner("inquiry-failure"),
		d.asked.AsOf("inquiry"),
		kit.NotificationBanner{ID: "inquiry-done", Tone: kit.Success, Title: d.done}.UI(),
		app.Div().Body(d.body()...),
	)
}

func (d *detail) body() []app.UI {
	if d.inquiry == nil {
		return []app.UI{d.asked.Waiting("inquiry", 6)}
	}
	i := d.inquiry
	messages := make([]app.UI, len(i.GetMessages()))
	for n, m := range i.GetMessages() {
		messages[n] = app.Section().Class("written").Body(
			app.P().Class("written-by").Body(
				d.writer(m).UI(), app.Text("　"), kit.DateTimeText(moment(m.GetWrittenAt())),
			),
			kit.Paragraphs(m.GetText()),
		)
	}
	end := app.Div()
	if i.GetState() != portalv1.InquiryState_INQUIRY_STATE_CLOSED {
		end = end.Body(kit.Button{
			ID: "inquiry-close", Label: textEnd, Busy: d.acted.Busy, OnPress: d.end,
		}.UI())
	}
	return []app.UI{
		app.P().Body(state(i)),
		kit.Facts(
			kit.Row{Name: textNumberName, Value: app.Text(i.GetNumber())},
			kit.Row{Name: textWhom, Value: whom(i).UI()},
			kit.Row{Name: textWhen, Value: kit.DateTimeText(moment(i.GetOpenedAt()))},
		),
		app.Div().Body(messages...),
		attachment(i.GetAttached()),
		app.Section().Class("part no-print").Body(
			kit.TextArea{
				ID: "inquiry-more", Label: textMore, Value: d.more, Error: d.wrong,
				Max:     portalv1limit.WriteInquiryRequestText,
				OnInput: func(_ app.Context, value string) { d.more = value },
			}.UI(),
			app.Div().Class("actions").Body(
				kit.Button{
					ID: "inquiry-write", Label: textSendMore, Kind: kit.Primary, Busy: d.acted.Busy, OnPress: d.write,
				}.UI(),
				end,
			),
		),
	}
}

// writer is who wrote a message.
func (d *detail) writer(m *portalv1.InquiryMessage) lang.Text {
	switch m.GetBy() {
	case portalv1.InquiryWriter_INQUIRY_WRITER_PERSON:
		return textYou
	case portalv1.InquiryWriter_INQUIRY_WRITER_OFFICE:
		return whom(d.inquiry)
	case portalv1.InquiryWriter_INQUIRY_WRITER_OPERATOR:
		return textOperator
	}
	return textPortal
}

// attachment shows what is sent along, or was.
func attachment(a *portalv1.InquiryAttachment) app.UI {
	var rows []kit.Row
	for _, one := range []struct {
		name  lang.Text
		value string
	}{{textCode, a.GetCode()}, {textPage, a.GetPage()}, {textState, a.GetState()}} {
		if one.value != "" {
			lines := strings.Split(one.value, "\n")
			shown := make([]app.UI, len(lines))
			for i, line := range lines {
				shown[i] = app.Div().Text(line)
			}
			rows = append(rows, kit.Row{Name: one.name, Value: app.Div().Body(shown...)})
		}
	}
	if len(rows) == 0 {
		return app.Div()
	}
	return app.Section().Class("part").Body(textAttached.H2("part-title"), kit.Facts(rows...))
}

// officeOptions are whom the person can ask.
func officeOptions(offices []*portalv1.InquiryOffice) []kit.Option {
	options := []kit.Option{{Value: "", Label: textOperator}}
	for _, o := range offices {
		options = append(options, kit.Option{Value: o.GetId(), Label: lang.Plain(o.GetName())})
	}
	return slices.Clip(options)
}
