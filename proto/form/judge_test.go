//go:build !js

package form_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"madoguchi/proto/form"
	"madoguchi/proto/form/schema"
)

// judge is a validator that knows nothing of the engine.
func judge(t testing.TB, data []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func refused(t testing.TB, by *jsonschema.Schema, data []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return by.Validate(document)
}

// sayable are the faults that a schema can tell, too.
var sayable = []form.Code{
	form.CodeKind, form.CodeOption, form.CodeKana, form.CodeDigits, form.CodePostal, form.CodeMany, form.CodeFileType,
}

func TestTheJudgeOfAnswersAgrees(t *testing.T) {
	fine, wrong := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		f, answers := form.RandomCase(form.Chance(rapid.Uint64().Draw(rt, "seed")))
		data, err := schema.Answers(f)
		if err != nil {
			rt.Fatal(err)
		}
		result := f.Evaluate(answers, form.Moment{Today: "2026-11-26"})
		kept := result.Answers().Canonical()
		said := refused(t, judge(t, data), kept)
		ours := slices.ContainsFunc(result.Faults, func(f form.Fault) bool { return slices.Contains(sayable, f.Code) })
		if result.Fine() && said != nil {
			rt.Fatalf("the engine takes %s, the judge says %v", kept, said)
		}
		if ours && said == nil {
			rt.Fatalf("the judge takes %s, the engine says %+v", kept, result.Faults)
		}
		if result.Fine() {
			fine++
		} else if ours {
			wrong++
		}
	})
	if fine == 0 || wrong == 0 {
		t.Errorf("%d cases were fine, %d wrong", fine, wrong)
	}
}

// structural are the beginnings of what the engine says of what the schema knows, too.
var structural = []string{
	"という項目はありません。つづり", "の形（オブジェクト）", "の形（リスト）", "どれかにしてください", "がありません。書き加えて", "までの整数にしてください",
	"true か false", "名前に使えません", "二度書かれています", "には「accept」が要ります", "には「fields」が要ります", "の形の日付",
	"に「options」は書けません", "に「accept」は書けません", "に「fields」は書けません", "に「length」は書けません", "繰返しの中に繰返し",
}

// Definitions that are broken in all ways: whatever the engine takes, the schema takes; and what the schema can say, it
// says.
func TestTheJudgeOfDefinitionsAgrees(t *testing.T) {
	by := judge(t, schema.Definition())
	taken, broken := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		r := form.Chance(rapid.Uint64().Draw(rt, "seed"))
		f, _ := form.RandomCase(r)
		var document any
		if err := json.Unmarshal(f.Canonical(), &document); err != nil {
			rt.Fatal(err)
		}
		for range r.IntN(3) {
			spoil(r.IntN, document)
		}
		data, err := json.Marshal(document)
		if err != nil {
			rt.Fatal(err)
		}
		_, ours := form.Read(data)
		theirs := refused(t, by, data)
		if ours == nil && theirs != nil {
			rt.Fatalf("the engine takes %s, the judge says %v", data, theirs)
		}
		if ours == nil {
			taken++
			return
		}
		for problem := range strings.SplitSeq(ours.Error(), "\n") {
			known := slices.ContainsFunc(structural, func(s string) bool { return strings.Contains(problem, s) })
			if known && !strings.Contains(problem, ".max:") && !strings.Contains(problem, ".min:") && theirs == nil {
				rt.Fatalf("the judge takes %s, the engine says %s", data, problem)
			}
			if known {
				broken++
			}
		}
	})
	if taken == 0 || broken == 0 {
		t.Errorf("%d were taken, %d things were broken", taken, broken)
	}
}

// spoil changes something somewhere.
func spoil(chance func(int) int, in any) {
	switch v := in.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if len(keys) == 0 {
			return
		}
		key := keys[chance(len(keys))]
		switch chance(8) {
		case 0:
			delete(v, key)
		case 1:
			v["more"] = "x"
		case 2:
			v[key] = []any{nil, 7, true, "x", []any{}, map[string]any{}, "today", -1, "2026-11-26"}[chance(9)]
		case 3:
			if _, field := v["type"]; field {
				v["type"] = []any{"line", "file", "rows", "choice", "int", "note", "digits"}[chance(7)]
			}
		default:
			spoil(chance, v[key])
		}
	case []any:
		if len(v) > 0 {
			spoil(chance, v[chance(len(v))])
		}
	}
}

// What the engine writes is what the library would.
func TestCanonicalByTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, answers := form.RandomCase(form.Chance(rapid.Uint64().Draw(t, "seed")))
		answers[rapid.String().Draw(t, "key")] = form.TextOf(rapid.String().Draw(t, "text"))
		answers["number"] = form.IntOf(rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "number"))
		result := f.Evaluate(answers, form.Moment{Today: "2026-11-26"})
		document := result.Document(form.Envelope{Language: "ja", Nonce: rapid.String().Draw(t, "nonce"), Number: "1"})
		for _, data := range [][]byte{f.Canonical(), answers.Canonical(), document} {
			if err := schema.CheckCanonical(data); err != nil {
				t.Fatalf("%v: %s", err, data)
			}
		}
	})
	for _, no := range []string{`{"b":1,"a":2}`, `{ "a":1}`, `{"a":1.0}`, `{"a":"\u0041"}`, `{"a":1,"a":1}`, `{`, ``} {
		if schema.CheckCanonical([]byte(no)) == nil {
			t.Errorf("%s passes as canonical", no)
		}
	}
}
