package holding_test

import (
	"testing"
	"time"

	"madoguchi/backend/sandbox/holding"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/selfinfo"
)

var today = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

// Whatever is asked of whom, on whatever day: there is an answer, and each of its texts is one that its item may hold.
func TestEveryAnswerIsOne(t *testing.T) {
	register := holding.Clone()
	found := map[int]bool{}
	for _, day := range []time.Time{today, today.AddDate(-2, 0, 0), today.AddDate(5, 0, 0)} {
		for _, r := range resident.All() {
			for _, c := range selfinfo.Categories() {
				for _, d := range c.Details {
					w := d.Window(day)
					from, to := "", ""
					if !w.First.IsZero() {
						from, to = w.First.Format(time.DateOnly), w.Last.Format(time.DateOnly)
					}
					held, has := register.Of(r.ID, "", d.Key, true)
					answer := holding.Answer(held, has, d.Key, from, to, day)
					if answer.GetAnswer() == nil {
						t.Errorf("%s of %s: no answer", d.Key, r.ID)
					}
					for _, record := range answer.GetData().GetRecords() {
						found[c.Number] = true
						for _, v := range record.GetValues() {
							item, _ := d.Item(v.GetItem())
							if err := item.Check(v.GetText(), day); err != nil && v.GetAbsence() == 0 {
								t.Errorf("%s, %s, %s: %q: %v", r.ID, record.GetReference(), v.GetItem(), v.GetText(),
									err)
							}
						}
					}
				}
			}
		}
	}
	for _, c := range selfinfo.Categories() {
		switch c.Number {
		case 9, 21, 22, 26: // of nobody, or of where one lived before
		default:
			if !found[c.Number] {
				t.Errorf("of category %d nobody has anything", c.Number)
			}
		}
	}
}

// What several offices say of a person goes together.
func TestTheRegistersAreConsistent(t *testing.T) {
	register := holding.Clone()
	text := func(person, detail, record, item string) string {
		held, _ := register.Of(person, "", detail, true)
		for _, r := range held.Records {
			for _, v := range r.GetValues() {
				if r.GetReference() == record && v.GetItem() == item {
					return v.GetText()
				}
			}
		}
		return ""
	}
	for _, person := range []string{"yamada-hanako", "yamada-taro", "suzuki-umeko", "kobayashi-ren",
		"takahashi-shacho"} {
		for item, other := range map[string]string{"1.insurer_number": "11.insurer_number", "1.number": "11.number",
			"1.branch": "11.branch"} {
			if a, b := text(person, "1.card", "card", item), text(person, "11.number", "number", other); a != b {
				t.Errorf("%s: %s is %q and %q", person, item, a, b)
			}
		}
		if a, b := text(person, "15.account", "account", "15.holder"), text(person, "1.card", "card",
			"1.kana"); a != "" && a != b {
			t.Errorf("%s: the account is of %q, the card of %q", person, a, b)
		}
	}
	if text("yamada-hanako", "1.card", "card", "1.address") != text("yamada-hanako", "23.household", "2",
		"23.address") {
		t.Error("花子 lives in two places")
	}
	if text("kobayashi-ren", "1.card", "card", "1.address") == text("kobayashi-ren", "23.household", "1",
		"23.address") {
		t.Error("蓮's insurer is to know the address before the move")
	}
}

func TestPeriodsOfAnswers(t *testing.T) {
	register := holding.Clone()
	for _, c := range []struct {
		person, office, detail, from, to string
		there                            bool
		want                             int
	}{
		{"yamada-hanako", "", "13.income", "2026-04-01", "2027-03-31", true, 1},
		{"yamada-hanako", "", "13.income", "2024-04-01", "2025-03-31", true, 0},
		{"yamada-hanako", "", "3.cost", "2026-06-01", "2026-06-30", true, 1},
		{"takahashi-shacho", "", "5.checkup", "2022-04-01", "2027-03-31", true, 2},
		{"kobayashi-ren", "131105", "4.shots", "", "", true, 0},
		{"kobayashi-ren", "202029", "4.shots", "", "", false, 2},
		{"kobayashi-ren", "202029", "13.income", "2026-04-01", "2027-03-31", false, 0},
	} {
		held, has := register.Of(c.person, c.office, c.detail, c.there)
		answer := holding.Answer(held, has, c.detail, c.from, c.to, today)
		if n := len(answer.GetData().GetRecords()); n != c.want {
			t.Errorf("%+v: %d records", c, n)
		}
		if c.want == 0 && answer.GetNone() == nil {
			t.Errorf("%+v: %v", c, answer)
		}
	}
	if !register.Correct("yamada-hanako", "131105", "13.income", "2026", "13.salary", "1") {
		t.Error("a value cannot be corrected")
	}
	held, _ := register.Of("yamada-hanako", "131105", "13.income", true)
	if held.Records[0].GetValues()[1].GetText() != "1" || register.Correct("yamada-hanako", "", "13.income", "none",
		"13.salary", "1") {
		t.Error("what was corrected is not")
	}
	fresh, _ := holding.Clone().Of("yamada-hanako", "", "13.income", true)
	if fresh.Records[0].GetValues()[1].GetText() != "3600000" {
		t.Error("one's own register is another's, too")
	}
	held, has := register.Of("suzuki-umeko", "", "15.account", true)
	if holding.Answer(held, has, "15.account", "", "", today).GetUnregistered() == nil {
		t.Error("an account that is not registered")
	}
}
