package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"madoguchi/backend/japan/calendar"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Events from which deadlines count. The page asks for the day of the event.
var Events = map[string]Text{
	"birth":     {"子どもが生まれた日", "the day the child was born", "子《こ》どもが 生《う》まれた 日《ひ》"},
	"pregnancy": {"妊娠がわかった日", "the day the pregnancy was confirmed", "赤《あか》ちゃんが できたと わかった 日《ひ》"},
	"move":      {"引越しをした日", "the day of the move", "引《ひ》っ越《こ》しを した 日《ひ》"},
	"death":     {"亡くなった日", "the day of death", "亡《な》くなった 日《ひ》"},
	"funeral":   {"葬儀を行った日", "the day of the funeral", "お葬式《そうしき》を した 日《ひ》"},
	"marriage":  {"婚姻届を出した日", "the day the marriage was registered", "結婚《けっこん》の 届《とどけ》を 出《だ》した 日《ひ》"},
	"divorce":   {"離婚した日", "the day of the divorce", "離婚《りこん》した 日《ひ》"},
	"leave":     {"退職した日（最後に勤めた日）", "your last day at work", "仕事《しごと》を やめた 日《ひ》"},
	"join":      {"就職した日（資格を得た日）", "the day you started your job", "仕事《しごと》を 始《はじ》めた 日《ひ》"},
	"disaster":  {"災害が起きた日", "the day of the disaster", "災害《さいがい》が あった 日《ひ》"},
	"payment":   {"費用を支払った日", "the day you paid", "お金《かね》を 払《はら》った 日《ひ》"},
	"use":       {"サービスを利用した月の翌月1日", "the first day of the month after the service was used", "サービスを 使《つか》った 次《つぎ》の 月《つき》の 1日《ついたち》"},
	"expiry":    {"有効期間が終わる日", "the day it expires", "期限《きげん》が 終《お》わる 日《ひ》"},
	"pet":       {"犬を飼い始めた日・亡くなった日", "the day you got the dog, or it died", "犬《いぬ》を 飼《か》い始《はじ》めた 日《ひ》・死《し》んだ 日《ひ》"},
	"change":    {"変わった日（事由が生じた日）", "the day of the change", "変《か》わった 日《ひ》"},
	"right":     {"受け取る権利が生じた日", "the day you became entitled", "もらえるように なった 日《ひ》"},
}

// Deadline says until when, as a rule where there is one. The zero Deadline is: no deadline known.
type Deadline struct {
	// Text says it in words: 出生の翌日から15日以内.
	Text string `yaml:"text"`
	// From is one of Events; Within the time allowed: 15d, 2w, 3m, 2y. The day of the event is not counted (民法140条),
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
		Text: text, From: r.GetFrom(), Within: r.GetWithin(), FirstDay: r.GetFirstDay(), Opens: r.GetOpens(), Yearly: r.GetYearly(),
	}
}

// Rule is the rule as it passes; nil for a deadline in words alone.
func (d Deadline) Rule() *portalv1.DeadlineRule {
	if d.From == "" && d.Yearly == "" {
		return nil
	}
	return &portalv1.DeadlineRule{From: d.From, Within: d.Within, FirstDay: d.FirstDay, Opens: d.Opens, Yearly: d.Yearly}
}

var yearlyForm = regexp.MustCompile(`^([0-9]{2}-[0-9]{2})\.\.([0-9]{2}-[0-9]{2})$`)

// Check says what is wrong with a rule.
func (d Deadline) Check() error {
	_, known := Events[d.From]
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

// Due computes the deadline for an event on a day; for yearly windows, the one that is open on `day` or comes next. It says false when there
// is no rule. Days are midnight UTC. What ends by itself, as a time of validity does, is not moved from a closed day.
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
