package words

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestFoldMakesTheSameOfTheSame(t *testing.T) {
	for s, want := range map[string]string{
		"ホイクエン": "ほいくえん", "ＡＢＣ　１２３": "abc 123", "ごみ": "ごみ", "": "", "ヴァ": "ゔぁ", "ー": "ー", "ＰＩＮ": "pin",
	} {
		if got := Fold(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

func TestWhatAnswers(t *testing.T) {
	const text = "カードがロックされたとき。暗証番号を続けて間違えると、カードはロックされます。"
	for typed, answers := range map[string]bool{
		"": false, "  ": false, "かーど ろっく": true, "カードがロックされました": true, "暗証番号を間違えた": true,
		"引越し": false, "粗大ごみの出し方": false, "ロ": true, "犬猫": false,
	} {
		if got := In(text, typed); got > 0 != answers {
			t.Errorf("%q: %v", typed, got)
		}
	}
	if In(text, "ロック") <= In(text, "カードがロックされました") {
		t.Error("the words themselves do not come first")
	}
}

func TestUnfinishedSyllablesAreNotLookedFor(t *testing.T) {
	for _, c := range []struct {
		typed     string
		composing bool
		want      string
	}{
		{"ほいk", true, "ほい"}, {"ほいｋ", true, "ほい"}, {"ほいくえん", true, "ほいくえん"}, {"k", true, "k"},
		{"保育園abc", false, "保育園abc"}, {"", true, ""},
	} {
		if got := Complete(c.typed, c.composing); got != c.want {
			t.Errorf("%q: %q", c.typed, got)
		}
	}
}

// What is taken for usual is what it is in NFKC, whatever of it stands beside it.
func TestTheUsualIsNotAskedAbout(t *testing.T) {
	var all []rune
	for r := rune(1); r < 0x20000; r++ {
		if r >= 0xD800 && r < 0xE000 || isUnusual(r) {
			continue
		}
		all = append(all, r, 'か', r)
	}
	if s := string(all); !norm.NFKC.IsNormalString(s) {
		t.Error("something usual is not")
	}
	for _, r := range []rune{'Ａ', 'ｱ', '㌔', '\u3099', 'é', '　', 'ヿ'} {
		if !isUnusual(r) {
			t.Errorf("%c is taken for usual", r)
		}
	}
}
