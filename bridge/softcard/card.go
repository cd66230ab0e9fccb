package softcard

import (
	"context"
	"time"
)

// Card is one card.
type Card struct{}

func NewCard(p Person, state *State, now func() time.Time) (*Card, error) { return &Card{}, nil }

func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return []byte{0x6F, 0}, nil
}
func (c *Card) Person() Person { return Person{} }
func (c *Card) PowerOn()       {}
func (c *Card) PowerOff()      {}
func (c *Card) Reset()         {}
func (c *Card) ATR() []byte    { return nil }

// Renew gives the card its factory state back: PINs and counters.
func (c *Card) Renew() error { return nil }

func ServeVPCD(ctx context.Context, address string, card *Card) error { return nil }
