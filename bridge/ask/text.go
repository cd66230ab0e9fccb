package ask

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the longest text of a page that people are shown, in characters.
const MaxText = 60

// CheckText keeps out of a page's text what would mislead the people who read it: other lines, characters that control,
// turn the reading direction, or cannot be seen. The error does not repeat the text.
func CheckText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("a text that is not UTF-8")
	}
	if n := utf8.RuneCountInString(s); n > MaxText {
		return fmt.Errorf("a text of %d characters", n)
	}
	if s != strings.TrimSpace(s) {
		return errors.New("a text with blanks around it")
	}
	var before rune
	marks := 0
	for _, r := range s {
		if !visible(r, before) {
			return fmt.Errorf("a text with the character %U", r)
		}
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return errors.New("a text with marks heaped on one letter")
		}
		before = r
	}
	return nil
}

// maxMarks on one letter are more than any living writing needs.
const maxMarks = 3

// unseen are characters that Unicode counts as graphic, and that show nothing.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // Mongolian selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // empty Braille pattern
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1}, // variation selectors
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // Hangul filler
	},
}

func visible(r, before rune) bool {
	switch {
	case r == ' ' || r == '\u3000':
		return true
	case r >= 0xE0100 && r <= 0xE01EF: // variants of a character, as names have them
		return unicode.Is(unicode.Han, before)
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r) && !unicode.Is(unseen, r)
}
