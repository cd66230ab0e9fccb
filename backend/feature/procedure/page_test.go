package procedure_test

import (
	"slices"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func wantListChanged(t *testing.T, err error) {
	t.Helper()
	if info := accesstest.InfoOf(err); connect.CodeOf(err) != connect.CodeInvalidArgument ||
		info.GetField() != "page_token" {
		t.Fatalf("%v, %v", err, info)
	}
}

// Between two pages of a search somebody registers something that belongs before what was shown: the next page says so,
// and the search begun again repeats nothing. What is registered elsewhere disturbs nobody.
func TestASearchWhoseFindingsChangeBeginsAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	question := func(token string) *portalv1.SearchProceduresRequest {
		return &portalv1.SearchProceduresRequest{PlaceCode: meguro, PageSize: 20, PageToken: token}
	}
	first := w.search(t, question(""))
	w.put(t, shibuya, "2026-04-01", &portalv1.ProcedureContent{
		Number: "A0001", Title: "竹馬の貸し出し", Category: first.GetHits()[0].GetCategory(),
	})
	w.refresh(t)
	second := w.search(t, question(first.GetNextPageToken()))
	for _, number := range numbers(second) {
		if slices.Contains(numbers(first), number) {
			t.Errorf("%s comes twice", number)
		}
	}
	w.put(t, meguro, "2026-04-01", &portalv1.ProcedureContent{
		Number: "A0001", Title: "竹馬の貸し出し", Category: first.GetHits()[0].GetCategory(),
	})
	w.refresh(t)
	_, err := w.service.SearchProcedures(t.Context(), question(first.GetNextPageToken()))
	wantListChanged(t, err)
	again := w.search(t, question(""))
	if !slices.Contains(numbers(again), "A0001") {
		t.Errorf("begun again: %v", numbers(again))
	}
	w.search(t, question(again.GetNextPageToken()))
	other := question(again.GetNextPageToken())
	for name, change := range map[string]func(){
		"another place": func() { other.PlaceCode = shibuya }, "another query": func() { other.Query = "保育園" },
		"another category":    func() { other.Categories = []string{"子育て"} },
		"online alone":        func() { other.OnlineOnly = true },
		"an earlier portal's": func() { other.PageToken = "20" },
	} {
		t.Run(name, func(t *testing.T) {
			other = question(again.GetNextPageToken())
			change()
			_, err := w.service.SearchProcedures(t.Context(), other)
			wantListChanged(t, err)
		})
	}
}

// What is in force all along is listed once, whatever comes or goes meanwhile.
func TestAListOfAPlaceNeitherSkipsNorRepeats(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		list := func(token string) ([]string, string) {
			r, err := w.service.ListProcedures(t.Context(), &portalv1.ListProceduresRequest{
				PlaceCode: meguro, PageSize: 30, PageToken: token,
			})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, p := range r.GetProcedures() {
				found = append(found, p.GetContent().GetNumber())
			}
			return found, r.GetNextPageToken()
		}
		var all []string
		for page, token := list(""); ; page, token = list(token) {
			all = append(all, page...)
			if token == "" {
				break
			}
		}
		seen, token := list("")
		// A new one before all, and the last that was seen goes.
		w.put(t, meguro, "2026-04-01", &portalv1.ProcedureContent{Number: "A0001", Title: "竹馬の貸し出し", Category: "子育て"})
		if err := w.store.End(t.Context(), meguro, seen[len(seen)-1], "2026-11-01", ""); err != nil {
			t.Fatal(err)
		}
		for token != "" {
			var page []string
			page, token = list(token)
			seen = append(seen, page...)
		}
		if !slices.Equal(seen, all) {
			t.Errorf("%d lines while it changed, %d before: %v", len(seen), len(all), seen)
		}
	})
}
