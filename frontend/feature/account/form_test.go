package account

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// In English the municipality has both its names, where one looks it over and where one changes it.
func TestTheMunicipalityInEnglish(t *testing.T) {
	f := formOf(&portalv1.Account{DisplayName: "花子", Municipality: &portalv1.Municipality{
		Code: "131105", Prefecture: "東京都", Name: "目黒区", English: "Meguro-ku, Tokyo",
	}})
	for code, want := range map[lang.Code]string{
		lang.English: "Meguro-ku, Tokyo 東京都目黒区", lang.Japanese: "東京都目黒区", lang.Easy: "東京都目黒区",
	} {
		lang.Set(code)
		t.Cleanup(func() { lang.Set(lang.Japanese) })
		if got := place.FullName(f.place()).String(); got != want {
			t.Errorf("in %s the field shows %s", code, got)
		}
		facts := app.HTMLString(f.facts())
		if !strings.Contains(facts, "東京都目黒区") || strings.Contains(facts, "Meguro") != (code == lang.English) {
			t.Errorf("in %s it is looked over as %s", code, facts)
		}
	}
}

func TestCheck(t *testing.T) {
	good := form{Name: "花子", MunicipalityCode: "131105"}
	if faults := good.check(); len(faults) != 0 {
		t.Fatalf("%v", faults)
	}
	with := func(change func(*form)) form {
		f := good
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		form  form
		field string
	}{
		"no name":            {with(func(f *form) { f.Name = " 　" }), idName},
		"21 characters":      {with(func(f *form) { f.Name = strings.Repeat("渡", 21) }), idName},
		"外字":                 {with(func(f *form) { f.Name = "花\ue000子" }), idName},
		"a lost character":   {with(func(f *form) { f.Name = "渡\ufffd" }), idName},
		"nothing to be seen": {with(func(f *form) { f.Name = "\u200b\u3164" }), idName},
		"marks in a heap":    {with(func(f *form) { f.Name = "花" + strings.Repeat("\u0301", 5) }), idName},
		"no place":           {with(func(f *form) { f.MunicipalityCode = "" }), idMunicipality},
		"mail without @":     {with(func(f *form) { f.Mail = "hanako.example.jp" }), idMail},
		"mail without a dot": {with(func(f *form) { f.Mail = "hanako@localhost" }), idMail},
		"two addresses":      {with(func(f *form) { f.Mail = "a@example.jp,b@example.jp" }), idMail},
		"two @":              {with(func(f *form) { f.Mail = "a@b@example.jp" }), idMail},
		"a header":           {with(func(f *form) { f.Mail = "a@example.jp\r\nBcc: b" }), idMail},
	} {
		faults := c.form.check()
		if len(faults) != 1 || faults[0].Field != c.field {
			t.Errorf("%s: %v", name, faults)
		}
	}
	for _, f := range []form{
		with(func(f *form) { f.Name = strings.Repeat("渡", 20) }),
		with(func(f *form) { f.Name = strings.Repeat("か\u3099", 20) }), // as Macs and iPhones write が
		with(func(f *form) { f.Name = strings.Repeat("葛\U000e0100", 20) }),
		with(func(f *form) { f.Name = "花\x07\u200b子" }), // the portal leaves out what cannot be seen
		with(func(f *form) { f.Mail = " hanako+portal@mail.example.jp " }),
		with(func(f *form) { f.Mail = "\u200bhanako@example.jp\u202c" }),
		with(func(f *form) { f.Mail = "taro..yamada@docomo.ne.jp" }), // as large carriers gave them out
		with(func(f *form) { f.Mail = "hanako.@ezweb.ne.jp" }),
	} {
		if faults := f.check(); len(faults) != 0 {
			t.Errorf("%+v: %v", f, faults)
		}
	}
}

// Each fault of an address is told by what it is, in the form, before anything is sent.
func TestEveryFaultOfAMailAddressHasWords(t *testing.T) {
	words := map[string]string{}
	for address, want := range map[string]rule.MailFault{
		strings.Repeat("a", 300) + "@example.jp": rule.MailLong, "hanako yamada@example.jp": rule.MailSigns,
		"ｈａｎａｋｏ@example.jp": rule.MailSigns,
		"hanako.example.jp": rule.MailAt, "@example.jp": rule.MailLocal, "hanako@localhost": rule.MailDomain,
	} {
		faults := form{Name: "花子", MunicipalityCode: "131105", Mail: address}.check()
		if len(faults) != 1 || faults[0].Field != idMail ||
			faults[0].Message.In(lang.Japanese) != faultsOfMail[want].In(lang.Japanese) {
			t.Errorf("%q: %v", address, faults)
			continue
		}
		for _, code := range lang.All {
			if faults[0].Message.In(code) == "" {
				t.Errorf("%q: no words in %s", address, code)
			}
		}
		words[faults[0].Message.In(lang.Japanese)] = address
	}
	if len(words) != len(faultsOfMail) {
		t.Errorf("%d faults are told in %d ways", len(faultsOfMail), len(words))
	}
}

func TestOnlyWhatChangedIsSet(t *testing.T) {
	s := &settings{account: &portalv1.Account{
		DisplayName: "花子", MailAddress: "a@example.jp", Municipality: &portalv1.Municipality{Code: "131105"},
		MailOnNotice: true,
	}}
	for want, change := range map[string]func(f *form){
		"language":                           func(*form) {},
		"language mail_on_notice":            func(f *form) { f.MailOnNotice = false },
		"display_name language mail_address": func(f *form) { f.Name, f.Mail = "はなこ", "" },
		"language mail_on_login":             func(f *form) { f.MailOnLogin = true },
		"language municipality_code":         func(f *form) { f.MunicipalityCode = "131130" },
	} {
		s.form = formOf(s.account)
		change(&s.form)
		if got := strings.Join(s.request().GetUpdateMask().GetPaths(), " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
