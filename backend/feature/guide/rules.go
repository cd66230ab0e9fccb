// Package guide leads through the events of life (ライフイベント): its rules are data (events/*.yaml), which say what to ask
// and what applies by the answers, in the order in which to do it. It also keeps the list of what a person means to do.
// What a procedure is and when it is due is the catalogue's.
package guide

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/japanese"
	"madoguchi/proto/rule"
)

// event is one event of life as its file says.
type event struct {
	ID      string       `yaml:"id"`
	Title   catalog.Text `yaml:"title"`
	Summary catalog.Text `yaml:"summary"`
	// Words are parts of what people type when it has happened to them.
	Words     []string   `yaml:"words"`
	Questions []question `yaml:"questions"`
	Steps     []step     `yaml:"steps"`
}

// when says by which answers something applies: every question named must have one of the answers listed.
type when map[string][]string

type question struct {
	ID      string       `yaml:"id"`
	When    when         `yaml:"when"`
	Text    catalog.Text `yaml:"text"`
	Hint    catalog.Text `yaml:"hint"`
	Options []option     `yaml:"options"`
	// Day asks for a day instead of offering options.
	Day bool `yaml:"day"`
	// Several options may be chosen.
	Several bool `yaml:"several"`
	// Optional questions may be left open.
	Optional bool `yaml:"optional"`
}

type option struct {
	ID    string       `yaml:"id"`
	Label catalog.Text `yaml:"label"`
}

// step is one thing to do: a procedure of the catalogue, or something else with a title and an id of its own.
type step struct {
	ID        string       `yaml:"id"` // of something else; a procedure's number stands for itself
	Procedure string       `yaml:"procedure"`
	When      when         `yaml:"when"`
	Title     catalog.Text `yaml:"title"`
	Why       catalog.Text `yaml:"why"`
	Where     catalog.Text `yaml:"where"`
	// Day names the question whose answer the deadline counts from.
	Day string `yaml:"day"`
	// Deadline is that of something else to do, or one that differs from the procedure's own.
	Deadline catalog.Deadline `yaml:"deadline"`
	// By is the deadline in a few words; a deadline of its own that has a rule is said by that.
	By catalog.Text `yaml:"by"`
	// Perhaps: nobody is asked what decides it.
	Perhaps bool `yaml:"perhaps"`
}

//go:embed events/*.yaml
var files embed.FS

// order is how the events are listed.
var order = []string{"birth", "child", "move", "work", "marriage", "care", "disability", "disaster", "death"}

var events = sync.OnceValues(func() ([]*event, error) { return readEvents(files) })

func readEvents(from fs.FS) ([]*event, error) {
	var list []*event
	for _, id := range order {
		e, err := readEvent(from, id)
		if err != nil {
			return nil, fmt.Errorf("events/%s.yaml: %w", id, err)
		}
		list = append(list, e)
	}
	return list, nil
}

func readEvent(from fs.FS, id string) (*event, error) {
	data, err := fs.ReadFile(from, "events/"+id+".yaml")
	if err != nil {
		return nil, err
	}
	e := &event{}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(e); err != nil {
		return nil, err
	}
	if e.ID != id {
		return nil, fmt.Errorf("its id is %q", e.ID)
	}
	return e, e.check()
}

func whole(t catalog.Text) bool { return t.Ja != "" && t.En != "" && t.Easy != "" }

func (e *event) check() error {
	if !whole(e.Title) || !whole(e.Summary) || len(e.Steps) == 0 || len(e.Words) == 0 {
		return errors.New("title, summary, words or steps are missing")
	}
	for i, word := range e.Words {
		if e.Words[i] = japanese.Fold(word); utf8.RuneCountInString(e.Words[i]) < 2 {
			return fmt.Errorf("the word %q would fit everything", word)
		}
	}
	asked := map[string]question{}
	for _, q := range e.Questions {
		if _, twice := asked[q.ID]; q.ID == "" || twice || !whole(q.Text) || q.Day == (len(q.Options) > 0) ||
			len(q.Options) == 1 {
			return fmt.Errorf("question %q: id, text, or either day or options", q.ID)
		}
		if err := q.When.check(asked); err != nil { // only of questions before it
			return fmt.Errorf("question %q: %w", q.ID, err)
		}
		for _, o := range q.Options {
			if o.ID == "" || strings.ContainsAny(o.ID, " ,") || !whole(o.Label) {
				return fmt.Errorf("question %q: option %q", q.ID, o.ID)
			}
		}
		asked[q.ID] = q
	}
	ids := map[string]bool{}
	for i := range e.Steps {
		s := &e.Steps[i]
		if s.Procedure != "" {
			d, ok := catalog.ByNumber(s.Procedure)
			if !ok {
				return fmt.Errorf("step %q is no procedure", s.Procedure)
			}
			if s.ID == "" {
				s.ID = s.Procedure
			}
			if s.Deadline == (catalog.Deadline{}) {
				s.Deadline, s.By = d.Deadline, d.By
			}
			if s.Title.Ja == "" {
				s.Title = d.Name
			}
		}
		if s.ID == "" || ids[s.ID] || !whole(s.Title) || !whole(s.Why) || !whole(s.Where) {
			return fmt.Errorf("step %q: id (once), title, why and where in three languages", s.ID)
		}
		ids[s.ID] = true
		if err := s.When.check(asked); err != nil {
			return fmt.Errorf("step %q: %w", s.ID, err)
		}
		if s.Day != "" && !asked[s.Day].Day {
			return fmt.Errorf("step %q: %q asks for no day", s.ID, s.Day)
		}
		if s.Deadline.Text != "" && s.Deadline.Rule() == nil && !whole(s.By) {
			return fmt.Errorf("step %q: by when, in a few words in three languages", s.ID)
		}
		if err := s.Deadline.Check(); err != nil {
			return fmt.Errorf("step %q: %w", s.ID, err)
		}
	}
	return e.everyQuestionMatters()
}

// everyQuestionMatters: what changes nothing is not asked.
func (e *event) everyQuestionMatters() error {
	used := map[string]bool{}
	for _, q := range e.Questions {
		for name := range q.When {
			used[name] = true
		}
	}
	for _, s := range e.Steps {
		used[s.Day] = true
		for name := range s.When {
			used[name] = true
		}
	}
	for _, q := range e.Questions {
		if !used[q.ID] {
			return fmt.Errorf("question %q decides nothing", q.ID)
		}
	}
	return nil
}

func (w when) check(asked map[string]question) error {
	for name, values := range w {
		q, ok := asked[name]
		if !ok || q.Day || len(values) == 0 {
			return fmt.Errorf("%q is no question asked before, or none to choose from", name)
		}
		for _, v := range values {
			if !slices.ContainsFunc(q.Options, func(o option) bool { return o.ID == v }) {
				return fmt.Errorf("question %q has no option %q", name, v)
			}
		}
	}
	return nil
}

// verdict of a condition: decided, or open while a question it hangs on is.
type verdict int

const (
	no verdict = iota
	open
	yes
)

// answers hold what was answered; a question that is not asked has none, whatever was sent.
type answers map[string][]string

func (w when) holds(given answers, asked map[string]bool) verdict {
	result := yes
	for name, values := range w {
		switch answer := given[name]; {
		case !asked[name]:
			return no
		case len(answer) == 0:
			result = min(result, open)
		case !slices.ContainsFunc(answer, func(a string) bool { return slices.Contains(values, a) }):
			return no
		}
	}
	return result
}

// plan says what to ask and what applies.
type plan struct {
	questions []question
	complete  bool
	steps     []planned
}

type planned struct {
	step
	perhaps bool
	due     catalog.Due
	day     time.Time // that it counts from
	dated   bool
}

// plan goes through the rules. A step applies perhaps while an answer that decides it is open. Yearly windows are told
// as of today.
func (e *event) plan(given answers, answered map[string]bool, today time.Time) plan {
	p := plan{complete: true}
	asked := map[string]bool{}
	for _, q := range e.Questions {
		if q.When.holds(given, asked) != yes {
			continue
		}
		asked[q.ID] = true
		p.questions = append(p.questions, q)
		p.complete = p.complete && answered[q.ID]
	}
	// A question that may yet be asked leaves its steps open.
	mayAsk := map[string]bool{}
	for _, q := range e.Questions {
		mayAsk[q.ID] = asked[q.ID] || q.When.holds(given, mayAsk) == open
	}
	for _, s := range e.Steps {
		v := s.When.holds(given, mayAsk)
		if v == no {
			continue
		}
		n := planned{step: s, perhaps: v == open || s.Perhaps}
		switch {
		case s.Deadline.Yearly != "":
			n.due, n.dated = s.Deadline.Due(today)
		case s.Day != "" && asked[s.Day] && len(given[s.Day]) == 1:
			if day, ok := rule.Day(given[s.Day][0]); ok {
				n.day = day
				n.due, n.dated = s.Deadline.Due(day)
			}
		}
		p.steps = append(p.steps, n)
	}
	return p
}
