package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	firstHeadings = "自治体コード,手続番号,手続名,分類,オンライン申請,本人確認"
	firstCells    = "131105,A-1,防犯カメラ設置補助,ごみ・環境保全,不可,不要"
)

// reads reads a file for the day 2027-03-01.
func reads(t interface{ Fatal(args ...any) }, data string) (lines []Line, said string) {
	faults, err := ReadCSVOn(strings.NewReader(data), "2027-03-01", func(l Line) { lines = append(lines, l) })
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range faults {
		list = append(list, f.String())
	}
	return lines, strings.Join(list, "\n")
}

// one reads a file of one line.
func one(t *testing.T, data string) Line {
	t.Helper()
	lines, said := reads(t, data)
	if len(lines) != 1 || said != "" {
		t.Fatalf("%d lines, %s", len(lines), said)
	}
	return lines[0]
}

func written(t interface{ Fatal(args ...any) }, lines ...Line) string {
	var file bytes.Buffer
	w, err := NewCSVWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// What a text may be made of, and what a spreadsheet may make of it.
var pieces = []string{
	"手続", "ほいくえん", "ｺﾞﾐ", "①㈱髙﨑", "𠮷", "é", "\"", "'", ",", "，", ";", "；", "|", "｜", "\\", "=", "+", "-", "@", "＝",
	"-1", "=1+1", "0012", "1-2", "1/2", "2027-04-01", "2027/4/1", "4月1日", "令和9年4月1日", "R9.4.1",
	"1E5", "12345678901234567890", "(1)", "50%", "¥300", "08:30", "MAR-1", "true", " ", "　", "\u00a0", "申請書|必須",
	"https://www.example.jp/a;b?c=1|d", "A", "a", "0", "9", ".", "#N/A", "#NAME?", "####", "'", "sep=;", "１２", "http",
}

func textOf(least, most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), least, most).Draw(t, "pieces"), "")
		if least > 0 && strings.TrimSpace(s) == "" {
			return "空でない"
		}
		return s
	})
}

var addresses = rapid.SampledFrom([]string{
	"", "https://www.example.jp/", "https://www.city.example.lg.jp/form.do;jsessionid=1A2B?id=1",
	"https://www.example.jp/?a=1&amp;b=2;c", "https://www.example.jp/a|b", "https://www.example.jp/様式；一",
	"https://www.example.jp/;",
	"https://www.example.jp/a;b|https://www.example.jp/c", `https://www.example.jp/a\;b`,
})

func linkList(t *rapid.T, name string) (list []*portalv1.ProcedureLink) {
	for range rapid.IntRange(0, 3).Draw(t, name) {
		list = append(list, &portalv1.ProcedureLink{
			Name: textOf(1, 3).Draw(t, "name"), Url: addresses.Draw(t, "address"),
		})
	}
	return list
}

// accepted draws entries that pass Check.
var accepted = rapid.Custom(func(t *rapid.T) *portalv1.ProcedureContent {
	text, list := textOf(0, 4), rapid.SliceOfN(textOf(1, 4), 0, 4)
	c := &portalv1.ProcedureContent{
		Number: rapid.OneOf(rapid.StringMatching(`[A-Z0-9][A-Z0-9-]{0,19}`), rapid.SampledFrom([]string{
			"0012", "1-2", "1E5", "MAR-1", "2027-4", "123456789012345678", "007",
		})).Draw(t, "number"),
		Category: rapid.SampledFrom(Categories()).Draw(t, "category"), Title: textOf(1, 5).Draw(t, "title"),
		Signature: portalv1.Signature(rapid.IntRange(1, 3).Draw(t, "signature")),
		System:    text.Draw(t, "system"), Target: text.Draw(t, "target"), Applicant: text.Draw(t, "applicant"),
		Fee: text.Draw(t, "fee"), Deadline: text.Draw(t, "deadline"),
		Summary: strings.Join(rapid.SliceOfN(text, 0, 4).Draw(t, "summary"), "\n"),
		Bring:   list.Draw(t, "bring"), Method: list.Draw(t, "method"), Laws: list.Draw(t, "laws"),
		Keywords: list.Draw(t, "keywords"),
		Forms:    linkList(t, "forms"), Links: linkList(t, "links"),
		Desk: &portalv1.ProcedureDesk{
			Department: text.Draw(t, "department"), Building: text.Draw(t, "building"),
			Address: text.Draw(t, "address"), Hours: text.Draw(t, "hours"),
			Phone: rapid.SampledFrom([]string{
				"", "03-0000-1111", "0300001111", "+81 3 0000 1111", "0120 000 111", "03-0000-1111 ",
				"(03)0000-1111", "188000", "000-12-10",
			}).Draw(t, "phone"),
		},
	}
	if c.Online = rapid.Bool().Draw(t, "online"); c.GetOnline() {
		c.OnlineUrl = addresses.Draw(t, "online address")
	}
	for range rapid.IntRange(0, 3).Draw(t, "documents") {
		d := &portalv1.ProcedureDocument{
			Name: textOf(1, 3).Draw(t, "document"),
			Need: portalv1.ProcedureDocument_Need(rapid.IntRange(1, 3).Draw(t, "need")),
		}
		if d.GetNeed() == portalv1.ProcedureDocument_NEED_IF {
			d.Condition = textOf(1, 3).Draw(t, "condition")
		}
		c.Documents = append(c.Documents, d)
	}
	c.DeadlineRule = rapid.SampledFrom([]*portalv1.DeadlineRule{
		nil, {}, {From: "birth", Within: "14d", FirstDay: true}, {From: "death", Within: "3m"},
		{From: "expiry", Opens: "2w"}, {Yearly: "06-01..06-30"},
	}).Draw(t, "rule")
	if faults := Check(c); len(faults) > 0 {
		t.Skip(faults)
	}
	return c
})

// withoutEmpty is an entry without what says nothing.
func withoutEmpty(c *portalv1.ProcedureContent) *portalv1.ProcedureContent {
	c = proto.CloneOf(c)
	if proto.Size(c.GetDesk()) == 0 {
		c.Desk = nil
	}
	if proto.Size(c.GetDeadlineRule()) == 0 {
		c.DeadlineRule = nil
	}
	return c
}

func TestWhatIsWrittenComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Line{
			Place: rapid.SampledFrom([]string{"131105", "011002", "012203", Nation, "130001"}).Draw(t, "place"),
			From:  "2027-04-01", Content: accepted.Draw(t, "entry"),
		}
		file := written(t, l)
		saved := savedByExcel(t, file)
		for how, data := range map[string]string{
			"as written": file, "with \\r\\n": strings.ReplaceAll(file, "\n", "\r\n"), "saved by Excel": saved,
		} {
			lines, said := reads(t, data)
			if len(lines) != 1 || said != "" {
				t.Fatalf("%s: %d lines, %s\n%s", how, len(lines), said, data)
			}
			diff := cmp.Diff(withoutEmpty(l.Content), withoutEmpty(lines[0].Content), protocmp.Transform())
			if diff != "" || lines[0].Place != l.Place || lines[0].From != l.From {
				t.Fatalf("%s: %s of %s\n%s\n%s", how, lines[0].Place, lines[0].From, diff, data)
			}
		}
	})
}

// savedByExcel does to the cells of a file what Excel in Japan does when it opens and saves it: formulas are worked
// out, numbers and days are written its own way, empty cells at the end of a line vanish.
func savedByExcel(t interface{ Fatal(args ...any) }, file string) string {
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, record := range records {
		for i, cell := range record {
			record[i] = asExcelKeeps(cell)
		}
		for len(record) > 1 && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.String()
}

var number = regexp.MustCompile(`^\(?[0-9][0-9,]*(\.[0-9]*)?(E[0-9]+)?\)?$`)

func asExcelKeeps(cell string) string {
	for _, form := range []string{"2006-01-02", "2006-1-2", "2006/1/2"} {
		if day, err := time.Parse(form, cell); err == nil {
			return day.Format("2006/1/2")
		}
	}
	for _, form := range []string{"1-2", "1/2", "2006-1", "Jan-2"} {
		if day, err := time.Parse(form, cell); err == nil {
			return day.Format("1月2日")
		}
	}
	switch {
	case cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]):
		return "#NAME?"
	case number.MatchString(cell):
		digits := strings.Trim(strings.ReplaceAll(cell, ",", ""), "()")
		if n, err := strconv.ParseFloat(digits, 64); err == nil && n < 1e11 {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
		return "1.23E+17"
	case cell == "true":
		return "TRUE"
	}
	return cell
}

// Nothing that a spreadsheet would work out stands at the beginning of a cell.
func TestNothingWrittenIsAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := written(t, Line{Place: "131105", Content: accepted.Draw(t, "entry")})
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
		if err != nil || !strings.HasPrefix(file, "\ufeff自治体コード,") {
			t.Fatal(err, file)
		}
		for _, cell := range records[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
				t.Fatalf("%q is a formula", cell)
			}
		}
	})
}

func TestEncodings(t *testing.T) {
	file := firstHeadings + ",概要\r\n131105,A-1,髙齢者の﨑野①号補助～Ⅲ㈱,ごみ・環境保全,不可,不要,\"一行目\r\n二行目\"\r\n"
	encode := func(e interface{ String(string) (string, error) }, s string) string {
		encoded, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	simple := strings.NewReplacer("髙", "高", "﨑", "崎", "①", "1", "～", "", "Ⅲ", "", "㈱", "").Replace(file)
	tabs := strings.ReplaceAll(file, ",", "\t")
	for name, data := range map[string]string{
		"UTF-8": file, "with a mark": "\ufeff" + file, "with two marks": "\ufeff\ufeff" + file,
		"Windows":                 encode(japanese.ShiftJIS.NewEncoder(), file),
		"end of DOS":              encode(japanese.ShiftJIS.NewEncoder(), file) + "\x1a",
		"end of DOS, on a line":   file + "\x1a\r\n",
		"EUC":                     encode(japanese.EUCJP.NewEncoder(), simple),
		"JIS":                     encode(japanese.ISO2022JP.NewEncoder(), simple),
		"Unicode text of Excel":   encode(utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewEncoder(), tabs),
		"big end first":           encode(utf16.UTF16(utf16.BigEndian, utf16.UseBOM).NewEncoder(), file),
		"UTF-16 without a mark":   encode(utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM).NewEncoder(), file),
		"big end, without a mark": encode(utf16.UTF16(utf16.BigEndian, utf16.IgnoreBOM).NewEncoder(), file),
		"four bytes a character":  encode(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewEncoder(), file),
		"four, big end first":     encode(utf32.UTF32(utf32.BigEndian, utf32.UseBOM).NewEncoder(), file),
		"tabs":                    tabs, "semicolons": strings.ReplaceAll(file, ",", ";"),
		"hint":                   "sep=;\r\n" + strings.ReplaceAll(file, ",", ";"),
		"old Mac":                strings.ReplaceAll(strings.ReplaceAll(file, "\r\n二", "\n二"), "\r\n", "\r"),
		"Unix":                   strings.ReplaceAll(file, "\r\n", "\n"),
		"one line of an old Mac": strings.Replace(strings.ReplaceAll(file, "\r\n", "\n"), "要\n", "要\r", 1),
		"old Mac in a cell":      strings.ReplaceAll(file, "目\r\n", "目\r"),
		"no end":                 strings.TrimSuffix(file, "\r\n"),
		"empty at the end":       file + "\r\n\r\n,,,,,,\r\n,,,,,,,,\r\n",
		"empty columns":          strings.ReplaceAll(file, "概要\r\n", "概要,,,\r\n") + ",,,,,,,,,,\r\n",
		"quoted": `"` + strings.ReplaceAll(firstHeadings, ",", `","`) + `"` +
			strings.TrimPrefix(file, firstHeadings),
		"invisible in headings":     strings.ReplaceAll(file, "手続番号", "\u2800手続\x00番\ufe0f号\u3164\u00ad"),
		"headings in another width": strings.ReplaceAll(file, "手続番号", " 手続 番号　\u200b"),
	} {
		l := one(t, data)
		title := strings.Replace(l.Content.GetTitle(), "高", "髙", 1)
		if l.Place != "131105" || !strings.HasPrefix(title, "髙齢者の") || l.Content.GetSummary() != "一行目\n二行目" {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestWhatSpreadsheetsDoIsRead(t *testing.T) {
	heads := firstHeadings + ",適用開始日,電話番号,期限の起点,期限の期間,手続期限,初日算入\n"
	for cells, want := range map[string]string{ // place, number, day, phone, rule
		"131105,A-1,題,ごみ・環境保全,不可,不要,2027/4/1,,,,,":                    "131105 A-1 2027-04-01",
		"131105,A-1,題,ごみ・環境保全,不可,不要,2027年4月1日,,,,,":                   "131105 A-1 2027-04-01",
		"131105,A-1,題,ごみ・環境保全,不可,不要,令和9年4月1日,,,,,":                    "131105 A-1 2027-04-01",
		"131105,A-1,題,ごみ・環境保全,不可,不要,R9.4.1,,,,,":                      "131105 A-1 2027-04-01",
		"１３１１０５,Ａ－１,題,ごみ・環境保全,不可,不要,２０２７／４／１,,,,,":                    "131105 A-1 2027-04-01",
		"131105,Aー1,題,ごみ・環境保全,不可,不要,20270401,０３－００００－１１１１,,,,":        "131105 A-1 2027-04-01 03-0000-1111",
		"11002,A-1,題,ごみ・環境保全,不可,不要,,,,,,":                             "011002 A-1 ",
		"0,A-1,題,ごみ・環境保全,不可,不要,,,,,,":                                 "000000 A-1 ",
		"131105,A-1,題,ごみ・環境保全,不可,不要,,（０３）00001111,birth,１４ｄ,14日以内,する": "131105 A-1  (03)00001111 birth 14d true",
		"131105,A-1,題,ごみ・環境保全,不可,不要":                                  "131105 A-1 ",
		"'011002,'A-1,題,ごみ・環境保全,不可,不要,,'03-0000-1111,,,,":             "011002 A-1  03-0000-1111",
		"131105,A-1,題,ごみ・環境保全,不可,不要,令和9.4.1,,,,,":                     "131105 A-1 2027-04-01",
		"131105,A-1,題,ごみ・環境保全,不可,不要,㋿9.4.1,,,,,":                      "131105 A-1 2027-04-01",
		`"=""011002""","=""A-1""",題,ごみ・環境保全,不可,不要`:                    "011002 A-1 ",
	} {
		l := one(t, heads+cells+"\n")
		got := fmt.Sprintf("%s %s %s", l.Place, l.Content.GetNumber(), l.From)
		if p := l.Content.GetDesk().GetPhone(); p != "" {
			got += " " + p
		}
		if r := l.Content.GetDeadlineRule(); r != nil {
			got += fmt.Sprintf(" %s %s %t", r.GetFrom(), r.GetWithin(), r.GetFirstDay())
		}
		if got != want {
			t.Errorf("%s is read as %s, want %s", cells, got, want)
		}
	}
}

// Each fault says where it is, and what stands there.
func TestFaultsNameTheCell(t *testing.T) {
	heads := firstHeadings + ",適用開始日,電話番号,様式,初日算入\n"
	row := func(day, phone, form, first string) string {
		return heads + firstCells + "," + strings.Join([]string{day, phone, form, first}, ",") + "\n"
	}
	for name, c := range map[string]struct{ data, want string }{
		"one byte lost": {
			firstHeadings + "\n" + firstCells + "\n131105,A-2,\xe5垣助成,ごみ・環境保全,不可,不要\n",
			"3行目「手続名」: 1文字目が壊れていて読めません（文字コードの変換などで失われた文字）。書き直してください。（いまの内容:「\ufffd垣助成」）",
		},
		"bytes lost in Windows": {
			sjis(t, firstHeadings+"\n131105,A-1,") + "\x81\xff\x8e" + sjis(t, ",ごみ・環境保全,不可,不要\n"),
			"2行目「手続名」: 1文字目が壊れていて",
		},
		"a day without a year": {row("4月1日", "", "", ""), "2行目「適用開始日」: 「4月1日」は日付ではありません"},
		"a day that is none":   {row("2027/2/29", "", "", ""), "2行目「適用開始日」: 「2027/2/29」は日付ではありません"},
		"a serial number":      {row("46478", "", "", ""), "「46478」は表計算ソフトの日付の通し番号のようです（2027-04-01）"},
		"far ahead":            {row("2107/4/1", "", "", ""), "2行目「適用開始日」: 適用開始日は5年先までにしてください。（いまの内容:「2107/4/1」）"},
		"an extension": {
			row("", "03-0000-1111（内線 2345）", "", ""),
			"2行目「電話番号」: 電話番号は 03-1234-5678 のように半角で、1つだけ書いてください（画面から電話をかけるため）。内線は「担当部署」に",
		},
		"two numbers": {
			row("", "03-0000-1111、03-0000-1112", "", ""), "（いまの内容:「03-0000-1111、03-0000-1112」）",
		},
		"two numbers, a blank": {row("", "0300001111 0300001112", "", ""), "1つだけ書いてください"},
		"a zero lost":          {row("", "300001111", "", ""), "2行目「電話番号」: 先頭の0が消えているようです"},
		"which semicolon": {
			row("", "", "様式A;様式B|https://www.example.jp/", ""), "2行目「様式」: 「;」が名前の一部か、区切りか分かりません",
		},
		"which semicolon, too": {row("", "", "様式A|https://www.example.jp/a;様式B", ""), "2行目「様式」: 「;」が名前の一部か"},
		"names alone":          {row("", "", "様式A;様式B", ""), "2行目「様式」: 「;」が名前の一部か"},
		"an address alone":     {row("", "", "https://www.example.jp/", ""), "名前|https://… の形です"},
		"the first day of nothing": {
			row("", "", "", "する"), "2行目「期限の起点」: 期限の計算の書き方が正しくありません（deadline: first_day needs within）",
		},
		"a code cut short": {
			firstHeadings + "\n13110,A-1,題,ごみ・環境保全,不可,不要\n",
			"2行目「自治体コード」: 「13110」には検査数字がありません。131105 と書いてください。",
		},
		"two codes": {
			firstHeadings + "\n12203,A-1,題,ごみ・環境保全,不可,不要\n",
			"「12203」は、先頭の0が消えた 012203 か、検査数字のない 122033 か分かりません",
		},
		"no such place": {firstHeadings + "\n目黒区,A-1,題,ごみ・環境保全,不可,不要\n", "2行目「自治体コード」: 「目黒区」という自治体はありません"},
		"what cannot be seen": {
			firstHeadings + "\n13\u200b1\x1b105,A-1,題,ごみ・環境保全,不可,不要\n",
			"2行目「自治体コード」: 「131〈U+001B〉105」という自治体はありません。検査数字を含む6桁の全国地方公共団体コードに" +
				"してください。（いまの内容:「13〈U+200B〉1〈U+001B〉105」）",
		},
		"too many cells":   {firstHeadings + "\n" + firstCells + ",,余り\n", "2行目: 見出しは6列ですが、この行は8列目に「余り」があります"},
		"under no heading": {firstHeadings + ",\n" + firstCells + ",余り\n", "この行は7列目に「余り」があります"},
		"another heading":  {"自治体コード,手続番号,色\n", "1行目: 知らない見出し 「色」"},
		"quotes": {
			firstHeadings + "\n131105,A-1,防犯\"カメラ,ごみ・環境保全,不可,不要\n", "2行目: CSVとして読めません（2行目の14文字目）",
		},
		"quotes to the end": {firstHeadings + "\n131105,A-1,\"防犯カメラ,ごみ・環境保全,不可,不要\n", "2行目: CSVとして読めません"},
		"twice, once without a day": {
			firstHeadings + ",適用開始日\n131105,A-1,一,ごみ・環境保全,不可,不要,\n131105,A-1,二,ごみ・環境保全,不可,不要,2027/3/1\n",
			"3行目「手続番号」: 同じ自治体の同じ手続番号が2行目にもあります",
		},
		"twice, in other words": {
			firstHeadings + ",適用開始日\n131105,A-1,一,ごみ・環境保全,不可,不要,令和9年4月1日\n１３１１０５,Ａ-1,二,ごみ・環境保全,不可,不要,2027/4/1\n",
			"3行目「手続番号」: 同じ自治体の同じ手続番号が2行目にもあります",
		},
		"what could not be reckoned": {
			firstHeadings + "\n131105,A-1,#NAME?,ごみ・環境保全,不可,不要\n",
			"2行目「手続名」: 「#NAME?」は表計算ソフトが計算か表示に失敗した印です",
		},
		"too narrow a column": {row("########", "", "", ""), "2行目「適用開始日」: 「########」は表計算ソフトが計算か表示に失敗した印です"},
		"a line of an old Mac": {
			firstHeadings + "\n" + firstCells + "\r131105,A-2,題,ない分類,不可,不要\r\n", "3行目「分類」: 分類は次のどれかに",
		},
		"a long cell": {
			firstHeadings + "\n131105," + strings.Repeat("番", 100) + ",題,ごみ・環境保全,不可,不要\n",
			"（いまの内容:「" + strings.Repeat("番", 60) + "…」）",
		},
	} {
		lines, said := reads(t, c.data)
		if !strings.Contains(said, c.want) || strings.Contains(said, "\n") || len(lines) > 1 {
			t.Errorf("%s: %d lines, it says\n%s\nwant\n%s", name, len(lines), said, c.want)
		}
	}
	twoDays := firstHeadings + ",適用開始日\n" + firstCells + ",\n" + firstCells + ",2027/4/1\n"
	if lines, said := reads(t, twoDays); len(lines) != 2 || said != "" {
		t.Errorf("for two days: %d lines, %s", len(lines), said)
	}
}

func sjis(t *testing.T, s string) string {
	encoded, err := japanese.ShiftJIS.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestSemicolons(t *testing.T) {
	for cell, want := range map[string][]string{
		"申請書|https://www.city.example.lg.jp/form.do;jsessionid=1A2B?id=1": {
			"申請書 https://www.city.example.lg.jp/form.do;jsessionid=1A2B?id=1",
		},
		"甲|https://a.example.jp/;乙|https://b.example.jp/": {
			"甲 https://a.example.jp/", "乙 https://b.example.jp/",
		},
		"甲|https://a.example.jp/x;y=1;乙|https://b.example.jp/;z": {
			"甲 https://a.example.jp/x;y=1", "乙 https://b.example.jp/;z",
		},
		"甲｜https://a.example.jp/?x=1&amp;y=2；乙": {
			"甲 https://a.example.jp/?x=1&amp;y=2", "乙 ",
		},
		"甲|https://a.example.jp/\n乙|https://b.example.jp/": {
			"甲 https://a.example.jp/", "乙 https://b.example.jp/",
		},
		`甲\;乙\|丙|https://a.example.jp/`: {"甲;乙|丙 https://a.example.jp/"},
		"甲|https://a.example.jp/;":      {"甲 https://a.example.jp/"},
	} {
		l := one(t, firstHeadings+",様式\n"+firstCells+`,"`+cell+"\"\n")
		var got []string
		for _, f := range l.Content.GetForms() {
			got = append(got, f.GetName()+" "+f.GetUrl())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is read as %q, want %q", cell, got, want)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for begins, want := range map[string]string{
		"": "ファイルが空です", "\ufeff": "ファイルが空です", "\n\n": "ファイルが空です", "\x1a": "ファイルが空です",
		"\x1f\x8b\x08…": "圧縮", "<!DOCTYPE html>": "ウェブページ", "<table><tr><td>自治体コード": "ウェブページ",
		"SQLite format 3\x00…": "SQLite", "PK\x03\x04…": "Excel", "%PDF-1.7": "PDF",
	} {
		if _, err := ReadCSV(strings.NewReader(begins), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", begins, err)
		}
	}
}
