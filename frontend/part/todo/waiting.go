package todo

import (
	"cmp"
	"context"
	"slices"

	"madoguchi/proto/wire"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// What is done to the folder's list without a network waits on the device (part/waiting). The list shows it as it will
// be: what the portal gave, and over that what waits.

// taskObject and actionObject name what a write is about.
func taskObject(id string) string   { return "task/" + id }
func actionObject(id string) string { return "action/" + id }

// object is an entry as writes name it.
func (e Entry) object() string {
	if e.Notice != nil {
		return actionObject(e.ID())
	}
	return taskObject(e.ID())
}

// Waits tells how it stands with what was done to an entry.
func Waits(e Entry) waiting.State { return waiting.Of(e.object()) }

// WaitsFor tells how it stands with a procedure that is on the list.
func WaitsFor(placeCode, number string) waiting.State {
	tasks, _ := Known()
	same := rule.SameTask(&portalv1.Task{PlaceCode: placeCode, Number: number})
	for _, t := range tasks {
		if rule.SameTask(t) == same {
			return waiting.Of(taskObject(t.GetId()))
		}
	}
	return waiting.Nothing
}

// declare says what the list's writes mean.
func declare() {
	outbox.OnChange(tell)
	waiting.Declare(portalv1web.GuideServiceAddTasks, waiting.Sort{
		Kind:  outbox.Kind{Subject: subjectOfAdd, Settled: settledAdd, Rename: renamedAdd},
		Words: func(_ []byte, title string) lang.Text { return textDoAdd.F(title) }, Sides: sidesOfAdd,
	})
	waiting.Declare(portalv1web.GuideServiceUpdateTask, waiting.Sort{
		Kind: outbox.Kind{
			Subject: subjectOfUpdate, Settled: settledUpdate,
			Rename: func(request []byte, names map[string]string) []byte {
				return edited(request, func(r *portalv1.UpdateTaskRequest) { r.Id = renamedID(r.GetId(), names) })
			},
			Over: func(request []byte) []byte {
				return edited(request, func(r *portalv1.UpdateTaskRequest) { r.Was = nil })
			},
		},
		Words: wordsOfUpdate, Sides: sidesOfUpdate,
	})
	waiting.Declare(portalv1web.GuideServiceRemoveTask, waiting.Sort{
		Kind: outbox.Kind{
			Subject: subjectOfRemove, Settled: settledRemove,
			Rename: func(request []byte, names map[string]string) []byte {
				return edited(request, func(r *portalv1.RemoveTaskRequest) { r.Id = renamedID(r.GetId(), names) })
			},
		},
		Words: func(_ []byte, title string) lang.Text { return textDoRemove.F(title) }, Sides: sidesOfRemove,
	})
	waiting.Declare(portalv1web.NoticeServiceUpdateAction, waiting.Sort{
		Kind: outbox.Kind{
			Subject: subjectOfAction, Settled: settledAction,
			Over: func(request []byte) []byte {
				return edited(request, func(r *portalv1.UpdateActionRequest) { r.OwnDueWas = nil })
			},
		},
		Words: wordsOfAction, Sides: sidesOfAction,
	})
}

// message is what a request type is, by its pointer.
type message[T any] interface {
	*T
	wire.Message
}

// as reads a request, or an answer; what cannot be read is empty.
func as[T any, M message[T]](data []byte) M {
	m := M(new(T))
	if rpc.Unpack(data, m) != nil {
		return new(T)
	}
	return m
}

func edited[T any, M message[T]](request []byte, edit func(M)) []byte {
	m := as[T, M](request)
	edit(m)
	data, err := rpc.Pack(m)
	if err != nil {
		return request
	}
	return data
}

func renamedID(id string, names map[string]string) string {
	if now, other := names[taskObject(id)]; other {
		return now[len(taskObject("")):]
	}
	return id
}

// titleOf is what the person knows a task by.
func titleOf(id string) string { return find(id).GetTitle() }

func subjectOfAdd(request []byte) outbox.Subject {
	var s outbox.Subject
	for _, t := range as[portalv1.AddTasksRequest](request).GetTasks() {
		s.About = append(s.About, taskObject(t.GetId()))
		s.Title = cmp.Or(s.Title, t.GetTitle())
	}
	s.Makes = s.About
	return s
}

// settledAdd finds what stood on the list already, under another id.
func settledAdd(ctx context.Context, request, answer []byte) (map[string]string, error) {
	listed := as[portalv1.AddTasksResponse](answer).GetTasks()
	who, call := begin()
	if answer == nil {
		response, err := folder().ListTasks(rpc.ByItself(ctx), &portalv1.ListTasksRequest{})
		if err != nil {
			return nil, err
		}
		listed = response.GetTasks()
	}
	names := map[string]string{}
	for _, t := range as[portalv1.AddTasksRequest](request).GetTasks() {
		same := rule.SameTask(t)
		for _, other := range listed {
			if rule.SameTask(other) == same && other.GetId() != t.GetId() {
				names[taskObject(t.GetId())] = taskObject(other.GetId())
			}
		}
	}
	takeAdded(who, call, as[portalv1.AddTasksRequest](request).GetTasks(), listed)
	return names, nil
}

func renamedAdd(request []byte, _ map[string]string) []byte { return request }

func subjectOfUpdate(request []byte) outbox.Subject {
	id := as[portalv1.UpdateTaskRequest](request).GetId()
	return outbox.Subject{About: []string{taskObject(id)}, Title: titleOf(id)}
}

func settledUpdate(_ context.Context, _, answer []byte) (map[string]string, error) {
	if now := as[portalv1.UpdateTaskResponse](answer).GetTask(); now != nil {
		alterTasks(current(), func(all []*portalv1.Task) []*portalv1.Task { return replace(all, now) })
	}
	return nil, nil
}

func subjectOfRemove(request []byte) outbox.Subject {
	id := as[portalv1.RemoveTaskRequest](request).GetId()
	return outbox.Subject{About: []string{taskObject(id)}, Title: titleOf(id)}
}

func settledRemove(_ context.Context, request, _ []byte) (map[string]string, error) {
	id := as[portalv1.RemoveTaskRequest](request).GetId()
	alterTasks(current(), func(all []*portalv1.Task) []*portalv1.Task { return without(all, id) })
	return nil, nil
}

func without(all []*portalv1.Task, id string) []*portalv1.Task {
	return slices.DeleteFunc(all, func(t *portalv1.Task) bool { return t.GetId() == id })
}

func subjectOfAction(request []byte) outbox.Subject {
	id := as[portalv1.UpdateActionRequest](request).GetId()
	s := outbox.Subject{About: []string{actionObject(id)}}
	entries, _ := Entries()
	for _, e := range entries {
		if e.Notice != nil && e.ID() == id {
			s.Title = e.Title()
		}
	}
	return s
}

func settledAction(_ context.Context, _, answer []byte) (map[string]string, error) {
	if now := as[portalv1.UpdateActionResponse](answer).GetNotice(); now != nil {
		alterActions(current(), func(all []*portalv1.Notice) []*portalv1.Notice { return replace(all, now) })
	}
	return nil, nil
}

// coming puts what waits over the folder's tasks.
func coming(tasks []*portalv1.Task) []*portalv1.Task {
	writes := waiting.Coming()
	if len(writes) == 0 {
		return tasks
	}
	tasks = slices.Clone(tasks)
	for _, w := range writes {
		tasks = ahead(tasks, w)
	}
	return sortTasks(tasks)
}

// ahead is the list as a write will leave it.
func ahead(tasks []*portalv1.Task, w outbox.Write) []*portalv1.Task {
	switch w.Procedure {
	case portalv1web.GuideServiceAddTasks:
		for _, t := range as[portalv1.AddTasksRequest](w.Request).GetTasks() {
			same := rule.SameTask(t)
			if slices.ContainsFunc(tasks, func(o *portalv1.Task) bool { return rule.SameTask(o) == same }) {
				continue
			}
			t.OwnDue, t.AddedAt = t.GetDue(), w.Begun.UnixMilli()
			tasks = append(tasks, t)
		}
	case portalv1web.GuideServiceRemoveTask:
		return without(tasks, as[portalv1.RemoveTaskRequest](w.Request).GetId())
	case portalv1web.GuideServiceUpdateTask:
		r := as[portalv1.UpdateTaskRequest](w.Request)
		for i, t := range tasks {
			if t.GetId() == r.GetId() {
				tasks[i] = changedTask(t, r.GetChange(), w)
			}
		}
	}
	return tasks
}

func changedTask(t *portalv1.Task, change *portalv1.TaskChange, w outbox.Write) *portalv1.Task {
	now := wire.Clone(t)
	now.DoneAt = doneAt(t.GetDoneAt(), change.Done, w)
	if change.OwnDue != nil {
		now.OwnDue = change.GetOwnDue()
	}
	if change.EventDay != nil { // the last day that comes of it is the portal's to compute
		now.EventDay, now.LegalDue = change.GetEventDay(), nil
	}
	now.Due = rule.FirstDue(now.GetOwnDue(), now.GetLegalDue().GetLast())
	return now
}

func doneAt(before int64, done *bool, w outbox.Write) int64 {
	switch {
	case done == nil:
		return before
	case !*done:
		return 0
	}
	return cmp.Or(before, w.Begun.UnixMilli())
}

// comingActions puts what waits over what notices ask for.
func comingActions(notices []*portalv1.Notice) []*portalv1.Notice {
	writes := waiting.Coming()
	if len(writes) == 0 {
		return notices
	}
	notices = slices.Clone(notices)
	for _, w := range writes {
		if w.Procedure != portalv1web.NoticeServiceUpdateAction {
			continue
		}
		r := as[portalv1.UpdateActionRequest](w.Request)
		for i, n := range notices {
			if n.GetId() != r.GetId() {
				continue
			}
			now := wire.Clone(n)
			now.DoneAt = doneAt(n.GetDoneAt(), r.Done, w)
			if r.OwnDue != nil {
				now.OwnDue = r.GetOwnDue()
			}
			notices[i] = now
		}
	}
	return notices
}

func wordsOfUpdate(request []byte, title string) lang.Text {
	change := as[portalv1.UpdateTaskRequest](request).GetChange()
	day := change.OwnDue
	if change.EventDay != nil {
		day = change.EventDay
	}
	return wordsOfChange(change.Done, day, title)
}

func wordsOfAction(request []byte, title string) lang.Text {
	r := as[portalv1.UpdateActionRequest](request)
	return wordsOfChange(r.Done, r.OwnDue, title)
}

func wordsOfChange(done *bool, day *string, title string) lang.Text {
	switch {
	case done != nil && *done:
		return textDoTick.F(title)
	case done != nil:
		return textDoUntick.F(title)
	case day != nil && *day != "":
		return textDoDay.F(title, lang.Day(*day))
	}
	return textDoNoDay.F(title)
}

func dayWords(day string) lang.Text {
	if day == "" {
		return textNoDaySet
	}
	return lang.Day(day)
}

func doneWords(done bool) lang.Text {
	if done {
		return textYesDone
	}
	return textNotDone
}

func listedWords(listed bool) lang.Text {
	if listed {
		return textListed
	}
	return textUnlistedState
}

// theirs asks the portal for a task as it is there; nil when it is not.
func theirs(ctx context.Context, is func(t *portalv1.Task) bool) (*portalv1.Task, error) {
	response, err := folder().ListTasks(ctx, &portalv1.ListTasksRequest{})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(response.GetTasks(), is)
	if at < 0 {
		return nil, nil //nolint:nilnil // it is an answer
	}
	return response.GetTasks()[at], nil
}

func sidesOfAdd(ctx context.Context, w outbox.Write) ([]waiting.Side, error) {
	var sides []waiting.Side
	for _, t := range as[portalv1.AddTasksRequest](w.Request).GetTasks() {
		same := rule.SameTask(t)
		there, err := theirs(ctx, func(o *portalv1.Task) bool { return rule.SameTask(o) == same })
		if err != nil {
			return nil, err
		}
		sides = append(sides, waiting.Side{
			Name: lang.Plain(t.GetTitle()), Mine: textListed, Theirs: listedWords(there != nil),
		})
	}
	return sides, nil
}

func sidesOfRemove(ctx context.Context, w outbox.Write) ([]waiting.Side, error) {
	id := as[portalv1.RemoveTaskRequest](w.Request).GetId()
	there, err := theirs(ctx, func(o *portalv1.Task) bool { return o.GetId() == id })
	return []waiting.Side{
		{Name: textFieldListed, Mine: textUnlistedState, Theirs: listedWords(there != nil)},
	}, err
}

func sidesOfUpdate(ctx context.Context, w outbox.Write) ([]waiting.Side, error) {
	r := as[portalv1.UpdateTaskRequest](w.Request)
	there, err := theirs(ctx, func(o *portalv1.Task) bool { return o.GetId() == r.GetId() })
	if err != nil {
		return nil, err
	}
	if there == nil {
		return []waiting.Side{{Name: textFieldListed, Mine: textListed, Theirs: textUnlistedState}}, nil
	}
	change := r.GetChange()
	sides := sidesOfChange(change.Done, change.OwnDue, there.GetDoneAt() > 0, there.GetOwnDue())
	if change.EventDay != nil {
		sides = append(sides, waiting.Side{
			Name: textFieldFrom, Mine: dayWords(change.GetEventDay()), Theirs: dayWords(there.GetEventDay()),
		})
	}
	return sides, nil
}

func sidesOfAction(ctx context.Context, w outbox.Write) ([]waiting.Side, error) {
	r := as[portalv1.UpdateActionRequest](w.Request)
	// It is compared, not opened.
	response, err := notices().GetNotice(rpc.ByItself(ctx), &portalv1.GetNoticeRequest{Id: r.GetId()})
	if err != nil {
		return nil, err
	}
	there := response.GetNotice()
	return sidesOfChange(r.Done, r.OwnDue, there.GetDoneAt() > 0, there.GetOwnDue()), nil
}

func sidesOfChange(done *bool, day *string, isDone bool, isDay string) (sides []waiting.Side) {
	if done != nil {
		sides = append(sides, waiting.Side{Name: textFieldDone, Mine: doneWords(*done), Theirs: doneWords(isDone)})
	}
	if day != nil {
		sides = append(sides, waiting.Side{Name: textFieldOwn, Mine: dayWords(*day), Theirs: dayWords(isDay)})
	}
	return sides
}
