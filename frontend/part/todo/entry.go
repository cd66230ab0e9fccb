package todo

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
	"madoguchi/proto/rule"
)

// Entry is one thing on the list: what was remembered, or what a notice asks for. One of both is set.
type Entry struct {
	Task   *portalv1.Task
	Notice *portalv1.Notice
}

// ID tells entries apart, tasks and notices alike.
func (e Entry) ID() string { return e.Task.GetId() + e.Notice.GetId() }

// Title is what is to be done.
func (e Entry) Title() string {
	return cmp.Or(e.Task.GetTitle(), e.Notice.GetAction(), e.Notice.GetTitle())
}

// DoneAt is when it was ticked off; 0 while it is to be done.
func (e Entry) DoneAt() int64 { return e.Task.GetDoneAt() + e.Notice.GetDoneAt() }

func (e Entry) done() bool { return e.DoneAt() > 0 }

// OwnDue is the day of one's own, Deadline the last day by law or by the office; empty for none.
func (e Entry) OwnDue() string { return e.Task.GetOwnDue() + e.Notice.GetOwnDue() }

// Deadline is the last day by law, or by the office that asks.
func (e Entry) Deadline() string { return e.Task.GetLegalDue().GetLast() + e.Notice.GetActionDue() }

// Due is the day under which it stands: the first of both.
func (e Entry) Due() string { return rule.FirstDue(e.OwnDue(), e.Deadline()) }

func (e Entry) addedAt() int64 { return e.Task.GetAddedAt() + e.Notice.GetSentAt() }

// path is the page that tells more: the notice, the procedure, or the event of life; empty when there is none.
func (e Entry) path() string {
	switch {
	case e.Notice != nil:
		return "/notice/" + e.Notice.GetId()
	case e.Task.GetNumber() != "":
		return "/procedures/" + cmp.Or(e.Task.GetPlaceCode(), "nation") + "/" + e.Task.GetNumber()
	case e.Task.GetEvent() != "":
		return "/guide/" + e.Task.GetEvent()
	}
	return ""
}

// compare orders the list: what is open first, by day, without a day after that; then what is done, the last done
// first.
func compare(a, b Entry) int {
	if a.done() || b.done() {
		if a.done() && b.done() {
			return cmp.Compare(b.DoneAt(), a.DoneAt())
		}
		if a.done() {
			return 1
		}
		return -1
	}
	return cmp.Or(rule.CompareDue(a.Due(), b.Due()), cmp.Compare(a.addedAt(), b.addedAt()))
}

// merge puts both parts into the one order.
func merge(tasks []*portalv1.Task, notices []*portalv1.Notice) []Entry {
	entries := make([]Entry, 0, len(tasks)+len(notices))
	for _, t := range tasks {
		entries = append(entries, Entry{Task: t})
	}
	for _, n := range notices {
		entries = append(entries, Entry{Notice: n})
	}
	order.By(entries, compare)
	return entries
}

// Entries is the list as far as it is known without asking; false when it must be asked for (List). What was remembered
// alone is known where nobody is logged in.
func Entries() ([]Entry, bool) {
	if !InFolder() {
		return merge(onDevice(), nil), true
	}
	mine()
	tasks, actions, loaded := list.tasks.of, list.actions.of, list.tasks.loaded && list.actions.loaded
	list.Unlock()
	return merge(coming(tasks), comingActions(actions)), loaded
}

// unlisted is how many notices ask for something beside those of the list.
func unlisted() int {
	if !InFolder() {
		return 0
	}
	mine()
	defer list.Unlock()
	return list.more
}

var (
	textPeriods = map[byte]lang.Text{
		'd': textDays.Open,
		'w': textWeeks.Open,
		'm': textMonths.Open,
		'y': textYears.Open,
	}
)

// Phrase is the deadline in words: as it was written in Japanese; in the other languages in the few words that there
// are for it, or as its rule says.
func Phrase(t *portalv1.Task) lang.Text {
	words, said := t.GetDeadline(), lang.Local(t.GetBy())
	if said.Empty() {
		said = ByRule(t.GetDeadlineRule(), t.GetDayQuestion())
	}
	if words == "" || said.Empty() {
		return lang.Plain(words)
	}
	return lang.Original(words, said)
}

// ByRule is a deadline as its rule says it, counted from a day that is asked for; empty where there is none.
func ByRule(r *portalv1.DeadlineRule, counts *portalv1.LocalText) lang.Text {
	if r.GetYearly() != "" {
		return textYearly
	}
	number, unit, ok := period(r.GetWithin())
	if !ok || counts == nil {
		return lang.Text{}
	}
	if r.GetFirstDay() {
		return textWithinFirst.F(lang.Local(counts), textPeriods[unit].Fill(number))
	}
	return textWithin.F(lang.Local(counts), textPeriods[unit].Fill(number))
}

// period reads 14d.
func period(s string) (number int, unit byte, ok bool) {
	if len(s) < 2 || !strings.ContainsRune("dwmy", rune(s[len(s)-1])) || !utf8.ValidString(s) {
		return 0, 0, false
	}
	number, err := strconv.Atoi(s[:len(s)-1])
	return number, s[len(s)-1], err == nil
}
