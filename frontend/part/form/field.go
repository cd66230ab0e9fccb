package form

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/place"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Question is what who draws attachments must know of a question.
type Question struct {
	ID, Element       string
	Field             *engine.Field
	Label, Help, Told lang.Text
	Required          bool
}

// field is one question. It is drawn by itself.
type field struct {
	app.Compo
	Sheet    *Sheet
	ID       string
	Row      *slot
	Language lang.Code // it is drawn anew in another

	ctx    app.Context
	drawn  look
	typed  string // as it is typed, while it is
	typing bool
	behind bool // more was typed than go-app has drawn
	visit  ask.Visit
	asked  ask.Question
	place  *portalv1.Place
	tried  string // the list of banks or branches that was asked for last

	passbook passbook
}

// look is all that a question's look depends on beside its own answer.
type look struct {
	shown, required, told, sourced, offered, unlisted bool

	faults, computed string
	account          engine.Account // postAccount
}

// OnMount has it drawn when what it depends on changes.
func (f *field) OnMount(ctx app.Context) {
	f.ctx = ctx
	f.Sheet.mounted[f.seat()] = f
	f.visit.Begin(ctx)
	f.resolve()
	rehearse(f.Sheet, ctx)
}

// OnDismount forgets it.
func (f *field) OnDismount() {
	if f.Sheet.mounted[f.seat()] == f {
		delete(f.Sheet.mounted, f.seat())
	}
	f.visit.End()
}

func (f *field) seat() seat { return seat{f.ID, f.Row} }

func (f *field) spot() Spot {
	if f.Row == nil {
		return Spot{Field: f.ID, Row: -1}
	}
	return Spot{Field: f.ID, Row: f.Row.row}
}

func (f *field) look() look {
	s, at := f.Sheet, f.spot()
	l := look{
		shown: s.Result.Shown(f.ID, at.Row), required: s.Result.Required(f.ID, at.Row), told: s.told[at],
		sourced: !s.sources[at].Empty(), unlisted: f.unlisted(), account: f.postAccount(),
	}
	_, l.offered = s.offers[at]
	for _, fault := range s.Result.FaultsAt(at) {
		if l.told || fault.Level != engine.Error {
			l.faults += string(fault.Code) + fault.Limit + fault.Check + ";"
		}
	}
	if s.fields[f.ID].Calc != "" {
		v := s.Result.Computed(f.ID, at.Row)
		l.computed = string(engine.Answers{"": v}.Canonical())
	}
	return l
}

func (f *field) value() engine.Value {
	if f.Row != nil {
		return f.Row.answers[f.ID]
	}
	return f.Sheet.Answers[f.ID]
}

// fresh shows an answer that came from elsewhere.
func (f *field) fresh() {
	before := f.text()
	f.typing = false
	now := f.text()
	if before != now && now == "" {
		kit.SetValue(f.ctx, f.element(), "")
	}
	f.resolve()
	f.ctx.Update()
}

func (f *field) resolve() {
	one := f.Sheet.fields[f.ID]
	if one != nil && one.Register != "" {
		f.learn()
	}
	if one == nil || one.Type != engine.Place {
		return
	}
	code := f.value().Text
	if code == "" || code == f.place.GetCode() {
		if code == "" {
			f.place = nil
		}
		return
	}
	place.Resolve(&f.visit, &f.asked, code, func(_ app.Context, p *portalv1.Place, err error) {
		if err == nil {
			f.place = p
		}
	})
}

func (f *field) element() string { return elementID(f.ID, f.Row) }

// text is the answer as it stands in the field.
func (f *field) text() string {
	if f.typing {
		return f.typed
	}
	return written(f.Sheet.fields[f.ID], f.value())
}

// set answers the question by hand. It alone is drawn, and what looks different now.
func (f *field) set(ctx app.Context, v engine.Value) {
	before := f.Sheet.shown
	f.Sheet.set(ctx, f.ID, f.Row, v)
	if f.Sheet.shown == before {
		f.Sheet.still(f.ID)
	}
}

// input takes a key. Where it changes no more than the field itself shows, nothing is drawn.
func (f *field) input(ctx app.Context, typed string) {
	f.typed, f.typing = typed, true
	before, s := f.Sheet.shown, f.Sheet
	s.set(ctx, f.ID, f.Row, s.Form.Clean(f.ID, typed))
	switch {
	case s.shown != before:
	case f.look() == f.drawn && kit.Recount(f.element(), typed, most(s.fields[f.ID])):
		f.behind = true
		ctx.PreventUpdate()
	default:
		s.still(f.ID)
	}
}

// catchUp writes what go-app would not: it takes the field to be still as it drew it.
func (f *field) catchUp() {
	f.behind = false
	text := f.text()
	kit.Recount(f.element(), text, most(f.Sheet.fields[f.ID]))
	if text != f.typed {
		kit.Write(f.element(), text)
	}
}

// blur shows what was made of what was typed, and says what is wrong with it.
func (f *field) blur(app.Context) {
	f.Sheet.still(f.ID)
	f.typing = false
	if f.value().Kind != 0 {
		f.Sheet.told[f.spot()] = true
	}
}

// Render draws the question, or an empty place.
func (f *field) Render() app.UI {
	one := f.Sheet.fields[f.ID]
	if f.behind {
		f.catchUp()
	}
	f.drawn = f.look()
	if !f.drawn.shown {
		return app.Div().Class("question-hidden")
	}
	if one.Register != "" && f.ctx.Context != nil {
		f.ctx.Defer(func(app.Context) { f.learn() })
	}
	return app.Section().Class("question").Body(f.body(one), f.below())
}

func (f *field) body(one *engine.Field) app.UI {
	s, id := f.Sheet, f.element()
	label, help := s.Label(f.ID), s.Label(f.ID+".help")
	value := f.value()
	if one.Type == engine.Note {
		return app.Div().Class("note").Body(label.P(""), help.P("hint"))
	}
	if one.Calc != "" {
		return app.Div().Class("field").Body(
			app.P().Class("label").Body(label.UI()), help.P("hint"),
			app.Output().ID(id).Class("computed").Aria("live", "polite").
				Body(Shown(s.Form, one, s.Result.Computed(f.ID, f.spot().Row))),
		)
	}
	if !s.open(f.ID) {
		return app.Div().Class("field").Body(
			app.P().Class("label").Body(label.UI()),
			app.P().ID(id).TabIndex(-1).Body(shownIn(s.Form, one, f.answers())),
		)
	}
	told := lang.Text{}
	if f.drawn.told {
		told = s.errorAt(f.spot())
	}
	required := f.drawn.required
	switch one.Type {
	case engine.Files:
		if s.Files == nil {
			return app.Div()
		}
		return s.Files(Question{f.ID, id, one, label, help, told, required})
	case engine.Lines:
		return kit.TextArea{
			ID: id, Label: label, Hint: help, Error: told, Value: f.text(), Required: required, Max: most(one),
			OnInput: f.input,
		}.UI()
	case engine.Day:
		return &kit.DateInput{
			ID: id, Legend: label, Hint: help, Error: told, Required: required, Kept: true,
			Birth: strings.HasSuffix(f.ID, "birth") && f.Row == nil, Value: dayOf(value.Text),
			OnInput: func(ctx app.Context, day string, typed bool) {
				switch {
				case day == "" && typed:
					f.set(ctx, engine.TextOf("?")) // no day yet, and not left out
				default:
					f.set(ctx, engine.TextOf(day))
				}
			},
		}
	case engine.Place:
		return &place.Chooser{
			ID: id, Label: label, Hint: help, Error: told, Stay: true, Elsewhere: true, Current: f.place,
			OnChoose: f.choosePlace,
		}
	case engine.Choice:
		return f.choice(one, kit.RadioGroup{
			ID: id, Legend: label, Hint: help, Error: told, Required: required, Value: value.Text,
			OnChange: func(ctx app.Context, option string) { f.set(ctx, engine.TextOf(option)) },
		})
	case engine.Yes:
		chosen := ""
		if value.Kind == engine.BoolAnswer {
			chosen = map[bool]string{true: "yes", false: "no"}[value.Bool]
		}
		return kit.RadioGroup{
			ID: id, Legend: label, Hint: help, Error: told, Required: required, Value: chosen,
			Options:  []kit.Option{{Value: "yes", Label: textYes}, {Value: "no", Label: textNo}},
			OnChange: func(ctx app.Context, option string) { f.set(ctx, engine.BoolOf(option == "yes")) },
		}.UI()
	case engine.Agree:
		return kit.Checkbox{
			ID: id, Label: label, Hint: help, Error: told, Checked: value.Bool,
			OnChange: func(ctx app.Context, on bool) { f.set(ctx, engine.BoolOf(on)) },
		}.UI()
	case engine.Choices:
		return kit.CheckGroup{
			ID: id, Legend: label, Hint: help, Error: told, Required: required, Options: f.options(one),
			Values: value.Texts, OnChange: f.check,
		}.UI()
	}
	if help.Empty() {
		help = hintOf(one.Type)
	}
	input := kit.Field{
		ID: id, Label: label, Hint: help, Error: told, Value: f.text(), Required: required, Max: most(one), Kept: true,
		Short: one.Type != engine.Line, OnInput: f.input, OnBlur: f.blur,
	}
	input.InputMode, input.Type = modeOf(one.Type)
	if one.Register != "" {
		return f.register(one, input)
	}
	return input.UI()
}

// choice is one of a few in sight, or of many in a list; what may be left out can be taken back.
func (f *field) choice(one *engine.Field, r kit.RadioGroup) app.UI {
	const inSight = 9
	r.Options = f.options(one)
	if r.Required && len(r.Options) <= inSight {
		return r.UI()
	}
	return kit.Select{
		ID: r.ID, Label: r.Legend, Hint: r.Hint, Error: r.Error, Required: r.Required, Value: r.Value,
		Options: append([]kit.Option{{Label: textChoose}}, r.Options...), OnChange: r.OnChange,
	}.UI()
}

func (f *field) options(one *engine.Field) []kit.Option {
	options := make([]kit.Option, len(one.Options))
	for i, o := range one.Options {
		options[i] = kit.Option{Value: o, Label: f.Sheet.Label(f.ID + "." + o)}
	}
	return options
}

// check keeps options in the order of the form.
func (f *field) check(ctx app.Context, option string, on bool) {
	var chosen []string
	for _, o := range f.Sheet.fields[f.ID].Options {
		is := o == option && on
		for _, was := range f.value().Texts {
			is = is || was == o && o != option
		}
		if is {
			chosen = append(chosen, o)
		}
	}
	v := engine.Value{}
	if len(chosen) > 0 {
		v = engine.TextsOf(chosen...)
	}
	f.set(ctx, v)
}

// choosePlace takes the town, too, where a postal code told it and nothing stands there.
func (f *field) choosePlace(ctx app.Context, p *portalv1.Place) {
	f.place = p
	f.set(ctx, engine.TextOf(p.GetCode()))
	town := strings.TrimSuffix(f.ID, "place") + "town"
	at := Spot{Field: town, Row: -1}
	if p.GetTown() == "" || f.Row != nil || !f.Sheet.Fill(at, engine.TextOf(p.GetTown()), textFromPostal) {
		return
	}
	f.Sheet.Put(nil)
	f.Sheet.tell(ctx, town)
}

// below is from where an answer came, and what is to be read of it.
func (f *field) below() app.UI {
	s, at := f.Sheet, f.spot()
	place := app.Div().Class("question-below").Attr("role", "status")
	var lines []app.UI
	if source := s.sources[at]; f.drawn.sourced {
		lines = append(lines, source.P("hint question-source"))
	}
	if o, is := s.offers[at]; is {
		lines = append(lines, f.offer(o))
	}
	if f.drawn.unlisted {
		lines = append(lines, app.P().Class("question-warning").Body(kit.Icon(kit.IconWarning), textUnlisted.UI()))
	}
	for _, fault := range s.Result.FaultsAt(at) {
		if fault.Level != engine.Error {
			words := s.Words(fault).UI()
			lines = append(lines, app.P().Class("question-warning").Body(kit.Icon(kit.IconWarning), words))
		}
	}
	return place.Body(lines...)
}

// offer shows what a source says otherwise, and has the person choose.
func (f *field) offer(o offer) app.UI {
	s, at := f.Sheet, f.spot()
	choose := func(take bool) func(app.Context) { return func(ctx app.Context) { s.choose(ctx, at, take) } }
	return app.Div().Class("question-offer").Body(
		textOffer.P(""), app.Div().Body(Shown(s.Form, s.fields[f.ID], o.value)),
		app.Div().Class("actions").Body(
			kit.Button{
				ID: f.element() + "-take", Label: textTakeOffer, OnPress: choose(true),
			}.UI(),
			kit.Button{
				ID: f.element() + "-leave", Label: textLeaveOffer, Kind: kit.TextOnly, OnPress: choose(false),
			}.UI(),
		),
	)
}

func most(one *engine.Field) int {
	n := 0
	for _, c := range one.Max {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	switch one.Type {
	case engine.Line, engine.Lines:
		return n
	}
	return 0 // names and numbers need no counter
}

func dayOf(s string) string {
	if s == "?" {
		return ""
	}
	return s
}

func hintOf(t engine.FieldType) lang.Text {
	switch t {
	case engine.Kana:
		return textHintKana
	case engine.Month:
		return textHintMonth
	case engine.Clock:
		return textHintClock
	case engine.Tel:
		return textHintTel
	case engine.Holder:
		return textHintHolder
	}
	return lang.Text{}
}

func modeOf(t engine.FieldType) (mode, kind string) {
	switch t {
	case engine.Digits, engine.Int, engine.Yen, engine.Postal, engine.Insurer:
		return "numeric", ""
	case engine.Tel:
		return "tel", "tel"
	case engine.Mail:
		return "email", ""
	}
	return "", ""
}
