//go:build !js

package device

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// opened is the page on a device of its own, and what it works with.
func opened(t *testing.T) (*page, func() string) {
	t.Helper()
	p := &page{}
	engine := app.NewTestEngine()
	if err := engine.Load(&stage{page: p}); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	p.look(func() {})
	engine.ConsumeAll()
	return p, func() string {
		engine.ConsumeAll()
		return app.HTMLString(p.Render())
	}
}

// stage lends its context, which only a browser gives a component.
type stage struct {
	app.Compo
	page *page
}

func (s *stage) OnPreRender(ctx app.Context) { s.page.ctx = ctx }

func (s *stage) Render() app.UI { return app.Div() }

func fresh(t *testing.T) {
	t.Helper()
	empty := func() {
		vault.Clear()
		if err := vault.Wipe(context.Background(), vault.Procedures, vault.Pages); err != nil {
			t.Error(err)
		}
		vault.Clear()
		shell.SetSession(shell.Session{})
	}
	empty()
	t.Cleanup(empty)
	shell.SetSession(shell.Session{State: shell.LoggedOut})
}

// used leaves what somebody leaves who used the device without a login.
func used(t *testing.T) {
	t.Helper()
	place.Remember(&portalv1.Place{
		Code: "131105", Kind: portalv1.Place_KIND_WARD, Prefecture: "東京都", Name: "目黒区", English: "Meguro-ku, Tokyo",
	})
	todo.Add(app.Context{}, []*portalv1.Task{{Title: "出生届"}, {Title: "児童手当"}},
		func(_ app.Context, added int, err error) {
			if added != 2 || err != nil {
				t.Fatal(added, err)
			}
		})
	vault.Keep(vault.PlanKey+"move", "{}")
	vault.Save(vault.AnswersDraft+"move", map[string]string{"a": "b"})
	vault.Save(vault.AnswersDraft+"birth", map[string]string{"a": "b"})
	vault.KeepValue(vault.DayKey+"birth", "2026-11-20")
	vault.KeepValue(vault.TickKey+"131105.P0012", []string{"印鑑"})
	vault.Save("account", struct{ Name string }{"花子"})
	vault.HavePages(3)
	for _, head := range []vault.PlaceHead{
		{Code: "131130", Name: "渋谷区", At: time.Now()}, {Code: "131105", Name: "目黒区", At: time.Now()},
	} {
		if err := vault.KeepPlace(context.Background(), head, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
}

func has(t *testing.T, html string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html, text) {
			t.Errorf("no %q in %s", text, html)
		}
	}
}

func TestWhatIsThereIsSaidInWords(t *testing.T) {
	fresh(t)
	used(t)
	p, html := opened(t)
	has(t, html(), "目黒区（東京都）", "渋谷区、目黒区", ": やることリスト", "1件（このタブ）", textAll.String())
	said := map[vault.Kind]string{}
	for _, it := range p.items {
		said[it.kind] = it.detail.String()
	}
	for kind, want := range map[vault.Kind]string{
		vault.Tasks: "2件", vault.Answers: "2件", vault.Days: "1件", vault.Ticks: "1件", vault.Drafts: "1件（このタブ）",
		vault.Pages: "3件",
	} {
		if said[kind] != want {
			t.Errorf("%s: %s", kind, said[kind])
		}
	}
	if _, there := said[vault.Rest]; there || len(p.items) != 8 {
		t.Errorf("%v", said)
	}
	lang.Set(lang.English)
	t.Cleanup(func() { lang.Set(lang.Japanese) })
	has(t, html(), "渋谷区", "Meguro-ku", "The to-do list")
}

func TestOneThingGoesAndTheRestStays(t *testing.T) {
	fresh(t)
	used(t)
	p, html := opened(t)
	p.wipe(textGone.F(names[1].name), vault.Tasks)
	has(t, html(), "「やることリスト」を消しました", "目黒区（東京都）")
	if todo.OnDevice() != 0 || place.Remembered() == nil || len(p.items) != 7 {
		t.Errorf("%d tasks, %v, %d things", todo.OnDevice(), place.Remembered(), len(p.items))
	}
	if tasks, _ := todo.Known(); len(tasks) != 0 {
		t.Errorf("%v are remembered elsewhere", tasks)
	}
}

func TestEverythingGoes(t *testing.T) {
	fresh(t)
	used(t)
	vault.Belong("card")
	p, html := opened(t)
	p.asking = true
	has(t, app.HTMLString(p.dialog()), textAskBody.String(), textAskTasks.String())
	p.wipe(textGoneAll, vault.Kinds...)
	has(t, html(), textGoneAll.String(), textNothing.String())
	if p.asking || len(vault.Left()) != 0 || place.Remembered() != nil || p.busy {
		t.Errorf("%v, %v, %v", p.asking, vault.Left(), place.Remembered())
	}
}

func TestWhatCannotBeReadCanBeWiped(t *testing.T) {
	fresh(t)
	vault.Keep(vault.PlaceKey, "<script>")
	vault.Keep(vault.TasksKey, "{")
	vault.Keep("of-old", "x")
	p, html := opened(t)
	has(t, html(), textNoSense.String(), "そのほかの記録")
	p.wipe(textGoneAll, vault.Kinds...)
	has(t, html(), textNothing.String())
}

func TestNothingThere(t *testing.T) {
	fresh(t)
	_, html := opened(t)
	has(t, html(), textNothing.String())
	if strings.Contains(html(), "device-all") {
		t.Error("a button for nothing")
	}
	t.Cleanup(vault.Refuse())
	_, html = opened(t)
	has(t, html(), textRefuses.String())
}

// What stays although it was to go is told of.
func TestFailureIsTold(t *testing.T) {
	fresh(t)
	used(t)
	p, html := opened(t)
	p.tell(textGoneAll, context.DeadlineExceeded, vault.Kinds, time.Now())
	has(t, html(), textFailed.String(), `role="alert"`)
	if !p.done.Empty() {
		t.Error("told as done")
	}
}

// What an office sent after it was wiped is no failure to wipe: whoever is logged in goes on hearing from offices.
func TestWhatCameSinceIsNoFailure(t *testing.T) {
	fresh(t)
	p, _ := opened(t)
	began := time.Now()
	for since, fails := range map[time.Duration]bool{-time.Second: true, time.Second: false} {
		p.items = []item{{kind: vault.Tasks, oldest: began.Add(since).UnixMilli()}}
		p.failed, p.done = false, lang.Text{}
		p.tell(textGoneAll, nil, []vault.Kind{vault.Tasks}, began)
		if p.failed != fails || p.done.Empty() != fails {
			t.Errorf("kept %v after the wipe: failed %t", since, p.failed)
		}
	}
}

func TestPrerendered(t *testing.T) {
	shell.Use(Feature)
	t.Cleanup(func() { lang.Set(lang.Japanese) })
	for _, c := range lang.All {
		drawn, err := shell.Prerender("device", c)
		if err != nil {
			t.Fatal(err)
		}
		has(t, drawn.Root, `id="device-now"`, `class="skeleton"`, `id="device-stays"`)
	}
}

// What a tab forgets by itself, as after a login, takes no page away in which somebody is just pressing something.
func TestPagesBeginAnewForWhatTheyHoldACopyOf(t *testing.T) {
	for _, c := range []struct {
		here  string
		wiped []vault.Kind
		anew  bool
	}{
		{"/todo", []vault.Kind{"myinfo"}, false},
		{"/procedures", []vault.Kind{"myinfo"}, false},
		{"/guide/birth", []vault.Kind{"myinfo"}, false},
		{"/todo", []vault.Kind{"myinfo", vault.Tasks}, true},
		{"/todo", []vault.Kind{vault.Place}, false},
		{"/guide/birth", []vault.Kind{vault.Answers}, true},
		{"/procedures/131105/P0012", []vault.Kind{vault.Ticks}, true},
		{"/procedures", []vault.Kind{vault.Place}, true},
		{"/home", allKinds(), false},
	} {
		if got := holdsCopy(c.here, c.wiped); got != c.anew {
			t.Errorf("%s, wiped %v: %v", c.here, c.wiped, got)
		}
	}
}
