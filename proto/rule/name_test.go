package rule_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

func TestDisplayNames(t *testing.T) {
	for name, want := range map[string]rule.NameFault{
		"山田 花子": rule.NameGood, "葛\U000e0100飾": rule.NameGood, "辻\U000e0101": rule.NameGood, "𠮷野": rule.NameGood,
		"髙﨑": rule.NameGood, "👩🏽\u200d⚖️さん": rule.NameGood,
		"ジョー‐−－ー": rule.NameGood, "ｼﾞｮｰ": rule.NameGood, "O'Brien": rule.NameGood, "Nguyễn Thị": rule.NameGood,
		"محمد": rule.NameGood, "<b>": rule.NameGood,
		strings.Repeat("か\u3099", 20): rule.NameGood, strings.Repeat("か\u3099", 21): rule.NameLong,
		strings.Repeat("👩\u200d👧", 20): rule.NameGood, strings.Repeat("葛\U000e0100", 20): rule.NameGood,
		strings.Repeat("a", 401): rule.NameLong, strings.Repeat("寿", 21): rule.NameLong,
		"": rule.NameMissing, "　": rule.NameMissing,
		"花\ue000子": rule.NamePrivate, "\U000f0000": rule.NamePrivate, "渡\ufffd": rule.NameBroken,
		"\xff":   rule.NameBroken,
		"\u0301": rule.NameSigns, "z" + strings.Repeat("\u0301", 9): rule.NameSigns, "\u0378": rule.NameSigns,
	} {
		if got := rule.DisplayName(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
	for _, name := range []string{"a\u200bb", "花\u200d子", "\u3164"} { // before it is cleaned
		if rule.DisplayName(name) == rule.NameGood {
			t.Errorf("%q passes", name)
		}
	}
}

// How a machine writes the marks of kana does not decide whether a name may be as long as it is.
func TestNamesAreAsLongAsTheyAreSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := plaintext.Clean(rapid.StringOfN(rapid.RuneFrom([]rune("ガぱヴが太郎ＡéﾊﾟÅ山田 ー")), 1, 30, -1).Draw(t, "name"))
		whole, apart := rule.DisplayName(norm.NFC.String(name)), rule.DisplayName(norm.NFD.String(name))
		if whole != apart {
			t.Fatalf("%q: %d, apart %d", name, whole, apart)
		}
	})
}
