package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/clock"
)

type blank struct{ app.Compo }

func (*blank) Render() app.UI { return Heading(lang.Plain("本人の頁")) }

// withHouse puts up a small house for one test.
func withHouse(t *testing.T) {
	t.Helper()
	before := house
	house.pages, house.patterns, house.entries, house.starts = nil, nil, nil, nil
	page := func() app.Composer { return &blank{} }
	Use(Feature{
		Pages: []Page{
			{Path: "/", Prerender: "top", Title: lang.Plain("入口"), New: page},
			{Path: "/home", Title: lang.Plain("ホーム"), For: Citizen, New: page},
			{Path: "/account/open", Title: lang.Plain("開設"), For: Newcomer, New: page},
			{Path: "/notice", Title: lang.Plain("お知らせ"), For: Citizen, New: page},
			{Pattern: "^/notice/[^/]+$", Title: lang.Plain("一通"), Parent: "/notice", For: Citizen, New: page},
		},
		Entries: []Entry{
			{Path: "/help", Label: lang.Plain("使い方"), Order: 90},
			{Path: "/notice", Label: lang.Plain("お知らせ"), For: Citizen, Order: 20},
		},
	})
	t.Cleanup(func() {
		house = before
		store.session, store.holds = Session{}, nil
	})
}

func draw(t *testing.T, route int) string {
	t.Helper()
	root := &frame{Route: route}
	engine := app.NewTestEngine()
	if err := engine.Load(root); err != nil {
		t.Fatal(err)
	}
	return app.HTMLString(root)
}

func TestPersonalPageIsNeverPrerendered(t *testing.T) {
	withHouse(t)
	SetSession(Session{State: CitizenState, Name: "花子"})
	for route := 1; route < 5; route++ {
		if got := draw(t, route); strings.Contains(got, "本人の頁") {
			t.Errorf("route %d shows the page itself", route)
		}
	}
	if got := draw(t, 0); !strings.Contains(got, "本人の頁") {
		t.Error("the public page is not drawn")
	}
	if got := draw(t, notFoundRoute); !strings.Contains(got, textNotFound.String()) {
		t.Error("no page for paths that are nobody's")
	}
}

func TestWhoMaySeeWhat(t *testing.T) {
	withHouse(t)
	for _, c := range []struct {
		name    string
		route   int
		session Session
		page    bool
		says    lang.Text
	}{
		{"unknown on a personal page", 1, Session{}, true, lang.Text{}},
		{"citizen", 3, Session{State: CitizenState}, true, lang.Text{}},
		{"nobody", 3, Session{State: LoggedOut}, false, textNeedsLogin},
		{"logged out here", 3, Session{State: LoggedOut, Ended: EndedByPerson}, false, textLoggedOut},
		{"timed out", 3, Session{State: LoggedOut, Ended: EndedByTime}, false, textTimedOut},
		{"newcomer on the home page", 1, Session{State: NewcomerState}, false, textNeedsFolder},
		{"newcomer opening", 2, Session{State: NewcomerState}, true, lang.Text{}},
		{"nobody opening", 2, Session{State: LoggedOut}, false, textNeedsLogin},
		{"nobody at the top", 0, Session{State: LoggedOut, Ended: EndedByPerson}, true, lang.Text{}},
	} {
		// As in a browser: Prerender does not count.
		f := &frame{Route: c.route, path: "/x"}
		prerender := house.pages[c.route].Prerender
		house.pages[c.route].Prerender = "x"
		got := f.instead(c.session)
		house.pages[c.route].Prerender = prerender
		if (got == nil) != c.page {
			t.Errorf("%s: page %v, want %v", c.name, got == nil, c.page)
			continue
		}
		if got != nil && !strings.Contains(app.HTMLString(got), c.says.String()) {
			t.Errorf("%s: %s", c.name, app.HTMLString(got))
		}
	}
}

func TestHalfFilledFormStaysWhenTheSessionLapses(t *testing.T) {
	withHouse(t)
	f := &frame{Route: 3}
	lapsed := Session{State: LoggedOut, Ended: EndedByTime}
	if f.keepsPage(lapsed) {
		t.Error("kept with nothing filled in")
	}
	release := HoldUpdates()
	if !f.keepsPage(lapsed) {
		t.Error("a half-filled form is thrown away")
	}
	if f.keepsPage(Session{State: LoggedOut, Ended: EndedByPerson}) {
		t.Error("kept although the person logged out")
	}
	if lapsed.LeavesNothing = true; f.keepsPage(lapsed) {
		t.Error("kept on a device of many")
	}
	release()
	release()
	if Held() {
		t.Error("still held")
	}
}

func TestPhases(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, clock.Japan)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	for _, c := range []struct {
		name    string
		session Session
		want    phase
		canKeep bool
	}{
		{
			"fresh", Session{State: CitizenState, IdleEnds: in(15 * time.Minute), AbsoluteEnds: in(12 * time.Hour)},
			running, true,
		},
		{
			"two minutes left", Session{
				State: CitizenState, IdleEnds: in(2 * time.Minute), AbsoluteEnds: in(time.Hour),
			}, ending, true,
		},
		{
			"a second more", Session{State: CitizenState, IdleEnds: in(121 * time.Second), AbsoluteEnds: in(time.Hour)},
			running, true,
		},
		{"over", Session{State: NewcomerState, IdleEnds: now, AbsoluteEnds: in(time.Hour)}, over, true},
		{
			"longest time", Session{State: CitizenState, IdleEnds: in(15 * time.Minute), AbsoluteEnds: in(time.Minute)},
			ending, false,
		},
		{"nobody", Session{State: LoggedOut, IdleEnds: now}, running, true},
		{"no times", Session{State: CitizenState}, running, false},
	} {
		if got := c.session.phaseAt(now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if _, canKeep := c.session.end(); canKeep != c.canKeep {
			t.Errorf("%s: can keep %v", c.name, canKeep)
		}
	}
}

func TestMenuAndWayBack(t *testing.T) {
	withHouse(t)
	seen := func(s Session) (paths []string) {
		for _, e := range menu() {
			if s.sees(e) {
				paths = append(paths, e.Path)
			}
		}
		return paths
	}
	if got := seen(Session{State: LoggedOut}); len(got) != 1 || got[0] != "/help" {
		t.Errorf("for visitors: %v", got)
	}
	if got := seen(Session{State: CitizenState}); len(got) != 2 || got[0] != "/notice" {
		t.Errorf("for citizens: %v", got)
	}
	if got := WithNext("/login", "/notice/a&b"); got != "/login?next=%2Fnotice%2Fa%26b" {
		t.Error(got)
	}
	if p, ok := find("/notice/01ABC"); !ok || p.Parent != "/notice" {
		t.Error("the pattern is not found")
	}
	if _, ok := find("/notice/a/b"); ok {
		t.Error("a path too deep is found")
	}
}

// Without the portal nobody knows who is in: a name that is known stays, and ログイン is not offered to who may be in.
func TestWhoIsInWithoutThePortal(t *testing.T) {
	withHouse(t)
	t.Cleanup(func() { SetReachable(true) })
	SetReachable(false)
	for _, c := range []struct {
		session  Session
		has, not string
	}{
		{Session{}, textWhenBack.String(), "header-login"},
		{Session{State: CitizenState, Name: "花子"}, "花子さん", "header-login"},
		{Session{State: LoggedOut}, "header-login", textWhenBack.String()},
	} {
		SetSession(c.session)
		if got := draw(t, 0); !strings.Contains(got, c.has) || strings.Contains(got, c.not) {
			t.Errorf("%+v: %s", c.session, got)
		}
	}
}

func TestWhatWasTypedIsToldOnlyWhereSomethingWas(t *testing.T) {
	withHouse(t)
	t.Cleanup(func() { SetReachable(true) })
	SetReachable(false)
	if got := draw(t, 0); !strings.Contains(got, textUnreachable.String()) || strings.Contains(got, textKept.String()) {
		t.Error("told with nothing typed")
	}
	release := HoldUpdates()
	defer release()
	if got := draw(t, 0); !strings.Contains(got, textKept.String()) {
		t.Error("not told")
	}
}

// What was still on its way when somebody logged out is counted for nobody.
func TestNobodyHasUnreadNotices(t *testing.T) {
	t.Cleanup(func() {
		SetUnread(0)
		SetSession(Session{})
	})
	SetSession(Session{State: CitizenState})
	if SetUnread(3); Unread() != 3 {
		t.Errorf("%d unread while somebody is in", Unread())
	}
	SetSession(Session{State: LoggedOut})
	if SetUnread(2); Unread() != 0 {
		t.Errorf("%d unread when nobody is in", Unread())
	}
}
