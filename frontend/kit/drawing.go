package kit

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Drawing makes an SVG of what stands within it: elements with attributes in double quotes and no text, as `<g class="x"><path d="M1 1"/></g>`.
// It is hidden from screen readers, and made element by element: under the pages' policy no string ever becomes HTML, ours included.
//
// What is not so written panics: drawings are constants, and the tests draw every one.
func Drawing(class, viewBox, within string) app.UI {
	children, rest := shapes(within)
	if rest != "" {
		panic("kit: a drawing closes what was not open: " + rest)
	}
	return shape("svg").Class(class).Attr("viewBox", viewBox).Aria("hidden", "true").Attr("focusable", "false").Body(children...)
}

func shape(tag string) app.HTMLElem { return app.Elem(tag).XMLNS("http://www.w3.org/2000/svg") }

// shapes reads elements up to the end, or to the tag that closes what they stand in, and gives what is left.
func shapes(s string) (list []app.UI, rest string) {
	for {
		s = strings.TrimSpace(s)
		if s == "" || strings.HasPrefix(s, "</") {
			return list, s
		}
		tag, after, ok := strings.Cut(s, ">")
		if !ok || tag[0] != '<' {
			panic("kit: not a drawing: " + s)
		}
		tag, alone := strings.CutSuffix(tag[1:], "/")
		name, attributes, _ := strings.Cut(tag, " ")
		element := shape(name)
		for attributes = strings.TrimSpace(attributes); attributes != ""; attributes = strings.TrimSpace(attributes) {
			key, quoted, _ := strings.Cut(attributes, `="`)
			value, more, ok := strings.Cut(quoted, `"`)
			if !ok {
				panic("kit: an attribute of a drawing is not quoted: " + attributes)
			}
			element, attributes = element.Attr(key, value), more
		}
		if !alone {
			var children []app.UI
			children, after = shapes(after)
			if after, ok = strings.CutPrefix(after, "</"+name+">"); !ok {
				panic("kit: an element of a drawing is not closed: " + s)
			}
			element = element.Body(children...)
		}
		list, s = append(list, element), after
	}
}
