package todo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

func local(s string) *portalv1.LocalText { return &portalv1.LocalText{Ja: s, En: s, Easy: s} }

// moving is a task whose deadline waits for a day.
func moving() *portalv1.Task {
	return &portalv1.Task{
		Event: "move", EventTitle: &portalv1.LocalText{Ja: "引越し", En: "Moving", Easy: "引《ひ》っ越《こ》し"},
		PlaceCode: "131105", PlaceName: "目黒区",
		Number: "P0033", Title: "転入届", Where: local("窓口"), Deadline: "引越しの日から14日以内",
		DeadlineRule: &portalv1.DeadlineRule{From: "move", Within: "14d"},
		DayQuestion:  &portalv1.LocalText{Ja: "引越しをした日", En: "the day of the move", Easy: "引《ひ》っ越《こ》しを した 日《ひ》"},
	}
}

// office has notices that ask for something.
type office struct {
	portalv1web.NoticeService
	open, done []*portalv1.Notice
	more       int
	changes    []*portalv1.UpdateActionRequest
	down       bool
}

func (o *office) ListActions(context.Context, *portalv1.ListActionsRequest) (*portalv1.ListActionsResponse, error) {
	if o.down {
		return nil, &rpc.Error{Code: rpc.CodeUnavailable, Text: "down"}
	}
	return &portalv1.ListActionsResponse{Open: o.open, Done: o.done, OpenCount: int32(len(o.open) + o.more)}, nil
}

func (o *office) UpdateAction(
	_ context.Context, r *portalv1.UpdateActionRequest,
) (*portalv1.UpdateActionResponse, error) {
	o.changes = append(o.changes, r)
	at := slices.IndexFunc(o.open, func(n *portalv1.Notice) bool { return n.GetId() == r.GetId() })
	if at < 0 {
		return nil, &rpc.Error{
			Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND},
		}
	}
	now := &portalv1.Notice{
		Id: r.GetId(), Action: o.open[at].GetAction(), ActionDue: o.open[at].GetActionDue(), OwnDue: r.GetOwnDue(),
	}
	if r.GetDone() {
		now.DoneAt = 7
	}
	return &portalv1.UpdateActionResponse{Notice: now}, nil
}

func asks(t *testing.T, o *office) {
	t.Helper()
	before := notices
	t.Cleanup(func() { notices = before })
	notices = func() portalv1web.NoticeService { return o }
}

func ids(entries []Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID())
	}
	return strings.Join(all, " ")
}

// What notices ask and what was remembered stand in one order, by the first day there is.
func TestOneListOfBoth(t *testing.T) {
	fresh(t)
	p := loggedIn(t)
	p.tasks = []*portalv1.Task{
		{Id: "t1", OwnDue: "2026-11-29"}, {Id: "t2", LegalDue: &portalv1.Due{Last: "2026-12-01"}, AddedAt: 9},
		{Id: "t3"}, {Id: "t4", OwnDue: "2026-01-01", DoneAt: 1},
		{Id: "t5", OwnDue: "2026-12-24", LegalDue: &portalv1.Due{Last: "2026-12-03"}},
	}
	o := &office{more: 2, open: []*portalv1.Notice{
		{Id: "n1"}, {Id: "n2", ActionDue: "2026-12-01", SentAt: 5},
		{Id: "n3", ActionDue: "2026-12-30", OwnDue: "2026-11-30"},
	},
		done: []*portalv1.Notice{{Id: "n4", DoneAt: 2}}}
	asks(t, o)
	if _, known := Entries(); known {
		t.Error("known before it was asked for")
	}
	if err := load(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, known := Entries()
	if got := ids(entries); got != "t1 n3 n2 t2 t5 t3 n1 n4 t4" && got != "t1 n3 n2 t2 t5 n1 t3 n4 t4" || !known {
		t.Error(got, known)
	}
	rows, more, known := dues()
	open := 0
	for _, d := range rows {
		if d.DoneAt == 0 {
			open++
		}
	}
	if open+more != 9 || !known {
		t.Errorf("%d to do on the timeline, and %d more", open, more)
	}
	now, err := update(Entry{Notice: o.open[1]}, Change{Done: new(true)})
	if err != nil || now.DoneAt() != 7 || o.changes[0].OwnDue != nil {
		t.Error(now, err, o.changes)
	}
	entries, _ = Entries()
	if got := ids(entries); !strings.HasSuffix(got, "n2 n4 t4") {
		t.Error(got)
	}
	if _, err := update(Entry{Notice: &portalv1.Notice{Id: "gone"}}, Change{Done: new(true)}); Words(err).What.Empty() {
		t.Error(err)
	}
	// Nothing of it is there for the next one.
	shell.SetSession(shell.Session{State: shell.LoggedOut})
	if entries, _ := Entries(); len(entries) != 0 || unlisted() != 0 {
		t.Error(ids(entries))
	}
}

// Without one part the other is there, and the whole is not known.
func TestHalfAList(t *testing.T) {
	fresh(t)
	loggedIn(t).tasks = []*portalv1.Task{{Id: "t1", Title: "a"}}
	asks(t, &office{down: true})
	if err := load(t.Context()); err == nil {
		t.Error("nobody says that notices did not come")
	}
	if tasks, known := Known(); !known || len(tasks) != 1 {
		t.Error("the tasks are not known")
	}
	if _, known := Entries(); known {
		t.Error("half a list is taken for a whole one")
	}
}

func (p *portal) GetDeadline(_ context.Context, r *portalv1.GetDeadlineRequest) (*portalv1.GetDeadlineResponse, error) {
	if p.down {
		return nil, &rpc.Error{Code: rpc.CodeUnavailable, Text: "down"}
	}
	day, _ := time.Parse(time.DateOnly, r.GetEventDay())
	return &portalv1.GetDeadlineResponse{Due: &portalv1.Due{Last: day.AddDate(0, 0, 14).Format(time.DateOnly)}}, nil
}

// The words, the place, the reason and the rule stay on the device; the day is given there, and moves into the folder
// with the rest.
func TestADeadlineOnTheDevice(t *testing.T) {
	fresh(t)
	p := &portal{}
	folder = func() portalv1web.GuideService { return p }
	Add(app.Context{}, []*portalv1.Task{moving()}, func(_ app.Context, n int, err error) {
		if n != 1 || err != nil {
			t.Fatal(n, err)
		}
	})
	lastRead.text = "" // a reload
	one := func() *portalv1.Task {
		t.Helper()
		if n := OnDevice(); n != 1 {
			t.Fatalf("%d on the device", n)
		}
		return onDevice()[0]
	}
	if k := one(); k.GetDeadline() != moving().GetDeadline() || k.GetDeadlineRule().GetWithin() != "14d" ||
		k.GetPlaceName() != "目黒区" ||
		k.GetEventTitle().GetEn() != "Moving" || k.GetWhere().GetJa() != "窓口" || k.GetDue() != "" {
		t.Error(k)
	}
	given := func(day string) error {
		_, err := update(Entry{Task: one()}, Change{EventDay: &day})
		return err
	}
	if err := given("2026-11-20"); err != nil || one().GetDue() != "2026-12-04" || one().GetEventDay() != "2026-11-20" {
		t.Error(err, one())
	}
	p.down = true
	if err := given("2026-11-21"); err == nil || one().GetDue() != "2026-12-04" || one().GetEventDay() != "2026-11-20" {
		t.Error("without a connection nothing is computed, and nothing lost", err, one())
	}
	if err := given(""); err != nil || one().GetDue() != "" || one().GetLegalDue() != nil {
		t.Error("taking it back needs no connection", err, one())
	}
	p.down = false
	if err := given("2026-11-20"); err != nil {
		t.Fatal(err)
	}
	_, err := update(Entry{Task: one()}, Change{OwnDue: new("2026-12-01")})
	if err != nil || one().GetDue() != "2026-12-01" {
		t.Error(err, one())
	}
	sent := outgoing(fit(onDevice()))[0]
	if sent.GetDue() != "2026-12-01" || sent.GetEventDay() != "2026-11-20" || sent.GetDeadline() == "" ||
		sent.GetDeadlineRule() == nil || sent.GetWhere() == nil ||
		sent.GetPlaceName() != "" || sent.GetLegalDue() != nil || !isID(sent.GetId()) {
		t.Error(sent)
	}
	Remove(app.Context{}, one().GetId(), func(_ app.Context, removed *portalv1.Task, _ error) {
		Add(app.Context{}, []*portalv1.Task{removed}, func(app.Context, int, error) {})
	})
	if one().GetEventDay() != "2026-11-20" || one().GetOwnDue() != "2026-12-01" ||
		one().GetLegalDue().GetLast() != "2026-12-04" {
		t.Error("it comes back as another", one())
	}
	if _, err := updateOnDevice(one().GetId(), Change{EventDay: new("2026-11-20")}); err != nil {
		t.Error(err)
	}
	keepAll(t, &portalv1.Task{Id: "x", Title: "a"})
	if _, err := updateOnDevice("x", Change{EventDay: new("2026-11-20")}); err == nil {
		t.Error("a day for a deadline that counts from none")
	}
}

func keepAll(t *testing.T, tasks ...*portalv1.Task) {
	t.Helper()
	if err := keep(tasks); err != nil {
		t.Fatal(err)
	}
}

// A list that an earlier version kept is read, and what anybody may have written into it never keeps the portal from
// taking the rest.
func TestWhatTheDeviceKeptBefore(t *testing.T) {
	fresh(t)
	vault.Keep(key, `[{"id":"a","event":"move","title":"転入届","due":"2026-12-01"}]`)
	if k := onDevice()[0]; k.GetOwnDue() != "2026-12-01" || k.GetDue() != "2026-12-01" {
		t.Error(k)
	}
	for name, spoil := range map[string]func(task *portalv1.Task){
		"event":    func(task *portalv1.Task) { task.DeadlineRule.From = "<b>" },
		"within":   func(task *portalv1.Task) { task.DeadlineRule.Within = "14" },
		"no words": func(task *portalv1.Task) { task.Deadline = " " },
		"yearly":   func(task *portalv1.Task) { task.DeadlineRule.Yearly = "06-01..06-30" },
		"nothing":  func(task *portalv1.Task) { task.DeadlineRule = &portalv1.DeadlineRule{} },
		"first day": func(task *portalv1.Task) {
			task.DeadlineRule = &portalv1.DeadlineRule{From: "move", Opens: "3d", FirstDay: true}
		},
	} {
		task := moving()
		task.EventDay, task.LegalDue = "2026-11-20", &portalv1.Due{Last: "2026-12-04"}
		spoil(task)
		if tidy(task); task.GetDeadlineRule() != nil || task.GetEventDay() != "" || task.GetDue() != "" ||
			task.GetDayQuestion() != nil {
			t.Errorf("%s: %v", name, task)
		}
	}
	task := moving()
	task.EventDay, task.LegalDue, task.Deadline, task.Where.En = "soon", &portalv1.Due{Last: "2026-12-04"},
		"a\x00b"+strings.Repeat("長", 400), "a\nb"
	if tidy(task); task.GetEventDay() != "" || task.GetLegalDue() != nil ||
		len([]rune(task.GetDeadline())) != portalv1limit.TaskDeadline || task.GetWhere().GetEn() != "a b" {
		t.Error(task)
	}
}

func TestGroupsByDay(t *testing.T) {
	var entries []Entry
	for i, due := range []string{
		"2026-11-18", "2026-11-19", "2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01", "2027-11-22", "",
	} {
		entries = append(entries, Entry{Task: &portalv1.Task{Id: fmt.Sprint(i), OwnDue: due}})
	}
	entries = append(entries, Entry{Task: &portalv1.Task{Id: "done", OwnDue: "2026-01-01", DoneAt: 1}})
	g := groupBy(entries, "2026-11-19") // a Thursday
	var got []string
	for _, part := range g.open {
		got = append(got, part.id+": "+ids(part.entries))
	}
	want := []string{"overdue: 0", "week: 1 2", "month: 3 4", "later: 5 6", "undated: 7"}
	if !slices.Equal(got, want) || g.count() != 8 || g.overdue != 1 || ids(g.done) != "done" {
		t.Errorf("%q, %d open, %d overdue, done %s", got, g.count(), g.overdue, ids(g.done))
	}
	for day, want := range map[string]string{
		"2026-11-22": "2026-11-22", "2026-11-23": "2026-11-29", "2026-12-31": "2027-01-03",
	} {
		if got := sunday(day); got != want {
			t.Errorf("the week of %s ends on %s", day, got)
		}
	}
}

func TestPath(t *testing.T) {
	for want, e := range map[string]Entry{
		"/procedures/131105/P0001": {Task: &portalv1.Task{PlaceCode: "131105", Number: "P0001", Event: "move"}},
		"/procedures/nation/P0001": {Task: &portalv1.Task{Number: "P0001"}},
		"/guide/birth":             {Task: &portalv1.Task{Event: "birth"}},
		"/notice/n1":               {Notice: &portalv1.Notice{Id: "n1"}},
		"":                         {Task: &portalv1.Task{}},
	} {
		if got := e.path(); got != want {
			t.Errorf("%v: %q", e, got)
		}
	}
}

// The deadline is said in every language: as it was written where that is Japanese, by its rule in the others.
func TestPhrase(t *testing.T) {
	first := moving()
	first.DeadlineRule = &portalv1.DeadlineRule{From: "move", Within: "1m", FirstDay: true}
	yearly := &portalv1.Task{Deadline: "毎年6月1日から", DeadlineRule: &portalv1.DeadlineRule{Yearly: "06-01..06-30"}}
	for _, c := range []struct {
		task           *portalv1.Task
		ja, en, easily string
	}{
		{moving(), "引越しの日から14日以内", "within 14 days of the day of the move", "引っ越しを した 日から 14日の 間に"},
		{first, "引越しの日から14日以内", "within 1 month, counting the day of the move as the first", "引っ越しを した 日を 入れて、1か月の 間に"},
		{yearly, "毎年6月1日から", "every year", "毎年"},
		{&portalv1.Task{Deadline: "速やかに 100%《》"}, "速やかに 100%《》", "速やかに 100%《》", "速やかに 100%《》"},
		{&portalv1.Task{}, "", "", ""},
		{nil, "", "", ""},
	} {
		p := Phrase(c.task)
		if p.In(lang.Japanese) != c.ja || p.In(lang.English) != c.en || p.In(lang.Easy) != c.easily {
			t.Errorf("%q, %q, %q", p.In(lang.Japanese), p.In(lang.English), p.In(lang.Easy))
		}
	}
}
