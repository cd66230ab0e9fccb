//go:build !js

package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// strip is a module that does the same, with its memory in one piece, without what only a panic's words are of, and
// with its functions said shorter; and a list of the functions' names, a line each: its number, by which browsers and
// the module itself know it, and its name.
func strip(module []byte) (stripped, functions []byte, err error) {
	content := map[byte][]byte{}
	err = wasm.Sections(module, func(kind byte, section *wasm.Reader) error {
		if _, twice := content[kind]; twice && kind != wasm.Custom {
			return fmt.Errorf("it has section %d twice", kind)
		}
		if kind != wasm.Custom {
			content[kind] = section.Rest
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	at, memory, err := readMemory(&wasm.Reader{Rest: content[wasm.Data]})
	if err != nil {
		return nil, nil, err
	}
	t, err := findTables(memory, at)
	if err != nil {
		return nil, nil, err
	}
	names, err := t.names()
	if err != nil {
		return nil, nil, err
	}
	if content[wasm.Code], err = shorten(content, named(names, neverReturn)); err != nil {
		return nil, nil, err
	}
	if err := t.drop(); err != nil {
		return nil, nil, err
	}
	imported := (&wasm.Reader{Rest: content[wasm.Import]}).Number()
	unfold, gaps, err := t.fold(imported)
	if err != nil {
		return nil, nil, err
	}
	if err := startWith(unfold, content); err != nil {
		return nil, nil, err
	}
	content[wasm.Data] = appendMemory(nil, at, memory, gaps)
	out := []byte(wasm.Header)
	for _, kind := range []byte{
		wasm.Type, wasm.Import, wasm.Function, wasm.Table, wasm.Memory, wasm.Global, wasm.Export, wasm.Start,
		wasm.Element, wasm.Code, wasm.Data,
	} {
		out = wasm.AppendList(append(out, kind), content[kind])
	}
	for i, name := range names {
		functions = fmt.Appendf(functions, "%05d %s\n", imported+uint64(i), name)
	}
	return out, functions, nil
}

// appendMemory writes a program's memory without what is made at its start.
func appendMemory(to []byte, at int64, memory []byte, gaps [][2]uint64) []byte {
	to = wasm.AppendNumber(to, uint64(len(gaps)+1))
	from := uint64(0)
	for _, gap := range append(gaps, [2]uint64{uint64(len(memory))}) {
		to = append(wasm.AppendSigned(append(to, inMemory, constant), at+int64(from)), end)
		to = wasm.AppendList(to, memory[from:gap[0]])
		from = gap[1]
	}
	return to
}

// What stands before a piece of the memory: that it is put there at the start, and where.
const (
	inMemory = 0
	constant = 0x41 // i32.const
	end      = 0x0b
)

// most is more than a program's memory can be filled with by mistake.
const most = 64 << 20

// readMemory lays the pieces of the memory side by side, from the address of the first on.
func readMemory(r *wasm.Reader) (int64, []byte, error) {
	type piece struct {
		at      int64
		content []byte
	}
	var pieces []piece
	for range r.Number() {
		if kind, before := r.Byte(), r.Byte(); kind != inMemory || before != constant {
			return 0, nil, errors.New("a piece of the memory is of another kind than Go's linker writes")
		}
		at := r.Signed()
		if r.Byte() != end {
			return 0, nil, errors.New("a piece of the memory has an address that is reckoned")
		}
		pieces = append(pieces, piece{at, r.Bytes()})
		if r.Err != nil {
			return 0, nil, fmt.Errorf("reading the memory: %w", r.Err)
		}
	}
	if len(pieces) == 0 {
		return 0, nil, errors.New("the memory is empty")
	}
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.at, b.at) })
	first := pieces[0].at
	var memory []byte
	for _, p := range pieces {
		gap := p.at - first - int64(len(memory))
		if gap < 0 || p.at-first > most {
			return 0, nil, fmt.Errorf("a piece of the memory at %d lies over another or far away", p.at)
		}
		memory = append(append(memory, make([]byte, gap)...), p.content...)
	}
	return first, memory, nil
}
