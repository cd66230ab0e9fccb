package notice

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

func ids(l list) string {
	s := ""
	for _, n := range l.notices {
		s += n.GetId()
	}
	return s
}

func TestPagesAndArrivals(t *testing.T) {
	l := list{filter: all}
	if l.arrive(&portalv1.Notice{Id: "x"}) {
		t.Error("a notice arrives in a list that is not there yet")
	}
	l.add(&portalv1.ListNoticesResponse{Notices: []*portalv1.Notice{{Id: "c"}, {Id: "b"}}, NextPageToken: "t"})
	if !l.arrive(&portalv1.Notice{Id: "d"}) || l.arrive(&portalv1.Notice{Id: "d"}) || l.request().GetPageToken() != "t" {
		t.Error("an arrival is not shown once")
	}
	l.add(&portalv1.ListNoticesResponse{Notices: []*portalv1.Notice{{Id: "b"}, {Id: "a", Read: true}}})
	if ids(l) != "dcba" || l.next != "" {
		t.Errorf("%s, next %q", ids(l), l.next)
	}
	marked := l.unreadIDs()
	if len(marked) != 3 {
		t.Errorf("%v", marked)
	}
	l.markRead(marked)
	if len(l.unreadIDs()) != 0 {
		t.Error("still unread")
	}
}

func TestFiltersHoldForArrivals(t *testing.T) {
	for f, c := range map[filter]struct{ action, read, want bool }{
		all:    {false, true, true},
		unread: {false, true, false},
		todo:   {false, false, false},
	} {
		l := list{filter: f, loaded: true}
		if got := l.arrive(&portalv1.Notice{Id: "x", ActionRequired: c.action, Read: c.read}); got != c.want {
			t.Errorf("%s: %v", f, got)
		}
	}
	l := list{filter: todo, loaded: true}
	if !l.arrive(&portalv1.Notice{Id: "x", ActionRequired: true}) {
		t.Error("something to do is not in the list of what is to be done")
	}
}

// Before one leaves one reads where to: a notice whose address could be anybody's has no button at all.
func TestTheSiteIsNamedBeforeOneLeaves(t *testing.T) {
	act := &portalv1.Notice{ActionRequired: true, Action: "申請する", ActionUrl: "https://www.city.example.jp/hoiku?a=1"}
	drawn := func() string { return app.HTMLString(app.Div().Body((&detail{notice: act}).body()...)) }
	if got := drawn(); !strings.Contains(got, "www.city.example.jp のサイトを開きます") || !strings.Contains(got, `href="https://www.city.example.jp/hoiku?a=1"`) {
		t.Error(got)
	}
	act.ActionUrl = "javascript:alert(1)"
	if got := drawn(); strings.Contains(got, "javascript") || strings.Contains(got, "<a ") {
		t.Error(got)
	}
}

func TestIDOfPath(t *testing.T) {
	for path, want := range map[string]string{"/notice/01ABC": "01ABC", "/notice/": "", "/notice": "", "/notice/a/b": "", "/other/x": ""} {
		if got := idOf(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}
