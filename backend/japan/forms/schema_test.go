package forms

import (
	"bytes"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"madoguchi/proto/form"
	"madoguchi/proto/form/schema"
)

func judge(t *testing.T, data []byte) *jsonschema.Schema {
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

func verdict(t *testing.T, by *jsonschema.Schema, data []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return by.Validate(document)
}

// What is published is of the schema of definitions; what would be signed is of that of the form; and both are as
// RFC 8785 has them.
func TestFormsBeforeTheJudge(t *testing.T) {
	definitions := judge(t, schema.Definition())
	for _, f := range All() {
		t.Run(f.ID, func(t *testing.T) {
			if err := verdict(t, definitions, f.Canonical()); err != nil {
				t.Error(err)
			}
			if err := schema.CheckCanonical(f.Canonical()); err != nil {
				t.Error(err)
			}
			data, err := schema.Answers(f)
			if err != nil {
				t.Fatal(err)
			}
			answers := judge(t, data)
			fine := 0
			for _, c := range casesOf(t, f.ID) {
				result := f.Evaluate(c.read(t, f), c.moment)
				kept := result.Answers().Canonical()
				if err := schema.CheckCanonical(result.Document(form.Envelope{Language: "ja"})); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				said := verdict(t, answers, kept)
				if result.Fine() {
					fine++
					if said != nil {
						t.Errorf("%s is fine, and the judge says %v", c.name, said)
					}
					continue
				}
				plain := slices.ContainsFunc(result.Faults, func(f form.Fault) bool {
					return f.Code == form.CodeOption || f.Code == form.CodeKind || f.Code == form.CodeKana ||
						f.Code == form.CodeFileType || f.Code == form.CodeFileSize || f.Code == form.CodeMany
				})
				if plain && said == nil {
					t.Errorf("%s is wrong, and the judge takes it: %+v", c.name, result.Faults)
				}
			}
			if fine == 0 {
				t.Error("no case is fine")
			}
		})
	}
}
