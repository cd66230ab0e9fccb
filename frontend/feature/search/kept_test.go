package search

import (
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

func someKept() *catalog.Kept {
	text := func(ja, en, easy string) *portalv1.LocalText { return &portalv1.LocalText{Ja: ja, En: en, Easy: easy} }
	return &catalog.Kept{Place: meguro(), At: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
		Procedures: []*portalv1.GetProcedureResponse{
			{
				Content: &portalv1.ProcedureContent{
					Number: "P0001", Definition: "P0001", Title: "児童手当", Category: "子育て", Online: true,
					Summary: "子どもを育てる人に支給。保育園とは別です。",
				},
				Name: text("児童手当", "Child allowance", "児童手当《じどうてあて》"),
			},
			{
				Content: &portalv1.ProcedureContent{
					Number: "P0012", Definition: "P0012", Title: "保育園の利用申込", Category: "子育て",
					Keywords: []string{"入園", "待機児童"},
				},
				Name: text("保育園の利用申込", "Applying for a nursery", "保育園《ほいくえん》に 入《はい》る"),
			},
			{Content: &portalv1.ProcedureContent{Number: "A-1", Title: "粗大ごみの申込", Category: "ごみ・環境保全", Online: true}},
		}}
}

// packed is what the device holds of a place.
func packed(t *testing.T) []byte {
	t.Helper()
	k := someKept()
	data, err := wire.Marshal(&portalv1.ListProceduresResponse{Place: k.Place, Procedures: k.Procedures})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSearchInWhatIsKept(t *testing.T) {
	for _, c := range []struct {
		state       state
		fits, close string
	}{
		{state{query: "保育園"}, "P0012 P0001", ""}, // the title before the summary
		{state{query: "ホイクエン"}, "P0012", ""},
		{state{query: "nursery"}, "P0012", ""},
		{state{query: "ＮＵＲＳＥＲＹ"}, "P0012", ""},
		{state{query: "入園"}, "P0012", ""},
		{state{query: "保育園　待機"}, "P0012", ""},
		{state{query: "粗大ゴミ"}, "A-1", ""},
		{state{query: "ごみ・環境"}, "A-1", ""},
		{state{query: "児童手当 ぬぬぬ"}, "", "P0001"},
		{state{query: "ぬぬぬ"}, "", ""},
		{state{query: "<b>&\x00"}, "", ""},
		{state{}, "P0001 P0012 A-1", ""},
		{state{online: true}, "P0001 A-1", ""},
		{state{categories: []string{"ごみ・環境保全"}}, "A-1", ""},
		{state{query: "保育園", online: true}, "P0001", ""},
		{state{query: "保育園", categories: []string{"税金"}}, "", ""},
	} {
		var r results
		answer := inKept(someKept(), c.state)
		r.take(answer, c.state, false)
		if numbers(r.fits) != c.fits || numbers(r.near) != c.close || int(r.total) != len(r.fits) {
			t.Errorf("%+v: %s, close %s, %d", c.state, numbers(r.fits), numbers(r.near), r.total)
		}
	}
	counts := inKept(someKept(), state{categories: []string{"ごみ・環境保全"}}).GetCategories()
	if len(counts) != 2 || counts[0].GetCategory() != "子育て" || counts[0].GetCount() != 2 {
		t.Errorf("the counts depend on the categories that are chosen: %v", counts)
	}
}

// mounted gives the page a context to work with.
func mounted(t *testing.T, p *page) app.TestEngine {
	t.Helper()
	ctx, engine := pagetest.Context(t)
	p.visit.Begin(ctx)
	return engine
}
