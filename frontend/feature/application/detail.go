package application

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/browser"
	"madoguchi/proto/clock"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/plaintext"
)

// detail is one application.
type detail struct {
	app.Compo
	visit               ask.Visit
	asked, acted, asker ask.Question
	id                  string
	sent                bool // just now
	it                  *portalv1.Application
	form                *engine.Form
	more                string // as it is typed
	wrong               lang.Text
	reason              string
	asking              bool // whether it is to be withdrawn
	done, copied        lang.Text
	leave               leave
}

// OnMount asks for the one of the address, and again whenever it moved.
func (d *detail) OnMount(ctx app.Context) {
	d.visit.Begin(ctx)
	d.asked.Keeps, d.asker.Keeps = true, true
	d.visit.Until(listen(func() { ctx.Dispatch(func(app.Context) { d.load() }) }))
	d.OnNav(ctx)
}

// OnNav opens the one of the address.
func (d *detail) OnNav(ctx app.Context) {
	d.sent = ctx.Page().URL().Query().Get("sent") != ""
	if id := strings.TrimPrefix(ctx.Page().URL().Path, path+"/"); id != d.id {
		d.id, d.it, d.form, d.more, d.done, d.copied = id, nil, nil, "", lang.Text{}, lang.Text{}
		d.load()
	}
}

// OnDismount stops listening.
func (d *detail) OnDismount() { d.visit.End() }

func (d *detail) load() {
	ask.For(&d.visit, &d.asked, portal().GetApplication, &portalv1.GetApplicationRequest{Id: d.id},
		func(_ app.Context, got *portalv1.GetApplicationResponse, err error) {
			if err == nil {
				d.take(got.GetApplication())
			}
		})
}

func (d *detail) take(now *portalv1.Application) {
	d.it = now
	shell.SetTitle(titleOf(now))
	if d.form != nil {
		return
	}
	ask.For(&d.visit, &d.asker, drafts().GetForm,
		&portalv1.GetFormRequest{Place: now.GetPlace(), Form: now.GetForm(), Version: now.GetVersion()},
		func(_ app.Context, got *portalv1.GetFormResponse, err error) {
			if err != nil {
				return
			}
			if d.form, err = engine.ReadChecked(got.GetDefinition()); err != nil {
				d.form = nil
			}
		})
}

func (d *detail) correct(app.Context) {
	ask.Do(&d.visit, &d.acted, portal().CorrectApplication, &portalv1.CorrectApplicationRequest{Id: d.id},
		func(ctx app.Context, got *portalv1.CorrectApplicationResponse, err error) {
			if err == nil {
				ctx.Navigate(draftAddress(got.GetDraft()))
			}
		})
}

func (d *detail) write(ctx app.Context) {
	d.done = lang.Text{}
	switch n := plaintext.Count(plaintext.Clean(d.more)); {
	case n == 0:
		d.wrong = textMissing
	case n > portalv1limit.WriteApplicationRequestText:
		d.wrong = textLong.F(portalv1limit.WriteApplicationRequestText)
	default:
		d.wrong = lang.Text{}
	}
	if !d.wrong.Empty() {
		kit.Focus(ctx, "application-more")
		return
	}
	request := &portalv1.WriteApplicationRequest{Id: d.id, Text: plaintext.CleanLines(d.more)}
	ask.Do(&d.visit, &d.acted, portal().WriteApplication, request,
		func(ctx app.Context, got *portalv1.WriteApplicationResponse, err error) {
			if err != nil {
				return // what was typed stays
			}
			d.take(got.GetApplication())
			d.more, d.done = "", textWritten
			kit.SetValue(ctx, "application-more", "")
			kit.Focus(ctx, "application-done")
		})
}

func (d *detail) withdraw(app.Context) {
	d.asking = false
	request := &portalv1.WithdrawApplicationRequest{Id: d.id, Reason: plaintext.CleanLines(d.reason)}
	ask.Do(&d.visit, &d.acted, portal().WithdrawApplication, request,
		func(ctx app.Context, got *portalv1.WithdrawApplicationResponse, err error) {
			if err == nil {
				d.take(got.GetApplication())
				d.done = textWithdrawnDone
				kit.Focus(ctx, "application-done")
			}
		})
}

// file asks for leave to download a file of the receipt, and has the browser do it.
func (d *detail) file(of portalv1.ApplicationFile) func(app.Context) {
	return func(app.Context) {
		ask.Do(&d.visit, &d.acted, portal().OpenApplicationFile,
			&portalv1.OpenApplicationFileRequest{Id: d.id, File: of},
			func(ctx app.Context, got *portalv1.OpenApplicationFileResponse, err error) {
				if err == nil {
					d.leave.use(ctx, "/application/file", got.GetTicket())
				}
			})
	}
}

func (d *detail) attachment(id string) func(app.Context) {
	return func(app.Context) {
		ask.Do(&d.visit, &d.acted, drafts().OpenAttachment, &portalv1.OpenAttachmentRequest{Id: id},
			func(ctx app.Context, got *portalv1.OpenAttachmentResponse, err error) {
				if err == nil {
					d.leave.use(ctx, "/draft/attachment", got.GetTicket())
				}
			})
	}
}

// Render draws it.
func (d *detail) Render() app.UI {
	title := textTitle
	if d.it != nil {
		title = titleOf(d.it)
	}
	return app.Div().Class("page page-application").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(title),
				trouble.First(d.asked.Failure, d.acted.Failure).Banner("application-failure"),
				d.asked.AsOf("application"),
				kit.NotificationBanner{ID: "application-done", Tone: kit.Success, Title: d.done}.UI(),
				app.Div().Body(d.first()...),
			},
			Rail: d.rail(),
			Body: []app.UI{app.Div().Body(d.body()...)},
		}.UI(),
		d.leave.form(),
		&kit.Dialog{
			ID: "application-withdraw-ask", Open: d.asking, Alert: true, Title: textWithdrawAsk, Body: d.withdrawBody,
			Actions: d.withdrawActions, OnClose: func(app.Context) { d.asking = false },
		},
	)
}

func (d *detail) withdrawBody() []app.UI {
	return []app.UI{
		textWithdrawBody.P(""),
		kit.TextArea{
			ID: "application-reason", Label: textWithdrawReason, Value: d.reason, Rows: 2,
			Max:     portalv1limit.WithdrawApplicationRequestReason,
			OnInput: func(_ app.Context, typed string) { d.reason = typed },
		}.UI(),
	}
}

func (d *detail) withdrawActions() []app.UI {
	return []app.UI{
		kit.Button{
			ID: "application-withdraw-back", Label: textWithdrawBack, Kind: kit.Primary,
			OnPress: func(app.Context) { d.asking = false },
		}.UI(),
		kit.Button{ID: "application-withdraw-go", Label: textWithdraw, Kind: kit.Danger, OnPress: d.withdraw}.UI(),
	}
}

// first is what must be known before all else.
func (d *detail) first() []app.UI {
	if d.it == nil {
		return nil
	}
	return []app.UI{d.receipt(), d.returned(), d.second()}
}

func (d *detail) body() []app.UI {
	if d.it == nil {
		return []app.UI{d.asked.Waiting("application", 6)}
	}
	return []app.UI{d.standing(), d.corrected(), d.timeline(), d.messages(), d.files(), d.answers()}
}

// rail says whose turn it is, and until when.
func (d *detail) rail() kit.Rail {
	if d.it == nil {
		return kit.Rail{}
	}
	rail := kit.Rail{
		ID: "application-rail", Where: app.Span().Text(d.it.GetOfficeName()), Next: stateOf(d.it.GetState()).now.UI(),
	}
	if d.it.GetDueAt() > 0 {
		rail.Until = kit.DateText(moment(d.it.GetDueAt()))
	}
	if d.isReturned() {
		rail.Action = kit.Button{
			ID: "application-correct", Label: textCorrect, Kind: kit.Primary, Busy: d.acted.Busy, OnPress: d.correct,
		}.UI()
	}
	return rail
}

func (d *detail) isReturned() bool {
	return d.it.GetState() == portalv1.ApplicationState_APPLICATION_STATE_RETURNED && len(d.it.GetSteps()) > 0
}

// receipt says that it was sent, with its number, at once.
func (d *detail) receipt() app.UI {
	place := app.Div()
	if !d.sent {
		return place
	}
	if d.it.GetNumber() == "" {
		return place.Body(kit.NotificationBanner{
			ID: "application-sent", Tone: kit.Info, Title: textSignedFirst, Body: []app.UI{textSignedFirstBody.P("")},
		}.UI())
	}
	return place.Class("empty").Body(scene.Lit(scene.Medium), app.Div().Class("empty-words").Body(
		app.P().ID("application-sent").Body(textReceived.F(d.it.GetNumber()).UI()), textReceivedBody.P(""),
	))
}

func (d *detail) standing() app.UI {
	s := stateOf(d.it.GetState())
	rows := []kit.Row{
		{Name: textStateName, Value: app.Span().ID("application-state").Body(kit.ChipLabel(s.tone, s.name))},
	}
	if d.it.GetNumber() != "" {
		rows = append(rows, kit.Row{
			Name: textNumber, Value: app.Span().ID("application-number").Text(d.it.GetNumber()),
		})
	}
	if d.it.GetArrivedAt() > 0 {
		arrived := []app.UI{kit.DateTimeText(moment(d.it.GetArrivedAt()))}
		if d.it.GetLate() {
			arrived = append(arrived, app.Text("　"), kit.ChipLabel(kit.Warning, textLate))
		}
		rows = append(rows, kit.Row{Name: textArrivedAt, Value: app.Span().Body(arrived...)})
	}
	if d.it.GetUsualOf() > 0 {
		rows = append(rows, kit.Row{
			Name: textUsualName, Value: textUsual.F(int(d.it.GetUsualDays()), int(d.it.GetUsualOf())).UI(),
		})
	}
	if d.it.GetGoneAt() > 0 {
		rows = append(rows, kit.Row{Name: textGoneName, Value: kit.DateText(moment(d.it.GetGoneAt()))})
	}
	twin := app.Div()
	if d.it.GetTwin() != "" {
		twin = twin.Body(kit.NotificationBanner{Tone: kit.Warning, Title: textTwin, Body: []app.UI{
			kit.Link{Label: textTwinOpen, Href: path + "/" + d.it.GetTwin()}.UI(),
		}}.UI())
	}
	return app.Section().Class("part").Body(kit.Facts(rows...), d.keeping(), twin)
}

// returned is what the office wants corrected.
func (d *detail) returned() app.UI {
	place := app.Div()
	if !d.isReturned() {
		return place
	}
	last := d.it.GetSteps()[len(d.it.GetSteps())-1]
	body := d.reasons(last)
	if last.GetNote() != "" {
		body = append(body, kit.Paragraphs(last.GetNote()))
	}
	return place.Body(kit.NotificationBanner{
		ID: "application-returned", Tone: kit.Warning, Title: textReturnedUntil.F(lang.Date(moment(d.it.GetDueAt()))),
		Body: body,
	}.UI())
}

func (d *detail) reasons(step *portalv1.ApplicationStep) (lines []app.UI) {
	for _, r := range step.GetReasons() {
		var names []app.UI
		for _, f := range r.GetFields() {
			if d.form != nil {
				names = append(names, form.Of(d.form, f).Span(""), app.Text("・"))
			}
		}
		words := app.Span().Text(r.GetText())
		if r.GetText() == "" {
			words = app.Span().Body(reasonText(r.GetCode()).UI())
		}
		lines = append(lines, app.P().Body(append(names, words)...))
	}
	return lines
}

func reasonText(code string) lang.Text {
	all := map[string]lang.Text{
		"R01": textR01, "R02": textR02, "R03": textR03, "R04": textR04, "R05": textR05, "R06": textR06, "R07": textR07,
		"R08": textR08, "R09": textR09, "R10": textR10, "R11": textR11, "R12": textR12,
	}
	if t, ok := all[code]; ok {
		return t
	}
	return lang.Plain(code)
}

// second is how it stands with the second signature.
func (d *detail) second() app.UI {
	c := d.it.GetCosign()
	place := app.Div()
	if c == nil {
		return place
	}
	if c.GetSignedAt() > 0 {
		return place.Body(app.P().Body(textCosigned.F(c.GetSigner(), lang.DateTime(moment(c.GetSignedAt()))).UI()))
	}
	if c.GetToken() == "" {
		return place
	}
	link := "/cosign#" + c.GetToken()
	if !app.IsServer {
		link = app.Window().Get("location").Get("origin").String() + link
	}
	return place.Body(kit.NotificationBanner{
		ID: "application-cosign", Tone: kit.Warning, Title: textCosignWaits.F(c.GetName()), Body: []app.UI{
			textCosignHow.P(""), app.P().Body(app.Code().Class("digest").ID("application-cosign-link").Text(link)),
			app.Div().Class("actions").Body(
				kit.Button{
					ID: "application-cosign-share", Label: textCosignShare,
					OnPress: func(app.Context) { d.share(link) },
				}.UI(),
				kit.Link{Label: textCosignHere, Href: "/cosign#" + c.GetToken(), Kind: kit.Secondary}.UI(),
			),
			app.Div().Attr("role", "status").Body(d.copied.P("")),
		},
	}.UI())
}

// share hands the link on by what the device has for that. Where it has nothing, the link stands there to be copied.
func (d *detail) share(link string) {
	title := titleOf(d.it).String()
	d.copied = lang.Text{}
	d.visit.Page.Async(func() {
		shared := browser.Share(title, link)
		d.visit.Page.Dispatch(func(app.Context) {
			switch {
			case shared.Copied:
				d.copied = textCosignCopied
			case shared.Address != "":
				d.copied = textCosignCopyThis
			}
		})
	})
}

func (d *detail) timeline() app.UI {
	steps := d.it.GetSteps()
	items := make([]app.UI, len(steps))
	for i, step := range steps {
		s := stateOf(step.GetState())
		body := []app.UI{app.Div().Class("course-top").Body(
			kit.ChipLabel(s.tone, s.name), kit.DateTimeText(moment(step.GetAt())),
		)}
		body = append(body, d.reasons(step)...)
		if step.GetNote() != "" {
			body = append(body, kit.Paragraphs(step.GetNote()))
		}
		if step.GetObjection() != "" {
			body = append(body, textObjection.H3(""), kit.Paragraphs(step.GetObjection()))
		}
		items[i] = app.Li().Class("course-step").Body(body...)
	}
	return app.Section().Class("part").Body(textSteps.H2("part-title"), app.Ol().Class("course").Body(items...))
}

// corrected is what was corrected last, each answer as it was and as it is.
func (d *detail) corrected() app.UI {
	place := app.Div()
	now, before := d.read(d.it.GetAnswers()), d.read(d.it.GetBefore())
	if now == nil || before == nil {
		return place
	}
	rows := form.Differences(d.form, before, now)
	if len(rows) == 0 {
		return place
	}
	return place.Body(app.Section().ID("application-corrected").Class("part").Body(
		textCorrected.H2("part-title"), kit.Facts(rows...),
	))
}

// read reads answers; nil where there are none, or the form is not known yet.
func (d *detail) read(answers []byte) engine.Answers {
	if d.form == nil || len(answers) == 0 {
		return nil
	}
	read, err := d.form.ReadAnswers(answers)
	if err != nil {
		return nil
	}
	return read
}

func (d *detail) messages() app.UI {
	all := d.it.GetMessages()
	list := make([]app.UI, len(all))
	for i, m := range all {
		who := textYou
		if m.GetByOffice() {
			who = lang.Plain(d.it.GetOfficeName())
		}
		list[i] = app.Section().Class("written").Body(
			app.P().Class("written-by").Body(who.UI(), app.Text("　"), kit.DateTimeText(moment(m.GetAt()))),
			kit.Paragraphs(m.GetText()),
		)
	}
	if d.it.GetNumber() == "" { // the office has nothing yet
		return app.Section().Class("part").Body(app.Div().Class("actions").Body(d.withdrawButton()...))
	}
	class := "part"
	if len(all) == 0 {
		class += " no-print" // on paper nobody writes
	}
	return app.Section().Class(class).Body(
		textMessages.H2("part-title"), app.Div().Body(list...),
		kit.TextArea{
			ID: "application-more", Label: textMore, Value: d.more, Error: d.wrong,
			Max:     portalv1limit.WriteApplicationRequestText,
			OnInput: func(_ app.Context, typed string) { d.more = typed },
		}.UI(),
		app.Div().Class("actions").Body(
			kit.Button{ID: "application-write", Label: textWrite, Busy: d.acted.Busy, OnPress: d.write}.UI(),
			app.Span().Body(d.withdrawButton()...),
		),
	)
}

func (d *detail) withdrawButton() []app.UI {
	if !d.it.GetMayWithdraw() {
		return nil
	}
	return []app.UI{kit.Button{
		ID: "application-withdraw", Label: textWithdraw, Kind: kit.TextOnly,
		OnPress: func(app.Context) { d.asking = true },
	}.UI()}
}

// files are the receipt and what was attached, to be taken along.
func (d *detail) files() app.UI {
	place := app.Section().Class("part")
	var body []app.UI
	if d.it.GetNumber() != "" {
		body = append(body, textReceipt.H2("part-title"), textReceiptLead.P(""))
		if shell.CurrentSession().SharedDevice {
			body = append(body, textFilesStay.P("no-print"))
		}
		body = append(body, app.Div().Class("actions").Body(
			kit.PrintButton("application-print"),
			kit.Button{
				ID: "application-pdf", Label: textPDF, Icon: kit.IconDownload, Busy: d.acted.Busy,
				OnPress: d.file(portalv1.ApplicationFile_APPLICATION_FILE_PDF),
			}.UI(),
			kit.Button{
				ID: "application-data", Label: textData, Icon: kit.IconDownload, Busy: d.acted.Busy,
				OnPress: d.file(portalv1.ApplicationFile_APPLICATION_FILE_DATA),
			}.UI(),
		))
	}
	if s := d.it.GetSigning(); s != nil {
		rows := []kit.Row{
			{Name: textSigner, Value: app.Span().Text(s.GetSigner())},
			{Name: textStamped, Value: stamped(s)},
			{Name: textDigest, Value: app.Code().Class("digest").Text(s.GetDigest())},
		}
		body = append(body, kit.Facts(rows...))
	}
	for _, at := range d.it.GetAttachments() {
		body = append(body, attached(at, d.acted.Busy, d.attachment(at.GetId())))
	}
	return place.Body(body...)
}

func stamped(s *portalv1.Signing) app.UI {
	if s.GetStampedAt() == 0 {
		return textStampLater.UI()
	}
	return kit.DateTimeText(moment(s.GetStampedAt()))
}

// answers are what was sent last, with what was changed since it was returned.
func (d *detail) answers() app.UI {
	place := app.Div()
	sent, before := d.read(d.it.GetAnswers()), d.read(d.it.GetBefore())
	if sent == nil {
		return place
	}
	at := d.it.GetArrivedAt()
	if at == 0 {
		at = time.Now().UnixMilli()
	}
	result := d.form.Evaluate(sent, engine.Moment{Today: clock.Day(moment(at)), Office: d.it.GetPlace()})
	return place.Body(kit.Disclosure{
		ID: "application-answers", Summary: textAnswers,
		Body: form.Review(result, d.form, before, nil),
	}.UI())
}
