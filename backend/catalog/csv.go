package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"madoguchi/backend/calendar"
	portalv1 "madoguchi/proto/gen/portal/v1"
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
}

func (e LineError) String() string {
	if e.Column == "" {
		return fmt.Sprintf("%d行目: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("%d行目「%s」: %s", e.Line, e.Column, e.Message)
}

// column is one heading with the field of ProcedureContent it fills. Several things in a cell are separated by ；, line ends or the like;
// parts of one thing by |.
type column struct {
	heading, field string
	set            func(l *Line, cell string) error
	get            func(l *Line) string
}

func content(set func(*portalv1.ProcedureContent, string), get func(*portalv1.ProcedureContent) string) (func(*Line, string) error, func(*Line) string) {
	return func(l *Line, cell string) error { set(l.Content, cell); return nil }, func(l *Line) string { return get(l.Content) }
}

func plain(heading, field string, at func(*portalv1.ProcedureContent) *string) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) { *at(c) = s }, func(c *portalv1.ProcedureContent) string { return *at(c) })
	return column{heading, field, set, get}
}

func several(heading, field string, at func(*portalv1.ProcedureContent) *[]string) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) { *at(c) = items(s) }, func(c *portalv1.ProcedureContent) string { return strings.Join(*at(c), "；") })
	return column{heading, field, set, get}
}

func links(heading, field string, at func(*portalv1.ProcedureContent) *[]*portalv1.ProcedureLink) column {
	set, get := content(func(c *portalv1.ProcedureContent, s string) {
		for _, item := range items(s) {
			name, address, _ := strings.Cut(item, "|")
			*at(c) = append(*at(c), &portalv1.ProcedureLink{Name: strings.TrimSpace(name), Url: strings.TrimSpace(address)})
		}
	}, func(c *portalv1.ProcedureContent) string {
		var list []string
		for _, l := range *at(c) {
			list = append(list, strings.TrimSuffix(l.GetName()+"|"+l.GetUrl(), "|"))
		}
		return strings.Join(list, "；")
	})
	return column{heading, field, set, get}
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
	return column{heading, field, set, get}
}

func rule(heading string, at func(*portalv1.DeadlineRule) *string) column {
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
	return column{heading, "deadline_rule", set, get}
}

func yesNo(heading, field, yes, no string, at func(*Line) *bool) column {
	return column{heading, field, func(l *Line, cell string) error {
		switch cell {
		case yes:
			*at(l) = true
		case no, "":
			*at(l) = false
		default:
			return fmt.Errorf("「%s」は使えません。「%s」か「%s」にしてください。", cell, yes, no)
		}
		return nil
	}, func(l *Line) string {
		if *at(l) {
			return yes
		}
		return no
	}}
}

var signatureWords = []string{"", "不要", "ログイン", "電子署名"}

var needWords = []string{"", "必須", "該当時", "原本別送"}

var columns = []column{
	{"自治体コード", "place_code", func(l *Line, cell string) error { l.Place = cell; return nil }, func(l *Line) string { return l.Place }},
	plain("手続番号", "number", func(c *portalv1.ProcedureContent) *string { return &c.Number }),
	plain("標準手続", "definition", func(c *portalv1.ProcedureContent) *string { return &c.Definition }),
	plain("手続名", "title", func(c *portalv1.ProcedureContent) *string { return &c.Title }),
	plain("分類", "category", func(c *portalv1.ProcedureContent) *string { return &c.Category }),
	yesNo("オンライン申請", "online", "可", "不可", func(l *Line) *bool { return &l.Content.Online }),
	plain("オンライン申請のURL", "online_url", func(c *portalv1.ProcedureContent) *string { return &c.OnlineUrl }),
	{"本人確認", "signature", func(l *Line, cell string) error {
		i := slices.Index(signatureWords, cell)
		if i < 0 {
			return fmt.Errorf("「%s」は使えません。「不要」「ログイン」「電子署名」のどれかにしてください。", cell)
		}
		l.Content.Signature = portalv1.Signature(i) //nolint:gosec // one of four
		return nil
	}, func(l *Line) string { return signatureWords[l.Content.GetSignature()] }},
	plain("制度", "system", func(c *portalv1.ProcedureContent) *string { return &c.System }),
	plain("対象", "target", func(c *portalv1.ProcedureContent) *string { return &c.Target }),
	plain("手続を行う人", "applicant", func(c *portalv1.ProcedureContent) *string { return &c.Applicant }),
	plain("概要", "summary", func(c *portalv1.ProcedureContent) *string { return &c.Summary }),
	plain("手続期限", "deadline", func(c *portalv1.ProcedureContent) *string { return &c.Deadline }),
	rule("期限の起点", func(r *portalv1.DeadlineRule) *string { return &r.From }),
	rule("期限の期間", func(r *portalv1.DeadlineRule) *string { return &r.Within }),
	yesNo("初日算入", "deadline_rule", "する", "しない", func(l *Line) *bool {
		if l.Content.DeadlineRule == nil {
			return new(bool)
		}
		return &l.Content.DeadlineRule.FirstDay
	}),
	rule("受付開始", func(r *portalv1.DeadlineRule) *string { return &r.Opens }),
	rule("毎年の期間", func(r *portalv1.DeadlineRule) *string { return &r.Yearly }),
	plain("手数料", "fee", func(c *portalv1.ProcedureContent) *string { return &c.Fee }),
	links("様式", "forms", func(c *portalv1.ProcedureContent) *[]*portalv1.ProcedureLink { return &c.Forms }),
	{"添付書類", "documents", setDocuments, getDocuments},
	several("持ちもの", "bring", func(c *portalv1.ProcedureContent) *[]string { return &c.Bring }),
	several("手続方法", "method", func(c *portalv1.ProcedureContent) *[]string { return &c.Method }),
	links("関連リンク", "links", func(c *portalv1.ProcedureContent) *[]*portalv1.ProcedureLink { return &c.Links }),
	desk("担当部署", "desk.department", func(d *portalv1.ProcedureDesk) *string { return &d.Department }),
	desk("建物", "desk.building", func(d *portalv1.ProcedureDesk) *string { return &d.Building }),
	desk("所在地", "desk.address", func(d *portalv1.ProcedureDesk) *string { return &d.Address }),
	desk("電話番号", "desk.phone", func(d *portalv1.ProcedureDesk) *string { return &d.Phone }),
	desk("受付時間", "desk.hours", func(d *portalv1.ProcedureDesk) *string { return &d.Hours }),
	several("根拠法令", "laws", func(c *portalv1.ProcedureContent) *[]string { return &c.Laws }),
	several("検索語", "keywords", func(c *portalv1.ProcedureContent) *[]string { return &c.Keywords }),
	{"適用開始日", "effective_from", func(l *Line, cell string) error {
		cell = strings.ReplaceAll(cell, "/", "-")
		if _, ok := calendar.ParseDay(cell); cell != "" && !ok {
			return fmt.Errorf("「%s」は日付ではありません。2027-04-01 のように書いてください。", cell)
		}
		l.From = cell
		return nil
	}, func(l *Line) string { return l.From }},
	yesNo("廃止", "ended", "廃止", "", func(l *Line) *bool { return &l.Ended }),
}

func setDocuments(l *Line, cell string) error {
	for _, item := range items(cell) {
		part := append(strings.SplitN(item, "|", 3), "", "")
		need := strings.TrimSpace(part[1])
		if need == "" {
			need = "必須"
		}
		i := slices.Index(needWords, need)
		if i < 1 {
			return fmt.Errorf("「%s」は使えません。書類名|必須、書類名|該当時|どんなとき、書類名|原本別送 のどれかの形で書いてください。", need)
		}
		l.Content.Documents = append(l.Content.Documents, &portalv1.ProcedureDocument{
			Name: strings.TrimSpace(part[0]), Need: portalv1.ProcedureDocument_Need(i), Condition: strings.TrimSpace(part[2]), //nolint:gosec // one of four
		})
	}
	return nil
}

func getDocuments(l *Line) string {
	var list []string
	for _, d := range l.Content.GetDocuments() {
		list = append(list, strings.TrimSuffix(d.GetName()+"|"+needWords[d.GetNeed()]+"|"+d.GetCondition(), "|"))
	}
	return strings.Join(list, "；")
}

// items separates the things in a cell.
func items(cell string) []string {
	var list []string
	for item := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == '；' || r == ';' || r == '\n' || r == '\r' }) {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// Headings are the columns of a file of entries, in order. Columns may stand in any order; those that are missing are empty.
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

const maxFile = 1 << 30

// ReadCSV reads entries as offices write them with a spreadsheet: UTF-8 or Shift JIS. It hands each line that is in order to `line` and names
// what is wrong with the others; the error is for a file that cannot be read at all.
func ReadCSV(from io.Reader, line func(Line)) ([]LineError, error) {
	text, err := decoded(from)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(text)
	r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = -1, true, false
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("ファイルが空です。1行目に見出しを書いてください")
	}
	if err != nil {
		return nil, fmt.Errorf("1行目が読めません: %w", err)
	}
	order, faults := readHeadings(head)
	if len(faults) > 0 {
		return faults, nil
	}
	seen := map[string]int{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return faults, nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			faults = append(faults, LineError{Line: parse.StartLine, Message: fmt.Sprintf("CSVとして読めません（%d行目の%d文字目、%v）。引用符「\"」の対応を確かめてください。", parse.Line, parse.Column, parse.Err)})
			return faults, nil // what follows cannot be told apart
		}
		if err != nil {
			return faults, fmt.Errorf("reading the file: %w", err)
		}
		number, _ := r.FieldPos(0)
		l, wrong := readLine(number, order, record)
		if l == nil && len(wrong) == 0 {
			continue // an empty line
		}
		if l != nil {
			key := l.Place + "/" + l.Content.GetNumber() + "/" + l.From
			if first := seen[key]; first > 0 {
				wrong = append(wrong, LineError{number, "手続番号", fmt.Sprintf("同じ自治体の同じ手続番号が%d行目にもあります。片方を消してください。", first)})
			}
			seen[key] = number
		}
		if len(wrong) > 0 {
			faults = append(faults, wrong...)
			continue
		}
		line(*l)
	}
}

func decoded(from io.Reader) (io.Reader, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("ファイルが大きすぎます（%d MBまで）", maxFile>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return bytes.NewReader(data), nil
	}
	return bufio.NewReader(japanese.ShiftJIS.NewDecoder().Reader(bytes.NewReader(data))), nil
}

func readHeadings(head []string) (order []int, faults []LineError) {
	order = make([]int, len(head))
	var unknown []string
	for i, h := range head {
		h = strings.TrimSpace(h)
		order[i] = slices.IndexFunc(columns, func(c column) bool { return c.heading == h })
		if order[i] < 0 && h != "" {
			unknown = append(unknown, "「"+h+"」")
		}
		if order[i] >= 0 && slices.Contains(order[:i], order[i]) {
			faults = append(faults, LineError{1, h, "同じ見出しが2つあります。"})
		}
	}
	if len(unknown) > 0 {
		faults = append(faults, LineError{1, "", fmt.Sprintf("知らない見出し %s があります。使える見出し: %s。", strings.Join(unknown, "、"), strings.Join(Headings(), "、"))})
	}
	for _, needed := range []int{0, 1} {
		if !slices.Contains(order, needed) {
			faults = append(faults, LineError{1, columns[needed].heading, "この見出しがありません。"})
		}
	}
	return order, faults
}

// readLine returns nil for an empty line.
func readLine(number int, order []int, record []string) (*Line, []LineError) {
	if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return nil, nil
	}
	if len(record) > len(order) {
		return nil, []LineError{{number, "", fmt.Sprintf("見出しは%d列ですが、この行は%d列あります。カンマを含む欄は「\"」で囲んでください。", len(order), len(record))}}
	}
	l := &Line{Number: number, Content: &portalv1.ProcedureContent{}}
	var faults []LineError
	cells := make([]string, len(columns))
	for i, cell := range record {
		if order[i] >= 0 {
			cells[order[i]] = strings.TrimSpace(strings.ReplaceAll(cell, "\r\n", "\n"))
		}
	}
	for i, c := range columns {
		if err := c.set(l, strings.Clone(cells[i])); err != nil {
			faults = append(faults, LineError{number, c.heading, err.Error()})
		}
	}
	if !IsPlace(l.Place) {
		faults = append(faults, LineError{number, "自治体コード", fmt.Sprintf("「%s」という自治体はありません。検査数字を含む6桁の全国地方公共団体コードにしてください。", l.Place)})
	}
	if l.Ended {
		return l, faults // nothing else counts
	}
	for _, f := range Check(l.Content) {
		faults = append(faults, LineError{number, heading(f.Field), position(f.Field) + f.Message})
	}
	return l, faults
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

// NewCSVWriter writes the headings.
func NewCSVWriter(to io.Writer) (*CSVWriter, error) {
	w := csv.NewWriter(to)
	return &CSVWriter{w}, w.Write(Headings())
}

// Write writes one line.
func (w *CSVWriter) Write(l Line) error {
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.get(&l)
	}
	return w.w.Write(record)
}

// Flush ends the file.
func (w *CSVWriter) Flush() error {
	w.w.Flush()
	return w.w.Error()
}
