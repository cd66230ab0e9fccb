package takeaway

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"madoguchi/backend/door/paper"
)

// tableOf is what an Export tells of a table (mount.Tell): a row, or rows, of a query or of messages of the contract.
func tableOf(name, language string, rows any) (paper.Table, error) {
	title := name
	if t, ok := tableTexts[name]; ok {
		title = t.InBrackets(language)
	}
	t := paper.Table{Caption: title}
	list := reflect.ValueOf(rows)
	if list.Kind() != reflect.Slice {
		one := reflect.MakeSlice(reflect.SliceOf(list.Type()), 0, 1)
		list = reflect.Append(one, list)
	}
	kind := list.Type().Elem()
	names, err := columnsOf(kind)
	if err != nil {
		return t, fmt.Errorf("what is told of %s: %w", name, err)
	}
	for _, column := range names {
		label := column
		if text, ok := columnTexts[column]; ok {
			label = text.InBrackets(language)
		}
		t.Columns = append(t.Columns, paper.Column{Name: column, Label: label})
	}
	for i := range list.Len() {
		row, err := cellsOf(list.Index(i))
		if err != nil {
			return t, fmt.Errorf("what is told of %s: %w", name, err)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

var messageType = reflect.TypeFor[proto.Message]()

func columnsOf(kind reflect.Type) (names []string, err error) {
	if kind.Implements(messageType) {
		fields := reflect.Zero(kind).Interface().(proto.Message).ProtoReflect().Descriptor().Fields()
		for i := range fields.Len() {
			names = append(names, string(fields.Get(i).Name()))
		}
		return names, nil
	}
	if kind.Kind() != reflect.Struct {
		return nil, fmt.Errorf("rows are structs or messages, not %s", kind)
	}
	for field := range kind.Fields() {
		names = append(names, snake(field.Name))
	}
	return names, nil
}

func cellsOf(row reflect.Value) ([]paper.Cell, error) {
	var cells []paper.Cell
	if message, ok := reflect.TypeAssert[proto.Message](row); ok {
		m := message.ProtoReflect()
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			cell, err := messageCell(m, fields.Get(i))
			if err != nil {
				return nil, err
			}
			cells = append(cells, cell)
		}
		return cells, nil
	}
	for i := range row.NumField() {
		cell, err := cellOf(snake(row.Type().Field(i).Name), row.Field(i).Interface())
		if err != nil {
			return nil, err
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// cellOf is a value of a row. What the store has as a time is one: milliseconds under a name that ends so.
func cellOf(name string, value any) (paper.Cell, error) {
	switch v := value.(type) {
	case string, bool:
		return v, nil
	case int64:
		if !strings.HasSuffix(name, "_at") && name != "until" {
			return v, nil
		}
		if v == 0 {
			return nil, nil
		}
		return time.UnixMilli(v), nil
	case int32:
		return int64(v), nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return string(data), nil
}

func messageCell(m protoreflect.Message, field protoreflect.FieldDescriptor) (paper.Cell, error) {
	if field.IsList() || field.IsMap() || field.Kind() == protoreflect.MessageKind {
		if !m.Has(field) {
			return nil, nil
		}
		if field.IsList() || field.IsMap() {
			return cellOf(string(field.Name()), fmt.Sprint(m.Get(field)))
		}
		data, err := protojson.Marshal(m.Get(field).Message().Interface())
		return string(data), err
	}
	if field.Kind() == protoreflect.EnumKind {
		return int64(m.Get(field).Enum()), nil
	}
	return cellOf(string(field.Name()), m.Get(field).Interface())
}

// snake is display_name for DisplayName, id for ID.
func snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		starts := unicode.IsUpper(r) && i > 0 &&
			(unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if starts {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
