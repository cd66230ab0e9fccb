package home

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestThingsToDoByDay(t *testing.T) {
	all := things(
		[]*portalv1.Notice{{Id: "n1"}, {Id: "n2", ActionDue: "2026-12-01"}, {Id: "n3", ActionDue: "2026-11-30"}},
		[]*portalv1.Task{{Id: "t1", Due: "2026-11-29"}, {Id: "t2", Due: "2026-12-01"}, {Id: "t3"}, {Id: "t4", Due: "2026-01-01", DoneAt: 1}},
	)
	var got []string
	for _, thing := range all {
		got = append(got, thing.notice.GetId()+thing.task.GetId())
	}
	if strings.Join(got, " ") != "t1 n3 n2 t2 n1 t3" {
		t.Error(got)
	}
}

func TestEntries(t *testing.T) {
	now := time.Date(2026, 11, 30, 0, 30, 0, 0, lang.Tokyo)
	for want, c := range map[string]thing{
		"期限を過ぎています（2026年11月29日(日)）": {due: "2026-11-29", task: &portalv1.Task{Title: "出生届"}},
		"今日まで（2026年11月30日(月)）":      {due: "2026-11-30", task: &portalv1.Task{Title: "出生届"}},
		"期限 2026年12月1日(火)":          {due: "2026-12-01", notice: &portalv1.Notice{Id: "1", Title: "出生届"}},
		"出生届":                       {task: &portalv1.Task{Title: "出生届"}},
	} {
		html := app.HTMLString(c.entry(now))
		if !strings.Contains(html, want) || !strings.Contains(html, "出生届") {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	if html := app.HTMLString(thing{task: &portalv1.Task{Title: "x"}}.entry(now)); !strings.Contains(html, `href="/todo"`) {
		t.Error(html)
	}
}
