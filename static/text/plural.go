package text

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leonelquinteros/gotext/plurals"
)

// plural says which form of a text a number wants, as a table, so that the page needs no reader of gettext's
// expressions: a digit for each number below 200; a number above is looked up by its last two digits, 100 to 199.
type plural struct {
	line  string
	forms int
	table string
}

const tabled = 200

// readPlural reads a line of gettext: nplurals=2; plural=(n != 1);
func readPlural(line string) (plural, error) {
	count, expression, found := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ";"), ";")
	forms, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(count), "nplurals="))
	expression, named := strings.CutPrefix(strings.TrimSpace(expression), "plural=")
	if err != nil || !found || !named || forms < 1 || forms > 9 {
		return plural{}, fmt.Errorf(
			"the header wants Plural-Forms as gettext has it, say nplurals=2; plural=(n != 1); not %q", line,
		)
	}
	choose, err := plurals.Compile(expression)
	if err != nil {
		return plural{}, fmt.Errorf("reading the plural rule %s: %w", expression, err)
	}
	rule := plural{line: line, forms: forms}
	for n := range uint32(tabled) {
		form := choose.Eval(n)
		if form < 0 || form >= forms {
			return plural{}, fmt.Errorf("%d wants form %d, of %d", n, form, forms)
		}
		rule.table += strconv.Itoa(form)
	}
	for n := range uint32(10_000) {
		if rule.form(int(n)) != choose.Eval(n) {
			return plural{}, fmt.Errorf(
				"the form for %d does not follow from its last two digits: the page's table cannot say it", n,
			)
		}
	}
	return rule, nil
}

// Form is which form of a text n wants in the language.
func (l Language) Form(n int) int { return l.plural.form(max(n, -n)) }

// form is done in the page as well: frontend/frame/lang.
func (p plural) form(n int) int {
	if n >= tabled {
		n = 100 + n%100
	}
	return int(p.table[n] - '0')
}
