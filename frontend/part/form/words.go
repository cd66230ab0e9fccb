package form

import (
	"strconv"

	"madoguchi/frontend/frame/lang"
	engine "madoguchi/proto/form"
)

// Words say what is wrong with an answer, and how to mend it.
func (s *Sheet) Words(f engine.Fault) lang.Text { return Words(s.Form, f) }

// Words say what is wrong with an answer to a question of a form.
func Words(form *engine.Form, f engine.Fault) lang.Text {
	if f.Code == engine.CodeCheck {
		return Of(form, "check."+f.Check)
	}
	limit, _ := strconv.Atoi(f.Limit)
	switch f.Code {
	case engine.CodeRequired:
		return textRequired
	case engine.CodeAgree:
		return textMustAgree
	case engine.CodeLong:
		return textLong.F(limit)
	case engine.CodeSigns:
		return textSigns
	case engine.CodePrivate:
		return textPrivate
	case engine.CodeKana:
		return textKana
	case engine.CodeDigits:
		if limit == 0 {
			return textDigits
		}
		return textDigitsOf.F(limit)
	case engine.CodeDay:
		return textDay
	case engine.CodeEarly:
		return textEarly.F(day(f.Limit))
	case engine.CodeLate:
		return textLate.F(day(f.Limit))
	case engine.CodeSmall:
		return textSmall.F(lang.Number(int64(limit)))
	case engine.CodeLarge:
		return textLarge.F(lang.Number(int64(limit)))
	case engine.CodeTel:
		return textTel
	case engine.CodeMail:
		return textMail
	case engine.CodePostal:
		return textPostal
	case engine.CodePlace:
		return textPlace
	case engine.CodeHolder:
		return textHolder
	case engine.CodeInsurer:
		return textInsurer
	case engine.CodeFew:
		return textFew.F(limit)
	case engine.CodeMany:
		return textMany.F(limit)
	case engine.CodeFileType, engine.CodeFileSize, engine.CodeFileBroke:
		return textFile.F(limit)
	case engine.CodeKind:
		return textNumber
	}
	return textOption
}

// day is a day or a month as one reads it.
func day(s string) lang.Text {
	if len(s) == len("2026-11") {
		return month(s)
	}
	return lang.Day(s)
}
