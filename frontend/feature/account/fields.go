package account

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
)

var (
	textName      = lang.New("表示する名前", "Name to be shown", "表示《ひょうじ》する名前《なまえ》")
	textNameHint  = lang.New("画面に「◯◯さん」と表示します。本名でなくてもかまいません。", "Shown on your pages. It need not be your real name.", "画面《がめん》に出《で》ます。本当《ほんとう》の名前《なまえ》でなくてもいいです。")
	textMail      = lang.New("メールアドレス", "Mail address", "メールアドレス")
	textMailHint  = lang.New("登録すると確認メールが届きます。メールのリンクを押すまでは使いません。", "You will get a mail to confirm it. It is not used before you open the link in that mail.", "確認《かくにん》のメールが届《とど》きます。メールのリンクを押《お》してください。")
	textPlace     = lang.New("お住まいの市区町村", "Your municipality", "住《す》んでいる市区町村《しくちょうそん》")
	textPlaceHint = lang.New("郵便番号、名前、よみがなのどれかを入力すると候補が出ます。お知らせを選ぶために使います。", "Type its postal code or a part of its name; candidates will show. It is used to choose your notices.", "郵便番号《ゆうびんばんごう》か、名前《なまえ》か、読《よ》みかたを書《か》くと、候補《こうほ》が出《で》ます。")
	textOnLogin   = lang.New("ログインのたびにメールで知らせる", "Mail me at each login", "ログインしたらメールで知《し》らせる")
	textOnNotice  = lang.New("お知らせが届いたらメールで知らせる", "Mail me when a notice arrives", "｜お知らせ《おしらせ》が来《き》たらメールで知《し》らせる")
	textMailOnly  = lang.New("メールアドレスを登録して、確認が済むと使えます。", "Works once your mail address is confirmed.", "メールアドレスを登録《とうろく》すると使《つか》えます。")
)

// fields draws the form's fields, with what is wrong in each. touched is called when something was typed or chosen.
func (f *form) fields(fault func(field string) lang.Text, touched func()) []app.UI {
	typed := func(to *string) func(app.Context, string) {
		return func(_ app.Context, text string) {
			*to = text
			touched()
		}
	}
	switched := func(to *bool) func(app.Context, bool) {
		return func(_ app.Context, on bool) {
			*to = on
			touched()
		}
	}
	return []app.UI{
		kit.Field{ID: idName, Label: textName, Hint: textNameHint, Error: fault(idName), Value: f.Name, Required: true,
			Max: portalv1limit.OpenAccountRequestDisplayName, Autocomplete: "nickname", OnInput: typed(&f.Name)}.UI(),
		kit.Field{ID: idMail, Label: textMail, Hint: textMailHint, Error: fault(idMail), Value: f.Mail,
			Type: "email", InputMode: "email", Autocomplete: "email", OnInput: typed(&f.Mail)}.UI(),
		&place.Chooser{ID: idMunicipality, Label: textPlace, Hint: textPlaceHint, Error: fault(idMunicipality), Stay: true,
			Current: f.place(), OnChoose: func(_ app.Context, p *portalv1.Place) {
				f.MunicipalityCode, f.MunicipalityName = p.GetCode(), p.GetPrefecture()+p.GetName()
				touched()
			}},
		kit.Checkbox{ID: idOnLogin, Label: textOnLogin, Checked: f.MailOnLogin, OnChange: switched(&f.MailOnLogin)}.UI(),
		kit.Checkbox{ID: idOnNotice, Label: textOnNotice, Hint: textMailOnly, Checked: f.MailOnNotice, OnChange: switched(&f.MailOnNotice)}.UI(),
	}
}

// facts shows the form's values, for looking over.
func (f form) facts() app.UI {
	none := lang.New("登録なし", "none", "登録《とうろく》なし")
	yes, no := lang.New("はい", "Yes", "はい"), lang.New("いいえ", "No", "いいえ")
	word := func(on bool) app.UI {
		if on {
			return yes.UI()
		}
		return no.UI()
	}
	mail := none.UI()
	if f.Mail != "" {
		mail = app.Span().Text(f.mail())
	}
	return kit.Facts(
		kit.Row{Name: textName, Value: app.Span().Text(f.Name)},
		kit.Row{Name: textMail, Value: mail},
		kit.Row{Name: textPlace, Value: app.Span().Text(f.MunicipalityName)},
		kit.Row{Name: textOnLogin, Value: word(f.MailOnLogin)},
		kit.Row{Name: textOnNotice, Value: word(f.MailOnNotice)},
	)
}

// place is the municipality as the field for it takes one; nil when none is chosen.
func (f form) place() *portalv1.Place {
	if f.MunicipalityCode == "" {
		return nil
	}
	return &portalv1.Place{Code: f.MunicipalityCode, Name: f.MunicipalityName}
}
