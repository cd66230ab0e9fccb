package showroom

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/chart"
)

func (p *page) days() []app.UI {
	return []app.UI{
		&kit.DateInput{
			ID: "born", Legend: says("生年月日"), Hint: says("年号を選ぶと、その年号の年で入力できます"), Required: true, Birth: true,
			Value: p.born, OnInput: func(_ app.Context, value string, _ bool) { p.born = value },
		},
		&kit.DateInput{
			ID: "due", Legend: says("引っ越した日"), Value: p.due,
			OnInput: func(_ app.Context, value string, _ bool) { p.due = value },
		},
		&kit.DateInput{ID: "day-wrong", Legend: says("届け出る日"), Error: says("年・月・日を入力してください。")},
	}
}

func givenFiles() []kit.UploadedFile {
	return []kit.UploadedFile{
		{ID: "1", Name: "就労証明書.pdf", Size: 820_000, Done: 820_000},
		{ID: "2", Name: "家の写真（北側から、割れた壁がよく見えるように撮ったもの）.jpg", Size: 4_300_000, Done: 1_900_000},
		{ID: "3", Name: "IMG_0042.HEIC", Size: 2_400_000, Error: says("この形式は受け取れません。JPEGにして選びなおしてください。")},
	}
}

func (p *page) uploads() []app.UI {
	return []app.UI{kit.FileUpload{
		ID: "files", Label: says("添付するもの"), Hint: says("PDF・JPEG・PNG、1つ10 MBまで、5つまで"), Several: true,
		Accept: "application/pdf,image/jpeg,image/png", Files: p.files,
		OnChoose: func(_ app.Context, files []app.Value) {
			for _, f := range files {
				name, size := f.Get("name").String(), int64(f.Get("size").Int())
				p.files = append(p.files, kit.UploadedFile{ID: name, Name: name, Size: size, Done: size})
			}
		},
		OnRemove: func(_ app.Context, id string) {
			p.files = slices.DeleteFunc(p.files, func(f kit.UploadedFile) bool { return f.ID == id })
		},
	}.UI()}
}

type municipality struct {
	name, prefecture string
	people           int64
}

// places are the rows of the table, as they are sorted.
func (p *page) places() []municipality {
	places := []municipality{
		{"目黒区", "東京都", 278_635}, {"府中市", "東京都", 260_253}, {"府中市", "広島県", 36_471}, {"青ヶ島村", "東京都", 170},
	}
	slices.SortStableFunc(places, func(a, b municipality) int {
		order := cmp.Compare(a.people, b.people)
		if p.sort == "name" {
			order = cmp.Compare(a.name, b.name)
		}
		if p.descending {
			return -order
		}
		return order
	})
	return places
}

// rows are made for each table that shows them: an element stands in one place.
func (p *page) rows() [][]app.UI {
	var rows [][]app.UI
	for _, place := range p.places() {
		rows = append(rows, []app.UI{
			app.Span().Text(place.name), app.Span().Text(place.prefecture), app.Span().Text(lang.Number(place.people)),
		})
	}
	return rows
}

func (p *page) table(id, caption string) kit.Table {
	return kit.Table{
		ID: id, Caption: says(caption), Rows: p.rows(), Sort: p.sort, Descending: p.descending,
		Columns: []kit.Column{
			{ID: "name", Label: says("名前"), Sorts: true}, {ID: "prefecture", Label: says("都道府県")},
			{ID: "people", Label: says("人口"), Number: true, Sorts: true},
		},
	}
}

func (p *page) tables() []app.UI {
	sorted, dense := p.table("table", "市区町村と人口（並べ替えられる表）"), p.table("table-dense", "詰めた表")
	sorted.OnSort = func(_ app.Context, column string) {
		p.descending = p.sort == column && !p.descending
		p.sort = column
	}
	dense.Dense = true
	return []app.UI{
		sorted.UI(), dense.UI(),
		kit.Table{ID: "table-none", Caption: says("何もない表"), Empty: nothing().UI()}.UI(),
		kit.Figure{
			ID: "figure", Title: says("図の枠"), Note: says("2020年の国勢調査から"), Table: p.table("table-figure", "図と同じ内容"),
			Chart: kit.Drawing("", "0 0 240 60", `<rect x="0" y="10" width="220" height="14" class="chart-bar"/>`+
				`<rect x="0" y="36" width="90" height="14" class="chart-bar"/>`),
		}.UI(),
		costs(chart.Line, "chart-line", "医療費（線）"), costs(chart.Bar, "chart-bar", "医療費（棒）"), career(),
		&chart.Chart{ID: "chart-none", Title: says("まだ何もない図")},
		kit.MenuList{Label: says("項目の一覧"), Items: []kit.MenuItem{
			{Label: says("お知らせ"), Href: "/kit", Icon: kit.IconBell, Current: true},
			{Label: says("登録の内容"), Note: says("名前とメールアドレス"), Href: "/kit", Icon: kit.IconPerson},
			{Label: says("この端末"), Href: "/kit"},
		}}.UI(),
	}
}

// costs are a series with a year of which nothing is known, and one below zero.
func costs(kind chart.Kind, id, title string) app.UI {
	c := &chart.Chart{
		ID: id, Kind: kind, Title: says(title), Note: says("作った値"), LabelColumn: says("年"), ValueColumn: says("円"),
	}
	for i, yen := range []int64{12_300, 45_600, 0, 31_000, -1_200, 28_400} {
		c.Points = append(c.Points, chart.Point{
			Label: says(strconv.Itoa(2020+i) + "年"), Value: float64(yen), Shown: says(lang.Number(yen) + "円"),
			Missing: i == 2,
		})
	}
	return c
}

// career is a life line with a gap.
func career() app.UI {
	c := &chart.Chart{
		ID: "chart-life", Kind: chart.Life, Title: says("年金の記録"), Note: says("作った値"), LabelColumn: says("制度"),
	}
	for _, p := range []struct {
		name        string
		from, until int
	}{{"国民年金", 2004, 2008}, {"厚生年金", 2008, 2019}, {"国民年金", 2021, 2026}} {
		c.Points = append(c.Points, chart.Point{
			Label: says(p.name), From: (p.from - 1970) * 365, Until: (p.until - 1970) * 365,
			ShownFrom: says(strconv.Itoa(p.from) + "年4月"), ShownUntil: says(strconv.Itoa(p.until) + "年3月"),
		})
	}
	return c
}
