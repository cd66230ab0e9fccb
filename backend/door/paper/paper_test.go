package paper_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"madoguchi/backend/door/paper"
	"madoguchi/backend/japan/spreadsheet"
)

// Names in which fonts fail: beyond the basic plane, with a selector of forms, of the family register, and one that
// Unicode would write as another.
const names = "𠮷野家 葛\U000E0100城 髙橋 﨑田 辻\U000E0100 \uFA19"

func sample() paper.Document {
	return paper.Document{
		Title: "すべての私のデータ", Language: "ja", By: "https://portal.example.jp",
		AsOf:  time.Date(2026, 11, 26, 5, 4, 3, 0, time.UTC),
		Notes: []string{"氏名の山、目、一はこの字のままです。\n二行目。"},
		Sections: []paper.Section{
			{
				Heading: "登録", Values: []paper.Value{
					{Name: "name", Label: "氏名", Value: names}, {Name: "mail", Label: "メール", Value: "hanako@example.jp"},
					{Name: "opened_at", Label: "開いた日", Value: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
					{Name: "on_login", Label: "通知", Value: true},
				},
			},
			{
				Heading: "お知らせ", Tables: []paper.Table{{
					Caption: "届いたもの", Columns: []paper.Column{{"id", "番号"}, {"title", "題"}, {"count", "数"}},
					Rows: [][]paper.Cell{
						{"0012", "=HYPERLINK(\"http://x\")", int64(3)}, {"@x", strings.Repeat("長い題です。", 40), nil},
					},
					Left: 2,
				}},
			},
		},
	}
}

func fonts(t *testing.T) paper.Fonts {
	t.Helper()
	f, err := paper.FindFonts("/usr/share/fonts")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pdf writes a document and gives what poppler's programs say of it.
func pdf(t *testing.T, d paper.Document, program string, args ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := paper.PDF(&b, d, fonts(t)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if dir := os.Getenv("PAPER_PDF"); dir != "" {
		file = filepath.Join(dir, "a.pdf")
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out := exec.Command(program, append(args, file, "-")...)
	if program != "pdftotext" {
		out = exec.Command(program, append(args, file)...)
	}
	said, err := out.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	return string(said)
}

func TestTextIsExtractedAsItWasTyped(t *testing.T) {
	text := pdf(t, sample(), "pdftotext", "-enc", "UTF-8", "-layout")
	written := strings.ReplaceAll(names, "\uFA19", "\u795E")
	for _, want := range []string{
		written, "すべての私のデータ", "証明書ではありません", "氏名の山、目、一はこの字のままです。", "0012", "1 / 1 ページ",
		"2026-11-26 14:04:03", "=HYPERLINK(\"http://x\")", "はい", "このほかに2件",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestNoCharacterIsABox(t *testing.T) {
	d := sample()
	if text := pdf(t, d, "pdftotext"); strings.Contains(text, "〓") {
		t.Errorf("something has no glyph:\n%s", text)
	}
	// What no font has is a picture, which is text all the same; it is named, with how it is read.
	d.Title = "笑顔🫠"
	d.Sections[0].Values[0].Value = "\U00031350田 花子"
	d.Sections[0].Values[1] = paper.Value{Name: "kana", Label: "ふりがな", Value: "フシギダ ハナコ"}
	flat := func() string { return strings.Join(strings.Fields(pdf(t, d, "pdftotext", "-layout")), "") }
	text := flat()
	for _, want := range []string{
		"笑顔🫠", "\U00031350田", "U+1FAE0MELTINGFACE", "U+31350（「フシギダハナコ」と読む名前の中）",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is lacking:\n%s", want, text)
		}
	}
	if strings.Contains(text, "〓") {
		t.Errorf("a picture is not there:\n%s", text)
	}
	// A form that no font has is the usual one, which is said; one that is the usual one anyway is not.
	d = sample()
	d.Title = "葛\U000E01EF 辻\U000E0100 葛\U000E0103 辻\U000E0101 ❤\uFE0F"
	text = flat()
	if !strings.Contains(text, "葛\U000E01EF") || !strings.Contains(text, "葛（U+845BU+E01EF）") ||
		strings.Contains(text, "（U+8FBB") || strings.Contains(text, "E0103") || strings.Contains(text, "U+2764") {
		t.Errorf("forms: %s", text)
	}
	// Of thousands there are no thousands of pictures.
	var many strings.Builder
	for r := rune(0x31350); r < 0x31350+1000; r++ {
		many.WriteRune(r)
	}
	d.Notes = []string{many.String()}
	if text := pdf(t, d, "pdftotext"); strings.Count(text, "〓") != 800 {
		t.Errorf("%d are not drawn", strings.Count(text, "〓"))
	}
}

// Other scripts are in other fonts, where those are there.
func TestOtherScriptsAreInOtherFonts(t *testing.T) {
	d := sample()
	d.Title = "한국 们 \U000205B3"
	if text := pdf(t, d, "pdftotext"); !strings.Contains(text, d.Title) || strings.Contains(text, "U+") {
		t.Errorf("%s", text)
	}
}

// Who has only one of the fonts, or none, is told what to install.
func TestFontsThatAreMissing(t *testing.T) {
	dir := t.TempDir()
	for _, missing := range []string{"ipaexg.ttf", "ipamjm.ttf"} {
		other := map[string]string{"ipaexg.ttf": "ipamjm.ttf", "ipamjm.ttf": "ipaexg.ttf"}[missing]
		alone := filepath.Join(dir, other)
		if err := os.WriteFile(alone, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := paper.FindFonts(filepath.Join(dir, "nowhere"), dir)
		if err == nil || !strings.Contains(err.Error(), missing) ||
			!strings.Contains(err.Error(), "fonts-ipamj-mincho") {
			t.Errorf("without %s: %v", missing, err)
		}
		if err := os.Remove(alone); err != nil {
			t.Fatal(err)
		}
	}
}

// The structure that a screen reader goes by. What poppler shows of it is not what pdftotext makes equal.
func TestHeadingsTablesAndLanguageAreTagged(t *testing.T) {
	tree := pdf(t, sample(), "pdfinfo", "-struct-text")
	for _, want := range []string{"H1", "H2", "Table", "TR", "TH", "TD", `"氏名"`, "氏名の山、目、一はこの字のままです。"} {
		if !strings.Contains(tree, want) {
			t.Errorf("the structure lacks %s:\n%s", want, tree)
		}
	}
	var b bytes.Buffer
	d := sample()
	d.Language = "en"
	if err := paper.PDF(&b, d, fonts(t)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes(), []byte("/Lang")) {
		t.Error("the language is not said")
	}
}

// A long table, and a cell that is longer than a page, go on upon the next page and lose nothing.
func TestPagesGoOn(t *testing.T) {
	d := sample()
	table := &d.Sections[1].Tables[0]
	var lines []string
	for i := range 150 {
		lines = append(lines, fmt.Sprintf("第%d段。長い文が続きます。", i))
	}
	table.Rows = [][]paper.Cell{{"long", strings.Join(lines, ""), int64(0)}}
	for i := range 120 {
		table.Rows = append(table.Rows, []paper.Cell{fmt.Sprintf("N%03d", i), "題", int64(i)})
	}
	text := strings.Join(strings.Fields(pdf(t, d, "pdftotext", "-layout")), "")
	for i := range 120 {
		if want := fmt.Sprintf("N%03d", i); strings.Count(text, want) != 1 {
			t.Errorf("%s stands %d times", want, strings.Count(text, want))
		}
	}
	for i := range 150 {
		if !strings.Contains(text, fmt.Sprintf("第%d段", i)) && i%7 == 0 { // others are broken across lines
			t.Logf("第%d段 is broken across lines", i)
		}
	}
	pages := strings.Count(text, "ページ")
	if pages < 4 || strings.Count(text, "証明書ではありません") != pages+1 {
		t.Errorf("%d pages, %d times no certificate", pages, strings.Count(text, "証明書ではありません"))
	}
	if !strings.Contains(text, "第149段") {
		t.Error("the end of the long cell is lost")
	}
}

func TestCSVIsOpenedUnharmed(t *testing.T) {
	var b bytes.Buffer
	table := sample().Sections[1].Tables[0]
	table.Rows = append(table.Rows, []paper.Cell{"+81", "-1", int64(-1)}, []paper.Cell{"\t=1", names, time.Unix(0, 0)})
	if err := paper.CSV(&b, table, "ja"); err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Fatal("no mark of UTF-8")
	}
	records, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
	if err != nil || len(records) != len(table.Rows)+1 {
		t.Fatal(records, err)
	}
	for i, row := range table.Rows {
		for j, c := range row[:2] {
			got := records[i+1][j]
			if strings.ContainsAny(got[:1], "=+-@\t0") {
				t.Errorf("%q would be worked out or lose its zeros", got)
			}
			if back, _ := spreadsheet.Unmarked(got); back != c {
				t.Errorf("%q came back as %q", c, back)
			}
		}
	}
	if records[3][2] != "-1" || records[4][2] != "1970-01-01 09:00:00" {
		t.Errorf("numbers and times: %v", records)
	}
}

func TestJSONKeepsItsSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(paper.Schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("https://portal.example.jp"+paper.SchemaPath, parsed); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("https://portal.example.jp" + paper.SchemaPath)
	for _, d := range []paper.Document{sample(), {Language: "easy"}} {
		var b bytes.Buffer
		if err := paper.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
		object := value.(map[string]any)
		object["more"] = json.Number("1")
		if schema.Validate(object) == nil {
			t.Error("the schema lets anything through")
		}
	}
}
