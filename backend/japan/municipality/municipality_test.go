package municipality_test

import (
	"testing"

	"madoguchi/backend/japan/municipality"
	"madoguchi/proto/rule"
)

func TestTableIsWhole(t *testing.T) {
	wards, cities, prefectures := 0, map[string]bool{}, map[string]bool{}
	last := ""
	for _, m := range municipality.All() {
		if m.Code <= last {
			t.Errorf("%s does not follow %s", m.Code, last)
		}
		last = m.Code
		if len(m.Code) != 6 || rule.CheckDigit(m.Code[:5]) != m.Code[5] {
			t.Errorf("%s %s: wrong check digit", m.Code, m.Name)
		}
		if m.Prefecture == "" || m.Name == "" || m.Kana == "" {
			t.Errorf("%s is incomplete: %+v", m.Code, m)
		}
		for _, r := range m.Kana {
			if (r < 'ァ' || r > 'ヶ') && r != 'ー' {
				t.Errorf("%s: the reading %q is not full-width katakana", m.Code, m.Kana)
				break
			}
		}
		prefectures[m.Prefecture] = true
		if m.City != "" {
			wards++
			cities[m.City] = true
		}
	}
	if all := len(municipality.All()); all-wards != 1741 || wards != 171 || len(cities) != 20 ||
		len(prefectures) != 47 {
		t.Errorf("%d municipalities, %d wards of %d cities, %d prefectures; want 1741, 171, 20, 47", all-wards, wards,
			len(cities), len(prefectures))
	}
}

func TestByCode(t *testing.T) {
	for _, want := range []municipality.Municipality{
		{Code: "131105", Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"},
		{Code: "011002", Prefecture: "北海道", Name: "札幌市", Kana: "サッポロシ"},
		{Code: "011011", Prefecture: "北海道", Name: "札幌市中央区", Kana: "サッポロシチュウオウク", City: "011002"},
		{Code: "221406", Prefecture: "静岡県", Name: "浜松市天竜区", Kana: "ハママツシテンリュウク", City: "221309"},
		{Code: "271471", Prefecture: "大阪府", Name: "堺市美原区", Kana: "サカイシミハラク", City: "271403"},
		{Code: "133817", Prefecture: "東京都", Name: "三宅村", Kana: "ミヤケムラ"},
		{Code: "134015", Prefecture: "東京都", Name: "八丈町", Kana: "ハチジョウマチ"},
		{Code: "394050", Prefecture: "高知県", Name: "高岡郡檮原町", Kana: "タカオカグンユスハラチョウ"},
		{Code: "403440", Prefecture: "福岡県", Name: "糟屋郡須恵町", Kana: "カスヤグンスエマチ"},
	} {
		got, ok := municipality.ByCode(want.Code)
		if !ok || got != want {
			t.Errorf("%s: %+v, want %+v", want.Code, got, want)
		}
	}
	for _, code := range []string{"", "131106", "13110", "010006", "999999"} {
		if m, ok := municipality.ByCode(code); ok {
			t.Errorf("%q gives %+v", code, m)
		}
	}
}

func TestWardIsGovernedByItsCity(t *testing.T) {
	for code, office := range map[string]string{"011011": "011002", "011002": "011002", "131105": "131105"} {
		if m, _ := municipality.ByCode(code); m.Office() != office {
			t.Errorf("%s is governed by %s, want %s", code, m.Office(), office)
		}
	}
}

func TestPrefectures(t *testing.T) {
	all := municipality.Prefectures()
	if len(all) != 47 {
		t.Fatal(len(all))
	}
	for i, want := range map[int]municipality.Prefecture{
		0:  {Code: "010006", Name: "北海道", Kana: "ホッカイドウ"},
		12: {Code: "130001", Name: "東京都", Kana: "トウキョウト"},
		46: {Code: "470007", Name: "沖縄県", Kana: "オキナワケン"},
	} {
		if all[i] != want {
			t.Errorf("%+v, want %+v", all[i], want)
		}
	}
	sum := 0
	for _, p := range all {
		for _, m := range municipality.InPrefecture(p.Code) {
			if m.Prefecture != p.Name {
				t.Errorf("%+v is not in %s", m, p.Name)
			}
			sum++
		}
	}
	if sum != len(municipality.All()) || len(municipality.InPrefecture("13")) != 62 {
		t.Errorf("%d in the prefectures, %d in Tokyo", sum, len(municipality.InPrefecture("13")))
	}
	for _, code := range []string{"", "1", "00", "48", "東京"} {
		if in := municipality.InPrefecture(code); len(in) > 0 {
			t.Errorf("%q has %v", code, in)
		}
	}
}

func TestKinds(t *testing.T) {
	count := map[municipality.Kind]int{}
	for _, m := range municipality.All() {
		count[m.Kind()]++
	}
	want := map[municipality.Kind]int{
		municipality.KindDesignatedCity: 20, municipality.KindCity: 772, municipality.KindSpecialWard: 23,
		municipality.KindWard: 171,
		municipality.KindTown: 743, municipality.KindVillage: 183,
	}
	for kind, n := range want {
		if count[kind] != n {
			t.Errorf("%d of kind %d, want %d", count[kind], kind, n)
		}
	}
}

func TestWards(t *testing.T) {
	for city, want := range map[string]int{
		"141003": 18, "221309": 3, "271004": 24, "271403": 7, "131105": 0, "141011": 0, "": 0, "140007": 0,
	} {
		wards := municipality.Wards(city)
		if len(wards) != want {
			t.Errorf("%s has %d wards, want %d", city, len(wards), want)
		}
		for _, w := range wards {
			if w.City != city {
				t.Errorf("%+v is not a ward of %s", w, city)
			}
		}
	}
}
