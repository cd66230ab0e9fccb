package myinfo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/words"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
)

// view is an answer as it is read: what is in sight of it, and what was uncovered.
type view struct {
	entry
	answer    *portalv1.InfoAnswer
	typed     string // words that records are searched for
	shown     int    // how many records of a time line are in sight
	uncovered map[string]bool
	bare      bool    // all that is covered was uncovered
	charts    string  // the item that is drawn; empty for the usual one
	differs   *string // the item by which records differ, once it was looked for
}

const (
	// fewRecords are shown whole; of more there is an overview, which leads to each.
	fewRecords = 4
	// pageOf is how many records of a time line come in sight at a time.
	pageOf = 50
	// mostColumns is how many items an overview has beside its first.
	mostColumns = 5
	// searched is from how many records on one may search them.
	searched = 6
)

// hides tells whether the values of an item are covered still.
func (a *answer) hides(i *portalv1.InfoItem) bool { return i.GetCovered() && !a.bare }

// uncoverAll is the button that uncovers all that is not for others' eyes, and covers it again; nothing where nothing
// is.
func (a *answer) uncoverAll() app.UI {
	covers := func(r *portalv1.InfoRecord) bool {
		return slices.ContainsFunc(r.GetValues(), func(v *portalv1.InfoValue) bool {
			return a.item(v.GetItem()).GetCovered()
		})
	}
	if !slices.ContainsFunc(a.answer.GetRecords(), covers) {
		return app.Div()
	}
	label, icon := textUncoverAll, kit.IconShow
	if a.bare {
		label, icon = textCoverAll, kit.IconHide
	}
	return app.Div().Class("no-print").Body(kit.Button{
		ID: "info-uncover", Label: label, Icon: icon, OnPress: func(app.Context) {
			a.bare, a.differs, a.uncovered = !a.bare, nil, nil
		},
	}.UI())
}

// overview is the answer in the way in which it is best read.
func (a *answer) overview() []app.UI {
	records := a.answer.GetRecords()
	switch a.detail.GetView() {
	case portalv1.InfoView_INFO_VIEW_SERIES:
		return []app.UI{a.charted(), a.table(records)}
	case portalv1.InfoView_INFO_VIEW_COMPARE:
		return a.compared()
	case portalv1.InfoView_INFO_VIEW_TIMELINE:
		return a.timeline()
	case portalv1.InfoView_INFO_VIEW_TABLE:
	default:
		if len(records) <= 3*fewRecords {
			return a.cards()
		}
	}
	if len(records) <= fewRecords {
		return a.cards()
	}
	return []app.UI{a.table(records)}
}

// cards are the records whole, each with a face of its own: a card, a person of the household.
func (a *answer) cards() []app.UI {
	cards := make([]app.UI, len(a.answer.GetRecords()))
	class := "info-card"
	if a.detail.GetView() == portalv1.InfoView_INFO_VIEW_PEOPLE {
		class += " info-person"
	}
	for i, r := range a.answer.GetRecords() {
		face := app.Span()
		if a.detail.GetView() == portalv1.InfoView_INFO_VIEW_PEOPLE {
			face = app.Span().Class("info-face").Body(kit.Icon(kit.IconPerson))
		}
		cards[i] = app.Section().Class(class).Aria("label", a.titleOf(r).String()).Body(
			app.Div().Class("info-card-head").Body(
				face, lang.Local(a.category.GetName()).Span("info-card-name"),
				app.Span().Class("info-card-office").Text(a.answer.GetRequest().GetOffice()),
				a.addedMark(r),
			),
			a.values(i),
		)
	}
	return cards
}

func (a *answer) addedMark(r *portalv1.InfoRecord) app.UI {
	if !r.GetAdded() {
		return app.Span()
	}
	return kit.ChipLabel(kit.Info, textAdded)
}

// one is a record whole.
func (a *answer) one(i int) []app.UI {
	r := a.answer.GetRecords()[i]
	return []app.UI{
		app.H2().Class("part-title").Body(a.titleOf(r).UI(), app.Text(" "), a.addedMark(r)),
		a.besideNote(),
		a.values(i),
		legend(),
	}
}

// titleOf is what a record is called: its time, and the words by which it differs from the others.
func (a *answer) titleOf(r *portalv1.InfoRecord) lang.Text {
	var when, name lang.Text
	time := ""
	for _, v := range r.GetValues() {
		i := a.item(v.GetItem())
		if v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT || a.hides(i) {
			continue
		}
		switch {
		case ofTime(i) && strings.HasPrefix(v.GetText(), time): // a day says more than its month
			when, time = written(i, v.GetText()), v.GetText()
		case i.GetType() == portalv1.InfoType_INFO_TYPE_TEXT && (name.Empty() || v.GetItem() == a.differing()):
			name = written(i, v.GetText())
		}
	}
	switch {
	case name.Empty() && when.Empty():
		return lang.Local(a.detail.GetName())
	case name.Empty():
		return when
	case when.Empty() || a.detail.GetView() == portalv1.InfoView_INFO_VIEW_PEOPLE:
		return name
	}
	return textDayName.F(when, name)
}

// nameOf is what a record is called without its time.
func (a *answer) nameOf(r *portalv1.InfoRecord) lang.Text {
	if v := valueOf(r, a.differing()); v.GetText() != "" {
		return written(a.item(v.GetItem()), v.GetText())
	}
	return a.titleOf(r)
}

// differing is the first item of words that is not the same in all records; empty where none is.
func (a *answer) differing() string {
	if a.differs != nil {
		return *a.differs
	}
	a.differs = new(string)
	records := a.answer.GetRecords()
	for _, i := range a.detail.GetItems() {
		if i.GetType() != portalv1.InfoType_INFO_TYPE_TEXT || a.hides(i) || len(records) == 0 {
			continue
		}
		first := valueOf(records[0], i.GetKey()).GetText()
		another := func(r *portalv1.InfoRecord) bool { return valueOf(r, i.GetKey()).GetText() != first }
		if slices.ContainsFunc(records, another) {
			*a.differs = i.GetKey()
			break
		}
	}
	return *a.differs
}

// values are those of a record, each with from whom and of when it is, what it means, and the way to say that it is
// wrong.
func (a *answer) values(i int) app.UI {
	r := a.answer.GetRecords()[i]
	rows := make([]app.UI, len(r.GetValues()))
	for j, v := range r.GetValues() {
		rows[j] = a.valueRow(i, r, v)
	}
	return app.Dl().Class("facts info-values").Body(rows...)
}

func (a *answer) valueRow(i int, r *portalv1.InfoRecord, v *portalv1.InfoValue) app.UI {
	item := a.item(v.GetItem())
	id := strconv.Itoa(i) + "-" + elementID(v.GetItem())
	parts := []app.UI{a.shownValue(item, v, id)}
	if v.GetReason() != "" {
		parts = append(parts, textOfficeSays.F(v.GetReason()).P("hint"))
	}
	if v.GetChanged() {
		parts = append(parts, app.P().Class("info-changed").Body(
			kit.ChipLabel(kit.Info, textChanged), app.Text(" "), textBefore.UI(), app.Text(" "),
			said(item, v.GetStateBefore(), v.GetTextBefore())))
	}
	if len(v.GetOthers()) > 0 {
		parts = append(parts, a.disagreeing(r, v, item))
	}
	if v.GetCorrectionId() != "" {
		parts = append(parts, app.P().Body(kit.Link{Label: textCorrectionSent, Href: correctionsPath}.UI()))
	}
	return app.Div().Class("facts-row").Body(
		lang.Local(item.GetName()).Dt("facts-name"),
		app.Dd().Class("facts-value").Body(append(parts, a.about(i, r, v, item))...),
	)
}

// about is what there is to know of a value, one press away.
func (a *answer) about(i int, r *portalv1.InfoRecord, v *portalv1.InfoValue, item *portalv1.InfoItem) app.UI {
	asOf := r.GetAsOf()
	if asOf == "" {
		asOf = a.answer.GetAsOf()
	}
	meaning := lang.Local(item.GetMeaning())
	if v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT {
		meaning = textBoth.F(meaning, absenceOf(v.GetState()).means)
	}
	body := []app.UI{
		meaning.P(""),
		textFromAsOf.F(a.answer.GetRequest().GetOffice(), lang.Day(asOf),
			at(a.answer.GetRequest().GetAnsweredAt())).P("hint"),
		app.P().Class("no-print").Body(kit.Link{
			Label: textCorrectOf.F(lang.Local(item.GetName())), Href: a.correctAddress(i, v.GetItem()),
			Icon: kit.IconFlag,
		}.UI()),
	}
	return app.Details().Class("info-about").Body(
		app.Summary().Body(kit.Icon(kit.IconInfo), textAbout.Span(""), app.Text(" "),
			kit.Hidden(textAboutOf.F(lang.Local(item.GetName())))),
		app.Div().Class("info-about-body").Body(body...),
	)
}

// shownValue is a value, behind a button where it is not for others' eyes.
func (a *answer) shownValue(item *portalv1.InfoItem, v *portalv1.InfoValue, id string) app.UI {
	hidden := a.hides(item) && v.GetState() == portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT
	if !hidden || a.uncovered[id] {
		return app.Div().Class("info-said").Body(said(item, v.GetState(), v.GetText()), a.judged(item, v))
	}
	return app.Div().Class("info-said").Body(
		app.Span().Class("info-hidden").Aria("hidden", "true").Text("••••••"),
		kit.Button{ID: "info-uncover-" + id, Label: textUncover.F(lang.Local(item.GetName())), Kind: kit.TextOnly,
			Icon: kit.IconShow, OnPress: func(app.Context) {
				if a.uncovered == nil {
					a.uncovered = map[string]bool{}
				}
				a.uncovered[id] = true
			}}.UI(),
	)
}

// judged says in a word that a value of a check-up is not within what is usual.
func (a *answer) judged(item *portalv1.InfoItem, v *portalv1.InfoValue) app.UI {
	n, ok := amount(v)
	low, noLow := strconv.ParseFloat(item.GetLow(), 64)
	high, noHigh := strconv.ParseFloat(item.GetHigh(), 64)
	switch {
	case ok && noLow == nil && n < low:
		return kit.ChipLabel(kit.Warning, textBelow)
	case ok && noHigh == nil && n > high:
		return kit.ChipLabel(kit.Warning, textAbove)
	}
	return app.Span()
}

// disagreeing lays what offices say of the same fact side by side.
func (a *answer) disagreeing(r *portalv1.InfoRecord, v *portalv1.InfoValue, item *portalv1.InfoItem) app.UI {
	asOf := r.GetAsOf()
	if asOf == "" {
		asOf = a.answer.GetAsOf()
	}
	column := func(office string, value app.UI, day string, answered int64, own bool) app.UI {
		class, mark := "info-side", app.Span()
		if own {
			class += " info-side-own"
			mark = app.Span().Class("hint").Body(textThisAnswer.UI())
		}
		when := textAsOfDay.F(lang.Day(day))
		if day == "" {
			when = textAnsweredAt.F(at(answered))
		}
		return app.Li().Class(class).Body(app.P().Class("info-side-office").Text(office), app.P().Body(value),
			when.P("hint"), mark)
	}
	sides := []app.UI{column(a.answer.GetRequest().GetOffice(), said(item, v.GetState(), v.GetText()), asOf,
		a.answer.GetRequest().GetAnsweredAt(), true)}
	for _, o := range v.GetOthers() {
		other := &portalv1.InfoItem{Type: item.GetType(), Unit: item.GetUnit()}
		value := app.A().Class("link").Href(answerPath(o.GetRequestId())).Body(written(other, o.GetText()).UI())
		sides = append(sides, column(o.GetOffice(), value, o.GetAsOf(), o.GetAnsweredAt(), false))
	}
	return app.Div().Class("info-disagree").Body(
		app.P().Body(kit.ChipLabel(kit.Warning, textDisagree), app.Text(" "), textDisagreeMeans.UI()),
		app.Ul().Class("info-sides").Body(sides...),
	)
}

// table is an overview: a line a record, with the items that tell records apart; the first cell leads to all of it.
func (a *answer) table(records []*portalv1.InfoRecord) app.UI {
	items := a.columns(records)
	columns := []kit.Column{{ID: "record", Label: textRecord}}
	for _, i := range items {
		columns = append(columns, kit.Column{ID: i.GetKey(), Label: named(i), Number: counts(i)})
	}
	rows := make([][]app.UI, len(records))
	for n, r := range records {
		row := []app.UI{app.Span().Body(
			app.A().Class("link").Href(a.address(n+1, a.beside)).Body(a.titleOf(r).UI()), a.marks(r))}
		for _, i := range items {
			row = append(row, a.cell(r, i))
		}
		rows[n] = row
	}
	return kit.Table{ID: "info-table", Caption: a.name(), Columns: columns, Rows: rows, Dense: true}.UI()
}

// cell is the value of an item in an overview.
func (a *answer) cell(r *portalv1.InfoRecord, i *portalv1.InfoItem) app.UI {
	v := valueOf(r, i.GetKey())
	switch {
	case v == nil:
		return app.Span()
	case a.hides(i):
		return app.Span().Class("info-hidden").Body(kit.Hidden(textCoveredCell),
			app.Span().Aria("hidden", "true").Text("••••"))
	}
	return app.Span().Body(said(i, v.GetState(), v.GetText()), app.Text(" "), a.judged(i, v))
}

// marks say at a glance that in a record offices disagree, or something is another than before.
func (a *answer) marks(r *portalv1.InfoRecord) app.UI {
	var changed, disagree bool
	for _, v := range r.GetValues() {
		changed, disagree = changed || v.GetChanged(), disagree || len(v.GetOthers()) > 0
	}
	marks := app.Span().Class("info-marks")
	var chips []app.UI
	if r.GetAdded() {
		chips = append(chips, kit.ChipLabel(kit.Info, textAdded))
	}
	if changed {
		chips = append(chips, kit.ChipLabel(kit.Info, textChanged))
	}
	if disagree {
		chips = append(chips, kit.ChipLabel(kit.Warning, textDisagree))
	}
	return marks.Body(chips...)
}

// columns are the items of an overview: those that say something, without what already calls the record.
func (a *answer) columns(records []*portalv1.InfoRecord) (items []*portalv1.InfoItem) {
	for _, i := range a.detail.GetItems() {
		says := func(r *portalv1.InfoRecord) bool {
			v := valueOf(r, i.GetKey())
			return v != nil && v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_NONE &&
				!strings.Contains(a.titleOf(r).String(), plainly(i, v).String())
		}
		if slices.ContainsFunc(records, says) && len(items) < mostColumns {
			items = append(items, i)
		}
	}
	return items
}

// named is the name of an item with its unit, for a column.
func named(i *portalv1.InfoItem) lang.Text { return lang.Local(i.GetName()) }

// timeline is the records by time, the last first, under their years, with a search.
func (a *answer) timeline() []app.UI {
	records := a.answer.GetRecords()
	search, told := app.Div(), app.P().Class("hint").Attr("role", "status")
	if len(records) >= searched {
		search = search.Body(kit.Field{
			ID: "info-records", Label: textSearchRecords, Type: "search", Value: a.typed,
			OnInput: func(_ app.Context, typed string) { a.typed, a.shown = typed, 0 },
		}.UI())
	}
	var found []int
	for i, r := range records {
		if a.typed == "" || words.In(a.textOf(r), a.typed) > 0 {
			found = append(found, i)
		}
	}
	order.By(found, func(i, j int) int { return strings.Compare(a.timeOf(records[j]), a.timeOf(records[i])) })
	if a.typed != "" {
		told = told.Body(textFound.F(len(found)).UI())
	}
	most := max(a.shown, pageOf)
	var groups, items []app.UI
	year := ""
	close := func() {
		if len(items) > 0 {
			groups = append(groups, app.Div().Class("info-year").Body(
				app.H2().Class("info-year-name").Text(year), app.Ol().Class("info-line").Body(items...)))
		}
		items = nil
	}
	for _, i := range found[:min(most, len(found))] {
		r := records[i]
		if y := a.timeOf(r); y[:min(len(y), 4)] != year {
			close()
			year = y[:min(len(y), 4)]
		}
		items = append(items, app.Li().Class("info-event").Body(
			app.A().Class("link info-event-name").Href(a.address(i+1, a.beside)).Body(a.titleOf(r).UI()), a.marks(r),
			app.P().Class("info-event-of").Body(a.summary(r)...),
		))
	}
	close()
	parts := []app.UI{a.career(), search, told, app.Div().Class("info-lines").Body(groups...)}
	if len(found) > most {
		parts = append(parts, kit.Pager{ID: "info-records-more", Shown: most, More: true,
			OnMore: func(app.Context) { a.shown = max(a.shown, pageOf) + pageOf }}.UI())
	}
	return parts
}

// timeOf is by what a record lies in time, as text that sorts: its day, month or year, and the beginning of a span;
// empty where it has none.
func (a *answer) timeOf(r *portalv1.InfoRecord) string {
	time := ""
	for _, v := range r.GetValues() {
		text, _, _ := strings.Cut(v.GetText(), "/")
		if ofTime(a.item(v.GetItem())) && strings.HasPrefix(text, time) { // a day says more than its month
			time = text
		}
	}
	return time
}

// summary is what else a record says, in a line.
func (a *answer) summary(r *portalv1.InfoRecord) []app.UI {
	var parts []app.UI
	title := a.titleOf(r).String()
	for _, v := range r.GetValues() {
		i := a.item(v.GetItem())
		text := plainly(i, v)
		if a.hides(i) || v.GetState() == portalv1.InfoValueState_INFO_VALUE_STATE_NONE ||
			strings.Contains(title, text.String()) || len(parts) == mostColumns {
			continue
		}
		parts = append(parts, app.Span().Class("info-event-part").Body(
			lang.Local(i.GetName()).Span("hint"), app.Text(" "),
			said(i, v.GetState(), v.GetText())))
	}
	return parts
}

// textOf is all that a record says, to be searched.
func (a *answer) textOf(r *portalv1.InfoRecord) string {
	var all []string
	for _, v := range r.GetValues() {
		all = append(all, v.GetText(), plainly(a.item(v.GetItem()), v).String())
	}
	return strings.Join(all, "\n")
}

// gone are the records that the answer beside had and this one does not.
func (a *answer) gone() app.UI {
	if len(a.answer.GetGone()) == 0 {
		return app.Div()
	}
	var items []app.UI
	for _, r := range a.answer.GetGone() {
		items = append(items, app.Li().Body(app.P().Body(kit.ChipLabel(kit.Warning, textGone), app.Text(" "),
			a.titleOf(r).UI()), app.P().Class("info-event-of").Body(a.summary(r)...)))
	}
	return app.Section().Class("info-gone").Aria("label", textGone.String()).Body(app.Ul().Body(items...))
}

// compared is a table of items by the times of the records, each beside what is usual.
func (a *answer) compared() []app.UI {
	records := a.answer.GetRecords()
	records = records[:min(len(records), mostColumns)]
	columns := []kit.Column{{ID: "item", Label: textItem}, {ID: "usual", Label: textBand}}
	for n, r := range records {
		columns = append(columns, kit.Column{ID: strconv.Itoa(n), Label: a.titleOf(r)})
	}
	var rows [][]app.UI
	for _, i := range a.detail.GetItems() {
		row := []app.UI{lang.Local(i.GetName()).Span(""), band(i).Span("")}
		some := false
		for _, r := range records {
			v := valueOf(r, i.GetKey())
			some = some || v != nil && v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_NONE
			row = append(row, a.cell(r, i))
		}
		if some && !ofTime(i) {
			rows = append(rows, row)
		}
	}
	links := make([]app.UI, len(records))
	for n, r := range records {
		links[n] = app.Li().Body(app.A().Class("link").Href(a.address(n+1, a.beside)).Body(a.titleOf(r).UI()), a.marks(
			r,
		))
	}
	return []app.UI{
		textNoDoctor.P("hint"),
		a.charted(),
		kit.Table{ID: "info-compare", Caption: a.name(), Columns: columns, Rows: rows, Dense: true}.UI(),
		textEach.P("label"), app.Ul().Class("dots").Body(links...),
	}
}

// band is between which a value is as usual.
func band(i *portalv1.InfoItem) lang.Text {
	low, high := lang.Plain(i.GetLow()+i.GetUnit()), lang.Plain(i.GetHigh()+i.GetUnit())
	switch {
	case i.GetLow() == "" && i.GetHigh() == "":
		return lang.Text{}
	case i.GetLow() == "":
		return textAtMost.F(high)
	case i.GetHigh() == "":
		return textAtLeast.F(low)
	}
	return textFromTo.F(low, high)
}
