package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/chance"
)

// A vault is a person's on one device. What lies in it is sealed under keys that come of random bytes, its root. The
// root is nowhere in clear: it lies wrapped, once for each way in. One way in is a secret that the portal gives to who
// is logged in here, another the key that the card makes, without any network. While a vault is open its keys are in
// the browser's memory, where not even this page can read them; Lock drops them.

const (
	rootSize  = 32
	nonceSize = 12
	saltSize  = 32
	useSeal   = "madoguchi vault 1 seal"
	useNames  = "madoguchi vault 1 names"
	useWrap   = "madoguchi vault 1 wrap"
	useMark   = "madoguchi vault 1 mark"
	// useCardSalt is of what the card's key is.
	useCardSalt = "madoguchi vault 1 card"
)

// Way says how a vault was opened.
type Way int

// The ways in.
const (
	Locked Way = iota
	// BySession: by the secret that the portal gives to who is logged in.
	BySession
	// ByCard: by the card, perhaps without a network. Who is at the device need not be logged in.
	ByCard
	// ByPasskey: by the passkey of the device, likewise.
	ByPasskey
)

// Alone tells whether the vault was opened without a session: whoever is at the device need not be logged in.
func (w Way) Alone() bool { return w == ByCard || w == ByPasskey }

// State is how it stands with the vault.
type State struct {
	// Vault names the open one: the same for the same folder on the same device, for as long as the device is known
	// there. Empty when none is open.
	Vault string
	By    Way
	// Lost says that the browser lost what this device had kept for the person; it is told once.
	Lost bool
}

// IsOpen tells whether sealed records can be written and read.
func (s State) IsOpen() bool { return s.By != Locked }

// opening is an open vault.
type opening struct {
	vault, born string
	seal, names key
	own         []key // what the person's other devices may have, too (SealForOwn)

	right   atomic.Bool // the clock is: the portal's says the same
	writing sync.Mutex  // one at a time; against other tabs there is putRowsIf
	mu      sync.Mutex  // of what follows
	indexes map[Kind]*index
	parts   parts
}

var lock struct {
	sync.Mutex
	turn  int // counts what opens and locks, so that a late opening is left out
	era   int // counts what ends for whoever is at the page: the vault was locked, or another one opened
	until time.Time
	late  []late
	last  string // the vault that was open last
	open  *opening
	first chan struct{} // of the open one: closed once what was late is kept
	state State
	told  map[int]func(State)
	next  int
	offer *offer
}

// wrap is the root, wrapped for one way in. Those of a sort that this page does not know are left as they are.
type wrap struct {
	sort string // wrapSession, wrapCard, wrapPasskey
	mark string // tells those of a sort apart
	salt []byte
	root []byte
}

const (
	wrapSession = "session"
	wrapCard    = "card"
	wrapPasskey = "passkey"
	// wrapOwn is no way in: what it wraps, with the root, is a key that the person's other devices have, too.
	wrapOwn = "own"
)

// head is what is kept of a vault beside its records.
type head struct {
	id    string
	wraps []wrap
}

// born tells a vault from another one of its name: what it was made with. Empty for none.
func (h head) born() string {
	for _, w := range h.wraps {
		if w.sort == wrapSession {
			return string(w.root)
		}
	}
	return ""
}

// gone locks a vault that lies there no longer: another tab took it away, or the browser did.
func (o *opening) gone() error {
	lock.Lock()
	open := lock.open == o
	lock.Unlock()
	if open {
		Lock()
	}
	return ErrLocked
}

func (w wrap) bound(vault string) string {
	return "madoguchi wrap 1\n" + vault + "\n" + w.sort + "\n" + w.mark
}

// Now is how it stands.
func Now() State {
	lock.Lock()
	defer lock.Unlock()
	return lock.state
}

// opened is the open vault, nil when there is none or its time is over. One that was opened without a session stays
// open while it is used.
func opened() *opening {
	lock.Lock()
	o, now := lock.open, clock()
	over := isOver()
	if o != nil && !over && lock.state.By.Alone() {
		lock.until = now.Add(aloneOpens)
	}
	lock.Unlock()
	if over {
		Lock()
		return nil
	}
	return o
}

// aloneOpens is how long a vault stays open that was opened without a session and nobody reads in.
const aloneOpens = 15 * time.Minute

// LockAt says when the vault locks by itself: at the end of the session. It looks at the time whenever it is used; who
// wants what is on the screen to go then calls Check.
func LockAt(at time.Time) {
	lock.Lock()
	defer lock.Unlock()
	if lock.state.By == BySession {
		lock.until = at
	}
}

// Check locks the vault when its time is over.
func Check() {
	lock.Lock()
	over := isOver()
	lock.Unlock()
	if over {
		Lock()
	}
}

// isOver says that the time of the open vault is over, by the clock that cannot be set or by the one that goes on while
// the device sleeps.
func isOver() bool {
	now, until := clock(), lock.until
	return lock.open != nil && !until.IsZero() && (now.After(until) || now.Round(0).After(until.Round(0)))
}

// Era tells apart whoever is at the page after one another: it is another one once the vault was locked, or another
// person's opened.
func Era() int {
	lock.Lock()
	defer lock.Unlock()
	return lock.era
}

// OnChange has told called, on any goroutine, whenever a vault was opened or locked, until stop.
func OnChange(told func(State)) (stop func()) {
	lock.Lock()
	defer lock.Unlock()
	if lock.told == nil {
		lock.told = map[int]func(State){}
	}
	at := lock.next
	lock.next++
	lock.told[at] = told
	return func() {
		lock.Lock()
		defer lock.Unlock()
		delete(lock.told, at)
	}
}

// Lock drops the keys. Whoever was told of the vault hears of it.
func Lock() {
	lock.Lock()
	lock.late = nil
	lock.era++
	lock.Unlock()
	set(nil, State{})
}

// set opens or locks. Who opens closes first once what was late is kept.
func set(o *opening, s State) (first chan struct{}) {
	lock.Lock()
	lock.turn++
	changed := lock.state != s
	if o != nil && lock.open != nil && lock.open.vault != o.vault {
		lock.era++
		lock.late = nil
	}
	if o != nil {
		lock.last = o.vault
	}
	first = make(chan struct{})
	lock.open, lock.state, lock.until, lock.first = o, s, time.Time{}, first
	if s.By.Alone() {
		lock.until = clock().Add(aloneOpens)
	}
	told := make([]func(State), 0, len(lock.told))
	for _, t := range lock.told {
		told = append(told, t)
	}
	lock.Unlock()
	if !changed {
		return first
	}
	for _, t := range told {
		t(s)
	}
	return first
}

func turn() int {
	lock.Lock()
	defer lock.Unlock()
	return lock.turn
}

// take opens a vault with its root, which it clears, unless something else was opened, or all was locked, since.
func take(ctx context.Context, since int, h head, root []byte, s State) error {
	defer clear(root)
	keys, err := newKeys(ctx, root, useSeal, useNames, useOwnWrap)
	if err != nil {
		return err
	}
	o := &opening{vault: h.id, born: h.born(), seal: keys[0], names: keys[1]}
	if o.own, err = h.ownKeys(ctx, keys[2]); err != nil {
		return err
	}
	if turn() != since {
		return ErrLocked
	}
	s.Vault = h.id
	defer close(set(o, s))
	return putLate(ctx)
}

// OpenBySession opens the vault that the portal names, with the secret that it gave to who is logged in here. One that
// is not there is made; known says that the portal has known the device for longer than that.
func OpenBySession(ctx context.Context, id string, secret []byte, known bool) error {
	since := turn()
	defer clear(secret)
	wrapping, err := newKey(ctx, secret, useWrap)
	if err != nil {
		return err
	}
	for range putTries {
		h, root, lost, err := bySession(ctx, id, wrapping, known)
		if err == nil {
			var before bool
			h, before, err = h.admit(ctx, root)
			lost = lost || before
		}
		if errors.Is(err, errMoved) {
			clear(root)
			continue // another tab was there first
		}
		if err != nil {
			return refused(err)
		}
		Keep(markKey, id)
		return take(ctx, since, h, root, State{By: BySession, Lost: lost})
	}
	return errMoved
}

// bySession finds the vault and its root, or makes them.
func bySession(
	ctx context.Context, id string, wrapping key, known bool,
) (h head, root []byte, lost bool, err error) {
	all, err := heads(ctx)
	if err != nil {
		return h, nil, false, err
	}
	seen := head{id: id}
	if at := slices.IndexFunc(all, func(h head) bool { return h.id == id }); at >= 0 {
		seen = all[at]
	}
	root, err = seen.unwrap(ctx, wrapping, wrapSession, "")
	if !errors.Is(err, ErrNotOurs) && !errors.Is(err, ErrNone) {
		return seen, root, false, err
	}
	// None is there, or nobody will open it any more by this way: what is sealed now must.
	root = chance.Bytes(rootSize)
	if h, err = (head{id: id}).with(ctx, wrapping, wrap{sort: wrapSession}, root); err != nil {
		return h, nil, false, err
	}
	if err = putHeadIf(ctx, seen, h); err != nil {
		return h, nil, false, err
	}
	return h, root, known || len(seen.wraps) > 0 || Kept(markKey) == id, nil
}

// unwrap finds the root by one way in.
func (h head) unwrap(ctx context.Context, wrapping key, sort, mark string) ([]byte, error) {
	for _, w := range h.wraps {
		if w.sort == sort && w.mark == mark {
			root, err := wrapping.open(ctx, toBlob(w.root), w.bound(h.id))
			if err != nil {
				return nil, err
			}
			return fromBlob(root), nil
		}
	}
	return nil, ErrNone
}

// with adds a way in, instead of the one of its sort and mark.
func (h head) with(ctx context.Context, wrapping key, w wrap, root []byte) (head, error) {
	sealed, err := wrapping.seal(ctx, root, w.bound(h.id))
	if err != nil {
		return h, err
	}
	w.root = fromBlob(sealed)
	h.wraps = append(slices.DeleteFunc(slices.Clone(h.wraps), w.opensLike), w)
	return h, nil
}

// offer is the key that the card, or a passkey, made at a login, until the vault is open.
type offer struct {
	wrap     wrap // without the root
	wrapping key
	own      []byte // the key for the person's devices
	at       time.Time
}

// offerLives is for how long an offer waits for the vault of who logged in with it: a newcomer registers first.
const offerLives = 30 * time.Minute

// CardSalt is what the card is to make a key for, so that it opens the vault; nil when the vault that a login opened
// here last opens by this card already. It is one for all devices, so that the card gives them all the same key for
// what they hand one another; a vault from before that was so gets it with the next login.
func CardSalt(ctx context.Context, certificate []byte) ([]byte, error) {
	all, err := heads(ctx)
	if err != nil {
		return nil, err
	}
	h, w, found, err := byCard(ctx, all, certificate)
	salt := sha256.Sum256([]byte(useCardSalt))
	if err != nil || found && bytes.Equal(w.salt, salt[:]) && h.id == Kept(markKey) {
		return nil, err
	}
	return salt[:], nil
}

// OfferCard takes the key that the card made for a salt. The next vault that a login opens will open by the card, too.
func OfferCard(ctx context.Context, certificate, salt, made []byte) error {
	defer clear(made)
	wrapping, err := newKey(ctx, made, useWrap)
	if err != nil {
		return err
	}
	mark, err := cardMark(ctx, certificate, salt)
	if err != nil {
		return err
	}
	return propose(ctx, wrap{sort: wrapCard, mark: mark, salt: salt}, wrapping, made)
}

func propose(ctx context.Context, w wrap, wrapping key, made []byte) error {
	own, err := ownSecret(ctx, made)
	if err != nil {
		return err
	}
	lock.Lock()
	defer lock.Unlock()
	lock.offer = &offer{w, wrapping, own, clock()}
	return nil
}

// AwaitOffer waits until no offer waits any more, since a vault was opened that took it, at most for a while.
func AwaitOffer(ctx context.Context, most time.Duration) {
	opened := make(chan struct{}, 1)
	defer OnChange(func(State) {
		select {
		case opened <- struct{}{}:
		default:
		}
	})()
	lock.Lock()
	waits := lock.offer != nil
	lock.Unlock()
	if !waits {
		return
	}
	select {
	case <-opened:
	case <-ctx.Done():
	case <-time.After(most):
	}
}

// DropOffer forgets what was offered: nobody logged in with it.
func DropOffer() {
	lock.Lock()
	defer lock.Unlock()
	lock.offer = nil
}

// admit adds what was offered. A card's comes instead of what a card before gave: a renewed card opens, the one before
// it no longer. A vault that opened so before goes: it is of a time before the portal forgot the device, no login opens
// it any more, and it would be opened instead of this one. before says that there was one. errMoved when another tab
// has changed the head meanwhile: then the offer waits on.
func (h head) admit(ctx context.Context, root []byte) (_ head, before bool, err error) {
	lock.Lock()
	o := lock.offer
	lock.Unlock()
	if o == nil {
		return h, false, nil
	}
	with := h
	if clock().Sub(o.at) <= offerLives {
		if with, err = h.withOffer(ctx, root, o); err == nil {
			err = putHeadIf(ctx, h, with)
		}
		if err == nil {
			before, err = with.dropOthers(ctx, o.wrap)
		}
	}
	if errors.Is(err, errMoved) {
		return h, before, err
	}
	lock.Lock()
	if lock.offer == o {
		lock.offer = nil
	}
	lock.Unlock()
	if err != nil {
		app.Log("the vault does not open by what one logged in with: ", err)
		return h, before, nil
	}
	return with, before, nil
}

// dropOthers takes away the other vaults that open by the same.
func (h head) dropOthers(ctx context.Context, by wrap) (dropped bool, err error) {
	all, err := heads(ctx)
	for _, other := range all {
		if other.id == h.id || !slices.ContainsFunc(other.wraps, by.opensLike) {
			continue
		}
		if err := destroy(ctx, other.id); err != nil {
			return dropped, err
		}
		dropped = true
	}
	return dropped, err
}

func (w wrap) opensLike(o wrap) bool { return w.sort == o.sort && w.mark == o.mark }

func (h head) withOffer(ctx context.Context, root []byte, o *offer) (head, error) {
	h.wraps = slices.DeleteFunc(slices.Clone(h.wraps), func(w wrap) bool {
		return w.sort == wrapCard && o.wrap.sort == wrapCard
	})
	h, err := h.with(ctx, o.wrapping, o.wrap, root)
	if err != nil {
		return h, err
	}
	return h.keepOwn(ctx, root, o)
}

// cardMark tells the wrap of a card from those of others; who has not its certificate learns nothing by it.
func cardMark(ctx context.Context, certificate, salt []byte) (string, error) {
	k, err := newKey(ctx, certificate, useNames)
	if err != nil {
		return "", err
	}
	sum, err := k.mac(ctx, useMark+"\n"+hex.EncodeToString(salt))
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum[:8]), nil
}

func byCard(ctx context.Context, all []head, certificate []byte) (h head, w wrap, found bool, err error) {
	for _, h := range all {
		for _, w := range h.wraps {
			if w.sort != wrapCard {
				continue
			}
			mark, err := cardMark(ctx, certificate, w.salt)
			if err != nil {
				return head{}, wrap{}, false, err
			}
			if mark == w.mark {
				return h, w, true, nil
			}
		}
	}
	return head{}, wrap{}, false, nil
}

// HasCard tells whether some vault of this device opens by a card at all.
func HasCard(ctx context.Context) bool { return len(salts(ctx, wrapCard)) > 0 }

// salts are those of the ways of a sort into any vault here.
func salts(ctx context.Context, sort string) (list [][]byte) {
	all, err := heads(ctx)
	if err != nil {
		return nil
	}
	for _, h := range all {
		for _, w := range h.wraps {
			if w.sort == sort {
				list = append(list, w.salt)
			}
		}
	}
	return list
}

// OpenByCard opens the vault of a card. derive has the card make the key for a salt. ErrNone when the card has none
// here.
func OpenByCard(ctx context.Context, certificate []byte, derive func(salt []byte) ([]byte, error)) error {
	since := turn()
	all, err := heads(ctx)
	if err != nil {
		return refused(err)
	}
	h, w, found, err := byCard(ctx, all, certificate)
	if err != nil {
		return err
	}
	if !found {
		return ErrNone
	}
	made, err := derive(w.salt)
	if err != nil {
		return err
	}
	defer clear(made)
	wrapping, err := newKey(ctx, made, useWrap)
	if err != nil {
		return err
	}
	root, err := h.unwrap(ctx, wrapping, wrapCard, w.mark)
	if err != nil {
		return fmt.Errorf("opening the vault by the card: %w", err)
	}
	return take(ctx, since, h, root, State{By: ByCard})
}

// Destroy takes away the vault that is open, with all that lies in it: the folder was closed, or nothing is to be kept
// for the person here any more.
func Destroy(ctx context.Context) error {
	id := Now().Vault
	Lock()
	if id == "" {
		return nil
	}
	Forget(markKey)
	return destroy(ctx, id)
}

// markKey holds the name of the last vault in another store than its own, so that it is noticed when the browser has
// lost it.
const markKey = "vault"

// trouble is what the device refused last.
var troubled struct {
	sync.Mutex
	err error
}

// refused notes that the device refused to keep something, for who tells people of it (Trouble).
func refused(err error) error {
	if errors.Is(err, browser.ErrFull) || errors.Is(err, browser.ErrNoDatabase) {
		troubled.Lock()
		troubled.err = err
		troubled.Unlock()
	}
	return err
}

// Trouble is why the device keeps nothing more, or what was wrong with what it had kept: browser.ErrFull,
// browser.ErrNoDatabase, ErrReplaced; nil when all is well.
func Trouble() error {
	troubled.Lock()
	defer troubled.Unlock()
	return troubled.err
}

// packWraps writes the ways in: a number of parts each, so that a later page can add to them.
func packWraps(wraps []wrap) []byte {
	var b []byte
	for _, w := range wraps {
		for _, part := range [][]byte{[]byte(w.sort), []byte(w.mark), w.salt, w.root} {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(part))), part...)
		}
	}
	return b
}

func unpackWraps(b []byte) (wraps []wrap, ok bool) {
	var parts [][]byte
	for len(b) > 0 {
		if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
			return nil, false
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		parts, b = append(parts, b[2:end]), b[end:]
	}
	if len(parts)%4 != 0 {
		return nil, false
	}
	for p := range slices.Chunk(parts, 4) {
		wraps = append(wraps, wrap{string(p[0]), string(p[1]), p[2], p[3]})
	}
	return wraps, true
}
