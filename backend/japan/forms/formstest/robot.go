// Package formstest fills in application forms as a robot does, that knows of a form its definition alone: what is at
// fault it changes, until nothing is.
package formstest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/form"
)

// Person is who fills a form in: what the card says.
type Person struct{ Name, Kana, Birth string }

// Somebody young, and somebody old, of the test people (bridge/softcard): a form may be for one of them alone.
var (
	Young = Person{"山田 花子", "ヤマダ　ハナコ", "1990-04-15"}
	Old   = Person{"渡邉 𠮷江", "ワタナベ　ヨシエ", "1955-12-31"}
)

// mostSteps are how often the robot changes something before it gives up.
const mostSteps = 5_000

type robot struct {
	who     Person
	form    *form.Form
	at      form.Moment
	chance  *rand.Rand
	answers form.Answers
	fields  map[string]form.Field
	rows    map[string]string // fields of rows, and the rows' name
	checks  map[string]form.Check
	files   int
}

// Fill fills in a form for somebody on some day; of another seed otherwise. False when it finds no way.
func Fill(f *form.Form, at form.Moment, who Person, seed uint64) (form.Answers, bool) {
	r := &robot{
		who: who, form: f, at: at, chance: rand.New(rand.NewPCG(seed, 7)), answers: form.Answers{},
		fields: map[string]form.Field{}, rows: map[string]string{}, checks: map[string]form.Check{},
	}
	for _, section := range f.Sections {
		for _, field := range section.Fields {
			r.fields[field.ID] = field
			for _, inner := range field.Fields {
				r.fields[inner.ID], r.rows[inner.ID] = inner, field.ID
			}
		}
	}
	for _, check := range f.Checks {
		r.checks[check.ID] = check
	}
	faults := r.faults()
	for range mostSteps {
		if len(faults) == 0 {
			return f.Evaluate(r.answers, at).Answers(), true
		}
		before := r.copy()
		r.mend(faults[r.chance.IntN(len(faults))])
		now := r.faults()
		if len(now) > len(faults)+1 && r.chance.IntN(10) > 0 {
			r.answers = before
			continue
		}
		faults = now
	}
	return nil, false
}

func (r *robot) faults() (list []form.Fault) {
	for _, f := range r.form.Evaluate(r.answers, r.at).Faults {
		if f.Level == form.Error {
			list = append(list, f)
		}
	}
	return list
}

func (r *robot) copy() form.Answers {
	copied, err := r.form.ReadAnswers(r.answers.Canonical())
	if err != nil {
		panic(err) // the robot wrote them
	}
	return copied
}

var names = regexp.MustCompile(`[a-z][a-z0-9_]*`)

// mend changes what a fault is about.
func (r *robot) mend(f form.Fault) {
	if f.Code == form.CodeCheck {
		check := r.checks[f.Check]
		of := append([]string{}, check.At...)
		for _, name := range names.FindAllString(check.When, -1) {
			if _, is := r.fields[name]; is {
				of = append(of, name)
			}
		}
		r.put(of[r.chance.IntN(len(of))], f.Row, "")
		return
	}
	r.put(f.Field, f.Row, f.Limit)
}

// put answers a field; where it is one of rows, in that row, or in any when the fault is about none.
func (r *robot) put(id string, row int, limit string) {
	field := r.fields[id]
	if field.Calc != "" {
		for _, name := range names.FindAllString(field.Calc, -1) {
			if _, is := r.fields[name]; is {
				r.put(name, row, "")
				return
			}
		}
		return
	}
	rows, inner := r.rows[id]
	if !inner {
		r.answers[id] = r.value(field, limit)
		return
	}
	there := r.answers[rows].Rows
	if len(there) == 0 {
		return
	}
	if row < 0 || row >= len(there) {
		row = r.chance.IntN(len(there))
	}
	there[row][id] = r.value(field, limit)
}

func pick[E any](r *robot, of ...E) E { return of[r.chance.IntN(len(of))] }

// days are how far from today something is, that has been or will be.
var days = []int{0, 0, 1, 2, 3, 7, 10, 20, 29, 40, 90, 200, 400}

func (r *robot) day() time.Time {
	today, err := time.Parse(time.DateOnly, r.at.Today)
	if err != nil {
		panic(err) // the test's
	}
	return today.AddDate(-pick(r, 0, 0, 0, 0, 1, 3, 6, 12, 17, 20, 30, 45, 70, 90), 0, pick(r, -1, 1)*pick(r, days...))
}

// value is something that a field may be answered with.
func (r *robot) value(f form.Field, limit string) form.Value {
	for _, from := range f.Prefill {
		switch from {
		case "card.name":
			return form.TextOf(r.who.Name)
		case "card.kana":
			return form.TextOf(r.who.Kana)
		case "card.birth":
			return form.TextOf(r.who.Birth)
		}
	}
	switch f.Type {
	case form.Day, form.Month:
		if _, err := time.Parse(time.DateOnly, limit); err == nil && r.chance.IntN(4) > 0 {
			return r.dayOf(f, limit)
		}
		return r.dayOf(f, r.day().Format(time.DateOnly))
	case form.Int, form.Yen:
		if n, err := strconv.ParseInt(limit, 10, 64); err == nil && r.chance.IntN(4) > 0 {
			return form.IntOf(n)
		}
		return form.IntOf(pick[int64](r, 0, 1, 2, 3, 5, 10, 20, 40, 120, 160, 1000))
	case form.Choice:
		if strings.HasSuffix(f.ID, "_who") {
			return form.TextOf(f.Options[0]) // the person, not somebody for them
		}
		return form.TextOf(pick(r, f.Options...))
	case form.Choices:
		var some []string
		for _, o := range f.Options {
			if r.chance.IntN(3) == 0 {
				some = append(some, o)
			}
		}
		if len(some) == 0 {
			some = []string{pick(r, f.Options...)}
		}
		return form.TextsOf(some...)
	case form.Yes:
		return form.BoolOf(r.chance.IntN(2) == 0)
	case form.Agree:
		return form.BoolOf(true)
	case form.Files:
		return form.FilesOf(r.attached(f)...)
	case form.Rows:
		least, _ := strconv.Atoi(f.Min)
		rows := make([]form.Answers, max(1, least+r.chance.IntN(2)))
		for i := range rows {
			rows[i] = form.Answers{}
		}
		return form.RowsOf(rows...)
	}
	return form.TextOf(r.text(f))
}

func (r *robot) dayOf(f form.Field, day string) form.Value {
	if f.Type == form.Month {
		day = day[:len("2026-11")]
	}
	return form.TextOf(day)
}

func (r *robot) attached(f form.Field) (files []form.File) {
	least, _ := strconv.Atoi(f.Min)
	for range max(1, least) {
		r.files++
		files = append(files, form.File{
			Name: fmt.Sprintf("file%d.%s", r.files, f.Accept[0]), Type: f.Accept[0], Size: int64(1000 + r.files),
			Digest: fmt.Sprintf("%064x", r.files),
		})
	}
	return files
}

func (r *robot) text(f form.Field) string {
	switch f.Type {
	case form.Name:
		return pick(r, "山田 太郎", "山田 湊")
	case form.Kana:
		return pick(r, "ヤマダ　タロウ", "ヤマダ　ミナト")
	case form.Digits:
		length := f.Length
		if length == 0 {
			length, _ = strconv.Atoi(f.Max)
		}
		return strings.Repeat("1", length)
	case form.Clock:
		return pick(r, "09:00", "17:30")
	case form.Tel:
		return "03-1234-5678"
	case form.Mail:
		return "hanako@example.jp"
	case form.Postal:
		return "1530051"
	case form.Place:
		return pick(r, "131105", "202029", "011002")
	case form.Holder:
		return "ヤマダ ハナコ"
	case form.Insurer:
		return fmt.Sprintf("%s%d", pick(r, "13110", "0613001"), r.chance.IntN(10))
	}
	return "書いたこと"
}
