package catalog

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/backend/japan/calendar"
	"madoguchi/proto/rule"
)

func on(s string) time.Time {
	t, ok := rule.Day(s)
	if !ok {
		panic(s)
	}
	return t
}

func TestDeadlines(t *testing.T) {
	for name, c := range map[string]struct {
		rule        Deadline
		event       string
		opens, last string
		moved       bool
	}{
		"days after, the first not counted (民法140条)": {
			Deadline{From: "birth", Within: "15d"}, "2026-11-02", "", "2026-11-17", false,
		},
		// the 23rd is a holiday
		"days counted from the day itself (戸籍法43条)": {
			Deadline{From: "birth", Within: "14d", FirstDay: true}, "2026-11-10", "", "2026-11-24", true,
		},
		"the last day is a Sunday before a holiday": {
			Deadline{From: "move", Within: "14d"}, "2026-11-08", "", "2026-11-24", true,
		},
		"the last day falls on the turn of the year": {
			Deadline{From: "death", Within: "7d", FirstDay: true}, "2026-12-25", "", "2027-01-04", true,
		},
		"years": {Deadline{From: "funeral", Within: "2y"}, "2024-11-25", "", "2026-11-25", false},
		"years from the 29th of February (民法143条2項)": {
			Deadline{From: "birth", Within: "1y"}, "2028-02-29", "", "2029-02-28", false,
		},
		// the 28th of February is a Sunday
		"months into a shorter one": {
			Deadline{From: "death", Within: "3m"}, "2026-11-30", "", "2027-03-01", true,
		},
		"opens before, and ends": {
			Deadline{From: "move", Opens: "30d", Within: "14d"}, "2026-12-01", "2026-11-01", "2026-12-15", false,
		},
		"opens before the day it expires": {
			Deadline{From: "expiry", Opens: "60d"}, "2026-12-31", "2026-11-01", "2026-12-31", false,
		},
		"a yearly window that comes": {
			Deadline{Yearly: "06-01..06-30"}, "2026-03-01", "2026-06-01", "2026-06-30", false,
		},
		"a yearly window that is over": {
			Deadline{Yearly: "06-01..06-30"}, "2026-07-01", "2027-06-01", "2027-06-30", false,
		},
		"a yearly window on its last day": {
			Deadline{Yearly: "06-01..06-30"}, "2026-06-30", "2026-06-01", "2026-06-30", false,
		},
		"a yearly window over the turn of the year, in it": {
			Deadline{Yearly: "10-01..01-31"}, "2027-01-15", "2026-10-01", "2027-02-01", true,
		},
		"a yearly window whose last day is moved, on that": {
			Deadline{Yearly: "02-16..03-15"}, "2025-03-16", "2025-02-16", "2025-03-17", true,
		},
		"a yearly window moved by a Sunday, still open then": {
			Deadline{Yearly: "02-16..03-15"}, "2026-03-16", "2026-02-16", "2026-03-16", true,
		},
	} {
		c.rule.Text = "-"
		if err := c.rule.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		due, ok := c.rule.Due(on(c.event))
		opens := ""
		if !due.Opens.IsZero() {
			opens = due.Opens.Format(time.DateOnly)
		}
		if last := due.Last.Format(time.DateOnly); !ok || opens != c.opens || last != c.last || due.Moved != c.moved {
			t.Errorf("%s: %s to %s, moved %v, want %s to %s, %v", name, opens, last, due.Moved, c.opens,
				c.last, c.moved)
		}
	}
	if _, ok := (Deadline{Text: "速やかに"}).Due(on("2026-11-01")); ok {
		t.Error("a deadline without a rule has a day")
	}
}

// Days as laws, ministries and municipalities work them out.
func TestWorkedExamples(t *testing.T) {
	for _, c := range []struct {
		what, law, from, within string
		counted                 bool
		event, last             string
	}{
		// 戸籍法43条1項: the day of the event is the first.
		{"出生届", "戸籍法49条", "birth", "14d", true, "2025-12-02", "2025-12-15"},
		{"出生届", "戸籍法49条", "birth", "14d", true, "2026-01-01", "2026-01-14"},
		{"出生届", "戸籍法49条", "birth", "14d", true, "2026-10-07", "2026-10-20"},
		// the 17th
		{"出生届, the last day a Saturday", "戸籍法49条; 地方自治法4条の2第4項", "birth", "14d", true, "2026-10-04", "2026-10-19"},
		{"出生届, at the turn of the year", "戸籍法49条; 地方自治法4条の2第4項", "birth", "14d", true, "2026-12-16", "2027-01-04"},
		// the 31st is a Sunday
		{"出生届 from abroad, with 国籍留保", "戸籍法49条・104条", "birth", "3m", true, "2026-03-01", "2026-06-01"},
		// no 30th of February, the 28th is a Sunday
		{"出生届 from abroad", "戸籍法49条", "birth", "3m", true, "2026-11-30", "2027-03-01"},
		// the 7th is a Sunday
		{"死亡届", "戸籍法86条", "death", "7d", true, "2026-06-01", "2026-06-08"},
		{"死亡届", "戸籍法86条", "death", "7d", true, "2026-06-02", "2026-06-08"},
		// 住民基本台帳法22条・23条・25条: the day is not counted.
		{"転入届", "住民基本台帳法22条", "move", "14d", false, "2026-04-01", "2026-04-15"},
		{"転居届", "住民基本台帳法23条", "move", "14d", false, "2026-03-31", "2026-04-14"},
		{"転入届, the last day a Saturday", "住民基本台帳法22条", "move", "14d", false, "2026-11-07", "2026-11-24"}, // then 勤労感謝の日
		{"世帯変更届", "住民基本台帳法25条", "death", "14d", false, "2026-06-01", "2026-06-15"},
		// 児童手当法8条3項: the example of 江戸川区.
		{"児童手当", "児童手当法8条3項", "birth", "15d", false, "2026-04-30", "2026-05-15"},
		{"児童手当", "児童手当法8条3項", "birth", "15d", false, "2026-01-01", "2026-01-16"},
		{"児童手当", "児童手当法8条3項", "birth", "15d", false, "2026-03-28", "2026-04-13"}, // the 12th is a Sunday
		// From the day after leaving a job, on which one has lost the right: that day is counted.
		{"任意継続", "健康保険法37条", "leave", "20d", false, "2026-03-31", "2026-04-20"},
		{"国民健康保険", "国民健康保険法9条", "leave", "14d", false, "2026-03-31", "2026-04-14"},
		{"国民年金", "国民年金法12条", "leave", "14d", false, "2026-06-30", "2026-07-14"},
		// the 28th of February is a Saturday
		{"再就職手当", "雇用保険法施行規則82条の7", "join", "1m", false, "2026-01-31", "2026-03-02"},
		{"再就職手当", "雇用保険法施行規則82条の7", "join", "1m", false, "2026-04-30", "2026-06-01"}, // the 31st of May is a Sunday
		// 民法915条: the example of a law office for a 29th of November.
		{"相続放棄", "民法915条", "death", "3m", false, "2021-11-29", "2022-02-28"},
		{"相続放棄", "民法915条", "death", "3m", false, "2027-02-28", "2027-05-31"},
		{"相続放棄", "民法915条", "death", "3m", false, "2026-04-30", "2026-07-31"},
		// 国税通則法10条: counted in the same way, moved in the same way.
		{"準確定申告", "所得税法125条", "death", "4m", false, "2027-02-28", "2027-06-30"},
		{"準確定申告", "所得税法125条", "death", "4m", false, "2026-05-10", "2026-09-10"},
		{"相続税", "相続税法27条", "death", "10m", false, "2016-09-21", "2017-07-21"},
		{"相続税", "相続税法27条", "death", "10m", false, "2016-04-29", "2017-02-28"},
		{"相続税", "相続税法27条", "death", "10m", false, "2026-01-06", "2026-11-06"},
		{"相続税", "相続税法27条", "death", "10m", false, "2026-02-28", "2027-01-04"}, // the 31st of December
		{"相続登記", "不動産登記法76条の2", "death", "3y", false, "2024-04-01", "2027-04-01"},
		// 被災者生活再建支援法施行令: 「起算して」, as 熊本県 and 甲佐町 work it out for 2025-08-10.
		{"基礎支援金", "被災者生活再建支援法施行令", "disaster", "13m", true, "2025-08-10", "2026-09-09"},
		// Rights to be paid: 国民健康保険法110条, 健康保険法193条, 介護保険法200条.
		{"葬祭費", "国民健康保険法110条", "funeral", "2y", false, "2024-11-25", "2026-11-25"},
		// the 28th of February is a Saturday
		{"出産育児一時金", "健康保険法193条", "birth", "2y", false, "2024-02-29", "2026-03-02"},
		{"高額療養費, from the first of the month after", "健康保険法193条", "use", "2y", true, "2024-05-01", "2026-04-30"},
		{"高額介護サービス費", "介護保険法200条", "use", "2y", true, "2025-03-01", "2027-03-01"}, // the 28th of February is a Sunday
		{"未支給年金", "国民年金法102条", "death", "5y", false, "2024-02-29", "2029-02-28"},
		{"婚氏続称", "民法767条2項", "divorce", "3m", false, "2026-08-31", "2026-11-30"},
		{"犬の登録", "狂犬病予防法4条", "pet", "30d", false, "2026-06-01", "2026-07-01"},
	} {
		rule := Deadline{Text: c.law, From: c.from, Within: c.within, FirstDay: c.counted}
		if err := rule.Check(); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		if due, ok := rule.Due(on(c.event)); !ok || due.Last.Format(time.DateOnly) != c.last {
			t.Errorf("%s (%s) from %s is due on %s, want %s",
				c.what, c.law, c.event, due.Last.Format(time.DateOnly), c.last)
		}
	}
}

// The definitions count as their words say.
func TestDefinitionsCountAsTheySay(t *testing.T) {
	for number, want := range map[string]Deadline{
		"P0058": {From: "birth", Within: "14d", FirstDay: true}, "P0001": {From: "birth", Within: "15d"},
	} {
		d, ok := ByNumber(number)
		got := Deadline{From: d.Deadline.From, Within: d.Deadline.Within, FirstDay: d.Deadline.FirstDay}
		if !ok || got != want {
			t.Errorf("%s %s: %+v", number, d.Name.Ja, got)
		}
	}
	for _, d := range Definitions() {
		first := strings.Contains(d.Deadline.Text, "を含めて") || strings.Contains(d.Deadline.Text, "翌月1日から")
		if first && d.Deadline.From != "right" && d.Deadline.From != "death" && !d.Deadline.FirstDay {
			t.Errorf("%s %s: %q, and the first day is not counted", d.Number, d.Name.Ja, d.Deadline.Text)
		}
	}
}

func TestYearlyWindowsAroundTheLeapDay(t *testing.T) {
	for _, c := range [][4]string{
		{"02-01..02-29", "2026-01-10", "2026-02-01", "2026-03-02"}, // the 28th is a Saturday
		{"02-01..02-29", "2028-02-29", "2028-02-01", "2028-02-29"},
		{"02-29..03-31", "2027-02-01", "2027-02-28", "2027-03-31"},
		{"02-29..03-31", "2028-02-01", "2028-02-29", "2028-03-31"},
		{"12-01..02-29", "2027-02-20", "2026-12-01", "2027-03-01"}, // the 28th is a Sunday
	} {
		due, ok := Deadline{Text: "-", Yearly: c[0]}.Due(on(c[1]))
		if !ok || due.Opens.Format(time.DateOnly) != c[2] || due.Last.Format(time.DateOnly) != c[3] {
			t.Errorf("%s on %s: %+v, want %s to %s", c[0], c[1], due, c[2], c[3])
		}
	}
}

func TestDeadlinesKeepToTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := on("1990-01-01").AddDate(0, 0, rapid.IntRange(0, 20_000).Draw(t, "day"))
		unit := rapid.SampledFrom([]string{"d", "w", "m", "y"}).Draw(t, "unit")
		within := strconv.Itoa(rapid.IntRange(1, 60).Draw(t, "length")) + unit
		d := Deadline{Text: "-", From: "birth", Within: within, FirstDay: rapid.Bool().Draw(t, "first day")}
		due, _ := d.Due(event)
		p, _ := calendar.ParsePeriod(within)
		lawful := p.Last(event, d.FirstDay)
		if due.Last.Before(lawful) || due.Moved != due.Last.After(lawful) || !calendar.Open(due.Last) {
			t.Fatalf("%+v from %s: %+v, by law %s", d, event, due, lawful)
		}
		for between := lawful; between.Before(due.Last); between = between.AddDate(0, 0, 1) {
			if calendar.Open(between) {
				t.Fatalf("%+v from %s is moved over %s, when offices are open", d, event, between)
			}
		}
		if next, _ := d.Due(event.AddDate(0, 0, 1)); next.Last.Before(due.Last) {
			t.Fatalf("%+v ends earlier for what happens later than %s", d, event)
		}
	})
}

func TestDeadlinesThatAreNone(t *testing.T) {
	for _, d := range []Deadline{
		{From: "birth"}, {Within: "3d"}, {Text: "-", From: "birthday", Within: "3d"},
		{Text: "-", From: "birth", Within: "3h"}, {Text: "-", From: "birth", Within: "0d"},
		{Text: "-", From: "birth", Opens: "3d", FirstDay: true}, {Text: "-", FirstDay: true},
		{Text: "-", From: "birth", Within: "3d", Yearly: "06-01..06-30"},
		{From: "birth", Within: "3d"}, {Text: "-", Yearly: "06-01"}, {Text: "-", Yearly: "06-31..07-01"},
		{Text: "-", Yearly: "13-01..13-02"},
	} {
		if d.Check() == nil {
			t.Errorf("%+v passes", d)
		}
	}
}

func FuzzDue(f *testing.F) {
	f.Add("birth", "15d", "", "", 20000, false)
	f.Add("", "", "", "12-28..01-03", 20500, true)
	f.Fuzz(func(t *testing.T, from, within, opens, yearly string, days int, first bool) {
		d := Deadline{Text: "-", From: from, Within: within, Opens: opens, Yearly: yearly, FirstDay: first}
		if d.Check() != nil || days < 0 || days > 40000 {
			return
		}
		event := time.Unix(0, 0).UTC().AddDate(0, 0, days)
		due, ok := d.Due(event)
		if !ok {
			return
		}
		if (within != "" || yearly != "") && !calendar.Open(due.Last) {
			t.Errorf("%+v from %s ends on %s, when offices are closed", d, event.Format(time.DateOnly),
				due.Last.Format(time.DateOnly))
		}
		if !due.Opens.IsZero() && due.Opens.After(due.Last) {
			t.Errorf("%+v opens on %s and ends on %s", d, due.Opens, due.Last)
		}
	})
}
