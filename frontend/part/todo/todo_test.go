package todo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// fresh gives a test an empty device and nobody logged in.
func fresh(t *testing.T) {
	t.Helper()
	client := folder
	vault.Clear()
	t.Cleanup(func() {
		vault.Clear()
		folder = client
		shell.SetSession(shell.Session{})
	})
	shell.SetSession(shell.Session{State: shell.LoggedOut})
	mine() // forgets what another test knew
	list.Unlock()
}

func titles(tasks []*portalv1.Task) string {
	var all []string
	for _, t := range tasks {
		all = append(all, t.GetTitle())
	}
	return strings.Join(all, " ")
}

func TestSort(t *testing.T) {
	got := sortTasks([]*portalv1.Task{
		{Title: "done1", DoneAt: 5, OwnDue: "2026-01-01"}, {Title: "undated", AddedAt: 1},
		{Title: "late", OwnDue: "2027-01-01"}, {Title: "done2", DoneAt: 9},
		{Title: "soon2", OwnDue: "2026-12-01", AddedAt: 2}, {Title: "soon1", OwnDue: "2026-12-01", AddedAt: 1},
	})
	if titles(got) != "soon1 soon2 late undated done2 done1" {
		t.Error(titles(got))
	}
}

// Whatever stands in the device's storage, the list can be read and written.
func TestBadContentOnTheDevice(t *testing.T) {
	for content, want := range map[string]string{
		"": "", "null": "", "{": "", `"x"`: "", `{"title":"a"}`: "", "[": "", `[1, null, "x", [], {"title": "a"}]`: "a",
		`[{"title": ""}, {"title": "  "}]`:                                                            "",
		`[{"title": 5}, {"title": "b", "due": "2026-02-30"}]`:                                         "b",
		`[{"title": "c", "id": "1"}, {"title": "d", "id": "1"}, {"title": "c"}]`:                      "c d",
		`[{"title": "e", "place": "<b>", "number": "../x", "event": "A B", "done": -4, "added": -1}]`: "e",
		"[" + strings.Repeat(" ", longestKept) + `{"title":"long"}]`:                                  "",
		// as the portal has it
		`[{"title": "f\u0000\ng"}]`: "f g",
	} {
		fresh(t)
		vault.Keep(key, content)
		tasks, known := Known()
		if titles(tasks) != want || !known {
			t.Errorf("%.60s: %q", content, titles(tasks))
		}
		ids := map[string]bool{}
		for _, task := range tasks {
			if task.GetId() == "" || ids[task.GetId()] || task.GetDue() != "" || task.GetPlaceCode() != "" ||
				task.GetNumber() != "" || task.GetEvent() != "" ||
				task.GetDoneAt() < 0 || task.GetAddedAt() < 0 {
				t.Errorf("%.60s: %v", content, task)
			}
			ids[task.GetId()] = true
		}
		if n, err := addOnDevice([]*portalv1.Task{{Title: "new"}}); n != 1 || err != nil {
			t.Errorf("%.60s: added %d, %v", content, n, err)
		}
	}
	fresh(t)
	vault.Keep(key, "["+strings.TrimSuffix(strings.Repeat(`{"title":"same"},`, 3), ",")+"]")
	if n := OnDevice(); n != 1 {
		t.Errorf("%d of the same", n)
	}
}

func TestOnTheDevice(t *testing.T) {
	fresh(t)
	changes := 0
	defer OnChange(func() { changes++ })()
	add := func(tasks ...*portalv1.Task) (added int, failure error) {
		Add(app.Context{}, tasks, func(_ app.Context, n int, err error) { added, failure = n, err })
		return added, failure
	}
	birth := &portalv1.Task{PlaceCode: "131105", Number: "P0058", Title: "出生届", OwnDue: "2026-12-07", Event: "birth"}
	if n, err := add(birth, &portalv1.Task{PlaceCode: "131105", Number: "P0058", Title: "other words"},
		&portalv1.Task{Title: "会社に話す"}, &portalv1.Task{}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if !Has("131105", "P0058") || Has("", "P0058") || Has("131105", "P0001") || Has("131105", "") ||
		!HasTask(&portalv1.Task{Title: "会社に話す"}) {
		t.Error("the list does not know what it has")
	}
	tasks, _ := Known()
	id := tasks[0].GetId()
	Update(app.Context{}, Entry{Task: tasks[0]}, Change{Done: new(true), OwnDue: new("2026-12-10")},
		func(_ app.Context, _ Entry, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	if now := find(id); now.GetDoneAt() == 0 || now.GetDue() != "2026-12-10" || tasks[0].GetDoneAt() != 0 {
		t.Errorf("%v", now)
	}
	doneAt := find(id).GetDoneAt()
	var removed *portalv1.Task
	Remove(app.Context{}, id, func(_ app.Context, task *portalv1.Task, _ error) { removed = task })
	if Has("131105", "P0058") || OnDevice() != 1 {
		t.Error("still there")
	}
	if n, err := add(removed); n != 1 || err != nil || find(id).GetDoneAt() != doneAt {
		t.Errorf("not back as it was: %v", find(id))
	}
	Update(app.Context{}, Entry{Task: &portalv1.Task{Id: "gone"}}, Change{Done: new(true)},
		func(_ app.Context, _ Entry, err error) {
			if words := Words(err); !errors.Is(err, errGone) || words.What.Empty() {
				t.Error(err)
			}
		})
	if changes != 4 {
		t.Errorf("told of %d changes", changes)
	}
	n, err := add(&portalv1.Task{Title: strings.Repeat("長", 200)})
	if n != 1 || err != nil || len([]rune(onDevice()[2].GetTitle())) != portalv1limit.TaskTitle {
		t.Error(n, err)
	}
	var many []*portalv1.Task
	for i := range rule.MaxTasks {
		many = append(many, &portalv1.Task{Title: fmt.Sprint(i)})
	}
	if n, err := add(many...); n != rule.MaxTasks-3 || !errors.Is(err, errFull) || OnDevice() != rule.MaxTasks ||
		Words(err).Do.Empty() {
		t.Error(n, err, OnDevice())
	}
}

func TestDeviceThatKeepsNothing(t *testing.T) {
	fresh(t)
	t.Cleanup(vault.Refuse())
	Add(app.Context{}, []*portalv1.Task{{Title: "a"}}, func(_ app.Context, n int, err error) {
		if n != 0 || !errors.Is(err, errRefused) || Words(err).What.Empty() {
			t.Error(n, err)
		}
	})
}

// portal keeps a list as the portal does.
type portal struct {
	portalv1web.GuideService
	tasks   []*portalv1.Task
	refuses string // a title that it does not take
	down    bool
	calls   int
	// asked is how often the list was asked for; meanwhile happens once while its answer is on its way.
	asked     int
	meanwhile func()
	// answers is closed when removals are answered; removed counts them.
	answers chan struct{}
	removed atomic.Int64
}

func (p *portal) RemoveTask(context.Context, *portalv1.RemoveTaskRequest) (*portalv1.RemoveTaskResponse, error) {
	p.removed.Add(1)
	<-p.answers
	return &portalv1.RemoveTaskResponse{}, nil
}

func (p *portal) ListTasks(context.Context, *portalv1.ListTasksRequest) (*portalv1.ListTasksResponse, error) {
	if p.down {
		return nil, &rpc.Error{Code: rpc.CodeUnavailable, Text: "down"}
	}
	p.asked++
	if happens := p.meanwhile; happens != nil {
		p.meanwhile = nil
		happens()
	}
	return &portalv1.ListTasksResponse{Tasks: slices.Clone(p.tasks)}, nil
}

func (p *portal) AddTasks(_ context.Context, r *portalv1.AddTasksRequest) (*portalv1.AddTasksResponse, error) {
	p.calls++
	if p.down {
		return nil, &rpc.Error{Code: rpc.CodeUnavailable, Text: "down"}
	}
	if len(r.GetTasks()) > portalv1limit.AddTasksRequestTasks {
		return nil, errors.New("too many at once")
	}
	response := &portalv1.AddTasksResponse{}
	for _, t := range r.GetTasks() {
		if t.GetTitle() == p.refuses {
			return nil, &rpc.Error{
				Code: rpc.CodeInvalidArgument, Text: "refused", Info: &portalv1.ErrorInfo{
					Reason: portalv1.Reason_REASON_INVALID_FIELD,
				},
			}
		}
	}
	for _, t := range r.GetTasks() {
		if slices.ContainsFunc(p.tasks, func(other *portalv1.Task) bool {
			return rule.SameTask(other) == rule.SameTask(t)
		}) {
			continue
		}
		p.tasks = append(p.tasks, &portalv1.Task{
			Id: "f" + t.GetTitle(), PlaceCode: t.GetPlaceCode(), Number: t.GetNumber(), Title: t.GetTitle(),
			Due: t.GetDue(), OwnDue: t.GetDue(),
		})
		response.Added++
	}
	response.Tasks = slices.Clone(p.tasks)
	return response, nil
}

func taken(who owner, call int, tasks []*portalv1.Task) {
	take(who, &list.tasks, call, tasks)
}

func loggedIn(t *testing.T) *portal {
	t.Helper()
	p := &portal{}
	folder = func() portalv1web.GuideService { return p }
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "花子", LastLogin: time.UnixMilli(1)})
	return p
}

// What the folder has stays as it is, what it has not moves there, and what moved leaves the device.
func TestTakeOver(t *testing.T) {
	fresh(t)
	var tasks []*portalv1.Task
	for i := range 70 {
		tasks = append(tasks, &portalv1.Task{Title: fmt.Sprint(i), OwnDue: "2026-12-01"})
	}
	if n, err := addOnDevice(tasks); n != 70 || err != nil {
		t.Fatal(n, err)
	}
	p := loggedIn(t)
	p.tasks = []*portalv1.Task{{Id: "x", Title: "3", OwnDue: "2026-11-30"}}
	added, err := takeOver(current())
	if added != 69 || err != nil || OnDevice() != 0 || p.calls != 2 {
		t.Errorf("%d added, %v, %d left, %d calls", added, err, OnDevice(), p.calls)
	}
	known, _ := Known()
	if len(known) != 70 || known[0].GetId() != "x" {
		t.Errorf("%d known, first %v", len(known), known[0])
	}
}

func TestTakeOverKeepsWhatDoesNotArrive(t *testing.T) {
	fresh(t)
	if _, err := addOnDevice([]*portalv1.Task{{Title: "a"}, {Title: "b"}, {Title: "c"}}); err != nil {
		t.Fatal(err)
	}
	p := loggedIn(t)
	p.down = true
	if added, err := takeOver(current()); added != 0 || err == nil || OnDevice() != 3 {
		t.Errorf("%d added, %v, %d left", added, err, OnDevice())
	}
	p.down, p.refuses = false, "b"
	if added, err := takeOver(current()); added != 2 || err == nil || titles(onDevice()) != "b" {
		t.Errorf("%d added, %v, left: %s", added, err, titles(onDevice()))
	}
}

// Another login sees nothing of the one before, and an answer for it comes too late.
func TestListIsOfOneLogin(t *testing.T) {
	fresh(t)
	p := loggedIn(t)
	p.tasks = []*portalv1.Task{{Id: "1", Title: "花子's"}}
	who, call := begin()
	taken(who, call, p.tasks)
	if tasks, known := Known(); !known || len(tasks) != 1 {
		t.Fatal("not known")
	}
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "太郎"})
	if tasks, known := Known(); known || len(tasks) != 0 {
		t.Errorf("known to another: %v", tasks)
	}
	taken(who, call, p.tasks)
	if tasks, known := Known(); known || len(tasks) != 0 {
		t.Errorf("known to another: %v", tasks)
	}
	shell.SetSession(shell.Session{State: shell.LoggedOut})
	if tasks, _ := Known(); len(tasks) != 0 {
		t.Errorf("known to nobody: %v", tasks)
	}
}

func TestLateListDoesNotBringBackWhatWasRemoved(t *testing.T) {
	fresh(t)
	loggedIn(t)
	who, first := begin()
	taken(who, first, []*portalv1.Task{{Id: "1", Title: "a"}, {Id: "2", Title: "b"}})
	_, slow := begin()
	alter(who, &list.tasks, func(tasks []*portalv1.Task) []*portalv1.Task { return tasks[1:] })
	taken(who, slow, []*portalv1.Task{{Id: "1", Title: "a"}, {Id: "2", Title: "b"}})
	if tasks, _ := Known(); titles(tasks) != "b" {
		t.Error(titles(tasks))
	}
}

// A list that was asked for while something was being added, and read before it was, does not hide it.
func TestALateListDoesNotHideWhatWasAdded(t *testing.T) {
	fresh(t)
	p := loggedIn(t)
	asks(t, &office{})
	who, adds := begin()
	_, reads := begin() // after the adding began, and before it was done
	if !take(who, &list.tasks, adds, []*portalv1.Task{{Id: "1", Title: "a"}}) {
		t.Error("the answer is left out")
	}
	alter(who, &list.tasks, func(tasks []*portalv1.Task) []*portalv1.Task { return tasks })
	if take(who, &list.tasks, reads, nil) {
		t.Error("the older list stands")
	}
	if tasks, _ := Known(); titles(tasks) != "a" {
		t.Error(titles(tasks))
	}
	// It is asked for again, so that what else it told of comes all the same.
	p.tasks = []*portalv1.Task{{Id: "1", Title: "a"}, {Id: "2", Title: "b"}}
	p.meanwhile = func() { alter(who, &list.tasks, func(tasks []*portalv1.Task) []*portalv1.Task { return tasks }) }
	if err := load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tasks, _ := Known(); titles(tasks) != "a b" || p.asked != 2 {
		t.Errorf("%q after %d questions", titles(tasks), p.asked)
	}
}

// remembered is what the device would show of the folder's list without a network.
func remembered(t *testing.T) string {
	t.Helper()
	ctx, _ := rpc.OrKept(rpc.Only(t.Context()))
	got, err := rpc.To(portalv1web.NewGuideService).ListTasks(ctx, &portalv1.ListTasksRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return titles(got.GetTasks())
}

// What the portal has taken is on the device by the time the page shows it: nobody need hear the list again before the
// network goes. A list that was asked for before that, and comes late, does not replace it there either.
func TestWhatWasDoneIsOnTheDeviceBeforeItIsShown(t *testing.T) {
	fresh(t)
	asks(t, &office{})
	p := loggedIn(t)
	if err := vault.OpenBySession(t.Context(), "hanako", []byte(strings.Repeat("h", 32)), false); err != nil {
		t.Fatal(err)
	}
	if err := load(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := false
	defer OnChange(func() {
		if known, _ := Known(); titles(known) != remembered(t) {
			t.Errorf("shown is %q, on the device %q", titles(known), remembered(t))
		}
		shown = true
	})()
	before, era := rpc.Turn(), vault.Era()
	added, err := addToFolder(current(), []*portalv1.Task{{Title: "a"}, {Title: "b", OwnDue: "2026-12-01"}})
	if added != 2 || err != nil {
		t.Fatal(added, err)
	}
	if !shown {
		t.Error("nothing is shown")
	}
	rpc.Know(t.Context(), era, before, portalv1web.GuideServiceListTasks,
		&portalv1.ListTasksRequest{}, &portalv1.ListTasksResponse{})
	if got := remembered(t); got != "b a" {
		t.Errorf("the device remembers %q", got)
	}
	alterTasks(current(), func(all []*portalv1.Task) []*portalv1.Task { return without(all, "fb") })
	if got := remembered(t); got != "a" {
		t.Errorf("the device remembers %q", got)
	}
	// Of what is added while the list is changed elsewhere, too, nothing is lost should the list not come again.
	_, call := begin()
	alterTasks(current(), func(all []*portalv1.Task) []*portalv1.Task { return all })
	late := []*portalv1.Task{{Id: "fc", Title: "c"}}
	if takeAdded(current(), call, late, slices.Concat(p.tasks, late)) {
		t.Error("an answer from before a change stands")
	}
	if got := remembered(t); got != "a c" {
		t.Errorf("the device remembers %q", got)
	}
}

// stage lends the page a context: outside a browser it is not mounted.
type stage struct {
	app.Compo
	page *page
}

func (s *stage) OnPreRender(ctx app.Context) { s.page.ctx = ctx }
func (s *stage) Render() app.UI              { return app.Div() }

// A slow portal: the page has drawn again by the time of the second press, and the task is still there.
func TestRemovedOnceHoweverOftenItIsPressed(t *testing.T) {
	fresh(t)
	asks(t, &office{})
	portal := loggedIn(t)
	portal.tasks = []*portalv1.Task{{Id: "1", Title: "a"}}
	portal.answers = make(chan struct{})
	if err := load(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, _ := Entries()
	p := &page{working: map[string]bool{}}
	engine := app.NewTestEngine()
	if err := engine.Load(&stage{page: p}); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	for range 2 {
		p.act(entries[0], doRemove, "")
	}
	close(portal.answers)
	engine.ConsumeAll() // waits for what is under way
	if n := portal.removed.Load(); n != 1 {
		t.Errorf("removed %d times", n)
	}
	p.act(entries[0], doRemove, "") // there again, say from another device: it can be removed anew
	engine.ConsumeAll()
	if n := portal.removed.Load(); n != 2 {
		t.Errorf("removed %d times, not twice", n)
	}
}
