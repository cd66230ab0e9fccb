package softcard

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"time"

	"madoguchi/bridge/jpki"
)

// application is one of the card's, with its files by their identifiers.
type application struct {
	aid   string
	files map[uint16]*file
}

// file is one of three things: bytes to read, a PIN, or a key.
type file struct {
	content func(now time.Time) []byte
	record  []byte
	pin     pinName
	key     string // the use of a test key
	// wants are the PINs of which one must be verified before the file is read or the key used; none means anybody may.
	wants []pinName
}

// The applications that the portal has no business with.
const (
	applicationFace   = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02" // 券面確認
	applicationCommon = "\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00" // 共通
	applicationJuki   = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01" // 住基
)

func applicationsOf(p Person) []*application {
	switch p.card.kind {
	case otherCard:
		return nil
	case oldResident:
		return []*application{{aid: jpki.ApplicationJPKI, files: map[uint16]*file{
			jpki.FileTokenInfo: fixed(tokenInfo("JPKIAPICCTOKEN")),
		}}}
	}
	return []*application{
		{aid: jpki.ApplicationJPKI, files: jpkiFiles(p)},
		{aid: jpki.ApplicationText, files: textFiles(p)},
		{aid: applicationFace, files: map[uint16]*file{
			0x0002: fixed(faceEntries(p), codeA, codeB, birth),
			0x0011: {pin: birth}, 0x0012: {pin: codeB}, 0x0013: {pin: codeA},
		}},
		{aid: applicationCommon, files: map[uint16]*file{0x0001: {record: cardSerial(p)}}},
		{aid: applicationJuki, files: map[uint16]*file{0x001C: {pin: juki}}},
	}
}

func factoryPINs(p Person) map[pinName]*pinState {
	pins := map[pinName]*pinState{}
	if p.card.kind != myNumber {
		return pins
	}
	set := func(name pinName, value string) {
		pins[name] = &pinState{Value: value, Tries: maxTries(name)}
	}
	set(authPIN, p.AuthPIN)
	set(signPIN, p.SignPIN)
	set(textPIN, p.TextPIN)
	set(juki, p.TextPIN)
	set(codeA, p.number())
	set(codeB, p.codeB())
	set(birth, p.BirthDate[2:])
	if p.card.authLocked {
		pins[authPIN].Tries = 0
	}
	if p.SignPIN == "" {
		pins[signPIN].Tries = 0 // never set: no signing certificate was issued
	}
	return pins
}

func jpkiFiles(p Person) map[uint16]*file {
	files := map[uint16]*file{
		jpki.FileTokenInfo:         fixed(tokenInfo("JPKIAPICCTOKEN2")),
		0x0008:                     fixed([]byte{0x8F, 0x8F, 0x00}),
		jpki.FileSignCertificate:   certificate(p.SignCertificate, signPIN),
		jpki.FileSignCACertificate: certificate(signService.ca),
		jpki.FileAuthCertificate:   certificate(p.AuthCertificate),
		jpki.FileAuthCACertificate: certificate(authService.ca),
		jpki.FileAuthPIN:           {pin: authPIN},
		jpki.FileSignPIN:           {pin: signPIN},
	}
	if !p.card.noAuth {
		files[jpki.FileAuthKey] = &file{key: p.ID + authService.suffix, wants: []pinName{authPIN}}
	}
	if !p.card.noSign {
		files[jpki.FileSignKey] = &file{key: p.ID + signService.suffix, wants: []pinName{signPIN}}
	}
	return files
}

func textFiles(p Person) map[uint16]*file {
	number := numberFile(p)
	attributes, signed := attributesFile(p)
	return map[uint16]*file{
		jpki.FileNumber:     fixed(number, textPIN, codeA),
		jpki.FileAttributes: fixed(attributes, textPIN, codeB),
		0x0003: {wants: []pinName{textPIN, codeA, codeB}, content: func(time.Time) []byte {
			return digestsFile(number, signed)
		}},
		// What stands in the next three on a real card nobody needs here: they exist, and are TLV.
		0x0004:           fixed(object(0x7F21, object(0x5F20, []byte("TEST CV CERTIFICATE")))),
		0x0005:           fixed(object(0xFF40, object(0xDF41, []byte("TEST")))),
		0x0007:           fixed(object(0xFF50, object(0xDF51, []byte("TEST SIGNED KEY")))),
		jpki.FileTextPIN: {pin: textPIN},
		0x0014:           {pin: codeA},
		0x0015:           {pin: codeB},
	}
}

func fixed(b []byte, wants ...pinName) *file {
	return &file{content: func(time.Time) []byte { return b }, wants: wants}
}

// certificateFileBytes is the size of the file in which a certificate is followed by padding.
const certificateFileBytes = 2048

func certificate(of func(time.Time) *x509.Certificate, wants ...pinName) *file {
	return &file{wants: wants, content: func(now time.Time) []byte {
		b := bytes.Repeat([]byte{0xFF}, certificateFileBytes)
		if c := of(now); c != nil && copy(b, c.Raw) < len(c.Raw) {
			panic(fmt.Sprintf("softcard: a certificate of %d bytes does not fit its file", len(c.Raw)))
		}
		return b
	}}
}

// tokenInfo is laid out like a CK_TOKEN_INFO of PKCS #11: label and maker of 32 bytes, model and serial number of 16,
// padded with spaces, then 64 bytes of numbers.
func tokenInfo(label string) []byte {
	b := make([]byte, 160)
	for i := range 96 {
		b[i] = ' '
	}
	copy(b, label)
	copy(b[32:], "TEST CARD IN SOFTWARE")
	return b
}

// number is an individual number that cannot be anybody's: its check digit is wrong.
func (p Person) number() string {
	eleven := fmt.Sprintf("99%09d", p.card.number*1234567%1_000_000_000)
	sum := 0
	for i := range eleven {
		n := 11 - i // from the right, as the ordinance counts
		weight := n + 1
		if n > 6 {
			weight = n - 5
		}
		sum += int(eleven[i]-'0') * weight
	}
	right := 0
	if sum%11 > 1 {
		right = 11 - sum%11
	}
	return eleven + string(rune('0'+(right+1)%10))
}

// codeB is 照合番号B: date of birth YYMMDD, year of the card's expiry, security code.
func (p Person) codeB() string {
	return p.BirthDate[2:] + "2035" + fmt.Sprintf("%04d", 1000+p.card.number)
}

// cardSerial is record 1 of the common application: serial number, municipality, expiry.
func cardSerial(p Person) []byte {
	digits := fmt.Sprintf("%015d%s2035%s", 202600000000000+p.card.number, p.MunicipalityCode[:5], p.BirthDate[4:])
	return append([]byte{0x01, byte(len(digits))}, digits...)
}

func numberFile(p Person) []byte {
	return append(object(0xFF10, []byte(p.number())), 0xFF, 0xFF)
}

// attributesFile also gives the part of it that file 0003 signs: what follows the offsets.
func attributesFile(p Person) (content, signed []byte) {
	values := [][]byte{
		object(0xDF22, []byte(p.Name)), object(0xDF23, []byte(p.Address)), object(0xDF24, []byte(p.BirthDate)),
		object(0xDF25, []byte(p.Sex)),
	}
	offsets, at := []byte{}, 0
	for _, v := range values {
		offsets = binary.BigEndian.AppendUint16(offsets, uint16(at))
		at += len(v)
	}
	signed = bytes.Join(values, nil)
	return object(0xFF20, object(0xDF21, offsets), signed), signed
}

// digestsFile lets others check files 0001 and 0002; here the signing authority's test key stands for the one of the
// makers.
func digestsFile(number, signedAttributes []byte) []byte {
	numberDigest, attributesDigest := sha256.Sum256(number), sha256.Sum256(signedAttributes)
	body := append(object(0xDF31, numberDigest[:]), object(0xDF32, attributesDigest[:])...)
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(nil, testKey(signService.use), crypto.SHA256, digest[:])
	if err != nil {
		panic(fmt.Sprintf("softcard: signing the digests: %v", err))
	}
	return object(0xFF30, body, object(0xDF33, signature))
}

// faceEntries are those of 券面確認 that are no pictures.
func faceEntries(p Person) []byte {
	return object(0xFF40, object(0xDF22, []byte(p.BirthDate)), object(0xDF23, []byte(p.Sex)),
		object(0xDF29, []byte("2035"+p.BirthDate[4:])))
}

// object encodes a TLV with a tag of two bytes and a minimal length.
func object(tag uint16, parts ...[]byte) []byte {
	value := bytes.Join(parts, nil)
	b := binary.BigEndian.AppendUint16(nil, tag)
	switch n := len(value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, value...)
}
