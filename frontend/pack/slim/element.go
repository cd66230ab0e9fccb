//go:build !js

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// go-app has a type and an interface for each of HTML's 110 elements, with the same seventy methods on every one. A
// page loads those that it uses, and the browser compiles each at its first call: they were a fifteenth of the page's
// weight and one in seven of the functions of its start. The copy has one type, for which all their names stand, with
// each method once. That an element has a method at all is still held by the compiler, in what is built for this
// machine.

// anyElement stands in the place of what go-app's html.go asks of an element.
const anyElement = `type HTML = *htmlElement
`

// elementInterface is that.
const elementInterface = `type HTML interface {
	UI

	// Tag retrieves the name of the HTML tag that the element represents.
	Tag() string

	// XMLNamespace fetches the XML namespace associated with the HTML element.
	// This is relevant for elements like SVG which might have a different
	// namespace.
	XMLNamespace() string

	// SelfClosing determines whether the HTML element is self-closing.
	// For elements like <img> or <br> which don't have closing tags, this
	// method returns true. Otherwise, it returns false.
	SelfClosing() bool

	depth() uint
	attrs() attributes
	setAttrs(attributes) HTML
	events() eventHandlers
	setEvents(eventHandlers) HTML
	setDepth(uint) UI
	setJSElement(Value) HTML
	parent() UI
	body() []UI
	setBody([]UI) HTML
}
`

// oneElement are the places of the others that tell the elements' types apart.
var oneElement = map[string][][2]string{
	"engine.go": {
		{`body = body.setJSElement(Window().Get("document").Get("body")).(HTMLBody)`,
			`body = body.setJSElement(Window().Get("document").Get("body"))`},
		{`firstChild = firstChild.setJSElement(body.JSValue().firstElementChild()).(HTMLDiv)`,
			`firstChild = firstChild.setJSElement(body.JSValue().firstElementChild())`},
		{`body = body.setBody([]UI{firstChild}).(HTMLBody)`, `body = body.setBody([]UI{firstChild})`},
		{`	for _, child := range document.(HTML).body() {
		if child, isBody := child.(HTMLBody); isBody {
`, `	for _, child := range document.body() {
		if child, isHTML := child.(HTML); isHTML && child.tag == "body" {
`},
	},
	"node.go": {
		{`	case *htmlElem, *htmlElemSelfClosing:
`, `	case HTML:
`},
	},
}

// mergeElements makes one type of all elements.
func mergeElements(out string) error {
	path := filepath.Join(out, "pkg/app/html_gen.go")
	source, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading go-app: %w", err)
	}
	merged, err := merge(source)
	if err != nil {
		return fmt.Errorf("making one element of go-app's: %w", err)
	}
	if err := os.WriteFile(path, merged, 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	one := [][2]string{{elementInterface, anyElement}}
	if err := change(filepath.Join(out, "pkg/app/html.go"), one); err != nil {
		return err
	}
	for name, places := range oneElement {
		if err := change(filepath.Join(out, "pkg/app", name), places); err != nil {
			return err
		}
	}
	return nil
}

// merge takes each method once: they are the same for every element, but for their names.
func merge(source []byte) ([]byte, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "html_gen.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	text := func(n ast.Node) string {
		return string(source[files.Position(n.Pos()).Offset:files.Position(n.End()).Offset])
	}
	var b bytes.Buffer
	b.WriteString("package app\n")
	methods := map[string]string{}
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.GenDecl:
			if d.Tok != token.TYPE {
				continue
			}
			if name := d.Specs[0].(*ast.TypeSpec).Name.Name; strings.HasPrefix(name, "HTML") {
				fmt.Fprintf(&b, "\ntype %s = HTML\n", name)
			}
		case *ast.FuncDecl:
			if d.Recv == nil {
				body := text(d)
				_, made, _ := strings.Cut(body, "htmlElement: ")
				made, _, ok := strings.Cut(made, ",\n\t}\n")
				if !ok {
					return nil, fmt.Errorf("%s makes no element", d.Name.Name)
				}
				head, _, _ := strings.Cut(body, "{")
				fmt.Fprintf(&b, "\n%s{\n\treturn &%s\n}\n", head, made)
				continue
			}
			own := strings.TrimPrefix(text(d.Recv.List[0].Type), "*html")
			method := strings.ReplaceAll(strings.ReplaceAll(text(d), "HTML"+own, "HTML"), "html"+own, "htmlElement")
			method = strings.ReplaceAll(method, ".(*htmlElement)", "")
			if d.Name.Name != "Textf" && d.Name.Name != "Lang" { // feature/news asks for Lang as go-app has it
				method = plain(method)
			}
			before, known := methods[d.Name.Name]
			if own == "Textarea" && textareas[d.Name.Name] != "" {
				continue
			}
			if known && before != method {
				return nil, fmt.Errorf("elements differ in %s", d.Name.Name)
			}
			if !known {
				methods[d.Name.Name] = method
				if also := textareas[d.Name.Name]; also != "" {
					method = strings.Replace(method, "{\n", "{\n"+also, 1)
				}
				fmt.Fprintf(&b, "\n%s\n", method)
			}
		}
	}
	return b.Bytes(), nil
}

// plain is a method that takes one text, where go-app's takes several or a format: nobody here gives it more, and every
// one of the thousands of calls would have to say so. Who does is told by the compiler.
func plain(method string) string {
	return strings.NewReplacer(
		"v ...string)", "v string)", `strings.Join(v, " ")`, "v",
		"format string, v ...any)", "v string)", "FormatString(format, v...)", "v",
	).Replace(method)
}

// textareas is what they do otherwise: their text is their value.
var textareas = map[string]string{
	"Text": `	if e.tag == "textarea" {
		e.setAttr("value", v)
		return e
	}
`,
	"Textf": `	if e.tag == "textarea" {
		e.setAttr("value", FormatString(format, v...))
		return e
	}
`,
}
