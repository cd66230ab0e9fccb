package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/clock"
)

var (
	weekdaysJa   = []string{"日", "月", "火", "水", "木", "金", "土"}
	weekdaysEasy = []string{"日《にち》", "月《げつ》", "火《か》", "水《すい》", "木《もく》", "金《きん》", "土《ど》"}
)

// Things is a number of things without a counter of their own: 3つ, but 10個 and 0個, as つ counts from one to nine.
func Things(n int) Text {
	if n < 1 || n > 9 {
		return New("%d個", "%d", "%d個《こ》").F(n)
	}
	return New("%dつ", "%d", "%dつ").F(n)
}

// Date is 2026年11月22日(日), Sunday, 22 November 2026.
func Date(t time.Time) Text {
	t = t.In(clock.Japan)
	y, m, d := t.Date()
	return New(
		fmt.Sprintf("%d年%d月%d日(%s)", y, m, d, weekdaysJa[t.Weekday()]),
		fmt.Sprintf("%s, %d %s %d", t.Weekday(), d, m, y),
		fmt.Sprintf("%d年《ねん》%d月《がつ》%d日《にち》(%s)", y, m, d, weekdaysEasy[t.Weekday()]),
	)
}

// DateTime is 2026年11月22日(日) 9:05, on a clock of 24 hours.
func DateTime(t time.Time) Text {
	return New("%s %s", "%s, %s", "%s %s").F(Date(t), Clock(t))
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
	name := fmt.Sprintf("%d月", t.Month())
	short := weekdaysJa[t.Weekday()]
	return New(name, t.Format("Jan"), name), New(short, t.Format("Mon"), short)
}

var eras = []struct {
	ja, en, easy string
	from         time.Time
}{
	{"令和", "Reiwa", "令和《れいわ》", time.Date(2019, 5, 1, 0, 0, 0, 0, clock.Japan)},
	{"平成", "Heisei", "平成《へいせい》", time.Date(1989, 1, 8, 0, 0, 0, 0, clock.Japan)},
	{"昭和", "Showa", "昭和《しょうわ》", time.Date(1926, 12, 25, 0, 0, 0, 0, clock.Japan)},
	{"大正", "Taisho", "大正《たいしょう》", time.Date(1912, 7, 30, 0, 0, 0, 0, clock.Japan)},
	{"明治", "Meiji", "明治《めいじ》", time.Date(1868, 1, 25, 0, 0, 0, 0, clock.Japan)},
}

// Era is the year in the Japanese calendar: 令和8年; 令和元年 for the first. Empty before Meiji.
func Era(t time.Time) Text {
	t = t.In(clock.Japan)
	for _, e := range eras {
		if t.Before(e.from) {
			continue
		}
		n := t.Year() - e.from.Year() + 1
		if n == 1 {
			return New(e.ja+"元年", e.en+" 1", e.easy+"元年《がんねん》")
		}
		return New(fmt.Sprintf("%s%d年", e.ja, n), fmt.Sprintf("%s %d", e.en, n), fmt.Sprintf("%s%d年《ねん》", e.easy, n))
	}
	return Text{}
}

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
	return New("%s円", "%s yen", "%s円《えん》").F(Number(n))
}
