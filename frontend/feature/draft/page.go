package draft

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Render draws the beginning, or the step that the address names.
func (a *apply) Render() app.UI {
	title := textTitle
	if a.form != nil {
		title = form.Of(a.form, "title")
	}
	failure := trouble.First(a.failure, a.asked.Failure, a.opened.Failure, a.listed.Failure, a.dropped.Failure)
	return app.Div().Class("page page-apply").Body(
		shell.Heading(title),
		failure.Banner("apply-failure"),
		a.asked.AsOf("apply"),
		app.Div().Body(a.body()...),
	)
}

func (a *apply) body() []app.UI {
	switch {
	case a.form == nil:
		return []app.UI{a.asked.Waiting("apply", 6)}
	case a.waits != "":
		return a.waiting()
	case a.sheet != nil:
		return a.filling()
	case a.opened.Busy:
		return []app.UI{a.opened.Waiting("draft", 6)}
	}
	return a.front()
}

// addressee is to whom it is sent.
func (a *apply) addressee() app.UI {
	whom := a.got.GetOfficeName()
	if place := a.got.GetPlaceName(); !strings.HasPrefix(whom, place) {
		whom = place + "　" + whom
	}
	return app.P().Class("apply-to").Body(kit.Icon(kit.IconBuilding), textTo.F(whom).UI())
}

// front says what is needed, and offers the drafts that there are before a new one.
func (a *apply) front() []app.UI {
	body := []app.UI{form.Of(a.form, "lead").P("lead"), a.addressee()}
	for i, d := range a.others {
		kind := kit.Secondary
		if i == 0 {
			kind = kit.Primary
		}
		body = append(body, kit.NotificationBanner{
			Tone: kit.Info, Title: textThereIsOne.F(lang.DateTime(time.UnixMilli(d.GetChangedAt()))), Body: []app.UI{
				textUntil.F(lang.Date(time.UnixMilli(d.GetGoneAt()))).P(""),
				kit.Button{
					ID: "apply-resume-" + strconv.Itoa(i), Label: textResume, Kind: kind,
					OnPress: func(app.Context) { a.fetch(d.GetId(), false) },
				}.UI(),
			},
		}.UI())
	}
	needs := []app.UI{textNoNumber.Li("")}
	switch a.form.Sign {
	case engine.SignCard:
		needs = append(needs, textNeedsCard.Li(""))
	case engine.SignLogin:
		needs = append(needs, textNeedsLogin.Li(""))
	}
	for _, s := range a.form.Sections {
		for _, f := range s.Fields {
			if f.Type == engine.Files {
				needs = append(needs, textNeedsFile.F(form.Of(a.form, f.ID)).Li(""))
			}
		}
	}
	if a.form.Cosign != nil {
		needs = append(needs, textNeedsCosign.Li(""))
	}
	if a.form.Deadline != nil {
		needs = append(needs, textDeadline.F(form.Of(a.form, a.form.Deadline.From), a.form.Deadline.Days).Li(""))
	}
	days := app.P()
	switch {
	case a.got.GetUsualOf() > 0:
		days = days.Body(textUsual.F(int(a.got.GetUsualDays()), int(a.got.GetUsualOf())).UI())
	case a.form.StandardDays > 0:
		days = days.Body(textStandard.F(a.form.StandardDays).UI())
	}
	begin := []app.UI{}
	kind := kit.Primary
	if len(a.others) > 0 {
		kind = kit.Secondary
	}
	if len(a.known) > 0 {
		begin = append(begin, kit.Button{
			ID: "apply-start-known", Label: textStartKnown, Kind: kind,
			OnPress: func(ctx app.Context) { a.start(ctx, true) },
		}.UI())
		kind = kit.Secondary
	}
	begin = append(begin, kit.Button{
		ID: "apply-start", Label: textStart, Kind: kind, Busy: a.wanted, OnPress: a.startBlank,
	}.UI())
	hint := app.P().Class("hint")
	if len(a.known) > 0 {
		hint = hint.Body(textStartKnownHint.UI())
	}
	return append(body,
		app.Section().Class("part").Body(
			textNeeds.H2("part-title"), app.Ul().Class("dots").Body(needs...), days,
			form.Of(a.form, "document").P("hint"),
		),
		hint, app.Div().Class("actions").Body(begin...),
		textKeptHint.P("hint"),
	)
}

// filling is the form, a section after another or all at once, then all of it to read, then the signature.
func (a *apply) filling() []app.UI {
	at, steps := a.at(), a.steps()
	number := len(steps)
	for i, s := range steps {
		if s == at {
			number = i + 1
		}
	}
	where := textStep.F(number, len(steps))
	if at == stepAll {
		where = textAllAtOnce
	}
	return []app.UI{
		a.addressee(),
		a.notices(),
		a.both(),
		kit.ErrorSummary{ID: "apply-faults", Errors: a.faults}.UI(),
		app.P().ID("apply-at").Class("hint").Body(where.UI()),
		app.Div().ID("apply-step").TabIndex(-1).Body(
			// An element of its own for each section, so that no question of one becomes one of another.
			app.Range(a.form.Sections).Slice(func(i int) app.UI {
				s := a.form.Sections[i]
				if !a.sheet.Result.SectionShown(s.ID) || at != s.ID && at != stepAll {
					return app.Div().Class("step-gone")
				}
				return app.Section().Class("part apply-section").Body(append([]app.UI{
					form.Of(a.form, "section."+s.ID).H2("part-title"),
					form.Of(a.form, "section."+s.ID+".help").P("hint"),
				}, a.sheet.Draw(s.ID)...)...)
			}),
			a.review(at), a.signing(at),
		),
		a.buttons(at, steps),
		app.P().ID("apply-kept").Class("flow-kept").Attr("role", "status").Body(a.stand().UI()),
	}
}

// notices are what the whole draft wants said.
func (a *apply) notices() app.UI {
	var list []app.UI
	if a.kept.Linked {
		list = append(list, kit.NotificationBanner{ID: "apply-linked", Tone: kit.Warning, Title: textLinked}.UI())
	}
	if a.got.GetCurrent() != "" && a.got.GetCurrent() != a.form.Version {
		until := textOldVersion
		if day := a.got.GetUntil(); day != "" {
			until = textOldVersionUntil.F(lang.Day(day))
		}
		list = append(list, kit.NotificationBanner{ID: "apply-version", Tone: kit.Warning, Title: until}.UI())
	}
	if a.returned != nil {
		for _, step := range slices.Backward(a.returned.application.GetSteps()) {
			if step.GetState() == portalv1.ApplicationState_APPLICATION_STATE_RETURNED {
				list = append(list, a.returnedNotice(step))
				break
			}
		}
	}
	return app.Div().Body(list...)
}

func (a *apply) returnedNotice(step *portalv1.ApplicationStep) app.UI {
	var body []app.UI
	if step.GetNote() != "" {
		body = append(body, kit.Paragraphs(step.GetNote()))
	}
	for _, r := range step.GetReasons() {
		for _, f := range r.GetFields() {
			body = append(body, app.P().Body(
				a.sheet.Label(f).UI(), app.Text(": "), app.Span().Text(r.GetText()),
			))
		}
	}
	return kit.NotificationBanner{
		ID: "apply-returned", Tone: kit.Warning,
		Title: textReturned.F(lang.Date(time.UnixMilli(step.GetDueAt()))), Body: append(body, textOnlyThese.P("")),
	}.UI()
}

func (a *apply) buttons(at string, steps []string) app.UI {
	place := app.Div().Class("actions")
	back := kit.Button{ID: "apply-back", Label: textBack, OnPress: a.back}.UI()
	if at == steps[0] || at == stepAll {
		back = kit.Link{Label: textToList, Href: "/applications", Kind: kit.TextOnly}.UI()
	}
	switch at {
	case stepSign:
		return place.Body(back)
	case stepReview:
		return place.Body(a.onward(), back)
	}
	next := kit.Button{ID: "apply-next", Label: textNext, Kind: kit.Primary, OnPress: a.next}
	other := kit.Button{ID: "apply-all", Label: textShowAll, Kind: kit.TextOnly, OnPress: func(ctx app.Context) {
		a.lead(ctx, stepAll)
	}}
	if at == stepAll {
		other = kit.Button{ID: "apply-each", Label: textShowEach, Kind: kit.TextOnly, OnPress: func(ctx app.Context) {
			a.lead(ctx, steps[0])
		}}
	}
	return place.Body(next.UI(), back, other.UI())
}

// onward leads to the card, or sends at once where none is asked for.
func (a *apply) onward() app.UI {
	if a.form.Sign == engine.SignCard {
		return kit.Button{
			ID: "apply-sign", Label: textToSign, Kind: kit.Primary, Icon: kit.IconSign, OnPress: a.toSign,
		}.UI()
	}
	return kit.Button{
		ID: "apply-send", Label: textSend, Kind: kit.Primary, Icon: kit.IconSend, Busy: a.dropped.Busy,
		OnPress: a.sendUnsigned,
	}.UI()
}

// review is all that will be sent, to be read.
func (a *apply) review(at string) app.UI {
	if at != stepReview {
		return app.Div().Class("step-gone")
	}
	var before engine.Answers
	if a.returned != nil {
		before = a.returned.before
	}
	late := app.Div()
	if a.sheet.Result.Late && a.returned == nil {
		late = late.Body(kit.NotificationBanner{ID: "apply-late", Tone: kit.Warning, Title: textLate}.UI())
	}
	warnings := app.Ul().Class("dots")
	var list []app.UI
	for _, f := range a.sheet.Result.Faults {
		if f.Level != engine.Error {
			list = append(list, a.sheet.Words(f).Li(""))
		}
	}
	body := []app.UI{textReviewLead.P("lead"), late, warnings.Body(list...)}
	body = append(body, form.Review(a.sheet.Result, a.form, before, func(section string) app.UI {
		return kit.Button{
			ID: "review-" + section, Label: textEdit.F(form.Of(a.form, "section."+section)), Kind: kit.TextOnly,
			Icon: kit.IconEdit, OnPress: func(ctx app.Context) { a.lead(ctx, section) },
		}.UI()
	})...)
	name, _ := a.signer()
	who := app.Div()
	if a.form.Sign == engine.SignCard {
		who = who.Body(textSigner.F(name).P(""))
	}
	return app.Div().Class("apply-review").Body(append(body,
		app.Section().Class("part").Body(
			textBeforeSending.H2("part-title"), who, textCommonReturns.P(""),
			kit.Checkbox{ID: "apply-tell", Label: textTell, Hint: textTellHint, Checked: a.tell,
				OnChange: func(_ app.Context, on bool) { a.tell = on }}.UI(),
		),
	)...)
}

// signing is the card's.
func (a *apply) signing(at string) app.UI {
	if at != stepSign {
		return app.Div().Class("step-gone")
	}
	name, _ := a.signer()
	return app.Section().Class("part").Body(
		textSignTitle.H2("part-title"), textSigner.F(name).P(""),
		&sign.Pad{Action: textSignAndSend, Document: a.toBeSigned, Use: a.use, Done: a.sent},
	)
}

// sentBy is what came of sending, told by the goroutine that sends.
type sentBy struct {
	application *portalv1.Application
	faults      []*portalv1.FormFault
	waits       bool
}

// toBeSigned makes the document anew when the button is pressed.
func (a *apply) toBeSigned(app.Context) (sign.Document, bool) {
	if !a.ready() {
		return sign.Document{}, false
	}
	name, birth := a.signer()
	content := a.document()
	a.outgoing = a.request(nil)
	title := form.Of(a.form, "title").In(lang.Japanese)
	return sign.Document{Title: title, Content: content, Name: name, Birth: birth}, true
}

// use sends what was signed.
func (a *apply) use(ctx context.Context, cms []byte) error {
	request := a.outgoing
	request.Signature = cms
	result, err := a.sendOut(ctx, request)
	if err == nil {
		a.came = result
	}
	return err
}

func (a *apply) sendOut(ctx context.Context, request *portalv1.SendApplicationRequest) (sentBy, error) {
	got, err := sending().SendApplication(ctx, request)
	if rpc.Kept(err) {
		return sentBy{waits: true}, nil
	}
	return sentBy{application: got.GetApplication(), faults: got.GetFaults()}, err
}

// sendUnsigned sends a form that asks for no signature.
func (a *apply) sendUnsigned(ctx app.Context) {
	if a.faults = a.sheet.Check(""); len(a.faults) > 0 {
		kit.Focus(ctx, "apply-faults")
		return
	}
	if !a.ready() || a.dropped.Busy {
		return
	}
	a.document()
	request := a.request(nil)
	a.dropped.Busy, a.failure = true, trouble.Message{}
	a.visit.Page.Async(func() {
		result, err := a.sendOut(context.Background(), request)
		a.visit.Page.Dispatch(func(ctx app.Context) {
			a.dropped.Busy = false
			if err != nil {
				a.failure = trouble.Words(err)
				kit.Focus(ctx, "apply-failure")
				return
			}
			a.came = result
			a.sent(ctx)
		})
	})
}

// sent shows what came of it.
func (a *apply) sent(app.Context) {
	ctx := a.visit.Page
	switch {
	case len(a.came.faults) > 0:
		a.refuse(ctx, a.came.faults)
	case a.came.waits:
		a.tab.Drop()
		a.waits, a.said, a.kept = a.kept.Send, false, kept{}
		kit.Focus(ctx, "apply-waits")
	default:
		a.over(ctx, a.came.application)
	}
}
