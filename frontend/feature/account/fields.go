package account

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
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
		&place.Chooser{ID: idMunicipality, Label: textPlace, Hint: textPlaceHint,
			Error: fault(idMunicipality), Stay: true,
			Current: f.place(), OnChoose: func(_ app.Context, p *portalv1.Place) {
				f.MunicipalityCode, f.MunicipalityName = p.GetCode(), p.GetPrefecture()+p.GetName()
				f.MunicipalityEnglish = p.GetEnglish()
				touched()
			}},
		kit.Checkbox{
			ID: idOnLogin, Label: textOnLogin, Checked: f.MailOnLogin, OnChange: switched(&f.MailOnLogin),
		}.UI(),
		kit.Checkbox{
			ID: idOnNotice, Label: textOnNotice, Hint: textMailOnly, Checked: f.MailOnNotice,
			OnChange: switched(&f.MailOnNotice),
		}.UI(),
	}
}

// facts shows the form's values, for looking over.
func (f form) facts() app.UI {
	none := textNone
	mail := none.UI()
	if f.Mail != "" {
		mail = app.Span().Text(f.mail())
	}
	return kit.Facts(
		kit.Row{Name: textName, Value: app.Span().Text(f.Name)},
		kit.Row{Name: textMail, Value: mail},
		kit.Row{Name: textPlace, Value: place.Named(f.MunicipalityName, f.MunicipalityEnglish).UI()},
		kit.Row{Name: textOnLogin, Value: word(f.MailOnLogin).UI()},
		kit.Row{Name: textOnNotice, Value: word(f.MailOnNotice).UI()},
	)
}

func word(on bool) lang.Text {
	if on {
		return textYes
	}
	return textNo
}

// place is the municipality as the field for it takes one; nil when none is chosen.
func (f form) place() *portalv1.Place {
	if f.MunicipalityCode == "" {
		return nil
	}
	return &portalv1.Place{Code: f.MunicipalityCode, Name: f.MunicipalityName, English: f.MunicipalityEnglish}
}
