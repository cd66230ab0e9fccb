//go:build !js

package vault

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"madoguchi/frontend/reach/chance"
)

// snapshot takes the records as they are, and those of them alone that are no pages of a ledger.
func snapshot() map[rowKey]row {
	all := maps.Clone(table.rows)
	maps.DeleteFunc(all, func(k rowKey, _ row) bool { return strings.HasSuffix(k.kind, ledgerEnding) })
	return all
}

// An older copy of a record, as sealed as the one after it, is dropped, and it is said; so is one that was taken away.
func TestARecordThatIsPutBackIsDropped(t *testing.T) {
	begin(t)
	t.Cleanup(func() { troubled.err = nil })
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	put(t, letter, "b", "二")
	before := snapshot()
	put(t, letter, "a", "いち")
	if err := Delete(t.Context(), letter, "b"); err != nil {
		t.Fatal(err)
	}
	if all, err := List(t.Context(), letter); err != nil || len(all) != 1 || Trouble() != nil {
		t.Fatalf("%v, %v, %v", all, err, Trouble())
	}
	for what, read := range map[string]func() error{
		"get": func() error {
			_, err := Get(t.Context(), letter, "a")
			_, other := Get(t.Context(), letter, "b")
			if !errors.Is(other, ErrNotOurs) {
				t.Errorf("what was taken away: %v", other)
			}
			return err
		},
		"list": func() error {
			all, err := List(t.Context(), letter)
			if len(all) > 0 {
				t.Errorf("read: %v", all)
			}
			return err
		},
	} {
		troubled.err = nil
		maps.Copy(table.rows, before)
		Lock()
		enter(t, "hanako", "s1")
		if err := read(); !errors.Is(err, ErrNotOurs) || !errors.Is(Trouble(), ErrReplaced) {
			t.Errorf("%s: %v, %v", what, err, Trouble())
		}
		if left := snapshot(); len(left) != 0 {
			t.Errorf("%s: %d lie there still", what, len(left))
		}
		if got(t, letter, "a") != ErrNone.Error() {
			t.Errorf("%s: %s", what, got(t, letter, "a"))
		}
	}
	put(t, letter, "a", "壱")
	if got(t, letter, "a") != "壱" {
		t.Error("it cannot be kept anew")
	}
}

// The ledger is as hard to forge as the records: without a page, or with one of another kind, nothing is there.
func TestALedgerThatIsForgedHasNothing(t *testing.T) {
	begin(t)
	t.Cleanup(func() { troubled.err = nil })
	Declare(Sort{Kind: "bill", Sealed: true})
	enter(t, "hanako", "s1")
	for name, forge := range map[string]func(key rowKey){
		"missing":        func(key rowKey) { delete(table.rows, key) },
		"another kind's": func(key rowKey) { r := table.rows[key]; r.data = nil; table.rows[key] = r },
	} {
		put(t, letter, "a", "一")
		for key := range table.rows {
			if strings.HasSuffix(key.kind, ledgerEnding) {
				forge(key)
			}
		}
		if _, err := Get(t.Context(), letter, "a"); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is kept, taken away and put back in between: what is read is what was kept last, or nothing.
func TestWhatIsReadIsWhatWasKeptLast(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		begin(t)
		enter(t, "hanako", "s1")
		now, before := map[string]string{}, map[rowKey]row{}
		for i := range rapid.IntRange(1, 40).Draw(r, "acts") {
			id := strconv.Itoa(rapid.IntRange(0, 3).Draw(r, "id"))
			switch rapid.IntRange(0, 4).Draw(r, "act") {
			case 0:
				if err := Delete(t.Context(), letter, id); err != nil {
					r.Fatal(err)
				}
				delete(now, id)
			case 1:
				before = snapshot()
			case 2:
				maps.Copy(table.rows, before)
			default:
				now[id] = strconv.Itoa(i)
				put(t, letter, id, now[id])
			}
			all, err := List(t.Context(), letter)
			if err != nil && !errors.Is(err, ErrNotOurs) {
				r.Fatal(err)
			}
			for _, record := range all {
				if string(record.Data) != now[record.ID] {
					r.Fatalf("%s is %s, and was %s last", record.ID, record.Data, now[record.ID])
				}
			}
			if err != nil { // what was put back took the place of what was there
				for id := range now {
					if got(t, letter, id) != now[id] {
						delete(now, id)
					}
				}
			}
		}
	})
	troubled.err = nil
}

// Two tabs keep records on the same pages of the ledger at the same time: all of them are there.
func TestTwoTabsKeepAtOnce(t *testing.T) {
	begin(t)
	Declare(Sort{Kind: "bill", Sealed: true})
	enter(t, "hanako", "s1")
	k, _ := declared("bill")
	one := opened()
	tabs := []*opening{one, {vault: one.vault, born: one.born, seal: one.seal, names: one.names}}
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			r, err := tabs[i%2].sealed(t.Context(), row{kind: "bill", at: 1}, strconv.Itoa(i), nil)
			if err != nil {
				t.Error(err)
			}
			if err := tabs[i%2].change(t.Context(), k, r, true); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if all, err := List(t.Context(), "bill"); err != nil || len(all) != 100 {
		t.Errorf("%d, %v", len(all), err)
	}
}

// A tab whose vault another one took away, or made anew under the same name, keeps nothing more in it and lets go of
// it: what it wrote would never be opened, and would stand in the way of what is written there by now.
func TestAVaultThatIsGoneTakesNothing(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	old := opened()
	acts := map[string]func() error{
		"put":    func() error { return Put(t.Context(), letter, "b", []byte("三")) },
		"delete": func() error { return Delete(t.Context(), letter, "b") },
		"note":   func() error { return Note(t.Context(), Era(), letter, Entry{ID: "n", At: 1, Text: "保険"}) },
	}
	for _, anew := range []bool{false, true} {
		if err := destroy(t.Context(), "hanako"); err != nil {
			t.Fatal(err)
		}
		if anew {
			enter(t, "hanako", "s2")
			put(t, letter, "b", "二")
		}
		before := maps.Clone(table.rows)
		for what, act := range acts {
			set(old, State{Vault: "hanako", By: BySession}) // the other tab
			if err := act(); !errors.Is(err, ErrLocked) || Now().IsOpen() {
				t.Errorf("%s in a vault that is gone (%v): %v, %v", what, anew, err, Now())
			}
		}
		if !maps.EqualFunc(table.rows, before, func(a, b row) bool { return a.nonce() == b.nonce() }) {
			t.Errorf("%d records, %d before", len(table.rows), len(before))
		}
	}
	Lock()
	enter(t, "hanako", "s2")
	if got(t, letter, "b") != "二" {
		t.Error(got(t, letter, "b"))
	}
}

// What another tab changes of the ways in while this one opens is not overwritten; a new way in comes in all the same.
func TestTwoTabsOpenAtOnce(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	h := table.heads["hanako"]
	wrapping, err := newKey(t.Context(), []byte("of a passkey"), useWrap)
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.with(t.Context(), wrapping, wrap{sort: wrapPasskey, mark: "m"}, chance.Bytes(rootSize))
	if err != nil {
		t.Fatal(err)
	}
	table.heads["hanako"] = other
	if err := OfferCard(t.Context(), []byte("c"), make([]byte, saltSize), []byte("made")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.admit(t.Context(), make([]byte, rootSize)); !errors.Is(err, errMoved) {
		t.Errorf("over what another tab did: %v", err)
	}
	// Nor is a vault made where another tab has made one.
	made, err := (head{id: "hanako"}).with(t.Context(), wrapping, wrap{sort: wrapSession}, chance.Bytes(rootSize))
	if err != nil {
		t.Fatal(err)
	}
	if err := putHeadIf(t.Context(), head{id: "hanako"}, made); !errors.Is(err, errMoved) {
		t.Errorf("made twice: %v", err)
	}
	enter(t, "hanako", "s1")
	var sorts []string
	for _, w := range table.heads["hanako"].wraps {
		sorts = append(sorts, w.sort)
	}
	if want := []string{wrapSession, wrapPasskey, wrapCard, wrapOwn}; !slices.Equal(sorts, want) {
		t.Errorf("the ways in are %v, want %v", sorts, want)
	}
}
