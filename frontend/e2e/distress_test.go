//go:build !js

package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// record notes whatever a page sends: addresses and bodies of calls, beacons, frames of sockets.
const record = `(() => {
  const sent = window.sentByThePage = [];
  const text = async body => {
    if (body == null) return '';
    if (typeof body === 'string') return body;
    return new TextDecoder().decode(new Uint8Array(await new Response(body).arrayBuffer()));
  };
  const fetched = window.fetch;
  window.fetch = function (input, init) {
    const request = input instanceof Request ? input : null;
    sent.push(request ? request.url : String(input));
    const body = init?.body ?? (request && request.clone().body);
    if (body && !(body instanceof ReadableStream)) text(body).then(t => sent.push(t));
    else if (request) request.clone().text().then(t => sent.push(t), () => {});
    return fetched.apply(this, arguments);
  };
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (address, body) => { sent.push(address); text(body).then(t => sent.push(t)); return beacon(address, body) };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { text(data).then(t => sent.push(t)); return send.call(this, data) };
})()`

// kept is all that a page sent, that the tab's history names, and that the device keeps.
const kept = `(async () => {
  const all = [...(window.sentByThePage || []), location.href, document.title, ...navigation.entries().map(e => e.url), JSON.stringify(history.state),
    JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, ...performance.getEntriesByType('resource').map(e => e.name)];
  for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) all.push(r.url);
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((is, not) => { const r = indexedDB.open(name); r.onsuccess = () => is(r.result); r.onerror = not });
    for (const store of db.objectStoreNames) all.push(JSON.stringify(await new Promise((is, not) => {
      const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => is(r.result); r.onerror = not })));
    db.close();
  }
  return all.flatMap(a => { try { return [a, decodeURIComponent(a)] } catch { return [a] } }).join('\n');
})()`

// typeInto puts a text into a field as keys, replacing what was there.
func (b *browser) typeInto(id, text string) {
	b.t.Helper()
	eval[chromedp.Void](b, "(() => { const e = document.getElementById("+quote(id)+"); e.focus(); e.select() })()")
	b.keys(text)
}

func (b *browser) traces() string {
	b.t.Helper()
	return eval[string](b, kept)
}

func TestWordsOfDistressLeaveNoTrace(t *testing.T) {
	b := newBrowser(t, phone, "ja")
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: record})
	for language, c := range map[string]struct{ typed, tells, says string }{
		"ja":   {"夫に毎日なぐられています", "なぐ", "ひとりで抱えなくてだいじょうぶです"},
		"en":   {"i wanna kill myself tonight", "mys", "You do not have to carry this alone"},
		"easy": {"いきるのが つらい", "つら", "ひとりで がまんしなくて だいじょうぶです"},
	} {
		b.open("/procedures?lang=" + language)
		b.until("the page at work", "document.documentElement?.dataset.ready")
		b.typeInto("procedure-query", c.typed)
		b.until("who helps", "document.getElementById('helpline')")
		b.sees(c.says)
		b.screenshot("distress-" + language)
		b.keys("\r") // and by the button of the keyboard
		b.until("who helps, still", "document.getElementById('helpline')")
		if b.holds("document.querySelector('.results-list li')") {
			t.Errorf("%s: there are hits beside", language)
		}
		// What was typed before it became words of distress may have been sent as it was typed; what makes them so may
		// not.
		if traces := b.traces(); strings.Contains(traces, c.tells) {
			t.Errorf("%s: %q is in what the page sent or keeps:\n%s", language, c.typed, traces)
		}
	}
	// An ordinary search is sent, so that this test can fail.
	b.open("/procedures?lang=ja")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.typeInto("procedure-query", "ほいくえん")
	b.until("hits", "document.querySelector('.results-list li')")
	if traces := b.traces(); !strings.Contains(traces, "ほいくえん") || !strings.Contains(traces, "SearchProcedures") {
		t.Errorf("what is sent is not noted:\n%s", traces)
	}
	// As a place it is no better known to anybody.
	b.open("/places/13?lang=ja")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.until("the list", "document.querySelector('.place-names li')")
	b.typeInto("places-filter", "しにたいです")
	b.until("who helps", "document.getElementById('helpline')")
	if traces := b.traces(); strings.Contains(traces, "しにた") {
		t.Errorf("as a place it is kept:\n%s", traces)
	}
	// Without a network.
	b.open("/procedures?lang=ja")
	b.until("the service worker in charge", "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.offline(true)
	b.typeInto("procedure-query", "たべるものが ない")
	b.until("who helps", "document.getElementById('helpline')")
	b.sees("自立相談支援機関")
	b.offline(false)
	log := shared.processes["portal"].output.String()
	if strings.Contains(log, "しに") || strings.Contains(log, "kill") || strings.Contains(log, "なぐら") {
		t.Error("the portal's log tells of it")
	}
}

// Before the program runs, or without it, the form is posted: the answer has no address of its own, and nothing is
// logged.
func TestWordsOfDistressWithoutTheProgram(t *testing.T) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(language, typed string) *http.Response {
		t.Helper()
		response, err := client.PostForm(shared.origin+"/procedures?lang="+language, url.Values{"q": {typed}})
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	for language, calm := range map[string]string{
		"ja": "ひとりで抱えなくて", "en": "You do not have to carry this alone", "easy": "がまんしなくて",
	} {
		for _, typed := range []string{"死にたい気持ちが消えません", "my boyfriend beats me", "きゅうきゅうしゃを よんで"} {
			response := post(language, typed)
			var body strings.Builder
			if err := copyText(&body, response); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusOK || response.Header.Get("Location") != "" ||
				!strings.Contains(body.String(), calm) {
				t.Errorf("%s: %q gets %s to %q, without the helplines", language, typed, response.Status,
					response.Header.Get("Location"))
			}
			if strings.Contains(body.String(), typed) ||
				!strings.Contains(response.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s: %q stands in the answer, or that is kept: %s", language, typed,
					response.Header.Get("Cache-Control"))
			}
			if log := shared.processes["portal"].output.String(); strings.Contains(log, typed) ||
				strings.Contains(log, url.QueryEscape(typed)) {
				t.Errorf("%q is logged", typed)
			}
		}
	}
	response := post("ja", "保育園")
	defer response.Body.Close()
	if to := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther ||
		!strings.Contains(to, "q=") {
		t.Errorf("an ordinary search gets %s to %q", response.Status, to)
	}
}
