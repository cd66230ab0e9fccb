package myinfo

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// written is the text of a value as a person reads it. What is not as its type has it is shown as it came.
func written(i *portalv1.InfoItem, text string) lang.Text {
	switch i.GetType() {
	case portalv1.InfoType_INFO_TYPE_YEN:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return lang.Yen(n)
		}
	case portalv1.InfoType_INFO_TYPE_COUNT, portalv1.InfoType_INFO_TYPE_NUMBER:
		if i.GetUnit() != "" {
			return textNumberUnit.F(text, i.GetUnit())
		}
	case portalv1.InfoType_INFO_TYPE_DAY:
		return dayAndEra(text)
	case portalv1.InfoType_INFO_TYPE_MONTH:
		return month(text)
	case portalv1.InfoType_INFO_TYPE_YEAR:
		if t, err := time.ParseInLocation("2006", text, clock.Japan); err == nil {
			return textYear.F(text, lang.Era(t.AddDate(0, 11, 30)))
		}
	case portalv1.InfoType_INFO_TYPE_SPAN:
		from, to, _ := strings.Cut(text, "/")
		return span(from, to)
	}
	return lang.Plain(text)
}

func dayAndEra(day string) lang.Text {
	t, ok := rule.Day(day)
	if !ok {
		return lang.Plain(day)
	}
	return lang.DateAndEra(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, clock.Japan))
}

// month is 2026年11月 of 2026-11, or of a day in it.
func month(text string) lang.Text {
	t, err := time.Parse("2006-01", text[:min(len(text), len("2006-01"))])
	if err != nil {
		return lang.Plain(text)
	}
	name, _ := lang.MonthAndWeekday(t)
	return textMonth.F(strconv.Itoa(t.Year()), name)
}

// span is from a day to a day, of which either may be open.
func span(from, to string) lang.Text {
	switch {
	case from == "" && to == "":
		return lang.Text{}
	case to == "":
		return textSince.F(lang.Day(from))
	case from == "":
		return textUntil.F(lang.Day(to))
	}
	return textFromTo.F(lang.Day(from), lang.Day(to))
}

// amount is a value to count with; false for what is none.
func amount(v *portalv1.InfoValue) (float64, bool) {
	if v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT &&
		v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_ZERO {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.GetText(), 64)
	return n, err == nil
}

func counts(i *portalv1.InfoItem) bool {
	switch i.GetType() {
	case portalv1.InfoType_INFO_TYPE_YEN, portalv1.InfoType_INFO_TYPE_COUNT, portalv1.InfoType_INFO_TYPE_NUMBER:
		return true
	}
	return false
}

func ofTime(i *portalv1.InfoItem) bool {
	switch i.GetType() {
	case portalv1.InfoType_INFO_TYPE_DAY, portalv1.InfoType_INFO_TYPE_MONTH, portalv1.InfoType_INFO_TYPE_YEAR,
		portalv1.InfoType_INFO_TYPE_SPAN:
		return true
	}
	return false
}

// absence is how one of the answers looks that are no value, and what it means.
type absence struct {
	state portalv1.InfoValueState
	class string
	icon  kit.IconName
	word  lang.Text
	means lang.Text
}

// absences are told apart by sign, line and word, never by colour alone.
func absences() []absence {
	return []absence{
		{portalv1.InfoValueState_INFO_VALUE_STATE_NONE, "none", kit.IconMinus, textNone, textNoneMeans},
		{portalv1.InfoValueState_INFO_VALUE_STATE_ZERO, "zero", kit.IconYen, textZero, textZeroMeans},
		{
			portalv1.InfoValueState_INFO_VALUE_STATE_UNREGISTERED, "unregistered", kit.IconEdit, textUnregistered,
			textUnregisteredMeans,
		},
		{
			portalv1.InfoValueState_INFO_VALUE_STATE_UNSUPPORTED, "unsupported", kit.IconRefuse, textUnsupported,
			textUnsupportedMeans,
		},
		{portalv1.InfoValueState_INFO_VALUE_STATE_NOT_YET, "not-yet", kit.IconClock, textNotYet, textNotYetMeans},
		{
			portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE, "unreadable", kit.IconWarning, textUnreadable,
			textUnreadableMeans,
		},
	}
}

func absenceOf(s portalv1.InfoValueState) absence {
	for _, a := range absences() {
		if a.state == s {
			return a
		}
	}
	return absence{state: s, class: "none", icon: kit.IconMinus, word: textUnsaid, means: textUnsaidMeans}
}

// ui is the word with its sign; zero has its amount for a word.
func (a absence) ui() app.UI {
	return app.Span().Class("info-absent info-"+a.class).Body(kit.Icon(a.icon), a.word.Span(""))
}

// said is what a state and a text say, without anything around it.
func said(i *portalv1.InfoItem, s portalv1.InfoValueState, text string) app.UI {
	if s == portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT {
		return written(i, text).Span("info-value")
	}
	return absenceOf(s).ui()
}

// plainly is what a value says in words alone: for searching, for what is read aloud.
func plainly(i *portalv1.InfoItem, v *portalv1.InfoValue) lang.Text {
	if v.GetState() == portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT {
		return written(i, v.GetText())
	}
	return absenceOf(v.GetState()).word
}

// legend explains the answers that look alike elsewhere, each as it looks here.
func legend() app.UI {
	var rows []app.UI
	for _, a := range absences() {
		rows = append(rows, app.Div().Class("facts-row").Body(
			app.Dt().Class("facts-name").Body(a.ui()), app.Dd().Class("facts-value").Body(a.means.UI())))
	}
	return kit.Disclosure{
		ID: "info-legend", Summary: textLegend, Body: []app.UI{app.Dl().Class("facts").Body(rows...)},
	}.UI()
}

// valueOf is the value of an item in a record; nil when the record has none.
func valueOf(r *portalv1.InfoRecord, key string) *portalv1.InfoValue {
	for _, v := range r.GetValues() {
		if v.GetItem() == key {
			return v
		}
	}
	return nil
}
