package draft

import (
	"slices"
	"testing"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/form"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Photos that are chosen together go one to a row: where they were chosen, to the rows after it that have none, then to
// new ones, as many as there may be.
func TestFilesChosenTogetherGoToRows(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	f, err := engine.ReadChecked([]byte(`{"id":"f","sections":[{"fields":[{"fields":[` +
		`{"accept":["jpg"],"id":"photo","max":"1","type":"file"}],"id":"all","max":"5","min":"3","type":"rows"}],` +
		`"id":"s"}],"sign":"none","texts":{},"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	a := &apply{form: f, sheet: form.New(f, engine.Moment{Today: "2026-11-26"}, nil), files: map[string][]*file{}}
	a.visit.Begin(ctx)
	t.Cleanup(a.visit.End)
	at := func(row string) form.Question {
		return form.Question{ID: "photo", Element: "f-photo-" + row, Field: a.sheet.Field("photo")}
	}
	said := func(what string, got, want []string) {
		t.Helper()
		for i, row := range want {
			if row != "" {
				want[i] = "f-photo-" + row
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q instead of %q", what, got, want)
		}
	}
	said("one", a.spread(at("1"), 1), []string{"1"})
	said("two", a.spread(at("1"), 2), []string{"1", "2"})
	a.files["f-photo-1"] = []*file{{there: &portalv1.Attachment{}}}
	said("one beside another", a.spread(at("1"), 1), []string{"2"})
	a.files["f-photo-1"] = []*file{{fault: textBrokenOff}}
	said("one that was broken off, again", a.spread(at("1"), 1), []string{"1"})
	a.files["f-photo-1"] = []*file{{there: &portalv1.Attachment{}}}
	said("as many as there may be", a.spread(at("0"), 4), []string{"0", "2", "3", "4"})
	said("too many", a.spread(at("0"), 6), []string{"0", "2", "3", "4", "", ""})
	if n := len(a.sheet.Attached("photo")); n != 5 {
		t.Errorf("%d rows", n)
	}
}
