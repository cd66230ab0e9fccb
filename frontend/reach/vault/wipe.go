package vault

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// What outlives a visit has its key from here, so that whoever uses the device next can be told of all of it, and can
// wipe it. A key that ends with a dot begins those of many.
const (
	PlaceKey = "place"
	TasksKey = "todo"
	PlanKey  = "guide.plan." // of pages before the plans were records
	DayKey   = "procedure.day."
	TickKey  = "procedure.ticks."
	// ServicesKey is what the person chose for the home page.
	ServicesKey = "services"
	// LoginWayKey is by which way one logged in here last.
	LoginWayKey = "login-way"
	// LikelyKey marks that somebody is likely logged in, and says nothing of whom; static/boot.js reads it.
	LikelyKey = "likely"
	// AnswersDraft begins the names of the drafts that are answers in the guide.
	AnswersDraft = "guide."
)

// Kind is a sort of what the device keeps, as a person tells it from others.
type Kind string

const (
	// Place is the municipality that was chosen.
	Place Kind = "place"
	// Tasks is the to-do list.
	Tasks Kind = "tasks"
	// Answers are those in the guide, with the plans that came of them: one for each event of life.
	Answers Kind = "answers"
	// Days are the dates of events that procedures are computed with.
	Days Kind = "days"
	// Ticks are the documents that were ticked: one for each procedure.
	Ticks Kind = "ticks"
	// Services are those that were chosen for the home page.
	Services Kind = "services"
	// LoginWay is by which way one logged in here last.
	LoginWay Kind = "login-way"
	// Drafts are the forms that are half filled in, in this tab.
	Drafts Kind = "drafts"
	// Procedures are those of places, kept for when there is no network.
	Procedures Kind = "procedures"
	// Outbox is what waits for a network to be sent to the portal.
	Outbox Kind = "outbox"
	// Pages are public pages that were visited, kept by the service worker for when there is no network.
	Pages Kind = "pages"
	// Rest is what nobody here knows; an earlier version may have left it.
	Rest Kind = "rest"
)

// Kinds are all of them.
var Kinds = []Kind{Place, Tasks, Answers, Days, Ticks, Services, LoginWay, Drafts, Procedures, Pages, Rest}

// wipesPrefix begins the keys under which a tab counts what was wiped.
const wipesPrefix = "wipes/"

// kindOf says what a key of the lasting storage is for, and names the one thing of many. What tells that the browser
// has lost a vault, or that somebody is logged in, is of no kind.
func kindOf(key string) (kind Kind, name string) {
	switch key {
	case PlaceKey:
		return Place, key
	case TasksKey:
		return Tasks, key
	case ServicesKey:
		return Services, key
	case LoginWayKey:
		return LoginWay, key
	case markKey, LikelyKey:
		return "", ""
	}
	for prefix, kind := range map[string]Kind{PlanKey: Answers, DayKey: Days, TickKey: Ticks} {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			return kind, name
		}
	}
	return Rest, key
}

// kindInTab says what a key of the tab's storage is for. What belongs to the login, what was done, and the count of
// what was wiped, is of no kind.
func kindInTab(key string) (kind Kind, name string) {
	if key == ownerKey || key == manyKey || strings.HasPrefix(key, wipesPrefix) ||
		strings.HasPrefix(key, receiptPrefix) {
		return "", ""
	}
	form, draft := strings.CutPrefix(key, draftPrefix)
	if event, answers := strings.CutPrefix(form, AnswersDraft); draft && answers {
		return Answers, event
	}
	if draft {
		return Drafts, form
	}
	return Rest, key
}

// Left is what the device keeps now: a name for each thing of a kind. Procedures and pages are not in it: see
// KeptPlaces, KeptPages.
func Left() map[Kind][]string {
	left := map[Kind][]string{}
	note := func(kind Kind, name string) {
		if kind != "" && !slices.Contains(left[kind], name) {
			left[kind] = append(left[kind], name)
		}
	}
	for _, key := range lasting().keys() {
		note(kindOf(key))
	}
	for _, key := range device().keys() {
		note(kindInTab(key))
	}
	return left
}

// Refuses says that the device keeps nothing at all: it was told so in the browser's settings.
func Refuses() bool { return lasting().refuses() }

// KeepsNothing says that nothing outlives this tab: the device refuses, or others use it, too.
func KeepsNothing() bool { return isOfMany() || Refuses() }

// Wipe takes away everything of some kinds, in the other tabs too. What is of the login stays. In a browser it waits
// for the browser: not for the goroutine of an event handler.
func Wipe(ctx context.Context, kinds ...Kind) error {
	wipeHere(kinds)
	if slices.Contains(kinds, Pages) {
		forgetPages(ctx)
	}
	tabs.Lock()
	if tabs.channel != nil {
		names := make([]string, len(kinds))
		for i, kind := range kinds {
			names[i] = string(kind)
		}
		tabs.channel.Call("postMessage", strings.Join(names, " "))
	}
	tabs.Unlock()
	for _, kind := range kinds {
		if _, ok := declared(kind); !ok {
			continue
		}
		if err := forget(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

func wipeHere(kinds []Kind) {
	for _, kind := range kinds {
		device().set(wipesPrefix+string(kind), strconv.Itoa(Wipes(kind)+1))
	}
	wipe := func(s storage, kindOf func(string) (Kind, string)) {
		for _, key := range s.keys() {
			if kind, _ := kindOf(key); slices.Contains(kinds, kind) {
				s.remove(key)
			}
		}
	}
	wipe(lasting(), kindOf)
	wipe(device(), kindInTab)
	lock.Lock()
	lock.late = slices.DeleteFunc(lock.late, func(l late) bool { return slices.Contains(kinds, l.kind) })
	lock.Unlock()
	if slices.Contains(kinds, Drafts) {
		DropReceipts()
	}
}

// Wipes counts how often a kind was wiped since this tab was opened, here or in another tab. What began before that
// must not bring it back.
func Wipes(kind Kind) int {
	n, err := strconv.Atoi(device().get(wipesPrefix + string(kind)))
	if err != nil {
		return 0
	}
	return n
}

// tabs is the way to the other tabs; nil before ListenToTabs, and in a browser that has none.
var tabs struct {
	sync.Mutex
	channel app.Value
}

// kindsOf reads what another tab wrote.
func kindsOf(message string) (kinds []Kind) {
	for name := range strings.FieldsSeq(message) {
		if _, ok := declared(Kind(name)); ok || slices.Contains(Kinds, Kind(name)) {
			kinds = append(kinds, Kind(name))
		}
	}
	return kinds
}

// ListenToTabs has what another tab wipes go from this one too, and then calls wiped on any goroutine. Call it once, at
// start.
func ListenToTabs(wiped func(kinds []Kind)) {
	kind := app.Window().Get("BroadcastChannel")
	if !kind.Truthy() {
		return
	}
	channel := kind.New("madoguchi-vault")
	channel.Set("onmessage", app.FuncOf(func(_ app.Value, args []app.Value) any {
		kinds := kindsOf(args[0].Get("data").String())
		wipeHere(kinds)
		go wiped(kinds)
		return nil
	}))
	tabs.Lock()
	tabs.channel = channel
	tabs.Unlock()
}
