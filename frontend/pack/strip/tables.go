//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// magic begins the table of functions of a program by Go 1.20 and later for WebAssembly (pcHeader in the runtime's
// symtab.go): its number, two zeros, the least size of an instruction, the size of a pointer.
var magic = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where things stand in the table's head, in what it says of a function (_func in the runtime's runtime2.go), and in
// what says where the tables are (moduledata in symtab.go).
const (
	headFunctions = 8
	headNames     = 32
	headUnits     = 40 // which of the files a package is of
	headTables    = 56 // of the values by place in the code
	headList      = 64
	headSize      = 72

	// firstNumber is that of the first function (funcValueOffset in cmd/link/internal/wasm).
	firstNumber  = 0x1000
	funcName     = 4
	funcStack    = 16 // a table of where the stack ends
	funcFiles    = 20
	funcLines    = 24
	funcHowMany  = 28 // tables of values by place in the code
	funcUnit     = 32
	funcFirst    = 36 // the line on which it begins
	funcHowMuch  = 43 // places of what is said of the whole function
	funcSize     = 44
	inList       = 8
	inListOffset = 4

	// Of the values by place: where the function may be interrupted at any instruction, which WebAssembly cannot; what
	// was written out in it (inlined), and which arguments live still.
	unsafePoint  = 0
	inlinedPlace = 2
	argumentLive = 3
	// Of the whole function: what was written out in it, how its arguments are laid out, and what it is wrapped around
	// (for a tracer).
	inlined      = 3
	argumentInfo = 5
	wrapped      = 7
	argumentEnd  = 0xff
	notThere     = ^uint32(0)

	moduleNames     = 8
	moduleValues    = 80
	moduleList      = 104
	moduleFunctions = 128
	modulePlaces    = 152
	moduleGofunc    = 320
	moduleSize      = 328
	// Of each of these there is an address, a length, and how long it may become.
	ofLength   = 8
	ofCapacity = 16
	align      = 32 // of the tables
)

var errTable = errors.New("the table of functions is not as it was when this was written")

var le = binary.LittleEndian

// tables is what the runtime knows of the functions of a program.
type tables struct {
	memory  []byte // of the program
	first   uint64 // address of the memory
	at      int    // of the table in the memory
	table   []byte
	module  []byte // what says where everything is
	howMany uint64
	values  []byte // by place in the code
	list    uint64
	kept    uint64 // so much of the names stays
}

func findTables(memory []byte, first int64) (*tables, error) {
	at := bytes.Index(memory, magic)
	if at < 0 || at+headSize > len(memory) || bytes.Contains(memory[at+1:], magic) || first < 0 {
		return nil, errTable
	}
	t := &tables{memory: memory, first: uint64(first), at: at, table: memory[at:]}
	size := uint64(len(t.table))
	t.howMany, t.list = le.Uint64(t.table[headFunctions:]), le.Uint64(t.table[headList:])
	names, units, valuesAt := le.Uint64(t.table[headNames:]), le.Uint64(t.table[headUnits:]),
		le.Uint64(t.table[headTables:])
	if names < headSize || names > units || units > valuesAt || valuesAt >= t.list || t.list > size ||
		t.howMany == 0 || t.howMany > (size-t.list)/inList {
		return nil, errTable
	}
	t.values = t.table[valuesAt:t.list]
	begins := le.AppendUint64(nil, t.first+uint64(at))
	begins = le.AppendUint64(begins, t.first+uint64(at)+names)
	module := bytes.Index(memory, begins)
	if module < 0 || module+moduleSize > len(memory) || bytes.Contains(memory[module+1:], begins) {
		return nil, errTable
	}
	t.module = memory[module:]
	if le.Uint64(t.module[moduleFunctions+ofLength:]) != t.howMany+1 {
		return nil, errTable
	}
	return t, nil
}

// named are the numbers of functions by their names, in the order of the code.
func named(all []string, names []string) []int {
	var numbers []int
	for i, name := range all {
		if slices.Contains(names, name) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// drop removes from a program's memory what the runtime reads only to say more of a panic, and what is never read in
// WebAssembly.
func (t *tables) drop() error {
	if err := t.dropLines(); err != nil {
		return err
	}
	t.closeUp()
	return nil
}

// closeUp moves the values by place to where the files were told: so the list behind them has more room.
func (t *tables) closeUp() {
	units, valuesAt := le.Uint64(t.table[headUnits:]), le.Uint64(t.table[headTables:])
	begins := aligned(units)
	list := aligned(begins + uint64(len(t.values)))
	if begins >= valuesAt || list >= t.list {
		return
	}
	gained := t.list - list
	copy(t.table[begins:], t.values)
	copy(t.table[list:], t.table[t.list:t.list+le.Uint64(t.module[moduleList+ofLength:])])
	t.list = list
	le.PutUint64(t.table[headTables:], begins)
	le.PutUint64(t.table[headList:], list)
	at := t.first + uint64(t.at)
	le.PutUint64(t.module[moduleValues:], at+begins)
	le.PutUint64(t.module[moduleList:], at+list)
	le.PutUint64(t.module[moduleFunctions:], at+list)
	for _, field := range []int{ofLength, ofCapacity} {
		room := le.Uint64(t.module[moduleList+field:])
		le.PutUint64(t.module[moduleList+field:], room+gained)
	}
}

func aligned(at uint64) uint64 { return (at + align - 1) / align * align }

// function is what is said of one, its tables of values by place, and the places of what is said of it as a whole.
func (t *tables) function(i uint64) (f, byPlace, whole []byte, err error) {
	at := t.list + uint64(le.Uint32(t.table[t.list+i*inList+inListOffset:]))
	if at+funcSize > uint64(len(t.table)) {
		return nil, nil, nil, errTable
	}
	f = t.table[at:]
	more, much := uint64(le.Uint32(f[funcHowMany:])), uint64(f[funcHowMuch])
	if more+much > (uint64(len(f))-funcSize)/4 {
		return nil, nil, nil, errTable
	}
	return f, f[funcSize : funcSize+4*more], f[funcSize+4*more : funcSize+4*(more+much)], nil
}

// dropLines removes what says which instruction comes from which line of which file or was written out from which
// other function, and with what a function was called. The runtime takes a table at 0 for one that is not there, and
// says "?" instead. Tables may be shared: what another kind of table reads stays.
func (t *tables) dropLines() error {
	kept := values{told: []byte{0}, at: map[string]uint32{}}
	lines := 0
	arguments := map[uint32]bool{} // where they are told; false where something else is told there, too
	for i := range t.howMany {
		f, byPlace, whole, err := t.function(i)
		if err != nil {
			return err
		}
		drop(byPlace, unsafePoint, 0)
		drop(byPlace, inlinedPlace, 0)
		drop(byPlace, argumentLive, 0)
		for j := 0; j < len(whole); j += 4 {
			at := le.Uint32(whole[j:])
			other, known := arguments[at]
			arguments[at] = j/4 == argumentInfo && (other || !known)
		}
		drop(whole, inlined, notThere)
		drop(whole, argumentInfo, notThere)
		drop(whole, wrapped, notThere)
		if err := kept.take(f[funcStack:], t.values); err != nil {
			return err
		}
		for j := 0; j < len(byPlace); j += 4 {
			if err := kept.take(byPlace[j:], t.values); err != nil {
				return err
			}
		}
		for _, field := range []int{funcFiles, funcLines} {
			if le.Uint32(f[field:]) != 0 {
				lines++
			}
			le.PutUint32(f[field:], 0)
		}
		le.PutUint32(f[funcUnit:], 0)
		le.PutUint32(f[funcFirst:], 0)
	}
	if lines == 0 {
		return fmt.Errorf("no function has a table of lines: %w", errTable)
	}
	if len(kept.told) > len(t.values) {
		return errTable
	}
	clear(t.values[copy(t.values, kept.told):])
	t.values = t.values[:len(kept.told)]
	clear(t.table[le.Uint64(t.table[headUnits:]):le.Uint64(t.table[headTables:])]) // the names of files
	return t.dropArguments(arguments)
}

func drop(list []byte, i int, none uint32) {
	if 4*i < len(list) {
		le.PutUint32(list[4*i:], none)
	}
}

func (t *tables) dropArguments(told map[uint32]bool) error {
	gofunc := le.Uint64(t.module[moduleGofunc:]) - t.first
	for offset, only := range told {
		if !only || offset == notThere {
			continue
		}
		at := gofunc + uint64(offset)
		if at >= uint64(len(t.memory)) {
			return errTable
		}
		ends := bytes.IndexByte(t.memory[at:], argumentEnd)
		if ends < 0 {
			return errTable
		}
		clear(t.memory[at : at+uint64(ends)+1])
	}
	return nil
}
