//go:build !js

package vault

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"madoguchi/frontend/reach/browser"
)

// Outside a browser nothing outlives the process.
type blob = []byte

func toBlob(b []byte) blob   { return slices.Clone(b) }
func fromBlob(b blob) []byte { return slices.Clone(b) }

var table struct {
	sync.Mutex
	rows  map[rowKey]row
	heads map[string]head
	full  bool // takes nothing more
}

type rowKey struct{ vault, kind, name string }

func (r row) key() rowKey { return rowKey{r.vault, r.kind, r.name} }

// hold takes the table, or says why not.
func hold() (release func(), err error) {
	if refuses {
		return nil, browser.ErrNoDatabase
	}
	table.Lock()
	if table.rows == nil {
		table.rows, table.heads = map[rowKey]row{}, map[string]head{}
	}
	return table.Unlock, nil
}

func clearTable() {
	table.Lock()
	defer table.Unlock()
	table.rows, table.heads, table.full = nil, nil, false
}

func putRows(_ context.Context, put, gone []row) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	return finish(put, gone)
}

func finish(put, gone []row) error {
	if table.full && len(put) > 0 {
		return browser.ErrFull
	}
	for _, r := range put {
		table.rows[r.key()] = r
	}
	for _, r := range gone {
		delete(table.rows, r.key())
	}
	return nil
}

// putRowsIf does it in an open vault unless the row that was seen is another one by now: errMoved. A row without data
// was not there. ErrLocked when the vault is gone, or another one of its name.
func (o *opening) putRowsIf(_ context.Context, _ bool, seen row, put, gone []row) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	if table.heads[o.vault].born() != o.born {
		return o.gone()
	}
	if table.rows[seen.key()].nonce() != seen.nonce() {
		return errMoved
	}
	return finish(put, gone)
}

// nonce tells apart what was sealed at different times; empty for what is not there.
func (r row) nonce() string { return string(r.data[:min(nonceSize, len(r.data))]) }

// readRows gets rows, one without data for each that is not there, and all that lie under a beginning, if one is given.
func readRows(ctx context.Context, wanted []row, begins ...string) (there, under []row, err error) {
	there = slices.Clone(wanted)
	for i, r := range wanted {
		found, ok, err := getRow(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			there[i] = found
		}
	}
	if len(begins) > 0 {
		under, err = rowsUnder(ctx, begins...)
	}
	return there, under, err
}

func getRow(_ context.Context, r row) (row, bool, error) {
	release, err := hold()
	if err != nil {
		return row{}, false, err
	}
	defer release()
	found, ok := table.rows[r.key()]
	return found, ok, nil
}

func rowsUnder(_ context.Context, begins ...string) (under []row, err error) {
	release, err := hold()
	if err != nil {
		return nil, err
	}
	defer release()
	for _, r := range table.rows {
		if r.begins(begins) {
			under = append(under, r)
		}
	}
	slices.SortFunc(under, func(a, b row) int {
		return cmp.Or(
			strings.Compare(a.vault, b.vault), strings.Compare(a.kind, b.kind), strings.Compare(a.name, b.name),
		)
	})
	return under, nil
}

func (r row) begins(parts []string) bool {
	of := []string{r.vault, r.kind, r.name}
	return slices.Equal(of[:len(parts)], parts)
}

func allRows(ctx context.Context) ([]row, error) { return rowsUnder(ctx) }

// forget takes away everything of a kind, in every vault.
func forget(_ context.Context, kind Kind) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	maps.DeleteFunc(table.rows, func(_ rowKey, r row) bool { return r.belongsTo(kind) })
	return nil
}

// putHeadIf keeps a head unless another one than was seen lies there by now: errMoved. What lies in a vault that it
// makes anew goes.
func putHeadIf(_ context.Context, seen, h head) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	if table.full {
		return browser.ErrFull
	}
	if !bytes.Equal(packWraps(table.heads[h.id].wraps), packWraps(seen.wraps)) {
		return errMoved
	}
	if seen.born() != h.born() {
		maps.DeleteFunc(table.rows, func(key rowKey, _ row) bool { return key.vault == h.id })
	}
	table.heads[h.id] = h
	return nil
}

func heads(context.Context) (all []head, err error) {
	release, err := hold()
	if err != nil {
		return nil, err
	}
	defer release()
	for _, h := range table.heads {
		if wraps, ok := unpackWraps(packWraps(h.wraps)); ok {
			all = append(all, head{h.id, wraps})
		}
	}
	return all, nil
}

func destroy(_ context.Context, id string) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	delete(table.heads, id)
	maps.DeleteFunc(table.rows, func(key rowKey, _ row) bool { return key.vault == id })
	return nil
}
