package catalog

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/reflect/protoreflect"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestEveryProcedureIsWritten(t *testing.T) {
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(all.all) != 114 || len(all.categories) != 20 {
		t.Errorf("%d procedures in %d categories", len(all.all), len(all.categories))
	}
	for _, d := range all.all {
		if d.Name.Ja == "" {
			t.Errorf("%s %s is not written in plain words", d.Number, d.Official)
		}
		if faults := Check(d.Content()); len(faults) > 0 {
			t.Errorf("%s could not be registered as it is: %v", d.Number, faults)
		}
		for _, k := range d.Keywords {
			if slices.Contains([]string{"申請", "届出", "手続", "手続き", "市役所", "区役所"}, k) {
				t.Errorf("%s: the keyword %s finds everything", d.Number, k)
			}
		}
	}
}

// No text of an entry is left unchecked, also none that is added later: each is refused by its own name.
func TestEveryTextOfAnEntryIsChecked(t *testing.T) {
	full := func() *portalv1.ProcedureContent {
		return &portalv1.ProcedureContent{
			Number: "L1", Title: "手続", Category: Categories()[0], Online: true, OnlineUrl: "https://www.example.jp/",
			Signature: portalv1.Signature_SIGNATURE_NONE, System: "制度", Target: "対象", Applicant: "本人", Summary: "概要",
			Deadline: "14日以内", DeadlineRule: &portalv1.DeadlineRule{From: "birth", Within: "14d", Opens: "1d"},
			Fee: "無料", Bring: []string{"印鑑"}, Method: []string{"書く"}, Laws: []string{"法"}, Keywords: []string{"語"},
			Forms: []*portalv1.ProcedureLink{{Name: "様式", Url: "https://www.example.jp/"}},
			Links: []*portalv1.ProcedureLink{{Name: "案内", Url: "https://www.example.jp/"}},
			Documents: []*portalv1.ProcedureDocument{
				{Name: "書類", Need: portalv1.ProcedureDocument_NEED_IF, Condition: "とき"},
			},
			Desk: &portalv1.ProcedureDesk{
				Department: "課", Building: "庁舎", Address: "所在地", Phone: "03-1234-5678", Hours: "平日",
			},
		}
	}
	if faults := Check(full()); len(faults) > 0 {
		t.Fatal(faults)
	}
	fields := 0
	var walk func(whole *portalv1.ProcedureContent, m protoreflect.Message, path string)
	try := func(whole *portalv1.ProcedureContent, path string) {
		fields++
		path = strings.TrimPrefix(path, ".")
		if strings.HasPrefix(path, "deadline_rule") {
			path = "deadline_rule"
		}
		if !slices.ContainsFunc(Check(whole), func(f Fault) bool { return f.Field == path }) {
			t.Errorf("%s may hold anything: %v", path, Check(whole))
		}
	}
	walk = func(whole *portalv1.ProcedureContent, m protoreflect.Message, path string) {
		all := m.Descriptor().Fields()
		for i := range all.Len() {
			d := all.Get(i)
			name := path + "." + string(d.Name())
			switch {
			case d.IsList() && d.Kind() == protoreflect.StringKind:
				list := m.Mutable(d).List()
				before := list.Get(0)
				list.Set(0, protoreflect.ValueOfString(before.String()+"\u202e"))
				try(whole, name+"[0]")
				list.Set(0, before)
			case d.IsList() && d.Kind() == protoreflect.MessageKind:
				walk(whole, m.Mutable(d).List().Get(0).Message(), name+"[0]")
			case d.Kind() == protoreflect.MessageKind:
				walk(whole, m.Mutable(d).Message(), name)
			case d.Kind() == protoreflect.StringKind:
				before := m.Get(d)
				m.Set(d, protoreflect.ValueOfString(before.String()+"\u202e"))
				try(whole, name)
				m.Set(d, before)
			}
		}
	}
	c := full()
	walk(c, c.ProtoReflect(), "")
	if fields < 25 {
		t.Errorf("only %d texts were tried", fields)
	}
}

func TestLinksOfAnEntry(t *testing.T) {
	for _, address := range []string{
		"http://example.jp/", "https://u@example.jp/", "https://example.jp:8443/", "https://127.0.0.1/",
		"https://portal.local/", "https://аррӏе.com/", "https://example.jp/ a", "https://example.jp/\u202e",
		"https://example.jp/" + strings.Repeat("a", 1000),
	} {
		said := map[string]bool{}
		for _, f := range Check(&portalv1.ProcedureContent{
			Number: "P0001", Definition: "P0001", Online: true, OnlineUrl: address, Forms: []*portalv1.ProcedureLink{
				{Name: "様式", Url: address},
			},
		}) {
			said[f.Field] = strings.HasPrefix(f.Message, "URL")
		}
		if !said["online_url"] || !said["forms[0].url"] || len(said) != 2 {
			t.Errorf("%.40s: %v", address, said)
		}
	}
}

func TestLawsStayWhole(t *testing.T) {
	for in, want := range map[string]string{
		"国民年金法第16条・厚生年金保険法第33条": "国民年金法第16条|厚生年金保険法第33条",
		"児童手当法施行規則第4条":          "児童手当法施行規則第4条",
		"水道法・各給水条例":             "水道法|各給水条例",
		"児童手当法第26条・施行規則第5条,第6条": "児童手当法第26条・施行規則第5条、第6条",
		"": "",
	} {
		if got := strings.Join(splitLaws(in), "|"); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestDefinitionsThatAreWrongAreRefused(t *testing.T) {
	const rows = "id,set,name,category,law,authority,auth,deadline,form,evidence\nP0001,C15,名,子育て,法,市区町村,sign,,,E1\n"
	for name, text := range map[string]string{
		"another number": "P0002:\n  kana: あ\n",
		"unknown field":  "P0001:\n  colour: red\n",
		"no reading":     "P0001:\n  name: {ja: 名, en: n, easy: 名}\n",
		"no yaml":        "P0001: [",
	} {
		_, err := readDefinitions(fstest.MapFS{
			"procedures.csv": {Data: []byte(rows)}, "definitions/a.yaml": {Data: []byte(text)},
		})
		if err == nil || !strings.Contains(err.Error(), "definitions/a.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The few words of a deadline hold for what an office says as the whole country does, or that and more; not for a
// deadline of its own.
func TestADeadlineInAFewWords(t *testing.T) {
	d, ok := ByNumber("P0033")
	if !ok {
		t.Fatal("no P0033")
	}
	for deadline, holds := range map[string]bool{
		d.Deadline.Text: true, d.Deadline.Text + "（郵送は必着）": true, "毎年4月": false, "": false,
	} {
		by, got := d.ByOf(deadline)
		if got != holds || got && (by.Ja == "" || by.En == "" || by.Easy == "") {
			t.Errorf("%q: %v, %v", deadline, by, got)
		}
	}
	without, _ := ByNumber("P0034")
	if by, got := without.ByOf(""); got {
		t.Errorf("where there is no deadline: %v", by)
	}
}
