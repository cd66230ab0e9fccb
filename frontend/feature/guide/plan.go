package guide

import (
	"net/url"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/todo"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// fewPerhaps is how many steps that apply perhaps are in sight while questions are open: before the first answer, that
// is most of them.
const fewPerhaps = 5

func (p *page) planPart() []app.UI {
	sure, perhaps := split(p.plan.GetSteps())
	return []app.UI{
		app.H2().ID(planID).Class("part-title guide-plan-title").TabIndex(-1).Body(kit.Icon(kit.IconTask),
			textPlan.Span("")),
		app.P().Class("guide-count").Attr("role", "status").Body(p.count(len(sure), len(perhaps)).UI()),
		p.where().P("guide-at"),
		app.Div().Class("print-only").Body(p.summary()...),
		app.Div().Class("guide-sure").Body(p.sure(sure)...),
		app.Div().Class("guide-perhaps").Body(p.perhaps(perhaps)...),
		app.Div().Class("no-print").Body(p.actions()...),
	}
}

func (p *page) count(sure, perhaps int) lang.Text {
	switch {
	case p.plan == nil:
		return lang.Text{}
	case sure > 0:
		return textPlanCount.F(sure)
	case perhaps > 0:
		return textPlanPerhaps.F(perhaps)
	case p.plan.GetComplete():
		return textPlanNothing
	}
	return textPlanNone
}

func (p *page) where() lang.Text {
	switch {
	case p.plan == nil:
		return lang.Text{}
	case p.place == nil:
		return textPlanAnywhere
	}
	return textPlanAt.F(place.FullName(p.place))
}

// summary tells on paper by which answers this is the plan.
func (p *page) summary() []app.UI {
	var rows []kit.Row
	for _, q := range p.plan.GetQuestions() {
		value, answered := p.given[q.GetId()]
		if !answered {
			continue
		}
		rows = append(rows, kit.Row{Name: lang.Local(q.GetText()), Value: answerText(q, p.given, value)})
	}
	if len(rows) == 0 {
		return nil
	}
	return []app.UI{textPlanAsOf.H3(""), kit.Facts(rows...)}
}

func answerText(q *portalv1.Question, given answers, value string) app.UI {
	switch {
	case value == "" && q.GetSeveral():
		return textNone.UI()
	case value == "":
		return textOpen.UI()
	case len(q.GetOptions()) == 0:
		return lang.Day(value).UI()
	}
	var chosen []app.UI
	for _, o := range q.GetOptions() {
		if given.chose(q.GetId(), o.GetId()) {
			chosen = append(chosen, lang.Local(o.GetLabel()).Span("guide-answer"))
		}
	}
	return app.Span().Body(chosen...)
}

func (p *page) sure(steps []*portalv1.PlanStep) []app.UI {
	if p.plan == nil && !p.failure.Is() {
		return []app.UI{kit.Skeleton(6, nil)}
	}
	if len(steps) == 0 {
		return nil
	}
	hint := textPlanOrder
	if !p.plan.GetComplete() {
		hint = textPlanMore
	}
	return []app.UI{hint.P("hint no-print"), p.steps(steps)}
}

func (p *page) perhaps(steps []*portalv1.PlanStep) []app.UI {
	if len(steps) == 0 {
		return nil
	}
	return []app.UI{kit.Disclosure{
		ID: "guide-perhaps", Summary: textPlanPerhaps.F(len(steps)),
		Open: p.plan.GetComplete() || len(steps) <= fewPerhaps,
		Body: []app.UI{textPlanWhy.P("hint"), p.steps(steps)},
	}.UI()}
}

func (p *page) steps(steps []*portalv1.PlanStep) app.UI {
	items := make([]app.UI, len(steps))
	for i, s := range steps {
		items[i] = &step{
			Step: s, PlaceCode: p.place.GetCode(), Chosen: p.chosen(s), There: todo.HasTask(p.task(s)), OnTick: p.tick,
		}
	}
	return app.Ol().Class("guide-steps").Body(items...)
}

func (p *page) actions() []app.UI {
	if len(p.plan.GetSteps()) == 0 {
		return []app.UI{app.Div().Class("guide-ways").Body(p.ways()...)}
	}
	tasks := p.toAdd()
	reason := lang.Text{}
	if slices.ContainsFunc(tasks, func(t *portalv1.Task) bool { return t.GetEventDay() != "" }) {
		reason = textAddDay
	}
	add := kit.Button{
		ID: "guide-add", Label: textAdd.F(len(tasks)), Icon: kit.IconTask, Kind: kit.Primary, Wide: true,
		Busy: p.adding, OnPress: p.add,
	}
	if len(tasks) == 0 {
		add.Disabled, add.DescribedBy = true, "guide-add-why"
		reason = textAddNothing
		for _, s := range p.plan.GetSteps() {
			if p.chosen(s) {
				reason = textAddAll
			}
		}
	}
	p.added.ID = "guide-added"
	added := p.added
	var numbers []string
	for _, s := range p.plan.GetSteps() {
		if p.chosen(s) {
			numbers = append(numbers, s.GetNumber())
		}
	}
	return []app.UI{
		offered.TogetherWay("guide-apply", p.place.GetCode(), numbers...),
		app.Div().Body(added.UI(), p.addFail.Banner("guide-add-failure")),
		app.Div().Class("actions").Body(
			add.UI(),
			kit.PrintButton("guide-print"),
		),
		app.P().ID("guide-add-why").Class("hint").Body(reason.UI()),
		app.Div().Class("guide-ways").Body(append([]app.UI{
			kit.Link{ID: "guide-todo", Label: textGuideTodo, Href: todoPath}.UI(),
			kit.Link{ID: "guide-compare", Label: textCompare, Href: comparePath(p.event.id, p.place.GetCode())}.UI(),
		}, p.ways()...)...),
	}
}

func (p *page) ways() []app.UI {
	return []app.UI{
		kit.Link{ID: "guide-all", Label: textEvents, Href: guidePath}.UI(),
		kit.Link{ID: "guide-search", Label: textGuideFind, Href: catalog.SearchPath}.UI(),
	}
}

// comparePath lays what an event brings side by side with other places.
func comparePath(event, placeCode string) string {
	query := url.Values{"event": {event}}
	if placeCode != "" {
		query.Set("place", placeCode)
	}
	return catalog.ComparePath + "?" + query.Encode()
}

// step is one thing to do. CompoID has go-app make a new one when steps come and go, instead of turning one into
// another.
type step struct {
	app.Compo
	Step      *portalv1.PlanStep
	PlaceCode string
	Chosen    bool
	There     bool
	OnTick    func(s *portalv1.PlanStep, on bool)
}

// CompoID tells steps apart.
func (s *step) CompoID() string { return s.Step.GetId() }

// Render draws what it is, by when, why and where.
func (s *step) Render() app.UI {
	title := lang.Local(s.Step.GetTitle())
	heading := title.Span("guide-step-name")
	if path := stepPath(s.Step, s.PlaceCode); path != "" {
		heading = app.A().Class("link guide-step-name").Href(path).Body(title.UI())
	}
	return app.Li().Class("guide-step").Body(
		app.Div().Class("guide-step-pick no-print").Body(s.pick(title)),
		app.Div().Class("guide-step-body").Body(
			app.H3().Class("guide-step-title").Body(heading),
			app.Div().Class("guide-step-due").Body(s.due()...),
			lang.Local(s.Step.GetWhy()).P("guide-step-why"),
			app.P().Class("guide-step-where").Body(kit.Icon(kit.IconPlace), app.Span().Body(
				textStepWhere.F(lang.Local(s.Step.GetWhere())).UI(),
			)),
			app.P().Class("guide-step-chips").Body(s.chips()...),
			offered.Link("guide-apply-"+s.Step.GetId(), title, s.PlaceCode, s.Step.GetNumber()),
		),
	)
}

func (s *step) pick(title lang.Text) app.UI {
	if s.There {
		return app.Span().Class("guide-step-there").Body(kit.Icon(kit.IconCheck))
	}
	id := "guide-pick-" + s.Step.GetId()
	return app.Label().Class("guide-step-box").For(id).Body(
		app.Input().ID(id).Type("checkbox").Class("check-input").Checked(s.Chosen).Aria("label",
			textStepPick.F(title).String()).
			OnChange(
				func(ctx app.Context, _ app.Event) { s.OnTick(s.Step, ctx.JSSrc().Get("checked").Bool()) },
				app.EventScope(id),
			),
	)
}

func (s *step) due() []app.UI {
	due := s.Step.GetDue()
	var lines []app.UI
	if last := due.GetLast(); last != "" {
		line := app.P().Class("guide-step-last")
		if last < clock.Day(time.Now()) {
			line = app.P().Class("guide-step-last guide-step-past")
		}
		moved := app.Span()
		if due.GetMoved() {
			moved = app.Span().Class("guide-step-note").Body(textStepMoved.UI())
		}
		lines = append(lines, line.Body(
			kit.Icon(kit.IconClock), textStepDue.F(lang.Day(last)).Span(""), moved,
		))
		if last < clock.Day(time.Now()) {
			lines = append(lines, textStepPast.P("guide-step-note"))
		}
	}
	if opens := due.GetOpens(); opens > clock.Day(time.Now()) {
		lines = append(lines, textStepOpens.F(lang.Day(opens)).P("guide-step-note"))
	}
	if words := s.words(); !words.Empty() {
		lines = append(lines, textStepRule.F(words).P("guide-step-note"))
	}
	return lines
}

// words are the deadline as it was written, in Japanese; in the other languages in a few words, or as its rule says.
func (s *step) words() lang.Text {
	if by := lang.Local(s.Step.GetBy()); !by.Empty() && lang.Current() != lang.Japanese {
		return by
	}
	return todo.Phrase(&portalv1.Task{
		Deadline: s.Step.GetDeadline(), DeadlineRule: s.Step.GetDeadlineRule(), DayQuestion: s.Step.GetDayQuestion(),
	})
}

func (s *step) chips() []app.UI {
	var chips []app.UI
	switch {
	case s.Step.GetOnline():
		chips = append(chips, kit.ChipLabel(kit.Success, textStepOnline))
	case s.Step.GetRegistered():
		chips = append(chips, kit.ChipLabel(kit.Neutral, textStepDesk))
	case s.Step.GetNumber() != "" && s.PlaceCode != "":
		chips = append(chips, kit.ChipLabel(kit.Neutral, textStepNational))
	}
	if s.There {
		chips = append(chips, kit.ChipLabel(kit.Info, textStepThere))
	}
	return chips
}
