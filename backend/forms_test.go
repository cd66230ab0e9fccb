package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/japan/forms"
	"madoguchi/backend/store/published"
	"madoguchi/proto/form"
)

const smallForm = `schema: 1
id: inu-toroku
version: "2026.1"
procedure: P0001
valid_from: 2026-04-01
laws: [狂犬病予防法第4条]
sign: none
applicant: [self]
retention_years: 3
title: 犬《いぬ》の登録《とうろく》 | Registering a dog
decision: {outcomes: [accept]}
sections:
- id: dog
  label: 犬《いぬ》 | Dog
  fields:
  - {id: name, type: line, required: true, max: 20, label: 名前《なまえ》 | Name}
`

func sayForms(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := tendForms(t.Context(), args, func(string) string { return "" }, &out)
	return out.String(), err
}

func TestFormsAreChecked(t *testing.T) {
	d := newDesk(t)
	good := d.file("good.yaml", smallForm)
	if said, err := sayForms(t, "check", good); err != nil || !strings.Contains(said, "誤りはありません") {
		t.Errorf("a good form: %v\n%s", err, said)
	}
	bad := d.file("bad.yaml", strings.Replace(smallForm, "max: 20", "show_if: namae == 'x'", 1))
	said, err := sayForms(t, "check", good, bad)
	if !errors.Is(err, errForm) {
		t.Errorf("a bad form: %v", err)
	}
	for _, want := range []string{"bad.yaml 16行目 sections.dog.name.show_if: ", "「namae」という項目はありません"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if _, err := sayForms(t, "check", filepath.Join(d.dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, args := range [][]string{
		{}, {"check"}, {"chekc", good}, {"preview", good}, {"export", "nothing", "x"},
		{"--language", "fr", "preview", good, filepath.Join(d.dir, "x.html")}, {"export", good, good},
		{"changes", good, "risai-shomei"},
	} {
		if _, err := sayForms(t, args...); err == nil {
			t.Errorf("portal forms %q was done", args)
		}
	}
	if now, err := os.ReadFile(good); err != nil || string(now) != smallForm {
		t.Errorf("the form itself was written to: %v", err)
	}
}

func TestFormsAreExportedAndReadAgain(t *testing.T) {
	d := newDesk(t)
	for _, f := range forms.All() {
		out := filepath.Join(d.dir, f.ID+".json")
		if _, err := sayForms(t, "export", f.ID, out); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		again, err := form.Read(data)
		if err != nil || again.Hash() != f.Hash() {
			t.Errorf("%s became another form: %v", f.ID, err)
		}
		if said, err := sayForms(t, "changes", f.ID, out); err != nil || said != "違いはありません\n" {
			t.Errorf("%s: %v, %s", f.ID, err, said)
		}
	}
}

func TestFormsArePreviewed(t *testing.T) {
	d := newDesk(t)
	for language, want := range map[string]string{
		"ja": "請求の理由", "en": "Reason for the claim", "easy": "<ruby>理由<rt>りゆう</rt></ruby>",
	} {
		out := filepath.Join(d.dir, language+".html")
		if _, err := sayForms(t, "--language", language, "preview", "jido-teate-nintei", out); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(out)
		if err != nil || !bytes.Contains(page, []byte(want)) {
			t.Errorf("%s: %v, no %q", language, err, want)
		}
	}
	hostile := d.file("hostile.yaml", strings.Replace(smallForm, "犬《いぬ》の登録《とうろく》", "<script>alert(1)</script>", 1))
	out := filepath.Join(d.dir, "hostile.html")
	if _, err := sayForms(t, "preview", hostile, out); err != nil {
		t.Fatal(err)
	}
	if page, err := os.ReadFile(out); err != nil || bytes.Contains(page, []byte("<script")) {
		t.Errorf("a title became a script: %v", err)
	}
}

func TestChangesOfAFormAreSaid(t *testing.T) {
	d := newDesk(t)
	before := d.file("before.yaml", smallForm)
	after := d.file("after.yaml", strings.Replace(smallForm,
		"{id: name, type: line, required: true, max: 20, label: 名前《なまえ》 | Name}",
		"{id: breed, type: line, label: 犬種《けんしゅ》 | Breed}", 1))
	said, err := sayForms(t, "changes", before, after)
	if want := "name 項目がなくなりました\nbreed 新しい項目です\n"; err != nil || said != want {
		t.Errorf("it says %v\n%s\nwant\n%s", err, said, want)
	}
}

func TestFormsOfAMunicipalityAreRegistered(t *testing.T) {
	d := newDesk(t)
	file := d.file("inu.yaml", smallForm)
	ours := func(args ...string) (string, error) {
		return sayForms(t, append([]string{"--database", d.database, "--place", "131105"}, args...)...)
	}
	if _, err := ours("import", file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a database: %v", err)
	}
	d.makeDatabase()
	if said, err := ours("import", file); err != nil || said != "131105: inu-toroku 2026.1 を登録しました（2026-04-01から）\n" {
		t.Errorf("%v, %s", err, said)
	}
	if said, err := ours("import", file); err != nil || !strings.Contains(said, "もう登録されています") {
		t.Errorf("once more: %v, %s", err, said)
	}
	changed := d.file("changed.yaml", strings.Replace(smallForm, "max: 20", "max: 30", 1))
	if _, err := ours("import", changed); !errors.Is(err, published.ErrChanged) {
		t.Errorf("the same version with another content: %v", err)
	}
	_, err := sayForms(t, "--database", d.database, "--place", "131106", "import", file)
	if !errors.Is(err, published.ErrPlace) {
		t.Errorf("of nowhere: %v", err)
	}
	bad := d.file("bad.yaml", strings.Replace(smallForm, "max: 20", "max: 0", 1))
	if _, err := ours("import", bad); !errors.Is(err, errForm) {
		t.Errorf("a bad form: %v", err)
	}
	out := filepath.Join(d.dir, "out.json")
	if _, err := ours("export", "inu-toroku", out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if f, read := form.Read(data); err != nil || read != nil || f.Version != "2026.1" {
		t.Errorf("what was exported: %v, %v", err, read)
	}
	if _, err := ours("export", "neko-toroku", out); err == nil {
		t.Error("a form that nobody registered was exported")
	}
}
