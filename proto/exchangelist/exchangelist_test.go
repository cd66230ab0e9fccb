package exchangelist

import (
	"testing"
	"time"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/reading"
)

// seenAtEGov are addresses as e-Gov itself has them, or as others lead to them there. Those of three acts more were
// made by the same rule alone: 336AC0000000238, 339AC0000000134 and 326AC0000000267.
var seenAtEGov = map[string]string{
	"児童手当法": "346AC0000000073", "子ども・子育て支援法": "424AC0000000065", "母子保健法": "340AC0000000141",
	"予防接種法": "323AC0000000068", "健康増進法": "414AC0000000103", "国民健康保険法": "333AC0000000192",
	"高齢者の医療の確保に関する法律": "357AC0000000080", "介護保険法": "409AC0000000123",
	"国民年金法": "334AC0000000141", "厚生年金保険法": "329AC0000000115",
	"年金生活者支援給付金の支給に関する法律": "424AC0000000102", "健康保険法": "211AC0000000070",
	"雇用保険法": "349AC0000000116", "労働者災害補償保険法": "322AC0000000050",
	"障害者総合支援法": "417AC0000000123", "難病の患者に対する医療等に関する法律": "426AC0000000050",
	"児童福祉法": "322AC0000000164", "生活保護法": "325AC0000000144", "地方税法": "325AC0000000226",
	"高等学校等就学支援金の支給に関する法律": "422AC0000000018", "独立行政法人日本学生支援機構法": "415AC0000000094",
	"学校保健安全法": "333AC0000000056", "災害対策基本法": "336AC0000000223", "公金受取口座登録法": "503AC0000000038",
	"行政手続における特定の個人を識別するための番号の利用等に関する法律": "425AC0000000027",
	"個人情報の保護に関する法律":                     "415AC0000000057",
}

// An act is found by its number alone.
func TestLawsAreWhereEGovHasThem(t *testing.T) {
	const at = "https://laws.e-gov.go.jp/law/"
	linked := map[string]bool{}
	for _, d := range Duties() {
		linked[d.LawName] = true
		if id, seen := seenAtEGov[d.LawName]; seen && d.LawURL != at+id {
			t.Errorf("%s leads to %s, and stands at %s", d.LawName, d.LawURL, id)
		}
		if d.LawURL == "" && d.Channel != Ordinance {
			t.Errorf("%s leads nowhere", d.LawName)
		}
	}
	for name := range seenAtEGov {
		if !linked[name] {
			t.Errorf("%s is no duty's", name)
		}
	}
	if LawURL != at+seenAtEGov["行政手続における特定の個人を識別するための番号の利用等に関する法律"] {
		t.Error(LawURL)
	}
	for number, want := range map[[2]string]string{
		{"昭和26年法律第4号", "members"}: "326AC1000000004", // 行政書士法
		{"昭和26年法律第45号", ""}:       "326AC0000000045", // 社会福祉法
		{"令和元年法律第16号", ""}:        "501AC0000000016",
	} {
		if got, err := lawURL(number[0], number[1]); err != nil || got != at+want {
			t.Errorf("%s: %s, %v", number, got, err)
		}
	}
	for _, bad := range [][2]string{
		{"", ""}, {"昭和46年政令第73号", ""}, {"昭和四十六年法律第七十三号", ""}, {"文政3年法律第1号", ""}, {"昭和0年法律第1号", ""},
		{"昭和46年法律第0号", ""}, {"昭和46年法律第1000号", ""}, {"昭和46年法律第73号", "nobody"}, {"昭和46年法律第73", ""},
	} {
		if got, err := lawURL(bad[0], bad[1]); err == nil {
			t.Errorf("%q leads to %s", bad, got)
		}
	}
}

func TestTheListIsWhole(t *testing.T) {
	l, err := read()
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[int]bool{}
	steps := map[string]bool{}
	for _, p := range l.pairs {
		numbers[p.Number] = true
		d, ok := DutyOf(p.Duty)
		if _, step := d.Procedure(p.Procedure); !ok || !step {
			t.Errorf("pair %d is of a step that there is not: %s %s", p.Number, p.Duty, p.Procedure)
		}
		steps[p.Duty+" "+p.Procedure] = true
		if _, ok := InfoOf(p.Info); !ok {
			t.Errorf("pair %d asks for what there is not: %s", p.Number, p.Info)
		}
		if !Goes(p.Duty, p.Procedure, p.Info) {
			t.Errorf("pair %d does not go", p.Number)
		}
	}
	if len(numbers) != 52 {
		t.Errorf("there are %d pairs", len(numbers))
	}
	seen := map[string]bool{}
	for _, d := range l.duties {
		if seen[d.Key] {
			t.Errorf("%s is there twice", d.Key)
		}
		seen[d.Key] = true
		words(t, d.Key, d.Name, d.Why)
		if d.Official == "" || d.LawName == "" || len(d.Procedures) == 0 {
			t.Errorf("%s lacks its official name, its law or its steps", d.Key)
		}
		for _, p := range d.Procedures {
			words(t, d.Key+" "+p.Key, p.Name)
			if d.Channel != Own && d.Channel != Portal && !steps[d.Key+" "+p.Key] {
				t.Errorf("in %s %s nothing is asked for", d.Key, p.Key)
			}
		}
	}
	for _, i := range l.infos {
		words(t, i.Key, i.Name)
		if i.Official == "" || len(i.Items) == 0 {
			t.Errorf("%s lacks its official name or its items", i.Key)
		}
		for _, item := range i.Items {
			words(t, i.Key+" "+item.Key, item.Name)
		}
	}
	for _, b := range l.bodies {
		words(t, b.Ends, b.What)
	}
}

func words(t *testing.T, of string, texts ...Text) {
	t.Helper()
	for _, text := range texts {
		for _, s := range []string{text.Ja, text.En, reading.Plain(text.Easy)} {
			if s == "" || plaintext.Title(s) != nil {
				t.Errorf("%s has no words in a language: %+v", of, text)
			}
		}
		if reading.Plain(text.Ja) != text.Ja {
			t.Errorf("%s has readings where there are none: %s", of, text.Ja)
		}
	}
}

func TestTheLawIsThatOfItsDay(t *testing.T) {
	before := time.Date(2024, 5, 26, 23, 59, 59, 0, changed.Location())
	d, _ := DutyOf("child-allowance")
	if got := d.Law(before).Ja; got != "番号法第19条第8号・別表第二の74の項" {
		t.Error(got)
	}
	if got := d.Law(before.Add(time.Second)).Ja; got != "番号法第19条第8号" {
		t.Errorf("an item that was not compared is printed: %s", got)
	}
	if Subject(before) != "特定個人情報" || Subject(changed) != "利用特定個人情報" {
		t.Error("the words are not those of their day")
	}
	d, _ = DutyOf("child-medical")
	if got := d.Law(before).Ja; got != "番号法第19条第9号" {
		t.Error(got)
	}
	if d, _ := DutyOf("vaccination"); d.Code() != "JM01000000016002" {
		t.Error(d.Code())
	}
}

func TestWhatAnOfficeIs(t *testing.T) {
	for name, known := range map[string]bool{
		"目黒区長": true, "石川県後期高齢者医療広域連合": true, "見本健康保険組合": true, "だれか": false,
	} {
		if _, ok := What(name); ok != known {
			t.Errorf("%s: %v", name, ok)
		}
	}
}
