package catalog

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryProcedureIsWritten(t *testing.T) {
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(all.all) != 110 || len(all.categories) != 20 {
		t.Errorf("%d procedures in %d categories", len(all.all), len(all.categories))
	}
	for _, d := range all.all {
		if d.Name.Ja == "" {
			t.Errorf("%s %s is not written in plain words", d.Number, d.Official)
		}
		if faults := Check(d.Content()); len(faults) > 0 {
			t.Errorf("%s could not be registered as it is: %v", d.Number, faults)
		}
		for _, k := range d.Keywords {
			if slices.Contains([]string{"申請", "届出", "手続", "手続き", "市役所", "区役所"}, k) {
				t.Errorf("%s: the keyword %s finds everything", d.Number, k)
			}
		}
	}
}

func TestLawsStayWhole(t *testing.T) {
	for in, want := range map[string]string{
		"国民年金法第16条・厚生年金保険法第33条": "国民年金法第16条|厚生年金保険法第33条",
		"児童手当法施行規則第4条":          "児童手当法施行規則第4条",
		"水道法・各給水条例":             "水道法|各給水条例",
		"児童手当法第26条・施行規則第5条,第6条": "児童手当法第26条・施行規則第5条、第6条",
		"": "",
	} {
		if got := strings.Join(splitLaws(in), "|"); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestDefinitionsThatAreWrongAreRefused(t *testing.T) {
	const rows = "id,set,name,category,law,authority,auth,deadline,form,evidence\nP0001,C15,名,子育て,法,市区町村,sign,,,E1\n"
	for name, text := range map[string]string{
		"another number": "P0002:\n  kana: あ\n",
		"unknown field":  "P0001:\n  colour: red\n",
		"no reading":     "P0001:\n  name: {ja: 名, en: n, easy: 名}\n",
		"no yaml":        "P0001: [",
	} {
		_, err := readDefinitions(fstest.MapFS{"procedures.csv": {Data: []byte(rows)}, "definitions/a.yaml": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), "definitions/a.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
