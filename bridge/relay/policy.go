package relay

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// maxLe is the most that a card may be asked for at once.
const maxLe = 4000

// Files that acts may use, each application's own. What is not here is refused whatever the act, above all
// jpki.FileNumber of the text application, and 0003 there, whose digest would give the twelve digits away.
var (
	readable = map[string][]uint16{
		jpki.ApplicationJPKI: {
			jpki.FileSignCertificate, jpki.FileSignCACertificate, jpki.FileTokenInfo, jpki.FileAuthCertificate,
			jpki.FileAuthCACertificate,
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

// opens is the PIN that a key wants.
var opens = map[uint16]uint16{jpki.FileAuthKey: jpki.FileAuthPIN, jpki.FileSignKey: jpki.FileSignPIN}

// pinOf is which PIN lies in a file. Both applications' files are told apart by their identifiers alone.
var pinOf = map[uint16]jpki.PIN{
	jpki.FileAuthPIN: jpki.AuthPIN, jpki.FileSignPIN: jpki.SignPIN, jpki.FileTextPIN: jpki.TextPIN,
}

// scope is what one act needs of that, and no more.
type scope struct {
	// files by application.
	files map[string][]uint16
	// verifies and changes are how often a PIN may be given, and how often one may be changed.
	verifies, changes int
}

var (
	scopeLook = scope{files: map[string][]uint16{
		jpki.ApplicationJPKI: {
			jpki.FileTokenInfo, jpki.FileAuthCertificate, jpki.FileAuthCACertificate, jpki.FileSignCACertificate,
			jpki.FileAuthPIN, jpki.FileSignPIN,
		},
		jpki.ApplicationText: {jpki.FileTextPIN},
	}}
	scopeSign = scope{
		files: map[string][]uint16{jpki.ApplicationJPKI: {jpki.FileAuthPIN, jpki.FileAuthKey}}, verifies: 1,
	}
	scopeAttributes = scope{
		files: map[string][]uint16{jpki.ApplicationText: {jpki.FileTextPIN, jpki.FileAttributes}}, verifies: 1,
	}
)

func scopeDocuments(n int) scope {
	files := []uint16{jpki.FileSignPIN, jpki.FileSignCertificate, jpki.FileSignKey}
	return scope{files: map[string][]uint16{jpki.ApplicationJPKI: files}, verifies: n}
}

func scopeChange(p jpki.PIN, changes int) scope {
	files := map[string][]uint16{}
	for application, all := range pins {
		for _, file := range all {
			if pinOf[file] == p {
				files[application] = []uint16{file}
			}
		}
	}
	return scope{files: files, verifies: 1, changes: changes}
}

// digestInfo precedes the SHA-256 digest in the only thing that a card is ever given to sign (RFC 8017, 9.2, note 1).
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
	// pin is the one that the command gives to the card (VERIFY): the tries left must be asked for before; 0: none.
	pin jpki.PIN
	// uses: the command wants a PIN verified since it was last used (SIGN, CHANGE REFERENCE DATA).
	uses, changes bool
	// before is what is selected should the command fail, after should it succeed.
	before, after selection
}

// selection is what the card has selected as far as is known for sure.
type selection struct {
	application string // empty: unknown
	file        uint16 // 0: unknown
}

// policy is the last gate before the card: it follows one act, from the card's power-up, and trusts the act's code no
// more than a page. It allows only what the act needs: its files by long identifier, and five instructions; a PIN as
// often as the act may give it, and one signature or change for each time that it was right. It is strict where cards
// may differ, short identifiers for one.
type policy struct {
	scope    scope
	selected selection
	// fresh is the file of the PIN that was verified and has not been used since; 0: none.
	fresh uint16
	// verified and changed count what was begun.
	verified, changed int
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
		return p.allowVerify(c)
	case [2]byte{0x00, 0x24}:
		return p.allowChange(c)
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
		if readable[aid] == nil || p.scope.files[aid] == nil {
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

func (p *policy) allowVerify(c apdu.Command) (verdict, error) {
	if c.P1 != 0x00 || c.P2 != 0x80 || c.Le != 0 {
		return verdict{}, fmt.Errorf("VERIFY with P1 %02X, P2 %02X and Le %d", c.P1, c.P2, c.Le)
	}
	if !p.may(pins, p.selected.file) {
		return verdict{}, fmt.Errorf("VERIFY while %s is selected", p.selected)
	}
	if len(c.Data) == 0 {
		return p.stays(verdict{name: "VERIFY (tries left)"}), nil
	}
	if len(c.Data) > maxPINBytes {
		return verdict{}, fmt.Errorf("VERIFY with %d bytes", len(c.Data))
	}
	if p.verified >= p.scope.verifies {
		return verdict{}, fmt.Errorf("VERIFY for the %d. time", p.verified+1)
	}
	return p.stays(verdict{name: "VERIFY", pin: pinOf[p.selected.file]}), nil
}

func (p *policy) allowChange(c apdu.Command) (verdict, error) {
	if c.P1 != 0x01 || c.P2 != 0x80 || c.Le != 0 || len(c.Data) == 0 || len(c.Data) > maxPINBytes {
		const format = "CHANGE REFERENCE DATA with P1 %02X, P2 %02X, %d bytes and Le %d"
		return verdict{}, fmt.Errorf(format, c.P1, c.P2, len(c.Data), c.Le)
	}
	if !p.may(pins, p.selected.file) || p.fresh != p.selected.file {
		return verdict{}, fmt.Errorf("CHANGE REFERENCE DATA while %s is selected, or without its PIN", p.selected)
	}
	if p.changed >= p.scope.changes {
		return verdict{}, fmt.Errorf("CHANGE REFERENCE DATA for the %d. time", p.changed+1)
	}
	return p.stays(verdict{name: "CHANGE REFERENCE DATA", uses: true, changes: true}), nil
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
	if !p.may(keys, p.selected.file) || p.fresh != opens[p.selected.file] {
		return verdict{}, fmt.Errorf("SIGN while %s is selected, or without its PIN", p.selected)
	}
	return p.stays(verdict{name: "SIGN", uses: true}), nil
}

func (p *policy) may(files map[string][]uint16, file uint16) bool {
	application := p.selected.application
	return slices.Contains(files[application], file) && slices.Contains(p.scope.files[application], file)
}

func (p *policy) stays(v verdict) verdict {
	v.before, v.after = p.selected, p.selected
	return v
}

// begin is called before the command goes to the card. Until done is, what is selected is not known: should the answer
// never come, it stays so.
func (p *policy) begin(v verdict) {
	p.selected = selection{}
	switch {
	case v.pin != 0:
		p.verified++
		p.fresh = 0
	case v.uses:
		p.fresh = 0
		if v.changes {
			p.changed++
		}
	}
}

// done is called with the card's status word.
func (p *policy) done(v verdict, status apdu.Status) {
	p.selected = v.before
	if status == apdu.StatusOK {
		p.selected = v.after
		if v.pin != 0 {
			p.fresh = v.before.file
		}
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
