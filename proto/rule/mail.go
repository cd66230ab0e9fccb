// Package rule holds checks of fields that the page and the portal both make, each written once: the page says at once
// what is wrong, the portal trusts no page. It is small and needs little, because the page carries it. What a fault is
// called in words is the page's business.
package rule

import "strings"

// MailFault is what is wrong with a mail address.
type MailFault int

// Faults of mail addresses, in the order in which they are looked for.
const (
	MailGood   MailFault = iota
	MailLong             // more than 254 characters, or 64 before @
	MailSigns            // a character that no address has: a blank, a quote, anything but ASCII
	MailAt               // no @, or two
	MailLocal            // nothing but dots before @
	MailDomain           // what follows @ is no name of a host: a.example.jp
)

// Error says it for logs and for offices.
func (f MailFault) Error() string {
	if f == MailLong {
		return "a mail address has at most 254 characters, 64 of them before @"
	}
	return "not a mail address"
}

// Limits of RFC 5321, in bytes.
const (
	MaxMail  = 254
	maxLocal = 64
	maxLabel = 63
)

// MailAddress says what is wrong with an address that mail is to be sent to: a bare one in ASCII, with a host of
// several labels. Dots may stand anywhere before @. RFC 5321 has none there at the ends or in a row unless quoted, but
// large carriers in Japan gave such addresses out (taro..yamada@docomo.ne.jp, hanako.@ezweb.ne.jp), and they are in
// use; whoever sends mail quotes them. What passes holds no blank, line end, quote, comma or bracket.
func MailAddress(address string) MailFault {
	local, domain, found := strings.Cut(address, "@")
	switch {
	case len(address) > MaxMail || found && len(local) > maxLocal:
		return MailLong
	case strings.ContainsFunc(address, func(r rune) bool { return r != '@' && !isSign(r) }):
		return MailSigns
	case !found || strings.Contains(domain, "@"):
		return MailAt
	case strings.Trim(local, ".") == "":
		return MailLocal
	case !isHost(domain):
		return MailDomain
	}
	return MailGood
}

func isSign(r rune) bool {
	return isAlphanumeric(r) || r < 0x80 && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func isHost(domain string) bool {
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isAlphanumeric(r) && r != '-' }) {
			return false
		}
	}
	return len(labels) > 1
}
