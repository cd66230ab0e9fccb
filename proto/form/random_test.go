package form

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func chance(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// randomCase makes a form with conditions, calculations and rows, and answers of which some do not fit.
func randomCase(r *rand.Rand) (*Form, Answers) {
	var fields []string
	var ints, days, choices, flags, tables []string
	condition := func() string {
		var parts []string
		for range 1 + r.IntN(3) {
			switch r.IntN(6) {
			case 0:
				if len(ints) > 0 {
					op := one(r, []string{"<", ">", "==", "!="})
					parts = append(parts, fmt.Sprintf("%s %s %d", one(r, ints), op, r.IntN(5)))
				}
			case 1:
				if len(days) > 0 {
					parts = append(parts, fmt.Sprintf("age(%s, today) >= %d", one(r, days), r.IntN(80)))
				}
			case 2:
				if len(choices) > 0 {
					parts = append(parts, one(r, choices)+" in ['x', 'y']")
				}
			case 3:
				if len(flags) > 0 {
					parts = append(parts, one(r, []string{"", "!"})+one(r, flags))
				}
			case 4:
				if len(tables) > 0 {
					over := one(r, []string{
						"any(r%s, n%[1]s > 1)", "all(r%s, n%[1]s > 1)", "count(r%s) > 2", "sum(r%s, n%[1]s) > 3",
					})
					parts = append(parts, fmt.Sprintf(over, one(r, tables)))
				}
			default:
				parts = append(parts, "true")
			}
		}
		if len(parts) == 0 {
			return "true"
		}
		return strings.Join(parts, one(r, []string{" && ", " || "}))
	}
	member := func(name, value string) string { return `,"` + name + `":` + string(appendText(nil, value)) }
	more := func() string {
		s := ""
		if r.IntN(3) == 0 {
			s += member("show_if", condition())
		}
		if r.IntN(3) == 0 {
			s += member("required", condition())
		}
		return s
	}
	plain := func(id string) string {
		switch r.IntN(8) {
		case 0:
			most := ""
			if len(ints) > 0 && r.IntN(2) == 0 {
				most = member("max", one(r, ints))
			}
			return `{"id":"` + id + `","type":"int","min":0` + most + more() + `}`
		case 1:
			return `{"id":"` + id + `","type":"day","max":"today"` + more() + `}`
		case 2:
			return `{"id":"` + id + `","type":"choice","options":["x","y","z"]` + more() + `}`
		case 3:
			return `{"id":"` + id + `","type":"choices","options":["x","y","z"]` + more() + `}`
		case 4:
			return `{"id":"` + id + `","type":"yes"` + more() + `}`
		case 5:
			return `{"id":"` + id + `","type":"kana","max":10` + more() + `}`
		case 6:
			return `{"id":"` + id + `","type":"file","accept":["pdf"],"max":2` + more() + `}`
		}
		return `{"id":"` + id + `","type":"line","max":10` + more() + `}`
	}
	note := func(field, id string) {
		switch {
		case strings.Contains(field, `"type":"int"`):
			ints = append(ints, id)
		case strings.Contains(field, `"type":"day"`):
			days = append(days, id)
		case strings.Contains(field, `"type":"choice"`):
			choices = append(choices, id)
		case strings.Contains(field, `"type":"yes"`):
			flags = append(flags, id)
		}
	}
	var checks []string
	check := func(at string) {
		id, level := fmt.Sprintf("c%d", len(checks)), one(r, []string{"error", "warn"})
		checks = append(checks, `{"id":"`+id+`"`+member("when", condition())+`,"at":["`+at+`"],"level":"`+level+`"}`)
	}
	for i := range 3 + r.IntN(10) {
		id := fmt.Sprintf("f%d", i)
		if r.IntN(6) == 0 {
			inner := []string{fmt.Sprintf(`{"id":"n%d","type":"int"}`, i)}
			outside := [][]string{ints, days, choices, flags}
			show := ""
			if r.IntN(2) == 0 {
				show = member("show_if", condition())
			}
			ints = append(ints, fmt.Sprintf("n%d", i))
			for j := range r.IntN(4) {
				id := fmt.Sprintf("g%dx%d", i, j)
				field := plain(id)
				inner = append(inner, field)
				note(field, id)
			}
			check(fmt.Sprintf("n%d", i))
			fields = append(fields,
				fmt.Sprintf(`{"id":"r%d","type":"rows","max":4,"fields":[%s,`+
					`{"id":"k%[1]d","type":"int","calc":"rank(n%[1]d)"}]%[3]s}`, i, strings.Join(inner, ","), show),
				fmt.Sprintf(`{"id":"s%d","type":"int","calc":"sum(r%[1]d, n%[1]d) + count(r%[1]d, n%[1]d > 2)"}`, i))
			ints, days, choices, flags = outside[0], outside[1], outside[2], outside[3]
			ints, tables = append(ints, fmt.Sprintf("s%d", i)), append(tables, fmt.Sprint(i))
			continue
		}
		field := plain(id)
		fields = append(fields, field)
		note(field, id)
	}
	check(firstID(fields))
	deadline := ""
	if len(days) > 0 {
		deadline = `,"deadline":{"from":"` + one(r, days) + `","days":3000}`
	}
	rest := `,"checks":[` + strings.Join(checks, ",") + `]` + deadline
	f, err := Read([]byte(definition(strings.Join(fields, ",\n"), rest)))
	if err != nil {
		panic(err)
	}
	return f, randomAnswers(r, f.Sections[0].Fields)
}

func firstID(fields []string) string {
	_, after, _ := strings.Cut(fields[0], `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

func one[E any](r *rand.Rand, of []E) E { return of[r.IntN(len(of))] }

func randomAnswers(r *rand.Rand, fields []Field) Answers {
	answers := Answers{}
	for _, f := range fields {
		if f.Calc != "" || r.IntN(5) == 0 {
			continue
		}
		switch f.Type {
		case Int:
			answers[f.ID] = IntOf(int64(r.IntN(6) - 1))
		case Day:
			days := []string{"2008-02-29", "1950-12-31", "2026-11-26", "2027-01-01", "2026-02-30"}
			answers[f.ID] = TextOf(one(r, days))
		case Choice:
			answers[f.ID] = TextOf(one(r, []string{"x", "y", "z", "q"}))
		case Choices:
			answers[f.ID] = TextsOf(one(r, [][]string{{"x"}, {"y", "z"}, {"x", "x"}, {}})...)
		case Yes:
			answers[f.ID] = BoolOf(r.IntN(2) == 0)
		case Kana:
			answers[f.ID] = TextOf(one(r, []string{"ヤマダ", "やまだ", " ", "アイウエオカキクケコサ"}))
		case Files:
			file := File{Name: "ア.pdf", Type: one(r, []string{"pdf", "exe"}), Size: 9, Digest: strings.Repeat("0a", 32)}
			answers[f.ID] = FilesOf(file)
		case Rows:
			var rows []Answers
			for range r.IntN(6) {
				rows = append(rows, randomAnswers(r, f.Fields))
			}
			answers[f.ID] = RowsOf(rows...)
		default:
			answers[f.ID] = one(r, []Value{TextOf("山田\n"), TextOf("𠮷\"\\"), TextOf("あいうえおかきくけこさ"), IntOf(1), {}})
		}
	}
	if r.IntN(10) == 0 {
		answers["𠮷\ue000"] = TextOf("x")
		answers["stranger"] = BoolOf(true)
	}
	return answers
}

// TestOneAnswerForManyCases prints what comes of many cases, in one number, for the test after it.
func TestOneAnswerForManyCases(t *testing.T) {
	t.Logf("in all %s", manyCases())
}

func manyCases() string {
	all := sha256.New()
	for seed := range uint64(400) {
		f, answers := randomCase(chance(seed))
		if runtime.GOOS == "js" { // the page reads what the portal has checked
			var err error
			if f, err = ReadChecked(f.Canonical()); err != nil {
				return err.Error()
			}
		}
		result := f.Evaluate(answers, today)
		all.Write(result.Document(Envelope{Language: "easy", Origin: "https://portal.example.jp", Nonce: "n"}))
		fmt.Fprintf(all, "%+v %v", result.Faults, result.Late)
	}
	return hex.EncodeToString(all.Sum(nil))
}

// The page says the same as the portal: the same cases, compiled for it and run under node.
func TestThePageSaysTheSame(t *testing.T) {
	if runtime.GOOS == "js" {
		return // this is the page
	}
	program := filepath.Join(t.TempDir(), "form.wasm")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building for the page: %v\n%s", err, said)
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "node", "--stack-size=8192",
		filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec_node.js"), program,
		"-test.v", "-test.run", "^TestOneAnswerForManyCases$")
	run.Env = []string{"PATH=" + os.Getenv("PATH")} // what is passed on must be short there
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("running as the page: %v\n%s", err, said)
	}
	if want := "in all " + manyCases(); !strings.Contains(string(said), want) {
		t.Errorf("the page says\n%s\nwant %s", said, want)
	}
}
