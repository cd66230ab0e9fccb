package exchangelist

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// eras as e-Gov counts them.
var eras = map[string]int{"明治": 1, "大正": 2, "昭和": 3, "平成": 4, "令和": 5}

var errLawNumber = errors.New("not the number of an act, such as 昭和46年法律第73号")

// lawURL is where e-Gov has an act. It names each by its number, as it says at
// https://laws.e-gov.go.jp/file/LawIdNamingConvention.pdf: the era, the year in it, AC for an act, who proposed it
// (0 the cabinet, 1 members of the House of Representatives), and the number. So 昭和46年法律第73号 is
// 346AC0000000073. by is "" for the cabinet, or "members".
func lawURL(number, by string) (string, error) {
	year, act, ok := strings.Cut(number, "年法律第")
	act, ok2 := strings.CutSuffix(act, "号")
	era, known := 0, false
	for name, n := range eras {
		if rest, found := strings.CutPrefix(year, name); found {
			year, era, known = rest, n, true
		}
	}
	proposed, ok3 := map[string]int{"": 0, "members": 1}[by]
	if !ok || !ok2 || !ok3 || !known {
		return "", fmt.Errorf("%q (%s): %w", number, by, errLawNumber)
	}
	if year == "元" {
		year = "1"
	}
	y, err := strconv.ParseUint(year, 10, 7)
	n, err2 := strconv.ParseUint(act, 10, 9)
	if err != nil || err2 != nil || y == 0 || y > 64 || n == 0 || n > 999 {
		return "", fmt.Errorf("%q: %w", number, errLawNumber)
	}
	return fmt.Sprintf("https://laws.e-gov.go.jp/law/%d%02dAC%d%09d", era, y, proposed, n), nil
}
