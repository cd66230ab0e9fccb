// Package apdu encodes and decodes ISO 7816-4 commands and responses, and names what carries them to a card. It is
// strict: what it cannot encode again it does not accept. It knows no application, no file and no reader.
package apdu

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Lengths of the standard (ISO 7816-4, 5.1).
const (
	MaxData          = 65535
	MaxLe            = 65536
	MaxCommandBytes  = 4 + 3 + MaxData + 2
	MaxResponseBytes = MaxLe + 2
)

// Errors of ParseCommand and Bytes.
var (
	ErrLength      = errors.New("lengths do not agree")
	ErrClass       = errors.New("class FF is no command for a card")
	ErrInstruction = errors.New("instructions 6X and 9X do not exist")
)

// ErrCardRemoved is what a Transmitter's error Is when the card was taken away or lost its power.
var ErrCardRemoved = errors.New("the card was removed")

// Command is one command APDU.
type Command struct {
	CLA, INS, P1, P2 byte
	// At most MaxData bytes; none means that there is no Lc field.
	Data []byte
	// The most bytes expected back: 0 none, 1 to 256 in the short form, up to 65,536 in the extended one.
	Le int
}

// Bytes encodes the command, in the short form when it fits.
func (c Command) Bytes() ([]byte, error) {
	if err := checkHeader(c.CLA, c.INS); err != nil {
		return nil, err
	}
	if len(c.Data) > MaxData || c.Le < 0 || c.Le > MaxLe {
		return nil, fmt.Errorf("%w: %d bytes of data, %d expected", ErrLength, len(c.Data), c.Le)
	}
	b := make([]byte, 4, 4+3+len(c.Data)+2)
	b[0], b[1], b[2], b[3] = c.CLA, c.INS, c.P1, c.P2
	if len(c.Data) <= 255 && c.Le <= 256 {
		if len(c.Data) > 0 {
			b = append(append(b, byte(len(c.Data))), c.Data...)
		}
		if c.Le > 0 {
			b = append(b, byte(c.Le))
		}
		return b, nil
	}
	b = append(b, 0)
	if len(c.Data) > 0 {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(c.Data))), c.Data...)
	}
	if c.Le > 0 {
		b = binary.BigEndian.AppendUint16(b, uint16(c.Le))
	}
	return b, nil
}

// ParseCommand decodes one command of any of the four cases, short or extended. The result shares no memory with b.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < 4 {
		return Command{}, fmt.Errorf("%w: %d bytes are no command", ErrLength, len(b))
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3]}
	if err := checkHeader(c.CLA, c.INS); err != nil {
		return Command{}, err
	}
	body := b[4:]
	switch {
	case len(body) == 0:
		return c, nil
	case len(body) == 1:
		c.Le = le(int(body[0]), 256)
		return c, nil
	case body[0] != 0:
		return c.withBody(int(body[0]), body[1:], 1)
	case len(body) == 3:
		c.Le = le(int(binary.BigEndian.Uint16(body[1:])), MaxLe)
		return c, nil
	case len(body) > 3:
		return c.withBody(int(binary.BigEndian.Uint16(body[1:])), body[3:], 2)
	}
	return Command{}, fmt.Errorf("%w: an extended length that ends early", ErrLength)
}

// withBody takes n bytes of data from rest, which ends there or with a Le of leBytes bytes.
func (c Command) withBody(n int, rest []byte, leBytes int) (Command, error) {
	if n == 0 || len(rest) < n {
		return Command{}, fmt.Errorf("%w: %d bytes of data announced, %d there", ErrLength, n, len(rest))
	}
	c.Data = append([]byte(nil), rest[:n]...)
	switch tail := rest[n:]; {
	case len(tail) == 0:
	case len(tail) != leBytes:
		return Command{}, fmt.Errorf("%w: %d bytes after the data", ErrLength, len(tail))
	case leBytes == 1:
		c.Le = le(int(tail[0]), 256)
	default:
		c.Le = le(int(binary.BigEndian.Uint16(tail)), MaxLe)
	}
	return c, nil
}

func checkHeader(cla, ins byte) error {
	if cla == 0xFF {
		return ErrClass
	}
	if ins&0xF0 == 0x60 || ins&0xF0 == 0x90 {
		return ErrInstruction
	}
	return nil
}

func le(encoded, most int) int {
	if encoded == 0 {
		return most
	}
	return encoded
}

// Response is one response APDU.
type Response struct {
	Data   []byte
	Status Status
}

// Bytes encodes the response.
func (r Response) Bytes() []byte {
	b := make([]byte, 0, len(r.Data)+2)
	return binary.BigEndian.AppendUint16(append(b, r.Data...), uint16(r.Status))
}

// ParseResponse decodes a response. The result shares no memory with b.
func ParseResponse(b []byte) (Response, error) {
	if len(b) < 2 || len(b) > MaxResponseBytes {
		return Response{}, fmt.Errorf("%w: a response of %d bytes", ErrLength, len(b))
	}
	n := len(b) - 2
	status := Status(binary.BigEndian.Uint16(b[n:]))
	if high := status >> 12; high != 6 && high != 9 {
		return Response{}, fmt.Errorf("status word %s is neither 6xxx nor 9xxx", status)
	}
	return Response{Data: append([]byte(nil), b[:n]...), Status: status}, nil
}

// Transmitter carries commands to a card, one at a time. It must not keep the command: it may hold a PIN and is
// overwritten when Transmit returns. Its error Is ErrCardRemoved when the card went away.
type Transmitter interface {
	Transmit(ctx context.Context, command []byte) (response []byte, err error)
}

// Send transmits one command. A status word other than 9000 is no error here.
func Send(ctx context.Context, t Transmitter, c Command) (Response, error) {
	b, err := c.Bytes()
	if err != nil {
		return Response{}, err
	}
	defer clear(b)
	answer, err := t.Transmit(ctx, b)
	if err != nil {
		return Response{}, err
	}
	return ParseResponse(answer)
}
