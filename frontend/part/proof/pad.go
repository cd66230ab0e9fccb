package proof

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	pinLength = 4
	fieldID   = "pin"
	buttonID  = "pad-go"
	statusID  = "pad-status"
	// makeTimeout bounds the whole proof: a challenge lives so long, and a person may have to answer or to type on the
	// reader.
	makeTimeout = 2 * time.Minute
	// litFor is how long the window is lit before one goes on.
	litFor = 600 * time.Millisecond
)

// Pad is the whole way to a proof on a page: the live picture, the four digits, the button, and what went wrong.
type Pad struct {
	app.Compo

	// Aim is what the proof is for. Where the request depends on what was typed, For gives it when the button is
	// pressed.
	Aim Aim
	For func() Aim
	// Told to other pages while this one holds the card.
	Told lang.Text
	// Action is what the button says, "ログイン"; Danger is its look for what cannot be undone.
	Action lang.Text
	Danger bool
	// Choice, where it is set, draws what is chosen before the button is pressed.
	Choice func() app.UI
	// Lit, where it is set, is said while the window lights, before Done.
	Lit lang.Text
	// Use takes the proof, off the UI's goroutine. Its error is shown here.
	Use func(ctx context.Context, proof *portalv1.CardProof) error
	// Act, where it is set, is what is done with the card instead of a proof, also without a network. It clears the
	// PIN.
	Act func(ctx context.Context, bridge *card.Bridge, act card.Act, certificate []byte) error
	// Done is called after Use, or Act, succeeded.
	Done func(ctx app.Context)

	// ctx is the pad's own: that of a button is worth nothing once the button is gone, as in a dialog that closes.
	ctx      app.Context
	status   card.Status
	stop     func()
	cancel   context.CancelFunc
	withdraw func() // a refusal that ends with this page
	step     Step   // 0 when nothing is under way
	failure  trouble.Message
	fault    lang.Text // at the field
	asking   bool      // the dialog before the last try is open
	onScreen bool      // the person wants to type here although the reader has keys
	pausing  bool      // the seconds until the next try are counted down
	filled   int       // how many cells have a digit; which one, only the field knows
	lit      bool      // it succeeded, and the window lights
}

// The page is seen before a bridge is looked for: what runs until then, the person waits for.
func init() { card.After(shell.Shown()) }

// OnMount begins to watch the reader.
func (p *Pad) OnMount(ctx app.Context) {
	if app.IsServer {
		return
	}
	p.ctx = ctx
	p.stop = card.Shared().Watch(p.Told.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) { p.hear(ctx, s) })
	})
}

// OnDismount gives up what is under way and stops watching.
func (p *Pad) OnDismount() {
	if p.cancel != nil {
		p.cancel()
	}
	if p.withdraw != nil {
		p.withdraw()
	}
	if p.stop != nil {
		p.stop()
	}
}

func (p *Pad) hear(ctx app.Context, s card.Status) {
	before := p.status
	p.status = s
	if p.step == 0 && s.Phase != card.Ready {
		p.asking = false
	}
	// Digits wait while another page or program has its turn, but not for another card.
	if s.Place != before.Place || !open(s.Phase) {
		p.empty()
	}
	// That it has keys is known a moment after the card is: whoever has begun to type goes on here.
	if s.PINPad && !before.PINPad && p.filled > 0 {
		p.onScreen = true
	}
	// What the status said, too, is over with it; what was wrong with the digits, with the card.
	if s.Phase != before.Phase && p.failure.Code != "" && p.failure.Code == codes[before.Phase] {
		p.failure = trouble.Message{}
	}
	if s.Place != before.Place || s.Phase <= card.NoCard {
		p.fault = lang.Text{}
	}
	if s.Phase != before.Phase && s.Phase != card.Reading {
		kit.Announce(ctx, Standing(s).What)
	}
	p.pace(ctx)
	arrived := s.Phase == card.Ready && !open(before.Phase)
	// Who chooses among cards stays at the choice.
	if p.For == nil && p.Aim.Purpose == PurposeLogin && arrived && len(s.Cards) == 0 && p.step == 0 {
		kit.Focus(ctx, p.entry())
	}
}

// entry is where one goes on to give the PIN.
func (p *Pad) entry() string {
	if p.byReader() {
		return buttonID
	}
	return fieldID
}

// pace counts down while no try is taken, and says once how long that will be.
func (p *Pad) pace(ctx app.Context) {
	if left := p.pause(); left > 0 && !p.pausing {
		p.pausing = true
		kit.Announce(ctx, textPause.F(left))
		p.tick(ctx)
	}
}

func (p *Pad) tick(ctx app.Context) {
	if p.pausing = p.pause() > 0; p.pausing {
		ctx.After(time.Until(p.tries().Until)%time.Second+time.Millisecond, p.tick)
	}
}

// pause is how many seconds there are until the next try is taken.
func (p *Pad) pause() int {
	if p.status.Phase != card.Ready {
		return 0
	}
	return seconds(time.Until(p.tries().Until))
}

func seconds(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int((d + time.Second - 1) / time.Second)
}

func (p *Pad) tries() card.Tries { return p.status.Contents.Tries(bridgev2.PINKind_PIN_KIND_AUTH) }

// byReader tells whether the PIN is typed on the reader's keys.
func (p *Pad) byReader() bool { return p.status.PINPad && !p.onScreen }

var (

	// partOf says which of three parts a step belongs to, for the bar.
	partOf    = map[Step]int{StepChallenge: 1, StepConfirm: 2, StepPad: 2, StepPadAgain: 2, StepCard: 2, StepPortal: 3}
	stepTexts = map[Step]lang.Text{
		StepConfirm:   textPleaseAnswerTheQuestionOn,
		StepPad:       textTypeYourPINOnThe,
		StepPadAgain:  textOnReaderAgain,
		StepChallenge: textAskingThePortal,
		StepCard:      textReadingTheCardPleaseDo,
		StepPortal:    textThePortalChecksTheSignature,
	}
)

// Render draws the scene: the live picture, beneath it what is the case, and the four cells. The order of the parts
// never changes, so the field keeps its focus; what is said has one place, so nothing moves.
func (p *Pad) Render() app.UI {
	return app.Div().Class("pad").Body(
		app.Section().Class("pad-part").Aria("labelledby", "pad-place").Body(
			app.H2().ID("pad-place").Class("visually-hidden").Body(textPlace.UI()),
			app.Div().ID(statusID).TabIndex(-1).Class("pad-status").Body(p.scene(), p.progress()),
			Chooser(p.status),
		),
		app.Section().Class("pad-part").Aria("labelledby", "pad-type").Hidden(hopeless(p.status.Phase)).Body(
			app.H2().ID("pad-type").Class("visually-hidden").Body(textTypePIN.UI()),
			app.Form().Class("pad-form").AutoComplete(false).OnSubmit(p.onSubmit).Body(
				p.how(),
				app.Div().Hidden(p.byReader()).Body(p.field()),
				p.keys(),
				p.waiting(),
				p.choice(),
				p.button(),
			),
		),
		&kit.Dialog{
			ID: "pad-last", Open: p.asking, Alert: true, Title: textAskTitle, Body: p.askBody, Actions: p.askActions,
			OnClose: p.back,
		},
	)
}

// hopeless tells whether no PIN typed now could help: this card must go elsewhere first, or it is the wrong one, or
// there is no way to any card from here.
func hopeless(phase card.Phase) bool {
	switch phase {
	case card.Locked, card.Expired, card.Rejected, card.NotMyNumber, card.OldCard, card.NoCertificate,
		card.PermissionDenied, card.Blocked, card.Handheld, card.NotRunning, card.Refused, card.OldBridge, card.OldPage:
		return true
	}
	return false
}

// open tells whether digits may be typed: a card lies there that takes them, now or when another's turn is over.
func open(phase card.Phase) bool {
	return phase == card.Ready || phase == card.HeldCard || phase == card.BusyCard
}

// told is the failure, unless the status beside it says the same.
func (p *Pad) told() trouble.Message {
	if p.failure.Code != "" && p.failure.Code == codes[p.status.Phase] {
		return trouble.Message{}
	}
	return p.failure
}

// scene is the picture and the words beneath it: that the window lights; what went wrong; or how it stands.
func (p *Pad) scene() app.UI {
	switch failure := p.told(); {
	case p.lit:
		return app.Div().Class("status status-lit").Body(
			app.Div().Class("status-picture").Body(scene.Lit(scene.Large)),
			app.Div().Class("status-words").Body(p.Lit.P("status-what")),
		)
	case p.step != 0:
		return app.Div().Class("status status-info status-working").Body(
			app.Div().Class("status-picture").Body(picture(card.Reading)), words(p.status))
	case failure.Is():
		return app.Div().Class("status status-failure").Body(
			app.Div().Class("status-picture").Body(pictureOf(p.status.Phase, kit.Failure)),
			app.Div().Class("status-words").Body(
				app.P().Class("status-what").Body(kit.Icon(kit.IconError), failure.What.UI()),
				app.Div().Body(failure.Lines()...),
			),
		)
	}
	return StatusUI(p.status)
}

// StatusUI is the live picture with its sentence.
func StatusUI(s card.Status) app.UI {
	return app.Div().Class("status status-"+string(tone(s.Phase))).Body(
		app.Div().Class("status-picture").Body(picture(s.Phase)), words(s))
}

// words say how it stands, and what helps.
func words(s card.Status) app.UI {
	message := Standing(s)
	more := []app.UI{message.Do.P("")}
	if tone(s.Phase) == kit.Warning || tone(s.Phase) == kit.Failure {
		more = message.Lines()
	}
	return app.Div().Class("status-words").Body(
		message.What.P("status-what"),
		app.Div().Body(more...),
		app.If(s.Phase == card.OldPage, Reload),
		app.If(s.Phase > card.Searching && s.Phase <= card.ServiceDown && s.Phase != card.OldPage, func() app.UI {
			return kit.Link{Label: textPrepare, Href: "/prepare", Kind: kit.Secondary}.UI()
		}),
		app.If(s.Phase == card.Locked, func() app.UI {
			return kit.Link{Label: textReset, Href: "/pin#reset", Kind: kit.Secondary}.UI()
		}),
		app.If(s.Phase > card.NoCard && s.Reader != "", func() app.UI {
			return textReader.F(s.Reader).P("hint")
		}),
		app.If(s.Virtual && s.Phase > card.ServiceDown, func() app.UI {
			return textVirtual.P("hint")
		}),
	)
}

// Reload is the button that loads the newest version of the page. Nothing else does: if that is no newer, the page says
// so again.
func Reload() app.UI {
	return kit.Button{
		ID: "page-reload", Label: textReload, Icon: kit.IconRefresh, OnPress: func(app.Context) { shell.Update() },
	}.UI()
}

// Chooser is the choice among several cards; without one it is an empty place.
func Chooser(s card.Status) app.UI {
	place := app.Div().Class("card-choice")
	if len(s.Cards) == 0 {
		return place
	}
	options := make([]kit.Option, len(s.Cards))
	for i, c := range s.Cards {
		lies := Standing(card.Status{Lying: c}).What
		if c.Phase == card.Ready {
			lies = textReaderWithTries.F(lies, textTries.F(c.Contents.Tries(bridgev2.PINKind_PIN_KIND_AUTH).Left))
		}
		options[i] = kit.Option{Value: choice(c.Place), Label: lang.Plain(c.Reader), Hint: lies}
	}
	return place.Body(kit.RadioGroup{
		ID: "card-choice", Legend: textWhich, Options: options, Value: choice(s.Place), Required: true,
		OnChange: choose,
	}.UI())
}

// choice is a card as the value of an option.
func choice(at card.Place) string { return fmt.Sprintf("%d.%x", at.Insertion, at.Reader) }

func choose(_ app.Context, value string) {
	for _, c := range card.Shared().Status().Cards {
		if choice(c.Place) == value {
			card.Shared().Choose(c.Place)
		}
	}
}

// Glance is the live picture with no more than what it shows, for a page that explains the rest itself.
func Glance(s card.Status) app.UI {
	return app.Div().Class("status status-"+string(tone(s.Phase))).Body(
		app.Div().Class("status-picture").Body(picture(s.Phase)),
		app.Div().Class("status-words").Body(Standing(s).What.P("status-what")),
	)
}

// usable tells whether a try is taken now.
func (p *Pad) usable() bool {
	return !p.lit && p.status.Phase == card.Ready && p.step == 0 && p.pause() == 0
}

// typable tells whether digits may be typed. That is also while a try has to wait.
func (p *Pad) typable() bool { return !p.lit && p.looked() && p.step == 0 }

// looked tells whether the card's tries are known, and worth telling.
func (p *Pad) looked() bool { return open(p.status.Phase) && len(p.status.Contents.Certificate) > 0 }

// how says that the PIN is typed on the reader's own keys, where it has some, and lets it be typed here instead.
func (p *Pad) how() app.UI {
	place := app.Div().Class("pad-how")
	if !p.status.PINPad {
		return place
	}
	choice := kit.Checkbox{
		ID: "pad-on-reader", Label: textOnReader, Hint: textOnReaderH, Checked: p.byReader(),
		OnChange: func(_ app.Context, on bool) {
			p.onScreen, p.fault = !on, lang.Text{}
			p.empty()
		},
	}.UI()
	if p.byReader() {
		return place.Body(choice, p.wrong(), p.left())
	}
	return place.Body(choice)
}

// left says how many tries there are; it stands once, beside where the PIN is typed.
func (p *Pad) left() app.UI {
	tries := app.P().ID("pin-tries").Class("pad-tries")
	switch {
	case !p.looked():
		return tries.Body(textLater.UI())
	case p.tries().Left == 1:
		return tries.Class("pad-tries-last").Body(kit.Icon(kit.IconWarning), textLastTry.UI())
	}
	return tries.Body(textTries.F(p.tries().Left).UI())
}

// waiting has a line of its own that is always there, so that nothing moves when the seconds come and go. It is no live
// region: a screen reader hears of the wait once.
func (p *Pad) waiting() app.UI {
	line := app.P().ID("pin-wait").Class("pad-wait")
	if left := p.pause(); left > 0 && p.step == 0 {
		return line.Body(kit.Icon(kit.IconClock), textPause.F(left).UI())
	}
	return line
}

// wrong is what was wrong with the PIN; it stands once, as the tries do.
func (p *Pad) wrong() app.UI {
	fault := app.P().ID("pin-error").Class("error-text pad-fault")
	if p.fault.Empty() {
		return fault
	}
	return fault.Body(kit.Icon(kit.IconError), p.fault.UI())
}

func (p *Pad) field() app.UI {
	tries, fault := app.UI(app.Span()), app.UI(app.Span())
	if !p.byReader() {
		tries, fault = p.left(), p.wrong()
	}
	invalid := "field"
	if !p.fault.Empty() {
		invalid = "field field-invalid"
	}
	// one-time-code keeps password managers from offering to store the PIN. There is no Value: what is typed stays in
	// the element's property and never becomes an attribute.
	return app.Div().Class(invalid).Body(
		app.Label().For(fieldID).Class("label").Body(textPIN.UI()),
		textOwnPIN.P("pad-own"),
		app.Div().Class("pad-say").Body(app.P().ID("pin-hint").Class("hint").Body(textPINHint.UI()), fault),
		app.Div().Class("pin-over").Body(
			app.Input().ID(fieldID).Type("password").Class("input pin-input").
				Attr("inputmode", "numeric").Attr("autocomplete", "one-time-code").Attr("spellcheck", "false").
				MaxLength(pinLength).Aria("invalid", !p.fault.Empty()).
				Aria("describedby", "pin-hint pin-error pin-tries pin-wait").
				Disabled(!p.typable()).OnInput(p.onInput),
			p.cells(),
		),
		tries,
	)
}

// cells show how many digits there are, behind the field, which cannot be seen.
func (p *Pad) cells() app.UI {
	cells := make([]app.UI, pinLength)
	for i := range cells {
		class, sign := "pin-cell", ""
		switch {
		case i < p.filled:
			class, sign = "pin-cell pin-cell-full", "●"
		case i == p.filled:
			class = "pin-cell pin-cell-next"
		}
		cells[i] = app.Span().Class(class).Text(sign)
	}
	return app.Div().Class("pin-cells").Aria("hidden", "true").Body(cells...)
}

func (p *Pad) keys() app.UI {
	keys := make([]app.UI, 0, 11)
	for _, digit := range []byte("1234567890") {
		keys = append(keys, app.Button().Type("button").Class("pad-key").Disabled(!p.typable()).Text(string(digit)).
			OnClick(func(ctx app.Context, _ app.Event) { p.add(ctx, digit) }, app.EventScope(digit)))
	}
	keys = append(keys, app.Button().Type("button").Class("pad-key pad-key-delete").Disabled(!p.typable()).
		Aria("label", textDelete.String()).Body(kit.Icon(kit.IconBack)).OnClick(p.onDelete))
	return app.Div().Class("pad-keys").Hidden(p.byReader()).Attr("role", "group").Aria("label", textKeys.String()).Body(
		keys...,
	)
}

// choice is what the page has chosen before.
func (p *Pad) choice() app.UI {
	place := app.Div().Class("pad-choice")
	if p.Choice == nil {
		return place
	}
	return place.Body(p.Choice())
}

// progress stands in the place of the words, while the card is at work.
func (p *Pad) progress() app.UI {
	place := app.Div().Class("pad-progress").Attr("role", "status")
	if p.step == 0 {
		return place
	}
	return place.Body(
		kit.Progress{
			ID: "pad-progress", Label: stepTexts[p.step], Value: partOf[p.step], Max: partOf[StepPortal],
		}.UI(),
		kit.Button{ID: "pad-stop", Label: textStop, Kind: kit.TextOnly, OnPress: func(app.Context) {
			if p.cancel != nil {
				p.cancel()
			}
		}}.UI(),
	)
}

func (p *Pad) button() app.UI {
	kind := kit.Primary
	if p.Danger {
		kind = kit.Danger
	}
	return app.Div().Class("pad-buttons").Body(kit.Button{
		ID: buttonID, Label: p.Action, Kind: kind, Submit: true, Wide: true, Busy: p.step != 0,
		Disabled: !p.usable() && p.step == 0, DescribedBy: p.described(),
	}.UI())
}

// described names what is to be known before the button is pressed: by the reader's keys nothing else was heard before.
func (p *Pad) described() string {
	if p.byReader() {
		return "pad-on-reader-hint pin-error pin-tries pin-wait"
	}
	return "pin-tries pin-wait"
}

func (p *Pad) askBody() []app.UI {
	return []app.UI{textAskBody.P(""), textAskUnsure.P("")}
}

func (p *Pad) askActions() []app.UI {
	return []app.UI{
		kit.Button{ID: "pad-back", Label: textBack, Kind: kit.Primary, OnPress: p.back}.UI(),
		kit.Button{ID: "pad-last-go", Label: p.goOn(), Kind: kit.Danger, OnPress: func(app.Context) {
			p.asking = false
			p.run(p.ctx)
		}}.UI(),
	}
}

func (p *Pad) back(app.Context) {
	p.asking = false
	p.empty()
	kit.Focus(p.ctx, p.entry())
}

// goOn is what the button of the dialog says.
func (p *Pad) goOn() lang.Text {
	if p.byReader() {
		return p.Action
	}
	return textGoOn.F(p.Action)
}

func (p *Pad) onInput(ctx app.Context, _ app.Event) {
	text := Typed(fieldID)
	defer clear(text)
	pin := digits(text)
	if len(pin) != len(text) {
		p.put(ctx, pin)
	}
	p.filled = len(pin)
	p.fault, p.failure = lang.Text{}, trouble.Message{}
}

func (p *Pad) add(ctx app.Context, digit byte) {
	pin := append(p.pin(), digit) // Typed leaves room for it: nothing is copied
	defer clear(pin)
	p.put(ctx, digits(pin))
}

func (p *Pad) onDelete(ctx app.Context, _ app.Event) {
	pin := p.pin()
	defer clear(pin)
	p.put(ctx, pin[:max(len(pin)-1, 0)])
}

func (p *Pad) put(ctx app.Context, pin []byte) {
	Retype(fieldID, pin)
	p.filled = len(pin)
	kit.Announce(ctx, textTyped.F(len(pin)))
	p.fault, p.failure = lang.Text{}, trouble.Message{}
}

// pin is what can be a PIN of what stands in the field. Whoever calls it clears it.
func (p *Pad) pin() []byte { return digits(Typed(fieldID)) }

// digits keeps up to four digits, full-width ones as plain ones, in the place of the text itself; the rest of that is
// cleared.
func digits(text []byte) []byte {
	kept := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		at += size
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r >= '0' && r <= '9' && kept < pinLength {
			text[kept] = byte(r)
			kept++
		}
	}
	clear(text[kept:])
	return text[:kept]
}

func (p *Pad) empty() {
	Retype(fieldID, nil)
	p.filled = 0
}

func (p *Pad) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if !p.usable() {
		return
	}
	if !p.byReader() && !p.complete() {
		p.fault = textFour
		kit.Focus(ctx, fieldID)
		return
	}
	if p.tries().Left == 1 {
		p.asking = true
		return
	}
	p.run(p.ctx)
}

func (p *Pad) complete() bool {
	pin := p.pin()
	defer clear(pin)
	return len(pin) == pinLength
}

// secret is the way of the PIN that the person chose.
func (p *Pad) secret() card.Secret {
	if p.byReader() {
		return card.Secret{Pad: true}
	}
	return card.Secret{PIN: p.pin()}
}

// run makes the proof and has it used, in the background.
func (p *Pad) run(ctx app.Context) {
	secret := p.secret()
	p.empty()
	p.fault, p.failure, p.step = lang.Text{}, trouble.Message{}, StepChallenge
	bounded, cancel := context.WithTimeout(context.Background(), makeTimeout)
	p.cancel = cancel
	at, aim, use, certificate := p.status.Place, p.Aim, p.Use, p.status.Contents.Certificate
	if p.For != nil {
		aim = p.For()
	}
	if p.Act != nil {
		p.step = StepCard
	}
	origin := app.Window().Get("location").Get("origin").String()
	ctx.Async(func() {
		defer cancel()
		progress := func(step Step) {
			ctx.Dispatch(func(app.Context) {
				if p.step != 0 { // not given up meanwhile
					p.step = step
				}
			})
		}
		if p.Act != nil {
			err := p.Act(bounded, card.Shared(), card.Act{At: at, Secret: secret, Told: told(progress)}, certificate)
			ctx.Dispatch(func(ctx app.Context) { p.end(ctx, at, err) })
			return
		}
		proof, err := Make(bounded, card.Shared(), at, origin, aim, secret, progress)
		if err == nil {
			err = use(bounded, proof)
		}
		ctx.Dispatch(func(ctx app.Context) { p.end(ctx, at, err) })
	})
}

func (p *Pad) end(ctx app.Context, at card.Place, err error) {
	p.step, p.cancel = 0, nil
	p.fault = faultOf(err)
	switch {
	case err == nil && p.Lit.Empty():
		p.Done(ctx)
		return
	case err == nil:
		p.lit = true
		kit.Announce(ctx, p.Lit)
		ctx.After(litFor, p.Done)
		return
	case refused(err):
		// The status says why, and goes with the card.
		withdraw := card.Shared().Reject(at, err)
		if !refusals[rpc.Reason(err)].certificate {
			p.withdraw = withdraw
		}
		kit.Focus(ctx, statusID)
	case !p.fault.Empty():
		kit.Announce(ctx, p.fault)
		kit.Focus(ctx, p.placeOfFault())
	default:
		p.failure = Failure(err)
		kit.Focus(ctx, statusID)
	}
	p.pace(ctx)
}

// placeOfFault is where one goes on after wrong digits: to the field, if that takes others.
func (p *Pad) placeOfFault() string {
	if p.typable() && !p.byReader() {
		return fieldID
	}
	return statusID
}
