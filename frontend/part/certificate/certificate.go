// Package certificate reads from the certificate of a card when it ends, so that a person hears of it before the PIN is
// typed. It verifies nothing: whether a certificate is good the portal says, by its own clock. It does without
// crypto/x509, for which the page is too small.
package certificate

import (
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
)

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

var over = trouble.Message{
	What: lang.New("このカードの電子証明書は、有効期限が切れています（%s まで）", "The certificate of this card has expired (%s)",
		"このカードの 電子証明書《でんししょうめいしょ》は、もう 使《つか》えません（%s まで）"),
	Means: lang.New("このカードではログインできません。暗証番号を入力する必要はありません。残り回数は減っていません。",
		"You cannot log in with this card. There is no need to type the PIN; no try of it was used.",
		"このカードでは ログインできません。暗証番号《あんしょうばんごう》は 入《い》れなくて いいです。回数《かいすう》は 減《へ》って いません。"),
	Do: lang.New("お住まいの市区町村の窓口で、電子証明書を更新してください。手数料はかかりません。この端末の日付が違っているときは、日付を直してください。",
		"Renew the certificate at the counter of your municipality; it is free of charge. If the date of this device is wrong, set it right.",
		"住《す》んでいる 市区町村《しくちょうそん》の 窓口《まどぐち》で、電子証明書《でんししょうめいしょ》を 新《あたら》しくしてください。お金《かね》は かかりません。この 機械《きかい》の 日《ひ》が 違《ちが》うときは、直《なお》してください。"),
}

// Over says that the card that lies ready cannot be used any more; the zero Message when it can, or nothing is known.
// now is this device's clock, which may be wrong: whoever asks must leave the way to the portal's judgement open.
func Over(s card.Status, now time.Time) trouble.Message {
	ends, ok := Ends(s.Contents.Certificate)
	if s.Phase != card.Ready || !ok || !now.After(ends) {
		return trouble.Message{}
	}
	told := over
	told.What = told.What.F(lang.Date(ends))
	return told
}
