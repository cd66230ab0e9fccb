package guide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Registry tells what places have registered.
type Registry interface {
	Registered(ctx context.Context, place string, definitions []string) (map[string]index.Hit, error)
}

// Service implements portal.v1's GuideService.
type Service struct {
	db       *db.DB
	registry Registry
	now      func() time.Time
}

// New makes the service.
func New(d *db.DB, r Registry) *Service { return &Service{d, r, time.Now} }

func local(t catalog.Text) *portalv1.LocalText {
	if t == (catalog.Text{}) {
		return nil
	}
	return &portalv1.LocalText{Ja: t.Ja, En: t.En, Easy: t.Easy}
}

// dayQuestion asks for the day from which a deadline counts; nil when it counts from none.
func dayQuestion(d catalog.Deadline) *portalv1.LocalText {
	day, _ := catalog.Event(d.From)
	return local(day)
}

// ListLifeEvents lists the events there are.
func (s *Service) ListLifeEvents(
	context.Context, *portalv1.ListLifeEventsRequest,
) (*portalv1.ListLifeEventsResponse, error) {
	all, err := events()
	if err != nil {
		return nil, err
	}
	response := &portalv1.ListLifeEventsResponse{}
	for _, e := range all {
		response.Events = append(response.Events, e.head())
	}
	return response, nil
}

// eventOf finds an event by its id.
func eventOf(id string) (*event, bool) {
	all, err := events()
	if err != nil {
		return nil, false
	}
	at := slices.IndexFunc(all, func(e *event) bool { return e.ID == id })
	if at < 0 {
		return nil, false
	}
	return all[at], true
}

func (e *event) head() *portalv1.LifeEvent {
	return &portalv1.LifeEvent{Id: e.ID, Title: local(e.Title), Summary: local(e.Summary)}
}

// PlanLifeEvent says what is to be asked and what applies. Nothing of it is kept.
func (s *Service) PlanLifeEvent(
	ctx context.Context, request *portalv1.PlanLifeEventRequest,
) (*portalv1.PlanLifeEventResponse, error) {
	if _, err := events(); err != nil {
		return nil, err
	}
	e, ok := eventOf(request.GetEvent())
	if !ok {
		return nil, access.NotFound(ctx, "event", nil)
	}
	if request.GetPlaceCode() != "" && !catalog.IsPlace(request.GetPlaceCode()) {
		return nil, access.NotFound(ctx, "place_code", nil)
	}
	given, answered, err := e.read(request.GetAnswers())
	if err != nil {
		return nil, access.Invalid(ctx, "answers", err)
	}
	p := e.plan(given, answered, clock.Today(s.now()))
	response := &portalv1.PlanLifeEventResponse{Event: e.head(), Complete: p.complete}
	for _, q := range p.questions {
		shown := &portalv1.Question{
			Id: q.ID, Text: local(q.Text), Hint: local(q.Hint), Several: q.Several, Optional: q.Optional,
		}
		for _, o := range q.Options {
			shown.Options = append(shown.Options, &portalv1.Question_Option{Id: o.ID, Label: local(o.Label)})
		}
		response.Questions = append(response.Questions, shown)
	}
	if response.Steps, err = s.steps(ctx, request.GetPlaceCode(), p.steps); err != nil {
		return nil, err
	}
	return response, nil
}

// read checks the answers. One to a question that the event does not have is an error; one that is not asked any more
// is left out later.
func (e *event) read(list []*portalv1.Answer) (given answers, answered map[string]bool, err error) {
	given, answered = answers{}, map[string]bool{}
	for _, a := range list {
		var q *question
		for i := range e.Questions {
			if e.Questions[i].ID == a.GetQuestion() {
				q = &e.Questions[i]
			}
		}
		if q == nil {
			return nil, nil, errors.New("an answer to no question of this event")
		}
		values := strings.Fields(a.GetValue())
		if len(values) == 0 && !q.Optional && !q.Several {
			continue
		}
		if len(values) > 1 && !q.Several {
			return nil, nil, fmt.Errorf("question %s takes one answer", q.ID)
		}
		for _, v := range values {
			if err := q.takes(v); err != nil {
				return nil, nil, err
			}
		}
		if len(values) == 0 && q.Several {
			values = []string{"-"} // none of them: decided, and no option's id
		}
		given[q.ID], answered[q.ID] = values, true
	}
	return given, answered, nil
}

func (q *question) takes(value string) error {
	if q.Day {
		if _, ok := rule.Day(value); !ok {
			return fmt.Errorf("question %s asks for a day", q.ID)
		}
		return nil
	}
	for _, o := range q.Options {
		if o.ID == value {
			return nil
		}
	}
	return fmt.Errorf("question %s has no such option", q.ID)
}

func (s *Service) steps(ctx context.Context, place string, list []planned) ([]*portalv1.PlanStep, error) {
	var numbers []string
	for _, p := range list {
		if p.Procedure != "" {
			numbers = append(numbers, p.Procedure)
		}
	}
	registered := map[string]index.Hit{}
	if place != "" {
		var err error
		if registered, err = s.registry.Registered(ctx, place, numbers); err != nil {
			return nil, err
		}
	}
	var steps []*portalv1.PlanStep
	for _, p := range list {
		shown := &portalv1.PlanStep{
			Id: p.ID, Number: p.Procedure, Title: local(p.Title), Why: local(p.Why), Where: local(p.Where),
			Deadline: p.Deadline.Text, Perhaps: p.perhaps,
		}
		if hit, ok := registered[p.Procedure]; ok && p.Procedure != "" {
			shown.Registered, shown.Online, shown.Number = true, hit.Online, hit.Number
		}
		if p.By != (catalog.Text{}) {
			shown.By = local(p.By)
		}
		shown.DeadlineRule, shown.DayQuestion = p.Deadline.Rule(), dayQuestion(p.Deadline)
		if p.dated {
			shown.Due = p.due.Message()
		}
		if p.dated && p.Deadline.Yearly == "" {
			shown.EventDay = p.day.Format(time.DateOnly)
		}
		steps = append(steps, shown)
	}
	return steps, nil
}
