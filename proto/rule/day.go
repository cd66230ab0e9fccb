package rule

import "time"

// Days that a person or an office may mean.
const (
	firstYear = 1900
	lastYear  = 2199
)

// Day reads a day as it passes between page and portal, 2027-04-01; false for what is no day from 1900 to 2199, as a
// year that is still being typed. Days are midnight UTC.
func Day(s string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil || day.Year() < firstYear || day.Year() > lastYear {
		return time.Time{}, false
	}
	return day, true
}
