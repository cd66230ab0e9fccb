package rule

import "strings"

// The half-width kana U+FF66 to U+FF9D as full-width ones.
const fullKana = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"

var fullKanaRunes = []rune(fullKana)

const voicedMark, halfVoicedMark = 'ﾞ', 'ﾟ'

// Katakana makes full-width katakana of kana in any width and of hiragana; what is no kana stays.
func Katakana(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r >= 'ぁ' && r <= 'ゖ':
			r += 'ァ' - 'ぁ'
		case r >= 'ｦ' && r <= 'ﾝ':
			r = fullKanaRunes[r-'ｦ']
		case r == voicedMark || r == '\u3099' || r == '゛', r == halfVoicedMark || r == '\u309a' || r == '゜':
			half := r == halfVoicedMark || r == '\u309a' || r == '゜'
			if end := len(out) - 1; end >= 0 {
				if joined, ok := voiced(out[end], half); ok {
					out[end] = joined
					continue
				}
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func voiced(r rune, half bool) (rune, bool) {
	switch {
	case r == 'ウ' && !half:
		return 'ヴ', true
	case strings.ContainsRune("ハヒフヘホ", r) && half:
		return r + 2, true
	case strings.ContainsRune("カキクケコサシスセソタチツテトハヒフヘホ", r) && !half:
		return r + 1, true
	}
	return r, false
}

// Narrow makes plain letters, digits, signs and blanks of full-width ones.
func Narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - ('！' - '!')
		case r == '\u3000' || r == '\u00a0':
			return ' '
		}
		return r
	}, s)
}

// IsKatakana says whether a reading is written as offices want it: full-width katakana, the long sound, and single
// blanks or ・ between words.
func IsKatakana(s string) bool {
	blank := true
	for _, r := range s {
		switch {
		case r >= 'ァ' && r <= 'ヴ', r == 'ー' && !blank:
			blank = false
		case (r == '　' || r == '・') && !blank:
			blank = true
		default:
			return false
		}
	}
	return !blank
}

// AccountName makes of a name as banks and people write it the one form in which holders of accounts (口座名義) are kept
// and compared: full-width katakana with small kana large, capitals, full-width signs, one blank between words.
func AccountName(s string) string {
	s = Narrow(strings.Join(strings.Fields(s), " "))
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("ー－‐‑–—−ｰ", r):
			return '-'
		case r == '｢' || r == '「':
			return '｢'
		case r == '｣' || r == '」':
			return '｣'
		case r == '、' || r == '，':
			return ','
		case r == '。' || r == '・':
			return '.'
		case r == '\\' || r == '￥':
			return '¥'
		}
		return r
	}, s)
	s = Katakana(strings.ToUpper(s))
	return strings.NewReplacer("ァ", "ア", "ィ", "イ", "ゥ", "ウ", "ェ", "エ", "ォ", "オ", "ッ", "ツ", "ャ", "ヤ",
		"ュ", "ユ", "ョ", "ヨ", "ヮ", "ワ", "ヵ", "カ", "ヶ", "ケ", "ヲ", "オ").Replace(s)
}

// maxAccountName is how many characters of half width a transfer (全銀協の様式) has for who receives it; a mark of voice
// is one by itself there.
const maxAccountName = 30

// IsAccountName says whether a name of AccountName's form can stand in a transfer.
func IsAccountName(s string) bool {
	width := 0
	for _, r := range s {
		width++
		switch {
		case strings.ContainsRune("ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ", r):
			width++
		case r >= 'ア' && r <= 'ン' && !strings.ContainsRune("ァィゥェォッャュョヮヰヱヲ", r):
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" ()-./,｢｣¥", r):
		default:
			return false
		}
	}
	return width <= maxAccountName && strings.TrimSpace(s) != ""
}
