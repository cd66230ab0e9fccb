package source

import (
	"strings"
	"testing"

	"madoguchi/proto/form"
)

const head = `schema: 1
id: a-form
version: 2026.10
procedure: P0001
valid_from: 2026-04-01
laws: [ある法律第1条]
sign: card
applicant: [self]
retention_years: 5
title: 申請《しんせい》 | Application
decision: {outcomes: [accept]}
sections:
- id: first
  label: はじめ | First
  fields:
`

func TestASourceBecomesADefinition(t *testing.T) {
	f, err := Read([]byte(head + `  - {use: person, id: me, of: 母《はは》 | Mother, without: [sex]}
  - {use: contact, id: me, show_if: answered(me_name)}
  - id: kind
    type: choice
    label: 種類《しゅるい》 | Kind | どれ
    help: 一つ選びます | Choose one
    options:
    - a: 甲《こう》 | A
    - b: 乙《おつ》 | B
`))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]form.Text{
		"title":     {Ja: "申請", En: "Application", Easy: "申請《しんせい》"},
		"me_name":   {Ja: "母の氏名", En: "Mother: Full name", Easy: "母《はは》の 名前《なまえ》"},
		"kind":      {Ja: "種類", En: "Kind", Easy: "どれ"},
		"kind.help": {Ja: "一つ選びます", En: "Choose one"},
		"kind.a":    {Ja: "甲", En: "A", Easy: "甲《こう》"},
	} {
		if got := f.Texts[key]; got != want {
			t.Errorf("%s is %+v, want %+v", key, got, want)
		}
	}
	if f.Version != "2026.10" {
		t.Errorf("the version became %s", f.Version)
	}
	if answers := (form.Answers{"me_tel": form.TextOf("x")}); len(f.Evaluate(answers, form.Moment{}).Answers()) != 0 {
		t.Error("a part that is shown with a condition is shown without")
	}
	again, err := form.Read(f.Canonical())
	if err != nil || again.Hash() != f.Hash() {
		t.Errorf("as it is published it is another: %v", err)
	}
}

// Each part of the shared ones stands in a form by itself.
func TestEveryPartFits(t *testing.T) {
	for name := range parts() {
		body := "  - {use: " + name + "}\n"
		if name == "parent" || name == "need" {
			body = "  - {use: " + name + ", id: x}\n"
		}
		if _, err := Read([]byte(head + body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileSources(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
	for name, c := range map[string][2]string{
		"nothing":            {"", "ファイルが空"},
		"only a remark":      {"# x\n", "ファイルが空"},
		"not YAML":           {"a: [", "YAMLとして読めません"},
		"tabs":               {"a:\n\t- b", "YAMLとして読めません"},
		"a bomb":             {bomb, "参照は使えません"},
		"an alias of itself": {"a: &a\n  b: *a\n", "参照は使えません"},
		"a merge":            {"a: {<<: {b: 1}}", "ふつうの文字"},
		"deep":               {strings.Repeat("{a: ", 50) + "1" + strings.Repeat("}", 50), "深すぎます"},
		"very deep":          {strings.Repeat("[", 200_000), "YAML"},
		"too large":          {strings.Repeat("a", form.MaxBytes+1), "1 MB"},
		"a name twice":       {"id: a\nid: b\n", "二度書かれて"},
		"a list":             {"- a", "オブジェクト"},
		"no such part":       {head + "  - {use: everything}\n", "という共通の部品はありません"},
		"more than a part":   {head + "  - {use: person, id: a, required: true}\n", "use と一緒に書けません"},
		"without a stranger": {head + "  - {use: person, id: a, without: [shoe_size]}\n", "この部品にありません"},
		"a part twice":       {head + "  - {use: contact}\n  - {use: contact}\n", "もう一つあります"},
		"no English":         {head + "  - {id: a, type: int, label: 数}\n", "日本語と英語を | で分けて"},
		"no reading":         {head + "  - {id: a, type: int, label: 数字《すうじ》の数 | Number}\n", "「の数」に読みを付けて"},
		"no words":           {head + "  - {id: a, type: int}\n", "この文言がありません"},
		"a bare option":      {head + "  - {id: a, type: choice, label: か | X, options: [x, z]}\n", "名前と文言を"},
		"words of a list":    {head + "  - {id: a, type: int, label: [か, X]}\n", "日本語 | English"},
		"words turned round": {head + "  - {id: a, type: int, label: \"か\u202e | X\"}\n", "文字の向きを変える文字"},
		"a key in kana":      {head + "  - {あ: 1, id: a, type: int, label: か | X}\n", "「あ」という項目はありません"},
		"a type in code":     {head + "  - {id: a, type: !!python/object:os.system x, label: か | X}\n", "のどれかに"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Read([]byte(c[0]))
			if err == nil || f != nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), "行目") {
				t.Errorf("it says %v, want %s", err, c[1])
			}
		})
	}
}

// The line is that of the file, of a shared part that on which it is used.
func TestWhereSomethingIsWrong(t *testing.T) {
	_, err := Read([]byte(head + "  - {use: bank, id: b}\n" +
		"  - id: a\n    type: int\n    show_if: b_account == 'gold'\n    label: か | X\n"))
	if want := "17行目 sections.first.a.show_if: 式の14文字目: 「gold」は「b_account」の選択肢にありません。"; err == nil ||
		!strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = Read([]byte(head + "  - {use: contact, id: b, show_if: nothing}\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "16行目 sections.first.b_tel.show_if: ") {
		t.Error(err)
	}
}

func FuzzSource(f *testing.F) {
	f.Add([]byte(head + "  - {use: person, id: a}\n"))
	f.Add([]byte(head + "  - {id: a, type: int, label: か | X}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		made, err := Read(data)
		if err != nil {
			return
		}
		if again, err := form.Read(made.Canonical()); err != nil || again.Hash() != made.Hash() {
			t.Fatalf("as it is published it is another: %v", err)
		}
	})
}
