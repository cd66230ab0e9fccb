// Package sign is how a person signs a document with the card (署名用電子証明書): the live picture of the reader, the field
// for the password of 6 to 16 letters and digits, and what went wrong, in words. What is signed, and what becomes
// of the signature, is the page's.
//
// The password goes to the bridge, for the card, and nowhere else. It is bytes on the whole way, cleared at its end.
package sign

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

const (
	fieldID  = "sign-password"
	statusID = "sign-status"
	least    = 6
	most     = 16
	// patience bounds it all: a person may have to answer on this computer, or to type on the reader.
	patience = 2 * time.Minute
)

// Document is what is to be signed, and by whom: the certificate must say so, or nothing is signed.
type Document struct {
	// Title is for the question on this computer.
	Title   string
	Content []byte
	// Name and Birth (2026-11-22); what is empty is not compared.
	Name, Birth string
}

// Pad is the whole way to a signature on a page.
type Pad struct {
	app.Compo

	// Action is what the button says.
	Action lang.Text
	// Document is asked for when the button is pressed; false when it is not time to sign.
	Document func(ctx app.Context) (Document, bool)
	// Use takes the signature (CMS SignedData), off the UI's goroutine. Its error is shown here.
	Use func(ctx context.Context, cms []byte) error
	// Done is called after Use succeeded.
	Done func(ctx app.Context)

	ctx      app.Context
	status   card.Status
	stop     func()
	cancel   context.CancelFunc
	step     lang.Text // empty when nothing is under way
	failure  trouble.Message
	fault    lang.Text // at the field
	asking   bool      // the dialog before the last try is open
	onReader bool
	shown    bool // the characters are
	pausing  bool
}

// OnMount begins to watch the reader.
func (p *Pad) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	p.ctx = ctx
	p.stop = card.Shared().Watch(textTold.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) { p.hear(ctx, s) })
	})
}

// OnDismount gives up what is under way and stops watching.
func (p *Pad) OnDismount() {
	proof.Retype(fieldID, nil)
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
	if s.Place != before.Place && p.step.Empty() {
		proof.Retype(fieldID, nil)
		p.fault, p.asking = lang.Text{}, false
	}
	if now := p.phase(); now != before.PhaseOf(bridgev2.PINKind_PIN_KIND_SIGN) && now != card.Reading {
		kit.Announce(ctx, p.standing().What)
	}
	p.pace(ctx)
}

func (p *Pad) pace(ctx app.Context) {
	if p.pause() > 0 && !p.pausing {
		p.tick(ctx)
	}
}

func (p *Pad) tick(ctx app.Context) {
	if p.pausing = p.pause() > 0; p.pausing {
		ctx.After(time.Until(p.tries().Until)%time.Second+time.Millisecond, p.tick)
	}
}

func (p *Pad) pause() int {
	if left := time.Until(p.tries().Until); p.phase() == card.Ready && left > 0 {
		return int((left + time.Second - 1) / time.Second)
	}
	return 0
}

func (p *Pad) phase() card.Phase { return p.status.PhaseOf(bridgev2.PINKind_PIN_KIND_SIGN) }
func (p *Pad) byReader() bool    { return p.onReader && p.status.PINPad }
func (p *Pad) usable() bool      { return p.phase() == card.Ready && p.step.Empty() && p.pause() == 0 }

func (p *Pad) tries() card.Tries {
	return p.status.Contents.Tries(bridgev2.PINKind_PIN_KIND_SIGN)
}

func (p *Pad) standing() trouble.Message {
	switch p.phase() {
	case card.Locked:
		return trouble.Message{What: textLocked, Means: textLockedMeans, Do: textLockedDo, Code: "PN-03"}
	case card.NoCertificate:
		return trouble.Message{What: textNoCertificate, Means: textNoCertificateMeans, Code: "CD-07"}
	}
	s := p.status
	s.Phase = p.phase()
	return proof.Standing(s)
}

// Render draws the picture, the field and the button.
func (p *Pad) Render() app.UI {
	return proof.ByDevice(
		func() app.UI { return app.Div().Body(textHandheld.P(""), textHandheldDo.P("")) },
		func() app.UI {
			return app.Div().Class("sign").Body(
				p.failure.Banner("sign-failure"), p.picture(), p.form(),
				&kit.Dialog{
					ID: "sign-last", Open: p.asking, Alert: true, Title: textLastTitle, Body: p.askBody,
					Actions: p.askActions, OnClose: p.back,
				},
			)
		},
	)
}

func (p *Pad) picture() app.UI {
	at := app.Div().ID(statusID).TabIndex(-1).Class("pin-place")
	switch p.phase() {
	case card.Locked, card.NoCertificate:
		return at.Body(p.standing().Banner("sign-standing"))
	}
	s := p.status
	s.Phase = p.phase()
	return at.Body(proof.StatusUI(s), proof.Chooser(p.status))
}

func (p *Pad) form() app.UI {
	kind := "password"
	if p.shown {
		kind = "text"
	}
	invalid := "field"
	if !p.fault.Empty() {
		invalid = "field field-invalid"
	}
	return app.Form().ID("sign-form").Class("pin-form").AutoComplete(false).OnSubmit(p.onSubmit).Body(
		app.Div().Hidden(!p.status.PINPad).Body(kit.Checkbox{
			ID: "sign-on-reader", Label: textOnReader, Checked: p.onReader,
			OnChange: func(_ app.Context, on bool) { p.onReader = on },
		}.UI()),
		app.Div().Hidden(p.byReader()).Body(
			app.Div().Class(invalid).Body(
				app.Label().For(fieldID).Class("label").Body(textPassword.UI()),
				app.P().ID(fieldID+"-hint").Class("hint").Body(textPasswordHint.UI()),
				kit.ErrorOf(fieldID, p.fault),
				// There is no Value: what is typed stays in the element's property. one-time-code keeps password
				// managers from offering to store it.
				app.Input().ID(fieldID).Type(kind).Class("input pin-letters").Attr("autocomplete", "one-time-code").
					Attr("spellcheck", "false").Attr("autocapitalize", "characters").Attr("lang", "en").MaxLength(most).
					Aria("invalid", !p.fault.Empty()).Aria("describedby", fieldID+"-hint "+fieldID+"-error sign-tries").
					Disabled(!p.step.Empty()).OnInput(p.onInput),
			),
			kit.Checkbox{ID: "sign-show", Label: textShow, Checked: p.shown, OnChange: func(_ app.Context, on bool) {
				p.shown = on
			}}.UI(),
		),
		p.left(),
		kit.Button{
			ID: "sign-go", Label: p.Action, Kind: kit.Primary, Icon: kit.IconSign, Submit: true, Wide: true,
			Busy: !p.step.Empty(), Disabled: !p.usable() && p.step.Empty(), DescribedBy: "sign-tries",
		}.UI(),
		app.P().ID("sign-step").Class("pin-step").Attr("role", "status").Body(p.step.UI()),
	)
}

func (p *Pad) left() app.UI {
	tries := app.P().ID("sign-tries").Class("pad-tries")
	switch pause := p.pause(); {
	case p.phase() != card.Ready && p.phase() != card.LayAgain:
		return tries
	case pause > 0:
		return tries.Body(kit.Icon(kit.IconClock), textPause.F(pause).UI())
	case p.tries().Left == 1:
		return tries.Class("pad-tries-last").Body(kit.Icon(kit.IconWarning), textLastTry.UI())
	}
	return tries.Body(textTries.F(p.tries().Left).UI())
}

func (p *Pad) askBody() []app.UI { return []app.UI{textLastBody.P("")} }

func (p *Pad) askActions() []app.UI {
	return []app.UI{
		kit.Button{ID: "sign-last-back", Label: textBack, Kind: kit.Primary, OnPress: p.back}.UI(),
		kit.Button{ID: "sign-last-go", Label: p.Action, Kind: kit.Danger, OnPress: func(app.Context) {
			p.asking = false
			p.run(p.ctx)
		}}.UI(),
	}
}

func (p *Pad) back(ctx app.Context) {
	p.asking = false
	proof.Retype(fieldID, nil)
	kit.Focus(ctx, fieldID)
}

// narrow keeps of what was typed what can stand in the password, in the place of the text itself: full-width letters
// and digits as plain ones, small letters as capital ones. The rest is cleared.
func narrow(typed []byte) []byte {
	kept := 0
	for _, r := range bytes.Runes(typed) {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if kept < most && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') {
			typed[kept] = byte(r)
			kept++
		}
	}
	clear(typed[kept:])
	return typed[:kept]
}

func (p *Pad) onInput(app.Context, app.Event) {
	text := proof.Typed(fieldID)
	defer clear(text)
	as := bytes.Clone(text)
	defer clear(as)
	if fit := narrow(text); !bytes.Equal(fit, as) {
		proof.Retype(fieldID, fit)
	}
	p.fault, p.failure = lang.Text{}, trouble.Message{}
}

func (p *Pad) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if !p.usable() {
		return
	}
	if !p.byReader() {
		password := narrow(proof.Typed(fieldID))
		length := len(password)
		clear(password)
		if length < least {
			p.fault = textPasswordShort
			kit.Focus(ctx, fieldID)
			return
		}
	}
	if p.tries().Left == 1 {
		p.asking = true
		return
	}
	p.run(p.ctx)
}

// run has the card sign, and the signature used, in the background.
func (p *Pad) run(ctx app.Context) {
	document, ready := p.Document(ctx)
	if !ready {
		return
	}
	secret := card.Secret{Pad: true}
	if !p.byReader() {
		secret = card.Secret{PIN: narrow(proof.Typed(fieldID))}
	}
	proof.Retype(fieldID, nil)
	p.fault, p.failure, p.step = lang.Text{}, trouble.Message{}, textWorking
	bounded, cancel := context.WithTimeout(context.Background(), patience)
	p.cancel = cancel
	at, use := p.status.Place, p.Use
	told := func(step *bridgev2.Progress) {
		ctx.Dispatch(func(app.Context) { p.tell(step.GetStep()) })
	}
	ctx.Async(func() {
		defer cancel()
		cms, err := document.sign(bounded, card.Act{At: at, Secret: secret, Told: told})
		if err == nil {
			ctx.Dispatch(func(app.Context) { p.step = textSending })
			err = use(bounded, cms)
		}
		ctx.Dispatch(func(ctx app.Context) { p.end(ctx, err) })
	})
}

func (p *Pad) tell(step bridgev2.Progress_Step) {
	switch {
	case p.step.Empty():
	case step == bridgev2.Progress_STEP_CONFIRM:
		p.step = textConfirm
	case step == bridgev2.Progress_STEP_PAD:
		p.step = textTypeOnReader
	}
}

func (d Document) sign(ctx context.Context, act card.Act) ([]byte, error) {
	defer clear(act.Secret.PIN)
	digest := sha256.Sum256(d.Content)
	expect := &bridgev2.Expect{Name: d.Name, BirthDate: withoutDashes(d.Birth)}
	one := &bridgev2.Document{
		Title: cut(d.Title), MediaType: "application/json", Digest: digest[:], Size: uint64(len(d.Content)),
	}
	signed, err := card.Shared().SignDocuments(ctx, act, []*bridgev2.Document{one}, expect)
	if err != nil {
		return nil, err
	}
	if len(signed.GetDocuments()) != 1 {
		return nil, card.ErrMalformed
	}
	by := signed.GetDocuments()[0]
	return certificate.CMS(signed.GetCertificate(), by.GetSignedAttributes(), by.GetSignature())
}

func withoutDashes(day string) string {
	return string(bytes.ReplaceAll([]byte(day), []byte("-"), nil))
}

// cut keeps a title to what the bridge asks with.
func cut(title string) string {
	const room = 60
	if runes := []rune(title); len(runes) > room {
		return string(runes[:room])
	}
	return title
}

func (p *Pad) end(ctx app.Context, err error) {
	p.step, p.cancel = lang.Text{}, nil
	var refusal *card.Refusal
	switch {
	case err == nil:
		p.Done(ctx)
		return
	case errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil:
		p.fault = textWrong.F(refusal.Tries.Left)
		kit.Announce(ctx, p.fault)
		kit.Focus(ctx, fieldID)
	case errors.Is(err, card.ErrPINForm):
		p.fault = textPasswordShort
		kit.Focus(ctx, fieldID)
	case errors.Is(err, card.ErrLocked):
		kit.Focus(ctx, statusID)
	default:
		p.failure = proof.Failure(err)
		kit.Focus(ctx, "sign-failure")
	}
	p.pace(ctx)
}
