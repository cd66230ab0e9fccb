package myinfo

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/paper"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// An answer as files: numbers to reckon with, words where there is no value, the items in the order of the catalogue;
// of nobody else's answer, and of none that is not there.
func TestAnAnswerAsFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var written paper.Document
		w.people.file = func(_ context.Context, name string, d paper.Document) ([]byte, bool, error) {
			written = d
			return []byte(name), true, nil
		}
		id := w.ask("hanako", "13.income")[0].GetId()
		get := func(person, language string) (*portalv1.GetInfoFileResponse, error) {
			return w.people.GetInfoFile(w.as(person), &portalv1.GetInfoFileRequest{Id: id, Language: language})
		}
		_, err := get("hanako", "")
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "id")
		w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: data(
			record("r8", "13.tax_total", "0", "13.year", "2026", "13.salary", "3600000"),
			&officev1.InformationRecord{Reference: "r7", Values: []*officev1.InformationValue{
				{Item: "13.year", Text: "2025"}, {Item: "13.salary", Absence: officev1.Absence_ABSENCE_NOT_YET},
				{Item: "13.tax_total", Text: "=1+1"},
			}},
		)})
		_, err = get("taro", "")
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "id")
		got, err := get("hanako", "")
		if err != nil || string(got.GetArchive()) != "answer" || got.GetName() != "madoguchi-13-income.zip" ||
			!got.GetStamped() {
			t.Fatal(got, err)
		}
		table := written.Sections[1].Tables[0]
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name+"="+c.Label)
		}
		if want := "record=記録,year=課税年度,salary=給与収入額,tax_total=年税額"; strings.Join(columns, ",") != want {
			t.Errorf("%q", columns)
		}
		if want := [][]paper.Cell{
			{int64(1), "2026", int64(3_600_000), int64(0)}, {int64(2), "2025", "反映待ち", "読めない値"},
		}; !reflect.DeepEqual(table.Rows, want) {
			t.Errorf("%v", table.Rows)
		}
		for _, language := range []string{"en", "easy"} {
			if _, err := get("hanako", language); err != nil || written.Language != language ||
				strings.Contains(written.Title, "《") || written.Title == "" {
				t.Errorf("%+v, %v", written, err)
			}
		}
	})
}
