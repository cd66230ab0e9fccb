//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// Each call into the browser costs a page that has just begun more than what it asks for, and go-app makes three for an
// element, one for each of its attributes and one to put it into its place. The copy describes an element with its
// attributes, or a whole drawing, in one text, of which madoguchiMake (static/boot.js) makes it, and puts the children
// of an element into it together.
const making = `package app

import (
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/errors"
)

var (
	maker    = sync.OnceValue(func() Value { return Window().Get("madoguchiMake") })
	document = sync.OnceValue(func() Value { return Window().Get("document") })
)

// between separates what madoguchiMake is told. A value that has it is none of ours, and goes its own way.
const between = "\x00"

// made is the node of an element, with its attributes.
func made(ctx Context, v HTML) Value {
	var told strings.Builder
	told.WriteString("<" + v.tag)
	var alone []string
	for name, value := range v.attributes {
		if isProperty(name) || strings.Contains(name, between) || strings.Contains(value, between) {
			alone = append(alone, name)
			continue
		}
		told.WriteString(between + name + between + resolveAttributeURLValue(name, value, ctx.ResolveStaticResource))
	}
	node := maker().Invoke(told.String(), v.xmlns)
	for _, name := range alone {
		value := resolveAttributeURLValue(name, v.attributes[name], ctx.ResolveStaticResource)
		setJSAttribute(node, name, value)
	}
	return node
}

const svgSpace = "http://www.w3.org/2000/svg"

// draw makes a drawing: one element with others in it, of few kinds, with attributes in double quotes, without text.
func draw(drawing string) (Value, error) {
	if strings.Contains(drawing, between) {
		return nil, errors.New("not a drawing").WithTag("drawing", drawing)
	}
	var told strings.Builder
	rest, err := describe(&told, drawing)
	if err == nil && rest != "" {
		err = errors.New("a drawing closes what was not open").WithTag("at", rest)
	}
	if err != nil {
		return nil, err
	}
	return maker().Invoke(strings.TrimPrefix(told.String(), between), svgSpace), nil
}

// describe reads elements up to the end, or to the tag that closes what they stand in, and returns what is left.
func describe(told *strings.Builder, s string) (string, error) {
	for {
		s = strings.TrimSpace(s)
		if s == "" || strings.HasPrefix(s, "</") {
			return s, nil
		}
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
		told.WriteString(between + "<" + name)
		for attributes = strings.TrimSpace(attributes); attributes != ""; attributes = strings.TrimSpace(attributes) {
			key, quoted, _ := strings.Cut(attributes, "=\"")
			value, more, ok := strings.Cut(quoted, "\"")
			if !ok {
				return "", errors.New("an attribute is not quoted").WithTag("at", attributes)
			}
			told.WriteString(between + key + between + value)
			attributes = more
		}
		if !alone {
			var err error
			if after, err = describe(told, after); err != nil {
				return "", err
			}
			if after, ok = strings.CutPrefix(after, "</"+name+">"); !ok {
				return "", errors.New("an element is not closed").WithTag("at", s)
			}
		}
		told.WriteString(between + ">")
		s = after
	}
}
`

// telling are the places of go-app that make nodes and put them in, by file.
var telling = map[string][][2]string{
	"node.go": {
		{`	jsElement, _ := Window().createElement(v.Tag(), v.XMLNamespace())
	v = v.setJSElement(jsElement)
	m.mountHTMLAttributes(ctx, v)
`, `	v = v.setJSElement(made(ctx, v))
`},
		{`	children := v.body()
	for i, child := range children {
		var err error
`, `	children := v.body()
	nodes := make([]any, len(children))
	for i, child := range children {
		var err error
`},
		{`		child = child.setParent(v)
		children[i] = child
		v.JSValue().appendChild(child)
	}
`, `		child = child.setParent(v)
		children[i] = child
		nodes[i] = child.JSValue()
	}
	if len(nodes) != 0 {
		v.JSValue().Call("append", nodes...)
	}
`},
	},
	"js_wasm.go": {
		{`	return w.Get("document").Call("createTextNode", v)
`, `	return document().Call("createTextNode", v)
`},
	},
	"attribute.go": {
		{`	switch name {
	case "value":
		jsElement.Set(name, value)
`, `	if !isProperty(name) {
		jsElement.Call("setAttribute", name, value)
		return
	}
	switch name {
	case "value":
		jsElement.Set(name, value)
`},
		{`	case "async",
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
`, `	default:
		jsElement.Set(name, toBool(value))
	}
}

// isProperty tells what is set on a node and not written as an attribute.
func isProperty(name string) bool {
	switch name {
	case "value", "contenteditable", "ismap", "readonly", "async", "autofocus", "autoplay", "checked", "default",
		"defer", "disabled", "hidden", "loop", "multiple", "muted", "open", "required", "reversed", "selected":
		return true
	}
	return false
}
`},
	},
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
