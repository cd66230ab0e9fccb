package search

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestSearchStateStandsInTheAddress(t *testing.T) {
	for _, s := range []state{
		{},
		{query: "保育園"},
		{place: "131105", query: "保育園 & 学童=100%", categories: []string{"子育て", "妊娠・出産"}, online: true},
		{categories: []string{"ごみ・環境保全"}},
		{place: "130001", online: true},
	} {
		u, err := url.Parse(s.address())
		if err != nil {
			t.Fatal(err)
		}
		if u.Path != catalog.SearchPath {
			t.Errorf("%+v is at %s", s, u.Path)
		}
		if got := parse(u.Query()); got.address() != s.address() || got.query != s.query ||
			len(got.categories) != len(s.categories) {
			t.Errorf("%+v came back as %+v", s, got)
		}
	}
}

func TestSearchStateOfAnyAddress(t *testing.T) {
	v := url.Values{
		"place": {"13110"}, "q": {strings.Repeat("あ", 3000)}, "category": {"子育て", "子育て", "<b>", "税金"},
		"online": {"yes"}, "other": {"x"},
	}
	got := parse(v)
	if got.place != "" || got.online || len([]rune(got.query)) != maxSearch ||
		strings.Join(got.categories, " ") != "子育て 税金" {
		t.Errorf("%+v", got)
	}
	if parse(url.Values{"place": {"131105"}}).asks() != true || (state{}).asks() {
		t.Error("what asks for something, and what does not")
	}
}

func TestToggleLeavesTheOldStateAlone(t *testing.T) {
	before := state{categories: []string{"子育て", "税金", "教育"}}
	after := before.toggled("税金")
	if strings.Join(after.categories, " ") != "子育て 教育" || strings.Join(before.categories, " ") != "子育て 税金 教育" {
		t.Errorf("%v from %v", after.categories, before.categories)
	}
	if back := after.toggled("税金"); strings.Join(back.categories, " ") != "子育て 教育 税金" || len(after.categories) != 2 {
		t.Errorf("%v", back.categories)
	}
}

func meguro() *portalv1.Place {
	return &portalv1.Place{Code: "131105", Kind: portalv1.Place_KIND_WARD, Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"}
}

func TestResultsAreGroupedOverPages(t *testing.T) {
	var r results
	of := state{place: "131105", query: "保育園"}
	r.take(&portalv1.SearchProceduresResponse{Place: meguro(), Total: 2, NextPageToken: "2",
		Hits: []*portalv1.ProcedureHit{
			{Place: meguro(), Number: "P0012"}, {Place: meguro(), Number: "P0013", Close: true},
		}}, of, false)
	r.take(&portalv1.SearchProceduresResponse{Place: meguro(), Total: 2, Hits: []*portalv1.ProcedureHit{
		{Place: meguro(), Number: "A-1"}, {Number: "P0014", Unregistered: true},
		{Number: "P0015", Unregistered: true, Close: true},
	}}, of, true)
	if numbers(r.fits) != "P0012 A-1" || numbers(r.near) != "P0013 P0015" || numbers(r.unregistered) != "P0014" ||
		r.next != "" || len(r.hits) != 5 {
		t.Errorf("%s / %s / %s", numbers(r.fits), numbers(r.near), numbers(r.unregistered))
	}
	if got := r.count().In(lang.Japanese); got != "目黒区で「保育園」に当てはまる手続 2件" {
		t.Error(got)
	}
	r.take(&portalv1.SearchProceduresResponse{Total: 1741, Hits: []*portalv1.ProcedureHit{{Number: "P0001"}}},
		state{query: "児童手当"}, false)
	if len(r.hits) != 1 || len(r.near) != 0 ||
		r.count().In(lang.English) != "Procedures for “児童手当” in all of Japan: 1,741" {
		t.Errorf("%d hits, %s", len(r.hits), r.count().In(lang.English))
	}
}

func numbers(hits []*portalv1.ProcedureHit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.GetNumber())
	}
	return strings.Join(out, " ")
}

func TestHitsLeadToTheirPlace(t *testing.T) {
	here := results{state: state{place: "131105"}, place: meguro()}
	country := results{}
	for _, c := range []struct {
		r    results
		hit  *portalv1.ProcedureHit
		want string
	}{
		{here, &portalv1.ProcedureHit{Place: meguro(), Number: "A-1"}, "/procedures/131105/A-1"},
		{here, &portalv1.ProcedureHit{Number: "P0012", Unregistered: true}, "/procedures/131105/P0012"},
		{country, &portalv1.ProcedureHit{Number: "P0012", PlaceCount: 1700}, "/procedures/nation/P0012"},
		{country, &portalv1.ProcedureHit{Place: meguro(), Number: "A-1"}, "/procedures/131105/A-1"},
	} {
		if got := c.r.address(c.hit); got != c.want {
			t.Errorf("%v: %s, want %s", c.hit, got, c.want)
		}
	}
}

func TestPrefectureOfAPlace(t *testing.T) {
	for place, want := range map[string]string{
		"131105": "130001", "141178": "140007", "011002": "010006", "401307": "400009", "472018": "470007",
		"": "", "13": "",
	} {
		if got := prefectureCode(place); got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
	}
}

// drawn is the page as HTML with these results.
func drawn(t *testing.T, s *page) string {
	t.Helper()
	return app.HTMLString(s.Render())
}

func TestBeforeAnythingIsAsked(t *testing.T) {
	html := drawn(t, &page{grid: []*portalv1.CategoryCount{{Category: "税金", Count: 12}}})
	for _, part := range []string{
		`method="post"`, `action="/procedures"`, `name="q"`, `type="search"`, `role="status"`, `href="/guide"`,
		`href="/places"`, "12種類",
		`href="/procedures?category=` + url.QueryEscape("妊娠・出産") + `"`,
	} {
		if !strings.Contains(html, part) {
			t.Errorf("%s is not in the page", part)
		}
	}
	if n := strings.Count(html, `class="category"`); n != len(catalog.Categories) {
		t.Errorf("%d categories", n)
	}
}

func TestNothingFoundLeadsOn(t *testing.T) {
	s := &page{state: state{place: "131105", query: "ぬぬぬ", online: true}, at: meguro()}
	s.results.take(&portalv1.SearchProceduresResponse{Place: meguro(), Elsewhere: 3}, s.state, false)
	html := drawn(t, s)
	for _, part := range []string{
		"目黒区で「ぬぬぬ」に当てはまる手続 0件", "同じ都道府県の市区町村に3件", "place=130001", `href="/guide"`, `href="/help"`, "しぼりこみをはずす",
		`href="/procedures?online=1&amp;q=` + url.QueryEscape("ぬぬぬ") + `"`, `href="/procedures?place=131105"`,
	} {
		if !strings.Contains(html, part) && !strings.Contains(html, strings.ReplaceAll(part, "&amp;", "&")) {
			t.Errorf("%s is not in the page", part)
		}
	}
}

func TestNoticesAboutTheQuery(t *testing.T) {
	s := &page{state: state{query: "目黒区 ほいくえm"}}
	s.results.take(&portalv1.SearchProceduresResponse{
		PlaceInQuery: meguro(), Corrected: "ほいくえん", Shortened: true, Total: 1,
		Categories: []*portalv1.CategoryCount{{Category: "子育て", Count: 1}, {Category: "教育", Count: 4}},
		Hits: []*portalv1.ProcedureHit{
			{
				Number: "P0012", Title: "<保育園>", Category: "子育て", Online: true,
				Signature: portalv1.Signature_SIGNATURE_SIGN, Deadline: "毎月5日", PlaceCount: 1741,
			},
		},
	}, s.state, false)
	html := drawn(t, s)
	for _, part := range []string{
		"目黒区でさがす", "「ほいくえん」でさがしました", "はじめの200文字", "オンライン可", "電子署名が必要", "期限:", "毎月5日", "全国の1,741市区町村", "&lt;保育園&gt;",
		`aria-pressed="false"`, "4件", `href="/procedures/nation/P0012"`,
	} {
		if !strings.Contains(html, part) {
			t.Errorf("%s is not in the page", part)
		}
	}
}

func TestOfflineSaysWhatCanBeSearched(t *testing.T) {
	s := &page{state: state{place: "141003", query: "転入"}, others: []vault.PlaceHead{{Code: "131105", Name: "目黒区"}}}
	s.asked.Cut = true
	if html := drawn(t, s); !strings.Contains(html, "目黒区") || !strings.Contains(html, "place=131105") {
		t.Error("the place that is kept is not offered")
	}
	s.others = nil
	if html := drawn(t, s); !strings.Contains(html, "この端末に保存されている場所はまだありません") {
		t.Error("nothing is said")
	}
}

func TestResultsAreFreeOfMarkupErrorsInEveryLanguage(t *testing.T) {
	defer lang.Set(lang.Japanese)
	for _, c := range lang.All {
		lang.Set(c)
		s := &page{state: state{place: "131105", query: "%s 100%"}, at: meguro()}
		s.results.take(
			&portalv1.SearchProceduresResponse{
				Place: meguro(), Total: 1, Corrected: "%d", Elsewhere: 2, Hits: []*portalv1.ProcedureHit{
					{Number: "A-1", PlaceCount: 2},
				},
			}, s.state, false,
		)
		if html := drawn(t, s); strings.Contains(html, "%!") {
			t.Errorf("%s: a text is filled wrongly", c)
		}
	}
}

// unreached is a search for which no portal could be reached.
func unreached(t *testing.T, s *page, token string) {
	t.Helper()
	engine := mounted(t, s)
	look := func(ctx context.Context, w wanted) (found, error) {
		return orKept(ctx, found{wanted: w}, &rpc.Error{Code: rpc.CodeUnavailable, Text: "no network"})
	}
	ask.For(&s.visit, &s.asked, look, wanted{s.state, token}, s.take)
	engine.ConsumeAll()
}

func TestUnreachablePortalIsSearchedOnTheDevice(t *testing.T) {
	err := vault.KeepPlace(context.Background(), vault.PlaceHead{Code: "131105", Name: "目黒区"}, packed(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = vault.ForgetPlace(context.Background(), "131105") })
	s := &page{state: state{place: "131105", query: "ホイクエン"}}
	unreached(t, s, "")
	if s.kept == nil || numbers(s.results.fits) != "P0012" || s.asked.Failure.Is() || s.asked.Busy {
		t.Errorf("%+v", s.results.hits)
	}
	if html := drawn(t, s); !strings.Contains(html, "オフラインです。目黒区の手続") {
		t.Error("it is not said that the results come from the device")
	}
}

func TestUnreachablePortalWithoutAnythingKept(t *testing.T) {
	s := &page{state: state{place: "141003", query: "転入"}}
	s.results.take(&portalv1.SearchProceduresResponse{Total: 1, Hits: []*portalv1.ProcedureHit{{Number: "P0001"}}},
		s.state, false)
	unreached(t, s, "more")
	if !s.results.loaded || !s.asked.Failure.Is() {
		t.Error("what is there goes when more of it cannot be had")
	}
	unreached(t, s, "")
	if s.results.loaded || !s.offline() || s.asked.Failure.What.In(lang.Japanese) != textNotKept.In(lang.Japanese) {
		t.Errorf("%+v", s.asked.Failure)
	}
}

// Words of distress are answered by the page itself: nothing is asked (this test has no portal), nothing enters the
// address, and only when the person wants to are they searched for.
func TestWordsOfDistressAreAnsweredHere(t *testing.T) {
	s := &page{state: state{place: "131105", query: "もう死にたい"}, text: "もう死にたい"}
	s.results.loaded = true
	s.run("")
	page := app.HTMLString(s.Render())
	for _, want := range []string{
		`id="helpline"`, "tel:0120279338", distress.Calm.Ja, "どこにも送らず", `id="helpline-more"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if s.asked.Busy || strings.Contains(page, "results-list") {
		t.Error("something is being searched for")
	}
	if address := s.state.address(); strings.Contains(address, "q=") || !strings.Contains(address, "place=131105") {
		t.Errorf("the address is %s", address)
	}
	s.insists = true
	if page := app.HTMLString(s.Render()); !strings.Contains(page, `id="helpline"`) ||
		strings.Contains(page, `id="helpline-more"`) ||
		strings.Contains(page, "どこにも送らず") {
		t.Error("after searching all the same the page still says that nothing was sent, or helps no more")
	}
}
