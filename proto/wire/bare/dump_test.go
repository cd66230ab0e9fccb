package bare_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
)

// dump writes a message field by field, by the names that both kinds of structs have, so that the two can be compared.
func dump(m any) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(m))
	return b.String()
}

func write(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		if v.Kind() == reflect.Interface { // which of a oneof
			b.WriteString(v.Elem().Type().Elem().Name())
		}
		write(b, v.Elem())
	case reflect.Struct:
		b.WriteString("{")
		for _, name := range fieldsOf(v.Type()) {
			fmt.Fprintf(b, " %s:", name)
			write(b, v.FieldByName(name))
		}
		b.WriteString(" }")
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%t %x", v.IsNil(), v.Bytes())
			return
		}
		b.WriteString("[")
		for i := range v.Len() {
			b.WriteString(" ")
			write(b, v.Index(i))
		}
		b.WriteString(" ]")
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	case reflect.Int32, reflect.Int64:
		fmt.Fprint(b, v.Int()) // of an enum the number
	default:
		fmt.Fprint(b, v.Interface())
	}
}

// fieldsOf are the names of a struct's fields that carry something.
func fieldsOf(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// fill sets the fields of one kind of struct by those of the other that have the same names.
func fill(target, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			target.Set(reflect.New(target.Type().Elem()))
			fill(target.Elem(), v.Elem())
		}
	case reflect.Struct:
		for _, name := range fieldsOf(v.Type()) {
			if one := v.FieldByName(name); one.Kind() == reflect.Interface && !one.IsNil() {
				choose(target, name, one.Elem())
				continue
			}
			fill(target.FieldByName(name), v.FieldByName(name))
		}
	case reflect.Slice:
		if !v.IsNil() {
			target.Set(reflect.MakeSlice(target.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				fill(target.Index(i), v.Index(i))
			}
		}
	case reflect.Interface: // of nothing
	default:
		target.Set(v.Convert(target.Type()))
	}
}

// choose sets a oneof of the runtime's by the page's choice.
func choose(target reflect.Value, name string, choice reflect.Value) {
	m := target.Addr().Interface().(proto.Message).ProtoReflect()
	oneof := target.FieldByName(name)
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if fields.Get(i).ContainingOneof() == nil {
			continue
		}
		m.Set(fields.Get(i), m.NewField(fields.Get(i)))
		if oneof.IsNil() || oneof.Elem().Type().Elem().Name() != choice.Type().Elem().Name() {
			continue
		}
		if choice.IsNil() {
			oneof.Set(reflect.Zero(oneof.Elem().Type()))
		} else {
			fill(oneof.Elem().Elem(), choice.Elem())
		}
		return
	}
	panic("a oneof that protoc-gen-go does not have: " + choice.Type().String())
}
