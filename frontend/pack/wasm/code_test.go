//go:build !js

package wasm

import (
	"reflect"
	"testing"
)

// All instructions that Go writes are read as they were written, and how much they leave is as the standard has it.
func TestInstructions(t *testing.T) {
	table := []uint64{0, 1, 300, 2}
	for _, c := range []struct {
		is     Instruction
		leaves int
		on     bool // the next one follows
	}{
		{Instruction{Op: Unreachable}, 0, false},
		{Instruction{Op: Block, A: Empty}, 0, false},
		{Instruction{Op: Loop, A: Empty}, 0, false},
		{Instruction{Op: If, A: -1}, 0, false},
		{Instruction{Op: End}, 0, false},
		{Instruction{Op: BranchIf, A: 200}, 0, false},
		{Instruction{Op: BranchTable, Table: &table}, 0, false},
		{Instruction{Op: Call, A: 8192}, 0, false},
		{Instruction{Op: CallIndirect}, 0, false},
		{Instruction{Op: Drop}, -1, true},
		{Instruction{Op: Select}, -2, true},
		{Instruction{Op: LocalGet, A: 130}, 1, true},
		{Instruction{Op: LocalTee, A: 1}, 0, true},
		{Instruction{Op: GlobalSet, A: 7}, -1, true},
		{Instruction{Op: I64Load, A: 3, B: 1 << 20}, 0, true},
		{Instruction{Op: I64Store, A: 3}, -2, true},
		{Instruction{Op: memoryGrow}, 0, true},
		{Instruction{Op: I32Const, A: -1 << 31}, 1, true},
		{Instruction{Op: I64Const, A: -1 << 63}, 1, true},
		{Instruction{Op: f32Const, A: 0xffc00000}, 1, true},
		{Instruction{Op: f64Const, A: -1}, 1, true},
		{Instruction{Op: I32Eqz}, 0, true},
		{Instruction{Op: I64Eqz}, 0, true},
		{Instruction{Op: I64Add}, -1, true},
		{Instruction{Op: 0x67}, 0, true}, // i32.clz
		{Instruction{Op: 0x9f}, 0, true}, // f64.sqrt
		{Instruction{Op: 0xa6}, -1, true},
		{Instruction{Op: 0xc4}, 0, true},
		{Instruction{Op: Prefix, A: 6}, 0, true},
		{Instruction{Op: Prefix, A: memoryCopy}, 0, false},
		{Instruction{Op: Prefix, A: MemoryFill}, 0, false},
	} {
		written := c.is.Append(nil)
		r := &Reader{Rest: written}
		if got := r.Instruction(); !reflect.DeepEqual(got, c.is) || r.Err != nil || len(r.Rest) != 0 {
			t.Errorf("%+v is read as %+v (%v)", c.is, got, r.Err)
		}
		if n, on := c.is.Leaves(); n != c.leaves || on != c.on {
			t.Errorf("%+v leaves %d (%v)", c.is, n, on)
		}
		if r := (&Reader{Rest: written[:len(written)-1]}); len(written) > 1 {
			if r.Instruction(); r.Err == nil {
				t.Errorf("%+v is read from fewer bytes than it has", c.is)
			}
		}
	}
	for _, unknown := range [][]byte{{0x1c, 0}, {0xfd, 0}, {0xfc, 8, 0, 0}, {0xfc, 12, 0, 0}, {0xfc, 11, 1}, {0x06, 0x40}} {
		r := &Reader{Rest: unknown}
		if r.Instruction(); r.Err == nil {
			t.Errorf("% x is read", unknown)
		}
	}
}
