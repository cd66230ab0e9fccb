//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"madoguchi/frontend/pack/wasm"
)

// magic begins the table of functions of a program by Go 1.20 and later for WebAssembly (pcHeader in the runtime's
// symtab.go): its number, two zeros, the least size of an instruction, the size of a pointer.
var magic = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where things stand in the table's head, and in what it says of a function (_func in the runtime's runtime2.go).
const (
	headFunctions = 8
	headTables    = 56 // of the values by place in the code
	headList      = 64
	headSize      = 72

	funcStack    = 16 // a table of where the stack ends
	funcFiles    = 20
	funcLines    = 24
	funcHowMany  = 28 // tables that the collector of garbage reads
	funcFirst    = 36 // the line on which it begins
	funcSize     = 44
	inList       = 8
	inListOffset = 4
)

var errTable = errors.New("the table of functions is not as it was when this was written")

// dropLines removes from a program's memory what says which instruction comes from which line of which file. The
// runtime takes a table at 0 for one that is not there, and says "?" instead. Tables may be shared: what another kind
// of table reads stays.
func dropLines(memory []byte) error {
	at := bytes.Index(memory, magic)
	if at < 0 || at+headSize > len(memory) || bytes.Contains(memory[at+1:], magic) {
		return errTable
	}
	table := memory[at:]
	le := binary.LittleEndian
	howMany := le.Uint64(table[headFunctions:])
	tablesAt, list := le.Uint64(table[headTables:]), le.Uint64(table[headList:])
	if tablesAt >= list || list > uint64(len(table)) || howMany > (uint64(len(table))-list)/inList {
		return errTable
	}
	tables := table[tablesAt:list]
	read := make([]bool, len(tables))
	lines := 0
	for i := range howMany {
		at := list + uint64(le.Uint32(table[list+i*inList+inListOffset:]))
		if at+funcSize > uint64(len(table)) {
			return errTable
		}
		f := table[at:]
		more := uint64(le.Uint32(f[funcHowMany:]))
		if more > (uint64(len(f))-funcSize)/4 {
			return errTable
		}
		kept := []uint32{le.Uint32(f[funcStack:])}
		for j := range more {
			kept = append(kept, le.Uint32(f[funcSize+4*j:]))
		}
		for _, from := range kept {
			if err := mark(read, tables, from); err != nil {
				return err
			}
		}
		for _, field := range []int{funcFiles, funcLines} {
			if le.Uint32(f[field:]) != 0 {
				lines++
			}
			le.PutUint32(f[field:], 0)
		}
		le.PutUint32(f[funcFirst:], 0)
	}
	if lines == 0 {
		return fmt.Errorf("no function has a table of lines: %w", errTable)
	}
	for i := range tables {
		if !read[i] {
			tables[i] = 0
		}
	}
	return nil
}

// mark notes that a table is read: pairs of numbers, up to one that begins with 0 (but for the first pair).
func mark(read []bool, tables []byte, from uint32) error {
	if from == 0 {
		return nil
	}
	if uint64(from) >= uint64(len(tables)) {
		return errTable
	}
	r := &wasm.Reader{Rest: tables[from:]}
	for first := true; ; first = false {
		if r.Number() == 0 && !first {
			break
		}
		r.Number()
		if r.Err != nil {
			return fmt.Errorf("a table goes on beyond the last: %w", errTable)
		}
	}
	for i := int(from); i < len(tables)-len(r.Rest); i++ {
		read[i] = true
	}
	return nil
}
