// Package reading reads the markup of やさしい日本語: 漢字《かんじ》 is 漢字 with its reading over it. A reading belongs to the run of
// kanji right before it, so kana, digits and spaces end the run; ｜ marks the beginning where the run is not enough:
// お｜知らせ《しらせ》. Page and portal read it by this one rule.
package reading

import (
	"errors"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Part is a run of text, with a reading if it has one.
type Part struct{ Base, Reading string }

const (
	open, shut, begin = "《", "》", "｜"
	// Brackets of what is no markup stand aside as private-use characters while markup is read.
	openAside, shutAside = "\ue000", "\ue001"
)

// Aside makes what comes from outside (a name, what somebody typed) safe to be put into markup: Split gives it back as
// it was.
func Aside(s string) string { return strings.NewReplacer(open, openAside, shut, shutAside).Replace(s) }

func back(s string) string { return strings.NewReplacer(openAside, open, shutAside, shut).Replace(s) }

// Split takes markup apart. What is ill-formed stays in the text as it is written.
func Split(s string) []Part {
	var parts []Part
	plain := func(t string) {
		if t != "" {
			parts = append(parts, Part{Base: back(t)})
		}
	}
	for {
		before, rest, found := strings.Cut(s, open)
		if !found {
			plain(s)
			return parts
		}
		reading, after, closed := strings.Cut(rest, shut)
		at := runStart(before)
		base := strings.TrimPrefix(before[at:], begin)
		if !closed || base == "" || reading == "" {
			plain(s)
			return parts
		}
		plain(before[:at])
		parts = append(parts, Part{Base: back(base), Reading: back(reading)})
		s = after
	}
}

// Plain is the text without its readings, for titles and attributes.
func Plain(s string) string {
	var b strings.Builder
	for _, p := range Split(s) {
		b.WriteString(p.Base)
	}
	return b.String()
}

// runStart is where the characters begin that a reading after s belongs to.
func runStart(s string) int {
	if bar := strings.LastIndex(s, begin); bar >= 0 {
		return bar
	}
	at := len(s)
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:at])
		if !isIdeograph(r) {
			break
		}
		at -= size
	}
	return at
}

func isIdeograph(r rune) bool {
	return unicode.Is(unicode.Han, r) || r == '々' || r == 'ヶ' || r == '〆'
}

// Runs cuts words of another language where Japanese begins and ends in them, for a voice to be told which is which.
// Its digits and brackets belong to it: 番号法第19条.
func Runs(words string) iter.Seq2[string, bool] {
	return func(yield func(run string, japanese bool) bool) {
		for japanese := false; words != ""; japanese = !japanese {
			end := strings.IndexFunc(words, func(r rune) bool {
				return japanese != (r == '々' || r > '〿' && r <= '鿿' || japanese && (r >= '　' || r >= '0' && r <= '9'))
			})
			if end < 0 {
				end = len(words)
			}
			if end > 0 && !yield(words[:end], japanese) {
				return
			}
			words = words[end:]
		}
	}
}

// Check tells what is wrong with markup.
func Check(s string) error {
	for s != "" {
		before, rest, found := strings.Cut(s, open)
		if strings.Contains(before, shut) {
			return errors.New("》 without 《")
		}
		if !found {
			return nil
		}
		reading, after, closed := strings.Cut(rest, shut)
		switch base := strings.TrimPrefix(before[runStart(before):], begin); {
		case !closed:
			return errors.New("《 without 》")
		case reading == "":
			return errors.New("an empty reading")
		case strings.Contains(reading, open):
			return errors.New("《 within a reading")
		case base == "":
			return errors.New("the reading " + reading + " has no characters before it")
		}
		for _, r := range reading {
			if !unicode.Is(unicode.Hiragana, r) && !unicode.Is(unicode.Katakana, r) && r != 'ー' {
				return errors.New("the reading " + reading + " is not kana")
			}
		}
		s = after
	}
	return nil
}
