package form

import "errors"

// ReadChecked reads a definition as the portal publishes it: canonical, and checked by Read there. It says no more than
// that it cannot be read, and so leaves out of the page's program what only authors of forms need to hear.
func ReadChecked(canonical []byte) (*Form, error) {
	n, err := ParseJSON(canonical)
	if err != nil {
		return nil, err
	}
	f := &Form{byID: map[string]*question{}, hash: hash(canonical)}
	f.Definition = n.definition()
	for i := range f.Sections {
		f.layOut(&f.Sections[i], func(*question) {})
	}
	r := trusting{byID: f.byID}
	for _, q := range f.questions {
		for _, text := range []string{q.section.ShowIf, q.ShowIf} {
			if text != "" {
				q.show = append(q.show, r.expression(text))
			}
		}
		q.calc, q.required = r.expression(q.Calc), r.expression(q.Required)
		if q.typ == intType || q.typ == dayType {
			q.min, q.max = r.expression(q.Min), r.expression(q.Max)
		}
	}
	for _, c := range f.Checks {
		made := check{Check: c, when: r.expression(c.When)}
		for _, id := range c.At {
			if q := f.byID[id]; q != nil && q.rows != nil {
				made.rows = q.rows
			}
		}
		f.checks = append(f.checks, made)
	}
	if f.Cosign != nil {
		f.cosign = r.expression(f.Cosign.ShowIf)
	}
	if f.Deadline != nil && f.byID[f.Deadline.From] == nil {
		r.failed = errUnchecked
	}
	if r.failed == nil {
		r.failed = f.inOrder()
	}
	if r.failed == nil {
		f.link()
	}
	return f, r.failed
}

var errUnchecked = errors.New("the definition is none that was checked")

// get is the value of a member.
func (n Node) get(name string) Node {
	for i, k := range n.Keys {
		if k.Name == name {
			return n.Items[i]
		}
	}
	return Node{}
}

func (n Node) text(name string) string { return n.get(name).Text }

func (n Node) number(name string) int {
	sum := 0
	for _, c := range n.text(name) {
		sum = sum*10 + int(c-'0')
	}
	return sum
}

func (n Node) texts(name string) (list []string) {
	for _, item := range n.get(name).Items {
		list = append(list, item.Text)
	}
	return list
}

func (n Node) definition() Definition {
	d := Definition{
		ID: n.text("id"), Version: n.text("version"), Procedure: n.text("procedure"), ValidFrom: n.text("valid_from"),
		ValidUntil: n.text("valid_until"), Laws: n.texts("laws"), Sign: Sign(n.text("sign")),
		Applicant: n.texts("applicant"), RetentionYears: n.number("retention_years"),
		StandardDays: n.number("standard_days"), Outcomes: n.get("decision").texts("outcomes"),
		Texts: map[string]Text{},
	}
	if c := n.get("cosign"); c.Kind == ObjectNode {
		d.Cosign = &Cosign{Name: c.text("name"), Birth: c.text("birth"), ShowIf: c.text("show_if")}
	}
	if l := n.get("deadline"); l.Kind == ObjectNode {
		d.Deadline = &Deadline{From: l.text("from"), Days: l.number("days")}
	}
	for _, s := range n.get("sections").Items {
		d.Sections = append(d.Sections, Section{ID: s.text("id"), ShowIf: s.text("show_if"), Fields: s.fields()})
	}
	for _, c := range n.get("checks").Items {
		d.Checks = append(d.Checks, Check{
			ID: c.text("id"), When: c.text("when"), At: c.texts("at"), Level: Level(c.text("level")),
		})
	}
	texts := n.get("texts")
	for i, k := range texts.Keys {
		t := texts.Items[i]
		d.Texts[k.Name] = Text{t.text("ja"), t.text("en"), t.text("easy")}
	}
	return d
}

func (n Node) fields() (list []Field) {
	for _, f := range n.get("fields").Items {
		list = append(list, Field{
			ID: f.text("id"), Type: FieldType(f.text("type")), ShowIf: f.text("show_if"), Required: f.text("required"),
			Min: f.text("min"), Max: f.text("max"), Length: f.number("length"), Pad: f.text("pad") == "true",
			Register: f.text("register"),
			Options:  f.texts("options"), Calc: f.text("calc"), Prefill: f.texts("prefill"),
			Link:   f.text("link") == "true",
			Accept: f.texts("accept"), KeepMetadata: f.text("keep_metadata") == "true",
			OriginalByPost: f.text("original_by_post") == "true", Fields: f.fields(),
		})
	}
	return list
}

// trusting reads expressions that were checked before, and finds what each part gives.
type trusting struct {
	byID   map[string]*question
	failed error
}

func (r *trusting) expression(text string) *expr {
	if text == "" {
		return nil
	}
	e, err := parseExpression(text)
	if err != nil || !r.infer(e) {
		r.failed = errUnchecked
		return &expr{op: "literal"}
	}
	return e
}

func (r *trusting) infer(e *expr) bool {
	for _, arg := range e.args {
		if !r.infer(arg) {
			return false
		}
	}
	switch e.op {
	case "literal":
		return true
	case "name":
		switch e.s {
		case "today":
			e.typ = dayType
			return true
		case "office":
			e.typ = textType
			return true
		}
		q := r.byID[e.s]
		if q != nil {
			e.of, e.typ = q, q.typ
		}
		return q != nil
	}
	if len(e.args) == 0 {
		return false
	}
	last := e.args[len(e.args)-1].typ
	switch e.op {
	case "+", "-", "*":
		e.typ = e.args[0].typ
		if e.typ == dayType && last == dayType {
			e.typ = intType
		}
		return true
	case "if", "min", "max":
		e.typ = last
		return true
	}
	of, known := function(e.op)
	e.typ = of.gives
	if !known { // an operator
		e.typ = boolType
	}
	return !known || len(of.takes) == 0 || len(of.takes) == len(e.args)
}

// inOrder orders the questions by what they depend on; it fails where they depend on themselves.
func (f *Form) inOrder() (err error) {
	const visiting, done = 1, 2
	state := map[*question]int{}
	var visit func(q *question)
	visit = func(q *question) {
		if state[q] != 0 {
			if state[q] == visiting {
				err = errUnchecked
			}
			return
		}
		state[q] = visiting
		if q.rows != nil {
			visit(q.rows)
		}
		for _, e := range q.show {
			e.uses(visit)
		}
		if q.calc != nil {
			q.calc.uses(visit)
		}
		state[q] = done
		f.order = append(f.order, q)
	}
	for _, q := range f.questions {
		visit(q)
	}
	return err
}
