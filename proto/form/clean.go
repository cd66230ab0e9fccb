package form

import (
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

func codeOf(kind plaintext.Kind) Code {
	switch kind {
	case 0:
		return ""
	case plaintext.Private:
		return CodePrivate
	}
	return CodeSigns
}

func faultOfName(s string) plaintext.Kind { return plaintext.FaultOfName(s) }

// Clean makes an answer of what was typed or pasted into a field, in whatever width, calendar or kana: what can be put
// right is, and what cannot stays as it was typed, for Evaluate to say what is wrong. Numbers, days and yes or no are
// read as such; what was typed for rows and files is none of it.
func (f *Form) Clean(field, typed string) Value {
	q := f.byID[field]
	if q == nil {
		return Value{}
	}
	one := plaintext.Clean(typed)
	narrow := rule.Narrow(one)
	switch q.Type {
	case Lines:
		return TextOf(strings.TrimSpace(plaintext.CleanLines(typed)))
	case Kana:
		// Between words stands the blank of full width.
		return TextOf(strings.ReplaceAll(rule.Katakana(strings.Join(strings.Fields(one), " ")), " ", "　"))
	case Int, Yen:
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.ReplaceAll(dashed(narrow), ",", ""), "円"), 10, 64)
		if err != nil {
			return TextOf(one)
		}
		return IntOf(n)
	case Digits:
		digits := strings.NewReplacer("-", "", " ", "").Replace(dashed(narrow))
		if q.Pad && rule.OnlyDigits(digits) && len(digits) < q.Length {
			digits = strings.Repeat("0", q.Length-len(digits)) + digits
		}
		return TextOf(digits)
	case Postal:
		return TextOf(strings.NewReplacer("-", "", " ", "", "〒", "").Replace(dashed(narrow)))
	case Insurer, Place:
		return TextOf(strings.ReplaceAll(narrow, " ", ""))
	case Tel:
		return TextOf(strings.NewReplacer("(", "", ")", "-", " ", "").Replace(dashed(narrow)))
	case Mail:
		return TextOf(narrow)
	case Clock:
		return TextOf(narrow)
	case Day:
		if day, ok := rule.ReadDay(one); ok {
			return TextOf(day.Format(time.DateOnly))
		}
	case Month:
		if day, ok := rule.ReadDay(strings.TrimSuffix(strings.TrimSuffix(one, "分"), "日") + "1日"); ok {
			return TextOf(writeDay(numberOf(day), Month))
		}
	case Holder:
		return TextOf(rule.AccountName(one))
	case Yes, Agree:
		if one == "true" || one == "false" {
			return BoolOf(one == "true")
		}
	}
	return TextOf(one)
}

// dashed makes the many strokes that people type between digits the one of ASCII.
func dashed(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("－‐‑–—−ーｰ―", r) {
			return '-'
		}
		return r
	}, s)
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}
