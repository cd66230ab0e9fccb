// Package clock is the clock on the wall of every office: the time in Japan, which has one zone and no summer time.
// Page, portal, bridge and sandbox go by it; none carries a table of zones. What the days of a calendar mean is
// backend/japan/calendar's.
package clock

import "time"

// Japan is the only zone the country has.
var Japan = time.FixedZone("JST", 9*60*60)

// Today is the day it is in Japan at a moment, as days are reckoned with here: midnight UTC of that date.
func Today(now time.Time) time.Time {
	y, m, d := now.In(Japan).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Day is the day it is in Japan at a moment, as days pass between page and portal: 2026-11-22.
func Day(now time.Time) string { return now.In(Japan).Format(time.DateOnly) }

// Midnight is when the day began that it is in Japan at a moment.
func Midnight(now time.Time) time.Time {
	y, m, d := now.In(Japan).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, Japan)
}
