package paper

import (
	"github.com/carlos7ags/folio/content"
	"github.com/carlos7ags/folio/layout"
)

// The elements of folio's tag each line of a paragraph as one of its own, and no cell of a table. These two have the
// same look and the structure that a screen reader needs.

// The structure types of PDF (ISO 32000, 14.8.4) that are said here.
const (
	tagParagraph = "P"
	tagTable     = "Table"
	tagRow       = "TR"
	tagHead      = "TH"
	tagData      = "TD"
)

// whole is a paragraph that is one to a screen reader, however many lines it has.
type whole struct{ *layout.Paragraph }

// PlanLayout puts the lines into one block.
func (w whole) PlanLayout(area layout.LayoutArea) layout.LayoutPlan {
	plan := w.Paragraph.PlanLayout(area)
	if rest, ok := plan.Overflow.(*layout.Paragraph); ok && rest != nil {
		plan.Overflow = whole{rest}
	}
	plan.Blocks = []layout.PlacedBlock{gathered(plan, tagParagraph, area.Width)}
	return plan
}

// gathered is a block with what was placed, under one tag.
func gathered(plan layout.LayoutPlan, tag string, width float64) layout.PlacedBlock {
	for i := range plan.Blocks {
		plan.Blocks[i].Tag = ""
	}
	return layout.PlacedBlock{Width: width, Height: plan.Consumed, Tag: tag, Children: plan.Blocks}
}

// grid is a table whose cells say whether they are heads; what does not fit on a page goes on upon the next, below the
// same head.
type grid struct {
	widths []float64 // in proportion
	head   []gridCell
	rows   [][]gridCell
}

type gridCell struct {
	text *layout.Paragraph
	tag  string
}

const (
	padding  = 3.0
	line     = 0.5
	spaceEnd = 6.0
)

// PlanLayout places as many rows as fit.
func (g *grid) PlanLayout(area layout.LayoutArea) layout.LayoutPlan {
	widths := g.share(area.Width)
	var rows []layout.PlacedBlock
	y := 0.0
	place := func(row layout.PlacedBlock) {
		row.Y = y
		y += row.Height
		rows = append(rows, row)
	}
	if g.head != nil {
		place(row(g.head, widths))
	}
	done := 0
	for _, cells := range g.rows {
		next := row(cells, widths)
		if y+next.Height > area.Height {
			break
		}
		place(next)
		done++
	}
	plan := layout.LayoutPlan{Status: layout.LayoutFull, Consumed: y + spaceEnd}
	switch {
	case done == len(g.rows):
	case done > 0:
		plan.Status, plan.Overflow = layout.LayoutPartial, &grid{widths: g.widths, head: g.head, rows: g.rows[done:]}
	case !area.AtFragmentTop:
		return layout.LayoutPlan{Status: layout.LayoutNothing}
	default: // a row that is longer than a page goes on by its lines
		return g.long(area, widths)
	}
	plan.Blocks = []layout.PlacedBlock{{Width: area.Width, Height: y, Tag: tagTable, Children: rows}}
	return plan
}

// long places the head and as much of the first row as there is room for.
func (g *grid) long(area layout.LayoutArea, widths []float64) layout.LayoutPlan {
	var rows []layout.PlacedBlock
	y := 0.0
	if g.head != nil {
		rows = append(rows, row(g.head, widths))
		y = rows[0].Height
	}
	now, later := make([]gridCell, len(widths)), make([]gridCell, len(widths))
	room := max(area.Height-y-2*padding, 20)
	more := false
	for i, c := range g.rows[0] {
		now[i], later[i] = c, gridCell{layout.NewStyledParagraph(), c.tag}
		plan := c.text.PlanLayout(layout.LayoutArea{Width: widths[i] - 2*padding, Height: room})
		if plan.Overflow != nil {
			fits := len(plan.Blocks)
			head, tail := c.text.SplitAfterLine(fits, widths[i]-2*padding)
			if head != nil && tail != nil {
				now[i].text, later[i].text, more = head, tail, true
			}
		}
	}
	first := row(now, widths)
	first.Y = y
	rows = append(rows, first)
	y += first.Height
	rest := &grid{widths: g.widths, head: g.head, rows: g.rows[1:]}
	if more {
		rest.rows = append([][]gridCell{later}, rest.rows...)
	}
	plan := layout.LayoutPlan{
		Status: layout.LayoutPartial, Consumed: y, Overflow: rest,
		Blocks: []layout.PlacedBlock{{Width: area.Width, Height: y, Tag: tagTable, Children: rows}},
	}
	if len(rest.rows) == 0 {
		plan.Status, plan.Overflow = layout.LayoutFull, nil
	}
	return plan
}

// share divides the width of the page in proportion.
func (g *grid) share(width float64) []float64 {
	all := 0.0
	for _, w := range g.widths {
		all += w
	}
	widths := make([]float64, len(g.widths))
	for i, w := range g.widths {
		widths[i] = width * w / all
	}
	return widths
}

// row is as high as its highest cell.
func row(cells []gridCell, widths []float64) layout.PlacedBlock {
	r := layout.PlacedBlock{Tag: tagRow}
	x := 0.0
	for i, c := range cells {
		inner := widths[i] - 2*padding
		plan := c.text.PlanLayout(layout.LayoutArea{Width: inner, Height: 1e9, AtFragmentTop: true})
		block := gathered(plan, c.tag, widths[i])
		for n := range block.Children {
			block.Children[n].X += padding
			block.Children[n].Y += padding
		}
		block.X, block.Height = x, plan.Consumed+2*padding
		x += widths[i]
		r.Height = max(r.Height, block.Height)
		r.Children = append(r.Children, block)
	}
	r.Width = x
	for i := range r.Children {
		r.Children[i].Height = r.Height
		width, height, shaded := r.Children[i].Width, r.Height, cells[i].tag == tagHead
		r.Children[i].Draw = func(ctx layout.DrawContext, left, top float64) {
			frame(ctx.Stream, left, top-height, width, height, shaded)
		}
	}
	return r
}

// frame draws a cell's border, and a head's ground.
func frame(s *content.Stream, left, bottom, width, height float64, shaded bool) {
	s.SaveState()
	if shaded {
		s.SetFillColorGray(0.93)
		s.Rectangle(left, bottom, width, height)
		s.Fill()
	}
	s.SetStrokeColorGray(0.45)
	s.SetLineWidth(line)
	s.Rectangle(left, bottom, width, height)
	s.Stroke()
	s.RestoreState()
}
