// Package flow leads a person through what takes several steps (申請の流れ): 1 入力 ─ 2 確認 ─ 3 完了. A page says
// its steps as data and draws what is in each; the flow does the rest. Each step has an address of its own, so that
// back, forward and a reload lose nothing of what was typed, chosen or agreed to (Draft); もどる is always there,
// and the button that leads on says what comes next; who comes to a step whose steps before are not done yet is led
// to the first of those, and told why. When it is done, nothing typed is left, and the last step stays to be loaded
// again (Finish).
//
// Pages with steps that are no form use what the flow stands on: the trail (At, Go, Back, Put) and the Draft.
package flow

import (
	"encoding/json"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/vault"
)

// Step is one step, as data.
type Step struct {
	// Name is the step's in the address.
	Name string
	// Title is the step's in the row of steps, and in the button that leads to it.
	Title lang.Text
	// Check says what is missing before one may go on; may be nil.
	Check func() []kit.FieldError
	// Draw draws what is in it.
	Draw func() []app.UI
	// Undo takes back what the step brought about, when the person goes back before it; may be nil.
	Undo func()
	// Do is what the step's button does, called Action, where it is not just to go on: it ends with Finish, or with
	// Refuse or Fail.
	Do     func(ctx app.Context)
	Action lang.Text
}

// Flow is the way through steps. Its page hands on what go-app tells it: Open at OnMount, once it is known who is
// there, Arrive at OnNav, Close at OnDismount; and draws UI.
type Flow struct {
	// Name is that of the draft, and begins the ids of the flow's parts.
	Name string
	// Steps in their order. The last says what was done; only Finish leads to it.
	Steps []Step
	// Form points to what is typed and chosen.
	Form any
	// Done points to what the last step tells, where a reload needs it: nothing of what was typed. May be nil.
	Done any
	// Leave is where もどる of the first step leads.
	Leave string
	// Busy shows that the step's Do is at work.
	Busy bool

	ctx     app.Context
	opened  bool
	ended   bool
	at      int
	draft   Draft
	kept    kept
	faults  []kit.FieldError
	failure trouble.Message
	why     lang.Text // one is not where one wanted to be
}

// kept is the draft: where the person was, and what they typed.
type kept struct {
	At   string
	Form json.RawMessage
}

// Opened says that the flow knows where the person is.
func (f *Flow) Opened() bool { return f.opened }

// At is the name of the step that is shown.
func (f *Flow) At() string { return f.Steps[f.at].Name }

// Ended says that the last step is reached.
func (f *Flow) Ended() bool { return f.ended }

// Open takes up what was typed before, and where: at the step of the address, or where the person left off when it
// names none.
func (f *Flow) Open(ctx app.Context) {
	f.ctx, f.opened = ctx, true
	f.draft = Draft{Name: f.Name, Of: &f.kept}
	if f.Done == nil {
		f.Done = &struct{}{}
	}
	f.ended = vault.HasReceipt(f.Name, f.Done)
	if f.draft.Load() && f.kept.Form != nil {
		if err := json.Unmarshal(f.kept.Form, f.Form); err != nil {
			app.Log("reading the draft of ", f.Name, ": ", err)
		}
		f.draft.Touched() // it is half filled in still
	}
	if At(ctx) == "" {
		Put(ctx, f.resumed())
	}
	f.Arrive()
}

func (f *Flow) resumed() string {
	if f.index(f.kept.At) >= 0 {
		return f.kept.At
	}
	return f.Steps[0].Name
}

func (f *Flow) index(name string) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return s.Name == name })
}

// Arrive shows the step that the address names, or the one that is to be done first.
func (f *Flow) Arrive() {
	if !f.opened || f.Busy {
		return
	}
	last := len(f.Steps) - 1
	wanted, may := max(f.index(At(f.ctx)), 0), f.reach()
	if f.ended {
		may = last
	}
	why := lang.Text{}
	switch {
	case f.ended && wanted < last && f.at == last:
		why = textNoMore
	case wanted > may:
		why = textWhy.F(f.Steps[wanted].Title, f.Steps[may].Title)
	}
	if f.ended || wanted > may {
		wanted = may
	}
	f.show(wanted)
	if !why.Empty() {
		f.why = why
	}
	f.stay()
}

// reach is the furthest step that may be shown: the first that is not done, and never the last.
func (f *Flow) reach() int {
	last := len(f.Steps) - 1
	for i, s := range f.Steps[:last] {
		if s.Check != nil && len(s.Check()) > 0 {
			return i
		}
	}
	return last - 1
}

// show shows a step from its beginning. What the steps that are left backwards brought about is taken back.
func (f *Flow) show(i int) {
	if i == f.at {
		return
	}
	for j := f.at; j > i; j-- {
		if undo := f.Steps[j].Undo; undo != nil {
			undo()
		}
	}
	f.at, f.faults, f.failure, f.why = i, nil, trouble.Message{}, lang.Text{}
	if f.kept.Form != nil && !f.ended {
		f.keep()
	}
	kit.Focus(f.ctx, f.id("step"))
	f.ctx.Defer(func(app.Context) {
		if !app.IsServer {
			app.Window().Call("scrollTo", 0, 0)
		}
	})
}

// Touched keeps what was typed or chosen just now.
func (f *Flow) Touched() {
	form, err := json.Marshal(f.Form)
	if err != nil {
		app.Log("keeping the draft of ", f.Name, ": ", err)
		return
	}
	f.kept.Form, f.why = form, lang.Text{}
	f.keep()
}

func (f *Flow) keep() {
	f.kept.At = f.At()
	f.draft.Touched()
}

// next goes on, or says what is missing.
func (f *Flow) next(ctx app.Context) {
	step := f.Steps[f.at]
	if step.Check != nil && f.Refuse(step.Check()) {
		return
	}
	if step.Do != nil {
		f.faults, f.failure, f.why = nil, trouble.Message{}, lang.Text{}
		step.Do(f.ctx) // not the button's: it goes
		return
	}
	f.GoTo(f.Steps[f.at+1].Name)
}

// GoTo shows a step, as its button would.
func (f *Flow) GoTo(name string) {
	f.show(f.index(name))
	Go(f.ctx, name)
}

func (f *Flow) back(app.Context) {
	f.show(f.at - 1)
	Back(f.ctx, f.At())
}

// Refuse shows what is wrong and takes the person there. It says whether there was anything.
func (f *Flow) Refuse(faults []kit.FieldError) bool {
	f.faults = faults
	if len(faults) == 0 {
		return false
	}
	f.stay()
	kit.Focus(f.ctx, f.id("faults"))
	return true
}

// Fault is what is wrong with a field.
func (f *Flow) Fault(field string) lang.Text { return kit.FaultOf(f.faults, field) }

// Fail says that something could not be done; nothing typed is lost.
func (f *Flow) Fail(message trouble.Message) {
	f.failure = message
	f.stay()
	kit.Focus(f.ctx, f.id("failure"))
}

// stay has the address name the step that is shown, should somebody have gone back while it was at work.
func (f *Flow) stay() {
	if At(f.ctx) != f.At() {
		Put(f.ctx, f.At())
	}
}

// Finish ends the flow: nothing that was typed is left on the device, and the last step is shown, also when the
// page is loaded again. It takes the place of the step before in the browser's history.
func (f *Flow) Finish() {
	f.End()
	vault.Receipt(f.Name, f.Done)
	f.ended = true
	f.show(len(f.Steps) - 1)
	f.stay()
}

// End has nothing typed be left, when there is nothing more to be done.
func (f *Flow) End() {
	f.kept = kept{}
	f.draft.Drop()
}

// Close lets go of the page; the draft stays. What was done is told no more once the person has left it.
func (f *Flow) Close() {
	f.draft.LetGo()
	if f.ended {
		vault.DropReceipt(f.Name)
	}
}

func (f *Flow) id(part string) string { return f.Name + "-" + part }

// UI draws the row of steps, what is wrong, the step that is shown, and its buttons.
func (f *Flow) UI() app.UI {
	titles := make([]lang.Text, len(f.Steps))
	for i, s := range f.Steps {
		titles[i] = s.Title
	}
	return app.Div().Class("flow").Body(
		kit.Stepper{Steps: titles, Current: f.at}.UI(),
		kit.NotificationBanner{ID: f.id("why"), Tone: kit.Info, Title: f.why}.UI(),
		f.failure.Banner(f.id("failure")),
		kit.ErrorSummary{ID: f.id("faults"), Errors: f.faults}.UI(),
		// An element of its own for each step, so that no field of one becomes a field of another.
		app.Range(f.Steps).Slice(func(i int) app.UI {
			if i != f.at {
				return app.Div().Class("step-gone")
			}
			kept := app.P().Class("flow-kept").Attr("role", "status").Body(f.savedNote().UI())
			return app.Section().ID(f.id("step")).Class("flow-step").TabIndex(-1).Aria("label", titles[i].String()).
				Body(append(f.Steps[i].Draw(), f.buttons(), kept)...)
		}),
	)
}

func (f *Flow) buttons() app.UI {
	if f.at == len(f.Steps)-1 {
		return app.Div()
	}
	step := f.Steps[f.at]
	label := textNext.F(f.Steps[f.at+1].Title)
	if step.Do != nil {
		label = step.Action
	}
	on := kit.Button{ID: f.id("next"), Label: label, Kind: kit.Primary, Busy: f.Busy, OnPress: f.next}
	back := kit.Button{ID: f.id("back"), Label: textBack, Disabled: f.Busy, OnPress: f.back}.UI()
	if f.at == 0 {
		back = kit.Link{ID: f.id("leave"), Label: textBack, Href: f.Leave, Kind: kit.Secondary}.UI()
	}
	return app.Div().Class("actions").Body(on.UI(), back)
}

// savedNote says when it was kept, and whether. Nothing is said of what was not typed.
func (f *Flow) savedNote() lang.Text {
	switch {
	case f.kept.Form == nil || f.ended:
		return lang.Text{}
	case f.draft.kept.IsZero() && f.draft.hold != nil:
		return textNotKept
	case f.draft.kept.IsZero():
		return lang.Text{}
	}
	return textKept.F(lang.Clock(f.draft.kept))
}
