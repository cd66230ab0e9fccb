package relay

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// maxLe is the most that a card may be asked for: its response must fit into one frame.
const maxLe = 4000

// Files that a page may use, each application's own. What is not here is refused, above all jpki.FileNumber of the text application.
var (
	readable = map[string][]uint16{
		jpki.ApplicationJPKI: {
			jpki.FileSignCertificate, jpki.FileSignCACertificate, jpki.FileTokenInfo, jpki.FileAuthCertificate, jpki.FileAuthCACertificate,
		},
		jpki.ApplicationText: {jpki.FileAttributes},
	}
	pins = map[string][]uint16{
		jpki.ApplicationJPKI: {jpki.FileAuthPIN, jpki.FileSignPIN},
		jpki.ApplicationText: {jpki.FileTextPIN},
	}
	keys = map[string][]uint16{
		jpki.ApplicationJPKI: {jpki.FileAuthKey, jpki.FileSignKey},
	}
)

// digestInfo precedes the SHA-256 digest in the only thing that a page may have signed (RFC 8017, 9.2, note 1).
var digestInfo = []byte("\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20")

const (
	digestBytes = 32
	maxPINBytes = 16
)

// verdict is what the policy says of one command.
type verdict struct {
	// command as it goes to the card: encoded anew, so that the card reads what the policy has read.
	command []byte
	// name for the log.
	name string
	// spendsTry: the command gives a PIN; the tries left must be asked for before.
	spendsTry bool
	// before is what is selected should the command fail, after should it succeed.
	before, after selection
}

// selection is what the card has selected as far as is known for sure.
type selection struct {
	application string // empty: unknown
	file        uint16 // 0: unknown
}

// policy follows one session with one card, from its power-up. It allows only what the portal needs: JPKI and the text application,
// their files above by long identifier, and five instructions. It is strict where cards may differ, short identifiers for one.
type policy struct {
	selected selection
}

// judge allows a command or says why not. The error never holds data of the command.
func (p *policy) judge(raw []byte) (verdict, error) {
	c, err := apdu.ParseCommand(raw)
	if err != nil {
		return verdict{}, err
	}
	defer clear(c.Data)
	if c.Le > maxLe {
		return verdict{}, fmt.Errorf("%d bytes expected, more than a frame holds", c.Le)
	}
	v, err := p.allow(c)
	if err != nil {
		return verdict{}, err
	}
	if v.command, err = c.Bytes(); err != nil {
		return verdict{}, err
	}
	return v, nil
}

func (p *policy) allow(c apdu.Command) (verdict, error) {
	switch [2]byte{c.CLA, c.INS} {
	case [2]byte{0x00, 0xA4}:
		return p.allowSelect(c)
	case [2]byte{0x00, 0x20}:
		return p.allowPIN(c, "VERIFY", 0x00, true)
	case [2]byte{0x00, 0x24}:
		return p.allowPIN(c, "CHANGE REFERENCE DATA", 0x01, false)
	case [2]byte{0x00, 0xB0}:
		return p.allowRead(c)
	case [2]byte{0x80, 0x2A}:
		return p.allowSign(c)
	}
	return verdict{}, fmt.Errorf("instruction %02X %02X", c.CLA, c.INS)
}

func (p *policy) allowSelect(c apdu.Command) (verdict, error) {
	if c.P2 != 0x0C || c.Le != 0 {
		return verdict{}, fmt.Errorf("SELECT with P2 %02X and Le %d", c.P2, c.Le)
	}
	switch c.P1 {
	case 0x04:
		aid := string(c.Data)
		if readable[aid] == nil {
			return verdict{}, fmt.Errorf("SELECT of another application (%d bytes of AID)", len(aid))
		}
		return verdict{name: "SELECT " + nameOf(aid), after: selection{application: aid}}, nil
	case 0x02:
		if len(c.Data) != 2 {
			return verdict{}, fmt.Errorf("SELECT with a file identifier of %d bytes", len(c.Data))
		}
		application, file := p.selected.application, binary.BigEndian.Uint16(c.Data)
		if !p.may(readable, file) && !p.may(pins, file) && !p.may(keys, file) {
			return verdict{}, fmt.Errorf("SELECT of file %04X in %s", file, nameOf(application))
		}
		return verdict{
			name:   fmt.Sprintf("SELECT %04X", file),
			before: selection{application: application}, after: selection{application: application, file: file},
		}, nil
	}
	return verdict{}, fmt.Errorf("SELECT with P1 %02X", c.P1)
}

func (p *policy) allowPIN(c apdu.Command, name string, p1 byte, mayAsk bool) (verdict, error) {
	if c.P1 != p1 || c.P2 != 0x80 || c.Le != 0 {
		return verdict{}, fmt.Errorf("%s with P1 %02X, P2 %02X and Le %d", name, c.P1, c.P2, c.Le)
	}
	if len(c.Data) == 0 && mayAsk {
		return p.stays(verdict{name: name + " (tries left)"}), nil
	}
	if len(c.Data) == 0 || len(c.Data) > maxPINBytes {
		return verdict{}, fmt.Errorf("%s with %d bytes", name, len(c.Data))
	}
	if !p.may(pins, p.selected.file) {
		return verdict{}, fmt.Errorf("%s while %s is selected", name, p.selected)
	}
	return p.stays(verdict{name: name, spendsTry: true}), nil
}

func (p *policy) allowRead(c apdu.Command) (verdict, error) {
	if c.P1&0x80 != 0 {
		return verdict{}, fmt.Errorf("READ BINARY by short identifier (P1 %02X)", c.P1)
	}
	if len(c.Data) != 0 || c.Le == 0 {
		return verdict{}, fmt.Errorf("READ BINARY with %d bytes of data and Le %d", len(c.Data), c.Le)
	}
	if !p.may(readable, p.selected.file) {
		return verdict{}, fmt.Errorf("READ BINARY while %s is selected", p.selected)
	}
	return p.stays(verdict{name: "READ BINARY"}), nil
}

func (p *policy) allowSign(c apdu.Command) (verdict, error) {
	if c.P1 != 0x00 || c.P2 != 0x80 || c.Le == 0 {
		return verdict{}, fmt.Errorf("SIGN with P1 %02X, P2 %02X and Le %d", c.P1, c.P2, c.Le)
	}
	if len(c.Data) != len(digestInfo)+digestBytes || !bytes.HasPrefix(c.Data, digestInfo) {
		return verdict{}, fmt.Errorf("SIGN of something else than a DigestInfo of SHA-256 (%d bytes)", len(c.Data))
	}
	if !p.may(keys, p.selected.file) {
		return verdict{}, fmt.Errorf("SIGN while %s is selected", p.selected)
	}
	return p.stays(verdict{name: "SIGN"}), nil
}

func (p *policy) may(files map[string][]uint16, file uint16) bool {
	return slices.Contains(files[p.selected.application], file)
}

func (p *policy) stays(v verdict) verdict {
	v.before, v.after = p.selected, p.selected
	return v
}

// begin is called before the command goes to the card. Until done is, what is selected is not known: should the answer never come,
// it stays so.
func (p *policy) begin() {
	p.selected = selection{}
}

// done is called with the card's status word.
func (p *policy) done(v verdict, status apdu.Status) {
	p.selected = v.before
	if status == apdu.StatusOK {
		p.selected = v.after
	}
}

func (s selection) String() string {
	if s.file == 0 {
		return "no file of " + nameOf(s.application)
	}
	return fmt.Sprintf("file %04X of %s", s.file, nameOf(s.application))
}

func nameOf(application string) string {
	switch application {
	case jpki.ApplicationJPKI:
		return "JPKI"
	case jpki.ApplicationText:
		return "the text application"
	}
	return "no application"
}
