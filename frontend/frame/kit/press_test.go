package kit

import (
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// thing is an element that can be pressed; a label has its field.
type thing struct {
	app.Value
	name  string
	field *thing
}

func (t *thing) Truthy() bool                  { return t != nil }
func (t *thing) Equal(other app.Value) bool    { return other == app.Value(t) }
func (t *thing) Call(string, ...any) app.Value { return t } // closest
func (t *thing) Get(name string) app.Value {
	if name == "control" && t.field != nil {
		return t.field
	}
	return given{whole: name == "closest"}
}

// stopped notes that an event goes no further.
type stopped struct {
	given
	yes *bool
}

func (s stopped) Call(string, ...any) app.Value {
	*s.yes = true
	return nil
}

func TestASecondPressIsOfWhatTheFirstWasOn(t *testing.T) {
	next, other := &thing{name: "next"}, &thing{name: "other"}
	field := &thing{name: "field"}
	label := &thing{name: "label", field: field}
	type press struct {
		on     *thing
		detail int
		at     int
		key    string // pressed before
		goes   bool
	}
	for name, list := range map[string][]press{
		"two clicks on one thing": {
			{on: next, detail: 1, goes: true},
			{on: next, detail: 2, at: 90, goes: true},
		},
		"the second click on what has come": {
			{on: next, detail: 1, goes: true},
			{on: other, detail: 2, at: 90},
			{on: other, detail: 1, at: 900, goes: true},
		},
		"a third click": {
			{on: next, detail: 1, goes: true},
			{on: other, detail: 2, at: 90},
			{on: other, detail: 3, at: 180},
		},
		"a label and its field": {
			{on: label, detail: 1, goes: true},
			{on: field, detail: 1, goes: true},
			{on: label, detail: 2, at: 90, goes: true},
		},
		"a key on what has the focus now": {
			{on: next, goes: true},
			{on: other, at: 90},
			{on: other, at: 2000, goes: true},
		},
		"a key after the person moved on": {
			{on: next, goes: true},
			{on: other, at: 90, key: "Tab", goes: true},
		},
		"a key on the same thing": {
			{on: next, goes: true},
			{on: next, at: 90, key: "Enter", goes: true},
		},
		"another key on what has come": {
			{on: next, goes: true},
			{on: other, at: 90, key: " "},
		},
		"digits between, and then the press": {
			{on: next, goes: true},
			{on: other, at: 90, key: "4", goes: true},
		},
	} {
		p := &presses{}
		for i, c := range list {
			if c.key != "" {
				p.key(event(map[string]any{"key": c.key}))
			}
			var ignored bool
			p.click(app.Event{Value: stopped{given{parts: map[string]any{
				"isTrusted": true, "target": c.on, "detail": c.detail, "timeStamp": 1000 + c.at,
			}}, &ignored}})
			if ignored == c.goes {
				t.Errorf("%s: press %d on %s is ignored: %v", name, i+1, c.on.name, ignored)
			}
		}
	}
	p, ignored := &presses{}, false
	for _, on := range []*thing{next, other} { // a program presses as fast as it likes
		p.click(app.Event{
			Value: stopped{given{parts: map[string]any{"isTrusted": false, "target": on, "timeStamp": 1000}}, &ignored},
		})
	}
	if ignored {
		t.Error("what a program presses is ignored")
	}
}

func TestAnEnterHeldDownIsOnePress(t *testing.T) {
	button := &thing{name: "button"}
	for _, c := range []struct {
		key     string
		repeat  bool
		ignored bool
	}{{"Enter", false, false}, {"Enter", true, true}, {"a", true, false}} {
		var ignored bool
		(&presses{}).key(app.Event{
			Value: stopped{given{parts: map[string]any{"key": c.key, "repeat": c.repeat, "target": button}}, &ignored},
		})
		if ignored != c.ignored {
			t.Errorf("%s, repeated %v: ignored %v", c.key, c.repeat, ignored)
		}
	}
}
