package document_test

import (
	"testing"

	"madoguchi/backend/door/document"
	"madoguchi/static/text/say"
)

func TestTextsAsHTML(t *testing.T) {
	text := say.New("<子ども>", "child & co", "｜お知らせ《おしらせ》は 漢字《かんじ》<b>です")
	for language, want := range map[string]string{
		"ja": "&lt;子ども&gt;", "en": "child &amp; co", "fr": "&lt;子ども&gt;",
		"easy": "<ruby>お知らせ<rp>(</rp><rt>おしらせ</rt><rp>)</rp></ruby>は " +
			"<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>&lt;b&gt;です",
	} {
		if got := string(document.In(text, language)); got != want {
			t.Errorf("%s: %s, want %s", language, got, want)
		}
	}
}

func TestJapaneseInEnglish(t *testing.T) {
	text := say.New("<港区>", "Minato-ku <港区>", "<港区>")
	for language, want := range map[string]string{
		"ja": "&lt;港区&gt;", "en": `Minato-ku &lt;<span lang="ja">港区</span>&gt;`, "easy": "&lt;港区&gt;",
	} {
		if got := string(document.In(text, language)); got != want {
			t.Errorf("%s: %s, want %s", language, got, want)
		}
	}
}

func FuzzIn(f *testing.F) {
	f.Add("漢字《かんじ》｜あ《い")
	f.Fuzz(func(t *testing.T, s string) {
		document.In(say.New(s, s, s), "easy")
	})
}
