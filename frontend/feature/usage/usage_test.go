package usage

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

// answered is a page of the history as it stands in the ledger: two lines in one of its leaves, one that is too young.
func answered(t *testing.T) *portalv1.ListUsageResponse {
	t.Helper()
	lines := []*portalv1.UsageLine{
		{Id: "C", At: 3, Act: "notice.read"}, {Id: "B", At: 2, Act: "account.change", About: []string{"mail_address"}},
		{Id: "A", At: 1, Act: "login.begin", Browser: "Firefox, Linux"},
	}
	content, err := rpc.Pack(&portalv1.UsageLines{Lines: []*portalv1.UsageLine{lines[2], lines[1]}})
	if err != nil {
		t.Fatal(err)
	}
	return &portalv1.ListUsageResponse{
		Lines: lines, Leaves: []uint64{0, 7, 7},
		LedgerLines: []*portalv1.LedgerLine{{Number: 7, Content: content}},
	}
}

// A line that is not as it stands in the ledger is caught, whatever was done to it.
func TestATamperedHistoryIsCaught(t *testing.T) {
	if bent(answered(t)) {
		t.Fatal("what is as it was written down is taken for bent")
	}
	for what, do := range map[string]func(*portalv1.ListUsageResponse){
		"another act":         func(a *portalv1.ListUsageResponse) { a.Lines[1].Act = "notice.read" },
		"another time":        func(a *portalv1.ListUsageResponse) { a.Lines[2].At++ },
		"another browser":     func(a *portalv1.ListUsageResponse) { a.Lines[2].Browser = "Safari, iPhone" },
		"less of what it was": func(a *portalv1.ListUsageResponse) { a.Lines[1].About = nil },
		"another's place":     func(a *portalv1.ListUsageResponse) { a.Leaves[1] = 8 },
		"no proof":            func(a *portalv1.ListUsageResponse) { a.LedgerLines = nil },
		"garbage":             func(a *portalv1.ListUsageResponse) { a.LedgerLines[0].Content = []byte{0xff} },
	} {
		a := answered(t)
		do(a)
		if !bent(a) {
			t.Errorf("%s passes", what)
		}
	}
	pagetest.Has(t, app.HTMLString(app.Div().Body(bentBanner(true))), `id="usage-bent"`, "/inquiry/new")
}

// A list that leaves out a line is caught by what stands in the ledger: a line of a leaf that it shows, all of a leaf
// between, and the newest. What is on another page, or went with its ten years, is missed by nobody.
func TestWhatAListLeavesOutIsCaught(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	at := func(minutes int64) *portalv1.UsageLine {
		return &portalv1.UsageLine{
			Id: "L" + strconv.FormatInt(minutes, 10), At: now.UnixMilli() - minutes*60_000, Act: "notice.read",
		}
	}
	leaf := func(number uint64, lines ...*portalv1.UsageLine) *portalv1.LedgerLine {
		content, err := rpc.Pack(&portalv1.UsageLines{Lines: lines})
		if err != nil {
			t.Fatal(err)
		}
		return &portalv1.LedgerLine{Number: number, Content: content}
	}
	old := at(11 * 366 * 24 * 60)
	whole := func() *portalv1.ListUsageResponse {
		return &portalv1.ListUsageResponse{
			Lines:  []*portalv1.UsageLine{at(0), at(1), at(2), at(3), at(4)},
			Leaves: []uint64{0, 4, 3, 3, 2}, NextPageToken: "more",
			LedgerLines: []*portalv1.LedgerLine{leaf(2, at(4), at(5), old), leaf(3, at(3), at(2)), leaf(4, at(1))},
			Ledger:      &portalv1.LedgerState{Heads: []*portalv1.LedgerHead{{Chain: 3, Count: 4}}},
		}
	}
	none := func(*portalv1.ListUsageResponse) {}
	for what, c := range map[string]struct {
		do    func(*portalv1.ListUsageResponse)
		above *portalv1.UsageLine
		year  int32
		want  bool
	}{
		"all of it": {none, nil, 0, false},
		"a line of a leaf": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 3, 4), slices.Delete(a.Leaves, 3, 4)
		}, nil, 0, true},
		"a leaf's lines, and its leaf": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 2, 4), slices.Delete(a.Leaves, 2, 4)
			a.LedgerLines = slices.Delete(a.LedgerLines, 1, 2)
		}, nil, 0, true},
		"a leaf's lines": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 2, 4), slices.Delete(a.Leaves, 2, 4)
		}, nil, 0, true},
		"the newest, and its leaf": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves, a.LedgerLines = a.Lines[2:], a.Leaves[2:], a.LedgerLines[:2]
		}, nil, 0, true},
		"the newest": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 1, 2), slices.Delete(a.Leaves, 1, 2)
		}, nil, 0, true},
		"the last, where there is nothing more": {func(a *portalv1.ListUsageResponse) {
			a.NextPageToken = ""
		}, nil, 0, true},
		"what is ten years old, where there is nothing more": {func(a *portalv1.ListUsageResponse) {
			a.NextPageToken, a.LedgerLines[0] = "", leaf(2, at(4), old)
		}, nil, 0, false},
		"what the page before has": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves, a.LedgerLines = a.Lines[3:], a.Leaves[3:], a.LedgerLines[:2]
		}, at(2), 0, false},
		"all of the year":     {none, nil, 2027, false},
		"all of another year": {func(a *portalv1.ListUsageResponse) { a.Lines, a.Leaves = nil, nil }, nil, 2026, false},
		"a line of the year": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 3, 4), slices.Delete(a.Leaves, 3, 4)
		}, nil, 2027, true},
		"a leaf of the year": {func(a *portalv1.ListUsageResponse) {
			a.Lines, a.Leaves = slices.Delete(a.Lines, 2, 4), slices.Delete(a.Leaves, 2, 4)
			a.LedgerLines = slices.Delete(a.LedgerLines, 1, 2)
		}, nil, 2027, true},
		"what is newer than the year": {func(a *portalv1.ListUsageResponse) {
			a.Ledger.Heads[0].Count = 5
		}, nil, 2027, false},
		"what cannot be read": {
			func(a *portalv1.ListUsageResponse) { a.LedgerLines[1].Content = []byte{0xff} }, nil, 0, true,
		},
		"a chain that is far off": {
			func(a *portalv1.ListUsageResponse) { a.Ledger.Heads[0].Count = 400 }, nil, 0, false,
		},
	} {
		a := whole()
		c.do(a)
		if got := withheld(a, c.above, c.year, now); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestLinesHaveAddresses(t *testing.T) {
	l := &portalv1.UsageLine{Id: "r0ABC", At: 1_800_000_000_000}
	if at, id := lineOf(addressOf(l)); at != l.GetAt() || id != l.GetId() {
		t.Errorf("%s is %d, %s", addressOf(l), at, id)
	}
	for _, address := range []string{"/usage/", "/usage/x", "/usage/-", "/usage/9999999999999999999999-A"} {
		lineOf(address)
	}
}

func TestDevicesAreCalledAsThePersonDoes(t *testing.T) {
	named := []*portalv1.UsageDevice{{Id: "D1", Name: "居間"}, {Id: "D2"}}
	for _, c := range []struct{ id, browser, want string }{
		{"D1", "Firefox, Linux", "居間"}, {"D2", "Firefox, Linux", "Firefox, Linux"},
		{"", "Firefox, Linux", "Firefox, Linux"}, {"", "", textUnknownDevice.String()},
	} {
		if got := deviceName(named, c.id, c.browser).String(); got != c.want {
			t.Errorf("%q, %q: %s", c.id, c.browser, got)
		}
	}
}

func TestThePagesAreDrawnInEveryLanguage(t *testing.T) {
	answer := answered(t)
	words := wordsOf(&portalv1.ListUsageWordsResponse{Acts: []*portalv1.UsageWord{{
		Name: "notice.read", Text: &portalv1.LocalText{Ja: "お知らせを読む", En: "Read a notice", Easy: "読《よ》む"},
	}}})
	said := &portalv1.DisownUsageResponse{Case: "C", Number: "1234-5678", EndedSessions: 1, Here: true}
	for _, c := range lang.All {
		pagetest.In(t, c)
		pagetest.Has(t, pagetest.Drawn(t, &history{}), `id="page-title"`, `class="skeleton"`)
		pagetest.Has(t, pagetest.Drawn(t, &devices{}), `id="page-title"`, `class="skeleton"`)
		h := &history{words: words, lines: answer.GetLines(), loaded: true}
		drawn := app.HTMLString(app.Div().Body(h.body()...))
		pagetest.Has(t, drawn, "/usage/3-C")
		if strings.Contains(drawn, "notice.read") {
			t.Error("a name stands where its words belong")
		}
		var fetched []*portalv1.UsageLine
		for _, id := range []string{"D", "E", "F"} {
			fetched = append(fetched, &portalv1.UsageLine{Id: id, At: 4, Act: "notice.read", Why: ahead})
		}
		h.lines = append(fetched, h.lines...)
		if got := len(h.entries()); got != 4 {
			t.Errorf("three that a page fetched and three others are %d entries", got)
		}
		drawn = app.HTMLString(app.Div().Body(h.body()...))
		pagetest.Has(t, drawn, `id="usage-ahead-D"`, "/usage/4-E", "/usage/3-C")
		d := &detail{words: words, answer: &portalv1.GetUsageLineResponse{Line: wire.Clone(answer.GetLines()[2])}}
		pagetest.Has(t, app.HTMLString(app.Div().Body(d.body()...)), `id="usage-not-me"`)
		d.notMe.said, d.notMe.known, d.notMe.number = said, said.GetCase(), said.GetNumber()
		pagetest.Has(t, app.HTMLString(app.Div().Body(d.notMe.parts()...)), "1234-5678", "0120-95-0178", "/inquiry/C")
		n := &strange{notice: &portalv1.Notice{Title: "転入届を受け付けました"}, notMe: notMe{
			about: &portalv1.DisownUsageRequest{Notice: "n"},
		}}
		pagetest.Has(t, app.HTMLString(n.Render()), "転入届を受け付けました", `id="usage-not-me"`)
	}
}
