package place

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/helpline"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/words"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

const (
	// typingPause is how long the field waits for another key before it asks.
	typingPause = 120 * time.Millisecond
	// begunPause is how long it waits for what may be words of distress that are not whole yet: they are sent to
	// nobody.
	begunPause = 1200 * time.Millisecond
	// shownPlaces is how many matches are asked for.
	shownPlaces = 20
)

// Chooser is the field for a place: one line that takes a postal code, a name or kana, the matches as a list, and the
// place once it is chosen. It remembers the choice on the device. Put it into a Body as it is, and set Current from
// what OnChoose was given.
type Chooser struct {
	app.Compo

	// ID is that of the input; the button to change is ID-change, the name of the chosen place ID-chosen.
	ID string
	// Label and Hint have words for the place one lives in when empty.
	Label lang.Text
	Hint  lang.Text
	// Error is what is wrong and how to mend it; empty when nothing is.
	Error lang.Text
	// Stay is for a field of a form that asks for more: it must be filled in, and nothing in it leads to another page.
	// What is chosen is the form's, and the device does not remember it.
	Stay bool
	// AtMap: the map stands below it, and no way leads there.
	AtMap bool
	// Current is the chosen place; nil shows the field.
	Current  *portalv1.Place
	OnChoose func(ctx app.Context, p *portalv1.Place)
	// AllowPrefecture lets a whole prefecture be chosen; without it a prefecture leads to the list of its
	// municipalities.
	AllowPrefecture bool
	// Elsewhere: the place is not the person's own, and the device does not remember it.
	Elsewhere bool
	// Next is where the map and the lists lead back to, with place=CODE; the address of this page when empty. Adds has
	// the place join those in its query instead of replacing them; such a place is not remembered, any other is.
	Next string
	Adds bool

	visit      ask.Visit
	found      ask.Question
	account    ask.Question
	active     int  // the option that the arrow keys are at; -1 is none
	proposed   bool // active is the first before any arrow key led there
	typed      string
	composing  bool // an input method is at work: the end of typed may be no word yet
	turn       int  // counts what was typed, so that what was typed before is not asked for after a pause
	waiting    bool // for another key, or the answer
	enter      bool // Enter was pressed before the answer came
	answer     *portalv1.FindPlacesResponse
	asked      string // what answer is for
	failure    trouble.Message
	open       bool
	changing   bool // the field is shown although a place is chosen
	registered *portalv1.Municipality
	citizen    bool
	// distress is what the words speak of that somebody typed here; they are sent to nobody.
	distress []distress.Kind
}

// OnInit starts without an option chosen beforehand.
func (c *Chooser) OnInit() { c.active = -1 }

// OnMount learns the municipality that the person registered, if somebody is logged in.
func (c *Chooser) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	shell.Watch(ctx, c.watchSession)
	c.watchSession(ctx)
}

// OnDismount gives up a search that is under way.
func (c *Chooser) OnDismount() { c.visit.End() }

func (c *Chooser) watchSession(app.Context) {
	citizen := !c.Stay && shell.CurrentSession().State == shell.CitizenState
	if citizen == c.citizen {
		return
	}
	c.citizen, c.registered = citizen, nil
	if !citizen {
		return
	}
	Registered(&c.visit, &c.account, func(m *portalv1.Municipality) { // without an answer there is no button
		if c.citizen {
			c.registered = m
		}
	})
}

// Render draws the place that is chosen, or the field.
func (c *Chooser) Render() app.UI {
	chosen := c.Current != nil && !c.changing
	class := "field place-chooser"
	if !c.Error.Empty() {
		class += " field-invalid"
	}
	return app.Div().Class(class).Body(
		app.Div().Class("place-chosen").Hidden(!chosen).Body(c.chosen()...),
		app.Div().Class("place-search").Hidden(chosen).Body(c.search()...),
	)
}

func (c *Chooser) label() lang.Text {
	if c.Label.Empty() {
		return textLabel
	}
	return c.Label
}

func (c *Chooser) hint() lang.Text {
	if c.Hint.Empty() {
		return textHint
	}
	return c.Hint
}

func (c *Chooser) chosen() []app.UI {
	if c.Current == nil {
		return nil
	}
	return []app.UI{
		c.label().P("label"),
		app.Div().Class("place-chosen-line").Body(
			app.P().ID(c.ID+"-chosen").Class("place-chosen-name").Body(kit.Icon(kit.IconPlace),
				FullName(c.Current).UI()),
			kit.Button{ID: c.ID + "-change", Label: textChange, DescribedBy: c.ID + "-chosen", OnPress: c.change}.UI(),
		),
		app.Div().Class("hint").Body(became(c.Current).UI()),
	}
}

func (c *Chooser) search() []app.UI {
	shown := c.shown()
	open := c.open && len(shown) > 0
	input := app.Input().ID(c.ID).Name(c.ID).Type("text").Class("input").Value(c.typed).
		Attr("role", "combobox").Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("spellcheck", "false").
		Attr("enterkeyhint", "search").
		Aria("autocomplete", "list").Aria("expanded", open).Aria("controls", c.ID+"-list").
		Aria("describedby", c.ID+"-hint "+c.ID+"-error").Aria("invalid", !c.Error.Empty()).
		OnInput(c.onInput).On("compositionend", c.onComposed).OnKeyDown(c.onKey).OnFocus(c.onFocus).OnClick(c.onFocus).
		OnBlur(c.onBlur)
	if open && c.active >= 0 && c.active < len(shown) {
		input = input.Aria("activedescendant", c.optionID(c.active))
	}
	options := make([]app.UI, len(shown))
	for i, p := range shown {
		options[i] = c.option(i, p)
	}
	listClass, popupClass := "combobox-list", "place-popup place-popup-open"
	if !open {
		listClass, popupClass = "combobox-list combobox-closed", "place-popup"
	}
	label := app.UI(app.Label().ID(c.ID + "-label").For(c.ID).Class("label").Body(c.label().UI()))
	if c.Stay {
		label = kit.LabelOf(c.ID, c.label(), true)
	}
	return []app.UI{
		label,
		app.P().ID(c.ID + "-hint").Class("hint").Body(c.hint().UI()),
		kit.ErrorOf(c.ID, c.Error),
		app.Div().Class("combobox-box").Body(
			input,
			app.Div().Class(popupClass).Body(
				app.P().Class(c.statusClass()).Attr("role", "status").Body(c.status().UI()),
				app.Ul().ID(c.ID+"-list").Attr("role", "listbox").Aria("label", c.label().String()).Class(listClass).
					Body(options...),
			),
		),
		app.Div().Body(helpline.Answer{Kinds: c.distress, Erase: c.erase}.UI()),
		app.Div().Class("place-failure").Body(c.failure.Banner(c.ID+"-failure"), app.Div().Body(c.again())),
		app.Div().Class(c.waysClass()).Body(c.ways()...),
	}
}

func (c *Chooser) option(i int, p *portalv1.Place) app.UI {
	note := make([]app.UI, 0, 5)
	if p.GetPrefecture() != "" {
		note = append(note, prefectureName(p).Span(""))
	}
	if p.GetKana() != "" && lang.Current() != lang.Easy {
		note = append(note, app.Span().Text(hiragana(p.GetKana())))
	}
	if p.GetTown() != "" {
		note = append(note, app.Span().Text(p.GetTown()))
	}
	if p.GetFormer() != nil {
		note = append(note, textFormer.F(formerName(p)).Span(""))
	}
	if c.leadsOn(p) {
		note = append(note, textWithin.Span(""))
	}
	return app.Li().ID(c.optionID(i)).Attr("role", "option").Class("combobox-option").Aria("selected", i == c.active).
		Body(
			Name(p).Span("place-option-name"),
			app.Span().Class("combobox-note place-option-note").Body(note...),
		).OnMouseDown(keepFocus).OnClick(func(app.Context, app.Event) { c.choose(p) },
		app.EventScope(p.GetCode(), p.GetTown()))
}

func keepFocus(_ app.Context, e app.Event) { e.PreventDefault() }

// ways are the other ways to a place, below the field.
// waysClass says whether the way by the registered municipality may still come: it has its place then.
func (c *Chooser) waysClass() string {
	if c.citizen && c.registered == nil && !c.account.Busy {
		return "place-ways"
	}
	return "place-ways place-ways-two"
}

func (c *Chooser) ways() []app.UI {
	byMap, registered, keep := app.UI(app.Span()), app.UI(app.Span()), app.UI(app.Span())
	if !c.Stay && !c.AtMap {
		byMap = kit.Link{ID: c.ID + "-map", Label: textByMap, Href: c.errand().at(placesPath)}.UI()
	}
	if c.registered != nil && c.registered.GetCode() != c.Current.GetCode() {
		name := Name(Of(c.registered))
		registered = kit.Button{
			ID: c.ID + "-registered", Label: textRegistered.F(name), Kind: kit.TextOnly, Icon: kit.IconPerson,
			OnPress: c.useRegistered,
		}.UI()
	}
	if c.Current != nil {
		keep = kit.Button{ID: c.ID + "-keep", Label: textKeep, Kind: kit.TextOnly, OnPress: c.keep}.UI()
	}
	return []app.UI{app.Div().Body(byMap), app.Div().Body(registered), app.Div().Body(keep)}
}

func (c *Chooser) again() app.UI {
	if !c.failure.Is() || c.typed == "" {
		return app.Span()
	}
	return kit.Button{ID: c.ID + "-again", Label: textAgain, Icon: kit.IconRefresh, OnPress: func(app.Context) {
		c.typing(c.typed)
		kit.Focus(c.visit.Page, c.ID)
	}}.UI()
}

// errand is what the map and the lists are to do for this field.
func (c *Chooser) errand() errand {
	e := errand{next: c.Next, adds: c.Adds, narrow: !c.AllowPrefecture}
	if here := app.Window().URL(); e.next == "" && here.Path != "" {
		e.next = here.Path
		if here.RawQuery != "" {
			e.next += "?" + here.RawQuery
		}
	}
	return e
}

// shown are the matches. A search is narrowed by typing more, so the answer for what was typed before stays until the
// next one comes.
func (c *Chooser) shown() []*portalv1.Place {
	if !c.Stay {
		return c.answer.GetPlaces()
	}
	return slices.DeleteFunc(slices.Clone(c.answer.GetPlaces()), c.leadsOn)
}

// leadsOn says that a match is no choice itself but a list to choose from.
func (c *Chooser) leadsOn(p *portalv1.Place) bool {
	return p.GetKind() == portalv1.Place_KIND_PREFECTURE && !c.AllowPrefecture
}

func (c *Chooser) optionID(i int) string { return c.ID + "-option-" + strconv.Itoa(i) }

// several is how many municipalities the typed postal code means, when it means more than one.
func (c *Chooser) several() int {
	if !c.answer.GetPostalCode() {
		return 0
	}
	codes := map[string]bool{}
	for _, p := range c.answer.GetPlaces() {
		codes[p.GetCode()] = true
	}
	if len(codes) < 2 {
		return 0
	}
	return len(codes)
}

// asks says that which of several places is meant is a question, and nothing is chosen beforehand.
func (c *Chooser) asks() bool { return c.several() > 0 || c.answer.GetSameName() > 1 }

func (c *Chooser) status() lang.Text {
	found := len(c.shown())
	switch several := c.several(); {
	case tooLong(c.typed):
		return textTooLong
	case c.waiting && c.answer == nil:
		return textSearching
	case c.answer == nil:
		return lang.Text{}
	case several > 0:
		return textSeveral.F(lang.Things(several))
	case c.answer.GetUnknownPostalCode():
		return textNoSuchCode.F(c.asked)
	case found == 0 && c.composing:
		return lang.Text{}
	case found == 0 && len(c.answer.GetPlaces()) > 0:
		return textNeedsTown
	case found == 0:
		return textNone.F(c.asked)
	case c.answer.GetSameName() > 1:
		return textSameName.F(c.asked, lang.Things(int(c.answer.GetSameName())))
	case !c.open:
		return lang.Text{}
	case c.shown()[0].GetFormer() != nil:
		return c.told()
	case len(c.answer.GetPlaces()) >= shownPlaces:
		return textFoundMore.F(found)
	}
	return textFound.F(found)
}

func (c *Chooser) statusClass() string {
	if c.waiting && c.answer == nil && !tooLong(c.typed) {
		return "hint place-status place-status-waiting"
	}
	return "hint place-status"
}

func tooLong(typed string) bool { return utf8.RuneCountInString(typed) > rule.MaxPlaceTyped }

func (c *Chooser) onInput(ctx app.Context, e app.Event) {
	c.composing = e.Get("isComposing").Truthy()
	c.typing(ctx.JSSrc().Get("value").String())
}

func (c *Chooser) onComposed(ctx app.Context, _ app.Event) {
	c.composing = false
	if value := ctx.JSSrc().Get("value").String(); value != c.typed || queryOf(value, false) != c.asked {
		c.typing(value)
	}
}

// typing takes what is in the field now.
func (c *Chooser) typing(value string) {
	c.giveUp()
	c.typed, c.open, c.active, c.proposed, c.enter, c.failure = value, true, -1, false, false, trouble.Message{}
	query := queryOf(value, c.composing)
	c.distress = distress.Find(query)
	if query == "" || tooLong(value) || len(c.distress) > 0 {
		c.answer, c.asked = nil, ""
		return
	}
	c.waiting = true
	turn, wait := c.turn, typingPause
	if distress.Begun(query) {
		wait = begunPause
	}
	c.visit.Page.After(wait, func(app.Context) {
		if turn == c.turn {
			c.ask(query)
		}
	})
}

// queryOf is what to search for. While an input method is at work, Latin letters at the end are a syllable that is not
// complete.
func queryOf(value string, composing bool) string {
	return strings.TrimSpace(words.Complete(value, composing))
}

// giveUp ends the search that is under way, and has its answer left out.
func (c *Chooser) giveUp() {
	c.turn++
	c.waiting = false
	c.found.Drop()
}

func (c *Chooser) ask(query string) {
	request := &portalv1.FindPlacesRequest{Query: query, Limit: shownPlaces}
	ask.For(&c.visit, &c.found, rpc.To(portalv1web.NewPlaceService).FindPlaces, request,
		func(_ app.Context, response *portalv1.FindPlacesResponse, err error) {
			c.take(query, response, err)
		})
}

// take shows an answer.
func (c *Chooser) take(query string, response *portalv1.FindPlacesResponse, err error) {
	c.waiting, c.asked = false, query
	if err != nil {
		c.answer, c.failure = nil, trouble.Words(err)
		return
	}
	know(response.GetPlaces())
	c.answer, c.failure, c.active, c.proposed = response, trouble.Message{}, -1, false
	shown := c.shown()
	if len(shown) == 0 || c.asks() {
		return // which of several is a question; nothing is chosen beforehand
	}
	c.active, c.proposed = 0, true
	if c.enter && len(shown) == 1 {
		c.choose(shown[0])
	}
}

func (c *Chooser) onFocus(app.Context, app.Event) { c.open = true }

// onBlur closes the list, but not the question which of several places is meant.
func (c *Chooser) onBlur(app.Context, app.Event) { c.open = c.asks() }

func (c *Chooser) onKey(_ app.Context, e app.Event) {
	if !kit.OfInputMethod(e) && c.press(e.Get("key").String()) {
		e.PreventDefault()
	}
}

// press does what a key asks for, and says whether it was for the list.
func (c *Chooser) press(key string) bool {
	shown := c.shown()
	switch key {
	case "ArrowDown":
		c.active = kit.Below(c.active, len(shown)-1, c.proposed)
		c.open, c.proposed = true, false
	case "ArrowUp":
		c.active = max(c.active-1, min(0, len(shown)-1))
		c.open, c.proposed = true, false
	case "Enter":
		typed := c.typed != ""
		switch {
		case c.waiting:
			c.enter = true
		case c.open && c.active >= 0 && c.active < len(shown):
			c.choose(shown[c.active])
		}
		return typed
	case "Escape":
		if c.open && len(shown) > 0 {
			c.open = false
			return true
		}
		if c.Current == nil || !c.changing {
			return false
		}
		c.keep(c.visit.Page)
	default:
		return false
	}
	c.showActive()
	return true
}

func (c *Chooser) showActive() {
	id := c.optionID(c.active)
	c.visit.Page.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		if option := app.Window().GetElementByID(id); option.Truthy() {
			option.Call("scrollIntoView", map[string]any{"block": "nearest"})
		}
	})
}

func (c *Chooser) choose(p *portalv1.Place) {
	if c.leadsOn(p) {
		c.visit.Page.Navigate(c.errand().at(placesPath + "/" + p.GetCode()[:2]))
		return
	}
	c.clear()
	c.Current = p
	if !c.Elsewhere && !c.Stay {
		Remember(p)
	}
	kit.Focus(c.visit.Page, c.ID+"-change")
	if c.OnChoose != nil {
		c.OnChoose(c.visit.Page, p)
	}
}

// clear makes the field as it was before anything was typed.
func (c *Chooser) clear() {
	c.giveUp()
	c.typed, c.answer, c.asked, c.open, c.changing, c.failure, c.distress = "", nil, "", false, false,
		trouble.Message{}, nil
	kit.SetValue(c.visit.Page, c.ID, "")
}

func (c *Chooser) erase(app.Context) {
	c.typing("")
	kit.SetValue(c.visit.Page, c.ID, "")
	kit.Focus(c.visit.Page, c.ID)
}

func (c *Chooser) change(app.Context) {
	c.changing = true
	kit.Focus(c.visit.Page, c.ID)
}

func (c *Chooser) keep(app.Context) {
	c.clear()
	kit.Focus(c.visit.Page, c.ID+"-change")
}

func (c *Chooser) useRegistered(app.Context) {
	m := c.registered
	if m == nil {
		return
	}
	c.giveUp()
	Resolve(&c.visit, &c.found, m.GetCode(), func(_ app.Context, p *portalv1.Place, err error) {
		if err != nil {
			c.failure = trouble.Words(err)
			return
		}
		c.choose(p)
	})
}
