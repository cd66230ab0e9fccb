package softcard

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// Card is one card. It is a Transmitter; its methods may be called by several goroutines, commands are answered one at
// a time.
type Card struct {
	person       Person
	state        *State
	now          func() time.Time
	applications []*application

	mu sync.Mutex
	// What a card forgets when a reset comes: the current application and file.
	application *application
	file        *file
	// What only the loss of power takes away.
	verified map[pinName]bool
	powered  bool
}

// Status words that only the card in software makes up; the rest is in apdu.
const (
	statusMemoryFailure  apdu.Status = 0x6581
	statusNotTransparent apdu.Status = 0x6981
	statusRecordNotFound apdu.Status = 0x6A83
	signatureBytes                   = 256
	maxSignInput                     = signatureBytes - 11 // RFC 8017, 9.2: eleven bytes of padding at least
)

// NewCard makes the person's card, with PINs and counters from the state, without power. The certificates are those of
// the day that now gives when they are read.
func NewCard(p Person, state *State, now func() time.Time) (*Card, error) {
	if _, ok := PersonByID(p.ID); !ok {
		return nil, fmt.Errorf("there is no card of %q", p.ID)
	}
	c := &Card{person: p, state: state, now: now, applications: applicationsOf(p), verified: map[pinName]bool{}}
	if err := state.load(p.ID, factoryPINs(p)); err != nil {
		return nil, err
	}
	return c, nil
}

// Person is whose card it is.
func (c *Card) Person() Person {
	return c.person
}

// ATR is the answer to reset.
func (c *Card) ATR() []byte {
	if c.person.card.atr != "" {
		return []byte(c.person.card.atr)
	}
	return []byte(atrContact)
}

// PowerOn is a cold reset.
func (c *Card) PowerOn() {
	c.setPower(true)
}

// PowerOff forgets everything that is not in the state. A command that comes afterwards finds the card as after a cold
// reset, since a reader powers a card on before it sends one.
func (c *Card) PowerOff() {
	c.setPower(false)
}

func (c *Card) setPower(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.application, c.file = nil, nil
	clear(c.verified)
	c.powered = on
}

// Powered tells whether the card has power: since the last PowerOff a PowerOn or a command came.
func (c *Card) Powered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.powered
}

// Reset is a warm reset: verified PINs stay verified, as on the real card.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.application, c.file = nil, nil
}

// Renew gives the card its factory state back, PINs and counters, and takes the power from it.
func (c *Card) Renew() error {
	c.PowerOff()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.pins = factoryPINs(c.person)
	return c.state.save(c.person.ID)
}

// Transmit answers one command. A malformed one gets a status word; the only errors are those of the context.
func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	parsed, err := apdu.ParseCommand(command)
	switch {
	case errors.Is(err, apdu.ErrClass):
		return apdu.Response{Status: apdu.StatusUnknownClass}.Bytes(), nil
	case errors.Is(err, apdu.ErrInstruction):
		return apdu.Response{Status: apdu.StatusUnknownInstruction}.Bytes(), nil
	case err != nil:
		return apdu.Response{Status: apdu.StatusWrongLength}.Bytes(), nil
	}
	defer clear(parsed.Data)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.powered = true
	data, status := c.answer(parsed)
	return apdu.Response{Data: data, Status: status}.Bytes(), nil
}

func (c *Card) answer(command apdu.Command) ([]byte, apdu.Status) {
	class := byte(0x00)
	if command.INS == 0x2A {
		class = 0x80
	}
	if command.CLA != class {
		return nil, apdu.StatusUnknownClass
	}
	switch command.INS {
	case 0xA4:
		return nil, c.selectSomething(command)
	case 0x20:
		return nil, c.verify(command)
	case 0x24:
		return nil, c.change(command)
	case 0xB0:
		return c.readBinary(command)
	case 0xB2:
		return c.readRecord(command)
	case 0x2A:
		return c.sign(command)
	}
	return nil, apdu.StatusUnknownInstruction
}

func (c *Card) selectSomething(command apdu.Command) apdu.Status {
	switch {
	case command.P1 == 0x04 && (command.P2 == 0x0C || command.P2 == 0x00):
		for _, a := range c.applications {
			if a.aid == string(command.Data) {
				c.application, c.file = a, nil
				return apdu.StatusOK
			}
		}
		return apdu.StatusNotFound
	case command.P1 == 0x02 && (command.P2 == 0x0C || command.P2 == 0x00):
		if len(command.Data) != 2 {
			return apdu.StatusWrongLength
		}
		f := c.find(uint16(command.Data[0])<<8 | uint16(command.Data[1]))
		if f == nil {
			return apdu.StatusNotFound
		}
		c.file = f
		return apdu.StatusOK
	}
	return apdu.StatusWrongParameters
}

func (c *Card) find(id uint16) *file {
	if c.application == nil {
		return nil
	}
	return c.application.files[id]
}

// target is the file that a P2 of 80 or 80|SFI means; a short identifier selects.
func (c *Card) target(p2 byte) (*file, apdu.Status) {
	if p2&0xE0 != 0x80 {
		return nil, apdu.StatusWrongParameters
	}
	if short := p2 & 0x1F; short != 0 {
		f := c.find(uint16(short))
		if f == nil {
			return nil, apdu.StatusNotFound
		}
		c.file = f
	}
	if c.file == nil {
		return nil, apdu.StatusNoCurrentFile
	}
	return c.file, apdu.StatusOK
}

// targetPIN is the PIN that P2 means.
func (c *Card) targetPIN(p2 byte) (pinName, *pinState, apdu.Status) {
	f, status := c.target(p2)
	if status != apdu.StatusOK {
		return "", nil, status
	}
	if f.pin == "" {
		return "", nil, statusNotTransparent
	}
	return f.pin, c.state.pins[f.pin], apdu.StatusOK
}

// verify loses the try before it compares, and keeps that on disk before it answers: taking the card out gives no try
// back.
func (c *Card) verify(command apdu.Command) apdu.Status {
	if command.P1 != 0 {
		return apdu.StatusWrongParameters
	}
	name, pin, status := c.targetPIN(command.P2)
	if status != apdu.StatusOK {
		return status
	}
	if len(command.Data) == 0 {
		return apdu.StatusTries(pin.Tries)
	}
	if pin.Tries == 0 {
		return apdu.StatusReferenceUnusable
	}
	before := pin.Tries
	pin.Tries--
	right := subtle.ConstantTimeCompare([]byte(pin.Value), command.Data) == 1
	if right {
		pin.Tries = maxTries(name)
	}
	c.verified[name] = false
	if pin.Tries != before {
		if err := c.state.save(c.person.ID); err != nil {
			pin.Tries = min(pin.Tries, before-1)
			return statusMemoryFailure
		}
	}
	c.verified[name] = right
	if !right {
		return apdu.StatusTries(pin.Tries)
	}
	return apdu.StatusOK
}

func (c *Card) change(command apdu.Command) apdu.Status {
	if command.P1 != 1 {
		return apdu.StatusWrongParameters
	}
	name, pin, status := c.targetPIN(command.P2)
	if status != apdu.StatusOK {
		return status
	}
	form, changeable := map[pinName]jpki.PIN{
		authPIN: jpki.AuthPIN, signPIN: jpki.SignPIN, textPIN: jpki.TextPIN, juki: jpki.TextPIN,
	}[name]
	switch {
	case !changeable:
		return apdu.StatusConditionsNotMet
	case pin.Tries == 0:
		return apdu.StatusReferenceUnusable
	case !c.verified[name]:
		return apdu.StatusNotVerified
	case form.Check(command.Data) != nil:
		return apdu.StatusWrongData
	}
	old := pin.Value
	pin.Value = string(command.Data)
	if err := c.state.save(c.person.ID); err != nil {
		pin.Value = old
		return statusMemoryFailure
	}
	return apdu.StatusOK
}

// mayRead tells whether one of the PINs that open a file is verified.
func (c *Card) mayRead(f *file) bool {
	for _, name := range f.wants {
		if c.verified[name] {
			return true
		}
	}
	return len(f.wants) == 0
}

func (c *Card) readBinary(command apdu.Command) ([]byte, apdu.Status) {
	f, offset := c.file, int(command.P1)<<8|int(command.P2)
	if command.P1&0x80 != 0 {
		if command.P1&0x60 != 0 {
			return nil, apdu.StatusWrongParameters
		}
		var status apdu.Status
		if f, status = c.target(command.P1); status != apdu.StatusOK {
			return nil, status
		}
		offset = int(command.P2)
	}
	switch {
	case f == nil:
		return nil, apdu.StatusNoCurrentFile
	case f.content == nil:
		return nil, statusNotTransparent
	case !c.mayRead(f):
		return nil, apdu.StatusNotVerified
	case len(command.Data) > 0 || command.Le == 0:
		return nil, apdu.StatusWrongLength
	}
	content := f.content(c.now())
	if offset >= len(content) {
		return nil, apdu.StatusOutOfFile
	}
	return content[offset:min(offset+command.Le, len(content))], apdu.StatusOK
}

func (c *Card) readRecord(command apdu.Command) ([]byte, apdu.Status) {
	if command.P2 != 0x04 { // record by number, of the current file
		return nil, apdu.StatusWrongParameters
	}
	switch {
	case c.file == nil:
		return nil, apdu.StatusNoCurrentFile
	case c.file.record == nil:
		return nil, statusNotTransparent
	case command.P1 != 1:
		return nil, statusRecordNotFound
	case len(command.Data) > 0 || command.Le == 0:
		return nil, apdu.StatusWrongLength
	}
	return c.file.record[:min(command.Le, len(c.file.record))], apdu.StatusOK
}

// sign pads whatever it gets (PKCS #1 v1.5, type 1); that this is a DigestInfo is the caller's business.
func (c *Card) sign(command apdu.Command) ([]byte, apdu.Status) {
	if command.P1 != 0 {
		return nil, apdu.StatusWrongParameters
	}
	f, status := c.target(command.P2)
	if status != apdu.StatusOK {
		return nil, status
	}
	switch {
	case f.key == "":
		return nil, statusNotTransparent
	case !c.mayRead(f):
		return nil, apdu.StatusNotVerified
	case len(command.Data) == 0 || len(command.Data) > maxSignInput || command.Le < signatureBytes:
		return nil, apdu.StatusWrongLength
	}
	signature, err := rsa.SignPKCS1v15(nil, testKey(f.key), crypto.Hash(0), command.Data)
	if err != nil {
		return nil, apdu.StatusNoPreciseDiagnosis
	}
	return signature, apdu.StatusOK
}
