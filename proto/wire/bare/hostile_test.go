package bare_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	bareportal "madoguchi/proto/gen/bare/portal/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire/bare"
)

// agree reads bytes as the page does and as the runtime does, and holds the two against each other.
func agree(t *testing.T, p pair, b []byte) {
	t.Helper()
	page, full := p.page(), p.full.New().Interface()
	err, wantErr := bare.Unmarshal(b, page), proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, full)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%s %x: %v, the runtime says %v", p.name, b, err, wantErr)
	}
	if err != nil {
		if left, _ := bare.Marshal(page); len(left) > 0 {
			t.Fatalf("%s %x: a failure left %x behind", p.name, b, left)
		}
		return
	}
	if got, want := dump(page), dump(full); got != want {
		t.Fatalf("%s %x: the page read\n%s\nwhere the runtime has\n%s", p.name, b, got, want)
	}
	got, err := bare.Marshal(page)
	want, wantErr := written.Marshal(full)
	if err != nil || wantErr != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s %x: the page wrote\n%x, %v\nwhere the runtime writes\n%x, %v", p.name, b, got, err, want, wantErr)
	}
}

// damage changes what was written, so that some of it can still be read.
func damage(s sampler, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + s.IntN(3) {
		if len(b) == 0 {
			return []byte{byte(s.Uint32())}
		}
		switch at := s.IntN(len(b)); s.IntN(5) {
		case 0:
			b[at] = byte(s.Uint32())
		case 1:
			b[at] ^= 1 << s.IntN(8)
		case 2:
			b = b[:at]
		case 3:
			b = append(b, b[at:]...) // fields that come twice
		default:
			b = append(b[:at:at], append([]byte{byte(s.Uint32())}, b[at:]...)...)
		}
	}
	return b
}

// What was damaged is refused when the runtime refuses it, and read as the runtime reads it.
func TestDamageIsReadAlike(t *testing.T) {
	samples(t, func(t *testing.T, p pair, full proto.Message) {
		b, err := written.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		s := sampler{rand.New(rand.NewPCG(2, uint64(len(b))))}
		for range 5 {
			agree(t, p, damage(s, b))
		}
		agree(t, p, append(bytes.Clone(b), b...))
	})
}

// Fields, known and not, in each of the ways in which a field can be written, whole and cut off.
func TestEveryWayOfWritingAField(t *testing.T) {
	contents := [][]byte{
		nil, {0}, {1}, {0x80}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2},
		{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0},
		{0x80, 0}, {1, 'a'}, {1, 0xff}, {2, 'a'}, {3, 0x80, 1, 5}, {2, 0x08, 1}, {4, 0x08, 1, 0x08, 2},
		make([]byte, 4), make([]byte, 8),
		{1<<3 | 4}, {200 & 0x7f, 0, 1<<3 | 4}, {1<<3 | 3, 1<<3 | 4, 1<<3 | 4}, {0xfa, 0xff, 0xff, 0xff, 0x7f, 0},
	}
	for _, p := range pairs(t) {
		fields := p.full.Descriptor().Fields()
		numbers := []uint64{0, 1, 5000, 1<<29 - 1, 1 << 29, 1 << 31, 1 << 60}
		for i := range fields.Len() {
			numbers = append(numbers, uint64(fields.Get(i).Number()))
		}
		for _, number := range numbers {
			for way := range uint64(8) {
				for _, content := range contents {
					b := protowire.AppendVarint(nil, number<<3|way)
					b = append(b, content...)
					agree(t, p, b)
					agree(t, p, append(b, protowire.AppendVarint(nil, number<<3|4)...))
				}
			}
		}
	}
}

// nest is as much of google.protobuf.DescriptorProto as can stand in itself.
type nest struct {
	Inner []*nest `wire:"3"`
}

func (*nest) Wire() (string, []any) { return "google.protobuf.DescriptorProto", nil }

// Who sends a message within a message ten thousand times over is refused where the runtime refuses.
func TestDepthIsBounded(t *testing.T) {
	nested := func(depth int) []byte {
		b := make([]byte, 8*depth)
		at := len(b) // it is written from its end
		for range depth - 1 {
			head := protowire.AppendVarint([]byte{3<<3 | 2}, uint64(len(b)-at))
			at -= len(head)
			copy(b[at:], head)
		}
		return b[at:]
	}
	groups := func(depth int) []byte {
		return append(bytes.Repeat([]byte{1<<3 | 3}, depth), bytes.Repeat([]byte{1<<3 | 4}, depth)...)
	}
	for _, depth := range []int{9999, 10000, 10001, 10002, 20000} {
		err := bare.Unmarshal(nested(depth), &nest{})
		wantErr := proto.Unmarshal(nested(depth), &descriptorpb.DescriptorProto{})
		if (err == nil) != (wantErr == nil) || (err == nil) != (depth <= 10000) {
			t.Errorf("%d messages: %v, the runtime says %v", depth, err, wantErr)
		}
		err = bare.Unmarshal(groups(depth), &bareportal.KeepSessionRequest{})
		wantErr = proto.Unmarshal(groups(depth), &portalv1.KeepSessionRequest{})
		if (err == nil) != (wantErr == nil) || (err == nil) != (depth <= 10001) {
			t.Errorf("%d groups: %v, the runtime says %v", depth, err, wantErr)
		}
	}
}

// A length that is not there makes no room for it.
func TestALengthIsNotBelieved(t *testing.T) {
	b := protowire.AppendVarint([]byte{1<<3 | 2}, 1<<62)
	allocated := testing.AllocsPerRun(10, func() {
		if bare.Unmarshal(b, &bareportal.Notice{}) == nil {
			t.Error("it was read")
		}
	})
	if allocated > 10 {
		t.Errorf("%v allocations", allocated)
	}
}

func FuzzRead(f *testing.F) {
	all := pairs(f)
	s := sampler{rand.New(rand.NewPCG(3, 3))}
	for i, p := range all {
		m := p.full.New()
		s.message(m, 3)
		b, err := written.Marshal(m.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), b)
		f.Add(uint8(i), damage(s, b))
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		agree(t, all[int(which)%len(all)], b)
	})
}
