package account

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/place"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/shell"
	"madoguchi/frontend/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
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

// editor is the state of a form under a person's hands: what is typed, what is wrong.
type editor struct {
	form   form
	faults []kit.FieldError
	draft  string // the name it is kept under
	hold   func()
}

// touched notes a change: it is kept on the device at once, and updates wait.
func (e *editor) touched() {
	if e.hold == nil {
		e.hold = shell.HoldUpdates()
	}
	vault.Save(e.draft, e.form)
}

// letGo ends what touched began; the draft stays.
func (e *editor) letGo() {
	if e.hold != nil {
		e.hold()
		e.hold = nil
	}
}

// refuse shows what is wrong and takes the person there. It says whether there was anything.
func (e *editor) refuse(ctx app.Context, faults []kit.FieldError) bool {
	e.faults = faults
	if len(faults) == 0 {
		return false
	}
	kit.Focus(ctx, "form-faults")
	return true
}

// blame turns an error of the portal that names a field into a fault of that field.
func (e *editor) blame(ctx app.Context, message rpc.Message) bool {
	id, known := fieldOf[message.Field]
	return known && e.refuse(ctx, []kit.FieldError{{Field: id, Message: faultPortal}})
}

func (e *editor) summary() app.UI { return kit.ErrorSummary{ID: "form-faults", Errors: e.faults}.UI() }

// fields draws the form's fields.
func (e *editor) fields() []app.UI {
	return []app.UI{
		kit.Field{ID: idName, Label: textName, Hint: textNameHint, Error: faultOf(e.faults, idName), Value: e.form.Name, Required: true,
			Max: rule.MaxName, Autocomplete: "nickname", OnInput: func(_ app.Context, v string) { e.form.Name = v; e.touched() }}.UI(),
		kit.Field{ID: idMail, Label: textMail, Hint: textMailHint, Error: faultOf(e.faults, idMail), Value: e.form.Mail,
			Type: "email", InputMode: "email", Autocomplete: "email", OnInput: func(_ app.Context, v string) { e.form.Mail = v; e.touched() }}.UI(),
		&place.Chooser{ID: idMunicipality, Label: textPlace, Hint: textPlaceHint, Error: faultOf(e.faults, idMunicipality), Stay: true,
			Current: e.form.place(), OnChoose: func(_ app.Context, p *portalv1.Place) {
				e.form.MunicipalityCode, e.form.MunicipalityName = p.GetCode(), p.GetPrefecture()+p.GetName()
				e.touched()
			}},
		kit.Checkbox{ID: idOnLogin, Label: textOnLogin, Checked: e.form.MailOnLogin, OnChange: func(_ app.Context, on bool) { e.form.MailOnLogin = on; e.touched() }}.UI(),
		kit.Checkbox{ID: idOnNotice, Label: textOnNotice, Hint: textMailOnly, Checked: e.form.MailOnNotice, OnChange: func(_ app.Context, on bool) { e.form.MailOnNotice = on; e.touched() }}.UI(),
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
