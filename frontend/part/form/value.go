package form

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/place"
	"madoguchi/proto/clock"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// written is an answer as it stands in a field to type in.
func written(one *engine.Field, v engine.Value) string {
	switch v.Kind {
	case engine.IntAnswer:
		return strconv.FormatInt(v.Int, 10)
	case engine.TextAnswer:
		if one.Type == engine.Month && len(v.Text) == len("2026-11") {
			year, m, _ := strings.Cut(v.Text, "-")
			return year + "年" + strings.TrimPrefix(m, "0") + "月"
		}
		return v.Text
	}
	return ""
}

// month is 2026年11月（令和8年）.
func month(s string) lang.Text {
	t, err := time.ParseInLocation("2006-01", s, clock.Japan)
	if err != nil {
		return lang.Plain(s)
	}
	name, _ := lang.MonthAndWeekday(t)
	return textMonth.F(t.Year(), name, lang.Era(t))
}

// Shown is an answer as one reads it; a dash where there is none.
func Shown(form *engine.Form, one *engine.Field, v engine.Value) app.UI {
	switch v.Kind {
	case 0:
		return app.Span().Class("hint").Text("—")
	case engine.IntAnswer:
		if one.Type == engine.Yen {
			return lang.Yen(v.Int).UI()
		}
		return app.Span().Text(lang.Number(v.Int))
	case engine.BoolAnswer:
		switch {
		case one.Type == engine.Agree && v.Bool:
			return textAgreed.UI()
		case v.Bool:
			return textYes.UI()
		}
		return textNo.UI()
	case engine.TextsAnswer:
		items := make([]app.UI, len(v.Texts))
		for i, o := range v.Texts {
			items[i] = Of(form, one.ID+"."+o).Li("")
		}
		return app.Ul().Class("plain-list").Body(items...)
	case engine.FilesAnswer:
		items := make([]app.UI, len(v.Files))
		for i, file := range v.Files {
			items[i] = app.Li().Body(
				app.Elem("bdi").Text(file.Name), app.Span().Class("hint").Text(" "+kit.Size(file.Size)),
			)
		}
		return app.Ul().Class("plain-list").Body(items...)
	}
	switch one.Type {
	case engine.Choice:
		return Of(form, one.ID+"."+v.Text).UI()
	case engine.Day:
		if d, err := time.ParseInLocation(time.DateOnly, v.Text, clock.Japan); err == nil {
			return lang.DateAndEra(d).UI()
		}
	case engine.Month:
		return month(v.Text).UI()
	case engine.Place:
		return &placeName{Code: v.Text}
	case engine.Lines:
		return kit.Paragraphs(v.Text)
	case engine.Postal:
		if len(v.Text) == 7 {
			return app.Span().Text("〒" + v.Text[:3] + "-" + v.Text[3:])
		}
	}
	return app.Elem("bdi").Text(v.Text)
}

// placeName is the name of a municipality, as soon as it is known.
type placeName struct {
	app.Compo
	Code string

	visit ask.Visit
	asked ask.Question
	place *portalv1.Place
}

// OnMount asks for the name.
func (p *placeName) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.OnUpdate(ctx)
}

// OnUpdate asks for the name of another one.
func (p *placeName) OnUpdate(app.Context) {
	place.Resolve(&p.visit, &p.asked, p.Code, func(_ app.Context, found *portalv1.Place, err error) {
		if err == nil {
			p.place = found
		}
	})
}

// OnDismount gives up.
func (p *placeName) OnDismount() { p.visit.End() }

// Render draws the name, or the code until then.
func (p *placeName) Render() app.UI {
	if p.place.GetCode() != p.Code {
		return app.Span().Text(p.Code)
	}
	return app.Span().Body(place.FullName(p.place).UI())
}

// Review draws all that is answered, a section after another; more is put below each, and may be nil. What differs from
// before is marked, where there was something before.
func Review(r *engine.Result, form *engine.Form, before engine.Answers, more func(section string) app.UI) []app.UI {
	answers := r.Answers()
	var body []app.UI
	for _, sec := range form.Sections {
		if !r.SectionShown(sec.ID) {
			continue
		}
		parts := []app.UI{Of(form, "section."+sec.ID).H2("part-title")}
		var facts []kit.Row
		flush := func() {
			if len(facts) > 0 {
				parts = append(parts, kit.Facts(facts...))
				facts = nil
			}
		}
		for i := range sec.Fields {
			one := &sec.Fields[i]
			if !r.Shown(one.ID, -1) || one.Type == engine.Note {
				continue
			}
			if one.Type != engine.Rows {
				facts = append(facts, fact(form, one, answers, before))
				continue
			}
			flush()
			for n, row := range answers[one.ID].Rows {
				var was engine.Answers
				if before != nil {
					was = engine.Answers{}
					if old := before[one.ID].Rows; n < len(old) {
						was = old[n]
					}
				}
				var of []kit.Row
				for j := range one.Fields {
					if inner := &one.Fields[j]; r.Shown(inner.ID, n) && inner.Type != engine.Note {
						of = append(of, fact(form, inner, row, was))
					}
				}
				parts = append(parts, textRow.F(Of(form, one.ID+".row"), n+1).H3("row-name"), kit.Facts(of...))
			}
		}
		flush()
		if more != nil {
			parts = append(parts, more(sec.ID))
		}
		body = append(body, app.Section().Class("part").Body(parts...))
	}
	return body
}

func fact(form *engine.Form, one *engine.Field, answers, before engine.Answers) kit.Row {
	value := shownIn(form, one, answers)
	if was := before[one.ID]; before != nil && !same(answers[one.ID], was) {
		value = app.Div().Body(
			app.Div().Body(kit.ChipLabel(kit.Warning, textChanged), app.Text(" "), value),
			app.Div().Class("hint").Body(textBefore.UI(), shownIn(form, one, before)),
		)
	}
	return kit.Row{Name: Of(form, one.ID), Value: value}
}

// Differences are the answers that are others than before, each as it was and as it is, in the order of the form. Rows
// are compared as they stand: what is the second now with what was the second.
func Differences(f *engine.Form, before, now engine.Answers) (rows []kit.Row) {
	add := func(name lang.Text, one *engine.Field, before, now engine.Answers) {
		if was, is := before[one.ID], now[one.ID]; !same(was, is) {
			rows = append(rows, kit.Row{Name: name, Value: app.Div().Class("difference").Body(
				app.Div().Class("hint").Body(textBefore.UI(), app.Text(" "), shownIn(f, one, before)),
				app.Div().Body(textNow.UI(), app.Text(" "), shownIn(f, one, now)),
			)})
		}
	}
	for _, sec := range f.Sections {
		for i := range sec.Fields {
			one := &sec.Fields[i]
			switch one.Type {
			case engine.Note:
			case engine.Rows:
				was, is := before[one.ID].Rows, now[one.ID].Rows
				for n := range max(len(was), len(is)) {
					row := textRow.F(Of(f, one.ID+".row"), n+1)
					for j := range one.Fields {
						inner := &one.Fields[j]
						add(textInRow.F(row, Of(f, inner.ID)), inner, rowOf(was, n), rowOf(is, n))
					}
				}
			default:
				add(Of(f, one.ID), one, before, now)
			}
		}
	}
	return rows
}

func rowOf(rows []engine.Answers, n int) engine.Answers {
	if n < len(rows) {
		return rows[n]
	}
	return nil
}
