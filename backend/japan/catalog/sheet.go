package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	ofJapan "golang.org/x/text/encoding/japanese"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japan/japanese"
	"madoguchi/backend/japan/spreadsheet"
)

// What spreadsheets do to a file of entries, and what makes up for it: encodings, line ends, separators, cells that are
// taken for numbers, days or formulas, and several things in one cell.

const byteOrderMark = spreadsheet.ByteOrderMark

// notText names files that are no CSV by how they begin.
var notText = []struct{ begins, message string }{
	{"SQLite format 3\x00", "これはSQLiteのデータベースで、CSVではありません"},
	{"PK\x03\x04", "これはExcelのブックか圧縮ファイルで、CSVではありません。Excelで「CSV UTF-8（コンマ区切り）」として保存してください"},
	{"\xd0\xcf\x11\xe0", "これはExcelのブックで、CSVではありません。Excelで「CSV UTF-8（コンマ区切り）」として保存してください"},
	{"%PDF", "これはPDFで、CSVではありません"},
	{"\x1f\x8b", "これは圧縮ファイルで、CSVではありません。展開してください"},
	{"<", "これはウェブページかXMLで、CSVではありません。表計算ソフトで開き、「CSV UTF-8（コンマ区切り）」として保存してください"},
}

// plainText reads the bytes of a file in whichever encoding it has. What cannot be read in it becomes U+FFFD. Marks of
// byte order and the end mark of DOS are dropped, and the lines end with \n (or \r\n) also where they ended with \r
// alone.
func plainText(data []byte) (string, error) {
	for _, kind := range notText {
		if bytes.HasPrefix(data, []byte(kind.begins)) {
			return "", errors.New(kind.message)
		}
	}
	text := decode(data)
	for strings.HasPrefix(text, byteOrderMark) {
		text = text[len(byteOrderMark):]
	}
	return withLineFeeds(strings.TrimRight(text, "\x1a\x00\r\n")), nil
}

func decode(data []byte) string {
	for _, four := range []utf32.Endianness{utf32.LittleEndian, utf32.BigEndian} {
		mark, _ := utf32.UTF32(four, utf32.IgnoreBOM).NewEncoder().String(byteOrderMark)
		if bytes.HasPrefix(data, []byte(mark)) {
			return decodeAs(utf32.UTF32(four, utf32.UseBOM), data)
		}
	}
	if order, ok := isUTF16(data); ok {
		return decodeAs(utf16.UTF16(order, utf16.UseBOM), data)
	}
	switch {
	case bytes.Contains(data, []byte("\x1b$")):
		return decodeAs(ofJapan.ISO2022JP, data)
	case isUTF8(data):
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	if len(knownHeadings(decodeAs(ofJapan.EUCJP, first))) > len(knownHeadings(decodeAs(ofJapan.ShiftJIS, first))) {
		return decodeAs(ofJapan.EUCJP, data)
	}
	return decodeAs(ofJapan.ShiftJIS, data) // with the characters that Windows added: ①, ㈱, 髙
}

// isUTF16 says whether a file is UTF-16, by its mark or by the commas and digits at its beginning, whose zeros stand
// behind them or before.
func isUTF16(data []byte) (utf16.Endianness, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return utf16.LittleEndian, true
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return utf16.BigEndian, true
	}
	var zeros [2]int
	for i, b := range data[:min(len(data), 1<<10)] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if zeros[0] > zeros[1] {
		return utf16.BigEndian, zeros[0] > 2 && zeros[0] > 3*zeros[1]
	}
	return utf16.LittleEndian, zeros[1] > 2 && zeros[1] > 3*zeros[0]
}

func decodeAs(e encoding.Encoding, data []byte) string {
	text, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(text)
}

// isUTF8 says whether a file is UTF-8, be it with some bytes lost: Japanese text in another encoding has hardly three
// bytes in a row that could be UTF-8.
func isUTF8(data []byte) bool {
	whole, broken := 0, 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			broken++
		}
		if size >= 3 {
			whole++
		}
		data = data[size:]
	}
	return broken == 0 || whole > broken
}

// withLineFeeds gives lines that end with \r alone, as old Macs wrote them, a \n instead, also where only some lines of
// a file do. What stands in quotes stays.
func withLineFeeds(text string) string {
	var mended []byte
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '\r' && !quoted && !strings.HasPrefix(text[i+1:], "\n"):
			if mended == nil {
				mended = []byte(text)
			}
			mended[i] = '\n'
		}
	}
	if mended == nil {
		return text
	}
	return string(mended)
}

// separated finds out what separates the cells of a file: the one with which most headings are known. Excel's own word
// for it, a first line "sep=;", is heard; then `skip` says that this line is none of the table's.
func separated(text string) (by rune, skip bool) {
	first, _, _ := strings.Cut(text, "\n")
	hint := strings.TrimRight(first, "\r,;\t\"")
	if strings.EqualFold(hint, "sep=") && len(first) > len(hint) {
		return rune(first[len(hint)]), true
	}
	by, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t'} {
		if n := len(knownHeadings(text, candidate)); n > most {
			by, most = candidate, n
		}
	}
	return by, false
}

// knownHeadings reads the first line of a text, of the cells separated by one of the runes, and returns the headings in
// it that there are.
func knownHeadings(text string, separators ...rune) []string {
	if len(separators) == 0 {
		separators = []rune{',', ';', '\t'}
	}
	var known []string
	for _, by := range separators {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.LazyQuotes, r.FieldsPerRecord = by, true, -1
		record, err := r.Read()
		if err != nil {
			continue
		}
		for _, cell := range record {
			if columnOf(cell) >= 0 {
				known = append(known, cell)
			}
		}
	}
	return known
}

// columnOf finds a column by the letters of its heading, in any width and with whatever blanks and invisible characters
// between; -1 for none.
func columnOf(heading string) int {
	key := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) || r >= '\u1100' && r <= '\u11ff' { // among the Korean ones are blanks
			return -1
		}
		return r
	}, norm.NFKC.String(heading))
	for i, c := range columns {
		if c.heading == key {
			return i
		}
	}
	return -1
}

// folded makes plain what was typed in any width: digits, letters, dashes. What cannot be seen is dropped. It is for
// cells that hold a code or a word of ours.
func folded(cell string) string {
	var b strings.Builder
	last := ' '
	for _, r := range norm.NFKC.String(cell) {
		switch {
		case unicode.Is(unicode.Cf, r):
			continue
		case japanese.IsDash(r), r == 'ー' && last < unicode.MaxASCII && last != ' ':
			r = '-'
		}
		b.WriteRune(r)
		last = r
	}
	return strings.TrimSpace(b.String())
}

// asText is the way in which spreadsheets are told to keep the zeros of a number: ="011002".
var asText = regexp.MustCompile(`^="([^"]*)"$`)

// codeIn is a cell that holds a code, without what a spreadsheet needs to take it for text.
func codeIn(cell string) string {
	cell = folded(cell)
	if kept := asText.FindStringSubmatch(cell); kept != nil {
		return strings.TrimSpace(kept[1])
	}
	return strings.TrimSpace(strings.TrimPrefix(cell, spreadsheet.Mark))
}

// character is one of a cell that may hold several things. What stands behind a backslash is literal: it separates
// nothing and is not a blank at an end.
type character struct {
	r       rune
	literal bool
}

// What a backslash makes literal; before anything else it is a backslash.
func canBeLiteral(r rune) bool {
	return strings.ContainsRune(`；;|｜\`, r) || unicode.IsSpace(r) && r != '\n'
}

func charactersOf(cell string) []character {
	var list []character
	runes := []rune(cell)
	for i := 0; i < len(runes); i++ {
		if runes[i] == '\\' && i+1 < len(runes) && canBeLiteral(runes[i+1]) {
			i++
			list = append(list, character{runes[i], true})
			continue
		}
		list = append(list, character{runes[i], false})
	}
	return list
}

// cut separates at each of some runes that is not literal; at most so many pieces, any number for 0.
func cut(text []character, at string, most int) [][]character {
	var pieces [][]character
	start := 0
	for i, c := range text {
		if !c.literal && strings.ContainsRune(at, c.r) && (most == 0 || len(pieces) < most-1) {
			pieces = append(pieces, text[start:i])
			start = i + 1
		}
	}
	return append(pieces, text[start:])
}

// trimmed is a text without the blanks at its ends that are not literal.
func trimmed(text []character) string {
	blank := func(c character) bool { return unicode.IsSpace(c.r) && !c.literal }
	for len(text) > 0 && blank(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && blank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	var b strings.Builder
	for _, c := range text {
		b.WriteRune(c.r)
	}
	return b.String()
}

// literal writes a text so that `cut` at these runes leaves it whole and `trimmed` as it is.
func literal(text, separators string) string {
	runes := []rune(text)
	first, last := 0, len(runes)-1
	for first < len(runes) && unicode.IsSpace(runes[first]) {
		first++
	}
	for last >= 0 && unicode.IsSpace(runes[last]) {
		last--
	}
	var b strings.Builder
	for i, r := range runes {
		if r == '\\' || strings.ContainsRune(separators, r) || unicode.IsSpace(r) && (i < first || i > last) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

const (
	betweenItems = "；;\n"
	betweenParts = "|｜"
)

// items separates the things in a cell.
func items(cell string) []string {
	var list []string
	for _, piece := range cut(charactersOf(cell), betweenItems, 0) {
		if item := trimmed(piece); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// joined is the other way round.
func joined(list []string) string {
	written := make([]string, len(list))
	for i, item := range list {
		written[i] = literal(item, betweenItems+betweenParts)
	}
	return strings.Join(written, "；")
}

var errWhichSemicolon = errors.New("「;」が名前の一部か、区切りか分かりません。区切りは全角の「；」か改行にし、名前の中の「;」は「\\;」と書いてください")

// linksIn separates the links in a cell. A half-width semicolon may stand in an address, and does not end it, unless a
// whole link follows.
func linksIn(cell string) ([][]character, error) {
	var links [][]character
	for _, piece := range cut(charactersOf(cell), "；\n", 0) {
		var link []character
		for i, part := range cut(piece, ";", 0) {
			hasAddress := len(cut(link, betweenParts, 2)) == 2
			name := cut(part, betweenParts, 2)
			switch {
			case i == 0:
				link = part
			case trimmed(part) == "":
			case hasAddress && len(name) == 2 && strings.HasPrefix(trimmed(name[1]), "http"):
				links, link = append(links, link), part
			case hasAddress && !strings.ContainsFunc(trimmed(part), func(r rune) bool { return r <= ' ' || r > '~' }):
				link = append(append(slices.Clip(link), character{';', true}), part...)
			default:
				return nil, errWhichSemicolon
			}
		}
		if trimmed(link) != "" {
			links = append(links, link)
		}
	}
	return links, nil
}

// writtenLink writes a link as linksIn reads it; the semicolons of its address as they are, where that is not misread.
func writtenLink(name, address string) string {
	written := literal(name, betweenItems+betweenParts)
	switch {
	case address == "" && strings.Contains(name, "://"):
		return written + "|"
	case address == "":
		return written
	}
	plain := written + "|" + literal(address, "；"+betweenParts)
	read, err := linksIn(plain)
	if err == nil && len(read) == 1 && trimmed(cut(read[0], betweenParts, 2)[1]) == address {
		return plain
	}
	return written + "|" + literal(address, betweenItems+betweenParts)
}
