// Package form draws an application form from its definition (proto/form): every type of question with its label, help
// and error, what is shown under conditions, rows, calculations; and the answers as they are read again. What becomes
// of the answers is the business of who shows it.
//
// At each key that is pressed only what depends on its question is evaluated, and only the questions that look
// different now are drawn. That of the key is not, where nothing but the letter and the count of letters are new: the
// browser shows the letter by itself.
package form

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	engine "madoguchi/proto/form"
)

// Sheet is a form that is being filled in.
type Sheet struct {
	Form *engine.Form
	At   engine.Moment
	// Answers are those that there are, of hidden questions too. They are changed by Set and Put.
	Answers engine.Answers
	// Result is what the form makes of them.
	Result *engine.Result
	// Changed is told of each question of the top level that was answered anew.
	Changed func(ctx app.Context, field string)
	// Open says which questions may be changed; nil says all.
	Open func(field string) bool
	// Files is what stands at a question for attachments.
	Files func(f Question) app.UI
	// Still keeps who draws the sheet from being drawn anew this time (app.Context.PreventUpdate): go-app draws all
	// that an event lies in, which at each key would be the whole form. May be nil.
	Still func()

	sources map[Spot]lang.Text
	offers  map[Spot]offer // what a source says otherwise than what is answered
	fresh   []string       // filled in, and not shown yet
	slots   map[string][]*slot
	told    map[Spot]bool // where what is wrong is said already
	shown   string        // the sections that are
	mounted map[seat]*field
	tables  map[*rows]bool
	fields  map[string]*engine.Field
	within  map[string]string // of a field of rows: theirs
}

// Spot is a question, in a row from 0, or outside of rows (-1).
type Spot = engine.Spot

// seat is where a question is drawn. It stays the same when rows before it go.
type seat struct {
	id  string
	row *slot
}

// offer is what a source says of a question that is answered otherwise.
type offer struct {
	value  engine.Value
	source lang.Text
}

// slot is a row. It stays where it is when others go, so that nothing typed moves to another row.
type slot struct {
	key, row int
	gone     bool
	answers  engine.Answers
}

// New is a sheet with answers.
func New(f *engine.Form, at engine.Moment, answers engine.Answers) *Sheet {
	s := &Sheet{
		Form: f, At: at, sources: map[Spot]lang.Text{}, offers: map[Spot]offer{}, told: map[Spot]bool{},
		mounted: map[seat]*field{}, tables: map[*rows]bool{}, fields: map[string]*engine.Field{},
		within: map[string]string{},
	}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			one := &f.Sections[i].Fields[j]
			s.fields[one.ID] = one
			for k := range one.Fields {
				s.fields[one.Fields[k].ID], s.within[one.Fields[k].ID] = &one.Fields[k], one.ID
			}
		}
	}
	s.Reset(answers)
	return s
}

// Reset puts other answers in the place of all.
func (s *Sheet) Reset(answers engine.Answers) {
	if answers == nil {
		answers = engine.Answers{}
	}
	s.Answers, s.slots = answers, map[string][]*slot{}
	for id, one := range s.fields {
		if one.Type == engine.Rows {
			s.lay(id)
		}
	}
	s.evaluate()
}

// lay makes slots of the rows of an answer, and as many as there must be.
func (s *Sheet) lay(id string) {
	all := s.slots[id]
	for _, old := range all {
		old.gone = true
	}
	for _, row := range s.Answers[id].Rows {
		all = append(all, &slot{key: len(all), answers: row})
	}
	s.slots[id] = all
	least, _ := strconv.Atoi(s.fields[id].Min)
	for len(s.rowsOf(id)) < least {
		s.add(id)
	}
	s.gather(id)
}

func (s *Sheet) add(id string) *slot {
	one := &slot{key: len(s.slots[id]), answers: engine.Answers{}}
	s.slots[id] = append(s.slots[id], one)
	return one
}

func (s *Sheet) rowsOf(id string) (there []*slot) {
	for _, one := range s.slots[id] {
		if !one.gone {
			there = append(there, one)
		}
	}
	return there
}

// gather makes the answer of the rows that are there.
func (s *Sheet) gather(id string) {
	there := s.rowsOf(id)
	rows := make([]engine.Answers, len(there))
	for i, one := range there {
		one.row, rows[i] = i, one.answers
	}
	if len(rows) == 0 {
		delete(s.Answers, id)
		return
	}
	s.Answers[id] = engine.RowsOf(rows...)
}

func (s *Sheet) evaluate() {
	s.Result = s.Form.Evaluate(s.Answers, s.At)
	s.shown = s.sections()
}

// settle evaluates, and has drawn anew what looks different.
func (s *Sheet) settle() {
	s.evaluate()
	s.showRows()
	for _, f := range s.mounted {
		s.show(f)
	}
}

// settleOne evaluates what depends on one answer, and has drawn anew what looks different.
func (s *Sheet) settleOne(at Spot, v engine.Value) {
	otherwise, ok := s.Result.Set(at, v)
	if !ok {
		s.settle()
		return
	}
	if len(otherwise) > 0 {
		s.shown = s.sections()
		s.showRows()
	}
	var there []*slot
	of := ""
	for _, spot := range append(otherwise, at) {
		rows := s.within[spot.Field]
		if rows == "" {
			s.show(s.mounted[seat{spot.Field, nil}])
			continue
		}
		if of != rows {
			of, there = rows, s.rowsOf(rows)
		}
		s.show(s.mounted[seat{spot.Field, there[spot.Row]}])
	}
}

// show has a question drawn anew if it looks different; nil is one that is not on the page.
func (s *Sheet) show(f *field) {
	if f != nil && f.look() != f.drawn {
		s.redraw(f)
	}
}

func (s *Sheet) showRows() {
	for r := range s.tables {
		if r.look() != r.drawn {
			r.redraw()
		}
	}
}

// redraw has one question drawn anew, and nothing around it.
func (s *Sheet) redraw(f *field) {
	f.ctx.Dispatch(func(app.Context) { s.still(f.ID) })
}

// still leaves what is around a question as it is, where an event there would have it drawn.
func (s *Sheet) still(id string) {
	for r := range s.tables {
		if r.ID == s.within[id] {
			if !r.due {
				r.ctx.PreventUpdate() // and with it what is around the rows
			}
			return
		}
	}
	if s.Still != nil {
		s.Still()
	}
}

// sections says which sections are shown: who draws the sheet has others to draw when that changes.
func (s *Sheet) sections() (shown string) {
	for _, sec := range s.Form.Sections {
		if s.Result.SectionShown(sec.ID) {
			shown += sec.ID + ";"
		}
	}
	return shown
}

// Put answers questions of the top level from elsewhere than by hand: from another device, or from what is known.
func (s *Sheet) Put(values engine.Answers) {
	for id, v := range values {
		if v.Kind == 0 {
			delete(s.Answers, id)
		} else {
			s.Answers[id] = v
		}
		if one := s.fields[id]; one != nil && one.Type == engine.Rows {
			s.lay(id)
		}
	}
	for _, f := range s.mounted {
		f.fresh()
	}
	for r := range s.tables {
		r.redraw()
	}
	s.settle()
}

// Fill answers one question that has no answer yet, and says from where; it says whether it did. A row that is one
// after the last is made.
func (s *Sheet) Fill(at Spot, v engine.Value, source lang.Text) bool {
	one := s.fields[at.Field]
	if one == nil || one.Calc != "" || !s.open(at.Field) {
		return false
	}
	into := s.Answers
	rows := s.within[at.Field]
	if rows != "" {
		if at.Row == len(s.rowsOf(rows)) {
			s.add(rows)
		}
		s.gather(rows)
		if at.Row < 0 || at.Row >= len(s.rowsOf(rows)) {
			return false
		}
		into = s.rowsOf(rows)[at.Row].answers
	} else if at.Row >= 0 {
		return false
	}
	if into[at.Field].Kind != 0 {
		return false
	}
	into[at.Field] = v
	s.sources[at] = source
	s.fresh = append(s.fresh, at.Field)
	return true
}

// Offer is Fill, but where a question of the top level is answered otherwise, both are shown there until the person
// chooses. It says whether the answer came from the source now, and whether it is to be chosen.
func (s *Sheet) Offer(field string, v engine.Value, source lang.Text) (filled, asks bool) {
	at := Spot{Field: field, Row: -1}
	delete(s.offers, at)
	if s.Fill(at, v, source) {
		return true, false
	}
	now := s.Answers[field]
	if now.Kind == 0 || !s.open(field) || same(now, v) {
		return false, false
	}
	s.offers[at] = offer{v, source}
	return false, true
}

// Credit says from where an answer came that is there already.
func (s *Sheet) Credit(at Spot, source lang.Text) { s.sources[at] = source }

// Sourced says whether an answer outside of rows came from elsewhere, and was not changed since.
func (s *Sheet) Sourced(field string) bool {
	_, is := s.sources[Spot{Field: field, Row: -1}]
	return is
}

// Choices is how many questions wait for a choice between two answers.
func (s *Sheet) Choices() int { return len(s.offers) }

// choose ends an offer.
func (s *Sheet) choose(ctx app.Context, at Spot, take bool) {
	o := s.offers[at]
	delete(s.offers, at)
	if take {
		s.sources[at] = o.source
		s.Put(engine.Answers{at.Field: o.value})
		s.tell(ctx, at.Field)
	}
	s.settle()
	kit.Focus(ctx, s.elementOf(at))
}

func same(a, b engine.Value) bool {
	return string(engine.Answers{"": a}.Canonical()) == string(engine.Answers{"": b}.Canonical())
}

// Filled has shown what Fill answered, and says which questions of the top level it was.
func (s *Sheet) Filled() (fields []string) {
	for _, id := range s.fresh {
		if rows := s.within[id]; rows != "" {
			id = rows
		}
		if !slices.Contains(fields, id) {
			fields = append(fields, id)
		}
	}
	s.fresh = nil
	s.Put(nil)
	return fields
}

// open says whether a question may be changed.
func (s *Sheet) open(id string) bool {
	return s.Open == nil || s.Open(id) || s.within[id] != "" && s.Open(s.within[id])
}

// set answers a question by hand.
func (s *Sheet) set(ctx app.Context, id string, row *slot, v engine.Value) {
	into, at := s.Answers, Spot{Field: id, Row: -1}
	if row != nil {
		if row.gone {
			return
		}
		into, at.Row = row.answers, row.row
	}
	delete(s.sources, at)
	delete(s.offers, at)
	if v.Kind == 0 || v.Kind == engine.TextAnswer && strings.TrimSpace(v.Text) == "" {
		delete(into, id)
	} else {
		into[id] = v
	}
	s.settleOne(at, into[id])
	if a, is := s.Form.AccountOf(id); is {
		s.show(s.mounted[seat{a.Branch, row}])
	}
	s.tell(ctx, id)
}

func (s *Sheet) tell(ctx app.Context, id string) {
	if rows := s.within[id]; rows != "" {
		id = rows
	}
	if s.Changed != nil {
		s.Changed(ctx, id)
	}
}

// Attached is a question for attachments, in its place: its element, and what is attached there.
type Attached struct {
	Element string
	Files   []engine.File
}

// Attached are the places of a question for attachments: of one in rows, each.
func (s *Sheet) Attached(id string) (all []Attached) {
	rows := s.within[id]
	if rows == "" {
		return []Attached{{elementID(id, nil), s.Answers[id].Files}}
	}
	for _, row := range s.rowsOf(rows) {
		all = append(all, Attached{elementID(id, row), row.answers[id].Files})
	}
	return all
}

// AddRow adds a row to those that a question stands in, and says the question's element there; empty where there may be
// no more.
func (s *Sheet) AddRow(ctx app.Context, id string) string {
	in := s.within[id]
	if in == "" || !s.open(in) {
		return ""
	}
	if most, err := strconv.Atoi(s.fields[in].Max); err == nil && len(s.rowsOf(in)) >= most {
		return ""
	}
	one := s.add(in)
	s.gather(in)
	s.settle()
	s.tell(ctx, in)
	for r := range s.tables {
		if r.ID == in {
			r.undo = nil
			r.redraw()
		}
	}
	return elementID(id, one)
}

// InRows says that a question stands in rows.
func (s *Sheet) InRows(id string) bool { return s.within[id] != "" }

// SetFiles answers a question for attachments, in the place of an element.
func (s *Sheet) SetFiles(ctx app.Context, id, element string, files []engine.File) {
	v := engine.Value{}
	if len(files) > 0 {
		v = engine.FilesOf(files...)
	}
	if rows := s.within[id]; rows == "" {
		s.set(ctx, id, nil, v)
	} else {
		for _, row := range s.rowsOf(rows) {
			if elementID(id, row) == element {
				s.set(ctx, id, row, v)
			}
		}
	}
	s.Redraw(element)
}

// Redraw has the question of an element drawn anew.
func (s *Sheet) Redraw(element string) {
	for _, f := range s.mounted {
		if f.element() == element {
			s.redraw(f)
		}
	}
}

// RedrawAll has all questions drawn anew, as when others may be changed now.
func (s *Sheet) RedrawAll() {
	for _, f := range s.mounted {
		f.ctx.Update()
	}
	for r := range s.tables {
		r.redraw()
	}
}

// Field is a question of the top level or of rows; nil when there is none.
func (s *Sheet) Field(id string) *engine.Field { return s.fields[id] }

// Check says what is wrong in a section, or in all for an empty name, and has it said at the questions from now on.
func (s *Sheet) Check(section string) (faults []kit.FieldError) {
	for _, sec := range s.Form.Sections {
		if section != "" && sec.ID != section {
			continue
		}
		for _, one := range sec.Fields {
			s.tellOf(Spot{Field: one.ID, Row: -1}, &faults)
			for _, row := range s.rowsOf(one.ID) {
				for _, inner := range one.Fields {
					s.tellOf(Spot{Field: inner.ID, Row: row.row}, &faults)
				}
			}
		}
	}
	s.settle()
	return faults
}

func (s *Sheet) tellOf(at Spot, faults *[]kit.FieldError) {
	s.told[at] = true
	if e := s.errorAt(at); !e.Empty() {
		*faults = append(*faults, kit.FieldError{
			Field: s.elementOf(at), Message: textAt.F(s.Label(at.Field), e),
		})
	}
}

// SectionOf is the section of a question.
func (s *Sheet) SectionOf(id string) string {
	if rows := s.within[id]; rows != "" {
		id = rows
	}
	for _, sec := range s.Form.Sections {
		for _, one := range sec.Fields {
			if one.ID == id {
				return sec.ID
			}
		}
	}
	return ""
}

// errorAt is what keeps the answer from being signed.
func (s *Sheet) errorAt(at Spot) lang.Text {
	for _, f := range s.Result.FaultsAt(at) {
		if f.Level == engine.Error {
			return s.Words(f)
		}
	}
	return lang.Text{}
}

// elementOf is the id of the element at a spot.
func (s *Sheet) elementOf(at Spot) string {
	if at.Row < 0 {
		return elementID(at.Field, nil)
	}
	for _, one := range s.rowsOf(s.within[at.Field]) {
		if one.row == at.Row {
			return elementID(at.Field, one)
		}
	}
	return ""
}

func elementID(id string, row *slot) string {
	if row != nil {
		return "f-" + id + "-" + strconv.Itoa(row.key)
	}
	return "f-" + id
}

// Of is a text of the form in the languages of the page.
func Of(f *engine.Form, key string) lang.Text {
	t, ok := f.Texts[key]
	if !ok {
		return lang.Text{}
	}
	return lang.New(t.Ja, t.En, t.In("easy"))
}

// Label is what a question is called.
func (s *Sheet) Label(id string) lang.Text { return Of(s.Form, id) }

// Draw draws the questions of a section.
func (s *Sheet) Draw(section string) []app.UI {
	var body []app.UI
	for i := range s.Form.Sections {
		if sec := &s.Form.Sections[i]; sec.ID == section {
			for j := range sec.Fields {
				body = append(body, s.question(&sec.Fields[j], nil))
			}
		}
	}
	return grouped(body, 8)
}

// grouped puts what there is much of into parts of a few, which the browser need not look into while they are far from
// what is in sight (draft.css).
func grouped(all []app.UI, few int) (parts []app.UI) {
	for part := range slices.Chunk(all, few) {
		parts = append(parts, app.Div().Class("questions").Body(part...))
	}
	return parts
}

func (s *Sheet) question(one *engine.Field, row *slot) app.UI {
	if one.Type == engine.Rows {
		return &rows{Sheet: s, ID: one.ID, Language: lang.Current()}
	}
	return &field{Sheet: s, ID: one.ID, Row: row, Language: lang.Current()}
}
