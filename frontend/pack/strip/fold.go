//go:build !js

package main

import (
	"bytes"
	"fmt"
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// What the runtime knows of the functions is a quarter of what a program sends beside its code, and much of it follows
// from itself: numbers that are one more each time, places that go on where the last one ended, an index that can be
// reckoned. So it is sent folded: by columns, each of one kind of number, of some of them only by how much they grow. A
// function that WebAssembly calls before anything else unfolds it.

const (
	inPlaces = 20 // a number and sixteen steps, of the index by place (findfuncbucket in symtab.go)
	ofPlaces = 16 // how often the index has each function
	word32   = 4

	// The lists of every function become equally long: so many places for tables by place, and of the whole.
	byPlaceMost = 3
	wholeMost   = 5
	stride      = funcSize + word32*(byPlaceMost+wholeMost)
)

// column is one kind of number that all functions have.
type column struct {
	to     uint64 // offset of the first in the list
	step   uint64
	grows  bool // is sent by how much it grows
	values []uint32
}

// fold takes the list of functions and the index by place out of the memory: what is between gaps is to be sent, and
// code puts the rest there. The columns stand meanwhile where the index will be.
func (t *tables) fold(imported uint64) (code instructions, gaps [][2]uint64, err error) {
	if err := t.numberNames(); err != nil {
		return nil, nil, err
	}
	columns, listed, end, err := t.columns()
	if err != nil {
		return nil, nil, err
	}
	places := le.Uint64(t.module[modulePlaces:]) - t.first
	size := (t.howMany - 1) * ofPlaces * inPlaces // the last function has not all of its places
	if places > uint64(len(t.memory)) || size > uint64(len(t.memory))-places {
		return nil, nil, errTable
	}
	for i := range (t.howMany - 1) * ofPlaces {
		index := t.memory[places+i*inPlaces:]
		if uint64(le.Uint32(index)) != i/ofPlaces || len(bytes.Trim(index[word32:inPlaces], "\x00")) > 0 {
			return nil, nil, fmt.Errorf("the index of the functions is another: %w", errTable)
		}
	}
	var folded []byte
	for _, c := range columns {
		last := uint32(0)
		for _, v := range c.values {
			folded = le.AppendUint32(folded, v-last)
			if c.grows {
				last = v
			}
		}
	}
	list := uint64(t.at) + t.list
	if uint64(len(folded)) > size || list+end > uint64(len(t.memory)) || list+end > places {
		return nil, nil, errTable
	}
	clear(t.memory[list : list+end])
	clear(t.memory[places : places+size])
	copy(t.memory[places:], folded)

	from := places + t.first
	code = instructions{op(wasm.I32Const, int64(from)), op(wasm.LocalSet, source)}
	for _, c := range columns {
		code = append(code, unfoldColumn(c, t.first+list)...)
	}
	code = append(code, op(wasm.I32Const, int64(from)), op(wasm.I32Const, 0), op(wasm.I32Const, int64(len(folded))),
		wasm.Instruction{Op: wasm.Prefix, A: wasm.MemoryFill})
	code = append(code, unfoldIndex(from, from+size)...)
	names, room, err := t.roomOfNames()
	if err != nil {
		return nil, nil, err
	}
	code = append(code, t.unfoldNames(names, t.first+list+listed+funcName, imported)...)
	gaps = [][2]uint64{room, {list, list + end}, {places + uint64(len(folded)), places + size}}
	return code, gaps, nil
}

// columns are the numbers of the list, with new places in it: each function gets as much room as the others. The list
// is as long as it was.
func (t *tables) columns() (columns []column, first, end uint64, err error) {
	first = (t.howMany*inList + word32 + 7) / 8 * 8
	end = le.Uint64(t.module[moduleList+ofLength:])
	if need := first + t.howMany*stride; need > end {
		return nil, 0, 0, fmt.Errorf("the functions have too little room (%d of %d): %w", end, need, errTable)
	}
	numbers, places := column{step: inList, grows: true}, column{to: inListOffset, step: inList, grows: true}
	for at := uint64(0); at < stride; at += word32 {
		columns = append(columns, column{to: first + at, step: stride, grows: at == 0})
	}
	for i := range t.howMany {
		f, byPlace, whole, err := t.function(i)
		if err != nil {
			return nil, 0, 0, err
		}
		numbers.values = append(numbers.values, le.Uint32(f))
		places.values = append(places.values, uint32(first+i*stride))
		same := slices.Clone(f[:funcSize])
		le.PutUint32(same[funcHowMany:], byPlaceMost)
		same[funcHowMuch] = wholeMost
		if same, err = appendFixed(same, byPlace, byPlaceMost, 0); err != nil {
			return nil, 0, 0, err
		}
		if same, err = appendFixed(same, whole, wholeMost, notThere); err != nil {
			return nil, 0, 0, err
		}
		for j := range columns {
			columns[j].values = append(columns[j].values, le.Uint32(same[j*word32:]))
		}
	}
	// The list ends with where the code ends.
	numbers.values = append(numbers.values, le.Uint32(t.table[t.list+t.howMany*inList:]))
	columns = slices.DeleteFunc(columns, func(c column) bool { return !slices.ContainsFunc(c.values, isSet) })
	return append(columns, numbers, places), first, end, nil
}

func isSet(v uint32) bool { return v != 0 }

// appendFixed appends a list, as long as every function's is. What it is longer must be of nothing.
func appendFixed(to, list []byte, most int, none uint32) ([]byte, error) {
	for i := range max(most, len(list)/word32) {
		v := none
		if i < len(list)/word32 {
			v = le.Uint32(list[i*word32:])
		}
		if i < most {
			to = le.AppendUint32(to, v)
		} else if v != none {
			return nil, fmt.Errorf("more is said of a function than was known: %w", errTable)
		}
	}
	return to, nil
}

// The locals of what unfolds.
const (
	source = iota
	target
	value
	locals
)

// unfoldColumn puts the numbers of a column into the list that begins at an address.
func unfoldColumn(c column, list uint64) instructions {
	to := int64(list + c.to)
	code := instructions{
		op(wasm.I32Const, to), op(wasm.LocalSet, target),
		op(wasm.I32Const, 0), op(wasm.LocalSet, value),
		op(wasm.Loop, wasm.Empty),
		op(wasm.LocalGet, target), op(wasm.LocalGet, source), op(wasm.I32Load, 2, 0),
	}
	if c.grows {
		code = append(code, op(wasm.LocalGet, value), op(wasm.I32Add), op(wasm.LocalTee, value))
	}
	return append(code,
		op(wasm.I32Store, 2, 0),
		op(wasm.LocalGet, source), op(wasm.I32Const, word32), op(wasm.I32Add), op(wasm.LocalSet, source),
		op(wasm.LocalGet, target), op(wasm.I32Const, int64(c.step)), op(wasm.I32Add), op(wasm.LocalTee, target),
		op(wasm.I32Const, to+int64(c.step)*int64(len(c.values))), op(wasm.I32LtU), op(wasm.BranchIf, 0),
		op(wasm.End))
}

// unfoldIndex writes into each place of the index which function it is of.
func unfoldIndex(from, to uint64) instructions {
	return instructions{
		op(wasm.I32Const, int64(from)), op(wasm.LocalSet, target),
		op(wasm.I32Const, 0), op(wasm.LocalSet, value),
		op(wasm.Loop, wasm.Empty),
		op(wasm.LocalGet, target), op(wasm.LocalGet, value), op(wasm.I32Const, 4), op(wasm.I32ShrU),
		op(wasm.I32Store, 2, 0),
		op(wasm.LocalGet, value), op(wasm.I32Const, 1), op(wasm.I32Add), op(wasm.LocalSet, value),
		op(wasm.LocalGet, target), op(wasm.I32Const, inPlaces), op(wasm.I32Add), op(wasm.LocalTee, target),
		op(wasm.I32Const, int64(to)), op(wasm.I32LtU), op(wasm.BranchIf, 0),
		op(wasm.End),
	}
}

// startWith adds a function to a module that is called before all others.
func startWith(code instructions, sections map[byte][]byte) error {
	kind := -1
	types := &wasm.Reader{Rest: sections[wasm.Type]}
	for i := range types.Number() {
		types.Byte()
		parameters, results := types.Bytes(), types.Bytes()
		if len(parameters)+len(results) == 0 && types.Err == nil {
			kind = int(i)
		}
	}
	if kind < 0 || sections[wasm.Start] != nil {
		return errShape
	}
	imported := (&wasm.Reader{Rest: sections[wasm.Import]}).Number()
	kinds := &wasm.Reader{Rest: sections[wasm.Function]}
	n := kinds.Number()
	functions := &wasm.Reader{Rest: sections[wasm.Code]}
	functions.Number()
	body := []byte{1, locals, i32}
	for _, i := range append(code, op(wasm.End)) {
		body = i.Append(body)
	}
	sections[wasm.Start] = wasm.AppendNumber(nil, imported+n)
	sections[wasm.Function] = append(append(wasm.AppendNumber(nil, n+1), kinds.Rest...), byte(kind))
	sections[wasm.Code] = wasm.AppendList(append(wasm.AppendNumber(nil, n+1), functions.Rest...), body)
	return nil
}
