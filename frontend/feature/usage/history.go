package usage

import (
	"context"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/evidence"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// history is the list, with what narrows it.
type history struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	ticking ask.Question // of the ticket
	words   *words
	lines   []*portalv1.UsageLine
	devices []*portalv1.UsageDevice
	next    string
	until   int64 // up to when the history was looked through
	first   int32 // the first year
	loaded  bool
	more    bool // more than the first page is there

	// What is looked for.
	found   string // the value of what was chosen in the field: an act, or a device
	year    int32
	unusual bool

	ticket string

	// What proves it: of all pages that are shown.
	proofs *portalv1.LedgerState
	proven []*portalv1.LedgerLine
	bent   bool // a line is not as it stands in the ledger
}

// An item of the field begins with what it is.
const (
	actItem    = "act:"
	deviceItem = "device:"
)

// page is a page of the list with the words for it.
type page struct {
	words *words
	list  *portalv1.ListUsageResponse
}

// OnMount asks for the newest, and again whenever something was done elsewhere.
func (h *history) OnMount(ctx app.Context) {
	h.visit.Begin(ctx)
	h.asked.Keeps = true
	h.visit.Until(open.Listen(func() { ctx.Dispatch(func(app.Context) { h.look() }) }))
	h.load("")
}

// OnDismount gives up what is asked for.
func (h *history) OnDismount() { h.visit.End() }

func (h *history) request(token string) *portalv1.ListUsageRequest {
	r := &portalv1.ListUsageRequest{Year: h.year, Unusual: h.unusual, PageToken: token}
	if name, is := cut(h.found, actItem); is {
		r.Acts = []string{name}
	}
	if id, is := cut(h.found, deviceItem); is {
		r.Device = id
	}
	return r
}

func cut(s, prefix string) (rest string, is bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return "", false
}

// load asks for a page. One that is empty though there is more is passed over: the portal looks through a part at a
// time.
func (h *history) load(token string) {
	known := h.words
	fetch := func(ctx context.Context, r *portalv1.ListUsageRequest) (p page, err error) {
		if p.list, err = portal().ListUsage(ctx, r); err != nil { // first: whether it is kept here is what is told
			return p, err
		}
		if p.words = known; p.words == nil {
			said, err := portal().ListUsageWords(ctx, &portalv1.ListUsageWordsRequest{})
			if err != nil {
				return p, err
			}
			p.words = wordsOf(said)
		}
		return p, nil
	}
	ask.For(&h.visit, &h.asked, fetch, h.request(token), func(_ app.Context, p page, err error) {
		if rpc.ListChanged(err) && token != "" {
			h.begin()
			return
		}
		if err != nil {
			return
		}
		if token == "" {
			h.lines = nil
		}
		h.bent = h.bent && token != "" || bent(p.list) || h.leftOut(p.list)
		h.lines, h.more = append(h.lines, p.list.GetLines()...), token != ""
		h.proven, h.proofs = p.list.GetLedgerLines(), p.list.GetLedger()
		h.words, h.devices, h.next = p.words, p.list.GetDevices(), p.list.GetNextPageToken()
		h.until, h.first, h.loaded = p.list.GetLookedUntil(), p.list.GetFirstYear(), true
		if len(p.list.GetLines()) == 0 && h.next != "" {
			h.load(h.next)
		}
	})
}

// look brings the newest in. Who reads further back is not torn from there.
func (h *history) look() {
	if h.more || h.asked.Busy {
		return
	}
	h.load("")
}

// narrowed tells whether the list shows what was looked for, and not all.
func (h *history) narrowed() bool { return h.found != "" || h.year > 0 || h.unusual }

// leftOut tells whether the next page leaves something out. Of what is looked for by its kind or its device the portal
// gives those lines of the chain alone in which something was found: nobody can say then.
func (h *history) leftOut(next *portalv1.ListUsageResponse) bool {
	if h.found != "" || h.unusual {
		return false
	}
	var above *portalv1.UsageLine
	if n := len(h.lines); n > 0 {
		above = h.lines[n-1]
	}
	return withheld(next, above, h.year, time.Now())
}

// begin asks for the first page of what is looked for now.
func (h *history) begin() {
	h.lines, h.next, h.loaded = nil, "", false
	h.load("")
}

func (h *history) choose(_ app.Context, item kit.Item) {
	if item.Value != h.found {
		h.found = item.Value
		h.begin()
	}
}

func (h *history) chooseYear(_ app.Context, value string) {
	year, _ := strconv.ParseInt("0"+value, 10, 32)
	h.year = int32(year)
	h.begin()
}

func (h *history) everything(ctx app.Context) {
	h.found, h.year, h.unusual = "", 0, false
	h.begin()
	kit.Focus(ctx, "usage-find")
}

// prepare gets leave to download what is shown, or all.
func (h *history) prepare(app.Context) {
	request := &portalv1.PrepareUsageExportRequest{Year: h.year, Language: string(lang.Describe(lang.Current()).Data)}
	ask.Do(&h.visit, &h.ticking, portal().PrepareUsageExport, request,
		func(ctx app.Context, got *portalv1.PrepareUsageExportResponse, err error) {
			if err != nil {
				return
			}
			h.ticket = got.GetTicket()
			kit.Focus(ctx, "usage-ticket")
		})
}

// Render draws the list.
func (h *history) Render() app.UI {
	return app.Div().Class("page page-usage").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(textTitle),
				textLead.P("lead"),
				trouble.First(h.asked.Failure, h.ticking.Failure).Banner("usage-failure"),
				h.asked.AsOf("usage"),
			},
			Rail: rail(),
			Body: []app.UI{
				h.filter(),
				bentBanner(h.bent),
				app.Div().Body(app.If(h.narrowed(), func() app.UI { return textNarrowed.P("hint") })),
				app.Div().Body(h.body()...),
				&evidence.Panel{
					ID: "usage-evidence", Chain: ledger.Usages, Lines: h.proven, State: h.proofs,
					Kept: h.asked.Age.Kept,
				},
				h.export(),
			},
		}.UI(),
	)
}

// rail leads to what else tells who did what. On phones it is one line.
func rail() kit.Rail {
	return kit.Rail{More: []app.UI{
		textRail.P("rail-title"),
		kit.MenuList{Label: textRail, Items: []kit.MenuItem{
			{Href: devicesPath, Label: textDevices, Note: textRailDevicesNote, Icon: kit.IconLock},
			{Href: "/exchange", Label: textRailExchange, Note: textRailExchangeNote, Icon: kit.IconBuilding},
			{Href: "/inquiry", Label: textRailInquiry, Icon: kit.IconHelp},
		}}.UI(),
	}}
}

func (h *history) filter() app.UI {
	return app.Div().Class("usage-filter no-print").Body(
		&kit.Combobox{
			ID: "usage-find", Label: textFind, Hint: textFindHint, Items: h.items(), Value: h.found, OnSelect: h.choose,
		},
		kit.Select{
			ID: "usage-year", Label: textYear, Options: h.years(), Value: strconv.Itoa(int(h.year)),
			OnChange: h.chooseYear,
		}.UI(),
		kit.Checkbox{
			ID: "usage-unusual", Label: textUnusual, Hint: textUnusualHint, Checked: h.unusual,
			OnChange: func(_ app.Context, yes bool) {
				h.unusual = yes
				h.begin()
			},
		}.UI(),
	)
}

// items are what the field offers: what can be done here, and the devices.
func (h *history) items() (items []kit.Item) {
	if h.words == nil {
		return nil
	}
	for _, name := range h.words.order {
		text := h.words.acts[name]
		items = append(items, kit.Item{Value: actItem + name, Label: text.String()})
		for i := len(items) - 1; i > 0 && items[i].Label < items[i-1].Label; i-- { // lighter than the library's sorting
			items[i], items[i-1] = items[i-1], items[i]
		}
	}
	for _, d := range h.devices {
		if d.GetName() != "" {
			items = append(items, kit.Item{
				Value: deviceItem + d.GetId(), Label: d.GetName(), Note: textDevice.String(),
			})
		}
	}
	return items
}

func (h *history) years() []kit.Option {
	options := []kit.Option{{Value: "0", Label: textAllYears}}
	last := int32(time.Now().In(clock.Japan).Year())
	for year := last; h.first > 0 && year >= h.first; year-- {
		options = append(options, kit.Option{Value: strconv.Itoa(int(year)), Label: textYearOf.F(int(year))})
	}
	return options
}

func (h *history) body() []app.UI {
	if !h.loaded {
		return []app.UI{h.asked.Waiting("usage", 6)}
	}
	items := h.entries()
	none := kit.Empty{Picture: scene.Empty(scene.Medium), Text: textNone}
	if h.narrowed() {
		none.Text = textNoneFound
		none.WayOn = []app.UI{kit.Button{ID: "usage-all", Label: textShowAll, OnPress: h.everything}.UI()}
	}
	if len(items) == 0 && h.next != "" {
		return []app.UI{textLooking.F(lang.Date(when(h.until))).P("hint")}
	}
	return []app.UI{
		kit.List{Label: textTitle, Items: items, Empty: none}.UI(),
		app.Div().Body(app.If(len(items) > 0, func() app.UI {
			return kit.Pager{
				ID: "usage-more", Shown: len(h.lines), More: h.next != "", Busy: h.asked.Busy,
				OnMore: func(app.Context) { h.load(h.next) },
			}.UI()
		})),
	}
}

// entries are the lines; several in a row that a page fetched by itself are folded into one.
func (h *history) entries() (items []app.UI) {
	for i := 0; i < len(h.lines); {
		run := i
		for run < len(h.lines) && h.lines[run].GetWhy() == ahead {
			run++
		}
		if run < i+2 {
			items = append(items, h.entry(h.lines[i]))
			i++
			continue
		}
		var folded []app.UI
		for _, l := range h.lines[i:run] {
			folded = append(folded, app.Li().Body(h.entry(l)))
		}
		items = append(items, kit.Disclosure{
			ID: "usage-ahead-" + h.lines[i].GetId(), Summary: textAheadMany.F(run - i),
			Body: []app.UI{app.Ul().Class("list").Body(folded...)},
		}.UI())
		i = run
	}
	return items
}

// entry is a line in the list: what, when, and by what.
func (h *history) entry(l *portalv1.UsageLine) app.UI {
	where := deviceName(h.devices, l.GetDevice(), l.GetBrowser())
	if l.GetBrowser() == "" && l.GetDevice() == "" {
		where = lang.Text{}
	}
	whom := lang.Text{}
	switch {
	case l.GetByOther():
		whom = textByOther
	case l.GetForOther():
		whom = textForOther
	}
	return app.A().Class("entry usage-entry").Href(addressOf(l)).Body(
		app.Span().Class("entry-words").Body(
			h.words.what(l).Span("entry-title"),
			app.Span().Class("entry-line").Body(append([]app.UI{kit.DateTimeText(when(l.GetAt())), app.Text("　")},
				joined(whom, where, means[l.GetMeans()])...)...),
			app.Span().Body(chips(l)...),
		),
	)
}

// export takes the lines along, in a file that is signed.
func (h *history) export() app.UI {
	body := []app.UI{
		textExportWhat.P(""),
		app.Div().Class("actions").Body(kit.Button{
			ID: "usage-export", Label: h.exportLabel(), Busy: h.ticking.Busy, OnPress: h.prepare,
		}.UI()),
	}
	if h.ticket != "" {
		body = []app.UI{app.Div().ID("usage-ticket").TabIndex(-1).Body(
			textExportReady.P(""),
			app.Form().Method("post").Action("/takeaway/download").OnSubmit(func(ctx app.Context, _ app.Event) {
				ctx.Dispatch(func(app.Context) { h.ticket = "" })
			}).Body(
				app.Input().Type("hidden").Name("ticket").Value(h.ticket),
				kit.Button{ID: "usage-save", Label: textSave, Kind: kit.Primary, Submit: true}.UI(),
			),
		)}
	}
	return app.Section().Class("part no-print").Aria("labelledby", "usage-export-title").Body(
		append([]app.UI{app.H2().ID("usage-export-title").Class("part-title").Body(textExport.UI())}, body...)...,
	)
}

func (h *history) exportLabel() lang.Text {
	if h.year > 0 {
		return textExportYear.F(int(h.year))
	}
	return textExportAll
}
