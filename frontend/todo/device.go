package todo

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

const (
	// key is that of the list in localStorage.
	key = vault.TasksKey
	// longestKept is far beyond a full list; what is longer was not kept by us.
	longestKept = 500_000
)

// kept is a task as the device keeps it.
type kept struct {
	ID     string `json:"id"`
	Event  string `json:"event,omitempty"`
	Place  string `json:"place,omitempty"`
	Number string `json:"number,omitempty"`
	Title  string `json:"title"`
	Due    string `json:"due,omitempty"`
	Done   int64  `json:"done,omitempty"`
	Added  int64  `json:"added,omitempty"`
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

// read takes from a text what can be a list: another program, an older version or a full disk may have written anything there.
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
		t := &portalv1.Task{
			Id: k.ID, Event: k.Event, PlaceCode: k.Place, Number: k.Number, Title: k.Title, Due: k.Due, DoneAt: max(k.Done, 0), AddedAt: max(k.Added, 0),
		}
		tidy(t)
		if t.GetTitle() == "" || same[rule.SameTask(t)] {
			continue
		}
		if t.GetId() == "" || len(t.GetId()) > 40 || ids[t.GetId()] {
			t.Id = rand.Text()
		}
		ids[t.GetId()], same[rule.SameTask(t)] = true, true
		tasks = append(tasks, t)
	}
	return tasks
}

// tidy takes away what the portal would not take.
func tidy(t *portalv1.Task) {
	t.Title = plaintext.Clean(strings.ReplaceAll(strings.ToValidUTF8(t.GetTitle(), " "), "\ufffd", " "))
	if runes := []rune(t.GetTitle()); len(runes) > rule.MaxTaskTitle {
		t.Title = strings.TrimSpace(string(runes[:rule.MaxTaskTitle-1])) + "…"
	}
	if plaintext.FaultOfName(t.GetTitle()) != 0 {
		t.Title = ""
	}
	if !IsDay(t.GetDue()) {
		t.Due = ""
	}
	if len(t.GetPlaceCode()) != 6 || strings.Trim(t.GetPlaceCode(), "0123456789") != "" {
		t.PlaceCode = ""
	}
	if !rule.ProcedureNumber(t.GetNumber()) {
		t.Number = ""
	}
	if len(t.GetEvent()) > 20 || strings.Trim(t.GetEvent(), "abcdefghijklmnopqrstuvwxyz") != "" {
		t.Event = ""
	}
}

// fit are the tasks as the portal and the device take them; what has no title is left out.
func fit(tasks []*portalv1.Task) []*portalv1.Task {
	var fitting []*portalv1.Task
	for _, t := range tasks {
		own := &portalv1.Task{
			Id: t.GetId(), Event: t.GetEvent(), PlaceCode: t.GetPlaceCode(), Number: t.GetNumber(), Title: t.GetTitle(), Due: t.GetDue(),
			DoneAt: max(t.GetDoneAt(), 0), AddedAt: t.GetAddedAt(),
		}
		if tidy(own); own.GetTitle() != "" {
			fitting = append(fitting, own)
		}
	}
	return fitting
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
		entries[i] = kept{t.GetId(), t.GetEvent(), t.GetPlaceCode(), t.GetNumber(), t.GetTitle(), t.GetDue(), t.GetDoneAt(), t.GetAddedAt()}
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
			t.Id = rand.Text()
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

func updateOnDevice(id string, ticked bool, day string) error {
	all := slices.Clone(onDevice())
	at := slices.IndexFunc(all, func(t *portalv1.Task) bool { return t.GetId() == id })
	if at < 0 {
		return errGone
	}
	before := all[at]
	after := fit([]*portalv1.Task{before})[0]
	after.Due = day
	switch {
	case !ticked:
		after.DoneAt = 0
	case after.GetDoneAt() == 0:
		after.DoneAt = time.Now().UnixMilli()
	}
	tidy(after)
	all[at] = after
	return keep(all)
}

func removeOnDevice(which func(t *portalv1.Task) bool) error {
	all := slices.DeleteFunc(slices.Clone(onDevice()), which)
	return keep(all)
}

var listening sync.Once

// listenToTabs hears when another tab changed the list of this device.
func listenToTabs() {
	if app.IsServer {
		return
	}
	listening.Do(func() {
		app.Window().Call("addEventListener", "storage", app.FuncOf(func(_ app.Value, args []app.Value) any {
			// Without a key, everything was taken away.
			if changed := args[0].Get("key"); !changed.Truthy() || changed.String() == key {
				go tell()
			}
			return nil
		}))
	})
}
