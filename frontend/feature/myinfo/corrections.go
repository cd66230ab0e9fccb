package myinfo

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// corrections are those that the person asked for, each with its clock and its answer.
type corrections struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	catalog *catalog
	all     []*portalv1.InfoCorrection
	next    string
	loaded  bool
}

// correctionsWithWords is a page of them with the catalogue that has their words.
type correctionsWithWords struct {
	catalog *catalog
	page    *portalv1.ListInfoCorrectionsResponse
}

// OnMount lists them, and again whenever something changed.
func (c *corrections) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.asked.Keeps = true
	c.visit.Until(listen(func([]string) { ctx.Dispatch(func(app.Context) { c.load("") }) }))
	c.load("")
}

// OnDismount stops listening.
func (c *corrections) OnDismount() { c.visit.End() }

func (c *corrections) load(token string) {
	ask.For(&c.visit, &c.asked, func(
		ctx context.Context, r *portalv1.ListInfoCorrectionsRequest,
	) (w correctionsWithWords, err error) {
		if w.page, err = portal().ListInfoCorrections(ctx, r); err != nil {
			return w, err
		}
		w.catalog, err = catalogued(ctx)
		forgetKept(ctx)
		return w, err
	}, &portalv1.ListInfoCorrectionsRequest{PageToken: token},
		func(_ app.Context, w correctionsWithWords, err error) {
			if err != nil {
				nothingKept(&c.asked)
				return
			}
			if token == "" {
				c.all = nil
			}
			c.catalog, c.next, c.loaded = w.catalog, w.page.GetNextPageToken(), true
			c.all = append(c.all, w.page.GetCorrections()...)
		})
}

// Render draws the list.
func (c *corrections) Render() app.UI {
	return app.Div().Class("page column page-info").Body(
		shell.Heading(textCorrections),
		textCorrectionsLead.P("lead"),
		c.asked.Failure.Banner("info-failure"),
		c.asked.AsOf("info"),
		app.Div().Body(c.body()...),
	)
}

func (c *corrections) body() []app.UI {
	if !c.loaded {
		return []app.UI{c.asked.Waiting("info", 5)}
	}
	items := make([]app.UI, len(c.all))
	for i, one := range c.all {
		items[i] = c.row(one)
	}
	return []app.UI{
		kit.List{Label: textCorrections, Items: items, Empty: kit.Empty{
			Picture: scene.Empty(scene.Medium), Text: textNoCorrections, WayOn: []app.UI{
				kit.Link{ID: "info-list", Label: textToAnswers, Href: answersPath, Kind: kit.Secondary}.UI(),
			},
		}}.UI(),
		app.Div().Body(app.If(len(c.all) > 0, func() app.UI {
			return kit.Pager{ID: "info-more", Shown: len(c.all), More: c.next != "", Busy: c.asked.Busy,
				OnMore: func(app.Context) { c.load(c.next) }}.UI()
		})),
	}
}

func (c *corrections) row(one *portalv1.InfoCorrection) app.UI {
	e, _ := c.catalog.detail(one.GetDetail())
	item := e.item(one.GetItem())
	chip, clockLine := correctionState(one)
	answer := app.Div()
	if one.GetAnswer() != "" {
		answer = answer.Class("written").Body(textAnswerOf.F(one.GetOffice()).P("label"),
			kit.Paragraphs(one.GetAnswer()))
	}
	should := app.P()
	if one.GetShouldBe() != "" {
		should = should.Body(textShouldBe.UI(), app.Text(": "+one.GetShouldBe()))
	}
	lines := []lang.Text{clockLine}
	if t := troubleOf(one.GetTrouble()); !t.Empty() {
		lines = append(lines, t)
	}
	if one.GetNextTryAt() > 0 {
		lines = append(lines, textNextTry.F(at(one.GetNextTryAt())))
	}
	hints := make([]app.UI, len(lines))
	for i, l := range lines {
		hints[i] = l.P("")
	}
	return app.Div().Class("info-correction").Body(
		app.P().Body(
			app.A().Class("link info-request-title").Href(answerPath(one.GetRequestId())).Body(
				textDetailOf.F(e.name(), lang.Local(item.GetName())).UI()),
			app.Text(" "), chip),
		app.P().Class("info-request-of").Text(one.GetOffice()),
		app.P().Body(faultName(one.GetFault()).UI(), app.Text("・"), textWas.F(written(item, one.GetWas())).UI()),
		should,
		app.Div().Class("hint").Body(hints...),
		answer,
	)
}

// correctionState is how a correction stands, and its clock.
func correctionState(c *portalv1.InfoCorrection) (chip app.UI, clockLine lang.Text) {
	due := textDue.F(lang.Day(c.GetDue()), daysLeft(c.GetDue()))
	switch c.GetState() {
	case portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_CORRECTED:
		return kit.ChipLabel(kit.Success, textStateCorrected), textCorrectedSince.F(at(c.GetSince()))
	case portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_DECLINED:
		return kit.ChipLabel(kit.Warning, textStateDeclined), textDeclinedSince.F(at(c.GetSince()))
	}
	if c.GetOverdue() {
		return kit.ChipLabel(kit.Failure, textOverdue), textOverdueMeans.F(lang.Day(c.GetDue()))
	}
	switch c.GetState() {
	case portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_TAKEN:
		return kit.ChipLabel(kit.Info, textStateTaken), due
	case portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_EXTENDED:
		return kit.ChipLabel(kit.Warning, textStateExtended), due
	}
	return kit.ChipLabel(kit.Info, textStateSent), due
}

// daysLeft is how many days there are until a day; 0 when it has come.
func daysLeft(day string) int {
	due, ok := rule.Day(day)
	if !ok {
		return 0
	}
	return max(0, int(due.Sub(clock.Today(time.Now()))/(24*time.Hour)))
}
