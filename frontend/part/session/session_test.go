package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// tab is this page beside others: what it tells them, and whom the portal knows.
type tab struct {
	news  []string
	there *portalv1.Session
	fails error
	while func() // what happens while the portal is asked
}

func newTab(t *testing.T, there *portalv1.Session) *tab {
	t.Helper()
	w := &tab{there: there}
	portal := getSession
	getSession = func(context.Context) (*portalv1.Session, error) {
		answer, fails := w.there, w.fails
		if while := w.while; while != nil {
			w.while = nil
			while()
		}
		return answer, fails
	}
	var posting sync.Mutex
	keeper.post = func(news string) {
		posting.Lock()
		defer posting.Unlock()
		w.news = append(w.news, news)
	}
	keeper.clock, keeper.shows = clock{}, ""
	grace := lapseGrace
	lapseGrace = 0
	t.Cleanup(func() { getSession, keeper.post, keeper.clock, lapseGrace = portal, nil, clock{}, grace })
	Now(there)
	return w
}

func person(name string) *portalv1.Session {
	return &portalv1.Session{
		Kind: portalv1.SessionKind_SESSION_KIND_CITIZEN, DisplayName: name, IdleLeftMs: 900_000,
		AbsoluteLeftMs: 900_000,
	}
}

func TestTheEndOfASessionReachesTheOtherTabs(t *testing.T) {
	for name, end := range map[string]func(*tab){
		"a stream ends":                  func(*tab) { lapsed(t.Context()) },
		"time is over":                   func(*tab) { look(t.Context()) },
		"a stream ends, no answer after": func(w *tab) { w.fails = errors.New("no way"); lapsed(t.Context()) },
	} {
		w := newTab(t, person("花子"))
		w.there = nil
		end(w)
		if s := shell.CurrentSession(); s.State != shell.LoggedOut || s.Ended != shell.EndedByTime {
			t.Errorf("%s: this tab has %v", name, s)
		}
		if !slices.Equal(w.news, []string{newsChanged}) {
			t.Errorf("%s: the others hear %v", name, w.news)
		}
	}
	// Where nobody was logged in there is nothing to be told.
	nobody := newTab(t, nil)
	nobody.fails = errors.New("no way")
	if lapsed(t.Context()); nobody.news != nil {
		t.Errorf("the others hear %v", nobody.news)
	}
	// Who hears of it asks, and tells nobody: else they would go on for ever.
	w := newTab(t, person("花子"))
	w.there = nil
	ask(t.Context())
	if shell.CurrentSession().State != shell.LoggedOut || w.news != nil {
		t.Errorf("%v, the others hear %v", shell.CurrentSession(), w.news)
	}
}

func TestAStreamOfASessionBeforeEndsNotTheNewOne(t *testing.T) {
	w := newTab(t, person("花子"))
	w.there = person("太郎") // another tab has logged in over it
	lapsed(t.Context())
	if s := shell.CurrentSession(); s.State != shell.CitizenState || s.Name != "太郎" || w.news != nil {
		t.Errorf("%v, the others hear %v", s, w.news)
	}
}

func TestAnAnswerThatALoginOvertookIsAskedForAnew(t *testing.T) {
	w := newTab(t, nil)
	w.while = func() {
		w.there = person("花子")
		Now(w.there)
	}
	if !ask(t.Context()) {
		t.Fatal("no answer")
	}
	if s := shell.CurrentSession(); s.State != shell.CitizenState || s.Name != "花子" {
		t.Errorf("who has just logged in is %v", s)
	}
}

// The portal ends streams before it answers what ended them.
func TestALogoutIsNotTakenForTheEndOfTime(t *testing.T) {
	for name, after := range map[string]time.Duration{
		"its answer comes at once": 10 * time.Millisecond, "late": time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newTab(t, person("花子"))
			lapseGrace = 300 * time.Millisecond
			w.there = nil
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				lapsed(t.Context())
			}()
			time.Sleep(after)
			out()
			time.Sleep(time.Minute)
			<-ended
			if s := shell.CurrentSession(); s.State != shell.LoggedOut || s.Ended != shell.EndedByPerson {
				t.Errorf("%s: %v", name, s)
			}
			if !slices.Contains(w.news, newsOut) {
				t.Errorf("%s: the others hear %v", name, w.news)
			}
		})
	}
}

// Another person's session, begun in another tab, finds nothing of what was typed here: neither on the device nor in
// the page.
func TestWhatWasTypedIsNoOtherPersons(t *testing.T) {
	t.Cleanup(vault.Clear)
	begun, before := 0, anew
	anew = func() { begun++ }
	t.Cleanup(func() { anew = before })
	of := func(name, owner string) *portalv1.Session {
		s := person(name)
		s.Owner = owner
		return s
	}
	w := newTab(t, of("花子", "card-a"))
	vault.Save("account", "花子")
	vault.Receipt("account", true)
	w.there = nil
	look(t.Context())
	w.there = of("花子", "card-a")
	if look(t.Context()); !vault.HasDraft() || begun != 0 {
		t.Error("the same person finds nothing after logging in again")
	}
	w.there = of("太郎", "card-b")
	if look(t.Context()); vault.HasDraft() || vault.HasReceipt("account", new(bool)) || begun != 1 {
		t.Errorf("another person finds what was typed; the page began anew %d times", begun)
	}
	// Who logs in here is led to another page, which begins anew by itself.
	vault.Save("account", "太郎")
	vault.Receipt("account", true)
	if Began(of("太郎", "card-b")); !vault.HasDraft() || vault.HasReceipt("account", new(bool)) {
		t.Error("after a login of the same person the draft is gone, or what was done before is told")
	}
	if Began(of("花子", "card-a")); vault.HasDraft() || begun != 1 {
		t.Error("after a login of another person the draft is there")
	}
}

// On a device of many, what was typed is gone with the session, however that ends: also where the portal cannot be
// asked, and where the tab comes back only after its end. Elsewhere it stays for the same person.
func TestADeviceOfManyKeepsNothingPastTheSession(t *testing.T) {
	t.Cleanup(vault.Clear)
	for name, end := range map[string]func(*tab){
		"time is over":            func(*tab) { look(t.Context()) },
		"a stream ends":           func(*tab) { lapsed(t.Context()) },
		"no answer to a stream":   func(w *tab) { w.fails = errors.New("no way"); lapsed(t.Context()) },
		"no answer at the end":    func(w *tab) { w.fails = errors.New("no way"); expired(t.Context()) },
		"the tab is brought back": func(*tab) { keeper.clock = clock{}; ask(t.Context()) },
	} {
		for _, shared := range []bool{true, false} {
			there := person("花子")
			there.SharedDevice = shared
			w := newTab(t, there)
			vault.Save("account", "花子")
			vault.Receipt("account", true)
			w.there = nil
			end(w)
			kept := vault.HasDraft() && vault.HasReceipt("account", new(bool))
			s := shell.CurrentSession()
			if kept == shared || s.LeavesNothing != shared && s.State == shell.LoggedOut ||
				shared && s.State != shell.LoggedOut {
				t.Errorf("%s, shared %v: kept %v, %+v", name, shared, kept, s)
			}
			vault.Clear()
		}
	}
}

// A page goes on to speak for whom it shows, after the session's end, too, until another person logs in at it; and
// begins anew once the portal says that another is logged in. What waits here for somebody else moves it not.
func TestAPageSpeaksForWhomItShows(t *testing.T) {
	t.Cleanup(vault.Clear)
	begun, before := 0, anew
	anew = func() { begun++ }
	t.Cleanup(func() { anew = before })
	of := func(owner string) *portalv1.Session {
		s := person(owner)
		s.Owner = owner
		return s
	}
	want := func(what, owner string, anew int) {
		t.Helper()
		if shows() != owner || begun != anew {
			t.Errorf("%s: the page is %q's and began anew %d times", what, shows(), begun)
		}
	}
	w := newTab(t, nil)
	want("nobody was there", "", 0)
	w.there = of("card-a")
	look(t.Context())
	want("a login", "card-a", 0)
	said := words()
	other(t.Context())
	if want("what waits is another's", "card-a", 0); words() != said {
		t.Error("and moved the page")
	}
	w.there = nil
	look(t.Context())
	want("the end of the session", "card-a", 0)
	w.there = of("card-b")
	other(t.Context())
	want("another is logged in, in another tab", "card-a", 1)
	Began(of("card-b"))
	want("another logs in here", "card-b", 1)
}

// The next page shows at once what it shows to who is logged in, but for a device that others use, too.
func TestTheDeviceKnowsThatSomebodyIsLikelyIn(t *testing.T) {
	t.Cleanup(vault.Clear)
	for name, c := range map[string]struct {
		there  *portalv1.Session
		likely bool
	}{
		"a person": {person("花子"), true},
		"nobody":   {nil, false},
		"a person at a device of many": {&portalv1.Session{
			Kind: portalv1.SessionKind_SESSION_KIND_CITIZEN, SharedDevice: true, IdleLeftMs: 900_000,
		}, false},
		"a newcomer": {&portalv1.Session{
			Kind: portalv1.SessionKind_SESSION_KIND_NEWCOMER, IdleLeftMs: 900_000,
		}, false},
	} {
		for _, before := range []*portalv1.Session{nil, person("花子")} {
			w := newTab(t, before)
			w.there = c.there
			ask(t.Context())
			if got := vault.Kept(vault.LikelyKey) != ""; got != c.likely {
				t.Errorf("%s, before %v: likely %v", name, before, got)
			}
		}
	}
	newTab(t, person("花子"))
	if out(); vault.Kept(vault.LikelyKey) != "" {
		t.Error("after a logout somebody is likely in")
	}
}
