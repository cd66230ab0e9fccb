// Package schema says in JSON Schema what package form reads: of definitions in a file that is published, of the
// answers to a form in one that is made from it. It is for offices, for their programs and for tests, where a validator
// that knows nothing of the engine is the judge of it. A schema says less than the engine: whether two answers fit
// together, only the engine knows.
//
// It also holds bytes against RFC 8785 by a library (github.com/go-json-experiment/json, whose authors write Go's own
// encoding/json/v2): the engine writes canonical JSON itself, since the page cannot carry the library.
package schema

import (
	"bytes"
	_ "embed" // the schema of definitions
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"madoguchi/proto/form"
)

//go:embed definition.schema.json
var definition []byte

// Definition is the schema of definitions.
func Definition() []byte { return bytes.Clone(definition) }

// ErrCanonical is said of JSON that is not written as RFC 8785 has it.
var ErrCanonical = errors.New("not canonical JSON (RFC 8785)")

// CheckCanonical refuses what is not JSON, or not written in the one way.
func CheckCanonical(data []byte) error {
	value := jsontext.Value(bytes.Clone(data))
	if err := value.Canonicalize(); err != nil {
		return fmt.Errorf("%w: %w", ErrCanonical, err)
	}
	if !bytes.Equal(value, data) {
		return ErrCanonical
	}
	return nil
}

type object = map[string]any

// Answers is the schema of the answers to a form: of those that are shown and complete, as they are signed.
func Answers(f *form.Form) ([]byte, error) {
	var fields []form.Field
	always := map[string]bool{}
	for _, s := range f.Sections {
		for _, field := range s.Fields {
			fields = append(fields, field)
			always[field.ID] = s.ShowIf == ""
		}
	}
	schema := answers(f, fields, func(field form.Field) bool { return always[field.ID] })
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = f.Texts["title"].Ja
	schema["description"] = f.ID + " " + f.Version
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema of %s: %w", f.ID, err)
	}
	return append(data, '\n'), nil
}

func answers(f *form.Form, fields []form.Field, always func(form.Field) bool) object {
	properties, required := object{}, []string{}
	for _, field := range fields {
		if field.Type == form.Note {
			continue
		}
		one := of(f, field)
		one["title"] = f.Texts[field.ID].Ja
		properties[field.ID] = one
		must := field.Required == "true" || field.Type == form.Rows && number(field.Min) > 0
		if must && field.ShowIf == "" && field.Calc == "" && always(field) {
			required = append(required, field.ID)
		}
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// patterns of texts, where one says what the engine does or part of it.
var patterns = map[form.FieldType]string{
	form.Kana: "^[ァ-ヴー　・]+$", form.Day: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", form.Month: "^[0-9]{4}-[0-9]{2}$",
	form.Clock: "^[0-2][0-9]:[0-5][0-9]$", form.Tel: "^0[0-9-]{9,20}$", form.Postal: "^[0-9]{7}$",
	form.Place: "^[0-9]{6}$", form.Insurer: "^([0-9]{6}|[0-9]{8})$", form.Mail: "^[^@]+@[^@]+$",
}

// lengths are how many characters a text has where the form does not say.
var lengths = map[form.FieldType]int{form.Line: 200, form.Lines: 1000, form.Name: 40, form.Kana: 60}

// A character, as the engine counts them, is up to so many bytes: marks and variants belong to the one before.
const bytesOfCharacter = 20

func of(f *form.Form, field form.Field) object {
	switch field.Type {
	case form.Int, form.Yen:
		return integer(field)
	case form.Yes:
		return object{"type": "boolean"}
	case form.Agree:
		if field.Required == "true" {
			return object{"const": true}
		}
		return object{"type": "boolean"}
	case form.Choice:
		return object{"enum": field.Options}
	case form.Choices:
		return list(field, object{"enum": field.Options}, object{"uniqueItems": true})
	case form.Files:
		return list(field, object{
			"type": "object", "additionalProperties": false, "required": []string{"name", "type", "size", "sha256"},
			"properties": object{
				"name":   object{"type": "string", "minLength": 1, "maxLength": 255},
				"type":   object{"enum": field.Accept},
				"size":   object{"type": "integer", "minimum": 1, "maximum": form.MaxFile},
				"sha256": object{"type": "string", "pattern": "^[0-9a-f]{64}$"},
			},
		}, object{})
	case form.Rows:
		return list(field, answers(f, field.Fields, func(form.Field) bool { return true }), object{})
	}
	schema := object{"type": "string", "minLength": 1}
	if p := patterns[field.Type]; p != "" {
		schema["pattern"] = p
	}
	if field.Type == form.Digits {
		schema["pattern"] = "^[0-9]+$"
		if field.Length > 0 {
			schema["pattern"] = "^[0-9]{" + strconv.Itoa(field.Length) + "}$"
		}
	}
	most := lengths[field.Type]
	if n := number(field.Max); n > 0 && field.Type != form.Day && field.Type != form.Month {
		most = n
	}
	if most > 0 && field.Calc == "" {
		schema["maxLength"] = most * bytesOfCharacter
	}
	return schema
}

func integer(field form.Field) object {
	schema := object{"type": "integer"}
	if n, err := strconv.ParseInt(field.Min, 10, 64); err == nil {
		schema["minimum"] = n
	}
	if n, err := strconv.ParseInt(field.Max, 10, 64); err == nil {
		schema["maximum"] = n
	}
	return schema
}

func list(field form.Field, items, schema object) object {
	schema["type"], schema["items"] = "array", items
	schema["minItems"] = max(number(field.Min), 1)
	if most := number(field.Max); most > 0 {
		schema["maxItems"] = most
	}
	return schema
}

// number is a bound that was written as one; 0 for what is not.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
