//go:build !js

package main

import (
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// A call begins so; then come the address to which it returns, and how the function is called: one that is known, or
// one of which the address is on the stack of WebAssembly.
var (
	calling = instructions{
		op(wasm.LocalGet, stack), op(wasm.I32Const, word), op(wasm.I32Sub), op(wasm.LocalTee, stack),
		op(wasm.GlobalSet, stackAt), op(wasm.LocalGet, stack),
	}
	returning = instructions{op(wasm.I64Store, 3, 0)}
	known     = instructions{op(wasm.I32Const, 0)}
	unknown   = instructions{
		op(wasm.I64Const, ofPlace), op(wasm.I64ShrU), op(wasm.I32WrapI64), op(wasm.LocalSet, place),
	}
	unknownToo = instructions{op(wasm.I32Const, 0), op(wasm.LocalGet, place), op(wasm.CallIndirect, 0, 0)}
)

// called is what callers did, done by what is called: it takes the address for its parameter, which is never as low as
// a place is, puts it onto the stack, and begins at its first place.
var called = instructions{
	op(wasm.LocalGet, place), op(wasm.I32Const, ofPlace), op(wasm.I32ShrU), op(wasm.If, wasm.Empty),
	op(wasm.LocalGet, stack), op(wasm.I32Const, word), op(wasm.I32Sub), op(wasm.LocalTee, stack),
	op(wasm.GlobalSet, stackAt),
	op(wasm.LocalGet, stack), op(wasm.LocalGet, place), op(wasm.I64ExtendI32), op(wasm.I64Store, 3, 0),
	op(wasm.I32Const, 0), op(wasm.LocalSet, place), op(wasm.End),
}

// unwound is the way out behind a call. It was a jump to the end of the function, every time from another depth.
var unwound = instructions{op(wasm.If, wasm.Empty), op(wasm.I32Const, 1), op(wasm.Return), op(wasm.End)}

// calls leaves to the callee what each caller did. The address is put together of the function's own and the place: so
// it is short, and the same in all functions.
func (s *shortener) calls(code instructions) instructions {
	var out instructions
	pc := int64(0)
	for len(code) > 0 {
		address, call, rest := s.call(code)
		own := address &^ (1<<ofPlace - 1)
		if call == nil || own>>32 != 0 || pc != 0 && own != pc {
			i := code[0]
			if wasm.LocalGet <= i.Op && i.Op <= wasm.LocalTee && i.A >= ownPC {
				i.A++
			}
			out = append(out, i)
			code = code[1:]
			continue
		}
		pc, code = own, rest
		last := call[len(call)-1]
		out = append(out, call[:len(call)-1]...)
		out = append(out, op(wasm.LocalGet, ownPC), op(wasm.I32Const, address-own), op(wasm.I32Or))
		if last.Op == wasm.CallIndirect {
			out = append(out, op(wasm.LocalGet, place))
		}
		out = append(out, last)
		if !has(code, begin) || len(code) == len(begin) || code[len(begin)].Op != wasm.BranchIf {
			continue
		}
		code = code[len(begin)+1:]
		if last.Op == wasm.Call && s.never[last.A] {
			out = append(out, op(wasm.Return))
		} else {
			out = append(append(out, begin...), unwound...)
		}
	}
	head := slices.Concat(begin, called)
	if pc != 0 {
		head = append(head, op(wasm.I32Const, int64(int32(uint32(pc)))), op(wasm.LocalSet, ownPC))
	}
	return append(head, out...)
}

// call reads a call to a function of Go's from the beginning of code: the address, what calls, and what comes behind.
func (s *shortener) call(code instructions) (address int64, call, rest instructions) {
	if !has(code, calling) {
		return 0, nil, nil
	}
	code = code[len(calling):]
	if len(code) == 0 || code[0].Op != wasm.I64Const || !has(code[1:], returning) {
		return 0, nil, nil
	}
	address = code[0].A
	code = code[1+len(returning):]
	if has(code, known) && len(code) > 1 && code[1].Op == wasm.Call && s.isGo(code[1].A) {
		return address, code[1:2], code[2:]
	}
	if has(code, unknown) && has(code[len(unknown):], unknownToo) {
		n := len(unknown) + len(unknownToo)
		return address, append(slices.Clone(unknown), code[n-1]), code[n:]
	}
	return 0, nil, nil
}
