package vault

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"madoguchi/proto/edition"
	"madoguchi/proto/order"
)

// What is kept for when there is no network lies in records, each of a kind that is declared: public ones, which open
// for everybody at this device, and sealed ones, which lie in a person's vault and can be written and read only while
// it is open (Opened).

// Sort says how records of a kind are kept. Whoever uses them declares it.
type Sort struct {
	Kind Kind
	// Sealed: in a person's vault. What is not sealed may tell nothing of a person.
	Sealed bool
	// For is how long a record is kept; zero is until it is taken away.
	For time.Duration
	// Most is how many are kept; the oldest go. Zero is as many as there are.
	Most int
	// Unsent lies nowhere else: it is kept only once it outlives a power cut. Sealed ones alone.
	Unsent bool
}

// Record is what is kept under an id.
type Record struct {
	ID string
	// At is when it was kept.
	At time.Time
	// Version is the edition of the page that kept it.
	Version int
	Data    []byte
}

var (
	// ErrLocked: no vault is open.
	ErrLocked = errors.New("the vault is locked")
	// ErrNone: nothing is kept under this id.
	ErrNone = errors.New("nothing is kept of this")
	// ErrNotOurs: the record is not what was kept here. It is broken, or somebody put another one in its place.
	ErrNotOurs = errors.New("a record is not what was kept")
	// errMoved: another tab has kept something else meanwhile.
	errMoved = errors.New("another tab was there first")
	// ErrUndeclared: nobody has declared the kind.
	ErrUndeclared = errors.New("a kind of record that nobody declared")
)

var kept struct {
	sync.Mutex
	declared []Sort
}

// Declare declares kinds, at start.
func Declare(kinds ...Sort) {
	kept.Lock()
	defer kept.Unlock()
	for _, k := range kinds {
		if !slices.ContainsFunc(kept.declared, func(d Sort) bool { return d.Kind == k.Kind }) {
			kept.declared = append(kept.declared, k)
		}
	}
}

// Declared lists the kinds, in the order in which they were declared.
func Declared() []Sort {
	kept.Lock()
	defer kept.Unlock()
	return slices.Clone(kept.declared)
}

func declared(kind Kind) (Sort, bool) {
	all := Declared()
	at := slices.IndexFunc(all, func(k Sort) bool { return k.Kind == kind })
	if at < 0 {
		return Sort{}, false
	}
	return all[at], true
}

// mostWrong is how wrong the clock may be for what is kept for days to be taken away by it.
const mostWrong = 24 * time.Hour

// clock is the time. A variable for tests.
var clock = time.Now

// row is a record as it lies there. For public ones vault is empty and the name is the id.
type row struct {
	vault, kind, name string
	at                int64
	version, size     int
	data              blob
}

// bound is what a sealed record is bound to: in the place of another one, or with another age, it does not open.
func (r row) bound() string {
	return strings.Join([]string{
		"madoguchi record 1", r.vault, r.kind, r.name, strconv.FormatInt(r.at, 10), strconv.Itoa(r.version),
	}, "\n")
}

// Put keeps data under an id, instead of what was there. It waits until the device has it. A device that others use,
// too (OfMany), keeps nothing.
func Put(ctx context.Context, kind Kind, id string, data []byte) error {
	k, ok := declared(kind)
	if !ok {
		return ErrUndeclared
	}
	if !k.Sealed && isOfMany() {
		return nil // it would tell the next one what was looked at
	}
	wipes := Wipes(kind)
	r, o, err := packed(ctx, k, id, data)
	if err != nil {
		return err
	}
	if Wipes(kind) != wipes {
		return nil // taken away meanwhile: what began before does not bring it back
	}
	if o != nil {
		err = o.change(ctx, k, r, true)
	} else {
		err = putRows(ctx, []row{r}, nil)
	}
	if err != nil {
		return refused(err)
	}
	if Wipes(kind) != wipes {
		return putRows(ctx, nil, []row{r})
	}
	return nil
}

// late is what is to be kept once the vault is open.
type late struct {
	kind  Kind
	id    string
	data  []byte
	entry *Entry // instead of them, for who searches
	of    string // the vault that was open last, if one was: what comes late may be of a page of its person
}

// mostLate is how much waits for that.
const mostLate = 40

// PutIn is Put for what was asked for in an era; if that is over, it is of somebody who has gone. What is to be sealed
// before the vault is open, as at the start of a page, waits for it; and what comes when it has just been opened, until
// that is kept, which may be older.
func PutIn(ctx context.Context, era int, kind Kind, id string, data []byte) error {
	k, ok := declared(kind)
	if !ok {
		return ErrUndeclared
	}
	lock.Lock()
	over, waits, first := lock.era != era, k.Sealed && lock.open == nil, lock.first
	if !over && waits {
		lock.late = slices.DeleteFunc(lock.late, func(l late) bool {
			return l.entry == nil && l.kind == kind && l.id == id
		})
		if len(lock.late) < mostLate {
			lock.late = append(lock.late, late{kind: kind, id: id, data: data, of: lock.last})
		}
	}
	lock.Unlock()
	if over || waits {
		return nil
	}
	if k.Sealed {
		select {
		case <-first:
		case <-ctx.Done():
			return ctx.Err()
		}
		if Era() != era {
			return nil
		}
	}
	return Put(ctx, kind, id, data)
}

// shortly is how long a person waits at most for what the device keeps. Where all is well that takes some hundredths of
// a second. What is shown before is lost when the page is left at once: half a second let that happen on a busy device.
const shortly = 2 * time.Second

// Shortly has something be kept before what is kept is shown, since a page may be gone a moment after that. On a device
// that is slow it goes on in the background.
func Shortly(ctx context.Context, keep func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		keep()
	}()
	select {
	case <-done:
	case <-time.After(shortly):
	case <-ctx.Done():
	}
}

// forgetLate forgets what waits of whose vault was open before: somebody else is here from now on.
func forgetLate() {
	lock.Lock()
	defer lock.Unlock()
	lock.late = slices.DeleteFunc(lock.late, func(l late) bool { return l.of != "" })
	lock.last = ""
}

func putLate(ctx context.Context) error {
	lock.Lock()
	all, era := lock.late, lock.era
	lock.late = nil
	vault := lock.state.Vault
	lock.Unlock()
	for _, l := range all {
		if l.of != "" && l.of != vault {
			continue // a page kept it on its way out, after its person's vault was locked
		}
		if l.entry != nil {
			if err := Note(ctx, era, l.kind, *l.entry); err != nil {
				return err
			}
			continue
		}
		if err := Put(ctx, l.kind, l.id, l.data); err != nil {
			return err
		}
	}
	return nil
}

// packed is a record as it will lie there, and the vault that it is sealed in, if it is.
func packed(ctx context.Context, k Sort, id string, data []byte) (row, *opening, error) {
	r := row{kind: string(k.Kind), name: id, at: clock().UnixMilli(), version: edition.Now, size: len(data)}
	if !k.Sealed {
		r.data = toBlob(payload(id, data))
		return r, nil, nil
	}
	o := opened()
	if o == nil {
		return row{}, nil, ErrLocked
	}
	r, err := o.sealed(ctx, r, id, data)
	return r, o, err
}

// payload is an id with its data; names in a vault tell nobody the id.
func payload(id string, data []byte) []byte {
	whole := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(id)+len(data)), uint16(len(id)))
	return append(append(whole, id...), data...)
}

func unpack(whole []byte) (id string, data []byte, err error) {
	if len(whole) < 2 || len(whole) < 2+int(binary.BigEndian.Uint16(whole)) {
		return "", nil, ErrNotOurs
	}
	end := 2 + int(binary.BigEndian.Uint16(whole))
	return string(whole[2:end]), whole[end:], nil
}

// Get reads what is kept under an id: ErrNone when there is nothing, or it is too old; ErrLocked; ErrNotOurs.
func Get(ctx context.Context, kind Kind, id string) (Record, error) {
	k, ok := declared(kind)
	if !ok {
		return Record{}, ErrUndeclared
	}
	if k.Sealed {
		return getSealed(ctx, k, id)
	}
	found, ok, err := getRow(ctx, row{kind: string(kind), name: id})
	if err != nil {
		return Record{}, err
	}
	if !ok || k.over(found) {
		return Record{}, ErrNone
	}
	return found.record(found.data)
}

func getSealed(ctx context.Context, k Sort, id string) (Record, error) {
	o := opened()
	if o == nil {
		return Record{}, ErrLocked
	}
	r, err := o.named(ctx, row{kind: string(k.Kind)}, id)
	if err != nil {
		return Record{}, err
	}
	there, _, err := readRows(ctx, []row{r, pageRow(r)})
	if err != nil {
		return Record{}, err
	}
	if there[0].nonce() == "" || k.hides(there[0]) {
		return Record{}, ErrNone
	}
	pages := o.openPages(ctx, there[1:])
	return o.record(ctx, there[0], pages)
}

// hides says that a record is as good as taken away. What lies nowhere else is there until it is: the clock may be
// wrong.
func (k Sort) hides(r row) bool { return !k.Unsent && k.over(r) }

// over says that a record has been kept for as long as its kind is.
func (k Sort) over(r row) bool {
	return k.For > 0 && clock().Sub(time.UnixMilli(r.at)) > k.For
}

// record opens a record, if it is the one that was kept last.
func (o *opening) record(ctx context.Context, r row, pages map[string]page) (Record, error) {
	whole, err := o.seal.open(ctx, r.data, r.bound())
	if err != nil {
		return Record{}, err
	}
	if !pages[r.name[:1]].has(r) {
		return Record{}, o.drop(ctx, r)
	}
	return r.record(whole)
}

func (r row) record(whole blob) (Record, error) {
	id, data, err := unpack(fromBlob(whole))
	return Record{ID: id, At: time.UnixMilli(r.at), Version: r.version, Data: data}, err
}

// List reads everything of a kind, by their ids. What cannot be read is left out, and told with ErrNotOurs beside the
// rest.
func List(ctx context.Context, kind Kind) (all []Record, err error) {
	k, ok := declared(kind)
	if !ok {
		return nil, ErrUndeclared
	}
	open := func(r row) (Record, error) { return r.record(r.data) }
	vault, wanted := "", []row(nil)
	o := opened()
	if k.Sealed {
		if o == nil {
			return nil, ErrLocked
		}
		vault, wanted = o.vault, pageRows(o.vault, kind)
	}
	there, rows, err := readRows(ctx, wanted, vault, string(kind))
	if err != nil {
		return nil, err
	}
	if k.Sealed && len(rows) > 0 {
		pages := o.openPages(ctx, there)
		open = func(r row) (Record, error) { return o.record(ctx, r, pages) }
	}
	for _, r := range rows {
		if k.hides(r) {
			continue
		}
		record, bad := open(r)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if bad != nil {
			err = bad
			continue
		}
		all = append(all, record)
	}
	order.By(all, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return all, err
}

// Delete takes away what is kept under an id.
func Delete(ctx context.Context, kind Kind, id string) error {
	k, ok := declared(kind)
	if !ok {
		return ErrUndeclared
	}
	r := row{kind: string(kind), name: id}
	if !k.Sealed {
		return putRows(ctx, nil, []row{r})
	}
	o := opened()
	if o == nil {
		return ErrLocked
	}
	r, err := o.named(ctx, r, id)
	if err != nil {
		return err
	}
	return o.change(ctx, k, r, false)
}

// Tidy takes away what has been kept for as long as its kind is, and what is more than is kept of it; of every vault,
// since no key is needed for it. In the one that is open it puts together what can be searched. Nothing is done while
// the clock is not as the portal's, which says now: all would seem to be old that was kept before somebody set it.
func Tidy(ctx context.Context, now time.Time) error {
	if clock().Sub(now).Abs() > mostWrong {
		return nil
	}
	if o := opened(); o != nil {
		o.right.Store(true)
	}
	gatherAll(ctx)
	rows, err := allRows(ctx)
	if err != nil {
		return err
	}
	order.By(rows, func(a, b row) int { return cmp.Compare(b.at, a.at) }) // the newest first
	count := map[string]int{}
	var gone []row
	for _, r := range rows {
		k, ok := declared(Kind(r.kind))
		if !ok {
			continue // of a later edition of the page, perhaps
		}
		of := r.vault + "\n" + r.kind
		count[of]++
		if k.over(r) || k.Most > 0 && count[of] > k.Most {
			gone = append(gone, r)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return putRows(ctx, nil, gone)
}

// Stock says how much is kept of a kind.
type Stock struct {
	Kind         Kind
	Count, Bytes int
	// Oldest is when the oldest of them was kept, in milliseconds of this device's clock.
	Oldest int64
}

// Stocks tells what is kept, in all vaults; it needs none to be open.
func Stocks(ctx context.Context) ([]Stock, error) {
	rows, err := allRows(ctx)
	if err != nil {
		return nil, err
	}
	var stocks []Stock
	for _, k := range Declared() {
		s := Stock{Kind: k.Kind}
		for _, r := range rows {
			if r.belongsTo(k.Kind) && !strings.HasSuffix(r.kind, ledgerEnding) {
				s.Bytes += r.size
			}
			if r.kind != string(k.Kind) {
				continue
			}
			if s.Count == 0 || r.at < s.Oldest {
				s.Oldest = r.at
			}
			s.Count++
		}
		if s.Count > 0 {
			stocks = append(stocks, s)
		}
	}
	return stocks, nil
}

// Count tells how many records of a kind are kept, in all vaults; it needs none to be open.
func Count(ctx context.Context, kind Kind) (n int, err error) {
	vaults, err := heads(ctx)
	if err != nil {
		return 0, err
	}
	for _, h := range vaults {
		rows, err := rowsUnder(ctx, h.id, string(kind))
		if err != nil {
			return 0, err
		}
		n += len(rows)
	}
	return n, nil
}

// sealed is a record in the vault.
func (o *opening) sealed(ctx context.Context, r row, id string, data []byte) (row, error) {
	r, err := o.named(ctx, r, id)
	if err != nil {
		return row{}, err
	}
	r.data, err = o.seal.seal(ctx, payload(id, data), r.bound())
	return r, err
}

// named gives a record its place in the vault. The name tells nobody what the id is, who has not the key.
func (o *opening) named(ctx context.Context, r row, id string) (row, error) {
	sum, err := o.names.mac(ctx, r.kind+"\n"+id)
	if err != nil {
		return row{}, err
	}
	r.vault, r.name = o.vault, hex.EncodeToString(sum[:16])
	return r, nil
}
