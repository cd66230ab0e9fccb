package vault

import (
	"bytes"
	"context"
	"slices"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// blob is what lies in a record: a Uint8Array, which comes over to Go only where Go has to read it.
type blob = js.Value

func toBlob(b []byte) blob   { return browser.Bytes(b) }
func fromBlob(b blob) []byte { return browser.FromBytes(b) }

const (
	recordStore = "records"
	vaultStore  = "vaults"
)

// table is where records lie: one of the browser's databases, with a store for the records and one for the vaults that
// they are of.
var table = browser.Database{Name: "madoguchi", Version: 1, Stores: []string{recordStore, vaultStore}}

func putRows(ctx context.Context, put []row, gone []row) error {
	t, err := table.Begin(ctx, "readwrite", recordStore)
	if err != nil {
		return err
	}
	return finish(ctx, t, put, gone)
}

// putRowsIf does it in an open vault unless the row that was seen is another one by now: errMoved. A row without data
// was not there. ErrLocked when the vault is gone, or another one of its name.
func (o *opening) putRowsIf(ctx context.Context, unsent bool, seen row, put, gone []row) error {
	mode := "readwrite"
	if unsent {
		mode = browser.Durably
	}
	t, err := table.Begin(ctx, mode, recordStore, vaultStore)
	if err != nil {
		return err
	}
	found, err := t.Get(ctx, vaultStore, o.vault)
	if err != nil {
		return err
	}
	if headOf(found).born() != o.born {
		_ = t.Abort()
		return o.gone()
	}
	if found, err = t.Get(ctx, recordStore, seen.key()); err != nil {
		return err
	}
	if rowOf(found).nonce() != seen.nonce() {
		_ = t.Abort()
		return errMoved
	}
	return finish(ctx, t, put, gone)
}

func finish(ctx context.Context, t browser.Transaction, put, gone []row) error {
	for _, r := range put {
		value := map[string]any{
			"vault": r.vault, "kind": r.kind, "name": r.name, "at": float64(r.at), "version": r.version, "size": r.size,
			"data": r.data,
		}
		if err := t.Put(recordStore, r.key(), value); err != nil {
			return err
		}
	}
	for _, r := range gone {
		if err := t.Delete(recordStore, r.key()); err != nil {
			return err
		}
	}
	return t.Done(ctx)
}

// nonce tells apart what was sealed at different times; empty for what is not there, or damaged.
func (r row) nonce() (nonce string) {
	defer damaged()
	return string(browser.FromBytes(r.data.Call("subarray", 0, nonceSize)))
}

// readRows gets rows, one without data for each that is not there, and all that lie under a beginning, if one is given,
// as they are at one moment.
func readRows(ctx context.Context, wanted []row, begins ...string) (there, under []row, err error) {
	t, err := table.Begin(ctx, "readonly", recordStore)
	if err != nil {
		return nil, nil, err
	}
	there = slices.Clone(wanted)
	keys := make([]any, len(wanted))
	for i, r := range wanted {
		keys[i] = r.key()
	}
	found, err := t.Gets(ctx, recordStore, keys, begins...)
	if err != nil {
		return nil, nil, err
	}
	for i := range there { // what else it says is what was asked for
		there[i].take(found[i])
	}
	if len(begins) > 0 {
		under = rowsOf(found[len(there)], begins...)
	}
	return there, under, nil
}

func getRow(ctx context.Context, r row) (row, bool, error) {
	t, err := table.Begin(ctx, "readonly", recordStore)
	if err != nil {
		return row{}, false, err
	}
	found, err := t.Get(ctx, recordStore, r.key())
	r.take(found)
	return r, r.data.Truthy(), err
}

func rowsUnder(ctx context.Context, begins ...string) ([]row, error) {
	t, err := table.Begin(ctx, "readonly", recordStore)
	if err != nil {
		return nil, err
	}
	all, err := t.Under(ctx, recordStore, begins...)
	if err != nil {
		return nil, err
	}
	return rowsOf(all, begins...), nil
}

func allRows(ctx context.Context) ([]row, error) {
	t, err := table.Begin(ctx, "readonly", recordStore)
	if err != nil {
		return nil, err
	}
	all, err := t.All(ctx, recordStore)
	if err != nil {
		return nil, err
	}
	return rowsOf(all), nil
}

// forget takes away everything of a kind, in every vault, whatever lies there.
func forget(ctx context.Context, kind Kind) error {
	t, err := table.Begin(ctx, "readwrite", recordStore)
	if err != nil {
		return err
	}
	keys, err := t.Keys(ctx, recordStore)
	if err != nil {
		return err
	}
	for i := range keys.Length() {
		key := keys.Index(i)
		if !(row{kind: key.Index(1).String()}).belongsTo(kind) {
			continue
		}
		if err := t.Delete(recordStore, key); err != nil {
			return err
		}
	}
	return t.Done(ctx)
}

// damaged goes on where what lies there is not what was put there: it counts as nothing.
func damaged() { _ = recover() }

// rowsOf are rows whose keys begin so; what is damaged is left out.
func rowsOf(all js.Value, begins ...string) (rows []row) {
	for i := range all.Length() {
		if r := rowOf(all.Index(i), begins...); r.name != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

func rowOf(v js.Value, begins ...string) (r row) {
	defer damaged()
	var found row
	if len(begins) == 2 { // a text takes long to come over
		found.vault, found.kind = begins[0], begins[1]
	} else {
		found.vault, found.kind = v.Get("vault").String(), v.Get("kind").String()
	}
	found.size = v.Get("size").Int()
	found.take(v)
	found.name = v.Get("name").String()
	return found
}

// take takes what lies under the row's key.
func (r *row) take(v js.Value) {
	defer damaged()
	at, version := int64(v.Get("at").Float()), v.Get("version").Int()
	r.at, r.version, r.data = at, version, v.Get("data")
}

func (r row) key() any { return []any{r.vault, r.kind, r.name} }

// putHeadIf keeps a head unless another one than was seen lies there by now: errMoved. What lies in a vault that it
// makes anew goes.
func putHeadIf(ctx context.Context, seen, h head) error {
	t, err := table.Begin(ctx, browser.Durably, vaultStore, recordStore)
	if err != nil {
		return err
	}
	found, err := t.Get(ctx, vaultStore, h.id)
	if err != nil {
		return err
	}
	if !bytes.Equal(packWraps(headOf(found).wraps), packWraps(seen.wraps)) {
		_ = t.Abort()
		return errMoved
	}
	if seen.born() != h.born() {
		if err := t.DeleteUnder(recordStore, h.id); err != nil {
			return err
		}
	}
	if err := t.Put(vaultStore, h.id, map[string]any{
		"id": h.id, "wraps": browser.Bytes(packWraps(h.wraps)),
	}); err != nil {
		return err
	}
	return t.Done(ctx)
}

func heads(ctx context.Context) ([]head, error) {
	t, err := table.Begin(ctx, "readonly", vaultStore)
	if err != nil {
		return nil, err
	}
	all, err := t.All(ctx, vaultStore)
	if err != nil {
		return nil, err
	}
	var found []head
	for i := range all.Length() {
		if h := headOf(all.Index(i)); h.id != "" {
			found = append(found, h)
		}
	}
	return found, nil
}

func headOf(v js.Value) (h head) {
	defer damaged()
	if wraps, ok := unpackWraps(browser.FromBytes(v.Get("wraps"))); ok {
		h = head{v.Get("id").String(), wraps}
	}
	return h
}

// destroy takes away a vault: first what opens it, then what lay in it, in one go.
func destroy(ctx context.Context, id string) error {
	t, err := table.Begin(ctx, "readwrite", vaultStore, recordStore)
	if err != nil {
		return err
	}
	if err := t.Delete(vaultStore, id); err != nil {
		return err
	}
	if err := t.DeleteUnder(recordStore, id); err != nil {
		return err
	}
	return t.Done(ctx)
}

// clearTable is for tests outside a browser.
func clearTable() {}
