package form

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatANewVersionChanges(t *testing.T) {
	const before = `{"id":"gone","type":"line"},{"id":"kind","type":"choice","options":["a","b","c"]},
{"id":"n","type":"int"},
{"id":"same","type":"line","max":20},{"id":"rule","type":"int","max":10},{"id":"moves","type":"line"},
{"id":"r","type":"rows","max":3,"fields":[{"id":"rn","type":"int"},{"id":"rgone","type":"line"}]},
{"id":"some","type":"choices","options":["a","b"]}`
	const after = `{"id":"kind","type":"choice","options":["a","b","d"]},{"id":"n","type":"line"},
{"id":"same","type":"line","max":20},
{"id":"rule","type":"int","max":5},{"id":"new","type":"day"},
{"id":"r","type":"rows","max":3,"fields":[{"id":"rn","type":"int"},{"id":"moves","type":"line"}]},
{"id":"some","type":"choices","options":["a"]}`
	from := read(t, before, `,"checks":[{"id":"old","when":"n > 1","at":["n"]}]`)
	whole := definition(after, `,"checks":[{"id":"fresh","when":"rule > 1","at":["rule"]}]`)
	to, err := Read([]byte(strings.Replace(whole,
		`"r":{"easy":"ことば","en":"word","ja":"言葉"}`, `"r":{"easy":"ことば","en":"words","ja":"別の言葉"}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	draft := Answers{
		"gone": TextOf("x"), "kind": TextOf("c"), "n": IntOf(1), "same": TextOf("y"), "rule": IntOf(7),
		"moves": TextOf("m"),
		"r":     RowsOf(Answers{"rn": IntOf(2), "rgone": TextOf("z")}), "some": TextsOf("a", "b"),
	}
	var got []string
	for _, c := range Changes(from, to, draft) {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %v", c.Kind, c.Field, c.Option, c.Answered)))
	}
	want := []string{
		"gone gone  true", "gone rgone  true", "option-gone kind c true", "option-new kind d false", "kind n  true",
		"rule rule  true", "new new  false", "text r  true", "kind moves  true", "option-gone some b true",
		"check fresh  false",
		"uncheck old  false",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	carried, left := Carry(to, draft)
	if got, want := string(carried.Canonical()), `{"r":[{"rn":2}],"rule":7,"same":"y","some":["a"]}`; got != want {
		t.Errorf("carried over is %s, want %s", got, want)
	}
	if got, want := string(left.Canonical()),
		`{"gone":"x","kind":"c","moves":"m","n":1,"r":[{"rgone":"z"}],"some":["b"]}`; got != want {
		t.Errorf("left is %s, want %s", got, want)
	}
	// The number under the new rule is said, and not lost.
	if faults := to.Evaluate(carried, today).Faults; !slices.ContainsFunc(faults, func(f Fault) bool {
		return f.Field == "rule" && f.Code == CodeLarge && f.Limit == "5"
	}) {
		t.Errorf("%+v", faults)
	}
}

func TestWhichVersionHolds(t *testing.T) {
	version := func(version, from, until string) *Form {
		f := read(t, `{"id":"a","type":"int"}`, "")
		f.Version, f.ValidFrom, f.ValidUntil = version, from, until
		return f
	}
	all := []*Form{
		version("2", "2027-04-01", ""), version("1", "2026-04-01", "2027-06-30"),
		version("3", "2028-04-01", "2028-12-31"),
	}
	for day, want := range map[string]string{
		"2026-03-31": "", "2026-04-01": "1", "2027-03-31": "1", "2027-04-01": "2", "2028-04-01": "3", "2029-01-01": "2",
	} {
		got := ""
		if f, ok := Holding(all, day); ok {
			got = f.Version
		}
		if got != want {
			t.Errorf("on %s holds %q, want %q", day, got, want)
		}
	}
	if old := all[1]; !old.Holds("2027-06-30") || old.Holds("2027-07-01") {
		t.Error("a draft under the first version may be finished to its last day, and no longer")
	}
}

// Whatever a draft holds is carried over or told apart; nothing is lost, and of the same form everything comes along.
func TestNothingOfADraftIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, draft := randomCase(chance(rapid.Uint64().Draw(t, "seed")))
		to, _ := randomCase(chance(rapid.Uint64().Draw(t, "other")))
		carried, left := Carry(to, draft)
		for id, v := range draft {
			if to.byID[id] != nil && to.byID[id].calc != nil || v.isEmpty() {
				continue
			}
			if carried[id].isEmpty() && left[id].isEmpty() {
				t.Fatalf("%s: %+v is lost", id, v)
			}
		}
		for _, f := range to.Evaluate(carried, today).Faults {
			if f.Code == CodeUnknown || f.Code == CodeKind {
				t.Fatalf("what was carried over does not fit: %+v", f)
			}
		}
		if same, _ := Carry(from, draft); len(Changes(from, from, draft)) != 0 || len(same) > len(draft) {
			t.Fatal("a form differs from itself")
		}
	})
}

func TestTheWordsThatWereReadAreSigned(t *testing.T) {
	f := read(t, `{"id":"a","type":"int"},{"id":"b","type":"int","show_if":"a == 1"}`, "")
	envelope := Envelope{Language: "ja", Origin: "https://portal.example.jp", Office: "131105", Nonce: "n"}
	document := func(answers Answers, e Envelope) string { return string(f.Evaluate(answers, today).Document(e)) }
	first := document(Answers{"a": IntOf(2), "b": IntOf(5)}, envelope)
	if !strings.HasPrefix(first, `{"answers":{"a":2},"form":{"id":"a-form","sha256":"`+f.Hash()+`","version":"1"},`+
		`"labels":{"language":"ja","sha256":"`) {
		t.Errorf("signed would be %s", first)
	}
	if labels := f.Evaluate(Answers{"a": IntOf(2)}, today).Labels("ja"); labels["b"] != "" || labels["a"] == "" {
		t.Errorf("the words are %v", labels)
	}
	english, again, corrected := envelope, envelope, envelope
	english.Language, again.Nonce, corrected.Number, corrected.Previous = "en", "m", "1", "x"
	for name, other := range map[string]string{
		"answers":  document(Answers{"a": IntOf(1), "b": IntOf(5)}, envelope),
		"language": document(Answers{"a": IntOf(2)}, english),
		"nonce":    document(Answers{"a": IntOf(2)}, again),
		"previous": document(Answers{"a": IntOf(2)}, corrected),
	} {
		if other == first {
			t.Errorf("another %s, the same bytes", name)
		}
	}
	f.Texts["a"] = Text{"別の問い", "word", ""}
	if document(Answers{"a": IntOf(2)}, envelope) == first {
		t.Error("another question, the same bytes")
	}
}

// large has 200 fields and 100 rows of eight, with conditions, calculations and checks.
func large(t testing.TB) (*Form, Answers) {
	var fields []string
	answers := Answers{}
	for i := range 200 {
		id := fmt.Sprintf("f%d", i)
		more := ""
		if i > 3 {
			more = fmt.Sprintf(`,"show_if":"answered(f%d) || f0 == 'x'","required":"f1 != 'y'"`, i-1)
		}
		fields = append(fields, fmt.Sprintf(`{"id":%q,"type":"line","max":40%s}`, id, more))
		answers[id] = TextOf("山田太郎")
	}
	fields = append(fields, `{"id":"r","type":"rows","max":100,"fields":[{"id":"rn","type":"name","required":true},
{"id":"rk","type":"kana","required":"answered(rn)"},{"id":"rb","type":"day","max":"today","required":true},
{"id":"ra","type":"int","calc":"age(rb, today)"},{"id":"rr","type":"int","calc":"rank(rb)"},
{"id":"rc","type":"choice","options":["a","b"],"required":true},
{"id":"rt","type":"line","show_if":"rc == 'b'","required":true},
{"id":"ry","type":"yes","show_if":"ra >= 18"}]}`, `{"id":"grown","type":"int","calc":"count(r, ra >= 18)"}`)
	var rows []Answers
	for i := range 100 {
		rows = append(rows, Answers{
			"rn": TextOf("山田 花子"), "rk": TextOf("ヤマダ　ハナコ"), "rb": TextOf(fmt.Sprintf("20%02d-04-01", i%27)),
			"rc": TextOf("b"),
			"rt": TextOf("上目黒二丁目"), "ry": BoolOf(true),
		})
	}
	answers["r"] = RowsOf(rows...)
	return read(t, strings.Join(fields, ","), `,"checks":[{"id":"c","when":"rb > today - 100","at":["rb"]}]`), answers
}

func TestALargeFormIsFine(t *testing.T) {
	f, answers := large(t)
	if r := f.Evaluate(answers, today); r.Computed("grown", -1).Int == 0 || len(r.Answers()) != 202 {
		t.Errorf("%d answers, %+v", len(r.Answers()), r.Faults)
	}
}

func BenchmarkEvaluate200FieldsAnd100Rows(b *testing.B) {
	f, answers := large(b)
	b.ReportAllocs()
	for b.Loop() {
		f.Evaluate(answers, today)
	}
}

func BenchmarkRead200FieldsAnd100Rows(b *testing.B) {
	f, _ := large(b)
	data := f.Canonical()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Read(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	f, answers := large(b)
	r := f.Evaluate(answers, today)
	for b.Loop() {
		r.Document(Envelope{Language: "ja"})
	}
}
