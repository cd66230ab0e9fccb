package form

import (
	"slices"
	"strconv"

	"madoguchi/proto/order"
	"madoguchi/proto/rule"
)

// Moment is what an evaluation depends on beside the answers.
type Moment struct {
	Today  string // the day of arrival in Japan: clock.Day
	Office string // the code of the place that the application is addressed to; "" when it is not known yet
}

// Fault is what is wrong with an answer, or what a check of the form has to say of it.
type Fault struct {
	Field string
	Row   int // from 0; -1 outside of rows
	Code  Code
	Level Level
	// Limit is the bound that was passed, or the place in a list: "40", "2026-12-26". Check is the id of a CodeCheck,
	// whose words are the text "check.<id>".
	Limit, Check string
}

// Code says what is wrong. Its words belong to who shows them.
type Code string

// Codes.
const (
	CodeRequired  Code = "required"
	CodeAgree     Code = "agree"     // what must be agreed to
	CodeUnknown   Code = "unknown"   // no such field
	CodeKind      Code = "kind"      // a text where a number belongs, and the like
	CodeLong      Code = "long"      // more characters than Limit
	CodeSigns     Code = "signs"     // what cannot be seen, or is no character
	CodePrivate   Code = "private"   // 外字
	CodeKana      Code = "kana"      // not in katakana
	CodeDigits    Code = "digits"    // not (Limit) digits
	CodeDay       Code = "day"       // no such day, month or time
	CodeEarly     Code = "early"     // before Limit
	CodeLate      Code = "late"      // after Limit
	CodeSmall     Code = "small"     // below Limit
	CodeLarge     Code = "large"     // above Limit
	CodeTel       Code = "tel"       // no telephone number
	CodeMail      Code = "mail"      // no mail address
	CodePostal    Code = "postal"    // not seven digits
	CodePlace     Code = "place"     // no code of a municipality
	CodeHolder    Code = "holder"    // what no holder of an account is called
	CodeInsurer   Code = "insurer"   // the check digit of an insurer's number
	CodeOption    Code = "option"    // not to be chosen
	CodeFew       Code = "few"       // fewer rows, files or options than Limit
	CodeMany      Code = "many"      // more than Limit
	CodeFileType  Code = "file-type" // the file in the place Limit is of a type that is not taken
	CodeFileSize  Code = "file-size" // empty, or too large
	CodeFileBroke Code = "file"      // no name, no digest
	CodeCheck     Code = "check"
)

// MaxFile is how many bytes one attachment may have; how many an application may have in all is the portal's.
const MaxFile = 5 << 20

// Result is what a form makes of answers.
type Result struct {
	Faults []Fault
	// Late: a deadline there is has passed.
	Late bool
	// Cosigned: a second person signs.
	Cosigned bool

	state *state
	form  *Form
}

// Answers are those that are shown and not empty, with what was computed: what would be signed. They are gathered when
// somebody asks, since at each key that is pressed nobody does.
func (r *Result) Answers() Answers {
	answers := Answers{}
	for _, q := range r.form.questions {
		if q.rows != nil {
			continue
		}
		if v := r.state.kept(q); v.Kind != 0 {
			answers[q.ID] = v
		}
	}
	return answers
}

// Fine says whether nothing keeps the answers from being signed.
func (r *Result) Fine() bool {
	return !slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Level == Error })
}

// Shown says whether a field is shown; row is -1 outside of rows.
func (r *Result) Shown(field string, row int) bool {
	s, ok := r.at(field, row)
	return ok && s.shown
}

// Required says whether a field that is shown must be answered.
func (r *Result) Required(field string, row int) bool {
	s, ok := r.at(field, row)
	return ok && s.shown && s.required
}

// Computed is the value of a field that is calculated, as it is kept; 0 when it is empty or hidden.
func (r *Result) Computed(field string, row int) Value {
	q := r.form.byID[field]
	s, ok := r.at(field, row)
	if !ok || !s.shown || q.calc == nil {
		return Value{}
	}
	return s.answer
}

// SectionShown says whether any question of a section is shown.
func (r *Result) SectionShown(section string) bool {
	return slices.ContainsFunc(r.form.questions, func(q *question) bool {
		return q.section.ID == section && q.rows == nil && r.Shown(q.ID, -1)
	})
}

func (r *Result) at(field string, row int) (slot, bool) {
	q := r.form.byID[field]
	if q == nil || (q.rows == nil) != (row < 0) {
		return slot{}, false
	}
	if q.rows == nil {
		return r.state.top[q.index], true
	}
	table := r.state.tables[q.rows.table]
	if row >= len(table) {
		return slot{}, false
	}
	return table[row][q.index], true
}

// slot is a question that is being answered.
type slot struct {
	scalar
	answer          Value
	shown, required bool
	faults          []Fault // of the answer by itself; those of checks lie with them
}

// state is an evaluation under way.
type state struct {
	form    *Form
	today   int64
	office  string
	top     []slot
	tables  [][][]slot // by rows, row, field
	current []int      // the row at hand, by rows
	ranks   map[*question][]int64
	strange []Fault  // answers to no question
	failing [][]bool // what the checks say, by row
}

// maxFaults is how many are said at once.
const maxFaults = 1000

func (s *state) slot(q *question) *slot {
	if q.rows == nil {
		return &s.top[q.index]
	}
	return &s.tables[q.rows.table][s.current[q.rows.table]][q.index]
}

func (s *state) isAnswered(q *question) bool {
	v := s.slot(q)
	if !v.shown {
		return false
	}
	switch q.Type {
	case Agree:
		return v.n == 1
	case Rows, Files:
		return s.howMany(q) > 0
	}
	return v.has
}

func (s *state) howMany(q *question) int64 {
	v := s.slot(q)
	if !v.shown {
		return 0
	}
	if q.Type == Rows {
		return int64(len(s.tables[q.table]))
	}
	return int64(len(v.answer.Files))
}

// Evaluate says which fields are shown, what is computed, and what is wrong, on the day of the moment. It never fails
// and changes nothing.
func (f *Form) Evaluate(answers Answers, at Moment) *Result {
	s := &state{form: f, office: at.Office, tables: make([][][]slot, f.tables), current: make([]int, f.tables)}
	s.today, _ = readDay(at.Today)
	s.lay(answers)
	for _, q := range f.order {
		s.each(q.rows, func() { s.settle(q) })
	}
	s.judge()
	result := &Result{Faults: s.faults(), state: s, form: f}
	result.conclude()
	return result
}

// conclude says what the answers mean for the whole application.
func (r *Result) conclude() {
	f, s := r.form, r.state
	if d := f.Deadline; d != nil {
		from := s.top[f.byID[d.From].index]
		r.Late = from.shown && from.has && s.today > from.n+int64(d.Days)
	}
	r.Cosigned = f.Cosign != nil && (f.cosign == nil || s.truth(f.cosign))
}

// rowOf is the row at hand, or -1 outside of rows.
func (s *state) rowOf(rows *question) int {
	if rows == nil {
		return -1
	}
	return s.current[rows.table]
}

// each does something for each row, or once outside of rows.
func (s *state) each(rows *question, do func()) {
	if rows == nil {
		do()
		return
	}
	for i := range s.tables[rows.table] {
		s.current[rows.table] = i
		do()
	}
}

// lay puts the answers in their places, and says which have none.
func (s *state) lay(answers Answers) {
	s.top = make([]slot, s.form.top)
	known := 0
	for _, q := range s.form.questions {
		if q.rows != nil {
			continue
		}
		v, ok := answers[q.ID]
		if !ok {
			continue
		}
		known++
		s.top[q.index].answer = v
		if q.Type == Rows && v.Kind == RowsAnswer {
			s.tables[q.table] = s.layRows(q, v.Rows)
		}
	}
	if known < len(answers) {
		s.strangers(answers, nil, -1)
	}
}

func (s *state) layRows(q *question, rows []Answers) [][]slot {
	rows = rows[:min(len(rows), maxRows)]
	table := make([][]slot, len(rows))
	all := make([]slot, len(rows)*len(q.fields))
	for i, row := range rows {
		table[i] = all[i*len(q.fields):][:len(q.fields)]
		known := 0
		for j, inner := range q.fields {
			if v, ok := row[inner.ID]; ok {
				known++
				table[i][j].answer = v
			}
		}
		if known < len(row) {
			s.strangers(row, q, i)
		}
	}
	return table
}

// strangers are answers to no question.
func (s *state) strangers(answers Answers, rows *question, row int) {
	var names []string
	for id := range answers {
		if q := s.form.byID[id]; q == nil || q.rows != rows {
			names = append(names, id)
		}
	}
	order.By(names, compareUTF16) // in the same order on both sides
	for _, id := range names[:min(len(names), maxFaults)] {
		s.strange = append(s.strange, Fault{Field: Shown(id), Row: row, Code: CodeUnknown, Level: Error})
	}
}

// settle says whether a question is shown, and what its value is.
func (s *state) settle(q *question) {
	v := s.slot(q)
	v.scalar, v.shown = empty, q.rows == nil || s.slot(q.rows).shown
	for _, e := range q.show {
		v.shown = v.shown && s.truth(e)
	}
	if !v.shown {
		return
	}
	if q.calc != nil {
		v.scalar = s.value(q.calc)
		v.answer = q.answerOf(v.scalar)
		return
	}
	v.scalar = q.scalarOf(v.answer)
}

func (q *question) answerOf(v scalar) Value {
	switch {
	case !v.has:
		return Value{}
	case q.typ == intType:
		return IntOf(v.n)
	case q.typ == dayType:
		return TextOf(writeDay(v.n, q.Type))
	case q.typ == boolType:
		return BoolOf(v.n == 1)
	}
	return TextOf(v.s)
}

// scalarOf is what expressions see of an answer: nothing when it cannot be read.
func (q *question) scalarOf(v Value) scalar {
	if v.isEmpty() || v.Kind != kindOf[q.typ] {
		return empty
	}
	switch q.typ {
	case intType:
		return number(v.Int)
	case dayType:
		n, ok := readDay(v.Text)
		if q.Type == Month {
			n, ok = readMonth(v.Text)
		}
		return scalar{has: ok, n: n}
	case boolType:
		return truth(v.Bool)
	case textsType:
		return scalar{has: true, list: v.Texts}
	}
	return scalar{has: true, s: v.Text}
}

// kept is the answer as it would be signed.
func (s *state) kept(q *question) Value {
	v := s.slot(q)
	if !v.shown || v.answer.isEmpty() || q.Type == Note {
		return Value{}
	}
	if q.Type != Rows || v.answer.Kind != RowsAnswer {
		return v.answer
	}
	rows := Value{Kind: RowsAnswer}
	for i := range s.tables[q.table] {
		s.current[q.table] = i
		row := Answers{}
		for _, inner := range q.fields {
			if v := s.kept(inner); v.Kind != 0 {
				row[inner.ID] = v
			}
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// judge looks at each answer, and then at what the form's checks say of them together.
func (s *state) judge() {
	for _, q := range s.form.questions {
		s.each(q.rows, func() { s.judgeOne(q) })
	}
	s.failing = make([][]bool, len(s.form.checks))
	for i := range s.form.checks {
		c := &s.form.checks[i]
		s.failing[i] = make([]bool, 1)
		if c.rows != nil {
			s.failing[i] = make([]bool, len(s.tables[c.rows.table]))
		}
		s.each(c.rows, func() { *s.failed(c) = s.fails(c) })
	}
}

func (s *state) fails(c *check) bool {
	return (c.rows == nil || s.slot(c.rows).shown) && s.truth(c.when)
}

// failed is where it stands what a check said, of the row at hand.
func (s *state) failed(c *check) *bool { return &s.failing[c.index][max(s.rowOf(c.rows), 0)] }

// faults are all that there are, in the order of the form.
func (s *state) faults() []Fault {
	faults := slices.Clone(s.strange)
	for _, q := range s.form.questions {
		s.each(q.rows, func() { faults = append(faults, s.slot(q).faults...) })
	}
	for i := range s.form.checks {
		c := &s.form.checks[i]
		s.each(c.rows, func() {
			if !*s.failed(c) {
				return
			}
			for _, id := range c.At {
				faults = append(faults, s.faultOf(c, id))
			}
		})
	}
	return faults[:min(len(faults), maxFaults)]
}

func (s *state) faultOf(c *check, field string) Fault {
	row := s.rowOf(s.form.byID[field].rows)
	return Fault{Field: field, Row: row, Code: CodeCheck, Level: c.Level, Check: c.ID}
}

func (s *state) judgeOne(q *question) {
	v := s.slot(q)
	v.required, v.faults = false, nil
	if !v.shown || q.calc != nil {
		return
	}
	fault := func(code Code, limit string) {
		v.faults = append(v.faults, Fault{Field: q.ID, Row: s.rowOf(q.rows), Code: code, Level: Error, Limit: limit})
	}
	if q.Type == Note {
		if !v.answer.isEmpty() {
			fault(CodeUnknown, "")
		}
		return
	}
	v.required = q.required != nil && s.truth(q.required) || q.Type == Rows && q.least > 0
	if v.answer.isEmpty() || q.Type == Agree && v.answer.Kind == BoolAnswer && !v.answer.Bool {
		switch {
		case q.Type == Rows && q.least > 0:
			fault(CodeFew, strconv.Itoa(q.least))
		case v.required && q.Type == Agree:
			fault(CodeAgree, "")
		case v.required:
			fault(CodeRequired, "")
		}
		return
	}
	if v.answer.Kind != kindOf[q.typ] {
		fault(CodeKind, "")
		return
	}
	switch q.typ {
	case textType:
		if code, limit := q.textFault(v.answer.Text); code != "" {
			fault(code, limit)
		}
	case intType:
		s.judgeNumber(q, v.scalar, fault)
	case dayType:
		s.judgeDay(q, v.scalar, fault)
	case textsType:
		s.judgeChoices(q, v.answer.Texts, fault)
	case filesType:
		judgeFiles(q, v.answer.Files, fault)
	case rowsType:
		judgeCount(q, len(v.answer.Rows), fault)
	}
}

func judgeCount(q *question, count int, fault func(Code, string)) {
	switch {
	case count < q.least:
		fault(CodeFew, strconv.Itoa(q.least))
	case count > q.most:
		fault(CodeMany, strconv.Itoa(q.most))
	}
}

func (s *state) judgeNumber(q *question, v scalar, fault func(Code, string)) {
	if !v.has || q.Type == Yen && q.min == nil && v.n < 0 {
		fault(CodeSmall, "0")
		return
	}
	if q.min != nil {
		if least := s.value(q.min); least.has && v.n < least.n {
			fault(CodeSmall, strconv.FormatInt(least.n, 10))
			return
		}
	}
	if q.max != nil {
		if most := s.value(q.max); most.has && v.n > most.n {
			fault(CodeLarge, strconv.FormatInt(most.n, 10))
		}
	}
}

func (s *state) judgeDay(q *question, v scalar, fault func(Code, string)) {
	if !v.has {
		fault(CodeDay, "")
		return
	}
	if q.min != nil {
		if least := s.value(q.min); least.has && v.n < least.n {
			// A month begins on its first day: what is bound within one begins with the next.
			if day := timeOf(least.n); q.Type == Month && day.Day() > 1 {
				least.n = numberOf(rule.AddMonths(day, 1))
			}
			fault(CodeEarly, writeDay(least.n, q.Type))
			return
		}
	}
	if q.max != nil {
		if most := s.value(q.max); most.has && v.n > most.n {
			fault(CodeLate, writeDay(most.n, q.Type))
		}
	}
}

func (s *state) judgeChoices(q *question, chosen []string, fault func(Code, string)) {
	for i, one := range chosen {
		if !slices.Contains(q.Options, one) || slices.Contains(chosen[:i], one) {
			fault(CodeOption, "")
			return
		}
	}
	judgeCount(q, len(chosen), fault)
}

func judgeFiles(q *question, files []File, fault func(Code, string)) {
	for i, file := range files {
		at := strconv.Itoa(i + 1)
		switch {
		case !slices.Contains(q.Accept, file.Type):
			fault(CodeFileType, at)
		case file.Size < 1 || file.Size > MaxFile:
			fault(CodeFileSize, at)
		case !isDigest(file.Digest) || file.Name == "" || len(file.Name) > 255 || faultOfText(file.Name, false) != 0:
			fault(CodeFileBroke, at)
		}
	}
	judgeCount(q, len(files), fault)
}

func isDigest(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// textFault says what is wrong with a text that is not empty.
func (q *question) textFault(s string) (Code, string) {
	if len(s) > maxAnswer*4 {
		return CodeLong, strconv.Itoa(cmpOr(q.most, maxAnswer))
	}
	if q.most > 0 && rule.TooLong(s, q.most) {
		return CodeLong, strconv.Itoa(q.most)
	}
	switch q.Type {
	case Line, Lines:
		return codeOf(faultOfText(s, q.Type == Lines)), ""
	case Name:
		return codeOf(faultOfName(s)), ""
	case Kana:
		return unless(rule.IsKatakana(s), CodeKana), ""
	case Digits:
		if q.Length > 0 {
			return unless(rule.IsDigits(s, q.Length), CodeDigits), strconv.Itoa(q.Length)
		}
		return unless(rule.OnlyDigits(s), CodeDigits), ""
	case Clock:
		return unless(isTime(s), CodeDay), ""
	case Tel:
		return unless(rule.IsTelephone(s), CodeTel), ""
	case Mail:
		return unless(rule.MailAddress(s) == rule.MailGood, CodeMail), ""
	case Postal:
		return unless(rule.IsDigits(s, 7), CodePostal), ""
	case Place:
		return unless(rule.PlaceCode(s), CodePlace), ""
	case Holder:
		return unless(s == rule.AccountName(s) && rule.IsAccountName(s), CodeHolder), ""
	case Insurer:
		return unless(rule.InsurerNumber(s), CodeInsurer), ""
	}
	return unless(slices.Contains(q.Options, s), CodeOption), ""
}

func unless(fine bool, code Code) Code {
	if fine {
		return ""
	}
	return code
}

func isTime(s string) bool {
	return len(s) == len("09:30") && s[2] == ':' && rule.OnlyDigits(s[:2]) && rule.OnlyDigits(s[3:]) && s[:2] < "24" &&
		s[3:] < "60"
}
