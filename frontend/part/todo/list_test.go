//go:build !js

package todo

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func drawn(t *testing.T, c app.Composer, code lang.Code) string {
	t.Helper()
	before := lang.Current()
	lang.Set(code)
	defer lang.Set(before)
	engine := app.NewTestEngine()
	if err := engine.Load(c); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return strings.Join(strings.Fields(app.HTMLString(c)), " ")
}

func has(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("%q is missing in %s", part, html)
		}
	}
}

func TestListInThreeLanguages(t *testing.T) {
	fresh(t)
	has(t, drawn(t, &page{}, lang.Japanese), "まだありません", `href="/guide"`, `href="/procedures"`, "この端末だけ",
		`href="/login?next=%2Ftodo"`)
	waits := moving()
	waits.Id, waits.AddedAt = "t4", 1
	keepAll(t, &portalv1.Task{Id: "t1", PlaceCode: "131105", Number: "P0058", Title: "出生届", OwnDue: "2020-12-07"},
		&portalv1.Task{Id: "t2", Title: "話す《》", Event: "birth", AddedAt: 2},
		&portalv1.Task{Id: "t3", Title: "済んだ", DoneAt: time.Date(2026, 11, 1, 0, 0, 0, 0, clock.Japan).UnixMilli()},
		waits)
	for code, words := range map[lang.Code][]string{
		lang.Japanese: {"期限が過ぎた（1件）", "日にちが決まっていない（2件）", "終わった（1件）", "うち1件は期限を過ぎています", "2020年12月7日(月)まで",
			"2026年11月1日(日)に終わりました",
			"引越しのため", "目黒区", "引越しの日から14日以内", "引越しをした日を入れる"},
		lang.English: {
			"Past their day (1)", "3 to do, 1 of them past", "by Monday, 7 December 2020", "Because of: Moving",
			"within 14 days of the day of the move", "Give the day of the move",
		},
		lang.Easy: {"<ruby>", "話す《》"},
	} {
		html := drawn(t, &page{editing: edit{id: "t1", value: "2026-12-01"}}, code)
		has(t, html, words...)
		has(t, html, `for="todo-t1"`, `href="/procedures/131105/P0058"`, `href="/guide/birth"`, `id="todo-day"`,
			`id="todo-t2-remove"`, `id="todo-t4-from"`)
	}
	shell.SetSession(shell.Session{State: shell.Unknown})
	if html := drawn(t, &page{}, lang.Japanese); strings.Contains(html, "出生届") || !strings.Contains(html, "skeleton") {
		t.Error("a list is shown before it is known whose")
	}
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "花子"})
	has(t, drawn(t, &page{failure: trouble.Message{What: lang.Plain("失敗")}}, lang.Japanese), "この端末に4件",
		`id="todo-take-do"`, "失敗", `id="todo-again"`)
}

func TestRows(t *testing.T) {
	const now = "2026-11-30"
	legal := moving()
	legal.EventDay, legal.LegalDue = "2026-11-09", &portalv1.Due{Last: "2026-11-24", Moved: true, Opens: "2026-12-24"}
	both := moving()
	both.OwnDue, both.LegalDue = "2026-12-03", &portalv1.Due{Last: "2026-12-08"}
	later := moving()
	later.OwnDue, later.LegalDue = "2026-12-09", &portalv1.Due{Last: "2026-12-08"}
	for _, c := range []struct {
		entry Entry
		words []string
	}{
		{
			Entry{Task: &portalv1.Task{Title: "出生届", OwnDue: "2026-11-29"}},
			[]string{"2026年11月29日(日)まで", "期限を過ぎています", "todo-day-past"},
		},
		{
			Entry{Task: &portalv1.Task{Title: "出生届", OwnDue: now}},
			[]string{"今日まで（2026年11月30日(月)）", "todo-day-today", "11月", ">30<", ">月<"},
		},
		{Entry{
			Notice: &portalv1.Notice{
				Id: "n1", Title: "現況届のご案内", Action: "現況届を出す", Office: "目黒区役所", ActionDue: "2026-12-01",
			},
		},
			[]string{"現況届を出す", "目黒区役所「現況届のご案内」", "2026年12月1日(火)まで", `href="/notice/n1"`}},
		{Entry{Notice: &portalv1.Notice{Id: "n1", Title: "ご案内", Office: "目黒区役所"}}, []string{"ご案内", "未定"}},
		{
			Entry{
				Task: legal,
			}, []string{"2026年11月24日(火)まで", "引越しの日から14日以内", "引越しをした日: 2026年11月9日(月)", "次に開く日", "2026年12月24日(木)からできます"},
		},
		{Entry{Task: both}, []string{"2026年12月3日(木)まで", "自分で決めた日です", "期限は2026年12月8日(火)まで"}},
		{Entry{Task: later}, []string{"2026年12月8日(火)まで", "自分で決めた日（2026年12月9日(水)）は、期限より後です"}},
	} {
		has(t, app.HTMLString(whole(c.entry, now)), c.words...)
	}
	if d := due(Entry{Task: &portalv1.Task{Title: "出生届"}}); d.Href != path {
		t.Errorf("what has no page of its own leads to %q", d.Href)
	}
	undated := due(Entry{Task: moving()})
	if words := undated.Words.String(); undated.By != "" || words != "引越しの日から14日以内" {
		t.Errorf("on the timeline nothing is known of the deadline but %q, %q", undated.By, words)
	}
}

// whole is an entry with all that is said of it.
func whole(e Entry, now string) app.UI {
	i := &item{Entry: e, Today: now}
	return i.Render()
}
