package reading_test

import (
	"slices"
	"strings"
	"testing"

	"madoguchi/proto/reading"
)

func TestSplit(t *testing.T) {
	for markup, want := range map[string][]reading.Part{
		"漢字《かんじ》です":   {{"漢字", "かんじ"}, {"です", ""}},
		"お｜知らせ《しらせ》":  {{"お", ""}, {"知らせ", "しらせ"}},
		"カード":         {{"カード", ""}},
		"開《ひら》きっぱなし《": {{"開", "ひら"}, {"きっぱなし《", ""}},
		"3月《がつ》":      {{"3", ""}, {"月", "がつ"}},
		"人々《ひとびと》と市町村《しちょうそん》": {{"人々", "ひとびと"}, {"と", ""}, {"市町村", "しちょうそん"}},
		"霞ヶ関《かすみがせき》と〆切《しめきり》": {{"霞ヶ関", "かすみがせき"}, {"と", ""}, {"〆切", "しめきり"}},
		"かな《かな》":                 {{"かな《かな》", ""}},
		"一《いち》《に》":               {{"一", "いち"}, {"《に》", ""}},
		reading.Aside("山田《やまだ》"): {{"山田《やまだ》", ""}},
		"":                       nil,
	} {
		if got := reading.Split(markup); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", markup, got, want)
		}
	}
	if got := reading.Plain("お｜知らせ《しらせ》を見《み》る"); got != "お知らせを見る" {
		t.Error(got)
	}
}

func TestRuns(t *testing.T) {
	for words, want := range map[string]string{
		"Meguro-ku, Tokyo (東京都目黒区)": "Meguro-ku, Tokyo (|[東京都目黒区]|)", "目黒区": "[目黒区]", "Search": "Search", "": "",
		"by 番号法第19条（別表）, or 佐々木 3": "by |[番号法第19条（別表）]|, or |[佐々木]| 3", "「年金」": "「|[年金」]",
	} {
		var got []string
		for run, japanese := range reading.Runs(words) {
			if japanese {
				run = "[" + run + "]"
			}
			got = append(got, run)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is cut into %q", words, got)
		}
	}
	for range reading.Runs("a目") {
		break // whoever has heard enough
	}
}

func TestCheck(t *testing.T) {
	for markup, want := range map[string]string{
		"漢字《かんじ》": "", "カード": "", "": "", "漢字》": "》 without 《", "漢字《かんじ": "《 without 》", "漢字《》": "an empty reading",
		"漢字《か《ん》": "《 within", "かな《かな》": "no characters before", "漢字《kanji》": "not kana",
	} {
		err := reading.Check(markup)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", markup, err, want)
		}
	}
}

// What is well-formed loses nothing but its marks, and what stood aside comes back.
func FuzzSplit(f *testing.F) {
	f.Add("漢字《かんじ》")
	f.Add("｜《》\ue000")
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range reading.Split(s) {
			if p.Base == "" {
				t.Errorf("%q has a part of nothing", s)
			}
		}
		if !strings.ContainsAny(s, "\ue000\ue001") && reading.Plain(reading.Aside(s)) != s {
			t.Errorf("%q does not come back", s)
		}
	})
}
