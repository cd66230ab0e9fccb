package kit

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Table is data in rows and columns. On phones each row is a block of names and values. The page sorts: Sort and
// Descending say how the rows lie.
type Table struct {
	ID      string
	Caption lang.Text
	Columns []Column
	Rows    [][]app.UI
	// Sort is the ID of the column by which the rows lie; empty when by none.
	Sort       string
	Descending bool
	// OnSort is called with the ID of the column that was pressed.
	OnSort func(ctx app.Context, column string)
	// Dense has more rows in sight.
	Dense bool
	// Empty stands there when there are no rows.
	Empty app.UI
}

// Column is one of a table. The first is the name of its row.
type Column struct {
	ID    string
	Label lang.Text
	// Number sets figures to the right, digit beneath digit.
	Number bool
	// Sorts offers to sort by it.
	Sorts bool
}

// UI renders the table.
func (t Table) UI() app.UI {
	if len(t.Rows) == 0 && t.Empty != nil {
		return t.Empty
	}
	heads := make([]app.UI, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = t.head(c)
	}
	rows := make([]app.UI, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = app.Tr().Body(t.row(row)...)
	}
	dense := ""
	if t.Dense {
		dense = "table-dense"
	}
	// It scrolls by itself where it is too wide, and the keyboard reaches it.
	return app.Div().Class("table-place").Attr("role", "region").Aria("labelledby", t.ID+"-caption").TabIndex(0).Body(
		app.Table().ID(t.ID).Class(classes("table", dense)).Body(
			app.Caption().ID(t.ID+"-caption").Class("table-caption").Body(t.Caption.UI()),
			app.THead().Body(app.Tr().Body(heads...)),
			app.TBody().Body(rows...),
		),
	)
}

func (t Table) head(c Column) app.UI {
	head := app.Th().Scope("col").Class(numberClass(c))
	if !c.Sorts || t.OnSort == nil {
		return head.Body(c.Label.UI())
	}
	icon := IconSort
	if t.Sort == c.ID {
		direction := "ascending"
		icon = IconUp
		if t.Descending {
			direction, icon = "descending", IconDown
		}
		head = head.Aria("sort", direction)
	}
	sort := t.OnSort
	return head.Body(app.Button().ID(t.ID+"-sort-"+c.ID).Type("button").Class("table-sort").
		OnClick(func(ctx app.Context, _ app.Event) { sort(ctx, c.ID) }, app.EventScope(t.ID, c.ID)).
		Body(c.Label.UI(), Icon(icon)))
}

// row repeats the columns' names within the cells, for the form that phones show, where the head is not in sight.
func (t Table) row(cells []app.UI) []app.UI {
	drawn := make([]app.UI, len(cells))
	for i, cell := range cells {
		name := app.Span().Class("table-name").Aria("hidden", "true").Body(t.Columns[i].Label.UI())
		if i == 0 {
			drawn[i] = app.Th().Scope("row").Body(name, cell)
			continue
		}
		drawn[i] = app.Td().Class(numberClass(t.Columns[i])).Body(name, cell)
	}
	return drawn
}

func numberClass(c Column) string {
	if c.Number {
		return "table-number"
	}
	return ""
}

// Figure is the frame of a chart: what it shows, the chart, and the same as a table one press away, which is also what
// print has.
type Figure struct {
	ID    string
	Title lang.Text
	// Note says from whom the figures are, and of when.
	Note  lang.Text
	Chart app.UI
	Table Table
}

// UI renders the frame.
func (f Figure) UI() app.UI {
	return app.Figure().ID(f.ID).Class("figure").Aria("labelledby", f.ID+"-title").Body(
		app.FigCaption().Body(
			app.P().ID(f.ID+"-title").Class("figure-title").Body(f.Title.UI()),
			f.Note.P("hint"),
		),
		app.Div().Class("figure-chart").Body(f.Chart),
		Disclosure{ID: f.ID + "-table-open", Summary: textAsTable, Body: []app.UI{f.Table.UI()}}.UI(),
	)
}

// MenuList is a list of ways to go on, in a rail or a drawer, the current one marked.
type MenuList struct {
	Label lang.Text
	Items []MenuItem
}

// MenuItem is a line of a MenuList; Note is a second line under it.
type MenuItem struct {
	Label   lang.Text
	Note    lang.Text
	Href    string
	Icon    IconName
	Current bool
}

// UI renders the menu.
func (m MenuList) UI() app.UI {
	items := make([]app.UI, len(m.Items))
	for i, item := range m.Items {
		link := app.A().Href(item.Href).Class("menu-link")
		if item.Current {
			link = link.Aria("current", "page")
		}
		items[i] = app.Li().Body(link.Body(iconOrNone(item.Icon), app.Span().Class("menu-words").Body(
			item.Label.UI(), item.Note.Span("hint"),
		), Icon(IconChevron)))
	}
	return app.Nav().Class("menu-list").Aria("label", m.Label.String()).Body(app.Ul().Body(items...))
}
