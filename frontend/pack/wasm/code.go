//go:build !js

package wasm

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The instructions that tools here know by name
// (https://webassembly.github.io/spec/core/binary/instructions.html).
const (
	Unreachable  = 0x00
	Block        = 0x02
	Loop         = 0x03
	If           = 0x04
	Else         = 0x05
	End          = 0x0b
	Branch       = 0x0c
	BranchIf     = 0x0d
	BranchTable  = 0x0e
	Return       = 0x0f
	Call         = 0x10
	CallIndirect = 0x11
	Drop         = 0x1a
	Select       = 0x1b
	LocalGet     = 0x20
	LocalSet     = 0x21
	LocalTee     = 0x22
	GlobalGet    = 0x23
	GlobalSet    = 0x24
	I32Load      = 0x28
	I64Load      = 0x29
	lastLoad     = 0x35
	I32Store     = 0x36
	I64Store     = 0x37
	I32Store8    = 0x3a
	lastStore    = 0x3e
	memorySize   = 0x3f
	memoryGrow   = 0x40
	I32Const     = 0x41
	I64Const     = 0x42
	f32Const     = 0x43
	f64Const     = 0x44
	I32Eqz       = 0x45
	I32LtU       = 0x49
	I64Eqz       = 0x50
	I32Add       = 0x6a
	I32Sub       = 0x6b
	I32DivU      = 0x6e
	I32RemU      = 0x70
	I32Or        = 0x72
	I32ShrU      = 0x76
	I64Add       = 0x7c
	I64ShrU      = 0x88
	I32WrapI64   = 0xa7
	I64ExtendI32 = 0xad // of a number without a sign
	lastNumeric  = 0xc4
	Prefix       = 0xfc // of those that came later
)

// Empty is the type of a block that leaves nothing.
const Empty = -0x40

// Instruction is one with what stands behind it: a number, or two (how an address is aligned and what is added to it).
// Of BranchTable it is where it goes, the last by default; of constants with a point it is their bits.
type Instruction struct {
	Op    byte
	A, B  int64
	Table *[]uint64
}

// IsLoad and IsStore tell what reads memory and what writes it: with an alignment and what is added to the address.
func (i Instruction) IsLoad() bool { return I32Load <= i.Op && i.Op <= lastLoad }

// IsStore is beside IsLoad.
func (i Instruction) IsStore() bool { return I32Store <= i.Op && i.Op <= lastStore }

// Instruction reads one.
func (r *Reader) Instruction() Instruction {
	i := Instruction{Op: r.Byte()}
	switch op := i.Op; {
	case op <= 0x01, op == Else, op == End, op == Return, op == Drop, op == Select, I32Eqz <= op && op <= lastNumeric:
		// It stands alone.
	case op == Block, op == Loop, op == If, op == I32Const, op == I64Const:
		i.A = r.Signed()
	case hasNumber(op):
		i.A = int64(r.Number())
	case op == CallIndirect, I32Load <= op && op <= lastStore:
		i.A, i.B = int64(r.Number()), int64(r.Number())
	case op == BranchTable:
		table := []uint64{}
		for n := r.Number() + 1; n > 0 && r.Err == nil; n-- {
			table = append(table, r.Number())
		}
		i.Table = &table
	case op == f32Const:
		i.A = int64(binary.LittleEndian.Uint32(r.take(4)))
	case op == f64Const:
		i.A = int64(binary.LittleEndian.Uint64(r.take(8)))
	case op == Prefix:
		i.A = int64(r.Number())
		for range behind(i.A) {
			if r.Byte() != 0 {
				r.Err = errors.Join(r.Err, errors.New("it has more than one memory"))
			}
		}
		if i.A > MemoryFill || i.A == 8 || i.A == 9 {
			r.Err = errors.Join(r.Err, fmt.Errorf("it has an instruction 0xfc %d, which Go does not write", i.A))
		}
	default:
		r.Err = errors.Join(r.Err, fmt.Errorf("it has an instruction %#x, which Go does not write", op))
	}
	return i
}

// hasNumber tells what has one number behind it that has no sign: a depth, a function, a local, a memory.
func hasNumber(op byte) bool {
	switch op {
	case Branch, BranchIf, Call, LocalGet, LocalSet, LocalTee, GlobalGet, GlobalSet, memorySize, memoryGrow:
		return true
	}
	return false
}

const (
	memoryCopy = 10
	MemoryFill = 11
)

// behind is how many memories one of those that came later speaks of.
func behind(n int64) int {
	switch n {
	case memoryCopy:
		return 2
	case MemoryFill:
		return 1
	}
	return 0
}

func (r *Reader) take(n int) []byte {
	if n > len(r.Rest) {
		r.Err, r.Rest = errors.Join(r.Err, errCut), nil
		return make([]byte, n)
	}
	b := r.Rest[:n]
	r.Rest = r.Rest[n:]
	return b
}

// Append writes an instruction.
func (i Instruction) Append(to []byte) []byte {
	to = append(to, i.Op)
	switch op := i.Op; {
	case op == Block, op == Loop, op == If, op == I32Const, op == I64Const:
		return AppendSigned(to, i.A)
	case hasNumber(op):
		return AppendNumber(to, uint64(i.A))
	case op == CallIndirect, I32Load <= op && op <= lastStore:
		return AppendNumber(AppendNumber(to, uint64(i.A)), uint64(i.B))
	case op == BranchTable:
		to = AppendNumber(to, uint64(len(*i.Table)-1))
		for _, n := range *i.Table {
			to = AppendNumber(to, n)
		}
	case op == f32Const:
		return binary.LittleEndian.AppendUint32(to, uint32(i.A))
	case op == f64Const:
		return binary.LittleEndian.AppendUint64(to, uint64(i.A))
	case op == Prefix:
		return append(AppendNumber(to, uint64(i.A)), make([]byte, behind(i.A))...)
	}
	return to
}

// Leaves is how many values more (or fewer, below 0) are on the stack behind an instruction; ok is false for one that
// goes elsewhere.
func (i Instruction) Leaves() (n int, ok bool) {
	switch op := i.Op; {
	case op == LocalGet, op == GlobalGet, op == memorySize, I32Const <= op && op <= f64Const:
		return 1, true
	case op == LocalTee, i.IsLoad(), op == memoryGrow, unary(op), op == Prefix && i.A < 8:
		return 0, true
	case op == Drop, op == LocalSet, op == GlobalSet, I32Eqz < op && op <= lastNumeric:
		return -1, true
	case op == Select, i.IsStore():
		return -2, true
	}
	return 0, false
}

// unary tells what makes one number of one.
func unary(op byte) bool {
	for _, of := range [][2]byte{{I32Eqz, I32Eqz}, {I64Eqz, I64Eqz}, {0x67, 0x69}, {0x79, 0x7b}, {0x8b, 0x91},
		{0x99, 0x9f}, {I32WrapI64, lastNumeric}} {
		if of[0] <= op && op <= of[1] {
			return true
		}
	}
	return false
}

// AppendNumber writes a number that has no sign.
func AppendNumber(to []byte, n uint64) []byte { return binary.AppendUvarint(to, n) }
