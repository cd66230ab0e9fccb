package compare

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// rows counts the fields and those that differ, which come first, and leaves out the others when only these are wanted.
func rows(
	procedures []*portalv1.CompareProceduresResponse_Procedure, only bool,
) (shown []*portalv1.CompareProceduresResponse_Procedure, all, differ int) {
	for _, p := range procedures {
		kept := &portalv1.CompareProceduresResponse_Procedure{Definition: p.GetDefinition(), Name: p.GetName()}
		var same []*portalv1.CompareProceduresResponse_Row
		for _, row := range p.GetRows() {
			all++
			if row.GetDiffers() {
				differ++
				kept.Rows = append(kept.Rows, row)
				continue
			}
			same = append(same, row)
		}
		if !only {
			kept.Rows = append(kept.Rows, same...)
		}
		if len(kept.GetRows()) > 0 {
			shown = append(shown, kept)
		}
	}
	return shown, all, differ
}

// table has a row for each field of one definition, or for each of several definitions.
func table(places []*portalv1.Place, procedures []*portalv1.CompareProceduresResponse_Procedure, q query) app.UI {
	number := q.definition
	head := []app.UI{app.Th().Scope("col").Class("compare-corner").Body(textItem.UI())}
	for _, p := range places {
		name := place.FullName(p).UI()
		if number != "" {
			name = kit.Link{Label: place.FullName(p), Href: catalog.Path(p.GetCode(), number)}.UI()
		}
		head = append(head, app.Th().Scope("col").Class("compare-head").Body(name))
	}
	var rows []app.UI
	for _, p := range procedures {
		if number == "" {
			rows = append(rows, procedureRow(p, len(places), q))
			continue
		}
		for _, row := range p.GetRows() {
			rows = append(rows, fieldRow(row))
		}
	}
	return app.Table().Class("compare-table").Body(
		app.THead().Body(app.Tr().Body(head...)),
		app.TBody().Body(rows...),
	)
}

func fieldRow(row *portalv1.CompareProceduresResponse_Row) app.UI {
	cells := []app.UI{app.Th().Scope("row").Class("compare-name").Body(label(row.GetField()).UI())}
	for _, cell := range row.GetCells() {
		class := "compare-cell"
		if cell.GetDiffers() {
			class = "compare-cell compare-differs"
		}
		cells = append(cells, app.Td().Class(class).Body(mark(cell), value(row.GetField(), cell)))
	}
	return app.Tr().Body(cells...)
}

// procedureRow is a row with the main fields of one procedure among several.
func procedureRow(p *portalv1.CompareProceduresResponse_Procedure, places int, q query) app.UI {
	link := kit.Link{Label: lang.Local(p.GetName()), Href: q.of(p.GetDefinition(), "").address()}
	cells := []app.UI{app.Th().Scope("row").Class("compare-name").Body(link.UI())}
	for i := range places {
		var facts []app.UI
		class := "compare-cell"
		for _, row := range p.GetRows() {
			if i >= len(row.GetCells()) {
				continue
			}
			cell := row.GetCells()[i]
			if cell.GetDiffers() {
				class = "compare-cell compare-differs"
			}
			facts = append(facts, app.Div().Class("compare-fact").Body(
				label(row.GetField()).P("compare-fact-name"),
				app.Div().Body(mark(cell), value(row.GetField(), cell)),
			))
		}
		cells = append(cells, app.Td().Class(class).Body(facts...))
	}
	return app.Tr().Body(cells...)
}

// mark says with a sign and a word that something differs here.
func mark(cell *portalv1.CompareProceduresResponse_Cell) app.UI {
	if !cell.GetDiffers() {
		return app.Span()
	}
	return app.P().Class("compare-mark").Body(app.Span().Aria("hidden", "true").Text("≠ "), textDiffers.UI())
}

func value(field portalv1.CompareProceduresResponse_Field, cell *portalv1.CompareProceduresResponse_Cell) app.UI {
	lines := cell.GetLines()
	if len(lines) == 0 {
		return textBlank.P("compare-blank")
	}
	if word := wordFor(field, lines[0]); !word.Empty() {
		return word.P("")
	}
	if len(lines) == 1 && len(cell.GetOwn()) == 0 ||
		field != portalv1.CompareProceduresResponse_FIELD_DOCUMENTS &&
			field != portalv1.CompareProceduresResponse_FIELD_BRING {
		return app.P().Lang("ja").Class("prose-line").Text(strings.Join(lines, "\n"))
	}
	items := make([]app.UI, len(lines))
	for i, text := range lines {
		if slices.Contains(cell.GetOwn(), int32(i)) {
			items[i] = app.Li().Class("compare-own").Body(app.Span().Aria("hidden", "true").Text("＋ "),
				catalog.AsWritten(text), kit.Hidden(textOwn))
			continue
		}
		items[i] = app.Li().Body(catalog.AsWritten(text))
	}
	return app.Ul().Class("compare-lines").Body(items...)
}

// wordFor is the text for what the portal says with a code; empty for a field in the office's words.
func wordFor(field portalv1.CompareProceduresResponse_Field, code string) lang.Text {
	switch field {
	case portalv1.CompareProceduresResponse_FIELD_REGISTERED:
		if code == "yes" {
			return textYes
		}
		return textNo
	case portalv1.CompareProceduresResponse_FIELD_ONLINE:
		if code == "yes" {
			return catalog.TextOnline
		}
		return catalog.TextDeskOnly
	case portalv1.CompareProceduresResponse_FIELD_SIGNATURE:
		switch code {
		case "sign":
			return catalog.TextSign
		case "login":
			return catalog.TextLogin
		}
		return catalog.TextNoSign
	}
	return lang.Text{}
}

func label(field portalv1.CompareProceduresResponse_Field) lang.Text {
	switch field {
	case portalv1.CompareProceduresResponse_FIELD_REGISTERED:
		return textIsThere
	case portalv1.CompareProceduresResponse_FIELD_TITLE:
		return textName
	case portalv1.CompareProceduresResponse_FIELD_ONLINE:
		return textHow
	case portalv1.CompareProceduresResponse_FIELD_SIGNATURE:
		return textSign
	case portalv1.CompareProceduresResponse_FIELD_TARGET:
		return catalog.TextTarget
	case portalv1.CompareProceduresResponse_FIELD_DEADLINE:
		return textDeadline
	case portalv1.CompareProceduresResponse_FIELD_FEE:
		return catalog.TextCost
	case portalv1.CompareProceduresResponse_FIELD_DOCUMENTS:
		return catalog.TextDocs
	case portalv1.CompareProceduresResponse_FIELD_BRING:
		return catalog.TextBring
	case portalv1.CompareProceduresResponse_FIELD_DEPARTMENT:
		return catalog.TextOffice
	case portalv1.CompareProceduresResponse_FIELD_ADDRESS:
		return catalog.TextWhere
	case portalv1.CompareProceduresResponse_FIELD_PHONE:
		return catalog.TextPhone
	case portalv1.CompareProceduresResponse_FIELD_HOURS:
		return catalog.TextHours
	}
	return lang.Text{}
}
