package account

import (
	"strings"
	"unicode"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// form is what a person fills in, at the opening and later. It is also the draft that the device keeps.
type form struct {
	Name                string
	Mail                string
	MunicipalityCode    string
	MunicipalityName    string
	MunicipalityEnglish string
	MailOnLogin         bool
	MailOnNotice        bool
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

// faultsOfMail has words for what rule.MailAddress finds.
var faultsOfMail = map[rule.MailFault]lang.Text{
	rule.MailLong:   textTheMailAddressIsToo,
	rule.MailSigns:  textTheMailAddressHasA,
	rule.MailAt:     textPleaseEnterTheMailAddress,
	rule.MailLocal:  textWhatStandsBeforeInThe,
	rule.MailDomain: textPleaseCheckWhatFollowsIn,
}

// faultsOfName has words for what can be seen in a name and yet not be registered.
var faultsOfName = map[rule.NameFault]lang.Text{
	rule.NameMissing: faultNameMissing,
	rule.NameLong:    faultNameLong,
	rule.NamePrivate: textNameHasGaiji,
	rule.NameBroken:  textNameHasBrokenCharacter,
	rule.NameSigns:   textTheNameHasASign,
}

// check says what must be mended before the form can be sent, by the rules of the portal.
func (f form) check() []kit.FieldError {
	var faults []kit.FieldError
	fault := func(id string, message lang.Text) {
		faults = append(faults, kit.FieldError{Field: id, Message: message})
	}
	if found := rule.DisplayName(f.name()); found != rule.NameGood {
		fault(idName, faultsOfName[found])
	}
	if found := rule.MailAddress(f.mail()); f.mail() != "" && found != rule.MailGood {
		fault(idMail, faultsOfMail[found])
	}
	if f.MunicipalityCode == "" {
		fault(idMunicipality, faultPlace)
	}
	return faults
}

func formOf(a *portalv1.Account) form {
	return form{
		Name:                a.GetDisplayName(),
		Mail:                a.GetMailAddress(),
		MunicipalityCode:    a.GetMunicipality().GetCode(),
		MunicipalityName:    a.GetMunicipality().GetPrefecture() + a.GetMunicipality().GetName(),
		MunicipalityEnglish: a.GetMunicipality().GetEnglish(),
		MailOnLogin:         a.GetMailOnLogin(),
		MailOnNotice:        a.GetMailOnNotice(),
	}
}

// name is without what cannot be seen; the portal leaves it out as well.
func (f form) name() string { return plaintext.Clean(f.Name) }

// mail is the address without what cannot be seen, which comes along when one is pasted. The portal leaves it out as
// well.
func (f form) mail() string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, f.Mail))
}
