package calendar

import (
	"regexp"
	"strconv"
	"time"
)

// Period is a length of time as laws name it: so many days, weeks, months or years. The zero Period is none.
type Period struct {
	days, months int // one of them
}

var periodForm = regexp.MustCompile(`^([1-9][0-9]{0,2})([dwmy])$`)

// ParsePeriod reads 15d, 2w, 3m, 2y.
func ParsePeriod(s string) (Period, bool) {
	part := periodForm.FindStringSubmatch(s)
	if part == nil {
		return Period{}, false
	}
	n, err := strconv.Atoi(part[1])
	switch part[2] {
	case "d":
		return Period{days: n}, err == nil
	case "w":
		return Period{days: 7 * n}, err == nil
	case "m":
		return Period{months: n}, err == nil
	}
	return Period{months: 12 * n}, err == nil
}

// Last is the last day of a period that something on a day sets off. That day is not counted (民法140条), unless
// `counted`: because a law says so (戸籍法43条, 「起算して」), or because the period begins with the day, at midnight. Days and
// weeks are counted out. Months and years go by the calendar (民法143条): the period ends with the day before the one that
// corresponds to its first, and with the month where that month has no such day. So what begins with a month ends with
// one.
func (p Period) Last(day time.Time, counted bool) time.Time {
	first := day
	if !counted {
		first = first.AddDate(0, 0, 1)
	}
	if p.months == 0 {
		return first.AddDate(0, 0, p.days-1)
	}
	month := monthFrom(first, p.months)
	if first.Day() > daysIn(month) {
		return month.AddDate(0, 1, -1)
	}
	return month.AddDate(0, 0, first.Day()-2)
}

// Before is the day so long before another: the same day of the month, or the month's last where there is none. It is
// where something can begin at the earliest; the laws that name such days name no way to count, and offices count like
// this.
func (p Period) Before(day time.Time) time.Time {
	if p.months == 0 {
		return day.AddDate(0, 0, -p.days)
	}
	month := monthFrom(day, -p.months)
	return month.AddDate(0, 0, min(day.Day(), daysIn(month))-1)
}

// monthFrom is the first day of the month that lies so many months from the month of a day.
func monthFrom(day time.Time, months int) time.Time {
	return time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

func daysIn(month time.Time) int { return month.AddDate(0, 1, -1).Day() }
