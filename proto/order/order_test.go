package order_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"madoguchi/proto/order"
)

// It sorts as the slices package does, and leaves what is equal as it stood.
func TestBy(t *testing.T) {
	type pair struct{ key, place int }
	byKey := func(a, b pair) int { return cmp.Compare(a.key, b.key) }
	for n := range 200 {
		list := make([]pair, n)
		for i := range list {
			list[i] = pair{rand.IntN(8), i}
		}
		want := slices.Clone(list)
		slices.SortStableFunc(want, byKey)
		if order.By(list, byKey); !slices.Equal(list, want) {
			t.Fatalf("%v, want %v", list, want)
		}
	}
}
