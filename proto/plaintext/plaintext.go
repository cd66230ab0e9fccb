// Package plaintext says what may stand in a text that one party writes and another reads: titles, notices, names. It
// refuses what cannot be seen, what turns the direction of writing, and what no machine can show, so that what a person
// reads is what was sent. It is for every door alike; how long a text may be, and what its field is called, is the
// door's. It does not change what an office wrote (no normalisation), and says nothing of HTML: that is the writer of
// the page's.
//
// Allowed are, besides letters, digits, signs and single blanks of three kinds (U+0020, U+3000, U+00A0): up to three
// marks on a character, so that decomposed kana and accents pass; one variation selector after a kanji (葛󠄀城市) or, of
// the emoji kind, after a symbol; skin tones. Emoji joined by U+200D pass in names that people give themselves, not in
// what offices write: a title may not be drawn as one thing here and as three there. U+200C and U+200D have a meaning
// in Persian and Indic scripts that is given up for that.
package plaintext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"
)

// Kind is why something cannot stand in a text.
type Kind int

// Kinds. What is Control, Direction or Invisible cannot be seen: Clean drops it.
const (
	Control    Kind = iota + 1 // a control character, or a line end where there is one line
	Direction                  // turns the direction of writing
	Invisible                  // has no width, or looks like a blank
	Unassigned                 // no character, or none yet
	Private                    // 外字: another one on each machine
	Broken                     // not UTF-8, or what remained when something was read in the wrong encoding
	Alone                      // a mark that belongs to no character
	Heaped                     // more marks on one character than any script has
	Empty                      // nothing to be seen at all
)

// Fault is the first thing in a text that cannot stand there.
type Fault struct {
	Kind Kind
	Rune rune // 0 when Empty
	// Line and Character count from 1, as an editor shows them.
	Line, Character int
}

// Error names the character and its place.
func (f *Fault) Error() string {
	if f.Kind == Empty {
		return "there is nothing to be seen"
	}
	return fmt.Sprintf("%s at line %d, character %d", f.Name(), f.Line, f.Character)
}

// Name is the character at fault as Unicode names it: U+200B ZERO WIDTH SPACE.
func (f *Fault) Name() string {
	name := runenames.Name(f.Rune)
	switch {
	case f.Kind == Broken:
		name = "not UTF-8"
	case f.Kind == Private:
		name = "private use"
	case name == "":
		name = "unassigned"
	}
	return fmt.Sprintf("U+%04X %s", f.Rune, name)
}

// Line checks a text of one line; it may be empty.
func Line(s string) error { return fault(scan(s, rules{})) }

// Lines checks a text that may have lines and tabs; it may be empty.
func Lines(s string) error { return fault(scan(s, rules{lines: true})) }

// Title checks a text of one line in which something must be seen.
func Title(s string) error { return fault(shown(s, rules{})) }

// Body checks a text that may have lines and tabs, and in which something must be seen.
func Body(s string) error { return fault(shown(s, rules{lines: true})) }

// Name checks what a person calls themselves: a Title in which emoji may be joined.
func Name(s string) error { return fault(shown(s, rules{joined: true})) }

// FaultOfName is Name as a Kind, 0 when nothing is wrong: the page carries it without the names of all characters.
func FaultOfName(s string) Kind { return kindOf(shown(s, rules{joined: true})) }

// FaultOfTitle is Title as a Kind, in the same way.
func FaultOfTitle(s string) Kind { return kindOf(shown(s, rules{})) }

// FaultOfBody is Body as a Kind, in the same way.
func FaultOfBody(s string) Kind { return kindOf(shown(s, rules{lines: true})) }

func kindOf(f *Fault) Kind {
	if f == nil {
		return 0
	}
	return f.Kind
}

// fault keeps a nil *Fault from becoming an error that is not nil.
func fault(f *Fault) error {
	if f == nil {
		return nil
	}
	return f
}

func shown(s string, r rules) *Fault {
	if f := scan(s, r); f != nil {
		return f
	}
	if strings.TrimSpace(s) == "" {
		return &Fault{Kind: Empty, Line: 1, Character: 1}
	}
	return nil
}

// Clean makes one line, by the rules of Name, of what a person typed or pasted: it drops what cannot be seen, and puts
// a blank for line ends, tabs and odd blanks. What can be seen stays, also where it is refused: that, the person can
// mend.
func Clean(s string) string { return strings.TrimSpace(clean(s, rules{joined: true})) }

// CleanLines does the same with a text of lines, for showing what a stranger wrote: line ends (as \n) and tabs stay.
func CleanLines(s string) string {
	return clean(strings.ReplaceAll(s, "\r\n", "\n"), rules{lines: true, joined: true})
}

func clean(s string, r rules) string {
	var b strings.Builder
	g := grammar{rules: r}
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		text := string(r) // of bytes that are none: left as they are, two halves might meet
		if kept := r == '\u3000' || g.lines && (r == '\n' || r == '\t'); isBlank(r) && !kept {
			r, text = ' ', " "
		}
		switch g.judge(r, s[i+size:]) {
		case Control, Direction, Invisible:
		default:
			b.WriteString(text)
		}
	}
	return b.String()
}

// Count is how many characters a person sees: marks, variants, skin tones and what is joined to an emoji belong to the
// character before.
func Count(s string) int {
	g := grammar{rules: rules{lines: true, joined: true}}
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		g.judge(r, s[i+size:])
	}
	return g.count
}

type rules struct {
	lines  bool // line ends and tabs
	joined bool // emoji joined to others
}

// scan finds the first fault.
func scan(s string, r rules) *Fault {
	g := grammar{rules: r}
	line, character := 1, 1
	for i, c := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if kind := g.judge(c, s[i+size:]); kind != 0 {
			return &Fault{Kind: kind, Rune: c, Line: line, Character: character}
		}
		if character++; c == '\n' {
			line, character = line+1, 1
		}
	}
	return nil
}

// maxMarks is how many marks a character may carry; polytonic Greek and Vietnamese, written apart, have three and two.
const maxMarks = 3

// grammar judges characters in their order.
type grammar struct {
	rules
	base  rune // what marks and selectors would belong to; 0 when nothing
	last  rune // the character just before
	marks int  // on the base
	toned bool
	count int // characters that stand for themselves
}

// judge says what is wrong with a character, given what follows it; 0 when nothing is.
func (g *grammar) judge(r rune, rest string) Kind {
	if isEveryday(r) && g.last != joiner {
		g.base, g.last, g.marks, g.toned = r, r, 0, false
		g.count++
		return 0
	}
	if kind := g.kind(r, rest); kind != 0 {
		return kind
	}
	joined := g.last == joiner
	g.last = r
	switch {
	case isMark(r):
		g.marks++
		return 0
	case isSelector(r), r == joiner:
		return 0
	case isTone(r) && isSymbol(g.base) && !g.toned && !joined:
		g.toned = true
		return 0
	}
	g.base, g.marks, g.toned = r, 0, false
	if isBlank(r) {
		g.base = 0
	}
	if !joined {
		g.count++
	}
	return 0
}

func (g *grammar) kind(r rune, rest string) Kind {
	next := rune(0)
	if rest != "" {
		next, _ = utf8.DecodeRuneInString(rest)
	}
	switch {
	case r == '\n', r == '\t':
		return unless(g.lines, Control)
	case r == '\r':
		return unless(g.lines && next == '\n', Control)
	case r == utf8.RuneError:
		return Broken
	case unicode.IsControl(r):
		return Control
	case unicode.Is(unicode.Bidi_Control, r):
		return Direction
	case r == joiner:
		return unless(g.joined && isSymbol(g.base) && isSymbol(next) && g.last != joiner, Invisible)
	case isSelector(r):
		return unless(g.last == g.base && isVariant(g.base, r, next), Invisible)
	case isInvisible(r):
		return Invisible
	case unicode.Is(unicode.Co, r):
		return Private
	case isMark(r) && g.base == 0:
		return Alone
	case isMark(r) && g.marks == maxMarks:
		return Heaped
	case isMark(r):
		return 0
	case unicode.Is(unicode.Zs, r):
		return unless(r == ' ' || r == '\u3000' || r == '\u00a0', Invisible)
	case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S, unicode.Mc, unicode.Prepended_Concatenation_Mark),
		isNewer(r):
		return 0
	}
	return Unassigned
}

func unless(fine bool, k Kind) Kind {
	if fine {
		return 0
	}
	return k
}

const (
	joiner         = '\u200d'
	textual, emoji = '\ufe0e', '\ufe0f' // how a symbol is drawn
	keycap         = '\u20e3'
)

func isMark(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me) && !isSelector(r) && !isInvisible(r)
}

// isEveryday knows most of what is ever written, for speed: ASCII that is seen, kana but their marks, kanji, full-width
// forms.
func isEveryday(r rune) bool {
	return r > ' ' && r < 0x7f ||
		r >= 0x3041 && r <= 0x30ff && r != 0x3097 && r != 0x3098 && r != 0x3099 && r != 0x309a ||
		r >= 0x4e00 && r <= 0x9fff || r >= 0xff01 && r <= 0xff5e
}

// isBlank counts line ends and tabs among the blanks.
func isBlank(r rune) bool { return unicode.IsSpace(r) }

func isTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func isSelector(r rune) bool { return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef }

// isVariant says whether a selector makes a variant of a character: of a kanji the standard ones and those of the
// ideographic database, of a symbol its drawing as text or emoji.
func isVariant(base, selector, next rune) bool {
	switch {
	case selector >= 0xe0100, selector <= 0xfe02:
		return unicode.Is(unicode.Unified_Ideograph, base) || isNewer(base) && unicode.Is(ideographicPlanes, base)
	case selector != textual && selector != emoji:
		return false
	case base >= '0' && base <= '9', base == '#', base == '*':
		return selector == emoji && next == keycap
	}
	return isSymbol(base)
}

// isSymbol says whether a character can be an emoji, or a sign of that kind.
func isSymbol(r rune) bool {
	switch {
	case r == utf8.RuneError, isInvisible(r):
		return false
	case unicode.Is(unicode.So, r), isTone(r), strings.ContainsRune("‼⁉ℹ↔〰〽▶◀◽◾", r):
		return true
	}
	return isNewer(r) && !unicode.Is(ideographicPlanes, r)
}

// What no rune of these categories shows, and yet is none of Cf: fillers, the empty braille cell, what stands for an
// object, an empty note.
var blanks = &unicode.RangeTable{
	R16: []unicode.Range16{{0x2028, 0x2029, 1}, {0x2800, 0x2800, 1}, {0xfff9, 0xfffc, 1}},
	R32: []unicode.Range32{{0x16fe4, 0x16fe4, 1}, {0x1d159, 0x1d159, 1}, {0x1d173, 0x1d17a, 1}},
}

func isInvisible(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, blanks)
}

// newer are characters that a later Unicode than this program's has, or is bound to fill so: kanji of the extensions I
// and J, as they stand in people's names, and the blocks that are kept for emoji.
var newer = &unicode.RangeTable{
	R32: []unicode.Range32{
		{0x1f6d8, 0x1f6ff, 1}, {0x1f900, 0x1f9ff, 1}, {0x1fa70, 0x1faff, 1}, {0x2ebf0, 0x2ee5d, 1},
		{0x323b0, 0x33479, 1},
	},
}

var ideographicPlanes = &unicode.RangeTable{R32: []unicode.Range32{{0x20000, 0x3fffd, 1}}}

func isNewer(r rune) bool { return unicode.Is(newer, r) }
