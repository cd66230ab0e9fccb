//go:build !js

package main

import (
	"errors"

	"madoguchi/frontend/pack/wasm"
)

// program is what a module weighs.
type program struct {
	functions []function
	code      int
	data      int
	other     int
}

type function struct {
	name string
	size int
}

// readProgram takes a module with the names of its functions apart.
func readProgram(module []byte) (program, error) {
	var p program
	var sizes []int
	imported := 0
	names := map[uint64]string{}
	err := wasm.Sections(module, func(kind byte, section *wasm.Reader) error {
		size := len(section.Rest)
		switch kind {
		case wasm.Import:
			imported = imports(section)
			p.other += size
		case wasm.Code:
			for range section.Number() {
				sizes = append(sizes, len(section.Bytes()))
				if section.Err != nil {
					break
				}
			}
			p.code += size
		case wasm.Data:
			p.data += size
		case wasm.Custom:
			if string(section.Bytes()) == "name" {
				readNames(section, names)
				break // the page goes out without
			}
			p.other += size
		default:
			p.other += size
		}
		return nil
	})
	if err != nil {
		return program{}, err
	}
	if len(names) == 0 {
		return program{}, errors.New("its functions have no names: it must be built without -s -w")
	}
	for i, size := range sizes {
		p.functions = append(p.functions, function{names[uint64(imported+i)], size})
	}
	return p, nil
}

// imports counts the functions that a module brings from outside: they have numbers, too. Go's import nothing else.
func imports(r *wasm.Reader) int {
	n := r.Number()
	for range n {
		r.Bytes()
		r.Bytes()
		if r.Byte() != 0 {
			r.Err = errors.New("it imports more than functions")
		}
		r.Number()
		if r.Err != nil {
			return 0
		}
	}
	return int(n)
}

// readNames reads the names of functions.
func readNames(r *wasm.Reader, into map[uint64]string) {
	const ofFunctions = 1
	for len(r.Rest) > 0 && r.Err == nil {
		kind := r.Byte()
		list := &wasm.Reader{Rest: r.Bytes()}
		if kind != ofFunctions {
			continue
		}
		for range list.Number() {
			number := list.Number()
			into[number] = string(list.Bytes())
			if list.Err != nil {
				break
			}
		}
		r.Err = errors.Join(r.Err, list.Err)
	}
}
