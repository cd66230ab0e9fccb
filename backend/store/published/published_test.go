package published_test

import (
	"errors"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/published"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	"madoguchi/proto/form/source"
)

const meguro = "131105"

func dog(t *testing.T, number, from string) *form.Form {
	t.Helper()
	f, err := source.Read([]byte(`schema: 1
id: inu-toroku
version: "` + number + `"
procedure: P0001
valid_from: ` + from + `
laws: [狂犬病予防法第4条]
sign: none
applicant: [self]
retention_years: 3
title: 犬《いぬ》の登録《とうろく》 | Registering a dog
decision: {outcomes: [accept]}
sections:
- id: dog
  label: 犬《いぬ》 | Dog
  fields:
  - {id: name, type: line, required: true, label: 名前《なまえ》 | Name}
`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestVersionsHoldFromTheirDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 26, 12, 0, 0, 0, clock.Japan)
		s := published.NewStore(d, func() time.Time { return now })
		put := func(f *form.Form, want bool, fault error) {
			t.Helper()
			if registered, err := s.Put(t.Context(), meguro, f); registered != want || !errors.Is(err, fault) {
				t.Errorf("%s: %v, %v", f.Version, registered, err)
			}
		}
		put(dog(t, "1", "2026-04-01"), true, nil)
		put(dog(t, "1", "2026-04-01"), false, nil)
		put(dog(t, "1", "2027-04-01"), false, published.ErrChanged)
		put(dog(t, "2", "2026-11-25"), false, published.ErrEarly)
		put(dog(t, "2", "2027-04-01"), true, nil)
		put(dog(t, "3", "2027-03-31"), false, published.ErrEarly)
		put(dog(t, "3", "2027-04-01"), false, published.ErrEarly)
		put(dog(t, "3", "2027-04-02"), true, nil)
		if _, err := s.Put(t.Context(), "131106", dog(t, "1", "2026-04-01")); !errors.Is(err, published.ErrPlace) {
			t.Errorf("of no place: %v", err)
		}
		for day, want := range map[string]string{
			"2026-03-31": "", "2026-04-01": "1", "2027-03-31": "1", "2027-04-01": "2", "2027-04-02": "3",
		} {
			f, ok, err := s.Holding(t.Context(), meguro, "inu-toroku", day)
			if err != nil || ok != (want != "") || ok && f.Version != want {
				t.Errorf("on %s: %v, %v, %v", day, f, ok, err)
			}
		}
		if _, ok, err := s.Holding(t.Context(), "131130", "inu-toroku", "2027-04-01"); ok || err != nil {
			t.Errorf("another municipality has it, too: %v", err)
		}
		all, err := s.Versions(t.Context(), meguro, "inu-toroku")
		if err != nil || len(all) != 3 || all[0].Hash() != dog(t, "1", "2026-04-01").Hash() {
			t.Errorf("%d versions, %v", len(all), err)
		}
	})
}
