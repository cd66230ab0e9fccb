package kit

import (
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

func TestADayInCells(t *testing.T) {
	for typed, want := range map[cells]string{
		{western, "2026", "11", "22"}:   "2026-11-22",
		{western, "２０２６", "１", "２"}:     "2026-01-02",
		{"令和", "8", "11", "22"}:         "2026-11-22",
		{"令和", "元", "5", "1"}:           "2019-05-01",
		{"昭和", "64", "1", "7"}:          "1989-01-07",
		{"平成", "31", "5", "1"}:          "2019-05-01", // forms printed before the era had its name
		{western, "2026", "2", "29"}:    "",
		{western, "2024", "2", "29"}:    "2024-02-29",
		{western, "26", "1", "1"}:       "",
		{western, "元", "1", "1"}:        "",
		{"令和", "0", "1", "1"}:           "",
		{western, "2026", "", "1"}:      "",
		{western, "2026", "-1", "1"}:    "",
		{western, "99999", "1", "1"}:    "",
		{western, "2026", "1 1", "1"}:   "",
		{western, "９９９９９", "13", "99"}:  "",
		{western, "2026", "0x1", "1"}:   "",
		{"", "2026", " 3 ", "\u30003 "}: "2026-03-03",
	} {
		if got := typed.value(); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// What was typed stays as typed, whatever the page makes of it; another day from the page replaces it.
func TestCellsKeepWhatWasTyped(t *testing.T) {
	var told string
	var typed bool
	d := &DateInput{ID: "d", Legend: lang.Plain("日"), OnInput: func(_ app.Context, v string, some bool) {
		told, typed = v, some
	}}
	d.Render()
	d.cells.era = "令和"
	d.set(app.Context{}, "year", "8")
	if told != "" || !typed {
		t.Errorf("half a day is told as %q %t", told, typed)
	}
	d.set(app.Context{}, "month", "11")
	d.set(app.Context{}, "day", "22")
	if told != "2026-11-22" || d.cells.year != "8" || d.cells.era != "令和" {
		t.Errorf("%q in %+v", told, d.cells)
	}
	has(t, d.Render(), `value="8"`, "2026年11月22日(日)（令和8年）", `aria-describedby="d-hint d-error d-read"`)
	d.set(app.Context{}, "day", "31")
	has(t, d.Render(), `value="31"`, "この日はありません")
	if told != "" || !typed {
		t.Errorf("a day that is none is told as %q %t", told, typed)
	}
	d.Value = "2019-05-01" // the calendar, or a draft of old
	has(t, d.Render(), `value="1"`, `value="5"`, "令和元年")
	d.Value = "2019-04-30" // no day of the era that was chosen
	has(t, d.Render(), `value="2019"`, "平成31年")
	d.Value = ""
	if d.Render(); !d.cells.empty() {
		t.Errorf("a day that was taken away stands in the cells: %+v", d.cells)
	}
}

func TestFilesHaveTheirOwnErrors(t *testing.T) {
	u := FileUpload{ID: "f", Label: lang.Plain("添付"), Several: true, Files: []UploadedFile{
		{ID: "1", Name: "a.pdf", Size: 10, Done: 10}, {ID: "2", Name: "<b>.jpg", Size: 2_440_000, Done: 1},
		{ID: "3", Name: "c.heic", Size: 999, Error: lang.Plain("選びなおしてください")},
	}}
	has(t, u.UI(), "入りました", "&lt;b&gt;.jpg", "2.4 MB", "1 kB", "選びなおしてください", `aria-describedby="f-3-name"`,
		`id="f-3-name"`, "multiple", "<bdi")
}

func TestATableSaysHowItLies(t *testing.T) {
	table := Table{
		ID: "t", Caption: lang.Plain("人口"), Sort: "n", Descending: true, OnSort: func(app.Context, string) {},
		Columns: []Column{
			{ID: "p", Label: lang.Plain("名前"), Sorts: true},
			{ID: "n", Label: lang.Plain("人"), Number: true, Sorts: true},
		},
		Rows: [][]app.UI{{app.Text("目黒区"), app.Text("1")}},
	}
	has(t, table.UI(), `aria-sort="descending"`, `id="t-sort-p"`, `scope="row"`, `aria-labelledby="t-caption"`)
	table.Rows, table.Empty = nil, app.P().Text("ありません")
	has(t, table.UI(), "ありません")
	has(t, Figure{ID: "f", Title: lang.Plain("図"), Chart: app.Div(), Table: table}.UI(), "表で見る",
		`aria-labelledby="f-title"`)
}
