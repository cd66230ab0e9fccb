// Package bare reads and writes the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding)
// for structs that know no more of their message than the numbers of its fields. The page has them instead of
// protoc-gen-go's, whose runtime would be a fifth of its weight: descriptors, extensions, text, JSON, registries.
//
// proto/protoc-gen-bare writes the structs, and refuses what this does not know: maps, groups, extensions, proto2,
// fixed and signed numbers. What it writes is byte for byte what the runtime writes; what it reads, and what it
// refuses to read, is the same, except that fields which the page does not know are left out: it sends back nothing
// that it was sent. The tests of this package hold the two against each other.
package bare

import (
	"reflect"
	"strconv"
	"sync"
)

// Message is a pointer to a struct that protoc-gen-bare wrote.
type Message interface {
	// Wire is the message's full name, and a nil pointer to each struct that may stand in one of its oneofs.
	Wire() (name string, choices []any)
}

// Name is the full name of a message, "portal.v1.Notice".
func Name(m Message) string {
	name, _ := m.Wire()
	return name
}

// Clone is a copy of a message that shares nothing with it.
func Clone[M Message](m M) M {
	v := reflect.ValueOf(m)
	fresh := reflect.New(v.Type()).Elem()
	copyInto(fresh, v)
	return fresh.Interface().(M)
}

func copyInto(target, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if target.Field(i).CanSet() { // but for what only says that messages are not compared
				copyInto(target.Field(i), v.Field(i))
			}
		}
		return
	case reflect.Pointer, reflect.Slice, reflect.Interface:
		if v.IsNil() {
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(v.Type().Elem()))
		copyInto(target.Elem(), v.Elem())
	case reflect.Slice:
		target.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			copyInto(target.Index(i), v.Index(i))
		}
	case reflect.Interface: // a oneof
		around := reflect.New(v.Elem().Type()).Elem()
		copyInto(around, v.Elem())
		target.Set(around)
	default:
		target.Set(v)
	}
}

// EnumString is the name of an enum's number, or the number when it has none.
func EnumString(names []string, number int32) string {
	if number >= 0 && int(number) < len(names) && names[number] != "" {
		return names[number]
	}
	return strconv.Itoa(int(number))
}

// FieldMask is google.protobuf.FieldMask.
type FieldMask struct {
	Paths []string `wire:"1"`
}

// GetPaths is Paths, of no mask none.
func (x *FieldMask) GetPaths() (paths []string) {
	if x != nil {
		return x.Paths
	}
	return nil
}

// Wire names it.
func (*FieldMask) Wire() (string, []any) { return "google.protobuf.FieldMask", nil }

// kind is how a single value is written.
type kind uint8

const (
	kindBool kind = iota
	kindInt
	kindUint
	kindString
	kindBytes
	kindMessage
)

// field is one field of a message.
type field struct {
	number uint64
	// index is its place in the struct; that of the oneof, when it is of one.
	index int
	kind  kind
	// repeated is a slice of values.
	repeated bool
	// explicit is one whose empty value, too, is written when it was set: a pointer, or of a oneof.
	explicit bool
	// choice is the struct around the value, for one of a oneof.
	choice reflect.Type
	// of is the message's struct, for a message.
	of reflect.Type
}

// plan is how a message is written: its fields in the order of their numbers, a oneof's where the first of it stands.
type plan struct {
	fields []field
	oneofs map[int][]field // by place in the struct
}

var plans sync.Map // of a struct's reflect.Type

// planOf makes the plan of a struct when the first such message is met, so that none is made at the start.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	p := &plan{oneofs: map[int][]field{}}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if f.Type.Kind() == reflect.Interface {
			_, choices := reflect.New(t).Interface().(Message).Wire()
			for _, choice := range choices {
				around := reflect.TypeOf(choice)
				if !around.Implements(f.Type) {
					continue
				}
				one := fieldOf(around.Elem().Field(0))
				one.index, one.choice, one.explicit = i, around.Elem(), true
				p.oneofs[i] = append(p.oneofs[i], one)
			}
			p.fields = append(p.fields, p.oneofs[i][0])
			continue
		}
		one := fieldOf(f)
		one.index = i
		p.fields = append(p.fields, one)
	}
	plans.Store(t, p)
	return p
}

// fieldOf reads what a field is from its type and its tag, which is its number.
func fieldOf(f reflect.StructField) field {
	var one field
	for _, c := range f.Tag.Get("wire") {
		one.number = one.number*10 + uint64(c-'0')
	}
	t := f.Type
	if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		one.repeated = true
		t = t.Elem()
	}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Struct {
		one.explicit = true
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		one.kind = kindBool
	case reflect.Int32, reflect.Int64:
		one.kind = kindInt
	case reflect.Uint32, reflect.Uint64:
		one.kind = kindUint
	case reflect.String:
		one.kind = kindString
	case reflect.Slice:
		one.kind = kindBytes
	case reflect.Pointer:
		one.kind, one.of = kindMessage, t.Elem()
	default:
		panic("bare: a field of type " + f.Type.String())
	}
	return one
}

// find is the field of a number.
func (p *plan) find(number uint64) *field {
	for i := range p.fields {
		f := &p.fields[i]
		if f.choice == nil {
			if f.number == number {
				return f
			}
			continue
		}
		choices := p.oneofs[f.index]
		for i := range choices {
			if choices[i].number == number {
				return &choices[i]
			}
		}
	}
	return nil
}
