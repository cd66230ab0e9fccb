// Package compare lays places side by side: one procedure, or all those of an event of life, as each of them has registered it.
package compare

import (
	"context"
	"net/url"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{Path: catalog.ComparePath, Title: textTitle, Parent: catalog.SearchPath, New: newPage}},
}

const (
	// pages bounds how much of the catalogue is offered to choose from: far more than it holds.
	pages    = 5
	pageSize = 100

	chooserID = "compare-place"
	resultID  = "compare-result"
	placesID  = "compare-places"
)

var (
	textTitle   = lang.New("自治体をくらべる", "Compare places", "市区町村《しくちょうそん》を くらべる")
	textOf      = lang.New("くらべる: %s", "Compare: %s", "くらべる: %s")
	textLead    = lang.New("同じ手続を、4つまでの自治体で並べて見られます。引っ越しを考えているときなどにどうぞ。", "See the same procedure in up to four places side by side, for instance when you think of moving.", "同《おな》じ 手続《てつづき》を、4つまでの ところで くらべます。引《ひ》っ越《こ》しを 考《かんが》えている ときなどに 使《つか》えます。")
	textWhat    = lang.New("何をくらべますか", "What to compare", "何《なに》を くらべますか")
	textOne     = lang.New("手続を選ぶ", "Choose a procedure", "手続《てつづき》を 選《えら》ぶ")
	textOneHint = lang.New("手続の名前の一部を入力してください。例: 児童手当", "Type a part of its name: child allowance", "手続《てつづき》の 名前《なまえ》を 少《すこ》し 書《か》いてください")
	textEvent   = lang.New("または、くらしの出来事を選ぶ", "Or choose an event of life", "それか、くらしの できごとを 選《えら》ぶ")
	textEventIn = lang.New("その出来事で必要になる手続を、まとめてくらべます。", "Compares all the procedures that it brings.", "その ときに いる 手続《てつづき》を 全部《ぜんぶ》 くらべます。")
	textNone    = lang.New("選んでください", "Please choose", "選《えら》んでください")
	textOther   = lang.New("ほかの手続をくらべる", "Compare something else", "ほかの 手続《てつづき》を くらべる")
	textPlaces  = lang.New("くらべる自治体", "Places to compare", "くらべる ところ")
	textFirst   = lang.New("1つ目の自治体", "The first place", "1つ目《め》の 市区町村《しくちょうそん》")
	textSecond  = lang.New("2つ目の自治体", "The second place", "2つ目《め》の 市区町村《しくちょうそん》")
	textAdd     = lang.New("自治体を加える（4つまで）", "Add a place (up to four)", "市区町村《しくちょうそん》を 増《ふ》やす（4つまで）")
	textFull    = lang.New("4つ選びました。ほかをくらべるには、どれかをはずしてください。", "Four are chosen. Remove one to compare another.", "4つ 選《えら》びました。ほかを 見《み》るには、1つ はずしてください。")
	textTwice   = lang.New("%sはもう選ばれています", "%s is chosen already", "%sは もう あります")
	textRemove  = lang.New("%sをはずす", "Remove %s", "%sを はずす")
	textOneMore = lang.New("もう1つ選ぶと、ちがいがわかります。", "Choose one more to see the differences.", "もう1つ 選《えら》ぶと、ちがいが わかります。")

	textCount   = lang.New("%d項目のうち%d項目にちがいがあります", "%d items, %d of them differ", "%dこの うち %dこが ちがいます")
	textSame    = lang.New("%d項目をくらべました。ちがいはありません", "%d items compared. There are no differences", "%dこ くらべました。全部《ぜんぶ》 同《おな》じです")
	textOnly    = lang.New("ちがうところだけ表示", "Show differences only", "ちがう ところだけ 見《み》る")
	textDiffers = lang.New("ちがい", "Differs", "ちがい")
	textOwn     = lang.New("（すべての自治体にあるものではありません）", "(not in every place)", "（ない ところも あります）")
	textLegend  = lang.New("「≠ ちがい」は、くらべた自治体の間で内容がちがうところです。「＋」は、すべての自治体にあるわけではないものです。", "“≠ Differs” marks what is not the same in the places compared. “+” marks what not every place asks for.", "「≠ ちがい」は、同《おな》じでは ない ところです。「＋」は、ない ところも ある ものです。")
	textOwnNote = lang.New("担当・住所・電話は自治体ごとに別なので、ちがいに数えません。", "Departments, addresses and telephone numbers are each place's own and not counted.", "担当《たんとう》・住所《じゅうしょ》・電話《でんわ》は、数《かぞ》えません。")
	textItem    = lang.New("項目", "Item", "くらべる こと")
	textTable   = lang.New("くらべた表。横に動かせます", "The comparison; it can be scrolled sideways", "くらべた 表《ひょう》。横《よこ》に 動《うご》きます")
	textBlank   = lang.New("記載なし", "Not stated", "書《か》いてありません")
	textEmpty   = lang.New("くらべる手続がありません。", "There is nothing to compare.", "くらべる 手続《てつづき》が ありません。")
	textLost    = lang.New("選んだ自治体か手続が見つかりませんでした", "A place or the procedure was not found", "選《えら》んだ ものが 見《み》つかりません")
	textLostDo  = lang.New("上の「くらべる自治体」からはずすか、ほかの手続を選んでください。", "Remove the place above, or choose another procedure.", "上《うえ》から はずすか、ほかの 手続《てつづき》を 選《えら》んでください。")

	textIsThere  = lang.New("登録", "Registered", "まどぐちに あるか")
	textYes      = lang.New("登録あり", "Registered", "あります")
	textNo       = lang.New("登録なし（全国共通の内容）", "Not registered (what holds nationally)", "ありません（日本《にほん》 全部《ぜんぶ》で 同《おな》じ こと）")
	textName     = lang.New("手続名", "Name", "名前《なまえ》")
	textHow      = lang.New("申請の方法", "How to apply", "やりかた")
	textSign     = lang.New("電子署名", "Signature", "電子署名《でんししょめい》")
	textDeadline = lang.New("期限", "Deadline", "いつまで")
)

// page lays places side by side.
type page struct {
	app.Compo

	visit   ask.Visit
	asked   ask.Question
	listed  ask.Question // what there is to choose from
	opened  bool
	query   query
	name    lang.Text // of what is compared; empty until it is known
	places  map[string]*portalv1.Place
	answer  *portalv1.CompareProceduresResponse
	nothing bool // the event has no procedures to compare

	choices []kit.Item
	events  []*portalv1.LifeEvent
}

func newPage() app.Composer { return &page{places: map[string]*portalv1.Place{}} }

// OnMount follows the shell and compares what the address asks for.
func (c *page) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.open(ctx)
}

// OnNav compares anew after a place was added or removed.
func (c *page) OnNav(ctx app.Context) { c.open(ctx) }

// OnDismount gives up what is asked for.
func (c *page) OnDismount() { c.visit.End() }

func (c *page) open(ctx app.Context) {
	query := parse(ctx.Page().URL().Query())
	if c.opened && query.equal(c.query) {
		c.query = query
		return
	}
	before := c.query
	if c.opened && len(query.places) < len(before.places) {
		kit.Focus(ctx, placesID+"-title") // the link that was pressed is gone
	}
	if query.definition != before.definition || query.event != before.event {
		c.name = lang.Text{}
	}
	c.opened, c.query, c.answer, c.nothing = true, query, nil, false
	c.load()
}

func (c *page) load() {
	if c.query.chosen() {
		c.listed.Drop()
		ask.For(&c.visit, &c.asked, look, c.query, c.take)
		return
	}
	c.asked.Drop()
	shell.SetTitle(textTitle)
	c.resolve()
	if !c.listed.Busy && (len(c.choices) == 0 || len(c.events) == 0) {
		ask.For(&c.visit, &c.listed, list, struct{}{}, c.choose)
	}
}

// outcome is what the portal says.
type outcome struct {
	name    lang.Text
	answer  *portalv1.CompareProceduresResponse
	nothing bool
}

// look fetches the comparison; without a place only the name of what is to be compared.
func look(ctx context.Context, query query) (outcome, error) {
	definitions := []string{query.definition}
	var result outcome
	switch {
	case query.event != "":
		plan, err := rpc.Guide().PlanLifeEvent(ctx, &portalv1.PlanLifeEventRequest{Event: query.event})
		if err != nil {
			return outcome{}, err
		}
		result.name = lang.Local(plan.GetEvent().GetTitle())
		if definitions = definitionsOf(plan.GetSteps()); len(definitions) == 0 {
			result.nothing = true
			return result, nil
		}
	case len(query.places) == 0:
		procedure, err := rpc.Procedures().GetProcedure(ctx, &portalv1.GetProcedureRequest{Number: query.definition})
		return outcome{name: catalog.Title(procedure)}, err
	}
	if len(query.places) == 0 {
		return result, nil
	}
	var err error
	result.answer, err = rpc.Procedures().CompareProcedures(ctx, &portalv1.CompareProceduresRequest{
		PlaceCodes: query.places, Definitions: definitions,
	})
	if procedures := result.answer.GetProcedures(); query.definition != "" && len(procedures) == 1 {
		result.name = lang.Local(procedures[0].GetName())
	}
	return result, err
}

// definitionsOf are the procedures among the steps of a life event, each once.
func definitionsOf(steps []*portalv1.PlanStep) []string {
	var numbers []string
	for _, s := range steps {
		if n := s.GetNumber(); rule.ProcedureNumber(n) && !slices.Contains(numbers, n) && len(numbers) < rule.ComparedProcedures {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (c *page) take(_ app.Context, result outcome, err error) {
	if err != nil {
		if rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND {
			c.asked.Failure.What, c.asked.Failure.Means, c.asked.Failure.Do = textLost, lang.Text{}, textLostDo
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
		shell.SetTitle(textOf.F(c.name))
	}
}

// resolve finds the names of the places where no comparison brings them. A code that is no place's stays a code, to be removed.
func (c *page) resolve() {
	for _, code := range c.query.places {
		if c.places[code] != nil {
			continue
		}
		place.Resolve(&c.visit, &ask.Question{}, code, func(_ app.Context, p *portalv1.Place, err error) {
			if err == nil {
				c.places[code] = p
			}
		})
	}
}

// choice is what there is to choose from.
type choice struct {
	procedures []kit.Item
	events     []*portalv1.LifeEvent
}

func list(ctx context.Context, _ struct{}) (choice, error) {
	procedures, err := everything(ctx)
	events, without := rpc.Guide().ListLifeEvents(ctx, &portalv1.ListLifeEventsRequest{})
	if without != nil && ctx.Err() == nil {
		app.Log("listing the events of life: ", without) // procedures can be compared all the same
	}
	return choice{procedures, events.GetEvents()}, err
}

func (c *page) choose(_ app.Context, from choice, _ error) {
	if len(from.procedures) > 0 {
		c.choices = from.procedures
	}
	c.events = from.events
}

// everything are the definitions of the whole country.
func everything(ctx context.Context) ([]kit.Item, error) {
	var items []kit.Item
	request := &portalv1.SearchProceduresRequest{PageSize: pageSize}
	for range pages {
		found, err := rpc.Procedures().SearchProcedures(ctx, request)
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

func (c *page) add(ctx app.Context, p *portalv1.Place) {
	c.places[p.GetCode()] = p
	if slices.Contains(c.query.places, p.GetCode()) {
		kit.Announce(ctx, textTwice.F(place.Name(p)))
		kit.Focus(ctx, chooserID)
		return
	}
	next := c.query.with(p.GetCode())
	ctx.Navigate(next.address())
	if len(next.places) < rule.ComparedPlaces {
		kit.Focus(ctx, chooserID)
		return
	}
	kit.Focus(ctx, placesID+"-title")
}

func (c *page) chooseProcedure(_ app.Context, item kit.Item) {
	if item.Value != "" {
		c.visit.Page.Navigate(c.query.of(item.Value, "").address()) // not the field's: it goes
		kit.Focus(c.visit.Page, "page-title")
	}
}

func (c *page) chooseEvent(_ app.Context, id string) {
	if id != "" {
		c.visit.Page.Navigate(c.query.of("", id).address()) // as above
		kit.Focus(c.visit.Page, "page-title")
	}
}

func (c *page) showDiffering(ctx app.Context, only bool) {
	c.query.differing = only
	if address, err := url.Parse(c.query.address()); err == nil {
		ctx.Page().ReplaceURL(address)
	}
}

// Render draws what is compared, the places, and the table.
func (c *page) Render() app.UI {
	title := textTitle
	if !c.name.Empty() {
		title = textOf.F(c.name)
	}
	return app.Div().Class("page page-compare").Body(
		shell.Heading(title),
		app.Div().Body(c.what()...),
		c.where(),
		trouble.First(c.asked.Failure, c.listed.Failure).Banner("compare-failure"),
		app.Section().ID(resultID).Class("compare-result").Aria("label", title.String()).Body(c.result()...),
	)
}

// what chooses the procedure, or leads to choosing another.
func (c *page) what() []app.UI {
	if c.query.chosen() {
		return []app.UI{app.P().Class("no-print").Body(kit.Link{ID: "compare-other", Label: textOther, Href: c.query.of("", "").address()}.UI())}
	}
	fields := []app.UI{c.listed.Waiting("compare-list", 3)}
	if len(c.choices) > 0 {
		fields = []app.UI{&kit.Combobox{ID: "compare-procedure", Label: textOne, Hint: textOneHint, Items: c.choices, OnSelect: c.chooseProcedure}}
		if len(c.events) > 0 {
			options := []kit.Option{{Label: textNone}}
			for _, e := range c.events {
				options = append(options, kit.Option{Value: e.GetId(), Label: lang.Local(e.GetTitle())})
			}
			fields = append(fields, kit.Select{ID: "compare-event", Label: textEvent, Hint: textEventIn, Options: options, OnChange: c.chooseEvent}.UI())
		}
	}
	return []app.UI{
		app.P().Class("lead").Body(textLead.UI()),
		app.Section().Class("part").Aria("labelledby", "compare-what").Body(
			app.H2().ID("compare-what").Class("part-title").Body(textWhat.UI()),
			app.Div().Class("compare-choice").Body(fields...),
		),
	}
}

func (c *page) placeName(code string) lang.Text {
	if p := c.places[code]; p != nil {
		return place.FullName(p)
	}
	return lang.Plain(code)
}

// where adds and removes places.
func (c *page) where() app.UI {
	items := make([]app.UI, len(c.query.places))
	for i, code := range c.query.places {
		items[i] = app.Li().Class("compare-place").Body(
			app.Span().Body(c.placeName(code).UI()),
			app.A().Class("compare-remove").Href(c.query.without(code).address()).Aria("label", textRemove.F(c.placeName(code)).String()).Body(kit.Icon(kit.IconClose)),
		)
	}
	chooser := app.Div().Body(app.P().Class("hint").Body(textFull.UI()))
	label := textAdd
	switch len(c.query.places) {
	case 0:
		label = textFirst
	case 1:
		label = textSecond
	}
	if len(c.query.places) < rule.ComparedPlaces {
		chooser = app.Div().Body(&place.Chooser{ID: chooserID, Label: label, Elsewhere: true, Adds: true, OnChoose: c.add})
	}
	return app.Section().ID(placesID).Class("part compare-places no-print").Aria("labelledby", placesID+"-title").Body(
		app.H2().ID(placesID+"-title").Class("part-title").TabIndex(-1).Body(textPlaces.UI()),
		app.Ul().Class("compare-place-list").Body(items...),
		chooser,
	)
}

func (c *page) result() []app.UI {
	switch {
	case c.asked.Busy:
		return []app.UI{c.asked.Waiting("compare", 8)}
	case c.asked.Failure.Is():
		return []app.UI{app.Div().Class("actions").Body(c.asked.Retry("compare"))}
	case c.nothing:
		return []app.UI{app.Div().Class("empty").Body(app.P().Body(textEmpty.UI()), kit.Link{Label: textOther, Href: c.query.of("", "").address()}.UI())}
	case c.answer == nil:
		return nil
	}
	shown, all, differ := rows(c.answer.GetProcedures(), c.query.differing)
	status := textSame.F(all)
	switch {
	case len(c.answer.GetPlaces()) < 2:
		status = textOneMore
	case differ > 0:
		status = textCount.F(all, differ)
	}
	shownTable := app.Div()
	if len(shown) > 0 {
		shownTable = app.Div().Class("compare-scroll").Attr("role", "region").Aria("label", textTable.String()).TabIndex(0).Body(
			table(c.answer.GetPlaces(), shown, c.query))
	}
	legend := app.Div()
	if differ > 0 {
		legend = app.Div().Class("compare-legend").Body(app.P().Body(textLegend.UI()), app.P().Body(textOwnNote.UI()))
	}
	return []app.UI{
		app.P().Class("compare-count").Attr("role", "status").Body(status.UI()),
		app.Div().Class("no-print").Body(kit.Checkbox{ID: "compare-only", Label: textOnly, Checked: c.query.differing, OnChange: c.showDiffering}.UI()),
		shownTable,
		legend,
		app.Div().Class("actions no-print").Body(kit.PrintButton("compare-print")),
	}
}
