package rule

import "strings"

// maxNumber is how long the number of a procedure may be.
const maxNumber = 20

// ProcedureNumber says whether a procedure can have a number: capital letters, digits and hyphens, of which none comes
// first.
func ProcedureNumber(s string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	return s != "" && len(s) <= maxNumber && s[0] != '-' && strings.Trim(s, allowed) == ""
}
