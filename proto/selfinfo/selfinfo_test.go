package selfinfo_test

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/proto/reading"
	"madoguchi/proto/selfinfo"
)

var today = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func rows(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// Of the published list nothing is missing: 29 categories under their fields, and each of its items by its name, or
// in parts.
func TestThePublishedListIsWhole(t *testing.T) {
	has := map[int][]string{}
	field := map[int]string{}
	for _, f := range selfinfo.Fields() {
		for _, c := range f.Categories {
			field[c.Number] = f.Name.Ja + " " + c.Name.Ja
			for _, d := range c.Details {
				for _, i := range d.Items {
					has[c.Number] = append(has[c.Number], i.Name.Ja, i.Part)
				}
			}
		}
	}
	if len(has) != 29 || len(selfinfo.Fields()) != 7 {
		t.Fatalf("%d categories in %d fields", len(has), len(selfinfo.Fields()))
	}
	list := rows(t, "testdata/items.csv")
	if len(list) != 193 {
		t.Fatalf("%d items", len(list))
	}
	for _, row := range list {
		number, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		if want := row[1] + " " + row[2]; field[number] != want {
			t.Errorf("category %d is %s, not %s", number, field[number], want)
		}
		switch {
		case strings.HasPrefix(row[6], "（分類のみ"), strings.HasSuffix(row[6], "を参照"):
			if len(has[number]) == 0 {
				t.Errorf("category %d has no items", number)
			}
		case !slices.Contains(has[number], row[6]):
			t.Errorf("category %d lacks %s", number, row[6])
		}
	}
	for _, row := range rows(t, "testdata/checkup.csv") {
		if !slices.Contains(has[5], row[1]) {
			t.Errorf("the check-up lacks %s", row[1])
		}
		d, _, _ := selfinfo.DetailOf("5.checkup")
		for _, i := range d.Items {
			if i.Name.Ja == row[1] && i.Unit != row[3] {
				t.Errorf("%s is in %q, not %q", row[1], i.Unit, row[3])
			}
		}
	}
}

// Every name is read aloud, in every language: no kanji is left in a reading.
func TestEveryNameHasItsWords(t *testing.T) {
	check := func(what string, n selfinfo.Name) {
		if n.Ja == "" || n.En == "" || reading.Plain(n.Easy) != n.Ja || hasKanji(n.Reading) {
			t.Errorf("%s: %+v", what, n)
		}
	}
	texts := func(what string, x selfinfo.Text) {
		if x.Ja == "" || x.En == "" || x.Easy == "" {
			t.Errorf("%s lacks a language: %+v", what, x)
		}
	}
	for _, f := range selfinfo.Fields() {
		check(f.Key, f.Name)
		for _, c := range f.Categories {
			check(f.Key, c.Name)
			texts(c.Name.Ja, c.Lead)
			texts(c.Name.Ja, c.Holder)
			for _, n := range c.Notes {
				texts(c.Name.Ja, n)
			}
			if len(c.Words) == 0 {
				t.Errorf("nobody calls %s anything", c.Name.Ja)
			}
			for _, d := range c.Details {
				check(d.Key, d.Name)
				for _, i := range d.Items {
					check(i.Key, i.Name)
					if !i.Meaning.Empty() {
						texts(i.Key, i.Meaning)
					}
				}
			}
		}
	}
}

func hasKanji(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}

// What people call things leads to the category that holds them.
func TestPeoplesWords(t *testing.T) {
	for word, want := range map[string][]int{
		"ふるさと納税 反映": {13}, "手取り": {13}, "年収証明": {13}, "薬なに飲んでたっけ": {2}, "お薬手帳": {2}, "ワクチンいつ": {4},
		"母子手帳": {4, 20}, "年金いくら": {16}, "免除の結果": {16}, "保険証の番号": {1, 11}, "扶養に入った": {1},
		"児童手当いつ入る": {18}, "介護度": {27}, "ケアマネ": {27}, "負担割合": {27}, "失業保険 残り": {28}, "育休手当": {28},
		"だれが見たの": {12}, "確定申告 医療費": {3, 14}, "世帯主だれ": {23}, "住民票の内容": {23},
	} {
		var got []int
		for _, c := range selfinfo.Categories() {
			if slices.Contains(c.Words, word) {
				got = append(got, c.Number)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s leads to %v, not %v", word, got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ detail, from, to, wantFrom, wantTo string }{
		{"1.card", "", "", "", ""},
		{"8.more", "", "", "2026-11-26", ""},
		{"8.more", "2026-04-01", "", "2026-04-01", ""},
		{"2.care", "", "", "2025-12-01", "2026-11-30"},
		{"2.care", "2026-02-10", "2026-03-02", "2026-02-01", "2026-03-31"},
		{"2.prescription", "", "", "2026-08-18", "2026-11-26"},
		{"14.deduction", "2025-05-05", "2025-06-06", "2025-01-01", "2025-12-31"},
		{"5.checkup", "", "", "2022-04-01", "2027-03-31"},
		{"13.income", "", "", "2026-04-01", "2027-03-31"},
		{"13.income", "2025-04-01", "", "2025-04-01", "2026-03-31"},
	} {
		d, _, ok := selfinfo.DetailOf(c.detail)
		if !ok {
			t.Fatal(c.detail)
		}
		from, to, err := d.Asked(c.from, c.to, today)
		if err != nil || from != c.wantFrom || to != c.wantTo {
			t.Errorf("%s from %q to %q: %q to %q, %v", c.detail, c.from, c.to, from, to, err)
		}
	}
	for _, c := range []struct{ detail, from, to string }{
		{"1.card", "2026-01-01", ""}, {"8.more", "2027-01-01", ""}, {"2.care", "2026-03-01", ""}, {"2.care", "",
			"2026-03-01"},
		{"2.care", "2026-05-01", "2026-03-01"}, {"2.care", "2010-05-01", "2026-03-01"}, {"13.income", "2030-04-01", ""},
		{"13.income", "2025-04-01", "2026-04-01"}, {"2.care", "gestern", "2026-03-01"},
	} {
		d, _, _ := selfinfo.DetailOf(c.detail)
		if _, _, err := d.Asked(c.from, c.to, today); !errors.Is(err, selfinfo.ErrPeriod) {
			t.Errorf("%s from %q to %q: %v", c.detail, c.from, c.to, err)
		}
	}
	spring := time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)
	income, _, _ := selfinfo.DetailOf("13.income")
	if from, _, _ := income.Asked("", "", spring); from != "2025-04-01" || income.LivedOn(from) != "2025-01-01" {
		t.Errorf("in May the tax year begins on %s", from)
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		kind   selfinfo.Type
		future bool
		good   []string
		bad    []string
	}{
		{selfinfo.Plain, false, []string{"フェロミア錠50mg 1日2回", "-3", "𠮷江"}, []string{
			"", " ", "=1+1", "@SUM(A1)", "+81", "-cmd", "a\u202eb", "two\nlines", "\xff", strings.Repeat("長", 301),
			"a\u200b",
		}},
		{selfinfo.Yen, false, []string{"0", "6200000", "-1"}, []string{"1.5", "1,000", "007", "-0", "１", "1e3",
			"99999999999999999"}},
		{selfinfo.Count, false, []string{"0", "42"}, []string{"-1", "4.2", "a"}},
		{selfinfo.Number, false, []string{"27.1", "-0.5", "0"}, []string{"27,1", ".5", "NaN", "1e9"}},
		{selfinfo.Day, false, []string{"2026-11-26", "1868-01-01"}, []string{"2026-11-27", "2026-02-30", "2026-1-1",
			"1700-01-01"}},
		{selfinfo.Day, true, []string{"2027-11-27"}, []string{"2999-01-01"}},
		{selfinfo.Month, false, []string{"2026-11"}, []string{"2026-12", "2026-13", "2026"}},
		{selfinfo.Year, false, []string{"2026"}, []string{"2027", "令和8", "20260"}},
		{selfinfo.Span, true, []string{"2026-07-01/2027-06-30", "/2027-06-30", "2026-07-01/"}, []string{"/",
			"2026-07-01", "2027-01-01/2026-01-01"}},
		{selfinfo.Code, false, []string{"01130012", "***123", "00"}, []string{"=1", "a\tb", strings.Repeat("1", 61)}},
	} {
		i := selfinfo.Item{Type: c.kind, Future: c.future}
		for _, text := range c.good {
			if err := i.Check(text, today); err != nil {
				t.Errorf("%s %q: %v", c.kind, text, err)
			}
		}
		for _, text := range c.bad {
			if i.Check(text, today) == nil {
				t.Errorf("%s takes %q", c.kind, text)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("yen", "6200000")
	f.Add("text", "=1\u202e")
	f.Add("span", "2026-07-01/2027-06-30")
	f.Fuzz(func(t *testing.T, kind, text string) {
		err := selfinfo.Item{Type: selfinfo.Type(kind), Future: true}.Check(text, today)
		if err == nil && (strings.HasPrefix(text, "=") || strings.ContainsAny(text, "\n\r\x00\u202e\u200b")) {
			t.Errorf("%s takes %q", kind, text)
		}
	})
}
