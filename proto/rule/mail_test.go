package rule_test

import (
	netmail "net/mail"
	"strings"
	"testing"

	"madoguchi/proto/rule"
)

func TestMailAddresses(t *testing.T) {
	for address, want := range map[string]rule.MailFault{
		"a@example.jp": rule.MailGood, "hanako.yamada+portal@mail.example.co.jp": rule.MailGood,
		"x_y-z@1.example.jp": rule.MailGood, "o'neill@example.jp": rule.MailGood,
		// As the large carriers gave them out.
		"taro..yamada@docomo.ne.jp": rule.MailGood, "hanako.@ezweb.ne.jp": rule.MailGood,
		".jiro@docomo.ne.jp": rule.MailGood, "a...b-.@t.vodafone.ne.jp": rule.MailGood,
		"-x-@softbank.ne.jp": rule.MailGood,
		"":                   rule.MailAt,
		"a":                  rule.MailAt,
		"a@b@example.jp":     rule.MailAt,
		"@example.jp":        rule.MailLocal,
		"..@docomo.ne.jp":    rule.MailLocal,
		"a@":                 rule.MailDomain, "a@localhost": rule.MailDomain, "a@b..jp": rule.MailDomain,
		"a@.example.jp": rule.MailDomain, "a@example.jp.": rule.MailDomain, "a@-b.jp": rule.MailDomain,
		"a@b-.jp": rule.MailDomain, "a@b_c.jp": rule.MailDomain,
		"a@" + strings.Repeat("b", 64) + ".jp": rule.MailDomain,
		"a b@example.jp":                       rule.MailSigns, "a@example.jp\r\nBcc: x@example.jp": rule.MailSigns,
		"A <a@example.jp>": rule.MailSigns, "a@example.jp, b@example.jp": rule.MailSigns,
		"花子@example.jp":   rule.MailSigns,
		"ｔａｒｏ@example.jp": rule.MailSigns, "a＠example.jp": rule.MailSigns, "a@[127.0.0.1]": rule.MailSigns,
		`"a"@example.jp`: rule.MailSigns, `a\b@example.jp`: rule.MailSigns, "a\x7f@example.jp": rule.MailSigns,
		"a@例え.jp":                               rule.MailSigns,
		strings.Repeat("a", 65) + "@example.jp": rule.MailLong, "a@" + strings.Repeat("b.", 130) + "jp": rule.MailLong,
		strings.Repeat("a", 64) + "@example.jp": rule.MailGood,
	} {
		if got := rule.MailAddress(address); got != want {
			t.Errorf("%q: %d, want %d", address, got, want)
		}
	}
}

// What passes can be written to once it is quoted where that is needed, and hides no second address or header.
func FuzzMailAddress(f *testing.F) {
	for _, s := range []string{
		"a@example.jp", "taro..yamada@docomo.ne.jp", "hanako.@ezweb.ne.jp", "a@example.jp\nBcc: b@example.jp",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if rule.MailAddress(address) != rule.MailGood {
			return
		}
		if strings.ContainsAny(address, "\r\n \t<>,;\"\\()") || strings.Count(address, "@") != 1 {
			t.Errorf("%q passes", address)
		}
		wire := (&netmail.Address{Address: address}).String()
		parsed, err := netmail.ParseAddress(wire)
		if err != nil || parsed.Address != address || parsed.Name != "" {
			t.Errorf("%q passes, and as %s is %v, %v", address, wire, parsed, err)
		}
	})
}
