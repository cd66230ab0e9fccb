package guide_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/guide"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// registry has registered the notification of birth in Meguro, and nothing else anywhere.
type registry struct{}

func (registry) Registered(_ context.Context, place string, definitions []string) (map[string]index.Hit, error) {
	if place == "131105" && slices.Contains(definitions, "P0058") {
		return map[string]index.Hit{"P0058": {Place: place, Number: "P0058", Definition: "P0058", Online: true}}, nil
	}
	return nil, nil
}

func planned(t *testing.T, answers map[string]string) *portalv1.PlanLifeEventResponse {
	t.Helper()
	request := &portalv1.PlanLifeEventRequest{Event: "birth", PlaceCode: "131105"}
	for q, v := range answers {
		request.Answers = append(request.Answers, &portalv1.Answer{Question: q, Value: v})
	}
	plan, err := guide.New(nil, registry{}).PlanLifeEvent(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// ids lists the steps; those that apply only perhaps with a question mark.
func ids(plan *portalv1.PlanLifeEventResponse) string {
	var list []string
	for _, s := range plan.GetSteps() {
		if s.GetPerhaps() {
			list = append(list, s.GetId()+"?")
			continue
		}
		list = append(list, s.GetId())
	}
	return strings.Join(list, " ")
}

func questions(plan *portalv1.PlanLifeEventResponse) string {
	var list []string
	for _, q := range plan.GetQuestions() {
		list = append(list, q.GetId())
	}
	return strings.Join(list, " ")
}

func TestAPlanNarrowsWithEveryAnswer(t *testing.T) {
	for _, c := range []struct {
		answers   map[string]string
		questions string
		complete  bool
		steps     string
	}{
		{
			nil, "stage", false, "P0015? P0061? P0058? work-insurance? P0079? P0001? P0064? P0063? P0059? P0062? " +
				"P0060? P0065?",
		},
		{map[string]string{"stage": "pregnant"}, "stage handbook", false, "P0015? P0061 P0060?"},
		{map[string]string{"stage": "pregnant", "handbook": "yes"}, "stage handbook", true, "P0061 P0060?"},
		{
			map[string]string{"stage": "born", "handbook": "no", "insurance": "work"},
			"stage birthday insurance special", false, "P0058 work-insurance P0001 P0064 P0059? P0062? P0060? P0065?",
		},
		{
			map[string]string{"stage": "born", "birthday": "2026-11-10", "insurance": "national", "special": ""},
			"stage birthday insurance special", true,
			"P0058 P0079 P0001 P0064 P0063? P0060?",
		},
		{
			map[string]string{"stage": "born", "birthday": "", "insurance": "work", "special": "small single"},
			"stage birthday insurance special", true, "P0058 work-insurance P0001 P0064 P0059 P0060? P0065",
		},
	} {
		plan := planned(t, c.answers)
		if questions(plan) != c.questions || plan.GetComplete() != c.complete || ids(plan) != c.steps {
			t.Errorf("%v asks %s, complete %v, and gives\n%s, want\n%s, %v\n%s", c.answers, questions(plan),
				plan.GetComplete(), ids(plan), c.questions, c.complete, c.steps)
		}
	}
}

func TestAPlanHasDaysAndPlaces(t *testing.T) {
	plan := planned(t, map[string]string{
		"stage": "born", "birthday": "2026-11-10", "insurance": "national", "special": "",
	})
	due := map[string]string{}
	for _, s := range plan.GetSteps() {
		due[s.GetId()] = s.GetDue().GetLast()
		if s.GetRegistered() != (s.GetId() == "P0058") || s.GetOnline() != s.GetRegistered() {
			t.Errorf("%s: registered %v, online %v", s.GetId(), s.GetRegistered(), s.GetOnline())
		}
	}
	// 14 days with the day of birth end on the 23rd, a holiday; 15 days after it on the 25th.
	if due["P0058"] != "2026-11-24" || due["P0001"] != "2026-11-25" || due["P0064"] != "" {
		t.Error(due)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	s := guide.New(nil, registry{})
	for name, request := range map[string]*portalv1.PlanLifeEventRequest{
		"no event":      {Event: "party"},
		"no place":      {Event: "birth", PlaceCode: "131106"},
		"no question":   {Event: "birth", Answers: []*portalv1.Answer{{Question: "colour", Value: "red"}}},
		"no option":     {Event: "birth", Answers: []*portalv1.Answer{{Question: "stage", Value: "<script>"}}},
		"two of one":    {Event: "birth", Answers: []*portalv1.Answer{{Question: "stage", Value: "born pregnant"}}},
		"no day":        {Event: "birth", Answers: []*portalv1.Answer{{Question: "birthday", Value: "2026-02-30"}}},
		"a day of yore": {Event: "birth", Answers: []*portalv1.Answer{{Question: "birthday", Value: "0001-01-01"}}},
		"too many": {
			Event: "birth", Answers: slices.Repeat([]*portalv1.Answer{{Question: "stage", Value: "born"}}, 100),
		},
	} {
		_, err := ruletest.Call(t.Context(), s.PlanLifeEvent, request)
		if connect.CodeOf(err) != connect.CodeInvalidArgument && connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheToDoListIsThePersonsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		s := guide.New(d, registry{})
		hanako, taro := accesstest.AsCitizen(t.Context(), "hanako"), accesstest.AsCitizen(t.Context(), "taro")
		added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{
			{Event: "birth", PlaceCode: "131105", Number: "P0058", Title: "出生届", Due: "2026-11-24"},
			{Title: "電話をかける"},
			{PlaceCode: "131105", Number: "P0001", Title: "児童手当", Due: "2026-11-20"},
		}})
		if err != nil || added.GetAdded() != 3 {
			t.Fatal(added, err)
		}
		again, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{
			Tasks: []*portalv1.Task{{PlaceCode: "131105", Number: "P0058", Title: "別の名前"}, {Title: "電話をかける"}},
		})
		if err != nil || again.GetAdded() != 0 || len(again.GetTasks()) != 3 {
			t.Fatal(again, err)
		}
		first := again.GetTasks()[0]
		if first.GetTitle() != "児童手当" || again.GetTasks()[2].GetTitle() != "電話をかける" {
			t.Errorf("the order is %v", again.GetTasks())
		}
		updated, err := s.UpdateTask(hanako, &portalv1.UpdateTaskRequest{
			Id: first.GetId(), Done: true, Due: first.GetDue(),
		})
		if err != nil || updated.GetTask().GetDoneAt() == 0 {
			t.Fatal(updated, err)
		}
		list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{})
		if err != nil || list.GetTasks()[0].GetTitle() != "出生届" || list.GetTasks()[2].GetTitle() != "児童手当" {
			t.Errorf("what is done is last: %v, %v", list, err)
		}

		// Another person sees nothing of it and changes nothing.
		if list, err := s.ListTasks(taro, &portalv1.ListTasksRequest{}); err != nil || len(list.GetTasks()) != 0 {
			t.Error(list, err)
		}
		if _, err := s.UpdateTask(taro, &portalv1.UpdateTaskRequest{
			Id: first.GetId(),
		}); connect.CodeOf(err) != connect.CodeNotFound {
			t.Error(err)
		}
		if _, err := s.RemoveTask(taro, &portalv1.RemoveTaskRequest{Id: first.GetId()}); err != nil {
			t.Error(err)
		}
		for range 2 { // sent twice, it is removed once
			if _, err := s.RemoveTask(hanako, &portalv1.RemoveTaskRequest{Id: list.GetTasks()[0].GetId()}); err != nil {
				t.Error(err)
			}
		}
		if list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{}); err != nil || len(list.GetTasks()) != 2 {
			t.Error(list, err)
		}
	})
}

func TestTasksThatAreNone(t *testing.T) {
	d := dbtest.SQLite(t)
	foldertest.Open(t, d, "hanako")
	s, hanako := guide.New(d, registry{}), accesstest.AsCitizen(t.Context(), "hanako")
	for name, task := range map[string]*portalv1.Task{
		"no title": {Title: " "}, "long": {Title: strings.Repeat("長", 121)}, "nothing seen": {Title: "\u200b\u3164"},
		"外字": {Title: "a\ue000b"}, "place": {Title: "a", PlaceCode: "1"}, "number": {Title: "a", Number: "p'--"},
		"event": {Title: "a", Event: "A B"}, "due": {Title: "a", Due: "tomorrow"}, "done": {Title: "a", DoneAt: -1},
	} {
		_, err := ruletest.Call(hanako, s.AddTasks, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{task}})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	cleaned, err := ruletest.Call(hanako, s.AddTasks, &portalv1.AddTasksRequest{
		Tasks: []*portalv1.Task{{Title: "印鑑\u200bを\u202e買う\n"}},
	})
	if err != nil || cleaned.GetTasks()[0].GetTitle() != "印鑑を買う" {
		t.Errorf("what cannot be seen is left out: %v, %v", cleaned, err)
	}
	if _, err := s.RemoveTask(hanako, &portalv1.RemoveTaskRequest{Id: cleaned.GetTasks()[0].GetId()}); err != nil {
		t.Fatal(err)
	}
	var many []*portalv1.Task
	for i := range 300 {
		many = append(many, &portalv1.Task{Title: time.Unix(int64(i), 0).UTC().Format(time.RFC3339)})
	}
	for part := range slices.Chunk(many, 50) {
		if _, err := ruletest.Call(hanako, s.AddTasks, &portalv1.AddTasksRequest{Tasks: part}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{
		Tasks: []*portalv1.Task{{Title: "one more"}},
	}); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Error(err)
	}
	if list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{}); err != nil || len(list.GetTasks()) != 300 {
		t.Error(len(list.GetTasks()), err)
	}
}

// A page without a network names what it adds, and goes on with it by that name.
func TestATaskMayBringItsName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		s := guide.New(d, registry{})
		hanako, taro := accesstest.AsCitizen(t.Context(), "hanako"), accesstest.AsCitizen(t.Context(), "taro")
		const own = "ABCDEFGHIJKLMNOPQRSTUVWX27"
		task := func(title string) *portalv1.AddTasksRequest {
			return &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Id: own, Title: title}}}
		}
		if got, err := s.AddTasks(hanako, task("電話")); err != nil || got.GetTasks()[0].GetId() != own {
			t.Fatal(got, err)
		}
		// The same name in another folder is another task, in the same folder no second one.
		if got, err := s.AddTasks(taro, task("手紙")); err != nil || got.GetAdded() != 1 {
			t.Error(got, err)
		}
		if got, err := s.AddTasks(hanako, task("手紙")); err != nil || got.GetAdded() != 0 ||
			got.GetTasks()[0].GetTitle() != "電話" {
			t.Error(got, err)
		}
		for _, id := range []string{
			"short", "ABCDEFGHIJKLMNOPQRSTUVWX2", "abcdefghijklmnopqrstuvwx27", own + "A",
			"../../../../../../../../../x",
		} {
			_, err := ruletest.Call(hanako, s.AddTasks, &portalv1.AddTasksRequest{
				Tasks: []*portalv1.Task{{Id: id, Title: "x"}},
			})
			if connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

// What was changed elsewhere meanwhile is not overwritten by who did not know of it.
func TestAChangeOfWhatWasChangedElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		s := guide.New(d, registry{})
		hanako := accesstest.AsCitizen(t.Context(), "hanako")
		added, err := s.AddTasks(hanako, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "電話"}}})
		if err != nil {
			t.Fatal(err)
		}
		id := added.GetTasks()[0].GetId()
		change := func(was *string, day string) (*portalv1.UpdateTaskResponse, error) {
			request := &portalv1.UpdateTaskRequest{Id: id, Change: &portalv1.TaskChange{OwnDue: &day}}
			if was != nil {
				request.Was = &portalv1.TaskChange{OwnDue: was}
			}
			return s.UpdateTask(hanako, request)
		}
		for _, c := range []struct {
			was  *string
			day  string
			want string // that it is then
		}{
			{new(""), "2026-12-01", "2026-12-01"},
			{new(""), "2026-12-02", "2026-12-01"},           // was changed since
			{new(""), "2026-12-01", "2026-12-01"},           // is as it is to be
			{new("2026-12-01"), "2026-12-03", "2026-12-03"}, // known
			{nil, "2026-12-04", "2026-12-04"},               // does not say what it knows
		} {
			_, err := change(c.was, c.day)
			var failed *connect.Error
			refused := c.want != c.day
			if errors.As(err, &failed) != refused || refused && failed.Code() != connect.CodeAborted {
				t.Errorf("to %s: %v", c.day, err)
			}
			list, err := s.ListTasks(hanako, &portalv1.ListTasksRequest{})
			if err != nil || list.GetTasks()[0].GetOwnDue() != c.want {
				t.Errorf("to %s: %v, %v", c.day, list, err)
			}
		}
		// A tick takes no day for another.
		ticked, err := s.UpdateTask(hanako, &portalv1.UpdateTaskRequest{
			Id: id, Change: &portalv1.TaskChange{Done: new(true)}, Was: &portalv1.TaskChange{OwnDue: new("2026-01-01")},
		})
		if err != nil || ticked.GetTask().GetDoneAt() == 0 {
			t.Error(ticked, err)
		}
	})
}
