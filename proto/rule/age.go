package rule

import "time"

// Reached is the day on which somebody reaches an age by the law (年齢計算ニ関する法律, 民法143条): at the end of the day
// before the birthday, so that who was born on 1 April is six on 31 March, and on 29 February reaches every age on the
// 28th.
func Reached(birth time.Time, age int) time.Time {
	y, m, d := birth.Date()
	day := time.Date(y+age, m, d, 0, 0, 0, 0, time.UTC)
	if day.Day() != d { // 29 February in a year that has none: the month's last day
		return time.Date(y+age, m+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return day.AddDate(0, 0, -1)
}

// Age is how many years of age somebody has at the end of a day; false before the birth.
func Age(birth, day time.Time) (int, bool) {
	if day.Before(birth) {
		return 0, false
	}
	age := day.Year() - birth.Year() + 1 // who was born on 1 January is older on 31 December
	for age > 0 && Reached(birth, age).After(day) {
		age--
	}
	return age, true
}

// MarchEnd is the last day of the business year (年度) of a day: the first 31 March on or after it.
func MarchEnd(day time.Time) time.Time {
	y := day.Year()
	if day.Month() > time.March {
		y++
	}
	return time.Date(y, time.March, 31, 0, 0, 0, 0, time.UTC)
}

// AddMonths counts months by the calendar; where the month has no such day, its last one is meant.
func AddMonths(day time.Time, months int) time.Time {
	y, m, d := day.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	return time.Date(last.Year(), last.Month(), min(d, last.Day()), 0, 0, 0, 0, time.UTC)
}
