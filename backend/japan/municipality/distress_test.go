package municipality

import (
	"slices"
	"testing"

	"madoguchi/proto/distress"
)

// Who types where they live is not taken for somebody in distress.
func TestNamesOfPlacesAreNoWordsOfDistress(t *testing.T) {
	alike := []string{"シンドイ"} // 新土居, and しんどい
	seen := map[string]bool{}
	check := func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		if found := distress.Find(name); len(found) > 0 && !slices.Contains(alike, name) {
			t.Errorf("%s raises %v", name, found)
		}
	}
	for _, m := range All() {
		check(m.Name)
		check(m.Kana)
		check(m.Prefecture + m.Name)
	}
	for _, town := range between(0, 9_999_999) {
		check(town.Name)
		check(town.Kana)
	}
	if len(seen) < 100_000 {
		t.Errorf("only %d names", len(seen))
	}
}
