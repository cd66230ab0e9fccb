package vault

import (
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

// putRowsIf does it unless the row that was seen is another one by now: errMoved. A row without data was not there.
func putRowsIf(ctx context.Context, seen row, put, gone []row) error {
	t, err := table.Begin(ctx, "readwrite", recordStore)
	if err != nil {
		return err
	}
	found, err := t.Get(ctx, recordStore, seen.key())
	if err != nil {
		return err
	}
	now := row{}
	if found.Truthy() {
		now = rowOf(found)
	}
	if now.nonce() != seen.nonce() {
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

// nonce tells apart what was sealed at different times; empty for what is not there.
func (r row) nonce() string {
	if !r.data.Truthy() {
		return ""
	}
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
	if len(wanted) > 0 {
		keys := make([]any, len(wanted))
		for i, r := range wanted {
			keys[i] = r.key()
		}
		found, err := t.Gets(ctx, recordStore, keys)
		if err != nil {
			return nil, nil, err
		}
		for i, v := range found {
			if v.Truthy() { // what else it says is what was asked for
				there[i].at, there[i].version = int64(v.Get("at").Float()), v.Get("version").Int()
				there[i].data = v.Get("data")
			}
		}
	}
	if len(begins) == 0 {
		return there, nil, nil
	}
	all, err := t.Under(ctx, recordStore, begins...)
	if err != nil {
		return nil, nil, err
	}
	return there, rowsOf(all), nil
}

func getRow(ctx context.Context, r row) (row, bool, error) {
	t, err := table.Begin(ctx, "readonly", recordStore)
	if err != nil {
		return row{}, false, err
	}
	found, err := t.Get(ctx, recordStore, r.key())
	if err != nil || !found.Truthy() {
		return row{}, false, err
	}
	return rowOf(found), true, nil
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
	return rowsOf(all), nil
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

func deleteUnder(ctx context.Context, begins ...string) error {
	t, err := table.Begin(ctx, "readwrite", recordStore)
	if err != nil {
		return err
	}
	if err := t.DeleteUnder(recordStore, begins...); err != nil {
		return err
	}
	return t.Done(ctx)
}

func rowsOf(all js.Value) []row {
	rows := make([]row, all.Length())
	for i := range rows {
		rows[i] = rowOf(all.Index(i))
	}
	return rows
}

func rowOf(v js.Value) row {
	return row{
		vault: v.Get("vault").String(), kind: v.Get("kind").String(), name: v.Get("name").String(),
		at: int64(v.Get("at").Float()), version: v.Get("version").Int(), size: v.Get("size").Int(), data: v.Get("data"),
	}
}

func (r row) key() any { return []any{r.vault, r.kind, r.name} }

func putHead(ctx context.Context, h head) error {
	t, err := table.Begin(ctx, "readwrite", vaultStore)
	if err != nil {
		return err
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
		v := all.Index(i)
		if wraps, ok := unpackWraps(browser.FromBytes(v.Get("wraps"))); ok {
			found = append(found, head{v.Get("id").String(), wraps})
		}
	}
	return found, nil
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
