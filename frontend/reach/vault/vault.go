// Package vault is what the page keeps on the device: the drafts of forms, so that nothing typed is lost on an error, a
// reload or the end of a session, receipts of what was done, and what outlives a visit. Drafts and receipts live in the
// tab's own storage and go when it closes, when the person logs out, or when somebody else logs in. PINs and what
// offices send are never kept. Whoever is at the device can see what is left (Left) and wipe it.
package vault

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const (
	draftPrefix   = "draft/"
	receiptPrefix = "receipt/"
	ownerKey      = "draft-owner"
	manyKey       = "of-many"
)

// Save keeps the draft of a form and says whether the device took it. Where it refuses, the form itself goes on.
func Save(form string, draft any) bool { return keepInTab(draftPrefix+form, draft) }

func keepInTab(key string, value any) bool {
	b, err := json.Marshal(value)
	if err != nil {
		app.Log("keeping ", key, ": ", err)
		return false
	}
	return device().set(key, string(b))
}

// Load fills draft with what was kept and says whether there was something that fits.
func Load(form string, draft any) bool { return readInTab(draftPrefix+form, draft) }

func readInTab(key string, value any) bool {
	kept := device().get(key)
	return kept != "" && json.Unmarshal([]byte(kept), value) == nil
}

// Drop forgets the draft of a form that is done with.
func Drop(form string) { device().remove(draftPrefix + form) }

// Receipt keeps what was done, in this tab, so that the page that says so can be loaded again. Nothing of what was
// typed belongs in it.
func Receipt(of string, done any) bool { return keepInTab(receiptPrefix+of, done) }

// HasReceipt fills done with a receipt and says whether there is one that fits.
func HasReceipt(of string, done any) bool { return readInTab(receiptPrefix+of, done) }

// DropReceipt forgets a receipt.
func DropReceipt(of string) { device().remove(receiptPrefix + of) }

// HasDraft says whether something was typed that is not sent yet.
func HasDraft() bool {
	return slices.ContainsFunc(device().keys(), func(key string) bool { return strings.HasPrefix(key, draftPrefix) })
}

var turns atomic.Int64

// Turn tells apart whose drafts this tab keeps after one another: it is another one once all were dropped. A page that
// is closed after that was of somebody who has gone, and keeps nothing any more.
func Turn() int64 { return turns.Load() }

// DropAll forgets every draft, and whose they were.
func DropAll() {
	turns.Add(1)
	dropInTab(draftPrefix)
	device().remove(ownerKey)
	device().remove(manyKey)
}

// OfMany notes, in this tab, whether who is logged in has said that others use the device, too. Then nothing is kept
// that outlives the tab, and what is typed no longer than the session lasts, however that ends. The note outlives the
// page.
func OfMany(is bool) {
	if is {
		device().set(manyKey, "yes")
		return
	}
	device().remove(manyKey)
}

func isOfMany() bool { return device().get(manyKey) != "" }

// LeaveNothing forgets what was typed, what was done and which pages were read, where the device is one of many; it
// says whether it is.
func LeaveNothing() bool {
	if !isOfMany() {
		return false
	}
	DropAll()
	DropReceipts()
	go func() { // the browser is waited for
		ctx, cancel := context.WithTimeout(context.Background(), leavePatience)
		defer cancel()
		forgetPages(ctx)
	}()
	return true
}

// leavePatience bounds what the browser may take for that.
const leavePatience = 20 * time.Second

// DropReceipts forgets what was done: whoever logs in next has done nothing yet.
func DropReceipts() { dropInTab(receiptPrefix) }

func dropInTab(prefix string) {
	d := device()
	for _, key := range d.keys() {
		if strings.HasPrefix(key, prefix) {
			d.remove(key)
		}
	}
}

// Belong says whose drafts these are from now on, by something that only that person's card has. Another person's
// drafts are forgotten; it says whether this tab was another person's.
func Belong(owner string) (changed bool) {
	d := device()
	before := d.get(ownerKey)
	if before != owner {
		forgetLate()
	}
	if changed = before != "" && before != owner; changed {
		DropAll()
		DropReceipts()
	}
	d.set(ownerKey, owner)
	return changed
}

// storage is one of the browser's two, or what stands in for it. set says whether it took the value.
type storage interface {
	get(key string) string
	set(key, value string) bool
	remove(key string)
	keys() []string
	// refuses says that it takes nothing.
	refuses() bool
}

var elsewhere = &memory{values: map[string]string{}}

func device() storage {
	if app.IsServer {
		return elsewhere
	}
	return drawer("sessionStorage")
}

// drawer is sessionStorage or localStorage, which may refuse everything (full, or switched off). A browser told to keep
// nothing throws already when it is named, so it is named by a call: what a call throws can be recovered from.
type drawer string

func (d drawer) store() app.Value {
	return app.Window().Get("Reflect").Call("get", app.Window(), string(d))
}

func (d drawer) get(key string) (value string) {
	defer func() { _ = recover() }()
	if v := d.store().Call("getItem", key); v.Truthy() {
		return v.String()
	}
	return ""
}

func (d drawer) set(key, value string) (took bool) {
	defer func() { _ = recover() }()
	d.store().Call("setItem", key, value)
	return true
}

func (d drawer) remove(key string) {
	defer func() { _ = recover() }()
	d.store().Call("removeItem", key)
}

func (d drawer) keys() (all []string) {
	defer func() { _ = recover() }()
	store := d.store()
	for i := range store.Get("length").Int() {
		all = append(all, store.Call("key", i).String())
	}
	return all
}

func (d drawer) refuses() bool {
	const probe = "probe"
	took := d.set(probe, "1")
	d.remove(probe)
	return !took
}

// memory stands in outside a browser.
type memory struct {
	mu     sync.Mutex
	values map[string]string
}

func (m *memory) get(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key]
}

func (m *memory) set(key, value string) bool {
	if refuses {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return true
}

func (m *memory) remove(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
}

func (m *memory) keys() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for key := range m.values {
		all = append(all, key)
	}
	return all
}

func (m *memory) refuses() bool { return refuses }
