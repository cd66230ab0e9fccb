package rule

import "time"

// Era is a name of years (元号) with the day that began it, the first of its year 1 (元年): 昭和64年1月7日 and 平成元年1月8日
// follow one another. The days are those of the orders that named the eras (政令).
type Era struct {
	Name  string
	Began time.Time // midnight UTC
}

// Eras are those of the days that Day knows, the newest first.
var Eras = []Era{
	{"令和", first(2019, time.May, 1)},
	{"平成", first(1989, time.January, 8)},
	{"昭和", first(1926, time.December, 25)},
	{"大正", first(1912, time.July, 30)},
	{"明治", first(1868, time.January, 25)},
}

func first(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// EraOf is the era of a day, and its year in it, from 1; false before the first era.
func EraOf(day time.Time) (era Era, year int, ok bool) {
	for _, e := range Eras {
		if !day.Before(e.Began) {
			return e, day.Year() - e.Began.Year() + 1, true
		}
	}
	return Era{}, 0, false
}

// YearOf is the year by the western count (西暦) of a year of an era. Forms write 平成31年5月1日 and 平成39年 too, before a
// new name was known: such years go on being counted. False for what is no era, and for years before the first.
func YearOf(era string, year int) (int, bool) {
	if year < 1 {
		return 0, false
	}
	for _, e := range Eras {
		if e.Name == era {
			return e.Began.Year() + year - 1, true
		}
	}
	return 0, false
}
