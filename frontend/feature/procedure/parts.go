package procedure

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/browser"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	dayID   = "procedure-day"
	listID  = "procedure-list"
	mapSite = "https://www.openstreetmap.org/search?query="
)

func plain(r *portalv1.GetProcedureResponse) lang.Text {
	if r.GetContent().GetDefinition() == "" {
		return lang.Plain(r.GetPlain().GetJa())
	}
	return lang.Local(r.GetPlain())
}

// names is the name to use at the desk, where the heading is another one.
func names(r *portalv1.GetProcedureResponse) app.UI {
	heading, title := catalog.Title(r).String(), r.GetContent().GetTitle()
	var lines []app.UI
	if title != heading {
		lines = append(lines, textAtDesk.F(title).P(""))
	}
	if official := r.GetOfficialName(); official != "" && official != title && official != heading {
		lines = append(lines, textOfficial.F(official).P(""))
	}
	return app.Div().Class("procedure-names").Body(lines...)
}

// chips say how one applies. What must be shown of the card matters online only.
func chips(c *portalv1.ProcedureContent) app.UI {
	chips := []app.UI{app.Li().Body(kit.ChipLabel(kit.Neutral, catalog.TextDeskOnly))}
	if c.GetOnline() {
		chips = []app.UI{app.Li().Body(kit.ChipLabel(kit.Success, catalog.TextOnline))}
		if label := catalog.Signature(c.GetSignature()); !label.Empty() {
			chips = append(chips, app.Li().Body(kit.ChipLabel(kit.Info, label)))
		}
	}
	return app.Ul().Class("procedure-chips").Body(chips...)
}

// where is the place above the heading.
func (p *page) where() app.UI {
	at := p.response.GetPlace()
	if at == nil {
		return app.P().Class("procedure-place").Body(kit.Icon(kit.IconPlace), textNation.UI())
	}
	return app.P().Class("procedure-place").Body(kit.Icon(kit.IconPlace),
		kit.Link{Label: place.FullName(at), Href: catalog.Search(at.GetCode())}.UI())
}

// banners tell what else one must know of what is shown; each has its place, so that none takes another's.
func (p *page) banners() []app.UI {
	r := p.response
	keptOn, version, change, whose, words := app.Div(), app.Div(), app.Div(), app.Div(), app.Div()
	if !p.keptOn.IsZero() {
		keptOn = app.Div().Body(kit.NotificationBanner{
			ID: "procedure-kept", Tone: kit.Warning, Title: textKept.F(lang.Date(p.keptOn)),
			Body: []app.UI{textKeptBody.P("")},
		}.UI())
	}
	if shown, other := versionOf(r), p.here(); shown != nil && !shown.GetCurrent() {
		title := textPast.F(int(shown.GetVersion()))
		if shown.GetEffectiveFrom() > p.today {
			title = textFuture.F(lang.Day(shown.GetEffectiveFrom()))
		}
		version = app.Div().Body(kit.NotificationBanner{
			ID: "procedure-version", Tone: kit.Warning, Title: title, Body: []app.UI{
				kit.Link{Label: textSeeCurrent, Href: other}.UI(),
			},
		}.UI())
	}
	if next := coming(r, p.today); next != nil && next.GetVersion() != r.GetVersion() {
		banner := kit.NotificationBanner{
			ID: "procedure-coming", Tone: kit.Info, Title: textComing.F(lang.Day(next.GetEffectiveFrom())),
			Body: []app.UI{kit.Link{Label: textComingSee, Href: p.versionPath(next)}.UI()},
		}
		if next.GetEnded() {
			banner.Title, banner.Body = textEnding.F(lang.Day(next.GetEffectiveFrom())), []app.UI{
				textEndingBody.P(""),
			}
		}
		change = app.Div().Body(banner.UI())
	}
	switch at := r.GetPlace(); {
	case r.GetUnregistered():
		whose = app.Div().Body(kit.NotificationBanner{
			ID: "procedure-unregistered", Tone: kit.Info, Title: textUnreg.F(place.Name(at)),
			Body: []app.UI{textUnregBody.P("")},
		}.UI())
	case at == nil:
		whose = app.Div().Class("procedure-nation no-print").Body(p.nation()...)
	case at.GetCode() != p.target.place:
		whose = app.Div().Body(textWider.F(place.Name(at)).P("hint"))
	}
	if lang.Current() != lang.Japanese {
		words = app.Div().Body(textWords.P("hint"))
	}
	return []app.UI{keptOn, version, change, whose, words}
}

// nation leads from what holds in the whole country to one's own municipality.
func (p *page) nation() []app.UI {
	count := app.P()
	if n := p.response.GetPlaceCount(); n > 0 {
		count = app.P().Body(textCount.F(lang.Number(int64(n))).UI())
	}
	number := p.response.GetContent().GetNumber()
	return []app.UI{
		textNationBody.P(""),
		count,
		&place.Chooser{ID: "procedure-place", Label: textOwn, Next: catalog.Path("", number),
			OnChoose: func(ctx app.Context, at *portalv1.Place) {
				ctx.Navigate(catalog.Path(at.GetCode(), number))
			}},
	}
}

// here is the address of what is in force.
func (p *page) here() string { return catalog.Path(p.target.place, p.target.number) }

func (p *page) versionPath(v *portalv1.ProcedureVersion) string {
	if v.GetCurrent() {
		return p.here()
	}
	return p.here() + "?version=" + strconv.Itoa(int(v.GetVersion()))
}

// versionOf is the version shown; nil when the portal names none.
func versionOf(r *portalv1.GetProcedureResponse) *portalv1.ProcedureVersion {
	for _, v := range r.GetVersions() {
		if v.GetVersion() == r.GetVersion() {
			return v
		}
	}
	return nil
}

// coming is the next version that is not in force yet; nil when there is none.
func coming(r *portalv1.GetProcedureResponse, today string) *portalv1.ProcedureVersion {
	for _, v := range slices.Backward(r.GetVersions()) { // the oldest first
		if v.GetEffectiveFrom() > today {
			return v
		}
	}
	return nil
}

func section(id, class string, title lang.Text, body ...app.UI) app.UI {
	return app.Section().ID(id).Class("part procedure-part "+class).Aria("labelledby", id+"-title").Body(
		append([]app.UI{app.H2().ID(id + "-title").Class("part-title").Body(title.UI())}, body...)...,
	)
}

// todayBox says in plain words what it is, and how one goes about it.
func (p *page) todayBox() app.UI {
	c := p.response.GetContent()
	return app.Section().ID("procedure-today").Class("procedure-today").Aria("labelledby", "procedure-today-title").
		Body(
			plain(p.response).P("procedure-plain"),
			app.H2().ID("procedure-today-title").Class("part-title").Body(textToday.UI()),
			method(c.GetMethod()),
			app.Div().Class("procedure-online").Body(p.online(c)...),
			contact(c.GetDesk()),
		)
}

func method(steps []string) app.UI {
	if len(steps) == 0 {
		return textNoMethod.P("")
	}
	items := make([]app.UI, len(steps))
	for i, s := range steps {
		items[i] = app.Li().Text(s)
	}
	return app.Ol().Class("numbers").Lang("ja").Body(items...)
}

func (p *page) online(c *portalv1.ProcedureContent) []app.UI {
	if p.response.GetForm() != "" {
		return []app.UI{textHere.P("")}
	}
	if !c.GetOnline() {
		return []app.UI{textNotHere.P("hint")}
	}
	if kit.Host(c.GetOnlineUrl()) == "" {
		return []app.UI{textNoAddress.P("")}
	}
	body := []app.UI{textGoNote.P("hint")}
	switch c.GetSignature() {
	case portalv1.Signature_SIGNATURE_SIGN:
		body = append(body, textSignMore.P("hint"))
	case portalv1.Signature_SIGNATURE_LOGIN:
		body = append(body, textLoginMore.P("hint"))
	}
	return body
}

// apply is the one thing to do on this page, where it can be done from here; else nil. What can be filed in the portal
// is filed there.
func (p *page) apply(c *portalv1.ProcedureContent) app.UI {
	if form := p.response.GetForm(); form != "" {
		return offered.Way("apply-here", p.target.place, form)
	}
	if !c.GetOnline() || kit.Host(c.GetOnlineUrl()) == "" {
		return nil
	}
	return kit.Elsewhere{
		ID: "procedure-apply", Label: textGo, Address: c.GetOnlineUrl(), Kind: kit.Primary, Wide: true,
	}.UI()
}

func contact(d *portalv1.ProcedureDesk) app.UI {
	if d.GetDepartment() == "" && d.GetPhone() == "" {
		return app.P()
	}
	return app.P().Class("procedure-contact").Body(textAsk.UI(), catalog.AsWritten(d.GetDepartment()), app.Text(" "),
		catalog.Telephone(d.GetPhone()))
}

// said is the deadline in the language of the page, where more is known of it than the words of the office: the
// nation's few words, or the rule.
func (p *page) said() lang.Text {
	if by := lang.Local(p.response.GetBy()); !by.Empty() {
		return by
	}
	return todo.ByRule(p.response.GetContent().GetDeadlineRule(), p.response.GetEventQuestion())
}

// deadline says until when in words, and as a day where one can be computed.
func (p *page) deadline() app.UI {
	r := p.response
	words := textNoBy.P("")
	if text := r.GetContent().GetDeadline(); text != "" {
		words = app.P().Class("procedure-words").Lang("ja").Text(text)
	}
	if by := p.said(); !by.Empty() && lang.Current() != lang.Japanese {
		words = app.Div().Body(by.P("procedure-words"), app.P().Lang("ja").Text(
			r.GetContent().GetDeadline(),
		))
	}
	ask := app.Div()
	if r.GetEventQuestion() != nil && p.keptOn.IsZero() {
		class := "procedure-ask"
		if p.day == "" {
			class = "procedure-ask no-print" // an empty field says nothing on paper
		}
		ask = app.Div().Class(class).Body(
			kit.Field{
				ID: dayID, Label: lang.Local(r.GetEventQuestion()), Hint: textDayHint, Type: "date", Short: true,
				Value: p.day, Kept: p.keeps, OnInput: p.changeDay,
			}.UI(),
		)
	}
	return section("procedure-deadline", "", textBy,
		words,
		ask,
		app.Div().Class("procedure-due").Attr("role", "status").Body(p.due()...),
		p.computed.Failure.Banner("procedure-day-failure"),
		app.Div().Class("procedure-day-actions no-print").Body(p.dayActions()...),
	)
}

func (p *page) due() []app.UI {
	if p.computed.Busy {
		return []app.UI{textCompute.P("hint")}
	}
	return window(p.response.GetDue(), p.today)
}

// window is that of a deadline, and how it stands today.
func window(d *portalv1.Due, today string) []app.UI {
	if d.GetLast() == "" {
		return nil
	}
	var lines []app.UI
	if d.GetOpens() != "" {
		lines = append(lines, textFrom.F(lang.Day(d.GetOpens())).P(""))
	}
	lines = append(lines, app.P().Body(
		app.Strong().Class("procedure-last").Body(textUntil.F(lang.Day(d.GetLast())).UI()),
	))
	if d.GetMoved() {
		lines = append(lines, textMoved.P(""))
	}
	left := daysBetween(today, d.GetLast())
	switch {
	case d.GetOpens() > today:
		lines = append(lines, app.P().Body(kit.ChipLabel(kit.Neutral, textNotYet)))
	case left < 0:
		lines = append(lines, app.P().Body(kit.ChipLabel(kit.Warning, textTooLate)))
	case left == 0:
		lines = append(lines, app.P().Body(kit.ChipLabel(kit.Warning, textLastDay)))
	case d.GetOpens() != "":
		lines = append(lines, app.P().Class("procedure-left").Body(
			kit.ChipLabel(kit.Success, textOpen), kit.ChipLabel(kit.Info, textLeft.F(left)),
		))
	default:
		lines = append(lines, app.P().Body(kit.ChipLabel(kit.Info, textLeft.F(left))))
	}
	return lines
}

// daysBetween counts the days from one to another; days that cannot be read are none apart.
func daysBetween(from, to string) int {
	a, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return 0
	}
	return int(b.Sub(a) / (24 * time.Hour))
}

func (p *page) dayActions() []app.UI {
	if p.response.GetEventQuestion() == nil || p.day == "" || !p.keptOn.IsZero() {
		return nil
	}
	again, share := app.Div(), app.Div()
	if p.computed.Failure.Is() {
		again = app.Div().Body(kit.Button{
			ID: "procedure-day-again", Label: textDayAgain, OnPress: p.computed.Again,
		}.UI())
	}
	if p.response.GetDue() != nil {
		share = app.Div().Body(kit.Button{
			ID: "procedure-day-share", Label: textShareDay, Kind: kit.TextOnly, OnPress: func(app.Context) {
				p.share(true)
			},
		}.UI())
	}
	return []app.UI{
		again, app.Div().Body(kit.Button{
			ID: "procedure-day-forget", Label: textForget, Kind: kit.TextOnly, OnPress: p.forgetDay,
		}.UI()), share,
	}
}

// documents are what one needs, to be ticked off on this device.
func (p *page) documents() app.UI {
	c := p.response.GetContent()
	documents := textNoDocs.P("")
	all, ready := 0, 0
	item := func(id, key string, label app.UI) app.UI {
		all++
		ticked := slices.Contains(p.ticked, key)
		if ticked {
			ready++
		}
		return app.Li().Class("check").Body(
			app.Input().ID(id).Type("checkbox").Class("check-input").Checked(ticked).
				OnChange(func(ctx app.Context, _ app.Event) {
					p.tick(key, ctx.JSSrc().Get("checked").Bool())
				}, app.EventScope(key)),
			app.Label().For(id).Class("check-label").Body(label),
		)
	}
	var needed, bring []app.UI
	var cases []conditional
	for i, d := range c.GetDocuments() {
		drawn := item("procedure-document-"+strconv.Itoa(i), "d:"+d.GetName(), document(d))
		if d.GetNeed() != portalv1.ProcedureDocument_NEED_IF || d.GetCondition() == "" {
			needed = append(needed, drawn)
			continue
		}
		cases = in(cases, d.GetCondition(), drawn)
	}
	for i, b := range c.GetBring() {
		bring = append(bring, item("procedure-bring-"+strconv.Itoa(i), "b:"+b, catalog.AsWritten(b)))
	}
	body := []app.UI{documents}
	if len(needed) > 0 {
		body = []app.UI{app.Ul().Class("procedure-checks").Body(needed...)}
	}
	if len(cases) > 0 {
		if len(needed) == 0 {
			body = nil
		}
		body = append(body, folded(cases))
	}
	if len(bring) > 0 {
		body = append(body, catalog.TextBring.H3(""), app.Ul().Class("procedure-checks").Body(bring...))
	}
	if all > 0 {
		ticks := textTicks.Open
		if !p.keeps {
			ticks = textTicksOff.Open
		}
		body = append(body, app.P().Class("hint no-print").Attr("role", "status").Body(
			ticks.Fill(lang.Things(all), lang.Things(ready)).UI(),
		))
	}
	return section("procedure-documents", "", catalog.TextDocs, body...)
}

// conditional are the documents that one needs in a case alone.
type conditional struct {
	condition string
	documents []app.UI
}

// in adds a document to those of its case.
func in(cases []conditional, condition string, document app.UI) []conditional {
	for i := range cases {
		if cases[i].condition == condition {
			cases[i].documents = append(cases[i].documents, document)
			return cases
		}
	}
	return append(cases, conditional{condition, []app.UI{document}})
}

// folded asks which of the cases are the reader's, and unfolds what they need.
func folded(cases []conditional) app.UI {
	items := make([]app.UI, len(cases))
	for i, c := range cases {
		items[i] = kit.Disclosure{
			ID: "procedure-case-" + strconv.Itoa(i), Summary: lang.Plain(c.condition),
			Body: []app.UI{app.Ul().Class("procedure-checks").Body(c.documents...)},
		}.UI()
	}
	return app.Div().Class("procedure-cases").Body(
		append([]app.UI{textWhoAreYou.H3(""), textWhoHint.P("hint")}, items...)...,
	)
}

func document(d *portalv1.ProcedureDocument) app.UI {
	chip := app.Span()
	switch d.GetNeed() {
	case portalv1.ProcedureDocument_NEED_ALWAYS:
		chip = app.Span().Body(kit.ChipLabel(kit.Warning, textAlways))
	case portalv1.ProcedureDocument_NEED_IF:
		chip = app.Span().Body(kit.ChipLabel(kit.Neutral, textIf))
	case portalv1.ProcedureDocument_NEED_ORIGINAL:
		chip = app.Span().Body(kit.ChipLabel(kit.Info, textOriginal))
	}
	condition := app.Span()
	if d.GetCondition() != "" && d.GetNeed() != portalv1.ProcedureDocument_NEED_IF { // else it is unfolded by it
		condition = app.Span().Class("procedure-condition").Lang("ja").Text(d.GetCondition())
	}
	return app.Span().Body(catalog.AsWritten(d.GetName()), app.Text(" "), chip, condition)
}

func cost(c *portalv1.ProcedureContent) app.UI {
	if c.GetFee() == "" {
		return section("procedure-cost", "", catalog.TextCost, textNoCost.P(""))
	}
	return section("procedure-cost", "", catalog.TextCost, app.P().Body(catalog.AsWritten(c.GetFee())))
}

// desk is where one goes or calls.
func desk(d *portalv1.ProcedureDesk) app.UI {
	var rows []kit.Row
	add := func(name lang.Text, text string, value app.UI) {
		if text != "" {
			rows = append(rows, kit.Row{Name: name, Value: value})
		}
	}
	add(catalog.TextOffice, d.GetDepartment(), catalog.AsWritten(d.GetDepartment()))
	add(textHouse, d.GetBuilding(), catalog.AsWritten(d.GetBuilding()))
	add(catalog.TextWhere, d.GetAddress(), app.Span().Body(catalog.AsWritten(d.GetAddress()), app.Br(),
		kit.Link{
			ID: "procedure-map", Label: textMapLink, Href: mapSite + url.QueryEscape(d.GetAddress()), External: true,
		}.UI()))
	add(catalog.TextPhone, d.GetPhone(), catalog.Telephone(d.GetPhone()))
	add(catalog.TextHours, d.GetHours(), catalog.AsWritten(d.GetHours()))
	if len(rows) == 0 {
		return section("procedure-desk", "", textDesk, textNoDesk.P(""))
	}
	return section("procedure-desk", "", textDesk, kit.Facts(rows...))
}

func who(r *portalv1.GetProcedureResponse) app.UI {
	c := r.GetContent()
	var rows []kit.Row
	add := func(name lang.Text, text string) {
		if text != "" {
			rows = append(rows, kit.Row{Name: name, Value: catalog.AsWritten(text)})
		}
	}
	add(catalog.TextTarget, c.GetTarget())
	add(textApplicant, c.GetApplicant())
	add(textSystem, c.GetSystem())
	add(textAuthority, r.GetAuthority())
	if c.GetCategory() != "" {
		query := url.Values{"category": {c.GetCategory()}}
		if code := r.GetPlace().GetCode(); code != "" {
			query.Set("place", code)
		}
		rows = append(rows, kit.Row{
			Name: textCategory, Value: kit.Link{
				Label: catalog.Category(c.GetCategory()), Href: catalog.SearchPath + "?" + query.Encode(),
			}.UI(),
		})
	}
	summary := app.Div()
	if s := c.GetSummary(); s != "" && s != plain(r).String() {
		summary = app.Div().Class("procedure-summary").Body(textSummary.H3(""),
			app.Div().Lang("ja").Body(kit.Paragraphs(s)))
	}
	return section("procedure-who", "", textWho, kit.Facts(rows...), summary)
}

// link is a link that an office registered; without a usable address its name alone.
func link(l *portalv1.ProcedureLink, otherwise lang.Text) app.UI {
	if kit.Host(l.GetUrl()) == "" {
		note := app.Span()
		if !otherwise.Empty() {
			note = app.Span().Class("procedure-condition").Body(otherwise.UI())
		}
		return app.Li().Body(catalog.AsWritten(l.GetName()), note)
	}
	return app.Li().Body(kit.Elsewhere{Label: lang.Plain(l.GetName()), Address: l.GetUrl()}.UI())
}

func forms(forms []*portalv1.ProcedureLink) app.UI {
	if len(forms) == 0 {
		return app.Div()
	}
	items := make([]app.UI, len(forms))
	for i, f := range forms {
		items[i] = link(f, textFormDesk)
	}
	return section("procedure-forms", "", textForms, app.Ul().Class("procedure-links").Body(items...))
}

// more is what not everyone needs, folded away: laws, links, versions.
func (p *page) more() app.UI {
	r := p.response
	laws, links := app.Div(), app.Div()
	if l := r.GetContent().GetLaws(); len(l) > 0 {
		items := make([]app.UI, len(l))
		for i, name := range l {
			items[i] = app.Li().Text(name)
		}
		laws = app.Div().Body(kit.Disclosure{
			ID: "procedure-laws", Summary: textLaws, Body: []app.UI{app.Ul().Class("dots").Lang("ja").Body(items...)},
		}.UI())
	}
	if l := r.GetContent().GetLinks(); len(l) > 0 {
		items := make([]app.UI, len(l))
		for i, to := range l {
			items[i] = link(to, lang.Text{})
		}
		links = app.Div().Body(kit.Disclosure{
			ID: "procedure-links", Summary: textLinks, Body: []app.UI{app.Ul().Class("procedure-links").Body(items...)},
		}.UI())
	}
	return app.Div().Class("part procedure-more").Body(laws, links, app.Div().Body(p.versions()...))
}

// versions is which one this is, and the others.
func (p *page) versions() []app.UI {
	r := p.response
	var lines []app.UI
	if v := versionOf(r); v != nil {
		lines = append(lines, app.P().Class("version").Body(
			textValid.F(lang.Day(v.GetEffectiveFrom()), int(v.GetVersion())).UI(),
		))
	}
	if len(r.GetVersions()) < 2 {
		return lines
	}
	items := make([]app.UI, len(r.GetVersions()))
	for i, v := range r.GetVersions() {
		label := textValid.F(lang.Day(v.GetEffectiveFrom()), int(v.GetVersion()))
		if v.GetEnded() {
			label = textIsEnd.F(lang.Day(v.GetEffectiveFrom()))
		}
		now := app.Span()
		if v.GetCurrent() {
			now = app.Span().Body(kit.ChipLabel(kit.Success, textNow))
		}
		switch {
		case v.GetVersion() == r.GetVersion():
			items[i] = app.Li().Aria("current", "true").Body(label.UI(), app.Text(" "), now, app.Text(" "),
				kit.ChipLabel(kit.Info, textShown))
		case v.GetEnded():
			items[i] = label.Li("")
		default:
			items[i] = app.Li().Body(kit.Link{Label: label, Href: p.versionPath(v)}.UI(), app.Text(" "), now)
		}
	}
	return append(lines, kit.Disclosure{
		ID: "procedure-versions", Summary: textVersions, Body: []app.UI{
			app.Ul().Class("procedure-links").Body(items...),
		},
	}.UI())
}

// actions are what one does with the page itself.
func (p *page) actions() app.UI {
	compare := app.Span()
	if definition := p.response.GetContent().GetDefinition(); definition != "" {
		query := url.Values{"definition": {definition}}
		if p.target.place != "" {
			query.Set("place", p.target.place)
		}
		compare = app.Span().Body(kit.Link{
			ID: "procedure-compare", Label: textCompare, Href: catalog.ComparePath + "?" + query.Encode(),
			Kind: kit.Secondary,
		}.UI())
	}
	return app.Div().Class("procedure-actions no-print").Body(
		app.Div().Class("procedure-todo").Attr("role", "status").Body(p.onList()...),
		p.forgotten.Banner("procedure-todo-failure"),
		app.Div().Class("actions").Body(
			kit.PrintButton("procedure-print"),
			kit.Button{
				ID: "procedure-share", Label: textShare, Icon: kit.IconMail, OnPress: func(app.Context) {
					p.share(false)
				},
			}.UI(),
			compare,
		),
		app.Div().Attr("role", "status").Body(sharedWords(p.shared)),
	)
}

// onList says that the procedure is on the to-do list, or offers to put it there.
func (p *page) onList() []app.UI {
	button, words, way := app.Span(), app.Span(), app.Span()
	kind := kit.Secondary
	if p.apply(p.response.GetContent()) == nil {
		kind = kit.Primary // there is nothing else to do here
	}
	if todo.Has(p.target.place, p.target.number) {
		words = app.Span().Class("procedure-done").Body(kit.Icon(kit.IconCheck), textHave.UI())
		if waits := todo.WaitsFor(p.target.place, p.target.number); waits != waiting.Nothing {
			words = app.Span().Body(waiting.Mark(waits), app.Text(" "), waiting.Told().UI())
		}
		way = app.Span().Body(kit.Link{ID: listID, Label: textList, Href: "/todo"}.UI())
	} else {
		button = app.Span().Body(kit.Button{
			ID: "procedure-remember", Label: textRemember, Icon: kit.IconTask, Kind: kind, Busy: p.remembering,
			OnPress: p.remember,
		}.UI())
	}
	return []app.UI{button, words, way}
}

func sharedWords(s browser.Shared) app.UI {
	switch {
	case s.Copied:
		return app.P().Class("procedure-done").Body(kit.Icon(kit.IconCheck), textCopied.UI())
	case s.Address != "":
		return app.P().Body(textCopyThis.UI(), app.Text(": "), app.Code().Text(s.Address))
	}
	return app.P()
}

// related are procedures of the same category in the same place.
func related(r *portalv1.GetProcedureResponse, chosen string) app.UI {
	if len(r.GetRelated()) == 0 {
		return app.Div()
	}
	items := make([]app.UI, len(r.GetRelated()))
	for i, h := range r.GetRelated() {
		code, name := chosen, lang.Plain(h.GetTitle())
		if h.GetPlace() != nil {
			code = h.GetPlace().GetCode()
		}
		if h.GetName() != nil {
			name = lang.Local(h.GetName())
		}
		items[i] = app.Li().Body(kit.Link{Label: name, Href: catalog.Path(code, h.GetNumber())}.UI())
	}
	return app.Div().Class("no-print").Body(
		section("procedure-related", "", textRelated, app.Ul().Class("procedure-links").Body(items...)),
	)
}

// missingWays are the ways on from a number that is nobody's.
func (p *page) missingWays() []app.UI {
	var ways []app.UI
	switch {
	case p.known && p.target.version > 0:
		ways = append(ways, kit.Link{Label: textSeeCurrent, Href: p.here(), Kind: kit.Primary}.UI(),
			kit.Link{Label: textSearch, Href: catalog.Search(p.target.place), Kind: kit.Secondary}.UI())
	default:
		ways = append(ways, kit.Link{Label: textSearch, Href: catalog.Search(p.target.place), Kind: kit.Primary}.UI())
	}
	if p.known && p.target.place != "" {
		ways = append(ways, kit.Link{
			Label: textSeeNation, Href: catalog.Path("", p.target.number), Kind: kit.Secondary,
		}.UI())
	}
	ways = append(ways, kit.Link{Label: textPlaces, Href: "/places", Kind: kit.Secondary}.UI())
	return []app.UI{
		textMissingBody.P("lead"),
		app.Div().Class("actions").Body(ways...),
	}
}
