package exchangelist

import (
	"regexp"
	"testing"
	"time"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/reading"
)

// lawURL is a law's at e-Gov: era and year, kind, and its number in that year.
var lawURL = regexp.MustCompile(`^https://laws\.e-gov\.go\.jp/law/[2-5]\d\dAC[01]\d{9}$`)

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
		if d.LawURL != "" && !lawURL.MatchString(d.LawURL) {
			t.Errorf("%s leads to %s", d.Key, d.LawURL)
		}
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
