package form

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	engine "madoguchi/proto/form"
)

// rows are questions again and again, each time in a group of its own.
type rows struct {
	app.Compo
	Sheet    *Sheet
	ID       string
	Language lang.Code // they are drawn anew in another

	ctx   app.Context
	drawn look
	undo  *slot // the row that was taken out last
	due   bool  // to be drawn anew, whatever a question in it wants left as it is
}

// OnMount has them drawn when what they depend on changes.
func (r *rows) OnMount(ctx app.Context) {
	r.ctx = ctx
	r.Sheet.tables[r] = true
}

// OnDismount forgets them.
func (r *rows) OnDismount() { delete(r.Sheet.tables, r) }

func (r *rows) look() look {
	s, at := r.Sheet, Spot{Field: r.ID, Row: -1}
	l := look{shown: s.Result.Shown(r.ID, -1), required: s.Result.Required(r.ID, -1), told: s.told[at]}
	for _, fault := range s.Result.FaultsAt(at) {
		if l.told || fault.Level != engine.Error {
			l.faults += string(fault.Code) + fault.Limit + fault.Check + ";"
		}
	}
	return l
}

func (r *rows) change(ctx app.Context) {
	s := r.Sheet
	s.gather(r.ID)
	s.settle()
	s.tell(ctx, r.ID)
	r.redraw()
}

func (r *rows) redraw() {
	r.due = true
	r.ctx.Update()
}

func (r *rows) add(ctx app.Context) {
	one := r.Sheet.add(r.ID)
	r.undo = nil
	r.change(ctx)
	kit.Focus(ctx, r.rowID(one))
}

func (r *rows) remove(ctx app.Context, one *slot) {
	one.gone, r.undo = true, one
	r.change(ctx)
	kit.Announce(r.ctx, textRowGone) // not the button's context: it goes
	kit.Focus(r.ctx, elementID(r.ID, nil)+"-undo")
}

func (r *rows) restore(ctx app.Context) {
	one := r.undo
	one.gone, r.undo = false, nil
	r.change(ctx)
	kit.Focus(r.ctx, r.rowID(one))
}

func (r *rows) rowID(one *slot) string { return elementID(r.ID, nil) + "-row-" + strconv.Itoa(one.key) }

// Render draws the rows that are there.
func (r *rows) Render() app.UI {
	s, id := r.Sheet, elementID(r.ID, nil)
	r.drawn, r.due = r.look(), false
	if !r.drawn.shown {
		return app.Div().Class("question-hidden")
	}
	one := s.fields[r.ID]
	told := kit.ErrorOf(id, s.errorAt(Spot{Field: r.ID, Row: -1}))
	if !r.drawn.told {
		told = app.P().ID(id + "-error").Class("error-text")
	}
	all := s.slots[r.ID]
	least, _ := strconv.Atoi(one.Min)
	most, _ := strconv.Atoi(one.Max)
	count := len(s.rowsOf(r.ID))
	groups := make([]app.UI, len(all))
	for i, row := range all {
		// What is gone keeps its place, so that nothing of one row becomes part of another.
		if groups[i] = app.Div().Class("row-gone"); !row.gone {
			groups[i] = r.group(one, row, count > least)
		}
	}
	return app.Section().ID(id).TabIndex(-1).Class("question rows").Aria("label", s.Label(r.ID).String()).Body(
		app.P().Class("label").Body(s.Label(r.ID).UI()), s.Label(r.ID+".help").P("hint"), told,
		app.Div().Body(grouped(groups, 3)...),
		app.Div().Class("actions").Body(
			kit.Button{
				ID: id + "-add", Label: textAdd.F(s.Label(r.ID + ".row")), Icon: kit.IconPlus,
				Disabled: count >= most || !s.open(r.ID), OnPress: r.add,
			}.UI(),
			app.Span().Body(r.undoButton(id)...),
		),
	)
}

func (r *rows) undoButton(id string) []app.UI {
	if r.undo == nil {
		return nil
	}
	return []app.UI{kit.Button{
		ID: id + "-undo", Label: textUndo, Kind: kit.TextOnly, Icon: kit.IconUndo, OnPress: r.restore,
	}.UI()}
}

func (r *rows) group(one *engine.Field, at *slot, removable bool) app.UI {
	s := r.Sheet
	name := textRow.F(s.Label(r.ID+".row"), at.row+1)
	body := []app.UI{app.Legend().ID(r.rowID(at)).TabIndex(-1).Class("label row-name").Body(name.UI())}
	for i := range one.Fields {
		body = append(body, s.question(&one.Fields[i], at))
	}
	remove := kit.Button{
		ID: r.rowID(at) + "-remove", Label: textRemove.F(name), Kind: kit.TextOnly, Icon: kit.IconDelete,
		Disabled: !removable || !s.open(r.ID), OnPress: func(ctx app.Context) { r.remove(ctx, at) },
	}
	return app.FieldSet().Class("row").Body(append(body, remove.UI())...)
}
