//go:build !js

package main

import (
	"slices"

	"madoguchi/frontend/pack/wasm"
)

// A function of Go's is a table of places, blocks that end where those are, and a loop around all of it:
//
//	block         ; behind it a function that is unwound returns 1: not any more, see unwound
//	  loop
//	    block … block
//	      local.get place
//	      br_table …
//	    end
//	    …         ; region 0
//	    end
//	    …         ; region 1
//
// A jump sets the place, and goes to the beginning of the loop.

// jumps has what goes forward leave the block that ends where it goes, without the table; what goes back stays as it
// is.
func jumps(code instructions) instructions {
	table := slices.IndexFunc(code, func(i wasm.Instruction) bool { return i.Op == wasm.BranchTable })
	if table < 1 || code[table-1] != op(wasm.LocalGet, place) {
		return code
	}
	first := table - 1 // of the blocks
	for first > 0 && code[first-1] == op(wasm.Block, wasm.Empty) {
		first--
	}
	places := *code[table].Table
	var out instructions
	var labels []int // what is open: the region that begins where it ends, or one of these
	const (
		none = -1 - iota
		loop
	)
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c.Op {
		case wasm.Loop:
			labels = append(labels, loop)
		case wasm.If:
			labels = append(labels, none)
		case wasm.Block:
			region := none
			if first <= i && i < table {
				region = table - 2 - i
			}
			labels = append(labels, region)
		case wasm.End:
			labels = labels[:max(0, len(labels)-1)] // the last is the function's own
		case wasm.I32Const:
			if i+2 >= len(code) || code[i+1] != op(wasm.LocalSet, place) || code[i+2].Op != wasm.Branch {
				break
			}
			depth := len(labels) - 1 - int(code[i+2].A)
			if depth < 0 || labels[depth] != loop || c.A < 0 {
				break
			}
			region := int(places[min(int(c.A), len(places)-1)])
			if at := slices.Index(labels, region); at > depth {
				i += 2
				out = append(out, op(wasm.Branch, int64(len(labels)-1-at)))
				continue
			}
		}
		out = append(out, code[i])
	}
	return conditions(out)
}

// conditions writes a jump on a condition as one instruction.
func conditions(code instructions) instructions {
	var out instructions
	for i := 0; i < len(code); i++ {
		at := i + 1
		if at+1 < len(code) && code[at].Op == wasm.I32Const && code[at+1] == op(wasm.LocalSet, place) {
			at += 2
		}
		if code[i] != op(wasm.If, wasm.Empty) || at+1 >= len(code) || code[at].Op != wasm.Branch || code[at].A == 0 ||
			code[at+1].Op != wasm.End {
			out = append(out, code[i])
			continue
		}
		// The place is set even if no jump follows: it is read only by the table, to which only jumps lead.
		out = append(out, code[i+1:at]...)
		out = append(out, op(wasm.BranchIf, code[at].A-1))
		i = at + 1
	}
	return out
}
