// Package calendar knows the days on which offices are closed: Saturdays, Sundays, national holidays, and the turn of
// the year (行政機関の休日に関する法律1条, 地方自治法4条の2). A day is midnight UTC of that date; there is no time of day here; which day it
// is now, proto/clock says.
//
// The table holidays.tsv is made by `make data` from the npm package @holiday-jp/holiday_jp 2.5.1 (MIT, © holiday-jp;
// see LICENSE-data). From 2027 on it is computed: the days of the equinoxes are gazetted a year ahead.
package calendar

import (
	_ "embed"
	"strings"
	"sync"
	"time"
)

//go:embed holidays.tsv
var file string

var holidays = sync.OnceValue(func() map[string]string {
	days := map[string]string{}
	for line := range strings.Lines(file) {
		day, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		days[day] = name
	}
	return days
})

// Holiday returns the name of the national holiday that a day is; "" when it is none.
func Holiday(day time.Time) string { return holidays()[day.Format(time.DateOnly)] }

// Open says whether offices work on a day.
func Open(day time.Time) bool {
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	if m, d := day.Month(), day.Day(); m == time.December && d >= 29 || m == time.January && d <= 3 {
		return false
	}
	return Holiday(day) == ""
}

// NextOpenDay returns the day itself when offices work on it, else the first one after it on which they do.
func NextOpenDay(day time.Time) time.Time {
	for !Open(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}
