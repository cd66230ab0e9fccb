// Package jpki speaks to a My Number Card over any Transmitter: what kind of card it is, tries left, PINs, signatures,
// certificates and the four attributes; and it checks the profile of the card's certificates. It is pure and runs in a
// page as well. It does not find readers, it does not hold cards for somebody, and it has no business with the
// individual number.
//
// Whoever verified a PIN must take the power from the card when done: the security status survives a reset.
package jpki

import (
	"bytes"
	"fmt"
)

// The applications of the card, by their identifiers (AID).
const (
	ApplicationJPKI = "\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01" // 公的個人認証
	ApplicationText = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08" // 券面入力補助
)

// Files of the applications. FileNumber is here so that it can be refused, never read.
const (
	FileSignCertificate   uint16 = 0x0001
	FileSignCACertificate uint16 = 0x0002
	FileTokenInfo         uint16 = 0x0006
	FileAuthCertificate   uint16 = 0x000A
	FileAuthCACertificate uint16 = 0x000B
	FileAuthKey           uint16 = 0x0017
	FileAuthPIN           uint16 = 0x0018
	FileSignKey           uint16 = 0x001A
	FileSignPIN           uint16 = 0x001B

	FileNumber     uint16 = 0x0001 // of ApplicationText
	FileAttributes uint16 = 0x0002 // of ApplicationText
	FileTextPIN    uint16 = 0x0011 // of ApplicationText
)

// PIN is one of the PINs that a person has chosen.
type PIN int

const (
	// AuthPIN (利用者証明用) has four digits.
	AuthPIN PIN = iota + 1
	// SignPIN (署名用) has 6 to 16 of A–Z and 0–9.
	SignPIN
	// TextPIN (券面事項入力補助用) has four digits.
	TextPIN
)

func (p PIN) String() string {
	switch p {
	case AuthPIN:
		return "authentication PIN"
	case SignPIN:
		return "signing PIN"
	case TextPIN:
		return "card-face input PIN"
	}
	return "unknown PIN"
}

// MaxTries is how many wrong tries in a row lock the PIN.
func (p PIN) MaxTries() int {
	if p == SignPIN {
		return 5
	}
	return 3
}

// Check tells whether a PIN has the right form, so that none is sent that cannot be right. Its error Is ErrPINForm and
// does not repeat the PIN.
func (p PIN) Check(pin []byte) error {
	if p == SignPIN {
		if len(pin) < 6 || len(pin) > 16 {
			return fmt.Errorf("%w: 6 to 16 characters", ErrPINForm)
		}
	} else if len(pin) != 4 {
		return fmt.Errorf("%w: four digits", ErrPINForm)
	}
	for i := range len(pin) {
		digit := pin[i] >= '0' && pin[i] <= '9'
		letter := pin[i] >= 'A' && pin[i] <= 'Z'
		if !digit && (p != SignPIN || !letter) {
			if p == SignPIN {
				return fmt.Errorf("%w: capital letters A to Z and digits only", ErrPINForm)
			}
			return fmt.Errorf("%w: digits only", ErrPINForm)
		}
	}
	return nil
}

// home is the application and file of a PIN.
func (p PIN) home() (application string, file uint16) {
	switch p {
	case AuthPIN:
		return ApplicationJPKI, FileAuthPIN
	case SignPIN:
		return ApplicationJPKI, FileSignPIN
	}
	return ApplicationText, FileTextPIN
}

// Key is one of the card's two private keys.
type Key int

const (
	AuthKey Key = iota + 1
	SignKey
)

func (k Key) String() string {
	if k == AuthKey {
		return "authentication key"
	}
	return "signing key"
}

func (k Key) file() uint16 {
	if k == AuthKey {
		return FileAuthKey
	}
	return FileSignKey
}

// PIN is the one that the key wants.
func (k Key) PIN() PIN {
	if k == AuthKey {
		return AuthPIN
	}
	return SignPIN
}

// CertificateFile is one of the four certificates on the card.
type CertificateFile int

const (
	AuthCertificate CertificateFile = iota + 1
	AuthCACertificate
	// SignCertificate holds name and address; it is readable only while the signing PIN is verified.
	SignCertificate
	SignCACertificate
)

func (f CertificateFile) String() string {
	switch f {
	case AuthCertificate:
		return "authentication certificate"
	case AuthCACertificate:
		return "CA certificate for authentication"
	case SignCertificate:
		return "signing certificate"
	}
	return "CA certificate for signing"
}

func (f CertificateFile) file() uint16 {
	switch f {
	case AuthCertificate:
		return FileAuthCertificate
	case AuthCACertificate:
		return FileAuthCACertificate
	case SignCertificate:
		return FileSignCertificate
	}
	return FileSignCACertificate
}

// Kind is what a card is, by its token label; an ATR tells nothing about that.
type Kind int

const (
	UnknownCard Kind = iota
	MyNumberCard
	// OldResidentCard is a 住基 card with the certificates of before 2016.
	OldResidentCard
	AndroidPhone
	IPhone
)

func (k Kind) String() string {
	switch k {
	case MyNumberCard:
		return "My Number Card"
	case OldResidentCard:
		return "old resident card"
	case AndroidPhone:
		return "Android phone"
	case IPhone:
		return "iPhone"
	}
	return "unknown card"
}

const labelBytes = 32

// kindOf reads a token label: ASCII, padded with spaces or zeros to 32 bytes.
func kindOf(label []byte) Kind {
	if len(label) > labelBytes {
		label = label[:labelBytes]
	}
	switch string(bytes.TrimRight(label, " \x00")) {
	case "JPKIAPICCTOKEN2":
		return MyNumberCard
	case "JPKIAPICCTOKEN":
		return OldResidentCard
	case "JPKIAPGPSETOKEN":
		return AndroidPhone
	case "JPKIAPIOSTOKEN":
		return IPhone
	}
	return UnknownCard
}
