// Package catalog is the nation's catalogue of procedures (手続): the definitions that hold everywhere, written
// here, and what an entry that an office registers for its own place may say, as a message and as CSV. It computes
// deadlines. Where entries are kept, how one searches them, and what of them a page shows, is the procedure feature's
// business; which procedures an event of life brings, the guide's.
package catalog

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"madoguchi/static/text/say"
)

// Text is a text in the three languages of the page. Easy is やさしい日本語 with readings: 漢字《かんじ》.
type Text struct {
	Ja   string `yaml:"ja"`
	En   string `yaml:"en"`
	Easy string `yaml:"easy"`
}

// Say is the text as it is said in a document.
func (t Text) Say() say.Text { return say.New(t.Ja, t.En, t.Easy) }

// Signature says how a person shows who they are when applying online.
type Signature string

// The three ways.
const (
	SignatureNone  Signature = "none"  // nothing to show
	SignatureLogin Signature = "login" // logged in with the card
	SignatureSign  Signature = "sign"  // signed with the card's signing certificate
)

// Definition is a procedure as the nation knows it: from procedures.csv (number, official name, category, law,
// authority, signature, form, how sure the name is) and definitions/*.yaml (everything in plain words).
type Definition struct {
	Number    string // "P0001"
	Official  string // the name of the law or of the standard
	Category  string // Japanese name; see Categories
	Laws      []string
	Authority string // 市区町村, 都道府県, 国（日本年金機構） …
	Signature Signature
	Term      string // the deadline in words, as procedures.csv has it; "" when there is none
	Form      string
	Evidence  string // E1: exact name seen in a public page, E1n: near-identical, E0: from knowledge

	Plain
}

// Plain is what definitions/*.yaml says of a procedure. Everything is ours, in plain words; offices' entries refine it.
type Plain struct {
	// Name is short, as people say it: 児童手当の申請.
	Name Text `yaml:"name"`
	// Kana is the reading of Name.Ja in hiragana.
	Kana string `yaml:"kana"`
	// Summary is one or two sentences: what it is and what one gets.
	Summary Text `yaml:"summary"`
	// System is the 制度 it belongs to: 児童手当.
	System string `yaml:"system"`
	// Target says for whom (対象), Applicant who applies (手続を行う人).
	Target    string `yaml:"target"`
	Applicant string `yaml:"applicant"`
	// Fee in words: 無料, 300円程度.
	Fee      string   `yaml:"fee"`
	Deadline Deadline `yaml:"deadline"`
	// By is the deadline in a few words.
	By Text `yaml:"by"`
	// Documents are what is attached (添付書類).
	Documents []Document `yaml:"documents"`
	// Bring is what one takes to the desk (持ちもの).
	Bring []string `yaml:"bring"`
	// Method is how to apply today at a desk or by post, as steps.
	Method []string `yaml:"method"`
	// Department is where it usually is: 子育て支援課.
	Department string `yaml:"department"`
	// Keywords are words under which people look for it, as they type them; see README of definitions.
	Keywords []string `yaml:"keywords"`
	// Standing orders what fits a search alike: what many people come for, or hardly anyone.
	Standing Standing `yaml:"standing"`
}

// Standing of a procedure among those of its kind.
type Standing string

// Standings; most procedures have none.
const (
	Common Standing = "common" // where a matter begins, or what many need: 児童手当の申請
	Rare   Standing = "rare"   // what few need: 児童手当の寄附の変更
)

// Need says when a document is needed.
type Need string

// Needs.
const (
	NeedAlways   Need = "always"   // 必須
	NeedIf       Need = "if"       // 該当する場合
	NeedOriginal Need = "original" // 原本を別に送る
)

// Document is something to attach.
type Document struct {
	Name string `yaml:"name"`
	Need Need   `yaml:"need"`
	// Condition says when, for NeedIf.
	Condition string `yaml:"condition"`
}

//go:embed procedures.csv definitions/*.yaml
var files embed.FS

type table struct {
	all        []Definition
	byNumber   map[string]int
	categories []string
}

// read is not sync.OnceValue of one result because tests want the error.
var read = sync.OnceValues(func() (table, error) { return readDefinitions(files) })

func load() table {
	t, err := read()
	if err != nil {
		panic(err) // built in, and tested
	}
	return t
}

// Definitions returns all of them in the order of their numbers. Not to be changed.
func Definitions() []Definition { return load().all }

// ByNumber finds a definition.
func ByNumber(number string) (Definition, bool) {
	t := load()
	i, ok := t.byNumber[number]
	if !ok {
		return Definition{}, false
	}
	return t.all[i], true
}

// ByOf is the deadline in a few words of what an office registered under the definition, where its own words say the
// same, or that and more.
func (d Definition) ByOf(deadline string) (Text, bool) {
	return d.By, d.By != Text{} && strings.HasPrefix(deadline, d.Deadline.Text)
}

// Categories returns the names of the categories in the order in which they first occur.
func Categories() []string { return load().categories }

func readDefinitions(from fs.FS) (table, error) {
	t := table{byNumber: map[string]int{}}
	file, err := from.Open("procedures.csv")
	if err != nil {
		return t, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return t, fmt.Errorf("procedures.csv: %w", err)
	}
	for _, row := range rows[1:] {
		d := Definition{
			Number: row[0], Official: row[2], Category: row[3], Laws: splitLaws(row[4]), Authority: row[5],
			Signature: Signature(row[6]), Term: row[7], Form: row[8], Evidence: row[9],
		}
		if !slices.Contains(t.categories, d.Category) {
			t.categories = append(t.categories, d.Category)
		}
		t.byNumber[d.Number] = len(t.all)
		t.all = append(t.all, d)
	}
	texts, err := fs.Glob(from, "definitions/*.yaml")
	if err != nil {
		return t, err
	}
	seen := map[string]bool{}
	for _, name := range texts {
		plain, err := readPlain(from, name)
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		for number, p := range plain {
			i, ok := t.byNumber[number]
			if !ok || seen[number] {
				return t, fmt.Errorf("%s: %s is no procedure of procedures.csv, or stands there twice", name, number)
			}
			seen[number] = true
			t.all[i].Plain = p
		}
	}
	return t, nil
}

func readPlain(from fs.FS, name string) (map[string]Plain, error) {
	file, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	plain := map[string]Plain{}
	if err := decoder.Decode(&plain); err != nil {
		return nil, err
	}
	for number, p := range plain {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", number, err)
		}
	}
	return plain, nil
}

// longestBy is how long the few words of a deadline may be: they stand in a chip.
const longestBy = 22

func (p Plain) check() error {
	switch {
	case p.Name.Ja == "" || p.Name.En == "" || p.Name.Easy == "" || p.Summary.Ja == "" || p.Summary.En == "" ||
		p.Summary.Easy == "":
		return errors.New("a language of name or summary is missing")
	case p.Kana == "" || strings.Trim(p.Kana,
		"ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろわをんゔー") != "":
		return fmt.Errorf("the reading %q is not hiragana", p.Kana)
	case p.Target == "" || p.Applicant == "" || p.Fee == "" || p.System == "" || p.Department == "" ||
		len(p.Method) == 0:
		return errors.New("target, applicant, fee, system, department or method is missing")
	case p.Standing != "" && p.Standing != Common && p.Standing != Rare:
		return fmt.Errorf("the standing %q is neither common nor rare", p.Standing)
	case (p.Deadline.Text == "") != (p.By == Text{}) ||
		p.By != (Text{}) && (p.By.Ja == "" || p.By.En == "" || p.By.Easy == ""):
		return errors.New("the deadline is said in a few words in all languages, by, where there is one")
	case utf8.RuneCountInString(p.By.Ja) > longestBy:
		return fmt.Errorf("%q is more than a few words (%d characters)", p.By.Ja, longestBy)
	case len(p.Keywords) < 8:
		return errors.New("fewer than eight keywords")
	}
	for _, d := range p.Documents {
		if d.Name == "" || d.Need != NeedAlways && d.Need != NeedIf && d.Need != NeedOriginal ||
			(d.Need == NeedIf) != (d.Condition != "") {
			return fmt.Errorf("document %q: need is always, if (with a condition) or original", d.Name)
		}
	}
	return p.Deadline.Check()
}

// splitLaws separates 国民年金法第16条・厚生年金保険法第33条; 第5条,第6条 stay with their law.
func splitLaws(s string) []string {
	var laws []string
	for part := range strings.SplitSeq(s, "・") {
		part = strings.TrimSpace(strings.ReplaceAll(part, ",", "、"))
		switch {
		case part == "":
		case len(laws) > 0 && !strings.Contains(part, "法第") && !strings.HasSuffix(part, "条例"):
			laws[len(laws)-1] += "・" + part
		default:
			laws = append(laws, part)
		}
	}
	return laws
}
