// Package todo is the to-do list (やること) of the person at the page, for every feature that adds to it or shows it: in the folder when
// somebody is logged in, on this device otherwise. What lies on the device moves into the folder only when the person says so (TakeOver).
// The list of the folder is held in memory alone, and forgotten as soon as somebody else, or nobody, is logged in.
package todo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// folder is the client of the portal's list. A variable for tests.
var folder = func() portalv1web.GuideService { return rpc.Guide() }

// owner tells one login from the next.
type owner struct {
	name      string
	lastLogin time.Time
}

// list is what is known of the folder's list.
var list struct {
	sync.Mutex
	of     owner
	loaded bool
	tasks  []*portalv1.Task
	// call counts the calls; taken is the last one whose answer stands. An answer older than that is left out.
	call, taken int
	told        map[int]func()
	lastTold    int
}

// InFolder says that the list is the folder's; else it is this device's.
func InFolder() bool { return shell.CurrentSession().State == shell.CitizenState }

func current() owner {
	s := shell.CurrentSession()
	return owner{s.Name, s.LastLogin}
}

// mine locks the list and forgets what is of another login.
func mine() owner {
	who := current()
	list.Lock()
	if list.of != who || !InFolder() {
		list.of, list.loaded, list.tasks = who, false, nil
	}
	return who
}

// Known is the list as far as it is known without asking, sorted; false when it must be asked for (List).
func Known() ([]*portalv1.Task, bool) {
	if !InFolder() {
		return Sort(onDevice()), true
	}
	mine()
	defer list.Unlock()
	return list.tasks, list.loaded
}

// Has says whether a procedure is on the list; empty placeCode means the whole country. It tells what Known knows.
func Has(placeCode, number string) bool {
	return number != "" && HasTask(&portalv1.Task{PlaceCode: placeCode, Number: number})
}

// HasTask says whether something that means the same is on the list: the same procedure of the same place, or the same title.
func HasTask(t *portalv1.Task) bool {
	tasks, _ := Known()
	same := rule.SameTask(t)
	return slices.ContainsFunc(tasks, func(other *portalv1.Task) bool { return rule.SameTask(other) == same })
}

// List gives the list, sorted. With an error, tasks are what is known all the same (nil when nothing is). Like all that follow, it calls
// done on the UI goroutine; give it the component's own context, that of OnMount. Errors have their words from Words.
func List(ctx app.Context, done func(ctx app.Context, tasks []*portalv1.Task, err error)) {
	if !InFolder() {
		done(ctx, Sort(onDevice()), nil)
		return
	}
	who, call := begin()
	ctx.Async(func() {
		response, err := folder().ListTasks(context.Background(), &portalv1.ListTasksRequest{})
		if err == nil {
			take(who, call, response.GetTasks())
		}
		ctx.Dispatch(func(ctx app.Context) {
			tasks, _ := Known()
			done(ctx, tasks, err)
		})
	})
}

// Add puts tasks on the list; what is there already stays as it is, and is not counted in added. A task that was removed comes back as it
// was. Titles are cut to what the portal takes.
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

// addToFolder sends tasks in the portions that the portal takes.
func addToFolder(who owner, tasks []*portalv1.Task) (added int, err error) {
	for portion := range slices.Chunk(tasks, rule.TasksAtOnce) {
		_, call := begin()
		response, err := folder().AddTasks(context.Background(), &portalv1.AddTasksRequest{Tasks: portion})
		if err != nil {
			return added, err
		}
		take(who, call, response.GetTasks())
		added += int(response.GetAdded())
	}
	return added, nil
}

// Update ticks a task off (or takes the tick away) and sets its day; an empty day is none.
func Update(ctx app.Context, id string, ticked bool, day string, done func(ctx app.Context, err error)) {
	if !InFolder() {
		err := updateOnDevice(id, ticked, day)
		if err == nil {
			tell()
		}
		done(ctx, err)
		return
	}
	who, _ := begin()
	ctx.Async(func() {
		response, err := folder().UpdateTask(context.Background(), &portalv1.UpdateTaskRequest{Id: id, Done: ticked, Due: day})
		if err == nil {
			alter(who, func(tasks []*portalv1.Task) []*portalv1.Task {
				for i, t := range tasks {
					if t.GetId() == id {
						tasks[i] = response.GetTask()
					}
				}
				return tasks
			})
		}
		ctx.Dispatch(func(ctx app.Context) { done(ctx, err) })
	})
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
			alter(who, func(tasks []*portalv1.Task) []*portalv1.Task {
				return slices.DeleteFunc(tasks, func(t *portalv1.Task) bool { return t.GetId() == id })
			})
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

// TakeOver moves what lies on this device into the folder: what arrived there leaves the device, what is on the folder's list already
// stays there as it is. Call it only when the person asked for it.
func TakeOver(ctx app.Context, done func(ctx app.Context, added int, err error)) {
	who, _ := begin()
	ctx.Async(func() {
		added, err := takeOver(who)
		tell()
		ctx.Dispatch(func(ctx app.Context) { done(ctx, added, err) })
	})
}

func takeOver(who owner) (added int, failure error) {
	for portion := range slices.Chunk(fit(onDevice()), rule.TasksAtOnce) {
		n, err := moveToFolder(who, portion)
		added += n
		if rpc.Reason(err) == portalv1.Reason_REASON_INVALID_FIELD && err != nil {
			// One that the portal does not take (a place that is no more, say) must not keep the others here.
			for _, t := range portion {
				n, err := moveToFolder(who, []*portalv1.Task{t})
				added += n
				failure = cmp.Or(failure, err)
			}
			continue
		}
		if err != nil {
			return added, err
		}
	}
	return added, failure
}

func moveToFolder(who owner, tasks []*portalv1.Task) (added int, err error) {
	if added, err = addToFolder(who, tasks); err != nil {
		return added, err
	}
	moved := map[string]bool{}
	for _, t := range tasks {
		moved[rule.SameTask(t)] = true
	}
	return added, removeOnDevice(func(t *portalv1.Task) bool { return moved[rule.SameTask(t)] })
}

// OnChange has told called, on any goroutine, after the list changed: here, or on this device in another tab. It must not block.
func OnChange(told func()) (stop func()) {
	listenToTabs()
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

// take keeps what a call brought, unless it is of another login or older than what stands.
func take(who owner, call int, tasks []*portalv1.Task) {
	now := mine()
	if who != now || !InFolder() || call < list.taken {
		list.Unlock()
		return
	}
	list.tasks, list.loaded, list.taken = Sort(tasks), true, call
	list.Unlock()
	tell()
}

// alter changes what is known by what the portal has done. A list asked for before that may not tell of it, and is left out.
func alter(who owner, change func([]*portalv1.Task) []*portalv1.Task) {
	now := mine()
	if who != now || !InFolder() || !list.loaded {
		list.Unlock()
		return
	}
	list.call++
	list.tasks, list.taken = Sort(change(slices.Clone(list.tasks))), list.call
	list.Unlock()
	tell()
}

// Sort orders a list: open ones first, by day, those without a day after them; then what is done, the last done first.
func Sort(tasks []*portalv1.Task) []*portalv1.Task {
	sorted := slices.Clone(tasks)
	slices.SortStableFunc(sorted, func(a, b *portalv1.Task) int {
		if aDone, bDone := a.GetDoneAt() > 0, b.GetDoneAt() > 0; aDone || bDone {
			if aDone && bDone {
				return cmp.Compare(b.GetDoneAt(), a.GetDoneAt())
			}
			if aDone {
				return 1
			}
			return -1
		}
		if aDay, bDay := a.GetDue(), b.GetDue(); aDay != bDay {
			switch {
			case aDay == "":
				return 1
			case bDay == "":
				return -1
			}
			return strings.Compare(aDay, bDay)
		}
		return cmp.Compare(a.GetAddedAt(), b.GetAddedAt())
	})
	return sorted
}

var (
	errFull    = errors.New("the list on this device is full")
	errRefused = errors.New("this device keeps nothing")
	errGone    = errors.New("the task is not on this device any more")
)

var (
	textFull       = lang.New("やることリストがいっぱいです（300件まで）", "The to-do list is full (300 at most)", "リストが いっぱいです（300まで）")
	textFullMeans  = lang.New("一部は追加されていません。", "Not everything was added.", "入《はい》らなかった ものが あります。")
	textFullDo     = lang.New("終わったものを削除してから、もう一度追加してください。", "Remove what is done, then add again.", "終《お》わった ものを 消《け》して、もう一度《いちど》 入《い》れてください。")
	textRefused    = lang.New("この端末に保存できませんでした", "This device could not keep it", "この 機械《きかい》に 残《のこ》せませんでした")
	textRefusedBy  = lang.New("ブラウザの設定（プライベートモードなど）で保存が止められているか、空きがありません。", "The browser's settings (a private window, for instance) do not allow it, or there is no room left.", "ブラウザが 残《のこ》さない ように なっています。")
	textRefusedDo  = lang.New("ログインすると、利用者フォルダに保存できます。印刷して控えることもできます。", "Log in to keep it in your folder, or print it.", "ログインすると、残《のこ》せます。印刷《いんさつ》も できます。")
	textGone       = lang.New("この項目は、もうリストにありません", "This is not on the list any more", "もう リストに ありません")
	textGoneDo     = lang.New("別のタブで削除されたようです。", "It seems to have been removed in another tab.", "ほかの タブで 消《け》しました。")
	textConnection = lang.New("リストの変更には、ネットワークの接続が必要です。変更はまだ行われていません。", "Changing the list needs a connection. Nothing was changed.", "リストを 変《か》えるには、インターネットが 必要《ひつよう》です。まだ 変《か》わっていません。")
)

// Words turns an error of this package into words.
func Words(err error) rpc.Message {
	switch {
	case errors.Is(err, errFull) || rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY:
		return rpc.Message{What: textFull, Means: textFullMeans, Do: textFullDo}
	case errors.Is(err, errRefused):
		return rpc.Message{What: textRefused, Means: textRefusedBy, Do: textRefusedDo}
	case errors.Is(err, errGone) || rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND:
		return rpc.Message{What: textGone, Do: textGoneDo}
	}
	message := rpc.Words(err)
	if rpc.Reason(err) == portalv1.Reason_REASON_UNREACHABLE {
		message.Means = textConnection
	}
	return message
}
