//go:build !js

package main

import "madoguchi/frontend/pack/wasm"

// addresses has what is read from the stack, or written to it, say itself how far it lies from the stack's pointer:
// that was reckoned before, in numbers of another size.
func addresses(code instructions) instructions {
	var out instructions
	further := map[int]int64{} // by place in code
	for i := 0; i < len(code); i++ {
		if from, n := onStack(code[i:]); n != 0 {
			if at := access(code[i+n:]); at >= 0 {
				further[i+n+at] = from
				out = append(out, code[i])
				i += n - 1
				continue
			}
		}
		one := code[i]
		one.B += further[i]
		out = append(out, one)
	}
	return out
}

// onStack reads an address that is reckoned from the stack's pointer, and in how many instructions it is.
func onStack(code instructions) (from int64, n int) {
	const most = 1 << 30 // is more than any stack has
	switch {
	case len(code) < 5, code[0] != op(wasm.LocalGet, stack), code[1].Op != wasm.I64ExtendI32:
		return 0, 0
	case code[2].Op == wasm.I32WrapI64:
		return 0, 3
	case code[2].Op != wasm.I64Const, code[2].A < 0, code[2].A > most, code[3].Op != wasm.I64Add,
		code[4].Op != wasm.I32WrapI64:
		return 0, 0
	}
	return code[2].A, 5
}

// access finds what reads or writes at the address that was put onto the stack of WebAssembly, when nothing is done in
// between than to reckon what is written.
func access(code instructions) int {
	above := 0
	for i, c := range code {
		if above == 0 && c.IsLoad() || above == 1 && c.IsStore() {
			return i
		}
		n, ok := c.Leaves()
		if above += n; !ok || above < 1 {
			return -1
		}
	}
	return -1
}

// leaves has a function that returns give back at once what it has of the stack: its own, and the address.
func leaves(code instructions) instructions {
	var out instructions
	for i := 0; i < len(code); i++ {
		n, taken := given(code[i:])
		if more, again := given(code[i+taken:]); taken != 0 && again != 0 {
			n, taken = n+more, taken+again
		}
		if end := i + taken; taken == 0 || end+1 >= len(code) || code[end].Op != wasm.I32Const ||
			code[end+1].Op != wasm.Return {
			out = append(out, code[i])
			continue
		}
		out = append(out, op(wasm.LocalGet, stack), op(wasm.I32Const, n), op(wasm.I32Add),
			op(wasm.GlobalSet, stackAt))
		i += taken - 1
	}
	return out
}

// given reads that some of the stack is given back.
func given(code instructions) (n int64, taken int) {
	if len(code) >= 5 && code[0] == op(wasm.LocalGet, stack) && code[1].Op == wasm.I32Const &&
		code[2].Op == wasm.I32Add && code[3] == op(wasm.LocalTee, stack) && code[4] == op(wasm.GlobalSet, stackAt) {
		return code[1].A, 5
	}
	return 0, 0
}
