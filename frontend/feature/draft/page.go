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
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/vault"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Render draws the beginning, or the step that the address names.
func (a *apply) Render() app.UI {
	title := textTitle
	if a.form != nil && len(a.done) == 0 {
		title = form.Of(a.form, "title")
	}
	failure := trouble.First(a.failure, a.asked.Failure, a.opened.Failure, a.listed.Failure, a.dropped.Failure)
	return app.Div().Class("page page-apply").Body(
		kit.Detail{
			Head: []app.UI{shell.Heading(title), failure.Banner("apply-failure"), a.asked.AsOf("apply")},
			Rail: a.rail(),
			Body: a.body(),
		}.UI(),
	)
}

func (a *apply) body() []app.UI {
	switch {
	case a.form == nil:
		return []app.UI{a.asked.Waiting("apply", 6)}
	case len(a.done) > 0:
		return []app.UI{a.receipts()}
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
	whom := place.Office(a.got.GetPlaceName(), a.got.GetPlaceEnglish(), a.got.GetOfficeName())
	return app.P().Class("apply-to").Body(kit.Icon(kit.IconBuilding), textTo.F(whom).UI())
}

// front says what is needed, and offers the drafts that there are before a new one.
func (a *apply) front() []app.UI {
	body := []app.UI{form.Of(a.form, "lead").P("lead"), a.addressee(), a.togetherUI()}
	if a.went {
		body = append(body, kit.NotificationBanner{
			ID: "apply-went", Tone: kit.Info, Title: textWasSent, Body: []app.UI{
				kit.Link{Label: textToList, Href: "/applications", Kind: kit.Primary}.UI(),
			},
		}.UI())
	}
	if a.outside.is() {
		body = append(body, a.outsideNotice())
	}
	known := map[string]bool{}
	for _, d := range a.others {
		known[d.GetId()] = true
	}
	for i, l := range a.lying {
		if known[l.Kept.Draft] {
			continue // it is met when that one is opened
		}
		body = append(body, kit.NotificationBanner{
			Tone: kit.Info, Title: textOnlyHere, Body: []app.UI{
				textOnlyHereBody.P(""),
				kit.Button{
					ID: "apply-device-" + strconv.Itoa(i), Label: textResume, Kind: kit.Primary,
					OnPress: func(ctx app.Context) { a.resume(ctx, l.Kept) },
				}.UI(),
			},
		}.UI())
	}
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
	papers := a.papers()
	if len(papers) <= fewPapers {
		for _, p := range papers {
			needs = append(needs, textNeedsFile.F(p).Li(""))
		}
		papers = nil
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
	if len(a.others)+len(a.lying) > 0 {
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
			textNeeds.H2("part-title"), app.Ul().Class("dots").Body(needs...), paperList(papers), days,
			a.comesAs(),
		),
		hint, app.Div().Class("actions").Body(begin...),
	)
}

// comesAs is the paper by which the office answers.
func (a *apply) comesAs() app.UI {
	name := form.Of(a.form, "document")
	if name.Empty() {
		return app.P()
	}
	return textDocument.F(name).P("")
}

// fewPapers is how many papers are listed at once; more are folded away, since nobody needs all of them.
const fewPapers = 3

// papers are those that somebody may have to attach.
func (a *apply) papers() (list []lang.Text) {
	for _, s := range a.form.Sections {
		for _, f := range s.Fields {
			if f.Type == engine.Files {
				list = append(list, form.Of(a.form, f.ID))
			}
		}
	}
	return list
}

func paperList(papers []lang.Text) app.UI {
	place := app.Div().Class("apply-way")
	if len(papers) == 0 {
		return place
	}
	items := make([]app.UI, len(papers))
	for i, p := range papers {
		items[i] = p.Li("")
	}
	return place.Body(kit.Disclosure{
		ID: "apply-papers", Summary: textPapers.F(len(papers)), Body: []app.UI{app.Ul().Class("dots").Body(items...)},
	}.UI())
}

// outsideNotice says that a link of somebody else's led here, and which questions it would answer.
func (a *apply) outsideNotice() app.UI {
	title := textOpenedOutside
	if a.outside.Host != "" {
		title = textOpenedFrom.F(a.outside.Host)
	}
	body := []app.UI{textOpenedOutsideBody.P("")}
	if a.outside.Fragment != "" {
		body = append(body, textOpenedOutsideFills.P(""))
	}
	return kit.NotificationBanner{ID: "apply-outside", Tone: kit.Warning, Title: title, Body: body}.UI()
}

// filling is the form, a section after another or all at once, then all of it to read, then the signature.
func (a *apply) filling() []app.UI {
	at, steps := a.at(), a.steps()
	a.viewed = a.view()
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
		a.togetherUI(),
		a.notices(),
		kit.NotificationBanner{ID: "apply-did", Tone: kit.Info, Title: a.did}.UI(),
		a.both(),
		kit.ErrorSummary{ID: "apply-faults", Errors: a.faults}.UI(),
		app.P().ID("apply-at").Class("hint").Body(where.UI()),
		app.Div().ID("apply-step").DataSet("step", at).TabIndex(-1).Body(
			// An element of its own for each section, so that no question of one becomes one of another.
			app.Range(a.form.Sections).Slice(func(i int) app.UI {
				s := a.form.Sections[i]
				if !a.sheet.Result.SectionShown(s.ID) || at != s.ID && at != stepAll {
					return app.Div().Class("step-gone")
				}
				return app.Section().Class("part apply-section").Body(append([]app.UI{
					form.Of(a.form, "section."+s.ID).H2("part-title"),
					form.Of(a.form, "section."+s.ID+".help").P("hint"),
					a.helps(s),
				}, a.sheet.Draw(s.ID)...)...)
			}),
			a.review(at), a.signing(at),
		),
		a.buttons(at, steps),
	}
}

// notices are what the whole draft wants said.
func (a *apply) notices() app.UI {
	var list []app.UI
	if a.kept.Linked {
		list = append(list, kit.NotificationBanner{ID: "apply-linked", Tone: kit.Warning, Title: textLinked}.UI())
	}
	if a.got.GetCurrent() != "" && a.got.GetCurrent() != a.form.Version {
		list = append(list, a.oldVersion())
	}
	list = append(list, a.carriedOver()...)
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
	if a.several() && !a.last() {
		name := a.names[a.index()+1]
		title := lang.Plain(name)
		if p := a.parts[name]; p != nil && p.form != nil {
			title = form.Of(p.form, "title")
		}
		return kit.Button{
			ID: "apply-onward", Label: textToPart.F(title), Kind: kit.Primary, OnPress: func(ctx app.Context) {
				if a.faults = a.checkAll(); len(a.faults) > 0 {
					kit.Focus(ctx, "apply-faults")
					return
				}
				a.toPart(ctx, name, "")
			},
		}.UI()
	}
	if a.signs() {
		return kit.Button{
			ID: "apply-sign", Label: textToSign, Kind: kit.Primary, Icon: kit.IconSign, OnPress: a.toSign,
		}.UI()
	}
	return kit.Button{
		ID: "apply-send", Label: textSend, Kind: kit.Primary, Icon: kit.IconSend, Busy: a.dropped.Busy,
		OnPress: a.sendUnsigned,
	}.UI()
}

// signs says whether the card is to sign something of what is filed.
func (a *apply) signs() bool {
	for _, name := range a.names {
		if p := a.parts[name]; p != nil && p.form != nil && p.form.Sign == engine.SignCard {
			return true
		}
	}
	return a.form.Sign == engine.SignCard
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
	if before != nil {
		if rows := form.Differences(a.form, before, a.sheet.Result.Answers()); len(rows) > 0 {
			body = append(body, app.Section().ID("apply-differences").Class("part").Body(
				textDifferences.H2("part-title"), kit.Facts(rows...)))
		}
	}
	body = append(body, form.Review(a.sheet.Result, a.form, before, func(section string) app.UI {
		return kit.Button{
			ID: "review-" + section, Label: textEdit.F(form.Of(a.form, "section."+section)), Kind: kit.TextOnly,
			Icon: kit.IconEdit, OnPress: func(ctx app.Context) { a.lead(ctx, section) },
		}.UI()
	})...)
	who := app.Div()
	if a.form.Sign == engine.SignCard {
		who = who.Body(textSigner.F(a.signer()).P(""))
	}
	return app.Div().Class("apply-review").Body(append(body,
		app.Section().Class("part").Body(
			textBeforeSending.H2("part-title"), who, textCommonReturns.P(""),
			kit.Checkbox{ID: "apply-tell", Label: textTell, Hint: textTellHint, Checked: a.tell,
				OnChange: func(_ app.Context, on bool) { a.tell = on }}.UI(),
			&channels{},
		),
	)...)
}

// signing is the card's.
func (a *apply) signing(at string) app.UI {
	if at != stepSign {
		return app.Div().Class("step-gone")
	}
	if len(a.differing) > 0 {
		return a.differs()
	}
	titles := app.Ul().Class("dots")
	if all, _ := a.all(); len(all) > 1 {
		items := make([]app.UI, len(all))
		for i, w := range all {
			items[i] = form.Of(w.form, "title").Li("")
		}
		titles = titles.Body(items...)
	}
	return app.Section().Class("part").Body(
		textSignTitle.H2("part-title"), textSigner.F(a.signer()).P(""), titles,
		&sign.Pad{Action: textSignAndSend, Documents: a.documents, Use: a.use, Done: a.sent},
	)
}

// differs says what the certificate that signed has otherwise, before anything is sent.
func (a *apply) differs() app.UI {
	var rows []kit.Row
	section := ""
	for _, d := range a.differing {
		rows = append(rows, kit.Row{Name: form.Of(d.of, d.field), Value: app.Div().Body(
			app.Div().Body(textYours.UI(), app.Text(" "), app.Elem("bdi").Text(d.mine)),
			app.Div().Body(textCertified.UI(), app.Text(" "), app.Elem("bdi").Text(d.its)),
		)})
		if d.of == a.form && section == "" {
			section = a.sheet.SectionOf(d.field)
		}
	}
	return app.Section().Class("part").Body(kit.NotificationBanner{
		ID: "apply-differing", Tone: kit.Warning, Title: textDiffering, Body: []app.UI{
			textDifferingBody.P(""), kit.Facts(rows...),
			app.Div().Class("actions").Body(
				kit.Button{ID: "apply-mend", Label: textMend, Kind: kit.Primary, OnPress: func(ctx app.Context) {
					a.differing = nil
					if section == "" {
						section = stepReview
					}
					a.lead(ctx, section)
				}}.UI(),
				kit.Button{ID: "apply-as-is", Label: textSendAsIs, Busy: a.dropped.Busy, OnPress: a.sendAsIs}.UI(),
			),
		},
	}.UI())
}

// sendUnsigned sends a form that asks for no signature.
func (a *apply) sendUnsigned(ctx app.Context) {
	if a.faults = a.checkAll(); len(a.faults) > 0 {
		kit.Focus(ctx, "apply-faults")
		return
	}
	if a.dropped.Busy || !a.whole(ctx) {
		return
	}
	if _, signs := a.documents(ctx); signs || len(a.outgoing) == 0 {
		return
	}
	a.sendAsIs(ctx)
}

// sendAsIs sends what is made, off the UI's goroutine.
func (a *apply) sendAsIs(app.Context) {
	if a.dropped.Busy {
		return
	}
	a.dropped.Busy, a.failure = true, trouble.Message{}
	a.visit.Page.Async(func() {
		err := a.sendAll(context.Background())
		a.visit.Page.Dispatch(func(ctx app.Context) {
			a.dropped.Busy = false
			if err != nil {
				a.failure = trouble.Words(err)
				kit.Focus(ctx, "apply-failure")
				return
			}
			a.differing = nil
			a.sent(ctx)
		})
	})
}

// sent shows what came of it.
func (a *apply) sent(app.Context) {
	ctx := a.visit.Page
	if len(a.differing) > 0 {
		kit.Focus(ctx, "apply-differing")
		return
	}
	var went, refused []sentBy
	for _, one := range a.came {
		if len(one.faults) > 0 {
			refused = append(refused, one)
			continue
		}
		went = append(went, one)
		a.over(one.name)
	}
	if len(refused) > 0 {
		a.again(ctx, refused, len(went) > 0)
		return
	}
	switch {
	case a.several():
		a.done = went
		kit.Focus(ctx, "apply-done")
	case went[0].waits:
		a.waits, a.said = a.outgoing[0].GetId(), false
		kit.Focus(ctx, "apply-waits")
	default:
		ctx.Navigate("/applications/" + went[0].application.GetId() + "?sent=1")
	}
}

// over ends a draft here once it was sent.
func (a *apply) over(name string) {
	if name == a.name {
		a.forget(a.kept)
		a.tab.Drop()
		a.kept = kept{}
		return
	}
	if p := a.parts[name]; p != nil && p.form != nil {
		a.forget(a.keptOf(p.form))
		vault.Drop(draftName(a.place, p.form.ID))
	}
}

// again goes on with what the portal refused; of several, what it took is done with.
func (a *apply) again(ctx app.Context, refused []sentBy, some bool) {
	if !some && len(refused) == 1 && refused[0].name == a.name {
		a.refuse(ctx, refused[0].faults)
		return
	}
	var names []string
	for _, one := range refused {
		names = append(names, one.name)
		a.refused[one.name] = one.faults
	}
	if some {
		ctx.Navigate(prefix + a.place + "/" + strings.Join(names, ","))
		return
	}
	a.toPart(ctx, names[0], stepReview)
}
