package form

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/proto/rule"
)

// Limits of expressions; what they cost at most is known before any is run.
const (
	maxExpression = 1000 // bytes
	maxParts      = 200
	maxNesting    = 20
	maxLiteral    = 1<<53 - 1
	maxCost       = 2_000_000 // parts looked at, of a whole form with all rows filled
)

// expr is an expression, or a part of one.
type expr struct {
	op   string // "literal", "name", an operator or a function
	typ  valueType
	args []*expr
	n    int64
	s    string
	list []string
	of   *question
	at   int // characters before it
}

// valueType is what an expression gives.
type valueType int

const (
	noType valueType = iota
	boolType
	intType
	dayType
	textType
	textsType
	filesType
	rowsType
)

var typeWords = [...]string{"", "はい・いいえ", "数", "日付", "文字", "文字のリスト", "ファイル", "繰返し"}

// signature says what a function takes and gives; where the arguments decide, gives is noType and check says more.
type signature struct {
	takes []valueType
	gives valueType
}

// functions are all that there are; as a table it needs nothing done at the start.
var functions = [...]struct {
	name string
	signature
}{
	{"answered", signature{[]valueType{noType}, boolType}},
	{"age", signature{[]valueType{dayType, dayType}, intType}},
	{"reached", signature{[]valueType{dayType, intType}, dayType}},
	{"march_end", signature{[]valueType{dayType}, dayType}},
	{"add_months", signature{[]valueType{dayType, intType}, dayType}},
	{"year", signature{[]valueType{dayType}, intType}}, {"month", signature{[]valueType{dayType}, intType}},
	{"day_of_month", signature{[]valueType{dayType}, intType}},
	{"if", signature{[]valueType{boolType, noType, noType}, noType}},
	{"min", signature{[]valueType{noType, noType}, noType}}, {"max", signature{[]valueType{noType, noType}, noType}},
	{"div", signature{[]valueType{intType, intType}, intType}}, {"length", signature{[]valueType{textType}, intType}},
	{"account_name", signature{[]valueType{textType}, textType}},
	{"count", signature{nil, intType}}, {"sum", signature{nil, intType}}, {"any", signature{nil, boolType}},
	{"all", signature{nil, boolType}}, {"rank", signature{[]valueType{noType}, intType}},
}

func function(name string) (signature, bool) {
	for i := range functions {
		if functions[i].name == name {
			return functions[i].signature, true
		}
	}
	return signature{}, false
}

func reserved(name string) bool {
	_, known := function(name)
	return known || slices.Contains([]string{"true", "false", "in", "today", "office"}, name)
}

// reader takes an expression apart.
type reader struct {
	text  string
	at    int
	parts int
	depth int
}

func parseExpression(text string) (*expr, error) {
	r := &reader{text: text}
	e, err := r.binary(0)
	if err != nil {
		return nil, r.placed(err)
	}
	if r.blank(); r.at < len(text) {
		return nil, r.placed(errors.New("ここから先が読めません"))
	}
	return e, nil
}

func (r *reader) placed(err error) error {
	return placed(utf8.RuneCountInString(r.text[:r.at]), err.Error())
}

func placed(at int, text string) error {
	return errors.New("式の" + strconv.Itoa(at+1) + "文字目: " + text + "。")
}

func (r *reader) blank() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\n') {
		r.at++
	}
}

// operators by how tightly they bind, the loosest first.
var operators = [][]string{{"||"}, {"&&"}, {"==", "!=", "<=", ">=", "<", ">", "in"}, {"+", "-"}, {"*"}}

const comparing = 2 // the level of operators that do not stand in a row

func (r *reader) binary(level int) (*expr, error) {
	if level == len(operators) {
		return r.unary()
	}
	left, err := r.binary(level + 1)
	for err == nil {
		op := r.operator(operators[level])
		if op == "" {
			return left, nil
		}
		at := r.at
		var right *expr
		if right, err = r.binary(level + 1); err != nil {
			return nil, err
		}
		left, err = r.part(&expr{op: op, args: []*expr{left, right}, at: utf8.RuneCountInString(r.text[:at])})
		if err == nil && level == comparing {
			return left, nil
		}
	}
	return nil, err
}

func (r *reader) operator(of []string) string {
	r.blank()
	for _, op := range of {
		if !strings.HasPrefix(r.text[r.at:], op) {
			continue
		}
		if after := r.at + len(op); op == "in" && after < len(r.text) && isWord(r.text[after]) {
			continue
		}
		r.at += len(op)
		return op
	}
	return ""
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }

func (r *reader) part(e *expr) (*expr, error) {
	if r.parts++; r.parts > maxParts {
		return nil, errors.New("式が込み入りすぎています。calcの項目に分けてください")
	}
	return e, nil
}

func (r *reader) unary() (*expr, error) {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxNesting {
		return nil, errors.New("かっこが深すぎます。calcの項目に分けてください")
	}
	r.blank()
	at := utf8.RuneCountInString(r.text[:r.at])
	switch {
	case r.at == len(r.text):
		return nil, errors.New("式が途中で終わっています")
	case r.take("!"):
		e, err := r.unary()
		if err != nil {
			return nil, err
		}
		return r.part(&expr{op: "!", args: []*expr{e}, at: at})
	case r.take("("):
		e, err := r.binary(0)
		if err == nil {
			err = r.want(")")
		}
		return e, err
	case r.take("["):
		return r.texts(at)
	case r.text[r.at] == '\'':
		s, err := r.literal()
		if err != nil {
			return nil, err
		}
		return r.part(&expr{op: "literal", typ: textType, s: s, at: at})
	}
	from := r.at
	if r.text[r.at] == '-' {
		r.at++
	}
	for r.at < len(r.text) && isWord(r.text[r.at]) {
		r.at++
	}
	word := r.text[from:r.at]
	switch {
	case word == "true" || word == "false":
		e := &expr{op: "literal", typ: boolType, at: at}
		if word == "true" {
			e.n = 1
		}
		return r.part(e)
	case word == "" || word == "-" || word == "in":
		r.at = from
		return nil, errors.New("名前、数、'文字' のどれかを書いてください")
	case word[0] == '-' || word[0] <= '9':
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil || n > maxLiteral || n < -maxLiteral {
			r.at = from
			return nil, errors.New("「" + word + "」は数として読めません")
		}
		return r.part(&expr{op: "literal", typ: intType, n: n, at: at})
	case r.take("("):
		return r.call(word, at)
	}
	return r.part(&expr{op: "name", s: word, at: at})
}

func (r *reader) take(s string) bool {
	if r.blank(); !strings.HasPrefix(r.text[r.at:], s) {
		return false
	}
	r.at += len(s)
	return true
}

func (r *reader) want(s string) error {
	if !r.take(s) {
		return errors.New("「" + s + "」がありません")
	}
	return nil
}

func (r *reader) literal() (string, error) {
	end := strings.IndexByte(r.text[r.at+1:], '\'')
	if end < 0 {
		return "", errors.New("「'」が閉じていません")
	}
	s := r.text[r.at+1:][:end]
	r.at += end + 2
	return s, nil
}

func (r *reader) texts(at int) (*expr, error) {
	e := &expr{op: "literal", typ: textsType, at: at}
	for {
		if r.blank(); r.at == len(r.text) || r.text[r.at] != '\'' {
			return nil, errors.New("['a', 'b'] の形で書いてください")
		}
		s, err := r.literal()
		if err != nil {
			return nil, err
		}
		if e.list = append(e.list, s); len(e.list) > maxOptions {
			return nil, errors.New("リストが長すぎます")
		}
		if r.take("]") {
			return r.part(e)
		}
		if err := r.want(","); err != nil {
			return nil, err
		}
	}
}

func (r *reader) call(name string, at int) (*expr, error) {
	e := &expr{op: name, at: at}
	if _, known := function(name); !known {
		return nil, errors.New("「" + name + "」という関数はありません")
	}
	if r.take(")") {
		return r.part(e)
	}
	for {
		arg, err := r.binary(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if r.take(")") {
			return r.part(e)
		}
		if err := r.want(","); err != nil {
			return nil, err
		}
	}
}

// scope is where an expression stands: which names it may use.
type scope struct {
	byID map[string]*question
	// within are the rows of which one is at hand.
	within []*question
}

// check finds what names mean and what each part gives, and refuses what does not fit.
func (s scope) check(e *expr) error {
	switch e.op {
	case "literal":
		return nil
	case "name":
		return s.name(e)
	case "count", "sum", "any", "all":
		return s.overRows(e)
	}
	for _, arg := range e.args {
		if err := s.check(arg); err != nil {
			return err
		}
	}
	if of, ok := function(e.op); ok {
		return s.function(e, of)
	}
	return s.operation(e)
}

func (s scope) name(e *expr) error {
	switch e.s {
	case "today":
		e.typ = dayType
		return nil
	case "office":
		e.typ = textType
		return nil
	}
	q := s.byID[e.s]
	if q == nil {
		return placed(e.at, "「"+Shown(e.s)+"」という項目はありません")
	}
	if q.typ == noType {
		return placed(e.at, "「"+e.s+"」には答えがないので、式に使えません")
	}
	if q.rows != nil && !slices.Contains(s.within, q.rows) {
		return placed(e.at, "「"+e.s+"」は繰返し「"+q.rows.ID+"」の中の項目です。count("+q.rows.ID+", …) のように使ってください")
	}
	e.of, e.typ = q, q.typ
	return nil
}

// overRows are functions that look at each row, or at the files.
func (s scope) overRows(e *expr) error {
	least, most := 2, 2
	if e.op == "count" {
		least = 1
	}
	if len(e.args) < least || len(e.args) > most {
		return placed(e.at, e.op+" に書くものの数が合いません")
	}
	if err := s.check(e.args[0]); err != nil {
		return err
	}
	over := e.args[0]
	e.typ = boolType
	if e.op == "count" || e.op == "sum" {
		e.typ = intType
	}
	if over.typ == filesType && len(e.args) == 1 {
		return nil
	}
	if over.typ != rowsType {
		return placed(over.at, e.op+" の初めには繰返しの名前を書いてください")
	}
	if slices.Contains(s.within, over.of) {
		return placed(over.at, "「"+over.of.ID+"」の行の中からは、その繰返し全体を数えられません。rank を使ってください")
	}
	if len(e.args) == 1 {
		return nil
	}
	inner := scope{s.byID, append(slices.Clone(s.within), over.of)}
	if err := inner.check(e.args[1]); err != nil {
		return err
	}
	want := boolType
	if e.op == "sum" {
		want = intType
	}
	return fits(e.args[1], want)
}

func fits(e *expr, want valueType) error {
	if want != noType && e.typ != want {
		return placed(e.at, "ここには"+typeWords[want]+"が要りますが、"+typeWords[e.typ]+"です")
	}
	return nil
}

func (s scope) function(e *expr, of signature) error {
	if len(e.args) != len(of.takes) {
		return placed(e.at, e.op+" に書くものは"+strconv.Itoa(len(of.takes))+"個です")
	}
	for i, want := range of.takes {
		if err := fits(e.args[i], want); err != nil {
			return err
		}
	}
	e.typ = of.gives
	switch e.op {
	case "answered":
		if e.args[0].op != "name" || e.args[0].of == nil {
			return placed(e.at, "answered には項目の名前を書いてください")
		}
	case "if", "min", "max":
		a, b := e.args[len(e.args)-2], e.args[len(e.args)-1]
		e.typ = a.typ
		if ordered := a.typ == intType || a.typ == dayType; !ordered && (e.op != "if" || a.typ > textType) {
			return placed(a.at, e.op+" には使えない種類です（"+typeWords[a.typ]+"）")
		}
		return fits(b, a.typ)
	case "rank":
		of := e.args[0].of
		if of == nil || of.rows == nil || of.typ != intType && of.typ != dayType {
			return placed(e.at, "rank には、繰返しの中の数か日付の項目を書いてください")
		}
	}
	return nil
}

func (s scope) operation(e *expr) error {
	a := e.args[0]
	if e.op == "!" {
		e.typ = boolType
		return fits(a, boolType)
	}
	b := e.args[1]
	switch e.op {
	case "&&", "||":
		e.typ = boolType
		if err := fits(a, boolType); err != nil {
			return err
		}
		return fits(b, boolType)
	case "==", "!=":
		e.typ = boolType
		if a.typ > textType {
			return placed(a.at, typeWords[a.typ]+"は "+e.op+" で比べられません")
		}
		if err := fits(b, a.typ); err != nil {
			return err
		}
		if err := isOption(a, b); err != nil {
			return err
		}
		return isOption(b, a)
	case "in":
		e.typ = boolType
		if err := fits(a, textType); err != nil {
			return err
		}
		if err := fits(b, textsType); err != nil {
			return err
		}
		if err := isOption(a, b); err != nil {
			return err
		}
		return isOption(b, a)
	case "<", "<=", ">", ">=":
		e.typ = boolType
		if a.typ != intType && a.typ != dayType {
			return placed(a.at, typeWords[a.typ]+"の大小は比べられません")
		}
		return fits(b, a.typ)
	case "*":
		e.typ = intType
		if err := fits(a, intType); err != nil {
			return err
		}
		return fits(b, intType)
	}
	switch { // + and -
	case a.typ == intType && b.typ == intType:
		e.typ = intType
	case a.typ == dayType && b.typ == intType:
		e.typ = dayType
	case a.typ == dayType && b.typ == dayType && e.op == "-":
		e.typ = intType
	default:
		return placed(e.at, "「"+e.op+"」では "+typeWords[a.typ]+" と "+typeWords[b.typ]+" を計算できません")
	}
	return nil
}

// isOption refuses a literal that no answer can be.
func isOption(of, literal *expr) error {
	if of.of == nil || len(of.of.Options) == 0 || literal.op != "literal" {
		return nil
	}
	words := literal.list
	if literal.typ == textType {
		words = []string{literal.s}
	}
	for _, w := range words {
		if !slices.Contains(of.of.Options, w) {
			return placed(literal.at, "「"+Shown(w)+"」は「"+of.of.ID+"」の選択肢にありません")
		}
	}
	return nil
}

// cost is how many parts are looked at, at most.
func (e *expr) cost() int {
	sum := 1
	for _, arg := range e.args {
		sum = min(sum+arg.cost(), maxCost+1)
	}
	switch e.op {
	case "count", "sum", "any", "all":
		if len(e.args) == 2 {
			sum = min(sum*maxRows, maxCost+1)
		}
	case "rank":
		sum += maxRows
	case "in", "==", "!=":
		sum += 1
	}
	return sum
}

// uses calls found for every field that the value depends on.
func (e *expr) uses(found func(*question)) {
	if e.of != nil {
		found(e.of)
	}
	for _, arg := range e.args {
		arg.uses(found)
	}
}

// scalar is a value of an expression; has is false for an empty one.
type scalar struct {
	has  bool
	n    int64
	s    string
	list []string
}

var empty scalar

func truth(b bool) scalar {
	if b {
		return scalar{has: true, n: 1}
	}
	return scalar{has: true}
}

func number(n int64) scalar {
	if n > maxLiteral || n < -maxLiteral {
		return empty
	}
	return scalar{has: true, n: n}
}

func dayOf(n int64) scalar {
	if n < firstDay || n > lastDay {
		return empty
	}
	return scalar{has: true, n: n}
}

// Value of an expression, for the rows that are at hand.
func (s *state) value(e *expr) scalar {
	switch e.op {
	case "literal":
		return scalar{has: true, n: e.n, s: e.s, list: e.list}
	case "name":
		return s.named(e)
	case "answered":
		return truth(s.isAnswered(e.args[0].of))
	case "count", "sum", "any", "all":
		return s.overRows(e)
	case "rank":
		return s.rank(e.args[0].of)
	case "&&":
		return truth(s.truth(e.args[0]) && s.truth(e.args[1]))
	case "||":
		return truth(s.truth(e.args[0]) || s.truth(e.args[1]))
	case "!":
		return truth(!s.truth(e.args[0]))
	case "if":
		if s.truth(e.args[0]) {
			return s.value(e.args[1])
		}
		return s.value(e.args[2])
	case "length":
		a := s.value(e.args[0])
		if !a.has {
			return empty
		}
		return number(int64(utf8.RuneCountInString(a.s)))
	case "account_name":
		a := s.value(e.args[0])
		return scalar{has: a.has, s: rule.AccountName(a.s)}
	}
	a := s.value(e.args[0])
	b := scalar{has: true}
	if len(e.args) > 1 {
		b = s.value(e.args[1])
	}
	if e.typ == boolType {
		return truth(a.has && b.has && compare(e, a, b))
	}
	if !a.has || !b.has {
		return empty
	}
	return compute(e, a, b)
}

func (s *state) truth(e *expr) bool { return s.value(e).n == 1 }

func (s *state) named(e *expr) scalar {
	switch e.s {
	case "today":
		return dayOf(s.today)
	case "office":
		return scalar{has: s.office != "", s: s.office}
	}
	v := s.slot(e.of)
	if e.typ == boolType {
		return truth(v.shown && v.n == 1)
	}
	if !v.shown {
		return empty
	}
	return v.scalar
}

func compare(e *expr, a, b scalar) bool {
	if e.op == "in" {
		return slices.Contains(b.list, a.s)
	}
	if e.args[0].typ == textType {
		return (a.s == b.s) == (e.op == "==")
	}
	switch e.op {
	case "==":
		return a.n == b.n
	case "!=":
		return a.n != b.n
	case "<":
		return a.n < b.n
	case "<=":
		return a.n <= b.n
	case ">":
		return a.n > b.n
	}
	return a.n >= b.n
}

// Bounds that keep the calendar's reckoning within reason.
const (
	maxAge    = 300
	maxMonths = 4000
)

func compute(e *expr, a, b scalar) scalar {
	give := number
	if e.typ == dayType {
		give = dayOf
	}
	switch e.op {
	case "+":
		return give(a.n + b.n)
	case "-":
		return give(a.n - b.n)
	case "*":
		if high := max(a.n, -a.n); high > 0 && max(b.n, -b.n) > maxLiteral/high {
			return empty
		}
		return number(a.n * b.n)
	case "div":
		if b.n == 0 {
			return empty
		}
		q := a.n / b.n
		if a.n%b.n != 0 && (a.n < 0) != (b.n < 0) {
			q--
		}
		return number(q)
	case "min":
		return give(min(a.n, b.n))
	case "max":
		return give(max(a.n, b.n))
	case "age":
		if age, ok := rule.Age(timeOf(a.n), timeOf(b.n)); ok {
			return number(int64(age))
		}
		return empty
	case "reached":
		if b.n < 0 || b.n > maxAge {
			return empty
		}
		return dayOf(numberOf(rule.Reached(timeOf(a.n), int(b.n))))
	case "march_end":
		return dayOf(numberOf(rule.MarchEnd(timeOf(a.n))))
	case "add_months":
		if b.n < -maxMonths || b.n > maxMonths {
			return empty
		}
		return dayOf(numberOf(rule.AddMonths(timeOf(a.n), int(b.n))))
	}
	y, m, d := timeOf(a.n).Date()
	switch e.op {
	case "year":
		return number(int64(y))
	case "month":
		return number(int64(m))
	}
	return number(int64(d)) // day_of_month
}

func (s *state) overRows(e *expr) scalar {
	of := e.args[0].of
	if of.typ == filesType || len(e.args) == 1 {
		return number(s.howMany(of))
	}
	result, all := int64(0), true
	before := s.current[of.table]
	defer func() { s.current[of.table] = before }()
	for i := range s.howMany(of) { // none of those that are hidden
		s.current[of.table] = int(i)
		v := s.value(e.args[1])
		all = all && v.n == 1
		switch {
		case e.op == "sum" && !v.has:
			return empty
		case e.op == "sum":
			if result += v.n; result > maxLiteral || result < -maxLiteral {
				return empty
			}
		default:
			result += v.n
		}
	}
	switch e.op {
	case "any":
		return truth(result > 0)
	case "all":
		return truth(all)
	}
	return number(result)
}

// rank counts all rows at once, the first time that it is asked for.
func (s *state) rank(of *question) scalar {
	ranks, ok := s.ranks[of]
	if !ok {
		ranks = rankAll(s.tables[of.rows.table], of.index)
		if s.ranks == nil {
			s.ranks = map[*question][]int64{}
		}
		s.ranks[of] = ranks
	}
	if n := ranks[s.current[of.rows.table]]; n > 0 {
		return number(n)
	}
	return empty
}

// rankAll gives 0 for rows that have none.
func rankAll(table [][]slot, index int) []int64 {
	values := make([]int64, 0, len(table))
	rows := make([]int, 0, len(table))
	for i := range table {
		if v := &table[i][index]; v.shown && v.has {
			values, rows = append(values, v.n), append(rows, i)
		}
	}
	ranks := make([]int64, len(table))
	for i, n := range values {
		rank := int64(1)
		for j, other := range values {
			if other < n || other == n && j < i {
				rank++
			}
		}
		ranks[rows[i]] = rank
	}
	return ranks
}
