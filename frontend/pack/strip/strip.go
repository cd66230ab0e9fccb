//go:build !js

package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// strip is a module that does the same, with its memory in one piece and without what only a panic's words are of.
func strip(module []byte) ([]byte, error) {
	out := []byte(wasm.Header)
	found := false
	err := wasm.Sections(module, func(kind byte, section *wasm.Reader) error {
		content := section.Rest
		if kind == wasm.Data {
			found = true
			at, memory, err := readMemory(section)
			if err != nil {
				return err
			}
			if err := dropTables(memory, at); err != nil {
				return err
			}
			content = append(wasm.AppendSigned([]byte{1, inMemory, constant}, at), end)
			content = wasm.AppendList(content, memory)
		}
		out = wasm.AppendList(append(out, kind), content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("it has no data")
	}
	return out, nil
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
