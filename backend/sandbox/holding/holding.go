// Package holding is what the offices hold about the invented people (自己情報), by person and detail, as it would stand in
// their registers. It answers what an office is asked, as of a day.
package holding

import (
	_ "embed" // the registers
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/selfinfo"
)

//go:embed holdings.txt
var file string

// Held is what an office holds of a person under a detail: records, or what it says instead.
type Held struct {
	Records []*officev1.InformationRecord
	Instead string // "unregistered", "unsupported", "notyet 2026-12-01"; "" when there are records
}

// Register is all of it, by where it stands.
type Register map[key]Held

// key: the office is "" where the one of the place, or of the nation, holds it.
type key struct{ person, office, detail string }

// Read gives the registers as they were at the start. They are the caller's own to change.
func Read() (Register, error) {
	register := Register{}
	var at key
	for n, line := range strings.Split(file, "\n") {
		line = strings.TrimSpace(line)
		var err error
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "@ "):
			at, err = parseKey(line[2:])
		case strings.HasPrefix(line, "! "):
			register[at] = Held{Instead: line[2:]}
		case strings.HasPrefix(line, "= "):
			other, ok := register[key{line[2:], "", at.detail}]
			if !ok {
				err = errors.New("it is like nobody before")
			}
			register[at] = other
		default:
			var record *officev1.InformationRecord
			if record, err = parseRecord(at.detail, line); err == nil {
				held := register[at]
				held.Records = append(held.Records, record)
				register[at] = held
			}
		}
		if err != nil {
			return nil, fmt.Errorf("holdings, line %d: %w", n+1, err)
		}
	}
	return register, nil
}

func parseKey(s string) (key, error) {
	person, detail, ok := strings.Cut(s, " ")
	if _, _, known := selfinfo.DetailOf(detail); !ok || !known {
		return key{}, fmt.Errorf("%q names no detail", s)
	}
	person, office, _ := strings.Cut(person, "@")
	return key{person, office, detail}, nil
}

var absences = map[string]officev1.Absence{
	"[none]": officev1.Absence_ABSENCE_NONE, "[unregistered]": officev1.Absence_ABSENCE_UNREGISTERED,
	"[unsupported]": officev1.Absence_ABSENCE_UNSUPPORTED, "[notyet]": officev1.Absence_ABSENCE_NOT_YET,
}

func parseRecord(detail, line string) (*officev1.InformationRecord, error) {
	d, category, _ := selfinfo.DetailOf(detail)
	parts := strings.Split(line, "; ")
	record := &officev1.InformationRecord{Reference: parts[0]}
	for _, part := range parts[1:] {
		name, text, _ := strings.Cut(part, "=")
		value := &officev1.InformationValue{Item: fmt.Sprintf("%d.%s", category.Number, name), Text: text}
		if _, known := d.Item(value.Item); !known {
			return nil, fmt.Errorf("%s is no item of %s", name, detail)
		}
		if absence, none := absences[text]; none {
			value.Text, value.Absence = "", absence
		}
		record.Values = append(record.Values, value)
	}
	return record, nil
}

var first = sync.OnceValues(Read)

// Clone is a register of one's own.
func Clone() Register {
	register, err := first()
	if err != nil {
		panic(err) // written here: a test reads it
	}
	own := Register{}
	for k, held := range register {
		copied := Held{Instead: held.Instead}
		for _, r := range held.Records {
			record := &officev1.InformationRecord{Reference: r.GetReference(), AsOf: r.GetAsOf()}
			for _, v := range r.GetValues() {
				record.Values = append(record.Values, &officev1.InformationValue{Item: v.GetItem(), Text: v.GetText(),
					Absence: v.GetAbsence()})
			}
			copied.Records = append(copied.Records, record)
		}
		own[k] = copied
	}
	return own
}

// Of is what an office holds of a person under a detail. Where somebody lived before, an office of a place has only
// what is said to be its own.
func (r Register) Of(person, office, detail string, livesThere bool) (Held, bool) {
	if held, ok := r[key{person, office, detail}]; ok {
		return held, true
	}
	if !livesThere {
		return Held{}, false
	}
	held, ok := r[key{person, "", detail}]
	return held, ok
}

// Correct changes a value; false when there is no such.
func (r Register) Correct(person, office, detail, record, item, text string) bool {
	for _, from := range []string{office, ""} {
		for _, one := range r[key{person, from, detail}].Records {
			for _, v := range one.GetValues() {
				if one.GetReference() == record && v.GetItem() == item {
					v.Text, v.Absence = text, officev1.Absence_ABSENCE_UNSPECIFIED
					return true
				}
			}
		}
	}
	return false
}

// Answer is what the office answers that is asked for a detail from a day to a day. What lies after today is not there
// yet.
func Answer(held Held, has bool, detail, from, to string, today time.Time) *officev1.AnswerInformationRequest {
	day := today.Format(time.DateOnly)
	switch instead, when, _ := strings.Cut(held.Instead, " "); instead {
	case "unregistered":
		return &officev1.AnswerInformationRequest{
			Answer: &officev1.AnswerInformationRequest_Unregistered{Unregistered: &officev1.InformationUnregistered{}},
		}
	case "unsupported":
		return &officev1.AnswerInformationRequest{
			Answer: &officev1.AnswerInformationRequest_Unsupported{Unsupported: &officev1.InformationUnsupported{}},
		}
	case "notyet":
		return &officev1.AnswerInformationRequest{
			Answer: &officev1.AnswerInformationRequest_NotYet{NotYet: &officev1.InformationNotYet{Expected: when}},
		}
	}
	d, _, _ := selfinfo.DetailOf(detail)
	data := &officev1.InformationData{}
	for _, r := range held.Records {
		if within(d, r, from, to, day) {
			data.Records = append(data.Records, r)
		}
	}
	if len(data.Records) > 0 {
		return &officev1.AnswerInformationRequest{AsOf: day,
			Answer: &officev1.AnswerInformationRequest_Data{Data: data}}
	}
	ground := officev1.NoneGround_NONE_GROUND_NEVER
	if has {
		ground = officev1.NoneGround_NONE_GROUND_PERIOD
	}
	return &officev1.AnswerInformationRequest{
		AsOf: day, Answer: &officev1.AnswerInformationRequest_None{None: &officev1.InformationNone{Ground: ground}},
	}
}

// within tells whether a record lies in what is asked for: one of the times that stand in it does, or there is none;
// and none lies ahead that may not.
func within(d selfinfo.Detail, r *officev1.InformationRecord, from, to, today string) bool {
	timed, inside := false, false
	for _, v := range r.GetValues() {
		item, _ := d.Item(v.GetItem())
		text := v.GetText()
		switch item.Type {
		case selfinfo.Day, selfinfo.Month, selfinfo.Year:
		case selfinfo.Span:
			text, _, _ = strings.Cut(text, "/")
		default:
			continue
		}
		if text == "" {
			continue
		}
		if !item.Future && text > today[:len(text)] {
			return false
		}
		timed = true
		inside = inside || lies(d, item, text, from, to)
	}
	return inside || !timed || from == "" || d.Period == selfinfo.OnDay
}

// lies tells whether a time lies in what is asked for.
func lies(d selfinfo.Detail, item selfinfo.Item, text, from, to string) bool {
	if from == "" || to == "" {
		return true
	}
	if item.Type == selfinfo.Year && d.Period != selfinfo.Years { // a 年度
		return text >= from[:4] && text <= lastFiscal(to)
	}
	return text >= from[:len(text)] && text <= to[:len(text)]
}

// lastFiscal is the 年度 that ends on a day in March.
func lastFiscal(to string) string {
	t, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return "9999"
	}
	return t.AddDate(0, -3, 0).Format("2006")
}
