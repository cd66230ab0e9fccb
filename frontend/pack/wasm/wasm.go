//go:build !js

// Package wasm reads WebAssembly modules (https://webassembly.github.io/spec/core/binary/modules.html): what the tools
// that weigh and strip the page's program have in common.
package wasm

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Header is what a module begins with.
const Header = "\x00asm\x01\x00\x00\x00"

// Sections of a module.
const (
	Custom   = 0
	Type     = 1
	Import   = 2
	Function = 3
	Table    = 4
	Memory   = 5
	Global   = 6
	Export   = 7
	Start    = 8
	Element  = 9
	Code     = 10
	Data     = 11
)

// Sections hands each section of a module to do, in their order.
func Sections(module []byte, do func(kind byte, section *Reader) error) error {
	if len(module) < len(Header) || string(module[:len(Header)]) != Header {
		return errors.New("not a WebAssembly module")
	}
	r := &Reader{Rest: module[len(Header):]}
	for len(r.Rest) > 0 && r.Err == nil {
		kind := r.Byte()
		section := &Reader{Rest: r.Bytes()}
		if r.Err != nil {
			break
		}
		if err := do(kind, section); err != nil {
			return err
		}
		if section.Err != nil {
			return fmt.Errorf("reading section %d: %w", kind, section.Err)
		}
	}
	return r.Err
}

// Reader reads the numbers and lists of a module; the first mistake stays.
type Reader struct {
	Rest []byte
	Err  error
}

var errCut = errors.New("it ends too early")

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.Rest) == 0 {
		r.Err = errors.Join(r.Err, errCut)
		return 0
	}
	b := r.Rest[0]
	r.Rest = r.Rest[1:]
	return b
}

// Number reads a number that has no sign.
func (r *Reader) Number() uint64 {
	n, size := binary.Uvarint(r.Rest)
	if size <= 0 {
		r.Err, r.Rest = errors.Join(r.Err, errCut), nil
		return 0
	}
	r.Rest = r.Rest[size:]
	return n
}

// Signed reads a number that may have a sign.
func (r *Reader) Signed() int64 {
	var n int64
	for shift := 0; shift < 64; {
		b := r.Byte()
		n |= int64(b&0x7f) << shift
		shift += 7
		if b < 0x80 {
			if b&0x40 != 0 && shift < 64 {
				n -= 1 << shift
			}
			return n
		}
	}
	r.Err = errors.Join(r.Err, errors.New("a number is too long"))
	return 0
}

// Bytes reads a list with its length before it.
func (r *Reader) Bytes() []byte {
	n := r.Number()
	if n > uint64(len(r.Rest)) {
		r.Err, r.Rest = errors.Join(r.Err, errCut), nil
		return nil
	}
	b := r.Rest[:n]
	r.Rest = r.Rest[n:]
	return b
}

// AppendList writes a list with its length before it.
func AppendList(to, list []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(list))), list...)
}

// AppendSigned writes a number that may have a sign.
func AppendSigned(to []byte, n int64) []byte {
	for n < -0x40 || n >= 0x40 {
		to = append(to, byte(n)&0x7f|0x80)
		n >>= 7
	}
	return append(to, byte(n)&0x7f)
}
