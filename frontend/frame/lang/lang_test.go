package lang_test

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/clock"
)

func in(t *testing.T, c lang.Code) {
	t.Helper()
	before := lang.Current()
	lang.Set(c)
	t.Cleanup(func() { lang.Set(before) })
}

func html(text lang.Text) string {
	return strings.Join(strings.Fields(app.HTMLString(text.UI())), "")
}

func TestRuby(t *testing.T) {
	in(t, lang.Easy)
	for markup, want := range map[string]string{
		"漢字《かんじ》です":     "<span><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です</span>",
		"お｜知らせ《しらせ》":    "<span>お<ruby>知らせ<rp>(</rp><rt>しらせ</rt><rp>)</rp></ruby></span>",
		"カード":           "<span>カード</span>",
		"開《ひら》きっぱなし《":   "<span><ruby>開<rp>(</rp><rt>ひら</rt><rp>)</rp></ruby>きっぱなし《</span>",
		"<b>強《つよ》い</b>": "<span>&lt;b&gt;<ruby>強<rp>(</rp><rt>つよ</rt><rp>)</rp></ruby>い&lt;/b&gt;</span>",
		"3月《がつ》":        "<span>3<ruby>月<rp>(</rp><rt>がつ</rt><rp>)</rp></ruby></span>",
		"人々《ひとびと》と市町村《しちょうそん》": "<span><ruby>人々<rp>(</rp><rt>ひとびと</rt><rp>)</rp></ruby>と<ruby>市町村<rp>(</rp><rt>しちょうそん</rt><rp>)</rp></ruby></span>",
	} {
		if got := html(lang.New("x", "x", markup)); got != want {
			t.Errorf("%s: %s, want %s", markup, got, want)
		}
	}
}

func TestArgumentsAreNotMarkup(t *testing.T) {
	in(t, lang.Easy)
	greeting := lang.New("こんにちは、%sさん", "Hello, %s", "こんにちは、%sさん。元気《げんき》ですか").F("山田《やまだ》<i>")
	if got := greeting.String(); got != "こんにちは、山田《やまだ》<i>さん。元気ですか" {
		t.Error(got)
	}
	if got := html(greeting); strings.Contains(got, "<rt>やまだ") || strings.Contains(got, "<i>") {
		t.Error(got)
	}
	if got := html(lang.Plain("目黒《めぐろ》区")); strings.Contains(got, "<rt>") {
		t.Error(got)
	}
	nested := lang.New("%sから", "from %s", "%sから").F(lang.New("区", "ward", "区《く》"))
	if got := html(nested); !strings.Contains(got, "<rt>く</rt>") {
		t.Error(got)
	}
}

func TestFormats(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 5, 0, 0, clock.Japan)
	for _, c := range []struct {
		text         lang.Text
		ja, en, easy string
	}{
		{lang.Date(day), "2026年11月22日(日)", "Sunday, 22 November 2026", "2026年11月22日(日)"},
		{lang.DateTime(day.UTC()), "2026年11月22日(日) 0:05", "Sunday, 22 November 2026, 0:05", "2026年11月22日(日) 0:05"},
		{lang.Day("2026-12-25"), "2026年12月25日(金)", "Friday, 25 December 2026", "2026年12月25日(金)"},
		{lang.Day("soon"), "soon", "soon", "soon"},
		{lang.Era(day), "令和8年", "Reiwa 8", "令和8年"},
		{lang.Era(time.Date(2019, 5, 1, 0, 0, 0, 0, clock.Japan)), "令和元年", "Reiwa 1", "令和元年"},
		{lang.Era(time.Date(2019, 4, 30, 23, 59, 0, 0, clock.Japan)), "平成31年", "Heisei 31", "平成31年"},
		{lang.Era(time.Date(1926, 12, 25, 0, 0, 0, 0, clock.Japan)), "昭和元年", "Showa 1", "昭和元年"},
		{lang.Yen(12300), "12,300円", "12,300 yen", "12,300円"},
		{lang.Yen(-1234567), "-1,234,567円", "-1,234,567 yen", "-1,234,567円"},
		{lang.Yen(0), "0円", "0 yen", "0円"},
	} {
		if c.text.In(lang.Japanese) != c.ja || c.text.In(lang.English) != c.en || c.text.In(lang.Easy) != c.easy {
			t.Errorf("%q, %q, %q; want %q, %q, %q", c.text.In(lang.Japanese), c.text.In(lang.English), c.text.In(lang.Easy), c.ja, c.en, c.easy)
		}
	}
}

func TestParse(t *testing.T) {
	for s, want := range map[string]lang.Code{"ja": "ja", "ja-JP": "ja", "en-GB": "en", "EN": "en", "easy": "easy", "fr": "", "": "", "easy-going": ""} {
		got, ok := lang.Parse(s)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", s, got, ok)
		}
	}
}

func FuzzRuby(f *testing.F) {
	f.Add("漢字《かんじ》", "《》")
	f.Add("｜《", "\ue000")
	f.Fuzz(func(t *testing.T, markup, argument string) {
		in(t, lang.Easy)
		text := lang.New("a", "b", strings.ReplaceAll(markup, "%", "%%")+"%s").F(argument)
		_ = text.String()
		_ = text.UI()
	})
}

func TestThingsAreCountedAsPeopleDo(t *testing.T) {
	for n, want := range map[int]string{0: "0個", 1: "1つ", 9: "9つ", 10: "10個", 12: "12個"} {
		if got := lang.Things(n).In(lang.Japanese); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	got := lang.New("%sのうち%s用意しました", "Of %s, %s ready", "%sの うち %s").F(lang.Things(10), lang.Things(0))
	if got.In(lang.Japanese) != "10個のうち0個用意しました" || got.In(lang.English) != "Of 10, 0 ready" {
		t.Errorf("%s, %s", got.In(lang.Japanese), got.In(lang.English))
	}
}
