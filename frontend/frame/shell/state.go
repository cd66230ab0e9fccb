package shell

import (
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// State says who is there.
type State int

const (
	// Unknown: nobody has asked the portal yet, or it cannot be reached.
	Unknown State = iota
	// LoggedOut: nobody is.
	LoggedOut
	// NewcomerState: a card was shown, the folder is not open yet.
	NewcomerState
	// CitizenState: the person is in.
	CitizenState
)

// End says why a session is no more.
type End int

const (
	// NotEnded: there was none, or it still runs.
	NotEnded End = iota
	// EndedByPerson: logged out, here or in another tab.
	EndedByPerson
	// EndedByTime: nothing was done for too long, or the longest time is over.
	EndedByTime
	// EndedByPortal: the portal no longer knows it (ended from elsewhere, folder closed).
	EndedByPortal
)

// Session is what the shell shows of the session. Times are of the device's clock.
type Session struct {
	State State
	// Name is the display name; empty for a newcomer.
	Name string
	// IdleEnds is when the session ends unless something is done; AbsoluteEnds when it ends anyway. Zero when unknown.
	IdleEnds     time.Time
	AbsoluteEnds time.Time
	// LastLogin is the login before this one; zero at the first.
	LastLogin time.Time
	// PasskeyAdded is when a passkey came to the person's, as long as that is news; zero when there is none such.
	PasskeyAdded time.Time
	// Unusual is which line of the history of use tells of an unusual login that the person has not looked at; empty
	// without such a one.
	Unusual string
	// CertificateEnds is when the certificate of the card ends; zero when unknown.
	CertificateEnds time.Time
	// Ended says why it is over, when State is LoggedOut.
	Ended End
	// LeavesNothing says, when State is LoggedOut, that it was on a device that others use, too.
	LeavesNothing bool
	// Owner is the same for every session of the same card, SharedDevice what was said of the device at the login.
	Owner        string
	SharedDevice bool
}

// Kept is what can be read of a person on this device without a session.
type Kept struct {
	// Opens: there is something that a card opens. Open: it is open by the card now.
	Opens, Open bool
	// Name is whose it is, where that is known.
	Name string
}

// store is what the shell knows. Setters may be called from any goroutine.
var store struct {
	sync.Mutex
	session   Session
	kept      Kept
	unread    int
	reachable bool // false after a call did not reach the portal
	offline   bool // what the browser says
	holds     map[int]struct{}
	nextHold  int
	update    bool
	half      bool // something would be lost by an update; known while one waits
	tooOld    bool
	title     lang.Text // set by the page; empty for that of the route
	followers []follower
	keep      func(app.Context)
	logOut    func(app.Context)
	expire    func(app.Context)
	stayed    bool      // the person wanted to log out and could not
	language  lang.Code // chosen last
	// languageAway tells that the texts of the language that was chosen could not be had.
	languageAway bool
	// waiting is how many things that the person did are not sent yet, stuck for how many of them the person is to
	// decide.
	waiting, stuck int
}

func init() { store.reachable = true }

// CurrentSession is the session as last told.
func CurrentSession() Session {
	store.Lock()
	defer store.Unlock()
	return store.session
}

// SetSession tells the shell who is there. The login feature calls it at start, after login and logout, and whenever
// the portal said how long the session lasts.
func SetSession(s Session) {
	change(func() {
		store.session = s
		store.stayed = store.stayed && s.State != LoggedOut
	})
	markLikely(s.State)
}

// SetKept tells what can be read without a session.
func SetKept(k Kept) {
	store.Lock()
	same := store.kept == k
	store.Unlock()
	if !same {
		change(func() { store.kept = k })
	}
}

// CurrentKept is what can be read without a session, as last told.
func CurrentKept() Kept {
	store.Lock()
	defer store.Unlock()
	return store.kept
}

// Reading tells whether somebody reads their own: in a session, or what is kept here and the card opened.
func Reading() bool {
	store.Lock()
	defer store.Unlock()
	return store.session.State == CitizenState || store.kept.Open
}

// SetUnread sets the number at the bell, and at the app's sign on the home screen. Once somebody has logged out it is
// none, whatever an answer says that was still on its way.
func SetUnread(n int) {
	store.Lock()
	if store.session.State == LoggedOut {
		n = 0
	}
	same := store.unread == n
	store.Unlock()
	if !same {
		change(func() { store.unread = n })
	}
	if !app.IsClient {
		return
	}
	// A browser that has no such sign, or may not set it, does without.
	if navigator := app.Window().Get("navigator"); navigator.Get("setAppBadge").Truthy() {
		navigator.Call("setAppBadge", n).Call("catch", ignored())
	}
}

// ignored takes what a browser refuses and nobody waits for.
var ignored = sync.OnceValue(func() app.Func { return app.FuncOf(func(app.Value, []app.Value) any { return nil }) })

// Unread is the number at the bell.
func Unread() int {
	store.Lock()
	defer store.Unlock()
	return store.unread
}

// SetWaiting sets how many things that the person did are not sent yet, and for how many of them they are to decide.
func SetWaiting(n, stuck int) {
	store.Lock()
	same := store.waiting == n && store.stuck == stuck
	store.Unlock()
	if !same {
		change(func() { store.waiting, store.stuck = n, stuck })
	}
}

// SetReachable tells whether the last call reached the portal; the offline bar follows it and what the browser says.
func SetReachable(yes bool) {
	store.Lock()
	same := store.reachable == yes
	store.Unlock()
	if !same {
		change(func() { store.reachable = yes })
	}
}

// Online tells whether there seems to be a way to the portal.
func Online() bool {
	store.Lock()
	defer store.Unlock()
	return store.reachable && !store.offline
}

// OnKeep sets what is called when the person chooses to go on, in the dialog before the session's idle end.
func OnKeep(f func(ctx app.Context)) { change(func() { store.keep = f }) }

// OnLogOut sets what the menu's ログアウト calls.
func OnLogOut(f func(ctx app.Context)) { change(func() { store.logOut = f }) }

// SetStayed tells whether a wish to log out failed: the person must know that they are still in.
func SetStayed(yes bool) { change(func() { store.stayed = yes }) }

// OnExpire sets what is called when the session's time is over; without it the shell sets the session to ended by time
// itself.
func OnExpire(f func(ctx app.Context)) { change(func() { store.expire = f }) }

// HoldUpdates keeps the page from being reloaded for a new version, and from being taken away when the session lapses,
// while there is something half filled in. Call release when it is sent or given up; calling it twice does no harm.
func HoldUpdates() (release func()) {
	store.Lock()
	if store.holds == nil {
		store.holds = map[int]struct{}{}
	}
	id := store.nextHold
	store.nextHold++
	store.holds[id] = struct{}{}
	store.Unlock()
	return func() { change(func() { delete(store.holds, id) }) }
}

// SetTooOld tells that the portal does not understand a page as old as this one. What is half filled in is kept over
// the loading anew that is offered then.
func SetTooOld() { change(func() { store.tooOld = true }) }

// Held tells whether something is half filled in.
func Held() bool {
	store.Lock()
	defer store.Unlock()
	return len(store.holds) > 0
}

// Update loads the newest version of the page, unless something is half filled in that would be lost. Only for a
// person's press: a page that reloads by itself might do so for ever.
func Update() {
	store.Lock()
	tooOld := store.tooOld // there is nothing left to be done with it, and drafts are kept
	store.Unlock()
	if !tooOld && halfFilled() {
		change(func() { store.half = true })
		return
	}
	if take := app.Window().Get("madoguchiUpdate"); take.Truthy() {
		take.Invoke()
	}
}

// SetTitle refines the title of the page that is shown, until the next navigation: document title and last breadcrumb.
func SetTitle(t lang.Text) { change(func() { store.title = t }) }

// SetLanguage changes the language and draws everything again, as soon as its texts are there. Where they cannot be had
// the language stays as it is, and a bar says so. What was chosen last counts, whatever comes first.
func SetLanguage(c lang.Code) {
	store.Lock()
	store.language = c
	store.Unlock()
	lang.Load(c, func(err error) {
		change(func() {
			if store.language != c {
				return
			}
			store.languageAway = err != nil
			if err == nil {
				lang.Set(c)
			}
		})
	})
}

// follower is a component to draw again, and what it wants done before.
type follower struct {
	ctx app.Context
	do  func(app.Context)
}

// Follow has the component of ctx drawn again whenever what the shell knows changes: language, session, unread, online.
// Call it in OnMount.
func Follow(ctx app.Context) { Watch(ctx, func(app.Context) {}) }

// Watch is Follow with something to do first, on the UI goroutine: to load anew when the unread count changed, for
// instance.
func Watch(ctx app.Context, do func(ctx app.Context)) {
	store.Lock()
	defer store.Unlock()
	store.followers = append(store.followers, follower{ctx, do})
}

// change alters the store under its lock and has the followers drawn again.
func change(alter func()) {
	store.Lock()
	alter()
	alive := store.followers[:0:0]
	for _, f := range store.followers {
		if f.ctx.Src().Mounted() {
			alive = append(alive, f)
		}
	}
	store.followers = alive
	store.Unlock()
	for _, f := range alive {
		f.ctx.Dispatch(f.do)
	}
}
