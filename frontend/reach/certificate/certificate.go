// Package certificate reads from the certificate of a card when it ends, so that a person hears of it before the PIN is
// typed. It verifies nothing: whether a certificate is good the portal says. It does without crypto/x509, for which the
// page is too small.
package certificate

import "time"

// Tags of DER (X.690) that a certificate is made of.
const (
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagSequence        = 0x30
	tagVersion         = 0xa0
)

// Ends gives the last moment of a certificate in DER; false for what is none.
func Ends(der []byte) (time.Time, bool) {
	certificate, _, ok := open(der, tagSequence)
	if !ok {
		return time.Time{}, false
	}
	rest, _, ok := open(certificate, tagSequence) // TBSCertificate (RFC 5280, 4.1)
	if !ok {
		return time.Time{}, false
	}
	if len(rest) > 0 && rest[0] == tagVersion {
		_, _, rest, ok = element(rest)
	}
	for range 3 { // serial number, algorithm, issuer
		if !ok {
			return time.Time{}, false
		}
		_, _, rest, ok = element(rest)
	}
	if !ok {
		return time.Time{}, false
	}
	validity, _, ok := open(rest, tagSequence)
	if !ok {
		return time.Time{}, false
	}
	_, _, after, ok := element(validity)
	if !ok {
		return time.Time{}, false
	}
	tag, text, _, ok := element(after)
	if !ok {
		return time.Time{}, false
	}
	return moment(tag, string(text))
}

// moment reads a time as certificates have it: in UTC, to the second.
func moment(tag byte, text string) (time.Time, bool) {
	layout := ""
	switch tag {
	case tagUTCTime:
		layout = "060102150405Z"
	case tagGeneralizedTime:
		layout = "20060102150405Z"
	}
	at, err := time.Parse(layout, text)
	if layout == "" || err != nil {
		return time.Time{}, false
	}
	if tag == tagUTCTime && at.Year() >= 2050 { // two digits of a year mean 1950 to 2049
		at = at.AddDate(-100, 0, 0)
	}
	return at, true
}

// open gives what an element of this tag holds, and what follows it.
func open(der []byte, want byte) (body, rest []byte, ok bool) {
	tag, body, rest, ok := element(der)
	return body, rest, ok && tag == want
}

// element takes the first element off.
func element(der []byte) (tag byte, body, rest []byte, ok bool) {
	if len(der) < 2 {
		return 0, nil, nil, false
	}
	tag, length, der := der[0], int(der[1]), der[2:]
	if length >= 0x80 { // so many bytes hold the length; no certificate needs more than three
		size := length - 0x80
		if size == 0 || size > 3 || len(der) < size {
			return 0, nil, nil, false
		}
		length = 0
		for _, b := range der[:size] {
			length = length<<8 | int(b)
		}
		der = der[size:]
	}
	if len(der) < length {
		return 0, nil, nil, false
	}
	return tag, der[:length], der[length:], true
}
