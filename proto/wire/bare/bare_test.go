package bare_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	barebridge "madoguchi/proto/gen/bare/bridge/v2"
	bareportal "madoguchi/proto/gen/bare/portal/v1"
	_ "madoguchi/proto/gen/bridge/v2"
	_ "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire/bare"
)

// pair is a message as the page has it and as the runtime has it.
type pair struct {
	name string
	page func() bare.Message
	full protoreflect.MessageType
}

// pairs are all messages that the page speaks. The runtime's registry says which those are; the page must have them
// all.
func pairs(t testing.TB) []pair {
	page := map[string]bare.Message{}
	for _, m := range append(bareportal.Messages(), barebridge.Messages()...) {
		page[bare.Name(m)] = m
	}
	var all []pair
	protoregistry.GlobalTypes.RangeMessages(func(full protoreflect.MessageType) bool {
		name := string(full.Descriptor().FullName())
		if !strings.HasPrefix(name, "portal.v1.") && !strings.HasPrefix(name, "bridge.v2.") {
			return true
		}
		m := page[name]
		if m == nil {
			t.Errorf("the page has no %s", name)
			return true
		}
		all = append(all, pair{name, func() bare.Message {
			return reflect.New(reflect.TypeOf(m).Elem()).Interface().(bare.Message)
		}, full})
		return true
	})
	if len(all) != len(page) || len(all) < 100 {
		t.Errorf("%d messages of the page, %d of the runtime", len(page), len(all))
	}
	slices.SortFunc(all, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return all
}

// sampler makes values up.
type sampler struct{ *rand.Rand }

func (s sampler) chance(n int) bool { return s.IntN(n) == 0 }

// message fills some of the fields of a message of the runtime's.
func (s sampler) message(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if s.chance(3) {
			continue
		}
		switch {
		case f.IsList():
			list := m.Mutable(f).List()
			for range s.IntN(4) {
				if f.Message() == nil {
					list.Append(s.value(f))
				} else if one := list.AppendMutable(); depth > 0 {
					s.message(one.Message(), depth-1)
				}
			}
		case f.Message() != nil:
			if inner := m.Mutable(f).Message(); depth > 0 {
				s.message(inner, depth-1)
			}
		default:
			m.Set(f, s.value(f))
		}
	}
}

func (s sampler) value(f protoreflect.FieldDescriptor) protoreflect.Value {
	bits := s.Uint64() >> s.IntN(64)
	if s.chance(4) {
		bits = []uint64{0, 1, 127, 128, 1<<31 - 1, 1 << 31, 1<<32 - 1, math.MaxInt64, math.MaxUint64}[s.IntN(9)]
	}
	text := strings.Repeat([]string{"", "a", "山田", "𠮷", "\x00", "手続ー"}[s.IntN(6)], s.IntN(60))
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(bits&1 == 1)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(int32(bits)))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(bits))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(bits))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(bits))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(bits)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(text + "\xff"))
	}
	panic("a field of kind " + f.Kind().String())
}

var written = proto.MarshalOptions{Deterministic: true}

// samples runs a test on each message that the page speaks, with messages made up.
func samples(t *testing.T, do func(t *testing.T, p pair, m proto.Message)) {
	for _, p := range pairs(t) {
		t.Run(p.name, func(t *testing.T) {
			s := sampler{rand.New(rand.NewPCG(1, uint64(len(p.name))))}
			for range 30 {
				m := p.full.New()
				s.message(m, 4)
				do(t, p, m.Interface())
			}
			do(t, p, p.full.New().Interface())
		})
	}
}

// What the page wrote is what the runtime writes, and each field of what it read has the value that the runtime reads.
func TestPageAndRuntimeAgree(t *testing.T) {
	samples(t, func(t *testing.T, p pair, full proto.Message) {
		want, err := written.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		page := p.page()
		if err := bare.Unmarshal(want, page); err != nil {
			t.Fatalf("reading %x: %v", want, err)
		}
		if got, want := dump(page), dump(full); got != want {
			t.Fatalf("the page read\n%s\nwhere the runtime has\n%s", got, want)
		}
		if got, err := bare.Marshal(page); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("the page wrote\n%x, %v\nwhere the runtime writes\n%x", got, err, want)
		}
		fresh := p.full.New().Interface()
		fill(reflect.ValueOf(fresh).Elem(), reflect.ValueOf(page).Elem())
		if got, err := written.Marshal(fresh); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("the runtime wrote\n%x, %v\nof the fields that the page read, for\n%x", got, err, want)
		}
	})
}

// Each getter gives what protoc-gen-go's gives, also of nothing.
func TestGetters(t *testing.T) {
	samples(t, func(t *testing.T, p pair, full proto.Message) {
		b, err := written.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		page := p.page()
		if err := bare.Unmarshal(b, page); err != nil {
			t.Fatal(err)
		}
		compareGetters(t, reflect.ValueOf(page), reflect.ValueOf(full))
		compareGetters(t, reflect.Zero(reflect.TypeOf(page)), reflect.Zero(reflect.TypeOf(full)))
	})
}

func compareGetters(t *testing.T, page, full reflect.Value) {
	t.Helper()
	for i := range full.NumMethod() {
		name := full.Type().Method(i).Name
		if !strings.HasPrefix(name, "Get") {
			continue
		}
		getter := page.MethodByName(name)
		if !getter.IsValid() {
			t.Fatalf("the page has no %s", name)
		}
		var got, want strings.Builder
		write(&got, getter.Call(nil)[0])
		write(&want, full.Method(i).Call(nil)[0])
		if got.String() != want.String() {
			t.Fatalf("%s gives %s, protoc-gen-go's %s", name, got.String(), want.String())
		}
	}
}

// Names of an enum's numbers are what protoc-gen-go has; those that have none are numbers.
func TestEnumsAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range pairs(t) {
		page := reflect.TypeOf(p.page()).Elem()
		full := reflect.TypeOf(p.full.Zero().Interface()).Elem()
		for one := range page.Fields() {
			if one.Name == "_" { // says that messages are not compared
				continue
			}
			same := false
			other, found := full.FieldByName(one.Name)
			if !found {
				t.Fatalf("%s: protoc-gen-go has no %s", p.name, one.Name)
			}
			of, its := element(one.Type), element(other.Type)
			if of.Kind() != reflect.Int32 || of.PkgPath() == "" || seen[of.String()] {
				continue
			}
			seen[of.String()] = true
			for n := int64(-2); n < 300; n++ {
				a, b := reflect.New(of).Elem(), reflect.New(its).Elem()
				a.SetInt(n)
				b.SetInt(n)
				got, want := a.Interface().(fmt.Stringer).String(), b.Interface().(fmt.Stringer).String()
				if got != want {
					t.Errorf("%s %d is %q, protoc-gen-go has %q", of, n, got, want)
				}
				same = same || strings.Contains(got, "UNSPECIFIED")
			}
			if !same {
				t.Errorf("%s names nothing", of)
			}
		}
	}
	enums := 0
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		if of := enum.Descriptor().ParentFile().Package(); of == "portal.v1" || of == "bridge.v2" {
			enums++
		}
		return true
	})
	if len(seen) != enums || enums < 10 {
		t.Errorf("%d of %d enums were seen", len(seen), enums)
	}
}

func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// A copy is the same and shares nothing.
func TestACopyIsItsOwn(t *testing.T) {
	samples(t, func(t *testing.T, p pair, full proto.Message) {
		b, err := written.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		page := p.page()
		if err := bare.Unmarshal(b, page); err != nil {
			t.Fatal(err)
		}
		copied := bare.Clone(page)
		if dump(copied) != dump(page) {
			t.Fatalf("%s\nof\n%s", dump(copied), dump(page))
		}
		before := dump(copied)
		spoil(reflect.ValueOf(page).Elem())
		if dump(copied) != before {
			t.Fatalf("%s\nwhere there was\n%s", dump(copied), before)
		}
	})
	if bare.Clone((*bareportal.Notice)(nil)) != nil {
		t.Error("a copy of nothing is something")
	}
}

// spoil changes whatever can be changed in place.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, one := range v.Fields() {
			spoil(one)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString("spoilt")
		}
	default:
		if v.CanSet() && v.CanUint() {
			v.SetUint(v.Uint() ^ 1)
		}
	}
}

// What a page makes itself may have lists with nothing in them, and choices of nothing.
func TestNothingAmongSomething(t *testing.T) {
	for name, pair := range map[string][2]any{
		"nothing in a list": {
			&bareportal.ListNoticesResponse{Notices: []*bareportal.Notice{nil, {Id: "a"}}},
			"portal.v1.ListNoticesResponse",
		},
		"a choice of nothing": {
			&barebridge.Request{Id: 1, Body: &barebridge.Request_Look{}}, "bridge.v2.Request",
		},
		"no choice":   {&barebridge.Request{Id: 1, Body: (*barebridge.Request_Look)(nil)}, "bridge.v2.Request"},
		"empty bytes": {&barebridge.Secret{How: &barebridge.Secret_Pin{Pin: []byte{}}}, "bridge.v2.Secret"},
		"no bytes":    {&barebridge.Secret{How: &barebridge.Secret_Pin{}}, "bridge.v2.Secret"},
		"text":        {&barebridge.Hello{Purpose: "\xff"}, "bridge.v2.Hello"},
		"text in text": {
			&barebridge.Request{Body: &barebridge.Request_Hello{Hello: &barebridge.Hello{Purpose: "\xff"}}},
			"bridge.v2.Request",
		},
	} {
		full, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(pair[1].(string)))
		if err != nil {
			t.Fatal(err)
		}
		m := full.New().Interface()
		fill(reflect.ValueOf(m).Elem(), reflect.ValueOf(pair[0]).Elem())
		want, wantErr := written.Marshal(m)
		got, err := bare.Marshal(pair[0].(bare.Message))
		if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v; the runtime has %x, %v", name, got, err, want, wantErr)
		}
	}
	if b, err := bare.Marshal((*bareportal.Notice)(nil)); len(b) != 0 || err != nil {
		t.Errorf("nothing is %x, %v", b, err)
	}
}

// Fields that the page does not know are not kept: what it writes has only what it has read.
func TestUnknownFieldsAreLeftOut(t *testing.T) {
	b := protowire.AppendTag(nil, 1, protowire.BytesType)
	b = protowire.AppendString(b, "id")
	known := bytes.Clone(b)
	b = protowire.AppendTag(b, 5000, protowire.BytesType)
	b = protowire.AppendString(b, "of a later edition")
	n := &bareportal.Notice{Title: "of before"}
	if err := bare.Unmarshal(b, n); err != nil || n.GetId() != "id" || n.Title != "" {
		t.Fatalf("%+v, %v", n, err)
	}
	if got, err := bare.Marshal(n); err != nil || !bytes.Equal(got, known) {
		t.Errorf("%x, %v", got, err)
	}
}

// What cannot be read leaves nothing behind.
func TestAFailureLeavesNothing(t *testing.T) {
	n := &bareportal.Notice{Id: "of before"}
	if err := bare.Unmarshal([]byte{1<<3 | 2, 1, 'a', 1<<3 | 2, 9}, n); err == nil || n.Id != "" {
		t.Errorf("%+v, %v", n, err)
	}
}
