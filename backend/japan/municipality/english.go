package municipality

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// The official names in Latin letters, made by generate/romaji from the masters of prefectures and of municipalities in
// the Digital Agency's address base registry; see LICENSE-data.
//
//go:embed romaji.tsv
var romajiFile string

var romajiNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(romajiFile) {
		code, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		names[code] = name
	}
	names["100005"] = "Gunma" // as the prefecture writes itself; the register has Gumma
	return names
})

// English is what a prefecture, municipality or ward is called in English, by its code, from the smallest to the
// largest as addresses there are written: Aoba-ku, Yokohama-shi, Kanagawa. Empty of a code that is none.
func English(code string) string {
	name := romajiNames()[code]
	if name == "" || strings.HasSuffix(code[:5], "000") {
		return name
	}
	parts := strings.Fields(name)
	slices.Reverse(parts)
	for _, p := range Prefectures() {
		if p.Code[:2] == code[:2] {
			parts = append(parts, romajiNames()[p.Code])
		}
	}
	return strings.Join(parts, ", ")
}
