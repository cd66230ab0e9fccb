//go:build !js

package guide

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/vault"
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

func local(s string) *portalv1.LocalText { return &portalv1.LocalText{Ja: s, En: s, Easy: s} }

func birthPlan() *portalv1.PlanLifeEventResponse {
	return &portalv1.PlanLifeEventResponse{
		Event: &portalv1.LifeEvent{Id: "birth", Title: local("妊娠・出産")},
		Questions: []*portalv1.Question{
			{
				Id: "stage", Text: local("時期"), Options: []*portalv1.Question_Option{
					{Id: "pregnant", Label: local("妊娠中")}, {Id: "born", Label: local("生まれた")},
				},
			},
			{Id: "birthday", Text: local("生まれた日"), Optional: true},
			{
				Id: "special", Text: local("あてはまるもの"), Several: true, Options: []*portalv1.Question_Option{
					{Id: "small", Label: local("小さい")}, {Id: "single", Label: local("ひとり")},
				},
			},
		},
		Steps: []*portalv1.PlanStep{
			{Id: "P0058", Number: "P0058", Title: local("出生届"), Why: local("最初に"), Where: local("窓口"),
				Deadline: "14日以内", Registered: true, Online: true,
				Due: &portalv1.Due{Last: "2099-12-07", Opens: "2099-11-23", Moved: true}},
			{
				Id: "work", Title: local("勤務先へ"), Why: local("保険"), Where: local("勤務先"), Due: &portalv1.Due{
					Last: "2020-01-06",
				},
			},
			{Id: "P0064", Number: "P0064", Title: local("医療費"), Why: local("助成"), Where: local("窓口"), Perhaps: true},
		},
	}
}

func meguro() *portalv1.Place {
	return &portalv1.Place{Code: "131105", Kind: portalv1.Place_KIND_CITY, Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"}
}

func eventPage() *page {
	p := &page{opened: true, known: true}
	p.view = view{event: happenings[0], given: answers{}, left: map[string]bool{}, plan: birthPlan(), place: meguro()}
	return p
}

// The path of the page that draws in a test is none of an event's, so the view is set and kept.
type fixed struct {
	app.Compo
	page *page
}

func (f *fixed) Render() app.UI { return f.page.Render() }

func TestOverviewInThreeLanguages(t *testing.T) {
	for code, words := range map[lang.Code]string{
		lang.Japanese: "死亡・相続", lang.English: "Death and inheritance", lang.Easy: "亡",
	} {
		html := drawn(t, &overview{}, code)
		has(t, html, words, `href="/procedures"`, `href="/todo"`)
		for _, id := range []string{
			"birth", "child", "move", "work", "marriage", "care", "disability", "disaster", "death",
		} {
			has(t, html, `href="/guide/`+id+`"`)
		}
	}
}

func TestEventPageInThreeLanguages(t *testing.T) {
	t.Cleanup(vault.Clear)
	for code, words := range map[lang.Code][]string{
		lang.Japanese: {"当てはまる手続 2件", "当てはまるかもしれない手続 1件", "2099年12月7日(月)まで", "次に開く日", "2099年11月23日(月)から", "期限を過ぎています",
			"オンライン申請可", "3問のうち0問",
			"質問 1 / 3", "まだわからない", "どれも当てはまらない", "目黒区（東京都）の場合", "やることリストに入れる（2件）"},
		lang.English: {
			"Applies to you: 2", "May apply: 1", "by Monday, 7 December 2099", "I do not know yet", "None of these",
		},
		lang.Easy: {"手続", "<ruby>"},
	} {
		html := drawn(t, &fixed{page: eventPage()}, code)
		has(t, html, words...)
		has(t, html, `href="/procedures/131105/P0058"`, `href="/procedures/131105/P0064"`,
			`href="/procedures/compare?event=birth&place=131105"`, `type="date"`,
			`id="guide-q-stage-born"`, `id="guide-q-special-none"`)
	}
}

func TestUnknownEvent(t *testing.T) {
	has(t, drawn(t, &fixed{page: &page{opened: true}}, lang.Japanese), "ありません", `href="/guide"`)
	for path, want := range map[string]bool{
		"/guide/birth": true, "/guide/death": true, "/guide/x": false, "/guide/": false, "/guide": false,
		"/guide/birth/x": false,
	} {
		if _, known := happeningOf(path); known != want {
			t.Errorf("%s: %v", path, known)
		}
	}
}

func TestAnswers(t *testing.T) {
	special := birthPlan().GetQuestions()[2]
	a := answers{}
	a.toggle(special, "single", true)
	a.toggle(special, "small", true)
	if a["special"] != "small single" || !a.chose("special", "small") || a.leftOpen("special") {
		t.Errorf("%v", a)
	}
	a.toggle(special, "single", false)
	a.toggle(special, "small", false)
	if _, answered := a["special"]; answered {
		t.Error("none ticked is an answer without having been chosen")
	}
	a["special"] = "" // none of these
	if !a.leftOpen("special") {
		t.Error("not left open")
	}
	for _, c := range []struct {
		day     string
		changed bool
		want    string
	}{
		{"2026-11-2", false, ""}, {"0002-11-20", false, ""}, {"2026-11-20", true, "2026-11-20"},
		{"2026-11-20", false, "2026-11-20"}, {"", true, ""}, {"", false, ""},
	} {
		if changed := a.setDay("birthday", c.day); changed != c.changed || a["birthday"] != c.want {
			t.Errorf("%s: changed %v, now %q", c.day, changed, a["birthday"])
		}
	}
	a["stage"] = "born"
	r := a.request("birth", "131105")
	if len(r.GetAnswers()) != 2 || r.GetAnswers()[0].GetQuestion() != "special" ||
		r.GetAnswers()[1].GetValue() != "born" || r.GetPlaceCode() != "131105" {
		t.Errorf("%v", r)
	}
	if n := a.count(birthPlan().GetQuestions()); n != 2 {
		t.Errorf("%d answered", n)
	}
}

func TestChoosingWhatGoesOnTheList(t *testing.T) {
	t.Cleanup(vault.Clear)
	p := eventPage()
	steps := p.plan.GetSteps()
	if tasks := p.toAdd(); len(tasks) != 2 || tasks[0].GetOwnDue() != "2099-12-07" ||
		tasks[0].GetPlaceCode() != "131105" || tasks[1].GetPlaceCode() != "" || tasks[1].GetEvent() != "birth" {
		t.Errorf("%v", tasks)
	}
	p.tick(steps[0], false)
	p.tick(steps[2], true)
	if tasks := p.toAdd(); len(tasks) != 2 || tasks[0].GetTitle() != "勤務先へ" || tasks[1].GetNumber() != "P0064" {
		t.Errorf("%v", tasks)
	}
	p.tick(steps[2], false)
	p.tick(steps[1], false)
	if tasks := p.toAdd(); len(tasks) != 0 {
		t.Errorf("%v", tasks)
	}
}

func TestAnswersFromBeforeTheQuestionsChanged(t *testing.T) {
	p := eventPage()
	p.now = "gone"
	if i := at(p.plan.GetQuestions(), p.now); i != 0 {
		t.Errorf("question %d", i)
	}
	p.now = "special"
	if i := at(p.plan.GetQuestions(), p.now); i != 2 {
		t.Errorf("question %d", i)
	}
}

func TestKeptPlan(t *testing.T) {
	given := answers{"stage": "born"}
	whole := keptPlan{request: given.request("birth", "131105"), place: "目黒区", plan: birthPlan()}
	data, err := whole.packed()
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Put(t.Context(), vault.Answers, "birth", data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vault.Clear)
	kept, ok := planKept(t.Context(), "birth")
	if !ok || len(kept.plan.GetSteps()) != 3 || kept.request.GetPlaceCode() != "131105" || kept.place != "目黒区" ||
		answersIn(kept.request)["stage"] != "born" || time.Since(kept.at) > time.Hour {
		t.Errorf("%v %v", kept, ok)
	}
	for _, bad := range []string{"", "\x00\x00\x00", "\xff", string(data[:len(data)-1]), "x" + string(data)} {
		if _, ok := unpackPlan([]byte(bad), "birth"); ok {
			t.Errorf("%q is taken for a plan", bad)
		}
	}
	if _, ok := unpackPlan(data, "death"); ok {
		t.Error("the plan of another event")
	}
	forgetPlan("birth")
	for ok {
		_, ok = planKept(t.Context(), "birth")
	}
}

func TestComparePath(t *testing.T) {
	if got := comparePath("birth", ""); got != "/procedures/compare?event=birth" {
		t.Error(got)
	}
	if _, err := url.Parse(comparePath("birth", "131105")); err != nil {
		t.Error(err)
	}
}

// What is known of a step goes on the list with it, and no day is made one of the person's own.
func TestAStepTakesItsDeadlineAlong(t *testing.T) {
	plan := birthPlan()
	plan.Steps[0].DeadlineRule, plan.Steps[0].DayQuestion = &portalv1.DeadlineRule{
		From: "birth", Within: "14d",
	}, local("生まれた日")
	place := &portalv1.Place{Code: "131105", Name: "目黒区"}
	task := taskOf(plan.GetSteps()[0], plan.GetEvent(), place, "出生届")
	if task.GetDeadline() != "14日以内" || task.GetDeadlineRule().GetWithin() != "14d" ||
		task.GetLegalDue().GetLast() != "2099-12-07" || task.GetOwnDue() != "" ||
		task.GetEventTitle().GetJa() != "妊娠・出産" || task.GetPlaceName() != "目黒区" || task.GetWhere().GetJa() != "窓口" ||
		task.GetDayQuestion().GetJa() != "生まれた日" {
		t.Error(task)
	}
	old := taskOf(plan.GetSteps()[1], plan.GetEvent(), place, "勤務先へ")
	if old.GetOwnDue() != "2020-01-06" || old.GetPlaceCode() != "" {
		t.Error(old)
	}
}
