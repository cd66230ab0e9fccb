package procedure

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

const (
	comparePath = "/procedures/compare"
	// comparePages bounds how much of the catalogue is offered to choose from: far more than it holds.
	comparePages    = 5
	comparePageSize = 100

	compareChooserID = "compare-place"
	compareResultID  = "compare-result"
	comparePlacesID  = "compare-places"
)

var (
	textCompareTitle   = lang.New("自治体をくらべる", "Compare places", "市区町村《しくちょうそん》を くらべる")
	textCompareOf      = lang.New("くらべる: %s", "Compare: %s", "くらべる: %s")
	textCompareLead    = lang.New("同じ手続を、4つまでの自治体で並べて見られます。引っ越しを考えているときなどにどうぞ。", "See the same procedure in up to four places side by side, for instance when you think of moving.", "同《おな》じ 手続《てつづき》を、4つまでの ところで くらべます。引《ひ》っ越《こ》しを 考《かんが》えている ときなどに 使《つか》えます。")
	textCompareWhat    = lang.New("何をくらべますか", "What to compare", "何《なに》を くらべますか")
	textCompareOne     = lang.New("手続を選ぶ", "Choose a procedure", "手続《てつづき》を 選《えら》ぶ")
	textCompareOneHint = lang.New("手続の名前の一部を入力してください。例: 児童手当", "Type a part of its name: child allowance", "手続《てつづき》の 名前《なまえ》を 少《すこ》し 書《か》いてください")
	textCompareEvent   = lang.New("または、くらしの出来事を選ぶ", "Or choose an event of life", "それか、くらしの できごとを 選《えら》ぶ")
	textCompareEventIn = lang.New("その出来事で必要になる手続を、まとめてくらべます。", "Compares all the procedures that it brings.", "その ときに いる 手続《てつづき》を 全部《ぜんぶ》 くらべます。")
	textCompareNone    = lang.New("選んでください", "Please choose", "選《えら》んでください")
	textCompareOther   = lang.New("ほかの手続をくらべる", "Compare something else", "ほかの 手続《てつづき》を くらべる")
	textComparePlaces  = lang.New("くらべる自治体", "Places to compare", "くらべる ところ")
	textCompareFirst   = lang.New("1つ目の自治体", "The first place", "1つ目《め》の 市区町村《しくちょうそん》")
	textCompareSecond  = lang.New("2つ目の自治体", "The second place", "2つ目《め》の 市区町村《しくちょうそん》")
	textCompareAdd     = lang.New("自治体を加える（4つまで）", "Add a place (up to four)", "市区町村《しくちょうそん》を 増《ふ》やす（4つまで）")
	textCompareFull    = lang.New("4つ選びました。ほかをくらべるには、どれかをはずしてください。", "Four are chosen. Remove one to compare another.", "4つ 選《えら》びました。ほかを 見《み》るには、1つ はずしてください。")
	textCompareTwice   = lang.New("%sはもう選ばれています", "%s is chosen already", "%sは もう あります")
	textCompareRemove  = lang.New("%sをはずす", "Remove %s", "%sを はずす")
	textCompareOneMore = lang.New("もう1つ選ぶと、ちがいがわかります。", "Choose one more to see the differences.", "もう1つ 選《えら》ぶと、ちがいが わかります。")

	textCompareCount   = lang.New("%d項目のうち%d項目にちがいがあります", "%d items, %d of them differ", "%dこの うち %dこが ちがいます")
	textCompareSame    = lang.New("%d項目をくらべました。ちがいはありません", "%d items compared. There are no differences", "%dこ くらべました。全部《ぜんぶ》 同《おな》じです")
	textCompareOnly    = lang.New("ちがうところだけ表示", "Show differences only", "ちがう ところだけ 見《み》る")
	textCompareDiffers = lang.New("ちがい", "Differs", "ちがい")
	textCompareOwn     = lang.New("（すべての自治体にあるものではありません）", "(not in every place)", "（ない ところも あります）")
	textCompareLegend  = lang.New("「≠ ちがい」は、くらべた自治体の間で内容がちがうところです。「＋」は、すべての自治体にあるわけではないものです。", "“≠ Differs” marks what is not the same in the places compared. “+” marks what not every place asks for.", "「≠ ちがい」は、同《おな》じでは ない ところです。「＋」は、ない ところも ある ものです。")
	textCompareOwnNote = lang.New("担当・住所・電話は自治体ごとに別なので、ちがいに数えません。", "Departments, addresses and telephone numbers are each place's own and not counted.", "担当《たんとう》・住所《じゅうしょ》・電話《でんわ》は、数《かぞ》えません。")
	textCompareItem    = lang.New("項目", "Item", "くらべる こと")
	textCompareTable   = lang.New("くらべた表。横に動かせます", "The comparison; it can be scrolled sideways", "くらべた 表《ひょう》。横《よこ》に 動《うご》きます")
	textCompareBlank   = lang.New("記載なし", "Not stated", "書《か》いてありません")
	textCompareEmpty   = lang.New("くらべる手続がありません。", "There is nothing to compare.", "くらべる 手続《てつづき》が ありません。")
	textCompareLost    = lang.New("選んだ自治体か手続が見つかりませんでした", "A place or the procedure was not found", "選《えら》んだ ものが 見《み》つかりません")
	textCompareLostDo  = lang.New("上の「くらべる自治体」からはずすか、ほかの手続を選んでください。", "Remove the place above, or choose another procedure.", "上《うえ》から はずすか、ほかの 手続《てつづき》を 選《えら》んでください。")

	textCompareIsThere  = lang.New("登録", "Registered", "まどぐちに あるか")
	textCompareYes      = lang.New("登録あり", "Registered", "あります")
	textCompareNo       = lang.New("登録なし（全国共通の内容）", "Not registered (what holds nationally)", "ありません（日本《にほん》 全部《ぜんぶ》で 同《おな》じ こと）")
	textCompareName     = lang.New("手続名", "Name", "名前《なまえ》")
	textCompareHow      = lang.New("申請の方法", "How to apply", "やりかた")
	textCompareSign     = lang.New("電子署名", "Signature", "電子署名《でんししょめい》")
	textCompareDeadline = lang.New("期限", "Deadline", "いつまで")
)

// compareQuery is what an address asks to compare.
type compareQuery struct {
	places     []string
	definition string
	event      string
	differing  bool
}

// compareParse reads ?definition=P0012&place=131105&place=131041&diff=1. What cannot be meant is left out, and so is a place named twice.
func compareParse(values url.Values) compareQuery {
	var q compareQuery
	for _, code := range values["place"] {
		if rule.PlaceCode(code) && !slices.Contains(q.places, code) && len(q.places) < rule.ComparedPlaces {
			q.places = append(q.places, code)
		}
	}
	if definition := values.Get("definition"); rule.ProcedureNumber(definition) {
		q.definition = definition
	}
	if event := values.Get("event"); q.definition == "" && event != "" && len(event) <= 20 && strings.Trim(event, "abcdefghijklmnopqrstuvwxyz") == "" {
		q.event = event
	}
	q.differing = values.Get("diff") == "1"
	return q
}

// address is the other way round.
func (q compareQuery) address() string {
	values := url.Values{}
	if q.definition != "" {
		values.Set("definition", q.definition)
	}
	if q.event != "" {
		values.Set("event", q.event)
	}
	for _, code := range q.places {
		values.Add("place", code)
	}
	if q.differing {
		values.Set("diff", "1")
	}
	if len(values) == 0 {
		return comparePath
	}
	return comparePath + "?" + values.Encode()
}

func (q compareQuery) with(code string) compareQuery {
	q.places = append(slices.Clone(q.places), code)
	return q
}

func (q compareQuery) without(code string) compareQuery {
	q.places = slices.DeleteFunc(slices.Clone(q.places), func(other string) bool { return other == code })
	return q
}

// of is the same places for something else; nothing is to be chosen when it is empty.
func (q compareQuery) of(definition, event string) compareQuery {
	q.definition, q.event = definition, event
	return q
}

// chosen says that there is something to compare.
func (q compareQuery) chosen() bool { return q.definition != "" || q.event != "" }

func (q compareQuery) equal(other compareQuery) bool {
	return q.definition == other.definition && q.event == other.event && slices.Equal(q.places, other.places)
}

// compare lays places side by side.
type compare struct {
	app.Compo

	ctx     app.Context
	turn    int // counts what was asked, so that a late answer for something else is left out
	opened  bool
	query   compareQuery
	name    lang.Text // of what is compared; empty until it is known
	places  map[string]*portalv1.Place
	answer  *portalv1.CompareProceduresResponse
	nothing bool // the event has no procedures to compare
	busy    bool
	failure trouble.Message

	choices []kit.Item
	events  []*portalv1.LifeEvent
	listing bool
}

func newCompare() app.Composer { return &compare{places: map[string]*portalv1.Place{}} }

// OnMount follows the shell and compares what the address asks for.
func (c *compare) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	c.ctx = ctx
	if !app.IsServer {
		c.open(ctx)
	}
}

// OnNav compares anew after a place was added or removed.
func (c *compare) OnNav(ctx app.Context) {
	if !app.IsServer {
		c.open(ctx)
	}
}

func (c *compare) open(ctx app.Context) {
	query := compareParse(ctx.Page().URL().Query())
	if c.opened && query.equal(c.query) {
		c.query = query
		return
	}
	before := c.query
	if c.opened && len(query.places) < len(before.places) {
		kit.Focus(ctx, comparePlacesID+"-title") // the link that was pressed is gone
	}
	if query.definition != before.definition || query.event != before.event {
		c.name = lang.Text{}
	}
	c.opened, c.query, c.answer, c.nothing = true, query, nil, false
	c.load(ctx)
}

func (c *compare) load(app.Context) {
	c.turn++
	c.failure, c.busy = trouble.Message{}, false
	if !c.query.chosen() {
		shell.SetTitle(textCompareTitle)
		c.resolve()
		c.list()
		return
	}
	ctx, turn, query := c.ctx, c.turn, c.query
	c.busy = true
	ctx.Async(func() {
		result := compareAsk(query)
		ctx.Dispatch(func(ctx app.Context) {
			if turn != c.turn {
				return
			}
			c.take(ctx, result)
		})
	})
}

// compareResult is what the portal says.
type compareResult struct {
	name    lang.Text
	answer  *portalv1.CompareProceduresResponse
	nothing bool
	err     error
}

// compareAsk fetches the comparison; without a place only the name of what is to be compared.
func compareAsk(query compareQuery) compareResult {
	definitions := []string{query.definition}
	var result compareResult
	switch {
	case query.event != "":
		plan, err := rpc.Guide().PlanLifeEvent(context.Background(), &portalv1.PlanLifeEventRequest{Event: query.event})
		if err != nil {
			return compareResult{err: err}
		}
		result.name = lang.Local(plan.GetEvent().GetTitle())
		if definitions = compareDefinitions(plan.GetSteps()); len(definitions) == 0 {
			result.nothing = true
			return result
		}
	case len(query.places) == 0:
		procedure, err := rpc.Procedures().GetProcedure(context.Background(), &portalv1.GetProcedureRequest{Number: query.definition})
		return compareResult{name: pageTitle(procedure), err: err}
	}
	if len(query.places) == 0 {
		return result
	}
	result.answer, result.err = rpc.Procedures().CompareProcedures(context.Background(), &portalv1.CompareProceduresRequest{
		PlaceCodes: query.places, Definitions: definitions,
	})
	if procedures := result.answer.GetProcedures(); query.definition != "" && len(procedures) == 1 {
		result.name = lang.Local(procedures[0].GetName())
	}
	return result
}

// compareDefinitions are the procedures among the steps of a life event, each once.
func compareDefinitions(steps []*portalv1.PlanStep) []string {
	var numbers []string
	for _, s := range steps {
		if n := s.GetNumber(); rule.ProcedureNumber(n) && !slices.Contains(numbers, n) && len(numbers) < rule.ComparedProcedures {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (c *compare) take(_ app.Context, result compareResult) {
	c.busy = false
	if result.err != nil {
		c.failure = trouble.Words(result.err)
		if rpc.Reason(result.err) == portalv1.Reason_REASON_NOT_FOUND {
			c.failure.What, c.failure.Means, c.failure.Do = textCompareLost, lang.Text{}, textCompareLostDo
		}
		c.resolve()
		return
	}
	c.answer, c.nothing = result.answer, result.nothing
	for _, p := range result.answer.GetPlaces() {
		c.places[p.GetCode()] = p
	}
	if !result.name.Empty() {
		c.name = result.name
		shell.SetTitle(textCompareOf.F(c.name))
	}
}

// resolve finds the names of the places where no comparison brings them. A code that is no place's stays a code, to be removed.
func (c *compare) resolve() {
	for _, code := range c.query.places {
		if c.places[code] != nil {
			continue
		}
		place.Resolve(c.ctx, code, func(_ app.Context, p *portalv1.Place, err error) {
			if err == nil {
				c.places[code] = p
			}
		})
	}
}

// list fetches what there is to choose from.
func (c *compare) list() {
	if c.listing || len(c.choices) > 0 && len(c.events) > 0 {
		return
	}
	c.listing = true
	ctx, turn := c.ctx, c.turn
	ctx.Async(func() {
		choices, err := compareChoices()
		events, without := rpc.Guide().ListLifeEvents(context.Background(), &portalv1.ListLifeEventsRequest{})
		if without != nil {
			app.Log("listing the events of life: ", without) // procedures can be compared all the same
		}
		ctx.Dispatch(func(app.Context) {
			c.listing = false
			if len(choices) > 0 {
				c.choices = choices
			}
			c.events = events.GetEvents()
			if err != nil && turn == c.turn {
				c.failure = trouble.Words(err)
			}
		})
	})
}

// compareChoices are the definitions of the whole country.
func compareChoices() ([]kit.Item, error) {
	var items []kit.Item
	request := &portalv1.SearchProceduresRequest{PageSize: comparePageSize}
	for range comparePages {
		found, err := rpc.Procedures().SearchProcedures(context.Background(), request)
		if rpc.ListChanged(err) && request.GetPageToken() != "" {
			items, request.PageToken = nil, ""
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, h := range found.GetHits() {
			if h.GetDefinition() == "" {
				continue
			}
			name := h.GetTitle()
			if h.GetName() != nil {
				name = lang.Local(h.GetName()).String()
			}
			items = append(items, kit.Item{Value: h.GetDefinition(), Label: name, Note: h.GetCategory(), Keys: h.GetTitle()})
		}
		if request.PageToken = found.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	return items, nil
}

func (c *compare) add(ctx app.Context, p *portalv1.Place) {
	c.places[p.GetCode()] = p
	if slices.Contains(c.query.places, p.GetCode()) {
		kit.Announce(ctx, textCompareTwice.F(place.Name(p)))
		kit.Focus(ctx, compareChooserID)
		return
	}
	next := c.query.with(p.GetCode())
	ctx.Navigate(next.address())
	if len(next.places) < rule.ComparedPlaces {
		kit.Focus(ctx, compareChooserID)
		return
	}
	kit.Focus(ctx, comparePlacesID+"-title")
}

func (c *compare) chooseProcedure(_ app.Context, item kit.Item) {
	if item.Value != "" {
		c.ctx.Navigate(c.query.of(item.Value, "").address()) // not the field's: it goes
		kit.Focus(c.ctx, "page-title")
	}
}

func (c *compare) chooseEvent(_ app.Context, id string) {
	if id != "" {
		c.ctx.Navigate(c.query.of("", id).address()) // as above
		kit.Focus(c.ctx, "page-title")
	}
}

func (c *compare) showDiffering(ctx app.Context, only bool) {
	c.query.differing = only
	if address, err := url.Parse(c.query.address()); err == nil {
		ctx.Page().ReplaceURL(address)
	}
}

// Render draws what is compared, the places, and the table.
func (c *compare) Render() app.UI {
	title := textCompareTitle
	if !c.name.Empty() {
		title = textCompareOf.F(c.name)
	}
	return app.Div().Class("page page-compare").Body(
		shell.Heading(title),
		app.Div().Body(c.what()...),
		c.where(),
		c.failure.Banner("compare-failure"),
		app.Section().ID(compareResultID).Class("compare-result").Aria("label", title.String()).Body(c.result()...),
	)
}

// what chooses the procedure, or leads to choosing another.
func (c *compare) what() []app.UI {
	if c.query.chosen() {
		return []app.UI{app.P().Class("no-print").Body(kit.Link{ID: "compare-other", Label: textCompareOther, Href: c.query.of("", "").address()}.UI())}
	}
	fields := []app.UI{kit.Skeleton(3, nil)}
	if len(c.choices) > 0 {
		fields = []app.UI{&kit.Combobox{ID: "compare-procedure", Label: textCompareOne, Hint: textCompareOneHint, Items: c.choices, OnSelect: c.chooseProcedure}}
		if len(c.events) > 0 {
			options := []kit.Option{{Label: textCompareNone}}
			for _, e := range c.events {
				options = append(options, kit.Option{Value: e.GetId(), Label: lang.Local(e.GetTitle())})
			}
			fields = append(fields, kit.Select{ID: "compare-event", Label: textCompareEvent, Hint: textCompareEventIn, Options: options, OnChange: c.chooseEvent}.UI())
		}
	} else if c.failure.Is() {
		fields = []app.UI{kit.Button{ID: "compare-list-again", Label: textPageAgain, Kind: kit.Primary, OnPress: c.load}.UI()}
	}
	return []app.UI{
		app.P().Class("lead").Body(textCompareLead.UI()),
		app.Section().Class("part").Aria("labelledby", "compare-what").Body(
			app.H2().ID("compare-what").Class("part-title").Body(textCompareWhat.UI()),
			app.Div().Class("compare-choice").Body(fields...),
		),
	}
}

func (c *compare) placeName(code string) lang.Text {
	if p := c.places[code]; p != nil {
		return place.FullName(p)
	}
	return lang.Plain(code)
}

// where adds and removes places.
func (c *compare) where() app.UI {
	items := make([]app.UI, len(c.query.places))
	for i, code := range c.query.places {
		items[i] = app.Li().Class("compare-place").Body(
			app.Span().Body(c.placeName(code).UI()),
			app.A().Class("compare-remove").Href(c.query.without(code).address()).Aria("label", textCompareRemove.F(c.placeName(code)).String()).Body(kit.Icon(kit.IconClose)),
		)
	}
	chooser := app.Div().Body(app.P().Class("hint").Body(textCompareFull.UI()))
	label := textCompareAdd
	switch len(c.query.places) {
	case 0:
		label = textCompareFirst
	case 1:
		label = textCompareSecond
	}
	if len(c.query.places) < rule.ComparedPlaces {
		chooser = app.Div().Body(&place.Chooser{ID: compareChooserID, Label: label, Elsewhere: true, Adds: true, OnChoose: c.add})
	}
	return app.Section().ID(comparePlacesID).Class("part compare-places no-print").Aria("labelledby", comparePlacesID+"-title").Body(
		app.H2().ID(comparePlacesID+"-title").Class("part-title").TabIndex(-1).Body(textComparePlaces.UI()),
		app.Ul().Class("compare-place-list").Body(items...),
		chooser,
	)
}

func (c *compare) result() []app.UI {
	switch {
	case c.busy:
		return []app.UI{kit.Skeleton(8, kit.Button{ID: "compare-slow", Label: textPageAgain, OnPress: c.load}.UI())}
	case c.failure.Is() && c.query.chosen():
		return []app.UI{app.Div().Class("actions").Body(kit.Button{ID: "compare-again", Label: textPageAgain, OnPress: c.load}.UI())}
	case c.nothing:
		return []app.UI{app.Div().Class("empty").Body(app.P().Body(textCompareEmpty.UI()), kit.Link{Label: textCompareOther, Href: c.query.of("", "").address()}.UI())}
	case c.answer == nil:
		return nil
	}
	shown, all, differ := compareRows(c.answer.GetProcedures(), c.query.differing)
	status := textCompareSame.F(all)
	switch {
	case len(c.answer.GetPlaces()) < 2:
		status = textCompareOneMore
	case differ > 0:
		status = textCompareCount.F(all, differ)
	}
	table := app.Div()
	if len(shown) > 0 {
		table = app.Div().Class("compare-scroll").Attr("role", "region").Aria("label", textCompareTable.String()).TabIndex(0).Body(
			compareTable(c.answer.GetPlaces(), shown, c.query))
	}
	legend := app.Div()
	if differ > 0 {
		legend = app.Div().Class("compare-legend").Body(app.P().Body(textCompareLegend.UI()), app.P().Body(textCompareOwnNote.UI()))
	}
	return []app.UI{
		app.P().Class("compare-count").Attr("role", "status").Body(status.UI()),
		app.Div().Class("no-print").Body(kit.Checkbox{ID: "compare-only", Label: textCompareOnly, Checked: c.query.differing, OnChange: c.showDiffering}.UI()),
		table,
		legend,
		app.Div().Class("actions no-print").Body(kit.Button{ID: "compare-print", Label: textPagePrint, Icon: kit.IconPrint, OnPress: pagePrint}.UI()),
	}
}

// compareRows counts the fields and those that differ, and leaves out the others when only these are wanted.
func compareRows(procedures []*portalv1.CompareProceduresResponse_Procedure, only bool) (shown []*portalv1.CompareProceduresResponse_Procedure, all, differ int) {
	for _, p := range procedures {
		kept := &portalv1.CompareProceduresResponse_Procedure{Definition: p.GetDefinition(), Name: p.GetName()}
		for _, row := range p.GetRows() {
			all++
			if row.GetDiffers() {
				differ++
			}
			if row.GetDiffers() || !only {
				kept.Rows = append(kept.Rows, row)
			}
		}
		if len(kept.GetRows()) > 0 {
			shown = append(shown, kept)
		}
	}
	return shown, all, differ
}

// compareTable has a row for each field of one definition, or for each of several definitions.
func compareTable(places []*portalv1.Place, procedures []*portalv1.CompareProceduresResponse_Procedure, q compareQuery) app.UI {
	number := q.definition
	head := []app.UI{app.Th().Scope("col").Class("compare-corner").Body(textCompareItem.UI())}
	for _, p := range places {
		name := place.FullName(p).UI()
		if number != "" {
			name = kit.Link{Label: place.FullName(p), Href: pagePath(p.GetCode(), number)}.UI()
		}
		head = append(head, app.Th().Scope("col").Class("compare-head").Body(name))
	}
	var rows []app.UI
	for _, p := range procedures {
		if number == "" {
			rows = append(rows, compareProcedure(p, len(places), q))
			continue
		}
		for _, row := range p.GetRows() {
			rows = append(rows, compareField(row))
		}
	}
	return app.Table().Class("compare-table").Body(
		app.THead().Body(app.Tr().Body(head...)),
		app.TBody().Body(rows...),
	)
}

func compareField(row *portalv1.CompareProceduresResponse_Row) app.UI {
	cells := []app.UI{app.Th().Scope("row").Class("compare-name").Body(compareLabel(row.GetField()).UI())}
	for _, cell := range row.GetCells() {
		class := "compare-cell"
		if cell.GetDiffers() {
			class = "compare-cell compare-differs"
		}
		cells = append(cells, app.Td().Class(class).Body(compareMark(cell), compareValue(row.GetField(), cell)))
	}
	return app.Tr().Body(cells...)
}

// compareProcedure is a row with the main fields of one procedure among several.
func compareProcedure(p *portalv1.CompareProceduresResponse_Procedure, places int, q compareQuery) app.UI {
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
				app.P().Class("compare-fact-name").Body(compareLabel(row.GetField()).UI()),
				app.Div().Body(compareMark(cell), compareValue(row.GetField(), cell)),
			))
		}
		cells = append(cells, app.Td().Class(class).Body(facts...))
	}
	return app.Tr().Body(cells...)
}

// compareMark says with a sign and a word that something differs here.
func compareMark(cell *portalv1.CompareProceduresResponse_Cell) app.UI {
	if !cell.GetDiffers() {
		return app.Span()
	}
	return app.P().Class("compare-mark").Body(app.Span().Aria("hidden", "true").Text("≠ "), textCompareDiffers.UI())
}

func compareValue(field portalv1.CompareProceduresResponse_Field, cell *portalv1.CompareProceduresResponse_Cell) app.UI {
	lines := cell.GetLines()
	if len(lines) == 0 {
		return app.P().Class("compare-blank").Body(textCompareBlank.UI())
	}
	if word := compareWord(field, lines[0]); !word.Empty() {
		return app.P().Body(word.UI())
	}
	if len(lines) == 1 && len(cell.GetOwn()) == 0 || field != portalv1.CompareProceduresResponse_FIELD_DOCUMENTS && field != portalv1.CompareProceduresResponse_FIELD_BRING {
		return app.P().Lang("ja").Class("prose-line").Text(strings.Join(lines, "\n"))
	}
	items := make([]app.UI, len(lines))
	for i, text := range lines {
		if slices.Contains(cell.GetOwn(), int32(i)) { //nolint:gosec // a handful
			items[i] = app.Li().Class("compare-own").Body(app.Span().Aria("hidden", "true").Text("＋ "), pageOffice(text), kit.Hidden(textCompareOwn))
			continue
		}
		items[i] = app.Li().Body(pageOffice(text))
	}
	return app.Ul().Class("compare-lines").Body(items...)
}

// compareWord is the text for what the portal says with a code; empty for a field in the office's words.
func compareWord(field portalv1.CompareProceduresResponse_Field, code string) lang.Text {
	switch field {
	case portalv1.CompareProceduresResponse_FIELD_REGISTERED:
		if code == "yes" {
			return textCompareYes
		}
		return textCompareNo
	case portalv1.CompareProceduresResponse_FIELD_ONLINE:
		if code == "yes" {
			return textPageOnline
		}
		return textPageDeskOnly
	case portalv1.CompareProceduresResponse_FIELD_SIGNATURE:
		switch code {
		case "sign":
			return textPageSign
		case "login":
			return textPageLogin
		}
		return textPageNoSign
	}
	return lang.Text{}
}

func compareLabel(field portalv1.CompareProceduresResponse_Field) lang.Text {
	switch field {
	case portalv1.CompareProceduresResponse_FIELD_REGISTERED:
		return textCompareIsThere
	case portalv1.CompareProceduresResponse_FIELD_TITLE:
		return textCompareName
	case portalv1.CompareProceduresResponse_FIELD_ONLINE:
		return textCompareHow
	case portalv1.CompareProceduresResponse_FIELD_SIGNATURE:
		return textCompareSign
	case portalv1.CompareProceduresResponse_FIELD_TARGET:
		return textPageTarget
	case portalv1.CompareProceduresResponse_FIELD_DEADLINE:
		return textCompareDeadline
	case portalv1.CompareProceduresResponse_FIELD_FEE:
		return textPageCost
	case portalv1.CompareProceduresResponse_FIELD_DOCUMENTS:
		return textPageDocs
	case portalv1.CompareProceduresResponse_FIELD_BRING:
		return textPageBring
	case portalv1.CompareProceduresResponse_FIELD_DEPARTMENT:
		return textPageOffice
	case portalv1.CompareProceduresResponse_FIELD_ADDRESS:
		return textPageWhere
	case portalv1.CompareProceduresResponse_FIELD_PHONE:
		return textPagePhone
	case portalv1.CompareProceduresResponse_FIELD_HOURS:
		return textPageHours
	}
	return lang.Text{}
}
