//go:build !js

package compare

import (
	"net/url"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestAddress(t *testing.T) {
	for query, want := range map[string]string{
		"": catalog.ComparePath,
		"definition=P0012&place=131105&place=131041":                                          "definition=P0012&place=131105&place=131041",
		"definition=P0012&event=birth&place=131105":                                           "definition=P0012&place=131105",
		"event=birth&diff=1&place=131105&place=131105":                                        "diff=1&event=birth&place=131105",
		"place=131105&place=x&place=141003&place=271004&place=011002&place=401307":            "place=131105&place=141003&place=271004&place=011002",
		"definition=<b>&event=../x&place=13110":                                               catalog.ComparePath,
		"event=" + strings.Repeat("a", 30) + "&definition=p1&diff=yes&place=131105&unknown=1": "place=131105",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(parse(values).address(), catalog.ComparePath+"?"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestPlacesComeAndGo(t *testing.T) {
	q := query{places: []string{"131105", "131041"}, definition: "P0001"}
	if got := q.with("141003").address(); !strings.HasSuffix(got, "place=131105&place=131041&place=141003") {
		t.Error(got)
	}
	if got := q.without("131105").address(); !strings.HasSuffix(got, "?definition=P0001&place=131041") {
		t.Error(got)
	}
	if got := q.of("", "birth").address(); !strings.HasSuffix(got, "?event=birth&place=131105&place=131041") {
		t.Error(got)
	}
	if len(q.places) != 2 || q.definition != "P0001" {
		t.Errorf("changed: %+v", q)
	}
}

func TestDefinitionsOfAnEvent(t *testing.T) {
	steps := []*portalv1.PlanStep{{Number: "P0001"}, {Id: "tell the employer"}, {Number: "P0002"}, {Number: "P0001"}}
	if got := strings.Join(definitionsOf(steps), " "); got != "P0001 P0002" {
		t.Error(got)
	}
}

func cell(differs bool, own []int32, lines ...string) *portalv1.CompareProceduresResponse_Cell {
	return &portalv1.CompareProceduresResponse_Cell{Lines: lines, Differs: differs, Own: own}
}

func answer() *portalv1.CompareProceduresResponse {
	return &portalv1.CompareProceduresResponse{
		Places: []*portalv1.Place{
			{Code: "131105", Kind: portalv1.Place_KIND_CITY, Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"},
			{Code: "131041", Kind: portalv1.Place_KIND_CITY, Prefecture: "東京都", Name: "新宿区"},
		},
		Procedures: []*portalv1.CompareProceduresResponse_Procedure{{
			Definition: "P0001", Name: &portalv1.LocalText{
				Ja: "児童手当の申請", En: "Apply for child allowance", Easy: "児童手当《じどうてあて》",
			},
			Rows: []*portalv1.CompareProceduresResponse_Row{
				{
					Field: portalv1.CompareProceduresResponse_FIELD_REGISTERED,
					Cells: []*portalv1.CompareProceduresResponse_Cell{cell(false, nil, "yes"), cell(false, nil, "yes")},
				},
				{Field: portalv1.CompareProceduresResponse_FIELD_ONLINE, Differs: true,
					Cells: []*portalv1.CompareProceduresResponse_Cell{cell(true, nil, "yes"), cell(false, nil, "no")}},
				{
					Field: portalv1.CompareProceduresResponse_FIELD_SIGNATURE,
					Cells: []*portalv1.CompareProceduresResponse_Cell{
						cell(false, nil, "sign"), cell(false, nil, "sign"),
					},
				},
				{
					Field: portalv1.CompareProceduresResponse_FIELD_FEE,
					Cells: []*portalv1.CompareProceduresResponse_Cell{cell(false, nil), cell(false, nil, "300円")},
				},
				{Field: portalv1.CompareProceduresResponse_FIELD_DOCUMENTS, Differs: true,
					Cells: []*portalv1.CompareProceduresResponse_Cell{
						cell(true, []int32{1}, "請求書", "住民票"), cell(false, nil, "請求書")}},
			},
		}},
	}
}

func pageOf(query string) *page {
	values, _ := url.ParseQuery(query)
	c := &page{
		places: map[string]*portalv1.Place{}, query: parse(values), answer: answer(), name: lang.Plain("児童手当の申請"),
	}
	for _, p := range c.answer.GetPlaces() {
		c.places[p.GetCode()] = p
	}
	return c
}

func TestMarksWhatDiffers(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	html := pagetest.Drawn(t, pageOf("definition=P0001&place=131105&place=131041"))
	pagetest.Has(t, html, "くらべる: 児童手当の申請", "5項目のうち2項目にちがいがあります", `scope="row"`, `scope="col"`, "≠", "オンライン申請可", "窓口・郵送",
		"登録あり", "記載なし", "300円",
		`role="region"`, "＋", "すべての市区町村にあるものではありません", `href="/procedures/131105/P0001"`, "目黒区（東京都）をはずす",
		`href="/procedures/compare?definition=P0001&place=131041"`, "市区町村を加える")
	if n := strings.Count(html, "compare-mark"); n != 2 {
		t.Errorf("%d cells are marked", n)
	}
	if n := strings.Count(html, "compare-own"); n != 1 {
		t.Errorf("%d lines are marked", n)
	}
}

func TestShowsDifferencesOnly(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	html := pagetest.Drawn(t, pageOf("definition=P0001&place=131105&place=131041&diff=1"))
	pagetest.Has(t, html, "5項目のうち2項目", "住民票")
	pagetest.HasNot(t, html, "300円", "登録あり")
	same := answer().GetProcedures()
	for _, row := range same[0].GetRows() {
		row.Differs = false
	}
	if shown, all, differ := rows(same, true); len(shown) != 0 || all != 5 || differ != 0 {
		t.Errorf("%d procedures, %d of %d differ", len(shown), differ, all)
	}
}

func TestSeveralHaveALineEach(t *testing.T) {
	pagetest.In(t, lang.English)
	html := pagetest.Drawn(t, pageOf("event=birth&place=131105&place=131041"))
	pagetest.Has(t, html, "Apply for child allowance", "definition=P0001&place=131105&place=131041",
		"How to apply", "Differs")
	if n := strings.Count(html, "<tr>"); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestAsksForTheFirstPlaces(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	c := &page{places: map[string]*portalv1.Place{}}
	pagetest.Has(t, pagetest.Drawn(t, c), "1つ目の市区町村", "何をくらべますか")
	c = pageOf("definition=P0001&place=131105")
	c.answer.Places = c.answer.Places[:1]
	pagetest.Has(t, pagetest.Drawn(t, c), "2つ目の市区町村", "もう1つ選ぶと、ちがいがわかります。")
	c = &page{
		places: map[string]*portalv1.Place{}, query: query{places: []string{"131105", "131041", "141003", "271004"}},
	}
	pagetest.Has(t, pagetest.Drawn(t, c), "4つ選びました")
}

func TestHasWordsForEveryField(t *testing.T) {
	for n := range portalv1.CompareProceduresResponse_Field_name {
		field := portalv1.CompareProceduresResponse_Field(n)
		if field != portalv1.CompareProceduresResponse_FIELD_UNSPECIFIED && label(field).Empty() {
			t.Errorf("no words for %s", field)
		}
	}
	if !strings.Contains(app.HTMLString(mark(cell(true, nil))), "ちがい") {
		t.Error("a difference is told by colour alone")
	}
}
