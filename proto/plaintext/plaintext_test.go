package plaintext

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWhatPasses(t *testing.T) {
	for _, s := range []string{
		"", "山田 花子", "山\u3000田", "葛\U000e0100城市", "辻\ufe00", "ｶﾀｶﾅ（全角）／ＡＢＣ①㈱", "が", "か\u3099き\u3099", "Åsa",
		"Nguye\u0302\u0303n", "ᾧ", "ω\u0314\u0342\u0345",
		"⚠\ufe0f 避難指示", "1\ufe0f\u20e3 番目", "👍🏽", "🇯🇵", "한국어", "नमस्ते", "مرحبا", "〆切 々 ヶ 〇 ゝ", "𠮷野家",
		"\U0002ebf0\U000323b0", "−〜―…‥※＊", "a\u0301",
	} {
		for name, check := range map[string]func(string) error{"line": Line, "lines": Lines} {
			if err := check(s); err != nil {
				t.Errorf("%s %q: %v", name, s, err)
			}
		}
		if s != "" && (Title(s) != nil || Name(s) != nil || Clean(s) != s) {
			t.Errorf("%q: title %v, name %v, cleaned %q", s, Title(s), Name(s), Clean(s))
		}
	}
	if Title("100\u00a0円") != nil || Clean("100\u00a0円") != "100 円" {
		t.Error("the blank that does not break is a blank")
	}
	if err := Body("一行目\n\t二行目\r\n三行目"); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"👩🏽\u200d⚖️さん", "👨\u200d👩\u200d👧", "🏳️\u200d🌈"} {
		if Name(s) != nil || Title(s) == nil || Clean(s) != s {
			t.Errorf("%q: name %v, title %v", s, Name(s), Title(s))
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for s, want := range map[string]Kind{
		"\x00": Control, "a\x07": Control, "a\u0085b": Control, "a\x7f": Control, "a\rb": Control,
		"a\u202eb": Direction, "a\u202a": Direction, "a\u2066b": Direction, "a\u2069": Direction, "\u200eb": Direction,
		"a\u200fb": Direction, "a\u061cb": Direction,
		"a\u200bb": Invisible, "a\u200cb": Invisible, "a\u200db": Invisible, "a\u2060b": Invisible,
		"\ufeffa": Invisible, "a\u00adb": Invisible, "a\u2028b": Invisible,
		"a\u2029b": Invisible, "a\U000e0041": Invisible, "a\U000e007f": Invisible, "a\U000e0001": Invisible,
		"\u3164": Invisible, "a\u115f": Invisible, "\u1160": Invisible,
		"\uffa0": Invisible, "\u2800": Invisible, "a\ufff9b\ufffac\ufffb": Invisible, "a\ufffc": Invisible,
		"a\u034fb": Invisible, "a\u17b4": Invisible, "a\u180e": Invisible,
		"a\u2061b": Invisible, "a\u206ab": Invisible, "a\u2000b": Invisible, "a\u2009b": Invisible,
		"a\u202fb": Invisible, "a\u1680b": Invisible, "a\U0001d173": Invisible,
		"a\U0001d159": Invisible, "a\U000e0100": Invisible, "葛\U000e0100\U000e0100": Invisible, "\ufe0f": Invisible,
		"a\ufe0f": Invisible, "葛\ufe0f": Invisible, "1\ufe0f": Invisible,
		"か\ufe00": Invisible, "👩\u200d": Invisible, "\u200d👩": Invisible, "👩\u200d\u200d👧": Invisible,
		"花\u200d子": Invisible,
		"\ue000":   Private, "a\U000f0000": Private, "\ufdd0": Unassigned, "\uffff": Unassigned, "\u0378": Unassigned,
		"a\U0001ffff": Unassigned,
		"\xff":        Broken, "a\xed\xa0\x80": Broken, "\ufffd": Broken, "\u0301": Alone, "a \u0301": Alone,
		"a" + strings.Repeat("\u0301", 4): Heaped,
		"a\u0301\u0302\u0303\u20dd":       Heaped,
	} {
		for name, check := range map[string]func(string) error{
			"line": Line, "lines": Lines, "title": Title, "body": Body, "name": Name,
		} {
			var f *Fault
			if err := check(s); !errors.As(err, &f) || f.Kind != want {
				t.Errorf("%s %q: %v, want kind %d", name, s, err, want)
			}
		}
		if c := Clean("花" + s + "子"); strings.TrimSpace(c) != c || Name(c) != nil && want <= Invisible {
			t.Errorf("%q is cleaned to %q: %v", s, c, Name(c))
		}
	}
	for _, s := range []string{"", " ", "　", "\u00a0", " 　 "} {
		var f *Fault
		if err := Title(s); !errors.As(err, &f) || f.Kind != Empty {
			t.Errorf("title %q: %v", s, err)
		}
		if Line(s) != nil {
			t.Errorf("an empty line %q is refused", s)
		}
	}
	for _, s := range []string{"a\nb", "a\tb", "a\r\nb"} {
		if Line(s) == nil || Title(s) == nil || Name(s) == nil || Lines(s) != nil {
			t.Errorf("%q", s)
		}
	}
}

func TestAFaultNamesItsPlace(t *testing.T) {
	err := Lines("一行目\r\n二\u200b行目")
	if want := "U+200B ZERO WIDTH SPACE at line 2, character 2"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for s, want := range map[string]string{
		"a\x00": "U+0000 <control> at line 1, character 2", "\ue000": "U+E000 private use at line 1, character 1",
		"\u0378": "U+0378 unassigned at line 1, character 1",
		"題\xff":  "U+FFFD not UTF-8 at line 1, character 2",
	} {
		if err := Line(s); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestCleanDropsWhatCannotBeSeen(t *testing.T) {
	for s, want := range map[string]string{
		"花\u200b子": "花子", "\ufeff花子\u202c": "花子", " 花\n子\t": "花 子", "花\u2009子": "花 子", "花\x00子": "花子",
		"葛\u200b\U000e0100": "葛\U000e0100", "花\U000e0100\U000e0101": "花\U000e0100",
		"👩\u200d👧\u200d": "👩\u200d👧", "\u200d": "", "\u3164": "", "花\ue000": "花\ue000", "花\xff": "花\ufffd",
		"\xef\x0f\xb8\x8f": "\ufffd\ufffd\ufffd", "a\u0301\u0301\u0301\u0301": "a\u0301\u0301\u0301\u0301",
	} {
		if got := Clean(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestCleanKeepsTheLinesOfALetter(t *testing.T) {
	if got := CleanLines("一行目\r\n\t二\u202e行目\r\x1b[31m\n"); got != "一行目\n\t二行目 [31m\n" {
		t.Errorf("%q", got)
	}
}

func TestCount(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "花子": 2, "か\u3099": 1, "葛\U000e0100": 1, "👩🏽\u200d⚖️さん": 3, "👍🏽": 1, "👍🏽🏽": 2, "🏽": 1,
		"1\ufe0f\u20e3": 1, "a b": 3, "🇯🇵": 2,
	} {
		if got := Count(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// What is known as everyday is what the rules would let stand.
func TestEverydayCharactersAreFine(t *testing.T) {
	for r := range rune(0x10000) {
		g := grammar{}
		if kind := g.kind(r, ""); isEveryday(r) && (kind != 0 || isMark(r) || isBlank(r) || isTone(r)) {
			t.Errorf("%U is no everyday character", r)
		}
	}
}

// runes draws texts in which the odd characters meet each other.
func runes(t *rapid.T) string {
	odd := rapid.SampledFrom(
		[]rune("a花葛かが👩👧⚖🏽1#\u200b\u200d\ufe0f\ufe00\U000e0100\u3099\u0301\u20e3 　\u00a0\n" +
			"\r\t\u202e\u00ad\u3164\ue000\ufffd"),
	)
	any := rapid.Rune()
	return string(rapid.SliceOfN(rapid.OneOf(odd, odd, any), 0, 12).Draw(t, "runes"))
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { properties(t, runes(t)) })
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"花子", "👩🏽\u200d⚖️", "葛\U000e0100", "a\u202eb", "\xff", "か\u3099\u3099\u3099\u3099"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { properties(t, s) })
}

func properties(t interface{ Errorf(string, ...any) }, s string) {
	line, lines, title, name := Line(s), Lines(s), Title(s), Name(s)
	if title == nil && (line != nil || name != nil) || line == nil && lines != nil {
		t.Errorf("%q: a stricter check passes where a wider one does not: title %v, line %v, lines %v, name %v", s,
			title, line, lines, name)
	}
	if lines == nil {
		if !utf8.ValidString(s) {
			t.Errorf("%q is not text", s)
		}
		for _, r := range s {
			if unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) ||
				unicode.In(r, unicode.Bidi_Control, unicode.Co, unicode.Cs) || r == '\u200b' || r == '\ufeff' {
				t.Errorf("%q passes with %U", s, r)
			}
		}
	}
	c := Clean(s)
	if Clean(c) != c {
		t.Errorf("%q: cleaned twice it is %q, once %q", s, Clean(c), c)
	}
	var f *Fault
	for _, check := range []error{fault(scan(CleanLines(s), rules{lines: true, joined: true})), Name(c)} {
		if errors.As(check, &f) && f.Kind <= Invisible {
			t.Errorf("%q has still what cannot be seen when cleaned: %v", s, f)
		}
	}
	if name == nil && c != strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " ")) {
		t.Errorf("%q is fine, and cleaned to %q", s, c)
	}
	if n := Count(s); n > utf8.RuneCountInString(s) || title == nil && n == 0 {
		t.Errorf("%q has %d characters", s, n)
	}
	if errors.As(lines, &f) && f.Kind != Empty {
		at := strings.Split(s, "\n")
		if f.Line < 1 || f.Line > len(at) || f.Character < 1 || f.Character > len([]rune(at[f.Line-1]))+1 {
			t.Errorf("%q: a fault at line %d, character %d", s, f.Line, f.Character)
		}
	}
}
