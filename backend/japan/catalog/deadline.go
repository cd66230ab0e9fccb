package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"madoguchi/backend/japan/calendar"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/static/text/say"
)

// events are those from which deadlines count, as the page asks for the day of one.
var events = map[string]say.Text{
	"birth":     textDayOfBirth,
	"pregnancy": textDayOfPregnancy,
	"move":      textDayOfMove,
	"death":     textDayOfDeath,
	"funeral":   textDayOfFuneral,
	"marriage":  textDayOfMarriage,
	"divorce":   textDayOfDivorce,
	"leave":     textDayOfLeave,
	"join":      textDayOfJoin,
	"disaster":  textDayOfDisaster,
	"payment":   textDayOfPayment,
	"use":       textDayOfUse,
	"expiry":    textDayOfExpiry,
	"pet":       textDayOfPet,
	"change":    textDayOfChange,
	"right":     textDayOfRight,
}

// Event says from which day a deadline counts; false when there is no such event.
func Event(name string) (Text, bool) {
	words, ok := events[name]
	if !ok {
		return Text{}, false
	}
	ja, en, easy := words.Local()
	return Text{Ja: ja, En: en, Easy: easy}, true
}

// Deadline says until when, as a rule where there is one. The zero Deadline is: no deadline known.
type Deadline struct {
	// Text says it in words: 出生の翌日から15日以内.
	Text string `yaml:"text"`
	// From is one of events; Within the time allowed: 15d, 2w, 3m, 2y. The day of the event is not counted (民法140条),
	// unless FirstDay.
	From   string `yaml:"from"`
	Within string `yaml:"within"`
	// FirstDay counts the day of the event as the first (戸籍法43条, 「起算して」, or what begins at midnight).
	FirstDay bool `yaml:"first_day"`
	// Opens is how long before the event one can begin: 30d. Empty: not before.
	Opens string `yaml:"opens"`
	// Yearly is a window of every year instead: 06-01..06-30.
	Yearly string `yaml:"yearly"`
}

// ReadDeadline puts a deadline together of how it passes: its words and its rule.
func ReadDeadline(text string, r *portalv1.DeadlineRule) Deadline {
	return Deadline{
		Text: text, From: r.GetFrom(), Within: r.GetWithin(), FirstDay: r.GetFirstDay(), Opens: r.GetOpens(),
		Yearly: r.GetYearly(),
	}
}

// Rule is the rule as it passes; nil for a deadline in words alone.
func (d Deadline) Rule() *portalv1.DeadlineRule {
	if d.From == "" && d.Yearly == "" {
		return nil
	}
	return &portalv1.DeadlineRule{
		From: d.From, Within: d.Within, FirstDay: d.FirstDay, Opens: d.Opens, Yearly: d.Yearly,
	}
}

var yearlyForm = regexp.MustCompile(`^([0-9]{2}-[0-9]{2})\.\.([0-9]{2}-[0-9]{2})$`)

// Check says what is wrong with a rule.
func (d Deadline) Check() error {
	_, known := events[d.From]
	_, within := calendar.ParsePeriod(d.Within)
	_, opens := calendar.ParsePeriod(d.Opens)
	switch {
	case d.From != "" && !known:
		return fmt.Errorf("deadline: %q is no event", d.From)
	case (d.Within != "" || d.Opens != "") && d.From == "":
		return errors.New("deadline: within and opens need from")
	case d.From != "" && d.Within == "" && d.Opens == "":
		return errors.New("deadline: from needs within or opens")
	case d.Within != "" && !within, d.Opens != "" && !opens:
		return errors.New("deadline: a time is 15d, 2w, 3m or 2y")
	case d.FirstDay && d.Within == "":
		return errors.New("deadline: first_day needs within")
	case d.From != "" && d.Yearly != "":
		return errors.New("deadline: a window of every year has no event")
	case (d.From != "" || d.Yearly != "") && d.Text == "":
		return errors.New("deadline: the rule is not said in words")
	}
	if d.Yearly == "" {
		return nil
	}
	parts := yearlyForm.FindStringSubmatch(d.Yearly)
	if parts == nil {
		return errors.New("deadline: yearly is 06-01..06-30")
	}
	for _, day := range parts[1:] {
		if _, err := time.Parse(time.DateOnly, leapYear+"-"+day); err != nil {
			return fmt.Errorf("deadline: yearly: %w", err)
		}
	}
	return nil
}

// leapYear has every day that any year has.
const leapYear = "2028"

// Due is a deadline for one person.
type Due struct {
	// Opens is the first day; zero when it is open from the event on, or from always.
	Opens time.Time
	// Last is the last day.
	Last time.Time
	// Moved is set when the last day was a holiday and the next open day counts (行政機関の休日に関する法律2条, 地方自治法4条の2,
	// 国税通則法10条2項, 民法142条).
	Moved bool
}

// Message is the deadline as it passes.
func (d Due) Message() *portalv1.Due {
	message := &portalv1.Due{Last: d.Last.Format(time.DateOnly), Moved: d.Moved}
	if !d.Opens.IsZero() {
		message.Opens = d.Opens.Format(time.DateOnly)
	}
	return message
}

// Due computes the deadline for an event on a day; for yearly windows, the one that is open on `day` or comes next. It
// says false when there is no rule. Days are midnight UTC. What ends by itself, as a time of validity does, is not
// moved from a closed day.
func (d Deadline) Due(day time.Time) (Due, bool) {
	if parts := yearlyForm.FindStringSubmatch(d.Yearly); parts != nil {
		return yearly(parts[1], parts[2], day), true
	}
	var due Due
	if p, ok := calendar.ParsePeriod(d.Opens); ok {
		due.Opens = p.Before(day)
	}
	p, ok := calendar.ParsePeriod(d.Within)
	if !ok {
		due.Last = day
		return due, !due.Opens.IsZero()
	}
	last := p.Last(day, d.FirstDay)
	due.Last = calendar.NextOpenDay(last)
	due.Moved = !due.Last.Equal(last)
	return due, true
}

func yearly(from, to string, day time.Time) Due {
	for year := day.Year() - 1; ; year++ {
		end := year
		if to < from {
			end++
		}
		last := inYear(end, to)
		open := calendar.NextOpenDay(last)
		if !open.Before(day) {
			return Due{Opens: inYear(year, from), Last: open, Moved: !open.Equal(last)}
		}
	}
}

// inYear is a day of every year in one of them; the 29th of February is the last of February in a year that has none.
func inYear(year int, day string) time.Time {
	named, _ := time.Parse(time.DateOnly, leapYear+"-"+day)
	last := time.Date(year, named.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, named.Month(), min(named.Day(), last), 0, 0, 0, 0, time.UTC)
}
