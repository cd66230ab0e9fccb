//go:build !js

package main

import (
	"fmt"

	"madoguchi/frontend/pack/wasm"
)

// values are tables by place in the code: pairs of how much the value grows and how many places it holds for, up to a
// pair that begins with 0 (but for the first). The last value of each holds for more places than a function can have:
// so tables that said the same up to the ends of their functions are one. They stand in the order in which functions
// ask for them.
type values struct {
	told []byte
	at   map[string]uint32
}

// everywhere is more places than a function can have.
const everywhere = 1 << ofPlace

// take keeps the table of which the place stands in field, and writes there where it is now.
func (v *values) take(field, tables []byte) error {
	from := le.Uint32(field)
	if from == 0 {
		return nil
	}
	if uint64(from) >= uint64(len(tables)) {
		return errTable
	}
	var table, before []byte // before the last pair
	last := uint64(0)
	r := &wasm.Reader{Rest: tables[from:]}
	for {
		grows := r.Number()
		if grows == 0 && len(table) > 0 {
			break
		}
		before = table
		table = wasm.AppendNumber(wasm.AppendNumber(table, grows), r.Number())
		if r.Err != nil {
			return fmt.Errorf("a table goes on beyond the last: %w", errTable)
		}
		last = grows
	}
	table = append(wasm.AppendNumber(wasm.AppendNumber(before, last), everywhere), 0)
	at, known := v.at[string(table)]
	if !known {
		at = uint32(len(v.told))
		v.at[string(table)] = at
		v.told = append(v.told, table...)
	}
	le.PutUint32(field, at)
	return nil
}
