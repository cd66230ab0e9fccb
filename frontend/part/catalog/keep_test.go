package catalog

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

// packed is what the device holds of a place.
func packed(t *testing.T) []byte {
	t.Helper()
	data, err := wire.Marshal(&portalv1.ListProceduresResponse{
		Place: &portalv1.Place{Code: "131105", Kind: portalv1.Place_KIND_WARD, Prefecture: "東京都", Name: "目黒区"},
		Procedures: []*portalv1.GetProcedureResponse{
			{Content: &portalv1.ProcedureContent{Number: "P0001", Title: "児童手当"}},
			{Content: &portalv1.ProcedureContent{Number: "A-1", Title: "粗大ごみの申込"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOnlyTheLastPlacesAreKept(t *testing.T) {
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var heads []vault.PlaceHead
	for i := range keptPlaces {
		heads = append(heads, vault.PlaceHead{Code: strconv.Itoa(100 + i), At: start.AddDate(0, 0, i)})
	}
	if got := surplus(heads[1:], "new"); len(got) != 0 {
		t.Errorf("%v goes although there is room", got)
	}
	if got := surplus(heads, "new"); strings.Join(got, " ") != "100" {
		t.Errorf("%v goes for a new one", got)
	}
	if got := surplus(heads, "103"); len(got) != 0 {
		t.Errorf("%v goes although the place was kept already", got)
	}
	if heads[0].Code != "100" {
		t.Error("the list was changed")
	}
}

func TestKeptIsFoundAgain(t *testing.T) {
	ctx := context.Background()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, head := range []vault.PlaceHead{
		{Code: "131105", Name: "目黒区", At: at}, {Code: "131130", Name: "渋谷区", At: at.Add(time.Hour)},
		{Code: "131105", Name: "目黒区", At: at.Add(2 * time.Hour)},
	} {
		if err := vault.KeepPlace(ctx, head, packed(t)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, code := range []string{"131105", "131130"} {
			_ = vault.ForgetPlace(ctx, code)
		}
	})
	if since, data, err := vault.KeptPlace(ctx, "131105"); err != nil || !since.Equal(at.Add(2*time.Hour)) ||
		!bytes.Equal(data, packed(t)) {
		t.Errorf("%s, %d bytes, %v", since, len(data), err)
	}
	var names []string
	for _, h := range List(ctx) {
		names = append(names, h.Name)
	}
	title, missing := Find(ctx, "131105").Find("A-1").GetContent().GetTitle(), Find(ctx, "999999")
	if strings.Join(names, " ") != "目黒区 渋谷区" || title != "粗大ごみの申込" || missing != nil || missing.Find("A-1") != nil {
		t.Errorf("%v, %s, %v", names, title, missing)
	}
}

func TestCategoriesHaveWordsAndAnOrder(t *testing.T) {
	if len(Categories) != len(categories()) {
		t.Errorf("%d in order, %d with words", len(Categories), len(categories()))
	}
	for _, name := range Categories {
		if categories()[name].Empty() {
			t.Errorf("%s has no words", name)
		}
	}
}
