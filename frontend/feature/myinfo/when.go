package myinfo

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

func whenID(w wish, part string) string { return "info-" + part + "-" + elementID(w.Detail) }

func (a *asking) checkWhen() []kit.FieldError {
	var faults []kit.FieldError
	for _, w := range a.given.Wishes {
		e, _ := a.catalog.detail(w.Detail)
		if fault := w.fault(e.detail); !fault.Empty() {
			faults = append(faults, kit.FieldError{Field: whenID(w, "from"), Message: fault})
		}
		if w.Elsewhere && w.Place == "" {
			faults = append(faults, kit.FieldError{Field: whenID(w, "place"), Message: faultPlace})
		}
	}
	return faults
}

// when is the second step: of which time each thing is asked, with what is usual chosen already.
func (a *asking) when() []app.UI {
	parts := []app.UI{textWhenLead.P("lead")}
	for i, w := range a.given.Wishes {
		e, _ := a.catalog.detail(w.Detail)
		fault := a.flow.Fault(whenID(w, "from"))
		fields := a.fields(i, e.detail, fault)
		conditions := app.Div()
		if len(fields) > 0 {
			conditions = conditions.Body(kit.Disclosure{
				ID: whenID(w, "conditions"), Summary: textConditions, Body: fields, Open: !fault.Empty(),
			}.UI())
		}
		where := app.Div()
		if e.detail.GetAsksPlace() {
			where = where.Body(a.where(i, e.detail)...)
		}
		parts = append(parts, app.Section().Class("info-wish").Body(
			e.name().H2("info-wish-name"),
			periodOf(e.detail, w.From, w.To).P("info-wish-period"),
			conditions, where,
		))
	}
	return parts
}

// change alters a wish and keeps it.
func (a *asking) change(i int, change func(w *wish)) {
	change(&a.given.Wishes[i])
	a.flow.Touched()
}

// fields are those by which the time is changed, as the period of the detail wants them.
func (a *asking) fields(i int, d *portalv1.InfoDetail, fault lang.Text) []app.UI {
	w := a.given.Wishes[i]
	from, to := func(day string) { a.change(i, func(w *wish) { w.From = day }) },
		func(day string) { a.change(i, func(w *wish) { w.To = day }) }
	first, last := lang.Day(d.GetFirst()), lang.Day(d.GetLast())
	switch d.GetPeriod() {
	case portalv1.InfoPeriod_INFO_PERIOD_DAY:
		return []app.UI{day(whenID(w, "from"), textOnDay, textRange.F(first, last), fault, w.From, from)}
	case portalv1.InfoPeriod_INFO_PERIOD_DAYS:
		return []app.UI{
			day(whenID(w, "from"), textFrom, textRange.F(first, last), fault, w.From, from),
			day(whenID(w, "to"), textTo, lang.Text{}, lang.Text{}, w.To, to),
		}
	case portalv1.InfoPeriod_INFO_PERIOD_MONTHS:
		return []app.UI{
			months(d, whenID(w, "from"), textFrom, fault, func() string { return a.given.Wishes[i].From }, from, false),
			months(d, whenID(w, "to"), textTo, lang.Text{}, func() string { return a.given.Wishes[i].To }, to, true),
		}
	case portalv1.InfoPeriod_INFO_PERIOD_YEARS, portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS:
		return []app.UI{
			years(d, whenID(w, "from"), textFrom, fault, w.From, func(year int) {
				day, _ := bounds(d, year)
				from(day)
			}),
			years(d, whenID(w, "to"), textTo, lang.Text{}, w.To, func(year int) {
				_, day := bounds(d, year)
				to(day)
			}),
		}
	case portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR:
		return []app.UI{years(d, whenID(w, "from"), textTaxYearLabel, fault, w.From, func(year int) {
			a.change(i, func(w *wish) { w.From, w.To = bounds(d, year) })
		})}
	}
	return nil
}

func day(id string, legend, hint, fault lang.Text, value string, set func(day string)) app.UI {
	return &kit.DateInput{
		ID: id, Legend: legend, Hint: hint, Error: fault, Required: true, Value: value,
		OnInput: func(_ app.Context, value string, _ bool) { set(value) },
	}
}

// years is the choice of a year or 年度.
func years(d *portalv1.InfoDetail, id string, label, fault lang.Text, value string, set func(year int)) app.UI {
	var options []kit.Option
	for y := yearOf(d, d.GetLast()); y >= yearOf(d, d.GetFirst()); y-- {
		options = append(options, kit.Option{Value: strconv.Itoa(y), Label: yearWords(d, y)})
	}
	return kit.Select{
		ID: id, Label: label, Error: fault, Options: options, Value: strconv.Itoa(yearOf(d, value)), Required: true,
		OnChange: func(_ app.Context, value string) {
			if y, err := strconv.Atoi(value); err == nil {
				set(y)
			}
		},
	}.UI()
}

// months is the choice of a month by its year and itself. value gives what is chosen: the handlers outlive a drawing.
func months(
	d *portalv1.InfoDetail, id string, label, fault lang.Text, value func() string, set func(day string), end bool,
) app.UI {
	chosen := func() time.Time {
		day, _ := rule.Day(value())
		return day
	}
	now := chosen()
	choose := func(year int, month time.Month) {
		day := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		from, to := monthBounds(day)
		if from = max(from, d.GetFirst()); end {
			from = min(to, max(d.GetLast(), d.GetFirst()))
		}
		set(from)
	}
	var ofYear, ofMonth []kit.Option
	for y := yearOf(d, d.GetLast()); y >= yearOf(d, d.GetFirst()); y-- {
		ofYear = append(ofYear, kit.Option{Value: strconv.Itoa(y), Label: yearWords(d, y)})
	}
	for m := time.January; m <= time.December; m++ {
		name, _ := lang.MonthAndWeekday(time.Date(2000, m, 1, 0, 0, 0, 0, time.UTC))
		ofMonth = append(ofMonth, kit.Option{Value: strconv.Itoa(int(m)), Label: name})
	}
	return app.Div().Class("info-months").Body(
		kit.Select{
			ID: id, Label: textYearOf.F(label), Error: fault, Options: ofYear, Value: strconv.Itoa(now.Year()),
			Required: true, OnChange: func(_ app.Context, value string) {
				if y, err := strconv.Atoi(value); err == nil {
					choose(y, chosen().Month())
				}
			},
		}.UI(),
		kit.Select{
			ID: id + "-month", Label: textMonthOf.F(label), Options: ofMonth, Value: strconv.Itoa(int(now.Month())),
			Required: true, OnChange: func(_ app.Context, value string) {
				if m, err := strconv.Atoi(value); err == nil {
					choose(chosen().Year(), time.Month(m))
				}
			},
		}.UI(),
	)
}

const (
	placeHere      = "here"
	placeElsewhere = "elsewhere"
)

// where asks where the person lived on the day that decides which office holds it.
func (a *asking) where(i int, d *portalv1.InfoDetail) []app.UI {
	w := a.given.Wishes[i]
	value := placeHere
	chooser := app.Div()
	if w.Elsewhere {
		value = placeElsewhere
		var current *portalv1.Place
		if w.Place != "" {
			current = &portalv1.Place{Code: w.Place, Name: w.PlaceName, Kind: portalv1.Place_KIND_CITY}
		}
		chooser = chooser.Body(&place.Chooser{
			ID: whenID(w, "place"), Label: textPlace, Stay: true, Elsewhere: true, Current: current,
			Error: a.flow.Fault(whenID(w, "place")),
			OnChoose: func(_ app.Context, p *portalv1.Place) {
				a.change(i, func(w *wish) { w.Place, w.PlaceName = p.GetCode(), p.GetName() })
			},
		})
	}
	return []app.UI{
		kit.RadioGroup{
			ID: whenID(w, "lived"), Legend: textWhere.F(lang.Day(w.livedOn(d))), Value: value, Required: true,
			Options: []kit.Option{
				{Value: placeHere, Label: textHere, Hint: textHereHint},
				{Value: placeElsewhere, Label: textElsewhere},
			},
			OnChange: func(_ app.Context, value string) {
				a.change(i, func(w *wish) { w.Elsewhere = value == placeElsewhere })
			},
		}.UI(),
		chooser,
	}
}
