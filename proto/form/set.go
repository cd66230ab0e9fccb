package form

import "slices"

// Spot is a question, in a row from 0, or outside of rows (-1).
type Spot struct {
	Field string
	Row   int
}

// Set answers one question anew, and evaluates nothing but what depends on it: the result is what Evaluate makes of all
// answers with this one among them. It says where something is shown, required, computed or wrong otherwise than before
// (a spot may be named twice). It does nothing, and says so, where there is no such question or no such row, and of
// rows: what comes or goes there is Evaluate's.
func (r *Result) Set(at Spot, v Value) (otherwise []Spot, ok bool) {
	q := r.form.byID[at.Field]
	if _, ok := r.at(at.Field, at.Row); !ok || q.Type == Rows {
		return nil, false
	}
	p := pass{
		state: r.state, row: at.Row, settles: make([]mark, len(r.form.order)), judges: make([]mark, len(r.form.order)),
		tries: make([]mark, len(r.form.checks)),
	}
	p.ranks = nil
	p.settles[q.place] = here
	p.over(q.rows, here, func() { p.slot(q).answer = v })
	for _, one := range r.form.order[q.place:] {
		p.settleAnew(one, one == q)
	}
	if p.judgeAnew() {
		r.Faults = p.faults()
	}
	r.conclude()
	return p.spots, true
}

// mark says where a question is to be looked at again.
type mark byte

const (
	nowhere    mark = iota
	here            // in the row of the answer, or once outside of rows
	everywhere      // in all rows
)

// pass is one Set.
type pass struct {
	*state
	row                    int // of the answer
	settles, judges, tries []mark
	spots                  []Spot
}

// over does something where a mark says.
func (p *pass) over(rows *question, m mark, do func()) {
	switch {
	case m == nowhere:
	case rows != nil && m == here:
		p.current[rows.table] = p.row
		do()
	default:
		p.each(rows, do)
	}
}

func (p *pass) differs(q *question) { p.spots = append(p.spots, Spot{q.ID, p.rowOf(q.rows)}) }

// settleAnew settles a question where it is marked, and marks what depends on it if that made a difference, or for
// certain.
func (p *pass) settleAnew(q *question, certain bool) {
	m := p.settles[q.place]
	p.over(q.rows, m, func() {
		v := p.slot(q)
		was, shown := v.scalar, v.shown
		p.settle(q)
		if v.shown != shown || !v.equal(was) {
			certain = true
			p.differs(q)
		}
	})
	if m == nowhere || !certain {
		return
	}
	p.judges[q.place] = max(p.judges[q.place], m)
	for _, l := range q.settles {
		l.mark(p.settles, q, m)
	}
	for _, l := range q.judges {
		l.mark(p.judges, q, m)
	}
	for _, l := range q.tried {
		l.mark(p.tries, q, m)
	}
}

// judgeAnew judges what is marked, and says whether anything is wrong otherwise than before.
func (p *pass) judgeAnew() (otherwise bool) {
	for i, m := range p.judges {
		q := p.form.order[i]
		p.over(q.rows, m, func() {
			v := p.slot(q)
			was, required := v.faults, v.required
			p.judgeOne(q)
			wrong := !slices.Equal(v.faults, was)
			if wrong || v.required != required {
				p.differs(q)
			}
			otherwise = otherwise || wrong
		})
	}
	for i, m := range p.tries {
		c := &p.form.checks[i]
		p.over(c.rows, m, func() {
			at, now := p.failed(c), p.fails(c)
			if *at == now {
				return
			}
			*at, otherwise = now, true
			for _, id := range c.At {
				p.differs(p.form.byID[id])
			}
		})
	}
	return otherwise
}

func (v scalar) equal(o scalar) bool {
	return v.has == o.has && v.n == o.n && v.s == o.s && slices.Equal(v.list, o.list)
}

// FaultsAt are those at a question.
func (r *Result) FaultsAt(at Spot) []Fault {
	v, ok := r.at(at.Field, at.Row)
	if !ok {
		return nil
	}
	faults := slices.Clone(v.faults)
	q := r.form.byID[at.Field]
	for _, c := range q.checks {
		if q.rows != nil {
			r.state.current[q.rows.table] = at.Row
			if *r.state.failed(c) {
				faults = append(faults, r.state.faultOf(c, q.ID))
			}
			continue
		}
		// Of a check in rows that points out of them, each row speaks.
		r.state.each(c.rows, func() {
			if *r.state.failed(c) {
				faults = append(faults, r.state.faultOf(c, q.ID))
			}
		})
	}
	return faults
}

// link leads from a question to what reads it: a question by its place in order, or a check by its index.
type link struct {
	to   int
	rows *question // in which that lies
	// across: what reads it in one row reads it in all.
	across bool
}

// mark has what a link leads to looked at again, where one question was.
func (l link) mark(marks []mark, from *question, m mark) {
	if l.across || l.rows != from.rows {
		m = everywhere
	}
	marks[l.to] = max(marks[l.to], m)
}

// link notes of each question what depends on it.
func (f *Form) link() {
	for i, q := range f.order {
		q.place = i
	}
	for _, q := range f.order {
		if q.rows != nil {
			q.rows.settles = append(q.rows.settles, link{to: q.place, rows: q.rows})
		}
		reads := func(e *expr, list func(*question) *[]link) {
			e.reads(nil, func(of *question, across bool) {
				*list(of) = append(*list(of), link{q.place, q.rows, across})
			})
		}
		settles := func(q *question) *[]link { return &q.settles }
		judges := func(q *question) *[]link { return &q.judges }
		for _, e := range q.show {
			reads(e, settles)
		}
		reads(q.calc, settles)
		for _, e := range []*expr{q.required, q.min, q.max} {
			reads(e, judges)
		}
	}
	for i := range f.checks {
		c := &f.checks[i]
		c.index = i
		tried := func(of *question, across bool) { of.tried = append(of.tried, link{i, c.rows, across}) }
		c.when.reads(nil, tried)
		if c.rows != nil {
			tried(c.rows, true)
		}
		for _, id := range c.At {
			if q := f.byID[id]; q != nil && !slices.Contains(q.checks, c) {
				q.checks = append(q.checks, c)
			}
		}
	}
}

// reads tells of each question in an expression, and whether it is read in all rows where it stands in rows: within
// are those that the expression goes over.
func (e *expr) reads(within []*question, found func(of *question, across bool)) {
	if e == nil {
		return
	}
	if e.of != nil {
		found(e.of, slices.Contains(within, e.of.rows))
	}
	switch e.op {
	case "count", "sum", "any", "all":
		within = append(slices.Clip(within), e.args[0].of)
	case "rank":
		within = append(slices.Clip(within), e.args[0].of.rows)
	}
	for _, arg := range e.args {
		arg.reads(within, found)
	}
}
