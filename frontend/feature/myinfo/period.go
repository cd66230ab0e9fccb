package myinfo

import (
	"strconv"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// wish is what is asked for, as the person puts it together.
type wish struct {
	Detail, From, To string
	// Place is where the person lived then, by its code, where that is not where they live; PlaceName for the eye.
	Elsewhere        bool
	Place, PlaceName string
}

// wishOf is a wish as it begins: with the defaults.
func wishOf(d *portalv1.InfoDetail) wish {
	return wish{Detail: d.GetKey(), From: d.GetDefaultFrom(), To: d.GetDefaultTo()}
}

func (w wish) sent() *portalv1.InfoWish {
	sent := &portalv1.InfoWish{Detail: w.Detail, From: w.From, To: w.To}
	if w.Elsewhere {
		sent.PlaceCode = w.Place
	}
	return sent
}

// periodOf is the time of a wish in words.
func periodOf(d *portalv1.InfoDetail, from, to string) lang.Text {
	switch d.GetPeriod() {
	case portalv1.InfoPeriod_INFO_PERIOD_DAY:
		return textAsOfDay.F(lang.Day(from))
	case portalv1.InfoPeriod_INFO_PERIOD_DAYS:
		return span(from, to)
	case portalv1.InfoPeriod_INFO_PERIOD_MONTHS:
		return between(month(from), month(to))
	case portalv1.InfoPeriod_INFO_PERIOD_YEARS:
		return between(unitOf(d, from), unitOf(d, to))
	case portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS:
		return between(unitOf(d, from), unitOf(d, to))
	case portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR:
		return textTaxYear.F(unitOf(d, from), strconv.Itoa(yearOf(d, from)-1))
	}
	return textNow
}

func between(from, to lang.Text) lang.Text {
	if from.String() == to.String() {
		return from
	}
	return textFromTo.F(from, to)
}

// yearOf is the year, or the 年度, that a day lies in.
func yearOf(d *portalv1.InfoDetail, day string) int {
	t, ok := rule.Day(day)
	if !ok {
		return 0
	}
	if fiscal(d) && t.Month() < time.April {
		return t.Year() - 1
	}
	return t.Year()
}

func fiscal(d *portalv1.InfoDetail) bool {
	return d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS ||
		d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR
}

// unitOf is the year or 年度 of a day in words, by both counts.
func unitOf(d *portalv1.InfoDetail, day string) lang.Text { return yearWords(d, yearOf(d, day)) }

func yearWords(d *portalv1.InfoDetail, year int) lang.Text {
	era := lang.Era(time.Date(year, time.December, 31, 0, 0, 0, 0, clock.Japan))
	if fiscal(d) {
		return textFiscalYear.F(strconv.Itoa(year), era)
	}
	return textYear.F(strconv.Itoa(year), era)
}

// bounds are the first and the last day of a year or 年度.
func bounds(d *portalv1.InfoDetail, year int) (from, to string) {
	y := strconv.Itoa(year)
	if fiscal(d) {
		return y + "-04-01", strconv.Itoa(year+1) + "-03-31"
	}
	return y + "-01-01", y + "-12-31"
}

// monthBounds are the first and the last day of a month, 2026-11.
func monthBounds(text string) (from, to string) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return "", ""
	}
	return t.Format(time.DateOnly), t.AddDate(0, 1, -1).Format(time.DateOnly)
}

// fault says what is wrong with the days of a wish; empty when nothing is.
func (w wish) fault(d *portalv1.InfoDetail) lang.Text {
	if d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_NOW ||
		d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_UNSPECIFIED {
		return lang.Text{}
	}
	one := d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_DAY
	_, okFrom := rule.Day(w.From)
	_, okTo := rule.Day(w.To)
	switch {
	case !okFrom || !one && !okTo:
		return faultDay
	case !one && w.To < w.From:
		return faultOrder
	case d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_DAY, d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_DAYS:
		if w.From < d.GetFirst() || d.GetLast() != "" && (w.From > d.GetLast() || w.To > d.GetLast()) {
			return faultRange.F(lang.Day(d.GetFirst()), lang.Day(d.GetLast()))
		}
	}
	return lang.Text{}
}

// livedOn is the day of which is asked where one lived.
func (w wish) livedOn(d *portalv1.InfoDetail) string {
	if d.GetPeriod() == portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR {
		return strconv.Itoa(yearOf(d, w.From)) + "-01-01"
	}
	if w.From != "" {
		return w.From
	}
	return clock.Day(time.Now())
}
