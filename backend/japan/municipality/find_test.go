package municipality_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/japan/municipality"
)

// said writes what was found as 目黒区/中目黒.
func said(typed string, limit int) string {
	found, _ := municipality.Find(typed, limit)
	var list []string
	for _, f := range found {
		name := f.Code
		if m, ok := municipality.ByCode(f.Code); ok {
			name = m.Name
		}
		for _, p := range municipality.Prefectures() {
			if p.Code == f.Code {
				name = p.Name
			}
		}
		if f.Town != "" {
			name += "/" + f.Town
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestPlacesAreFoundAsTyped(t *testing.T) {
	for typed, want := range map[string]string{ // what must come first
		// Names and readings, in any width and kana, with and without 市区町村, 郡 and prefecture.
		"目黒区": "目黒区 ", "目黒": "目黒区 ", "めぐろ": "目黒区 ", "メグロク": "目黒区", "ﾒｸﾞﾛ": "目黒区 ", "めぐ": "目黒区 ", "とうきょうとめぐろく": "目黒区",
		"東京都目黒区": "目黒区", "東京 目黒": "目黒区 ", "東京　目黒区": "目黒区", "東京都北": "北区", "とうきょうとめ": "目黒区",
		"府中": "府中市 府中市 安芸郡府中町", "ふちゅう": "府中市 府中市 安芸郡府中町", "東京府中": "府中市 府中市/府中町", "津": "津市 津島市", "つ": "津市 つがる市",
		"真狩": "虻田郡真狩村", "まっかり": "虻田郡真狩村", "虻田郡真狩村": "虻田郡真狩村", "北海道真狩村": "虻田郡真狩村", "虻田郡": "虻田郡ニセコ町", "ニセコ": "虻田郡ニセコ町",
		"三宅村": "三宅村", "三宅島": "三宅村", "はちじょうじま": "八丈町", "四日市": "四日市市", "郡山": "郡山市", "さかい": "堺市 坂井市 堺市堺区 猿島郡境町 境港市",
		// Designated cities stand before their wards; wards are found by themselves and in any order of the words.
		"横浜市": "横浜市 横浜市鶴見区", "よこはま": "横浜市", "横浜市青葉区": "横浜市青葉区", "神奈川県横浜市青葉区": "横浜市青葉区", "横浜青葉区": "横浜市青葉区",
		"青葉区 横浜": "横浜市青葉区", "青葉区": "仙台市青葉区 横浜市青葉区", "緑区": "さいたま市緑区 千葉市緑区 横浜市緑区 相模原市緑区 名古屋市緑区",
		"北区": "北区 札幌市北区", "北区 大阪": "大阪市北区 堺市北区", "大阪市北区": "大阪市北区", "さいたまし": "さいたま市 さいたま市西区",
		// Prefectures, and what lies in them.
		"東京": "東京都 千代田区", "東京都": "東京都 千代田区", "とうきょう": "東京都", "北海道": "北海道 札幌市 ", "京都": "京都府 京都市 福知山市",
		"きょうと": "京都府 京都市", "京都市": "京都市",
		"広島": "広島県 広島市", "福島": "福島県 福島市 大阪市福島区 松前郡福島町",
		// Ways of writing.
		"龍ケ崎": "龍ケ崎市", "龍ヶ崎": "龍ケ崎市", "竜ヶ崎市": "龍ケ崎市", "龍が崎": "龍ケ崎市", "りゅうがさき": "龍ケ崎市", "茅ヶ崎": "茅ヶ崎市",
		"茅が崎": "茅ヶ崎市", "袖が浦": "袖ケ浦市",
		"七ケ浜": "宮城郡七ヶ浜町", "金澤": "金沢市", "桧原村": "西多摩郡檜原村", "梼原": "高岡郡檮原町", "須惠町": "糟屋郡須恵町", "塩釜": "塩竈市", "大﨑": "大崎市",
		// Towns.
		"中目黒": "目黒区/中目黒", "なかめぐろ": "目黒区/中目黒", "丸の内": "千代田区/丸の内 名古屋市中区/丸の内", "丸ノ内": "千代田区/丸の内", "霞ヶ関": "千代田区/霞が関",
		"霞が":  "千代田区/霞が関",
		"六本木": "港区/六本木 港区/六本木泉ガーデンタワー", "目黒区中目黒": "目黒区/中目黒", "東京都 目黒区 中目黒": "目黒区/中目黒", "めぐろくなかめぐろ": "目黒区/中目黒",
		"東京都目黒区中目黒２－１０－１５": "目黒区/中目黒", "中目黒1丁目": "目黒区/中目黒", "札幌市北区北10条西": "札幌市北区/北十条西", "千代田区千代田": "千代田区/千代田",
		// One slip, when nothing else fits.
		"めくろ": "目黒区", "めぐろう": "目黒区", "よこはなし": "横浜市", "東京都めぐるく": "目黒区", "なかめくろ": "目黒区/中目黒", "横兵市": "横浜市",
		// Romaji, with and without long vowels and what kind of place it is.
		"meguro": "目黒区 ", "Meguro": "目黒区 ", "megur": "目黒区 ", "meg": "目黒区 ", "Meguro-ku": "目黒区 ", "meguro city": "目黒区 ",
		"Meguro-ku, Tokyo": "目黒区 ", "tokyo meguro": "目黒区 ",
		"ＭＥＧＵＲＯ": "目黒区 ", "Tokyo": "東京都 千代田区", "toukyou": "東京都 千代田区", "Tōkyō": "東京都 千代田区", "Osaka": "大阪府 大阪市",
		"oosaka": "大阪府 大阪市", "Kyoto": "京都府 京都市",
		"Ota": "太田市 大田区", "Ota-ku Tokyo": "大田区 ", "fuchu": "府中市 府中市 安芸郡府中町", "Fuchu, Hiroshima": "府中市 安芸郡府中町",
		"yokohama": "横浜市", "Yokohama Aoba": "横浜市青葉区",
		"Aoba-ku, Yokohama-shi": "横浜市青葉区", "sapporo": "札幌市", "Hokkaido": "北海道 札幌市", "kobe": "神戸市", "Niseko": "虻田郡ニセコ町",
		"Shimbashi": "港区/新橋", "nakameguro": "目黒区/中目黒", "Gunma": "群馬県",
		// Postal codes.
		"153-0061": "目黒区/中目黒", "1530061": "目黒区/中目黒", "〒153-0061": "目黒区/中目黒", "１５３－００６１": "目黒区/中目黒",
		"１５３ー００６１": "目黒区/中目黒", " 153 0061 ": "目黒区/中目黒",
		"１５３００６１": "目黒区/中目黒", "153": "目黒区", "153-": "目黒区", "060-0000": "札幌市中央区",
	} {
		if got := said(typed, 10) + " "; !strings.HasPrefix(got, want) {
			t.Errorf("%s finds %s, want %s first", typed, got, want)
		}
	}
}

func TestWhatIsNoPlaceFindsNothing(t *testing.T) {
	for _, nothing := range []string{
		"", " ", "　", "0", "12", "１２", "〒", "〒1", "ぬぬぬぬぬ", "区", "'; DROP TABLE places; --",
		"<script>alert(1)</script>", "\x00", "\x00\x1b[2J", "\xff\xfe", "🙂", "%", "..",
		strings.Repeat("あ", 50_000), strings.Repeat("1", 50_000), strings.Repeat("目黒区", 16_667),
		strings.Repeat(" ", 50_000), strings.Repeat("\u3099", 100), strings.Repeat("東", 100),
	} {
		start := time.Now()
		if got := said(nothing, 10); got != "" {
			t.Errorf("%.20q finds %s", nothing, got)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%.20q took %s", nothing, took)
		}
	}
	for _, limit := range []int{0, -1} {
		for _, typed := range []string{"目黒", "153"} {
			if found, _ := municipality.Find(typed, limit); found != nil {
				t.Errorf("%s with limit %d finds %v", typed, limit, found)
			}
		}
	}
}

func TestWhyAPlaceIsFound(t *testing.T) {
	for typed, want := range map[string]municipality.Found{
		"めぐろ":  {Code: "131105", Kind: municipality.KindSpecialWard, Why: municipality.Whole},
		"めぐ":   {Code: "131105", Kind: municipality.KindSpecialWard, Why: municipality.Begun},
		"東京":   {Code: "130001", Kind: municipality.KindPrefecture, Why: municipality.Whole},
		"えびの":  {Code: "452092", Kind: municipality.KindCity, Why: municipality.Whole},
		"イスカリ": {Code: "012351", Kind: municipality.KindCity, Why: municipality.AlmostName},
		"なかめぐろ": {
			Code: "131105", Kind: municipality.KindSpecialWard, Town: "中目黒", TownKana: "ナカメグロ",
			Why: municipality.WholeTown,
		},
		"なかめぐ": {
			Code: "131105", Kind: municipality.KindSpecialWard, Town: "中目黒", TownKana: "ナカメグロ",
			Why: municipality.BegunTown,
		},
		"なかめくろ": {
			Code: "131105", Kind: municipality.KindSpecialWard, Town: "中目黒", TownKana: "ナカメグロ",
			Why: municipality.AlmostTown,
		},
		"大宮市": {Code: "111007", Kind: municipality.KindDesignatedCity, Why: municipality.Former,
			Was: municipality.Was{Name: "大宮市", Kana: "オオミヤシ", Since: "2001-05-01"}},
		"目黒区ぬぬ":    {Code: "131105", Kind: municipality.KindSpecialWard, Why: municipality.Front},
		"100-8926": {Code: "131016", Kind: municipality.KindSpecialWard, Why: municipality.Whole},
		"153-9999": {Code: "131105", Kind: municipality.KindSpecialWard, Why: municipality.Begun},
		"153-0061": {
			Code: "131105", Kind: municipality.KindSpecialWard, Town: "中目黒", TownKana: "ナカメグロ", Why: municipality.Whole,
		},
		"153-00": {Code: "131105", Kind: municipality.KindSpecialWard, Why: municipality.Begun},
	} {
		found, _ := municipality.Find(typed, 3)
		if len(found) == 0 || found[0] != want {
			t.Errorf("%s finds %+v, want %+v first", typed, found, want)
		}
	}
	found, _ := municipality.Find("東京", 100)
	rank := municipality.Whole
	kinds := map[municipality.Match]int{}
	for _, f := range found {
		if f.Why < rank {
			t.Errorf("%+v comes after %d", f, rank)
		}
		rank = f.Why
		kinds[f.Why]++
	}
	if kinds[municipality.Member] != 62 || kinds[municipality.Within] != 0 { // 西東京市 is a member and not listed again
		t.Errorf("東京 has %v", kinds)
	}
}

func TestEveryPlaceIsFoundByItsName(t *testing.T) {
	for _, m := range municipality.All() {
		for _, typed := range []string{
			m.Prefecture + m.Name, m.Prefecture + " " + m.Name, m.Name + " " + m.Prefecture, m.Name, m.Kana,
		} {
			found, _ := municipality.Find(typed, 5)
			here := slices.IndexFunc(found, func(f municipality.Found) bool {
				return f.Code == m.Code && f.Town == "" && f.Why == municipality.Whole
			})
			if here < 0 || here > 0 && typed == m.Prefecture+m.Name {
				t.Errorf("%s finds %+v, not %s first", typed, found, m.Code)
			}
		}
	}
}

func TestPostalCodes(t *testing.T) {
	codes := map[string]map[string]bool{}
	rows := 0
	for code := range 10_000_000 {
		text := []byte("0000000")
		for i, n := 6, code; n > 0; i, n = i-1, n/10 {
			text[i] += byte(n % 10)
		}
		for _, town := range municipality.ByPostalCode(string(text)) {
			if codes[string(text)] == nil {
				codes[string(text)] = map[string]bool{}
			}
			codes[string(text)][town.Municipality.Code] = true
			rows++
		}
	}
	spanning, example := 0, ""
	for code, places := range codes {
		if len(places) > 1 {
			spanning++
			example = code
		}
	}
	if rows != 124_130 || len(codes) != 120_663 || spanning != 134 {
		t.Errorf("%d rows, %d codes, %d of them of several municipalities", rows, len(codes), spanning)
	}
	found, read := municipality.Find(example, 1)
	if read != municipality.PostalCode || len(found) != len(codes[example]) {
		t.Errorf("%s means %v: all of them are to be asked for", example, found)
	}
	for typed, want := range map[string]municipality.Query{
		"153-0061": municipality.PostalCode, "999": municipality.PostalCode, "999-9999": municipality.PostalCode,
		"000-0000": municipality.UnknownCode, "15300611": municipality.UnknownCode,
		"目黒区": municipality.Name, "12": municipality.Name,
	} {
		if _, read := municipality.Find(typed, 5); read != want {
			t.Errorf("%s is read as %d, want %d", typed, read, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"目黒", "153-0061", "とうきょうと", "ｱ", "〒", "\xff", "东京", "龍が崎", "青葉区 横浜", "中目黒2-10-15", "0 か", "け", "北10条",
	} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, typed string, limit int) {
		found, read := municipality.Find(typed, limit%50)
		if read == municipality.UnknownCode && len(found) > 0 {
			t.Errorf("%q is unknown and found", typed)
		}
		for _, found := range found {
			_, isMunicipality := municipality.ByCode(found.Code)
			if isMunicipality != (found.Kind != municipality.KindPrefecture) || found.Town != "" && !isMunicipality {
				t.Errorf("%q finds %+v", typed, found)
			}
		}
		if read == municipality.Name && len(found) > max(limit%50, 0) {
			t.Errorf("%q finds %d, more than %d", typed, len(found), limit%50)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	municipality.Warm()
	for _, typed := range []string{
		"めぐ", "目黒", "東京都目黒区", "153-0061", "中目黒", "なか", "東京都目黒区中目黒2-10-15", "めくろ", "ぬぬぬぬ", "しんじゅくえきまえどおり",
	} {
		b.Run(typed, func(b *testing.B) {
			for b.Loop() {
				municipality.Find(typed, 10)
			}
		})
	}
}
