package kit

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Item is one of the many that a Combobox offers.
type Item struct {
	// Value stands for the item, a code for instance.
	Value string
	// Label is shown, and typed into the field when the item is chosen.
	Label string
	// Note is shown beside the label, 東京都 for instance.
	Note string
	// Keys are further words that find it, kana for instance.
	Keys string
}

// shownItems is how many items are drawn at a time.
const shownItems = 50

// Combobox is a choice of one among thousands: it offers what fits as one types. Kana finds kanji through Item.Keys;
// hiragana and katakana are the same to it, also full and half width digits and letters.
type Combobox struct {
	app.Compo

	ID       string
	Label    lang.Text
	Hint     lang.Text
	Error    lang.Text
	Required bool
	Items    []Item
	// Value is that of the chosen item; empty when none is.
	Value string
	// OnSelect is called with the chosen item, and with the zero Item when what is typed is no longer one.
	OnSelect func(ctx app.Context, item Item)
	// Free says what is typed and in no list may be an item all the same; may be nil.
	Free func(typed string) (Item, bool)

	typed  string
	dirty  bool   // typed holds what the person typed, not the label of Value
	was    string // the Value that was drawn last: another one from elsewhere goes before what is typed
	open   bool
	active int
	// proposed says that active is the first because nothing was chosen yet: Enter takes it, an arrow goes to it.
	proposed bool
	matches  []Item
	folded   []string // of Items, made once
	foldOf   *Item    // the first of those
}

func (c *Combobox) text() string {
	if c.dirty {
		return c.typed
	}
	for _, i := range c.Items {
		if i.Value == c.Value && c.Value != "" {
			return i.Label
		}
	}
	return "" // its item is gone
}

// Render draws the field and, while it is open, the first items that fit.
func (c *Combobox) Render() app.UI {
	if c.Value != c.was {
		c.was, c.dirty = c.Value, c.dirty && c.Value == ""
	}
	text := c.text()
	input := app.Input().ID(c.ID).Name(c.ID).Type("text").Class("input").Value(text).
		Attr("role", "combobox").Attr("autocomplete", "off").Attr("spellcheck", "false").Required(c.Required).
		Aria("autocomplete", "list").Aria("expanded", c.open).Aria("controls", c.ID+"-list").
		Aria("describedby", describedBy(c.ID, false)).Aria("invalid", !c.Error.Empty()).
		OnInput(c.onInput).OnKeyDown(c.onKey).OnFocus(c.onFocus).OnBlur(c.onBlur).OnClick(c.onFocus)
	if !c.dirty {
		input = input.DataSet(KeptMark, "") // it is chosen, and the page knows
	}
	if c.open && c.active >= 0 && c.active < len(c.matches) {
		input = input.Aria("activedescendant", c.optionID(c.active))
	}
	shown := c.matches[:min(len(c.matches), shownItems)]
	options := make([]app.UI, 0, len(shown))
	for i, item := range shown {
		options = append(options,
			app.Li().ID(c.optionID(i)).Attr("role", "option").Class("combobox-option").Aria("selected", i == c.active).
				Body(app.Span().Text(item.Label), app.Span().Class("combobox-note").Text(" "+item.Note)).
				OnMouseDown(keepFocus).
				OnClick(func(ctx app.Context, _ app.Event) { c.choose(ctx, item) }, app.EventScope(item.Value)))
	}
	listClass := "combobox-list"
	if !c.open || len(shown) == 0 {
		listClass += " combobox-closed"
	}
	return app.Div().Class(classes("field combobox", invalidClass(c.Error))).Body(
		LabelOf(c.ID, c.Label, c.Required), hintOf(c.ID, c.Hint), ErrorOf(c.ID, c.Error),
		app.Div().Class("combobox-box").Body(
			input,
			app.Ul().ID(c.ID+"-list").Attr("role", "listbox").Aria("label", c.Label.String()).Class(listClass).Body(
				options...,
			),
		),
		app.P().Class("hint").Attr("role", "status").Body(c.status().UI()),
	)
}

func (c *Combobox) status() lang.Text {
	switch n := len(c.matches); {
	case !c.open || c.text() == "":
		return lang.Text{}
	case n == 0:
		return textNothingFound.F(c.text())
	case n > shownItems:
		return textFoundMore.F(n)
	default:
		return textFound.F(n)
	}
}

func (c *Combobox) optionID(i int) string { return c.ID + "-option-" + strconv.Itoa(i) }

func keepFocus(_ app.Context, e app.Event) { e.PreventDefault() }

func (c *Combobox) onInput(ctx app.Context, _ app.Event) {
	c.takeTyped(ctx.JSSrc().Get("value").String())
	if c.Value != "" && c.OnSelect != nil {
		c.OnSelect(ctx, Item{})
	}
}

func (c *Combobox) takeTyped(text string) {
	c.typed, c.dirty, c.open, c.active = text, true, true, -1
	c.find(c.typed)
	c.proposed = len(c.matches) > 0 && c.typed != ""
	if c.proposed {
		c.active = 0
	}
}

func (c *Combobox) onFocus(app.Context, app.Event) {
	if c.open {
		return
	}
	c.open, c.active, c.proposed = true, -1, false
	if c.dirty {
		c.find(c.typed)
	} else {
		c.find("")
	}
}

// onBlur takes what is typed for the item of that name or value, if there is exactly one.
func (c *Combobox) onBlur(ctx app.Context, _ app.Event) {
	if c.dirty {
		var same []Item
		for _, i := range c.Items {
			if typed := fold(c.typed); fold(i.Label) == typed || i.Value == typed {
				same = append(same, i)
			}
		}
		if len(same) == 0 && c.Free != nil {
			if item, is := c.Free(c.typed); is {
				same = []Item{item}
			}
		}
		if len(same) == 1 {
			c.choose(ctx, same[0])
		}
	}
	c.open = false
}

func (c *Combobox) onKey(ctx app.Context, e app.Event) {
	if OfInputMethod(e) {
		return
	}
	last := min(len(c.matches), shownItems) - 1
	switch e.Get("key").String() {
	case "ArrowDown":
		if !c.open {
			c.onFocus(ctx, e)
			last = min(len(c.matches), shownItems) - 1
		}
		c.active = Below(c.active, last, c.proposed)
		c.proposed = false
	case "ArrowUp":
		c.active, c.proposed = max(c.active-1, 0), false
	case "Enter":
		if !c.open || c.active < 0 || c.active > last {
			return
		}
		c.choose(ctx, c.matches[c.active])
	case "Escape":
		if !c.open {
			return
		}
		c.open = false
	default:
		return
	}
	e.PreventDefault()
	c.showActive(ctx)
}

// Below is the option that the arrow down leads to from one that is active. The first may be active as a proposal,
// before any arrow: then the arrow leads to it, as it does where nothing is proposed.
func Below(active, last int, proposed bool) int {
	if proposed {
		return active
	}
	return min(active+1, last)
}

func (c *Combobox) showActive(ctx app.Context) {
	id := c.optionID(c.active)
	ctx.Defer(func(app.Context) {
		if option := app.Window().GetElementByID(id); option.Truthy() {
			option.Call("scrollIntoView", map[string]any{"block": "nearest"})
		}
	})
}

func (c *Combobox) choose(ctx app.Context, item Item) {
	c.typed, c.dirty, c.open, c.Value = item.Label, false, false, item.Value
	if c.OnSelect != nil {
		c.OnSelect(ctx, item)
	}
}

// find sets the matches: those that begin with the text first, then those that contain all its words.
func (c *Combobox) find(text string) {
	if len(c.Items) > 0 && (len(c.folded) != len(c.Items) || c.foldOf != &c.Items[0]) {
		c.folded, c.foldOf = make([]string, len(c.Items)), &c.Items[0]
		for i, item := range c.Items {
			c.folded[i] = fold(item.Label) + "\n" + fold(item.Keys) + "\n" + fold(item.Note)
		}
	}
	words := strings.Fields(fold(text))
	c.matches = c.matches[:0:0]
	var later []Item
	for i, item := range c.Items {
		switch {
		case len(words) == 0 || len(words) == 1 && begins(c.folded[i], words[0]):
			c.matches = append(c.matches, item)
		case containsAll(c.folded[i], words):
			later = append(later, item)
		}
	}
	c.matches = append(c.matches, later...)
}

func begins(folded, word string) bool {
	return strings.HasPrefix(folded, word) || strings.Contains(folded, "\n"+word)
}

func containsAll(folded string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(folded, w) {
			return false
		}
	}
	return true
}

// fold makes what a person takes for the same the same: hiragana for katakana, large for small kana, as banks write
// them, narrow for wide digits and letters, lower case.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'ァ' && r <= 'ヶ':
			return large(r - 'ァ' + 'ぁ')
		case r >= 'ぁ' && r <= 'ゎ':
			return large(r)
		case r == '－' || r == '-':
			return 'ー'
		case r >= '！' && r <= '～':
			return unicode.ToLower(r - '！' + '!')
		case r == '　':
			return ' '
		}
		return unicode.ToLower(r)
	}, s)
}

// large is the large one of a small kana; each stands after its small one.
func large(r rune) rune {
	if strings.ContainsRune("ぁぃぅぇぉっゃゅょゎ", r) {
		return r + 1
	}
	return r
}
