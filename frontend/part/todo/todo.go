// Package todo is the list of what waits for the person at the page (やること): what they remembered from procedures and
// events of life, and what notices ask of them, in one order, drawn once, for every page that shows it. What was
// remembered lies in the folder when somebody is logged in, on this device otherwise. What lies on the device moves
// into the folder only when the person says so (TakeOver). The list of the folder is held in memory alone, and
// forgotten as soon as somebody else, or nobody, is logged in.
package todo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/order"
	"madoguchi/proto/rule"
)

// folder is the client of the portal's list, notices of what offices ask. Variables for tests.
var (
	folder  = func() portalv1web.GuideService { return rpc.To(portalv1web.NewGuideService) }
	notices = func() portalv1web.NoticeService { return rpc.To(portalv1web.NewNoticeService) }
)

// owner tells one login from the next.
type owner struct {
	name      string
	lastLogin time.Time
}

// list is what is known of the folder's list.
var list struct {
	sync.Mutex
	of      owner
	tasks   part[*portalv1.Task]
	actions part[*portalv1.Notice]
	// more is how many notices ask for something that the portal did not list.
	more int
	// age says how old it is, when it comes from the device.
	age rpc.Age
	// call counts the calls.
	call     int
	told     map[int]func()
	lastTold int
}

// part is one of the sources of the list.
type part[T any] struct {
	of     []T
	loaded bool
	// taken is the last call whose answer stands. An answer to one before that is left out: it may not tell of what was
	// changed meanwhile.
	taken int
}

// InFolder says that the list is the folder's; else it is this device's.
func InFolder() bool { return shell.Reading() }

func current() owner {
	s := shell.CurrentSession()
	if s.State != shell.CitizenState && shell.CurrentKept().Open {
		return owner{name: "\x00" + shell.CurrentKept().Name}
	}
	return owner{s.Name, s.LastLogin}
}

// mine locks the list and forgets what is of another login.
func mine() owner {
	who := current()
	list.Lock()
	if list.of != who || !InFolder() {
		list.of, list.tasks, list.actions, list.more = who, part[*portalv1.Task]{}, part[*portalv1.Notice]{}, 0
	}
	return who
}

// Known are the tasks as far as they are known without asking, sorted; false when they must be asked for (List).
func Known() ([]*portalv1.Task, bool) {
	if !InFolder() {
		return sortTasks(onDevice()), true
	}
	mine()
	tasks, loaded := list.tasks.of, list.tasks.loaded
	list.Unlock()
	return coming(tasks), loaded
}

// Has says whether a procedure is on the list; empty placeCode means the whole country. It tells what Known knows.
func Has(placeCode, number string) bool {
	return number != "" && HasTask(&portalv1.Task{PlaceCode: placeCode, Number: number})
}

// HasTask says whether something that means the same is on the list: the same procedure of the same place, or the same
// title.
func HasTask(t *portalv1.Task) bool {
	tasks, _ := Known()
	same := rule.SameTask(t)
	return slices.ContainsFunc(tasks, func(other *portalv1.Task) bool { return rule.SameTask(other) == same })
}

// List asks for the list. With an error, tasks are what is known all the same (nil when nothing is). Like all that
// follow, it calls done on the UI goroutine; give it the component's own context, that of OnMount. Errors have their
// words from Words.
func List(ctx app.Context, done func(ctx app.Context, tasks []*portalv1.Task, err error)) {
	if !InFolder() {
		done(ctx, sortTasks(onDevice()), nil)
		return
	}
	ctx.Async(func() {
		err := load(context.Background())
		ctx.Dispatch(func(ctx app.Context) {
			tasks, _ := Known()
			done(ctx, tasks, err)
		})
	})
}

// load asks the portal for both parts of the folder's list; again when something was changed while the answer was on
// its way.
func load(ctx context.Context) error {
	who, call := begin()
	ctx, age := rpc.OrKept(ctx) // of the older of the two
	tasks, err := folder().ListTasks(ctx, &portalv1.ListTasksRequest{})
	overtaken := err == nil && !take(who, &list.tasks, call, sortTasks(tasks.GetTasks()))
	actions, notHeard := notices().ListActions(ctx, &portalv1.ListActionsRequest{})
	list.Lock()
	list.age = *age
	list.Unlock()
	if notHeard == nil {
		more := int(actions.GetOpenCount()) - len(actions.GetOpen())
		overtaken = !takeActions(who, call, slices.Concat(actions.GetOpen(), actions.GetDone()), more) || overtaken
	}
	if err = cmp.Or(err, notHeard); err != nil || !overtaken {
		return err
	}
	return load(ctx)
}

// Add puts tasks on the list; what is there already stays as it is, and is not counted in added. A task that was
// removed comes back as it was. Titles are cut to what the portal takes.
func Add(ctx app.Context, tasks []*portalv1.Task, done func(ctx app.Context, added int, err error)) {
	tasks = fit(tasks)
	if !InFolder() {
		added, err := addOnDevice(tasks)
		if added > 0 {
			tell()
		}
		done(ctx, added, err)
		return
	}
	who, _ := begin()
	ctx.Async(func() {
		added, err := addToFolder(who, tasks)
		ctx.Dispatch(func(ctx app.Context) { done(ctx, added, err) })
	})
}

// addToFolder sends tasks in the portions that the portal takes. Those that wait for a network are added, too: rpc.Kept
// tells of them.
func addToFolder(who owner, tasks []*portalv1.Task) (added int, kept error) {
	for portion := range slices.Chunk(tasks, portalv1limit.AddTasksRequestTasks) {
		_, call := begin()
		response, err := folder().AddTasks(context.Background(), &portalv1.AddTasksRequest{Tasks: outgoing(portion)})
		if rpc.Kept(err) {
			added, kept = added+len(portion), err
			continue
		}
		if err != nil {
			return added, err
		}
		// of what else was changed meanwhile, the answer may not tell; what was added is safe whether the list comes or
		// not
		if !takeAdded(who, call, portion, response.GetTasks()) {
			_ = load(context.Background())
		}
		added += int(response.GetAdded())
	}
	return added, kept
}

// Change is what is to be another than it was; nil is as it is. An empty day takes one back.
type Change struct {
	Done *bool
	// OwnDue is a day of one's own, EventDay the one that the deadline counts from.
	OwnDue, EventDay *string
}

// Update changes something on the list. What it has become goes to done; what it will be, with an error, when it waits
// for a network (rpc.Kept).
func Update(ctx app.Context, e Entry, change Change, done func(ctx app.Context, now Entry, err error)) {
	if computes := change.EventDay != nil && *change.EventDay != ""; e.Task != nil && !InFolder() && !computes {
		now, err := update(e, change)
		done(ctx, now, err)
		return
	}
	ctx.Async(func() {
		now, err := update(e, change)
		ctx.Dispatch(func(ctx app.Context) { done(ctx, now, err) })
	})
}

func update(e Entry, change Change) (Entry, error) {
	switch {
	case e.Notice != nil:
		return updateAction(e.ID(), change)
	case InFolder():
		return updateInFolder(e.ID(), change)
	}
	t, err := updateOnDevice(e.ID(), change)
	if err == nil {
		tell()
	}
	return Entry{Task: t}, err
}

func updateAction(id string, change Change) (Entry, error) {
	who, _ := begin()
	request := &portalv1.UpdateActionRequest{Id: id, Done: change.Done, OwnDue: change.OwnDue}
	if before := findAction(id); before != nil && change.OwnDue != nil {
		request.OwnDueWas = new(before.GetOwnDue())
	}
	response, err := notices().UpdateAction(context.Background(), request)
	if err != nil {
		return Entry{Notice: findAction(id)}, err
	}
	alterActions(who, func(all []*portalv1.Notice) []*portalv1.Notice { return replace(all, response.GetNotice()) })
	return Entry{Notice: response.GetNotice()}, nil
}

func updateInFolder(id string, change Change) (Entry, error) {
	who, _ := begin()
	request := &portalv1.UpdateTaskRequest{
		Id: id, Change: &portalv1.TaskChange{Done: change.Done, OwnDue: change.OwnDue, EventDay: change.EventDay},
	}
	if before := find(id); before != nil {
		request.Was = wasOf(before, change)
	}
	response, err := folder().UpdateTask(context.Background(), request)
	if err != nil {
		return Entry{Task: find(id)}, err
	}
	alterTasks(who, func(all []*portalv1.Task) []*portalv1.Task { return replace(all, response.GetTask()) })
	return Entry{Task: response.GetTask()}, nil
}

// wasOf are the days that are changed, as the person sees them; nil when none is.
func wasOf(before *portalv1.Task, change Change) *portalv1.TaskChange {
	if change.OwnDue == nil && change.EventDay == nil {
		return nil
	}
	was := &portalv1.TaskChange{}
	if change.OwnDue != nil {
		was.OwnDue = new(before.GetOwnDue())
	}
	if change.EventDay != nil {
		was.EventDay = new(before.GetEventDay())
	}
	return was
}

func findAction(id string) *portalv1.Notice {
	entries, _ := Entries()
	for _, e := range entries {
		if e.Notice.GetId() == id && id != "" {
			return e.Notice
		}
	}
	return nil
}

// replace puts what a thing has become where it was.
func replace[T interface{ GetId() string }](all []T, now T) []T {
	for i, before := range all {
		if before.GetId() == now.GetId() {
			all[i] = now
		}
	}
	return all
}

// Remove takes a task off the list and hands it to done, so that Add can bring it back.
func Remove(ctx app.Context, id string, done func(ctx app.Context, removed *portalv1.Task, err error)) {
	removed := find(id)
	if !InFolder() {
		err := removeOnDevice(func(t *portalv1.Task) bool { return t.GetId() == id })
		if err == nil {
			tell()
		}
		done(ctx, removed, err)
		return
	}
	who, _ := begin()
	ctx.Async(func() {
		_, err := folder().RemoveTask(context.Background(), &portalv1.RemoveTaskRequest{Id: id})
		if err == nil {
			alterTasks(who, func(tasks []*portalv1.Task) []*portalv1.Task { return without(tasks, id) })
		}
		ctx.Dispatch(func(ctx app.Context) { done(ctx, removed, err) })
	})
}

func find(id string) *portalv1.Task {
	tasks, _ := Known()
	for _, t := range tasks {
		if t.GetId() == id {
			return t
		}
	}
	return nil
}

// OnDevice is how many tasks lie on this device, whoever is logged in.
func OnDevice() int { return len(onDevice()) }

// TakeOver moves what lies on this device into the folder: what arrived there leaves the device, what is on the
// folder's list already stays there as it is. Call it only when the person asked for it.
func TakeOver(ctx app.Context, done func(ctx app.Context, added int, err error)) {
	who, _ := begin()
	ctx.Async(func() {
		added, err := takeOver(who)
		tell()
		ctx.Dispatch(func(ctx app.Context) { done(ctx, added, err) })
	})
}

func takeOver(who owner) (added int, failure error) {
	for portion := range slices.Chunk(fit(onDevice()), portalv1limit.AddTasksRequestTasks) {
		n, err := moveToFolder(who, portion)
		added += n
		if reason := rpc.Reason(err); err != nil &&
			(reason == portalv1.Reason_REASON_INVALID_FIELD || reason == portalv1.Reason_REASON_FIELD_TOO_LONG) {
			// One that the portal does not take (a place that is no more, say) must not keep the others here.
			for _, t := range portion {
				n, err := moveToFolder(who, []*portalv1.Task{t})
				added += n
				failure = cmp.Or(failure, err)
			}
			continue
		}
		if err != nil && !rpc.Kept(err) {
			return added, err
		}
		failure = cmp.Or(failure, err)
	}
	return added, failure
}

func moveToFolder(who owner, tasks []*portalv1.Task) (added int, err error) {
	if added, err = addToFolder(who, tasks); err != nil && !rpc.Kept(err) {
		return added, err
	}
	moved := map[string]bool{}
	for _, t := range tasks {
		moved[rule.SameTask(t)] = true
	}
	return added, cmp.Or(removeOnDevice(func(t *portalv1.Task) bool { return moved[rule.SameTask(t)] }), err)
}

// Follow has a page drawn again whenever the list changes, and asks for the folder's once a login. loaded hears each
// time what became of it; also that nobody is logged in any more, without an error.
func Follow(ctx app.Context, loaded func(ctx app.Context, err error)) (stop func()) {
	asked, of := false, owner{}
	learn := func(ctx app.Context) {
		if !InFolder() {
			if asked {
				asked = false
				loaded(ctx, nil)
			}
			return
		}
		if asked && of == current() {
			return
		}
		asked, of = true, current()
		List(ctx, func(ctx app.Context, _ []*portalv1.Task, err error) { loaded(ctx, err) })
	}
	shell.Watch(ctx, learn)
	stop = OnChange(func() { ctx.Dispatch(nil) })
	learn(ctx)
	return stop
}

// OnChange has told called, on any goroutine, after the list changed: here, or on this device in another tab. It must
// not block.
func OnChange(told func()) (stop func()) {
	list.Lock()
	defer list.Unlock()
	if list.told == nil {
		list.told = map[int]func(){}
	}
	list.lastTold++
	id := list.lastTold
	list.told[id] = told
	return func() {
		list.Lock()
		defer list.Unlock()
		delete(list.told, id)
	}
}

func tell() {
	list.Lock()
	var all []func()
	for _, told := range list.told {
		all = append(all, told)
	}
	list.Unlock()
	for _, told := range all {
		told()
	}
}

// begin numbers a call.
func begin() (who owner, call int) {
	who = mine()
	defer list.Unlock()
	list.call++
	return who, list.call
}

// take keeps what a call brought; false when something was changed since that it may not tell of. What is of another
// login is left out.
func take[T any](who owner, p *part[T], call int, of []T) (stands bool) {
	stands, news := takes(who, p, call, of)
	if news {
		tell()
	}
	return stands
}

func takes[T any](who owner, p *part[T], call int, of []T) (stands, news bool) {
	now := mine()
	defer list.Unlock()
	if who != now || !InFolder() {
		return true, false
	}
	if call < p.taken {
		return false, false
	}
	p.of, p.loaded, p.taken = of, true, call
	return true, true
}

// takeAdded takes the answer to a call that added tasks.
func takeAdded(who owner, call int, added, listed []*portalv1.Task) (stands bool) {
	stands, _ = takes(who, &list.tasks, call, sortTasks(listed))
	alterTasks(who, func(all []*portalv1.Task) []*portalv1.Task {
		on := func(list []*portalv1.Task, same string) bool {
			return slices.ContainsFunc(list, func(t *portalv1.Task) bool { return rule.SameTask(t) == same })
		}
		for _, t := range listed {
			if same := rule.SameTask(t); on(added, same) && !on(all, same) {
				all = append(all, t)
			}
		}
		return all
	})
	return stands
}

func takeActions(who owner, call int, of []*portalv1.Notice, more int) (stands bool) {
	if !take(who, &list.actions, call, of) {
		return false
	}
	if now := mine(); who == now && InFolder() {
		list.more = more
	}
	list.Unlock()
	return true
}

// alterTasks changes what is known of the tasks by what the portal has done. The device is told, too, before it is
// shown: without a network it is asked next.
func alterTasks(who owner, change func([]*portalv1.Task) []*portalv1.Task) {
	era := vault.Era() // from before it is looked whose the list is
	sorted := func(all []*portalv1.Task) []*portalv1.Task { return sortTasks(change(all)) }
	tasks, turn := alter(who, &list.tasks, sorted)
	if turn > 0 {
		rpc.Know(context.Background(), era, turn, portalv1web.GuideServiceListTasks,
			&portalv1.ListTasksRequest{}, &portalv1.ListTasksResponse{Tasks: tasks})
	}
	tell()
}

// alterActions does so with what notices ask for.
func alterActions(who owner, change func([]*portalv1.Notice) []*portalv1.Notice) {
	era := vault.Era()
	actions, turn := alter(who, &list.actions, change)
	if turn > 0 {
		now := &portalv1.ListActionsResponse{}
		for _, n := range actions {
			if n.GetDoneAt() > 0 {
				now.Done = append(now.Done, n)
			} else {
				now.Open = append(now.Open, n)
			}
		}
		now.OpenCount = int32(len(now.Open) + unlisted())
		rpc.Know(context.Background(), era, turn, portalv1web.NoticeServiceListActions,
			&portalv1.ListActionsRequest{}, now)
	}
	tell()
}

// alter changes a part, and gives what is known of it now and its turn to be kept; 0 when nothing is known. A list
// asked for before that may not tell of the change, and is left out.
func alter[T any](who owner, p *part[T], change func([]T) []T) (now []T, turn int) {
	is := mine()
	defer list.Unlock()
	if who != is || !InFolder() {
		return nil, 0
	}
	list.call++
	p.taken = list.call
	if !p.loaded {
		return nil, 0
	}
	p.of = change(slices.Clone(p.of))
	return p.of, rpc.Turn()
}

// sortTasks orders tasks: open ones first, by day, those without a day after them; then what is done, the last done
// first.
func sortTasks(tasks []*portalv1.Task) []*portalv1.Task {
	sorted := slices.Clone(tasks)
	order.By(sorted, func(a, b *portalv1.Task) int { return compare(Entry{Task: a}, Entry{Task: b}) })
	return sorted
}

var (
	errFull    = errors.New("the list on this device is full")
	errRefused = errors.New("this device keeps nothing")
	errGone    = errors.New("the task is not on this device any more")
	errNoRule  = errors.New("the deadline counts from no day")
)

// Words turns an error of this package into words.
func Words(err error) trouble.Message {
	switch {
	case errors.Is(err, errFull) || rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY:
		return trouble.Message{What: textFull, Means: textFullMeans, Do: textFullDo}
	case errors.Is(err, errRefused):
		return trouble.Message{What: textRefused, Means: textRefusedBy, Do: textRefusedDo}
	case errors.Is(err, errGone) || rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND:
		return trouble.Message{What: textGone, Do: textGoneDo}
	}
	message := trouble.Words(err)
	if rpc.Reason(err) == portalv1.Reason_REASON_UNREACHABLE {
		message.Means = textNotKept
	}
	return message
}
