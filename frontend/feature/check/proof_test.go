package check_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
	"madoguchi/proto/ledger"
)

// verdict is what the page says of a proof.
type verdict struct {
	Result, Log, Number, Place, Witnesses string
	Said, Seen                            int64
	Files                                 []string
}

// judge has static/check.js look at files, with the log's keys in the page.
func judge(t *testing.T, l *ledgertest.Log, cases []files) []verdict {
	t.Helper()
	p := newPortal(t, ecKeys)
	pinned := p.pinned().(map[string]any)
	if l != nil {
		pinned = maps.Clone(pinned)
		pinned["log"], pinned["witnesses"] = l.Signer.Key(), l.WitnessKeys()
	}
	input := must(json.Marshal(map[string]any{"pinned": pinned, "cases": cases}))
	node := exec.CommandContext(t.Context(), "node", "testdata/run.js", "../../../static/check.js")
	node.Stdin = bytes.NewReader(input)
	var out, fault bytes.Buffer
	node.Stdout, node.Stderr = &out, &fault
	if err := node.Run(); err != nil {
		t.Fatalf("%v\n%s", err, fault.String())
	}
	var got struct{ Results []verdict }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Results) != len(cases) {
		t.Fatalf("%v: %.500s", err, out.String())
	}
	return got.Results
}

func proofOf(l *ledgertest.Log, e ledgertest.Entry, cosigned int) ledger.Proof {
	return ledger.Proof{
		Index: e.Index, Inclusion: l.Inclusion(e.Index), Checkpoint: l.Checkpoint(cosigned), Extra: e.Opening(),
	}
}

func TestAProofOfALine(t *testing.T) {
	l := ledgertest.New("portal.example.jp/log", 3)
	l.Fill(ledger.Exchanges, 40)
	other := ledgertest.New("portal.example.jp/log", 3)
	other.Signer = must(ledger.NewSigner("portal.example.jp/log", make([]byte, 32)))
	other.Fill(ledger.Exchanges, 40)
	foreign := ledgertest.New("another.example/log", 3)
	foreign.Fill(ledger.Exchanges, 40)
	e := l.Lines(ledger.Exchanges)[17]
	p := proofOf(l, e, 2)
	file := func(change func(*ledger.Proof)) files {
		bent := p
		bent.Inclusion = append([]ledger.Hash(nil), p.Inclusion...)
		if change != nil {
			change(&bent)
		}
		return files{"madoguchi-1-18.tlog-proof": []byte(bent.Text())}
	}
	bentLine := e.Line
	bentLine.Content = []byte("nobody asked")
	cases := []struct {
		want  string
		files files
	}{
		{"line", file(nil)},
		{"line", files{"a.leaf": e.Leaf(), "a.leaf.spicy": []byte(p.Plain())}},
		{"line", file(func(p *ledger.Proof) { p.Checkpoint = l.Checkpoint(0) })},
		{"not-in-log", file(func(p *ledger.Proof) { p.Extra = bentLine.Opening() })},
		{"not-in-log", file(func(p *ledger.Proof) { p.Index++ })},
		{"not-in-log", file(func(p *ledger.Proof) { p.Index = 1 << 40 })},
		{"not-in-log", file(func(p *ledger.Proof) { p.Inclusion[0][0] ^= 1 })},
		{"not-in-log", file(func(p *ledger.Proof) { p.Inclusion = p.Inclusion[1:] })},
		{"not-in-log", files{"a.leaf": ledgertest.Bent(e.Leaf(), 20), "a.leaf.spicy": []byte(p.Plain())}},
		{"foreign-log", file(func(p *ledger.Proof) {
			p.Checkpoint = strings.Replace(p.Checkpoint, "\n80\n", "\n81\n", 1)
		})},
		{"foreign-log", files{"x.tlog-proof": []byte(proofOf(other, other.Lines(ledger.Exchanges)[17], 3).Text())}},
		{"foreign-log", files{"x.tlog-proof": []byte(proofOf(foreign, foreign.Lines(ledger.Exchanges)[17], 3).Text())}},
		{"missing", files{"x.tlog-proof": []byte(p.Plain())}},
		{"unproven", files{"x.tlog-proof": nil}},
		{"unproven", files{"x.tlog-proof": []byte(p.Text()[:200])}},
		{"unproven", file(func(p *ledger.Proof) { p.Extra = p.Extra[1:] })},
		{"unproven", file(func(p *ledger.Proof) { p.Extra = append(p.Extra, 0) })},
		{"unproven", files{"a.leaf": e.Leaf()[1:], "a.leaf.spicy": []byte(p.Plain())}},
		{"unproven", files{"x.tlog-proof": bytes.Repeat([]byte("a"), 2<<20)}},
	}
	all := make([]files, len(cases))
	for i, c := range cases {
		all[i] = c.files
	}
	results := judge(t, l, all)
	for i, r := range results {
		if r.Result != cases[i].want {
			t.Errorf("case %d: %s, want %s", i, r.Result, cases[i].want)
		}
	}
	want := verdict{
		Result: "line", Log: "portal.example.jp/log", Number: "18", Place: "35 / 80", Witnesses: "2 / 3",
		Said: e.RecordedAt, Seen: l.Now.Truncate(time.Second).UnixMilli(), Files: []string{"madoguchi-1-18.tlog-proof"},
	}
	if got := results[0]; got.Result != want.Result || got.Log != want.Log || got.Number != want.Number ||
		got.Place != want.Place || got.Witnesses != want.Witnesses || got.Said != want.Said || got.Seen != want.Seen {
		t.Errorf("%+v, want %+v", got, want)
	}
	if results[2].Witnesses != "0 / 3" || results[2].Seen != 0 {
		t.Errorf("nobody has cosigned it: %+v", results[2])
	}
	if r := judge(t, nil, []files{file(nil)})[0]; r.Result != "foreign-log" {
		t.Errorf("a portal without a log says %s", r.Result)
	}
}

// The receipt of an application: what was signed, and the signatures, are those of which the lines in the log tell.
func TestAReceiptOfAnApplication(t *testing.T) {
	l := ledgertest.New("portal.example.jp/log", 2)
	l.Fill(ledger.Exchanges, 3)
	const document, signature, second = `{"answers":{}}`, "a signature", "a second document"
	line := func(contents ...string) string {
		said := "id number"
		for _, c := range contents {
			sum := sha256.Sum256([]byte(c))
			said += string(sum[:])
		}
		l.Append(ledger.Receipts, l.Now, said)
		lines := l.Lines(ledger.Receipts)
		return proofOf(l, lines[len(lines)-1], 1).Text()
	}
	first := line(document, signature)
	good := map[string]string{
		"1/application.json": document, "1/application.p7s": signature, "1/application.p7s.tst": "a stamp",
		"1/ledger.json": "{}", "1/ledger.tlog-proof": first, "form.json": "{}", "README.txt": "",
	}
	with := func(name, content string) files {
		all := maps.Clone(good)
		if all[name] = content; content == "" {
			delete(all, name)
		}
		return files{"receipt.zip": zipped(t, all)}
	}
	corrected := maps.Clone(good)
	corrected["2/application.json"], corrected["2/ledger.tlog-proof"] = second, line(second)
	slipped := maps.Clone(good)
	slipped["2/application.json"] = "what was never sent"
	l.Append(ledger.Exchanges, l.Now, "an office tells of "+func() string {
		sum := sha256.Sum256([]byte("forged"))
		return string(sum[:])
	}())
	exchanges := l.Lines(ledger.Exchanges)
	other := map[string]string{
		"1/application.json": "forged", "1/ledger.tlog-proof": proofOf(l, exchanges[len(exchanges)-1], 1).Text(),
	}
	mixed := maps.Clone(corrected)
	mixed["2/ledger.tlog-proof"] = first
	cases := []struct {
		want  string
		files files
	}{
		{"line", with("form.json", "[]")},
		{"line", files{"receipt.zip": zipped(t, corrected)}},
		{"changed", files{"receipt.zip": zipped(t, mixed)}},
		{"unproven", files{"receipt.zip": zipped(t, slipped)}},
		{"changed", files{"receipt.zip": zipped(t, other)}},
		{"changed", with("1/application.json", document+" ")},
		{"changed", with("1/application.p7s", "another signature")},
		{"changed", with("1/application.json", "")},
		{"changed", with("1/cosign.p7s", "a signature that the line does not know")},
		{"not-in-log", with("1/ledger.tlog-proof", strings.Replace(first, "index 6\n", "index 2\n", 1))},
		{"unproven", with("1/ledger.tlog-proof", first[:100])},
		{"missing", with("1/ledger.tlog-proof", "")},
	}
	all := make([]files, len(cases))
	for i, c := range cases {
		all[i] = c.files
	}
	for i, r := range judge(t, l, all) {
		if r.Result != cases[i].want {
			t.Errorf("case %d: %s, want %s (%v)", i, r.Result, cases[i].want, r.Files)
		}
	}
}

func zipped(t *testing.T, all map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range all {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// In a log of any size, every leaf's proof leads to the root, and no other leaf's does.
func TestProofsOfLogsOfAllSizes(t *testing.T) {
	l := ledgertest.New("portal.example.jp/log", 0)
	var all []files
	var want []string
	for size := range 33 {
		l.Append(ledger.Exchanges, l.Now, "line "+strconv.Itoa(size))
		for _, e := range l.Lines(ledger.Exchanges) {
			p := proofOf(l, e, 0)
			all, want = append(all, files{"a.tlog-proof": []byte(p.Text())}), append(want, "line")
			p.Index = (p.Index + 1) % l.Size()
			if l.Size() > 1 {
				all, want = append(all, files{"a.tlog-proof": []byte(p.Text())}), append(want, "not-in-log")
			}
		}
	}
	for i, r := range judge(t, l, all) {
		if r.Result != want[i] {
			t.Errorf("case %d: %s, want %s\n%s", i, r.Result, want[i], all[i]["a.tlog-proof"])
		}
	}
}

// Whatever is done to a proof file: it is never taken for one, unless what was bent says nothing; and no byte of it
// makes the page throw.
func TestBentProofs(t *testing.T) {
	l := ledgertest.New("portal.example.jp/log", 1)
	l.Fill(ledger.Exchanges, 5)
	e := l.Lines(ledger.Exchanges)[2]
	text := []byte(proofOf(l, e, 1).Text())
	var all []files
	for at := range text {
		all = append(all, files{"a.tlog-proof": ledgertest.Bent(text, at)}, files{"a.tlog-proof": text[:at]})
	}
	known := map[string]bool{"not-in-log": true, "foreign-log": true, "unproven": true, "missing": true}
	witness := bytes.LastIndex(text, []byte("— witness"))
	for i, r := range judge(t, l, all) {
		at := i / 2
		// A bent witness's signature is one less; the first line is of the form, and may be missing.
		if r.Result == "line" && at >= witness && r.Witnesses == "0 / 1" {
			continue
		}
		if !known[r.Result] {
			t.Errorf("bent at %d (%q): %s", at, text[max(0, at-10):at+1], r.Result)
		}
	}
}
