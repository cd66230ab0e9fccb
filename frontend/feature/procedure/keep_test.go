package procedure

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"google.golang.org/protobuf/proto"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func someKept() *kept {
	text := func(ja, en, easy string) *portalv1.LocalText { return &portalv1.LocalText{Ja: ja, En: en, Easy: easy} }
	return &kept{place: meguro(), at: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), procedures: []*portalv1.GetProcedureResponse{
		{
			Content: &portalv1.ProcedureContent{Number: "P0001", Definition: "P0001", Title: "児童手当", Category: "子育て", Online: true, Summary: "子どもを育てる人に支給。保育園とは別です。"},
			Name:    text("児童手当", "Child allowance", "児童手当《じどうてあて》"),
		},
		{
			Content: &portalv1.ProcedureContent{Number: "P0012", Definition: "P0012", Title: "保育園の利用申込", Category: "子育て", Keywords: []string{"入園", "待機児童"}},
			Name:    text("保育園の利用申込", "Applying for a nursery", "保育園《ほいくえん》に 入《はい》る"),
		},
		{Content: &portalv1.ProcedureContent{Number: "A-1", Title: "粗大ごみの申込", Category: "ごみ・環境保全", Online: true}},
	}}
}

// packed is what the device holds of a place.
func packed(t *testing.T) []byte {
	t.Helper()
	k := someKept()
	data, err := proto.Marshal(&portalv1.ListProceduresResponse{Place: k.place, Procedures: k.procedures})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSearchInWhatIsKept(t *testing.T) {
	for _, c := range []struct {
		state       searchState
		fits, close string
	}{
		{searchState{query: "保育園"}, "P0012 P0001", ""}, // the title before the summary
		{searchState{query: "ホイクエン"}, "P0012", ""},
		{searchState{query: "nursery"}, "P0012", ""},
		{searchState{query: "ＮＵＲＳＥＲＹ"}, "P0012", ""},
		{searchState{query: "入園"}, "P0012", ""},
		{searchState{query: "保育園　待機"}, "P0012", ""},
		{searchState{query: "粗大ゴミ"}, "A-1", ""},
		{searchState{query: "ごみ・環境"}, "A-1", ""},
		{searchState{query: "児童手当 ぬぬぬ"}, "", "P0001"},
		{searchState{query: "ぬぬぬ"}, "", ""},
		{searchState{query: "<b>&\x00"}, "", ""},
		{searchState{}, "P0001 P0012 A-1", ""},
		{searchState{online: true}, "P0001 A-1", ""},
		{searchState{categories: []string{"ごみ・環境保全"}}, "A-1", ""},
		{searchState{query: "保育園", online: true}, "P0001", ""},
		{searchState{query: "保育園", categories: []string{"税金"}}, "", ""},
	} {
		var r results
		answer := someKept().search(c.state)
		r.take(answer, c.state, false)
		if numbers(r.fits) != c.fits || numbers(r.near) != c.close || int(r.total) != len(r.fits) {
			t.Errorf("%+v: %s, close %s, %d", c.state, numbers(r.fits), numbers(r.near), r.total)
		}
	}
	counts := someKept().search(searchState{categories: []string{"ごみ・環境保全"}}).GetCategories()
	if len(counts) != 2 || counts[0].GetCategory() != "子育て" || counts[0].GetCount() != 2 {
		t.Errorf("the counts depend on the categories that are chosen: %v", counts)
	}
}

func TestFoldMakesTheSameOfTheSame(t *testing.T) {
	for s, want := range map[string]string{"ホイクエン": "ほいくえん", "ＡＢＣ　１２３": "abc 123", "ごみ": "ごみ", "": "", "ヴァ": "ゔぁ", "ー": "ー"} {
		if got := fold(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

func TestOnlyTheLastPlacesAreKept(t *testing.T) {
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var heads []keptHead
	for i := range keptPlaces {
		heads = append(heads, keptHead{Code: strconv.Itoa(100 + i), At: start.AddDate(0, 0, i)})
	}
	if got := surplus(heads[1:], "new"); len(got) != 0 {
		t.Errorf("%v goes although there is room", got)
	}
	if got := surplus(heads, "new"); strings.Join(got, " ") != "100" {
		t.Errorf("%v goes for a new one", got)
	}
	if got := surplus(heads, "103"); len(got) != 0 {
		t.Errorf("%v goes although the place was kept already", got)
	}
	if heads[0].Code != "100" {
		t.Error("the list was changed")
	}
}

// stage lends its context: outside of a browser, components have none from OnMount.
type stage struct {
	app.Compo
	ctx app.Context
}

func (s *stage) OnPreRender(ctx app.Context) { s.ctx = ctx }

func (s *stage) Render() app.UI { return app.Div() }

// mounted gives the page a context to work with.
func mounted(t *testing.T, s *search) app.TestEngine {
	t.Helper()
	var on stage
	engine := app.NewTestEngine()
	if err := engine.Load(&on); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	s.ctx = on.ctx
	return engine
}

func TestKeptIsFoundAgain(t *testing.T) {
	ctx := context.Background()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, head := range []keptHead{
		{Code: "131105", Name: "目黒区", At: at}, {Code: "131130", Name: "渋谷区", At: at.Add(time.Hour)}, {Code: "131105", Name: "目黒区", At: at.Add(2 * time.Hour)},
	} {
		if err := vault.KeepPlace(ctx, head, packed(t)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, code := range []string{"131105", "131130"} {
			_ = vault.ForgetPlace(ctx, code)
		}
	})
	if since, data, err := vault.KeptPlace(ctx, "131105"); err != nil || !since.Equal(at.Add(2*time.Hour)) || !bytes.Equal(data, packed(t)) {
		t.Errorf("%s, %d bytes, %v", since, len(data), err)
	}
	s := &search{}
	engine := mounted(t, s)
	var names []string
	listKept(s.ctx, func(_ app.Context, heads []keptHead) {
		for _, h := range heads {
			names = append(names, h.Name)
		}
	})
	var title string
	missing := &kept{}
	loadKept(s.ctx, "131105", func(_ app.Context, k *kept) { title = k.find("A-1").GetContent().GetTitle() })
	loadKept(s.ctx, "999999", func(_ app.Context, k *kept) { missing = k })
	engine.ConsumeAll()
	if strings.Join(names, " ") != "目黒区 渋谷区" || title != "粗大ごみの申込" || missing != nil || missing.find("A-1") != nil {
		t.Errorf("%v, %s, %v", names, title, missing)
	}
}
