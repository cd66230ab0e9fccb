package form

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"madoguchi/proto/order"
)

// Canonical is the whole definition as JSON by RFC 8785: what is published, kept and hashed.
func (d Definition) Canonical() []byte {
	var w writer
	w.object(func() {
		w.list("applicant", d.Applicant)
		if len(d.Checks) > 0 {
			w.each("checks", len(d.Checks), func(i int) { w.check(d.Checks[i]) })
		}
		if c := d.Cosign; c != nil {
			w.member("cosign")
			w.object(func() {
				w.text("birth", c.Birth)
				w.text("name", c.Name)
				w.expression("show_if", c.ShowIf)
			})
		}
		if l := d.Deadline; l != nil {
			w.member("deadline")
			w.object(func() {
				w.number("days", l.Days)
				w.text("from", l.From)
			})
		}
		w.member("decision")
		w.object(func() { w.list("outcomes", d.Outcomes) })
		w.text("id", d.ID)
		w.list("laws", d.Laws)
		w.text("procedure", d.Procedure)
		w.number("retention_years", d.RetentionYears)
		w.number("schema", Format)
		w.each("sections", len(d.Sections), func(i int) { w.section(d.Sections[i]) })
		w.text("sign", string(d.Sign))
		if d.StandardDays > 0 {
			w.number("standard_days", d.StandardDays)
		}
		w.member("texts")
		w.texts(d.Texts)
		w.text("valid_from", d.ValidFrom)
		w.expression("valid_until", d.ValidUntil)
		w.text("version", d.Version)
	})
	return w.out
}

// Hash is the SHA-256 of the canonical definition, in hexadecimal digits.
func (d Definition) Hash() string { return hash(d.Canonical()) }

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// writer writes objects whose members are named in their order.
type writer struct {
	out   []byte
	first bool
}

func (w *writer) object(members func()) {
	w.out = append(w.out, '{')
	w.first = true
	members()
	w.out = append(w.out, '}')
	w.first = false
}

func (w *writer) member(name string) {
	if !w.first {
		w.out = append(w.out, ',')
	}
	w.first = false
	w.out = append(appendText(w.out, name), ':')
}

func (w *writer) text(name, s string) {
	w.member(name)
	w.out = appendText(w.out, s)
}

// expression leaves out what is empty.
func (w *writer) expression(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) number(name string, n int) {
	w.member(name)
	w.out = strconv.AppendInt(w.out, int64(n), 10)
}

func (w *writer) flag(name string, is bool) {
	if is {
		w.member(name)
		w.out = append(w.out, "true"...)
	}
}

func (w *writer) list(name string, list []string) {
	w.member(name)
	w.out = appendList(w.out, list, appendText)
}

func (w *writer) some(name string, list []string) {
	if len(list) > 0 {
		w.list(name, list)
	}
}

func (w *writer) each(name string, count int, one func(i int)) {
	w.member(name)
	w.out = append(w.out, '[')
	for i := range count {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		one(i)
	}
	w.out = append(w.out, ']')
}

func (w *writer) check(c Check) {
	w.object(func() {
		w.list("at", c.At)
		w.text("id", c.ID)
		w.text("level", string(c.Level))
		w.text("when", c.When)
	})
}

func (w *writer) section(s Section) {
	w.object(func() {
		w.each("fields", len(s.Fields), func(i int) { w.field(s.Fields[i]) })
		w.text("id", s.ID)
		w.expression("show_if", s.ShowIf)
	})
}

func (w *writer) field(f Field) {
	w.object(func() {
		w.some("accept", f.Accept)
		w.expression("calc", f.Calc)
		if len(f.Fields) > 0 {
			w.each("fields", len(f.Fields), func(i int) { w.field(f.Fields[i]) })
		}
		w.text("id", f.ID)
		w.flag("keep_metadata", f.KeepMetadata)
		if f.Length > 0 {
			w.number("length", f.Length)
		}
		w.flag("link", f.Link)
		w.expression("max", f.Max)
		w.expression("min", f.Min)
		w.some("options", f.Options)
		w.flag("original_by_post", f.OriginalByPost)
		w.flag("pad", f.Pad)
		w.some("prefill", f.Prefill)
		w.expression("register", f.Register)
		w.expression("required", f.Required)
		w.expression("show_if", f.ShowIf)
		w.text("type", string(f.Type))
	})
}

func (w *writer) texts(texts map[string]Text) {
	keys := make([]string, 0, len(texts))
	for key := range texts {
		keys = append(keys, key)
	}
	order.By(keys, compareUTF16)
	w.object(func() {
		for _, key := range keys {
			w.member(key)
			w.object(func() {
				w.expression("easy", texts[key].Easy)
				w.text("en", texts[key].En)
				w.text("ja", texts[key].Ja)
			})
		}
	})
}

// Labels are the words that were shown with the answers, in the language of the person who signs: titles, questions,
// helps, options and what the checks said.
func (r *Result) Labels(language string) map[string]string {
	labels := map[string]string{}
	put := func(key string) {
		if t, ok := r.form.Texts[key]; ok {
			labels[key] = t.In(language)
		}
	}
	put("title")
	put("lead")
	for _, s := range r.form.Sections {
		if r.SectionShown(s.ID) {
			put("section." + s.ID)
			put("section." + s.ID + ".help")
		}
	}
	for _, q := range r.form.questions {
		if !r.anyShown(q) {
			continue
		}
		put(q.ID)
		put(q.ID + ".help")
		put(q.ID + ".row")
		for _, o := range q.Options {
			put(q.ID + "." + o)
		}
	}
	for _, f := range r.Faults {
		if f.Code == CodeCheck {
			put("check." + f.Check)
		}
	}
	return labels
}

func (r *Result) anyShown(q *question) bool {
	if q.rows == nil {
		return r.Shown(q.ID, -1)
	}
	for i := range r.state.tables[q.rows.table] {
		if r.Shown(q.ID, i) {
			return true
		}
	}
	return false
}

// Envelope is what is signed beside the answers, so that a signature holds for this application, here, once.
type Envelope struct {
	Language string // in which the form was read
	Origin   string // of the portal
	Office   string
	Nonce    string // a random number that is used once
	// Of a correction: the 受付番号, and the hash of what was signed before.
	Number, Previous string
}

// Document is what is signed: canonical JSON of the answers that are shown, the hash of the words by which they were
// asked, the form, and the envelope. The digests of attachments are among the answers. The portal makes it anew from
// the answers in it, and takes only what is the same to the byte.
func (r *Result) Document(e Envelope) []byte {
	labels := r.Labels(e.Language)
	keys := make([]string, 0, len(labels))
	for key := range labels {
		keys = append(keys, key)
	}
	order.By(keys, compareUTF16)
	var words writer
	words.object(func() {
		for _, key := range keys {
			words.text(key, labels[key])
		}
	})
	var w writer
	w.object(func() {
		w.member("answers")
		w.out = r.Answers().append(w.out)
		w.member("form")
		w.object(func() {
			w.text("id", r.form.ID)
			w.text("sha256", r.form.hash)
			w.text("version", r.form.Version)
		})
		w.member("labels")
		w.object(func() {
			w.text("language", e.Language)
			w.text("sha256", hash(words.out))
		})
		w.text("nonce", e.Nonce)
		w.expression("number", e.Number)
		w.text("office", e.Office)
		w.text("origin", e.Origin)
		w.expression("previous", e.Previous)
	})
	return w.out
}
