package kit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

func html(ui app.UI) string { return strings.Join(strings.Fields(app.HTMLString(ui)), " ") }

func has(t *testing.T, ui app.UI, parts ...string) {
	t.Helper()
	got := html(ui)
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%q is not in %s", p, got)
		}
	}
}

func TestFieldTiesLabelHintAndError(t *testing.T) {
	f := Field{ID: "name", Label: lang.Plain("名前"), Required: true, Max: 20, Value: "花子", Error: lang.Plain("短くしてください")}
	has(t, f.UI(),
		`for="name"`, `aria-describedby="name-hint name-error name-count"`, `id="name-hint"`, `id="name-error"`,
		`id="name-count"`,
		"短くしてください", "必須", "2/20文字", `value="花子"`, "aria-invalid")
	f.Error, f.Required = lang.Text{}, false
	has(t, f.UI(), `aria-invalid="false"`, `id="name-error"`, "任意")
}

func TestTextAreaCountsAndKeepsItsLines(t *testing.T) {
	a := TextArea{ID: "why", Label: lang.Plain("理由"), Value: "一行目\n二行目", Max: 5, Error: lang.Plain("短くしてください")}
	has(t, a.UI(), "<textarea", `for="why"`, `aria-describedby="why-hint why-error why-count"`, "一行目", "二行目", "7/5文字",
		"counter-over", "aria-invalid")
}

func TestPageNavigationShowsEndsAndNeighbours(t *testing.T) {
	for at, want := range map[[2]int][]int{
		{1, 2}: {1, 2}, {1, 20}: {1, 2, gap, 20}, {4, 20}: {1, 2, 3, 4, 5, gap, 20},
		{5, 20}: {1, gap, 4, 5, 6, gap, 20}, {17, 20}: {1, gap, 16, 17, 18, 19, 20},
		{20, 20}: {1, gap, 19, 20}, {3, 5}: {1, 2, 3, 4, 5},
	} {
		if got := pagesInSight(at[0], at[1]); !slices.Equal(got, want) {
			t.Errorf("page %d of %d: %v, want %v", at[0], at[1], got, want)
		}
	}
	address := func(page int) string { return "/list?page=" + strconv.Itoa(page) }
	has(t, PageNavigation{Current: 5, Last: 20, Address: address}.UI(), `href="/list?page=4"`, `href="/list?page=6"`,
		`href="/list?page=20"`, `aria-label="前のページ"`, `aria-label="20ページ目"`, `aria-current="page"`, "表示中のページ")
	if got := html(PageNavigation{Current: 20, Last: 20, Address: address}.UI()); strings.Contains(got, "page=21") {
		t.Errorf("after the last page comes another: %s", got)
	}
	if got := html(PageNavigation{Current: 1, Last: 1, Address: address}.UI()); strings.Contains(got, "<a") {
		t.Errorf("one page alone has links: %s", got)
	}
}

func TestEmergencyIsARegionByItsHeading(t *testing.T) {
	way := Link{Label: lang.Plain("場所"), Href: "/x"}.UI()
	has(t, EmergencyBanner{ID: "e", Title: lang.Plain("避難してください"), WayOn: way}.UI(),
		`aria-labelledby="e-title"`, `id="e-title"`, "緊急のお知らせ", "避難してください", `href="/x"`)
}

func TestEmptyPlacesKeepTheirPlace(t *testing.T) {
	has(t, ErrorSummary{ID: "errors"}.UI(), `role="alert"`, `id="errors"`)
	has(t, ErrorSummary{ID: "errors", Errors: []FieldError{{"name", lang.Plain("書いてください")}}}.UI(),
		`href="#name"`, "1か所")
	has(t, NotificationBanner{ID: "b", Tone: Failure}.UI(), `role="alert"`)
}

func TestBusyButtonIgnoresPresses(t *testing.T) {
	has(t, Button{ID: "send", Label: lang.Plain("送る"), Busy: true, OnPress: func(app.Context) {}}.UI(),
		"aria-disabled", "button-busy")
	has(t, Link{Label: lang.Plain("外"), Href: "https://example.jp/", External: true}.UI(), `target="_blank"`,
		`rel="noopener noreferrer"`, "新しいタブ")
}

func TestElsewhereNamesTheSite(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.city.example.jp/a?b=1": "www.city.example.jp", "https://example.jp:443/": "example.jp",
		"http://example.jp/": "", "javascript:alert(1)": "", "https://a:b@example.jp/": "", "https:": "",
		"//evil.example": "", "https://exa mple.jp/": "", "https://example.jp:8443/": "", "": "",
	} {
		if got := Host(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
	has(t, Elsewhere{Label: lang.Plain("申請"), Address: "https://www.city.example.jp/a"}.UI(),
		`href="https://www.city.example.jp/a"`, `target="_blank"`, "www.city.example.jp のサイトを開きます")
	got := html(Elsewhere{Label: lang.Plain("申請"), Address: "javascript:alert(1)"}.UI())
	if strings.Contains(got, "<a") || !strings.Contains(got, "申請") {
		t.Error(got)
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	listed := map[IconName]bool{}
	for _, icon := range Icons() {
		name, drawing, _ := strings.Cut(string(icon), " ")
		if !strings.HasPrefix(drawing, "<") || strings.Contains(drawing, "style=") || strings.Contains(drawing, "\n") {
			t.Errorf("icon %s: %s", name, drawing)
		}
		if listed[icon] {
			t.Errorf("icon %s is listed twice", name)
		}
		listed[icon] = true
		has(t, Icon(icon), "<svg", "icon-"+name, "aria-hidden", "</svg>")
	}
	for _, file := range []string{"icon.go", "lucide_gen.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			constant, ok := n.(*ast.ValueSpec)
			if !ok || len(constant.Values) != 1 {
				return true
			}
			drawn, err := strconv.Unquote(constant.Values[0].(*ast.BasicLit).Value)
			if err != nil || !listed[IconName(drawn)] {
				t.Errorf("%s is not among the icons to look at (%v)", constant.Names[0].Name, err)
			}
			return true
		})
	}
}

func places() *Combobox {
	return &Combobox{ID: "place", Label: lang.Plain("市区町村"), Items: []Item{
		{"131105", "目黒区", "東京都", "メグロク"},
		{"131041", "新宿区", "東京都", "シンジュクク"},
		{"401005", "北九州市", "福岡県", "キタキュウシュウシ"},
		{"132063", "府中市", "東京都", "フチュウシ"},
		{"342084", "府中市", "広島県", "フチュウシ"},
	}}
}

func TestComboboxFindsKanjiKanaAndPlace(t *testing.T) {
	for text, want := range map[string]string{
		"目黒": "131105", "めぐ": "131105", "メグロ": "131105", "新": "131041", "ふちゅう 広島": "342084", "福岡": "401005",
		"府中": "132063 342084", "ぐろ": "131105", "東京　府中": "132063", "xyz": "",
	} {
		c := places()
		c.find(text)
		var got []string
		for _, m := range c.matches {
			got = append(got, m.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func TestComboboxDrawsOnlyWhatShows(t *testing.T) {
	c := places()
	for range 2000 {
		c.Items = append(c.Items, Item{"x", "村", "どこか", "ムラ"})
	}
	c.find("")
	c.open = true
	if n := strings.Count(html(c.Render()), `role="option"`); n != shownItems {
		t.Errorf("%d options drawn", n)
	}
	if c.typed, c.dirty = "む", true; !strings.Contains(c.status().String(), "2005") {
		t.Errorf("%d matches are told as %q", len(c.matches), c.status())
	}
}

func BenchmarkComboboxFind(b *testing.B) {
	c := places()
	for i := range 1900 {
		c.Items = append(c.Items, Item{string(rune(i)), "ある市", "ある県", "アルシ"})
	}
	for b.Loop() {
		c.find("ある")
	}
}

// What there is no answer to is left out; a rail without any keeps its place, so that the text after it stays itself.
func TestTheRailSaysWhatIsKnown(t *testing.T) {
	words := func(s string) app.UI { return app.Span().Text(s) }
	rail := Rail{Until: words("12月6日"), Action: words("申請する")}.UI()
	has(t, rail, "いつまで", "12月6日", "申請する")
	for _, not := range []string{"いくら", "どこで", "連絡先", "次にすること"} {
		if strings.Contains(html(rail), not) {
			t.Errorf("%q asks without an answer: %s", not, html(rail))
		}
	}
	none := Rail{}.UI()
	has(t, none, "rail-none")
	if strings.Contains(html(none), "<dl") {
		t.Errorf("a rail that says nothing: %s", html(none))
	}
}
