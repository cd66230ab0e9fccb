package vault

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"madoguchi/proto/edition"
)

// Each sealed record opens in its own place alone, but an older copy of it would, too, and one of a record that was
// taken away: a write that was sent long ago would be sent again. So the vault keeps a sealed ledger of what lies in
// it, written together with the records: each kind's in sixteen pages, by how the names of the records begin. A record
// that is not the one in the ledger is dropped, and it is said (Trouble). Whoever puts a record back together with its
// page of the ledger, or the whole database, is not found out: nothing on the device could tell.

const (
	ledgerEnding = "/ledger"
	ledgerSize   = 16 + 4 + nonceSize // of a record on a page: its name, when in minutes, what it was sealed with
	putTries     = 8                  // how often another tab may be there first
)

// ErrReplaced: an older record lay in the place of the one that was kept last.
var ErrReplaced = errors.New("an older record was put in the place of a newer one")

// page is one of a ledger.
type page struct {
	row   row
	lines map[string]entered // by the names of the records
}

type entered struct {
	minute uint32
	nonce  string
}

// pageRow is the page of the ledger that a record is on.
func pageRow(r row) row {
	return row{vault: r.vault, kind: r.kind + ledgerEnding, name: r.name[:1]}
}

// pageRows are all of a kind.
func pageRows(vault string, kind Kind) []row {
	rows := make([]row, 16)
	for i := range rows {
		rows[i] = pageRow(row{vault: vault, kind: string(kind), name: hex.EncodeToString([]byte{byte(i << 4)})})
	}
	return rows
}

// openPages opens pages of the ledger, by their names. One that is missing, or not what was kept, has nothing on it.
func (o *opening) openPages(ctx context.Context, rows []row) map[string]page {
	pages := map[string]page{}
	for i, plain := range o.seal.openAll(ctx, rows) {
		p := page{row: rows[i], lines: map[string]entered{}}
		if plain != nil {
			p.read(fromBlob(*plain))
		}
		pages[p.row.name] = p
	}
	return pages
}

func (p page) read(b []byte) {
	for len(b) >= ledgerSize {
		p.lines[hex.EncodeToString(b[:16])] = entered{
			binary.BigEndian.Uint32(b[16:]), string(b[20:ledgerSize]),
		}
		b = b[ledgerSize:]
	}
}

func (p page) packed() []byte {
	var b []byte
	for name, e := range p.lines {
		raw, err := hex.DecodeString(name)
		if err != nil || len(raw) != 16 {
			continue
		}
		b = append(binary.BigEndian.AppendUint32(append(b, raw...), e.minute), e.nonce...)
	}
	return b
}

// has says that a record is the one that was kept last under its name.
func (p page) has(r row) bool { return r.nonce() != "" && p.lines[r.name].nonce == r.nonce() }

// enter notes a record, and leaves out what is kept no longer, once the clock is known to be right.
func (p page) enter(k Sort, r row, right bool) {
	now := uint32(clock().UnixMilli() / 60_000)
	for name, e := range p.lines {
		if right && k.For > 0 && int64(now)-int64(e.minute) > int64(k.For.Minutes()) {
			delete(p.lines, name)
		}
	}
	p.lines[r.name] = entered{now, r.nonce()}
}

// change keeps a sealed record, or takes it away, and notes it, in one go.
func (o *opening) change(ctx context.Context, k Sort, r row, put bool) error {
	o.writing.Lock()
	defer o.writing.Unlock()
	for range putTries {
		there, _, err := readRows(ctx, []row{pageRow(r)})
		if err != nil {
			return err
		}
		p := o.openPages(ctx, there)[there[0].name]
		var puts, gone []row
		if put {
			p.enter(k, r, o.right.Load())
			puts = []row{r}
		} else {
			delete(p.lines, r.name)
			gone = []row{r}
		}
		whole := p.packed()
		now := pageRow(r)
		now.at, now.version, now.size = clock().UnixMilli(), edition.Now, len(whole)
		if now.data, err = o.seal.seal(ctx, whole, now.bound()); err != nil {
			return err
		}
		if err := o.putRowsIf(ctx, k.Unsent, there[0], append(puts, now), gone); !errors.Is(err, errMoved) {
			return err
		}
	}
	return errMoved
}

// drop takes away a record that is not the one that was kept last, and notes it, unless it is another one by now.
func (o *opening) drop(ctx context.Context, r row) error {
	err := o.putRowsIf(ctx, false, r, nil, []row{r})
	if err == nil {
		troubled.Lock()
		troubled.err = ErrReplaced
		troubled.Unlock()
	}
	if err == nil || errors.Is(err, errMoved) {
		return ErrNotOurs
	}
	return err
}
