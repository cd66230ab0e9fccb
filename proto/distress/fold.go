package distress

import "strings"

// fold makes one of the ways in which a thing is typed: hiragana for katakana of either width, plain letters and
// digits for full-width ones, small letters, large kana for small; blanks, marks, long sounds and what cannot be seen
// are dropped. latin is the words of a–z and digits, one by one.
func fold(text string) (folded string, latin []string) {
	var all, word strings.Builder
	end := func() {
		if word.Len() > 0 {
			latin = append(latin, word.String())
			word.Reset()
		}
	}
	for _, r := range syllables(text) {
		r = plain(r)
		switch {
		case r >= 0x0300 && r <= 0x036F: // an accent by itself
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			all.WriteRune(r)
			word.WriteRune(r)
			continue
		case r == '\'' || r == '’':
			continue // don't is dont
		case (r == 'ー' || r == '-') && strings.HasSuffix(all.String(), "すと"):
			all.WriteRune('う') // a ストーカー is no ガスとか
		case isKana(r):
			end()
			all.WriteRune(large(r))
		case isKanji(r), r >= 0xAC00 && r <= 0xD7A3:
			end()
			all.WriteRune(r)
		default:
			end()
		}
	}
	end()
	return voiced(all.String()), latin
}

// syllables joins the letters of Hangul that stand one by one, as some devices write them: 구 of its two is 구.
func syllables(text string) []rune {
	const (
		first, vowel, last, syllable = 0x1100, 0x1161, 0x11A7, 0xAC00
		vowels, lasts                = 21, 28
	)
	var out []rune
	for _, r := range text {
		if end := len(out) - 1; end >= 0 {
			before := out[end]
			switch {
			case r >= vowel && r < vowel+vowels && before >= first && before < first+19:
				out[end] = syllable + ((before-first)*vowels+r-vowel)*lasts
				continue
			case r > last && r < last+lasts && before >= syllable && before <= 0xD7A3 && (before-syllable)%lasts == 0:
				out[end] = before + r - last
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

func plain(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r >= 'ァ' && r <= 'ヶ':
		return r - ('ァ' - 'ぁ')
	case r >= 'ｦ' && r <= 'ﾟ':
		return []rune(halfWidth)[r-'ｦ']
	}
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	if letter, ok := accented[r]; ok {
		return letter
	}
	return r
}

// accented are the letters with marks of the languages that are most spoken here besides, without them.
var accented = func() map[rune]rune {
	m := map[rune]rune{}
	for letter, marked := range map[rune]string{
		'a': "àáâãäåāăąạảấầẩẫậắằẳẵặÀÁÂÃÄÅĀĂĄẠẢẤẦẨẪẬẮẰẲẴẶ", 'c': "çćčÇĆČ", 'd': "đĐ", 'e': "èéêëēẹẻẽếềểễệÈÉÊËĒẸẺẼẾỀỂỄỆ",
		'i': "ìíîïīịỉĩÌÍÎÏĪỊỈĨ", 'n': "ñńÑŃ", 'o': "òóôõöøōọỏốồổỗộơớờởỡợÒÓÔÕÖØŌỌỎỐỒỔỖỘƠỚỜỞỠỢ", 's': "šśŠŚ",
		'u': "ùúûüūụủũưứừửữựÙÚÛÜŪỤỦŨƯỨỪỬỮỰ", 'y': "ýÿỳỵỷỹÝỲỴỶỸ", 'z': "žźżŽŹŻ",
	} {
		for _, r := range marked {
			m[r] = letter
		}
	}
	return m
}()

// halfWidth are the hiragana for U+FF66 (ｦ) to U+FF9F (ﾟ), the long sound and the two marks among them.
const halfWidth = "をぁぃぅぇぉゃゅょっーあいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん゛゜"

func isKana(r rune) bool {
	return r >= 'ぁ' && r <= 'ゖ' || r == '゛' || r == '゜' || r == 0x3099 || r == 0x309A
}

func isKanji(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0xF900 && r <= 0xFAFF || r == '々'
}

func large(r rune) rune {
	switch r {
	case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ゎ':
		return r + 1
	}
	return r
}

// voiced joins a kana and the mark behind it.
func voiced(s string) string {
	if !strings.ContainsAny(s, "゛゜\u3099\u309A") {
		return s
	}
	var out []rune
	for _, r := range s {
		last := len(out) - 1
		switch r {
		case '゛', 0x3099:
			if last >= 0 && out[last] == 'う' {
				out[last] = 'ゔ'
			}
			if last >= 0 && strings.ContainsRune("かきくけこさしすせそたちつてとはひふへほ", out[last]) {
				out[last]++
			}
		case '゜', 0x309A:
			if last >= 0 && strings.ContainsRune("はひふへほ", out[last]) {
				out[last] += 2
			}
		default:
			out = append(out, r)
		}
	}
	return string(out)
}
