package distress

import (
	_ "embed"
	"strings"
	"sync"

	"madoguchi/proto/order"
)

// words.txt is read by sections. One that is named after a kind says how that is known, a phrase a line:
//
//	= つらい 死ぬ               alone, when they are all that was typed
//	お金 ない|ありませ           near: stems one behind the other with little between; | between ways to say one
//	≤2 家 <ない>                the same with at most 2 characters between
//	a: want|wanna die|dead      the same for words of a–z; want* begins so
//
// Stems are in kanji or kana, as one likes: fold and spellings make them alike. <ない> stands for a list of the section
// "lists". "ordinary" are searches that sound like distress and are none. What an office does against an evil is none
// either: one of "evils", perhaps one of "aims", and one of "means". "spellings" make the kanji of a stem the kana it
// is as often written in.
//
//go:embed words.txt
var wordsFile string

// words say how a kind is known.
type words struct {
	kind        Kind
	alone       []string
	near, latin []string
}

// vocabulary is words.txt.
type vocabulary struct {
	kinds                   []words
	ordinary, ordinaryLatin []string
	evils, aims, means      []string
	lists                   map[string][]string
	spellings               [][2]string
}

var sections = map[string]Kind{
	"emergency": Emergency, "suicide": Suicide, "violence": Violence, "abuse": Abuse, "hardship": Hardship,
}

var vocabularyOf = sync.OnceValue(func() vocabulary {
	v := vocabulary{lists: map[string][]string{}}
	section := ""
	for line := range strings.Lines(wordsFile) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			if kind := sections[section]; kind != 0 {
				v.kinds = append(v.kinds, words{kind: kind})
			}
			continue
		}
		v.take(section, line)
	}
	order.By(v.spellings, func(a, b [2]string) int { return len(b[0]) - len(a[0]) }) // 呼吸 before 呼
	return v
})

// take reads a line of a section.
func (v *vocabulary) take(section, line string) {
	latin, isLatin := strings.CutPrefix(line, "a: ")
	switch section {
	case "lists":
		name, ways, _ := strings.Cut(line, " ")
		v.lists[name] = append(v.lists[name], strings.Split(ways, "|")...)
	case "ordinary":
		if isLatin {
			v.ordinaryLatin = append(v.ordinaryLatin, latin)
			return
		}
		v.ordinary = append(v.ordinary, strings.Fields(line)...)
	case "evils":
		v.evils = append(v.evils, strings.Fields(line)...)
	case "aims":
		v.aims = append(v.aims, strings.Fields(line)...)
	case "means":
		v.means = append(v.means, strings.Fields(line)...)
	case "spellings":
		for pair := range strings.FieldsSeq(line) {
			from, to, _ := strings.Cut(pair, ">")
			v.spellings = append(v.spellings, [2]string{from, to})
		}
	default:
		w := &v.kinds[len(v.kinds)-1]
		if alone, ok := strings.CutPrefix(line, "= "); ok {
			w.alone = append(w.alone, strings.Fields(alone)...)
		} else if isLatin {
			w.latin = append(w.latin, latin)
		} else {
			w.near = append(w.near, line)
		}
	}
}

// spelt makes the kanji of a stem kana; fold came before it.
var spelt = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, pair := range vocabularyOf().spellings {
		pairs = append(pairs, pair[:]...)
	}
	return strings.NewReplacer(pairs...)
})
