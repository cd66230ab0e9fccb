package selfinfo

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"madoguchi/proto/plaintext"
)

// Type is what the text of a value is.
type Type string

const (
	Plain  Type = "text"   // plain text in Japanese
	Yen    Type = "yen"    // -?[0-9]+
	Count  Type = "count"  // [0-9]+
	Number Type = "number" // -?[0-9]+(\.[0-9]+)?
	Day    Type = "day"    // 2026-04-01
	Month  Type = "month"  // 2026-04
	Year   Type = "year"   // 2026
	Span   Type = "span"   // 2026-04-01/2027-03-31, either side may be empty
	Code   Type = "code"   // letters, digits, signs: nothing to count with
)

var types = []Type{Plain, Yen, Count, Number, Day, Month, Year, Span, Code}

// MaxText is how many characters a value has at most.
const MaxText = 300

var forms = map[Type]*regexp.Regexp{
	Yen: regexp.MustCompile(`^(0|-?[1-9][0-9]{0,14})$`), Count: regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`),
	Number: regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$`),
	Year:   regexp.MustCompile(`^(19|20|21)[0-9]{2}$`),
	Code:   regexp.MustCompile(`^[0-9A-Za-z*＊・\p{Han}\p{Hiragana}\p{Katakana}() ./-]{1,60}$`),
}

// Faults of values.
var (
	ErrForm   = errors.New("not of the form of its type")
	ErrFuture = errors.New("lies in the future")
	ErrLong   = fmt.Errorf("longer than %d characters", MaxText)
	// ErrFormula: a spreadsheet would take the text for a formula.
	ErrFormula = errors.New("begins like a formula")
)

// Check says what is wrong with a value of the item, as it is on a day in Japan; nil when nothing is.
func (i Item) Check(text string, today time.Time) error {
	if !utf8.ValidString(text) {
		return ErrForm
	}
	if utf8.RuneCountInString(text) > MaxText {
		return ErrLong
	}
	if err := plaintext.Title(text); err != nil {
		return fmt.Errorf("a text that cannot be shown: %w", err)
	}
	latest := today
	if i.Future {
		latest = today.AddDate(60, 0, 0)
	}
	switch i.Type {
	case Plain:
		return checkPlain(text)
	case Day:
		return checkTime(text, time.DateOnly, latest)
	case Month:
		return checkTime(text, "2006-01", latest)
	case Year:
		if !forms[Year].MatchString(text) {
			return ErrForm
		}
		return checkTime(text, "2006", latest)
	case Span:
		return checkSpan(text, latest)
	case Code:
		if !forms[Code].MatchString(text) {
			return ErrForm
		}
		return checkPlain(text)
	}
	if form := forms[i.Type]; form == nil || !form.MatchString(text) {
		return ErrForm
	}
	return nil
}

// checkPlain refuses what a spreadsheet would compute: none of these begins a value in a register.
func checkPlain(text string) error {
	if strings.ContainsRune("=@+", []rune(text)[0]) {
		return ErrFormula
	}
	if strings.HasPrefix(text, "-") && !forms[Number].MatchString(text) {
		return ErrFormula
	}
	return nil
}

var earliest = time.Date(1868, 1, 1, 0, 0, 0, 0, time.UTC)

func checkTime(text, layout string, latest time.Time) error {
	t, err := time.Parse(layout, text)
	if err != nil || len(text) != len(layout) || t.Before(earliest) {
		return ErrForm
	}
	if t.After(latest) {
		return ErrFuture
	}
	return nil
}

func checkSpan(text string, latest time.Time) error {
	from, to, ok := strings.Cut(text, "/")
	if !ok || from == "" && to == "" {
		return ErrForm
	}
	for _, side := range []string{from, to} {
		if side == "" {
			continue
		}
		if err := checkTime(side, time.DateOnly, latest); err != nil {
			return err
		}
	}
	if from != "" && to != "" && to < from {
		return ErrForm
	}
	return nil
}
