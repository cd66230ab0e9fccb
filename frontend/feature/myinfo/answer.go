package myinfo

import (
	"context"
	"net/url"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// answer is one answer, or one record of it where the address names one.
type answer struct {
	app.Compo
	visit ask.Visit
	ctx   app.Context
	asked ask.Question
	acted ask.Question
	seen  ask.Question
	filed ask.Question
	file  *portalv1.GetInfoFileResponse // that the browser was given

	id, beside string
	record     int // counts from 1; 0 is the whole answer
	view
	erasing bool
}

// withWords is an answer with the catalogue that has its words.
type withWords struct {
	catalog *catalog
	answer  *portalv1.InfoAnswer
}

func answerWithWords(ctx context.Context, request *portalv1.GetInfoAnswerRequest) (w withWords, err error) {
	response, err := portal().GetInfoAnswer(ctx, request)
	if err != nil {
		return w, err
	}
	w.answer = response.GetAnswer()
	w.catalog, err = catalogued(ctx)
	forgetKept(ctx)
	return w, err
}

// OnMount opens the answer of the address, and again when it changed on the portal.
func (a *answer) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	a.asked.Keeps = true
	a.ctx = ctx
	a.visit.Until(listen(func([]string) { ctx.Dispatch(func(app.Context) { a.load() }) }))
	a.open()
}

// OnNav opens what the address names.
func (a *answer) OnNav(app.Context) { a.open() }

// OnDismount gives up what is asked for.
func (a *answer) OnDismount() { a.visit.End() }

func (a *answer) open() {
	here := a.ctx.Page().URL()
	id, beside := idOf(here.Path), here.Query().Get("beside")
	a.record, _ = strconv.Atoi(here.Query().Get("record"))
	if id == a.id && beside == a.beside {
		if a.entry.open() {
			shell.SetTitle(a.name()) // the frame forgot it on the way here
		}
		kit.Focus(a.ctx, "page-title")
		return
	}
	a.id, a.beside, a.view, a.file = id, beside, view{}, nil
	a.load()
}

func (a *answer) load() {
	ask.For(&a.visit, &a.asked, answerWithWords, &portalv1.GetInfoAnswerRequest{Id: a.id, Beside: a.beside}, a.take)
}

func (a *answer) take(_ app.Context, w withWords, err error) {
	if rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND && err != nil {
		a.view = view{} // it may be gone since it was drawn
		a.asked.Failure.What, a.asked.Failure.Means, a.asked.Failure.Do = textNoAnswerYet,
			textNoAnswerYetMeans, lang.Text{}
		return
	}
	if err != nil {
		nothingKept(&a.asked)
		return
	}
	e, _ := w.catalog.detail(w.answer.GetRequest().GetWish().GetDetail())
	a.entry, a.answer, a.differs = e, w.answer, nil
	if e.open() {
		shell.SetTitle(e.name())
	}
	if !w.answer.GetRequest().GetSeen() && a.asked.Age.Kept.IsZero() {
		a.mark()
	}
}

// mark tells the portal that the answer was seen. That it could not is nothing to trouble the person with.
func (a *answer) mark() {
	ask.Do(&a.visit, &a.seen, portal().MarkInfoSeen, &portalv1.MarkInfoSeenRequest{Ids: []string{a.id}},
		func(_ app.Context, response *portalv1.MarkInfoSeenResponse, err error) {
			if err != nil {
				return
			}
			if a.answer != nil {
				a.answer.Request.Seen = true
			}
			standing.Lock()
			standing.unseen = int(response.GetUnseenCount())
			standing.Unlock()
		})
}

func (a *answer) askAgain(app.Context) {
	ask.Do(&a.visit, &a.acted, portal().AskInfoAgain, &portalv1.AskInfoAgainRequest{Id: a.id},
		func(ctx app.Context, _ *portalv1.AskInfoAgainResponse, err error) {
			if err == nil {
				kit.Announce(ctx, textAskedAgain)
				ctx.Navigate(answersPath)
			}
		})
}

// toFile has the portal write the answer as files, and the browser give them to the person.
func (a *answer) toFile(app.Context) {
	request := &portalv1.GetInfoFileRequest{Id: a.id, Language: string(lang.Current())}
	ask.Do(&a.visit, &a.filed, portal().GetInfoFile, request,
		func(ctx app.Context, response *portalv1.GetInfoFileResponse, err error) {
			if err != nil {
				kit.Focus(ctx, "info-failure")
				return
			}
			a.file = response
			browser.Save(response.GetName(), "application/zip", response.GetArchive())
			kit.Focus(ctx, "info-filed")
		})
}

// given says what the person was given, and where it is checked.
func (a *answer) given() app.UI {
	if a.file == nil {
		return app.Div()
	}
	body := []app.UI{textFiledMeans.P("")}
	if !a.file.GetStamped() {
		body = append(body, textFiledUnstamped.P(""))
	}
	return kit.NotificationBanner{
		ID: "info-filed", Tone: kit.Success, Title: textFiled.F(a.file.GetName()), Body: append(body,
			app.P().Body(kit.Link{ID: "info-check", Label: textFiledCheck, Href: "/check"}.UI())),
	}.UI()
}

func (a *answer) erase(app.Context) {
	a.erasing = false
	ask.Do(&a.visit, &a.acted, portal().EraseInfo, &portalv1.EraseInfoRequest{Ids: []string{a.id}},
		func(ctx app.Context, _ *portalv1.EraseInfoResponse, err error) {
			if err == nil {
				ctx.Navigate(answersPath)
			}
		})
}

// Render draws the answer: from whom and of when, what it says, and what can be done with it.
func (a *answer) Render() app.UI {
	title := textAnswer
	if a.answer != nil {
		title = a.name()
	}
	return app.Div().Class("page page-info").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(title),
				trouble.First(a.asked.Failure, a.acted.Failure, a.filed.Failure).Banner("info-failure"),
				a.asked.AsOf("info"),
			},
			Rail: a.rail(),
			Body: []app.UI{
				app.Div().Class("info-answer").Body(a.body()...),
				app.Div().Class("actions no-print").Body(a.ways()...),
				a.given(),
				textNoProof.P("info-no-proof"),
			},
		}.UI(),
		eraser{ID: "info-eraser", Open: a.erasing, Do: a.erase, Not: func(ctx app.Context) {
			a.erasing = false
			kit.Focus(ctx, "info-erase")
		}}.ui(),
	)
}

// rail says whom it is from, and until when it is kept.
func (a *answer) rail() kit.Rail {
	if a.answer == nil {
		return kit.Rail{}
	}
	r := a.answer.GetRequest()
	until := textKeptOpen.UI()
	if r.GetKeepUntil() > 0 {
		until = textKeptUntil.F(at(r.GetKeepUntil())).UI()
	}
	return kit.Rail{
		ID: "info-rail", Until: until,
		Contact: app.Span().Class("info-from").Body(kit.Monogram(r.GetOffice()), app.Span().Text(r.GetOffice())),
		Action: kit.Button{ID: "info-again", Label: textAskAgain, Icon: kit.IconRefresh, Busy: a.acted.Busy,
			OnPress: a.askAgain, Wide: true}.UI(),
	}
}

func (a *answer) body() []app.UI {
	if a.answer == nil {
		if a.asked.Failure.Is() {
			return nil
		}
		return []app.UI{a.asked.Waiting("info", 8)}
	}
	r := a.answer.GetRequest()
	facts := kit.Facts(
		kit.Row{Name: textFromWhom, Value: app.Span().Text(r.GetOffice())},
		kit.Row{Name: textPeriod, Value: periodOf(a.detail, r.GetWish().GetFrom(), r.GetWish().GetTo()).UI()},
		kit.Row{Name: textAsOf, Value: lang.Day(a.answer.GetAsOf()).UI()},
		kit.Row{Name: textAnsweredOn, Value: at(r.GetAnsweredAt()).UI()},
	)
	if a.answer.GetOutcome() != portalv1.InfoOutcome_INFO_OUTCOME_DATA {
		return []app.UI{a.outcome(), facts, legend(), a.earlier()}
	}
	if n := len(a.answer.GetRecords()); a.record > 0 && a.record <= n {
		return append([]app.UI{a.uncoverAll()}, append(a.one(a.record-1), facts)...)
	}
	unreadable := app.Div()
	if n := int(a.answer.GetUnreadable()); n > 0 {
		unreadable = unreadable.Body(kit.NotificationBanner{
			ID: "info-unreadable", Tone: kit.Warning, Title: textUnreadableCount.F(r.GetOffice(), n), Body: []app.UI{
				textUnreadableMeans.P(""),
			},
		}.UI())
	}
	return []app.UI{
		textSays.F(r.GetOffice(), lang.Day(a.answer.GetAsOf()),
			len(a.answer.GetRecords())).P("info-sentence"),
		unreadable, a.besideNote(), inTheirWords(a.answer.GetReason()), a.uncoverAll(),
		app.Div().Class("info-view").Body(a.overview()...), a.gone(),
		facts, legend(), a.earlier(),
	}
}

// inTheirWords is what the office adds in its own words.
func inTheirWords(reason string) app.UI {
	if reason == "" {
		return app.Div()
	}
	return app.Div().Class("written").Body(kit.Paragraphs(reason))
}

// outcome explains an answer that has no records.
func (a *answer) outcome() app.UI {
	o := a.answer.GetOutcome()
	means, tone := textNoneMeans, kit.Info
	switch o {
	case portalv1.InfoOutcome_INFO_OUTCOME_NONE:
		switch a.answer.GetNone() {
		case portalv1.InfoNone_INFO_NONE_NEVER:
			means = textNoneNever
		case portalv1.InfoNone_INFO_NONE_PERIOD:
			means = textNonePeriod
		case portalv1.InfoNone_INFO_NONE_ELSEWHERE:
			means = textNoneElsewhere
		}
	case portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED:
		means = textUnregisteredMeans
	case portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED:
		means = textUnsupportedMeans
	case portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET:
		means = textNotYetMeans
		if a.answer.GetExpected() != "" {
			means = textExpected.F(lang.Day(a.answer.GetExpected()))
		}
	case portalv1.InfoOutcome_INFO_OUTCOME_REFUSED:
		means, tone = textRefusedMeans, kit.Warning
	case portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH:
		means, tone = textTooMuchMeans, kit.Warning
	}
	return kit.NotificationBanner{ID: "info-outcome", Tone: tone, Title: outcomeWord(o), Body: []app.UI{
		means.P(""), inTheirWords(a.answer.GetReason()),
		app.P().Body(kit.Link{
			ID: "info-other", Label: textAskOther, Href: askPath + "?want=" + a.detail.GetKey(),
		}.UI()),
	}}.UI()
}

// address is that of this answer with another record, or beside another answer.
func (a *answer) address(record int, beside string) string {
	query := url.Values{}
	if record > 0 {
		query.Set("record", strconv.Itoa(record))
	}
	if beside != "" {
		query.Set("beside", beside)
	}
	if len(query) == 0 {
		return answerPath(a.id)
	}
	return answerPath(a.id) + "?" + query.Encode()
}

// besideNote says which answer this one is laid beside.
func (a *answer) besideNote() app.UI {
	for _, r := range a.answer.GetEarlier() {
		if r.GetId() == a.beside {
			return kit.NotificationBanner{
				ID: "info-beside", Tone: kit.Info, Title: textBeside.F(at(r.GetAnsweredAt())), Body: []app.UI{
					textBesideMeans.F(a.changes()).P(""),
					app.P().Body(kit.Link{Label: textBesideNot, Href: a.address(a.record, "")}.UI()),
				},
			}.UI()
		}
	}
	return app.Div()
}

// changes counts what is another than in the answer beside.
func (a *answer) changes() int {
	n := len(a.answer.GetGone())
	for _, r := range a.answer.GetRecords() {
		if r.GetAdded() {
			n++
			continue
		}
		for _, v := range r.GetValues() {
			if v.GetChanged() {
				n++
			}
		}
	}
	return n
}

// earlier leads to the answers before, to be laid beside this one.
func (a *answer) earlier() app.UI {
	if len(a.answer.GetEarlier()) == 0 {
		return app.Div()
	}
	var items []app.UI
	for _, r := range a.answer.GetEarlier() {
		items = append(items, app.Li().Body(
			app.A().Class("link").Href(answerPath(r.GetId())).Body(at(r.GetAnsweredAt()).UI()), app.Text(" "),
			kit.ChipLabel(outcomeTone(r.GetOutcome()), outcomeWord(r.GetOutcome())), app.Text(" "),
			app.A().Class("link").Href(a.address(0, r.GetId())).Body(textCompare.UI()),
		))
	}
	return app.Section().Class("info-earlier no-print").Aria("labelledby", "info-earlier").Body(
		app.H2().ID("info-earlier").Class("part-title").Body(textEarlier.UI()), app.Ul().Class("dots").Body(items...))
}

func (a *answer) ways() []app.UI {
	list := kit.Link{ID: "info-list", Label: textToAnswers, Href: answersPath, Kind: kit.Secondary}.UI()
	if a.answer == nil {
		if a.asked.Failure.Is() {
			return []app.UI{list, a.asked.Retry("info")}
		}
		return []app.UI{list}
	}
	if a.record > 0 {
		list = kit.Link{
			ID: "info-whole", Label: textToWhole, Href: a.address(0, a.beside), Kind: kit.Secondary,
		}.UI()
	}
	return []app.UI{list, kit.PrintButton("info-print"), kit.Button{
		ID: "info-file", Label: textFile, Icon: kit.IconDownload, Busy: a.filed.Busy, OnPress: a.toFile,
	}.UI(), kit.Button{
		ID: "info-erase", Label: textErase, Kind: kit.TextOnly, Icon: kit.IconDelete,
		OnPress: func(app.Context) { a.erasing = true },
	}.UI()}
}

// correctAddress is where one says that a value is wrong.
func (a *answer) correctAddress(record int, item string) string {
	query := url.Values{"record": {strconv.Itoa(record + 1)}, "item": {item}}
	return answerPath(a.id) + correctEnding + "?" + query.Encode()
}
