package draft

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
)

// A draft goes on under the version of its form that it began with, for as long as that is taken. What the newer
// version changes is shown; the person may move on to it, and must once the older is taken no more. What finds no place
// there is shown, too.

// lost is an answer that found no place in the newer version.
type lost struct {
	name  lang.Text
	value app.UI
}

// newerVersion asks for the version that holds today, where the draft is of an older one.
func (a *apply) newerVersion() {
	current := a.got.GetCurrent()
	if current == "" || current == a.form.Version || a.newer != nil || a.returned != nil {
		return
	}
	ask.For(&a.visit, &a.renewed, drafts().GetForm,
		&portalv1.GetFormRequest{Place: a.place, Form: a.form.ID, Version: current},
		func(_ app.Context, got *portalv1.GetFormResponse, err error) {
			if err != nil {
				return // the draft goes on as it is
			}
			read, err := engine.ReadChecked(got.GetDefinition())
			if err == nil && read.ID == a.form.ID {
				a.newer, a.newerGot = read, got
			}
		})
}

// oldVersion says that there is a newer version, and what it changes.
func (a *apply) oldVersion() app.UI {
	until := textOldVersion
	if day := a.got.GetUntil(); day != "" {
		until = textOldVersionUntil.F(lang.Day(day))
	}
	banner := kit.NotificationBanner{ID: "apply-version", Tone: kit.Warning, Title: until}
	if a.newer != nil {
		changes := app.Ul().Class("dots").Body(changesIn(a.form, a.newer, a.sheet.Answers)...)
		banner.Body = []app.UI{
			textVersionChanges.P(""), changes,
			kit.Button{ID: "apply-renew", Label: textRenew, OnPress: a.renew}.UI(),
			textRenewHint.P("hint"),
		}
	}
	return banner.UI()
}

// changesIn are what a newer version changes, in words.
func changesIn(from, to *engine.Form, answers engine.Answers) (list []app.UI) {
	told := map[string]bool{}
	for _, c := range engine.Changes(from, to, answers) {
		words := lang.Text{}
		switch c.Kind {
		case engine.FieldGone:
			words = textChangeGone.F(form.Of(from, c.Field))
			if c.Answered {
				words = textChangeGoneAnswered.F(form.Of(from, c.Field))
			}
		case engine.FieldNew:
			words = textChangeNew.F(form.Of(to, c.Field))
		case engine.OptionGone:
			words = textChangeOption.F(form.Of(from, c.Field), form.Of(from, c.Field+"."+c.Option))
		case engine.CheckNew:
			words = textChangeCheck.F(form.Of(to, "check."+c.Field))
		case engine.KindChanged, engine.RuleChanged, engine.TextChanged, engine.OptionNew:
			words = textChangeField.F(form.Of(to, c.Field))
		case engine.SignChanged:
			words = textChangeSign
		case engine.LawChanged:
			words = textChangeLaw
		case engine.DueChanged:
			words = textChangeDue
		case engine.CheckGone:
			continue
		}
		if said := words.String(); !told[said] {
			told[said] = true
			list = append(list, words.Li(""))
		}
	}
	return list
}

// renew goes on under the newer version.
func (a *apply) renew(ctx app.Context) {
	old := a.form
	a.form, a.got, a.newer, a.newerGot = a.newer, a.newerGot, nil, nil
	a.carry(old)
	kit.Focus(ctx, "apply-step")
}

// carry takes the answers over into the form as it is now; old is the one that they were given to, where it is known.
func (a *apply) carry(old *engine.Form) {
	carried, left := engine.Carry(a.form, a.sheet.Answers)
	a.losses = nil
	var ids []string
	for id := range left {
		ids = append(ids, id)
	}
	order.By(ids, strings.Compare)
	for _, id := range ids {
		v := left[id]
		name := lang.Plain(id)
		value := app.UI(app.Span().Text(string(alone(v))))
		if old != nil {
			name = form.Of(old, id)
			value = valueOf(old, fieldOf(old, id), v)
		}
		a.losses = append(a.losses, lost{name, value})
		a.kept.Dirty[id] = true
	}
	a.conflicts = nil
	a.sheet = a.sheetOf(carried)
	a.kept.Version, a.moved, a.moving = a.form.Version, true, true
	for id := range a.kept.Dirty {
		if a.sheet.Field(id) == nil {
			delete(a.kept.Dirty, id)
		}
	}
	a.changed(a.visit.Page, "")
}

func fieldOf(f *engine.Form, id string) *engine.Field {
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			if one := &f.Sections[i].Fields[j]; one.ID == id {
				return one
			}
		}
	}
	return nil
}

// carriedOver says that the draft is of another version now, and what found no place in it.
func (a *apply) carriedOver() []app.UI {
	if !a.moved {
		return nil
	}
	body := []app.UI{textRenewedBody.P("")}
	if len(a.losses) > 0 {
		var rows []kit.Row
		for _, l := range a.losses {
			rows = append(rows, kit.Row{Name: l.name, Value: l.value})
		}
		body = append(body, textRenewedLost.P(""), kit.Facts(rows...))
	}
	title := textRenewed
	if a.expired {
		title = textExpired
	}
	return []app.UI{kit.NotificationBanner{ID: "apply-renewed", Tone: kit.Warning, Title: title, Body: body}.UI()}
}
