package forms

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/forms/formstest"
	"madoguchi/proto/form"
	"madoguchi/proto/reading"
	"madoguchi/proto/selfinfo"
)

// tried is one line of a file of cases.
type tried struct {
	name    string
	answers map[string]any
	moment  form.Moment
	want    []string
	holds   []string // "=field value", "!field"
}

// casesOf reads the good answers of a form, and what its cases change of them.
func casesOf(t testing.TB, id string) []tried {
	t.Helper()
	good, err := os.ReadFile("cases/" + id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("cases/" + id + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []tried
	moment := form.Moment{}
	for n, line := range strings.Split(string(table), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line+" ", " | ")
		if len(columns) != 3 {
			t.Fatalf("%s.txt, line %d: not three columns", id, n+1)
		}
		c := tried{name: columns[0], moment: moment}
		if err := json.Unmarshal(good, &c.answers); err != nil {
			t.Fatal(err)
		}
		for _, change := range split(columns[1], "; ") {
			path, value, _ := strings.Cut(change, "=")
			var v any
			if value != "" {
				if err := json.Unmarshal([]byte(value), &v); err != nil {
					t.Fatalf("%s.txt, line %d, %s: %v", id, n+1, change, err)
				}
			}
			switch path {
			case "@today":
				c.moment.Today = v.(string)
			case "@office":
				c.moment.Office = v.(string)
			default:
				put(t, c.answers, path, v)
			}
		}
		if len(all) == 0 {
			moment = c.moment
		}
		for _, said := range split(columns[2], ", ") {
			if said[0] == '=' || said[0] == '!' {
				c.holds = append(c.holds, said)
				continue
			}
			c.want = append(c.want, said)
		}
		all = append(all, c)
	}
	return all
}

func split(s, by string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return strings.Split(s, by)
}

// put changes answers at child.0.child_name; nil takes away.
func put(t testing.TB, answers map[string]any, path string, v any) {
	t.Helper()
	if parts := strings.Split(path, "."); len(parts) == 3 {
		row, _ := strconv.Atoi(parts[1])
		put(t, answers[parts[0]].([]any)[row].(map[string]any), parts[2], v)
		return
	}
	if v == nil {
		delete(answers, path)
		return
	}
	answers[path] = v
}

func (c tried) read(t testing.TB, f *form.Form) form.Answers {
	t.Helper()
	data, err := json.Marshal(c.answers)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := f.ReadAnswers(data)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return answers
}

func wording(f form.Fault) string {
	s := f.Field
	if f.Row >= 0 && f.Field != "" {
		s = fmt.Sprintf("%s.%d.%s", "*", f.Row, f.Field)
	}
	s += " " + string(f.Code)
	if more := f.Limit + f.Check; more != "" {
		s += " " + more
	}
	if f.Level != form.Error {
		s += " " + string(f.Level)
	}
	return s
}

func TestCases(t *testing.T) {
	for _, f := range All() {
		t.Run(f.ID, func(t *testing.T) {
			checked := map[string]bool{}
			for _, c := range casesOf(t, f.ID) {
				result := f.Evaluate(c.read(t, f), c.moment)
				var got []string
				for _, fault := range result.Faults {
					got = append(got, wording(fault))
					checked[fault.Check] = true
				}
				var want []string
				for _, w := range c.want { // the rows' name is for who reads the cases
					if parts := strings.SplitN(w, ".", 3); len(parts) == 3 {
						w = "*." + parts[1] + "." + parts[2]
					}
					want = append(want, w)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s: it says\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				for _, h := range c.holds {
					c.hold(t, result, h)
				}
			}
			for _, check := range f.Checks {
				if !checked[check.ID] {
					t.Errorf("no case shows the check %s", check.ID)
				}
			}
		})
	}
}

// hold tries "=field value" (computed) and "!field" (hidden, and not in what would be signed).
func (c tried) hold(t *testing.T, result *form.Result, said string) {
	t.Helper()
	path, value, _ := strings.Cut(said[1:], " ")
	field, row := path, -1
	if parts := strings.Split(path, "."); len(parts) == 3 {
		field = parts[2]
		row, _ = strconv.Atoi(parts[1])
	}
	if said[0] == '!' {
		if _, kept := result.Answers()[field]; result.Shown(field, row) || kept {
			t.Errorf("%s: %s is shown", c.name, path)
		}
		return
	}
	got := form.Answers{"v": result.Computed(field, row)}.Canonical()
	if want := `{"v":` + value + `}`; string(got) != want {
		t.Errorf("%s: %s is %s, want %s", c.name, path, got, want)
	}
}

// Whatever must be answered in any of the cases is missed when it is taken away.
func TestWhatIsRequiredIsMissed(t *testing.T) {
	for _, f := range All() {
		t.Run(f.ID, func(t *testing.T) {
			missed := 0
			for _, c := range casesOf(t, f.ID) {
				if len(c.want) > 0 {
					continue
				}
				answers := c.read(t, f)
				fine := f.Evaluate(answers, c.moment)
				for id, v := range answers {
					for i := range v.Rows {
						for inner, was := range v.Rows[i] {
							if !fine.Required(inner, i) {
								continue
							}
							delete(v.Rows[i], inner)
							missed += miss(t, f.Evaluate(answers, c.moment), inner, i)
							v.Rows[i][inner] = was
						}
					}
					if !fine.Required(id, -1) {
						continue
					}
					delete(answers, id)
					missed += miss(t, f.Evaluate(answers, c.moment), id, -1)
					answers[id] = v
				}
			}
			if missed < 10 {
				t.Errorf("only %d answers are required", missed)
			}
		})
	}
}

func miss(t *testing.T, result *form.Result, field string, row int) int {
	t.Helper()
	if !slices.ContainsFunc(result.Faults, func(f form.Fault) bool {
		return f.Field == field && f.Row == row &&
			(f.Code == form.CodeRequired || f.Code == form.CodeAgree || f.Code == form.CodeFew)
	}) {
		t.Errorf("nothing is said of %s (row %d), which is missing", field, row)
	}
	return 1
}

// The page reads what is published without checking it again, and signs the same.
func TestThePageReadsThemAlike(t *testing.T) {
	for _, b := range All() {
		as, err := form.ReadChecked(b.Canonical())
		if err != nil {
			t.Fatalf("%s: %v", b.ID, err)
		}
		if string(as.Canonical()) != string(b.Canonical()) {
			t.Errorf("%s: is read as another", b.ID)
		}
		for _, c := range casesOf(t, b.ID) {
			answers := c.read(t, b)
			on, here := as.Evaluate(answers, c.moment), b.Evaluate(answers, c.moment)
			if string(on.Document(form.Envelope{})) != string(here.Document(form.Envelope{})) {
				t.Errorf("%s, %s: the page signs something else", b.ID, c.name)
			}
			if !slices.Equal(on.Faults, here.Faults) || on.Late != here.Late || on.Cosigned != here.Cosigned {
				t.Errorf("%s, %s: the page says something else: %v", b.ID, c.name, on.Faults)
			}
		}
	}
}

// What is filled in from わたしの情報 is something that can be asked for there.
func TestPrefillNamesItems(t *testing.T) {
	items := map[string]bool{}
	for _, c := range selfinfo.Categories() {
		for _, d := range c.Details {
			for _, i := range d.Items {
				items["self."+i.Key] = true
			}
		}
	}
	named := 0
	for _, f := range All() {
		var walk func(fields []form.Field)
		walk = func(fields []form.Field) {
			for _, field := range fields {
				walk(field.Fields)
				for _, from := range field.Prefill {
					if !strings.HasPrefix(from, "self.") {
						continue
					}
					if named++; !items[from] {
						t.Errorf("%s, %s: there is no item %s", f.ID, field.ID, from)
					}
				}
			}
		}
		for _, s := range f.Sections {
			walk(s.Fields)
		}
	}
	if named == 0 {
		t.Error("nothing is filled in from わたしの情報")
	}
}

// Who reads easy Japanese reads every word of a form: its hints, too, have readings, and none is left in Japanese for
// those who read that well.
func TestEasyTextsHaveReadings(t *testing.T) {
	for _, f := range All() {
		for key, text := range f.Texts {
			if text.Easy == "" {
				t.Errorf("%s: %s has nothing in easy Japanese: %s", f.ID, key, text.Ja)
			}
			for _, part := range reading.Split(text.Easy) {
				if part.Reading == "" && strings.ContainsFunc(part.Base, isHan) {
					t.Errorf("%s: %s has no reading in %q", f.ID, key, part.Base)
				}
			}
			if strings.ContainsFunc(text.En, isKana) {
				t.Errorf("%s: %s in English: %s", f.ID, key, text.En)
			}
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

// Each form is of a procedure of the catalogue.
func TestFormsAreOfProcedures(t *testing.T) {
	for _, f := range All() {
		if _, ok := catalog.ByNumber(f.Procedure); !ok {
			t.Errorf("%s: there is no procedure %s", f.ID, f.Procedure)
		}
	}
}

// A robot that knows of each form its definition alone fills it in, in several ways.
func TestARobotFillsEachForm(t *testing.T) {
	for _, f := range All() {
		published, err := form.ReadChecked(f.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		ways := map[string]bool{}
		for seed := range uint64(5) {
			at := form.Moment{Today: "2026-11-26", Office: "131105"}
			answers, done := formstest.Fill(published, at, formstest.Old, seed)
			if seed%2 == 0 {
				young, also := formstest.Fill(published, at, formstest.Young, seed)
				if also {
					answers, done = young, also
				}
			}
			if !done {
				t.Errorf("%s: the robot finds no way (seed %d)", f.ID, seed)
				continue
			}
			if result := f.Evaluate(answers, at); !result.Fine() {
				t.Errorf("%s: the portal finds fault with it: %v", f.ID, result.Faults)
			}
			ways[string(answers.Canonical())] = true
		}
		if len(ways) < 2 {
			t.Errorf("%s: it is always the same", f.ID)
		}
	}
}
