package draft_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/feature/draft"
	"madoguchi/backend/japan/forms"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// record is one of わたしの情報, of items and texts in turn.
func record(said ...string) *portalv1.InfoRecord {
	r := &portalv1.InfoRecord{}
	for pair := range slices.Chunk(said, 2) {
		state := portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT
		if pair[1] == "" {
			state = portalv1.InfoValueState_INFO_VALUE_STATE_NONE
		}
		r.Values = append(r.Values, &portalv1.InfoValue{Item: pair[0], Text: pair[1], State: state})
	}
	return r
}

// known is what offices answered hanako.
var known = map[string][]*portalv1.InfoRecord{
	"27.care": {record("27.number", "0012345678", "27.level", "要介護1")},
	"1.card":  {record("1.symbol", "12・34"), record("1.symbol", "56・78")},
	"23.household": {
		record("23.head", "山田 太郎", "23.relation", "世帯主", "23.member", "山田 太郎", "23.birth", "1980-04-01"),
		record("23.head", "山田 太郎", "23.relation", "妻", "23.member", "山田 花子", "23.birth", "1982-05-02"),
		record("23.head", "山田 太郎", "23.relation", "子", "23.member", "山田 一郎", "23.birth", ""),
	},
}

// informed is a world in which offices answered hanako, who has sent something before.
func informed(t *testing.T) *world {
	t.Helper()
	return worldWith(t, dbtest.SQLite(t), draft.Needs{
		Kept: func(_ context.Context, _ *db.Queries, folder, detail string) ([]*portalv1.InfoRecord, int64, error) {
			if folder != "hanako" {
				return nil, 0, nil
			}
			return known[detail], 7, nil
		},
		Filed: func(_ context.Context, _ *db.Queries, folder string) ([]draft.Filed, error) {
			if folder != "hanako" {
				return nil, nil
			}
			return []draft.Filed{{At: 9, Answers: []byte(`not JSON`)}, {At: 8, Answers: []byte(`{
				"claimant_tel":"0312345678","bank_holder":"ヤマダ ハナコ","bank_number":"1234567",
				"job":"none","claimant_name":"山田 花子",
				"claimant_postal":"1530061","agent_name":"山田 太郎","truth":true,"reason_text":"わけ",
				"child":[{"child_name":"山田 一郎","child_kana":"ヤマダ イチロウ"}]}`)}}, nil
		},
	})
}

// prefills are what is told for a form: "field[row] = value (source)".
func (w *world) prefills(folder, form string) map[string]string {
	w.t.Helper()
	got, err := w.s.ListPrefills(w.as(folder), &portalv1.ListPrefillsRequest{Place: meguro, Form: form})
	if err != nil {
		w.t.Fatal(err)
	}
	list := map[string]string{}
	for _, p := range got.GetPrefills() {
		name := p.GetField()
		if p.GetRow() >= 0 {
			name = fmt.Sprintf("%s[%d]", name, p.GetRow())
		}
		list[name] = fmt.Sprintf("%s (%s)", p.GetValue(), p.GetSource())
	}
	return list
}

func TestWhatIsKnownIsOffered(t *testing.T) {
	w := informed(t)
	w.clock = w.clock.AddDate(0, 1, 0)
	got := w.prefills("hanako", nintei)
	for field, want := range map[string]string{
		"claimant_mail":   `"hanako@example.jp" (profile.mail)`,
		"claimant_tel":    `"0312345678" (earlier)`,
		"claimant_name":   `"山田 花子" (earlier)`,
		"claimant_postal": `"1530061" (earlier)`,
		"child_name[0]":   `"山田 太郎" (household.name)`,
		"child_name[2]":   `"山田 一郎" (household.name)`,
		"child_birth[1]":  `"1982-05-02" (household.birth)`,
		"child_birth[2]":  "", // the office did not say it
		"child_kana[0]":   `"ヤマダ イチロウ" (earlier)`,
	} {
		if got[field] != want {
			t.Errorf("%s: %s, want %s", field, got[field], want)
		}
	}
	got = w.prefills("hanako", "kaigo-nintei")
	for field, want := range map[string]string{
		"insured_number": `"0012345678" (self.27.number)`,
		"level":          `"care1" (self.27.level)`,
		"health_symbol":  "", // two offices' answers differ
	} {
		if got[field] != want {
			t.Errorf("%s: %s, want %s", field, got[field], want)
		}
	}
	if head := w.prefills("hanako", "tenshutsu")["head_old"]; head != `"山田 太郎" (household.head)` {
		t.Errorf("the head of the household: %s", head)
	}
	// Of another nothing of that is known.
	if got := w.prefills("taro", nintei); len(got) != 1 || got["claimant_mail"] != `"taro@example.jp" (profile.mail)` {
		t.Errorf("%v", got)
	}
}

// Whatever was sent before, nothing is offered for an account, a consent, free text or a file, nor for a field whose
// definition does not say so; and what is offered fits its field.
func TestWhatIsNeverOffered(t *testing.T) {
	w := informed(t)
	w.clock = w.clock.AddDate(0, 1, 0)
	for _, f := range forms.All() {
		fields := map[string]form.Field{}
		for _, s := range f.Sections {
			for _, field := range s.Fields {
				fields[field.ID] = field
				for _, below := range field.Fields {
					fields[below.ID] = below
				}
			}
		}
		got, err := w.s.ListPrefills(w.as("hanako"), &portalv1.ListPrefillsRequest{Place: meguro, Form: f.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got.GetPrefills() {
			field := fields[p.GetField()]
			if !slices.Contains(field.Prefill, p.GetSource()) || slices.Contains([]form.FieldType{
				form.Agree, form.Lines, form.Holder, form.Files, form.Note,
			}, field.Type) {
				t.Errorf("%s: %s, from %s", f.ID, p.GetField(), p.GetSource())
			}
			if _, err := f.ReadAnswers(fmt.Appendf(nil, "{%q:%s}", p.GetField(), p.GetValue())); err != nil {
				t.Errorf("%s: %s is %s: %v", f.ID, p.GetField(), p.GetValue(), err)
			}
		}
	}
	for _, field := range []string{"bank_holder", "bank_number", "job", "truth", "agent_name", "reason_text"} {
		if said := w.prefills("hanako", nintei)[field]; said != "" {
			t.Errorf("%s: %s", field, said)
		}
	}
	_, err := w.s.ListPrefills(w.as("hanako"), &portalv1.ListPrefillsRequest{Place: setagaya, Form: nintei})
	accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "place")
}
