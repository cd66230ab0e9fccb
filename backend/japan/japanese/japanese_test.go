package japanese

import (
	"testing"
	"unicode/utf8"
)

func TestFoldMakesAlike(t *testing.T) {
	for _, same := range [][]string{
		{"ホイクエン", "ほいくえん", "ﾎｲｸｴﾝ", " ほいくえん　"},
		{"子供", "子ども", "こども", "コドモ"},
		{"粗大ごみ", "粗大ゴミ", "粗大ｺﾞﾐ"},
		{"転出届", "転出届け", "転出届出", "轉出屆"},
		{"罹災証明", "り災証明", "リ災証明", "羅災証明"},
		{"ＰＡＳＳＰＯＲＴ", "passport", "Passport"},
		{"障害者手帳", "障がい者手帳", "障碍者手帳"},
		{"１５", "15"},
		{"保育園・幼稚園", "保育園幼稚園"},
		{"【災害】罹災証明", "災害 り災証明"},
		{"澤田", "沢田"},
		{"龍ヶ崎", "竜ケ崎"},
	} {
		for _, s := range same[1:] {
			if Fold(s) != Fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", same[0], Fold(same[0]), s, Fold(s))
			}
		}
	}
	if Fold("びよういん") == Fold("びょういん") {
		t.Error("different words became the same")
	}
}

func TestBareDropsOkurigana(t *testing.T) {
	for in, want := range map[string]string{
		"引っ越し": "引越", "引越し": "引越", "申し込み": "申込", "申込": "申込", "手続き": "手続", "払い戻し": "払戻", "生まれた": "生まれた",
		"おむつ": "おむつ", "": "",
	} {
		if got := Bare(Fold(in)); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestKanaReadsRomaji(t *testing.T) {
	for in, want := range map[string]string{
		"hoikuen": "ほいくえん", "nenkin": "ねんきん", "jidouteate": "じどうてあて", "shussan": "しゅっさん", "syussei": "しゅっせい",
		"tenshutsu": "てんしゅつ", "kon'in": "こんいん", "sinpai": "しんぱい", "matcha": "まっちゃ", "honnin": "ほんにん",
		"konnyaku": "こんにゃく", "onnna": "おんな",
	} {
		if got, ok := Kana(in); !ok || got != want {
			t.Errorf("%s reads %s, %v, want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"passport", "xyz", "child"} {
		if got, ok := Kana(in); ok {
			t.Errorf("%s reads %s", in, got)
		}
	}
}

func TestGramsStayWithinWords(t *testing.T) {
	if got := len(Grams(nil, "年金 申請")); got != 6 { // two pairs and four characters
		t.Errorf("%d grams", got)
	}
	if got := len(Pairs(nil, "年金")); got != 1 {
		t.Errorf("%d pairs", got)
	}
	if got := len(Pairs(nil, "犬")); got != 1 {
		t.Errorf("%d of one character", got)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "保育園", "\x00\xff", "a\u0301\u3099", "ｶﾞ", "'; DROP TABLE --", "<script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if !utf8.ValidString(folded) {
			t.Errorf("%q folds to what is no text", s)
		}
		if again := Fold(folded); utf8.RuneCountInString(again) > utf8.RuneCountInString(folded)+8 {
			t.Errorf("%q grows: %q, %q", s, folded, again)
		}
		Bare(folded)
		Grams(nil, folded)
		Kana(folded)
	})
}
