package form

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/rule"
)

// Form is a definition that makes sense, ready to be filled in.
type Form struct {
	Definition
	questions []*question // as they are written, those of rows after their rows
	byID      map[string]*question
	order     []*question // so that none comes before what it depends on
	checks    []check
	cosign    *expr
	hash      string // of the canonical definition
	tables    int    // how many of the questions are rows
	top       int    // how many stand outside of rows
}

// question is a field that is understood.
type question struct {
	Field
	section *Section
	rows    *question // those that it is a field of
	fields  []*question
	index   int // among those of the form, or of its row
	table   int // of rows: which
	typ     valueType

	show                     []*expr // all of them hold where it is shown
	calc, required, min, max *expr
	most                     int // characters, rows, files, choices
	least                    int
	path                     string

	place                  int    // among those in order
	settles, judges, tried []link // what depends on it: see links
	checks                 []*check
}

type check struct {
	Check
	index int // among those of the form
	when  *expr
	rows  *question
}

func valueTypeOf(t FieldType) valueType {
	switch t {
	case Int, Yen:
		return intType
	case Day, Month:
		return dayType
	case Choices:
		return textsType
	case Yes, Agree:
		return boolType
	case Files:
		return filesType
	case Rows:
		return rowsType
	case Note:
		return noType
	}
	return textType
}

// Read reads a definition as JSON. An error is Problems, or a Problem when nothing could be read.
func Read(data []byte) (*Form, error) {
	n, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return Compile(n)
}

// Compile understands a definition, or says all that is wrong with it: Problems, by line.
func Compile(n Node) (*Form, error) {
	c := &compiler{form: &Form{byID: map[string]*question{}}}
	c.form.Definition = c.definition(n)
	if len(c.problems) == 0 {
		c.gather()
	}
	if len(c.problems) == 0 {
		c.understand()
	}
	if len(c.problems) == 0 {
		c.arrange()
		c.words()
		c.form.link()
	}
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, c.problems
	}
	c.form.hash = c.form.Hash()
	return c.form, nil
}

type compiler struct {
	decoder
	form *Form
	cost int
}

// gather makes a question of each field, with what its type says of it.
func (c *compiler) gather() {
	f := c.form
	sections := map[string]bool{}
	for i := range f.Sections {
		s := &f.Sections[i]
		if sections[s.ID] {
			c.wrong(s.line, "sections."+s.ID, "この名前の区切りがもう一つあります。別の名前にしてください。")
		}
		sections[s.ID] = true
		f.layOut(s, func(q *question) {
			if f.byID[q.ID] != nil {
				c.wrong(q.line, q.path, "この名前の項目がもう一つあります。繰返しの中も含めて、別の名前にしてください。")
			}
			c.suits(q)
		})
	}
	if len(f.Sections) == 0 {
		c.wrong(f.line, "sections", "区切りを一つ以上書いてください。")
	}
}

// layOut makes a question of each field of a section; look sees each before it has its place.
func (f *Form) layOut(s *Section, look func(*question)) {
	put := func(field Field, rows *question, index int) *question {
		q := &question{Field: field, section: s, rows: rows, index: index, typ: valueTypeOf(field.Type)}
		q.path = "sections." + s.ID + "." + field.ID
		if rows != nil {
			q.path = rows.path + "." + field.ID
		}
		q.limit()
		look(q)
		f.byID[q.ID] = q
		f.questions = append(f.questions, q)
		return q
	}
	for _, field := range s.Fields {
		q := put(field, nil, f.top)
		f.top++
		if field.Type == Rows {
			q.table = f.tables
			f.tables++
		}
		for i, inner := range field.Fields {
			q.fields = append(q.fields, put(inner, q, i))
		}
	}
}

// limit settles how much of it there may be, where that is no expression.
func (q *question) limit() {
	if q.typ == intType || q.typ == dayType {
		return
	}
	switch q.Type {
	case Line:
		q.most = 200
	case Lines:
		q.most = 1000
	case Name:
		q.most = 40
	case Kana:
		q.most = 60
	case Choices:
		q.most = len(q.Options)
	}
	if n, err := strconv.Atoi(q.Min); err == nil {
		q.least = n
	}
	if n, err := strconv.Atoi(q.Max); err == nil {
		q.most = n
	}
}

// suits refuses members that a type has no use for.
func (c *compiler) suits(q *question) {
	no := func(has bool, what string) {
		if has {
			c.wrong(q.line, q.path, "種類 "+string(q.Type)+" の項目に「"+what+"」は書けません。取り除いてください。")
		}
	}
	needs := func(has bool, what string) {
		if !has {
			c.wrong(q.line, q.path, "種類 "+string(q.Type)+" の項目には「"+what+"」が要ります。")
		}
	}
	chosen := q.Type == Choice || q.Type == Choices
	numeric := q.typ == intType || q.typ == dayType
	several := q.Type == Choices || q.Type == Files || q.Type == Rows
	no(q.Length != 0 && q.Type != Digits, "length")
	no(q.Pad && q.Type != Digits, "pad")
	needs(q.Length != 0 || q.Max != "" || q.Type != Digits, "length")
	no(q.Register != "" && q.Type != Digits, "register")
	c.registered(q)
	no(len(q.Options) > 0 && !chosen, "options")
	needs(len(q.Options) > 1 || !chosen || q.Type == Choices && len(q.Options) > 0, "options")
	no(len(q.Accept) > 0 && q.Type != Files, "accept")
	needs(len(q.Accept) > 0 || q.Type != Files, "accept")
	no(q.KeepMetadata && q.Type != Files, "keep_metadata")
	no(q.OriginalByPost && q.Type != Files, "original_by_post")
	no(len(q.Fields) > 0 && q.Type != Rows, "fields")
	needs(len(q.Fields) > 0 || q.Type != Rows, "fields")
	needs(q.Max != "" || q.Type != Rows && q.Type != Files, "max")
	calculated := numeric || q.Type == Line || q.Type == Yes
	no(q.Calc != "" && !calculated, "calc")
	no(q.Calc != "" && (q.Required != "" || q.Min != "" || q.Max != "" || len(q.Prefill) > 0 || q.Link), "calc と他の条件")
	fixed := q.Type == Note || q.Type == Rows
	no(q.Required != "" && fixed, "required")
	no(len(q.Prefill) > 0 && (q.Type == Agree || q.Type == Note || q.Type == Files), "prefill")
	linked := chosen || numeric || q.Type == Yes || q.Type == Place || q.Type == Postal
	no(q.Link && !linked, "link")
	no(q.Min != "" && !numeric && !several, "min")
	limited := numeric || several || q.Type == Line || q.Type == Lines || q.Type == Name || q.Type == Kana ||
		q.Type == Digits
	no(q.Max != "" && !limited, "max")
	for _, source := range q.Prefill {
		if !isSource(source) {
			c.wrong(q.line, q.path, "「"+Shown(source)+"」からは入力できません。"+
				strings.Join(sources, "、")+"、self.27.number（わたしの情報の項目）のどれかです。")
		}
	}
	if numeric {
		return
	}
	bound := map[FieldType]int{Rows: maxRows, Files: maxFiles, Choices: len(q.Options), Digits: 40}[q.Type]
	if bound == 0 {
		bound = maxAnswer
	}
	c.bound(q, "min", q.Min, 0, bound)
	c.bound(q, "max", q.Max, 1, bound)
	if q.least > q.most && several {
		c.wrong(q.line, q.path, "min が max より大きくなっています。")
	}
}

// registered refuses codes of another length than theirs, and a branch without its bank.
func (c *compiler) registered(q *question) {
	bank := c.form.byID[q.BankOf()]
	switch {
	case q.Register == Bank && q.Length != 4:
		c.wrong(q.line, q.path+".register", "金融機関の番号は length: 4 です。")
	case q.Register == Branch && q.Length != 3:
		c.wrong(q.line, q.path+".register", "支店の番号は length: 3 です。")
	case q.Register == Branch && (bank == nil || bank.Register != Bank || bank.rows != q.rows):
		c.wrong(q.line, q.path+".register", "支店の前に、同じ名前で branch を bank にした、金融機関の項目が要ります。")
	}
}

func (c *compiler) bound(q *question, name, text string, least, most int) {
	if text == "" {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		c.wrong(q.line, q.path+"."+name, strconv.Itoa(least)+"から"+strconv.Itoa(most)+"までの整数にしてください。")
	}
}

// sources are from where a field may be filled in, but what offices hold (わたしの情報): that is self. and an item of
// package selfinfo, self.27.number.
var sources = []string{
	"card.name", "card.kana", "card.birth", "card.sex", "card.address", "earlier", "profile.mail", "profile.tel",
	"profile.postal", "household.name", "household.kana", "household.birth", "household.sex", "household.relation",
	"household.head",
}

func isSource(s string) bool {
	if slices.Contains(sources, s) {
		return true
	}
	item, held := strings.CutPrefix(s, "self.")
	category, name, _ := strings.Cut(item, ".")
	return held && rule.OnlyDigits(category) && isName(name)
}

// understand reads the expressions.
func (c *compiler) understand() {
	f := c.form
	for _, q := range f.questions {
		in, times := scope{byID: f.byID}, 1
		if q.rows != nil {
			in.within, times = []*question{q.rows}, maxRows
		}
		if q.section.ShowIf != "" {
			q.show = append(q.show, c.expression(q.section.line, "sections."+q.section.ID+".show_if", q.section.ShowIf,
				boolType, scope{byID: f.byID}, times))
		}
		of := func(name, text string, want valueType) *expr {
			if text == "" {
				return nil
			}
			return c.expression(q.line, q.path+"."+name, text, want, in, times)
		}
		if e := of("show_if", q.ShowIf, boolType); e != nil {
			q.show = append(q.show, e)
		}
		q.calc = of("calc", q.Calc, q.typ)
		q.required = of("required", q.Required, boolType)
		if q.typ == intType || q.typ == dayType {
			q.min, q.max = of("min", q.Min, q.typ), of("max", q.Max, q.typ)
		}
	}
	ids := map[string]bool{}
	for i, written := range f.Checks {
		path := "checks." + written.ID
		if ids[written.ID] {
			c.wrong(written.line, path, "この名前の検査がもう一つあります。別の名前にしてください。")
		}
		ids[written.ID] = true
		f.checks = append(f.checks, c.check(f.Checks[i], path))
	}
	if f.Cosign != nil {
		c.must(f.Cosign.line, "cosign.name", f.Cosign.Name, Name)
		c.must(f.Cosign.line, "cosign.birth", f.Cosign.Birth, Day)
		if f.Cosign.ShowIf != "" {
			f.cosign = c.expression(f.Cosign.line, "cosign.show_if", f.Cosign.ShowIf, boolType, scope{byID: f.byID}, 1)
		}
	}
	if f.Deadline != nil {
		c.must(f.Deadline.line, "deadline.from", f.Deadline.From, Day)
	}
	if c.cost > maxCost {
		c.wrong(f.line, "", "条件と計算が多すぎて、入力のたびに調べきれません。繰返しの中の count や rank を減らしてください。")
	}
}

// must refuses a name that is not of a field of the type, outside of rows.
func (c *compiler) must(line int, path, id string, of FieldType) {
	if q := c.form.byID[id]; q == nil || q.Type != of || q.rows != nil {
		c.wrong(line, path, "「"+id+"」は、繰返しの外の種類 "+string(of)+" の項目ではありません。")
	}
}

func (c *compiler) check(written Check, path string) check {
	made := check{Check: written}
	in, times := scope{byID: c.form.byID}, 1
	if len(written.At) == 0 {
		c.wrong(written.line, path+".at", "どの項目に示すかを書いてください。")
	}
	for _, id := range written.At {
		q := c.form.byID[id]
		switch {
		case q == nil:
			c.wrong(written.line, path+".at", "「"+Shown(id)+"」という項目はありません。")
		case q.rows != nil && made.rows != nil && made.rows != q.rows:
			c.wrong(written.line, path+".at", "二つの繰返しの項目は一緒に書けません。")
		case q.rows != nil:
			made.rows, times = q.rows, maxRows
			in.within = []*question{q.rows}
		}
	}
	made.when = c.expression(written.line, path+".when", written.When, boolType, in, times)
	return made
}

func (c *compiler) expression(line int, path, text string, want valueType, in scope, times int) *expr {
	e, err := parseExpression(text)
	if err == nil {
		err = in.check(e)
	}
	if err == nil {
		err = fits(e, want)
	}
	if err != nil {
		c.wrong(line, path, err.Error()+"式: "+Shown(text))
		return &expr{op: "literal", typ: want}
	}
	c.cost = min(c.cost+e.cost()*times, maxCost+1)
	return e
}

// arrange orders the questions by what they depend on, and refuses circles.
func (c *compiler) arrange() {
	const visiting, done = 1, 2
	state := map[*question]int{}
	var trail []*question
	var visit func(q *question) bool
	visit = func(q *question) bool {
		switch state[q] {
		case done:
			return true
		case visiting:
			from := slices.Index(trail, q)
			names := make([]string, 0, len(trail))
			for _, on := range trail[from:] {
				names = append(names, on.ID)
			}
			c.wrong(q.line, q.path, "条件や計算が回っています（"+strings.Join(names, " → ")+" → "+q.ID+
				"）。どれか一つの条件をなくしてください。")
			return false
		}
		state[q] = visiting
		trail = append(trail, q)
		fine := true
		on := func(other *question) { fine = fine && visit(other) }
		if q.rows != nil {
			on(q.rows)
		}
		for _, e := range q.show {
			e.uses(on)
		}
		if q.calc != nil {
			q.calc.uses(on)
		}
		trail = trail[:len(trail)-1]
		state[q] = done
		c.form.order = append(c.form.order, q)
		return fine
	}
	for _, q := range c.form.questions {
		if !visit(q) {
			return
		}
	}
}

// words refuses texts that are missing, and those that nobody reads.
func (c *compiler) words() {
	f := c.form
	known := map[string]bool{"lead": true, "document": true}
	label := func(line int, key string) {
		known[key] = true
		switch t, ok := f.Texts[key]; {
		case !ok:
			c.wrong(line, "texts."+key, "この文言がありません。ja、en、easy を書いてください。")
		case t.Easy == "":
			c.wrong(line, "texts."+key+".easy", "見出しには、やさしい日本語も書いてください。")
		}
	}
	label(f.line, "title")
	for _, s := range f.Sections {
		label(s.line, "section."+s.ID)
		known["section."+s.ID+".help"] = true
	}
	for _, q := range f.questions {
		label(q.line, q.ID)
		known[q.ID+".help"] = true
		for _, o := range q.Options {
			label(q.line, q.ID+"."+o)
		}
		if q.Type == Rows {
			label(q.line, q.ID+".row")
		}
	}
	for _, check := range f.Checks {
		label(check.line, "check."+check.ID)
	}
	for key := range f.Texts {
		if !known[key] {
			c.wrong(f.line, "texts."+Shown(key), "どの項目の文言でもありません。つづりを確かめるか、取り除いてください。")
		}
	}
}

// Days are counted from 1970.
var (
	firstDay = numberOf(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
	lastDay  = numberOf(time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC))
)

const secondsOfDay = 24 * 60 * 60

func numberOf(day time.Time) int64 {
	// Midnights in UTC, also before 1970, are whole days.
	return day.Unix() / secondsOfDay
}

func timeOf(n int64) time.Time { return time.Unix(n*secondsOfDay, 0).UTC() }

func readDay(s string) (int64, bool) {
	day, ok := rule.Day(s)
	return numberOf(day), ok
}

func readMonth(s string) (int64, bool) {
	if len(s) != len("2026-11") {
		return 0, false
	}
	return readDay(s + "-01")
}

func writeDay(n int64, of FieldType) string {
	if of == Month {
		return timeOf(n).Format("2006-01")
	}
	return timeOf(n).Format(time.DateOnly)
}
