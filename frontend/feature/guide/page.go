package guide

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	chooserID = "guide-place"
	planID    = "guide-plan-title"
)

// page is one event: its questions and the plan that grows with the answers.
type page struct {
	app.Compo

	visit  ask.Visit
	asked  ask.Question
	named  ask.Question // the place of the address
	forms  ask.Question
	keeps  bool // the device does
	opened bool
	known  bool
	listed bool                            // the folder's list was asked for, in this login
	sent   *portalv1.PlanLifeEventResponse // came with the document, and is not taken up yet
	view
}

// view is what is known of the event that is open; another one begins with a new view.
type view struct {
	event     happening
	place     *portalv1.Place
	placeLost bool
	moved     bool // the place was chosen here, whatever the address of an earlier step says
	given     answers
	now       string // the question to see where there is room for one only

	plan    *portalv1.PlanLifeEventResponse
	keptOn  time.Time       // when the plan was kept; zero when it comes from the portal
	failure trouble.Message // stays until there is an answer

	left    map[string]bool // steps by id: ticked other than they are at first
	adding  bool
	added   kit.NotificationBanner
	addFail trouble.Message
}

// OnInit draws what the portal wrote into the document, from the first moment on: for who comes without a place and has
// answered nothing yet.
func (p *page) OnInit() {
	if app.IsServer || place.Remembered() != nil {
		return
	}
	event, known := happeningOf(app.Window().URL().Path)
	given := answers{}
	if !known || vault.Load(draftOf(event.id), &given) && len(given) > 0 {
		return
	}
	plan := &portalv1.PlanLifeEventResponse{}
	if rpc.Sent(answers{}.request(event.id, ""), plan) {
		p.sent, p.known = plan, true
		p.view = view{event: event, given: answers{}, left: map[string]bool{}, plan: plan}
	}
}

// OnMount follows the shell and opens the event of the address.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.visit.Until(todo.OnChange(func() { ctx.Dispatch(nil) }))
	p.keeps = !vault.KeepsNothing()
	shell.Watch(ctx, func(app.Context) { p.learnTasks() })
	p.open(ctx)
	p.learnTasks()
}

// OnNav opens another event, or takes the place that the map or a list leads back with.
func (p *page) OnNav(ctx app.Context) {
	p.open(ctx)
	if p.known {
		shell.SetTitle(p.event.title) // the frame forgot it on the way here
	}
}

// OnDismount stops listening.
func (p *page) OnDismount() { p.visit.End() }

// learnTasks asks for the folder's list once, so that the plan can tell what is on it already.
func (p *page) learnTasks() {
	if p.listed || !todo.InFolder() {
		p.listed = p.listed && todo.InFolder()
		return
	}
	p.listed = true
	if _, known := todo.Known(); !known {
		todo.List(p.visit.Page, func(app.Context, []*portalv1.Task, error) {})
	}
}

func (p *page) open(ctx app.Context) {
	here := ctx.Page().URL()
	event, known := happeningOf(here.Path)
	code := here.Query().Get("place")
	if p.opened && known == p.known && event.id == p.event.id {
		p.arrive()
		if p.moved && code != p.place.GetCode() {
			p.nameThePlace()
			return
		}
		if code == "" || code == p.place.GetCode() {
			return
		}
	}
	if !p.opened || event.id != p.event.id {
		p.view = view{event: event, given: answers{}, left: map[string]bool{}}
		vault.Load(draftOf(event.id), &p.given)
		if p.given == nil {
			p.given = answers{}
		}
	}
	p.opened, p.known = true, known
	if !known {
		return
	}
	shell.SetTitle(event.title)
	if code == "" {
		p.place = place.Remembered()
		p.load(ctx)
		return
	}
	p.asked.Drop()
	place.Resolve(&p.visit, &p.named, code, func(ctx app.Context, found *portalv1.Place, err error) {
		p.placeLost = err != nil && rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND
		switch {
		case err == nil:
			p.place = found
			place.RememberFirst(found)
		case !p.placeLost && place.Remembered().GetCode() == code:
			p.place = place.Remembered()
		}
		p.load(ctx)
	})
}

func draftOf(event string) string { return vault.AnswersDraft + event }

// load asks what is to be asked and what applies, by the answers as they are now.
func (p *page) load(app.Context) {
	p.named.Drop()
	request := p.given.request(p.event.id, p.place.GetCode())
	if sent := p.sent; sent != nil {
		p.sent = nil
		p.take(p.visit.Page, request, sent, nil)
		return
	}
	ask.For(&p.visit, &p.asked, rpc.To(portalv1web.NewGuideService).PlanLifeEvent, request,
		func(ctx app.Context, plan *portalv1.PlanLifeEventResponse, err error) {
			p.take(ctx, request, plan, err)
		})
}

// take shows what came.
func (p *page) take(
	ctx app.Context, request *portalv1.PlanLifeEventRequest, plan *portalv1.PlanLifeEventResponse, err error,
) {
	switch rpc.Reason(err) {
	case portalv1.Reason_REASON_INVALID_FIELD:
		if err != nil && len(request.GetAnswers()) > 0 { // kept from before the questions were changed
			p.given = answers{}
			vault.Drop(draftOf(p.event.id))
			p.load(ctx)
			return
		}
	case portalv1.Reason_REASON_NOT_FOUND:
		if err != nil && request.GetPlaceCode() != "" {
			p.place, p.placeLost = nil, true
			p.load(ctx)
			return
		}
	}
	if err != nil {
		p.fail(err)
		return
	}
	keepFocus(ctx)
	offered.Ask(&p.visit, &p.forms, p.place.GetCode(), func(app.Context) {})
	p.plan, p.keptOn, p.failure = plan, time.Time{}, trouble.Message{}
	if p.now == "" {
		p.now = named(plan.GetQuestions(), flow.At(p.visit.Page))
	}
	if len(p.given) > 0 && !app.IsServer {
		keepPlan(p.event.id, keptPlan{request: request, place: p.place.GetName(), plan: plan})
	}
}

// fail tells of it, and shows what this device kept where nothing is shown yet.
func (p *page) fail(err error) {
	p.failure = trouble.Words(err)
	if rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE {
		return
	}
	if p.plan != nil {
		if p.keptOn.IsZero() {
			p.failure.What, p.failure.Means, p.failure.Do = textStale, textStaleDo, lang.Text{}
		}
		return
	}
	event := p.event.id
	p.visit.Page.Async(func() {
		bg, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if kept, ok := planKept(bg, event); ok {
			p.visit.Page.Dispatch(func(app.Context) { p.takeKept(event, kept) })
		}
	})
}

// takeKept shows what this device kept, unless there is another plan by now.
func (p *page) takeKept(event string, kept keptPlan) {
	if p.event.id != event || p.plan != nil {
		return
	}
	p.plan, p.keptOn = kept.plan, kept.at
	if len(p.given) == 0 {
		p.given = answersIn(kept.request)
	}
	if code := kept.request.GetPlaceCode(); p.place == nil && code != "" {
		p.place = &portalv1.Place{Code: code, Name: kept.place}
	}
}

// keepFocus gives the focus back to the field that has it, should the questions that come or go before it take it away.
func keepFocus(ctx app.Context) {
	if app.IsServer {
		return
	}
	active := app.Window().Get("document").Get("activeElement")
	if !active.Truthy() || active.Get("id").String() == "" {
		return
	}
	id := active.Get("id").String()
	ctx.Defer(func(app.Context) {
		document := app.Window().Get("document")
		now, field := document.Get("activeElement"), app.Window().GetElementByID(id)
		// Whoever has gone on to another field meanwhile stays there.
		lost := !now.Truthy() || now.Equal(document.Get("body")) || now.Equal(active)
		if field.Truthy() && lost && !field.Equal(now) {
			field.Call("focus")
		}
	})
}

// answered keeps the answers and asks anew.
func (p *page) answered() {
	vault.Save(draftOf(p.event.id), p.given)
	p.added = kit.NotificationBanner{}
	p.load(p.visit.Page)
}

func (p *page) choose(q *portalv1.Question, value string, several, on bool) {
	p.now = q.GetId()
	p.given = maps.Clone(p.given)
	switch {
	case value == open && !on:
		delete(p.given, q.GetId())
	case value == open:
		p.given[q.GetId()] = ""
		if len(q.GetOptions()) == 0 {
			kit.SetValue(p.visit.Page, fieldID(q.GetId()), "")
		}
	case several:
		p.given.toggle(q, value, on)
	default:
		p.given[q.GetId()] = value
	}
	p.answered()
}

func (p *page) setDay(q *portalv1.Question, day string) {
	p.now = q.GetId()
	p.given = maps.Clone(p.given)
	if p.given.setDay(q.GetId(), day) {
		p.answered()
	}
}

func (p *page) choosePlace(_ app.Context, chosen *portalv1.Place) {
	p.place, p.placeLost, p.moved = chosen, false, true
	p.nameThePlace()
	p.load(p.visit.Page)
}

// nameThePlace has the address name the place that was chosen.
func (p *page) nameThePlace() {
	here := p.visit.Page.Page().URL()
	query := here.Query()
	query.Set("place", p.place.GetCode())
	flow.Rewrite(p.visit.Page, &url.URL{Path: here.Path, RawQuery: query.Encode()})
}

// anew forgets the answers, also those that the device kept with the last plan.
func (p *page) anew(app.Context) {
	vault.Drop(draftOf(p.event.id))
	forgetPlan(p.event.id)
	for _, q := range p.plan.GetQuestions() {
		if len(q.GetOptions()) == 0 {
			kit.SetValue(p.visit.Page, fieldID(q.GetId()), "")
		}
	}
	p.given, p.left, p.now, p.added = answers{}, map[string]bool{}, "", kit.NotificationBanner{}
	kit.Announce(p.visit.Page, textAnewDone)
	if flow.At(p.visit.Page) != "" {
		flow.Put(p.visit.Page, "")
	}
	p.load(p.visit.Page)
}

// move goes to another question where one is seen at a time; beyond the last one to the plan. Which of them it is
// stands in the address by its number, so that back and forward lead there, too: its name would tell of the answers
// before.
func (p *page) move(by int) {
	questions := p.plan.GetQuestions()
	next := max(at(questions, p.now)+by, 0)
	if next >= len(questions) {
		kit.Focus(p.visit.Page, planID)
		return
	}
	p.now = questions[next].GetId()
	kit.Focus(p.visit.Page, fieldID(p.now))
	if by > 0 {
		flow.Go(p.visit.Page, numbered(next))
		return
	}
	flow.Back(p.visit.Page, numbered(next))
}

// arrive goes to the question that the address names.
func (p *page) arrive() {
	questions := p.plan.GetQuestions()
	now := named(questions, flow.At(p.visit.Page))
	if now == "" || numbered(at(questions, p.now)) == flow.At(p.visit.Page) {
		return
	}
	p.now = now
	kit.Focus(p.visit.Page, fieldID(now))
}

// numbered names a question in the address; the first needs no name.
func numbered(i int) string {
	if i == 0 {
		return ""
	}
	return strconv.Itoa(i + 1)
}

// named is the question that numbered named, or the last when there are fewer now; empty when there is none.
func named(questions []*portalv1.Question, number string) string {
	if len(questions) == 0 {
		return ""
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 1
	}
	return questions[min(max(n, 1), len(questions))-1].GetId()
}

// Render draws the questions and the plan.
func (p *page) Render() app.UI {
	if p.opened && !p.known {
		return app.Div().Class("page column page-event").Body(
			shell.Heading(textUnknown),
			textUnknownDo.P("lead"),
			app.Div().Class("actions").Body(
				kit.Link{ID: "guide-all", Label: textEvents, Href: guidePath, Kind: kit.Primary}.UI(),
			),
		)
	}
	return app.Div().Class("page page-event").Body(
		app.Div().Class("guide-head").Body(
			shell.Heading(p.event.title),
			p.event.summary.P("lead"),
			scene.Event(p.event.id, scene.Medium),
		),
		app.Div().Class("guide-banners").Body(p.banners()...),
		app.Div().Class("guide-columns").Body(
			app.Section().Class("guide-form no-print").Aria("label", textQuestions.String()).Body(p.form()...),
			app.Section().Class("guide-plan").Aria("labelledby", planID).Body(p.planPart()...),
		),
	)
}

func (p *page) banners() []app.UI {
	kept := kit.NotificationBanner{ID: "guide-kept", Tone: kit.Warning}
	failure := p.failure
	if !p.keptOn.IsZero() {
		kept.Title = textOfKept.F(lang.DateTime(p.keptOn))
		kept.Body = []app.UI{textOfKeptDo.P("")}
		failure = trouble.Message{}
	}
	lost := kit.NotificationBanner{ID: "guide-place-lost", Tone: kit.Warning}
	if p.placeLost {
		lost.Title = textPlaceLost
	}
	return []app.UI{kept.UI(), lost.UI(), failure.Banner("guide-failure"), app.Div().Class("guide-again no-print").Body(
		app.If(p.failure.Is(), func() app.UI {
			return kit.Button{
				ID: "guide-again", Label: textAgain, Icon: kit.IconRefresh, Busy: p.asked.Busy, OnPress: p.load,
			}.UI()
		}),
	)}
}

func (p *page) form() []app.UI {
	return []app.UI{
		&place.Chooser{ID: chooserID, Label: textPlace, Hint: textPlaceHint, Current: p.place, OnChoose: p.choosePlace},
		app.Div().Class("detail-page guide-questions").Body(p.questions()...),
	}
}

func (p *page) questions() []app.UI {
	if p.plan == nil {
		if p.failure.Is() {
			return nil
		}
		return []app.UI{p.asked.Waiting("guide", 5)}
	}
	questions := p.plan.GetQuestions()
	if len(questions) == 0 {
		return []app.UI{textNoneAsked.P("hint")}
	}
	now := at(questions, p.now)
	body := make([]app.UI, len(questions))
	for i, q := range questions {
		body[i] = &question{Asked: q, Given: p.given, Now: i == now, OnChoose: p.choose, OnDay: p.setDay}
	}
	next, answered := textNext, textAnswered.Open
	if !p.keeps {
		answered = textNotKept.Open
	}
	if now == len(questions)-1 {
		next = textToPlan
	}
	return []app.UI{
		textOf.F(now+1, len(questions)).P("guide-of"),
		app.Div().Body(body...),
		// It is the action of what is asked: while its place is out of sight it lies at the bottom (boot.js).
		app.Div().Class("rail-action guide-moves").Body(
			kit.Button{
				ID: "guide-next", Label: next, Kind: kit.Primary, OnPress: func(app.Context) { p.move(1) },
			}.UI(),
			app.Div().Body(app.If(now > 0, func() app.UI {
				return kit.Button{ID: "guide-back", Label: textBack, OnPress: func(app.Context) { p.move(-1) }}.UI()
			})),
		),
		app.P().Class("hint guide-told").Body(
			answered.Fill(len(questions), p.given.count(questions)).UI(), app.Text(" "),
			kit.Link{ID: "guide-device", Label: textDevice, Href: devicePath}.UI(),
		),
		app.P().Class("guide-anew").Body(app.If(len(p.given) > 0, func() app.UI {
			return kit.Button{ID: "guide-anew", Label: textAnew, Kind: kit.TextOnly, OnPress: p.anew}.UI()
		})),
	}
}

// chosen says whether a step is to go on the list: those that apply are at first, the others not.
func (p *page) chosen(s *portalv1.PlanStep) bool { return s.GetPerhaps() == p.left[s.GetId()] }

func (p *page) tick(s *portalv1.PlanStep, on bool) {
	p.left = maps.Clone(p.left)
	p.left[s.GetId()] = on == s.GetPerhaps()
}

func (p *page) task(s *portalv1.PlanStep) *portalv1.Task {
	return taskOf(s, p.plan.GetEvent(), p.place, lang.Local(s.GetTitle()).String())
}

// toAdd are the chosen steps that are not on the list yet, as tasks.
func (p *page) toAdd() []*portalv1.Task {
	var tasks []*portalv1.Task
	for _, s := range p.plan.GetSteps() {
		if t := p.task(s); p.chosen(s) && !todo.HasTask(t) {
			tasks = append(tasks, t)
		}
	}
	return slices.Clip(tasks)
}

func (p *page) add(app.Context) {
	p.adding, p.added, p.addFail = true, kit.NotificationBanner{}, trouble.Message{}
	todo.Add(p.visit.Page, p.toAdd(), func(_ app.Context, added int, err error) {
		p.adding = false
		waits := rpc.Kept(err)
		if err != nil && !waits {
			p.addFail = todo.Words(err)
		}
		if added == 0 {
			return
		}
		tone, told, where := kit.Success, textAdded.F(added), textAddedFolder
		switch {
		case waits:
			tone, told, where = kit.Info, textAddingWaits.F(added), textAddedWaits
		case !todo.InFolder():
			where = textAddedDevice
		}
		p.added = kit.NotificationBanner{Tone: tone, Title: told, Body: []app.UI{where.P("")}}
		kit.Focus(p.visit.Page, "guide-added")
	})
}
