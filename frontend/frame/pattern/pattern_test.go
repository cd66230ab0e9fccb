package pattern_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"madoguchi/frontend/frame/pattern"
)

// known are expressions of each kind that is understood, those of the page among them.
var known = []string{
	"^/", "^/notice/[^/]+$", "^/procedures/(nation|[0-9]{6})/[^/]+$", "^/guide/[a-z]+$",
	"^/places/(0[1-9]|[1-3][0-9]|4[0-7])$", "^([1-9][0-9]{0,2}[dwmy])?$", `^[0-9]{2}-[0-9]{2}\.\.[0-9]{2}-[0-9]{2}$`,
	"^a+(ab|a)$", "^(a|ab)(c|bcd)$", "^(a|b(c|d)?)+$", "^(a?)+b$", "^(|a){2,3}b", `^[\-a]\[$`, "^日[^本]{1,2}$", "^$",
	"^", "^(a+)+$", "^()$",
}

func TestAsRegexpDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, expression := range known {
		p, want := pattern.MustCompile(expression), regexp.MustCompile(expression)
		matched, tried := 0, 0
		check := func(s string) {
			tried++
			if want.MatchString(s) {
				matched++
			}
			if p.MatchString(s) != want.MatchString(s) {
				t.Errorf("%s on %q: %v", expression, s, p.MatchString(s))
			}
		}
		alphabet := append(strings.Split(expression, ""), "/", "0", "4", "7", "z", "日", "\n", "\xff",
			"[", "-", ".", "d")
		for range 3000 {
			var s strings.Builder
			for range r.IntN(9) {
				s.WriteString(alphabet[r.IntN(len(alphabet))])
			}
			check(s.String())
		}
		for _, s := range []string{
			"/notice/a", "/notice/", "/notice/a/b", "/notice/a\nb", "/notice/\xff", "/procedures/nation/P0001",
			"/procedures/131105/P0001",
			"/procedures/13110/P0001", "/procedures/1311055/P0001", "/procedures/nationx/P",
			"/guide/birth", "/guide/Birth",
			"/guide/", "/places/00", "/places/01", "/places/13", "/places/39", "/places/40", "/places/47",
			"/places/48", "/places/4",
			"1d", "12w", "123m", "1234y", "01d", "1dd", "d", "04-01..05-31", "04-01.05-31", "04-01xx05-31",
			"abcd", "abc", "acc",
			"aab", "aa", "bcbd", "日木本", "日本",
		} {
			check(s)
			for i := range s {
				check(s[:i])
				check(s[i:])
				check(s[:i] + "/" + s[i:])
			}
			check(s + "\n")
			check(" " + s)
		}
		if matched == 0 || matched == tried && expression != "^" {
			t.Errorf("%s matched %d of %d: that says nothing", expression, matched, tried)
		}
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	for _, expression := range []string{
		"", "/notice", "^a*", "^a.b", "^a??", "^a+?", "^a{2,}", "^a{,2}", "^a{3,2}", "^a{999}", "^a{x}", "^a{2", "^(a",
		"^a)", "^a|b", "^[a", "^[]",
		"^[z-a]", "^[^a^]", "^[[:alpha:]]", `^\d`, `^\pL`, `^\bx`, "^(?i)a", "^(?:a)", "^a$b", "^^", "^+", "^(+)",
		"^{2}", `^\`, "^a**", "^\xff",
	} {
		if _, err := pattern.Compile(expression); err == nil {
			t.Errorf("%q was understood", expression)
		} else if !strings.Contains(err.Error(), "the pattern") {
			t.Errorf("%q: %v", expression, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustCompile let one pass")
		}
	}()
	pattern.MustCompile("^.*$")
}

// FuzzAgainstRegexp: whatever is understood is understood as regexp does.
func FuzzAgainstRegexp(f *testing.F) {
	for _, expression := range known {
		f.Add(expression, "/notice/a")
	}
	f.Fuzz(func(t *testing.T, expression, s string) {
		if len(expression) > 40 || len(s) > 20 {
			return // groups within groups are tried in all ways, which takes long: the page's own have none
		}
		p, err := pattern.Compile(expression)
		if err != nil {
			return
		}
		want, err := regexp.Compile(expression)
		if err != nil {
			t.Fatalf("%q is none of regexp's: %v", expression, err)
		}
		if p.MatchString(s) != want.MatchString(s) {
			t.Errorf("%q on %q: %v", expression, s, p.MatchString(s))
		}
	})
}
