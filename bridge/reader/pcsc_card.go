//go:build cgo && !nopcsc

package reader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"
)

// pcscCard is a card taken from PC/SC. PC/SC can break off neither a command nor a connect, so one goroutine makes all
// its calls, and the others wait for it no longer than they want.
type pcscCard struct {
	source    *pcsc
	name      string
	insertion uint64
	event     uint32
	atr       []byte
	features  padFeatures

	calls   chan call
	release sync.Once
	closing chan struct{}
	closed  chan struct{}
}

type call struct {
	command []byte
	// control is for the reader itself; 0: the command is the card's.
	control uint32
	answer  chan answer
}

type answer struct {
	response []byte
	err      error
}

// Acquire is that of Source.
func (p *pcsc) Acquire(ctx context.Context, name string) (Card, error) {
	state, _ := p.State()
	if !state.Available {
		return nil, ErrServiceDown
	}
	if _, ok := state.Find(name); !ok {
		return nil, ErrNoReader
	}
	if !p.take(name, true) {
		return nil, ErrBusy
	}
	c := &pcscCard{
		source: p, name: name, calls: make(chan call), closing: make(chan struct{}), closed: make(chan struct{}),
	}
	ready := make(chan error, 1)
	go c.own(ready)
	select {
	case err := <-ready:
		if err != nil {
			return nil, err
		}
		return c, nil
	case <-ctx.Done():
		c.release.Do(func() { close(c.closing) })
		return nil, ctx.Err()
	}
}

// own connects, serves and disconnects: everything that is done with the handle.
func (c *pcscCard) own(ready chan<- error) {
	defer close(c.closed)
	defer c.source.take(c.name, false)
	sc, err := scard.EstablishContext()
	if err != nil {
		ready <- meaning(err)
		return
	}
	defer func() { _ = sc.Release() }() // pcscd may have gone; there is nothing more to let go of
	card, err := sc.Connect(c.name, scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		ready <- c.refused(sc, err)
		return
	}
	defer func() {
		// Without power-down a verified PIN would serve the next program. A card or a pcscd that is gone has no power
		// either.
		if err := card.Disconnect(scard.UnpowerCard); err != nil {
			c.source.log.Info("a card was not powered down", "reader", c.name, "err", err)
		}
		c.source.letGo(c.name)
	}()
	now, err := status(sc, c.name)
	if err != nil {
		ready <- err
		return
	}
	seen := c.source.note(now)
	switch seen.Card {
	case Empty:
		ready <- ErrCardRemoved
		return
	case Mute:
		ready <- ErrMute
		return
	}
	c.insertion, c.event, c.atr = seen.Insertion, c.source.eventOf(c.name), seen.ATR
	c.features = c.source.featuresOf(c.name, card)
	ready <- nil
	for {
		select {
		case <-c.closing:
			return
		case call := <-c.calls:
			var response []byte
			var err error
			if call.control != 0 {
				response, err = card.Control(call.control, call.command)
			} else {
				response, err = card.Transmit(call.command)
			}
			clear(call.command)
			if err == nil && len(response) < 2 {
				err = errNoStatus
			}
			if err != nil {
				response, err = nil, c.lost(sc, err)
			}
			call.answer <- answer{response, err}
		}
	}
}

// errNoStatus: some drivers report success with nothing when the card is pulled out in the middle of a command.
var errNoStatus = errors.New("an answer without a status word")

// Transmit is that of Card. The command is copied, because it may be under way longer than the caller waits.
func (c *pcscCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return c.call(ctx, call{command: append([]byte(nil), command...)})
}

// HasPad is that of Pad.
func (c *pcscCard) HasPad() bool {
	return c.features.verify != 0 && c.features.modify != 0
}

// EnterPIN is that of Pad.
func (c *pcscCard) EnterPIN(ctx context.Context, command []byte) ([]byte, error) {
	code, structure, err := c.features.entry(command)
	if err != nil {
		return nil, err
	}
	return c.call(ctx, call{command: structure, control: code})
}

func (c *pcscCard) call(ctx context.Context, request call) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		clear(request.command)
		return nil, err
	}
	request.answer = make(chan answer, 1)
	select {
	case c.calls <- request:
	case <-c.closing:
		return nil, ErrReleased
	case <-ctx.Done():
		clear(request.command)
		return nil, ctx.Err()
	}
	select {
	case a := <-request.answer:
		return a.response, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *pcscCard) Insertion() uint64 { return c.insertion }
func (c *pcscCard) ATR() []byte       { return c.atr }

// Release is that of Card.
func (c *pcscCard) Release(ctx context.Context) {
	c.release.Do(func() { close(c.closing) })
	select {
	case <-c.closed:
	case <-ctx.Done():
	}
}

// lost finds out why a command failed: PC/SC has many words for it, and a card that is being pulled away breaks off the
// command before pcscd notices that it is gone.
func (c *pcscCard) lost(sc *scard.Context, cause error) error {
	if serviceDown(cause) && !errors.Is(cause, scard.ErrCommError) && !errors.Is(cause, scard.ErrInternalError) {
		return fmt.Errorf("%w: %w", ErrServiceDown, cause)
	}
	for deadline := time.Now().Add(settle); ; time.Sleep(10 * time.Millisecond) {
		now, err := status(sc, c.name)
		event := uint32(now.EventState) >> 16
		switch {
		case errors.Is(err, ErrNoReader):
			return fmt.Errorf("%w: %w", ErrReaderGone, cause)
		case err != nil:
			return fmt.Errorf("%w: %w", err, cause)
		case now.EventState&scard.StatePresent == 0:
			return fmt.Errorf("%w: %w", ErrCardRemoved, cause)
		case event != 0 && event != c.event:
			return fmt.Errorf("%w: %w", ErrCardChanged, cause)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: %w", ErrMute, cause)
		}
	}
}

// refused finds out why the card could not be taken: one pulled away just now is without power before pcscd notices
// that it is gone.
func (c *pcscCard) refused(sc *scard.Context, cause error) error {
	why := meaning(cause)
	for deadline := time.Now().Add(settle); errors.Is(why, ErrMute) &&
		time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		now, err := status(sc, c.name)
		if err != nil {
			return fmt.Errorf("%w: %w", err, cause)
		}
		if now.EventState&scard.StatePresent == 0 {
			return fmt.Errorf("%w: %w", ErrNoCard, cause)
		}
	}
	return why
}

// status is the state of one reader now.
func status(sc *scard.Context, name string) (scard.ReaderState, error) {
	for deadline := time.Now().Add(settle); ; time.Sleep(10 * time.Millisecond) {
		states := []scard.ReaderState{{Reader: name, CurrentState: scard.StateUnaware}}
		if err := sc.GetStatusChange(states, 0); err != nil {
			return scard.ReaderState{}, meaning(err)
		}
		if !isVague(states[0].EventState) {
			return states[0], nil
		}
		if time.Now().After(deadline) {
			return scard.ReaderState{}, ErrNoReader
		}
	}
}

// meaning turns an error of PC/SC, other than one of a command, into one of this package.
func meaning(err error) error {
	var e scard.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e {
	case scard.ErrUnknownReader, scard.ErrReaderUnavailable, scard.ErrNoReadersAvailable:
		return fmt.Errorf("%w: %w", ErrNoReader, err)
	case scard.ErrNoSmartcard, scard.ErrRemovedCard:
		return fmt.Errorf("%w: %w", ErrNoCard, err)
	case scard.ErrSharingViolation:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case scard.ErrUnresponsiveCard, scard.ErrUnpoweredCard, scard.ErrUnsupportedCard, scard.ErrProtoMismatch:
		return fmt.Errorf("%w: %w", ErrMute, err)
	}
	if serviceDown(err) {
		return fmt.Errorf("%w: %w", ErrServiceDown, err)
	}
	return err
}
