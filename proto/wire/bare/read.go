package bare

import (
	"errors"
	"reflect"
	"unicode/utf8"
)

// deepest is how far messages, or groups that nobody knows, may stand in one another.
const deepest = 10000

// The highest number that a field may have; within groups that nobody knows the runtime takes higher ones, too.
const (
	highest        = 1<<29 - 1
	highestInGroup = 1<<31 - 1
)

var (
	errFormat = errors.New("not a message")
	errDeep   = errors.New("a message that is too deep")
)

// Unmarshal fills a message with what was written, and with nothing else: what stood in it before is gone. When it
// fails, the message is empty.
func Unmarshal(b []byte, m Message) error {
	v := reflect.ValueOf(m).Elem()
	v.SetZero()
	if err := readMessage(b, v, deepest); err != nil {
		v.SetZero()
		return err
	}
	return nil
}

func readMessage(b []byte, v reflect.Value, depth int) error {
	if depth == 0 {
		return errDeep
	}
	p := planOf(v.Type())
	for len(b) > 0 {
		number, way, rest, err := readTag(b, highest)
		if err != nil {
			return err
		}
		known := false
		if f := p.find(number); f != nil && way != wireEnd {
			after, took, err := readField(rest, way, v, f, depth)
			if err != nil {
				return err
			}
			known = took
			b = after
		}
		if !known {
			if b, err = skip(rest, number, way); err != nil {
				return err
			}
		}
	}
	return nil
}

// readField reads one value, or a packed list of them; took is false for one that is not written as this field is,
// which is left alone as an unknown one is.
func readField(b []byte, way uint64, v reflect.Value, f *field, depth int) (rest []byte, took bool, err error) {
	packed := f.repeated && f.kind < kindString && way == wireBytes
	want := uint64(wireVarint)
	if f.kind >= kindString || packed {
		want = wireBytes
	}
	if way != want {
		return nil, false, nil
	}
	target := v.Field(f.index)
	if packed {
		content, rest, err := readBytes(b)
		for err == nil && len(content) > 0 {
			content, err = readValue(content, grow(target), f, depth)
		}
		return rest, true, err
	}
	switch {
	case f.choice != nil:
		// A message that comes in parts grows together, as long as nothing else was chosen in between.
		if f.kind != kindMessage || target.IsNil() || target.Elem().Type().Elem() != f.choice {
			target.Set(reflect.New(f.choice))
		}
		target = target.Elem().Elem().Field(0)
	case f.repeated:
		target = grow(target)
	case f.explicit:
		if target.IsNil() {
			target.Set(reflect.New(target.Type().Elem()))
		}
		target = target.Elem()
	}
	rest, err = readValue(b, target, f, depth)
	return rest, true, err
}

// grow makes a list longer by one and returns that one.
func grow(list reflect.Value) reflect.Value {
	n := list.Len()
	list.Grow(1)
	list.SetLen(n + 1)
	one := list.Index(n)
	one.SetZero()
	return one
}

// readValue reads a single value of the field's kind.
func readValue(b []byte, target reflect.Value, f *field, depth int) ([]byte, error) {
	if f.kind < kindString {
		n, rest, err := readVarint(b)
		if err != nil {
			return nil, err
		}
		switch f.kind {
		case kindBool:
			target.SetBool(n != 0)
		case kindInt:
			target.SetInt(int64(n)) // of 32 bits the upper ones are cut off, as everybody does
		default:
			target.SetUint(n)
		}
		return rest, nil
	}
	content, rest, err := readBytes(b)
	if err != nil {
		return nil, err
	}
	switch f.kind {
	case kindString:
		if !utf8.Valid(content) {
			return nil, errText
		}
		target.SetString(string(content))
	case kindBytes:
		if len(content) == 0 && !f.explicit && !f.repeated {
			target.SetZero()
		} else {
			target.SetBytes(append([]byte{}, content...))
		}
	default:
		if target.IsNil() {
			target.Set(reflect.New(f.of))
		}
		return rest, readMessage(content, target.Elem(), depth-1)
	}
	return rest, nil
}

// skip passes over a value that nobody knows.
func skip(b []byte, number, way uint64) ([]byte, error) {
	var groups []uint64 // that are open
	for {
		var err error
		switch way {
		case wireVarint:
			_, b, err = readVarint(b)
		case wireFixed8:
			b, err = drop(b, 8)
		case wireFixed4:
			b, err = drop(b, 4)
		case wireBytes:
			_, b, err = readBytes(b)
		case wireStart:
			if groups = append(groups, number); len(groups) > deepest+1 {
				return nil, errDeep
			}
		case wireEnd:
			if len(groups) == 0 || groups[len(groups)-1] != number {
				return nil, errFormat
			}
			groups = groups[:len(groups)-1]
		default:
			return nil, errFormat
		}
		if err != nil || len(groups) == 0 {
			return b, err
		}
		if number, way, b, err = readTag(b, highestInGroup); err != nil {
			return nil, err
		}
	}
}

func drop(b []byte, n int) ([]byte, error) {
	if len(b) < n {
		return nil, errFormat
	}
	return b[n:], nil
}

func readTag(b []byte, highest uint64) (number, way uint64, rest []byte, err error) {
	tag, rest, err := readVarint(b)
	number, way = tag>>3, tag&7
	if err == nil && (number == 0 || number > highest) {
		err = errFormat
	}
	return number, way, rest, err
}

func readBytes(b []byte) (content, rest []byte, err error) {
	n, rest, err := readVarint(b)
	if err != nil || n > uint64(len(rest)) {
		return nil, nil, errFormat
	}
	return rest[:n], rest[n:], nil
}

func readVarint(b []byte) (n uint64, rest []byte, err error) {
	for i, c := range b {
		if i == 9 && c > 1 {
			break
		}
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return n, b[i+1:], nil
		}
	}
	return 0, nil, errFormat
}
