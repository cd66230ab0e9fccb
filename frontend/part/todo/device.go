package todo

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/frontend/frame/pattern"
	"madoguchi/frontend/reach/chance"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
	"madoguchi/proto/wire"
)

const (
	// key is that of the list in localStorage.
	key = vault.TasksKey
	// longestKept is far beyond a full list; what is longer was not kept by us.
	longestKept = 2_000_000
	longestName = 60 // characters
)

// kept is a task as the device keeps it. Due is a day of one's own.
type kept struct {
	ID     string `json:"id"`
	Event  string `json:"event,omitempty"`
	Place  string `json:"place,omitempty"`
	Number string `json:"number,omitempty"`
	Title  string `json:"title"`
	Due    string `json:"due,omitempty"`
	Done   int64  `json:"done,omitempty"`
	Added  int64  `json:"added,omitempty"`
	// Along is what a task takes along from where it was remembered: a portal.v1.Task of that alone.
	Along []byte `json:"along,omitempty"`
}

// lastRead spares reading the same text again.
var lastRead struct {
	sync.Mutex
	text  string
	tasks []*portalv1.Task
}

// onDevice reads the list of this device. The tasks are not to be changed.
func onDevice() []*portalv1.Task {
	text := vault.Kept(key)
	lastRead.Lock()
	defer lastRead.Unlock()
	if text != lastRead.text {
		lastRead.text, lastRead.tasks = text, read(text)
	}
	return lastRead.tasks
}

// read takes from a text what can be a list: another program, an older version or a full disk may have written anything
// there.
func read(text string) []*portalv1.Task {
	var entries []json.RawMessage
	if len(text) > longestKept || json.Unmarshal([]byte(text), &entries) != nil {
		return nil
	}
	var tasks []*portalv1.Task
	ids, same := map[string]bool{}, map[string]bool{}
	for _, entry := range entries {
		var k kept
		if json.Unmarshal(entry, &k) != nil || len(tasks) == rule.MaxTasks {
			continue
		}
		t := k.task()
		tidy(t)
		if t.GetTitle() == "" || same[rule.SameTask(t)] {
			continue
		}
		if t.GetId() == "" || len(t.GetId()) > 40 || ids[t.GetId()] {
			t.Id = chance.Text()
		}
		ids[t.GetId()], same[rule.SameTask(t)] = true, true
		tasks = append(tasks, t)
	}
	return tasks
}

// task is what was kept. What a task takes along may have been written by anybody: tidy looks at it.
func (k kept) task() *portalv1.Task {
	t := &portalv1.Task{}
	if wire.Unmarshal(k.Along, t) != nil {
		t = &portalv1.Task{}
	}
	t.Id, t.Event, t.PlaceCode, t.Number, t.Title = k.ID, k.Event, k.Place, k.Number, k.Title
	t.OwnDue, t.DoneAt, t.AddedAt = k.Due, max(k.Done, 0), max(k.Added, 0)
	return t
}

// keptOf is a task as it is to be kept.
func keptOf(t *portalv1.Task) (kept, error) {
	along, err := wire.Marshal(&portalv1.Task{
		Deadline: t.GetDeadline(), DeadlineRule: t.GetDeadlineRule(), EventDay: t.GetEventDay(), Where: t.GetWhere(),
		LegalDue:    t.GetLegalDue(),
		DayQuestion: t.GetDayQuestion(), EventTitle: t.GetEventTitle(), PlaceName: t.GetPlaceName(),
		PlaceEnglish: t.GetPlaceEnglish(), By: t.GetBy(),
	})
	return kept{
		ID: t.GetId(), Event: t.GetEvent(), Place: t.GetPlaceCode(), Number: t.GetNumber(), Title: t.GetTitle(),
		Due:  t.GetOwnDue(),
		Done: t.GetDoneAt(), Added: t.GetAddedAt(), Along: along,
	}, err
}

// tidy takes away what the portal would not take.
func tidy(t *portalv1.Task) {
	t.Title = line(t.GetTitle(), portalv1limit.TaskTitle)
	if plaintext.FaultOfName(t.GetTitle()) != 0 {
		t.Title = ""
	}
	if !IsDay(t.GetOwnDue()) {
		t.OwnDue = ""
	}
	if len(t.GetPlaceCode()) != 6 || strings.Trim(t.GetPlaceCode(), "0123456789") != "" {
		t.PlaceCode = ""
	}
	if !rule.ProcedureNumber(t.GetNumber()) {
		t.Number = ""
	}
	if !isEvent(t.GetEvent()) {
		t.Event = ""
	}
	t.Deadline, t.PlaceName = line(t.GetDeadline(), portalv1limit.TaskDeadline), line(t.GetPlaceName(), longestName)
	t.PlaceEnglish = line(t.GetPlaceEnglish(), longestName)
	t.Where = lines(t.GetWhere(), portalv1limit.TaskWhere)
	t.By = lines(t.GetBy(), portalv1limit.TaskDeadline)
	t.DayQuestion, t.EventTitle = lines(t.GetDayQuestion(), longestName), lines(t.GetEventTitle(), longestName)
	tidyDeadline(t)
	t.Due = rule.FirstDue(t.GetOwnDue(), t.GetLegalDue().GetLast())
}

var (
	periodForm = pattern.MustCompile(`^([1-9][0-9]{0,2}[dwmy])?$`)
	yearlyForm = pattern.MustCompile(`^[0-9]{2}-[0-9]{2}\.\.[0-9]{2}-[0-9]{2}$`)
)

// tidyDeadline leaves of a rule, and of what comes of it, what goes together.
func tidyDeadline(t *portalv1.Task) {
	r := t.GetDeadlineRule()
	counts := r.GetFrom() != "" && isEvent(r.GetFrom()) && periodForm.MatchString(r.GetWithin()) &&
		periodForm.MatchString(r.GetOpens()) &&
		r.GetWithin()+r.GetOpens() != "" && r.GetYearly() == "" && (!r.GetFirstDay() || r.GetWithin() != "")
	yearly := yearlyForm.MatchString(r.GetYearly()) && r.GetFrom()+r.GetWithin()+r.GetOpens() == "" && !r.GetFirstDay()
	if t.GetDeadline() == "" || !counts && !yearly {
		t.DeadlineRule = nil
	}
	if t.GetDeadlineRule().GetFrom() == "" || !IsDay(t.GetEventDay()) {
		t.EventDay = ""
	}
	if t.GetDeadlineRule().GetFrom() == "" {
		t.DayQuestion = nil
	}
	due := t.GetLegalDue()
	if !IsDay(due.GetLast()) || t.GetEventDay() == "" && t.GetDeadlineRule().GetYearly() == "" {
		t.LegalDue = nil
	}
	if due := t.GetLegalDue(); due != nil && !IsDay(due.GetOpens()) {
		t.LegalDue = &portalv1.Due{Last: due.GetLast(), Moved: due.GetMoved()}
	}
}

// isID says whether a task may be known by this to the portal, as rand.Text makes it.
func isID(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

func isEvent(s string) bool {
	return len(s) <= 20 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

// line is a text as one line of at most so many characters.
func line(text string, longest int) string {
	text = plaintext.Clean(strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\ufffd", " "))
	if runes := []rune(text); len(runes) > longest {
		text = strings.TrimSpace(string(runes[:longest-1]) + "…")
	}
	return text
}

func lines(t *portalv1.LocalText, longest int) *portalv1.LocalText {
	if t == nil {
		return nil
	}
	return &portalv1.LocalText{
		Ja: line(t.GetJa(), longest), En: line(t.GetEn(), longest), Easy: line(t.GetEasy(), longest),
	}
}

// fit are the tasks as the device takes them, and the portal with outgoing; what has no title is left out.
func fit(tasks []*portalv1.Task) []*portalv1.Task {
	var fitting []*portalv1.Task
	for _, t := range tasks {
		own := wire.Clone(t)
		if own.Id = t.GetId(); !isID(own.GetId()) {
			own.Id = chance.Text()
		}
		own.DoneAt = max(t.GetDoneAt(), 0)
		if tidy(own); own.GetTitle() != "" {
			fitting = append(fitting, own)
		}
	}
	return fitting
}

// outgoing are fitting tasks as they go to the portal: without what is the portal's to give.
func outgoing(tasks []*portalv1.Task) []*portalv1.Task {
	sent := make([]*portalv1.Task, len(tasks))
	for i, t := range tasks {
		sent[i] = &portalv1.Task{
			Id: t.GetId(), Event: t.GetEvent(), PlaceCode: t.GetPlaceCode(), Number: t.GetNumber(), Title: t.GetTitle(),
			Due: t.GetOwnDue(), DoneAt: t.GetDoneAt(),
			Deadline: t.GetDeadline(), DeadlineRule: t.GetDeadlineRule(), EventDay: t.GetEventDay(),
			Where: t.GetWhere(),
		}
	}
	return sent
}

// IsDay says whether a text is a day that the list takes; while a year is being typed it is not one yet.
func IsDay(s string) bool {
	_, ok := rule.Day(s)
	return ok
}

// keep writes the list of this device.
func keep(tasks []*portalv1.Task) error {
	if len(tasks) == 0 {
		vault.Forget(key)
		return nil
	}
	entries := make([]kept, len(tasks))
	for i, t := range tasks {
		var err error
		if entries[i], err = keptOf(t); err != nil {
			return err
		}
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	if !vault.Keep(key, string(text)) {
		return errRefused
	}
	return nil
}

// addOnDevice adds as many as there is room for.
func addOnDevice(tasks []*portalv1.Task) (added int, err error) {
	all := slices.Clone(onDevice())
	there := map[string]bool{}
	for _, t := range all {
		there[rule.SameTask(t)] = true
	}
	full := false
	for _, t := range tasks {
		if there[rule.SameTask(t)] {
			continue
		}
		if full = len(all) >= rule.MaxTasks; full {
			break
		}
		if t.GetId() == "" {
			t.Id = chance.Text()
		}
		if t.GetAddedAt() == 0 {
			t.AddedAt = time.Now().UnixMilli()
		}
		there[rule.SameTask(t)] = true
		all = append(all, t)
		added++
	}
	if added > 0 {
		if err := keep(all); err != nil {
			return 0, err
		}
	}
	if full {
		return added, errFull
	}
	return added, nil
}

// updateOnDevice changes a task. The last day for another day to count from is the portal's to compute: without a
// connection it stays as it was.
func updateOnDevice(id string, change Change) (*portalv1.Task, error) {
	before := onDeviceByID(id)
	if before == nil {
		return nil, errGone
	}
	var due *portalv1.Due
	if day := change.EventDay; day != nil && *day != "" {
		if before.GetDeadlineRule().GetFrom() == "" {
			return nil, errNoRule
		}
		response, err := folder().GetDeadline(context.Background(), &portalv1.GetDeadlineRequest{
			Rule: before.GetDeadlineRule(), EventDay: *day,
		})
		if err != nil {
			return nil, err
		}
		due = response.GetDue()
	}
	return changeOnDevice(id, func(t *portalv1.Task) {
		switch {
		case change.Done == nil:
		case !*change.Done:
			t.DoneAt = 0
		case t.GetDoneAt() == 0:
			t.DoneAt = time.Now().UnixMilli()
		}
		if change.OwnDue != nil {
			t.OwnDue = *change.OwnDue
		}
		if change.EventDay != nil {
			t.EventDay, t.LegalDue = *change.EventDay, due
		}
	})
}

func onDeviceByID(id string) *portalv1.Task {
	all := onDevice()
	at := slices.IndexFunc(all, func(t *portalv1.Task) bool { return t.GetId() == id })
	if at < 0 {
		return nil
	}
	return all[at]
}

func changeOnDevice(id string, change func(t *portalv1.Task)) (*portalv1.Task, error) {
	all := slices.Clone(onDevice())
	for i, t := range all {
		if t.GetId() != id {
			continue
		}
		after := wire.Clone(t)
		change(after)
		tidy(after)
		all[i] = after
		return after, keep(all)
	}
	return nil, errGone
}

func removeOnDevice(which func(t *portalv1.Task) bool) error {
	all := slices.DeleteFunc(slices.Clone(onDevice()), which)
	return keep(all)
}
