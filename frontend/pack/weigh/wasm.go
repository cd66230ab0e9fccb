//go:build !js

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Sections of a WebAssembly module (https://webassembly.github.io/spec/core/binary/modules.html).
const (
	sectionCustom = 0
	sectionImport = 2
	sectionCode   = 10
	sectionData   = 11
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
	if len(module) < 8 || string(module[:4]) != "\x00asm" {
		return program{}, errors.New("not a WebAssembly module")
	}
	var p program
	var sizes []int
	imported := 0
	names := map[uint64]string{}
	r := &reader{rest: module[8:]}
	for len(r.rest) > 0 && r.err == nil {
		kind := r.byte()
		section := &reader{rest: r.bytes()}
		size := len(section.rest)
		switch kind {
		case sectionImport:
			imported = section.imports()
			p.other += size
		case sectionCode:
			for range section.number() {
				sizes = append(sizes, len(section.bytes()))
			}
			p.code += size
		case sectionData:
			p.data += size
		case sectionCustom:
			if string(section.bytes()) == "name" {
				section.names(names)
				continue // the page goes out without
			}
			p.other += size
		default:
			p.other += size
		}
		if section.err != nil {
			return program{}, fmt.Errorf("reading section %d: %w", kind, section.err)
		}
	}
	if r.err != nil {
		return program{}, r.err
	}
	if len(names) == 0 {
		return program{}, errors.New("its functions have no names: it must be built without -s -w")
	}
	for i, size := range sizes {
		p.functions = append(p.functions, function{names[uint64(imported+i)], size})
	}
	return p, nil
}

// reader reads the numbers and lists of a module; the first mistake stays.
type reader struct {
	rest []byte
	err  error
}

var errCut = errors.New("it ends too early")

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.err = errCut
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.err, r.rest = errCut, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// bytes reads a list with its length before it.
func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.err, r.rest = errCut, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// imports counts the functions that a module brings from outside: they have numbers, too. Go's import nothing else.
func (r *reader) imports() int {
	n := r.number()
	for range n {
		r.bytes()
		r.bytes()
		if r.byte() != 0 {
			r.err = errors.New("it imports more than functions")
			return 0
		}
		r.number()
	}
	return int(n)
}

// names reads the names of functions.
func (r *reader) names(into map[uint64]string) {
	const ofFunctions = 1
	for len(r.rest) > 0 && r.err == nil {
		kind := r.byte()
		list := &reader{rest: r.bytes()}
		if kind != ofFunctions {
			continue
		}
		for range list.number() {
			number := list.number()
			into[number] = string(list.bytes())
		}
		r.err = errors.Join(r.err, list.err)
	}
}
