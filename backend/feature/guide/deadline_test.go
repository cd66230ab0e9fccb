package guide_test

import (
	"strings"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/guide"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// moving is a task whose deadline counts from a day that is not known yet.
func moving() *portalv1.Task {
	return &portalv1.Task{
		Event: "move", PlaceCode: "131105", Number: "P0033", Title: "転入届", Deadline: "引越しの日から14日以内に窓口へ",
		DeadlineRule: &portalv1.DeadlineRule{From: "move", Within: "14d"},
		Where: &portalv1.LocalText{
			Ja: "新しい市区町村の窓口", En: "The desk of the new municipality", Easy: "新《あたら》しい 市《し》",
		},
	}
}

func TestADeadlineInWordsGetsItsDayInTheList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		s := guide.New(d, registry{})
		hanako, taro := accesstest.AsCitizen(t.Context(), "hanako"), accesstest.AsCitizen(t.Context(), "taro")
		added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{moving()}})
		if err != nil {
			t.Fatal(err)
		}
		id := added.GetTasks()[0].GetId()
		first := func() *portalv1.Task {
			t.Helper()
			list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{})
			if err != nil || len(list.GetTasks()) != 1 {
				t.Fatal(list, err)
			}
			return list.GetTasks()[0]
		}
		change := func(c *portalv1.TaskChange) *portalv1.Task {
			t.Helper()
			if _, err := s.UpdateTask(hanako, &portalv1.UpdateTaskRequest{Id: id, Change: c}); err != nil {
				t.Fatal(err)
			}
			return first()
		}
		// What was known survives; no day is invented.
		task := first()
		if task.GetDeadline() != moving().GetDeadline() || task.GetDeadlineRule().GetWithin() != "14d" ||
			task.GetWhere().GetEn() != moving().GetWhere().GetEn() ||
			task.GetEventTitle().GetJa() != "引越し" || task.GetPlaceName() != "目黒区" ||
			task.GetPlaceEnglish() != "Meguro-ku, Tokyo" ||
			task.GetDayQuestion().GetJa() != "引越しをした日" ||
			task.GetDue() != "" || task.GetLegalDue() != nil {
			t.Error(task)
		}
		// 14 days after the 9th of November are the 23rd, a holiday.
		task = change(&portalv1.TaskChange{EventDay: new("2026-11-09")})
		if task.GetLegalDue().GetLast() != "2026-11-24" || !task.GetLegalDue().GetMoved() ||
			task.GetDue() != "2026-11-24" || task.GetDoneAt() != 0 {
			t.Error(task)
		}
		// A day of one's own stands beside it; the first of both counts.
		task = change(&portalv1.TaskChange{OwnDue: new("2026-11-20")})
		if task.GetDue() != "2026-11-20" || task.GetLegalDue().GetLast() != "2026-11-24" {
			t.Error(task)
		}
		task = change(&portalv1.TaskChange{OwnDue: new("2026-12-01")})
		if task.GetDue() != "2026-11-24" || task.GetOwnDue() != "2026-12-01" {
			t.Error(task)
		}
		task = change(&portalv1.TaskChange{Done: new(true)})
		if task.GetDoneAt() == 0 || task.GetOwnDue() != "2026-12-01" || task.GetEventDay() != "2026-11-09" {
			t.Error(task)
		}
		task = change(&portalv1.TaskChange{Done: new(false), OwnDue: new(""), EventDay: new("")})
		if task.GetDue() != "" || task.GetLegalDue() != nil || task.GetDoneAt() != 0 {
			t.Error(task)
		}
		// Nobody else gives it a day.
		_, err = s.UpdateTask(taro, &portalv1.UpdateTaskRequest{
			Id: id, Change: &portalv1.TaskChange{EventDay: new("2026-11-01")},
		})
		if connect.CodeOf(err) != connect.CodeNotFound || first().GetEventDay() != "" {
			t.Error(err)
		}
		for name, c := range map[string]*portalv1.TaskChange{
			"event_day": {EventDay: new("2026-02-30")}, "own_due": {OwnDue: new("soon")},
		} {
			_, err := ruletest.Call(hanako, s.UpdateTask, &portalv1.UpdateTaskRequest{Id: id, Change: c})
			if connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A page from before deadlines sends all it knows; nothing of the rest is lost, and the day it was shown does not
// become one of one's own.
func TestAnOlderPageLosesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		s, hanako := guide.New(d, registry{}), accesstest.AsCitizen(t.Context(), "hanako")
		known := moving()
		known.EventDay = "2026-11-09"
		added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{known, {Title: "電話をかける"}}})
		if err != nil {
			t.Fatal(err)
		}
		shown := added.GetTasks()[0]
		update := func(request *portalv1.UpdateTaskRequest) *portalv1.Task {
			t.Helper()
			request.Id = shown.GetId()
			response, err := s.UpdateTask(hanako, request)
			if err != nil {
				t.Fatal(err)
			}
			return response.GetTask()
		}
		ticked := update(&portalv1.UpdateTaskRequest{Done: true, Due: shown.GetDue()})
		if ticked.GetDoneAt() == 0 || ticked.GetOwnDue() != "" || ticked.GetEventDay() != "2026-11-09" ||
			ticked.GetDeadline() == "" {
			t.Error(ticked)
		}
		own := update(&portalv1.UpdateTaskRequest{Due: "2026-11-12"})
		if own.GetDoneAt() != 0 || own.GetDue() != "2026-11-12" || own.GetEventDay() != "2026-11-09" {
			t.Error(own)
		}
		if none := update(&portalv1.UpdateTaskRequest{}); none.GetOwnDue() != "" || none.GetDue() != "2026-11-24" {
			t.Error(none)
		}
		_, err = s.UpdateTask(hanako, &portalv1.UpdateTaskRequest{
			Id: added.GetTasks()[1].GetId(), Change: &portalv1.TaskChange{EventDay: new("2026-11-09")},
		})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("a day for a deadline that counts from none: %v", err)
		}
	})
}

// The window of a year is that of the year in which it was remembered: it does not slip away when it has passed.
func TestAYearlyWindowStays(t *testing.T) {
	d := dbtest.SQLite(t)
	foldertest.Open(t, d, "hanako")
	s, hanako := guide.New(d, registry{}), accesstest.AsCitizen(t.Context(), "hanako")
	added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{
		{Number: "P0002", Title: "現況届", Deadline: "毎年6月", DeadlineRule: &portalv1.DeadlineRule{Yearly: "06-01..06-30"}},
	}})
	if err != nil || added.GetTasks()[0].GetLegalDue() == nil || added.GetTasks()[0].GetDayQuestion() != nil {
		t.Fatal(added, err)
	}
	err = d.Tx(t.Context(), func(q *db.Queries) error {
		along, err := q.TaskGet(t.Context(), db.TaskGetParams{FolderID: "hanako", ID: added.GetTasks()[0].GetId()})
		if err != nil {
			return err
		}
		along.AddedAt, along.ID, along.Same = 1_590_000_000_000, "old", "old" // in May 2020
		_, err = q.TaskAdd(t.Context(), db.TaskAddParams(along))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{})
	if err != nil || list.GetTasks()[0].GetDue() != "2020-06-30" {
		t.Error(list, err)
	}
}

func TestWhatATaskCannotTakeAlong(t *testing.T) {
	d := dbtest.SQLite(t)
	foldertest.Open(t, d, "hanako")
	s, hanako := guide.New(d, registry{}), accesstest.AsCitizen(t.Context(), "hanako")
	for name, change := range map[string]func(task *portalv1.Task){
		"long words":          func(task *portalv1.Task) { task.Deadline = strings.Repeat("長", 301) },
		"words with controls": func(task *portalv1.Task) { task.Deadline = "a\x07" },
		"a rule of no event":  func(task *portalv1.Task) { task.DeadlineRule.From = "party" },
		"a rule of no time":   func(task *portalv1.Task) { task.DeadlineRule.Within = "99999d" },
		"a rule unsaid":       func(task *portalv1.Task) { task.Deadline = "" },
		"no day":              func(task *portalv1.Task) { task.EventDay = "2026-13-01" },
		"a day for nothing":   func(task *portalv1.Task) { task.DeadlineRule, task.EventDay = nil, "2026-11-01" },
		"long where":          func(task *portalv1.Task) { task.Where.Easy = strings.Repeat("長", 201) },
		"where with lines":    func(task *portalv1.Task) { task.Where.En = "a\nb" },
	} {
		task := moving()
		change(task)
		_, err := ruletest.Call(hanako, s.AddTasks, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{task}})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A list on a device computes by the same rule.
func TestGetDeadline(t *testing.T) {
	s := guide.New(nil, registry{})
	response, err := s.GetDeadline(t.Context(), &portalv1.GetDeadlineRequest{
		Rule: moving().GetDeadlineRule(), EventDay: "2026-11-09",
	})
	if err != nil || response.GetDue().GetLast() != "2026-11-24" || !response.GetDue().GetMoved() {
		t.Error(response, err)
	}
	for name, request := range map[string]*portalv1.GetDeadlineRequest{
		"nothing": {}, "no day": {Rule: moving().GetDeadlineRule()}, "no rule": {EventDay: "2026-11-09"},
		"a window":    {Rule: &portalv1.DeadlineRule{Yearly: "06-01..06-30"}, EventDay: "2026-11-09"},
		"a bad rule":  {Rule: &portalv1.DeadlineRule{From: "move", Within: "14"}, EventDay: "2026-11-09"},
		"no such day": {Rule: moving().GetDeadlineRule(), EventDay: "2026-11-31"},
	} {
		_, err := ruletest.Call(t.Context(), s.GetDeadline, request)
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a plan says of a deadline is what a task takes along.
func TestAPlanTellsWhatItsDeadlinesCountFrom(t *testing.T) {
	for _, step := range planned(t, map[string]string{
		"stage": "born", "birthday": "2026-11-10", "insurance": "national", "special": "",
	}).GetSteps() {
		if step.GetId() != "P0058" {
			continue
		}
		if step.GetDeadlineRule().GetFrom() != "birth" || step.GetDayQuestion().GetJa() != "子どもが生まれた日" ||
			step.GetEventDay() != "2026-11-10" {
			t.Error(step)
		}
		return
	}
	t.Error("no notification of birth")
}

// A deadline that is written in Japanese is said in the other languages wherever the catalogue has words for it.
func TestADeadlineInWordsIsSaidInEachLanguage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		s := guide.New(d, registry{})
		hanako := accesstest.AsCitizen(t.Context(), "hanako")
		nation, _ := catalog.ByNumber("P0004") // without a rule
		if nation.Deadline.Rule() != nil || nation.By.En == "" {
			t.Fatal("this definition tells nothing here")
		}
		for deadline, en := range map[string]string{
			nation.Deadline.Text: nation.By.En, "係が決める日まで": "", "": "",
		} {
			added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{
				Number: "P0004", Title: "届 " + deadline, Deadline: deadline, By: &portalv1.LocalText{En: "of the page"},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range added.GetTasks() {
				if task.GetDeadline() == deadline && task.GetBy().GetEn() != en {
					t.Errorf("%q is said as %q, not %q", deadline, task.GetBy().GetEn(), en)
				}
			}
		}
	})
}
