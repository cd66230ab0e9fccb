package rule

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(s string) time.Time {
	d, ok := Day(s)
	if !ok {
		panic(s)
	}
	return d
}

func TestDaysAsPeopleWriteThem(t *testing.T) {
	for _, written := range []string{
		"2027-04-01", "2027-4-1", "2027/04/01", "2027/4/1", "2027.4.1", "20270401", "2027年4月1日", "2027年04月01日",
		"２０２７年４月１日", "２０２７／４／１", "令和9年4月1日", "令和９年４月１日",
		"令和 9年 4月 1日", "㋿9年4月1日", "R9.4.1", "r9.4.1", "R09.04.01", "Ｒ９．４．１", "R9/4/1", "令9.4.1", "平成39年4月1日",
		"H39.4.1", " 2027/4/1 ", "2027/4/1 0:00", "2027/04/01 00:00:00", "2027年4月1日(木)", "2027/4/1（木）",
	} {
		if got, ok := ReadDay(written); !ok || !got.Equal(day("2027-04-01")) {
			t.Errorf("%q is read as %s", written, got)
		}
	}
	if got, ok := ReadDay("令和元年5月1日"); !ok || !got.Equal(day("2019-05-01")) {
		t.Errorf("the first year of an era is read as %s", got)
	}
	for _, no := range []string{
		"", "27/4/1", "4/1", "4月1日", "9年4月1日", "2027-02-29", "2027-13-01", "2027/4", "2027年4月", "46478", "R0.4.1",
		"明治3年4月1日", "R9-4", "1899-12-31", "2200-01-01", "2027/4/1 9:00", "2027-4-1-1", "Apr-27",
	} {
		if got, ok := ReadDay(no); ok {
			t.Errorf("%q is read as %s", no, got)
		}
	}
}

func TestEveryDayIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := day("1900-01-01").AddDate(0, 0, rapid.IntRange(0, 109_000).Draw(t, "day"))
		form := rapid.SampledFrom([]string{
			time.DateOnly, "2006/1/2", "2006/01/02", "2006年1月2日", "20060102", "2006.1.2",
		}).Draw(t, "form")
		if got, ok := ReadDay(d.Format(form)); !ok || !got.Equal(d) {
			t.Fatalf("%s is read as %s", d.Format(form), got)
		}
	})
}

// Days with their neighbours, as the law counts: who was born on 1 April is of the class above.
func TestAges(t *testing.T) {
	for _, c := range []struct {
		birth, day string
		age        int
	}{
		{"2020-04-01", "2026-03-30", 5}, {"2020-04-01", "2026-03-31", 6}, {"2020-04-02", "2026-03-31", 5},
		{"2008-02-29", "2026-02-27", 17}, {"2008-02-29", "2026-02-28", 18}, {"2008-02-29", "2028-02-28", 20},
		{"2000-01-01", "2017-12-31", 18}, {"2000-01-01", "2017-12-30", 17}, {"2026-11-26", "2026-11-26", 0},
	} {
		if got, ok := Age(day(c.birth), day(c.day)); !ok || got != c.age {
			t.Errorf("born %s, on %s: %d, want %d", c.birth, c.day, got, c.age)
		}
	}
	if _, ok := Age(day("2026-11-27"), day("2026-11-26")); ok {
		t.Error("somebody has an age before the birth")
	}
}

func TestAgesRiseOnTheDayBeforeTheBirthday(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := day("1900-01-01").AddDate(0, 0, rapid.IntRange(0, 73_000).Draw(t, "birth"))
		n := rapid.IntRange(1, 100).Draw(t, "age")
		reached := Reached(birth, n)
		if now, _ := Age(birth, reached); now != n {
			t.Fatalf("%s: %d on the day on which %d is reached", birth, now, n)
		}
		if before, _ := Age(birth, reached.AddDate(0, 0, -1)); before != n-1 {
			t.Fatalf("%s: %d on the day before %d is reached", birth, before, n)
		}
		if birth.Day() != 29 && !reached.AddDate(0, 0, 1).Equal(birth.AddDate(n, 0, 0)) {
			t.Fatalf("%s: %d is reached on %s", birth, n, reached)
		}
	})
}

func TestMonthsAndBusinessYears(t *testing.T) {
	for _, c := range [][2]string{
		{"2026-03-31", "2026-03-31"}, {"2026-04-01", "2027-03-31"}, {"2026-12-31", "2027-03-31"},
	} {
		if got := MarchEnd(day(c[0])); !got.Equal(day(c[1])) {
			t.Errorf("the business year of %s ends on %s", c[0], got)
		}
	}
	if got := AddMonths(day("2027-01-31"), 1); !got.Equal(day("2027-02-28")) {
		t.Errorf("a month after 31 January: %s", got)
	}
	if got := AddMonths(day("2027-03-31"), -13); !got.Equal(day("2026-02-28")) {
		t.Errorf("thirteen months before 31 March: %s", got)
	}
}

func TestKana(t *testing.T) {
	for in, want := range map[string]string{
		"ﾔﾏﾀﾞ ﾊﾅｺ": "ヤマダ ハナコ", "やまだ": "ヤマダ", "ﾊﾟｰﾃｨ": "パーティ", "ｳﾞｧ": "ヴァ", "か\u3099": "ガ", "ゔぁ": "ヴァ",
		"abc漢": "abc漢",
	} {
		if got := Katakana(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]bool{
		"ヤマダ　ハナコ": true, "リー・ソア": true, "ヤマダ  ハナコ": false, "": false, "　": false, "やまだ": false, "ーア": false,
		"ヤマダ花子": false, "ヤマダ　": false,
	} {
		if got := IsKatakana(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestHoldersOfAccounts(t *testing.T) {
	for in, want := range map[string]string{
		"やまだ はなこ": "ヤマダ ハナコ", "ﾔﾏﾀﾞ　ﾊﾅｺ": "ヤマダ ハナコ", "ショウジ キョウコ": "シヨウジ キヨウコ",
		"カ）ナカノシマ": "カ)ナカノシマ", "リー ソア": "リ- ソア", "smith john": "SMITH JOHN", "ヲノ": "オノ",
	} {
		got := AccountName(in)
		if got != want || !IsAccountName(got) || AccountName(got) != got {
			t.Errorf("%s became %s, want %s (%v)", in, got, want, IsAccountName(got))
		}
	}
	for _, no := range []string{"", " ", "山田", "ヤマダ!", "アアアアアアアアアアアアアアアアアアアアアアアアアアアアアアア", "ガガガガガガガガガガガガガガガガ"} {
		if IsAccountName(AccountName(no)) {
			t.Errorf("%q passes", no)
		}
	}
}

func TestNumbersOfThings(t *testing.T) {
	for in, want := range map[string]bool{
		"03-1234-5678": true, "0312345678": true, "090-1234-5678": true, "1234567890": false, "03-1234-567": false,
		"03--1234-5678": false, "03-1234-5678-": false, "": false, "-": false, "０３": false,
	} {
		if got := IsTelephone(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
	for in, want := range map[string]bool{
		"06132013": true, "06132014": false, "138057": true, "138058": false, "1380570": false, "": false,
		"13805a": false,
	} {
		if got := InsurerNumber(in); got != want {
			t.Errorf("insurer %q: %v", in, got)
		}
	}
}
