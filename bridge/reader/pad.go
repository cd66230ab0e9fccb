package reader

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Keys of a reader, as part 10 of the PC/SC specification has them ("IFDs with Secure PIN Entry Capabilities",
// 2.02.09).

// Features by their tags.
const (
	featureVerifyPINDirect = 0x06
	featureModifyPINDirect = 0x07
)

// padFeatures are the control codes of a reader with keys; zero: it has no such feature.
type padFeatures struct {
	verify, modify uint32
}

// parseFeatures reads the answer to GET_FEATURE_REQUEST: a tag, a length of 4, and a control code, big-endian, for each
// feature.
func parseFeatures(b []byte) (padFeatures, error) {
	var f padFeatures
	for ; len(b) > 0; b = b[6:] {
		if len(b) < 6 || b[1] != 4 {
			return padFeatures{}, errors.New("the reader's features are malformed")
		}
		switch code := binary.BigEndian.Uint32(b[2:]); b[0] {
		case featureVerifyPINDirect:
			f.verify = code
		case featureModifyPINDirect:
			f.modify = code
		}
	}
	return f, nil
}

const (
	padTimeout = 30 // seconds for the first key, and for all
	// ASCII, left-justified, at the beginning of the data, counted in bytes.
	padFormat      = 0x82
	padKeyPressed  = 0x02
	padConfirm     = 0x01
	padOneMessage  = 0x01
	padTwoMessages = 0x02
	padJapanese    = 0x0411
)

// entry makes the control code and the structure for a command that has the person's digits in place of its data:
// VERIFY (INS 20), or CHANGE REFERENCE DATA (INS 24), for which the new PIN is typed twice.
func (f padFeatures) entry(command []byte) (code uint32, structure []byte, err error) {
	if len(command) < 6 || int(command[4]) != len(command)-5 || command[4] > 0x0F {
		return 0, nil, fmt.Errorf("a command of %d bytes has no room for a PIN", len(command))
	}
	digits := command[4]
	size := uint16(digits)<<8 | uint16(digits) // the fewest and the most
	b := []byte{padTimeout, padTimeout, padFormat, digits, 0}
	switch command[1] {
	case 0x20:
		code = f.verify
		b = binary.LittleEndian.AppendUint16(b, size)
		b = append(b, padKeyPressed, padOneMessage)
		b = binary.LittleEndian.AppendUint16(b, padJapanese)
		b = append(b, 0) // the message: "enter PIN"
	case 0x24:
		code = f.modify
		b = append(b, 0, 0) // where the old one would be, and the new one
		b = binary.LittleEndian.AppendUint16(b, size)
		b = append(b, padConfirm, padKeyPressed, padTwoMessages)
		b = binary.LittleEndian.AppendUint16(b, padJapanese)
		b = append(b, 1, 2, 0) // "enter new PIN", "confirm new PIN"
	}
	if code == 0 {
		return 0, nil, ErrNoPad
	}
	b = append(b, 0, 0, 0) // of the T=1 protocol
	b = binary.LittleEndian.AppendUint32(b, uint32(len(command)))
	return code, append(b, command...), nil
}
