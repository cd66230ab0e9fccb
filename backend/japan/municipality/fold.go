package municipality

import (
	"strings"

	"madoguchi/backend/japan/japanese"
)

// fold makes alike what people write for the same name of a place: japanese.Fold, without blanks, and what only names
// of places know: ケ, ヶ and が between kanji (龍ケ崎, 霞が関), ッ and ツ there (四ッ谷), 之, 乃 and の, 竈 and 釜, 10条 and 十条.
func fold(s string) string {
	runes := []rune(strings.ReplaceAll(japanese.Fold(s), " ", ""))
	var b strings.Builder
	b.Grow(4 * len(runes))
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '之' || r == '乃':
			b.WriteRune('の')
		case r == '竈':
			b.WriteRune('釜')
		case isDigit(r):
			end := i
			for end < len(runes) && isDigit(runes[end]) {
				end++
			}
			b.WriteString(numeral(runes[i:end]))
			i = end - 1
		case (r == 'け' || r == 'が') && followsKanji(runes, i) && (i == len(runes)-1 || japanese.IsKanji(runes[i+1])),
			r == 'か' && followsKanji(runes, i) && i < len(runes)-1 && japanese.IsKanji(runes[i+1]):
			b.WriteRune('け')
		case r == 'っ' && followsKanji(runes, i) && i < len(runes)-1 && japanese.IsKanji(runes[i+1]):
			b.WriteRune('つ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func followsKanji(runes []rune, i int) bool { return i > 0 && japanese.IsKanji(runes[i-1]) }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// numeral writes 1 to 99 as 九十九 does; other figures stay.
func numeral(digits []rune) string {
	if len(digits) > 2 || digits[0] == '0' {
		return string(digits)
	}
	names := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	units := names[digits[len(digits)-1]-'0']
	if len(digits) == 1 {
		return units
	}
	if digits[0] == '1' {
		return "十" + units
	}
	return names[digits[0]-'0'] + "十" + units
}

// voiceless drops what is easily left out in typing kana: the marks of が and ぱ, the size of ゃ and っ.
var voiceless = strings.NewReplacer(strings.Split("がかぎきぐくげけごこざさじしずすぜせぞそだたぢちづつでてどとばはびひぶふべへぼほぱはぴひぷふぺへぽほゃやゅゆょよっつ", "")...)
