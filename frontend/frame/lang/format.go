package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/clock"
	"madoguchi/proto/rule"
)

// The order is time's own.
var (
	weekdays      = []Text{textSunday, textMonday, textTuesday, textWednesday, textThursday, textFriday, textSaturday}
	weekdaysShort = []Text{
		textSundayShort, textMondayShort, textTuesdayShort, textWednesdayShort, textThursdayShort, textFridayShort,
		textSaturdayShort,
	}
	months = []Text{
		textJanuary, textFebruary, textMarch, textApril, textMay, textJune,
		textJuly, textAugust, textSeptember, textOctober, textNovember, textDecember,
	}
	monthsShort = []Text{
		textJanuaryShort, textFebruaryShort, textMarchShort, textAprilShort, textMayShort, textJuneShort,
		textJulyShort, textAugustShort, textSeptemberShort, textOctoberShort, textNovemberShort, textDecemberShort,
	}
)

// Things is a number of things without a counter of their own: 3つ, but 10個 and 0個, as つ counts from one to nine.
func Things(n int) Text {
	if n < 1 || n > 9 {
		return textThings.F(n)
	}
	return textFewThings.F(n)
}

// Date is 2026年11月22日(日), Sunday, 22 November 2026.
func Date(t time.Time) Text {
	t = t.In(clock.Japan)
	year, month, day := t.Date()
	return textDate.F(year, months[month-1], day, weekdays[t.Weekday()])
}

// DateTime is 2026年11月22日(日) 9:05, on a clock of 24 hours.
func DateTime(t time.Time) Text {
	return textDateTime.F(Date(t), Clock(t))
}

// Clock is 9:05, on a clock of 24 hours.
func Clock(t time.Time) string {
	t = t.In(clock.Japan)
	return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
}

// Day is Date of a day written YYYY-MM-DD, as the portal sends days; what is not one is shown as it is.
func Day(s string) Text {
	t, err := time.ParseInLocation(time.DateOnly, s, clock.Japan)
	if err != nil {
		return Plain(s)
	}
	return Date(t)
}

// MonthAndWeekday are the small parts of a leaf of a calendar: 11月 and 木, Nov and Thu.
func MonthAndWeekday(t time.Time) (month, weekday Text) {
	return monthsShort[t.Month()-1], weekdaysShort[t.Weekday()]
}

// EraName is an era as one reads it: 令和, Reiwa.
func EraName(era rule.Era) Text {
	switch era.Name {
	case "令和":
		return textReiwa
	case "平成":
		return textHeisei
	case "昭和":
		return textShowa
	case "大正":
		return textTaisho
	case "明治":
		return textMeiji
	}
	return Plain(era.Name)
}

// Era is the year in the Japanese calendar: 令和8年; 令和元年 for the first. Empty before Meiji.
func Era(t time.Time) Text {
	era, year, ok := rule.EraOf(clock.Today(t))
	switch {
	case !ok:
		return Text{}
	case year == 1:
		return textEraFirst.F(EraName(era))
	}
	return textEraYear.F(EraName(era), year)
}

// DateAndEra is 2026年11月22日(日)（令和8年）.
func DateAndEra(t time.Time) Text { return textDateAndEra.F(Date(t), Era(t)) }

// Number groups digits: 12,300.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var groups []string
	for len(s) > 3 {
		groups = append([]string{s[len(s)-3:]}, groups...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, groups...), ",")
}

// Yen is 12,300円, 12,300 yen.
func Yen(n int64) Text {
	return textYen.F(Number(n))
}
