package flow

import (
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/vault"
)

// wish is a form of three steps and an end.
type wish struct {
	Agreed bool
	Name   string
}

type page struct {
	app.Compo
	Flow
	ctx    app.Context
	wish   wish
	told   struct{ Number string }
	undone []string
}

func (p *page) OnPreRender(ctx app.Context) { p.ctx = ctx }
func (p *page) Render() app.UI              { return app.Div() }

func missing(is bool, field string) func() []kit.FieldError {
	return func() []kit.FieldError {
		if is {
			return []kit.FieldError{{Field: field, Message: lang.Plain("missing " + field)}}
		}
		return nil
	}
}

// load opens the page as a browser does at an address.
func load(t *testing.T, query string) *page {
	t.Helper()
	p := &page{}
	step := func(name string, check func() []kit.FieldError) Step {
		return Step{
			Name: name, Title: lang.Plain("title of " + name), Check: check,
			Draw: func() []app.UI { return []app.UI{app.P().Text("draws " + name)} },
			Undo: func() { p.undone = append(p.undone, name) },
		}
	}
	steps := []Step{
		step("terms", func() []kit.FieldError { return missing(!p.wish.Agreed, "agree")() }),
		step("form", func() []kit.FieldError { return missing(p.wish.Name == "", "name")() }),
		step("check", nil),
		step("done", nil),
	}
	steps[2].Do, steps[2].Action = func(app.Context) { p.Finish() }, lang.Plain("send it")
	p.Flow = Flow{Name: "wish", Steps: steps, Form: &p.wish, Done: &p.told, Leave: "/away"}
	engine := app.NewTestEngine()
	if err := engine.Load(p); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	to := *p.ctx.Page().URL()
	to.RawQuery = query
	p.ctx.Page().ReplaceURL(&to)
	p.Open(p.ctx)
	return p
}

func begin(t *testing.T) {
	t.Helper()
	vault.Clear()
	t.Cleanup(vault.Clear)
}

// lead has the browser lead to another address of the page.
func (p *page) lead(query string) {
	to := *p.ctx.Page().URL()
	to.RawQuery = query
	p.ctx.Page().ReplaceURL(&to)
	p.Arrive()
}

func (p *page) fill() {
	p.wish = wish{true, "花子"}
	p.Touched()
}

func (p *page) html() string { return app.HTMLString(p.UI()) }

func (p *page) shows(t *testing.T, name string, words ...string) {
	t.Helper()
	html := p.html()
	if p.At() != name || At(p.ctx) != name || strings.Count(html, "draws ") != 1 {
		t.Errorf("at %q, the address says %q, instead of %q: %s", p.At(), At(p.ctx), name, html)
	}
	for _, w := range words {
		if !strings.Contains(html, w) {
			t.Errorf("%q is missing in %s", w, html)
		}
	}
}

func TestEachStepHasItsAddress(t *testing.T) {
	begin(t)
	p := load(t, "next=%2Fnotice")
	p.shows(t, "terms", "次へ（title of form）", `href="/away"`)
	if p.next(p.ctx); p.At() != "terms" || p.Fault("agree").Empty() {
		t.Error("goes on without what is missing")
	}
	p.fill()
	p.next(p.ctx)
	p.shows(t, "form", "次へ（title of check）", "もどる")
	p.next(p.ctx)
	p.shows(t, "check", "send it")
	if !strings.Contains(p.ctx.Page().URL().RawQuery, "next=%2Fnotice") {
		t.Error("the rest of the address is lost")
	}
	p.back(p.ctx)
	p.Arrive() // as the browser has it
	p.shows(t, "form")
	p.lead("step=terms")
	p.shows(t, "terms")
	p.lead("step=check") // forward over what is done
	p.shows(t, "check")
	if p.wish != (wish{true, "花子"}) {
		t.Errorf("lost on the way: %+v", p.wish)
	}
	p.Close()
}

func TestALaterStepLeadsToTheFirstThatIsNotDone(t *testing.T) {
	begin(t)
	p := load(t, "step=check")
	p.shows(t, "terms", "「title of check」へ進むには、先に「title of terms」を")
	p.wish.Agreed = true
	p.Touched()
	p.lead("step=check")
	p.shows(t, "form", "先に「title of form」を")
	p.wish.Name = "花子"
	p.Touched()
	p.next(p.ctx)
	p.shows(t, "check")
	if strings.Contains(p.html(), "先に") {
		t.Error("says why although it is where it wanted to be")
	}
	p.lead("step=done") // nobody comes to the end but by what the flow does
	p.shows(t, "check", "「title of done」へ進むには")
	p.lead("step=nonsense")
	p.shows(t, "terms")
	p.Close()
}

func TestAReloadKeepsWhatWasTypedAndWhere(t *testing.T) {
	begin(t)
	p := load(t, "")
	p.fill()
	p.next(p.ctx)
	p.next(p.ctx)
	for query, at := range map[string]string{
		"step=form": "form", "step=check": "check", "": "check", "next=%2Fhome": "check",
	} {
		again := load(t, query)
		again.shows(t, at, "保存 ")
		if again.wish != p.wish {
			t.Errorf("%q: %+v", query, again.wish)
		}
		if at == "check" {
			again.lead("step=terms")
			again.shows(t, "terms")
		}
		p.Close()
		if !shell.Held() {
			t.Error("half filled in, and an update would take it away")
		}
		again.Close()
		p.fill()
		p.Close()
	}
}

func TestNothingTypedIsLeftAtTheEnd(t *testing.T) {
	begin(t)
	p := load(t, "")
	p.fill()
	p.next(p.ctx)
	p.next(p.ctx)
	p.told.Number = "A-1"
	p.next(p.ctx)
	p.shows(t, "done")
	if vault.HasDraft() || shell.Held() || strings.Contains(p.html(), "次へ") || strings.Contains(p.html(), "保存 ") {
		t.Error("the flow is not over")
	}
	p.lead("step=check")
	p.shows(t, "done", "前の段階にはもどれません")
	again := load(t, "step=done")
	again.shows(t, "done")
	if again.told.Number != "A-1" || again.wish != (wish{}) || !again.Ended() {
		t.Errorf("loaded again it says %+v, %+v", again.told, again.wish)
	}
	if strings.Contains(again.html(), "前の段階には") {
		t.Error("who loads the page again did not try to go back")
	}
	again.Close() // the person leaves
	load(t, "").shows(t, "terms")
}

func TestGoingBackTakesBackWhatAStepDid(t *testing.T) {
	begin(t)
	p := load(t, "")
	p.fill()
	p.next(p.ctx)
	p.next(p.ctx)
	if p.undone != nil {
		t.Errorf("going on took back %v", p.undone)
	}
	p.lead("step=terms")
	if !slices.Equal(p.undone, []string{"check", "form"}) {
		t.Errorf("took back %v", p.undone)
	}
	p.Close()
}

func TestWhileItIsAtWorkTheStepStays(t *testing.T) {
	begin(t)
	p := load(t, "")
	p.fill()
	p.GoTo("check")
	p.Busy = true
	p.lead("step=terms")
	if p.At() != "check" {
		t.Error("left what is being done")
	}
	p.Busy = false
	p.Fail(trouble.Message{What: lang.Plain("no way")})
	p.shows(t, "check", "no way")
	if !vault.HasDraft() {
		t.Error("what was typed is gone")
	}
	p.Close()
}

func TestADeviceThatKeepsNothingIsNotSaidToKeep(t *testing.T) {
	begin(t)
	defer vault.Refuse()()
	p := load(t, "")
	p.fill()
	p.shows(t, "terms", "この端末には保存できません")
	if strings.Contains(p.html(), "保存 ") {
		t.Error("says that it is saved")
	}
	p.GoTo("check")
	p.shows(t, "check")
	p.Close()
}

func TestADraftOfAnotherPersonIsGone(t *testing.T) {
	begin(t)
	vault.Belong("one")
	p := load(t, "")
	p.fill()
	p.Close()
	if !vault.Belong("other") {
		t.Error("not told that it was another person's")
	}
	if again := load(t, ""); again.wish != (wish{}) {
		t.Errorf("sees %+v of another person", again.wish)
	}
}

func TestADraftOfAnotherShape(t *testing.T) {
	begin(t)
	for _, kept := range []any{
		[]int{1}, map[string]any{"At": "check", "Form": []int{1}}, map[string]any{"At": "gone"},
	} {
		vault.Save("wish", kept)
		p := load(t, "")
		p.shows(t, "terms")
		p.Close()
	}
}
