package todo

import (
	"context"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

func bytesOf[M interface {
	*T
	message[T]
}, T any](t *testing.T, m M) []byte {
	t.Helper()
	data, err := rpc.Pack(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const madeHere = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// The list is shown as it will be: what the portal gave, and over that what waits, in its order.
func TestTheListAsItWillBe(t *testing.T) {
	begun := time.UnixMilli(1000)
	tasks := []*portalv1.Task{{Id: "a", Title: "A", OwnDue: "2030-01-01"}, {Id: "b", Title: "B"}}
	for _, w := range []outbox.Write{
		{Procedure: portalv1web.GuideServiceAddTasks, Request: bytesOf(t, &portalv1.AddTasksRequest{
			Tasks: []*portalv1.Task{{Id: madeHere, Title: "C", Due: "2030-02-01"}, {Id: "x", Title: "A"}},
		})},
		{Procedure: portalv1web.GuideServiceUpdateTask, Request: bytesOf(t, &portalv1.UpdateTaskRequest{
			Id: madeHere, Change: &portalv1.TaskChange{Done: new(true)},
		})},
		{Procedure: portalv1web.GuideServiceUpdateTask, Request: bytesOf(t, &portalv1.UpdateTaskRequest{
			Id: "a", Change: &portalv1.TaskChange{OwnDue: new("")},
		})},
		{Procedure: portalv1web.GuideServiceRemoveTask, Request: bytesOf(t, &portalv1.RemoveTaskRequest{Id: "b"})},
		{Procedure: portalv1web.GuideServiceUpdateTask, Request: []byte("garbage")},
	} {
		w.Begun = begun
		tasks = ahead(tasks, w)
	}
	if titles(tasks) != "A C" || tasks[0].GetOwnDue() != "" || tasks[0].GetDue() != "" ||
		tasks[1].GetDoneAt() != 1000 || tasks[1].GetOwnDue() != "2030-02-01" || tasks[1].GetId() != madeHere {
		t.Errorf("%v", tasks)
	}
}

// What was added here, and stood on the list already under another name, is known by that from then on.
func TestWhatWasAddedAndStoodThereAlready(t *testing.T) {
	fresh(t)
	p := loggedIn(t)
	request := bytesOf(t, &portalv1.AddTasksRequest{
		Tasks: []*portalv1.Task{{Id: madeHere, Title: "A"}, {Id: "own", Title: "B"}},
	})
	listed := []*portalv1.Task{{Id: "there", Title: "A"}, {Id: "own", Title: "B"}}
	answer := bytesOf(t, &portalv1.AddTasksResponse{Tasks: listed})
	p.tasks = listed
	for _, answer := range [][]byte{answer, nil} { // nil: it was done before, and the answer is not kept
		names, err := settledAdd(t.Context(), request, answer)
		if err != nil || len(names) != 1 || names[taskObject(madeHere)] != taskObject("there") {
			t.Errorf("%v, %v", names, err)
		}
		if id := renamedID(madeHere, names); id != "there" {
			t.Errorf("renamed %q", id)
		}
	}
	p.down = true
	if _, err := settledAdd(t.Context(), request, nil); err == nil {
		t.Error("without an answer nothing is known")
	}
}

// A write says what the person took the day to be; insisting, it does not any more.
func TestAChangeSaysWhatItTookTheDayToBe(t *testing.T) {
	before := &portalv1.Task{Id: "a", OwnDue: "2030-01-01", EventDay: "2030-02-01"}
	was := wasOf(before, Change{OwnDue: new("2030-01-02")})
	if was.GetOwnDue() != "2030-01-01" || was.EventDay != nil || wasOf(before, Change{Done: new(true)}) != nil {
		t.Errorf("%v", was)
	}
	request := bytesOf(t, &portalv1.UpdateTaskRequest{
		Id: "a", Was: was, Change: &portalv1.TaskChange{OwnDue: new("x")},
	})
	over := as[portalv1.UpdateTaskRequest](edited(request, func(r *portalv1.UpdateTaskRequest) { r.Was = nil }))
	if over.GetWas() != nil || over.GetChange().GetOwnDue() != "x" || over.GetId() != "a" {
		t.Errorf("%v", over)
	}
}

// Both sides are named field by field, in words.
func TestBothSides(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	fresh(t)
	p := loggedIn(t)
	p.tasks = []*portalv1.Task{{Id: "a", Title: "A", OwnDue: "2030-01-07", DoneAt: 5}}
	say := func(sides []waiting.Side, err error) string {
		if err != nil {
			return err.Error()
		}
		var lines []string
		for _, s := range sides {
			lines = append(lines, s.Name.String()+": "+s.Mine.String()+" / "+s.Theirs.String())
		}
		return strings.Join(lines, "; ")
	}
	write := func(m *portalv1.UpdateTaskRequest) outbox.Write { return outbox.Write{Request: bytesOf(t, m)} }
	for _, c := range []struct{ got, want string }{
		{
			say(sidesOfUpdate(t.Context(), write(&portalv1.UpdateTaskRequest{
				Id: "a", Change: &portalv1.TaskChange{Done: new(false), OwnDue: new("")},
			}))), "済んだか: まだ / 済み; 自分で決めた日: なし / 2030年1月7日(月)",
		},
		{
			say(sidesOfUpdate(t.Context(), write(&portalv1.UpdateTaskRequest{Id: "gone"}))),
			"やることリスト: 入っている / 入っていない",
		},
		{
			say(sidesOfRemove(t.Context(), outbox.Write{Request: bytesOf(t, &portalv1.RemoveTaskRequest{Id: "a"})})),
			"やることリスト: 入っていない / 入っている",
		},
		{
			say(sidesOfAdd(t.Context(), outbox.Write{Request: bytesOf(t, &portalv1.AddTasksRequest{
				Tasks: []*portalv1.Task{{Title: "A"}, {Title: "N"}},
			})})), "A: 入っている / 入っている; N: 入っている / 入っていない",
		},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
	for words, want := range map[string]string{
		wordsOfChange(new(true), nil, "A").String():         "「A」を済みにする",
		wordsOfChange(new(false), nil, "A").String():        "「A」を済みでないことに戻す",
		wordsOfChange(nil, new("2030-01-07"), "A").String(): "「A」の日を2030年1月7日(月)にする",
		wordsOfChange(nil, new(""), "A").String():           "「A」の日をなくす",
	} {
		if words != want {
			t.Errorf("%s, want %s", words, want)
		}
	}
}

// waitingPortal keeps nothing and says so of every write.
type waitingPortal struct{ portalv1web.GuideService }

func (waitingPortal) AddTasks(context.Context, *portalv1.AddTasksRequest) (*portalv1.AddTasksResponse, error) {
	return nil, rpc.ErrKept()
}

// What waits counts as added, and moves off the device; the page says that it waits, never that it is done.
func TestWhatWaitsIsAddedAndNotDone(t *testing.T) {
	fresh(t)
	var tasks []*portalv1.Task
	for range portalv1limit.AddTasksRequestTasks + 1 {
		tasks = append(tasks, &portalv1.Task{Title: "T" + strings.Repeat("x", len(tasks))})
	}
	if _, err := addOnDevice(tasks); err != nil {
		t.Fatal(err)
	}
	loggedIn(t)
	folder = func() portalv1web.GuideService { return waitingPortal{} }
	if added, err := takeOver(current()); added != len(tasks) || !rpc.Kept(err) || OnDevice() != 0 {
		t.Errorf("%d added, %v, %d on the device", added, err, OnDevice())
	}
	ctx, engine := pagetest.Context(t)
	p := &page{ctx: ctx, working: map[string]bool{}}
	p.done(rpc.ErrKept(), textTaken.F(3), nil)
	engine.ConsumeAll()
	if p.failure.Is() || p.told.String() != waiting.Told().String() {
		t.Errorf("%q, %q", p.told.String(), p.failure.What.String())
	}
}
