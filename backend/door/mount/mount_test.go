package mount_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

var (
	notices = mount.Serve(portalv1connect.NewNoticeServiceHandler)(portalv1connect.UnimplementedNoticeServiceHandler{})
	intake  = mount.Serve(officev1connect.NewNoticeServiceHandler)(officev1connect.UnimplementedNoticeServiceHandler{})
)

func tell(context.Context, *db.Queries, string) (any, error) { return "told", nil }

// all declares one thing of each kind.
func all(name string) mount.Feature {
	return mount.Feature{
		Name: name, Services: []mount.Service{notices, intake}, Duties: []mount.Duty{{Name: "notice"}},
		Jobs:      map[string]jobs.Handler{"j": nil},
		Loops:     map[string]func(context.Context){"l": nil},
		Documents: map[string]document.Func{"d": nil}, Forms: map[string]document.Func{"f": nil},
		Addresses: []string{"/a"},
		Export:    map[string]mount.Tell{"t": tell},
	}
}

func TestWhatIsDeclaredIsFound(t *testing.T) {
	var h mount.House
	if err := h.Mount(all("one"), mount.Feature{Name: "two", Addresses: []string{"/b"}}); err != nil {
		t.Fatal(err)
	}
	found := [][]string{
		h.Names(), slices.Collect(maps.Keys(h.Jobs())), slices.Collect(maps.Keys(h.Loops())),
		slices.Collect(maps.Keys(h.Documents())),
		slices.Collect(maps.Keys(h.Forms())), h.Addresses(), h.Tables(), h.Open(),
	}
	want := [][]string{{"one", "two"}, {"j"}, {"l"}, {"d"}, {"f"}, {"/a", "/b"}, {"t"}, nil}
	for i := range want {
		if !slices.Equal(found[i], want[i]) {
			t.Errorf("found %v, want %v", found[i], want[i])
		}
	}
	people, offices := h.Services(mount.People), h.Services(mount.Offices)
	if len(people) != 1 || people[0].Path() != "/portal.v1.NoticeService/" || len(offices) != 1 ||
		offices[0].Name != intake.Name {
		t.Errorf("people call %v, offices %v", people, offices)
	}
	if h.Rules(mount.People)[portalv1connect.NoticeServiceListNoticesProcedure] == nil ||
		len(h.Rules(mount.Offices)) != 1 {
		t.Error("the rules of the calls are not those of the contracts")
	}
}

// What anybody may call has a budget by itself, call by call; what leads to a login, and what only some may call, has
// not.
func TestWhatAnybodyMayCallIsOpen(t *testing.T) {
	var h mount.House
	err := h.Mount(
		mount.Feature{Name: "account", Services: []mount.Service{
			mount.Serve(portalv1connect.NewAccountServiceHandler)(portalv1connect.UnimplementedAccountServiceHandler{}),
		}},
		mount.Feature{Name: "notice", Services: []mount.Service{notices}},
		mount.Feature{Name: "login", Entry: true, Services: []mount.Service{
			mount.Serve(portalv1connect.NewLoginServiceHandler)(portalv1connect.UnimplementedLoginServiceHandler{}),
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		portalv1connect.AccountServiceConfirmMailAddressProcedure,
		portalv1connect.AccountServiceListMunicipalitiesProcedure,
		portalv1connect.AccountServiceUndoMailChangeProcedure,
	}
	if got := slices.Sorted(slices.Values(h.Open())); !slices.Equal(got, want) {
		t.Errorf("open are %v", got)
	}
}

func TestNothingIsDeclaredTwice(t *testing.T) {
	var h mount.House
	err := h.Mount(all("one"), all("one"))
	for _, twice := range []string{
		"name one", "service portal.v1.NoticeService", "service office.v1.NoticeService", "duty notice", "job j",
		"loop l", "document d",
		"form f", "table t",
	} {
		if err == nil || !strings.Contains(err.Error(), "the "+twice+",") {
			t.Errorf("%s may be declared twice: %v", twice, err)
		}
	}
}

func TestAPortalDoesNotStart(t *testing.T) {
	for want, feature := range map[string]mount.Feature{
		`the duty "notice"`: {Name: "a", Services: []mount.Service{intake}},
		"looking for":       {Name: "b", Services: []mount.Service{{Name: "portal.v1.Nobody"}}},
	} {
		var h mount.House
		if err := h.Mount(feature); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestErasingGoesThroughAll(t *testing.T) {
	var done []string
	erase := func(name string, fails error) mount.Feature {
		return mount.Feature{Name: name,
			Erase: func(_ context.Context, _ *db.Queries, folder string) (func(context.Context), error) {
				done = append(done, name+" "+folder)
				return func(context.Context) { done = append(done, "after "+name) }, fails
			}}
	}
	var h mount.House
	if err := h.Mount(erase("a", nil), mount.Feature{Name: "b"}, erase("c", nil)); err != nil {
		t.Fatal(err)
	}
	after, err := h.Erase(t.Context(), nil, "F")
	if err != nil || !slices.Equal(done, []string{"a F", "c F"}) {
		t.Fatalf("%v, %v", done, err)
	}
	if after(t.Context()); !slices.Equal(done[2:], []string{"after a", "after c"}) {
		t.Errorf("afterwards: %v", done[2:])
	}
	if err := h.Mount(erase("d", errors.New("no"))); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Erase(t.Context(), nil, "F"); err == nil || !strings.Contains(err.Error(), "what d keeps") {
		t.Errorf("one that fails: %v", err)
	}
	done = nil
	if _, err := h.Erase(t.Context(), nil, ""); err == nil || done != nil {
		t.Errorf("of nobody in particular: %v, %v", done, err)
	}
}

func TestTellingGoesThroughAll(t *testing.T) {
	var h mount.House
	fails := errors.New("no")
	if err := h.Mount(all("one")); err != nil {
		t.Fatal(err)
	}
	if told, err := h.Export(t.Context(), nil, "F"); err != nil || len(told) != 1 || told["t"] != "told" {
		t.Errorf("%v, %v", told, err)
	}
	if _, err := h.Export(t.Context(), nil, ""); err == nil {
		t.Error("nobody in particular is told something")
	}
	err := h.Mount(mount.Feature{Name: "two", Export: map[string]mount.Tell{
		"u": func(context.Context, *db.Queries, string) (any, error) { return nil, fails },
	}})
	if err != nil {
		t.Fatal(err)
	}
	if told, err := h.Export(t.Context(), nil, "F"); !errors.Is(err, fails) || told != nil {
		t.Errorf("half of it: %v, %v", told, err)
	}
}
