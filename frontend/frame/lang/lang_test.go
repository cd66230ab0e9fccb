package lang

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/proto/clock"
)

func in(t *testing.T, c Code) {
	t.Helper()
	before := Current()
	Set(c)
	t.Cleanup(func() { Set(before) })
}

func html(text Text) string {
	return strings.Join(strings.Fields(app.HTMLString(text.UI())), "")
}

func TestRuby(t *testing.T) {
	in(t, Easy)
	for markup, want := range map[string]string{
		"漢字《かんじ》です":     "<span><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です</span>",
		"お｜知らせ《しらせ》":    "<span>お<ruby>知らせ<rp>(</rp><rt>しらせ</rt><rp>)</rp></ruby></span>",
		"カード":           "<span>カード</span>",
		"開《ひら》きっぱなし《":   "<span><ruby>開<rp>(</rp><rt>ひら</rt><rp>)</rp></ruby>きっぱなし《</span>",
		"<b>強《つよ》い</b>": "<span>&lt;b&gt;<ruby>強<rp>(</rp><rt>つよ</rt><rp>)</rp></ruby>い&lt;/b&gt;</span>",
		"3月《がつ》":        "<span>3<ruby>月<rp>(</rp><rt>がつ</rt><rp>)</rp></ruby></span>",
		"人々《ひとびと》と市町村《しちょうそん》": "<span><ruby>人々<rp>(</rp><rt>ひとびと</rt><rp>)</rp></ruby>と<ruby>市町村<rp>(</rp><rt>しちょうそん</rt><rp>)</rp></ruby></span>",
	} {
		if got := html(New("x", "x", markup)); got != want {
			t.Errorf("%s: %s, want %s", markup, got, want)
		}
	}
}

// these are texts as the page loads them.
func these(t testing.TB, file string) {
	t.Helper()
	before, all := loaded.Load(), All
	load(file)
	t.Cleanup(func() { loaded.Store(before); All = all })
}

const english = "en\nen\tEnglish\ten\ten\t\t101111\neasy\tやさしい\tja\teasy\tr\t0\n=test\n"

var test = Texts{Name: "test"}

func TestValuesAreNotMarkup(t *testing.T) {
	in(t, Easy)
	these(t, "easy\neasy\tやさしい\tja\teasy\tr\t0\n=test\nこんにちは、{0}さん。元気《げんき》ですか\n{1}から {0}\n区《く》\n")
	greeting := Text1[string]{Text{Of: &test}}.F("山田《やまだ》<i>{0}")
	if got := greeting.String(); got != "こんにちは、山田《やまだ》<i>{0}さん。元気ですか" {
		t.Error(got)
	}
	if got := html(greeting); strings.Contains(got, "<rt>やまだ") || strings.Contains(got, "<i>") {
		t.Error(got)
	}
	if got := html(Plain("目黒《めぐろ》区")); strings.Contains(got, "<rt>") {
		t.Error(got)
	}
	nested := Text2[Text, Text]{Text{Of: &test, N: 1}}.F(Plain("山《やま》"), Text{Of: &test, N: 2})
	if got := html(nested); !strings.Contains(got, "<rt>く</rt>") || strings.Contains(got, "<rt>やま") ||
		nested.String() != "区から 山《やま》" {
		t.Error(got, nested.String())
	}
}

func TestPlurals(t *testing.T) {
	these(t, english+"one notice\x1f{0} notices\n{1} has {0}\n")
	in(t, English)
	for n, want := range map[int]string{1: "one notice", 2: "2 notices"} {
		if got := (Text1[int]{Text{Of: &test}}).F(n).String(); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestWhatIsNotThereIsEmpty(t *testing.T) {
	these(t, english+"a\n")
	in(t, English)
	other := Texts{Name: "other"}
	for _, text := range []Text{{}, {Of: &test, N: 1}, {Of: &other}, Text{Of: &other}.Fill(1)} {
		if text.String() != "" || html(text) != "<span></span>" {
			t.Errorf("%q", text.String())
		}
	}
	if !(Text{}).Empty() || (Text{Of: &test}).Empty() || !New("", "", "").Empty() || Plain("x").Empty() {
		t.Error("empty is what has nothing to show")
	}
}

// The page holds the texts of the languages that were loaded, and knows of the others by name.
func TestLoadingAnotherLanguage(t *testing.T) {
	before, all := loaded.Load(), All
	t.Cleanup(func() { loaded.Store(before); All = all })
	loaded.Store(nil)
	if load(english+"a\n") != English || Has(Easy) || !Has(English) || len(All) != 2 || Describe(Easy).Name != "やさしい" {
		t.Error("English alone was loaded")
	}
	load(strings.Replace(english, "en\n", "easy\n", 1) + "字《じ》\n")
	text := Text{Of: &test}
	if text.In(English) != "a" || text.In(Easy) != "字" || len(All) != 2 {
		t.Errorf("%q, %q, %v", text.In(English), text.In(Easy), All)
	}
}

func TestFormats(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 5, 0, 0, clock.Japan)
	for _, c := range []struct {
		text         Text
		ja, en, easy string
	}{
		{Date(day), "2026年11月22日(日)", "Sunday, 22 November 2026", "2026年11月22日(日)"},
		{DateTime(day.UTC()), "2026年11月22日(日) 0:05", "Sunday, 22 November 2026, 0:05", "2026年11月22日(日) 0:05"},
		{Day("2026-12-25"), "2026年12月25日(金)", "Friday, 25 December 2026", "2026年12月25日(金)"},
		{Day("soon"), "soon", "soon", "soon"},
		{Era(day), "令和8年", "Reiwa 8", "令和8年"},
		{Era(time.Date(2019, 5, 1, 0, 0, 0, 0, clock.Japan)), "令和元年", "Reiwa 1", "令和元年"},
		{Era(time.Date(2019, 4, 30, 23, 59, 0, 0, clock.Japan)), "平成31年", "Heisei 31", "平成31年"},
		{Era(time.Date(1926, 12, 25, 0, 0, 0, 0, clock.Japan)), "昭和元年", "Showa 1", "昭和元年"},
		{Yen(12300), "12,300円", "12,300 yen", "12,300円"},
		{Yen(-1234567), "-1,234,567円", "-1,234,567 yen", "-1,234,567円"},
		{Yen(0), "0円", "0 yen", "0円"},
	} {
		if c.text.In(Japanese) != c.ja || c.text.In(English) != c.en || c.text.In(Easy) != c.easy {
			t.Errorf("%q, %q, %q; want %q, %q, %q", c.text.In(Japanese), c.text.In(English), c.text.In(Easy),
				c.ja, c.en, c.easy)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("漢字《かんじ》", "《》{0}")
	f.Add("｜《", "\ue000")
	f.Fuzz(func(t *testing.T, markup, value string) {
		if strings.ContainsAny(markup, "{}\n\x1f") || strings.HasPrefix(markup, "=") {
			return // no text that static/text lets pass
		}
		these(t, "easy\neasy\tやさしい\tja\teasy\tr\t0\n=test\n"+markup+"{0}\n")
		in(t, Easy)
		text := Text1[string]{Text{Of: &test}}.F(value)
		_ = text.UI()
		if got := text.String(); !strings.ContainsAny(value, "\ue000\ue001") && !strings.HasSuffix(got, value) {
			t.Errorf("%q in %q: %q", value, markup, got)
		}
	})
}

func TestThingsAreCountedAsPeopleDo(t *testing.T) {
	for n, want := range map[int]string{0: "0個", 1: "1つ", 9: "9つ", 10: "10個", 12: "12個"} {
		if got := Things(n).In(Japanese); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
