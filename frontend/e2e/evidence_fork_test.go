//go:build !js

package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// shownLog is a log that a portal shows to one device alone, in place of its own: it stands in all that the portal
// answers to that device, from first sight on, with the keys that sign it. So a test does what only a portal can that
// lies with its own key, while a witness lies with it.
type shownLog struct {
	*ledgertest.Log
	seen uint64 // of what size the device knows it
}

// newShownLog begins one in which leaves of somebody else's stand, too.
func newShownLog() *shownLog {
	l := &shownLog{Log: ledgertest.New("shown.example/log", 1)}
	l.Now = time.Now()
	l.Put(ofSomebody(1))
	return l
}

// ofSomebody is a leaf of somebody else's.
func ofSomebody(which byte) []byte {
	return ledger.Leaf{At: time.Now().UnixMilli(), Commitment: ledger.Hash{which}}.Bytes()
}

// forked is the same log but for one leaf of somebody else's: all that the person's own lines show fits.
func (l *shownLog) forked(lines []*portalv1.LedgerLine) *shownLog {
	f := &shownLog{Log: ledgertest.New("shown.example/log", 1), seen: l.seen}
	f.Now = time.Now()
	f.Put(ofSomebody(2))
	f.put(lines)
	for f.Size() < l.Size() {
		f.Put(ofSomebody(3))
	}
	return f
}

// put has lines stand in the log, in the order of their numbers.
func (l *shownLog) put(lines []*portalv1.LedgerLine) {
	known := l.Lines(ledger.Exchanges)
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b *portalv1.LedgerLine) int { return int(a.GetNumber()) - int(b.GetNumber()) })
	for _, line := range lines {
		if !slices.ContainsFunc(known, func(e ledgertest.Entry) bool { return e.Number == line.GetNumber() }) {
			l.Again(lineOf(line))
		}
	}
}

func lineOf(line *portalv1.LedgerLine) ledger.Line {
	own := ledger.Line{
		Kind: ledger.Kind(line.GetKind()), Chain: ledger.Chain(line.GetChain()), Number: line.GetNumber(),
		RecordedAt: line.GetRecordedAt(), Content: line.GetContent(),
	}
	copy(own.Previous[:], line.GetPrevious())
	copy(own.Salt[:], line.GetSalt())
	return own
}

// over puts the log in the place of the portal's.
func (l *shownLog) over(state *portalv1.LedgerState) {
	state.LogKey, state.WitnessKeys = l.Signer.Key(), l.WitnessKeys()
	state.Checkpoint, state.Witnessed = l.Checkpoint(0), l.Checkpoint(1)
	state.WitnessedConsistency, state.Losses, state.Handovers = nil, nil, nil
	state.OldSize, state.Consistency = l.seen, nil
	if l.seen > 0 && l.seen < l.Size() {
		state.Consistency = bytesOf(l.Consistency(l.seen, l.Size()))
	}
}

func bytesOf(hashes []ledger.Hash) (list [][]byte) {
	for _, h := range hashes {
		list = append(list, slices.Clone(h[:]))
	}
	return list
}

// shown has the portal show another log from now on.
func (by *bender) shown(l *shownLog) {
	by.way("ListExchanges", exchanges(func(m *portalv1.ListExchangesResponse) {
		l.put(m.GetLines())
		for _, e := range l.Lines(ledger.Exchanges) {
			for _, line := range m.GetLines() {
				if line.GetNumber() == e.Number {
					line.Index, line.Inclusion, line.Pending = e.Index, bytesOf(l.Inclusion(e.Index)), false
				}
			}
		}
		l.over(m.GetState())
	}))
	by.way("GetLedgerState", states(func(m *portalv1.GetLedgerStateResponse) { l.over(m.GetState()) }))
}

func states(change func(*portalv1.GetLedgerStateResponse)) func([]byte) []byte {
	return rewritten(func() *portalv1.GetLedgerStateResponse { return &portalv1.GetLedgerStateResponse{} }, change)
}

// seesForks: a log whose owner signs two of it, each whole by itself and cosigned, is found out by what this device saw
// last; the page says what does not fit, alone, how it is reported, and hands out what proves it to others.
func (b *browser) seesForks(by *bender) {
	b.t.Helper()
	// Of a log that is longer than its own the portal answers nothing that could be bent: so few lines are shown.
	const some = "/exchange?office=札幌市長"
	b.forgets()
	first := newShownLog()
	by.shown(first)
	b.open(some)
	b.until("another log to be checked", goodPanel)
	b.sees("第三者の確認 1/1")
	first.seen = first.Size()
	first.Put(ofSomebody(9))
	b.open(some)
	b.until("the log that has grown", goodPanel)
	b.seesNot("まだ確かめられていません")
	first.seen = first.Size()
	shown := &portalv1.ListExchangesResponse{}
	exchanges(func(m *portalv1.ListExchangesResponse) { shown = m })(by.said("ListExchanges"))

	same := first.forked(shown.GetLines())
	longer := first.forked(shown.GetLines())
	longer.Put(ofSomebody(4))
	shorter := newShownLog()
	for _, c := range []struct {
		name string
		log  *shownLog
		says string
	}{
		{"another of the same size", same, "記録簿が、前に見たものの続きではありません"},
		{"one that goes on from another", longer, "記録簿が、前に見たものの続きではありません"},
		{"one that is cut", shorter, "記録簿が前より短くなっています"},
	} {
		by.shown(c.log)
		b.open(some)
		b.until(c.name, badPanel)
		b.sees("記録に合わないところがあります", "個人情報保護委員会に知らせてください")
		said := eval[[]string](b, "[...document.querySelectorAll('.evidence .dots li')].map(e => e.innerText)")
		if len(said) != 1 || said[0] != c.says {
			b.t.Errorf("%s: the page says %q", c.name, said)
		}
		if !b.holds("document.querySelector('.evidence[data-state=bad] [role=alert]')") ||
			!b.holds("document.querySelector('.evidence a[href=\"/who#bad\"]')") {
			b.t.Errorf("%s: it is not loud, or does not lead on", c.name)
		}
		b.provesTwo(c.name, first.Signer.Key(), first.Size(), c.log.Size())
	}
	b.inspect("a fork of the log")
	b.screenshot("evidence-fork")

	// What did not fit took the place of nothing: the log that was seen is known still.
	by.shown(first)
	b.open(some)
	b.until("the log as it was", goodPanel)
}

// provesTwo looks into what the page has the person save: two that the log signed, of two sizes, and with other roots
// where these are the same. Nothing of what the lines say is in it.
func (b *browser) provesTwo(name, key string, before, now uint64) {
	b.t.Helper()
	saved := eval[string](b, "document.querySelector('a[download=\"madoguchi-evidence.json\"]').href")
	_, encoded, _ := strings.Cut(saved, "base64,")
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		b.t.Fatal(err)
	}
	var proof struct {
		Checkpoint string
		Before     string `json:"seen_before"`
	}
	if err := json.Unmarshal(plain, &proof); err != nil {
		b.t.Fatal(err)
	}
	log, err := ledger.NewLog(key)
	if err != nil {
		b.t.Fatal(err)
	}
	one, err := ledger.OpenCheckpoint(proof.Before, log, nil)
	if err != nil {
		b.t.Fatalf("%s: what was seen before: %v", name, err)
	}
	other, err := ledger.OpenCheckpoint(proof.Checkpoint, log, nil)
	if err != nil {
		b.t.Fatalf("%s: what is shown: %v", name, err)
	}
	if one.Size != before || other.Size != now || one.Root == other.Root {
		b.t.Errorf("%s: %d and %d are proven, want %d and %d with other roots", name, one.Size, other.Size, before, now)
	}
	if strings.Contains(string(plain), "児童手当") {
		b.t.Errorf("%s: what the lines say goes out with it", name)
	}
}

// The devices of a person compare what they saw: while the portal shows all the same they agree, and when it shows one
// less than another has seen, that one says so, though it never saw the line itself.
func TestDevicesOfAPersonCompareWhatTheySaw(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	a := newBrowser(t, phone, "ja")
	a.arrive("yamada-hanako", "1234", "花子", "目黒区")
	a.reports("目黒区長が")
	a.until("the lines to be checked", goodPanel)
	by := a.bent("ListExchanges", "GetLedgerState")
	a.open("/exchange")
	a.until("the lines to be checked", goodPanel)
	older := &portalv1.ListExchangesResponse{}
	said := by.said("ListExchanges")
	exchanges(func(m *portalv1.ListExchangesResponse) { older = m })(said)
	a.gone() // and sees nothing of what comes

	w.post(t, w.sandbox+"/exchanges", form("person", "yamada-hanako"))
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	count := "+document.querySelector('.exchange-count')?.innerText.match(/\\d+/)[0]"
	b.wait("the new one on the other device", func() bool {
		b.open("/exchange")
		b.until("the lines to be checked", goodPanel)
		return eval[int](b, count) > int(older.GetCount())
	})
	b.open("/exchange")
	b.until("the lines to be checked", goodPanel)
	b.until("that both agree", "document.querySelector('.evidence').textContent"+
		".includes('あなたのほかの端末（1台）が見たものと合っています')")

	// The log grows for everybody; the heads of the person's chains are what the portal says they are.
	by.way("ListExchanges", func([]byte) []byte { return said })
	by.way("GetLedgerState", states(func(m *portalv1.GetLedgerStateResponse) {
		m.State.Heads = older.GetState().GetHeads()
	}))
	a.open("/exchange")
	a.until("that something is missing", badPanel)
	a.sees("前に見た新しい記録が消えています", "個人情報保護委員会に知らせてください")
	if got := eval[int](a, count); got != int(older.GetCount()) {
		t.Errorf("the first device has seen %d", got)
	}
	a.screenshot("evidence-other-device")
	by.way("ListExchanges", nil)
	by.way("GetLedgerState", nil)
	a.open("/exchange")
	a.until("the lines to be checked", goodPanel)
	a.until("that both agree", "document.querySelector('.evidence').textContent"+
		".includes('あなたのほかの端末（1台）が見たものと合っています')")
}
