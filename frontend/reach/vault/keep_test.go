//go:build !js

package vault

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"madoguchi/frontend/reach/browser"
)

const (
	letter Kind = "letter" // sealed
	area   Kind = "map"    // for everybody
)

func begin(t *testing.T) {
	t.Helper()
	Clear()
	before := kept.declared
	t.Cleanup(func() {
		Clear()
		clock = time.Now
		kept.declared = before
	})
	kept.declared = nil
	Declare(
		Sort{Kind: letter, Sealed: true, For: 30 * 24 * time.Hour, Most: 3},
		Sort{Kind: area, For: time.Hour},
	)
}

func secretOf(name string) []byte { return []byte(strings.Repeat(name, rootSize)[:rootSize]) }

func enter(t *testing.T, vault, secret string) {
	t.Helper()
	if err := OpenBySession(t.Context(), vault, secretOf(secret), false); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, kind Kind, id, data string) {
	t.Helper()
	if err := Put(t.Context(), kind, id, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func got(t *testing.T, kind Kind, id string) string {
	t.Helper()
	r, err := Get(t.Context(), kind, id)
	if err != nil {
		return err.Error()
	}
	return string(r.Data)
}

func TestSealedRecordsAreOfAnOpenVaultAlone(t *testing.T) {
	begin(t)
	if err := Put(t.Context(), letter, "a", []byte("x")); !errors.Is(err, ErrLocked) {
		t.Errorf("kept without a vault: %v", err)
	}
	enter(t, "hanako", "s1")
	put(t, letter, "b", "二")
	put(t, letter, "a", "一")
	put(t, letter, "a", "いち")
	all, err := List(t.Context(), letter)
	if err != nil || len(all) != 2 || all[0].ID != "a" || string(all[0].Data) != "いち" || all[1].ID != "b" {
		t.Errorf("%v, %v", all, err)
	}
	Lock()
	for what, err := range map[string]error{
		"get":    func() error { _, err := Get(t.Context(), letter, "a"); return err }(),
		"list":   func() error { _, err := List(t.Context(), letter); return err }(),
		"delete": Delete(t.Context(), letter, "a"),
	} {
		if !errors.Is(err, ErrLocked) {
			t.Errorf("%s while it is locked: %v", what, err)
		}
	}
	enter(t, "taro", "s2")
	if all, err := List(t.Context(), letter); err != nil || len(all) != 0 {
		t.Errorf("another person sees %v, %v", all, err)
	}
	enter(t, "hanako", "s1")
	if err := Delete(t.Context(), letter, "b"); err != nil {
		t.Fatal(err)
	}
	if got(t, letter, "a") != "いち" || got(t, letter, "b") != ErrNone.Error() {
		t.Error(got(t, letter, "a"), got(t, letter, "b"))
	}
}

func TestPublicRecordsNeedNoVault(t *testing.T) {
	begin(t)
	put(t, area, "131105", "目黒")
	enter(t, "hanako", "s1")
	if got(t, area, "131105") != "目黒" {
		t.Error(got(t, area, "131105"))
	}
	if err := Put(t.Context(), "unheard-of", "a", nil); !errors.Is(err, ErrUndeclared) {
		t.Error(err)
	}
}

// What lies in the browser's files is of no use to who has them: nothing in them, in whatever way it is put together,
// opens the vault, and nothing that was kept, nor what it is called, can be read.
func TestACopiedProfileOpensNothing(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	put(t, letter, "n-notice-7", "国民健康保険")
	Lock()
	var bits [][]byte
	for _, h := range table.heads {
		bits = append(bits, []byte(h.id), packWraps(h.wraps))
		for _, w := range h.wraps {
			bits = append(bits, w.salt, w.root, w.root[nonceSize:])
		}
	}
	for _, r := range table.rows {
		bits = append(bits, r.data, []byte(r.name), []byte(r.vault), []byte(r.bound()))
		if bytes.Contains(r.data, []byte("健康")) || strings.Contains(r.name+r.bound(), "notice-7") ||
			bytes.Contains(r.data, []byte("notice-7")) {
			t.Errorf("told in clear: %+v", r)
		}
	}
	for _, secret := range bits {
		for len(secret) < rootSize {
			secret = append(secret, secret...)
			if len(secret) == 0 {
				secret = make([]byte, rootSize)
			}
		}
		for _, use := range []string{useSeal, useWrap, useNames} {
			k, err := newKey(t.Context(), secret, use)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range table.heads {
				for _, w := range h.wraps {
					if _, err := k.open(t.Context(), w.root, w.bound(h.id)); !errors.Is(err, ErrNotOurs) {
						t.Error("opened with what lies beside it")
					}
				}
			}
			for _, r := range table.rows {
				if _, err := k.open(t.Context(), r.data, r.bound()); !errors.Is(err, ErrNotOurs) {
					t.Error("opened with what lies beside it")
				}
			}
		}
	}
}

// A record that is moved, aged, made younger or marked as of another edition is refused.
func TestRecordsStayInTheirPlace(t *testing.T) {
	begin(t)
	Declare(Sort{Kind: "bill", Sealed: true})
	enter(t, "taro", "s2")
	put(t, letter, "a", "太郎")
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	put(t, letter, "b", "二")
	put(t, "bill", "a", "三")
	rows := map[string]row{}
	for _, r := range table.rows {
		rows[r.vault+"/"+r.kind+"/"+string(must(opened().seal.open(t.Context(), r.data, r.bound())))] = r
	}
	a := rows["hanako/letter/\x00\x01a一"]
	if a.name == "" {
		t.Fatalf("%v", rows)
	}
	for name, forge := range map[string]func(row) row{
		"another record's": func(r row) row { r.data = rows["hanako/letter/\x00\x01b二"].data; return r },
		"another kind's":   func(r row) row { r.data = rows["hanako/bill/\x00\x01a三"].data; return r },
		"another vault's":  func(r row) row { r.data = rows["taro/letter/"].data; return r },
		"younger":          func(r row) row { r.at += 1000; return r },
		"of another page":  func(r row) row { r.version++; return r },
		"cut":              func(r row) row { r.data = r.data[:5]; return r },
		"a flipped bit":    func(r row) row { r.data = slices.Clone(r.data); r.data[nonceSize] ^= 1; return r },
	} {
		forged := forge(a)
		table.rows[a.key()] = forged
		if _, err := Get(t.Context(), letter, "a"); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s: %v", name, err)
		}
		if all, err := List(t.Context(), letter); !errors.Is(err, ErrNotOurs) || len(all) != 1 {
			t.Errorf("%s: %d of one that are good, %v", name, len(all), err)
		}
	}
	table.rows[a.key()] = a
	if got(t, letter, "a") != "一" {
		t.Error(got(t, letter, "a"))
	}
	// Each by itself is bound to the record, whatever else would be noticed.
	for name, forge := range map[string]func(*row){
		"vault": func(r *row) { r.vault = "taro" }, "kind": func(r *row) { r.kind = "bill" },
		"name": func(r *row) { r.name = rows["hanako/letter/\x00\x01b二"].name }, "time": func(r *row) { r.at++ },
		"version": func(r *row) { r.version-- },
	} {
		forged := a
		forge(&forged)
		if _, err := opened().seal.open(t.Context(), forged.data, forged.bound()); !errors.Is(err, ErrNotOurs) {
			t.Errorf("it opens with another %s: %v", name, err)
		}
	}
}

func must(b []byte, _ error) []byte { return b }

func TestWhatIsOldOrTooMuchGoes(t *testing.T) {
	begin(t)
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	clock = func() time.Time { return at }
	enter(t, "hanako", "s1")
	for i := range 5 {
		put(t, letter, strconv.Itoa(i), "x")
		at = at.Add(time.Minute)
	}
	put(t, area, "a", "x")
	if err := Tidy(t.Context(), clock()); err != nil {
		t.Fatal(err)
	}
	all, err := List(t.Context(), letter)
	if err != nil || len(all) != 3 || all[0].ID != "2" {
		t.Errorf("%v, %v", all, err)
	}
	at = at.Add(2 * time.Hour)
	if got(t, area, "a") != ErrNone.Error() {
		t.Error("what is too old is still told")
	}
	Lock() // it needs no key
	if err := Tidy(t.Context(), clock()); err != nil {
		t.Fatal(err)
	}
	stocks, err := Stocks(t.Context())
	if err != nil || len(stocks) != 1 || stocks[0].Kind != letter || stocks[0].Count != 3 || stocks[0].Bytes != 3 ||
		stocks[0].Oldest == 0 {
		t.Errorf("%v, %v", stocks, err)
	}
	if n, err := Count(t.Context(), letter); n != 3 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	if n, err := Count(t.Context(), area); n != 0 || err != nil {
		t.Errorf("of another kind %d, %v", n, err)
	}
}

func TestWhatWasWipedDoesNotComeBack(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	put(t, area, "a", "一")
	if err := Wipe(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if got(t, letter, "a") != ErrNone.Error() || got(t, area, "a") != "一" {
		t.Error(got(t, letter, "a"), got(t, area, "a"))
	}
	// Nor does what waited for the vault to be opened.
	Lock()
	if err := PutIn(t.Context(), Era(), letter, "a", []byte("二")); err != nil {
		t.Fatal(err)
	}
	if err := Wipe(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	enter(t, "hanako", "s1")
	if got(t, letter, "a") != ErrNone.Error() {
		t.Error("what waited for the vault came back:", got(t, letter, "a"))
	}
}

// What comes while the vault opens waits until what was late is kept: that is older.
func TestWhatWasLateDoesNotReplaceWhatCameSince(t *testing.T) {
	begin(t)
	synctest.Test(t, func(t *testing.T) {
		for _, data := range []string{"一", "二"} {
			if err := PutIn(t.Context(), Era(), letter, "a", []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(lock.late); n != 1 {
			t.Errorf("%d wait for the vault under one id", n)
		}
		var since atomic.Bool
		stop := OnChange(func(State) { // it is open, and nothing is kept yet
			go func() {
				if err := PutIn(t.Context(), Era(), letter, "a", []byte("三")); err != nil {
					t.Error(err)
				}
				since.Store(true)
			}()
			synctest.Wait()
			if since.Load() {
				t.Error("what is late comes after it")
			}
		})
		enter(t, "hanako", "s1")
		stop()
		synctest.Wait()
		if now := got(t, letter, "a"); now != "三" {
			t.Errorf("kept is %s", now)
		}
	})
}

func TestWaysIn(t *testing.T) {
	begin(t)
	card, renewed := []byte("certificate"), []byte("certificate of the next card")
	derive := func(salt []byte) ([]byte, error) { return append([]byte("by the card"), salt...), nil }
	offer := func(certificate []byte) {
		t.Helper()
		salt, err := CardSalt(t.Context(), certificate)
		if err != nil || len(salt) != saltSize {
			t.Fatal(salt, err)
		}
		made, _ := derive(salt)
		if err := OfferCard(t.Context(), certificate, salt, made); err != nil {
			t.Fatal(err)
		}
	}
	offer(card)
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	Lock()
	if salt, err := CardSalt(t.Context(), card); err != nil || salt != nil || !HasCard(t.Context()) {
		t.Errorf("the card is asked for what it gave: %v, %v", salt, err)
	}
	if err := OpenByCard(t.Context(), renewed, derive); !errors.Is(err, ErrNone) {
		t.Errorf("a strange card: %v", err)
	}
	if err := OpenByCard(t.Context(), card, func([]byte) ([]byte, error) { return secretOf("other"), nil }); !errors.Is(
		err, ErrNotOurs) {
		t.Errorf("a strange key: %v", err)
	}
	if err := OpenByCard(t.Context(), card, derive); err != nil || Now() != (State{Vault: "hanako", By: ByCard}) ||
		got(t, letter, "a") != "一" {
		t.Errorf("%v, %v, %s", err, Now(), got(t, letter, "a"))
	}
	Lock()
	offer(renewed)
	enter(t, "hanako", "s1")
	Lock()
	if err := OpenByCard(t.Context(), card, derive); !errors.Is(err, ErrNone) {
		t.Errorf("the card before the renewal: %v", err)
	}
	if err := OpenByCard(t.Context(), renewed, derive); err != nil || got(t, letter, "a") != "一" {
		t.Error(err)
	}
}

// A passkey opens what it was offered for, beside the card, and nothing else does.
func TestTheWayInByAPasskey(t *testing.T) {
	begin(t)
	phone, other := []byte("credential"), []byte("another credential")
	if len(Passkeys(t.Context())) != 0 || len(PasskeySalt()) != saltSize {
		t.Error("there is one before it came")
	}
	card := []byte("certificate")
	if err := OfferCard(t.Context(), card, make([]byte, saltSize), secretOf("by the card")); err != nil {
		t.Fatal(err)
	}
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	made := secretOf("by the phone")
	if err := OfferPasskey(t.Context(), phone, made); err != nil || made[0] != 0 {
		t.Fatal(err, made)
	}
	enter(t, "hanako", "s1")
	Lock()
	if err := OpenByPasskey(t.Context(), other, secretOf("by the phone")); !errors.Is(err, ErrNone) {
		t.Errorf("a strange passkey: %v", err)
	}
	if err := OpenByPasskey(t.Context(), phone, secretOf("another")); !errors.Is(err, ErrNotOurs) {
		t.Errorf("a strange secret: %v", err)
	}
	if got := Passkeys(t.Context()); len(got) != 1 || string(got[0]) != "credential" || !HasCard(t.Context()) {
		t.Errorf("the ways in are %q, and the card %v", got, HasCard(t.Context()))
	}
	made = secretOf("by the phone")
	if err := OpenByPasskey(t.Context(), phone, made); err != nil || made[0] != 0 ||
		Now() != (State{Vault: "hanako", By: ByPasskey}) || !Now().By.Alone() || got(t, letter, "a") != "一" {
		t.Errorf("%v, %v, %s", err, Now(), got(t, letter, "a"))
	}
}

// Who logs in waits for the vault that takes what the card made, however early the page is left then; without an offer
// nobody waits.
func TestALoginWaitsForTheWayInByTheCard(t *testing.T) {
	begin(t)
	AwaitOffer(t.Context(), time.Hour)
	card := []byte("certificate")
	if err := OfferCard(t.Context(), card, make([]byte, saltSize), secretOf("by the card")); err != nil {
		t.Fatal(err)
	}
	AwaitOffer(t.Context(), time.Millisecond) // not for ever
	waited := make(chan bool)
	go func() {
		AwaitOffer(t.Context(), time.Hour)
		waited <- HasCard(t.Context())
	}()
	enter(t, "hanako", "s1")
	if !<-waited {
		t.Error("the way in by the card is not there yet")
	}
}

// Another secret for the same vault is that of a device that was removed and is back, or of somebody's making: what it
// does not open is gone, and the person is told.
func TestALostVaultIsSaid(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	enter(t, "hanako", "s2")
	if !Now().Lost || got(t, letter, "a") != ErrNone.Error() {
		t.Errorf("%v, %s", Now(), got(t, letter, "a"))
	}
	Lock()
	clearTable() // as a browser that is short of room
	if enter(t, "hanako", "s2"); !Now().Lost {
		t.Error("what the browser took away is not said")
	}
	if enter(t, "hanako", "s2"); Now().Lost {
		t.Error("it is said again")
	}
}

func TestALateOpeningOpensNothing(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	Lock()
	since := turn()
	Lock()
	err := take(t.Context(), since, head{id: "hanako"}, secretOf("x"), State{By: BySession})
	if !errors.Is(err, ErrLocked) ||
		Now().IsOpen() {
		t.Errorf("%v, %v", err, Now())
	}
}

func TestWhoeverUsesTheVaultHearsOfIt(t *testing.T) {
	begin(t)
	var heard []Way
	stop := OnChange(func(s State) { heard = append(heard, s.By) })
	enter(t, "hanako", "s1")
	enter(t, "hanako", "s1")
	Lock()
	Lock()
	stop()
	enter(t, "hanako", "s1")
	if !slices.Equal(heard, []Way{BySession, Locked}) {
		t.Error(heard)
	}
}

func TestADeviceThatTakesNothingSaysSo(t *testing.T) {
	begin(t)
	troubled.err = nil
	t.Cleanup(func() { troubled.err = nil })
	restore := Refuse()
	if err := OpenBySession(t.Context(), "hanako", secretOf("a"), false); !errors.Is(err, browser.ErrNoDatabase) ||
		!errors.Is(Trouble(), browser.ErrNoDatabase) || Now().IsOpen() {
		t.Errorf("%v, %v", err, Trouble())
	}
	restore()
	enter(t, "hanako", "s1")
	table.full = true
	err := Put(t.Context(), letter, "a", nil)
	if !errors.Is(err, browser.ErrFull) || !errors.Is(Trouble(), browser.ErrFull) {
		t.Errorf("%v, %v", err, Trouble())
	}
}

func FuzzWraps(f *testing.F) {
	f.Add(packWraps([]wrap{{wrapSession, "", nil, []byte("root")}, {"passkey", "m", []byte("s"), []byte("r")}}))
	f.Add([]byte{0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		if wraps, ok := unpackWraps(b); ok && !bytes.Equal(packWraps(wraps), b) {
			t.Error("other than it was written")
		}
		_, _, _ = unpack(b)
	})
}

// Somebody sets the clock forward by a year, and what is kept goes on being kept: what was kept before is neither taken
// away nor taken for a forgery once the clock is right again, and what lies nowhere else can be read all the while.
func TestAClockThatIsSetForwardTakesNothingAway(t *testing.T) {
	begin(t)
	right := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	at := right
	clock = func() time.Time { return at }
	const draft Kind = "filling"
	Declare(Sort{Kind: draft, Sealed: true, For: 30 * 24 * time.Hour, Unsent: true},
		Sort{Kind: "bill", Sealed: true, For: 30 * 24 * time.Hour})
	enter(t, "hanako", "s1")
	if err := Tidy(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		put(t, draft, strconv.Itoa(i), "書きかけ")
		put(t, "bill", strconv.Itoa(i), "請求")
	}
	Lock()
	at = right.AddDate(1, 0, 0)
	enter(t, "hanako", "s1")
	if err := Tidy(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if got(t, draft, "0") != "書きかけ" {
		t.Error("a draft that lies nowhere else:", got(t, draft, "0"))
	}
	for i := 40; i < 80; i++ { // on all pages of the ledger
		put(t, draft, strconv.Itoa(i), "書きかけ")
		put(t, "bill", strconv.Itoa(i), "請求")
	}
	at = right
	for _, kind := range []Kind{draft, "bill"} {
		if all, err := List(t.Context(), kind); err != nil || len(all) != 80 {
			t.Errorf("%s: %d, %v", kind, len(all), err)
		}
	}
	// Set back by a year, too.
	at = right.AddDate(-1, 0, 0)
	if err := Tidy(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if all, err := List(t.Context(), "bill"); err != nil || len(all) != 80 {
		t.Errorf("set back: %d, %v", len(all), err)
	}
	// When it is right, what is old goes, drafts too, and off the ledger.
	at = right.AddDate(0, 2, 0)
	if err := Tidy(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	for i := 80; i < 280; i++ { // on all pages again
		put(t, draft, strconv.Itoa(i), "書きかけ")
	}
	if all, err := List(t.Context(), draft); err != nil || len(all) != 240 {
		t.Errorf("%d drafts, %v", len(all), err)
	}
	lines := 0
	there, _, err := readRows(t.Context(), pageRows("hanako", draft))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range opened().openPages(t.Context(), there) {
		lines += len(p.lines)
	}
	if lines != 240 {
		t.Errorf("%d lines in the ledger of drafts", lines)
	}
}

// The portal has forgotten the device, as when it was removed from another one: the vault of before, which the card
// opens still, gives way to the one of now, and that it was lost is said.
func TestTheVaultOfADeviceThatWasForgottenGivesWay(t *testing.T) {
	begin(t)
	certificate := []byte("certificate")
	derive := func(salt []byte) ([]byte, error) { return append([]byte("by the card"), salt...), nil }
	logIn := func(vault string) {
		t.Helper()
		salt, err := CardSalt(t.Context(), certificate)
		if err != nil {
			t.Fatal(err)
		}
		if salt != nil {
			made, _ := derive(salt)
			if err := OfferCard(t.Context(), certificate, salt, made); err != nil {
				t.Fatal(err)
			}
		}
		enter(t, vault, "of "+vault)
	}
	logIn("before")
	put(t, letter, "a", "前")
	Lock()
	enter(t, "taro", "t") // another person's stays
	put(t, letter, "a", "太郎")
	Lock()
	lost := false
	for range 2 { // what the card makes is asked for before it is known which vault it will be
		logIn("now")
		lost = lost || Now().Lost
		put(t, letter, "a", "今")
		Lock()
	}
	if err := OpenByCard(t.Context(), certificate, derive); err != nil || got(t, letter, "a") != "今" {
		t.Errorf("the card opens %s, %v", got(t, letter, "a"), err)
	}
	if _, there := table.heads["before"]; there || !lost {
		t.Errorf("the vault of before: %v, said: %v", there, lost)
	}
	for key := range table.rows {
		if key.vault == "before" {
			t.Errorf("left: %v", key)
		}
	}
	enter(t, "taro", "t")
	if got(t, letter, "a") != "太郎" {
		t.Error(got(t, letter, "a"))
	}
}
