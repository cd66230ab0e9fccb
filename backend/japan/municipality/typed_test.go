package municipality_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"madoguchi/backend/japan/municipality"
)

// Addresses as they are copied and typed, with the code of the municipality that must come first.
func TestAddressesLeadToTheirMunicipality(t *testing.T) {
	for typed, want := range map[string]string{
		// Postal codes of large offices, of their own; new ones are led by their first digits.
		"100-8926": "131016", "〒１００－８９２６": "131016", "869-0198": "433683", "329-0198": "093645", "100-8": "131016",
		"153-9999": "131105", "153-0": "131105",
		// Any dash, and what cannot be seen.
		"153‐0061": "131105", "153‑0061": "131105", "153–0061": "131105", "153—0061": "131105", "153―0061": "131105",
		"153ー0061": "131105", "153−0061": "131105", "153ｰ0061": "131105", "153〜0061": "131105", "153～0061": "131105",
		"153─0061": "131105", "153━0061": "131105", "153一0061": "131105", "153_0061": "131105", "153・0061": "131105",
		"郵便番号：153-0061": "131105", "浜松北区": "221392", "静岡県浜松市北区三方原町": "221384", "153\u200b-0061": "131105",
		"\ufeff153-0061\u200e": "131105", "目\u200b黒区": "131105",
		// From a letterhead.
		"153-0061東京都目黒区中目黒": "131105", "〒153-0061　東京都目黒区中目黒2-10-15": "131105", "東京都目黒区中目黒2-10-15 〒153-0061": "131105",
		"1530061目黒区": "131105", "153 0061 ほげ": "131105",
		"〒100-8926 東京都千代田区霞が関2-1-2": "131016", "153-0061、東京都目黒区": "131105",
		// 大字 and 字.
		"さいたま市岩槻区大字釣上": "111104", "長洲町大字長洲": "433683", "新ひだか町字中野": "016101", "熊本県玉名郡長洲町大字長洲2766番地": "433683",
		"長洲町大字長洲字宮ノ前1番地": "433683",
		// What follows is not known.
		"目黒区ぬぬぬ": "131105", "東京都目黒区ぬぬぬ1-2-3": "131105", "横浜市青葉区ほげほげ": "141178", "北海道虻田郡真狩村字ほげ12番地": "013960",
		"京都市中京区寺町通御池上る上本能寺前町488": "261041", "東京都ぬぬぬぬ": "130001",
		"港区芝公園4丁目東京タワー": "131032", "Foobar, Meguro-ku, Tokyo": "131105",
		"2-10-15 Nakameguro, Meguro-ku, Tokyo": "131105", "Otemachi, Chiyoda-ku": "131016",
		"1-1 Marunouchi, Chiyoda-ku, Tokyo 100-0005": "131016",
		// Names that are no more.
		"浜松市北区": "221392", "浜松市西区": "221384", "静岡県浜松市浜北区": "221392", "大宮市": "111007", "浦和市": "111007",
		"与野市": "111007", "田無市": "132292", "田無": "132292", "たなしし": "132292", "保谷市": "132292", "清水市": "221031",
		"埼玉市": "111007", "篠山市": "282219", "小倉市": "401064", "久居市": "242012", "三重県久居市新町": "242012",
		"埼玉県大宮市大字小深作946番地の8": "111040", "岩手県胆沢郡前沢町字五合田100": "032158", "前沢町": "032158",
		"沖縄県平良市字下里719番地": "472140", "網走郡女満別町": "015644", "滝沢村": "032166", "那珂川町": "094111",
		// Kana before the names that only begin so, old characters and ways of writing.
		"せた": "131121", "せたが": "131121", "舘林市": "102075", "函舘": "012025", "國分寺市": "132144", "丸之内": "131016",
		"市川大門町": "193461",
		"福間町":   "402249", "福岡県宗像郡津屋崎町": "402249", "筑波町": "082201", "勝田市": "082210", "挙母市": "232114", "児島市": "332020",
		"はとがやし": "112038", "まっとうし": "172103", "龍野市": "282294",
		// A 郡 of which nothing is left, and a village that went to another prefecture.
		"勢多郡": "102016", "群馬県勢多郡": "102016", "長野県木曽郡山口村": "212067", "長野県木曽郡山口村馬籠": "212067",
		// The kind of place in kanji behind kana, or said in English.
		"メグロ区": "131105", "めぐろ区": "131105", "よこはま市": "141003", "chuo-ku": "131024", "Chuo Ward": "131024",
		"kyoto-shi":  "261009",
		"Kyoto City": "261009", "Osaka-fu": "270008", "ohsaka": "270008", "Ohta-ku": "131113", "Meguro City": "131105",
		"Minato-ku, Osaka": "271071",
	} {
		found, _ := municipality.Find(typed, 10)
		if len(found) == 0 || found[0].Code != want {
			t.Errorf("%s finds %v, want %s first", typed, said(typed, 10), want)
		}
	}
}

func TestFormersLeadToPlacesOfToday(t *testing.T) {
	file, err := os.ReadFile("formers.tsv")
	if err != nil {
		t.Fatal(err)
	}
	prefectures := map[string]string{}
	for _, p := range municipality.Prefectures() {
		prefectures[p.Code[:2]] = p.Name
	}
	lines := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
	for _, line := range lines {
		field := strings.Split(line, "\t")
		if len(field) != 5 || prefectures[field[0]] == "" {
			t.Fatalf("%q", line)
		}
		today := strings.Split(field[3], "+")
		found, _ := municipality.Find(prefectures[field[0]]+field[1], 10)
		if len(found) == 0 || !slices.Contains(today, found[0].Code) {
			t.Errorf("%s%s finds %+v, want one of %s", prefectures[field[0]], field[1], found, field[3])
			continue
		}
		// What is called so today as well needs no telling.
		if was := found[0].Was; found[0].Why == municipality.Former && (was.Name != field[1] || was.Since == "") {
			t.Errorf("%s%s is told as %+v", prefectures[field[0]], field[1], was)
		}
	}
	if len(lines) < 1_800 || !slices.IsSorted(lines) {
		t.Errorf("%d lines, in order: %t", len(lines), slices.IsSorted(lines))
	}
}

var hepburn = map[string]string{
	"ア": "a", "イ": "i", "ウ": "u", "エ": "e", "オ": "o", "カ": "ka", "キ": "ki", "ク": "ku", "ケ": "ke", "コ": "ko",
	"サ": "sa", "シ": "shi", "ス": "su", "セ": "se", "ソ": "so",
	"タ": "ta", "チ": "chi", "ツ": "tsu", "テ": "te", "ト": "to", "ナ": "na", "ニ": "ni", "ヌ": "nu", "ネ": "ne", "ノ": "no",
	"ハ": "ha", "ヒ": "hi", "フ": "fu", "ヘ": "he", "ホ": "ho",
	"マ": "ma", "ミ": "mi", "ム": "mu", "メ": "me", "モ": "mo", "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ラ": "ra", "リ": "ri",
	"ル": "ru", "レ": "re", "ロ": "ro", "ワ": "wa", "ヲ": "o", "ン": "n",
	"ガ": "ga", "ギ": "gi", "グ": "gu", "ゲ": "ge", "ゴ": "go", "ザ": "za", "ジ": "ji", "ズ": "zu", "ゼ": "ze", "ゾ": "zo",
	"ダ": "da", "ヂ": "ji", "ヅ": "zu", "デ": "de", "ド": "do",
	"バ": "ba", "ビ": "bi", "ブ": "bu", "ベ": "be", "ボ": "bo", "パ": "pa", "ピ": "pi", "プ": "pu", "ペ": "pe", "ポ": "po",
}

// inLatin writes katakana as Hepburn does, long vowels written out or not; "" for what it cannot.
func inLatin(kana string, short bool) string {
	var b strings.Builder
	runes := []rune(kana)
	double := false
	for i := 0; i < len(runes); i++ {
		if runes[i] == 'ッ' {
			double = true
			continue
		}
		s := hepburn[string(runes[i])]
		if i+1 < len(runes) && strings.ContainsRune("ャュョ", runes[i+1]) {
			s = strings.TrimSuffix(s, "i") + map[rune]string{'ャ': "ya", 'ュ': "yu", 'ョ': "yo"}[runes[i+1]]
			s = strings.NewReplacer("shy", "sh", "chy", "ch", "jy", "j").Replace(s)
			i++
		}
		if s == "" {
			return ""
		}
		if s == "n" && i+1 < len(runes) && strings.ContainsRune("アイウエオヤユヨ", runes[i+1]) {
			s = "n'"
		}
		if double {
			b.WriteString(strings.Replace(s[:1], "c", "t", 1))
			double = false
		}
		b.WriteString(s)
	}
	latin := b.String()
	if short {
		latin = strings.NewReplacer("ou", "o", "oo", "o", "uu", "u").Replace(latin)
	}
	return latin
}

// Everything that the table names is found by its own name, its reading in either kana, and in Latin letters.
func TestEverythingIsFoundByItsOwnName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(municipality.All()).Draw(t, "municipality")
		hiragana := strings.Map(func(r rune) rune {
			if r >= 'ァ' && r <= 'ヴ' {
				return r - 'ァ' + 'ぁ'
			}
			return r
		}, m.Kana)
		typed := rapid.SampledFrom([]string{
			m.Name, m.Kana, hiragana, m.Prefecture + m.Name, norm.NFD.String(m.Name), "　" + m.Name + " ",
			m.Prefecture + m.Name + "ぬぬぬ1-2-3",
			inLatin(m.Kana, false), inLatin(m.Kana, true), strings.ToUpper(inLatin(m.Kana, true)),
		}).Draw(t, "typed")
		if typed == "" {
			t.Skip("not in Latin letters")
		}
		found, _ := municipality.Find(typed, 20)
		if !slices.ContainsFunc(found, func(f municipality.Found) bool { return f.Code == m.Code }) {
			t.Fatalf("%s (%s) finds %+v, not %s", typed, m.Name, found, m.Code)
		}
		if again, _ := municipality.Find(typed, 20); !reflect.DeepEqual(found, again) {
			t.Fatalf("%s finds %+v, then %+v", typed, found, again)
		}
	})
}

func TestEveryTownIsFoundInItsMunicipality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var typed string
		var towns []municipality.Town
		for n := rapid.IntRange(10_000, 9_970_000).Draw(t, "postal code"); len(towns) == 0; n++ {
			typed = fmt.Sprintf("%07d", n)
			towns = municipality.ByPostalCode(typed)
		}
		found, read := municipality.Find(typed, 10)
		if read != municipality.PostalCode {
			t.Fatalf("%s is read as %d", typed, read)
		}
		for _, town := range towns {
			m := town.Municipality
			if !slices.ContainsFunc(found, func(f municipality.Found) bool { return f.Code == m.Code }) {
				t.Fatalf("%s does not find %s", typed, m.Name)
			}
			if town.Name == "" {
				continue
			}
			address := rapid.SampledFrom([]string{
				m.Prefecture + m.Name + town.Name, m.Prefecture + m.Name + "大字" + town.Name,
				m.Prefecture + m.Name + town.Name + "ぬぬ12-3", typed + m.Prefecture + m.Name + town.Name,
				m.Kana + town.Kana,
			}).Draw(t, "address")
			if list, _ := municipality.Find(address, 10); len(list) == 0 || list[0].Code != m.Code {
				t.Fatalf("%s finds %+v, want %s first", address, list, m.Code)
			}
		}
	})
}
