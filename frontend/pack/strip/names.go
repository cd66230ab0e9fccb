//go:build !js

package main

import (
	"bytes"
	"fmt"
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// The names of functions are a twentieth of what would be sent, and a program says them only when it ends in a panic.
// What unfolds the tables makes names of the functions' numbers instead, of the shape that the runtime takes apart
// (panicwrap in its error.go): f.(*01234).f, and runtime.(*01234).f for the runtime's own, which it tells from others
// by how they begin (isSystemGoroutine in traceback.go). The numbers are those that browsers say.

const (
	nameSize   = 24
	nameDigits = 5

	// What is sent of a function's name: that it is made of its number, as the runtime's or another's, or where it
	// stands.
	numbered        = 0
	numberedRuntime = 1
	firstName       = 2
)

// askedFor are the names that the runtime looks for when it collects garbage (argMapInternal in stkframe.go).
var askedFor = []string{"reflect.makeFuncStub", "reflect.methodValueCall"}

// names are those of all functions, in the order of the code.
func (t *tables) names() ([]string, error) {
	text := t.textOfNames()
	var names []string
	for i := range t.howMany {
		f, _, _, err := t.function(i)
		if err != nil {
			return nil, err
		}
		at := uint64(le.Uint32(f[funcName:]))
		if at > uint64(len(text)) {
			return nil, errTable
		}
		name, _, _ := bytes.Cut(text[at:], []byte{0})
		names = append(names, string(name))
	}
	return names, nil
}

func (t *tables) textOfNames() []byte {
	return t.table[le.Uint64(t.table[headNames:]):le.Uint64(t.table[headUnits:])]
}

// numberNames removes the names but for those that are asked for, and notes of each function what is sent of its name.
func (t *tables) numberNames() error {
	names, err := t.names()
	if err != nil {
		return err
	}
	text := t.textOfNames()
	clear(text)
	free := firstName
	for i, name := range names {
		f, _, _, err := t.function(uint64(i))
		if err != nil {
			return err
		}
		kind := uint32(numbered)
		switch {
		case slices.Contains(askedFor, name):
			kind = uint32(free)
			free += copy(text[free:], name) + 1
		case bytes.HasPrefix([]byte(name), []byte("runtime.")):
			kind = numberedRuntime
		}
		le.PutUint32(f[funcName:], kind)
	}
	t.kept = uint64(free)
	return nil
}

// roomOfNames is where made names go: the offset of the first among the names, and the piece of the memory.
func (t *tables) roomOfNames() (first uint64, room [2]uint64, err error) {
	begins := le.Uint64(t.table[headNames:])
	from := (uint64(t.at)+begins+t.kept+7)/8*8 - uint64(t.at) - begins
	size := t.howMany * nameSize
	if from+size > uint64(len(t.textOfNames())) {
		return 0, room, fmt.Errorf("the names have too little room: %w", errTable)
	}
	at := uint64(t.at) + begins + from
	return from, [2]uint64{at, at + size}, nil
}

// unfoldNames makes names, the first of them at an offset among all, for the functions of which the first has the place
// of its name at an address.
func (t *tables) unfoldNames(first, functions, imported uint64) instructions {
	const (
		of     = source // the place of a function's name
		name   = target
		number = value
	)
	text := t.first + uint64(t.at) + le.Uint64(t.table[headNames:])
	begin := int64(text + first)
	put := func(offset int64, s string) instructions { // behind what the name begins with
		code := instructions{}
		for i := range len(s) {
			code = append(code, op(wasm.LocalGet, name), op(wasm.I32Const, int64(s[i])),
				op(wasm.I32Store8, 0, offset+int64(i)))
		}
		return code
	}
	code := instructions{
		op(wasm.I32Const, int64(functions)), op(wasm.LocalSet, of),
		op(wasm.I32Const, begin), op(wasm.LocalSet, name),
		op(wasm.I32Const, int64(imported)), op(wasm.LocalSet, number),
		op(wasm.Loop, wasm.Empty),
		op(wasm.LocalGet, of), op(wasm.I32Load, 2, 0), op(wasm.I32Const, firstName), op(wasm.I32LtU),
		op(wasm.If, wasm.Empty),
		op(wasm.LocalGet, of), op(wasm.I32Load, 2, 0), op(wasm.If, wasm.Empty),
	}
	code = append(code, put(0, "runtime")...)
	// The name of another begins further back, so that what follows stands at the same place.
	code = append(code, op(wasm.LocalGet, of), op(wasm.LocalGet, name), op(wasm.I32Const, int64(text)),
		op(wasm.I32Sub), op(wasm.I32Store, 2, 0), op(wasm.Else))
	code = append(code, put(6, "f")...)
	code = append(code, op(wasm.LocalGet, of), op(wasm.LocalGet, name), op(wasm.I32Const, int64(text)-6),
		op(wasm.I32Sub), op(wasm.I32Store, 2, 0), op(wasm.End))
	code = append(code, put(7, ".(*")...)
	for digit, unit := 0, int64(10_000); unit > 0; digit, unit = digit+1, unit/10 {
		code = append(code, op(wasm.LocalGet, name), op(wasm.LocalGet, number), op(wasm.I32Const, unit),
			op(wasm.I32DivU), op(wasm.I32Const, 10), op(wasm.I32RemU), op(wasm.I32Const, '0'), op(wasm.I32Add),
			op(wasm.I32Store8, 0, 10+int64(digit)))
	}
	code = append(code, put(10+nameDigits, ").f")...)
	return append(code,
		op(wasm.End),
		op(wasm.LocalGet, of), op(wasm.I32Const, stride), op(wasm.I32Add), op(wasm.LocalSet, of),
		op(wasm.LocalGet, number), op(wasm.I32Const, 1), op(wasm.I32Add), op(wasm.LocalSet, number),
		op(wasm.LocalGet, name), op(wasm.I32Const, nameSize), op(wasm.I32Add), op(wasm.LocalTee, name),
		op(wasm.I32Const, begin+int64(t.howMany)*nameSize), op(wasm.I32LtU), op(wasm.BranchIf, 0),
		op(wasm.End))
}
