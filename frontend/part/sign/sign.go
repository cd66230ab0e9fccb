// Package sign is how a person signs documents with the card (署名用電子証明書), or has its face read (券面事項入力補助): the live
// picture of the reader, the field for the password or the four digits, and what went wrong, in words. What is signed,
// and what becomes of the signatures or of what was read, is the page's.
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

// patience bounds it all: a person may have to answer on this computer, or to type on the reader.
const patience = 2 * time.Minute

// secret is what the card asks for: the password for signing, or the digits for its face.
type secret struct {
	kind        bridgev2.PINKind
	id          string // begins the ids of the pad's parts
	least, most int    // characters
	letters     bool

	told, name, hint, short, wrong              lang.Text
	locked, lockedMeans, lockedDo               lang.Text
	lastTitle, lastBody, none, noneMeans, works lang.Text
	lockedCode, noneCode                        string
}

var (
	signing = secret{
		kind: bridgev2.PINKind_PIN_KIND_SIGN, id: "sign", least: 6, most: 16, letters: true,
		told: textTold, name: textPassword, hint: textPasswordHint, short: textPasswordShort, wrong: textWrong.Open,
		locked: textLocked, lockedMeans: textLockedMeans, lockedDo: textLockedDo, lastTitle: textLastTitle,
		lastBody: textLastBody, none: textNoCertificate, noneMeans: textNoCertificateMeans, works: textWorking,
		lockedCode: "PN-03", noneCode: "CD-07",
	}
	facing = secret{
		kind: bridgev2.PINKind_PIN_KIND_TEXT, id: "face", least: 4, most: 4,
		told: textFaceTold, name: textFacePIN, hint: textFacePINHint, short: textFacePINShort,
		wrong:  textFaceWrong.Open,
		locked: textFaceLocked, lockedMeans: textFaceLockedMeans, lockedDo: textFaceLockedDo, lastTitle: textLastTitle,
		lastBody: textFaceLastBody, none: textNoFace, noneMeans: textNoFaceMeans, works: textReading,
		lockedCode: "PN-08", noneCode: "CD-19",
	}
)

// Document is what is to be signed, and by whom: the certificate must say so, or nothing is signed.
type Document struct {
	// Title is for the question on this computer.
	Title   string
	Content []byte
	// Name and Birth (2026-11-22); what is empty is not compared.
	Name, Birth string
}

// Pad is the whole way to signatures on a page, or to what stands on the card's face.
type Pad struct {
	app.Compo

	// Action is what the button says.
	Action lang.Text
	// Documents are asked for when the button is pressed, up to 20 for one password, all for the same person; false
	// when it is not time to sign.
	Documents func(ctx app.Context) ([]Document, bool)
	// Use takes the signatures (CMS SignedData), in the order of the documents, off the UI's goroutine, and whom the
	// certificate names. Its error is shown here.
	Use func(ctx context.Context, signatures [][]byte, by certificate.Holder) error
	// Done is called after Use succeeded.
	Done func(ctx app.Context)
	// Read, where it is set, takes what stands on the card's face; nothing is signed.
	Read func(ctx app.Context, face *bridgev2.Attributes)

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

func (p *Pad) secret() secret {
	if p.Read != nil {
		return facing
	}
	return signing
}

func (p *Pad) field() string    { return p.secret().id + "-password" }
func (p *Pad) statusID() string { return p.secret().id + "-status" }

// OnMount begins to watch the reader.
func (p *Pad) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	p.ctx = ctx
	p.stop = card.Shared().Watch(p.secret().told.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) { p.hear(ctx, s) })
	})
}

// OnDismount gives up what is under way and stops watching.
func (p *Pad) OnDismount() {
	proof.Retype(p.field(), nil)
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
		proof.Retype(p.field(), nil)
		p.fault, p.asking = lang.Text{}, false
	}
	if now := p.phase(); now != before.PhaseOf(p.secret().kind) && now != card.Reading {
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

func (p *Pad) phase() card.Phase { return p.status.PhaseOf(p.secret().kind) }
func (p *Pad) byReader() bool    { return p.onReader && p.status.PINPad }
func (p *Pad) usable() bool      { return p.phase() == card.Ready && p.step.Empty() && p.pause() == 0 }

func (p *Pad) tries() card.Tries {
	return p.status.Contents.Tries(p.secret().kind)
}

func (p *Pad) standing() trouble.Message {
	of := p.secret()
	switch p.phase() {
	case card.Locked:
		return trouble.Message{What: of.locked, Means: of.lockedMeans, Do: of.lockedDo, Code: of.lockedCode}
	case card.NoCertificate:
		return trouble.Message{What: of.none, Means: of.noneMeans, Code: of.noneCode}
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
			id := p.secret().id
			return app.Div().Class("sign").Body(
				p.failure.Banner(id+"-failure"), p.picture(), p.form(),
				&kit.Dialog{
					ID: id + "-last", Open: p.asking, Alert: true, Title: p.secret().lastTitle, Body: p.askBody,
					Actions: p.askActions, OnClose: p.back,
				},
			)
		},
	)
}

func (p *Pad) picture() app.UI {
	at := app.Div().ID(p.statusID()).TabIndex(-1).Class("pin-place")
	switch p.phase() {
	case card.Locked, card.NoCertificate:
		return at.Body(p.standing().Banner(p.secret().id + "-standing"))
	}
	s := p.status
	s.Phase = p.phase()
	if s.Phase == card.Ready { // which secret is typed, the field says
		return at.Body(proof.Glance(s), proof.Chooser(p.status))
	}
	return at.Body(proof.StatusUI(s), proof.Chooser(p.status))
}

func (p *Pad) form() app.UI {
	of, field := p.secret(), p.field()
	kind, mode, class := "password", "numeric", "input"
	if of.letters {
		mode, class = "", "input pin-letters"
	}
	if p.shown {
		kind = "text"
	}
	invalid := "field"
	if !p.fault.Empty() {
		invalid = "field field-invalid"
	}
	// There is no Value: what is typed stays in the element's property. one-time-code keeps password managers from
	// offering to store it.
	input := app.Input().ID(field).Type(kind).Class(class).Attr("autocomplete", "one-time-code").
		Attr("spellcheck", "false").Attr("autocapitalize", "characters").Attr("lang", "en").MaxLength(of.most).
		Aria("invalid", !p.fault.Empty()).Aria("describedby", field+"-hint "+field+"-error "+of.id+"-tries").
		Disabled(!p.step.Empty()).OnInput(p.onInput)
	if mode != "" {
		input = input.Attr("inputmode", mode)
	}
	return app.Form().ID(of.id+"-form").Class("pin-form").AutoComplete(false).OnSubmit(p.onSubmit).Body(
		app.Div().Hidden(!p.status.PINPad).Body(kit.Checkbox{
			ID: of.id + "-on-reader", Label: textOnReader, Checked: p.onReader,
			OnChange: func(_ app.Context, on bool) { p.onReader = on },
		}.UI()),
		app.Div().Hidden(p.byReader()).Body(
			app.Div().Class(invalid).Body(
				app.Label().For(field).Class("label").Body(of.name.UI()),
				app.P().ID(field+"-hint").Class("hint").Body(of.hint.UI()),
				kit.ErrorOf(field, p.fault),
				input,
			),
			kit.Checkbox{
				ID: of.id + "-show", Label: textShow, Checked: p.shown,
				OnChange: func(_ app.Context, on bool) { p.shown = on },
			}.UI(),
		),
		p.left(),
		kit.Button{
			ID: of.id + "-go", Label: p.Action, Kind: kit.Primary, Icon: p.icon(), Submit: true, Wide: true,
			Busy: !p.step.Empty(), Disabled: !p.usable() && p.step.Empty(), DescribedBy: of.id + "-tries",
		}.UI(),
		app.P().ID(of.id+"-step").Class("pin-step").Attr("role", "status").Body(p.step.UI()),
	)
}

func (p *Pad) icon() kit.IconName {
	if p.Read != nil {
		return kit.IconReader
	}
	return kit.IconSign
}

func (p *Pad) left() app.UI {
	tries := app.P().ID(p.secret().id + "-tries").Class("pad-tries")
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

func (p *Pad) askBody() []app.UI { return []app.UI{p.secret().lastBody.P("")} }

func (p *Pad) askActions() []app.UI {
	return []app.UI{
		kit.Button{ID: p.secret().id + "-last-back", Label: textBack, Kind: kit.Primary, OnPress: p.back}.UI(),
		kit.Button{ID: p.secret().id + "-last-go", Label: p.Action, Kind: kit.Danger, OnPress: func(app.Context) {
			p.asking = false
			p.run(p.ctx)
		}}.UI(),
	}
}

func (p *Pad) back(ctx app.Context) {
	p.asking = false
	proof.Retype(p.field(), nil)
	kit.Focus(ctx, p.field())
}

// narrow keeps of what was typed what can stand in the secret, in the place of the text itself: full-width letters and
// digits as plain ones, small letters as capital ones. The rest is cleared.
func (s secret) narrow(typed []byte) []byte {
	kept := 0
	for _, r := range bytes.Runes(typed) {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if kept < s.most && (r >= '0' && r <= '9' || s.letters && r >= 'A' && r <= 'Z') {
			typed[kept] = byte(r)
			kept++
		}
	}
	clear(typed[kept:])
	return typed[:kept]
}

func (p *Pad) onInput(app.Context, app.Event) {
	text := proof.Typed(p.field())
	defer clear(text)
	as := bytes.Clone(text)
	defer clear(as)
	if fit := p.secret().narrow(text); !bytes.Equal(fit, as) {
		proof.Retype(p.field(), fit)
	}
	p.fault, p.failure = lang.Text{}, trouble.Message{}
}

func (p *Pad) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if !p.usable() {
		return
	}
	if !p.byReader() {
		password := p.secret().narrow(proof.Typed(p.field()))
		length := len(password)
		clear(password)
		if length < p.secret().least {
			p.fault = p.secret().short
			kit.Focus(ctx, p.field())
			return
		}
	}
	if p.tries().Left == 1 {
		p.asking = true
		return
	}
	p.run(p.ctx)
}

// run has the card sign, and the signatures used, or its face read, in the background.
func (p *Pad) run(ctx app.Context) {
	var documents []Document
	if p.Read == nil {
		ready := false
		if documents, ready = p.Documents(ctx); !ready {
			return
		}
	}
	typed := card.Secret{Pad: true}
	if !p.byReader() {
		typed = card.Secret{PIN: p.secret().narrow(proof.Typed(p.field()))}
	}
	proof.Retype(p.field(), nil)
	p.fault, p.failure, p.step = lang.Text{}, trouble.Message{}, p.secret().works
	bounded, cancel := context.WithTimeout(context.Background(), patience)
	p.cancel = cancel
	use, read := p.Use, p.Read
	act := card.Act{At: p.status.Place, Secret: typed, Told: func(step *bridgev2.Progress) {
		ctx.Dispatch(func(app.Context) { p.tell(step.GetStep()) })
	}}
	ctx.Async(func() {
		defer cancel()
		if read != nil {
			face, err := card.Shared().VerifyAttributes(bounded, act)
			ctx.Dispatch(func(ctx app.Context) {
				if err == nil {
					read(ctx, face)
				}
				p.end(ctx, err)
			})
			return
		}
		signatures, by, err := sign(bounded, act, documents)
		if err == nil {
			ctx.Dispatch(func(app.Context) { p.step = textSending })
			err = use(bounded, signatures, by)
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

// sign has the card sign documents, all for the person of the first.
func sign(
	ctx context.Context, act card.Act, documents []Document,
) (signatures [][]byte, by certificate.Holder, err error) {
	defer clear(act.Secret.PIN)
	asked := make([]*bridgev2.Document, len(documents))
	for i, d := range documents {
		digest := sha256.Sum256(d.Content)
		asked[i] = &bridgev2.Document{
			Title: cut(d.Title), MediaType: "application/json", Digest: digest[:], Size: uint64(len(d.Content)),
		}
	}
	expect := &bridgev2.Expect{Name: documents[0].Name, BirthDate: withoutDashes(documents[0].Birth)}
	signed, err := card.Shared().SignDocuments(ctx, act, asked, expect)
	if err != nil {
		return nil, by, err
	}
	if len(signed.GetDocuments()) != len(documents) {
		return nil, by, card.ErrMalformed
	}
	for _, one := range signed.GetDocuments() {
		cms, err := certificate.CMS(signed.GetCertificate(), one.GetSignedAttributes(), one.GetSignature())
		if err != nil {
			return nil, by, err
		}
		signatures = append(signatures, cms)
	}
	by, _ = certificate.HolderOf(signed.GetCertificate())
	return signatures, by, nil
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
		if p.Done != nil {
			p.Done(ctx)
		}
		return
	case errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil:
		p.fault = p.secret().wrong.Fill(refusal.Tries.Left)
		kit.Announce(ctx, p.fault)
		kit.Focus(ctx, p.field())
	case errors.Is(err, card.ErrPINForm):
		p.fault = p.secret().short
		kit.Focus(ctx, p.field())
	case errors.Is(err, card.ErrLocked):
		kit.Focus(ctx, p.statusID())
	default:
		p.failure = proof.Failure(err)
		kit.Focus(ctx, p.secret().id+"-failure")
	}
	p.pace(ctx)
}
