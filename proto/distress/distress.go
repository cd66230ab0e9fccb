// Package distress recognises, in what somebody types into a search field, words of suicide, violence, abuse,
// emergency and hardship, and says who helps by telephone at once. Page and portal share it, so that the words are
// understood where they are typed and need not be sent to anybody.
//
// It errs on the side of showing help; ordinary searches that merely sound alike (死亡届, 暴力団排除) are known by name
// (ordinary). It is not the search, keeps nothing, and logs nothing.
//
// How people say a thing has no end, so words are stems that stand near each other: "お金 ない|ありません" is somebody who
// has no money, whatever particle stands between. Kanji and kana of a stem are made alike first (spellings), so that it
// is listed once.
package distress

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"madoguchi/proto/order"
)

// Kind is what somebody seems to need help with.
type Kind int

// Kinds in the order of urgency, in which their helplines stand.
const (
	Emergency Kind = iota + 1
	Suicide
	Violence
	Abuse
	Hardship
)

// maxQuery is how much of a text is looked at: a search field takes 200 characters.
const maxQuery = 1000

// Find names the kinds of distress that a text speaks of, most urgent first; nil for an ordinary one.
func Find(text string) []Kind {
	if runes := []rune(text); len(runes) > maxQuery {
		text = string(runes[:maxQuery])
	}
	found, ordinary := find(text)
	if turned, ok := turned(text); ok && !ordinary {
		more, _ := find(turned)
		found = append(found, more...)
	}
	order.By(found, func(a, b Kind) int { return int(a - b) })
	return slices.Compact(found)
}

// find is Find for words as they stand; ordinary says that some of them are.
func find(text string) (found []Kind, ordinary bool) {
	folded, latin := fold(text)
	if folded == "" {
		return nil, false
	}
	table := rules()
	folded = table.withoutOrdinary(spelt().Replace(folded))
	latin = without(latin, table.ordinaryLatin)
	bare := core(folded)
	fits := table.near(folded)
	for i, r := range table.kinds {
		if fits[i] || r.fits(folded, bare, latin) {
			found = append(found, r.kind)
		}
	}
	return found, strings.Contains(folded, "|") || slices.Contains(latin, "")
}

// mostTurned is how many words stand in no order yet: more are a sentence.
const mostTurned = 4

// turned is a text with its words in the other order: 蹴られる 夫 is 夫 蹴られる.
func turned(text string) (string, bool) {
	words := strings.Fields(text)
	if len(words) > mostTurned {
		words = spaced(text)
	}
	if len(words) < 2 || len(words) > mostTurned {
		return "", false
	}
	slices.Reverse(words)
	return strings.Join(words, " "), true
}

// spaced are the words of a text whose characters stand apart, with a wider gap between words: 夜 中   相 談.
func spaced(text string) (words []string) {
	wide := true
	for field := range strings.SplitSeq(strings.ReplaceAll(text, "\u3000", " "), " ") {
		switch {
		case field == "":
			wide = true
		case wide:
			words, wide = append(words, field), false
		default:
			words[len(words)-1] += field
		}
	}
	return words
}

// Begun says that a text may be words of distress as far as they are typed: いきるのが つ, i want to ki. Whoever sends
// what is typed while it is typed waits for more.
func Begun(text string) bool {
	if runes := []rune(text); len(runes) > maxQuery {
		text = string(runes[:maxQuery])
	}
	folded, latin := fold(text)
	table := rules()
	folded = table.withoutOrdinary(spelt().Replace(folded))
	for at, r := range folded {
		for _, s := range table.starts[r] {
			rest, ok := strings.CutPrefix(folded[at:], s.stem)
			switch {
			case ok && stands(rest, s.stems[1:], s.gap, true):
				return true
			case len(s.stems) > 1 || !strings.HasPrefix(s.stem, folded[at:]):
			case utf8.RuneCountInString(folded[at:]) >= leastBegun:
				return true
			}
		}
	}
	for _, r := range table.kinds {
		for _, phrase := range r.latin {
			for i := range latin {
				if _, ok := says(latin[i:], phrase, 0, betweenWords, true); ok {
					return true
				}
			}
		}
	}
	return false
}

// leastBegun is how much of a stem that says all by itself must be there for it to be begun.
const leastBegun = 2

// rule is words made ready.
type rule struct {
	kind  Kind
	alone map[string]bool
	near  []phrase
	latin [][][]string
}

// phrase is stems one behind the other, with no more than some characters between.
type phrase struct {
	stems [][]string
	gap   int
}

type table struct {
	kinds         []rule
	starts        map[rune][]start
	ordinary      *strings.Replacer
	evils         []string
	aims          []string
	means         []string
	ordinaryLatin [][][]string
}

var (
	ready     atomic.Pointer[table]
	preparing sync.Mutex
)

// Prepare reads the words, which takes a page on a phone half a second, and calls rest between the parts of that. What
// is asked before is answered all the same, once all is read in one go.
func Prepare(rest func()) {
	preparing.Lock()
	defer preparing.Unlock()
	if ready.Load() == nil {
		ready.Store(read(rest))
	}
}

func rules() *table {
	if t := ready.Load(); t != nil {
		return t
	}
	t := read(func() {})
	ready.Store(t)
	return t
}

func read(rest func()) *table {
	t := &table{starts: map[rune][]start{}}
	var pairs []string
	v := vocabularyOf()
	rest()
	for _, phrase := range v.ordinary {
		pairs = append(pairs, plainly(phrase), "|")
		rest()
	}
	for _, list := range []struct {
		from []string
		into *[]string
	}{{v.evils, &t.evils}, {v.aims, &t.aims}, {v.means, &t.means}} {
		for _, word := range list.from {
			*list.into = append(*list.into, plainly(word))
		}
	}
	t.ordinary = strings.NewReplacer(pairs...)
	t.ordinary.Replace("") // makes itself ready at its first use
	rest()
	for _, phrase := range v.ordinaryLatin {
		t.ordinaryLatin = append(t.ordinaryLatin, pieces(phrase, strings.ToLower))
	}
	for _, w := range v.kinds {
		r := rule{kind: w.kind, alone: map[string]bool{}}
		for _, phrase := range w.alone {
			r.alone[core(plainly(phrase))] = true
			if strings.HasPrefix(phrase, "もう") {
				delete(r.alone, core(plainly(phrase))) // いや by itself is nothing
				r.alone[polite(plainly(phrase))] = true
			}
		}
		for _, words := range w.near {
			r.near = append(r.near, phraseOf(words))
			rest()
		}
		for _, phrase := range w.latin {
			r.latin = append(r.latin, pieces(phrase, strings.ToLower))
			rest()
		}
		for _, p := range r.near {
			for _, stem := range p.stems[0] {
				first, _ := utf8.DecodeRuneInString(stem)
				t.starts[first] = append(t.starts[first], start{stem, p, len(t.kinds)})
			}
		}
		t.kinds = append(t.kinds, r)
		rest()
	}
	return t
}

// withoutOrdinary puts | for what is ordinary in a text.
func (t *table) withoutOrdinary(text string) string {
	text = t.ordinary.Replace(text)
	for _, evil := range t.evils {
		for from := 0; ; {
			at := strings.Index(text[from:], evil)
			if at < 0 {
				break
			}
			at += from
			if end, ok := t.matter(text[at+len(evil):]); ok {
				text = text[:at] + "|" + text[at+len(evil)+end:]
			}
			from = at + 1
		}
	}
	return text
}

// matter says whether a text begins with what an office does, and where that ends.
func (t *table) matter(text string) (end int, ok bool) {
	for _, mean := range t.means {
		if strings.HasPrefix(text, mean) {
			return len(mean), true
		}
	}
	for _, aim := range t.aims {
		if rest, ok := strings.CutPrefix(text, aim); ok {
			for _, mean := range t.means {
				if strings.HasPrefix(rest, mean) {
					return len(aim) + len(mean), true
				}
			}
		}
	}
	return 0, false
}

// start is a stem with which a phrase begins, found by its first character: a text is walked through once.
type start struct {
	stem string
	phrase
	kind int // in table.kinds
}

// near says which kinds have a phrase that stands in a text.
func (t *table) near(text string) []bool {
	fits := make([]bool, len(t.kinds))
	for at, r := range text {
		for _, s := range t.starts[r] {
			if rest, ok := strings.CutPrefix(text[at:], s.stem); ok && !fits[s.kind] {
				fits[s.kind] = stands(rest, s.stems[1:], s.gap, false)
			}
		}
	}
	return fits
}

// plainly is a stem as Find sees it in a text.
func plainly(stem string) string {
	folded, _ := fold(stem)
	return spelt().Replace(folded)
}

// pieces reads a phrase: stems one behind the other, each with its ways to be said; <name> stands for a list of them.
func pieces(phrase string, plain func(string) string) [][]string {
	var list [][]string
	for word := range strings.FieldsSeq(phrase) {
		var ways []string
		for way := range strings.SplitSeq(word, "|") {
			if many, ok := vocabularyOf().lists[way]; ok {
				for _, one := range many {
					ways = append(ways, plain(one))
				}
				continue
			}
			ways = append(ways, plain(way))
		}
		list = append(list, ways)
	}
	return list
}

func (r rule) fits(folded, bare string, latin []string) bool {
	if r.alone[bare] || r.alone[polite(folded)] {
		return true
	}
	return slices.ContainsFunc(r.latin, func(phrase [][]string) bool {
		for i := range latin {
			if _, ok := says(latin[i:], phrase, 0, betweenWords, false); ok {
				return true
			}
		}
		return false
	})
}

const (
	// Between two stems there may be so many characters: a particle, an ending, a word.
	between = 10
	// Between two words of a–z there may be so many others.
	betweenWords = 2
)

// phraseOf reads a phrase; ≤2 in front of it is how much may stand between its stems.
func phraseOf(words string) phrase {
	gap := between
	if rest, ok := strings.CutPrefix(words, "≤"); ok {
		gap, words = int(rest[0]-'0'), rest[1:]
	}
	return phrase{pieces(words, plainly), gap}
}

// stands says whether stems stand at the beginning of a text one behind the other, with no more than a gap before each.
// What was taken out as ordinary (|) ends a phrase. With `begun`, of the last stem only the beginning need be there, at
// the end of the text.
func stands(text string, stems [][]string, gap int, begun bool) bool {
	if len(stems) == 0 {
		return true
	}
	between := 0
	for at, r := range text {
		for _, stem := range stems[0] {
			if rest, ok := strings.CutPrefix(text[at:], stem); ok && stands(rest, stems[1:], gap, begun) {
				return true
			}
			if begun && len(stems) == 1 && strings.HasPrefix(stem, text[at:]) {
				return true
			}
		}
		if between++; between > gap || r == '|' {
			return false
		}
	}
	return false
}

// says is stands for words of a–z; it tells how many of them the phrase takes.
func says(text []string, phrase [][]string, most, gap int, begun bool) (words int, ok bool) {
	if len(phrase) == 0 {
		return 0, true
	}
	for i := 0; i < len(text) && i <= most; i++ {
		ends := begun && len(phrase) == 1 && i == len(text)-1
		if !slices.ContainsFunc(phrase[0], func(want string) bool {
			return same(text[i], want) ||
				ends && strings.HasPrefix(want, text[i]) && (most > 0 || len(text[i]) > 2*leastBegun)
		}) {
			continue
		}
		if rest, ok := says(text[i+1:], phrase[1:], gap, gap, begun); ok {
			return i + 1 + rest, true
		}
	}
	return 0, false
}

// without leaves ordinary phrases out of words of a–z.
func without(latin []string, ordinary [][][]string) []string {
	var kept []string
next:
	for i := 0; i < len(latin); i++ {
		for _, phrase := range ordinary {
			if n, ok := says(latin[i:], phrase, 0, 0, false); ok {
				kept = append(kept, "") // keeps apart what stood around it
				i += n - 1
				continue next
			}
		}
		kept = append(kept, latin[i])
	}
	return kept
}

var (
	strong  = strings.Fields("もう とても すごく まいにち 毎日 まじ ほんとに ほんとうに 本当に なんか いま 今")
	endings = strings.Fields("です でした ます ました だ よ ね な わ か の くて すぎ すぎる そうだん 相談")
)

// core is a text without what only makes it polite or strong: もうつらいです and つらい are one.
func core(text string) string {
	text = polite(text)
	for {
		short := text
		for _, before := range strong {
			short = shorter(short, strings.TrimPrefix(short, before))
		}
		if short == text {
			return text
		}
		text = short
	}
}

// polite is a text without the endings that make it polite.
func polite(text string) string {
	for {
		short := text
		for _, behind := range endings {
			short = shorter(short, strings.TrimSuffix(short, behind))
		}
		if short == text {
			return text
		}
		text = short
	}
}

// shorter is a shortened text, unless that is too short to mean anything.
func shorter(text, short string) string {
	if utf8.RuneCountInString(short) < 2 && !strings.ContainsFunc(short, isKanji) {
		return text
	}
	return short
}

// slippery are words that are still themselves with a slip in them, for no other word is so near.
var slippery = []string{
	"suicide", "suicidal", "domestic", "violence", "ambulance", "emergency", "myself", "overdose", "homeless",
	"husband", "boyfriend", "abusive", "harassment", "unconscious", "breathing", "kidnapped", "evicted",
	"threatened", "threatening", "bullied", "cyberbullying", "blackmailed", "assaulted",
}

// same says whether a word is the wanted one, or begins as that does when it ends with *.
func same(typed, want string) bool {
	if stem, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(typed, stem)
	}
	return typed == want || slices.Contains(slippery, want) && oneSlip(typed, want)
}

// oneSlip says whether two words differ by one letter added, left out or wrong, or by two that changed places.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i >= len(a)-1 || a[i+1:] == b[i+1:] {
		return true
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
