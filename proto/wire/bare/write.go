package bare

import (
	"errors"
	"math/bits"
	"reflect"
	"unicode/utf8"
)

// The ways in which a field's value follows its number.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireStart  = 3
	wireEnd    = 4
	wireFixed4 = 5
)

// A text that is no UTF-8 can be neither written nor read.
var errText = errors.New("a text that is not UTF-8")

// Marshal writes a message, the same one always in the same way.
func Marshal(m Message) ([]byte, error) {
	v := reflect.ValueOf(m)
	if !v.IsValid() || v.IsNil() {
		return nil, nil
	}
	return appendMessage(nil, v.Elem())
}

func appendMessage(b []byte, v reflect.Value) ([]byte, error) {
	p := planOf(v.Type())
	var err error
	for i := range p.fields {
		if b, err = appendField(b, v, p, &p.fields[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendField(b []byte, v reflect.Value, p *plan, f *field) ([]byte, error) {
	value := v.Field(f.index)
	switch {
	case f.choice != nil:
		if value.IsNil() || value.Elem().IsNil() {
			return b, nil
		}
		around := value.Elem().Elem()
		for i := range p.oneofs[f.index] {
			if one := &p.oneofs[f.index][i]; one.choice == around.Type() {
				return appendValue(appendTag(b, one), around.Field(0), one)
			}
		}
		return nil, errors.New("a oneof with something that is none of it")
	case f.repeated:
		return appendRepeated(b, value, f)
	case f.kind == kindMessage:
		if value.IsNil() {
			return b, nil
		}
	case f.explicit:
		if value.IsNil() {
			return b, nil
		}
		value = value.Elem()
	case f.kind == kindBytes:
		if value.Len() == 0 {
			return b, nil
		}
	case value.IsZero():
		return b, nil
	}
	return appendValue(appendTag(b, f), value, f)
}

func appendRepeated(b []byte, list reflect.Value, f *field) ([]byte, error) {
	if list.Len() == 0 {
		return b, nil
	}
	var err error
	if f.kind >= kindString {
		for i := range list.Len() {
			if b, err = appendValue(appendTag(b, f), list.Index(i), f); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	b = appendTag(b, f)
	start := len(b)
	for i := range list.Len() {
		if b, err = appendValue(b, list.Index(i), f); err != nil {
			return nil, err
		}
	}
	return insertLength(b, start), nil
}

func appendTag(b []byte, f *field) []byte {
	if f.kind >= kindString || f.repeated {
		return appendVarint(b, f.number<<3|wireBytes)
	}
	return appendVarint(b, f.number<<3|wireVarint)
}

// appendValue writes a single value, without its number.
func appendValue(b []byte, v reflect.Value, f *field) ([]byte, error) {
	switch f.kind {
	case kindBool:
		if v.Bool() {
			return append(b, 1), nil
		}
		return append(b, 0), nil
	case kindInt:
		return appendVarint(b, uint64(v.Int())), nil
	case kindUint:
		return appendVarint(b, v.Uint()), nil
	case kindString:
		s := v.String()
		if !utf8.ValidString(s) {
			return nil, errText
		}
		return append(appendVarint(b, uint64(len(s))), s...), nil
	case kindBytes:
		s := v.Bytes()
		return append(appendVarint(b, uint64(len(s))), s...), nil
	}
	if v.IsNil() {
		return append(b, 0), nil
	}
	start := len(b)
	b, err := appendMessage(b, v.Elem())
	if err != nil {
		return nil, err
	}
	return insertLength(b, start), nil
}

// insertLength puts the length of what was written from start on before it.
func insertLength(b []byte, start int) []byte {
	length := uint64(len(b) - start)
	size := max(1, (bits.Len64(length)+6)/7)
	for range size {
		b = append(b, 0)
	}
	copy(b[start+size:], b[start:])
	appendVarint(b[:start], length)
	return b
}

func appendVarint(b []byte, n uint64) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}
