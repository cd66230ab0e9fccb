package expand_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestTheNationHasAsManyAsItShould(t *testing.T) {
	entries, places, least, most := 0, 0, 1000, 0
	titles := map[string]bool{}
	expand.Nation(1, expand.Real, func(code string, contents []*portalv1.ProcedureContent) {
		entries += len(contents)
		places++
		numbers := map[string]bool{}
		for _, c := range contents {
			if faults := catalog.Check(c); len(faults) > 0 {
				t.Fatalf("%s %s: %v", code, c.GetNumber(), faults)
			}
			if numbers[c.GetNumber()] {
				t.Fatalf("%s has %s twice", code, c.GetNumber())
			}
			numbers[c.GetNumber()] = true
			titles[c.GetTitle()] = true
		}
		if m, ok := municipality.ByCode(code); ok && m.City == "" {
			least, most = min(least, len(contents)), max(most, len(contents))
			for _, card := range []string{"P0111", "P0112", "P0113", "P0114"} {
				if !numbers[card] {
					t.Errorf("nobody in %s has the counter for %s", code, card)
				}
			}
		}
	})
	if entries < 100_000 || entries > 110_000 || places != 1+47+1741+171 {
		t.Errorf("%d entries in %d places", entries, places)
	}
	if least < 30 || most < 240 || most > 300 || len(titles) < 5000 {
		t.Errorf("from %d to %d a municipality, %d titles", least, most, len(titles))
	}
}

func TestTheSameSeedGivesTheSame(t *testing.T) {
	m, _ := municipality.ByCode("131105")
	one, two, other := expand.Municipality(1, expand.Real, m), expand.Municipality(1, expand.Real, m),
		expand.Municipality(2, expand.Real, m)
	if len(one) != len(two) {
		t.Fatalf("%d and %d entries", len(one), len(two))
	}
	same := len(one) == len(other)
	for i := range one {
		if !proto.Equal(one[i], two[i]) {
			t.Fatalf("%v is not %v", one[i], two[i])
		}
		same = same && proto.Equal(one[i], other[i])
	}
	if same {
		t.Error("another seed gives the same")
	}
}
