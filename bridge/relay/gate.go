package relay

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/reader"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// gate stands between an act and the card: every command goes through the policy, and every PIN through the count of
// tries. It is the apdu.Transmitter and the act.Pad of acts.
type gate struct {
	card    reader.Card
	reader  string
	policy  policy
	records *records
	log     *slog.Logger
	// limit is for one command, padLimit for a PIN typed on the reader.
	limit, padLimit time.Duration
	// typing is called before the person types on the reader.
	typing func()
	// finding out whether a change was made: the PIN tried is the bridge's guess, not the person's; it wants two tries
	// left.
	finding bool
}

// refusal is an error that names its own code.
type refusal struct {
	code   bridgev2.ErrorCode
	detail string
	// holder is who works with the card.
	holder *connection
	tries  *tries
}

func (r *refusal) Error() string { return r.detail }

// Transmit is that of apdu.Transmitter.
func (g *gate) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return g.pass(ctx, command, send{to: g.card.Transmit, limit: g.limit})
}

// Keys are those of the reader; nil when it has none.
func (g *gate) keys() act.Pad {
	if pad, ok := g.card.(reader.Pad); ok && pad.HasPad() {
		return g
	}
	return nil
}

// VerifyPIN is that of act.Pad.
func (g *gate) VerifyPIN(ctx context.Context, _ jpki.PIN) (apdu.Response, error) {
	return g.enter(ctx, 0x20, 0x00)
}

// ChangePIN is that of act.Pad.
func (g *gate) ChangePIN(ctx context.Context, _ jpki.PIN) (apdu.Response, error) {
	return g.enter(ctx, 0x24, 0x01)
}

// digitsOpen stand where the reader puts the digits.
var digitsOpen = []byte{0xFF, 0xFF, 0xFF, 0xFF}

func (g *gate) enter(ctx context.Context, instruction, p1 byte) (apdu.Response, error) {
	pad, ok := g.card.(reader.Pad)
	if !ok {
		return apdu.Response{}, reader.ErrNoPad
	}
	command, err := apdu.Command{INS: instruction, P1: p1, P2: 0x80, Data: digitsOpen}.Bytes()
	if err != nil {
		return apdu.Response{}, err
	}
	typing := func(ctx context.Context, command []byte) ([]byte, error) {
		g.typing()
		return pad.EnterPIN(ctx, command)
	}
	answer, err := g.pass(ctx, command, send{to: typing, limit: g.padLimit, typed: true})
	if err != nil {
		return apdu.Response{}, err
	}
	return apdu.ParseResponse(answer)
}

// send is a way to the card.
type send struct {
	to    func(ctx context.Context, command []byte) ([]byte, error)
	limit time.Duration
	// typed: the person types on the reader, which may answer itself.
	typed bool
}

func (g *gate) pass(ctx context.Context, raw []byte, way send) ([]byte, error) {
	v, err := g.policy.judge(raw)
	if err != nil {
		g.log.Error("command refused", "why", err)
		return nil, &refusal{
			code: bridgev2.ErrorCode_ERROR_CODE_INTERNAL, detail: "the bridge refused its own command: " + err.Error(),
		}
	}
	defer clear(v.command)
	if v.pin == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if v.uses {
			ctx = context.WithoutCancel(ctx) // what a PIN was given for is done, or known not to be
		}
		return g.exchange(ctx, v, way)
	}
	takeBack, err := g.spend(ctx, v.pin)
	if err != nil {
		return nil, err
	}
	// Who gives up now must not learn less than the card knows: the answer counts.
	answer, err := g.exchange(context.WithoutCancel(ctx), v, way)
	if err != nil {
		return nil, err
	}
	if response, err := apdu.ParseResponse(answer); err == nil {
		if way.typed && act.NotTyped(response.Status) {
			takeBack()
		} else {
			g.count(v.pin, response.Status)
		}
	}
	return answer, nil
}

func (g *gate) exchange(ctx context.Context, v verdict, way send) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, way.limit)
	defer cancel()
	g.policy.begin(v)
	began := time.Now()
	answer, err := way.to(ctx, v.command)
	if err != nil {
		g.log.Warn("command failed", "command", v.name, "bytes", len(v.command), "error", err)
		return nil, err
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil || len(response.Data) > maxLe {
		g.log.Warn("the card's answer is malformed", "command", v.name, "bytes", len(answer))
		return nil, fmt.Errorf("%w: %d bytes", jpki.ErrMalformed, len(answer))
	}
	g.policy.done(v, response.Status)
	clear(response.Data)
	g.log.Info("command", "name", v.name, "bytes", len(v.command), "answered", len(answer),
		"status", response.Status, "took", time.Since(began))
	return answer, nil
}

// spend asks the card how many tries the selected PIN has left, and takes one or refuses. Nobody else can spend a try
// in between: the card is held.
func (g *gate) spend(ctx context.Context, p jpki.PIN) (takeBack func(), err error) {
	if now := g.tries(p); now.pause > 0 && !g.finding {
		return nil, paused(now)
	}
	left, err := g.ask(ctx)
	if err != nil {
		return nil, err
	}
	g.records.counted(g.reader, g.card.Insertion(), p, left)
	switch now := g.tries(p); {
	case left == 0:
		return nil, &refusal{code: bridgev2.ErrorCode_ERROR_CODE_LOCKED, detail: fmt.Sprintf("the %s is locked", p)}
	case g.finding && left < 2:
		return nil, &refusal{code: bridgev2.ErrorCode_ERROR_CODE_INTERNAL, detail: "one try is left"}
	case now.layAgain:
		return nil, &refusal{
			code:   bridgev2.ErrorCode_ERROR_CODE_LAY_AGAIN,
			detail: "one try is left; it is taken after the card was taken off and laid again",
		}
	}
	if g.finding {
		return func() {}, nil
	}
	return g.records.spend(g.reader, g.card.Insertion(), p), nil
}

func paused(now tries) error {
	return &refusal{
		code: bridgev2.ErrorCode_ERROR_CODE_PAUSE, detail: fmt.Sprintf("the next try is taken in %s", now.pause),
	}
}

// ask is the bridge's own question. A card that says 9000 has the PIN verified, and all tries (ISO 7816-4, 11.5.6).
func (g *gate) ask(ctx context.Context) (int, error) {
	v, err := g.policy.judge([]byte{0x00, 0x20, 0x00, 0x80})
	if err != nil {
		return 0, err
	}
	p := pinOf[v.before.file]
	answer, err := g.exchange(ctx, v, send{to: g.card.Transmit, limit: g.limit})
	if err != nil {
		return 0, err
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		return 0, err
	}
	if left, ok := response.Status.TriesLeft(); ok {
		return left, nil
	}
	switch response.Status {
	case apdu.StatusOK:
		return p.MaxTries(), nil
	case apdu.StatusReferenceUnusable, apdu.StatusBlocked:
		return 0, nil
	}
	return 0, fmt.Errorf("%w: asked for the tries left it says %s", jpki.ErrMalformed, response.Status)
}

// count keeps what the card answered to a PIN.
func (g *gate) count(p jpki.PIN, status apdu.Status) {
	name, insertion := g.reader, g.card.Insertion()
	left, counted := status.TriesLeft()
	switch {
	case status == apdu.StatusOK:
		g.records.right(name, insertion, p)
	case counted:
		g.records.counted(name, insertion, p, left)
	case status == apdu.StatusReferenceUnusable, status == apdu.StatusBlocked:
		g.records.counted(name, insertion, p, 0)
	}
}

func (g *gate) tries(p jpki.PIN) tries {
	return g.records.tries(g.reader, g.card.Insertion(), p)
}

var _ interface {
	apdu.Transmitter
	act.Pad
} = (*gate)(nil)
