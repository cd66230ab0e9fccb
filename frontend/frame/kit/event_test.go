package kit

import (
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// given is an event, or a part of one, as a browser tells it.
type given struct {
	app.Value
	parts map[string]any
	whole any
}

func event(parts map[string]any) app.Event { return app.Event{Value: given{parts: parts}} }

func (g given) Get(name string) app.Value {
	if v, is := g.parts[name].(app.Value); is {
		return v
	}
	return given{whole: g.parts[name]}
}
func (g given) Int() int       { return g.whole.(int) }
func (g given) String() string { return g.whole.(string) }

func (g given) Call(string, ...any) app.Value { return nil } // preventDefault

func (g given) Truthy() bool {
	return g.whole != nil && g.whole != false && g.whole != 0 && g.whole != ""
}

func (g given) Type() app.Type {
	switch g.whole.(type) {
	case int:
		return app.TypeNumber
	case bool:
		return app.TypeBoolean
	case string:
		return app.TypeString
	}
	return app.TypeUndefined
}

// page lends its context.
type page struct {
	app.Compo
	ctx app.Context
}

func (p *page) OnPreRender(ctx app.Context) { p.ctx = ctx }
func (p *page) Render() app.UI              { return app.Div() }

func open(t *testing.T) (app.Context, app.TestEngine) {
	t.Helper()
	p := &page{}
	engine := app.NewTestEngine()
	if err := engine.Load(p); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return p.ctx, engine
}

func TestOnePressUntilTheButtonIsDrawnAnew(t *testing.T) {
	send, engine := open(t)
	other, _ := open(t)
	var sent, others int
	press := func(ctx app.Context, detail any, count *int) {
		Once(ctx, event(map[string]any{"detail": detail}), func(app.Context) { *count++ })
	}
	press(send, 1, &sent)
	press(send, 1, &sent)
	press(send, 0, &sent)
	press(send, nil, &sent)
	press(other, 0, &others)
	if sent != 1 || others != 1 {
		t.Errorf("pressed %d times, and another %d", sent, others)
	}
	engine.ConsumeAll()
	press(send, 2, &sent)
	if sent != 1 {
		t.Error("the second press of a double click counts")
	}
	press(send, 1, &sent)
	if sent != 2 {
		t.Error("the button is dead")
	}
}

// A button that its own press takes away is forgotten.
func TestAButtonThatWentIsForgotten(t *testing.T) {
	clear(pressed)
	gone, _ := open(t)
	Once(gone, event(nil), func(app.Context) {})
	pressed[&page{}] = true
	next, engine := open(t)
	Once(next, event(nil), func(app.Context) {})
	if len(pressed) != 2 { // those that are still there
		t.Errorf("%d are held", len(pressed))
	}
	if engine.ConsumeAll(); pressed[next.Src()] {
		t.Error("held although it was drawn anew")
	}
}

func TestKeysOfInputMethods(t *testing.T) {
	for _, c := range []struct {
		key  map[string]any
		want bool
	}{
		{map[string]any{"key": "Enter", "isComposing": true, "keyCode": 229}, true},
		{map[string]any{"key": "Enter", "isComposing": true, "keyCode": 13}, true},
		{map[string]any{"key": "Enter", "isComposing": false, "keyCode": 229}, true}, // Safari
		{map[string]any{"key": "Enter", "isComposing": false, "keyCode": 13}, false},
		{map[string]any{}, false}, // filled in by the browser
	} {
		if got := OfInputMethod(event(c.key)); got != c.want {
			t.Errorf("%v: %v", c.key, got)
		}
	}
}

func TestComboboxLeavesEnterToTheInputMethod(t *testing.T) {
	ctx, _ := open(t)
	c := places()
	c.typed, c.dirty, c.open = "府中", true, true
	c.find(c.typed)
	c.onKey(ctx, event(map[string]any{"key": "Enter", "isComposing": false, "keyCode": 229}))
	if c.Value != "" {
		t.Errorf("%s is chosen while the person still converts", c.Value)
	}
}

func TestTheArrowLeadsToTheFirstOption(t *testing.T) {
	ctx, _ := open(t)
	key := func(c *Combobox, keys ...string) string {
		for _, k := range keys {
			c.onKey(ctx, event(map[string]any{"key": k}))
		}
		return c.Value
	}
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"Enter"}, "132063"}, {[]string{"ArrowDown", "Enter"}, "132063"},
		{[]string{"ArrowDown", "ArrowDown", "Enter"}, "342084"},
		{[]string{"ArrowDown", "ArrowDown", "ArrowDown", "Enter"}, "342084"},
		{[]string{"ArrowDown", "ArrowDown", "ArrowUp", "Enter"}, "132063"},
	} {
		box := places()
		box.takeTyped("府中")
		if got := key(box, c.keys...); got != c.want {
			t.Errorf("%v choose %s, want %s", c.keys, got, c.want)
		}
	}
	untyped := places()
	if got := key(untyped, "ArrowDown", "Enter"); got != "131105" {
		t.Errorf("an arrow opens the list and leads to %s", got)
	}
}
