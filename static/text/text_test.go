package text

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leonelquinteros/gotext"
)

func ours(t *testing.T) *Texts {
	t.Helper()
	texts, err := Read(Embedded)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Every text is there in every language, fills the same values in each, and its readings can be read.
func TestEveryText(t *testing.T) {
	texts := ours(t)
	if err := texts.Check(); err != nil {
		t.Error(err)
	}
	if len(texts.Languages) < 3 || texts.Languages[0].Code != japanese {
		t.Errorf("the languages are %v", texts.Languages)
	}
}

const (
	headJa = "msgid \"\"\nmsgstr \"\"\n\"Plural-Forms: nplurals=1; plural=0;\\n\"\n\"X-Name: 日本語\\n\"\n" +
		"\"X-Order: 1\\n\"\n"
	headEn = "msgid \"\"\nmsgstr \"\"\n\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\"X-Name: English\\n\"\n" +
		"\"X-Order: 2\\n\"\n"
	headEz = "msgid \"\"\nmsgstr \"\"\n\"Plural-Forms: nplurals=1; plural=0;\\n\"\n\"X-Name: やさしい\\n\"\n" +
		"\"X-Order: 3\\n\"\n\"X-Readings: yes\\n\"\n"

	noticesJa = "\n#. {count} number: notices\nmsgctxt \"textBell\"\nmsgid \"{count}件\"\nmsgid_plural \"{count}件\"\n" +
		"msgstr[0] \"\"\n"
	noticesEn = "\nmsgctxt \"textBell\"\nmsgid \"{count}件\"\nmsgid_plural \"{count}件\"\nmsgstr[0] \"one notice\"\n" +
		"msgstr[1] \"{count} notices\"\n"
	noticesEz = "\nmsgctxt \"textBell\"\nmsgid \"{count}件\"\nmsgid_plural \"{count}件\"\nmsgstr[0] \"{count}件《けん》\"\n"
	backJa    = "\nmsgctxt \"textBack\"\nmsgid \"もどる\"\nmsgstr \"\"\n"
	backEn    = "\nmsgctxt \"textBack\"\nmsgid \"もどる\"\nmsgstr \"Back\"\n"
)

// house is a small one; files put others in the place of its own.
func house(files map[string]string) fs.FS {
	all := fstest.MapFS{}
	for path, content := range map[string]string{
		"lang/ja.pot": headJa, "lang/en.po": headEn, "lang/easy.po": headEz,
		"bell/ja.pot": headJa + noticesJa + backJa, "bell/en.po": headEn + noticesEn + backEn,
		"bell/easy.po": headEz + noticesEz + backEn,
	} {
		if other, ok := files[path]; ok {
			content = other
		}
		if content != "" {
			all[path] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	for path, content := range files {
		if content != "" {
			all[path] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	return all
}

func read(t *testing.T, files map[string]string) *Texts {
	t.Helper()
	texts, err := Read(house(files))
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ path, content, says string }{
		"nothing":                   {"", "", ""},
		"a language without a file": {"bell/en.po", "", "bell/en.po is missing"},
		"a text without a translation": {
			"bell/en.po", headEn + noticesEn, "textBack: missing"},
		"an empty translation": {
			"bell/en.po", headEn + noticesEn + strings.Replace(backEn, `"Back"`, `""`, 1),
			"textBack: there is no text"},
		"a translation of nothing": {
			"bell/ja.pot", headJa + noticesJa, "bell/ja.pot has no such text"},
		"another Japanese": {
			"bell/ja.pot", headJa + noticesJa + strings.Replace(backJa, "もどる", "前へ", 1), "the Japanese is another"},
		"a fuzzy one": {
			"bell/en.po", headEn + noticesEn + "\n#, fuzzy" + backEn, "take the word fuzzy away"},
		"a value that is missing": {
			"bell/easy.po", headEz + strings.Replace(noticesEz, "\"{count}件《けん》\"", "\"件《けん》\"", 1) + backEn,
			"{count} is missing"},
		"a value that the Japanese has not": {
			"bell/en.po", headEn + noticesEn + strings.Replace(backEn, `"Back"`, `"Back {to}"`, 1), "has no {to}"},
		"a value without a note": {
			"bell/ja.pot", headJa + strings.Replace(noticesJa, "#.", "#", 1) + backJa, "{count} wants a note"},
		"a note on no value": {
			"bell/ja.pot", headJa + noticesJa + "\n#. {count} number: x" + backJa,
			"speaks of a value that is not there"},
		"a brace by itself": {
			"bell/en.po", headEn + noticesEn + strings.Replace(backEn, `"Back"`, `"Back}"`, 1), "a brace by itself"},
		"a plural too few": {
			"bell/en.po", headEn + strings.Replace(noticesEn, "msgstr[1] \"{count} notices\"\n", "", 1) + backEn,
			"1 forms, en has 2"},
		"a reading that cannot be read": {
			"bell/easy.po", headEz + noticesEz + strings.Replace(backEn, `"Back"`, `"戻《もど"`, 1), "《 without 》"},
		"two lines": {
			"bell/en.po", headEn + noticesEn + strings.Replace(backEn, `"Back"`, `"Back\nto"`, 1),
			"a text is one line"},
		"two of a name": {
			"bell/ja.pot", headJa + noticesJa + backJa + backJa, "a second text of this name"},
		"a name that is none": {
			"bell/ja.pot", headJa + noticesJa + strings.Replace(backJa, "textBack", "text back", 1), "a name for Go"},
		"a template that is translated": {
			"bell/ja.pot", headJa + noticesJa + strings.Replace(backJa, "msgstr \"\"", "msgstr \"もどる\"", 1),
			"a template has no translation"},
		"a language that describes itself nowhere": {
			"lang/easy.po", "", "bell/easy.po: no language of that name"},
	} {
		err := read(t, map[string]string{c.path: c.content}).Check()
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// A word that we do not say for a thing is refused, also within another, but not within a name that is not ours.
func TestTheGlossary(t *testing.T) {
	for _, c := range []struct{ text, wrong string }{
		{"手続をさがす", ""},
		{"手続きをさがす", "手続き is written 手続"},
		{"身体障害者手帳", ""},
		{"身体障害者手帳を持つ障害者", "障害者 is written 障がい"},
		{"機器の障害", ""},
		{"お住まいの市町村", "市町村 is written 市区町村"},
		{"お住まいの市区町村", ""},
	} {
		back := strings.ReplaceAll(backJa, "もどる", c.text)
		texts := read(t, map[string]string{
			"bell/ja.pot":  headJa + noticesJa + back,
			"bell/en.po":   headEn + noticesEn + strings.ReplaceAll(backEn, "もどる", c.text),
			"bell/easy.po": headEz + noticesEz + strings.ReplaceAll(backEn, "もどる", c.text),
		})
		err := texts.Check()
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.wrong)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ path, content, says string }{
		{"bell/en.po", headEn + "msgstring \"x\"\n", "bell/en.po:6: msgstring is no word of PO"},
		{"bell/en.po", headEn + "msgid x\n", "not a line of PO"},
		{"bell/en.po", "\"x\"\n", "belongs to nothing"},
		{"bell/en.po", headEn + "#~ msgid \"x\"\n", "an obsolete text"},
		{"bell/ja.pot", "", "bell has no ja.pot"},
		{"lang/ja.pot", "", "no ja.pot"},
		{"lang/en.po", strings.Replace(headEn, "X-Order", "Order", 1), "wants X-Name"},
		{"lang/en.po", strings.Replace(headEn, "nplurals", "plurals", 1), "wants Plural-Forms"},
		{
			"lang/en.po", strings.Replace(headEn, "(n != 1)", "(n%1000==1 ? 0 : 1)", 1),
			"does not follow from its last two digits",
		},
	} {
		_, err := Read(house(map[string]string{c.path: c.content}))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.path, err, c.says)
		}
	}
}

func TestPage(t *testing.T) {
	page, err := read(t, nil).Page("en")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(page), "\n")
	if lines[0] != "en" || !strings.HasPrefix(lines[1], "ja\t日本語\tja\tja\t\t000") ||
		!strings.HasPrefix(lines[2], "en\tEnglish\ten\ten\t\t1011") {
		t.Errorf("%q", lines)
	}
	if got := strings.Join(lines[4:], "|"); got != "=bell|one notice\x1f{0} notices|Back|=lang|" {
		t.Errorf("%q", got)
	}
	portals := read(t, map[string]string{"bell/ja.pot": headJa + "\"X-Room: backend/bell\\n\"\n" + noticesJa + backJa})
	if page, _ = portals.Page("en"); strings.Contains(string(page), "Back") {
		t.Error("the page loads what it does not show")
	}
}

// A text that is new waits to be translated, one that changed waits to be looked at, one that is gone is gone.
func TestUpdated(t *testing.T) {
	texts := read(t, map[string]string{
		"bell/ja.pot": headJa + "\n#. The last step." + strings.Replace(backJa, "もどる", "前へ", 1) +
			strings.Replace(backJa, "textBack", "textNew", 1),
	})
	f := texts.Feature("bell")
	got := f.Updated(texts.Languages[1])
	back, fresh := got.Entries[0], got.Entries[1]
	if len(got.Entries) != 2 || back.ID != "前へ" || back.Before != "もどる" || back.Strings[0] != "Back" ||
		!slices.Contains(back.Flags, "fuzzy") {
		t.Errorf("%+v", got.Entries)
	}
	if back.Notes[0] != "The last step." || fresh.Key != "textNew" || fresh.Strings[0] != "" || len(fresh.Flags) != 0 {
		t.Errorf("%+v", got.Entries)
	}
	again, err := Parse(got.Path, got.Bytes())
	if err != nil || !bytes.Equal(again.Bytes(), got.Bytes()) || again.Entries[0].Before != "もどる" {
		t.Errorf("%v: %s", err, again.Bytes())
	}
}

// The portal's texts stand in a folder that says so, and may have several lines, each of which is a line of the file.
func TestThePortalsTexts(t *testing.T) {
	room := headJa + "\"X-Room: backend/outside/post\\n\"\n"
	letter := "\nmsgctxt \"textLetter\"\nmsgid \"\"\n\"一\\n\"\n\"二\"\nmsgstr "
	files := map[string]string{
		"portal-post/ja.pot":  room + letter + "\"\"\n",
		"portal-post/en.po":   headEn + letter + "\"\"\n\"one\\n\"\n\"two\"\n",
		"portal-post/easy.po": headEz + letter + "\"一《いち》\"\n",
	}
	texts := read(t, files)
	if err := texts.Check(); err != nil {
		t.Error(err)
	}
	if got := texts.Feature("portal-post").Translations["en"]; got.Entries[0].Strings[0] != "one\ntwo" ||
		string(got.Bytes()) != files["portal-post/en.po"] {
		t.Errorf("%q", got.Bytes())
	}
	if page, err := texts.Page("en"); err != nil || strings.Contains(string(page), "portal-post") {
		t.Errorf("the page has it too: %v", err)
	}
	changed := strings.Replace(files["portal-post/ja.pot"], "二", "三", 1)
	fuzzy := read(t, map[string]string{
		"portal-post/ja.pot": changed, "portal-post/en.po": files["portal-post/en.po"],
		"portal-post/easy.po": files["portal-post/easy.po"],
	}).Feature("portal-post").Updated(texts.Languages[1])
	if again, err := Parse(fuzzy.Path, fuzzy.Bytes()); err != nil || again.Entries[0].Before != "一\n二" {
		t.Errorf("%v: %s", err, fuzzy.Bytes())
	}
	for _, wrong := range []map[string]string{
		{
			"bell/ja.pot": strings.Replace(headJa, "X-Order", "X-Room: backend/bell\\n\"\n\"X-Order", 1) +
				noticesJa + backJa,
		},
		{
			"portal-post/ja.pot": headJa + backJa, "portal-post/en.po": headEn + backEn,
			"portal-post/easy.po": headEz + backEn,
		},
	} {
		if err := read(t, wrong).Check(); err == nil || !strings.Contains(err.Error(), "X-Room in the header") {
			t.Errorf("%v", err)
		}
	}
}

// What translators' tools write is read: wrapped lines, references, comments of their own.
func TestOtherHandsAreRead(t *testing.T) {
	f, err := Parse("x.po", []byte("# Somebody\n"+headEn+
		"\n# mine\n#: bell.go:3\n#, fuzzy, c-format\n#| msgctxt \"textBack\"\n#| msgid \"前\"\nmsgctxt \"textBack\"\r\n"+
		"msgid \"\"\n\"もど\"\n\"る\"\nmsgstr \"\"\n\"Back \\\"to\\\"\"\n\" it\"\n"+backEn))
	if err != nil {
		t.Fatal(err)
	}
	e := f.Entries[0]
	if len(f.Entries) != 2 || f.Get("X-Name") != "English" || e.ID != "もどる" || e.Strings[0] != `Back "to" it` ||
		e.Comments[0] != "mine" || e.Before != "前" ||
		!slices.Equal(e.Flags, []string{"fuzzy", "c-format"}) || f.Head[0] != "Somebody" {
		t.Errorf("%+v", f)
	}
}

// Another reader of gettext's files finds the same in ours.
func TestOthersReadOurs(t *testing.T) {
	texts := ours(t)
	for _, f := range texts.Features {
		for code, file := range f.Translations {
			other := gotext.NewPo()
			content, err := fs.ReadFile(Embedded, file.Path)
			if err != nil {
				t.Fatal(err)
			}
			other.Parse(content)
			for _, e := range file.Entries {
				if e.Plural == "" && other.GetC(e.ID, e.Key) != e.Strings[0] {
					t.Errorf("%s: %s is %q to others", file.Path, e.Key, other.GetC(e.ID, e.Key))
				}
				if e.Plural != "" && code == "en" &&
					(other.GetNC(e.ID, e.Plural, 1, e.Key) != e.Strings[0] ||
						other.GetNC(e.ID, e.Plural, 5, e.Key) != e.Strings[1]) {
					t.Errorf("%s: %s is %q and %q to others", file.Path, e.Key, other.GetNC(e.ID, e.Plural, 1, e.Key),
						other.GetNC(e.ID, e.Plural, 5, e.Key))
				}
			}
		}
	}
}

// A language more is one file a feature, and nothing else.
func TestPseudo(t *testing.T) {
	dir := t.TempDir()
	if err := ours(t).WritePseudo(dir); err != nil {
		t.Fatal(err)
	}
	texts, err := Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := texts.Check(); err != nil {
		t.Error(err)
	}
	last := texts.Languages[len(texts.Languages)-1]
	page, err := texts.Page(Pseudo)
	if err != nil || last.Code != Pseudo || last.Data != "en" || !strings.Contains(string(page), "[{0} ýéñ~") {
		t.Errorf("%v, %+v", err, last)
	}
	if got := pseudoText("Of {count}, see"); got != "[Óf {count}, séé~~~~~]" {
		t.Error(got)
	}
}

func TestPluralRules(t *testing.T) {
	for rule, want := range map[string]map[int]int{
		"nplurals=1; plural=0;":        {0: 0, 1: 0, 5: 0},
		"nplurals=2; plural=(n != 1);": {0: 1, 1: 0, 2: 1, 101: 1, 1001: 1},
		"nplurals=2; plural=n>1":       {0: 0, 1: 0, 2: 1, 200: 1},
		"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);": {
			1: 0, 11: 2, 21: 0, 1021: 0, 22: 1, 312: 2,
		},
	} {
		p, err := readPlural(rule)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		for n, form := range want {
			if p.form(n) != form {
				t.Errorf("%s: %d has form %d, want %d", rule, n, p.form(n), form)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(headEn + noticesEn + backEn))
	f.Add([]byte("#, fuzzy\n#| msgid \"\\n\"\nmsgid \"x\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Parse("x.po", content)
		if err != nil {
			return
		}
		again, err := Parse("x.po", file.Bytes())
		if err != nil {
			t.Fatalf("%v: %s", err, file.Bytes())
		}
		if len(again.Entries) != len(file.Entries) {
			t.Errorf("%d texts, then %d: %s", len(file.Entries), len(again.Entries), file.Bytes())
		}
	})
}
