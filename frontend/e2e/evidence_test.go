//go:build !js

package e2e_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"google.golang.org/protobuf/proto"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// bender stands between a page and the portal, and has the portal answer otherwise.
type bender struct {
	sync.Mutex
	ways map[string]func(whole []byte) []byte // by procedure
	last map[string][]byte                    // what the portal really answered
}

// bent has a browser's calls of some procedures pass by a bender.
func (b *browser) bent(procedures ...string) *bender {
	b.t.Helper()
	by := &bender{ways: map[string]func([]byte) []byte{}, last: map[string][]byte{}}
	b.heard = func(event any) {
		if paused, is := event.(*fetch.EventRequestPaused); is {
			go by.answer(b, paused)
		}
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	var patterns []*fetch.RequestPattern
	for _, p := range procedures {
		patterns = append(patterns, &fetch.RequestPattern{
			URLPattern: "*/" + p, RequestStage: fetch.RequestStageResponse,
		})
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: patterns})
	return by
}

// answer gives the page what the portal answered, or something else. A page that has gone meanwhile wants nothing.
func (by *bender) answer(b *browser, paused *fetch.EventRequestPaused) {
	_ = chromedp.Do(b.ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		which := fetch.GetResponseBodyParams{RequestID: paused.RequestID}
		got, err := cdp.Call(ctx, target, fetch.GetResponseBody, which)
		if err != nil {
			return chromedp.Void{}, err
		}
		procedure := path.Base(paused.Request.URL)
		by.Lock()
		by.last[procedure] = got.Body
		way := by.ways[procedure]
		by.Unlock()
		fulfil := fetch.FulfillRequestParams{
			RequestID: paused.RequestID, ResponseCode: paused.ResponseStatusCode,
			ResponseHeaders: paused.ResponseHeaders,
			Body:            got.Body,
		}
		if way != nil {
			fulfil.Body = way(got.Body)
		}
		_, err = cdp.Call(ctx, target, fetch.FulfillRequest, fulfil)
		return chromedp.Void{}, err
	})
}

// way has a procedure be answered otherwise from now on; nil takes that back.
func (by *bender) way(procedure string, how func([]byte) []byte) {
	by.Lock()
	defer by.Unlock()
	by.ways[procedure] = how
}

func (by *bender) said(procedure string) []byte {
	by.Lock()
	defer by.Unlock()
	return by.last[procedure]
}

// rewritten changes the message of an answer in gRPC-Web.
func rewritten[M proto.Message](empty func() M, change func(M)) func([]byte) []byte {
	return func(whole []byte) []byte {
		if len(whole) < 5 {
			return whole
		}
		size := 5 + int(binary.BigEndian.Uint32(whole[1:]))
		if size > len(whole) {
			return whole
		}
		body, trailers := whole[5:size], whole[size:]
		if whole[0]&1 != 0 {
			unpacked, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				return whole
			}
			if body, err = io.ReadAll(unpacked); err != nil {
				return whole
			}
		}
		m := empty()
		if proto.Unmarshal(body, m) != nil {
			return whole
		}
		change(m)
		body, err := proto.Marshal(m)
		if err != nil {
			return whole
		}
		return append(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...), trailers...)
	}
}

func exchanges(change func(*portalv1.ListExchangesResponse)) func([]byte) []byte {
	return rewritten(func() *portalv1.ListExchangesResponse { return &portalv1.ListExchangesResponse{} }, change)
}

func lines(change func(*portalv1.ListLedgerLinesResponse)) func([]byte) []byte {
	return rewritten(func() *portalv1.ListLedgerLinesResponse { return &portalv1.ListLedgerLinesResponse{} }, change)
}

func dropped(all []*portalv1.LedgerLine, at int) []*portalv1.LedgerLine {
	return append(all[:at:at], all[at+1:]...)
}

const (
	goodPanel = "document.querySelector('.evidence[data-state=good]')"
	badPanel  = "document.querySelector('.evidence[data-state=bad]')"
)

// Whatever a portal that lies drops, alters, doubles, dates back, rolls back, withholds or forks, the person's browser
// sees it and says so; and what a line's proof is worth, the page /check knows by itself.
func TestABrowserSeesWhatIsBent(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.reports("目黒区長が")
	b.until("the lines to be checked", goodPanel)
	b.sees("改ざんなし・欠けなしを確認しました")
	b.screenshot("evidence-good")
	by := b.bent("ListExchanges", "ListLedgerLines", "GetLedgerState")
	again := func(state string) {
		t.Helper()
		b.open("/exchange")
		b.until("the lines to be checked anew", state)
	}
	again(goodPanel)
	older := by.said("ListExchanges")
	if len(older) == 0 {
		t.Fatal("what the portal said was not heard")
	}

	for _, c := range []struct {
		name string
		how  func([]byte) []byte
		sees string
	}{
		{"a line altered", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.Lines[1].Salt[0] ^= 1
		}), "記録が書き換えられています"},
		{"a line dated back", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.Lines[1].RecordedAt -= 86_400_000
		}), "公開の記録簿に載っていません"},
		{"a line twice", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.Lines = append(m.Lines, m.Lines[0])
		}), "番号が重なっているか"},
		{"two lines with each other's numbers", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.Lines[0].Number, m.Lines[1].Number = m.Lines[1].Number, m.Lines[0].Number
		}), "記録が書き換えられています"},
		{"a checkpoint that nobody signed", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.State.Checkpoint = strings.Replace(m.State.Checkpoint, "\n\n", "\nmore\n\n", 1)
		}), "記録簿の署名が正しくありません"},
		{"another key", exchanges(func(m *portalv1.ListExchangesResponse) {
			m.State.WitnessKeys = append(m.State.WitnessKeys, "witness.example+00000000+AAAA")
		}), "確認する第三者が"},
	} {
		by.way("ListExchanges", c.how)
		again(badPanel)
		if text := b.text(); !strings.Contains(text, c.sees) || !strings.Contains(text, "証拠を保存する") {
			t.Errorf("%s: the page does not say %q", c.name, c.sees)
		}
		by.way("ListExchanges", nil)
	}
	b.inspect("what does not fit")
	b.screenshot("evidence-bad")

	// The newest line is cut off, wherever the page asks.
	cut := func(state *portalv1.LedgerState) {
		for _, head := range state.GetHeads() {
			head.Count--
		}
	}
	by.way("ListExchanges", exchanges(func(m *portalv1.ListExchangesResponse) { cut(m.State) }))
	by.way("GetLedgerState", states(func(m *portalv1.GetLedgerStateResponse) { cut(m.State) }))
	b.open("/exchange")
	b.until("the lines to be checked anew", goodPanel+"||"+badPanel)
	text := eval[string](b, "document.querySelector('.evidence').textContent")
	if !strings.Contains(text, "前に見た新しい記録が消えています") {
		t.Errorf("the newest line cut off: the page says %s", text)
	}
	by.way("ListExchanges", nil)
	by.way("GetLedgerState", nil)

	// The log goes on, and this device sees it; then the portal shows what it showed before.
	before := eval[string](b, "document.querySelector('.exchange-count').innerText")
	w.post(t, w.sandbox+"/exchanges", form("person", "yamada-hanako"))
	b.wait("one more", func() bool {
		again(goodPanel)
		return eval[string](b, "document.querySelector('.exchange-count').innerText") != before
	})
	by.way("ListExchanges", func([]byte) []byte { return older })
	by.way("GetLedgerState", func([]byte) []byte { return []byte("nothing that can be read") })
	again(badPanel)
	b.sees("記録簿が前より短くなっています", "前に見た新しい記録が消えています")
	by.way("ListExchanges", nil)
	by.way("GetLedgerState", nil)

	// A device that has forgotten what it saw asks for the whole chain, of which a line is withheld.
	b.forgets()
	by.way("ListExchanges", exchanges(func(m *portalv1.ListExchangesResponse) { m.Lines = dropped(m.Lines, 2) }))
	by.way("ListLedgerLines", lines(func(m *portalv1.ListLedgerLinesResponse) { m.Lines = nil }))
	again(badPanel)
	b.sees("記録が抜けています")
	by.way("ListExchanges", nil)
	by.way("ListLedgerLines", nil)
	again(goodPanel)
	b.seesForks(by)
	by.way("ListExchanges", nil)
	by.way("GetLedgerState", nil)
	b.forgets()
	again(goodPanel)

	// A proof is taken along, and checked where nobody is asked.
	call(b, fetch.Disable, cdp.Empty{})
	eval[bool](b, "document.querySelector('.page-exchange a[href^=\"/exchange/\"]').click() || true")
	b.until("one exchange", "document.querySelector('a[download$=\".tlog-proof\"]')")
	encoded := eval[string](b, "document.querySelector('a[download$=\".tlog-proof\"]').href")
	_, encoded, _ = strings.Cut(encoded, "base64,")
	proof, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	b.open("/check")
	b.until("the page", "document.documentElement?.dataset.ready === 'true'")
	b.choose("madoguchi.tlog-proof", proof, "line")
	b.sees("この記録は、公開の記録簿に載っています")
	b.screenshot("check-line")
	at := bytes.Index(proof, []byte("\nindex")) - 20
	other := byte('A')
	if proof[at] == 'A' {
		other = 'B'
	}
	proof[at] = other
	b.choose("madoguchi.tlog-proof", proof, "not-in-log")
}

// forgets has the device forget what it saw of the log.
func (b *browser) forgets() {
	b.t.Helper()
	b.open("/device")
	b.sees("この端末に残っているもの")
	forget := eval[bool](b, `new Promise(done => {
  const asked = indexedDB.databases().then(all => Promise.all(all.map(d => new Promise(next => {
    const open = indexedDB.open(d.name)
    open.onsuccess = () => {
      const db = open.result
      if (!db.objectStoreNames.contains('records')) { db.close(); return next() }
      const store = db.transaction('records', 'readwrite').objectStore('records')
      const walk = store.openCursor()
      walk.onsuccess = () => {
        const at = walk.result
        if (!at) { db.close(); return next() }
        if (JSON.stringify(at.key).includes('evidence')) at.delete()
        at.continue()
      }
    }
  }))))
  asked.then(() => done(true))
})`)
	if !forget {
		b.t.Fatal("the device forgot nothing")
	}
}

// Third parties watch the log: their word is counted as it is, and one that is silent is missed.
func TestThirdPartiesConfirmTheLog(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "金沢市")
	b.reports("金沢市長")
	line := func() string {
		b.open("/exchange")
		b.until("the lines to be checked", goodPanel+"||"+badPanel)
		return eval[string](b, "document.querySelector('.evidence').innerText")
	}
	b.wait("three of three", func() bool { return strings.Contains(line(), "第三者の確認 3/3") })
	b.screenshot("evidence-witnessed")
	w.turn(t, "witness2", "dead")
	w.turn(t, "witness3", "well")
	w.post(t, w.sandbox+"/exchanges", form("person", "suzuki-umeko"))
	b.wait("two of three", func() bool { return strings.Contains(line(), "第三者の確認 2/3") })
	b.screenshot("evidence-two-of-three")
	w.turn(t, "witness1", "wrong")
	w.post(t, w.sandbox+"/exchanges", form("person", "suzuki-umeko"))
	b.wait("one of three", func() bool { return strings.Contains(line(), "第三者の確認 1/3") })
	w.turn(t, "witness1", "well")
	w.turn(t, "witness2", "well")
	w.post(t, w.sandbox+"/exchanges", form("person", "suzuki-umeko"))
	b.wait("three again", func() bool { return strings.Contains(line(), "第三者の確認 3/3") })
}
