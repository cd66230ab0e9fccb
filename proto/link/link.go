// Package link says whether an address may be one that people are sent to.
package link

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"madoguchi/proto/plaintext"
)

// Why an address cannot be a link that people are sent to.
var (
	ErrNotHTTPS   = errors.New("it is not an address that begins with https://")
	ErrSigns      = errors.New("it holds signs that do not belong into an address")
	ErrUser       = errors.New("it names a user before the host")
	ErrPort       = errors.New("it names another port than 443")
	ErrNotPublic  = errors.New("its host is not a public name such as www.city.example.jp")
	ErrLookalike  = errors.New("its host is written so that it could be taken for another")
	ErrLinkLength = errors.New("it is too long")
)

const maxLink = 2000 // octets

// Check refuses an address that a person may not be sent to. It passes: https, the default port, the name of a public
// host that looks like no other. That the host exists, and whose it is, it cannot say: a page shows the host in words
// before one leaves.
func Check(s string) error {
	switch {
	case len(s) > maxLink:
		return ErrLinkLength
	case strings.ContainsAny(s, " \\<>\"^`{|}") || strings.ContainsFunc(s, unicode.IsSpace):
		return ErrSigns
	}
	if err := plaintext.Line(s); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Opaque != "" || u.Host == "" {
		return ErrNotHTTPS
	}
	if u.User != nil {
		return ErrUser
	}
	if p := u.Port(); p != "" && p != "443" || strings.HasSuffix(u.Host, ":") {
		return ErrPort
	}
	// Written plainly in the address, not by %-signs.
	_, after, _ := strings.Cut(s, "://")
	if !strings.HasPrefix(after, u.Host) {
		return ErrSigns
	}
	return host(strings.ToLower(u.Hostname()))
}

// Names that are not in the public tree, by their last label or their last two (RFC 6761, RFC 6762, RFC 7686, RFC 8375,
// RFC 9476, ICANN's "internal"), and those that routers and offices use inside although nobody gave them out.
var inside = []string{
	"local", "localhost", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "arpa",
	"onion", "alt", "test", "invalid", "example",
}

var names = idna.New(idna.ValidateForRegistration(), idna.VerifyDNSLength(true), idna.BidiRule())

func host(name string) error {
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return ErrNotPublic
	}
	ascii, err := names.ToASCII(name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPublic, err)
	}
	written, err := names.ToUnicode(ascii)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPublic, err)
	}
	if name != ascii && name != written {
		return ErrLookalike
	}
	labels := strings.Split(written, ".")
	last := labels[len(labels)-1]
	// A last label that begins with a digit is an IPv4 address in one of its odd forms: 127.1, 0x7f000001.
	if len(labels) < 2 || last == "" || last[0] >= '0' && last[0] <= '9' {
		return ErrNotPublic
	}
	if slices.Contains(inside, last) || slices.Contains(inside, labels[len(labels)-2]+"."+last) {
		return ErrNotPublic
	}
	for _, label := range labels {
		if !plainLabel(label) {
			return ErrLookalike
		}
	}
	return nil
}

// Kana and kanji that are taken for signs or letters when they stand beside ASCII: example.comノlogin.jp.
const lookalikes = "ーノンソゾ一丨丶〇二三工ロ口へヘ八ニ卜ト人入十千"

// plainLabel says whether the letters of a label are ASCII, or kana and kanji: Cyrillic, Greek and the rest can be
// written so that they look like Latin, whole words of them, and none of Japan's offices is called so.
func plainLabel(label string) bool {
	before := rune(0)
	for i, r := range label {
		next, _ := utf8.DecodeRuneInString(label[i+utf8.RuneLen(r):])
		switch {
		case r < utf8.RuneSelf:
		case r == 'ー' && !isKana(before):
			return false
		case r != 'ー' && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			return false
		case strings.ContainsRune(lookalikes, r) && (isASCII(before) || isASCII(next)):
			return false
		}
		before = r
	}
	return true
}

func isASCII(r rune) bool { return r > 0 && r < utf8.RuneSelf }

func isKana(r rune) bool { return r == 'ー' || unicode.In(r, unicode.Hiragana, unicode.Katakana) }
