//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Each call into the browser costs a page that has just begun more than what it asks for, and go-app makes five for an
// element: to make it, to put it in, one for each of its attributes and of what it listens to. The copy describes all
// that is mounted together in one text, of which madoguchiMake (static/boot.js) makes the nodes, and asks for one of
// them only when it is wanted. The first time, when the document stands where the program draws the same, its nodes are
// taken over: what was laid out and drawn stays so.
const making = `package app

import (
	"strconv"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/errors"
)

// plan is what is to be made together: its words, separated by zeros, as madoguchiMake reads them.
type plan struct {
	told  strings.Builder
	heard []any // what is called by the elements that listen, in their order
	count int   // of nodes
	nodes Value // once they are made
}

var (
	maker     = sync.OnceValue(func() Value { return Window().Get("madoguchiMake") })
	planning  *plan // what is being mounted
	takenOver Value // what stands in the place of what is mounted next, if anything does
)

// place is where a node is among those of a plan.
type place struct {
	of *plan
	at int
}

// node is nil until it is made.
func (p place) node() Value {
	if p.of == nil || p.of.nodes == nil {
		return nil
	}
	return p.of.nodes.Index(p.at)
}

// say adds a word, in which nothing separates.
func (p *plan) say(mark, word string) {
	if p.told.Len() > 0 {
		p.told.WriteByte(0)
	}
	p.told.WriteString(mark)
	p.told.WriteString(strings.ReplaceAll(word, "\x00", "\uFFFD"))
}

// next says a word that a node is made of.
func (p *plan) next(mark, word string) place {
	p.say(mark, word)
	p.count++
	return place{p, p.count - 1}
}

func (p *plan) make() {
	told := append([]any{p.told.String(), takenOver}, p.heard...)
	takenOver = nil
	p.nodes = maker().Invoke(told...)
	p.told, p.heard = strings.Builder{}, nil
}

func (p *plan) text(v *text) { v.made = p.next("\"", v.value) }

func (p *plan) begin(ctx Context, v HTML) {
	v.made = p.next("<", v.tag)
	for name, value := range v.attributes {
		property, kind := propertyOf(name)
		if kind == aFlag {
			value = flag(value)
		}
		p.say(kind, property)
		p.say("", resolveAttributeURLValue(name, value, ctx.ResolveStaticResource))
	}
}

func (p *plan) end() { p.say(">", "") }

// listen has an element call a function: in its plan, while that is being made.
func listen(v HTML, event string, do Func, handler eventHandler) {
	if planning == nil || v.made.of != planning {
		v.JSValue().addEventListener(event, do, handler.options())
		return
	}
	passive := ""
	if handler.passive {
		passive = "passive"
	}
	planning.say("@", event)
	planning.say("", passive)
	planning.heard = append(planning.heard, do)
}

// drawing reads a drawing: one element with others in it, of few kinds, with attributes in double quotes, without text.
func (p *plan) drawing(v *raw) error {
	v.made = place{p, p.count}
	rest, err := p.element(strings.TrimSpace(v.value))
	if err == nil && strings.TrimSpace(rest) != "" {
		err = errors.New("a drawing is one element").WithTag("at", rest)
	}
	return err
}

// element reads one, and returns what comes after it.
func (p *plan) element(s string) (string, error) {
	tag, after, ok := strings.Cut(s, ">")
	if !ok || tag == "" || tag[0] != '<' {
		return "", errors.New("not a drawing").WithTag("at", s)
	}
	tag, alone := strings.CutSuffix(tag[1:], "/")
	name, attributes, _ := strings.Cut(tag, " ")
	switch name {
	case "svg", "g", "path", "rect", "circle":
	default:
		return "", errors.New("an element that drawings do not have").WithTag("at", s)
	}
	p.next("<", name)
	for attributes = strings.TrimSpace(attributes); attributes != ""; attributes = strings.TrimSpace(attributes) {
		key, quoted, _ := strings.Cut(attributes, "=\"")
		value, more, ok := strings.Cut(quoted, "\"")
		if !ok {
			return "", errors.New("an attribute is not quoted").WithTag("at", attributes)
		}
		p.say("", key)
		p.say("", value)
		attributes = more
	}
	for after = strings.TrimSpace(after); !alone && !strings.HasPrefix(after, "</"); after = strings.TrimSpace(after) {
		var err error
		if after, err = p.element(after); err != nil {
			return "", err
		}
	}
	if !alone {
		if after, ok = strings.CutPrefix(after, "</"+name+">"); !ok {
			return "", errors.New("an element is not closed").WithTag("at", s)
		}
	}
	p.end()
	return after, nil
}

const (
	anAttribute = ""
	aProperty   = "." // a text that is set on the node
	aFlag       = "?" // the same, and either there or not
)

// propertyOf tells what is set on a node and not written as an attribute.
func propertyOf(name string) (property, kind string) {
	switch name {
	case "value":
		return name, aProperty
	case "contenteditable":
		return "contentEditable", aProperty
	case "ismap":
		return "isMap", aFlag
	case "readonly":
		return "readOnly", aFlag
	case "async", "autofocus", "autoplay", "checked", "default", "defer", "disabled", "hidden", "loop", "multiple",
		"muted", "open", "required", "reversed", "selected":
		return name, aFlag
	}
	return name, anAttribute
}

// flag is a value that is either there or not.
func flag(value string) string {
	if set, _ := strconv.ParseBool(value); set {
		return "set"
	}
	return ""
}
`

// telling are the places of go-app that make nodes and put them in, by file.
var telling = map[string][][2]string{
	"node.go": {
		{`	rest()
	ctx = m.context(ctx, v)
`, `	rest()
	if planning == nil {
		planning = &plan{}
		defer func() { planning = nil }()
		v, err := m.Mount(ctx, depth, v)
		if err == nil {
			planning.make()
		}
		return v, err
	}
	ctx = m.context(ctx, v)
`},
		{`	v.jsvalue = Window().createTextNode(v.value)
	return v, nil
`, `	planning.text(v)
	return v, nil
`},
		{`	jsElement, _ := Window().createElement(v.Tag(), v.XMLNamespace())
	v = v.setJSElement(jsElement)
	m.mountHTMLAttributes(ctx, v)
`, `	planning.begin(ctx, v)
`},
		{`		child = child.setParent(v)
		children[i] = child
		v.JSValue().appendChild(child)
	}
`, `		child = child.setParent(v)
		children[i] = child
	}
	planning.end()
`},
		{`	v.JSValue().addEventListener(event, jsHandler, handler.options())
`, `	listen(v, event, jsHandler, handler)
`},
		{`		if stands(v, child) {
			v.JSValue().replaceChild(newChild, child)
		} else {
`, `		if newChild.JSValue().Equal(child.JSValue()) {
			// taken over
		} else if stands(v, child) {
			v.JSValue().replaceChild(newChild, child)
		} else {
`},
		{`	v.jsElement = nil
}
`, `	v.jsElement, v.made = nil, place{}
}
`},
	},
	"engine.go": {
		{`		e.body = body

`, `		e.body = body
		takenOver = firstChild.JSValue()

`},
	},
	"html_gen.go": {
		{`	e.jsElement = v
`, `	e.jsElement, e.made = v, place{}
`},
	},
	"html.go": lazily("e", "htmlElement", "jsElement     Value"),
	"raw.go":  lazily("r", "raw", "jsElement     Value"),
	"text.go": lazily("t", "text", "jsvalue       Value"),
	"attribute.go": {
		{`	toBool := func(v string) bool {
		b, _ := strconv.ParseBool(v)
		return b
	}

	switch name {
	case "value":
		jsElement.Set(name, value)

	case "contenteditable":
		jsElement.Set("contentEditable", value)

	case "ismap":
		jsElement.Set("isMap", toBool(value))

	case "readonly":
		jsElement.Set("readOnly", toBool(value))

	case "async",
		"autofocus",
		"autoplay",
		"checked",
		"default",
		"defer",
		"disabled",
		"hidden",
		"loop",
		"multiple",
		"muted",
		"open",
		"required",
		"reversed",
		"selected":
		jsElement.Set(name, toBool(value))

	default:
		jsElement.Call("setAttribute", name, value)
	}
}
`, `	switch property, kind := propertyOf(name); kind {
	case anAttribute:
		jsElement.Call("setAttribute", name, value)
	case aProperty:
		jsElement.Set(property, value)
	default:
		jsElement.Set(property, flag(value) != "")
	}
}
`},
		{`import (
	"strconv"
	"strings"
)`, `import "strings"`},
	},
}

// lazily has an element ask for its node when that is wanted.
func lazily(receiver, kind, field string) [][2]string {
	name, _, _ := strings.Cut(field, " ")
	at := receiver + "." + name
	head := fmt.Sprintf("func (%s *%s) ", receiver, kind)
	return [][2]string{
		{"	" + field + "\n", "	" + field + "\n	made          place\n"},
		{head + "JSValue() Value {\n", head + "JSValue() Value {\n" +
			"	if " + at + " == nil {\n		" + at + " = " + receiver + ".made.node()\n	}\n"},
		{"	return " + at + " != nil\n", "	return " + at + " != nil || " + receiver + ".made.of != nil\n"},
	}
}

// makeTogether writes this into the copy of go-app.
func makeTogether(out string) error {
	if err := os.WriteFile(filepath.Join(out, "pkg/app/make.go"), []byte(making), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	for name, places := range telling {
		if err := change(filepath.Join(out, "pkg/app", name), places); err != nil {
			return err
		}
	}
	return nil
}
