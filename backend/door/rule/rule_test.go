package rule_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule"
	"madoguchi/backend/door/rule/ruletest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// services are all of the two contracts, also those that nobody mounts.
func services() []string {
	var names []string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if file.Package() == "portal.v1" || file.Package() == "office.v1" {
				names = append(names, string(file.Services().Get(i).FullName()))
			}
		}
		return true
	})
	return names
}

// Every rule of every field, just kept and just broken.
func TestEveryRule(t *testing.T) {
	rules, err := rule.Of(services()...)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := ruletest.Cases(services()...)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 150 {
		t.Errorf("only %d cases: where are the rules?", len(cases))
	}
	for _, c := range cases {
		reason, field := portalv1.Reason_REASON_UNSPECIFIED, ""
		switch {
		case c.Long:
			reason, field = portalv1.Reason_REASON_FIELD_TOO_LONG, c.Field
		case c.Broken:
			reason, field = portalv1.Reason_REASON_INVALID_FIELD, c.Field
		}
		info := accesstest.InfoOf(rules.Check(t.Context(), c.Request))
		if info.GetReason() != reason || info.GetField() != field {
			t.Errorf("%s, %s %s: %v", c.Procedure, c.Field, c.What, info)
		}
	}
}

// Of several faults the first is named, in the order of the contract; a list before what is in it.
func TestTheFirstFaultIsNamed(t *testing.T) {
	for _, c := range []struct {
		request proto.Message
		field   string
	}{
		{&portalv1.UpdateAccountRequest{MailAddress: "?", Language: "fr"}, "display_name"},
		{&portalv1.UpdateAccountRequest{DisplayName: "花子", MailAddress: "?", Language: "fr"}, "mail_address"},
		{&portalv1.MarkNoticesRequest{Ids: make([]string, 101)}, "ids"},
		{
			&portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "a"}, {Title: "b", Due: "?", DoneAt: -1}, {}}},
			"tasks[1].due",
		},
		{&officev1.SendNoticeRequest{Reference: "1", Title: "t"}, "body"},
	} {
		served := func(context.Context, proto.Message) (bool, error) { return true, nil }
		_, err := ruletest.Call(t.Context(), served, c.request)
		if got := accesstest.InfoOf(err).GetField(); got != c.field {
			t.Errorf("%v: %q, want %q", c.request, got, c.field)
		}
	}
}

// Fields of one name that two requests of a service share keep the same rules: OpenAccount and UpdateAccount.
func TestOneNameOneRule(t *testing.T) {
	open := (&portalv1.OpenAccountRequest{}).ProtoReflect().Descriptor().Fields()
	update := (&portalv1.UpdateAccountRequest{}).ProtoReflect().Descriptor().Fields()
	for i := range update.Len() {
		f := update.Get(i)
		if same := open.ByName(f.Name()); same != nil && !proto.Equal(same.Options(), f.Options()) {
			t.Errorf("%s has other rules than %s", f.FullName(), same.FullName())
		}
	}
}

func TestAServiceThatIsNone(t *testing.T) {
	for _, name := range []string{"portal.v1.TeaService", "portal.v1.Account"} {
		if _, err := rule.Of(name); err == nil {
			t.Errorf("%s is served", name)
		}
	}
}

// What the check of a request costs.
func BenchmarkCheck(b *testing.B) {
	rules, err := rule.Of(services()...)
	if err != nil {
		b.Fatal(err)
	}
	for name, request := range map[string]proto.Message{
		"a page of notices": &portalv1.ListNoticesRequest{PageSize: 20},
		"an account": &portalv1.UpdateAccountRequest{
			DisplayName: "花子", MailAddress: "hanako@example.jp", MunicipalityCode: "131105", Language: "ja",
		},
		"a search": &portalv1.SearchProceduresRequest{PlaceCode: "131105", Query: "児童手当"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := rules.Check(b.Context(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("reading the rules", func(b *testing.B) {
		for b.Loop() {
			if _, err := rule.Of(services()...); err != nil {
				b.Fatal(err)
			}
		}
	})
}
