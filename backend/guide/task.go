package guide

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/catalog"
	"madoguchi/backend/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// ListTasks gives the whole list: what is due first, what is done last.
func (s *Service) ListTasks(ctx context.Context, _ *portalv1.ListTasksRequest) (*portalv1.ListTasksResponse, error) {
	tasks, err := list(ctx, s.db.Read(), access.FromContext(ctx).FolderID)
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
	var open, undated, done []*portalv1.Task
	for _, r := range rows {
		t := task(r)
		switch {
		case r.DoneAt > 0:
			done = append(done, t)
		case r.Due == "":
			undated = append(undated, t)
		default:
			open = append(open, t)
		}
	}
	return append(append(open, undated...), done...), nil
}

func task(r db.Task) *portalv1.Task {
	return &portalv1.Task{
		Id: r.ID, Event: r.Event, PlaceCode: r.PlaceCode, Number: r.Number, Title: r.Title, Due: r.Due, DoneAt: r.DoneAt, AddedAt: r.AddedAt,
	}
}

var errTooMany = errors.New("the list is full")

// AddTasks puts tasks on the list; what stands there already stays as it is.
func (s *Service) AddTasks(ctx context.Context, request *portalv1.AddTasksRequest) (*portalv1.AddTasksResponse, error) {
	if n := len(request.GetTasks()); n == 0 || n > rule.TasksAtOnce {
		return nil, invalid(ctx, "tasks")
	}
	for i, t := range request.GetTasks() {
		t.Title = plaintext.Clean(t.GetTitle())
		if field := wrong(t); field != "" {
			return nil, invalid(ctx, fmt.Sprintf("tasks[%d].%s", i, field))
		}
	}
	folder := access.FromContext(ctx).FolderID
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
			n, err := q.TaskAdd(ctx, db.TaskAddParams{
				FolderID: folder, ID: rand.Text(), Event: t.GetEvent(), PlaceCode: t.GetPlaceCode(), Number: t.GetNumber(), Title: t.GetTitle(), Due: t.GetDue(),
				DoneAt: done, AddedAt: s.now().UnixMilli(), Same: rule.SameTask(t),
			})
			if err != nil {
				return fmt.Errorf("adding to the to-do list: %w", err)
			}
			response.Added += int32(n) //nolint:gosec // one at most
			if count += n; count > rule.MaxTasks {
				return errTooMany
			}
		}
		response.Tasks, err = list(ctx, q, folder)
		return err
	})
	if errors.Is(err, errTooMany) {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "tasks", err)
	}
	if err != nil {
		return nil, err
	}
	return response, nil
}

// wrong names the field that cannot be; "" when all is well.
func wrong(t *portalv1.Task) string {
	switch {
	case utf8.RuneCountInString(t.GetTitle()) > rule.MaxTaskTitle || plaintext.Name(t.GetTitle()) != nil:
		return "title"
	case t.GetPlaceCode() != "" && !catalog.IsPlace(t.GetPlaceCode()):
		return "place_code"
	case t.GetNumber() != "" && !rule.ProcedureNumber(t.GetNumber()):
		return "number"
	case len(t.GetEvent()) > 20 || strings.Trim(t.GetEvent(), "abcdefghijklmnopqrstuvwxyz") != "":
		return "event"
	case !isDue(t.GetDue()):
		return "due"
	case t.GetDoneAt() < 0:
		return "done_at"
	}
	return ""
}

func isDue(s string) bool {
	if s == "" {
		return true
	}
	_, ok := rule.Day(s)
	return ok
}

func invalid(ctx context.Context, field string) error {
	return access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, nil)
}

// UpdateTask ticks a task off or takes the tick away, and changes its day. A task ticked off stays ticked off since when it was.
func (s *Service) UpdateTask(ctx context.Context, request *portalv1.UpdateTaskRequest) (*portalv1.UpdateTaskResponse, error) {
	if !isDue(request.GetDue()) {
		return nil, invalid(ctx, "due")
	}
	folder := access.FromContext(ctx).FolderID
	var updated db.Task
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		var err error
		if updated, err = q.TaskGet(ctx, db.TaskGetParams{FolderID: folder, ID: request.GetId()}); err != nil {
			return err
		}
		switch {
		case !request.GetDone():
			updated.DoneAt = 0
		case updated.DoneAt == 0:
			updated.DoneAt = s.now().UnixMilli()
		}
		updated.Due = request.GetDue()
		_, err = q.TaskUpdate(ctx, db.TaskUpdateParams{FolderID: folder, ID: updated.ID, DoneAt: updated.DoneAt, Due: updated.Due})
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.Error(ctx, connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, "id", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("changing a task: %w", err)
	}
	return &portalv1.UpdateTaskResponse{Task: task(updated)}, nil
}

// RemoveTask takes a task off the list; one that is not there is no error, so that it can be sent again.
func (s *Service) RemoveTask(ctx context.Context, request *portalv1.RemoveTaskRequest) (*portalv1.RemoveTaskResponse, error) {
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		_, err := q.TaskRemove(ctx, db.TaskRemoveParams{FolderID: access.FromContext(ctx).FolderID, ID: request.GetId()})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("removing a task: %w", err)
	}
	return &portalv1.RemoveTaskResponse{}, nil
}
