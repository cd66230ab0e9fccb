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
	faultPlace       = lang.New("お住まいの市区町村を候補から選んでください", "Please choose your municipality from the list", "住《す》んでいる市区町村《しくちょうそん》を選《えら》んでください")
	faultPortal      = lang.New("この内容は登録できませんでした。直してください", "This could not be saved. Please correct it", "登録《とうろく》できませんでした。直《なお》してください")
)

// faultsOfMail has words for what rule.MailAddress finds.
var faultsOfMail = map[rule.MailFault]lang.Text{
	rule.MailLong: lang.New(
		"メールアドレスが長すぎます。余分な文字が入っていないか確かめてください",
		"The mail address is too long. Please check for characters that do not belong to it",
		"メールアドレスが 長《なが》すぎます。よけいな 文字《もじ》が ないか 見《み》てください"),
	rule.MailSigns: lang.New(
		"メールアドレスに使えない文字が入っています。空白を入れず、半角の英数字と記号で、1つだけ入力してください",
		"The mail address has a character that cannot be used. Please type one address, without blanks, in half-width letters, digits and signs",
		"メールアドレスに 使《つか》えない 文字《もじ》が あります。空白《くうはく》を 入《い》れないで、半角《はんかく》の 英語《えいご》の 文字《もじ》と 数字《すうじ》で、1つだけ 書《か》いてください"),
	rule.MailAt: lang.New(
		"メールアドレスは name@example.jp の形で、@ を1つ入れて入力してください",
		"Please enter the mail address in the form name@example.jp, with one @",
		"メールアドレスは name@example.jp の形《かたち》で、@ を 1つ 書《か》いてください"),
	rule.MailLocal: lang.New(
		"メールアドレスの @ の前が足りません。name@example.jp の形で入力してください",
		"What stands before @ in the mail address is missing. Please enter it in the form name@example.jp",
		"メールアドレスの @ の 前《まえ》が ありません。name@example.jp の形《かたち》で 書《か》いてください"),
	rule.MailDomain: lang.New(
		"メールアドレスの @ の後ろを確かめてください。example.jp のように、点（.）で区切った名前が入ります",
		"Please check what follows @ in the mail address: a name with dots in it, as example.jp",
		"メールアドレスの @ の 後《うし》ろを 見《み》てください。example.jp の ように、点《てん》（.）が 入《はい》った 名前《なまえ》です"),
}

// faultsOfName has words for what can be seen in a name and yet not be registered.
var faultsOfName = map[rule.NameFault]lang.Text{
	rule.NameMissing: faultNameMissing,
	rule.NameLong:    faultNameLong,
	rule.NamePrivate: lang.New(
		"名前に外字（その端末だけの文字）が入っています。ほかの端末では読めないので、ふつうの漢字かかなで入力してください",
		"The name has a character made for one machine only, which others cannot show. Please use an ordinary one or kana",
		"名前《なまえ》に ほかの 機械《きかい》では 見《み》えない 文字《もじ》が あります。ふつうの 漢字《かんじ》か ひらがなで 書《か》いてください"),
	rule.NameBroken: lang.New(
		"名前に、読めなくなった文字があります。その文字を入力しなおしてください",
		"The name has a character that was lost. Please type that character again",
		"名前《なまえ》に 読《よ》めない 文字《もじ》が あります。もう一度《いちど》 書《か》いてください"),
	rule.NameSigns: lang.New(
		"名前に使えない記号があります。重なった記号などを消してください",
		"The name has a sign that cannot be used. Please delete signs that are heaped or belong to no letter",
		"名前《なまえ》に 使《つか》えない 記号《きごう》が あります。消《け》してください"),
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
		Name:             a.GetDisplayName(),
		Mail:             a.GetMailAddress(),
		MunicipalityCode: a.GetMunicipality().GetCode(),
		MunicipalityName: a.GetMunicipality().GetPrefecture() + a.GetMunicipality().GetName(),
		MailOnLogin:      a.GetMailOnLogin(),
		MailOnNotice:     a.GetMailOnNotice(),
	}
}

// name is without what cannot be seen; the portal leaves it out as well.
func (f form) name() string { return plaintext.Clean(f.Name) }

// mail is the address without what cannot be seen, which comes along when one is pasted. The portal leaves it out as well.
func (f form) mail() string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, f.Mail))
}
