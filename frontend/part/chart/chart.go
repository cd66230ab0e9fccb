// Package chart draws series worth seeing: a line, bars, and a life line of periods. The drawing is small and our own;
// arrow keys go from point to point, what stands there is said in words, and a table of the same data is one tap away,
// and printed.
package chart

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

// Kind is how a series is drawn.
type Kind int

const (
	// Line joins its points; where a value is missing, it has a gap.
	Line Kind = iota
	// Bar stands on zero.
	Bar
	// Life lays periods beside each other on one line of time.
	Life
)

// Point is one of a series. Of a life line it is a period.
type Point struct {
	Label lang.Text
	// Value is drawn, Shown is how people read it. Missing: there is none, which is not zero.
	Value   float64
	Shown   lang.Text
	Missing bool
	// Of a period: its days since 1970, and how people read them.
	From, Until           int
	ShownFrom, ShownUntil lang.Text
}

// Chart is a series with its title; the columns' labels are those of its table.
type Chart struct {
	app.Compo
	ID    string
	Title lang.Text
	// Note says from whom the figures are, and of when.
	Note                     lang.Text
	Kind                     Kind
	LabelColumn, ValueColumn lang.Text
	Points                   []Point

	at int // the point that is read, from 1; 0 while none is
}

// OnMount has it follow the language.
func (c *Chart) OnMount(ctx app.Context) { shell.Follow(ctx) }

// The drawing's own measures.
const (
	wide, high = 640.0, 200.0
	edge       = 14.0
)

// Render draws it.
func (c *Chart) Render() app.UI {
	if len(c.Points) == 0 {
		return app.Div().Class("chart").Body(c.Title.P("figure-title"),
			textEmpty.P(""))
	}
	c.at = min(c.at, len(c.Points))
	return app.Div().Class("chart").Body(kit.Figure{
		ID: c.ID, Title: c.Title, Note: c.Note, Chart: c.field(), Table: c.table(),
	}.UI())
}

// field is the drawing, and what is said of it.
func (c *Chart) field() app.UI {
	first, last := c.Points[0].Label, c.Points[len(c.Points)-1].Label
	return app.Div().Body(
		app.P().ID(c.ID+"-about").Class("hint").Body(textRange.F(first, last, len(c.Points)).UI(),
			app.Text(" "), textKeys.UI()),
		app.Div().ID(c.ID+"-field").Class("chart-field").TabIndex(0).Attr("role", "group").
			Aria("labelledby", c.ID+"-title").Aria("describedby", c.ID+"-about").
			OnKeyDown(c.key).OnClick(c.click).
			Body(app.P().Class("chart-most").Aria("hidden", "true").Body(c.most().UI()), c.drawing()),
		app.Div().Class("chart-ends").Aria("hidden", "true").Body(
			first.Span(""), last.Span(""),
		),
		app.P().ID(c.ID+"-at").Class("chart-at").Attr("role", "status").Body(c.said().UI()),
	)
}

// key goes from point to point.
func (c *Chart) key(ctx app.Context, e app.Event) {
	last := len(c.Points)
	var to int
	switch e.Get("key").String() {
	case "ArrowRight", "ArrowDown":
		to = min(c.at+1, last)
	case "ArrowLeft", "ArrowUp":
		to = max(c.at-1, 1)
	case "Home":
		to = 1
	case "End":
		to = last
	default:
		return
	}
	e.PreventDefault()
	c.at = to
}

// click reads the point that lies nearest.
func (c *Chart) click(ctx app.Context, e app.Event) {
	box := ctx.JSSrc().Call("getBoundingClientRect")
	width := box.Get("width").Float()
	if width <= 0 {
		return
	}
	x := (e.Get("clientX").Float() - box.Get("left").Float()) / width * wide
	c.at = c.nearest(x)
}

func (c *Chart) nearest(x float64) int {
	best, least := 1, wide*2
	for i := range c.Points {
		from, until := c.place(i)
		away := max(from-x, x-until, 0)
		if c.Kind == Line {
			away = max(from-x, x-from)
		}
		if away < least {
			best, least = i+1, away
		}
	}
	return best
}

// said is the point that is read, in words.
func (c *Chart) said() lang.Text {
	if c.at == 0 {
		return lang.Text{}
	}
	p := c.Points[c.at-1]
	return textPoint.F(p.Label, c.value(p))
}

func (c *Chart) value(p Point) lang.Text {
	switch {
	case c.Kind == Life:
		return textPeriod.F(p.ShownFrom, p.ShownUntil)
	case p.Missing:
		return textMissing
	}
	return p.Shown
}

// most is the highest value, by which the others are seen; of a life line there is none.
func (c *Chart) most() lang.Text {
	var most *Point
	for i := range c.Points {
		if p := &c.Points[i]; !p.Missing && (most == nil || p.Value > most.Value) {
			most = p
		}
	}
	if c.Kind == Life || most == nil {
		return lang.Text{}
	}
	return most.Shown
}

func (c *Chart) table() kit.Table {
	value := c.ValueColumn
	if c.Kind == Life {
		value = textSpan
	}
	rows := make([][]app.UI, len(c.Points))
	for i, p := range c.Points {
		rows[i] = []app.UI{p.Label.Span(""), c.value(p).Span("")}
	}
	return kit.Table{
		ID: c.ID + "-table", Caption: c.Title, Rows: rows, Dense: true,
		Columns: []kit.Column{{ID: "label", Label: c.LabelColumn}, {ID: "value", Label: value, Number: c.Kind != Life}},
	}
}

// bounds are the least and the most that is drawn: zero is always among it.
func (c *Chart) bounds() (least, most float64) {
	for _, p := range c.Points {
		if !p.Missing {
			least, most = min(least, p.Value), max(most, p.Value)
		}
	}
	if most == least {
		most = least + 1
	}
	return least, most
}

// place is where a point lies across: the middle of a line's, the sides of a bar and of a period.
func (c *Chart) place(i int) (from, until float64) {
	n := float64(len(c.Points))
	switch c.Kind {
	case Line:
		if n == 1 {
			return wide / 2, wide / 2
		}
		x := edge + (wide-2*edge)*float64(i)/(n-1)
		return x, x
	case Bar:
		each := (wide - 2*edge) / n
		x := edge + each*float64(i)
		return x + each*0.15, x + each*0.85
	}
	begin, end := c.Points[0].From, c.Points[0].Until
	for _, p := range c.Points {
		begin, end = min(begin, p.From), max(end, p.Until)
	}
	each := (wide - 2*edge) / float64(max(end-begin, 1))
	p := c.Points[i]
	from = edge + each*float64(p.From-begin)
	return from, max(edge+each*float64(p.Until-begin), from+2)
}

func (c *Chart) drawing() app.UI {
	d := &drawing{}
	switch c.Kind {
	case Line:
		c.line(d)
	case Bar:
		c.bars(d)
	case Life:
		c.life(d)
	}
	height := high
	if c.Kind == Life {
		height = 64
	}
	return kit.Drawing("chart-drawing", "0 0 "+number(wide)+" "+number(height), d.String())
}

func (c *Chart) height(value float64) float64 {
	least, most := c.bounds()
	return high - edge - (high-2*edge)*(value-least)/(most-least)
}

func (c *Chart) line(d *drawing) {
	d.path("chart-axis", "M"+number(edge)+" "+number(c.height(0))+"H"+number(wide-edge))
	var path strings.Builder
	joined := false
	for i, p := range c.Points {
		if p.Missing {
			joined = false
			continue
		}
		x, _ := c.place(i)
		to := "M"
		if joined {
			to = "L"
		}
		path.WriteString(to + number(x) + " " + number(c.height(p.Value)))
		joined = true
	}
	d.path("chart-line", path.String())
	for i, p := range c.Points {
		if p.Missing {
			continue
		}
		x, _ := c.place(i)
		d.circle(c.class("chart-point", i), x, c.height(p.Value), 5)
	}
	if c.at > 0 {
		x, _ := c.place(c.at - 1)
		d.path("chart-here", "M"+number(x)+" "+number(edge/2)+"V"+number(high-edge/2))
	}
}

func (c *Chart) bars(d *drawing) {
	zero := c.height(0)
	for i, p := range c.Points {
		from, until := c.place(i)
		top, bottom := min(c.height(p.Value), zero), max(c.height(p.Value), zero)
		if p.Missing { // a frame, so that it is not taken for zero
			d.rect(c.class("chart-missing", i), from, zero-12, until-from, 12)
			continue
		}
		d.rect(c.class("chart-bar", i), from, top, until-from, max(bottom-top, 1))
	}
	d.path("chart-axis", "M"+number(edge)+" "+number(zero)+"H"+number(wide-edge))
}

func (c *Chart) life(d *drawing) {
	d.path("chart-axis", "M"+number(edge)+" 32H"+number(wide-edge))
	for i := range c.Points {
		from, until := c.place(i)
		kind := "chart-bar"
		if i%2 == 1 {
			kind = "chart-bar chart-other"
		}
		d.rect(c.class(kind, i), from, 16, until-from, 32)
	}
}

func (c *Chart) class(name string, i int) string {
	if i+1 == c.at {
		return name + " chart-read"
	}
	return name
}

// drawing is what stands within the SVG.
type drawing struct{ strings.Builder }

func (d *drawing) path(class, path string) {
	d.WriteString(`<path class="` + class + `" d="` + path + `"/>`)
}

func (d *drawing) circle(class string, x, y, r float64) {
	d.WriteString(`<circle class="` + class + `" cx="` + number(x) + `" cy="` + number(y) + `" r="` + number(r) + `"/>`)
}

func (d *drawing) rect(class string, x, y, width, height float64) {
	d.WriteString(`<rect class="` + class + `" x="` + number(x) + `" y="` + number(y) + `" width="` + number(width) +
		`" height="` + number(height) + `"/>`)
}

// number has a tenth at most: nobody sees less.
func number(n float64) string {
	tenths := int(n*10 + 0.5)
	if n < 0 {
		tenths = int(n*10 - 0.5)
	}
	return strconv.FormatFloat(float64(tenths)/10, 'f', -1, 64)
}
