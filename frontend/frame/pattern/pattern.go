// Package pattern matches paths and small forms of text by the few regular expressions that the page uses: what Go's
// regexp understands of them, this does, and nothing else. regexp itself, with the tables of Unicode that it brings
// along, is a twentieth of the page's weight.
//
// An expression begins with ^ and may end with $. Between them stand characters (those with a meaning after a
// backslash), classes ([a-z0-9], [^/]) and groups ((nation|[0-9]{6})), each of which may be followed by ?, +, {n} or
// {n,m}. Anything else is refused.
package pattern

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pattern is an expression that was understood.
type Pattern struct {
	parts []part
	// whole is one that ends with $.
	whole bool
}

// part is one of the things that follow each other in an expression, with how often it may stand there.
type part struct {
	least, most int
	class       *class
	group       [][]part // instead of a class: the one or the other
}

// class is a set of characters.
type class struct {
	ranges []span
	except bool
}

type span struct{ from, to rune }

func (c *class) has(r rune) bool {
	for _, s := range c.ranges {
		if s.from <= r && r <= s.to {
			return !c.except
		}
	}
	return c.except
}

// many is the most of what may stand any number of times.
const many = 1 << 30

// MustCompile understands an expression of the program's own.
func MustCompile(expression string) *Pattern {
	p, err := Compile(expression)
	if err != nil {
		panic(err)
	}
	return p
}

// Compile understands an expression, or says what it is of it that this package does not know.
func Compile(expression string) (*Pattern, error) {
	r := &reader{rest: expression}
	p, err := r.pattern()
	if err != nil {
		return nil, fmt.Errorf("the pattern %q, before %q: %w", expression, r.rest, err)
	}
	return p, nil
}

// MatchString says whether a text matches.
func (p *Pattern) MatchString(s string) bool {
	return match(p.parts, s, func(rest string) bool { return !p.whole || rest == "" })
}

// match tries the parts one after another on the beginning of a text, in each way in which they fit, until then is
// content with the rest.
func match(parts []part, s string, then func(rest string) bool) bool {
	if len(parts) == 0 {
		return then(s)
	}
	return repeat(parts[0], 0, s, func(rest string) bool { return match(parts[1:], rest, then) })
}

// repeat matches a part once more, when it may, or leaves it at that.
func repeat(p part, times int, s string, then func(rest string) bool) bool {
	if p.class != nil { // of a class as many as there are, and then fewer
		var ends []int
		at := 0
		for n := 0; ; n++ {
			if n >= p.least {
				ends = append(ends, at)
			}
			r, size := utf8.DecodeRuneInString(s[at:])
			if n == p.most || size == 0 || !p.class.has(r) {
				break
			}
			at += size
		}
		for _, end := range slices.Backward(ends) {
			if then(s[end:]) {
				return true
			}
		}
		return false
	}
	if times < p.most {
		for _, one := range p.group {
			again := func(rest string) bool {
				if rest == s && times >= p.least {
					return false // it matches nothing, and would for ever
				}
				return repeat(p, times+1, rest, then)
			}
			if match(one, s, again) {
				return true
			}
		}
	}
	return times >= p.least && then(s)
}

// reader reads an expression.
type reader struct{ rest string }

func (r *reader) pattern() (*Pattern, error) {
	if !r.take("^") {
		return nil, errors.New("it does not begin with ^")
	}
	p := &Pattern{}
	var err error
	if p.parts, err = r.sequence(); err != nil {
		return nil, err
	}
	p.whole = r.take("$")
	if r.rest != "" {
		return nil, errors.New("this stands only within a group, or at the end")
	}
	return p, nil
}

func (r *reader) take(what string) bool {
	rest, ok := strings.CutPrefix(r.rest, what)
	r.rest = rest
	return ok
}

func (r *reader) next() (rune, error) {
	c, size := utf8.DecodeRuneInString(r.rest)
	if c == utf8.RuneError {
		return 0, errors.New("something is missing, or is not UTF-8")
	}
	r.rest = r.rest[size:]
	return c, nil
}

func (r *reader) sequence() ([]part, error) {
	var parts []part
	for r.rest != "" && !strings.ContainsAny(r.rest[:1], "$|)") {
		one, err := r.part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, one)
	}
	return parts, nil
}

func (r *reader) part() (part, error) {
	var one part
	var err error
	switch {
	case r.take("("):
		one.group, err = r.group()
	case r.take("["):
		one.class, err = r.class()
	default:
		var c rune
		if c, err = r.literal(`^.*+?{}[`); err == nil {
			one.class = &class{ranges: []span{{c, c}}}
		}
	}
	if err != nil {
		return one, err
	}
	return one, r.quantity(&one)
}

// literal is a character that stands for itself: none that has a meaning, unless a backslash takes that away.
func (r *reader) literal(meaning string) (rune, error) {
	before := r.rest
	c, err := r.next()
	if err != nil {
		return 0, err
	}
	if strings.ContainsRune(meaning, c) {
		r.rest = before
		return 0, errors.New("this has a meaning that is not known here")
	}
	if c != '\\' {
		return c, nil
	}
	if c, err = r.next(); err == nil && !strings.ContainsRune(`.^$|()[]{}*+?\-`, c) {
		err = errors.New("a backslash stands only before what has a meaning")
	}
	return c, err
}

func (r *reader) group() ([][]part, error) {
	if strings.HasPrefix(r.rest, "?") {
		return nil, errors.New("a group has no settings here")
	}
	var group [][]part
	for {
		one, err := r.sequence()
		if err != nil {
			return nil, err
		}
		group = append(group, one)
		switch {
		case r.take("|"):
		case r.take(")"):
			return group, nil
		default:
			return nil, errors.New("a group is not closed")
		}
	}
}

func (r *reader) class() (*class, error) {
	c := &class{except: r.take("^")}
	for !r.take("]") || len(c.ranges) == 0 {
		from, err := r.literal("[]-^")
		if err != nil {
			return nil, err
		}
		to := from
		if r.take("-") {
			if to, err = r.literal("[]-^"); err != nil {
				return nil, err
			}
		}
		if to < from {
			return nil, errors.New("a range that runs backwards")
		}
		c.ranges = append(c.ranges, span{from, to})
	}
	return c, nil
}

func (r *reader) quantity(one *part) error {
	one.least, one.most = 1, 1
	switch {
	case r.take("?"):
		one.least = 0
	case r.take("+"):
		one.most = many
	case r.take("{"):
		inside, rest, closed := strings.Cut(r.rest, "}")
		least, most, both := strings.Cut(inside, ",")
		if !both {
			most = least
		}
		a, errA := strconv.ParseUint(least, 10, 8)
		b, errB := strconv.ParseUint(most, 10, 8)
		if !closed || errA != nil || errB != nil || b < a {
			return errors.New("a number of times is {n} or {n,m}")
		}
		one.least, one.most, r.rest = int(a), int(b), rest
	}
	if r.rest != "" && strings.ContainsAny(r.rest[:1], "?+*{") {
		return errors.New("a second number of times")
	}
	return nil
}
