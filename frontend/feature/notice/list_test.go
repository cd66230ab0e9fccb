package notice

import (
	"strings"
	"testing"
	"time"

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
	if !l.arrive(&portalv1.Notice{Id: "d"}) || l.arrive(&portalv1.Notice{Id: "d"}) ||
		l.request().GetPageToken() != "t" {
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
	for f, want := range map[filter]bool{all: true, unread: false} {
		l := list{filter: f, loaded: true}
		if got := l.arrive(&portalv1.Notice{Id: "x", Read: true}); got != want {
			t.Errorf("%s: %v", f, got)
		}
	}
}

// What a notice asks for is ticked off where it is read, too.
func TestANoticeSaysThatItIsDone(t *testing.T) {
	act := &portalv1.Notice{ActionRequired: true, Action: "申請する"}
	drawn := func() string { return app.HTMLString(app.Div().Body((&detail{notice: act}).body()...)) }
	if got := drawn(); !strings.Contains(got, "終わりにする") || strings.Contains(got, "終わりにしました") {
		t.Error(got)
	}
	act.DoneAt = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC).UnixMilli()
	if got := drawn(); !strings.Contains(got, "やることに戻す") || !strings.Contains(got, "2026年11月22日(日)に終わりにしました") {
		t.Error(got)
	}
}

// Before one leaves one reads where to: a notice whose address could be anybody's has no button at all.
func TestTheSiteIsNamedBeforeOneLeaves(t *testing.T) {
	act := &portalv1.Notice{ActionRequired: true, Action: "申請する", ActionUrl: "https://www.city.example.jp/hoiku?a=1"}
	drawn := func() string {
		d := &detail{notice: act}
		return app.HTMLString(app.Div().Body(append(d.body(), d.rail().UI())...))
	}
	if got := drawn(); !strings.Contains(got, "www.city.example.jp のサイトを開きます") ||
		!strings.Contains(got, `href="https://www.city.example.jp/hoiku?a=1"`) {
		t.Error(got)
	}
	act.ActionUrl = "javascript:alert(1)"
	if got := drawn(); strings.Contains(got, "javascript") || strings.Contains(got, "<a ") {
		t.Error(got)
	}
}

func TestIDOfPath(t *testing.T) {
	for path, want := range map[string]string{
		"/notice/01ABC": "01ABC", "/notice/": "", "/notice": "", "/notice/a/b": "", "/other/x": "",
	} {
		if got := idOf(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}
