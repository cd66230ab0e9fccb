package japanese

import "maps"

import "strings"

var syllables = func() map[string]string {
	m := map[string]string{}
	rows := map[string]string{
		"": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ",
		"g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
	}
	for consonant, row := range rows {
		for i, kana := range []rune(row) {
			m[consonant+string("aiueo"[i])] = string(kana)
		}
	}
	for consonant, kana := range map[string]string{
		"ky": "き", "sh": "し", "sy": "し", "ch": "ち", "ty": "ち", "ny": "に", "hy": "ひ", "my": "み", "ry": "り", "gy": "ぎ",
		"j": "じ", "jy": "じ", "zy": "じ", "by": "び", "py": "ぴ",
	} {
		for vowel, small := range map[string]string{"a": "ゃ", "u": "ゅ", "o": "ょ"} {
			m[consonant+vowel] = kana + small
		}
	}
	maps.Copy(m, map[string]string{
		"shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を",
		"fa": "ふぁ", "fi": "ふぃ", "fe": "ふぇ", "fo": "ふぉ",
		"ti": "ち", "si": "し", "tu": "つ", "hu": "ふ", "zi": "じ", "je": "じぇ", "she": "しぇ", "che": "ちぇ", "nn": "ん",
		"n'": "ん", "-": "ー",
	})
	return m
}()

// Kana reads Latin letters as romaji (Hepburn or Kunrei): hoikuen is ほいくえん. It says false when they cannot be read so.
func Kana(s string) (string, bool) {
	s = strings.ToLower(s)
	var b strings.Builder
	for len(s) > 0 {
		if s[0] == ' ' {
			b.WriteByte(' ')
			s = s[1:]
			continue
		}
		// A double consonant is っ, but nn is ん.
		if len(s) > 1 && s[0] == s[1] && strings.IndexByte("aiueon", s[0]) < 0 || strings.HasPrefix(s, "tch") {
			b.WriteString("っ")
			s = s[1:]
			continue
		}
		// nn is ん alone, but ん and a syllable of n in front of a vowel: honnin is ほんにん.
		if len(s) > 2 && s[:2] == "nn" && strings.IndexByte("aiueoy", s[2]) >= 0 {
			b.WriteString("ん")
			s = s[1:]
			continue
		}
		if s[0] == 'n' && (len(s) == 1 || strings.IndexByte("aiueoyn'", s[1]) < 0) {
			b.WriteString("ん")
			s = s[1:]
			continue
		}
		length := min(3, len(s))
		for ; length > 0; length-- {
			if kana, ok := syllables[s[:length]]; ok {
				b.WriteString(kana)
				s = s[length:]
				break
			}
		}
		if length == 0 {
			return "", false
		}
	}
	return b.String(), true
}
