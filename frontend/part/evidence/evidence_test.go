package evidence

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	look "madoguchi/frontend/reach/ledger"
	"madoguchi/frontend/reach/ledger/ledgertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

var day = time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)

// shown is what the panel draws of a report.
func shown(t *testing.T, r look.Report) string {
	t.Helper()
	before := looked
	looked = func(
		context.Context, ledger.Chain, []*portalv1.LedgerLine, *portalv1.LedgerState, time.Time, bool,
	) look.Report {
		return r
	}
	t.Cleanup(func() { looked = before })
	ctx, engine := pagetest.Context(t)
	p := &Panel{ID: "e", Chain: ledger.Exchanges, State: &portalv1.LedgerState{Checkpoint: "now\n", LogKey: "key"}}
	pagetest.Has(t, app.HTMLString(p.Render()), `data-state="checking"`)
	p.OnMount(ctx)
	t.Cleanup(p.OnDismount)
	engine.ConsumeAll()
	return strings.Join(strings.Fields(app.HTMLString(p.Render())), " ")
}

func TestWhatIsSaid(t *testing.T) {
	whole := look.Report{
		Shown: 20, From: 1, To: 80, Count: 80, Witnesses: 3, Confirmed: []string{"a", "b"}, At: day, Before: day,
		Remembers: true, Hands: true, Others: 2,
	}
	for name, c := range map[string]struct {
		change   func(*look.Report)
		has, not []string
	}{
		"all is well": {func(*look.Report) {}, []string{
			"改ざんなし・欠けなしを確認しました・第三者の確認 2/3", "20件", "1番から80番まで", "の続きです", "2台", `href="/who"`,
		}, []string{"alert", "いません"}},
		"nobody confirms": {func(r *look.Report) { r.Confirmed = nil }, []string{"第三者の確認 0/3", "確認した第三者がいません"}, nil},
		"at first sight":  {func(r *look.Report) { r.Before = time.Time{} }, []string{"初めて見ました"}, []string{"の続きです"}},
		"a long chain":    {func(r *look.Report) { r.From = 31 }, []string{"欠けなしは31番から", "次に開いたとき"}, []string{"欠けなしを"}},
		"not all is known": {func(r *look.Report) { r.JoinUnknown = true }, []string{"まだ確かめられていません"},
			[]string{"欠けなし", "番まで"}},
		"a shared device": {func(r *look.Report) { r.Remembers, r.Hands, r.Before = false, false, time.Time{} },
			[]string{"前に見たものとは比べられません"}, []string{"カードを使ってログイン"}},
		"no key for others": {func(r *look.Report) { r.Hands, r.Others = false, 0 }, []string{"カードを使ってログイン"},
			[]string{"合っています"}},
		"kept": {func(r *look.Report) { r.Kept = day }, []string{"この端末に残した記録です"}, []string{"欠けなし", "第三者がいません"}},
		"pending, and lost": {
			func(r *look.Report) { r.Pending, r.Lost = 2, true }, []string{"18件", "2件は記録したばかり", "失った"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := whole
			c.change(&r)
			html := shown(t, r)
			pagetest.Has(t, html, c.has...)
			pagetest.HasNot(t, html, c.not...)
		})
	}
	for _, code := range []lang.Code{lang.English, lang.Easy} {
		pagetest.In(t, code)
		pagetest.HasNot(t, shown(t, whole), "改ざん")
	}
}

var link = regexp.MustCompile(`(?:download="([^"]+)"|href="data:[a-z/-]+;base64,([^"]+)")`)

// files are what the links of something save, by their names.
func files(t *testing.T, html string) map[string]string {
	t.Helper()
	all, name, content := map[string]string{}, "", ""
	for _, found := range link.FindAllStringSubmatch(html, -1) {
		name, content = name+found[1], content+found[2]
		if name == "" || content == "" {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			t.Fatal(err)
		}
		all[name], name, content = string(b), "", ""
	}
	return all
}

// Each thing that may not fit is said loudly, in words, with the number of the line, and can be shown to others.
func TestWhatDoesNotFitIsLoud(t *testing.T) {
	for kind := look.Unreadable; kind <= look.LinesLost; kind++ {
		html := shown(t, look.Report{
			Faults: []look.Fault{{Kind: kind, Number: 7}}, SeenBefore: "before\n",
		})
		if faults[kind].Empty() {
			t.Errorf("there are no words for %d", kind)
		}
		pagetest.Has(t, html, `role="alert"`, "記録に合わないところがあります", faults[kind].String()+"（7番）", "証拠を保存する",
			`href="/who#bad"`)
		pagetest.HasNot(t, html, "改ざんなし")
		var saved struct {
			Checkpoint string
			Before     string `json:"seen_before"`
			Faults     []struct{ What string }
		}
		if err := json.Unmarshal([]byte(files(t, html)["madoguchi-evidence.json"]), &saved); err != nil ||
			saved.Checkpoint != "now\n" || saved.Before != "before\n" || saved.Faults[0].What != faults[kind].String() {
			t.Errorf("%v: %+v", err, saved)
		}
	}
}

// Of another key it is said what the operator signed, and what that is worth; of a loss, how to go on.
func TestWhatMayHaveBeenAnnounced(t *testing.T) {
	key := look.Report{Faults: []look.Fault{{Kind: look.LogKeyChanged}}, Remembers: true}
	stolen, lost := &ledger.Handover{Why: ledger.Stolen, At: day}, &ledger.Handover{Why: ledger.Lost, At: day}
	for name, c := range map[string]struct {
		change   func(*look.Report)
		has, not []string
	}{
		"without a word": {func(*look.Report) {}, []string{"説明がありません", "新しい鍵を覚える"}, []string{"続きです"}},
		"stolen": {func(r *look.Report) { r.Handed, r.HandedByBoth, r.Continues = stolen, true, true },
			[]string{"知られたおそれ", "前の鍵でも", "続きです", "新しい鍵を覚える"}, []string{"説明がありません"}},
		"lost": {func(r *look.Report) { r.Handed = lost }, []string{"置き場所を失った", "署名は、ありません"},
			[]string{"続きです", "前の鍵でも"}},
		"lines": {func(r *look.Report) { r.Faults[0].Kind, r.Lost = look.LinesLost, true },
			[]string{"前に見た記録の一部が失われました", "ここから続けて確かめる"}, []string{"新しい鍵を覚える", "前の鍵"}},
		"more than that": {func(r *look.Report) { r.Faults = append(r.Faults, look.Fault{Kind: look.Rewritten}) }, nil,
			[]string{"新しい鍵を覚える", "ここから続けて"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := key
			r.Faults = append([]look.Fault(nil), key.Faults...)
			c.change(&r)
			html := shown(t, r)
			pagetest.Has(t, html, c.has...)
			pagetest.HasNot(t, html, c.not...)
		})
	}
}

// The files of a line prove it.
func TestFilesOfALine(t *testing.T) {
	l := ledgertest.New("portal.example.jp/log", 2)
	l.Fill(ledger.Exchanges, 5)
	e := l.Lines(ledger.Exchanges)[2]
	line := &portalv1.LedgerLine{
		Kind: uint32(e.Kind), Chain: uint32(e.Chain), Number: e.Number, Previous: e.Previous[:], Salt: e.Salt[:],
		RecordedAt: e.RecordedAt, Content: e.Content, Index: e.Index,
	}
	for _, h := range l.Inclusion(e.Index) {
		line.Inclusion = append(line.Inclusion, append([]byte(nil), h[:]...))
	}
	state := &portalv1.LedgerState{Checkpoint: l.Checkpoint(2)}
	got := files(t, app.HTMLString(Files(line, state)))
	if len(got) != 3 || got["madoguchi-1-3.leaf"] != string(e.Leaf()) {
		t.Fatalf("%q", got)
	}
	log, err := ledger.NewLog(l.Signer.Key())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"madoguchi-1-3.tlog-proof", "madoguchi-1-3.leaf.spicy"} {
		p, err := ledger.ParseProof(got[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c, err := ledger.OpenCheckpoint(p.Checkpoint, log, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := ledger.CheckInclusion(c, p.Index, e.Leaf(), p.Inclusion); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if own, err := ledger.ParseOpening(p.Extra); name == "madoguchi-1-3.tlog-proof" &&
			(err != nil || own.Commitment() != e.Commitment()) {
			t.Errorf("the line is not in its proof: %v", err)
		}
	}
	if !strings.HasPrefix(got["madoguchi-1-3.leaf.spicy"], "index 4\n") {
		t.Errorf("spicy 0.6.1 reads no other form: %q", got["madoguchi-1-3.leaf.spicy"])
	}
	// With what witnesses signed, where they signed what the line is proven against.
	for cosigned, want := range map[string]int{l.Checkpoint(1): 1, "": 0, ledgertest.New("x", 1).Checkpoint(1): 0} {
		plain := &portalv1.LedgerState{Checkpoint: l.Checkpoint(0), Witnessed: cosigned}
		p, err := ledger.ParseProof(files(t, app.HTMLString(Files(line, plain)))["madoguchi-1-3.tlog-proof"])
		if err != nil {
			t.Fatal(err)
		}
		c, err := ledger.OpenCheckpoint(p.Checkpoint, log, []*ledger.Witness{l.Witnesses[0].Witness})
		if err != nil || len(c.Cosigned) != want {
			t.Errorf("%d cosignatures, %v", len(c.Cosigned), err)
		}
	}
	line.Pending = true
	if html := app.HTMLString(Files(line, state)); strings.Contains(html, "data:") {
		t.Error("a line that is not in the log yet has files:", html)
	}
}
