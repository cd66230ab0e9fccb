package offered

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// office takes two forms, and counts how often it is asked.
type office struct {
	portalv1web.DraftService
	asked int
	err   error
}

func (o *office) ListForms(context.Context, *portalv1.ListFormsRequest) (*portalv1.ListFormsResponse, error) {
	o.asked++
	return &portalv1.ListFormsResponse{Forms: []*portalv1.FormSummary{
		{Form: "jido", Procedure: "P0001"}, {Form: "hoiku", Procedure: "P0012"},
	}}, o.err
}

func (o *office) ListDrafts(context.Context, *portalv1.ListDraftsRequest) (*portalv1.ListDraftsResponse, error) {
	return &portalv1.ListDraftsResponse{Drafts: []*portalv1.Draft{
		{State: portalv1.DraftState_DRAFT_STATE_OPEN}, {State: portalv1.DraftState_DRAFT_STATE_DROPPED},
		{State: portalv1.DraftState_DRAFT_STATE_OPEN},
	}}, o.err
}

func begin(t *testing.T, o *office) (*ask.Visit, app.TestEngine) {
	t.Helper()
	before := portal
	portal, known = func() portalv1web.DraftService { return o }, map[string]map[string]string{}
	t.Cleanup(func() { portal, known = before, map[string]map[string]string{} })
	ctx, engine := pagetest.Context(t)
	visit := &ask.Visit{}
	visit.Begin(ctx)
	t.Cleanup(visit.End)
	return visit, engine
}

func said(ui ...app.UI) string {
	return strings.Join(strings.Fields(app.HTMLString(app.Div().Body(ui...))), " ")
}

func TestWhatAPlaceTakesIsAskedOnce(t *testing.T) {
	o := &office{}
	visit, engine := begin(t, o)
	var question ask.Question
	pagetest.HasNot(t, said(Link("a", lang.Plain("児童"), "131105", "P0001")), "申請する")
	for range 2 {
		Ask(visit, &question, "131105", func(app.Context) {})
		engine.ConsumeAll()
	}
	if o.asked != 1 {
		t.Errorf("asked %d times", o.asked)
	}
	html := said(
		Link("a", lang.Plain("児童"), "131105", "x", "P0001"), Link("b", lang.Plain("保育"), "131105", "P0012"),
		Link("c", lang.Plain("x"), "131105", "P0099"), Link("d", lang.Plain("x"), "131130", "P0001"),
		Way("e", "131105", "tenshutsu"),
	)
	pagetest.Has(t, html, `href="/apply/131105/jido"`, `href="/apply/131105/hoiku"`, "（保育）",
		`href="/apply/131105/tenshutsu"`)
	pagetest.HasNot(t, html, `id="c"`, `id="d"`)
	Ask(visit, &question, "no code", func(app.Context) { t.Error("asked for no place") })
}

func TestOutOfReachThereIsNoWay(t *testing.T) {
	o := &office{err: errors.New("gone")}
	visit, engine := begin(t, o)
	var question ask.Question
	Ask(visit, &question, "131105", func(app.Context) { t.Error("it is said to be known") })
	engine.ConsumeAll()
	pagetest.HasNot(t, said(Link("a", lang.Plain("児童"), "131105", "P0001")), "href")
}

func TestSeveralGoTogether(t *testing.T) {
	visit, engine := begin(t, &office{})
	var question ask.Question
	Ask(visit, &question, "131105", func(app.Context) {})
	engine.ConsumeAll()
	html := said(TogetherWay("a", "131105", "P0001", "P0099", "P0012", "P0001"))
	pagetest.Has(t, html, `href="/apply/131105/jido,hoiku"`, "（2件）")
	pagetest.HasNot(t, said(TogetherWay("a", "131105", "P0001"), TogetherWay("b", "131105")), "href")
	box := said(Pick("131105", "P0012", app.Text("保育"), true, nil), Pick("131105", "P0099", app.Text("x"), false, nil))
	pagetest.Has(t, box, `id="pick-P0012"`, "まとめて申請に入れる")
	pagetest.HasNot(t, box, "P0099")
}

// Links in a list ask by themselves, each place once, and all of them hear of it.
func TestLinksInAListAskOnce(t *testing.T) {
	o := &office{}
	begin(t, o)
	html := pagetest.Drawn(t, &list{links: []*Here{
		{ID: "a", Place: "131105", Procedure: "P0001", Of: lang.Plain("手当")},
		{ID: "b", Place: "131105", Procedure: "P0012", Of: lang.Plain("保育")},
		{ID: "c", Place: "131105", Procedure: "", Of: lang.Plain("なし")},
	}})
	_ = html
	if o.asked > 1 {
		t.Errorf("asked %d times", o.asked)
	}
}

type list struct {
	app.Compo
	links []*Here
}

func (l *list) Render() app.UI {
	return app.Div().Body(app.Range(l.links).Slice(func(i int) app.UI { return l.links[i] }))
}

func TestWhoIsLoggedInGoesOn(t *testing.T) {
	o := &office{}
	visit, engine := begin(t, o)
	r := &Resume{}
	pagetest.HasNot(t, said(r.Render()), "申請再開")
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: "o"})
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	r.OnMount(visit.Page)
	defer r.OnDismount()
	engine.ConsumeAll()
	pagetest.Has(t, said(r.Render()), "申請再開（2件）", "申請状況照会")
}
