// Package session knows who is logged in and when that ends. It asks the portal, tells the shell, has activity keep the
// session alive, and keeps the tabs of one browser of one mind. How a person logs in is not its business.
package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	tickEvery = time.Second
	// askAgain is how long to wait for the portal after it could not be reached.
	askAgain = 5 * time.Second
	// keepPause is how long the portal waits to hear that the person is there: what they pressed goes first.
	keepPause = 300 * time.Millisecond
)

// What tabs tell each other.
const (
	channelName = "madoguchi-session"
	newsChanged = "changed"
	newsOut     = "logged-out"
)

var keeper struct {
	sync.Mutex
	clock clock
	shows string            // whose page this is (Session.owner): who was logged in last, also once that has ended
	post  func(news string) // to the other tabs; nil where there is no way
	told  []func(shell.Session)
}

// getSession asks the portal. A variable for tests.
var getSession = func(ctx context.Context) (*portalv1.Session, error) {
	response, err := rpc.To(portalv1web.NewLoginService).GetSession(ctx, &portalv1.GetSessionRequest{})
	return response.GetSession(), err
}

// anew has the page of this tab begin anew. A variable for tests.
var anew = func() { app.Window().Get("location").Call("reload") }

// Feature hangs the session into the house.
var Feature = shell.Feature{Start: begin}

// begin asks who is there and keeps watching. Once, in a browser.
func begin(ctx app.Context) {
	if app.IsServer {
		return
	}
	trouble.AskTyped(shell.Held)
	rpc.OnTooOld(shell.SetTooOld)
	rpc.OnLapse(func() { go lapsed(context.Background()) })
	rpc.OnOther(func() { go other(context.Background()) })
	rpc.Shows(shows)
	shell.OnKeep(func(ctx app.Context) { ctx.Async(func() { Keep(context.Background()) }) })
	shell.OnLogOut(func(ctx app.Context) { ctx.Async(func() { leave(context.Background()) }) })
	shell.OnExpire(func(ctx app.Context) { ctx.Async(func() { expired(context.Background()) }) })
	listenToTabs()
	listenToPerson()
	go func() {
		<-shell.Shown()
		watch(ctx)
	}()
}

// watch asks at the start until there is an answer, then whenever the clock wants it.
func watch(ctx context.Context) {
	for !ask(ctx) {
		time.Sleep(askAgain)
	}
	for range time.Tick(tickEvery) {
		keeper.Lock()
		due := keeper.clock.mustAsk(time.Now())
		keeper.Unlock()
		if due {
			look(ctx)
		}
	}
}

// look asks who is logged in, and has the other tabs ask if nobody is any more. It says whether the portal answered.
func look(ctx context.Context) bool {
	had := loggedIn()
	answered := ask(ctx)
	if had && !loggedIn() {
		tell(newsChanged)
	}
	return answered
}

// expired hears that by this page's clock the session is over. Where the portal cannot say so, a device of many does
// not wait for it.
func expired(ctx context.Context) {
	if !look(ctx) && shell.CurrentSession().SharedDevice {
		over(shell.EndedByTime)
		tell(newsChanged)
	}
}

// lapseGrace is how long the end of a stream waits for the answer to what ended it: a logout, here or in another tab,
// says itself what it was. A variable for tests.
var lapseGrace = 300 * time.Millisecond

// lapsed hears that a call or a stream was refused since nobody is logged in. It may have begun before somebody logged
// in anew, so that the portal is asked.
func lapsed(ctx context.Context) {
	if !loggedIn() {
		return
	}
	heard := words()
	time.Sleep(lapseGrace)
	if words() != heard {
		return
	}
	if !look(ctx) {
		over(shell.EndedByTime)
		tell(newsChanged)
	}
}

// other hears that somebody else is logged in than whom a call was for: whom this page shows, or who did what has
// waited on the device. The page is left alone in the latter case.
func other(ctx context.Context) {
	asked := words()
	if s, err := getSession(ctx); err == nil && s.GetOwner() != shows() {
		take(s, &asked)
	}
}

// shows is whose page this is; "" while nobody has been logged in.
func shows() string {
	keeper.Lock()
	defer keeper.Unlock()
	return keeper.shows
}

func loggedIn() bool {
	keeper.Lock()
	defer keeper.Unlock()
	return keeper.clock.session != nil
}

// OnChange has told called, on any goroutine, whenever the portal said who is logged in, and when that ended. Call it
// at start.
func OnChange(told func(shell.Session)) {
	keeper.Lock()
	defer keeper.Unlock()
	keeper.told = append(keeper.told, told)
}

func publish(s shell.Session) {
	keeper.Lock()
	told := keeper.told
	keeper.Unlock()
	markLikely(s)
	shell.SetSession(s)
	for _, t := range told {
		t(s)
	}
}

// markLikely has the next page show at once what it shows to who is logged in. A device of many keeps no such mark.
func markLikely(s shell.Session) {
	likely := s.State == shell.CitizenState && !s.SharedDevice
	switch marked := vault.Kept(vault.LikelyKey) != ""; {
	case likely && !marked:
		vault.Keep(vault.LikelyKey, "yes")
	case !likely && marked:
		vault.Forget(vault.LikelyKey)
	}
}

// Now takes a session that an answer of the portal brought; nil when nobody is logged in.
func Now(s *portalv1.Session) { take(s, nil) }

// take takes a session, unless the portal has said something else since the answer was asked for; then it says no.
func take(s *portalv1.Session, asked *int) bool {
	keeper.Lock()
	if asked != nil && *asked != keeper.clock.words {
		keeper.Unlock()
		return false
	}
	had := keeper.clock.session != nil
	keeper.clock.hear(s, time.Now())
	state := describe(&keeper.clock)
	others := s != nil && asked != nil && keeper.shows != "" && keeper.shows != s.GetOwner()
	if s != nil && !others {
		keeper.shows = s.GetOwner()
	}
	keeper.Unlock()
	if s != nil && (vault.Belong(s.GetOwner()) && asked != nil || others) {
		anew() // what the page holds in memory is another person's
		return true
	}
	switch {
	case s != nil:
		vault.OfMany(s.GetSharedDevice())
	case had:
		state.Ended = shell.EndedByTime
		state.LeavesNothing = vault.LeaveNothing()
	default: // also a tab that was brought back after its end
		before := shell.CurrentSession()
		state.Ended = before.Ended
		state.LeavesNothing = vault.LeaveNothing() || before.LeavesNothing
	}
	publish(state)
	if s == nil && had {
		shell.SetUnread(0)
	}
	return true
}

func words() int {
	keeper.Lock()
	defer keeper.Unlock()
	return keeper.clock.words
}

// Began is Now after a login: the other tabs hear of it. Drafts of another person are dropped, and what was done before
// is over.
func Began(s *portalv1.Session) {
	vault.DropReceipts()
	Now(s)
	tell(newsChanged)
}

// Changed has the portal asked anew, here and in the other tabs: the folder was opened, the name changed.
func Changed(ctx context.Context) {
	ask(ctx)
	tell(newsChanged)
}

// Refresh has the portal asked anew, here alone: another device may have changed the name. It says whether it answered.
func Refresh(ctx context.Context) bool { return ask(ctx) }

// Keep tells the portal that the person is still there.
func Keep(ctx context.Context) {
	keeper.Lock()
	keeper.clock.keptAt = time.Now()
	asked := keeper.clock.words
	keeper.Unlock()
	response, err := rpc.To(portalv1web.NewLoginService).KeepSession(ctx, &portalv1.KeepSessionRequest{})
	noteReach(err)
	if err == nil {
		take(response.GetSession(), &asked)
	}
}

// LogOut ends this session. On an error it goes on.
func LogOut(ctx context.Context) error {
	_, err := rpc.To(portalv1web.NewLoginService).LogOut(ctx, &portalv1.LogOutRequest{})
	noteReach(err)
	if err != nil {
		return err
	}
	out()
	return nil
}

// leaving says that a logout is under way.
var leaving atomic.Bool

// leave logs out as the menu's button does, once however often it is pressed, and has the shell tell whether the person
// is in still.
func leave(ctx context.Context) {
	if !leaving.CompareAndSwap(false, true) {
		return
	}
	defer leaving.Store(false)
	shell.SetStayed(LogOut(ctx) != nil)
}

// LogOutEverywhere ends every session of the person and says how many there were.
func LogOutEverywhere(ctx context.Context) (int, error) {
	response, err := rpc.To(portalv1web.NewLoginService).LogOutEverywhere(ctx, &portalv1.LogOutEverywhereRequest{})
	noteReach(err)
	if err != nil {
		return 0, err
	}
	out()
	return int(response.GetEndedSessions()), nil
}

// Closed notes that every session is over by what a page did: closed the folder, undid a change. The page says so
// itself.
func Closed() {
	forget()
	over(shell.NotEnded)
	tell(newsOut)
}

// forget has this tab keep nothing of what was typed.
func forget() {
	vault.LeaveNothing()
	vault.DropAll()
}

func out() {
	forget()
	vault.DropReceipts()
	over(shell.EndedByPerson)
	tell(newsOut)
}

func over(why shell.End) {
	keeper.Lock()
	had := keeper.clock.session != nil
	keeper.clock.hear(nil, time.Now())
	keeper.Unlock()
	if !had && (why == shell.EndedByTime || shell.CurrentSession().Ended != shell.EndedByTime) {
		return
	}
	before := shell.CurrentSession()
	publish(shell.Session{ // also when the end was heard before its reason
		State: shell.LoggedOut, Ended: why, LeavesNothing: vault.LeaveNothing() || before.LeavesNothing,
	})
	shell.SetUnread(0)
}

// ask fetches the session and says whether the portal answered. An answer that was overtaken, by a login say, is asked
// for anew.
func ask(ctx context.Context) bool {
	for {
		asked := words()
		session, err := getSession(ctx)
		noteReach(err)
		if err != nil {
			return false
		}
		if take(session, &asked) {
			return true
		}
	}
}

func noteReach(err error) {
	shell.SetReachable(err == nil || rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE)
}

func describe(c *clock) shell.Session {
	s := c.session
	if s == nil {
		return shell.Session{State: shell.LoggedOut}
	}
	described := shell.Session{
		State: shell.CitizenState, Name: s.GetDisplayName(), IdleEnds: c.idleEnds, AbsoluteEnds: c.absoluteEnds,
		Owner: s.GetOwner(), SharedDevice: s.GetSharedDevice(),
	}
	if s.GetKind() == portalv1.SessionKind_SESSION_KIND_NEWCOMER {
		described.State = shell.NewcomerState
	}
	if at := s.GetLastLoginAt(); at > 0 {
		described.LastLogin = time.UnixMilli(at)
	}
	described.Unusual = s.GetUnusualLine()
	if at := s.GetPasskeyAddedAt(); at > 0 {
		described.PasskeyAdded = time.UnixMilli(at)
	}
	if at := s.GetCertificateExpiresAt(); at > 0 {
		described.CertificateEnds = time.UnixMilli(at)
	}
	return described
}

// listenToPerson has keys, clicks and touches keep the session alive.
func listenToPerson() {
	heard := app.FuncOf(func(app.Value, []app.Value) any {
		keeper.Lock()
		due := keeper.clock.active(time.Now())
		keeper.Unlock()
		if due {
			time.AfterFunc(keepPause, func() { Keep(context.Background()) })
		}
		return nil
	})
	app.Window().Call("madoguchiPresent", heard)
}

func listenToTabs() {
	kind := app.Window().Get("BroadcastChannel")
	if !kind.Truthy() {
		return
	}
	channel := kind.New(channelName)
	channel.Set("onmessage", app.FuncOf(func(_ app.Value, args []app.Value) any {
		switch args[0].Get("data").String() {
		case newsOut:
			go func() {
				forget()
				vault.DropReceipts()
				over(shell.EndedByPerson)
			}()
		case newsChanged:
			go ask(context.Background())
		}
		return nil
	}))
	keeper.Lock()
	keeper.post = func(news string) { channel.Call("postMessage", news) }
	keeper.Unlock()
}

func tell(news string) {
	keeper.Lock()
	post := keeper.post
	keeper.Unlock()
	if post != nil {
		post(news)
	}
}
