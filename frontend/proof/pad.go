package proof

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/bridge/jpki"
	"madoguchi/frontend/card"
	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	pinLength = 4
	fieldID   = "pin"
	messageID = "pin-message"
	// makeTimeout bounds the whole proof: two calls and five commands to a slow card.
	makeTimeout = 60 * time.Second
)

// Pad is the whole way to a proof on a page: the live picture, the four digits, the button, and what went wrong.
type Pad struct {
	app.Compo

	// Purpose of the challenge, "login" or the card_purpose of an RPC.
	Purpose string
	// Told to other pages while this one holds the card.
	Told lang.Text
	// Action is what the button says, "ログイン"; Danger is its look for what cannot be undone.
	Action lang.Text
	Danger bool
	// Use takes the proof, off the UI's goroutine. Its error is shown here.
	Use func(ctx context.Context, proof *portalv1.CardProof) error
	// Done is called after Use succeeded.
	Done func(ctx app.Context)

	// ctx is the pad's own: that of a button is worth nothing once the button is gone, as in a dialog that closes.
	ctx     app.Context
	status  card.Status
	stop    func()
	cancel  context.CancelFunc
	step    Step // 0 when nothing is under way
	failure rpc.Message
	fault   lang.Text // at the field
	typed   int
	asking  bool // the dialog before the last try is open
}

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
	if p.stop != nil {
		p.stop()
	}
}

func (p *Pad) hear(ctx app.Context, s card.Status) {
	before := p.status
	p.status = s
	if s.Phase != card.Ready && before.Phase == card.Ready && p.step == 0 {
		p.asking = false
		p.empty()
	}
	if s.Phase != before.Phase && s.Phase != card.Reading {
		kit.Announce(ctx, Standing(s).What)
	}
	if p.Purpose == PurposeLogin && s.Phase == card.Ready && before.Phase != card.Ready && p.step == 0 {
		kit.Focus(ctx, fieldID)
	}
}

var (
	textPrepare   = lang.New("準備の案内を見る", "See how to get ready", "準備《じゅんび》を見《み》る")
	textPlace     = lang.New("カードを置く", "Place your card", "カードを置《お》く")
	textPIN       = lang.New("暗証番号", "PIN", "暗証番号《あんしょうばんごう》")
	textTypePIN   = lang.New("暗証番号を入力する", "Type your PIN", "暗証番号《あんしょうばんごう》を入《い》れる")
	textPINHint   = lang.New("利用者証明用電子証明書の暗証番号、数字4桁です。このパソコンの中でカードに渡すだけで、まどぐちには送りません。", "The four digits of your user certificate. They go to the card only, never to the portal.", "数字《すうじ》4つです。カードに渡《わた》すだけで、まどぐちには送《おく》りません。")
	textLater     = lang.New("カードを読めるようになると入力できます。", "You can type once the card can be read.", "カードが読《よ》めると、入《い》れることができます。")
	textTries     = lang.New("あと%d回", "%d tries left", "あと%d回《かい》")
	textLastTry   = lang.New("あと1回です。間違えるとカードがロックされます。", "One try left. If it is wrong the card will be locked.", "あと1回《かい》です。間違《まちが》えるとカードがロックされます。")
	textFour      = lang.New("数字4桁を入力してください。", "Please type four digits.", "数字《すうじ》を4つ入《い》れてください。")
	textDelete    = lang.New("1文字消す", "Delete one digit", "1つ消《け》す")
	textKeys      = lang.New("数字キー", "Number keys", "数字《すうじ》のボタン")
	textTyped     = lang.New("%d桁入力しました", "%d digits typed", "%dつ入《い》れました")
	textAskTitle  = lang.New("最後の1回です", "This is the last try", "最後《さいご》の1回《かい》です")
	textAskBody   = lang.New("この暗証番号が違うと、カードがロックされます。ロックの解除は、お住まいの市区町村の窓口でしかできません。", "If this PIN is wrong, the card will be locked. Only the counter of your municipality can unlock it.", "暗証番号《あんしょうばんごう》が違《ちが》うと、カードがロックされます。直《なお》すには、市区町村《しくちょうそん》の窓口《まどぐち》に行《い》きます。")
	textAskUnsure = lang.New("自信がないときは「もどる」を押して、暗証番号の控えを確かめてください。", "If you are not sure, press “Back” and look up your note of the PIN.", "わからないときは「もどる」を押《お》して、メモを見《み》てください。")
	textBack      = lang.New("もどる", "Back", "もどる")
	textGoOn      = lang.New("この暗証番号で%s", "%s with this PIN", "この暗証番号《あんしょうばんごう》で%s")
	textStop      = lang.New("中止する", "Stop", "やめる")
	textVirtual   = lang.New("仮想のカードリーダーを使っています", "A virtual card reader is in use", "練習用《れんしゅうよう》のカードリーダーです")
	stepTexts     = map[Step]lang.Text{
		StepChallenge: lang.New("まどぐちに確認しています", "Asking the portal", "まどぐちに聞《き》いています"),
		StepCard:      lang.New("カードを読み取っています。動かさないでください", "Reading the card. Please do not move it", "カードを読《よ》み取っています。動《うご》かさないでください"),
		StepPortal:    lang.New("まどぐちが署名を確かめています", "The portal checks the signature", "まどぐちが確《たし》かめています"),
	}
)

// Render draws ① the card and ② the digits. The order of the parts never changes, so the field keeps its focus.
func (p *Pad) Render() app.UI {
	return app.Div().Class("pad").Body(
		p.failure.Banner(messageID),
		app.Section().Class("pad-part").Aria("labelledby", "pad-place").Body(
			app.H2().ID("pad-place").Class("pad-heading").Body(number("1"), textPlace.UI()),
			StatusUI(p.status),
		),
		app.Section().Class("pad-part").Aria("labelledby", "pad-type").Hidden(hopeless(p.status.Phase)).Body(
			app.H2().ID("pad-type").Class("pad-heading").Body(number("2"), textTypePIN.UI()),
			app.Form().Class("pad-form").AutoComplete(false).OnSubmit(p.onSubmit).Body(
				p.field(),
				p.keys(),
				p.progress(),
				p.button(),
			),
		),
		&kit.Dialog{ID: "pad-last", Open: p.asking, Alert: true, Title: textAskTitle, Body: p.askBody, Actions: p.askActions, OnClose: p.back},
	)
}

// hopeless tells whether no PIN typed now could help: this card must go elsewhere first, or it is the wrong one.
func hopeless(phase card.Phase) bool {
	switch phase {
	case card.Locked, card.NotMyNumber, card.OldCard, card.NoCertificate:
		return true
	}
	return false
}

func number(n string) app.UI { return app.Span().Class("pad-number").Aria("hidden", "true").Text(n) }

// StatusUI is the live picture with its sentence.
func StatusUI(s card.Status) app.UI {
	message := Standing(s)
	var more []app.UI
	if s.Phase != card.Ready {
		more = append(more, app.P().Body(message.Do.UI()))
	}
	if tone(s.Phase) == kit.Warning || tone(s.Phase) == kit.Failure {
		more = message.Lines()
	}
	return app.Div().Class("status status-"+string(tone(s.Phase))).Body(
		app.Div().Class("status-picture").Body(picture(s.Phase)),
		app.Div().Class("status-words").Body(
			app.P().Class("status-what").Body(message.What.UI()),
			app.Div().Body(more...),
			app.If(s.Phase > card.Searching && s.Phase <= card.ServiceDown, func() app.UI {
				return kit.Link{Label: textPrepare, Href: "/prepare", Kind: kit.Secondary}.UI()
			}),
			app.If(s.Virtual && s.Phase > card.ServiceDown, func() app.UI {
				return app.P().Class("hint").Body(textVirtual.UI())
			}),
		),
	)
}

// Glance is the live picture with no more than what it shows, for a page that explains the rest itself.
func Glance(s card.Status) app.UI {
	return app.Div().Class("status status-"+string(tone(s.Phase))).Body(
		app.Div().Class("status-picture").Body(picture(s.Phase)),
		app.Div().Class("status-words").Body(app.P().Class("status-what").Body(Standing(s).What.UI())),
	)
}

func (p *Pad) usable() bool { return p.status.Phase == card.Ready && p.step == 0 }

func (p *Pad) field() app.UI {
	tries := app.P().ID("pin-tries").Class("pad-tries")
	switch {
	case p.status.Phase != card.Ready:
		tries = tries.Body(textLater.UI())
	case p.status.Card.TriesLeft == 1:
		tries = tries.Class("pad-tries-last").Body(kit.Icon(kit.IconWarning), textLastTry.UI())
	default:
		tries = tries.Body(textTries.F(p.status.Card.TriesLeft).UI())
	}
	invalid := "field"
	fault := app.P().ID("pin-error").Class("error-text")
	if !p.fault.Empty() {
		invalid = "field field-invalid"
		fault = fault.Body(kit.Icon(kit.IconError), p.fault.UI())
	}
	// one-time-code keeps password managers from offering to store the PIN. There is no Value: what is typed stays in the
	// element's property and never becomes an attribute.
	return app.Div().Class(invalid).Body(
		app.Label().For(fieldID).Class("label").Body(textPIN.UI()),
		app.P().ID("pin-hint").Class("hint").Body(textPINHint.UI()),
		fault,
		app.Div().Class("pad-line").Body(
			app.Input().ID(fieldID).Type("password").Class("input pin-input").
				Attr("inputmode", "numeric").Attr("autocomplete", "one-time-code").Attr("spellcheck", "false").
				MaxLength(pinLength).Aria("describedby", "pin-hint pin-error pin-tries").Aria("invalid", !p.fault.Empty()).
				Disabled(!p.usable()).OnInput(p.onInput),
			tries,
		),
	)
}

func (p *Pad) keys() app.UI {
	keys := make([]app.UI, 0, 11)
	for _, digit := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"} {
		keys = append(keys, app.Button().Type("button").Class("pad-key").Disabled(!p.usable()).Text(digit).
			OnClick(func(ctx app.Context, _ app.Event) { p.add(ctx, digit) }, app.EventScope(digit)))
	}
	keys = append(keys, app.Button().Type("button").Class("pad-key pad-key-delete").Disabled(!p.usable()).
		Aria("label", textDelete.String()).Body(kit.Icon(kit.IconBack)).OnClick(p.onDelete))
	return app.Div().Class("pad-keys").Attr("role", "group").Aria("label", textKeys.String()).Body(keys...)
}

func (p *Pad) progress() app.UI {
	place := app.Div().Class("pad-progress").Attr("role", "status")
	if p.step == 0 {
		return place
	}
	return place.Body(kit.Progress{ID: "pad-progress", Label: stepTexts[p.step], Value: int(p.step), Max: Steps}.UI())
}

func (p *Pad) button() app.UI {
	kind := kit.Primary
	if p.Danger {
		kind = kit.Danger
	}
	buttons := []app.UI{kit.Button{
		ID: "pad-go", Label: p.Action, Kind: kind, Submit: true, Wide: true, Busy: p.step != 0,
		Disabled: p.status.Phase != card.Ready && p.step == 0, DescribedBy: "pin-tries",
	}.UI()}
	if p.step != 0 {
		buttons = append(buttons, kit.Button{ID: "pad-stop", Label: textStop, Kind: kit.TextOnly, OnPress: func(app.Context) {
			if p.cancel != nil {
				p.cancel()
			}
		}}.UI())
	}
	return app.Div().Class("pad-buttons").Body(buttons...)
}

func (p *Pad) askBody() []app.UI {
	return []app.UI{app.P().Body(textAskBody.UI()), app.P().Body(textAskUnsure.UI())}
}

func (p *Pad) askActions() []app.UI {
	return []app.UI{
		kit.Button{ID: "pad-back", Label: textBack, Kind: kit.Primary, OnPress: p.back}.UI(),
		kit.Button{ID: "pad-last-go", Label: textGoOn.F(p.Action), Kind: kit.Danger, OnPress: func(app.Context) {
			p.asking = false
			p.run(p.ctx, true)
		}}.UI(),
	}
}

func (p *Pad) back(app.Context) {
	p.asking = false
	p.empty()
	kit.Focus(p.ctx, fieldID)
}

func (p *Pad) onInput(ctx app.Context, _ app.Event) { p.settle(ctx, p.value()) }

func (p *Pad) add(ctx app.Context, digit string) { p.settle(ctx, p.value()+digit) }

func (p *Pad) onDelete(ctx app.Context, _ app.Event) {
	value := p.value()
	if value != "" {
		value = value[:len(value)-1]
	}
	p.settle(ctx, value)
}

// settle keeps what can be a PIN of what is in the field, pasted or typed.
func (p *Pad) settle(ctx app.Context, raw string) {
	value := digits(raw)
	if input := element(fieldID); input != nil && input.Get("value").String() != value {
		input.Set("value", value)
		kit.Announce(ctx, textTyped.F(len(value)))
	}
	p.typed = len(value)
	p.fault, p.failure = lang.Text{}, rpc.Message{}
}

// digits keeps up to four digits, full-width ones as plain ones.
func digits(raw string) string {
	var kept strings.Builder
	for _, r := range raw {
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r >= '0' && r <= '9' && kept.Len() < pinLength {
			kept.WriteRune(r)
		}
	}
	return kept.String()
}

func (p *Pad) value() string {
	if input := element(fieldID); input != nil {
		return digits(input.Get("value").String())
	}
	return ""
}

func (p *Pad) empty() {
	p.typed = 0
	if input := element(fieldID); input != nil {
		input.Set("value", "")
	}
}

func element(id string) app.Value {
	if app.IsServer {
		return nil
	}
	if e := app.Window().GetElementByID(id); e.Truthy() {
		return e
	}
	return nil
}

func (p *Pad) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if !p.usable() {
		return
	}
	if jpki.AuthPIN.Check(p.value()) != nil {
		p.fault = textFour
		kit.Focus(ctx, fieldID)
		return
	}
	if p.status.Card.TriesLeft == 1 {
		p.asking = true
		return
	}
	p.run(p.ctx, false)
}

// run makes the proof and has it used, in the background.
func (p *Pad) run(ctx app.Context, warned bool) {
	pin := []byte(p.value())
	p.empty()
	p.fault, p.failure, p.step = lang.Text{}, rpc.Message{}, StepChallenge
	bounded, cancel := context.WithTimeout(context.Background(), makeTimeout)
	p.cancel = cancel
	at, purpose, use := p.status, p.Purpose, p.Use
	origin := app.Window().Get("location").Get("origin").String()
	ctx.Async(func() {
		defer cancel()
		proof, err := Make(bounded, card.Shared(), at, origin, purpose, pin, warned, func(step Step) {
			ctx.Dispatch(func(app.Context) { p.step = step })
		})
		if err == nil {
			err = use(bounded, proof)
		}
		ctx.Dispatch(func(ctx app.Context) { p.end(ctx, err) })
	})
}

func (p *Pad) end(ctx app.Context, err error) {
	p.step, p.cancel = 0, nil
	if err == nil {
		p.Done(ctx)
		return
	}
	p.failure = Failure(err)
	kit.Focus(ctx, messageID)
}
