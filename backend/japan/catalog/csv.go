package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"madoguchi/backend/japan/spreadsheet"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// Line is one line of a CSV file of entries.
type Line struct {
	Number  int // of the line in the file, the heading being 1
	Place   string
	From    string // YYYY-MM-DD; "" for the day of the import
	Ended   bool
	Content *portalv1.ProcedureContent
}

// LineError is what is wrong in a line.
type LineError struct {
	Line    int
	Column  string // its heading; "" when the line itself is wrong
	Message string // in Japanese, with what to do
	Cell    string // what stands there
}

// String is for a terminal: what the file says goes there without its control characters.
func (e LineError) String() string {
	message := plaintext.Clean(e.Message)
	said := fmt.Sprintf("%d行目: %s", e.Line, message)
	if e.Column != "" {
		said = fmt.Sprintf("%d行目「%s」: %s", e.Line, e.Column, message)
	}
	if cell := shown(e.Cell); cell != "" && !strings.Contains(e.Message, "「"+cell+"」") {
		said += "（いまの内容:「" + cell + "」）"
	}
	return said
}

const maxShown = 60

// shown is a cell as it is quoted: on one line, not longer than one can take in, and with what cannot be seen by its
// number.
func shown(cell string) string {
	var b strings.Builder
	characters := 0
	for _, r := range cell {
		if characters++; characters > maxShown {
			b.WriteString("…")
			break
		}
		switch {
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "〈U+%04X〉", r)
		}
	}
	return b.String()
}

// column is one heading with the field of ProcedureContent it fills. Several things in a cell are separated by ；, line
// ends or the like; parts of one thing by |; a backslash makes either literal.
type column struct {
	heading, field string
	set            func(l *Line, cell string) error
	get            func(l *Line) string
	isCode         bool // of digits and Latin letters, or a word of ours: read in any width
	isDay          bool // read in whatever form a spreadsheet writes a day
}

// code makes a column one of codes.
func code(c column) column {
	c.isCode = true
	return c
}

func content(
	set func(*portalv1.ProcedureContent, string), get func(*portalv1.ProcedureContent) string,
) (func(*Line, string) error, func(*Line) string) {
	return func(l *Line, cell string) error {
		set(l.Content, cell)
		return nil
	}, func(l *Line) string { return get(l.Content) }
}

func plain(heading, field string, at func(*portalv1.ProcedureContent) *string) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) { *at(c) = s },
		func(c *portalv1.ProcedureContent) string { return *at(c) })
	return column{heading: heading, field: field, set: set, get: get}
}

func several(heading, field string, at func(*portalv1.ProcedureContent) *[]string) column {
	set, get := content(
		func(c *portalv1.ProcedureContent, s string) { *at(c) = items(s) },
		func(c *portalv1.ProcedureContent) string { return joined(*at(c)) },
	)
	return column{heading: heading, field: field, set: set, get: get}
}

func links(heading, field string, at func(*portalv1.ProcedureContent) *[]*portalv1.ProcedureLink) column {
	return column{heading: heading, field: field, set: func(l *Line, cell string) error {
		found, err := linksIn(cell)
		for _, link := range found {
			part := cut(link, betweenParts, 2)
			name, address := trimmed(part[0]), ""
			if len(part) == 2 {
				address = trimmed(part[1])
			} else if strings.Contains(name, "://") {
				return fmt.Errorf("「%s」の前に名前を書いてください。名前|https://… の形です。", shown(name))
			}
			*at(l.Content) = append(*at(l.Content), &portalv1.ProcedureLink{Name: name, Url: address})
		}
		return err
	}, get: func(l *Line) string {
		var list []string
		for _, link := range *at(l.Content) {
			list = append(list, writtenLink(link.GetName(), link.GetUrl()))
		}
		return strings.Join(list, "；")
	}}
}

func desk(heading, field string, at func(*portalv1.ProcedureDesk) *string) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) {
		if s == "" {
			return
		}
		if c.Desk == nil {
			c.Desk = &portalv1.ProcedureDesk{}
		}
		*at(c.Desk) = s
	}, func(c *portalv1.ProcedureContent) string {
		if c.Desk == nil {
			return ""
		}
		return *at(c.Desk)
	})
	return column{heading: heading, field: field, set: set, get: get}
}

func ruled(heading string, at func(*portalv1.DeadlineRule) *string) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) {
		if s == "" {
			return
		}
		if c.DeadlineRule == nil {
			c.DeadlineRule = &portalv1.DeadlineRule{}
		}
		*at(c.DeadlineRule) = s
	}, func(c *portalv1.ProcedureContent) string {
		if c.DeadlineRule == nil {
			return ""
		}
		return *at(c.DeadlineRule)
	})
	return code(column{heading: heading, field: "deadline_rule", set: set, get: get})
}

func yesNo(heading, field, yes, no string, at func(*Line) *bool) column {
	return column{heading: heading, field: field, isCode: true, set: func(l *Line, cell string) error {
		switch cell {
		case yes:
			*at(l) = true
		case no, "":
		default:
			return fmt.Errorf("「%s」は使えません。「%s」か「%s」にしてください。", cell, yes, no)
		}
		return nil
	}, get: func(l *Line) string {
		if *at(l) {
			return yes
		}
		return no
	}}
}

var signatureWords = []string{"", "不要", "ログイン", "電子署名"}

var needWords = []string{"", "必須", "該当時", "原本別送"}

var columns = []column{
	{heading: "自治体コード", field: "place_code", isCode: true, set: setPlace, get: func(l *Line) string { return l.Place }},
	code(plain("手続番号", "number", func(c *portalv1.ProcedureContent) *string { return &c.Number })),
	code(plain("標準手続", "definition", func(c *portalv1.ProcedureContent) *string { return &c.Definition })),
	plain("手続名", "title", func(c *portalv1.ProcedureContent) *string { return &c.Title }),
	code(plain("分類", "category", func(c *portalv1.ProcedureContent) *string { return &c.Category })),
	yesNo("オンライン申請", "online", "可", "不可", func(l *Line) *bool { return &l.Content.Online }),
	plain("オンライン申請のURL", "online_url", func(c *portalv1.ProcedureContent) *string { return &c.OnlineUrl }),
	{heading: "本人確認", field: "signature", isCode: true, set: func(l *Line, cell string) error {
		i := slices.Index(signatureWords, cell)
		if i < 0 {
			return fmt.Errorf("「%s」は使えません。「不要」「ログイン」「電子署名」のどれかにしてください。", cell)
		}
		l.Content.Signature = portalv1.Signature(i)
		return nil
	}, get: func(l *Line) string { return signatureWords[l.Content.GetSignature()] }},
	plain("制度", "system", func(c *portalv1.ProcedureContent) *string { return &c.System }),
	plain("対象", "target", func(c *portalv1.ProcedureContent) *string { return &c.Target }),
	plain("手続を行う人", "applicant", func(c *portalv1.ProcedureContent) *string { return &c.Applicant }),
	plain("概要", "summary", func(c *portalv1.ProcedureContent) *string { return &c.Summary }),
	plain("手続期限", "deadline", func(c *portalv1.ProcedureContent) *string { return &c.Deadline }),
	ruled("期限の起点", func(r *portalv1.DeadlineRule) *string { return &r.From }),
	ruled("期限の期間", func(r *portalv1.DeadlineRule) *string { return &r.Within }),
	{heading: "初日算入", field: "deadline_rule", isCode: true, set: setFirstDay, get: func(l *Line) string {
		if l.Content.GetDeadlineRule().GetFirstDay() {
			return firstDayCounted
		}
		return "しない"
	}},
	ruled("受付開始", func(r *portalv1.DeadlineRule) *string { return &r.Opens }),
	ruled("毎年の期間", func(r *portalv1.DeadlineRule) *string { return &r.Yearly }),
	plain("手数料", "fee", func(c *portalv1.ProcedureContent) *string { return &c.Fee }),
	links("様式", "forms", func(c *portalv1.ProcedureContent) *[]*portalv1.ProcedureLink { return &c.Forms }),
	{heading: "添付書類", field: "documents", set: setDocuments, get: getDocuments},
	several("持ちもの", "bring", func(c *portalv1.ProcedureContent) *[]string { return &c.Bring }),
	several("手続方法", "method", func(c *portalv1.ProcedureContent) *[]string { return &c.Method }),
	links("関連リンク", "links", func(c *portalv1.ProcedureContent) *[]*portalv1.ProcedureLink { return &c.Links }),
	desk("担当部署", "desk.department", func(d *portalv1.ProcedureDesk) *string { return &d.Department }),
	desk("建物", "desk.building", func(d *portalv1.ProcedureDesk) *string { return &d.Building }),
	desk("所在地", "desk.address", func(d *portalv1.ProcedureDesk) *string { return &d.Address }),
	code(desk("電話番号", "desk.phone", func(d *portalv1.ProcedureDesk) *string { return &d.Phone })),
	desk("受付時間", "desk.hours", func(d *portalv1.ProcedureDesk) *string { return &d.Hours }),
	several("根拠法令", "laws", func(c *portalv1.ProcedureContent) *[]string { return &c.Laws }),
	several("検索語", "keywords", func(c *portalv1.ProcedureContent) *[]string { return &c.Keywords }),
	{
		heading: dayHeading, field: "effective_from", isDay: true,
		set: setDay, get: func(l *Line) string { return l.From },
	},
	yesNo("廃止", "ended", "廃止", "", func(l *Line) *bool { return &l.Ended }),
}

// setPlace reads the code of a place. A spreadsheet takes it for a number, and the zero in front away.
func setPlace(l *Line, cell string) error {
	l.Place = cell
	var lost, short string
	if len(cell) == 5 && strings.Trim(cell, "0123456789") == "" {
		lost, short = "0"+cell, cell+string(rule.CheckDigit(cell))
	}
	switch {
	case IsPlace(cell):
		return nil
	case cell == "0":
		l.Place = Nation
		return nil
	case IsPlace(lost) && IsPlace(short):
		return fmt.Errorf("「%s」は、先頭の0が消えた %s か、検査数字のない %s か分かりません。6桁で書いてください。", cell, lost, short)
	case IsPlace(lost):
		l.Place = lost
	case IsPlace(short):
		return fmt.Errorf("「%s」には検査数字がありません。%s と書いてください。", cell, short)
	default:
		return fmt.Errorf("「%s」という自治体はありません。検査数字を含む6桁の全国地方公共団体コードにしてください。", shown(cell))
	}
	return nil
}

const firstDayCounted = "する"

func setFirstDay(l *Line, cell string) error {
	switch cell {
	case firstDayCounted:
		if l.Content.DeadlineRule == nil {
			l.Content.DeadlineRule = &portalv1.DeadlineRule{}
		}
		l.Content.DeadlineRule.FirstDay = true
	case "しない", "":
	default:
		return fmt.Errorf("「%s」は使えません。「する」か「しない」にしてください。", cell)
	}
	return nil
}

const dayHeading = "適用開始日"

// excelBegins is the day before the first that Excel counts, had it not taken 1900 for a leap year.
var excelBegins = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func setDay(l *Line, cell string) error {
	if cell == "" {
		return nil
	}
	if day, ok := rule.ReadDay(cell); ok {
		l.From = day.Format(time.DateOnly)
		return nil
	}
	if n, err := strconv.Atoi(folded(cell)); err == nil && n > 30_000 && n < 80_000 {
		// Not taken over: files of old Macs count from another day.
		return fmt.Errorf("「%s」は表計算ソフトの日付の通し番号のようです（%s）。セルの表示形式を「日付」にして保存してください。",
			cell, excelBegins.AddDate(0, 0, n).Format(time.DateOnly))
	}
	return fmt.Errorf("「%s」は日付ではありません。2027-04-01、2027/4/1、2027年4月1日、令和9年4月1日 のどれかの形で、年から書いてください。", shown(cell))
}

func setDocuments(l *Line, cell string) error {
	for _, item := range cut(charactersOf(cell), betweenItems, 0) {
		if trimmed(item) == "" {
			continue
		}
		part := append(cut(item, betweenParts, 3), nil, nil)
		need := folded(trimmed(part[1]))
		if need == "" {
			need = "必須"
		}
		i := slices.Index(needWords, need)
		if i < 1 {
			return fmt.Errorf("「%s」は使えません。書類名|必須、書類名|該当時|どんなとき、書類名|原本別送 のどれかの形で書いてください。", shown(need))
		}
		l.Content.Documents = append(l.Content.Documents, &portalv1.ProcedureDocument{
			Name:      trimmed(part[0]),
			Need:      portalv1.ProcedureDocument_Need(i),
			Condition: trimmed(part[2]),
		})
	}
	return nil
}

func getDocuments(l *Line) string {
	var list []string
	for _, d := range l.Content.GetDocuments() {
		written := literal(d.GetName(), betweenItems+betweenParts) + "|" + needWords[d.GetNeed()]
		if d.GetCondition() != "" {
			written += "|" + literal(d.GetCondition(), betweenItems+betweenParts)
		}
		list = append(list, written)
	}
	return strings.Join(list, "；")
}

// Headings are the columns of a file of entries, in order. Columns may stand in any order; those that are missing are
// empty.
func Headings() []string {
	var list []string
	for _, c := range columns {
		list = append(list, c.heading)
	}
	return list
}

// heading finds the column for a field as Check names it.
func heading(field string) string {
	field, _, _ = strings.Cut(field, "[")
	for _, c := range columns {
		if c.field == field {
			return c.heading
		}
	}
	return ""
}

// MaxFile is how large a file may be.
const MaxFile = 1 << 30

// ReadCSV reads entries as offices write them with a spreadsheet: in UTF-8, UTF-16 or an encoding of Japan, separated
// by commas, semicolons or tabs. It hands each line that is in order to `line` and names what is wrong with the others;
// the error is for a file that cannot be read at all.
func ReadCSV(from io.Reader, line func(Line)) ([]LineError, error) { return ReadCSVOn(from, "", line) }

// ReadCSVOn does it for a day (YYYY-MM-DD) that stands for lines without one.
func ReadCSVOn(from io.Reader, today string, line func(Line)) ([]LineError, error) {
	data, err := io.ReadAll(io.LimitReader(from, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("ファイルが大きすぎます（%d MBまで）", MaxFile>>20)
	}
	text, err := plainText(data)
	if err != nil {
		return nil, err
	}
	t := reading{text: text, today: today, seen: map[string]int{}}
	return t.read(line)
}

// reading is a file that is being read.
type reading struct {
	text, today string
	order       []int // the column in each place; -1 for none
	head        []string
	seen        map[string]int // the line of each place, number and day
}

func (t *reading) read(line func(Line)) ([]LineError, error) {
	r := csv.NewReader(strings.NewReader(t.text))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	by, skip := separated(t.text)
	r.Comma = by
	head, err := r.Read()
	if skip && err == nil {
		head, err = r.Read()
	}
	if errors.Is(err, io.EOF) {
		return nil, errors.New("ファイルが空です。1行目に見出しを書いてください")
	}
	if fault, ok := t.broken(err); ok {
		return []LineError{fault}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the headings: %w", err)
	}
	number, _ := r.FieldPos(0)
	faults := t.readHeadings(number, head)
	if len(faults) > 0 {
		return faults, nil
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return faults, nil
		}
		if fault, ok := t.broken(err); ok {
			return append(faults, fault), nil // what follows cannot be told apart
		}
		if err != nil {
			return faults, fmt.Errorf("reading the file: %w", err)
		}
		number, _ := r.FieldPos(0)
		l, wrong := t.readLine(number, record)
		if l == nil && len(wrong) == 0 {
			continue // an empty line
		}
		if l != nil {
			wrong = append(wrong, t.again(l)...)
		}
		if len(wrong) > 0 {
			faults = append(faults, wrong...)
			continue
		}
		line(*l)
	}
}

// broken says where quotes do not match.
func (t *reading) broken(err error) (LineError, bool) {
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return LineError{}, false
	}
	lines := strings.SplitN(t.text, "\n", parse.Line+1)
	at := lines[min(parse.Line, len(lines))-1]
	character := utf8.RuneCountInString(at[:min(max(parse.Column-1, 0), len(at))]) + 1
	return LineError{Line: parse.StartLine, Cell: at, Message: fmt.Sprintf(
		"CSVとして読めません（%d行目の%d文字目）。引用符「\"」の対応を確かめてください。文字としての「\"」は「\"\"」と書き、欄全体を「\"」で囲みます。", parse.Line, character)}, true
}

// again names a line that says something about a procedure for a day of which another line has spoken.
func (t *reading) again(l *Line) []LineError {
	from := l.From
	if from == "" {
		from = t.today
	}
	key := l.Place + "/" + l.Content.GetNumber() + "/" + from
	first := t.seen[key]
	if first == 0 {
		t.seen[key] = l.Number
		return nil
	}
	return []LineError{{l.Number, "手続番号", fmt.Sprintf(
		"同じ自治体の同じ手続番号が%d行目にもあります（適用開始日も同じ）。片方を消してください。", first), l.Content.GetNumber()}}
}

func (t *reading) readHeadings(number int, head []string) (faults []LineError) {
	t.order, t.head = make([]int, len(head)), slices.Clone(head)
	var unknown []string
	for i, h := range head {
		t.order[i] = columnOf(h)
		if t.order[i] < 0 && folded(h) != "" {
			unknown = append(unknown, "「"+shown(h)+"」")
		}
		if t.order[i] >= 0 && slices.Contains(t.order[:i], t.order[i]) {
			faults = append(faults, LineError{number, columns[t.order[i]].heading, "同じ見出しが2つあります。", h})
		}
	}
	if len(unknown) > 0 {
		faults = append(faults, LineError{number, "", fmt.Sprintf("知らない見出し %s があります。使える見出し: %s。",
			strings.Join(unknown, "、"), strings.Join(Headings(), "、")), ""})
	}
	for _, needed := range []int{0, 1} {
		if !slices.Contains(t.order, needed) {
			faults = append(faults, LineError{number, columns[needed].heading, "この見出しがありません。", ""})
		}
	}
	return faults
}

// readLine returns nil for an empty line.
func (t *reading) readLine(number int, record []string) (*Line, []LineError) {
	l := &Line{Number: number, Content: &portalv1.ProcedureContent{}}
	var faults []LineError
	cells, empty := make([]string, len(columns)), true
	for i, cell := range record {
		cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
		if folded(cell) == "" {
			continue
		}
		empty = false
		if i >= len(t.order) || t.order[i] < 0 {
			faults = append(faults, LineError{number, "", fmt.Sprintf(
				"見出しは%d列ですが、この行は%d列目に「%s」があります。カンマを含む欄は「\"」で囲んでください。", len(t.head), i+1, shown(cell)), cell})
			continue
		}
		cells[t.order[i]] = strings.Clone(cell)
	}
	if empty || len(faults) > 0 {
		return nil, faults
	}
	for i, c := range columns {
		if before, _, lost := strings.Cut(cells[i], "\ufffd"); lost {
			faults = append(faults, LineError{number, c.heading, fmt.Sprintf(
				"%d文字目が壊れていて読めません（文字コードの変換などで失われた文字）。書き直してください。", utf8.RuneCountInString(before)+1), cells[i]})
		}
		if spreadsheet.IsErrorValue(strings.TrimSpace(cells[i])) {
			faults = append(faults, LineError{number, c.heading, fmt.Sprintf(
				"「%s」は表計算ソフトが計算か表示に失敗した印です。元の表を直して保存しなおしてください。", shown(cells[i])), cells[i]})
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	unread := map[string]bool{} // what Check would only say again
	for i, c := range columns {
		if err := c.set(l, c.read(cells[i])); err != nil {
			faults = append(faults, LineError{number, c.heading, err.Error(), cells[i]})
			unread[c.heading] = true
		}
	}
	if TooFar(l.From, t.today) {
		faults = append(faults, LineError{number, dayHeading, fmt.Sprintf(
			"適用開始日は%d年先までにしてください。", yearsAhead), cells[columnOf(dayHeading)]})
	}
	if l.Ended {
		return l, faults // nothing else counts
	}
	for _, f := range Check(l.Content) {
		i := slices.IndexFunc(columns, func(c column) bool { return c.heading == heading(f.Field) })
		if !unread[columns[i].heading] {
			faults = append(faults, LineError{number, columns[i].heading, position(f.Field) + f.Message, cells[i]})
		}
	}
	return l, faults
}

// read is what a cell says to a column.
func (c column) read(cell string) string {
	cell, exact := spreadsheet.Unmarked(cell)
	switch {
	case exact:
		return cell
	case c.isCode:
		return codeIn(cell)
	}
	return strings.TrimSpace(cell)
}

var indexForm = regexp.MustCompile(`\[(\d+)\]`)

// position says which of the things in a cell is meant.
func position(field string) string {
	m := indexForm.FindStringSubmatch(field)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1])
	return fmt.Sprintf("%d個目: ", n+1)
}

// CSVWriter writes entries in the form that ReadCSV reads.
type CSVWriter struct{ w *csv.Writer }

// NewCSVWriter writes the headings, behind the mark by which Excel knows UTF-8.
func NewCSVWriter(to io.Writer) (*CSVWriter, error) {
	if _, err := io.WriteString(to, byteOrderMark); err != nil {
		return nil, err
	}
	w := csv.NewWriter(to)
	return &CSVWriter{w}, w.Write(Headings())
}

// Write writes one line.
func (w *CSVWriter) Write(l Line) error {
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.get(&l)
		if !c.isDay {
			record[i] = spreadsheet.Marked(record[i])
		}
	}
	return w.w.Write(record)
}

// Flush ends the file.
func (w *CSVWriter) Flush() error {
	w.w.Flush()
	return w.w.Error()
}

// yearsAhead is how far in the future an entry may come into force; what lies farther is a slip of the pen.
const yearsAhead = 5

// TooFar says whether a day is too far ahead of today for an entry to come into force (both YYYY-MM-DD, or "" for
// none).
func TooFar(day, today string) bool {
	now, ok := rule.Day(today)
	return ok && day > now.AddDate(yearsAhead, 0, 0).Format(time.DateOnly)
}
