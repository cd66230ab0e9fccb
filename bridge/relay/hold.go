package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/reader"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

// What a page does with its card. Everything here runs with the connection's turn taken.

// refusal is an error that names its own code.
type refusal struct {
	code            bridgev1.ErrorCode
	detail          string
	origin, purpose string
}

func (r *refusal) Error() string { return r.detail }

// codes of the errors of package reader, and of contexts.
var codes = []struct {
	err  error
	code bridgev1.ErrorCode
}{
	{reader.ErrCardChanged, bridgev1.ErrorCode_ERROR_CODE_CARD_CHANGED},
	{reader.ErrCardRemoved, bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED},
	{reader.ErrReaderGone, bridgev1.ErrorCode_ERROR_CODE_READER_GONE},
	{reader.ErrServiceDown, bridgev1.ErrorCode_ERROR_CODE_SERVICE_DOWN},
	{reader.ErrNoReader, bridgev1.ErrorCode_ERROR_CODE_NO_READER},
	{reader.ErrNoCard, bridgev1.ErrorCode_ERROR_CODE_NO_CARD},
	{reader.ErrBusy, bridgev1.ErrorCode_ERROR_CODE_BUSY},
	{reader.ErrMute, bridgev1.ErrorCode_ERROR_CODE_MUTE},
	{reader.ErrReleased, bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED},
	{context.DeadlineExceeded, bridgev1.ErrorCode_ERROR_CODE_TIMEOUT},
	{context.Canceled, bridgev1.ErrorCode_ERROR_CODE_CANCELLED},
}

func failure(err error) *bridgev1.Reply {
	e := &bridgev1.Error{Code: bridgev1.ErrorCode_ERROR_CODE_INTERNAL, Detail: err.Error()}
	var r *refusal
	if errors.As(err, &r) {
		e.Code, e.HolderOrigin, e.HolderPurpose = r.code, r.origin, r.purpose
	} else {
		for _, c := range codes {
			if errors.Is(err, c.err) {
				e.Code = c.code
				break
			}
		}
	}
	return &bridgev1.Reply{Body: &bridgev1.Reply_Error{Error: e}}
}

func (c *connection) acquire(ctx context.Context, wanted string) (*bridgev1.Reply, error) {
	c.release("the page takes a card anew")
	c.lost = nil
	name, err := c.chosen(wanted)
	if err != nil {
		c.log.Warn("card not taken", "error", err)
		return nil, err
	}
	if other := c.server.hold(name, c); other != nil {
		return nil, &refusal{
			code: bridgev1.ErrorCode_ERROR_CODE_HELD, detail: "another page holds the card", origin: other.origin, purpose: other.purpose,
		}
	}
	card, err := c.server.Source.Acquire(ctx, name)
	if err != nil {
		c.server.drop(name, c)
		c.log.Warn("card not taken", "reader", name, "error", err)
		return nil, err
	}
	c.card, c.reader, c.policy = card, name, policy{}
	c.log.Info("card taken", "reader", name, "insertion", card.Insertion())
	c.used = time.Now()
	c.idle = time.AfterFunc(c.server.IdleRelease, c.releaseIdle)
	return &bridgev1.Reply{Body: &bridgev1.Reply_Acquired{
		Acquired: &bridgev1.Acquired{Reader: name, Insertion: card.Insertion(), Atr: card.ATR()},
	}}, nil
}

// chosen is the reader that a page means; without a name the one that has a card. A name that is no reader's is the page's own words,
// and gets neither into an error nor into the log.
func (c *connection) chosen(name string) (string, error) {
	state, _ := c.server.Source.State()
	if !state.Available {
		return "", reader.ErrServiceDown
	}
	if len(state.Readers) == 0 {
		return "", reader.ErrNoReader
	}
	if name != "" {
		if _, ok := state.Find(name); !ok {
			return "", reader.ErrNoReader
		}
		return name, nil
	}
	var names []string
	for _, r := range state.Readers {
		if r.Card != reader.Empty {
			names = append(names, r.Name)
		}
	}
	switch len(names) {
	case 0:
		return "", reader.ErrNoCard
	case 1:
		return names[0], nil
	}
	return "", &refusal{code: bridgev1.ErrorCode_ERROR_CODE_WHICH_READER, detail: fmt.Sprintf("%d readers have a card", len(names))}
}

func (c *connection) transmit(ctx context.Context, t *bridgev1.Transmit) (*bridgev1.Reply, error) {
	defer clear(t.GetCommand())
	if c.card == nil {
		return nil, c.notAcquired()
	}
	defer func() { c.used = time.Now() }()
	v, err := c.policy.judge(t.GetCommand())
	if err != nil {
		c.log.Warn("command refused", "why", err)
		return nil, &refusal{code: bridgev1.ErrorCode_ERROR_CODE_NOT_ALLOWED, detail: err.Error()}
	}
	defer clear(v.command)
	if v.spendsTry && !t.GetLastTryWarned() {
		if err := c.checkTries(ctx); err != nil {
			c.log.Warn("command refused", "command", v.name, "why", err)
			return nil, c.lostBy(err)
		}
	}
	c.policy.begin()
	began := time.Now()
	answer, err := c.card.Transmit(ctx, v.command)
	if err != nil {
		c.log.Warn("command failed", "command", v.name, "bytes", len(v.command), "error", err)
		return nil, c.lostBy(err)
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		c.log.Warn("the card's answer is malformed", "command", v.name, "bytes", len(answer))
		return nil, c.lostBy(fmt.Errorf("%w: %w", reader.ErrMute, err))
	}
	c.policy.done(v, response.Status)
	clear(response.Data)
	if len(answer) > maxLe+2 {
		return nil, &refusal{code: bridgev1.ErrorCode_ERROR_CODE_INTERNAL, detail: fmt.Sprintf("a response of %d bytes", len(answer))}
	}
	c.log.Info("command", "name", v.name, "bytes", len(v.command), "answered", len(answer), "status", response.Status, "took", time.Since(began))
	return &bridgev1.Reply{Body: &bridgev1.Reply_Response{Response: &bridgev1.Response{Response: answer}}}, nil
}

// tryQuery asks how many tries the selected PIN has left.
var tryQuery = []byte{0x00, 0x20, 0x00, 0x80}

// checkTries refuses when one try is left, or when the card does not say how many. Nobody else can spend a try in between: the card is
// held. A locked PIN is let through, the card says itself that it is locked.
func (c *connection) checkTries(ctx context.Context) error {
	answer, err := c.card.Transmit(ctx, append([]byte(nil), tryQuery...))
	if err != nil {
		return err
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		return fmt.Errorf("%w: %w", reader.ErrMute, err)
	}
	tries, ok := response.Status.TriesLeft()
	switch {
	case ok && tries != 1:
		return nil
	case response.Status == apdu.StatusReferenceUnusable, response.Status == apdu.StatusBlocked, response.Status == apdu.StatusOK:
		return nil // locked; or verified already, with all tries left (ISO 7816-4, 11.5.6)
	}
	return &refusal{
		code:   bridgev1.ErrorCode_ERROR_CODE_LAST_TRY,
		detail: fmt.Sprintf("one try is left, or it is not known how many (%s), and the person was not warned", response.Status),
	}
}

// lostBy passes on why a command failed. Unless the command was only given up or refused, the card is of no more use.
func (c *connection) lostBy(err error) error {
	var r *refusal
	if errors.As(err, &r) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	c.lost = err
	c.release(err.Error())
	return err
}

// checkLost lets go of a card that is not there any more.
func (c *connection) checkLost() {
	if c.card == nil {
		return
	}
	state, _ := c.server.Source.State()
	if err := state.Lost(c.reader, c.card.Insertion()); err != nil {
		c.lost = err
		c.release(err.Error())
	}
}

// notAcquired says what became of the card that the page believes to hold.
func (c *connection) notAcquired() error {
	switch {
	case c.lost == nil:
		return &refusal{code: bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED, detail: "no card was taken"}
	case errors.Is(c.lost, reader.ErrCardRemoved):
		// By now there may be another card; what the page knows of the one before is of no use for it.
		state, _ := c.server.Source.State()
		if r, ok := state.Find(c.reader); ok && r.Card != reader.Empty {
			return reader.ErrCardChanged
		}
	}
	return c.lost
}

// release powers the card down and tells the others. Without a card it does nothing.
func (c *connection) release(why string) {
	if c.card == nil {
		return
	}
	c.idle.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	c.card.Release(ctx)
	c.card, c.policy = nil, policy{}
	c.server.drop(c.reader, c)
	c.log.Info("card released", "reader", c.reader, "why", why)
}

// releaseIdle is called by the clock. It waits for a request under way, after which the card has been used just now.
func (c *connection) releaseIdle() {
	select {
	case c.turn <- struct{}{}:
	case <-c.ctx.Done():
		return
	}
	defer func() { <-c.turn }()
	if c.card == nil {
		return
	}
	if rest := c.server.IdleRelease - time.Since(c.used); rest > 0 {
		c.idle.Reset(rest)
		return
	}
	c.lost = &refusal{code: bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED, detail: "the card was not used for a while and has been released"}
	c.release("not used for " + c.server.IdleRelease.String())
}
