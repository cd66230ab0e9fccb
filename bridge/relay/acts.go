package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/apdu"
	"madoguchi/bridge/ask"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/reader"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// What a page has its card do. One request of a connection is under way at a time.

// job is one act with a PIN.
type job struct {
	name   string
	place  *bridgev2.Place
	secret *bridgev2.Secret
	pin    jpki.PIN
	scope  scope
	// check is made before the card is taken, beside that of the secret; nil: there is none.
	check func(act.Secret) error
	// question is for the person at this machine; nil: nobody is asked.
	question *ask.Question
	run      func(ctx context.Context, g *gate, card act.Card, s act.Secret) (*bridgev2.Reply, error)
}

func (c *connection) do(ctx context.Context, request *bridgev2.Request) (*bridgev2.Reply, error) {
	switch body := request.GetBody().(type) {
	case *bridgev2.Request_Look:
		return c.look(ctx, body.Look.GetPlace())
	case *bridgev2.Request_Sign:
		return c.sign(ctx, request.GetId(), body.Sign)
	case *bridgev2.Request_SignDocument:
		return c.signDocument(ctx, request.GetId(), body.SignDocument)
	case *bridgev2.Request_VerifyAttributes:
		return c.verifyAttributes(ctx, request.GetId(), body.VerifyAttributes)
	case *bridgev2.Request_ChangePin:
		return c.changePIN(ctx, request.GetId(), body.ChangePin)
	case *bridgev2.Request_DeriveKey:
		return c.deriveKey(ctx, request.GetId(), body.DeriveKey)
	}
	return nil, &refusal{code: bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME, detail: fmt.Sprintf("a %T", request.GetBody())}
}

func (c *connection) look(ctx context.Context, place *bridgev2.Place) (*bridgev2.Reply, error) {
	if err := c.lies(place); err != nil {
		return nil, err
	}
	card, known := c.server.records.looked(place.GetReader(), place.GetInsertion())
	if !known {
		err := c.withCard(ctx, place, func(g *gate) (err error) {
			card, err = c.lookAt(ctx, g)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	kinds := map[jpki.Kind]bridgev2.CardKind{
		jpki.MyNumberCard:    bridgev2.CardKind_CARD_KIND_MY_NUMBER,
		jpki.OldResidentCard: bridgev2.CardKind_CARD_KIND_OLD_RESIDENT,
		jpki.AndroidPhone:    bridgev2.CardKind_CARD_KIND_PHONE,
		jpki.IPhone:          bridgev2.CardKind_CARD_KIND_PHONE,
		jpki.UnknownCard:     bridgev2.CardKind_CARD_KIND_OTHER,
	}
	shown := &bridgev2.Card{
		Place: place, Kind: kinds[card.Kind], Certificate: card.Certificate, AuthCa: card.AuthCA, SignCa: card.SignCA,
	}
	for _, p := range []jpki.PIN{jpki.AuthPIN, jpki.SignPIN, jpki.TextPIN} {
		if _, has := card.Tries[p]; has {
			now := c.server.records.tries(place.GetReader(), place.GetInsertion(), p)
			shown.Tries = append(shown.Tries, shownTries(now))
		}
	}
	return &bridgev2.Reply{Body: &bridgev2.Reply_Card{Card: shown}}, nil
}

// lookAt looks once an insertion, for all pages.
func (c *connection) lookAt(ctx context.Context, g *gate) (act.Card, error) {
	if card, known := c.server.records.looked(g.reader, g.card.Insertion()); known {
		return card, nil
	}
	g.policy = policy{scope: scopeLook}
	card, err := act.Look(ctx, g)
	if err != nil {
		return act.Card{}, err
	}
	c.server.records.look(g.reader, g.card.Insertion(), card)
	return card, nil
}

func (c *connection) sign(ctx context.Context, id uint32, body *bridgev2.Sign) (*bridgev2.Reply, error) {
	challenge, err := act.ParseChallenge(body.GetChallenge(), c.origin)
	if err != nil {
		return nil, err
	}
	return c.work(ctx, id, job{
		name: "Sign", place: body.GetPlace(), secret: body.GetSecret(), pin: jpki.AuthPIN, scope: scopeSign,
		question: c.question("カードで本人であることを示します（"+challenge.Purpose+"）", "Show with the card who you are"),
		run: func(ctx context.Context, g *gate, card act.Card, s act.Secret) (*bridgev2.Reply, error) {
			if card.Certificate == nil {
				return nil, jpki.ErrNoCertificate
			}
			signature, err := act.Sign(ctx, g, s, challenge, card.Certificate)
			if err != nil {
				return nil, err
			}
			return &bridgev2.Reply{Body: &bridgev2.Reply_Signature{
				Signature: &bridgev2.Signature{Signature: signature, Certificate: card.Certificate},
			}}, nil
		},
	})
}

func (c *connection) signDocument(
	ctx context.Context, id uint32, body *bridgev2.SignDocument,
) (*bridgev2.Reply, error) {
	documents, err := documentsOf(body)
	if err != nil {
		return nil, err
	}
	expect, err := expectOf(body.GetExpect())
	if err != nil {
		return nil, err
	}
	j := job{
		name: "SignDocument", place: body.GetPlace(), secret: body.GetSecret(), pin: jpki.SignPIN,
		scope: scopeDocuments(len(documents)),
		run: func(ctx context.Context, g *gate, _ act.Card, s act.Secret) (*bridgev2.Reply, error) {
			told := func(done int) { c.progress(id, bridgev2.Progress_STEP_CARD, done) }
			certificate, signed, err := act.SignDocuments(ctx, g, s, c.origin, documents, expect, c.server.Now(), told)
			if err != nil {
				return nil, err
			}
			reply := &bridgev2.SignedDocuments{Certificate: certificate}
			for _, d := range signed {
				reply.Documents = append(reply.Documents, &bridgev2.SignedDocument{
					SignedAttributes: d.Attributes, Signature: d.Signature,
				})
			}
			return &bridgev2.Reply{Body: &bridgev2.Reply_SignedDocuments{SignedDocuments: reply}}, nil
		},
	}
	if c.server.Ask.Documents() {
		j.question = &ask.Question{Origin: c.origin, What: []string{
			fmt.Sprintf("次の文書（%d件）に電子署名をします", len(documents)), fmt.Sprintf("Sign these documents (%d)", len(documents)),
		}}
		for _, d := range body.GetDocuments() {
			item := fmt.Sprintf("%s（%s、%d バイト）", d.GetTitle(), d.GetMediaType(), d.GetSize())
			j.question.Items = append(j.question.Items, item)
		}
	}
	return c.work(ctx, id, j)
}

func (c *connection) verifyAttributes(
	ctx context.Context, id uint32, body *bridgev2.VerifyAttributes,
) (*bridgev2.Reply, error) {
	return c.work(ctx, id, job{
		name: "VerifyAttributes", place: body.GetPlace(), secret: body.GetSecret(), pin: jpki.TextPIN,
		scope:    scopeAttributes,
		question: c.question("カードの氏名・住所・生年月日・性別を読みます", "Read name, address, date of birth and sex from the card"),
		run: func(ctx context.Context, g *gate, _ act.Card, s act.Secret) (*bridgev2.Reply, error) {
			a, err := act.VerifyAttributes(ctx, g, s)
			if err != nil {
				return nil, err
			}
			return &bridgev2.Reply{Body: &bridgev2.Reply_Attributes{
				Attributes: &bridgev2.Attributes{Name: a.Name, Address: a.Address, BirthDate: a.BirthDate, Sex: a.Sex},
			}}, nil
		},
	})
}

func (c *connection) changePIN(ctx context.Context, id uint32, body *bridgev2.ChangePIN) (*bridgev2.Reply, error) {
	p, ok := pinKinds[body.GetKind()]
	if !ok {
		return nil, invalid("kind", "it is none")
	}
	return c.work(ctx, id, job{
		name: "ChangePIN", place: body.GetPlace(), secret: body.GetOld(), pin: p, scope: scopeChange(p, 1),
		check:    func(s act.Secret) error { return act.CheckChange(p, s, body.GetNew()) },
		question: c.question("カードの暗証番号を変えます", "Change a PIN of the card"),
		run: func(ctx context.Context, g *gate, _ act.Card, s act.Secret) (*bridgev2.Reply, error) {
			again := func(ctx context.Context) (apdu.Transmitter, error) { return c.takeAgain(ctx, g, p) }
			if err := act.ChangePIN(ctx, g, p, s, body.GetNew(), again); err != nil {
				return nil, err
			}
			return &bridgev2.Reply{Body: &bridgev2.Reply_PinChanged{PinChanged: &bridgev2.PINChanged{}}}, nil
		},
	})
}

func (c *connection) deriveKey(ctx context.Context, id uint32, body *bridgev2.DeriveKey) (*bridgev2.Reply, error) {
	vault, err := act.NewVault(c.origin, body.GetSalt())
	if err != nil {
		return nil, invalid("salt", err)
	}
	return c.work(ctx, id, job{
		name: "DeriveKey", place: body.GetPlace(), secret: body.GetSecret(), pin: jpki.AuthPIN, scope: scopeSign,
		question: c.question("この端末に保存した情報を開く鍵を、カードで作ります", "Make the key to what is kept on this device"),
		run: func(ctx context.Context, g *gate, card act.Card, s act.Secret) (*bridgev2.Reply, error) {
			if card.Certificate == nil {
				return nil, jpki.ErrNoCertificate
			}
			key, err := act.DeriveKey(ctx, g, s, vault, card.Certificate)
			if err != nil {
				return nil, err
			}
			return &bridgev2.Reply{Body: &bridgev2.Reply_DerivedKey{DerivedKey: &bridgev2.DerivedKey{Key: key}}}, nil
		},
	})
}

// question is for acts that sign no document.
func (c *connection) question(lines ...string) *ask.Question {
	if !c.server.Ask.All() {
		return nil
	}
	return &ask.Question{Origin: c.origin, What: lines}
}

// work does an act: it checks what can be checked without the card, asks the person, takes the card, has it do the act,
// and takes the power from it.
func (c *connection) work(ctx context.Context, id uint32, j job) (reply *bridgev2.Reply, err error) {
	defer func() {
		if err != nil {
			err = c.about(err, j)
		}
	}()
	if err := c.lies(j.place); err != nil {
		return nil, err
	}
	secret := act.Secret{PIN: j.secret.GetPin()}
	switch {
	case j.secret.GetPad():
		// Which keys it has is known when the card is taken.
		secret.Pad = (*gate)(nil)
	case j.secret.GetHow() == nil:
		return nil, invalid("secret", "it is missing")
	}
	if err := secret.Check(j.pin); err != nil {
		return nil, err
	}
	if j.check != nil {
		if err := j.check(secret); err != nil {
			return nil, err
		}
	}
	// The gate would refuse it as well, but a page that cannot wait shall not take the card from others meanwhile.
	if now := c.server.records.tries(j.place.GetReader(), j.place.GetInsertion(), j.pin); now.pause > 0 {
		return nil, paused(now)
	}
	if j.question != nil {
		c.progress(id, bridgev2.Progress_STEP_CONFIRM, 0)
		if err := c.server.Ask.Ask(ctx, *j.question); err != nil {
			return nil, err
		}
	}
	err = c.withCard(ctx, j.place, func(g *gate) error {
		if secret.Pad != nil {
			if secret.Pad = g.keys(); secret.Pad == nil {
				return reader.ErrNoPad
			}
		}
		g.typing = func() { c.progress(id, bridgev2.Progress_STEP_PAD, 0) }
		c.progress(id, bridgev2.Progress_STEP_CARD, 0)
		card, err := c.lookAt(ctx, g)
		if err != nil {
			return err
		}
		switch card.Kind {
		case jpki.UnknownCard:
			return jpki.ErrNotMyNumberCard
		case jpki.OldResidentCard:
			return jpki.ErrOldCard
		}
		g.policy = policy{scope: j.scope}
		reply, err = j.run(ctx, g, card, secret)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.log.Info("act done", "act", j.name, "reader", j.place.GetReader())
	return reply, nil
}

// about adds to an error how it stands with the PIN meant.
func (c *connection) about(err error, j job) error {
	code := codeOf(err)
	c.log.Warn("act failed", "act", j.name, "code", code, "error", err)
	switch code {
	case bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN, bridgev2.ErrorCode_ERROR_CODE_LOCKED,
		bridgev2.ErrorCode_ERROR_CODE_PAUSE, bridgev2.ErrorCode_ERROR_CODE_LAY_AGAIN,
		bridgev2.ErrorCode_ERROR_CODE_CHANGE_UNKNOWN:
		now := c.server.records.tries(j.place.GetReader(), j.place.GetInsertion(), j.pin)
		return &refusal{code: code, detail: err.Error(), tries: &now}
	}
	return err
}

// lies tells whether the card that the page means lies there. A name that is no reader's is the page's own words, and
// gets neither into an error nor into the log.
func (c *connection) lies(place *bridgev2.Place) error {
	if name := place.GetReader(); name == "" || len(name) > maxReader {
		return invalid("place.reader", "it is none")
	}
	state, _ := c.server.Source.State()
	if _, ok := state.Find(place.GetReader()); state.Available && !ok {
		return reader.ErrNoReader
	}
	return state.Lost(place.GetReader(), place.GetInsertion())
}

// withCard takes the card for the work, and takes the power from it whatever comes of it.
func (c *connection) withCard(ctx context.Context, place *bridgev2.Place, work func(g *gate) error) error {
	name := place.GetReader()
	other, err := c.server.hold(ctx, name, c)
	if err != nil {
		return err
	}
	if other != nil {
		return &refusal{
			code: bridgev2.ErrorCode_ERROR_CODE_HELD, detail: "another page works with the card", holder: other,
		}
	}
	defer c.server.drop(name, c)
	card, err := c.take(ctx, name, place.GetInsertion())
	if err != nil {
		c.log.Warn("card not taken", "reader", name, "error", err)
		return err
	}
	g := &gate{
		card: card, reader: name, records: c.server.records, log: c.log,
		limit: c.server.CommandTimeout, padLimit: c.server.PadTimeout, typing: func() {},
	}
	defer func() { c.release(g.card) }() // the card may have been taken again meanwhile
	return work(g)
}

// take takes the card, if it is the one of that insertion.
func (c *connection) take(ctx context.Context, name string, insertion uint64) (reader.Card, error) {
	ctx, cancel := context.WithTimeout(ctx, c.server.CommandTimeout)
	defer cancel()
	card, err := c.server.Source.Acquire(ctx, name)
	if errors.Is(err, reader.ErrNoCard) {
		return nil, reader.ErrCardRemoved // it was there a moment ago
	}
	if err != nil {
		return nil, err
	}
	if card.Insertion() != insertion {
		c.release(card)
		return nil, reader.ErrCardChanged
	}
	return card, nil
}

// takeAgain is for finding out what became of a change of PIN: the same card, powered anew.
func (c *connection) takeAgain(ctx context.Context, g *gate, p jpki.PIN) (apdu.Transmitter, error) {
	c.release(g.card)
	card, err := c.take(ctx, g.reader, g.card.Insertion())
	if err != nil {
		return nil, err
	}
	g.card, g.policy, g.finding = card, policy{scope: scopeChange(p, 0)}, true
	return g, nil
}

// release takes the power from the card. When a command is under way for longer than that, it happens by itself later.
func (c *connection) release(card reader.Card) {
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	card.Release(ctx)
}

// releaseTimeout is how long a release waits for a command under way.
const releaseTimeout = 3 * time.Second

func (c *connection) progress(id uint32, step bridgev2.Progress_Step, done int) {
	c.send(&bridgev2.Reply{Body: &bridgev2.Reply_Progress{
		Progress: &bridgev2.Progress{Request: id, Step: step, Done: uint32(done)},
	}})
}

func shownTries(t tries) *bridgev2.Tries {
	return &bridgev2.Tries{
		Kind: kindOf(t.pin), Left: uint32(t.left), PauseMs: uint32(t.pause.Milliseconds()), LayAgain: t.layAgain,
	}
}

// codes of the errors of acts, readers and contexts, in the order in which to look.
var codes = []struct {
	err  error
	code bridgev2.ErrorCode
}{
	{act.ErrChangeUnknown, bridgev2.ErrorCode_ERROR_CODE_CHANGE_UNKNOWN},
	{act.ErrNotAChallenge, bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE},
	{act.ErrForeignOrigin, bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN},
	{act.ErrOtherPerson, bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON},
	{act.ErrDeclined, bridgev2.ErrorCode_ERROR_CODE_DECLINED},
	{ask.ErrDeclined, bridgev2.ErrorCode_ERROR_CODE_DECLINED},
	{ask.ErrCannot, bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED},
	{act.ErrNoPad, bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED},
	{reader.ErrNoPad, bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED},
	{reader.ErrCardChanged, bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED},
	{reader.ErrCardRemoved, bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED},
	{reader.ErrReaderGone, bridgev2.ErrorCode_ERROR_CODE_READER_GONE},
	{reader.ErrServiceDown, bridgev2.ErrorCode_ERROR_CODE_SERVICE_DOWN},
	{reader.ErrNoReader, bridgev2.ErrorCode_ERROR_CODE_NO_READER},
	{reader.ErrNoCard, bridgev2.ErrorCode_ERROR_CODE_NO_CARD},
	{reader.ErrBusy, bridgev2.ErrorCode_ERROR_CODE_BUSY},
	{reader.ErrMute, bridgev2.ErrorCode_ERROR_CODE_MUTE},
	{jpki.ErrPINForm, bridgev2.ErrorCode_ERROR_CODE_PIN_FORM},
	{jpki.ErrWrongPIN, bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN},
	{jpki.ErrLocked, bridgev2.ErrorCode_ERROR_CODE_LOCKED},
	{jpki.ErrNotMyNumberCard, bridgev2.ErrorCode_ERROR_CODE_NOT_MY_NUMBER_CARD},
	{jpki.ErrOldCard, bridgev2.ErrorCode_ERROR_CODE_OLD_CARD},
	{jpki.ErrNoCertificate, bridgev2.ErrorCode_ERROR_CODE_NO_CERTIFICATE},
	{jpki.ErrMalformed, bridgev2.ErrorCode_ERROR_CODE_MALFORMED},
	{context.DeadlineExceeded, bridgev2.ErrorCode_ERROR_CODE_TIMEOUT},
	{context.Canceled, bridgev2.ErrorCode_ERROR_CODE_CANCELLED},
}

func codeOf(err error) bridgev2.ErrorCode {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	var e *jpki.Error
	if errors.As(err, &e) && e.Status != 0 {
		return bridgev2.ErrorCode_ERROR_CODE_MALFORMED
	}
	return bridgev2.ErrorCode_ERROR_CODE_INTERNAL
}

func failure(err error) *bridgev2.Reply {
	e := &bridgev2.Error{Code: codeOf(err), Detail: err.Error()}
	if r, ok := errors.AsType[*refusal](err); ok {
		if r.holder != nil {
			e.HolderOrigin, e.HolderPurpose = r.holder.origin, r.holder.purpose
		}
		if r.tries != nil {
			e.Tries = shownTries(*r.tries)
		}
	}
	return &bridgev2.Reply{Body: &bridgev2.Reply_Error{Error: e}}
}
