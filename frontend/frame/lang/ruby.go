package lang

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// part is a run of text, with a reading if it has one.
type part struct{ base, reading string }

const (
	openBracket, closeBracket = "《", "》"
	// Brackets of arguments stand aside as private-use characters while markup is read.
	openAside, closeAside = "\ue000", "\ue001"
)

func aside(s string, markup bool) string {
	if !markup {
		return s
	}
	return strings.NewReplacer(openBracket, openAside, closeBracket, closeAside).Replace(s)
}

func back(s string) string {
	return strings.NewReplacer(openAside, openBracket, closeAside, closeBracket).Replace(s)
}

// split reads 漢字《かんじ》: a reading belongs to the run of characters of one kind right before it, so kana, digits and
// spaces end the run. ｜ marks the beginning where the run is not enough: ｜お知らせ《おしらせ》.
func split(s string) []part {
	var parts []part
	plain := func(t string) {
		if t != "" {
			parts = append(parts, part{base: back(t)})
		}
	}
	for {
		before, rest, found := strings.Cut(s, openBracket)
		if !found {
			plain(s)
			return parts
		}
		reading, after, closed := strings.Cut(rest, closeBracket)
		at := runStart(before)
		base := strings.TrimPrefix(before[at:], "｜")
		if !closed || base == "" || reading == "" {
			plain(s)
			return parts
		}
		plain(before[:at])
		parts = append(parts, part{base: back(base), reading: back(reading)})
		s = after
	}
}

// runStart is where the characters begin that a reading after s belongs to.
func runStart(s string) int {
	if bar := strings.LastIndex(s, "｜"); bar >= 0 {
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

// checkRuby tells what is wrong with the markup of an easy text.
func checkRuby(s string) error {
	for s != "" {
		before, rest, found := strings.Cut(s, openBracket)
		if strings.Contains(before, closeBracket) {
			return errors.New("》 without 《")
		}
		if !found {
			return nil
		}
		reading, after, closed := strings.Cut(rest, closeBracket)
		switch base := strings.TrimPrefix(before[runStart(before):], "｜"); {
		case !closed:
			return errors.New("《 without 》")
		case reading == "":
			return errors.New("an empty reading")
		case strings.Contains(reading, openBracket):
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
