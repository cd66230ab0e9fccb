package guide

import (
	"slices"
	"strings"

	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/todo"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// answers are what was answered so far: by question an option's id, several separated by blanks, or a day. Empty is
// left open, or none of several; what has no answer yet is not in it. What is not asked any more stays, in case it is
// asked again.
type answers map[string]string

// request asks for the plan by these answers. A day that is still being typed is none yet.
func (a answers) request(event, placeCode string) *portalv1.PlanLifeEventRequest {
	request := &portalv1.PlanLifeEventRequest{Event: event, PlaceCode: placeCode}
	var questions []string
	for question := range a {
		questions = append(questions, question)
	}
	slices.Sort(questions)
	for _, question := range questions {
		request.Answers = append(request.Answers, &portalv1.Answer{Question: question, Value: a[question]})
	}
	return request
}

// answersIn are those that a plan was asked for with.
func answersIn(request *portalv1.PlanLifeEventRequest) answers {
	given := answers{}
	for _, a := range request.GetAnswers() {
		given[a.GetQuestion()] = a.GetValue()
	}
	return given
}

// chose says whether an option is among the answer to a question.
func (a answers) chose(question, option string) bool {
	return slices.Contains(strings.Fields(a[question]), option)
}

// leftOpen says that a question was answered with nothing.
func (a answers) leftOpen(question string) bool {
	value, answered := a[question]
	return answered && value == ""
}

// toggle puts one of several options into the answer, or takes it away. Taking away the last one leaves the question
// unanswered: none of them is an answer of its own.
func (a answers) toggle(q *portalv1.Question, option string, on bool) {
	var chosen []string
	for _, o := range q.GetOptions() { // in the order of the question
		if o.GetId() == option && on || o.GetId() != option && a.chose(q.GetId(), o.GetId()) {
			chosen = append(chosen, o.GetId())
		}
	}
	if len(chosen) == 0 {
		delete(a, q.GetId())
		return
	}
	a[q.GetId()] = strings.Join(chosen, " ")
}

// setDay takes a day as it is typed, and says whether the answer changed.
func (a answers) setDay(question, day string) bool {
	before, answered := a[question]
	if !todo.IsDay(day) {
		delete(a, question)
		return answered && before != ""
	}
	a[question] = day
	return before != day
}

// count is how many of the questions are answered or left open.
func (a answers) count(questions []*portalv1.Question) int {
	n := 0
	for _, q := range questions {
		if _, answered := a[q.GetId()]; answered {
			n++
		}
	}
	return n
}

// at is where a question stands, 0 when it is not asked (any more).
func at(questions []*portalv1.Question, id string) int {
	return max(0, slices.IndexFunc(questions, func(q *portalv1.Question) bool { return q.GetId() == id }))
}

// split parts the steps that apply from those that apply perhaps, in their order.
func split(steps []*portalv1.PlanStep) (sure, perhaps []*portalv1.PlanStep) {
	for _, s := range steps {
		if s.GetPerhaps() {
			perhaps = append(perhaps, s)
			continue
		}
		sure = append(sure, s)
	}
	return sure, perhaps
}

// stepPath is the address of a step's procedure; empty for what is none of the catalogue's.
func stepPath(s *portalv1.PlanStep, placeCode string) string {
	if s.GetNumber() == "" {
		return ""
	}
	return catalog.Path(placeCode, s.GetNumber())
}

// taskOf is a step as it goes on the to-do list, with all that is known of it.
func taskOf(s *portalv1.PlanStep, event *portalv1.LifeEvent, place *portalv1.Place, title string) *portalv1.Task {
	t := &portalv1.Task{
		Event: event.GetId(), EventTitle: event.GetTitle(), Title: title, Where: s.GetWhere(),
		Deadline:     s.GetDeadline(),
		DeadlineRule: s.GetDeadlineRule(), DayQuestion: s.GetDayQuestion(), EventDay: s.GetEventDay(),
		LegalDue: s.GetDue(), By: s.GetBy(),
	}
	if s.GetNumber() != "" {
		t.PlaceCode, t.PlaceName, t.Number = place.GetCode(), place.GetName(), s.GetNumber()
		t.PlaceEnglish = place.GetEnglish()
	}
	if s.GetDeadlineRule() == nil { // of a plan that was kept before steps had their rules
		t.OwnDue, t.LegalDue = s.GetDue().GetLast(), nil
	}
	return t
}
