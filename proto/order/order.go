// Package order sorts what the page and the portal share the code of. The slices package writes its twenty kilobytes of
// sorting anew for each type of element; here they are in the page once.
package order

import "sort"

// By sorts by compare, which is negative when a stands before b; what is equal stays as it stood.
func By[S ~[]E, E any](list S, compare func(a, b E) int) { sort.Stable(by[E]{list, compare}) }

type by[E any] struct {
	list    []E
	compare func(a, b E) int
}

func (s by[E]) Len() int           { return len(s.list) }
func (s by[E]) Less(i, j int) bool { return s.compare(s.list[i], s.list[j]) < 0 }
func (s by[E]) Swap(i, j int)      { s.list[i], s.list[j] = s.list[j], s.list[i] }
