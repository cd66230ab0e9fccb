package myinfo

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
)

const (
	draftAsk   = "myinfo-ask"
	stepChoose = "choose"
	stepWhen   = "when"
	stepCheck  = "check"
)

// asking is the flow: what, of when, of which office with which notes, and then it is waited for.
type asking struct {
	app.Compo
	visit   ask.Visit
	ctx     app.Context
	flow    flow.Flow
	words   ask.Question
	plans   ask.Question
	sent    ask.Question
	seen    ask.Question // how what was asked for stands
	catalog *catalog
	given   given
	done    asked
	typed   string
	field   string // that the address opens
	plan    []*portalv1.InfoPlan
	planned []wish
	made    []*portalv1.InfoRequest
}

// given is what the person puts together.
type given struct {
	Wishes []wish
	// Confirmed are the categories whose notes were confirmed here, in which version.
	Confirmed map[int32]int32
}

// asked is what the last step tells: which requests were made.
type asked struct{ IDs []string }

func newAsking() app.Composer {
	a := &asking{}
	a.flow = flow.Flow{Name: draftAsk, Form: &a.given, Done: &a.done, Leave: root, Steps: []flow.Step{
		{Name: stepChoose, Title: textStepChoose, Draw: a.choose, Check: a.checkChosen},
		{Name: stepWhen, Title: textStepWhen, Draw: a.when, Check: a.checkWhen},
		{Name: stepCheck, Title: textStepCheck, Draw: a.check, Check: a.checkPlan, Do: a.send, Action: textAskDo},
		{Name: "waiting", Title: textWaiting, Draw: a.waiting},
	}}
	return a
}

// OnMount loads what can be asked for; the flow begins with it.
func (a *asking) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	a.visit.Until(a.flow.Close)
	a.ctx = ctx
	a.visit.Until(listen(func([]string) { ctx.Dispatch(func(app.Context) { a.look() }) }))
	ask.For(&a.visit, &a.words, func(ctx context.Context, _ struct{}) (*catalog, error) { return catalogued(ctx) },
		struct{}{}, func(_ app.Context, c *catalog, err error) {
			if err == nil {
				a.catalog = c
				a.begin()
			}
		})
}

// OnNav shows the step that the browser leads to, and plans anew where that is needed.
func (a *asking) OnNav(app.Context) {
	if a.flow.Opened() {
		a.flow.Arrive()
		a.prepare()
	}
}

// OnDismount lets updates through again.
func (a *asking) OnDismount() { a.visit.End() }

// begin takes up what was chosen before, and what the address asks for.
func (a *asking) begin() {
	query := a.ctx.Page().URL().Query()
	a.field = query.Get("field")
	a.flow.Open(a.ctx)
	kept := a.given.Wishes[:0:0]
	for _, w := range a.given.Wishes {
		if _, there := a.catalog.detail(w.Detail); there { // of an earlier catalogue, else
			kept = append(kept, w)
		}
	}
	a.given.Wishes = kept
	if want, there := a.catalog.detail(query.Get("want")); there && !a.flow.Ended() && a.flow.At() == stepChoose {
		a.add(want.detail, true)
		a.field = want.field.GetKey()
	}
	a.flow.Arrive()
	a.prepare()
}

func (a *asking) index(key string) int {
	return slices.IndexFunc(a.given.Wishes, func(w wish) bool { return w.Detail == key })
}

// add takes a detail in or out.
func (a *asking) add(d *portalv1.InfoDetail, on bool) {
	i := a.index(d.GetKey())
	if on == (i >= 0) || on && len(a.given.Wishes) == portalv1limit.AskInfoRequestWishes {
		return
	}
	if on {
		a.given.Wishes = append(a.given.Wishes, wishOf(d))
	} else {
		a.given.Wishes = slices.Delete(a.given.Wishes, i, i+1)
	}
	a.flow.Touched()
}

// Render draws the flow.
func (a *asking) Render() app.UI {
	body := app.UI(app.Div().Body(a.words.Failure.Banner("info-failure"), a.words.Waiting("info", 6)))
	if a.flow.Opened() {
		body = a.flow.UI()
	}
	return app.Div().Class("page column page-info").Body(shell.Heading(textAsk), app.Div().Body(body))
}

func (a *asking) checkChosen() []kit.FieldError {
	if len(a.given.Wishes) == 0 {
		return []kit.FieldError{{Field: "info-search", Message: faultNone}}
	}
	return nil
}

// choose is the first step: fields, in them categories, in each of those what can be asked for.
func (a *asking) choose() []app.UI {
	var chosen []app.UI
	for _, w := range a.given.Wishes {
		e, _ := a.catalog.detail(w.Detail)
		chosen = append(chosen, app.Li().Body(e.name().Span(""), kit.Button{
			ID: "info-drop-" + elementID(w.Detail), Label: textDrop.F(e.name()), Kind: kit.TextOnly,
			Icon: kit.IconClose,
			OnPress: func(ctx app.Context) {
				a.add(e.detail, false)
				kit.Focus(ctx, "info-chosen")
			},
		}.UI()))
	}
	count := app.P().Class("label").Attr("role", "status")
	if len(chosen) > 0 {
		count = count.Body(textChosenCount.F(len(chosen)).UI())
	}
	return []app.UI{
		textChooseLead.P("lead"),
		searchField("info-search", a.typed, func(_ app.Context, typed string) { a.typed = typed }),
		app.Div().Class("info-choice").Body(a.choice()...),
		// After the choice, which it would push away from under the finger; nothing to see until there is one.
		app.Section().Class("info-chosen").ID("info-chosen").TabIndex(-1).Aria("label", textChosen.String()).Body(
			count, app.Ul().Body(chosen...),
		),
	}
}

// choice is what was found, or everything by its fields.
func (a *asking) choice() []app.UI {
	if a.typed != "" {
		found := a.catalog.find(a.typed)
		var boxes []app.UI
		for _, e := range found {
			boxes = append(boxes, a.box(e, e.name(), "found-"))
		}
		none := app.Div()
		if len(found) == 0 {
			none = none.Body(kit.Empty{Text: textFoundNone}.UI())
		}
		return []app.UI{
			app.P().Class("hint").Attr("role", "status").Body(textFound.F(len(found)).UI()), none,
			app.Div().Class("info-found").Body(boxes...),
		}
	}
	var fields []app.UI
	for _, f := range a.catalog.fields {
		var open, covered []app.UI
		for _, c := range f.GetCategories() {
			e := entry{field: f, category: c}
			boxes := []app.UI{
				lang.Local(c.GetName()).H3("info-category"),
				lang.Local(c.GetLead()).P("hint"),
			}
			for _, d := range c.GetDetails() {
				boxes = append(boxes, a.box(entry{f, c, d}, lang.Local(d.GetName()), ""))
			}
			of := app.Div().Class("info-category-of").Body(boxes...)
			if e.covered() {
				covered = append(covered, of)
				continue
			}
			open = append(open, of)
		}
		if len(covered) > 0 {
			open = append(open, kit.Disclosure{Summary: textOthers, Body: covered}.UI())
		}
		fields = append(fields, kit.Disclosure{
			ID: "info-field-" + f.GetKey(), Summary: lang.Local(f.GetName()), Open: f.GetKey() == a.field, Body: open,
		}.UI())
	}
	return fields
}

func (a *asking) box(e entry, label lang.Text, prefix string) app.UI {
	return kit.Checkbox{
		ID: "info-" + prefix + elementID(e.detail.GetKey()), Label: label, Hint: lang.Local(e.category.GetHolder()),
		Checked:  a.index(e.detail.GetKey()) >= 0,
		OnChange: func(_ app.Context, on bool) { a.add(e.detail, on) },
	}.UI()
}

// prepare asks what would be asked of whom, once the step that shows it is there; and how what was asked for stands.
func (a *asking) prepare() {
	switch {
	case a.flow.Ended():
		a.look()
	case a.flow.At() == stepCheck && !a.plans.Busy && !slices.Equal(a.planned, a.given.Wishes):
		a.plan, a.planned = nil, slices.Clone(a.given.Wishes)
		request := &portalv1.PlanInfoRequest{}
		for _, w := range a.given.Wishes {
			request.Wishes = append(request.Wishes, w.sent())
		}
		ask.For(&a.visit, &a.plans, portal().PlanInfo, request,
			func(_ app.Context, response *portalv1.PlanInfoResponse, err error) {
				if err != nil {
					return
				}
				a.plan = response.GetPlans()
			})
	}
}

// possible are the wishes that can be asked for.
func (a *asking) possible() (wishes []*portalv1.InfoWish) {
	for _, p := range a.plan {
		if p.GetState() == portalv1.InfoPlanState_INFO_PLAN_STATE_READY ||
			p.GetState() == portalv1.InfoPlanState_INFO_PLAN_STATE_NOTES {
			wishes = append(wishes, p.GetWish())
		}
	}
	return wishes
}

// toConfirm are the categories whose notes are to be confirmed first, each once.
func (a *asking) toConfirm() (categories []*portalv1.InfoCategory) {
	for _, p := range a.plan {
		e, _ := a.catalog.detail(p.GetWish().GetDetail())
		same := func(c *portalv1.InfoCategory) bool { return c.GetNumber() == e.category.GetNumber() }
		if p.GetState() == portalv1.InfoPlanState_INFO_PLAN_STATE_NOTES && !slices.ContainsFunc(categories, same) {
			categories = append(categories, e.category)
		}
	}
	return categories
}

func (a *asking) confirmed(c *portalv1.InfoCategory) bool {
	version, there := a.given.Confirmed[c.GetNumber()]
	return there && version == c.GetNotesVersion()
}

func (a *asking) checkPlan() []kit.FieldError {
	if a.plan == nil {
		return []kit.FieldError{{Field: "info-plan", Message: faultNoPlan}}
	}
	if len(a.possible()) == 0 {
		return []kit.FieldError{{Field: "info-plan", Message: faultNothingPossible}}
	}
	var faults []kit.FieldError
	for _, c := range a.toConfirm() {
		if !a.confirmed(c) {
			faults = append(faults, kit.FieldError{
				Field: notesID(c), Message: faultNotes.F(lang.Local(c.GetName())),
			})
		}
	}
	return faults
}

func notesID(c *portalv1.InfoCategory) string {
	return "info-notes-" + lang.Number(int64(c.GetNumber()))
}

// check is the third step: which office is asked for what, and the notes.
func (a *asking) check() []app.UI {
	if a.plan == nil {
		return []app.UI{app.Div().ID("info-plan").TabIndex(-1).Body(
			a.plans.Failure.Banner("info-plan-failure"), a.plans.Waiting("info-plan", 5))}
	}
	var plans []app.UI
	for _, p := range a.plan {
		plans = append(plans, app.Li().Class("list-item info-plan").Body(a.planOf(p)))
	}
	parts := []app.UI{
		textCheckLead.P("lead"),
		app.Ul().Class("list").ID("info-plan").TabIndex(-1).Aria("label", textStepCheck.String()).Body(plans...),
	}
	for _, c := range a.toConfirm() {
		notes := make([]app.UI, len(c.GetNotes()))
		for i, n := range c.GetNotes() {
			notes[i] = lang.Local(n).Li("")
		}
		parts = append(parts, kit.Card{Heading: textNotesOf.F(lang.Local(c.GetName())), Body: []app.UI{
			app.Ul().Class("dots").Body(notes...),
			kit.Checkbox{
				ID: notesID(c), Label: textNotesConfirm, Checked: a.confirmed(c), Error: a.flow.Fault(notesID(c)),
				OnChange: func(_ app.Context, on bool) { a.confirm(c, on) },
			}.UI(),
		}}.UI())
	}
	return parts
}

func (a *asking) confirm(c *portalv1.InfoCategory, on bool) {
	if a.given.Confirmed == nil {
		a.given.Confirmed = map[int32]int32{}
	}
	delete(a.given.Confirmed, c.GetNumber())
	if on {
		a.given.Confirmed[c.GetNumber()] = c.GetNotesVersion()
	}
	a.flow.Touched()
}

// planOf says in words what would be asked of whom.
func (a *asking) planOf(p *portalv1.InfoPlan) app.UI {
	e, _ := a.catalog.detail(p.GetWish().GetDetail())
	period := periodOf(e.detail, p.GetWish().GetFrom(), p.GetWish().GetTo())
	head := e.name().P("info-plan-name")
	line := func(t lang.Text) app.UI { return t.P("") }
	switch p.GetState() {
	case portalv1.InfoPlanState_INFO_PLAN_STATE_UNSUPPORTED:
		return app.Div().Body(head, app.P().Body(
			kit.ChipLabel(kit.Warning, textUnsupported), app.Text(" "), textNoOffice.UI()))
	case portalv1.InfoPlanState_INFO_PLAN_STATE_WAITING:
		return app.Div().Body(head, line(textOfOffice.F(p.GetOffice(), period)),
			app.P().Body(kit.ChipLabel(kit.Info, textWaiting), app.Text(" "), textWaitedFor.UI()))
	}
	told := []app.UI{head, line(textOfOffice.F(p.GetOffice(), period))}
	if p.GetLivedOn() != "" {
		told = append(told, line(textLivedOn.F(lang.Day(p.GetLivedOn()))))
	}
	if p.GetIntroducedFirst() {
		told = append(told, line(textIntroduced))
	}
	return app.Div().Body(append(told, usual(p.GetUsualMs(), p.GetUsualOf()).P("hint"))...)
}

// send asks.
func (a *asking) send(app.Context) {
	request := &portalv1.AskInfoRequest{Wishes: a.possible()}
	for _, c := range a.toConfirm() {
		request.Confirmed = append(request.Confirmed, &portalv1.InfoNotes{
			Category: c.GetNumber(), NotesVersion: c.GetNotesVersion(),
		})
	}
	a.flow.Busy = true
	ask.Do(&a.visit, &a.sent, portal().AskInfo, request,
		func(_ app.Context, response *portalv1.AskInfoResponse, err error) {
			a.flow.Busy = false
			if err != nil {
				message := trouble.Words(err)
				if rpc.Reason(err) == portalv1.Reason_REASON_TERMS_NOT_AGREED { // they have changed meanwhile
					a.planned = nil
					a.prepare()
				}
				a.flow.Fail(message)
				return
			}
			a.made = response.GetRequests()
			for _, r := range a.made {
				a.done.IDs = append(a.done.IDs, r.GetId())
			}
			a.given, a.plan, a.planned = given{}, nil, nil
			a.flow.Finish()
		})
}

// look asks how what was asked for stands now.
func (a *asking) look() {
	if !a.flow.Opened() || !a.flow.Ended() {
		return
	}
	ask.For(&a.visit, &a.seen, listed, &portalv1.ListInfoRequestsRequest{
		PageSize: portalv1limit.ListInfoRequestsRequestPageSize,
	}, func(_ app.Context, response *portalv1.ListInfoRequestsResponse, err error) {
		if err != nil {
			return
		}
		a.made = nil
		for _, r := range response.GetRequests() {
			if slices.Contains(a.done.IDs, r.GetId()) {
				a.made = append(a.made, r)
			}
		}
	})
}

// waiting is the last step: it is waited for, and what comes next.
func (a *asking) waiting() []app.UI {
	var items []app.UI
	for _, r := range a.made {
		e, _ := a.catalog.detail(r.GetWish().GetDetail())
		items = append(items, e.row(r))
	}
	list := app.Div()
	if len(items) > 0 {
		list = list.Body(kit.List{Label: textWaiting, Items: items}.UI())
	}
	return []app.UI{
		kit.NotificationBanner{ID: "info-asked", Tone: kit.Success, Title: textAskedTitle, Body: []app.UI{
			textAskedNext.P(""),
		}}.UI(),
		a.seen.Failure.Banner("info-seen-failure"),
		list,
		app.Div().Class("actions").Body(
			kit.Link{ID: "info-list", Label: textToAnswers, Href: answersPath, Kind: kit.Primary}.UI(),
			kit.Link{ID: "info-settings", Label: textSettings, Href: settingsPath, Kind: kit.Secondary}.UI(),
		),
	}
}
