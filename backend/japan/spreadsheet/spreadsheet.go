// Package spreadsheet knows what a spreadsheet makes of the cells of a CSV file when it opens it, and keeps it from
// that without losing what was written.
package spreadsheet

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ByteOrderMark is that by which Excel knows UTF-8.
const ByteOrderMark = "\ufeff"

var (
	plainNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)
	likeNumber  = regexp.MustCompile(`^[0-9 .,:/+%¥\\$()e-]*[0-9][0-9 .,:/+%¥\\$()e-]*$`)
	telephone   = regexp.MustCompile(`^0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}$`)
	likeDay     = regexp.MustCompile(`^(` + strings.Join([]string{
		`((明治|大正|昭和|平成|令和|[mtshr])?([0-9]{1,4}|元)年)?([0-9]{1,2}月([0-9]{1,2}日)?)?`,
		`[mtshr][0-9]{1,2}[./-][0-9. /-]+`,
		`[0-9]{1,2}時([0-9]{1,2}分)?`,
		`([0-9]{1,2}[ ./-]?)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ./-]?([0-9]{1,4})?`,
	}, `|`) + `)$`)
)

// Mark stands before a cell that is to be taken as it stands.
const Mark = "'"

// Marked puts the mark before a cell that a spreadsheet would change when it opens the file: what begins like a
// formula, numbers that lose their zeros, what looks like a day, blanks at the ends. Spreadsheets show the mark, and
// keep it; Unmarked takes it away.
func Marked(cell string) string {
	if atRisk(cell) {
		return Mark + cell
	}
	return cell
}

// Unmarked gives back what Marked was given, and whether there was a mark. An apostrophe that is no mark stays.
func Unmarked(cell string) (string, bool) {
	if rest, ok := strings.CutPrefix(cell, Mark); ok && atRisk(rest) {
		return rest, true
	}
	return cell, false
}

func atRisk(cell string) bool {
	rest, hasMark := strings.CutPrefix(cell, Mark)
	switch {
	case cell == "":
		return false
	case hasMark && atRisk(rest), IsErrorValue(cell), strings.TrimSpace(cell) != cell,
		strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]):
		return true
	case utf8.RuneCountInString(cell) > 40:
		return false
	}
	plain := strings.ToLower(norm.NFKC.String(cell))
	digits := len(plain) - strings.Count(plain, "-")
	switch {
	case plainNumber.MatchString(cell), strings.Contains(plain, ".."), telephone.MatchString(cell) && digits >= 10:
		return false
	case plain == "true", plain == "false":
		return true
	}
	return likeNumber.MatchString(plain) || likeDay.MatchString(plain)
}

// errorValue is what a spreadsheet writes into a cell when it could not reckon, or when the column was too narrow.
var errorValue = regexp.MustCompile(
	`^(#(N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)|#{4,}|Err:[0-9]{3})$`,
)

// IsErrorValue tells a cell in which a spreadsheet says that it failed.
func IsErrorValue(cell string) bool { return errorValue.MatchString(cell) }
