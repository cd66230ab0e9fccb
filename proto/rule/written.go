package rule

import (
	"strconv"
	"strings"
	"time"
)

// IsDigits says whether a text is so many digits, and nothing else.
func IsDigits(s string, length int) bool { return len(s) == length && OnlyDigits(s) }

// OnlyDigits says whether a text has nothing but digits.
func OnlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// IsTelephone says whether a text is a number of this country as people write it: 03-1234-5678, 09012345678.
func IsTelephone(s string) bool {
	digits := strings.ReplaceAll(s, "-", "")
	return OnlyDigits(digits) && digits[0] == '0' && (len(digits) == 10 || len(digits) == 11) &&
		!strings.Contains(s, "--") && s[len(s)-1] != '-'
}

// InsurerNumber says whether a text is the number of an insurer of medical care (保険者番号): six digits of the national
// insurance or eight of the others, of which the last checks those before it.
func InsurerNumber(s string) bool {
	if !OnlyDigits(s) || len(s) != 6 && len(s) != 8 {
		return false
	}
	sum := 0
	for i := len(s) - 2; i >= 0; i-- {
		n := int(s[i] - '0')
		if (len(s)-i)%2 == 0 { // every other from the right, beginning beside the check digit
			n *= 2
		}
		sum += n/10 + n%10
	}
	return s[len(s)-1] == '0'+byte((10-sum%10)%10)
}

// eraSigns are how an era may be written, the long ones first.
var eraSigns = []struct{ sign, era string }{
	{"令和", "令和"}, {"平成", "平成"}, {"昭和", "昭和"}, {"大正", "大正"}, {"明治", "明治"},
	{"㋿", "令和"}, {"㍻", "平成"}, {"㍼", "昭和"}, {"㍽", "大正"}, {"㍾", "明治"},
	{"令", "令和"}, {"平", "平成"}, {"昭", "昭和"}, {"大", "大正"}, {"明", "明治"},
	{"r", "令和"}, {"h", "平成"}, {"s", "昭和"}, {"t", "大正"}, {"m", "明治"},
}

// ReadDay reads a day as people and their spreadsheets write it, in any width: 2027-4-1, 2027/04/01, 20270401,
// 2027年4月1日, 令和9年4月1日, R9.4.1. A year is written whole or with its era, so that nothing is guessed.
func ReadDay(s string) (time.Time, bool) {
	s = behindDay(strings.ToLower(strings.TrimSpace(Narrow(s))))
	if IsDigits(s, len("20270401")) {
		return Day(s[:4] + "-" + s[4:6] + "-" + s[6:])
	}
	era := ""
	for _, e := range eraSigns {
		if rest, ok := strings.CutPrefix(s, e.sign); ok {
			s, era = strings.TrimPrefix(rest, " "), e.era
			break
		}
	}
	var year, month, day string
	if before, rest, ok := strings.Cut(s, "年"); ok {
		var ended bool
		s = strings.ReplaceAll(rest, " ", "")
		year = strings.TrimSpace(before)
		if month, day, ok = strings.Cut(s, "月"); !ok {
			return time.Time{}, false
		}
		if day, ended = strings.CutSuffix(day, "日"); !ended {
			return time.Time{}, false
		}
	} else {
		parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
		if len(parts) != 3 || len(s) != len(parts[0])+len(parts[1])+len(parts[2])+2 {
			return time.Time{}, false
		}
		year, month, day = parts[0], parts[1], parts[2]
	}
	if era != "" {
		if year == "元" {
			year = "1"
		}
		n, err := strconv.Atoi(year)
		if err != nil || len(year) > 2 {
			return time.Time{}, false
		}
		n, _ = YearOf(era, n)
		year = strconv.Itoa(n)
	}
	if len(year) != 4 || !isUpToTwo(month) || !isUpToTwo(day) {
		return time.Time{}, false
	}
	return Day(year + "-" + twoDigits(month) + "-" + twoDigits(day))
}

func isUpToTwo(s string) bool { return OnlyDigits(s) && len(s) <= 2 }

func twoDigits(s string) string { return strings.Repeat("0", 2-len(s)) + s }

// behindDay takes away what a spreadsheet or a person may write behind a day: midnight, the day of the week.
func behindDay(s string) string {
	if before, rest, ok := strings.Cut(s, "("); ok {
		rest = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(rest, ")"), "日"), "曜")
		if strings.HasSuffix(s, ")") && (rest == "" || strings.Contains("月火水木金土日", rest)) {
			return strings.TrimSpace(before)
		}
	}
	for _, midnight := range []string{" 00:00:00", " 0:00:00", " 00:00", " 0:00"} {
		if before, ok := strings.CutSuffix(s, midnight); ok {
			return before
		}
	}
	return s
}
