//go:build !js

package main

import (
	"errors"
	"fmt"
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// Go's compiler writes WebAssembly as if for a processor: of each call, each jump and each place of the stack it says
// in full what the machine shall do. Most of it is the same every time, and the rest (where a call returns to, how deep
// a jump is) is another number every time, which no compression makes small. Here the same is said shorter, so that
// less is sent, and the browser takes less apart and compiles less. What a program does stays the same, to the last
// byte of its memory.
//
// How Go's functions look (cmd/internal/obj/wasm/wasmobj.go): a function has one parameter, the place at which it goes
// on (PC_B), and returns 1 when the stack of WebAssembly is to be unwound, because another goroutine's turn has come or
// a panic was recovered. Go's own stack lies in memory; a caller puts there to where the callee returns: its own number
// (PC_F) and a place, 16 bits each. Local 1 is a copy of the stack's pointer, which is global 0.

// The locals that all functions have, and the global.
const (
	place   = 0 // PC_B
	stack   = 1
	ownPC   = 2 // has PC_F in its upper half; this is new, and what were locals 2 and so on come behind it
	stackAt = 0

	word    = 8  // how much of the stack an address takes
	ofPlace = 16 // how many bits a place has
	i32     = 0x7f
)

// neverReturn are functions that end in a panic, or begin again on a larger stack: behind them, all is unwound.
var neverReturn = []string{
	"runtime.sigpanic", "runtime.gopanic", "runtime.panicwrap", "runtime.panicdivide", "runtime.panicshift",
	"runtime.panicdottypeE", "runtime.panicdottypeI", "runtime.panicnildottype", "runtime.goPanicIndex",
	"runtime.goPanicIndexU", "runtime.goPanicSliceAlen", "runtime.goPanicSliceAlenU", "runtime.goPanicSliceAcap",
	"runtime.goPanicSliceAcapU", "runtime.goPanicSliceB", "runtime.goPanicSliceBU", "runtime.goPanicSlice3Alen",
	"runtime.goPanicSlice3AlenU", "runtime.goPanicSlice3Acap", "runtime.goPanicSlice3AcapU", "runtime.goPanicSlice3B",
	"runtime.goPanicSlice3BU", "runtime.goPanicSlice3C", "runtime.goPanicSlice3CU", "runtime.goPanicSliceConvert",
	"runtime.morestack", "runtime.morestack_noctxt",
}

var errShape = errors.New("it is not of the shape that Go's compiler gives it")

type instructions = []wasm.Instruction

// op is an instruction with what stands behind it.
func op(op byte, n ...int64) wasm.Instruction {
	i := wasm.Instruction{Op: op}
	switch len(n) {
	case 2:
		i.B = n[1]
		fallthrough
	case 1:
		i.A = n[0]
	}
	return i
}

// has tells whether code begins with other code.
func has(code, begin instructions) bool {
	return len(code) >= len(begin) && slices.Equal(code[:len(begin)], begin)
}

// begin is how every function of Go's begins.
var begin = instructions{op(wasm.GlobalGet, stackAt), op(wasm.LocalSet, stack)}

// shorten is the section of code with shorter functions.
func shorten(sections map[byte][]byte, never []int) ([]byte, error) {
	s := &shortener{imported: int((&wasm.Reader{Rest: sections[wasm.Import]}).Number()), never: map[int64]bool{}}
	for _, n := range never {
		s.never[int64(s.imported+n)] = true
	}
	kinds := &wasm.Reader{Rest: sections[wasm.Function]}
	for n := kinds.Number(); n > 0 && kinds.Err == nil; n-- {
		s.kinds = append(s.kinds, kinds.Number())
	}
	code := &wasm.Reader{Rest: sections[wasm.Code], Err: kinds.Err}
	if n := code.Number(); n != uint64(len(s.kinds)) {
		return nil, errShape
	}
	out := wasm.AppendNumber(nil, uint64(len(s.kinds)))
	for i := range s.kinds {
		f, err := s.function(i, code.Bytes())
		if err != nil {
			return nil, fmt.Errorf("function %d: %w", i, err)
		}
		out = wasm.AppendList(out, f)
	}
	return out, code.Err
}

// shortener shortens the functions of a module.
type shortener struct {
	imported int
	kinds    []uint64       // the type of each function
	never    map[int64]bool // functions that do not return
}

// function is one made shorter.
func (s *shortener) function(i int, body []byte) ([]byte, error) {
	r := &wasm.Reader{Rest: body}
	groups := r.Number()
	locals := [][2]uint64{} // how many, of which type
	for n := groups; n > 0 && r.Err == nil; n-- {
		locals = append(locals, [2]uint64{r.Number(), uint64(r.Byte())})
	}
	var code instructions
	for len(r.Rest) > 0 && r.Err == nil {
		code = append(code, r.Instruction())
	}
	if r.Err != nil {
		return nil, r.Err
	}
	// Some few functions of the runtime are called otherwise, and the linker's mark of the build is none at all.
	if s.isGo(int64(s.imported+i)) && len(code) > 2 {
		if len(locals) == 0 || locals[0] != [2]uint64{1, i32} || !has(code, begin) {
			return nil, errShape
		}
		locals[0][0]++
		code = jumps(leaves(addresses(s.calls(code[len(begin):]))))
	}
	out := wasm.AppendNumber(nil, groups)
	for _, l := range locals {
		out = append(wasm.AppendNumber(out, l[0]), byte(l[1]))
	}
	for _, i := range code {
		out = i.Append(out)
	}
	return out, nil
}

// isGo tells the functions that are called as Go's are: the linker has their type for the first.
func (s *shortener) isGo(function int64) bool {
	i := int(function) - s.imported
	return 0 <= i && i < len(s.kinds) && s.kinds[i] == 0
}
