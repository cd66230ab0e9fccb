package calendar

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"madoguchi/proto/rule"
)

// How an era is written short.
var eras = map[string]string{"令": "令和", "r": "令和", "平": "平成", "h": "平成", "昭": "昭和", "s": "昭和"}

var writtenForms = []*regexp.Regexp{
	regexp.MustCompile(`^()([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$`),
	regexp.MustCompile(`^()([0-9]{4})([0-9]{2})([0-9]{2})$`),
	regexp.MustCompile(`^(令和|平成|昭和|)([0-9]{1,4}|元)年([0-9]{1,2})月([0-9]{1,2})日$`),
	regexp.MustCompile(`^([rhs令平昭]|令和|平成|昭和)([0-9]{1,2}|元)[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$`),
}

// What a spreadsheet or a person may write behind a day.
var behindDay = regexp.MustCompile(`( ?0?0:00(:00)?|[(][月火水木金土日](曜日?)?[)])$`)

// ReadDay reads a day as people and their spreadsheets write it, in any width: 2027-4-1, 2027/04/01, 20270401,
// 2027年4月1日, 令和9年4月1日, R9.4.1. A year is written whole or with its era, so that nothing is guessed.
func ReadDay(s string) (time.Time, bool) {
	s = strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	s = behindDay.ReplaceAllString(s, "")
	if strings.Contains(s, "年") {
		s = strings.ReplaceAll(s, " ", "")
	}
	for _, form := range writtenForms {
		part := form.FindStringSubmatch(s)
		if part == nil {
			continue
		}
		year, _ := strconv.Atoi(strings.Replace(part[2], "元", "1", 1))
		if era := cmp.Or(eras[part[1]], part[1]); era != "" {
			year, _ = rule.YearOf(era, year)
		} else if len(part[2]) != len("2027") {
			return time.Time{}, false
		}
		return rule.Day(strconv.Itoa(year) + "-" + twoDigits(part[3]) + "-" + twoDigits(part[4]))
	}
	return time.Time{}, false
}

func twoDigits(s string) string { return strings.Repeat("0", 2-len(s)) + s }
