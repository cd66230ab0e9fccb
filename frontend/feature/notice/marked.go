package notice

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// deepest is how far lists stand in one another at most, by the contract; what lies deeper is left out.
const deepest = 3

// written is the text of a notice, marked as its office's own: nothing in it can be taken for the portal's.
func written(n *portalv1.Notice) app.UI {
	text := kit.Paragraphs(n.GetBody())
	if len(n.GetBlocks()) > 0 {
		text = app.Div().Class("prose").Body(blocks(n.GetBlocks(), 0)...)
	}
	return app.Section().Class("written").Aria("labelledby", "written-by").Body(
		app.P().ID("written-by").Class("written-by hint").Body(textWritten.F(n.GetOffice()).UI()),
		app.Div().Lang("ja").Body(text),
	)
}

// blocks draws a marked text: the tree that the portal made of it, which is words alone.
func blocks(all []*portalv1.MarkedBlock, lists int) []app.UI {
	var out []app.UI
	for _, b := range all {
		switch b.GetKind() {
		case portalv1.MarkedKind_MARKED_KIND_PARAGRAPH:
			out = append(out, app.P().Class("prose-line").Body(spans(b.GetSpans())...))
		case portalv1.MarkedKind_MARKED_KIND_HEADING: // the page's own title is the first level
			out = append(out, kit.Heading(int(b.GetLevel())+1, "written-heading prose-line", spans(b.GetSpans())...))
		case portalv1.MarkedKind_MARKED_KIND_LIST:
			if lists < deepest {
				out = append(out, app.Ul().Body(items(b, lists)...))
			}
		case portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST:
			if lists < deepest {
				out = append(out, app.Ol().Start(int(b.GetStart())).Body(items(b, lists)...))
			}
		}
	}
	return out
}

func items(list *portalv1.MarkedBlock, lists int) []app.UI {
	all := make([]app.UI, len(list.GetItems()))
	for i, item := range list.GetItems() {
		all[i] = app.Li().Body(blocks(item.GetBlocks(), lists+1)...)
	}
	return all
}

func spans(all []*portalv1.MarkedSpan) []app.UI {
	out := make([]app.UI, len(all))
	for i, s := range all {
		words := app.Text(s.GetText())
		if host := kit.Host(s.GetHref()); host != "" {
			words = kit.HostLink(s.GetText(), s.GetHref(), host)
		}
		if s.GetStrong() {
			words = app.Strong().Body(words)
		}
		out[i] = words
	}
	return out
}
