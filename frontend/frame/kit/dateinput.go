package kit

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/rule"
)

// DateInput is a day to type in three cells, by 西暦 or an era, with the browser's own calendar beside them. A day that
// people know by heart (a birth) is typed faster than it is found in a calendar; one that they look up is not. What
// stands in the cells stays as typed; below them the day is read back, in both counts.
type DateInput struct {
	app.Compo

	// ID is that of the cell of the year; the others are ID-month, ID-day, ID-era.
	ID       string
	Legend   lang.Text
	Hint     lang.Text
	Error    lang.Text
	Required bool
	// Birth offers the cells to the browser's own filling in of birth dates.
	Birth bool
	// Kept tells that the day is kept at once, and is there again when the page is loaded anew.
	Kept bool
	// Value is a day, 2026-11-22; empty when none is chosen. Set it to what OnInput gave.
	Value string
	// OnInput is called with the day in the cells, or "" while they are none, and whether anything stands in them: a
	// page tells what is half typed from what was left out.
	OnInput func(ctx app.Context, value string, typed bool)

	cells cells
	of    string // the Value that the cells show
}

// cells are what was typed, as typed.
type cells struct{ era, year, month, day string }

// western is the count without an era.
const western = "西暦"

func cellsOf(day string) cells {
	d, ok := rule.Day(day)
	if !ok {
		return cells{era: western}
	}
	return cells{western, strconv.Itoa(d.Year()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Day())}
}

// value is the day that the cells make, "" when they make none.
func (c cells) value() string {
	year, ok := digits(c.year)
	if c.era != western && c.era != "" {
		if strings.TrimSpace(c.year) == "元" {
			year, ok = 1, true
		}
		if ok {
			year, ok = rule.YearOf(c.era, year)
		}
	}
	month, okMonth := digits(c.month)
	day, okDay := digits(c.day)
	if !ok || !okMonth || !okDay || year > 9999 {
		return ""
	}
	s := padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
	if _, is := rule.Day(s); !is {
		return ""
	}
	return s
}

func (c cells) empty() bool { return c.year == "" && c.month == "" && c.day == "" }

// digits reads digits of any width, such as Japanese keyboards type them.
func digits(s string) (int, bool) {
	narrow := strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, strings.TrimSpace(s))
	n, err := strconv.Atoi(narrow)
	return n, err == nil && n >= 0
}

func padded(n, length int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(length-len(s), 0)) + s
}

// Render draws the cells.
func (d *DateInput) Render() app.UI {
	if d.cells.era == "" || d.Value != d.of { // it is new, or the page set another day
		era := d.cells.era
		d.cells, d.of = cellsOf(d.Value), d.Value
		d.count(era)
	}
	options := []app.UI{app.Option().Value(western).Selected(d.cells.era == western).Text(textWestern.String())}
	for _, era := range rule.Eras {
		options = append(options, app.Option().Value(era.Name).Selected(d.cells.era == era.Name).Text(
			lang.EraName(era).String(),
		))
	}
	era := d.ID + "-era"
	return app.FieldSet().Class(classes("field date", invalidClass(d.Error))).
		Aria("describedby", d.ID+"-hint "+d.ID+"-error "+d.ID+"-read").Body(
		app.Legend().Class("label").Body(d.Legend.UI(), mark(d.Required)),
		hintOf(d.ID, d.Hint),
		ErrorOf(d.ID, d.Error),
		app.Div().Class("date-cells").Body(
			app.Label().Class("date-cell").Body(
				textEra.Span("date-name"),
				app.Select().ID(era).Class("input select").OnChange(d.onEra).Body(options...),
			),
			d.cell(d.ID, "year", 4, textYear, d.cells.year),
			d.cell(d.ID+"-month", "month", 2, textMonth, d.cells.month),
			d.cell(d.ID+"-day", "day", 2, textDay, d.cells.day),
			d.calendar(),
		),
		app.P().ID(d.ID+"-read").Class("date-read").Aria("live", "polite").Body(d.readBack().UI()),
	)
}

// count shows the day by the era that was chosen before, where the day is one of it.
func (d *DateInput) count(era string) {
	day, ok := rule.Day(d.Value)
	if !ok {
		if era != "" {
			d.cells.era = era
		}
		return
	}
	if of, year, ok := rule.EraOf(day); ok && of.Name == era {
		d.cells.era, d.cells.year = era, strconv.Itoa(year)
	}
}

func (d *DateInput) cell(id, part string, length int, label lang.Text, value string) app.UI {
	input := app.Input().ID(id).Type("text").Class("input date-"+part).Attr("inputmode", "numeric").
		Attr("size", length).Attr("maxlength", length).Value(value).Required(d.Required).
		Aria("invalid", !d.Error.Empty()).
		OnInput(func(ctx app.Context, _ app.Event) { d.set(ctx, part, ctx.JSSrc().Get("value").String()) },
			app.EventScope(id))
	if d.Birth {
		input = input.Attr("autocomplete", "bday-"+part)
	} else {
		input = input.Attr("autocomplete", "off")
	}
	if d.Kept {
		input = input.DataSet(KeptMark, "")
	}
	return app.Label().Class("date-cell").Body(label.Span("date-name"), input)
}

// calendar is a button above the browser's own field for days, which opens its calendar and knows keys, screen readers
// and the person's language by itself. It is no place to type, and no second stop of the Tab key.
func (d *DateInput) calendar() app.UI {
	native := d.ID + "-calendar"
	return app.Span().Class("date-calendar").Body(
		app.Input().ID(native).Type("date").Class("date-native").TabIndex(-1).Aria("hidden", "true").
			Value(d.cells.value()).OnChange(func(ctx app.Context, _ app.Event) {
			if day, ok := rule.Day(ctx.JSSrc().Get("value").String()); ok {
				d.take(ctx, day.Format("2006-01-02"))
			}
		}),
		Button{
			ID: d.ID + "-open", Label: textCalendar, Kind: TextOnly, Icon: IconCalendar,
			OnPress: func(app.Context) { showPicker(native) },
		}.UI(),
	)
}

func showPicker(id string) {
	if app.IsServer {
		return
	}
	field := app.Window().GetElementByID(id)
	if field.Truthy() && field.Get("showPicker").Truthy() {
		field.Call("showPicker")
	}
}

func (d *DateInput) take(ctx app.Context, day string) {
	era := d.cells.era
	d.Value, d.of = day, day
	d.cells = cellsOf(day)
	d.count(era)
	d.tell(ctx)
}

func (d *DateInput) onEra(ctx app.Context, _ app.Event) {
	d.cells.era = ctx.JSSrc().Get("value").String()
	d.tell(ctx)
}

func (d *DateInput) set(ctx app.Context, part, value string) {
	switch part {
	case "year":
		d.cells.year = value
	case "month":
		d.cells.month = value
	case "day":
		d.cells.day = value
	}
	d.tell(ctx)
}

func (d *DateInput) tell(ctx app.Context) {
	value := d.cells.value()
	d.Value, d.of = value, value
	if d.OnInput != nil {
		d.OnInput(ctx, value, !d.cells.empty())
	}
}

// readBack says which day the cells are, or that they are none once all three are filled.
func (d *DateInput) readBack() lang.Text {
	value := d.cells.value()
	day, ok := rule.Day(value)
	if ok {
		return lang.DateAndEra(day)
	}
	if d.cells.year != "" && d.cells.month != "" && len(d.cells.day) > 0 && d.Error.Empty() {
		return textNoSuchDay
	}
	return lang.Text{}
}
