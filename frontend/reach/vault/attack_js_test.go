package vault

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall/js"
	"testing"
	"time"

	"madoguchi/frontend/reach/browser"
)

// These run in a browser, too (TestTheVaultInABrowser).

func enterInBrowser(t *testing.T, id, secret string) {
	t.Helper()
	if err := OpenBySession(t.Context(), id, []byte(strings.Repeat(secret, rootSize)[:rootSize]), false); err != nil {
		t.Fatal(err)
	}
}

// Tabs that open a vault at the same moment, which none of them finds, make one.
func TestInBrowserManyOpenAtOnce(t *testing.T) {
	inBrowser(t)
	Lock()
	t.Cleanup(func() { _ = destroy(context.Background(), "race") })
	var tabs sync.WaitGroup
	for range 8 {
		tabs.Go(func() { // another one may be open first
			err := OpenBySession(t.Context(), "race", make([]byte, rootSize), false)
			if err != nil && !errors.Is(err, ErrLocked) {
				t.Error(err)
			}
		})
	}
	tabs.Wait()
	if err := Put(t.Context(), "letter", "a", []byte("一")); err != nil {
		t.Fatal(err)
	}
	Lock()
	if err := OpenBySession(t.Context(), "race", make([]byte, rootSize), false); err != nil {
		t.Fatal(err)
	}
	if r, err := Get(t.Context(), "letter", "a"); err != nil || string(r.Data) != "一" {
		t.Errorf("what the first kept: %v, %v", r, err)
	}
}

// The database itself goes while a tab has the vault open, as when the browser is short of room, and another tab makes
// the vault anew.
func TestInBrowserAVaultThatIsGone(t *testing.T) {
	inBrowser(t)
	enterInBrowser(t, "gone", "1")
	old := opened()
	if err := browser.DropDatabase(t.Context(), table.Name); err != nil {
		t.Fatal(err)
	}
	if err := Put(t.Context(), "letter", "a", []byte("一")); !errors.Is(err, ErrLocked) || Now().IsOpen() {
		t.Errorf("kept in a vault that is gone: %v, %v", err, Now())
	}
	if err := OpenBySession(t.Context(), "gone", make([]byte, rootSize), true); err != nil || !Now().Lost {
		t.Fatalf("that it was lost is not said: %v, %v", err, Now())
	}
	if err := Put(t.Context(), "letter", "a", []byte("二")); err != nil {
		t.Fatal(err)
	}
	set(old, State{Vault: "gone", By: BySession})
	if err := Put(t.Context(), "letter", "a", []byte("三")); !errors.Is(err, ErrLocked) {
		t.Errorf("kept in another vault of the name: %v", err)
	}
	if err := OpenBySession(t.Context(), "gone", make([]byte, rootSize), true); err != nil {
		t.Fatal(err)
	}
	if r, err := Get(t.Context(), "letter", "a"); err != nil || string(r.Data) != "二" {
		t.Errorf("%v, %v", r, err)
	}
	if err := Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// lay puts anything at all where a record, or a vault, lies.
func lay(t *testing.T, store string, key any, value string) {
	t.Helper()
	laid := js.Global().Call("eval", `((store, key) => new Promise((done, failed) => {
		const open = indexedDB.open("madoguchi")
		open.onsuccess = () => {
			const t = open.result.transaction(store, "readwrite")
			t.objectStore(store).put(`+value+`, key)
			t.oncomplete = () => { open.result.close(); done() }
			t.onabort = failed } }))`).Invoke(store, key)
	if _, err := browser.Await(t.Context(), laid); err != nil {
		t.Fatal(err)
	}
}

// Whatever lies in the place of a record, the page goes on: it counts as nothing, can be written over, and is wiped.
func TestInBrowserDamagedRecords(t *testing.T) {
	inBrowser(t)
	enterInBrowser(t, "damaged", "1")
	if err := Put(t.Context(), "letter", "good", []byte("良い")); err != nil {
		t.Fatal(err)
	}
	named, err := opened().named(t.Context(), row{kind: "letter"}, "bad")
	if err != nil {
		t.Fatal(err)
	}
	index := opened().findRow("letter", indexEnding, indexName, 0)
	const of = `vault: "damaged", kind: "letter", name: "x", at: 1, version: 1, size: 3, `
	for _, value := range []string{
		"null", "7", `"text"`, "[]", "({})", "{" + of + `data: undefined}`, "{" + of + `data: "text"}`,
		"{" + of + `data: 7}`, "{" + of + `data: new Uint8Array(3)}`, "{" + of + `data: new Uint8Array(40)}`,
		"{" + of + `data: new ArrayBuffer(40)}`, `{vault: {}, kind: 1, name: [], at: "x", version: null, size: [], data: null}`,
	} {
		for _, at := range []row{named, pageRow(named), index} {
			lay(t, recordStore, at.key(), value)
		}
		if _, err := Get(t.Context(), "letter", "bad"); !errors.Is(err, ErrNone) && !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s: read: %v", value, err)
		}
		all, err := List(t.Context(), "letter")
		if err != nil && !errors.Is(err, ErrNotOurs) || len(all) > 1 {
			t.Errorf("%s: %v, %v", value, all, err)
		}
		if _, _, err := Find(t.Context(), "letter", "保険", 5); err != nil {
			t.Errorf("%s: searched: %v", value, err)
		}
		if _, err := Stocks(t.Context()); err != nil {
			t.Errorf("%s: counted: %v", value, err)
		}
		if err := Tidy(t.Context(), clock()); err != nil {
			t.Errorf("%s: tidied: %v", value, err)
		}
		if err := Put(t.Context(), "letter", "bad", []byte("次")); err != nil {
			t.Errorf("%s: written over: %v", value, err)
		}
		if r, err := Get(t.Context(), "letter", "bad"); err != nil || string(r.Data) != "次" {
			t.Errorf("%s: %v, %v", value, r, err)
		}
		lay(t, recordStore, named.key(), value)
		if err := Wipe(t.Context(), "letter"); err != nil {
			t.Errorf("%s: wiped: %v", value, err)
		}
		transaction, err := table.Begin(t.Context(), "readonly", recordStore)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := transaction.Under(t.Context(), recordStore, "damaged"); err != nil || left.Length() > 0 {
			t.Errorf("%s: lies there still: %v", value, err)
		}
	}
	for _, value := range []string{
		"null", "7", "({})", `{id: "damaged"}`, `{id: "damaged", wraps: "text"}`, `{id: "damaged", wraps: new Uint8Array(3)}`,
		`{id: "damaged", wraps: new Uint8Array(0)}`,
	} {
		lay(t, vaultStore, "damaged", value)
		if HasCard(t.Context()) {
			t.Error("a card opens what is damaged")
		}
		Lock()
		if err := OpenBySession(t.Context(), "damaged", make([]byte, rootSize), true); err != nil || !Now().Lost {
			t.Errorf("%s: %v, %v", value, err, Now())
		}
		if err := Put(t.Context(), "letter", "a", []byte("一")); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	if err := Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A vault that was opened without a session is locked once its time is over by one of the two clocks: the one that
// stands still while the device sleeps, and the one that somebody may set back.
func TestInBrowserClocks(t *testing.T) {
	inBrowser(t)
	date, performance := js.Global().Get("Date").Get("prototype"), js.Global().Get("performance")
	getTime, now := date.Get("getTime"), performance.Get("now")
	passes := func(wall, steady time.Duration) {
		date.Set("getTime", js.Global().Call("eval", "(function(d) { return function() { return d.call(this) + "+
			js.Global().Get("String").Invoke(wall.Milliseconds()).String()+" } })").Invoke(getTime))
		performance.Set("now", js.Global().Call("eval", "(function(n) { return () => n() + "+
			js.Global().Get("String").Invoke(steady.Milliseconds()).String()+" })").Invoke(now.Call("bind", performance)))
	}
	t.Cleanup(func() {
		date.Set("getTime", getTime)
		performance.Set("now", now)
	})
	const year = 365 * 24 * time.Hour
	o := opened()
	for _, c := range []struct {
		what         string
		wall, steady time.Duration
		open         bool
	}{
		{"a minute", time.Minute, time.Minute, true},
		{"the time that it stays open", aloneOpens + time.Second, aloneOpens + time.Second, false},
		{"as long asleep", aloneOpens + time.Second, time.Minute, false},
		{"a year, as somebody set the clock forward", year, time.Minute, false},
		{"a minute, and the clock was set back by a year", -year, time.Minute, true},
		{"as long, and the clock was set back by a year", -year, aloneOpens + time.Second, false},
	} {
		for _, by := range []Way{ByCard, BySession} {
			passes(0, 0)
			set(o, State{Vault: "bench", By: by})
			LockAt(time.Now().Add(aloneOpens))
			passes(c.wall, c.steady)
			Check()
			if Now().IsOpen() != c.open || (opened() != nil) != c.open {
				t.Errorf("after %s: %v", c.what, Now())
			}
		}
	}
}

// A page of an earlier edition, in another tab, has the database open and does not let go of it: this one goes on
// without, and has it once the other tab is gone. A page of an earlier edition meets a later database.
func TestInBrowserAnotherEditionHasTheDatabase(t *testing.T) {
	t.Cleanup(func() { _ = browser.DropDatabase(context.Background(), "editions") })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	held, err := browser.Await(ctx, js.Global().Call("eval", `new Promise(done => {
		const r = indexedDB.open("editions", 1)
		r.onupgradeneeded = () => r.result.createObjectStore("old")
		r.onsuccess = () => done(r.result) })`)) // it hears nothing of another version
	if err != nil {
		t.Fatal(err)
	}
	later := browser.Database{Name: "editions", Version: 2, Stores: []string{"new"}}
	if _, err := later.Begin(ctx, "readonly", "new"); !errors.Is(err, browser.ErrNoDatabase) {
		t.Errorf("while another tab holds it: %v", err)
	}
	held.Call("close")
	for {
		transaction, err := later.Begin(ctx, browser.Durably, "new")
		if err == nil {
			err = transaction.Put("new", "a", map[string]any{"b": 1})
		}
		if err == nil {
			err = transaction.Done(ctx)
		}
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	earlier := browser.Database{Name: "editions", Version: 1, Stores: []string{"old"}}
	if _, err := earlier.Begin(ctx, "readonly", "old"); !errors.Is(err, browser.ErrNoDatabase) {
		t.Errorf("an earlier edition in a later database: %v", err)
	}
	// And the later one lets go for one that is later still.
	latest := browser.Database{Name: "editions", Version: 3, Stores: []string{"new"}}
	for {
		if _, err := latest.Begin(ctx, "readonly", "new"); err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal("an open database is not let go of")
		}
	}
	latest.Close()
}
