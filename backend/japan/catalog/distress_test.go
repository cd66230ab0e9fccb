package catalog

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/proto/distress"
)

// Under these a procedure is found by people in need: they see who helps, too.
var ofPeopleInNeed = []string{
	"DV", "DV避難 児童手当", "DV 年金免除", "DV 住宅", "火事", "火災", "家が燃えた", "親が倒れた", "産後うつ", "さんごうつ", "マタニティブルー", "育児 疲れた",
	"育児疲れ", "育児ノイローゼ", "大学に行きたい お金がない", "病院代が払えない", "住むところがない", "住む所に困っている", "家賃が払えない",
}

var readings = regexp.MustCompile(`《[^》]*》|｜`)

// The names of procedures raise no alarm, nor do the words under which they are found, but for those of people in need.
func TestNamesOfProceduresAreNoWordsOfDistress(t *testing.T) {
	seen := 0
	for _, d := range Definitions() {
		names := []string{
			d.Name.Ja, d.Name.En, readings.ReplaceAllString(d.Name.Easy, ""), d.Kana, d.System, d.Form, d.Department,
		}
		for _, document := range d.Documents {
			names = append(names, document.Name)
		}
		for _, name := range slices.Concat(names, d.Keywords) {
			seen++
			if found := distress.Find(name); len(found) > 0 && !slices.Contains(ofPeopleInNeed, name) {
				t.Errorf("%s: %s raises %v", d.Number, name, found)
			}
		}
	}
	if seen < 4000 {
		t.Errorf("only %d names", seen)
	}
	for _, words := range ofPeopleInNeed {
		if len(distress.Find(words)) == 0 {
			t.Errorf("%s need not be listed", words)
		}
	}
	for _, category := range Categories() {
		if found := distress.Find(category + " " + strings.ReplaceAll(category, "・", " ")); len(found) > 0 {
			t.Errorf("%s raises %v", category, found)
		}
	}
}
