package main

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
)

// generate is what is written for one file of the contract, given as the text of its descriptor.
func generate(t *testing.T, descriptor string) (map[string]string, error) {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{}
	text := `name: "portal/v1/x.proto" package: "portal.v1" ` +
		`options { go_package: "madoguchi/proto/gen/portal/v1;portalv1" } ` + descriptor
	if err := prototext.Unmarshal([]byte(text), file); err != nil {
		t.Fatal(err)
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: []string{file.GetName()}}
	for _, name := range file.Dependency {
		request.ProtoFile = append(request.ProtoFile, known(t, name))
	}
	request.ProtoFile = append(request.ProtoFile, file)
	request.Parameter = new("paths=source_relative")
	plugin, err := protogen.Options{}.New(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeBare(plugin); err != nil {
		return nil, err
	}
	response := plugin.Response()
	if response.Error != nil {
		t.Fatal(response.GetError())
	}
	written := map[string]string{}
	for _, f := range response.File {
		written[f.GetName()] = f.GetContent()
	}
	return written, nil
}

// What the codec does not know is refused, by its name.
func TestWhatThePageCannotReadIsRefused(t *testing.T) {
	const proto3 = `syntax: "proto3" `
	field := func(of string) string {
		return proto3 + `message_type { name: "X" field { name: "x" number: 1 label: LABEL_OPTIONAL ` + of + ` } }`
	}
	for name, c := range map[string]struct{ descriptor, says string }{
		"proto2":     {`syntax: "proto2" message_type { name: "X" }`, "proto2"},
		"an edition": {`syntax: "editions" edition: EDITION_2023 message_type { name: "X" }`, "proto3 alone"},
		"a group": {
			`syntax: "proto2" message_type { name: "X" nested_type { name: "G" } field { name: "g" number: 1 ` +
				`label: LABEL_OPTIONAL type: TYPE_GROUP type_name: ".portal.v1.X.G" } }`, "proto2",
		},
		"an extension": {
			proto3 + `dependency: "google/protobuf/descriptor.proto" extension { name: "x" number: 50000 ` +
				`label: LABEL_OPTIONAL type: TYPE_BOOL extendee: ".google.protobuf.FieldOptions" }`, "portal.v1.x",
		},
		"a map": {
			proto3 + `message_type { name: "X" nested_type { name: "MEntry" options { map_entry: true } ` +
				`field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING } ` +
				`field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING } } ` +
				`field { name: "m" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".portal.v1.X.MEntry" } }`,
			"portal.v1.X.m is a map",
		},
		"a list that is not packed": {
			proto3 + `message_type { name: "X" field { name: "x" number: 1 label: LABEL_REPEATED type: TYPE_INT32 ` +
				`options { packed: false } } }`, "portal.v1.X.x is not packed",
		},
		"optional bytes": {
			proto3 + `message_type { name: "X" field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_BYTES ` +
				`proto3_optional: true oneof_index: 0 } oneof_decl { name: "_x" } }`, "portal.v1.X.x is optional bytes",
		},
		"a double":       {field("type: TYPE_DOUBLE"), "portal.v1.X.x is of a kind (double)"},
		"a float":        {field("type: TYPE_FLOAT"), "(float)"},
		"a fixed number": {field("type: TYPE_FIXED64"), "(fixed64)"},
		"a signed one":   {field("type: TYPE_SINT32"), "(sint32)"},
		"somebody else's": {
			proto3 +
				`dependency: "google/protobuf/timestamp.proto" message_type { name: "X" field { name: "x" number: 1 ` +
				`label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" } }`,
			"is not the contract's",
		},
		"a name for two numbers": {
			proto3 + `enum_type { name: "E" options { allow_alias: true } value { name: "A" number: 0 } ` +
				`value { name: "B" number: 0 } }`, "portal.v1.B",
		},
		"a number that is too high": {
			proto3 + `enum_type { name: "E" value { name: "A" number: 0 } value { name: "B" number: 100000 } }`,
			"portal.v1.B",
		},
	} {
		if _, err := generate(t, c.descriptor); err == nil || !strings.Contains(err.Error(), c.says) ||
			!strings.Contains(err.Error(), "portal/v1/x.proto") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Fields stand in the order in which the runtime writes them: by number, a oneof where its first stands.
func TestTheOrderOfFields(t *testing.T) {
	written, err := generate(t,
		`syntax: "proto3" dependency: "google/protobuf/field_mask.proto" message_type { name: "X" `+
			`field { name: "last" number: 9 label: LABEL_OPTIONAL type: TYPE_STRING } `+
			`field { name: "b" number: 5 label: LABEL_OPTIONAL type: TYPE_BYTES oneof_index: 0 } `+
			`field { name: "a" number: 1 label: LABEL_OPTIONAL type: TYPE_BOOL oneof_index: 0 } `+
			`field { name: "mask" number: 3 label: LABEL_OPTIONAL type: TYPE_MESSAGE `+
			`type_name: ".google.protobuf.FieldMask" } `+
			`oneof_decl { name: "which" } }`)
	if err != nil {
		t.Fatal(err)
	}
	code := written["bare/portal/v1/x.go"]
	for _, want := range []string{
		"Mask  *bare.FieldMask `wire:\"3\"`\n\tWhich isX_Which\n\tLast  string `wire:\"9\"`",
		"(*X_B)(nil)", "func (x *X) GetA() (v bool)",
	} {
		if !strings.Contains(code, want) {
			t.Errorf("it lacks %s:\n%s", want, code)
		}
	}
	if aliases := written["portal/v1/x_bare_js.go"]; !strings.Contains(aliases, "type X = v1.X\n") ||
		!strings.Contains(aliases, "type X_A = v1.X_A\n") {
		t.Errorf("%s", aliases)
	}
	if !strings.Contains(written["bare/portal/v1/messages.go"], "new(X)") {
		t.Error("it is not listed")
	}
}

// What protoc-gen-go wrote is kept from the page, and only of what the page speaks.
func TestTheRuntimesCodeIsKeptFromThePage(t *testing.T) {
	file := func(folder, of string) *descriptorpb.FileDescriptorProto {
		return &descriptorpb.FileDescriptorProto{
			Name: new(folder + "/x.proto"), Package: new(of), Syntax: new("proto3"),
			Options: &descriptorpb.FileOptions{GoPackage: new("madoguchi/proto/gen/" + folder)},
		}
	}
	plugin, err := protogen.Options{}.New(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{"portal/v1/x.proto", "office/v1/x.proto"}, Parameter: new("paths=source_relative"),
		ProtoFile: []*descriptorpb.FileDescriptorProto{file("portal/v1", "portal.v1"), file("office/v1", "office.v1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	one := func(name string) *pluginpb.CodeGeneratorResponse_File {
		return &pluginpb.CodeGeneratorResponse_File{Name: new(name), Content: new("package x\n")}
	}
	response := &pluginpb.CodeGeneratorResponse{File: []*pluginpb.CodeGeneratorResponse_File{
		one("portal/v1/x.pb.go"), one("office/v1/x.pb.go"),
	}}
	if err := keepFromPage(plugin, response); err != nil {
		t.Fatal(err)
	}
	if got := response.File[0].GetContent(); got != "//go:build !js\n\npackage x\n" {
		t.Errorf("the page's: %q", got)
	}
	if got := response.File[1].GetContent(); got != "package x\n" {
		t.Errorf("the offices': %q", got)
	}
	if err := keepFromPage(plugin, &pluginpb.CodeGeneratorResponse{}); err == nil {
		t.Error("it is not missed")
	}
}

// known is the descriptor of a file that comes with the runtime.
func known(t *testing.T, name string) *descriptorpb.FileDescriptorProto {
	t.Helper()
	file, err := protoregistry.GlobalFiles.FindFileByPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return protodesc.ToFileDescriptorProto(file)
}
