package login

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// cardActs are what asks for the card by whichever means one is logged in: the purposes of the contract, in words.
var cardActs = []struct {
	purpose string
	act     lang.Text
}{
	{"login.passkey", textActPasskey},
	{"account.mail", textActMail},
	{"takeaway.all", textActTakeaway},
	{"account.close", textActClose},
	{"usage.disown", textActDisown},
}

// step is how far the birth of a passkey has come.
type step int

const (
	stepNone  step = iota
	stepOffer      // the phone is waited for
	stepCode       // the person types the code and a name
	stepCard       // the card signs
)

// passkeys is the page スマホでログイン: the person's passkeys, and how a new one is born.
type passkeys struct {
	app.Compo
	visit ask.Visit

	listed, offering, looking, checking, doing ask.Question

	list []*portalv1.Passkey
	most int
	own  bool // this device makes sure itself who holds it

	step    step
	here    bool // the passkey is made on this device
	making  bool // and the device is being asked
	offer   *portalv1.OfferPasskeyResponse
	code    string
	name    string
	fault   lang.Text // of the name
	checked *portalv1.CheckPasskeyCodeResponse
	failure trouble.Message

	done   lang.Text
	about  *portalv1.Passkey // to be ended, or named anew
	naming bool
}

// told is the page that is open, for the news.
var told struct {
	sync.Mutex
	hear func()
}

func listenToPasskeys() {
	live.On(func(context.Context, live.News) error {
		told.Lock()
		defer told.Unlock()
		if told.hear != nil {
			told.hear()
		}
		return nil
	}, portalv1.ChangeKind_CHANGE_KIND_PASSKEY)
}

func portal() portalv1web.PasskeyService { return rpc.To(portalv1web.NewPasskeyService) }

// OnMount asks for the passkeys, and listens for what the phone does.
func (p *passkeys) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	if app.IsServer {
		return
	}
	listen := func(hear func()) {
		told.Lock()
		defer told.Unlock()
		told.hear = hear
	}
	listen(func() { ctx.Dispatch(func(app.Context) { p.hear() }) })
	p.visit.Until(func() { listen(nil) })
	ctx.Async(func() {
		own := passkey.OwnReader(context.Background())
		ctx.Dispatch(func(app.Context) { p.own = own })
	})
	p.load()
}

// OnDismount gives up what is asked for.
func (p *passkeys) OnDismount() { p.visit.End() }

func (p *passkeys) load() {
	ask.For(&p.visit, &p.listed, portal().ListPasskeys, &portalv1.ListPasskeysRequest{},
		func(_ app.Context, got *portalv1.ListPasskeysResponse, err error) {
			if err == nil {
				p.list, p.most = got.GetPasskeys(), int(got.GetMost())
			}
		})
}

// hear looks again: at the list, and at how far the phone has come.
func (p *passkeys) hear() {
	p.load()
	if p.step == stepOffer && !p.here {
		p.look()
	}
}

func (p *passkeys) look() {
	ask.For(&p.visit, &p.looking, portal().GetPasskeyOffer, &portalv1.GetPasskeyOfferRequest{},
		func(ctx app.Context, got *portalv1.GetPasskeyOfferResponse, err error) {
			switch {
			case err != nil || p.step == stepNone:
			case got.GetState() == portalv1.GetPasskeyOfferResponse_STATE_UNSPECIFIED:
				p.over(ctx)
			case got.GetState() == portalv1.GetPasskeyOfferResponse_STATE_MADE && p.step == stepOffer:
				p.step = stepCode
				kit.Announce(ctx, textPasskeyMade)
				kit.Focus(ctx, "passkey-code")
			}
		})
}

// over says that what was offered is.
func (p *passkeys) over(ctx app.Context) {
	p.fail(ctx, trouble.Words(&rpc.Error{
		Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_PASSKEY_OFFER_GONE},
	}))
}

func (p *passkeys) fail(ctx app.Context, why trouble.Message) {
	p.step, p.making, p.failure = stepNone, false, why
	kit.Focus(ctx, "passkeys-failure")
}

// begin offers a passkey to a phone, or makes it here.
func (p *passkeys) begin(here bool) {
	p.failure, p.done, p.code, p.fault, p.here = trouble.Message{}, lang.Text{}, "", lang.Text{}, here
	if p.name = textPasskeyNamePhone.String(); here {
		p.name = textPasskeyNameHere.String()
	}
	ask.Do(&p.visit, &p.offering, portal().OfferPasskey, &portalv1.OfferPasskeyRequest{},
		func(ctx app.Context, got *portalv1.OfferPasskeyResponse, err error) {
			if err != nil {
				p.fail(ctx, p.offering.Failure)
				return
			}
			p.step, p.offer = stepOffer, got
			ctx.After(time.Duration(got.GetLeftMs())*time.Millisecond, func(app.Context) {
				if p.offer == got && p.step != stepNone {
					p.look()
				}
			})
			if here {
				p.make()
				return
			}
			kit.Focus(ctx, "passkey-step")
		})
}

// make makes the passkey on this device, which reads its own code.
func (p *passkeys) make() {
	p.making = true
	token := p.offer.GetToken()
	p.visit.Page.Async(func() {
		code, err := makePasskey(context.Background(), token)
		p.visit.Page.Dispatch(func(ctx app.Context) {
			if p.making = false; err != nil {
				p.fail(ctx, passkeyFailure(err))
				return
			}
			p.code, p.step = code, stepCode
			kit.Focus(ctx, "passkey-step")
		})
	})
}

// makePasskey has this device make the passkey of an offer, and tells the code.
func makePasskey(ctx context.Context, token string) (code string, err error) {
	open, err := portal().OpenPasskeyOffer(ctx, &portalv1.OpenPasskeyOfferRequest{Token: token})
	if err != nil {
		return "", err
	}
	answer, err := passkey.Create(ctx, open.GetOptions())
	if err != nil {
		return "", err
	}
	made, err := portal().MakePasskey(ctx, &portalv1.MakePasskeyRequest{Token: token, Response: answer.JSON})
	return made.GetCode(), err
}

// check has the portal check the code before the card is asked.
func (p *passkeys) check(ctx app.Context, e app.Event) {
	e.PreventDefault() // the browser would put what was typed into the address
	p.failure, p.fault = trouble.Message{}, lang.Text{}
	if rule.DisplayName(plaintext.Clean(p.name)) != rule.NameGood {
		p.fault = textPasskeyNameFault
		kit.Focus(ctx, "passkey-name")
		return
	}
	p.code = digits(p.code)
	ask.Do(&p.visit, &p.checking, portal().CheckPasskeyCode, &portalv1.CheckPasskeyCodeRequest{Code: p.code},
		func(ctx app.Context, got *portalv1.CheckPasskeyCodeResponse, err error) {
			switch {
			case err == nil:
				p.step, p.checked = stepCard, got
				kit.Focus(ctx, "passkey-step")
			case rpc.Reason(err) == portalv1.Reason_REASON_PASSKEY_CODE_WRONG:
				kit.Focus(ctx, "passkey-code")
			default:
				p.fail(ctx, p.checking.Failure)
			}
		})
}

// digits are those of a code as somebody may type it: with full-width ones, or spaces between.
func digits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '0' && r <= '9':
			return r
		}
		return -1
	}, typed)
}

func (p *passkeys) request() *portalv1.AddPasskeyRequest {
	return &portalv1.AddPasskeyRequest{Digest: p.checked.GetDigest(), Code: p.code, Name: plaintext.Clean(p.name)}
}

// aim is that the card signs for this passkey.
func (p *passkeys) aim() proof.Aim {
	return proof.Aim{
		Purpose: "login.passkey", Procedure: portalv1web.PasskeyServiceAddPasskey, Request: p.request(),
	}
}

func (p *passkeys) use(ctx context.Context, proof *portalv1.CardProof) error {
	_, err := rpc.To(portalv1web.NewLoginService).ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof})
	if err != nil {
		return err
	}
	_, err = portal().AddPasskey(ctx, p.request())
	return err
}

func (p *passkeys) added(ctx app.Context) {
	p.step, p.done = stepNone, textPasskeyAdded.F(plaintext.Clean(p.name))
	kit.Focus(ctx, "passkeys-done")
	p.load()
}

// end ends the passkey that was asked about.
func (p *passkeys) end(app.Context) {
	gone := p.about
	p.about = nil
	ask.Do(&p.visit, &p.doing, portal().EndPasskey, &portalv1.EndPasskeyRequest{Id: gone.GetId()},
		func(ctx app.Context, _ *portalv1.EndPasskeyResponse, err error) {
			if err == nil {
				p.done = textPasskeyEnded.F(gone.GetName())
				kit.Focus(ctx, "passkeys-done")
				p.load()
			}
		})
}

func (p *passkeys) rename(ctx app.Context, e app.Event) {
	e.PreventDefault()
	named := &portalv1.RenamePasskeyRequest{Id: p.about.GetId(), Name: plaintext.Clean(p.name)}
	if p.fault = (lang.Text{}); rule.DisplayName(named.Name) != rule.NameGood {
		p.fault = textPasskeyNameFault
		kit.Focus(ctx, "passkey-rename")
		return
	}
	ask.Do(&p.visit, &p.doing, portal().RenamePasskey, named,
		func(ctx app.Context, _ *portalv1.RenamePasskeyResponse, err error) {
			if err == nil {
				p.about, p.naming, p.done = nil, false, textPasskeyRenamed.F(named.Name)
				kit.Focus(ctx, "passkeys-done")
				p.load()
			}
		})
}

// Render draws what is under way, or the passkeys.
func (p *passkeys) Render() app.UI {
	acts := make([]app.UI, len(cardActs))
	for i, a := range cardActs {
		acts[i] = a.act.Li("")
	}
	return app.Div().Class("page column page-passkeys").Body(
		shell.Heading(textPasskeysTitle),
		textPasskeysLead.P("lead"),
		trouble.First(p.failure, p.listed.Failure, p.doing.Failure).Banner("passkeys-failure"),
		kit.NotificationBanner{ID: "passkeys-done", Tone: kit.Success, Title: p.done}.UI(),
		p.underWay(),
		app.Section().Class("part").Hidden(p.step != stepNone).Body(
			textPasskeysHave.H2("part-title"),
			app.Div().Body(p.rows()...),
			app.Div().Class("actions").Body(p.ways()...),
		),
		app.Section().Class("part").Body(
			textPasskeysActs.H2("part-title"),
			textPasskeysActsLead.P(""),
			app.Ul().Class("dots").Body(acts...),
		),
		p.dialog(),
	)
}

// ways are how a passkey more is born.
func (p *passkeys) ways() []app.UI {
	if p.most > 0 && len(p.list) >= p.most {
		return []app.UI{app.P().ID("passkeys-full").Body(textPasskeysFull.F(p.most).UI())}
	}
	ways := []app.UI{kit.Button{
		ID: "passkey-add", Label: textPasskeyAdd, Kind: kit.Primary, Icon: kit.IconSmartphone, Busy: p.offering.Busy,
		OnPress: func(app.Context) { p.begin(false) },
	}.UI()}
	if p.own && !shell.CurrentSession().SharedDevice {
		ways = append(ways, kit.Button{
			ID: "passkey-add-here", Label: textPasskeyAddHere, Icon: kit.IconFingerprint, Busy: p.offering.Busy,
			OnPress: func(app.Context) { p.begin(true) },
		}.UI())
	}
	return ways
}

// underWay is the step that one is at.
func (p *passkeys) underWay() app.UI {
	place := app.Section().Class("part passkey-step").Hidden(p.step == stepNone)
	stop := kit.Button{ID: "passkey-stop", Label: textPasskeyStop, OnPress: func(ctx app.Context) {
		p.step = stepNone
		kit.Focus(ctx, "passkey-add")
	}}.UI()
	heading := func(t lang.Text) app.UI {
		return app.H2().ID("passkey-step").TabIndex(-1).Class("part-title").Body(t.UI())
	}
	switch {
	case p.step == stepOffer && p.here:
		return place.Body(heading(textPasskeyStepHere), textPasskeyStepHereDo.P(""),
			app.Div().Class("actions").Body(stop))
	case p.step == stepOffer:
		return place.Body(heading(textPasskeyStepPhone), textPasskeyStepPhoneDo.P(""), p.picture(),
			textPasskeyStepWait.P(""), app.Div().Class("actions").Body(stop))
	case p.step == stepCode:
		return place.Body(heading(textPasskeyStepCode), app.Form().OnSubmit(p.check).Body(
			p.codeField(),
			kit.Field{
				ID: "passkey-name", Label: textPasskeyName, Hint: textPasskeyNameHint, Error: p.fault, Value: p.name,
				Required: true, Max: portalv1limit.AddPasskeyRequestName,
				OnInput: func(_ app.Context, typed string) { p.name = typed },
			}.UI(),
			app.Div().Class("actions").Body(kit.Button{
				ID: "passkey-check", Label: textPasskeyNext, Kind: kit.Primary, Submit: true, Busy: p.checking.Busy,
			}.UI(), stop),
		))
	case p.step == stepCard:
		return place.Body(heading(textPasskeyStepCard),
			textPasskeyStepCardDo.F(plaintext.Clean(p.name), keptWhere(p.checked.GetSynced())).P(""),
			proof.ByDevice(func() app.UI { return proof.WithoutCard("", false) }, func() app.UI {
				return &proof.Pad{
					For: p.aim, Told: textPasskeysTitle, Action: textPasskeySign, Use: p.use, Done: p.added,
				}
			}),
			app.Div().Class("actions").Body(stop))
	}
	return place
}

func (p *passkeys) codeField() app.UI {
	if p.here {
		return app.Div()
	}
	wrong := lang.Text{}
	if p.checking.Failure.Is() {
		wrong = p.checking.Failure.What
	}
	return kit.Field{
		ID: "passkey-code", Label: textPasskeyCode, Hint: textPasskeyCodeHint, Error: wrong, Value: p.code,
		InputMode: "numeric", Autocomplete: "off", Short: true, Required: true,
		OnInput: func(_ app.Context, typed string) { p.code = typed },
	}.UI()
}

// picture is what the phone takes; whoever cannot, types the address.
func (p *passkeys) picture() app.UI {
	size := strconv.Itoa(int(p.offer.GetSize()))
	address := app.Window().Get("location").Get("origin").String() + "/login/phone/new#" + p.offer.GetToken()
	return app.Div().Body(
		app.Div().Class("passkey-code").Attr("role", "img").Aria("label", textPasskeyPicture.String()).Body(
			kit.Drawing("passkey-picture", "0 0 "+size+" "+size, `<path d="`+p.offer.GetPath()+`"/>`)),
		kit.Disclosure{ID: "passkey-address", Summary: textPasskeyNoCamera, Body: []app.UI{
			textPasskeyType.P(""),
			app.P().Class("address").Attr("translate", "no").Text(address),
		}}.UI(),
	)
}

// keptWhere says in words where a passkey lies.
func keptWhere(synced bool) lang.Text {
	if synced {
		return textPasskeySynced
	}
	return textPasskeyBound
}

func (p *passkeys) rows() []app.UI {
	switch {
	case p.listed.Busy && p.most == 0, p.listed.Failure.Is():
		return []app.UI{p.listed.Waiting("passkeys", 3)}
	case len(p.list) == 0:
		return []app.UI{textPasskeysNone.P("empty")}
	}
	lines := make([]app.UI, len(p.list))
	for i, k := range p.list {
		lines[i] = app.Li().Class("list-item device-item").Body(p.row(k), p.acts(k))
	}
	return []app.UI{app.Ul().Class("list device-list").Aria("label", textPasskeysHave.String()).Body(lines...)}
}

func (p *passkeys) row(k *portalv1.Passkey) app.UI {
	name := lang.Plain(k.GetName())
	if k.GetHere() {
		name = textPasskeyThis.F(name)
	}
	used := textPasskeyUnused
	if k.GetUsedAt() > 0 {
		used = textPasskeyUsed.F(lang.DateTime(time.UnixMilli(k.GetUsedAt())))
	}
	ends := textPasskeyEnds
	if k.GetEndsAt() < time.Now().UnixMilli() {
		ends = textPasskeyOver
	}
	return app.Div().Class("device-what").Body(
		name.P("device-name"),
		keptWhere(k.GetSynced()).P(""),
		textPasskeySince.F(lang.Date(time.UnixMilli(k.GetAddedAt())), used).P(""),
		ends.F(lang.Date(time.UnixMilli(k.GetEndsAt()))).P(""),
	)
}

func (p *passkeys) acts(k *portalv1.Passkey) app.UI {
	if p.naming && p.about.GetId() == k.GetId() {
		return app.Form().OnSubmit(p.rename).Body(
			kit.Field{
				ID: "passkey-rename", Label: textPasskeyName, Error: p.fault, Value: p.name, Required: true,
				Max:     portalv1limit.RenamePasskeyRequestName,
				OnInput: func(_ app.Context, typed string) { p.name = typed },
			}.UI(),
			kit.Button{ID: "passkey-rename-go", Label: textPasskeyRename, Submit: true, Busy: p.doing.Busy}.UI(),
		)
	}
	return app.Div().Class("actions").Body(
		kit.Button{
			ID: "passkey-name-" + k.GetId(), Label: textPasskeyRename, Scope: k.GetId(),
			OnPress: func(ctx app.Context) {
				p.about, p.naming, p.name, p.fault = k, true, k.GetName(), lang.Text{}
				kit.Focus(ctx, "passkey-rename")
			},
		}.UI(),
		kit.Button{
			ID: "passkey-end-" + k.GetId(), Label: textPasskeyEnd, Scope: k.GetId(), Busy: p.doing.Busy,
			OnPress: func(app.Context) { p.about, p.naming = k, false },
		}.UI(),
	)
}

func (p *passkeys) dialog() app.UI {
	not := func(app.Context) { p.about = nil }
	return &kit.Dialog{
		ID: "passkey-ask", Alert: true, Open: p.about != nil && !p.naming, Title: textPasskeyAsk, OnClose: not,
		Body: func() []app.UI { return []app.UI{textPasskeyAskBody.F(p.about.GetName()).P("")} },
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: "passkey-not", Label: textPasskeyNot, OnPress: not}.UI(),
				kit.Button{ID: "passkey-sure", Label: textPasskeyEnd, Kind: kit.Danger, OnPress: p.end}.UI(),
			}
		},
	}
}
