package selfinfo

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Period is what of time a detail is asked by.
type Period string

const (
	Now         Period = "now"
	OnDay       Period = "day"
	Days        Period = "days"
	Months      Period = "months"
	Years       Period = "years"
	FiscalYears Period = "fiscal_years"
	TaxYear     Period = "tax_year"
)

var periods = []Period{Now, OnDay, Days, Months, Years, FiscalYears, TaxYear}

// span is so many years or days.
type span struct{ years, days int }

func parseSpan(s string) (span, error) {
	if s == "" {
		return span{years: 5}, nil
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	switch {
	case err == nil && s[len(s)-1] == 'y':
		return span{years: n}, nil
	case err == nil && s[len(s)-1] == 'd':
		return span{days: n}, nil
	}
	return span{}, fmt.Errorf("%q is no span of time", s)
}

func (s span) before(day time.Time) time.Time { return day.AddDate(-s.years, 0, -s.days) }

// Window is between which days a detail may be asked, and which are taken when nothing is said; zero where the period
// has none.
type Window struct{ First, Last, From, To time.Time }

// Window is that of a day in Japan (clock.Today).
func (d Detail) Window(today time.Time) Window {
	switch d.Period {
	case OnDay:
		return Window{First: d.back.before(today), Last: today, From: today}
	case Days:
		return Window{d.back.before(today), today, d.usual.before(today), today}
	case Months:
		from := month(d.usual.before(today)).AddDate(0, 1, 0)
		return Window{month(d.back.before(today)), endOfMonth(today), from, endOfMonth(today)}
	case Years:
		last := date(today.Year(), 12, 31)
		return Window{date(today.Year()-d.back.years, 1, 1), last, date(today.Year()-d.usual.years+1, 1, 1), last}
	case FiscalYears:
		year := fiscal(today)
		last := date(year+1, 3, 31)
		return Window{date(year-d.back.years, 4, 1), last, date(year-d.usual.years+1, 4, 1), last}
	case TaxYear:
		year := fiscal(today)
		if m := today.Month(); m == time.April || m == time.May {
			year-- // the tax of a year is settled in June
		}
		return Window{date(year-d.back.years, 4, 1), date(year+1, 3, 31), date(year, 4, 1), date(year+1, 3, 31)}
	}
	return Window{}
}

// ErrPeriod says that a detail cannot be asked by these days.
var ErrPeriod = errors.New("not a period by which this is asked")

// Asked is the period that is asked for by these days, with those that were left out; days within a month or a year
// stand for the whole.
func (d Detail) Asked(from, to string, today time.Time) (string, string, error) {
	w := d.Window(today)
	if from == "" && to == "" {
		return day(w.From), day(w.To), nil
	}
	begin, err := parseDay(from)
	if err != nil {
		return "", "", err
	}
	end, err := parseDay(to)
	if err != nil {
		return "", "", err
	}
	switch d.Period {
	case Now:
		return "", "", ErrPeriod
	case OnDay:
		if begin.IsZero() || !end.IsZero() && !end.Equal(begin) {
			return "", "", ErrPeriod
		}
		end = begin
	case Months:
		begin, end = month(begin), endOfMonth(end)
	case Years:
		begin, end = date(begin.Year(), 1, 1), date(end.Year(), 12, 31)
	case FiscalYears:
		begin, end = date(fiscal(begin), 4, 1), date(fiscal(end)+1, 3, 31)
	case TaxYear:
		if !end.IsZero() && fiscal(end) != fiscal(begin) {
			return "", "", ErrPeriod
		}
		begin, end = date(fiscal(begin), 4, 1), date(fiscal(begin)+1, 3, 31)
	}
	if from == "" || d.Period != OnDay && d.Period != TaxYear && to == "" || end.Before(begin) ||
		begin.Before(w.First) || end.After(w.Last) {
		return "", "", ErrPeriod
	}
	if d.Period == OnDay {
		return day(begin), "", nil
	}
	return day(begin), day(end), nil
}

// LivedOn is the day that decides which place's office holds what is asked for from a day on; "" for today.
func (d Detail) LivedOn(from string) string {
	if d.Period == TaxYear && len(from) == len(time.DateOnly) {
		return from[:4] + "-01-01"
	}
	return from
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func parseDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, ErrPeriod
	}
	return t, nil
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func month(t time.Time) time.Time { return date(t.Year(), t.Month(), 1) }

func endOfMonth(t time.Time) time.Time { return month(t).AddDate(0, 1, -1) }

// fiscal is the 年度 of a day.
func fiscal(t time.Time) int {
	if t.Month() < time.April {
		return t.Year() - 1
	}
	return t.Year()
}
