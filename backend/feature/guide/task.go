package guide

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// ListTasks gives the whole list: what is due first, what is done last.
func (s *Service) ListTasks(ctx context.Context, _ *portalv1.ListTasksRequest) (*portalv1.ListTasksResponse, error) {
	tasks, err := list(ctx, s.db.Read(), access.Subject(ctx))
	if err != nil {
		return nil, err
	}
	return &portalv1.ListTasksResponse{Tasks: tasks}, nil
}

func list(ctx context.Context, q *db.Queries, folder string) ([]*portalv1.Task, error) {
	rows, err := q.TaskList(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading the to-do list: %w", err)
	}
	tasks := make([]*portalv1.Task, len(rows))
	for i, r := range rows {
		if tasks[i], err = task(r); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(tasks, func(a, b *portalv1.Task) int {
		return cmp.Or(cmp.Compare(a.GetDoneAt(), b.GetDoneAt()), rule.CompareDue(a.GetDue(), b.GetDue()))
	})
	return tasks, nil
}

// task is a row as it passes. What its deadline comes to is computed each time, by the rule as it was remembered.
func task(r db.Task) (*portalv1.Task, error) {
	t := &portalv1.Task{}
	if err := proto.Unmarshal(r.Remembered, t); err != nil {
		return nil, fmt.Errorf("reading what a task takes along: %w", err)
	}
	t.Id, t.Event, t.PlaceCode, t.Number, t.Title = r.ID, r.Event, r.PlaceCode, r.Number, r.Title
	t.DoneAt, t.AddedAt, t.OwnDue, t.EventDay = r.DoneAt, r.AddedAt, r.Due, r.EventDay
	deadline := catalog.ReadDeadline(t.GetDeadline(), t.GetDeadlineRule())
	t.DayQuestion = dayQuestion(deadline)
	day := clock.Today(time.UnixMilli(r.AddedAt)) // the window of a year stays that of the year
	if deadline.Yearly == "" {
		day, _ = rule.Day(r.EventDay)
	}
	if due, ok := deadline.Due(day); ok && !day.IsZero() {
		t.LegalDue = due.Message()
	}
	t.Due = rule.FirstDue(t.GetOwnDue(), t.GetLegalDue().GetLast())
	if m, ok := municipality.ByCode(r.PlaceCode); ok {
		t.PlaceName, t.PlaceEnglish = m.Name, municipality.English(m.Code)
	}
	e, _ := eventOf(r.Event)
	if e != nil {
		t.EventTitle = local(e.Title)
	}
	t.By = local(fewWords(t, e))
	return t, nil
}

// fewWords are a task's deadline in a few words, of all languages: its event's, or those of the whole country where the
// deadline says what theirs does. e may be nil.
func fewWords(t *portalv1.Task, e *event) catalog.Text {
	if t.GetDeadline() == "" {
		return catalog.Text{}
	}
	if e != nil {
		for _, s := range e.Steps {
			if s.Procedure == t.GetNumber() && s.Deadline.Text == t.GetDeadline() && whole(s.By) {
				return s.By
			}
		}
	}
	d, _ := catalog.ByNumber(t.GetNumber())
	if by, same := d.ByOf(t.GetDeadline()); same {
		return by
	}
	return catalog.Text{}
}

// remembered is what a task takes along that has no column of its own.
func remembered(t *portalv1.Task) ([]byte, error) {
	along, err := proto.Marshal(&portalv1.Task{
		Deadline: t.GetDeadline(), DeadlineRule: t.GetDeadlineRule(), Where: t.GetWhere(),
	})
	if err != nil {
		return nil, fmt.Errorf("writing what a task takes along: %w", err)
	}
	return along, nil
}

var errTooMany = errors.New("the list is full")

// AddTasks puts tasks on the list; what stands there already stays as it is.
func (s *Service) AddTasks(ctx context.Context, request *portalv1.AddTasksRequest) (*portalv1.AddTasksResponse, error) {
	for i, t := range request.GetTasks() {
		t.Title = plaintext.Clean(t.GetTitle())
		if field, err := wrong(t); err != nil {
			return nil, access.Invalid(ctx, fmt.Sprintf("tasks[%d].%s", i, field), err)
		}
	}
	folder := access.Subject(ctx)
	response := &portalv1.AddTasksResponse{}
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		count, err := q.TaskCount(ctx, folder)
		if err != nil {
			return fmt.Errorf("counting the to-do list: %w", err)
		}
		response.Added = 0
		for _, t := range request.GetTasks() {
			done := int64(0)
			if t.GetDoneAt() > 0 {
				done = min(t.GetDoneAt(), s.now().UnixMilli())
			}
			along, err := remembered(t)
			if err != nil {
				return err
			}
			n, err := q.TaskAdd(ctx, db.TaskAddParams{
				FolderID: folder, ID: cmp.Or(t.GetId(), rand.Text()), Event: t.GetEvent(), PlaceCode: t.GetPlaceCode(),
				Number: t.GetNumber(), Title: t.GetTitle(),
				Due: t.GetDue(), DoneAt: done, AddedAt: s.now().UnixMilli(), Same: rule.SameTask(t), Remembered: along,
				EventDay: t.GetEventDay(),
			})
			if err != nil {
				return fmt.Errorf("adding to the to-do list: %w", err)
			}
			response.Added += int32(n)
			if count += n; count > rule.MaxTasks {
				return errTooMany
			}
		}
		if response.Tasks, err = list(ctx, q, folder); err != nil || response.Added == 0 {
			return err
		}
		return changed(ctx, q, folder, "")
	})
	if errors.Is(err, errTooMany) {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "tasks", err)
	}
	if err != nil {
		return nil, err
	}
	return response, nil
}

// wrong names the field that does not go with another, and why; what each may be by itself stands in the contract.
func wrong(t *portalv1.Task) (string, error) {
	if t.GetDeadlineRule() != nil {
		if err := catalog.ReadDeadline(t.GetDeadline(), t.GetDeadlineRule()).Check(); err != nil {
			return "deadline_rule", err
		}
	}
	if t.GetEventDay() != "" && t.GetDeadlineRule().GetFrom() == "" {
		return "event_day", errNoRule
	}
	return "", nil
}

// UpdateTask ticks a task off or takes the tick away, and changes its days. A task ticked off stays ticked off since
// when it was.
func (s *Service) UpdateTask(
	ctx context.Context, request *portalv1.UpdateTaskRequest,
) (*portalv1.UpdateTaskResponse, error) {
	folder := access.Subject(ctx)
	response := &portalv1.UpdateTaskResponse{}
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		row, err := q.TaskGet(ctx, db.TaskGetParams{FolderID: folder, ID: request.GetId()})
		if err != nil {
			return err
		}
		before, err := task(row)
		if err != nil {
			return err
		}
		change := changeOf(request, before)
		if change.GetEventDay() != "" && before.GetDeadlineRule().GetFrom() == "" {
			return errNoRule
		}
		if field := changedSince(request.GetWas(), change, before); field != "" {
			return changedElsewhere{field}
		}
		s.apply(change, &row)
		_, err = q.TaskUpdate(ctx, db.TaskUpdateParams{
			FolderID: folder, ID: row.ID, DoneAt: row.DoneAt, Due: row.Due, EventDay: row.EventDay,
		})
		if err != nil {
			return err
		}
		if response.Task, err = task(row); err != nil {
			return err
		}
		return changed(ctx, q, folder, row.ID)
	})
	var elsewhere changedElsewhere
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, access.NotFound(ctx, "id", nil)
	case errors.As(err, &elsewhere):
		return nil, access.Changed(ctx, "change."+elsewhere.field)
	case errors.Is(err, errNoRule):
		return nil, access.Invalid(ctx, "change.event_day", err)
	case err != nil:
		return nil, fmt.Errorf("changing a task: %w", err)
	}
	return response, nil
}

// errNoRule says that a day was given for a deadline that counts from none.
var errNoRule = errors.New("the deadline counts from no day")

// changedElsewhere says that a day is not what the page took it to be.
type changedElsewhere struct{ field string }

func (c changedElsewhere) Error() string { return c.field + " was changed elsewhere" }

// changedSince names the day that a change would take for another than it is; "" when there is none. One that is as it
// is asked to be is no trouble.
func changedSince(was, change *portalv1.TaskChange, now *portalv1.Task) string {
	differs := func(was, wanted *string, now string) bool {
		return was != nil && wanted != nil && *was != now && *wanted != now
	}
	switch {
	case was == nil:
		return ""
	case differs(was.OwnDue, change.OwnDue, now.GetOwnDue()):
		return "own_due"
	case differs(was.EventDay, change.EventDay, now.GetEventDay()):
		return "event_day"
	}
	return ""
}

// changeOf is what a request changes. A page from before there was a change sends everything, and for the day the one
// that it shows.
func changeOf(request *portalv1.UpdateTaskRequest, before *portalv1.Task) *portalv1.TaskChange {
	if request.GetChange() != nil {
		return request.GetChange()
	}
	change := &portalv1.TaskChange{Done: new(request.GetDone())}
	if request.GetDue() != before.GetDue() {
		change.OwnDue = new(request.GetDue())
	}
	return change
}

func (s *Service) apply(change *portalv1.TaskChange, row *db.Task) {
	if change.Done != nil && !change.GetDone() {
		row.DoneAt = 0
	}
	if change.GetDone() && row.DoneAt == 0 {
		row.DoneAt = s.now().UnixMilli()
	}
	if change.OwnDue != nil {
		row.Due = change.GetOwnDue()
	}
	if change.EventDay != nil {
		row.EventDay = change.GetEventDay()
	}
}

// GetDeadline computes the last day for a list that is not in a folder. Nothing is kept.
func (s *Service) GetDeadline(
	ctx context.Context, request *portalv1.GetDeadlineRequest,
) (*portalv1.GetDeadlineResponse, error) {
	deadline := catalog.ReadDeadline("-", request.GetRule())
	if deadline.From == "" {
		return nil, access.Invalid(ctx, "rule", errNoRule)
	}
	if err := deadline.Check(); err != nil {
		return nil, access.Invalid(ctx, "rule", err)
	}
	day, _ := rule.Day(request.GetEventDay())
	due, _ := deadline.Due(day) // a rule that counts from a day has one
	return &portalv1.GetDeadlineResponse{Due: due.Message()}, nil
}

// RemoveTask takes a task off the list; one that is not there is no error, so that it can be sent again.
func (s *Service) RemoveTask(
	ctx context.Context, request *portalv1.RemoveTaskRequest,
) (*portalv1.RemoveTaskResponse, error) {
	folder := access.Subject(ctx)
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		removed, err := q.TaskRemove(ctx, db.TaskRemoveParams{FolderID: folder, ID: request.GetId()})
		if err != nil || removed == 0 {
			return err
		}
		return changed(ctx, q, folder, request.GetId())
	})
	if err != nil {
		return nil, fmt.Errorf("removing a task: %w", err)
	}
	return &portalv1.RemoveTaskResponse{}, nil
}

// Filed ticks off, in the transaction of q, what a person had to do about a procedure that was applied for.
func Filed(ctx context.Context, q *db.Queries, folder, place, procedure string, at time.Time) error {
	rows, err := q.TaskList(ctx, folder)
	if err != nil {
		return fmt.Errorf("reading what a person has to do: %w", err)
	}
	for _, row := range rows {
		if row.Number != procedure || row.DoneAt > 0 || row.PlaceCode != place && row.PlaceCode != "" {
			continue
		}
		_, err := q.TaskUpdate(ctx, db.TaskUpdateParams{
			FolderID: folder, ID: row.ID, DoneAt: at.UnixMilli(), Due: row.Due, EventDay: row.EventDay,
		})
		if err != nil {
			return fmt.Errorf("ticking off what was applied for: %w", err)
		}
		if err := changed(ctx, q, folder, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// changed has the person's other pages look at the list again.
func changed(ctx context.Context, q *db.Queries, folder, id string) error {
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_TODO, id)
}
