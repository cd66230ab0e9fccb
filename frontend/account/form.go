package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	maxName = 20
	maxMail = 254 // octets of an address, RFC 5321
)

// form is what a person fills in, at the opening and later. It is also the draft that the device keeps.
type form struct {
	Name             string
	Mail             string
	MunicipalityCode string
	MunicipalityName string
	MailOnLogin      bool
	MailOnNotice     bool
}

// IDs of the fields; the proto's names lead to them through fieldOf.
const (
	idName         = "display-name"
	idMail         = "mail-address"
	idMunicipality = "municipality"
	idOnLogin      = "mail-on-login"
	idOnNotice     = "mail-on-notice"
)

var fieldOf = map[string]string{
	"display_name":      idName,
	"mail_address":      idMail,
	"municipality_code": idMunicipality,
}

var (
	faultNameMissing = lang.New("表示する名前を入力してください", "Please enter a name to be shown", "名前《なまえ》を書《か》いてください")
	faultNameLong    = lang.New("表示する名前は20文字までです", "The name may have up to 20 characters", "名前《なまえ》は20文字《もじ》までです")
	faultMail        = lang.New("メールアドレスは name@example.jp の形で入力してください", "Please enter the mail address in the form name@example.jp", "メールアドレスは name@example.jp の形《かたち》で書《か》いてください")
	faultPlace       = lang.New("お住まいの市区町村を候補から選んでください", "Please choose your municipality from the list", "住《す》んでいる市区町村《しくちょうそん》を選《えら》んでください")
	faultPortal      = lang.New("この内容は登録できませんでした。直してください", "This could not be saved. Please correct it", "登録《とうろく》できませんでした。直《なお》してください")
)

// check says what must be mended before the form can be sent. The portal checks the same, and more; what cannot be seen in a name it drops.
func (f form) check() []kit.FieldError {
	var faults []kit.FieldError
	fault := func(id string, message lang.Text) {
		faults = append(faults, kit.FieldError{Field: id, Message: message})
	}
	name := strings.TrimSpace(f.Name)
	switch {
	case name == "":
		fault(idName, faultNameMissing)
	case utf8.RuneCountInString(name) > maxName:
		fault(idName, faultNameLong)
	}
	if mail := strings.TrimSpace(f.Mail); mail != "" && !looksLikeMail(mail) {
		fault(idMail, faultMail)
	}
	if f.MunicipalityCode == "" {
		fault(idMunicipality, faultPlace)
	}
	return faults
}

// looksLikeMail catches slips of the finger; whether the address lives shows the confirmation mail.
func looksLikeMail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" || len(s) > maxMail || strings.ContainsAny(s, " 　,;<>()") || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	return domain != "" && !strings.Contains(domain, "@") && strings.Contains(domain, ".") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}

// faultOf finds the message for one field.
func faultOf(faults []kit.FieldError, id string) lang.Text {
	for _, f := range faults {
		if f.Field == id {
			return f.Message
		}
	}
	return lang.Text{}
}

func formOf(a *portalv1.Account) form {
	return form{
		Name:             a.GetDisplayName(),
		Mail:             a.GetMailAddress(),
		MunicipalityCode: a.GetMunicipality().GetCode(),
		MunicipalityName: a.GetMunicipality().GetPrefecture() + a.GetMunicipality().GetName(),
		MailOnLogin:      a.GetMailOnLogin(),
		MailOnNotice:     a.GetMailOnNotice(),
	}
}

func (f form) name() string { return strings.TrimSpace(f.Name) }
func (f form) mail() string { return strings.TrimSpace(f.Mail) }
